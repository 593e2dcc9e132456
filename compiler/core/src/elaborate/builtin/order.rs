//! Sorting: indices in the order of the elements, and the elements in that order.

use crate::elaborate::Elaborator;
use crate::elaborate::arith::Needs;
use crate::elaborate::builtin::Call;
use crate::size::Size;
use crate::ty::Kind;
use crate::value::{Arr, Value};
use lentil_unary::Prim;

impl Elaborator<'_> {
    pub(crate) fn argsort(&mut self, mut c: Call<'_>) -> Value {
        let x = c.pop();
        match self.array_and_axis(&c, x) {
            Some((a, axis)) => match self.order(&a, axis, false, &c) {
                Some(order) => Value::Array(order),
                None => Value::Error,
            },
            None => Value::Error,
        }
    }

    pub(crate) fn sort(&mut self, mut c: Call<'_>) -> Value {
        let x = c.pop();
        let Some((a, axis)) = self.array_and_axis(&c, x) else {
            return Value::Error;
        };
        match self.order(&a, axis, false, &c) {
            Some(order) => Value::Array(self.read_along(&a, axis, order, &c)),
            None => Value::Error,
        }
    }

    /// `top_k[k](x)` along the leading axis, `top_k[k, axis](x)` along another.
    pub(crate) fn top_k(&mut self, mut c: Call<'_>) -> Value {
        let x = c.pop();
        let Some((k, axis)) = c.statics.split_first() else {
            self.one_size(&c);
            return Value::Error;
        };
        let statics = std::slice::from_ref(k);
        let Some(k) = self.one_size(&Call {
            statics,
            ..c.clone()
        }) else {
            return Value::Error;
        };
        let c = Call { statics: axis, ..c };
        let Some((a, axis)) = self.array_and_axis(&c, x) else {
            return Value::Error;
        };
        if !self.part_fits(&k, &a.shape[axis], &c) {
            return Value::Error;
        }
        let Some(order) = self.order(&a, axis, true, &c) else {
            return Value::Error;
        };
        let mut shape = a.shape.clone();
        shape[axis] = k;
        let len = shape.clone();
        let mut first = self.array(
            Kind::Int,
            shape.clone(),
            |e| Prim::Slice {
                start: vec![0; len.len()],
                len: e.numbers(&len),
                step: vec![1; len.len()],
            },
            &[&order],
        );
        first.range = order.range;
        let values = self.read_along(&a, axis, first.clone(), &c);
        Value::Tuple(vec![Value::Array(values), Value::Array(first)])
    }

    /// The elements at indices along an axis; every other axis is read in its own order.
    fn read_along(&mut self, a: &Arr, axis: usize, order: Arr, c: &Call<'_>) -> Arr {
        let shape = order.shape.clone();
        let mut indices: Vec<Arr> = (0..shape.len()).map(|k| self.along(k, &shape)).collect();
        indices[axis] = order;
        let axes = indices.len();
        let site = self.site(c.at.span);
        let args: Vec<&Arr> = std::iter::once(a).chain(&indices).collect();
        let gather = |_: &mut Self| Prim::Gather { axes, site };
        let mut out = self.array(a.kind.clone(), shape, gather, &args);
        out.range = a.range.clone();
        out
    }

    /// The indices of the elements along an axis in their order.
    fn order(&mut self, a: &Arr, axis: usize, descending: bool, c: &Call<'_>) -> Option<Arr> {
        if !self.require(Needs::Order, &a.kind, c.at.arg(0)) {
            return None;
        }
        // The primitive sorts along the last axis.
        let rank = a.shape.len();
        let mut perm: Vec<usize> = (0..rank).collect();
        perm.swap(axis, rank - 1);
        let turned = self.transposed(a, &perm);
        let prim = Prim::ArgSort { descending };
        let order = self.array(Kind::Int, turned.shape.clone(), |_| prim, &[&turned]);
        let mut order = self.transposed(&order, &perm);
        let last = a.shape[axis].sub(&Size::constant(1));
        order.range = Some((Size::constant(0), last));
        Some(order)
    }
}
