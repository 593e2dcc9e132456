//! What several tests need.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lentil_runtime::RuntimeError;
use lentil_runtime::csv::{Limits, read, read_from};
use lentil_runtime::table::{ColumnType, Schema, Table};
use lentil_unary::carrier::{Carrier, Type};
use lentil_unary::value::Array;

/// A folder of its own for a test; it is removed in the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Folder {
        let name = format!("lentil-runtime-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| name.to_string()).collect()
}

pub fn category(classes: &[&str]) -> ColumnType {
    ColumnType::Category(strings(classes))
}

pub fn parse(text: impl AsRef<[u8]>, schema: &Schema) -> Result<Table, RuntimeError> {
    read_from(
        text.as_ref(),
        Path::new("t.csv"),
        schema,
        &Limits::default(),
    )
}

/// The four measures of an iris, in centimetres.
pub const MEASURES: [&str; 4] = ["sepal_length", "sepal_width", "petal_length", "petal_width"];

/// A file of irises that is shipped with the examples.
pub fn irises(file: &str) -> Table {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/data");
    let measures = MEASURES.map(|name| (name, ColumnType::Real));
    let species = ("species", category(&["setosa", "versicolor", "virginica"]));
    let schema = Schema::new(measures.into_iter().chain([species]));
    read(&root.join(file), &schema, &Limits::default()).unwrap()
}

pub fn array(carrier: Carrier, shape: &[usize], values: &[f64]) -> Array {
    Array::from_f64(Type::array(carrier, shape), values)
}

pub fn tensors<const N: usize>(entries: [(&str, Array); N]) -> BTreeMap<String, Array> {
    entries
        .map(|(name, array)| (name.to_string(), array))
        .into()
}

/// Code, message and hint of an error, as a user meets them.
pub fn told(error: &RuntimeError) -> String {
    match error.hint() {
        Some(hint) => format!("{}: {error} / {hint}", error.code()),
        None => format!("{}: {error}", error.code()),
    }
}
