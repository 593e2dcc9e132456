//! A case as a file has it: JSON with the fields `eval`, `name`, `provenance`, `input`, `expected`.

use std::path::Path;

use lentil::{Array, Carrier, Type, Value};
use serde_json::Value as Json;

/// Inputs of a problem, and what belongs to them.
pub struct Case {
    json: Json,
}

impl Case {
    /// Reads a case.
    ///
    /// # Errors
    /// If there is none.
    pub fn read(path: &Path) -> Result<Case, String> {
        let text = std::fs::read_to_string(path).map_err(|why| why.to_string())?;
        let json: Json = serde_json::from_str(&text).map_err(|why| why.to_string())?;
        match (&json["eval"], &json["input"], &json["expected"]) {
            (Json::String(_), Json::Object(_), Json::Object(_)) => Ok(Case { json }),
            _ => Err("a case has `eval`, `input` and `expected`".to_string()),
        }
    }

    /// Which problem it is of.
    pub fn problem(&self) -> &str {
        self.json["eval"].as_str().unwrap_or_default()
    }

    /// An input by its name, however deep in records it stands.
    pub fn input(&self, name: &str) -> Result<&Json, String> {
        found(&self.json["input"], name).ok_or_else(|| format!("there is no input `{name}`"))
    }

    /// What is expected of a function of the protocol.
    pub fn expected(&self, function: &str) -> Option<&Json> {
        self.json["expected"].get(function)
    }

    /// An input that is a natural number.
    pub fn natural(&self, name: &str) -> Result<usize, String> {
        let number = self.input(name)?.as_u64();
        number
            .map(|n| n as usize)
            .ok_or_else(|| format!("`{name}` is no natural number"))
    }

    /// The shape of an input that is an array.
    pub fn shape(&self, name: &str) -> Result<Vec<usize>, String> {
        Ok(shape(self.input(name)?))
    }

    /// An input as a value of the language.
    pub fn value(&self, name: &str) -> Result<Value, String> {
        self.shaped(name, &self.shape(name)?)
    }

    /// An input as an array of another shape.
    pub fn shaped(&self, name: &str, shape: &[usize]) -> Result<Value, String> {
        let numbers = numbers(self.input(name)?);
        if numbers.len() != shape.iter().product::<usize>() {
            return Err(format!(
                "`{name}` has {} numbers, not {shape:?}",
                numbers.len()
            ));
        }
        let ty = Type::array(Carrier::F64, shape);
        Ok(Array::from_f64(ty, &numbers).into())
    }
}

/// All numbers in it, in order; conditions count as 0 and 1.
pub fn numbers(json: &Json) -> Vec<f64> {
    match json {
        Json::Number(n) => n.as_f64().into_iter().collect(),
        Json::Bool(b) => vec![f64::from(u8::from(*b))],
        Json::Array(items) => items.iter().flat_map(numbers).collect(),
        Json::Object(fields) => fields.values().flat_map(numbers).collect(),
        Json::Null | Json::String(_) => Vec::new(),
    }
}

/// The sizes of nested lists, of which all have those of the first.
fn shape(json: &Json) -> Vec<usize> {
    match json {
        Json::Array(items) => {
            let inner = items.first().map(shape).unwrap_or_default();
            [vec![items.len()], inner].concat()
        }
        _ => Vec::new(),
    }
}

fn found<'j>(json: &'j Json, name: &str) -> Option<&'j Json> {
    let fields = json.as_object()?;
    let deeper = || fields.values().find_map(|inner| found(inner, name));
    fields.get(name).or_else(deeper)
}
