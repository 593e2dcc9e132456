//! Rows of the reductions.

use lentil_unary::Carrier;
use lentil_unary::{BinaryOp, Fold, Literal, Prim, Site, Slot};

use super::index::along;
use super::structure::inverse;
use super::{At, Change};
use crate::term::Term;

pub(super) fn reduce(fold: Fold, axes: &[usize], at: &At<'_>) -> Change {
    match fold {
        // replicate
        Fold::Sum => Change::Dense(spread(at.dy, axes, at).slot()),
        Fold::Prod => product(axes, at),
        Fold::Max => extreme(Prim::ArgMax, axes, at),
        Fold::Min => extreme(Prim::ArgMin, axes, at),
        // softmax: e^(x - y)
        Fold::LogSumExp => {
            let weight = (at.args[0] - spread(at.y, axes, at)).exp();
            Change::Dense((spread(at.dy, axes, at) * weight).slot())
        }
        Fold::All | Fold::Any => Change::Zero,
    }
}

/// A value per reduced cell, repeated over the cell.
fn spread<'b>(per_cell: Term<'b>, axes: &[usize], at: &At<'b>) -> Term<'b> {
    let shape = at.args[0].shape();
    per_cell.broadcast(&shape, &kept(shape.len(), axes))
}

fn kept(rank: usize, axes: &[usize]) -> Vec<usize> {
    (0..rank).filter(|a| !axes.contains(a)).collect()
}

/// ∂(Π x)/∂x_i = (Π_{j<i} x_j) (Π_{j>i} x_j): two exclusive scans and a product.
/// There is no division, so it holds in every ring and where elements are zero.
fn product(axes: &[usize], at: &At<'_>) -> Change {
    let x = at.args[0];
    let shape = x.shape();
    let (flat, axis, order) = gathered(x, axes);
    let before = flat.scan(Fold::Prod, axis, true, false);
    let after = flat.scan(Fold::Prod, axis, true, true);
    let others = scattered(before * after, &shape, &order);
    Change::Dense((spread(at.dy, axes, at) * others).slot())
}

/// The axes made one: where it stands, and the order the axes were brought into (empty if unchanged).
fn gathered<'b>(x: Term<'b>, axes: &[usize]) -> (Term<'b>, usize, Vec<usize>) {
    if let [axis] = axes {
        return (x, *axis, Vec::new());
    }
    let shape = x.shape();
    let mut order = kept(shape.len(), axes);
    let mut together: Vec<usize> = order.iter().map(|&a| shape[a]).collect();
    let axis = order.len();
    together.push(axes.iter().map(|&a| shape[a]).product());
    order.extend_from_slice(axes);
    (x.transpose(&order).reshape(&together), axis, order)
}

/// Undoes [`gathered`].
fn scattered<'b>(flat: Term<'b>, shape: &[usize], order: &[usize]) -> Term<'b> {
    if order.is_empty() {
        return flat;
    }
    let ordered: Vec<usize> = order.iter().map(|&a| shape[a]).collect();
    flat.reshape(&ordered).transpose(&inverse(order))
}

/// One element of each cell, the first of the greatest, receives the cell's `dy`.
fn extreme(arg: impl Fn(usize) -> Prim, axes: &[usize], at: &At<'_>) -> Change {
    if axes.is_empty() {
        return Change::Dense(at.dy.slot());
    }
    let x = at.args[0];
    let shape = x.shape();
    let (flat, axis, _) = gathered(x, axes);
    let chosen = flat.apply(arg(axis), &[]);
    let cells = at.dy.shape();
    let kept = kept(shape.len(), axes);
    let count: usize = axes.iter().map(|&a| shape[a]).product();
    let mut stride = count;
    let mut indices: Vec<Slot> = Vec::with_capacity(shape.len());
    for (a, size) in shape.iter().enumerate() {
        let index = match kept.iter().position(|&k| k == a) {
            Some(position) => along(at.dy, &cells, position, 0, 1),
            None => {
                // One digit of the row-major number of the element in its cell.
                let outer = stride;
                stride /= size;
                digit(chosen, (outer < count).then_some(outer), stride)
            }
        };
        indices.push(index.slot());
    }
    // The indices are in range by construction: no place in the source can be blamed.
    Change::Scattered {
        axes: shape.len(),
        site: Site::default(),
        indices,
        values: at.dy.slot(),
    }
}

/// `(number % outer) / inner`; without an `outer` the number is below it anyway.
fn digit(number: Term<'_>, outer: Option<usize>, inner: usize) -> Term<'_> {
    let shape = number.shape();
    let int = |value: usize| {
        number.build(|b| b.full(Literal::integer(Carrier::Int, value as i64), &shape))
    };
    let within = outer.map_or(number, |n| number.binary(BinaryOp::Rem, int(n)));
    if inner == 1 {
        return within;
    }
    within.binary(BinaryOp::Div, int(inner))
}
