//! Loops and conditionals: bodies that become regions with captures.

use std::sync::Arc;

use lentil_diag::{Diagnostic, Span};
use lentil_unary::{Builder, Loop, Op, Region, Slot, Type};

use super::Elaborator;
use crate::frame::Finished;
use crate::size::Size;
use crate::ty::{Kind, Ty};
use crate::value::{Arr, At, Value};

impl Elaborator<'_> {
    /// `n` iterations. `xs` is a product of arrays with leading size `n`, `init` the initial state;
    /// the body maps the iteration number, the elements and the state to the next state and an
    /// output. Returns the last state and the stacked outputs.
    pub(crate) fn loop_over(
        &mut self,
        n: &Size,
        xs: &Value,
        init: Value,
        span: Span,
        body: impl FnOnce(&mut Self, Value, Value, Value) -> (Value, Value),
    ) -> (Value, Value) {
        let failed = (Value::Error, Value::Error);
        let (Some(xs_ty), Some(state_ty)) = (xs.ty(), init.ty()) else {
            return failed;
        };
        let Some(element_ty) = element(&xs_ty) else {
            return failed;
        };
        let top = n.sub(&Size::constant(1));
        let index = |at: Option<At>| {
            Value::Array(Arr {
                kind: Kind::Int,
                shape: Vec::new(),
                at,
                range: Some((Size::constant(0), top.clone())),
            })
        };
        if !self.lowering() {
            let (x, s) = (self.unknown(&element_ty), self.unknown(&state_ty));
            let (state, out) = body(self, index(None), x, s);
            let state = self.coerce(state, &state_ty, span);
            let out = self.settle(out, span);
            if state.is_error() || out.is_error() {
                return failed;
            }
            let Some(out_ty) = out.ty() else {
                return (self.no_functions(span), Value::Error);
            };
            return (state, self.unknown(&stacked(&out_ty, n)));
        }
        let (x_types, s_types) = (self.leaf_types(&element_ty), self.leaf_types(&state_ty));
        let explicit = [
            vec![Type::scalar(lentil_unary::Carrier::Int)],
            x_types.clone(),
            s_types.clone(),
        ]
        .concat();
        let mut params = self.frames.open(&explicit).into_iter();
        let i = index(params.next());
        let x = self.value_of(&element_ty, &mut params);
        let s = self.value_of(&state_ty, &mut params);
        let (state, out) = body(self, i, x, s);
        let state = self.coerce(state, &state_ty, span);
        let out = self.settle(out, span);
        let out_ty = if out.is_error() { None } else { out.ty() };
        let good = !state.is_error() && out_ty.is_some();
        let results = if good {
            [self.leaves(&state), self.leaves(&out)].concat()
        } else {
            Vec::new()
        };
        let Finished { region, captures } = self.frames.close(&results);
        let Some(out_ty) = out_ty.filter(|_| good) else {
            return failed;
        };
        let order = Order {
            xs: x_types.len(),
            states: s_types.len(),
            captures: captures.len(),
        };
        let body = Arc::new(order.captures_second(&region));
        let l = Loop {
            n: self.numbers(std::slice::from_ref(n))[0],
            backward: false,
            consts: captures.len(),
            xs: x_types.len(),
            states: s_types.len(),
            body,
        };
        let args = [captures, self.leaves(xs), self.leaves(&init)].concat();
        let mut results = self.frames.emit(Op::Loop(l), &args).into_iter();
        let state = self.value_of(&state_ty, &mut results);
        let out = self.value_of(&stacked(&out_ty, n), &mut results);
        (state, out)
    }

    /// A map: `n` independent iterations.
    pub(crate) fn map_over(
        &mut self,
        n: &Size,
        xs: &Value,
        span: Span,
        body: impl FnOnce(&mut Self, Value, Value) -> Value,
    ) -> Value {
        let (_, out) = self.loop_over(n, xs, Value::unit(), span, |e, i, x, _| {
            (Value::unit(), body(e, i, x))
        });
        out
    }

    /// A conditional that computes one arm only.
    pub(crate) fn cond(
        &mut self,
        condition: Value,
        span: Span,
        then: &mut dyn FnMut(&mut Self) -> Value,
        otherwise: &mut dyn FnMut(&mut Self) -> Value,
    ) -> Value {
        let condition =
            match condition {
                Value::Error => return Value::Error,
                Value::Array(a) if a.kind == Kind::Bool && a.shape.is_empty() => a,
                other => {
                    let title = "a condition is a single `Bool`";
                    let label = format!("this is {}", other.describe());
                    return self.error(Diagnostic::error("E0311", title, span, label).hint(
                        "to decide element by element, put the `if` into a `fn` over scalars",
                    ));
                }
            };
        let (a, b) = if self.lowering() {
            self.dry(|e| (then(e), otherwise(e)))
        } else {
            (then(self), otherwise(self))
        };
        if a.is_error() || b.is_error() {
            return Value::Error;
        }
        let Some(ty) = self.common_type(&a, &b) else {
            let title = "the arms of this `if` have different types";
            let label = format!("one is {}, the other {}", a.describe(), b.describe());
            return self.error(Diagnostic::error("E0302", title, span, label));
        };
        if !self.lowering() {
            let a = self.coerce(a, &ty, span);
            let b = self.coerce(b, &ty, span);
            return if a.is_error() || b.is_error() {
                Value::Error
            } else {
                self.unknown(&ty)
            };
        }
        let then = self.arm(&ty, span, then);
        let otherwise = self.arm(&ty, span, otherwise);
        let (Some(then), Some(otherwise)) = (then, otherwise) else {
            return Value::Error;
        };
        let mut captures = then.captures.clone();
        for &c in &otherwise.captures {
            if !captures.contains(&c) {
                captures.push(c);
            }
        }
        let types: Vec<Type> = captures.iter().map(|&c| self.frames.ty(c)).collect();
        let closed = |arm: &Finished| {
            let mut b = Builder::new(types.clone());
            let args: Vec<Slot> = arm
                .captures
                .iter()
                .map(|c| {
                    captures
                        .iter()
                        .position(|d| c == d)
                        .expect("a capture of an arm")
                })
                .map(|k| b.param(k))
                .collect();
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
            _ => a.ty().filter(|t| Some(t) == b.ty().as_ref()),
        }
    }

    fn no_functions(&mut self, span: Span) -> Value {
        let title = "a loop cannot make functions";
        let label = "its result is a function or a model";
        self.error(Diagnostic::error("E0312", title, span, label))
    }

    /// Runs a body as a region of its own, closed but for captures that become its last parameters.
    pub(crate) fn closed_region(
        &mut self,
        args: &Ty,
        body: impl FnOnce(&mut Self, Value) -> Value,
    ) -> Option<(Finished, Ty)> {
        let types = self.leaf_types(args);
        let params = self.frames.open(&types);
        let value = self.value_of(args, &mut params.into_iter());
        let out = body(self, value);
        let ty = if out.is_error() { None } else { out.ty() };
        let results = if ty.is_some() {
            self.leaves(&out)
        } else {
            Vec::new()
        };
        let finished = self.frames.close(&results);
        Some((finished, ty?))
    }
}

