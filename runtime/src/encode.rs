//! Encoders: how rows of a table become arrays.
//!
//! An [`Encoder`] is an expression over columns, as a program's `data` item states it. Fitting it
//! to the rows to learn from gives a [`Fitted`] encoder, which knows what it has learnt from them
//! (means, deviations, bounds) as tensors to be saved beside the parameters, and encodes any rows.

mod memory;
mod ty;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use lentil_unary::carrier::{Carrier, Type};
use lentil_unary::value::Array;

use self::memory::Memory;
use crate::error::RuntimeError;
use crate::table::{Schema, Table};

/// An expression over columns; per example it is a scalar or a vector.
#[derive(Clone, Debug, PartialEq)]
pub enum Encoder {
    /// A column as it stands: a scalar. A class counts as its number, from 0 in the order declared.
    Column(String),
    /// Scalars of one carrier, as a vector.
    List(Vec<Encoder>),
    /// Vectors of one carrier, one after another; a scalar counts as a vector of length 1.
    Concat(Vec<Encoder>),
    /// Whole numbers, bits and conditions (as 0 and 1) as real numbers.
    Real(Box<Encoder>),
    /// Real or whole numbers, less their mean, over their deviation (the root of the mean square
    /// distance to the mean), each position for itself. Where the deviation is zero, it is taken
    /// for 1, so that a constant column becomes 0.
    Standardize(Box<Encoder>),
    /// Real or whole numbers, less their least, over the distance of their greatest to their least,
    /// each position for itself. Where that distance is zero, it is taken for 1, so that a constant
    /// column becomes 0.
    MinMax(Box<Encoder>),
    /// Real or whole numbers as bits: 1 where greater than the number given.
    Threshold(Box<Encoder>, f64),
    /// A class as a vector over any carrier: 1 at its number, 0 elsewhere.
    OneHot(Box<Encoder>, Carrier),
    /// A class as its number.
    Index(Box<Encoder>),
    /// A class as the bits of its number, as many as the greatest needs but at least one, the
    /// highest first.
    Binary(Box<Encoder>),
}

impl Encoder {
    /// The columns that are read.
    pub fn columns(&self) -> BTreeSet<String> {
        let mut columns = BTreeSet::new();
        self.collect_columns(&mut columns);
        columns
    }

    /// The type of one encoded example, with real numbers over `real`.
    pub fn example_type(&self, schema: &Schema, real: Carrier) -> Result<Type, RuntimeError> {
        Ok(ty::typed(self, schema, real)?.ty())
    }

    /// The tensors that a fitted encoder is saved as, by their paths below `prefix`.
    pub fn state_types(
        &self,
        prefix: &str,
        schema: &Schema,
    ) -> Result<BTreeMap<String, Type>, RuntimeError> {
        let mut types = BTreeMap::new();
        memory::state_types(self, schema, "", &mut types)?;
        Ok(types
            .into_iter()
            .map(|(at, ty)| (format!("{prefix}.{at}"), ty))
            .collect())
    }

