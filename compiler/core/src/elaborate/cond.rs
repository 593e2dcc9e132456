//! Conditionals: arms that become regions with captures, of which one runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use lentil_diag::{Diagnostic, Span};
use lentil_unary::{Builder, Op, Slot, Type};

use super::Elaborator;
use super::region::field;
use crate::frame::Finished;
use crate::size::Size;
use crate::ty::{Kind, Ty};
use crate::value::{At, Value};

/// Where the parts of a conditional are written.
pub(crate) struct Places {
    pub(crate) whole: Span,
    pub(crate) condition: Span,
    pub(crate) then: Span,
    pub(crate) otherwise: Span,
}

impl Elaborator<'_> {
    /// A conditional that computes one arm only.
    pub(crate) fn cond(
        &mut self,
        condition: Value,
        places: &Places,
        then: &mut dyn FnMut(&mut Self) -> Value,
        otherwise: &mut dyn FnMut(&mut Self) -> Value,
    ) -> Value {
        let condition = match condition {
            Value::Error => return Value::Error,
            Value::Array(a) if a.kind == Kind::Bool && a.shape.is_empty() => a,
            other => {
                let title = "a condition is a single `Bool`";
                let label = format!("this is {}", other.describe());
                return self.error(
                    Diagnostic::error("E0311", title, places.condition, label).hint(
                        "to decide element by element, put the `if` into a `fn` over scalars",
                    ),
                );
            }
        };
        self.guarded += 1;
        let (a, b) = if self.lowering() {
            self.dry(|e| (then(e), otherwise(e)))
        } else {
            (then(self), otherwise(self))
        };
        self.guarded -= 1;
        if a.is_error() || b.is_error() {
            // What was said in a dry run is lost, so it is said again.
            if self.lowering() {
                self.guarded += 1;
                self.frames.open(&[]);
                then(self);
                otherwise(self);
                self.frames.close(&[]);
                self.guarded -= 1;
            }
            return Value::Error;
        }
        let Some(ty) = self.common_type(&a, &b) else {
            let title = "the arms of this `if` have different types";
            let label = format!("one is {}, the other {}", a.describe(), b.describe());
            return self.error(Diagnostic::error("E0302", title, places.whole, label));
        };
        if !self.lowering() {
            let a = self.coerce(a, &ty, places.then);
            let b = self.coerce(b, &ty, places.otherwise);
            return if a.is_error() || b.is_error() {
                Value::Error
            } else {
                self.unknown(&ty)
            };
        }
        self.guarded += 1;
        let then = self.arm(&ty, places.then, then);
        let otherwise = self.arm(&ty, places.otherwise, otherwise);
        self.guarded -= 1;
        let (Some(then), Some(otherwise)) = (then, otherwise) else {
            return Value::Error;
        };
        let mut captures: Vec<At> = Vec::new();
        let mut places: BTreeMap<At, usize> = BTreeMap::new();
        for &c in then.captures.iter().chain(&otherwise.captures) {
            places.entry(c).or_insert_with(|| {
                captures.push(c);
                captures.len() - 1
            });
        }
        let types: Vec<Type> = captures.iter().map(|&c| self.frames.ty(c)).collect();
        let closed = |arm: &Finished| {
            let mut b = Builder::new(types.clone());
            let args: Vec<Slot> = arm.captures.iter().map(|c| b.param(places[c])).collect();
            let results = b.inline(&arm.region, &args);
            Arc::new(b.finish(results))
        };
        let op = Op::Cond {
            then: closed(&then),
            otherwise: closed(&otherwise),
        };
        let Some(at) = condition.at else {
            return Value::Error;
        };
        let results = self.frames.emit(op, &[vec![at], captures].concat());
        self.value_of(&ty, &mut results.into_iter())
    }

    fn arm(
        &mut self,
        ty: &Ty,
        span: Span,
        body: &mut dyn FnMut(&mut Self) -> Value,
    ) -> Option<Finished> {
        self.frames.open(&[]);
        let value = body(self);
        let value = self.coerce(value, ty, span);
        let good = !value.is_error();
        let results = if good {
            self.leaves(&value)
        } else {
            Vec::new()
        };
        let finished = self.frames.close(&results);
        good.then_some(finished)
    }

    /// The type that both values have or can take.
    fn common_type(&mut self, a: &Value, b: &Value) -> Option<Ty> {
        match (a, b) {
            (Value::Const(x), Value::Const(y)) => {
                let kind = if x.is_integral() && y.is_integral() {
                    Kind::Int
                } else {
                    Kind::Real
                };
                let shape = x.shape().or_else(|| y.shape())?;
                let sizes = shape.iter().map(|&n| Size::constant(n as i128)).collect();
                Some(Ty::Array(kind, sizes))
            }
            (Value::Const(_), other) | (other, Value::Const(_)) => other.ty(),
            (Value::Tuple(x), Value::Tuple(y)) if x.len() == y.len() => {
                let parts: Option<Vec<Ty>> = x
                    .iter()
                    .zip(y)
                    .map(|(a, b)| self.common_type(a, b))
                    .collect();
                Some(Ty::Tuple(parts?))
            }
            (Value::Record(x), Value::Record(_)) => {
                let parts: Option<Vec<_>> = x
                    .iter()
                    .map(|(n, v)| {
                        let other = field(b, n)?;
                        Some((n.clone(), self.common_type(v, other)?))
                    })
                    .collect();
                Some(Ty::Record(parts?))
            }
            _ => {
                let (a, b) = (a.ty()?, b.ty()?);
                self.same_type(&a, &b).then_some(a)
            }
        }
    }
}
