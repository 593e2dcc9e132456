//! Rows of indexed reading and writing: each is the transpose of the other.

use lentil_unary::{Prim, Site, Slot, Type};

use super::{At, Change};
use crate::term::Term;

/// Reading at indices sends `dy` back to them, added to what is there: never a dense array per read.
pub(super) fn gather(axes: usize, site: Site, k: usize, at: &At<'_>) -> Change {
    if k > 0 {
        return Change::Zero;
    }
    Change::Scattered {
        axes,
        site,
        indices: at.args[1..].iter().map(|t| t.slot()).collect(),
        values: at.dy.slot(),
    }
}

/// What is added to receives `dy` as it is; an added value receives `dy` at its index.
pub(super) fn scatter_add(axes: usize, site: Site, k: usize, at: &At<'_>) -> Change {
    if k == 0 {
        return Change::Dense(at.dy.slot());
    }
    if k <= axes {
        return Change::Zero;
    }
    let indices = &at.args[1..=axes];
    Change::Dense(at.dy.apply(Prim::Gather { axes, site }, indices).slot())
}

/// The indices `start, start + step, …` along `axis` of a shape, repeated along its other axes.
pub(super) fn along<'b>(
    any: Term<'b>,
    shape: &[usize],
    axis: usize,
    start: usize,
    step: usize,
) -> Term<'b> {
    let n = shape[axis];
    let mut index = any.build(|b| b.prim(Prim::Iota(n), &[]));
    let int = |value: usize| {
        any.build(|b| {
            let one = b.int(value as i64);
            b.stretch(one, &[n])
        })
    };
    if step != 1 {
        index = index * int(step);
    }
    if start != 0 {
        index = index + int(start);
    }
    index.broadcast(shape, &[axis])
}

/// How a part of an array is written as indices: how many leading axes they cover, and the indices.
/// Trailing axes that are taken whole need none.
pub(crate) fn part_indices(
    values: Term<'_>,
    whole: &Type,
    start: &[usize],
    step: &[usize],
) -> (usize, Vec<Slot>) {
    let len = values.shape();
    let axes = (0..len.len())
        .rev()
        .find(|&a| len[a] != whole.shape[a])
        .map_or(1, |a| a + 1);
    let indices = (0..axes)
        .map(|a| along(values, &len[..axes], a, start[a], step[a]).slot())
        .collect();
    (axes, indices)
}
