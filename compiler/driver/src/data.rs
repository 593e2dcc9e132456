//! A learner's data: from the program's declaration to arrays of examples.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lentil_core::data::{ColumnKind, DataSpec, Encoding, SplitRule};
use lentil_diag::{Label, Sources, Span};
use lentil_runtime::RuntimeError;
use lentil_runtime::csv::{Limits, read};
use lentil_runtime::encode::{Encoder, Fitted};
use lentil_runtime::split::{self, Rule};
use lentil_runtime::table::{ColumnType, Schema, Table};
use lentil_unary::carrier::Carrier;
use lentil_unary::value::Array;

use crate::error::{Error, outside};

/// What a learner's program says about its data.
#[derive(Clone, Debug)]
pub struct Declared {
    /// The file, from where the program was called.
    pub path: PathBuf,
    /// Where the program names it.
    place: Span,
    sources: Arc<Sources>,
    /// The columns, with the classes that are kept.
    pub schema: Schema,
    /// All columns as the file has them.
    whole: Schema,
    /// How inputs are made of rows.
    pub input: Encoder,
    /// How targets are made of rows.
    pub target: Encoder,
    rule: Rule,
    fit_on_all: bool,
    only: Option<(String, Vec<String>)>,
    real: Carrier,
}

/// Examples, and what the encoders learnt.
pub struct Examples {
    /// The input encoder.
    pub input: Fitted,
    /// The target encoder.
    pub target: Fitted,
    /// The examples to learn from.
    pub train: Part,
    /// The examples held out; perhaps none.
    pub test: Part,
}

/// Some examples.
pub struct Part {
    /// How many.
    pub rows: usize,
    /// Their inputs, along the first axis.
    pub inputs: Array,
    /// Their targets, along the first axis.
    pub targets: Array,
}

impl Declared {
    /// The data set that a program declares, with paths from the folder of its file.
    pub(crate) fn new(
        spec: &DataSpec,
        program: Option<&Path>,
        sources: Arc<Sources>,
        real: Carrier,
    ) -> Declared {
        let folder = program.and_then(Path::parent).unwrap_or(Path::new(""));
        let columns = spec
            .columns
            .iter()
            .map(|(name, kind)| (name.clone(), column(kind)));
        let whole = Schema::new(columns);
        let mut schema = whole.clone();
        if let Some((name, classes)) = &spec.only {
            let kept = ColumnType::Category(classes.clone());
            schema.columns.insert(name.clone(), kept);
        }
        Declared {
            path: folder.join(&spec.path),
            place: spec.path_span,
            sources,
            schema,
            whole,
            input: encoder(&spec.input, real),
            target: encoder(&spec.target, real),
            rule: rule(&spec.split, spec.seed),
            fit_on_all: spec.fit_on_all,
            only: spec.only.clone(),
            real,
        }
    }

    /// Reads, divides and encodes the program's own data.
    pub fn examples(&self) -> Result<Examples, Error> {
        let located = |error: RuntimeError| self.located(&error);
        let table = self.table(&self.path).map_err(located)?;
        let rows = split::split(&table, &self.rule).map_err(located)?;
        let every: Vec<usize> = (0..table.rows).collect();
        let fitted = if self.fit_on_all { &every } else { &rows.train };
        let input = self.input.fit(&table, fitted, self.real).map_err(located)?;
        let target = self
            .target
            .fit(&table, fitted, self.real)
            .map_err(located)?;
        let part = |rows: &[usize]| encoded(&input, &target, &table, rows);
        let train = part(&rows.train).map_err(located)?;
        let test = part(&rows.test).map_err(located)?;
        Ok(Examples {
            input,
            target,
            train,
            test,
        })
    }

    /// Reads, divides and encodes the program's own data with encoders that are fitted already.
    pub fn examples_with(&self, input: Fitted, target: Fitted) -> Result<Examples, Error> {
        let located = |error: RuntimeError| self.located(&error);
        let table = self.table(&self.path).map_err(located)?;
        let rows = split::split(&table, &self.rule).map_err(located)?;
        let train = encoded(&input, &target, &table, &rows.train).map_err(located)?;
        let test = encoded(&input, &target, &table, &rows.test).map_err(located)?;
        Ok(Examples {
            input,
            target,
            train,
            test,
        })
    }

