//! Encoding rows.

use lentil_unary::carrier::{Carrier, Type};
use lentil_unary::value::{Array, Data};

use super::Encoder;
use super::memory::{self, Learner, Memory};
use super::ty::{self, Element, Typed};
use crate::error::RuntimeError;
use crate::table::{Column, Table};

/// Encoded rows, one after another.
pub(super) struct Values {
    /// The length of a row that is a vector; `None` for scalars.
    length: Option<usize>,
    numbers: Numbers,
}

/// Real numbers are kept apart from whole ones, which a float would round.
enum Numbers {
    Real(Vec<f64>),
    Whole(Vec<i64>),
}

/// Encodes rows of a table with an encoder that is well typed for it.
pub(super) fn evaluate(
    encoder: &Encoder,
    at: &str,
    table: &Table,
    rows: &[usize],
    memory: &mut Memory,
) -> Result<Values, RuntimeError> {
    match encoder {
        Encoder::Column(name) => {
            let column = table
                .columns
                .get(name)
                .ok_or_else(|| RuntimeError::IllTyped {
                    encoder: encoder.to_string(),
                    reason: "the table has no such column".to_string(),
                })?;
            Ok(Values {
                length: None,
                numbers: numbers(column, rows),
            })
        }
        Encoder::List(parts) | Encoder::Concat(parts) => {
            let evaluated: Result<Vec<Values>, RuntimeError> = parts
                .iter()
                .enumerate()
                .map(|(i, part)| evaluate(part, &memory::element(at, i), table, rows, memory))
                .collect();
            Ok(join(&evaluated?, rows.len()))
        }
        Encoder::Real(of) => {
            let values = evaluate(of, at, table, rows, memory)?;
            let numbers = Numbers::Real(values.numbers.reals());
            Ok(Values {
                length: values.length,
                numbers,
            })
        }
        Encoder::Standardize(of) => {
            let values = evaluate(of, &memory::inside(at), table, rows, memory)?;
            let length = values.length;
            let reals = values.numbers.reals();
            let [mean, std] = memory.learnt(Learner::Moments, at, &reals, length)?;
            Ok(Values {
                length,
                numbers: Numbers::Real(scaled(reals, &mean, &std)),
            })
        }
        Encoder::MinMax(of) => {
            let values = evaluate(of, &memory::inside(at), table, rows, memory)?;
            let length = values.length;
            let reals = values.numbers.reals();
            let [min, max] = memory.learnt(Learner::Bounds, at, &reals, length)?;
            let ranges = min.iter().zip(&max).map(|(min, max)| max - min);
            let ranges: Vec<f64> = ranges.map(|r| if r == 0.0 { 1.0 } else { r }).collect();
            Ok(Values {
                length,
                numbers: Numbers::Real(scaled(reals, &min, &ranges)),
            })
        }
        Encoder::Threshold(of, level) => {
            let values = evaluate(of, at, table, rows, memory)?;
            let reals = values.numbers.reals();
            let bits = reals.iter().map(|x| i64::from(x > level)).collect();
            Ok(Values {
                length: values.length,
                numbers: Numbers::Whole(bits),
            })
        }
        Encoder::Index(of) => evaluate(of, at, table, rows, memory),
        Encoder::OneHot(of, carrier) => {
            let classes = class_count(of, table)?;
            let numbers = evaluate(of, at, table, rows, memory)?.numbers.wholes();
            let hot = |class: i64| (0..classes).map(move |k| i64::from(k as i64 == class));
            let hot = Numbers::Whole(numbers.into_iter().flat_map(hot).collect());
            let numbers = if carrier.is_real() {
                Numbers::Real(hot.reals())
            } else {
                hot
            };
            Ok(Values {
                length: Some(classes),
                numbers,
            })
        }
        Encoder::Binary(of) => {
            let length = ty::code_length(class_count(of, table)?);
            let numbers = evaluate(of, at, table, rows, memory)?.numbers.wholes();
            let bits = |class: i64| (0..length).rev().map(move |k| (class >> k) & 1);
            let bits = numbers.into_iter().flat_map(bits).collect();
            Ok(Values {
                length: Some(length),
                numbers: Numbers::Whole(bits),
            })
        }
    }
}

