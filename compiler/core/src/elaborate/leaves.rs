//! First-order values as lists of slots and back.

use lentil_unary::Type;

use super::Elaborator;
use crate::ty::Ty;
use crate::value::{Arr, At, Value};

impl Elaborator<'_> {
    /// The slots of a first-order value's leaves, in order. Only while lowering.
    pub(crate) fn leaves(&self, value: &Value) -> Vec<At> {
        let mut out = Vec::new();
        collect(value, &mut out);
        out
    }

    /// The types of unary form of a type's leaves. Only while lowering, when sizes are numbers.
    pub(crate) fn leaf_types(&self, ty: &Ty) -> Vec<Type> {
        ty.leaves(self.real()).unwrap_or_default()
    }

    /// A value of a type: its leaves are in these slots, or nowhere while checking.
    pub(crate) fn value_of(&self, ty: &Ty, slots: &mut impl Iterator<Item = At>) -> Value {
        match ty {
            Ty::Array(kind, shape) => Value::Array(Arr {
                kind: kind.clone(),
                shape: shape.clone(),
                at: slots.next(),
                range: None,
            }),
            Ty::Key => Value::Key(slots.next()),
            Ty::Tuple(parts) => {
                Value::Tuple(parts.iter().map(|t| self.value_of(t, slots)).collect())
            }
            Ty::Record(fields) => Value::Record(
                fields
                    .iter()
                    .map(|(n, t)| (n.clone(), self.value_of(t, slots)))
                    .collect(),
            ),
            Ty::Space(space) => Value::Space(space.clone()),
            Ty::Arrow(from, to) => Value::Func(std::sync::Arc::new(crate::value::Func::Declared(
                from.clone(),
                (**to).clone(),
            ))),
        }
    }

    /// A value with other slots for its arrays; what is no array stays.
    pub(crate) fn refilled(&self, value: &Value, slots: &mut impl Iterator<Item = At>) -> Value {
        match value {
            Value::Array(a) => Value::Array(Arr {
                at: slots.next(),
                range: None,
                ..a.clone()
            }),
            Value::Key(_) => Value::Key(slots.next()),
            Value::Tuple(parts) => {
                Value::Tuple(parts.iter().map(|v| self.refilled(v, slots)).collect())
            }
            Value::Record(fields) => Value::Record(
                fields
                    .iter()
                    .map(|(n, v)| (n.clone(), self.refilled(v, slots)))
                    .collect(),
            ),
            other => other.clone(),
        }
    }

    /// A value of a type about which nothing else is known (while checking).
    pub(crate) fn unknown(&self, ty: &Ty) -> Value {
        self.value_of(ty, &mut std::iter::empty())
    }

    /// A value with the slots of its differentiable leaves replaced, and the others made unit.
    pub(crate) fn changes_of(&self, ty: &Ty, slots: &mut impl Iterator<Item = At>) -> Value {
        self.value_of(&ty.changes(), slots)
    }
}

fn collect(value: &Value, out: &mut Vec<At>) {
    match value {
        Value::Array(a) => out.extend(a.at),
        Value::Key(at) => out.extend(at),
        Value::Tuple(parts) => parts.iter().for_each(|v| collect(v, out)),
        Value::Record(fields) => fields.iter().for_each(|(_, v)| collect(v, out)),
        Value::Const(_)
        | Value::Text(_)
        | Value::Space(..)
        | Value::Kind(_)
        | Value::Type(_)
        | Value::Func(_)
        | Value::Model(_)
        | Value::Optimizer(_)
        | Value::Phase(_)
        | Value::NoKey
        | Value::Error => {}
    }
}
