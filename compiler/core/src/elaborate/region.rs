//! Loops and conditionals: bodies that become regions with captures.

use std::sync::Arc;

use lentil_diag::{Diagnostic, Span};
use lentil_unary::{Builder, Ends, Loop, Op, Region, Type};

use super::Elaborator;
use crate::frame::Finished;
use crate::size::Size;
use crate::ty::{Kind, Ty};
use crate::value::{Arr, At, Value};

impl Elaborator<'_> {
    /// `n` iterations, or as many as the first of the states says. `xs` is a product of arrays with leading size `n`, `init` the initial state;
    /// the body maps the iteration number, the elements and the state to the next state and an
    /// output. Returns the last state and the stacked outputs.
    pub(crate) fn loop_over(
        &mut self,
        (n, ends): (&Size, Ends),
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
            let (mut x, s) = (self.unknown(&element_ty), self.unknown(&state_ty));
            range_as(&mut x, xs);
            self.loops.push(index(None));
            let (state, out) = body(self, index(None), x, s);
            self.loops.pop();
            let state = self.coerce(state, &state_ty, span);
            let out = self.settle(out, span);
            if state.is_error() || out.is_error() {
                return failed;
            }
            return match self.element_type(&out, span) {
                Some(ty) => (state, self.unknown(&stacked(&ty, n))),
                None => failed,
            };
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
        let mut x = self.value_of(&element_ty, &mut params);
        range_as(&mut x, xs);
        let s = self.value_of(&state_ty, &mut params);
        self.loops.push(i.clone());
        let (state, out) = body(self, i, x, s);
        self.loops.pop();
        let state = self.coerce(state, &state_ty, span);
        let out = self.settle(out, span);
        let out_ty = self.element_type(&out, span);
        let good = !state.is_error() && out_ty.is_some();
        let results = if good {
            [self.leaves(&state), self.leaves(&out)].concat()
        } else {
            Vec::new()
        };
        let Finished {
            region, captures, ..
        } = self.frames.close(&results);
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
            ends,
            consts: captures.len(),
            xs: x_types.len(),
            states: s_types.len(),
            body,
        };
        // Of which nothing comes out.
        if results.is_empty() {
            return (init, out);
        }
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
        let (_, out) = self.loop_over((n, Ends::Counted), xs, Value::unit(), span, |e, i, x, _| {
            (Value::unit(), body(e, i, x))
        });
        out
    }

    /// The type of what a loop makes in each iteration: numbers, which can be stacked.
    fn element_type(&mut self, out: &Value, span: Span) -> Option<Ty> {
        let ty = out.ty().filter(is_stackable);
        if ty.is_none() && !out.is_error() {
            let title = "an array holds numbers";
            let label = format!("an element would be {}", out.describe());
            self.error(Diagnostic::error("E0312", title, span, label));
        }
        ty
    }

    /// Runs a body as a region of its own, closed but for captures that become its last parameters.
    pub(crate) fn closed_region(
        &mut self,
        args: &Ty,
        body: impl FnOnce(&mut Self, Value) -> Value,
    ) -> Option<(Finished, Ty)> {
        let (finished, value) = self.region_of(args, body);
        if value.is_error() {
            return None;
        }
        Some((finished, value.ty()?))
    }

    /// The same with the body's value, whose arrays are the region's results.
    pub(crate) fn region_of(
        &mut self,
        args: &Ty,
        body: impl FnOnce(&mut Self, Value) -> Value,
    ) -> (Finished, Value) {
        let types = self.leaf_types(args);
        let params = self.frames.open(&types);
        let value = self.value_of(args, &mut params.into_iter());
        let out = body(self, value);
        let results = match out.is_error() {
            true => Vec::new(),
            false => self.leaves(&out),
        };
        (self.frames.close(&results), out)
    }
}

/// What is known of the whole numbers in arrays is known of their elements.
fn range_as(element: &mut Value, whole: &Value) {
    match (element, whole) {
        (Value::Array(x), Value::Array(xs)) => x.range = xs.range.clone(),
        (Value::Tuple(x), Value::Tuple(xs)) => {
            x.iter_mut().zip(xs).for_each(|(x, xs)| range_as(x, xs));
        }
        (Value::Record(x), Value::Record(xs)) => {
            let fields = std::mem::replace(x, Vec::new().into());
            let pairs = fields.into_iter().zip(xs).map(|((name, mut x), (_, xs))| {
                range_as(&mut x, xs);
                (name, x)
            });
            *x = pairs.collect();
        }
        _ => {}
    }
}

/// A record's field.
pub(crate) fn field<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Record(fields) => fields.get(name),
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
    under_axes(ty, std::slice::from_ref(n))
}

/// The type whose arrays have these axes before their own.
pub(crate) fn under_axes(ty: &Ty, axes: &[Size]) -> Ty {
    match ty {
        Ty::Array(kind, shape) => Ty::Array(kind.clone(), [axes, shape].concat()),
        Ty::Tuple(parts) => Ty::Tuple(parts.iter().map(|t| under_axes(t, axes)).collect()),
        Ty::Record(fields) => Ty::Record(
            fields
                .iter()
                .map(|(name, t)| (name.clone(), under_axes(t, axes)))
                .collect(),
        ),
        Ty::Key | Ty::Arrow(..) | Ty::Space(_) => ty.clone(),
    }
}

/// Whether values of a type can be the elements of arrays.
pub(crate) fn is_stackable(ty: &Ty) -> bool {
    match ty {
        Ty::Array(..) => true,
        Ty::Tuple(parts) => parts.iter().all(is_stackable),
        Ty::Record(fields) => fields.iter().all(|(_, t)| is_stackable(t)),
        Ty::Key | Ty::Arrow(..) | Ty::Space(_) => false,
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
