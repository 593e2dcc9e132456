//! Parameter files: arrays by path in the safetensors format, with what is needed to use them again.
//!
//! `F32`, `F64`, `Int` and `Bool` are stored as what the format has for them. `Bit` is stored as
//! `U8` and `Mod` as `U32`, with the carrier in the header, under the one key `lentil` that holds
//! everything of ours (the format's header is written in no fixed order, so a second key would make
//! equal files differ). A file is written beside its name and then takes the name over, so the name
//! never means half a file. Nothing in a file is believed before it is checked.

mod header;
mod storage;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use lentil_unary::carrier::Type;
use lentil_unary::value::Array;
use safetensors::SafeTensors;
use safetensors::tensor::Metadata;

use crate::atomic;
use crate::closest::closest;
use crate::error::{Role, RuntimeError};

pub use self::header::{About, FORMAT};

/// What a parameter file holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParameterFile {
    /// Arrays by path: parameters, states of optimizers, and what encoders have learnt.
    pub tensors: BTreeMap<String, Array>,
    /// Where they come from, if the file says so.
    pub about: Option<About>,
}

/// Files beyond this size are refused: they are not read in parts yet.
const MOST_BYTES: u64 = 64 << 30;

impl ParameterFile {
    /// Reads and checks a file.
    pub fn read(path: &Path) -> Result<ParameterFile, RuntimeError> {
        let bytes = read_checked(path)?;
        let corrupt = |cause: String| RuntimeError::Corrupt {
            path: path.to_path_buf(),
            cause,
        };
        let (_, metadata) =
            SafeTensors::read_metadata(&bytes).map_err(|error| corrupt(error.to_string()))?;
        let stored =
            SafeTensors::deserialize(&bytes).map_err(|error| corrupt(error.to_string()))?;
        let header = header::read(path, metadata.metadata().as_ref())?;
        let mut names = stored.names();
        names.sort_unstable();
        let mut tensors = BTreeMap::new();
        for name in names {
            let view = stored
                .tensor(name)
                .map_err(|error| corrupt(error.to_string()))?;
            let carrier = header.as_ref().and_then(|header| header.carriers.get(name));
            let array = storage::load(path, name, &view, carrier.copied())?;
            tensors.insert(name.to_string(), array);
        }
        Ok(ParameterFile {
            tensors,
            about: header.and_then(|header| header.about),
        })
    }

    /// Writes the file. If that fails, an older file of the name is as it was.
    pub fn write(&self, path: &Path) -> Result<(), RuntimeError> {
        let reserved = "__metadata__";
        if self.tensors.contains_key(reserved) {
            let name = reserved.to_string();
            return Err(RuntimeError::ReservedPath {
                path: path.to_path_buf(),
                name,
            });
        }
        let unwritable = |cause: String| RuntimeError::Unwritable {
            path: path.to_path_buf(),
            cause,
        };
        let header = header::write(self.about.as_ref(), &self.tensors);
        let tensors = self
            .tensors
            .iter()
            .map(|(name, array)| (name, storage::Stored(array)));
        let bytes = safetensors::serialize(tensors, Some(header))
            .map_err(|error| unwritable(error.to_string()))?;
        atomic::write(path, |file| file.write_all(&bytes))
            .map_err(|error| unwritable(error.to_string()))
    }

    /// Checks that the file at `path` holds exactly what is expected, but for paths that begin with
    /// one of `ignored` (the states of optimizers mean nothing to a prediction). Gives what is
    /// wrong, in the order of the paths; of much the first few, and how many more there are.
    pub fn check(
        &self,
        path: &Path,
        expected: &BTreeMap<String, Type>,
        ignored: &[&str],
    ) -> Result<(), Vec<RuntimeError>> {
        let mut errors = Vec::new();
        let mut missing = Vec::new();
        for (name, ty) in expected {
            if let Err(error) = expect(path, &self.tensors, name, ty) {
                if matches!(error, RuntimeError::MissingParameter { .. }) {
                    missing.push(name.as_str());
                }
                errors.push(error);
            }
        }
        for name in self.tensors.keys() {
            if expected.contains_key(name) || ignored.iter().any(|start| name.starts_with(start)) {
                continue;
            }
            let meant = closest(name, missing.iter().copied()).map(str::to_string);
            let (path, name) = (path.to_path_buf(), name.clone());
            errors.push(RuntimeError::ExtraParameter { path, name, meant });
        }
        if errors.is_empty() {
            return Ok(());
        }
        // Of a file of another model nearly all is wrong, and the first few say so.
        if errors.len() > MOST_SHOWN {
            let more = errors.len() - (MOST_SHOWN - 1);
            errors.truncate(MOST_SHOWN - 1);
            let path = path.to_path_buf();
            errors.push(RuntimeError::MoreParameters { path, more });
        }
        Err(errors)
    }
}