/// A record's field.
pub(crate) fn field<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Record(fields) => fields.iter().find(|(n, _)| &**n == name).map(|(_, v)| v),
        _ => None,
    }
}

/// The type of one element along the leading axis of every leaf.
pub(crate) fn element(ty: &Ty) -> Option<Ty> {
    match ty {
        Ty::Array(kind, shape) => Some(Ty::Array(kind.clone(), shape.get(1..)?.to_vec())),
        Ty::Tuple(parts) => Some(Ty::Tuple(parts.iter().map(element).collect::<Option<_>>()?)),
        Ty::Record(fields) => {
            let fields: Option<Vec<_>> = fields
                .iter()
                .map(|(n, t)| Some((n.clone(), element(t)?)))
                .collect();
            Some(Ty::Record(fields?))
        }
        Ty::Key | Ty::Arrow(..) | Ty::Space(..) => None,
    }
}

/// The type of `n` stacked values, leaf by leaf.
pub(crate) fn stacked(ty: &Ty, n: &Size) -> Ty {
    match ty {
        Ty::Array(kind, shape) => {
            Ty::Array(kind.clone(), [std::slice::from_ref(n), shape].concat())
        }
        Ty::Key => Ty::Array(Kind::Int, vec![n.clone(), Size::constant(2)]),
        Ty::Tuple(parts) => Ty::Tuple(parts.iter().map(|t| stacked(t, n)).collect()),
        Ty::Record(fields) => Ty::Record(
            fields
                .iter()
                .map(|(name, t)| (name.clone(), stacked(t, n)))
                .collect(),
        ),
        Ty::Arrow(..) | Ty::Space(..) => ty.clone(),
    }
}

struct Order {
    xs: usize,
    states: usize,
    captures: usize,
}

impl Order {
    /// From parameters `i, xs, states, captures` to the order of a loop: `i, captures, xs, states`.
    fn captures_second(&self, region: &Region) -> Region {
        let inner = self.xs + self.states;
        let p = region.params();
        let params = [&p[..1], &p[1 + inner..], &p[1..1 + inner]].concat();
        let mut b = Builder::new(params);
        let slots = b.param_slots();
        let captured = &slots[1..1 + self.captures];
        let args = [&slots[..1], &slots[1 + self.captures..], captured].concat();
        let results = b.inline(region, &args);
        b.finish(results)
    }
}
