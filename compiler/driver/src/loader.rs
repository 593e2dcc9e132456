//! Where programs come from: files, and the standard library.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use lentil_core::module::Loader;
use lentil_diag::Diagnostic;
use lentil_runtime::{RuntimeError, atomic};

use crate::error::Error;
use crate::stdlib;

/// What some editors write before a text in UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Files that are larger are no programs; reading stops there.
const MOST_BYTES: u64 = 64 << 20;

/// Imports files from beside the importing one.
#[derive(Clone, Copy, Debug)]
pub struct Files;

impl Loader for Files {
    fn standard(&self, path: &str) -> Option<String> {
        stdlib::module(path).map(str::to_string)
    }

    fn beside(&self, from: &str, path: &[&str]) -> Result<(String, String), String> {
        if from.starts_with("std:") {
            return Err("the standard library imports nothing from files".to_string());
        }
        let mut file = Path::new(from)
            .parent()
            .map(Path::to_path_buf)
            .unwrap_or_default();
        file.extend(path);
        file.as_mut_os_string().push(".lentil");
        let text = read(&file).map_err(|why| format!("`{}` {why}", file.display()))?;
        Ok((file.display().to_string(), text))
    }

    fn exports(&self) -> Vec<(String, String)> {
        stdlib::exports()
    }
}

/// Imports the standard library only: for a text that is in no file.
#[derive(Clone, Copy, Debug)]
pub struct Alone;

impl Loader for Alone {
    fn standard(&self, path: &str) -> Option<String> {
        stdlib::module(path).map(str::to_string)
    }

    fn beside(&self, _: &str, _: &[&str]) -> Result<(String, String), String> {
        Err("this text is in no file, so no files are beside it".to_string())
    }

    fn exports(&self) -> Vec<(String, String)> {
        stdlib::exports()
    }
}

/// The name of the standard input among files.
pub const STANDARD_INPUT: &str = "-";

/// The text of a source file; of `-`, what comes on the standard input.
pub fn source(path: &Path) -> Result<String, Error> {
    read(path).map_err(|why| {
        let title = format!("`{}` {why}", path.display());
        let hint = neighbour(path).map(|near| format!("did you mean `{}`?", near.display()));
        let labels = Vec::new();
        let severity = lentil_diag::Severity::Error;
        Error::placeless(Diagnostic {
            code: "E0902",
            severity,
            title,
            labels,
            hint,
        })
    })
}

/// The text of a file, or why there is none: a clause whose subject is the file.
fn read(path: &Path) -> Result<String, String> {
    let plain = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => "does not exist".to_string(),
        io::ErrorKind::PermissionDenied => "may not be read".to_string(),
        io::ErrorKind::IsADirectory => "is a folder, not a file".to_string(),
        _ => format!("cannot be read: {error}"),
    };
    let mut bytes = Vec::new();
    if path == Path::new(STANDARD_INPUT) {
        let input = io::stdin().lock();
        input
            .take(MOST_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(plain)?;
    } else {
        let file = File::open(path).map_err(plain)?;
        if file.metadata().map_err(plain)?.is_dir() {
            return Err(plain(io::ErrorKind::IsADirectory.into()));
        }
        file.take(MOST_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(plain)?;
    }
    if bytes.len() as u64 > MOST_BYTES {
        return Err(format!("is larger than {} MiB", MOST_BYTES >> 20));
    }
    // The mark of UTF-8 that some editors write says nothing.
    if bytes.starts_with(MARK) {
        bytes.drain(..MARK.len());
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.iter().filter(|&&byte| byte == b'\n').count() + 1;
        format!("is not text in UTF-8 (line {line})")
    })
}

/// A file of nearly the same name: with the ending that was left out, or in a folder its only program.
fn neighbour(path: &Path) -> Option<PathBuf> {
    if path.is_dir() {
        let mut programs = path.read_dir().ok()?.flatten().map(|entry| entry.path());
        let mut next = || programs.find(|p| p.extension().is_some_and(|e| e == "lentil"));
        return match (next(), next()) {
            (Some(only), None) => Some(only),
            _ => None,
        };
    }
    let mut with_ending = path.as_os_str().to_os_string();
    with_ending.push(".lentil");
    let with_ending = PathBuf::from(with_ending);
    with_ending.is_file().then_some(with_ending)
}

/// Writes a file beside its name, then takes the name over; an older file of the name keeps its
/// permissions, and is as it was if anything fails.
pub fn replace(path: &Path, contents: &[u8]) -> Result<(), Error> {
    let unwritable = |cause: &io::Error| {
        let (path, cause) = (path.to_path_buf(), cause.to_string());
        Error::from(RuntimeError::Unwritable { path, cause })
    };
    // What a link leads to is replaced, not the link.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let permissions = target.metadata().ok().map(|about| about.permissions());
    atomic::write(&target, |file| file.write_all(contents)).map_err(|e| unwritable(&e))?;
    match permissions {
        Some(permissions) => {
            std::fs::set_permissions(&target, permissions).map_err(|e| unwritable(&e))
        }
        None => Ok(()),
    }
}
