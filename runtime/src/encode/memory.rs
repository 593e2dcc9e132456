//! What encoders learn from rows, and the paths under which they keep it.

use std::collections::BTreeMap;
use std::path::Path;

use lentil_unary::carrier::{Carrier, Type};
use lentil_unary::value::{Array, Data};

use super::Encoder;
use super::ty;
use crate::error::RuntimeError;
use crate::table::Schema;

/// Where encoders put what they learn, or find what they learnt.
pub(super) enum Memory<'a> {
    /// The rows at hand are the ones to learn from.
    Learn(&'a mut BTreeMap<String, Array>),
    /// What was learnt holds for the rows at hand.
    Recall(&'a BTreeMap<String, Array>),
}

/// What an encoder learns about each position of its values: two numbers.
#[derive(Clone, Copy)]
pub(super) enum Learner {
    /// Mean and deviation.
    Moments,
    /// Least and greatest.
    Bounds,
}

impl Learner {
    fn names(self) -> [&'static str; 2] {
        match self {
            Learner::Moments => ["mean", "std"],
            Learner::Bounds => ["min", "max"],
        }
    }

    fn learn(self, values: impl Iterator<Item = f64> + Clone) -> [f64; 2] {
        match self {
            Learner::Moments => moments(values),
            Learner::Bounds => bounds(values),
        }
    }
}

impl Memory<'_> {
    /// What is known about each position, under the learner's two names: learnt from `values`
    /// (rows of a vector, or of a scalar if there is no `length`), or recalled.
    pub(super) fn learnt(
        &mut self,
        learner: Learner,
        at: &str,
        values: &[f64],
        length: Option<usize>,
    ) -> Result<[Vec<f64>; 2], RuntimeError> {
        let [first, second] = learner.names().map(|name| format!("{at}{name}"));
        match self {
            Memory::Learn(state) => {
                let width = length.unwrap_or(1);
                let position = |i: usize| values.iter().skip(i).step_by(width).copied();
                let learnt: Vec<[f64; 2]> =
                    (0..width).map(|i| learner.learn(position(i))).collect();
                let both = [0, 1].map(|k| learnt.iter().map(|pair| pair[k]).collect::<Vec<f64>>());
                for (name, values) in [first, second].into_iter().zip(&both) {
                    state.insert(
                        name,
                        Array::new(state_type(length), Data::F64(values.clone())),
                    );
                }
                Ok(both)
            }
            Memory::Recall(state) => {
                let find = |name: String| match state.get(&name) {
                    Some(learnt) => Ok(learnt.to_f64()),
                    None => Err(RuntimeError::IllTyped {
                        encoder: at.to_string(),
                        reason: format!("nothing was learnt under `{name}`"),
                    }),
                };
                Ok([find(first)?, find(second)?])
            }
        }
    }
}

/// The types of all that an encoder learns, by path.
pub(super) fn state_types(
    encoder: &Encoder,
    schema: &Schema,
    at: &str,
    types: &mut BTreeMap<String, Type>,
) -> Result<(), RuntimeError> {
    match encoder {
        Encoder::Standardize(of) => learner_types(Learner::Moments, of, schema, at, types),
        Encoder::MinMax(of) => learner_types(Learner::Bounds, of, schema, at, types),
        Encoder::List(parts) | Encoder::Concat(parts) => {
            let mut parts = parts.iter().enumerate();
            parts.try_for_each(|(i, part)| state_types(part, schema, &element(at, i), types))
        }
        Encoder::Real(of)
        | Encoder::Threshold(of, _)
        | Encoder::OneHot(of, _)
        | Encoder::Index(of)
        | Encoder::Binary(of) => state_types(of, schema, at, types),
        Encoder::Column(_) => Ok(()),
    }
}

/// Refuses numbers that no fitting gives: they would turn every input into nonsense.
pub(super) fn check_state(
    path: &Path,
    prefix: &str,
    state: &BTreeMap<String, Array>,
) -> Result<(), RuntimeError> {
    for (at, learnt) in state {
        let least = at
            .strip_suffix("max")
            .and_then(|start| state.get(&format!("{start}min")));
        let least = least.map(Array::to_f64);
        for (position, x) in learnt.to_f64().into_iter().enumerate() {
            let reason = if !x.is_finite() {
                format!("{x}, which is not finite")
            } else if at.ends_with("std") && x <= 0.0 {
                format!("{x:?}, which is no deviation")
            } else if least.as_ref().is_some_and(|least| least[position] > x) {
                format!("{x:?}, which is less than the least value")
            } else {
                continue;
            };
            let (path, name) = (path.to_path_buf(), format!("{prefix}.{at}"));
            return Err(RuntimeError::BadElement {
                path,
                name,
                position,
                reason,
            });
        }
    }
    Ok(())
}

/// Where the encoder that a learning encoder is applied to keeps what it learns.
pub(super) fn inside(at: &str) -> String {
    format!("{at}of.")
}

/// Where an element of a list keeps what it learns.
pub(super) fn element(at: &str, position: usize) -> String {
    format!("{at}{position}.")
}

fn learner_types(
    learner: Learner,
    of: &Encoder,
    schema: &Schema,
    at: &str,
    types: &mut BTreeMap<String, Type>,
) -> Result<(), RuntimeError> {
    let length = ty::typed(of, schema, Carrier::F64)?.length;
    for name in learner.names() {
        types.insert(format!("{at}{name}"), state_type(length));
    }
    state_types(of, schema, &inside(at), types)
}

fn state_type(length: Option<usize>) -> Type {
    match length {
        None => Type::scalar(Carrier::F64),
        Some(length) => Type::array(Carrier::F64, [length]),
    }
}

fn bounds(values: impl Iterator<Item = f64>) -> [f64; 2] {
    values.fold([f64::INFINITY, f64::NEG_INFINITY], |[min, max], x| {
        [min.min(x), max.max(x)]
    })
}

fn moments(values: impl Iterator<Item = f64> + Clone) -> [f64; 2] {
    let [min, max] = bounds(values.clone());
    // Rounding would give a constant column a tiny deviation, and noise of size one after division.
    if min == max {
        return [min, 1.0];
    }
    let count = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / count;
    let variance = values.map(|x| (x - mean) * (x - mean)).sum::<f64>() / count;
    // Distances so small that their squares vanish.
    let std = if variance == 0.0 {
        1.0
    } else {
        variance.sqrt()
    };
    [mean, std]
}
