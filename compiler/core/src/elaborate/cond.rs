//! Conditionals: arms that become regions with captures, of which one runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use lentil_diag::{Diagnostic, Span};
use lentil_unary::{Builder, Op, Slot, Type};

use super::Elaborator;
use super::region::field;
use super::wanted::{kind_of, named, part};
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

/// An arm, which is told what is wanted of it if that is known.
pub(crate) type Arm<'f> = &'f mut dyn FnMut(&mut Elaborator<'_>, Option<&Ty>) -> Value;

impl Elaborator<'_> {
    /// A conditional that computes one arm only; `answer` is what sizes say, if they decide it.
    pub(crate) fn cond(
        &mut self,
        condition: Value,
        places: &Places,
        wanted: Option<Ty>,
        answer: Option<bool>,
        then: Arm<'_>,
        otherwise: Arm<'_>,
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
        let mut wanted = wanted;
        let mut both = |e: &mut Self, wanted: Option<&Ty>| {
            e.guarded += 1;
            let arms = match e.lowering() {
                true => e.dry(|e| (then(e, wanted), otherwise(e, wanted))),
                false => (then(e, wanted), otherwise(e, wanted)),
            };
            e.guarded -= 1;
            arms
        };
        let (mut a, mut b) = both(self, wanted.as_ref());
        if wanted.is_none()
            && let Some(kind) = other_kind(&a, &b)
        {
            // Numbers of one arm may have settled before the other one's carrier was seen.
            wanted = Some(Ty::scalar(kind));
            (a, b) = both(self, wanted.as_ref());
        }
        // Sizes of the arm that is not taken need not make sense.
        match answer.filter(|_| !self.checking()) {
            Some(true) if b.is_error() => b = a.clone(),
            Some(false) if a.is_error() => a = b.clone(),
            _ => {}
        }
        if a.is_error() || b.is_error() {
            // What was said in a dry run is lost, so it is said again.
            if self.lowering() {
                self.guarded += 1;
                self.frames.open(&[]);
                then(self, wanted.as_ref());
                otherwise(self, wanted.as_ref());
                self.frames.close(&[]);
                self.guarded -= 1;
            }
            return Value::Error;
        }
        let ty = match answer {
            Some(false) => self.common_type(&b, &a, wanted.as_ref()),
            _ => self.common_type(&a, &b, wanted.as_ref()),
        };
        let Some(ty) = ty else {
            let title = "the arms of this `if` have different types";
            let label = format!("one is {}, the other {}", a.describe(), b.describe());
            return self.error(Diagnostic::error("E0302", title, places.whole, label));
        };
        if !self.lowering() {
            let a = self.coerce(a, &ty, places.then);
            let b = self.coerce(b, &ty, places.otherwise);
            if a.is_error() || b.is_error() {
                return Value::Error;
            }
            let either = self.unknown(&ty);
            return match self.sizes_hold(&either, places.whole) {
                true => either,
                false => Value::Error,
            };
        }
        match answer {
            Some(true) => {
                let value = then(self, wanted.as_ref());
                return self.coerce(value, &ty, places.then);
            }
            Some(false) => {
                let value = otherwise(self, wanted.as_ref());
                return self.coerce(value, &ty, places.otherwise);
            }
            None => {}
        }
        self.guarded += 1;
        let then = self.arm(&ty, places.then, &mut |e| then(e, wanted.as_ref()));
        let otherwise = self.arm(&ty, places.otherwise, &mut |e| {
            otherwise(e, wanted.as_ref())
        });
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
    fn common_type(&mut self, a: &Value, b: &Value, wanted: Option<&Ty>) -> Option<Ty> {
        match (a, b) {
            (Value::Const(x), Value::Const(y)) => {
                let of = if x.is_integral() { y } else { x };
                let kind = kind_of(of, wanted);
                let shape = x.shape().or_else(|| y.shape())?;
                let sizes = shape.iter().map(|&n| Size::constant(n as i128)).collect();
                Some(Ty::Array(kind, sizes))
            }
            (Value::Const(_), other) | (other, Value::Const(_)) => other.ty(),
            (Value::Tuple(x), Value::Tuple(y)) if x.len() == y.len() => {
                let parts: Option<Vec<Ty>> = x
                    .iter()
                    .zip(y)
                    .enumerate()
                    .map(|(k, (a, b))| self.common_type(a, b, part(wanted, k)))
                    .collect();
                Some(Ty::Tuple(parts?))
            }
            (Value::Record(x), Value::Record(_)) => {
                let parts: Option<Vec<_>> = x
                    .iter()
                    .enumerate()
                    .map(|(k, (n, v))| {
                        let other = field(b, n)?;
                        let wanted = named(wanted, k, n);
                        Some((n.clone(), self.common_type(v, other, wanted)?))
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

/// The carrier of one arm, where the other one has whole numbers.
fn other_kind(a: &Value, b: &Value) -> Option<Kind> {
    match (a, b) {
        (Value::Array(x), Value::Array(y)) if x.kind != y.kind => match (&x.kind, &y.kind) {
            (Kind::Int, other) | (other, Kind::Int) => Some(other.clone()),
            _ => None,
        },
        _ => None,
    }
}