/// So many errors about the parameters of one file are shown, of which the last counts the rest.
const MOST_SHOWN: usize = 6;

/// The tensor of a path, if it is of the type expected.
pub fn expect<'a>(
    path: &Path,
    tensors: &'a BTreeMap<String, Array>,
    name: &str,
    ty: &Type,
) -> Result<&'a Array, RuntimeError> {
    let (path, name) = (path.to_path_buf(), name.to_string());
    let Some(array) = tensors.get(&name) else {
        return Err(RuntimeError::MissingParameter { path, name });
    };
    let found = array.ty();
    if found.carrier != ty.carrier {
        let (found, wanted) = (found.carrier, ty.carrier);
        return Err(RuntimeError::WrongCarrier {
            path,
            name,
            found,
            wanted,
        });
    }
    if found.shape != ty.shape {
        let (found, wanted) = (found.shape.clone(), ty.shape.clone());
        return Err(RuntimeError::WrongShape {
            path,
            name,
            found,
            wanted,
        });
    }
    Ok(array)
}

/// The bytes of a file whose header fits its size. Nothing is allocated on the word of a header.
fn read_checked(path: &Path) -> Result<Vec<u8>, RuntimeError> {
    let unreadable = |cause: String| RuntimeError::Unreadable {
        path: path.to_path_buf(),
        cause,
    };
    let corrupt = |cause: String| RuntimeError::Corrupt {
        path: path.to_path_buf(),
        cause,
    };
    let foreign = |cause: &str| RuntimeError::NotParameters {
        path: path.to_path_buf(),
        cause: cause.to_string(),
    };
    let mut file = File::open(path)
        .map_err(|error| RuntimeError::not_opened(path, Role::Parameters, &error))?;
    let about = file
        .metadata()
        .map_err(|error| unreadable(error.to_string()))?;
    if !about.is_file() {
        return Err(unreadable("this is not a file".to_string()));
    }
    let length = about.len();
    if length > MOST_BYTES {
        let (what, limit) = ("bytes".to_string(), MOST_BYTES);
        return Err(RuntimeError::TooLarge {
            path: path.to_path_buf(),
            what,
            limit,
        });
    }
    let mut start = [0; 9];
    if length < start.len() as u64 {
        return Err(foreign("the file is too short to hold parameters"));
    }
    file.read_exact(&mut start)
        .map_err(|error| unreadable(error.to_string()))?;
    let [a, b, c, d, e, f, g, h, brace] = start;
    if brace != b'{' {
        return Err(foreign(
            "the file does not begin with a header of the safetensors format",
        ));
    }
    let header = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
    let room = length - 8;
    if header < 2 || header > room {
        return Err(corrupt(format!(
            "the header of {header} bytes does not fit the file"
        )));
    }
    let mut bytes = Vec::new();
    let capacity = usize::try_from(length).map_err(|error| unreadable(error.to_string()))?;
    bytes
        .try_reserve_exact(capacity)
        .map_err(|error| unreadable(error.to_string()))?;
    bytes.extend_from_slice(&start);
    // The header is checked alone first: a wrong one is refused before the rest is read.
    file.by_ref()
        .take(header - 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(error.to_string()))?;
    let parsed: Metadata = serde_json::from_slice(&bytes[8..])
        .map_err(|error| corrupt(format!("the header cannot be read: {error}")))?;
    let data = parsed.data_len() as u64;
    if data != room - header {
        let found = room - header;
        return Err(corrupt(format!(
            "{data} bytes of parameters are announced, {found} follow"
        )));
    }
    file.take(data)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(error.to_string()))?;
    Ok(bytes)
}