impl Values {
    /// As an array of a type; `None` if a number does not fit its carrier.
    ///
    /// # Panics
    /// If they were typed otherwise.
    pub(super) fn into_array(self, ty: Type) -> Option<Array> {
        let data = match (self.numbers, ty.carrier) {
            (Numbers::Real(reals), Carrier::F32) => {
                Data::F32(reals.into_iter().map(finite_f32).collect::<Option<_>>()?)
            }
            (Numbers::Real(reals), Carrier::F64) => {
                Data::F64(reals.iter().all(|x| x.is_finite()).then_some(reals)?)
            }
            (Numbers::Whole(wholes), Carrier::Int) => Data::Int(wholes),
            (Numbers::Whole(wholes), Carrier::Bit | Carrier::Bool) => {
                Data::Byte(wholes.into_iter().map(|x| x as u8).collect())
            }
            (Numbers::Whole(wholes), Carrier::Mod(n)) => Data::Mod(
                wholes
                    .into_iter()
                    .map(|x| x.rem_euclid(i64::from(n)) as u32)
                    .collect(),
            ),
            (Numbers::Real(_), Carrier::Int | Carrier::Bit | Carrier::Bool | Carrier::Mod(_))
            | (Numbers::Whole(_), Carrier::F32 | Carrier::F64) => {
                panic!("encoded otherwise than typed: {ty}")
            }
        };
        Some(Array::new(ty, data))
    }
}

impl Numbers {
    fn reals(self) -> Vec<f64> {
        match self {
            Numbers::Real(reals) => reals,
            Numbers::Whole(wholes) => wholes.into_iter().map(|x| x as f64).collect(),
        }
    }

    /// # Panics
    /// If they are real.
    fn wholes(self) -> Vec<i64> {
        match self {
            Numbers::Whole(wholes) => wholes,
            Numbers::Real(_) => panic!("classes are whole numbers"),
        }
    }
}

/// Each position of each row less its origin, over its scale.
fn scaled(mut rows: Vec<f64>, origin: &[f64], scale: &[f64]) -> Vec<f64> {
    for row in rows.chunks_exact_mut(origin.len().max(1)) {
        for ((x, origin), scale) in row.iter_mut().zip(origin).zip(scale) {
            *x = (*x - origin) / scale;
        }
    }
    rows
}

fn finite_f32(x: f64) -> Option<f32> {
    let rounded = x as f32;
    rounded.is_finite().then_some(rounded)
}

fn numbers(column: &Column, rows: &[usize]) -> Numbers {
    match column.select(rows) {
        Column::Real(reals) => Numbers::Real(reals),
        Column::Int(wholes) => Numbers::Whole(wholes),
        Column::Bit(bytes) | Column::Bool(bytes) => {
            Numbers::Whole(bytes.into_iter().map(i64::from).collect())
        }
        Column::Category(classes) => Numbers::Whole(classes.into_iter().map(i64::from).collect()),
    }
}

/// Row by row, the parts' values one after another.
fn join(parts: &[Values], rows: usize) -> Values {
    let width = |part: &Values| part.length.unwrap_or(1);
    let length = parts.iter().map(width).sum();
    let order = (0..rows).flat_map(|row| parts.iter().map(move |part| (row, part)));
    let all_whole = parts
        .iter()
        .all(|part| matches!(part.numbers, Numbers::Whole(_)));
    let numbers = if all_whole {
        let mut wholes = Vec::with_capacity(rows * length);
        for (row, part) in order {
            if let Numbers::Whole(values) = &part.numbers {
                wholes.extend_from_slice(&values[row * width(part)..(row + 1) * width(part)]);
            }
        }
        Numbers::Whole(wholes)
    } else {
        let mut reals = Vec::with_capacity(rows * length);
        for (row, part) in order {
            if let Numbers::Real(values) = &part.numbers {
                reals.extend_from_slice(&values[row * width(part)..(row + 1) * width(part)]);
            }
        }
        Numbers::Real(reals)
    };
    Values {
        length: Some(length),
        numbers,
    }
}

fn class_count(of: &Encoder, table: &Table) -> Result<usize, RuntimeError> {
    match ty::typed(of, &table.schema, Carrier::F64)? {
        Typed {
            element: Element::Class(classes),
            ..
        } => Ok(classes),
        Typed {
            element: Element::Of(_),
            ..
        } => Err(RuntimeError::IllTyped {
            encoder: of.to_string(),
            reason: "a category column is wanted".to_string(),
        }),
    }
}
