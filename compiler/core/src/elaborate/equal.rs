//! Equality of whole products: one `Bool`, whether all their parts are equal.
//!
//! Arrays are compared element by element, as everything is done to them. A product has no elements, so
//! it is equal to another or it is not; a number beside it is compared with every number in it.
//!
//! A parameter space may be either, so `==` of two of its points is one `Bool` or many. That is good
//! enough for a test or a law, which asks whether all of it holds; elsewhere `equal` is one `Bool` always.

use lentil_diag::{Diagnostic, Span};
use lentil_unary::{BinaryOp, CompareOp, UnaryOp};

use super::Elaborator;
use super::builtin::Call;
use super::product::{in_pairs, same_names};
use crate::ty::Kind;
use crate::value::{Arr, Value};

/// In which sense two values are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sense {
    /// `==`
    Equal,
    /// `!=`
    Different,
    /// `~=`
    Close,
}

impl Elaborator<'_> {
    /// `a == b`, `a != b` or `a ~= b`.
    pub(crate) fn equality(&mut self, sense: Sense, a: Value, b: Value, span: Span) -> Value {
        if !is_product(&a) && !is_product(&b) {
            return self.leaves_equal(sense, a, b, span);
        }
        if matches!((&a, &b), (Value::Space(_), _) | (_, Value::Space(_))) {
            let equal = self.parts_equal(sense, a, b, span);
            return match (equal, self.in_claim) {
                (Value::Error, _) => Value::Error,
                (truth, true) if sense != Sense::Different => Value::Tuple(vec![truth]),
                _ => self.open_equality(sense, span),
            };
        }
        // Products are different if they are not equal.
        let of_parts = match sense {
            Sense::Close => Sense::Close,
            Sense::Equal | Sense::Different => Sense::Equal,
        };
        let equal = self.parts_equal(of_parts, a, b, span);
        match sense {
            Sense::Different => self.unary(UnaryOp::Not, equal, span),
            Sense::Equal | Sense::Close => equal,
        }
    }

    /// `equal(a, b)`: one `Bool`, of whatever they are.
    pub(crate) fn equal(&mut self, mut c: Call<'_>) -> Value {
        let (b, a) = (c.pop(), c.pop());
        self.parts_equal(Sense::Equal, a, b, c.at.span)
    }

    fn open_equality(&mut self, sense: Sense, span: Span) -> Value {
        let title = "points of a parameter space are compared as a whole";
        let label = "a point may be an array, which is compared element by element";
        let hint = match sense {
            Sense::Equal => "`equal(p, q)` is one `Bool`",
            Sense::Different => "`not equal(p, q)` is one `Bool`",
            Sense::Close => "ask how far they are from each other: `norm(p - q) < 1e-6`",
        };
        self.error(Diagnostic::error("E0314", title, span, label).hint(hint))
    }

    fn leaves_equal(&mut self, sense: Sense, a: Value, b: Value, span: Span) -> Value {
        match sense {
            Sense::Equal => self.compare(CompareOp::Eq, a, b, span),
            Sense::Different => self.compare(CompareOp::Ne, a, b, span),
            Sense::Close => self.approx(a, b, span),
        }
    }

    /// Whether all parts are equal.
    fn parts_equal(&mut self, sense: Sense, a: Value, b: Value, span: Span) -> Value {
        let pairs: Vec<(Value, Value)> = match (a, b) {
            (Value::Tuple(x), Value::Tuple(y)) if x.len() == y.len() => {
                x.into_iter().zip(y).collect()
            }
            (Value::Record(x), Value::Record(y)) if same_names(&x, &y) => {
                in_pairs(x, &y).map(|(_, a, b)| (a, b)).collect()
            }
            (Value::Tuple(x), b) if !is_product(&b) => {
                x.into_iter().map(|a| (a, b.clone())).collect()
            }
            (Value::Record(x), b) if !is_product(&b) => {
                x.into_iter().map(|(_, a)| (a, b.clone())).collect()
            }
            (a, Value::Tuple(y)) if !is_product(&a) => {
                y.into_iter().map(|b| (a.clone(), b)).collect()
            }
            (a, Value::Record(y)) if !is_product(&a) => {
                y.into_iter().map(|(_, b)| (a.clone(), b)).collect()
            }
            (Value::Space(space), Value::Space(other)) if space == other => {
                return self.some_truth();
            }
            (a, b) if is_product(&a) || is_product(&b) => {
                return self.products_of_numbers(sense, a, b, span);
            }
            (a, b) => {
                let equal = self.leaves_equal(sense, a, b, span);
                return match equal {
                    Value::Error => Value::Error,
                    equal => self.truth(equal),
                };
            }
        };
        let mut all = Value::Array(self.literal(&Kind::Bool, 1));
        for (a, b) in pairs {
            let equal = self.parts_equal(sense, a, b, span);
            all = self.binary(BinaryOp::And, all, equal, span);
        }
        all
    }

    /// A whole space beside a number; all else does not go together.
    fn products_of_numbers(&mut self, sense: Sense, a: Value, b: Value, span: Span) -> Value {
        // Each number of the space meets the other one; what comes out must be one of the space again.
        let met = self.zip(a, b, span, &mut |e, a, b| match e.leaves_equal(
            sense,
            a.clone(),
            b.clone(),
            span,
        ) {
            Value::Error => Value::Error,
            _ if matches!(a, Value::Array(_)) => a,
            _ => b,
        });
        match met {
            Value::Error => Value::Error,
            _ => self.some_truth(),
        }
    }

    /// A `Bool` of which nothing is known: spaces stand for their values while a definition is checked.
    fn some_truth(&self) -> Value {
        Value::Array(Arr {
            kind: Kind::Bool,
            shape: Vec::new(),
            at: None,
            range: None,
        })
    }
}

fn is_product(value: &Value) -> bool {
    matches!(value, Value::Tuple(_) | Value::Record(_) | Value::Space(_))
}
