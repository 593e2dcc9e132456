//! Rows of the prefix folds.

use lentil_unary::{Builder, Carrier, CompareOp, Fold, Prim, Region, Site, Type};

use super::index::along;
use super::structure::inverse;
use super::{At, Change};
use crate::term::Term;

pub(super) fn scan(fold: Fold, axis: usize, exclusive: bool, reverse: bool, at: &At<'_>) -> Change {
    match fold {
        // The transpose of a sum of prefixes is a sum of suffixes.
        Fold::Sum => Change::Dense(at.dy.scan(fold, axis, exclusive, !reverse).slot()),
        Fold::Prod => products(axis, exclusive, reverse, at),
        Fold::Max | Fold::Min => extremes(fold, axis, exclusive, reverse, at),
        // There are no scans of these.
        Fold::LogSumExp | Fold::All | Fold::Any => Change::Zero,
    }
}

/// With y_i = Π_{j≤i} x_j and P_j = Π_{k<j} x_k:
/// dx_j = P_j S_j, where S_j = dy_j + x_{j+1} S_{j+1} (exclusive: S_j = dy_{j+1} + x_{j+1} S_{j+1}).
/// A loop runs against the scan, with `x_{j+1} S_{j+1}` (exclusive: `S_j`) as its state: no division.
fn products(axis: usize, exclusive: bool, reverse: bool, at: &At<'_>) -> Change {
    let (x, dy) = (at.args[0], at.dy);
    let before = x.scan(Fold::Prod, axis, true, reverse);
    let rank = x.shape().len();
    let mut order = vec![axis];
    order.extend((0..rank).filter(|&a| a != axis));
    let first = |t: Term<'_>| t.transpose(&order).slot();
    let (xs, dys, befores) = (first(x), first(dy), first(before));
    let n = x.shape()[axis];
    let element = Type {
        carrier: x.ty().carrier,
        shape: order[1..].iter().map(|&a| x.shape()[a]).collect(),
    };
    let body = products_body(&element, exclusive);
    let dx = dy.build(|b| {
        let start = b.zeros(&element);
        b.for_loop(n, !reverse, &[], &[xs, dys, befores], &[start], body)[1]
    });
    Change::Dense(dx.transpose(&inverse(&order)).slot())
}

fn products_body(element: &Type, exclusive: bool) -> Region {
    let mut params = vec![Type::scalar(Carrier::Int)];
    params.resize(5, element.clone());
    let mut b = Builder::new(params);
    let (x, dy, before, carry) = (b.param(1), b.param(2), b.param(3), b.param(4));
    let (suffix, next) = if exclusive {
        let later = b.mul(x, carry);
        (carry, b.add(dy, later))
    } else {
        let suffix = b.add(dy, carry);
        (suffix, b.mul(x, suffix))
    };
    let dx = b.mul(before, suffix);
    b.finish(vec![next, dx])
}

/// Each `dy_i` goes to the element that held the record at `i`: the last `j ≤ i` with
/// x_j > max_{k<j} x_k, found by a running maximum of the record holders' numbers.
fn extremes(fold: Fold, axis: usize, exclusive: bool, reverse: bool, at: &At<'_>) -> Change {
    let turn = |t: Term<'_>| {
        if reverse {
            t.flip(&[axis]).slot()
        } else {
            t.slot()
        }
    };
    let b = at.builder;
    let (x, dy) = (Term::new(b, turn(at.args[0])), Term::new(b, turn(at.dy)));
    let shape = x.shape();
    let earlier = x.scan(fold, axis, true, false);
    let record = match fold {
        Fold::Min => x.compare(CompareOp::Lt, earlier),
        Fold::Max | Fold::Sum | Fold::Prod | Fold::LogSumExp | Fold::All | Fold::Any => {
            earlier.compare(CompareOp::Lt, x)
        }
    };
    let number = along(x, &shape, axis, 0, 1);
    let holder = record
        .select(number, number.zero())
        .scan(Fold::Max, axis, false, false);
    // Exclusive: element i+1 of the result belongs to the holder at i; the first belongs to none.
    let (holder, dy) = if exclusive {
        let mut len = shape.clone();
        len[axis] -= 1;
        let mut start = vec![0; shape.len()];
        let step = vec![1; shape.len()];
        let holder = holder.slice(&start, &len, &step);
        start[axis] = 1;
        (holder, dy.slice(&start, &len, &step))
    } else {
        (holder, dy)
    };
    let cells = dy.shape();
    let indices: Vec<Term<'_>> = (0..shape.len())
        .map(|a| {
            if a == axis {
                holder
            } else {
                along(x, &cells, a, 0, 1)
            }
        })
        .collect();
    let scatter = Prim::ScatterAdd {
        axes: shape.len(),
        site: Site::default(),
    };
    let args: Vec<Term<'_>> = indices.into_iter().chain([dy]).collect();
    let dx = x.zero().apply(scatter, &args);
    Change::Dense(turn(dx))
}
