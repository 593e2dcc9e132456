//! Lenses as compile-time values, and their composition.
//!
//! A lens (A, A') -> (B, B') is a `get: A -> B` and a `put: A × B' -> A'`.
//! Every map is one: its `put` is its reverse derivative.
//! Source: Cruttwell et al., *Categorical Foundations of Gradient-Based Learning* (arXiv 2103.01931), on lenses.

use std::rc::Rc;

use lentil_diag::Span;

use super::Elaborator;
use crate::value::Value;

type Get<'f> = Rc<dyn Fn(&mut Elaborator<'_>, Vec<Value>) -> Value + 'f>;
type Put<'f> = Rc<dyn Fn(&mut Elaborator<'_>, Vec<Value>, Value) -> Vec<Value> + 'f>;

/// A lens from a list of values to one value.
#[derive(Clone)]
pub(crate) struct Lens<'f> {
    get: Get<'f>,
    put: Put<'f>,
}

impl<'f> Lens<'f> {
    /// A map of `n` arguments with its reverse derivative: R is a functor into lenses.
    pub(crate) fn reverse(
        n: usize,
        span: Span,
        map: impl Fn(&mut Elaborator<'_>, Vec<Value>) -> Value + 'f,
    ) -> Lens<'f> {
        let get: Get<'f> = Rc::new(map);
        let inner = get.clone();
        let put: Put<'f> = Rc::new(move |e, xs, dy| {
            let inner = inner.clone();
            match e.reverse_of(xs, &span.into(), dy, &mut |e, xs| inner(e, xs)) {
                Value::Tuple(parts) if n != 1 && parts.len() == n => parts,
                Value::Error => vec![Value::Error; n],
                one => vec![one],
            }
        });
        Lens { get, put }
    }

    /// The forward half.
    pub(crate) fn get(&self, e: &mut Elaborator<'_>, xs: Vec<Value>) -> Value {
        (self.get)(e, xs)
    }

    /// The backward half: cotangents of the arguments from the cotangent of the result.
    pub(crate) fn put(&self, e: &mut Elaborator<'_>, xs: Vec<Value>, dy: Value) -> Vec<Value> {
        (self.put)(e, xs, dy)
    }

    /// `self >> next` in Para: `next` takes the result first, then arguments of its own
    /// (the loss takes a target). All arguments of `self` come first.
    ///
    /// ```text
    ///  xs ──► self ──► y ──► next ──► z          dxs ◄── self.put ◄── dy ◄── next.put ◄── dz
    ///  more ─────────────────┘                   dmore ◄────────────────────┘
    /// ```
    pub(crate) fn then(self, arity: usize, next: Lens<'f>) -> Lens<'f> {
        let (first, second) = (self.clone(), next.clone());
        let get: Get<'f> = Rc::new(move |e, mut xs| {
            let more = xs.split_off(arity);
            let y = first.get(e, xs);
            second.get(e, [vec![y], more].concat())
        });
        let put: Put<'f> = Rc::new(move |e, mut xs, dz| {
            let more = xs.split_off(arity);
            let y = self.get(e, xs.clone());
            let mut back = next.put(e, [vec![y], more].concat(), dz).into_iter();
            let dy = back.next().unwrap_or(Value::Error);
            let mut out = self.put(e, xs, dy);
            out.extend(back);
            out
        });
        Lens { get, put }
    }
}

impl Elaborator<'_> {
    /// The mean of a vector of losses: an explicit lens whose `put` is division by the batch size.
    pub(crate) fn mean(&mut self, losses: Value, n: usize, span: Span) -> Value {
        let Value::Array(a) = losses else {
            return Value::Error;
        };
        let total = self.array(
            a.kind.clone(),
            Vec::new(),
            |_| lentil_unary::Prim::Reduce {
                fold: lentil_unary::Fold::Sum,
                axes: vec![0],
            },
            &[&a],
        );
        let share = Value::Const(crate::value::Const::Real(1.0 / n as f64));
        self.binary(
            lentil_unary::BinaryOp::Mul,
            Value::Array(total),
            share,
            span,
        )
    }
}
