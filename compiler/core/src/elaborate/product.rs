//! Pointwise application to whole products, and operands brought to one shape.

use crate::elaborate::Elaborator;
use crate::ty::{Kind, SpaceVar};
use crate::value::{Arr, Const, Fields, Value};
use lentil_diag::{Diagnostic, Span};
use std::sync::Arc;

impl Elaborator<'_> {
    /// Applies to every array of a product.
    pub(crate) fn map_value(
        &mut self,
        a: Value,
        span: Span,
        f: &mut dyn FnMut(&mut Self, Arr) -> Value,
    ) -> Value {
        match a {
            Value::Array(a) => f(self, a),
            Value::Const(c) => {
                let kind = Self::default_kind(&c);
                match self.constant(&c, &kind, None, span) {
                    Value::Array(a) => f(self, a),
                    other => other,
                }
            }
            Value::Tuple(parts) => Value::Tuple(
                parts
                    .into_iter()
                    .map(|v| self.map_value(v, span, f))
                    .collect(),
            ),
            Value::Record(fields) => Value::Record(
                fields
                    .into_iter()
                    .map(|(n, v)| (n, self.map_value(v, span, f)))
                    .collect(),
            ),
            Value::Space(space) => {
                let value = f(self, probe(&space));
                self.space_of(value, space, span)
            }
            Value::Error => Value::Error,
            other => self.not_numeric(&other, span),
        }
    }

    /// What a pointwise operation makes of a parameter space, from what it made of one element.
    fn space_of(&mut self, value: Value, space: SpaceVar, span: Span) -> Value {
        match value {
            Value::Error => Value::Error,
            Value::Array(a) if a.kind == space.kind() && a.shape.is_empty() => Value::Space(space),
            other => {
                let title = "this leaves the parameter space";
                let label = format!(
                    "it makes each number of `{}` {}",
                    space.name,
                    other.describe()
                );
                self.error(Diagnostic::error("E0302", title, span, label))
            }
        }
    }

    /// Applies to the arrays of two products side by side; a scalar meets every array.
    pub(crate) fn zip(
        &mut self,
        a: Value,
        b: Value,
        span: Span,
        f: &mut dyn FnMut(&mut Self, Value, Value) -> Value,
    ) -> Value {
        match (a, b) {
            (Value::Error, _) | (_, Value::Error) => Value::Error,
            (a @ (Value::Array(_) | Value::Const(_)), b @ (Value::Array(_) | Value::Const(_))) => {
                f(self, a, b)
            }
            (Value::Tuple(x), Value::Tuple(y)) if x.len() == y.len() => Value::Tuple(
                x.into_iter()
                    .zip(y)
                    .map(|(a, b)| self.zip(a, b, span, f))
                    .collect(),
            ),
            (Value::Record(x), Value::Record(y)) if same_names(&x, &y) => Value::Record(
                in_pairs(x, &y)
                    .map(|(n, a, b)| (n, self.zip(a, b, span, f)))
                    .collect(),
            ),
            (Value::Space(space), Value::Space(other)) if space == other => {
                let element = Value::Array(probe(&space));
                let value = f(self, element.clone(), element);
                self.space_of(value, space, span)
            }
            (Value::Space(space), scalar) if is_scalar(&scalar) => {
                let value = f(self, Value::Array(probe(&space)), scalar);
                self.space_of(value, space, span)
            }
            (scalar, Value::Space(space)) if is_scalar(&scalar) => {
                let value = f(self, scalar, Value::Array(probe(&space)));
                self.space_of(value, space, span)
            }
            (Value::Tuple(x), scalar) if is_scalar(&scalar) => Value::Tuple(
                x.into_iter()
                    .map(|a| self.zip(a, scalar.clone(), span, f))
                    .collect(),
            ),
            (scalar, Value::Tuple(y)) if is_scalar(&scalar) => Value::Tuple(
                y.into_iter()
                    .map(|b| self.zip(scalar.clone(), b, span, f))
                    .collect(),
            ),
            (Value::Record(x), scalar) if is_scalar(&scalar) => Value::Record(
                x.into_iter()
                    .map(|(n, a)| (n, self.zip(a, scalar.clone(), span, f)))
                    .collect(),
            ),
            (scalar, Value::Record(y)) if is_scalar(&scalar) => Value::Record(
                y.into_iter()
                    .map(|(n, b)| (n, self.zip(scalar.clone(), b, span, f)))
                    .collect(),
            ),
            (a, b) => {
                let title = "these do not go together";
                let label = format!(
                    "the left is {}, the right is {}",
                    a.describe(),
                    b.describe()
                );
                self.error(Diagnostic::error("E0302", title, span, label))
            }
        }
    }

    /// Two operands as arrays of one carrier and one shape; a scalar stretches.
    pub(crate) fn same_shape(&mut self, a: Value, b: Value, span: Span) -> Option<(Arr, Arr)> {
        let (a, b) = match (a, b) {
            (Value::Array(a), Value::Array(b)) => (a, b),
            (Value::Array(a), Value::Const(c)) => {
                let b = self.beside(&c, &a, span)?;
                (a, b)
            }
            (Value::Const(c), Value::Array(b)) => {
                let a = self.beside(&c, &b, span)?;
                (a, b)
            }
            (Value::Const(x), Value::Const(y)) => {
                let integral = x.is_integral() && y.is_integral();
                let kind = if integral { Kind::Int } else { Kind::Real };
                let Value::Array(a) = self.constant(&x, &kind, None, span) else {
                    return None;
                };
                let Value::Array(b) = self.constant(&y, &kind, None, span) else {
                    return None;
                };
                (a, b)
            }
            _ => return None,
        };
        if a.kind != b.kind {
            let title = "these are of different carriers";
            let label = format!("the left is `{}`, the right is `{}`", a.ty(), b.ty());
            let mut d = Diagnostic::error("E0302", title, span, label);
            if [&a.kind, &b.kind].contains(&&Kind::Int) {
                d = d.hint("`real(x)` makes a whole number a `Real`");
            }
            self.error(d);
            return None;
        }
        match (a.shape.is_empty(), b.shape.is_empty()) {
            (true, false) => Some((self.stretch(&a, &b.shape.clone()), b)),
            (false, true) => {
                let b = self.stretch(&b, &a.shape.clone());
                Some((a, b))
            }
            _ if self.same_sizes(&a.shape, &b.shape) => Some((a, b)),
            _ => {
                let title = "these have different sizes";
                let label = format!("the left is `{}`, the right is `{}`", a.ty(), b.ty());
                self.error(
                    Diagnostic::error("E0310", title, span, label)
                        .hint("only a scalar stretches; a comprehension says which axis repeats"),
                );
                None
            }
        }
    }

    pub(crate) fn beside(&mut self, c: &Const, other: &Arr, span: Span) -> Option<Arr> {
        let kind = other.kind.clone();
        let shape = other.shape.clone();
        match self.constant(c, &kind, Some(&shape), span) {
            Value::Array(a) => Some(a),
            _ => None,
        }
    }

    pub(crate) fn not_numeric(&mut self, value: &Value, span: Span) -> Value {
        if value.is_error() {
            return Value::Error;
        }
        let title = "a value is expected here";
        let label = format!("this is {}", value.describe());
        self.error(Diagnostic::error("E0302", title, span, label))
    }
}

/// What a parameter space offers is what one number of its carrier offers.
fn probe(space: &SpaceVar) -> Arr {
    Arr {
        kind: space.kind(),
        shape: Vec::new(),
        at: None,
        range: None,
    }
}

fn is_scalar(value: &Value) -> bool {
    match value {
        Value::Array(a) => a.shape.is_empty(),
        Value::Const(c) => c.shape().is_none_or(|s| s.is_empty()),
        _ => false,
    }
}

/// Whether two records have the same fields, in whatever order they are written.
pub(crate) fn same_names(x: &Fields, y: &Fields) -> bool {
    x.len() == y.len() && x.iter().all(|(name, _)| y.get(name).is_some())
}

/// The fields of two such records side by side, in the order of the first.
pub(crate) fn in_pairs(x: Fields, y: &Fields) -> impl Iterator<Item = (Arc<str>, Value, Value)> {
    x.into_iter().map(move |(name, a)| {
        let b = y.get(&name).cloned().unwrap_or(Value::Error);
        (name, a, b)
    })
}
