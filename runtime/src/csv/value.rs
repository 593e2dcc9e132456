//! One value: its text, read as its column's type.

use crate::error::{Cell, RuntimeError};
use crate::table::{Column, ColumnType};

/// What is wrong with a text; the place is added by the caller.
#[derive(Debug, PartialEq)]
pub(super) enum Problem {
    Missing,
    Bad(String),
    NotFinite(String),
    Unknown(String),
}

impl Problem {
    pub(super) fn at(self, cell: Cell, ty: &ColumnType) -> RuntimeError {
        let cell = Box::new(cell);
        let wanted = ty.wanted();
        match self {
            Problem::Missing => RuntimeError::MissingValue { cell, wanted },
            Problem::Bad(found) => RuntimeError::BadValue {
                cell,
                found,
                wanted,
            },
            Problem::NotFinite(found) => RuntimeError::NotFinite { cell, found },
            Problem::Unknown(found) => {
                let classes = match ty {
                    ColumnType::Category(classes) => classes.clone(),
                    ColumnType::Real | ColumnType::Int | ColumnType::Bit | ColumnType::Bool => {
                        Vec::new()
                    }
                };
                RuntimeError::UnknownCategory {
                    cell,
                    found,
                    classes,
                }
            }
        }
    }
}

/// Reads a trimmed text and adds it to a column of the type.
///
/// # Panics
/// If the column is of another type.
pub(super) fn push(text: &str, ty: &ColumnType, column: &mut Column) -> Result<(), Problem> {
    if text.is_empty() {
        return Err(Problem::Missing);
    }
    match (ty, column) {
        (ColumnType::Real, Column::Real(values)) => values.push(real(text)?),
        (ColumnType::Int, Column::Int(values)) => values.push(text.parse().map_err(|_| bad(text))?),
        (ColumnType::Bit, Column::Bit(values)) => values.push(one_of(text, ["0", "1"])?),
        (ColumnType::Bool, Column::Bool(values)) => values.push(one_of(text, ["false", "true"])?),
        (ColumnType::Category(classes), Column::Category(values)) => {
            let position = classes.iter().position(|class| class == text);
            values.push(position.ok_or_else(|| Problem::Unknown(text.to_string()))? as u32);
        }
        (ty, _) => panic!("a column that was not made for {ty:?}"),
    }
    Ok(())
}

fn real(text: &str) -> Result<f64, Problem> {
    let value: f64 = text.parse().map_err(|_| bad(text))?;
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Problem::NotFinite(text.to_string()))
    }
}

fn one_of(text: &str, words: [&str; 2]) -> Result<u8, Problem> {
    let position = words
        .iter()
        .position(|word| word.eq_ignore_ascii_case(text));
    position
        .map(|position| position as u8)
        .ok_or_else(|| bad(text))
}

fn bad(text: &str) -> Problem {
    Problem::Bad(text.to_string())
}
