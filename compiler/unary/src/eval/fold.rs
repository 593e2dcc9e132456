//! Reductions, scans and contractions, in the order that the evaluator's header states.

use crate::carrier::{Carrier, Type};
use crate::math;
use crate::prim::{BinaryOp, Fold};
use crate::value::Data;

use super::element::Element;
use super::layout::{places_of, strides};

/// The axes that are not among the given ones.
fn others(rank: usize, axes: &[usize]) -> impl Iterator<Item = usize> {
    (0..rank).filter(|a| !axes.contains(a))
}

pub(super) fn reduce<T: Element>(
    x: &Data,
    ty: &Type,
    op: BinaryOp,
    fold: Fold,
    axes: &[usize],
) -> Data {
    let (x, unit) = (T::of(x), T::literal(fold.unit(ty.carrier)));
    let f = T::binary(op, ty.carrier);
    let inner = places_of(&ty.shape, axes.iter().copied());
    let outer = places_of(&ty.shape, others(ty.rank(), axes));
    let cell = |base: &usize| {
        inner
            .iter()
            .fold(unit, |acc, place| f(acc, x[base + place]))
    };
    T::data(outer.iter().map(cell).collect())
}

pub(super) fn log_sum_exp(x: &Data, ty: &Type, axes: &[usize]) -> Data {
    let inner = places_of(&ty.shape, axes.iter().copied());
    let outer = places_of(&ty.shape, others(ty.rank(), axes));
    if ty.carrier == Carrier::F32 {
        let x = f32::of(x);
        let cell = |base: &usize| math::log_sum_exp_f32(inner.iter().map(|place| x[base + place]));
        Data::F32(outer.iter().map(cell).collect())
    } else {
        let x = f64::of(x);
        let cell = |base: &usize| math::log_sum_exp_f64(inner.iter().map(|place| x[base + place]));
        Data::F64(outer.iter().map(cell).collect())
    }
}

/// The index along an axis of the first element that no other precedes.
pub(super) fn arg<T: Element>(x: &Data, ty: &Type, axis: usize, first: fn(T, T) -> bool) -> Data {
    let x = T::of(x);
    let stride = strides(&ty.shape)[axis] as usize;
    let cell = |base: &usize| {
        let mut best = 0;
        for i in 1..ty.shape[axis] {
            if first(x[base + i * stride], x[base + best * stride]) {
                best = i;
            }
        }
        best as i64
    };
    Data::Int(
        places_of(&ty.shape, others(ty.rank(), &[axis]))
            .iter()
            .map(cell)
            .collect(),
    )
}

/// How a scan walks.
pub(super) struct Walk {
    pub axis: usize,
    pub exclusive: bool,
    pub reverse: bool,
}

pub(super) fn scan<T: Element>(x: &Data, ty: &Type, op: BinaryOp, fold: Fold, walk: &Walk) -> Data {
    let (x, unit) = (T::of(x), T::literal(fold.unit(ty.carrier)));
    let f = T::binary(op, ty.carrier);
    let n = ty.shape[walk.axis];
    let stride = strides(&ty.shape)[walk.axis] as usize;
    let mut out = vec![unit; x.len()];
    for base in places_of(&ty.shape, others(ty.rank(), &[walk.axis])) {
        let mut acc = unit;
        for k in 0..n {
            let i = if walk.reverse { n - 1 - k } else { k };
            let at = base + i * stride;
            let next = f(acc, x[at]);
            out[at] = if walk.exclusive { acc } else { next };
            acc = next;
        }
    }
    T::data(out)
}

/// A factor of a contraction: its elements and type, and its axes of each pair.
pub(super) struct Factor<'a> {
    pub data: &'a Data,
    pub ty: &'a Type,
    pub batch: Vec<usize>,
    pub sum: Vec<usize>,
}

impl Factor<'_> {
    fn free(&self) -> Vec<usize> {
        let used = [&self.batch[..], &self.sum].concat();
        places_of(&self.ty.shape, others(self.ty.rank(), &used))
    }

    fn along(&self, axes: &[usize]) -> Vec<usize> {
        places_of(&self.ty.shape, axes.iter().copied())
    }
}

/// The contraction and its number of multiply-adds.
pub(super) fn contract<T: Element>(a: &Factor, b: &Factor) -> (Data, u64) {
    let (x, y, carrier) = (T::of(a.data), T::of(b.data), a.ty.carrier);
    let (add, mul) = (
        T::binary(BinaryOp::Add, carrier),
        T::binary(BinaryOp::Mul, carrier),
    );
    let zero = T::literal(Fold::Sum.unit(carrier));
    let (free_a, free_b) = (a.free(), b.free());
    let sum: Vec<(usize, usize)> = a.along(&a.sum).into_iter().zip(b.along(&b.sum)).collect();
    let mut out = Vec::new();
    for (batch_a, batch_b) in a.along(&a.batch).into_iter().zip(b.along(&b.batch)) {
        for i in &free_a {
            for j in &free_b {
                let (p, q) = (batch_a + i, batch_b + j);
                let cell = sum
                    .iter()
                    .fold(zero, |acc, (s, t)| add(acc, mul(x[p + s], y[q + t])));
                out.push(cell);
            }
        }
    }
    let steps = (out.len() * sum.len()) as u64;
    (T::data(out), steps)
}
