//! What a parameter file says about itself, beside its tensors.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use lentil_unary::carrier::Carrier;
use lentil_unary::value::Array;
use serde_json::{Map, Value, json};

use crate::error::RuntimeError;

/// The version of what stands under our key.
pub const FORMAT: u64 = 1;

/// The key in the format's own metadata. There is one only: its order among others is not fixed.
const KEY: &str = "lentil";

/// Where parameters come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The seed that they were initialised and trained with.
    pub seed: u64,
    /// How many epochs are finished.
    pub epoch: u64,
    /// What identifies the program that they belong to.
    pub program: String,
    /// The classes of every category column that the encoders read, in the order of their numbers.
    pub classes: BTreeMap<String, Vec<String>>,
    /// How an input is made of columns, as the program says it.
    pub input: String,
    /// How a target is made of columns.
    pub target: String,
}

/// All that stands under our key.
pub(super) struct Header {
    pub(super) about: Option<About>,
    /// The carriers that the format has no type for, by path.
    pub(super) carriers: BTreeMap<String, Carrier>,
}

pub(super) fn write(
    about: Option<&About>,
    tensors: &BTreeMap<String, Array>,
) -> HashMap<String, String> {
    let mut carriers = Map::new();
    for (name, array) in tensors {
        let carrier = array.ty().carrier;
        match carrier {
            Carrier::Bit | Carrier::Mod(_) => {
                carriers.insert(name.clone(), json!(carrier.to_string()));
            }
            Carrier::F32 | Carrier::F64 | Carrier::Int | Carrier::Bool => {}
        }
    }
    let about = about.map(|about| {
        json!({
            "seed": about.seed,
            "epoch": about.epoch,
            "program": about.program,
            "classes": about.classes,
            "input": about.input,
            "target": about.target,
        })
    });
    let header = json!({ "format": FORMAT, "about": about, "carriers": carriers });
    HashMap::from([(KEY.to_string(), header.to_string())])
}

/// Reads what stands under our key, if anything does.
pub(super) fn read(
    path: &Path,
    metadata: Option<&HashMap<String, String>>,
) -> Result<Option<Header>, RuntimeError> {
    let Some(text) = metadata.and_then(|metadata| metadata.get(KEY)) else {
        return Ok(None);
    };
    let corrupt = |cause: String| RuntimeError::Corrupt {
        path: path.to_path_buf(),
        cause,
    };
    let value: Value = serde_json::from_str(text)
        .map_err(|error| corrupt(format!("the header's `{KEY}` cannot be read: {error}")))?;
    let found = value.get("format").and_then(Value::as_u64);
    if let Some(found) = found
        && found > FORMAT
    {
        let path = path.to_path_buf();
        return Err(RuntimeError::LaterFormat {
            path,
            found,
            known: FORMAT,
        });
    }
    match (found, parse(&value)) {
        (Some(_), Some(header)) => Ok(Some(header)),
        _ => Err(corrupt(format!(
            "the header's `{KEY}` is not of format {FORMAT}"
        ))),
    }
}

fn parse(value: &Value) -> Option<Header> {
    let about = match value.get("about")? {
        Value::Null => None,
        about => Some(parse_about(about)?),
    };
    let carriers = entries(value.get("carriers")?, |carrier| {
        parse_carrier(carrier.as_str()?)
    })?;
    Some(Header { about, carriers })
}

fn parse_about(value: &Value) -> Option<About> {
    Some(About {
        seed: value.get("seed")?.as_u64()?,
        epoch: value.get("epoch")?.as_u64()?,
        program: value.get("program")?.as_str()?.to_string(),
        classes: entries(value.get("classes")?, |classes| {
            classes
                .as_array()?
                .iter()
                .map(|class| Some(class.as_str()?.to_string()))
                .collect()
        })?,
        input: value.get("input")?.as_str()?.to_string(),
        target: value.get("target")?.as_str()?.to_string(),
    })
}

fn entries<T>(value: &Value, read: impl Fn(&Value) -> Option<T>) -> Option<BTreeMap<String, T>> {
    let entries = value.as_object()?.iter();
    entries
        .map(|(name, value)| Some((name.clone(), read(value)?)))
        .collect()
}

fn parse_carrier(text: &str) -> Option<Carrier> {
    if text == "bit" {
        return Some(Carrier::Bit);
    }
    let modulus: u32 = text.strip_prefix("mod")?.parse().ok()?;
    (modulus >= 2).then_some(Carrier::Mod(modulus))
}