    /// All rows of another file of the same columns, with their targets.
    pub fn other(&self, path: &Path, input: &Fitted, target: &Fitted) -> Result<Part, Error> {
        let table = self.table(path)?;
        let every: Vec<usize> = (0..table.rows).collect();
        Ok(encoded(input, target, &table, &every)?)
    }

    /// The inputs of all rows of another file, which need not have the target's columns.
    pub fn inputs(&self, path: &Path, input: &Fitted) -> Result<(usize, Array), Error> {
        let schema = self.schema.only(&self.input.columns());
        let table = read(path, &schema, &Limits::default())?;
        let every: Vec<usize> = (0..table.rows).collect();
        Ok((table.rows, input.apply(&table, &every)?))
    }

    /// The columns that the encoders read.
    pub fn columns(&self) -> BTreeSet<String> {
        &self.input.columns() | &self.target.columns()
    }

    fn table(&self, path: &Path) -> Result<Table, RuntimeError> {
        let table = read(path, &self.whole, &Limits::default())?;
        let Some((column, classes)) = &self.only else {
            return Ok(table);
        };
        let kept = table.of_classes(column, classes);
        let kept = kept.filter(|kept| kept.rows > 0);
        kept.ok_or_else(|| RuntimeError::BadSplit {
            path: path.to_path_buf(),
            reason: format!("no row has one of the classes of `only = {column}[...]`"),
        })
    }

    /// An error about the program's own data, at the place where the program names the file.
    fn located(&self, error: &RuntimeError) -> Error {
        let mut diagnostic = outside(error);
        let text = "the data comes from here".to_string();
        diagnostic.labels.push(Label {
            span: self.place,
            text,
        });
        Error::new(vec![diagnostic], self.sources.clone())
    }
}

fn encoded(
    input: &Fitted,
    target: &Fitted,
    table: &Table,
    rows: &[usize],
) -> Result<Part, RuntimeError> {
    let (inputs, targets) = (input.apply(table, rows)?, target.apply(table, rows)?);
    Ok(Part {
        rows: rows.len(),
        inputs,
        targets,
    })
}

fn column(kind: &ColumnKind) -> ColumnType {
    match kind {
        ColumnKind::Real => ColumnType::Real,
        ColumnKind::Int => ColumnType::Int,
        ColumnKind::Bit => ColumnType::Bit,
        ColumnKind::Bool => ColumnType::Bool,
        ColumnKind::Category(classes) => ColumnType::Category(classes.clone()),
    }
}

fn encoder(encoding: &Encoding, real: Carrier) -> Encoder {
    let one = |of: &Encoding| Box::new(encoder(of, real));
    let all = |parts: &[Encoding]| parts.iter().map(|part| encoder(part, real)).collect();
    match encoding {
        Encoding::Column(name) => Encoder::Column(name.clone()),
        Encoding::List(parts) => Encoder::List(all(parts)),
        Encoding::Concat(parts) => Encoder::Concat(all(parts)),
        Encoding::Real(of) => Encoder::Real(one(of)),
        Encoding::Standardize(of) => Encoder::Standardize(one(of)),
        Encoding::MinMax(of) => Encoder::MinMax(one(of)),
        Encoding::Threshold(of, level) => Encoder::Threshold(one(of), *level),
        // A carrier variable cannot stand in a data set: core refuses it.
        Encoding::OneHot(of, kind) => Encoder::OneHot(one(of), kind.carrier(real).unwrap_or(real)),
        Encoding::Index(of) => Encoder::Index(one(of)),
        Encoding::Binary(of) => Encoder::Binary(one(of)),
    }
}

fn rule(rule: &SplitRule, seed: u64) -> Rule {
    match rule {
        SplitRule::Shuffled(train) => Rule::Shuffled {
            train: *train,
            seed,
        },
        SplitRule::Ordered(train) => Rule::Ordered { train: *train },
        SplitRule::Stratified(column, train) => Rule::Stratified {
            column: column.clone(),
            train: *train,
            seed,
        },
        SplitRule::FirstOfEach(column, count) => Rule::FirstOfEach {
            column: column.clone(),
            count: *count,
        },
    }
}