    /// Learns what there is to learn from these rows of a table, and from no others.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn fit(
        &self,
        table: &Table,
        rows: &[usize],
        real: Carrier,
    ) -> Result<Fitted, RuntimeError> {
        let example = self.example_type(&table.schema, real)?;
        if rows.is_empty() {
            let reason = "there are no rows to fit the encoders to".to_string();
            return Err(RuntimeError::BadSplit {
                path: table.path.clone(),
                reason,
            });
        }
        let mut state = BTreeMap::new();
        values::evaluate(self, "", table, rows, &mut Memory::Learn(&mut state))?;
        if !state
            .values()
            .all(|learnt| learnt.to_f64().iter().all(|x| x.is_finite()))
        {
            return Err(self.out_of_range(table, Carrier::F64));
        }
        Ok(Fitted {
            encoder: self.clone(),
            real,
            example,
            state,
        })
    }

    /// The encoder as it was fitted when its tensors were saved below `prefix` in the file `path`.
    pub fn restore(
        &self,
        path: &Path,
        prefix: &str,
        tensors: &BTreeMap<String, Array>,
        schema: &Schema,
        real: Carrier,
    ) -> Result<Fitted, RuntimeError> {
        let example = self.example_type(schema, real)?;
        let mut state = BTreeMap::new();
        for (name, ty) in self.state_types(prefix, schema)? {
            let tensor = crate::params::expect(path, tensors, &name, &ty)?;
            let at = name[prefix.len() + 1..].to_string();
            state.insert(at, tensor.clone());
        }
        memory::check_state(path, prefix, &state)?;
        Ok(Fitted {
            encoder: self.clone(),
            real,
            example,
            state,
        })
    }

    fn out_of_range(&self, table: &Table, carrier: Carrier) -> RuntimeError {
        RuntimeError::OutOfRange {
            path: table.path.clone(),
            encoder: self.to_string(),
            carrier,
        }
    }

    fn collect_columns(&self, columns: &mut BTreeSet<String>) {
        match self {
            Encoder::Column(name) => {
                columns.insert(name.clone());
            }
            Encoder::List(parts) | Encoder::Concat(parts) => {
                for part in parts {
                    part.collect_columns(columns);
                }
            }
            Encoder::Real(of)
            | Encoder::Standardize(of)
            | Encoder::MinMax(of)
            | Encoder::Threshold(of, _)
            | Encoder::OneHot(of, _)
            | Encoder::Index(of)
            | Encoder::Binary(of) => of.collect_columns(columns),
        }
    }
}

/// As a program has it.
impl fmt::Display for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |parts: &[Encoder]| {
            let parts: Vec<String> = parts.iter().map(Encoder::to_string).collect();
            parts.join(", ")
        };
        match self {
            Encoder::Column(name) => write!(f, "{name}"),
            Encoder::List(parts) => write!(f, "[{}]", list(parts)),
            Encoder::Concat(parts) => write!(f, "concat({})", list(parts)),
            Encoder::Real(of) => write!(f, "real({of})"),
            Encoder::Standardize(of) => write!(f, "standardize({of})"),
            Encoder::MinMax(of) => write!(f, "min_max({of})"),
            Encoder::Threshold(of, level) => write!(f, "threshold({of}, {level})"),
            Encoder::OneHot(of, _) => write!(f, "one_hot({of})"),
            Encoder::Index(of) => write!(f, "index({of})"),
            Encoder::Binary(of) => write!(f, "binary({of})"),
        }
    }
}

/// An encoder with what it has learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    encoder: Encoder,
    real: Carrier,
    example: Type,
    /// What was learnt, by paths below the encoder: `mean`, `std`, `min`, `max`; inside the
    /// elements of a list, with the element's number before; inside what another learning
    /// encoder is applied to, with `of` before.
    state: BTreeMap<String, Array>,
}

impl Fitted {
    /// The expression.
    pub fn encoder(&self) -> &Encoder {
        &self.encoder
    }

    /// The type of one encoded example.
    pub fn example_type(&self) -> &Type {
        &self.example
    }

    /// What was learnt, as tensors over `F64` by their paths below `prefix`.
    pub fn tensors(&self, prefix: &str) -> BTreeMap<String, Array> {
        let state = self.state.iter();
        state
            .map(|(at, learnt)| (format!("{prefix}.{at}"), learnt.clone()))
            .collect()
    }

    /// Encodes these rows of a table, in this order, as one array with the rows along its first
    /// axis.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn apply(&self, table: &Table, rows: &[usize]) -> Result<Array, RuntimeError> {
        let found = self.encoder.example_type(&table.schema, self.real)?;
        if found != self.example {
            let reason = format!("fitted as {}, but the table gives {found}", self.example);
            return Err(RuntimeError::IllTyped {
                encoder: self.encoder.to_string(),
                reason,
            });
        }
        let mut memory = Memory::Recall(&self.state);
        let values = values::evaluate(&self.encoder, "", table, rows, &mut memory)?;
        let ty = self.example.stacked(rows.len());
        values
            .into_array(ty)
            .ok_or_else(|| self.encoder.out_of_range(table, self.real))
    }
}
