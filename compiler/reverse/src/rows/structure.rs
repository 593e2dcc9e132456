//! Rows of the primitives that move elements: each is linear, and its row is its transpose.

use super::{At, Change};

/// Repetition and summation are each other's transposes.
pub(super) fn broadcast(axes: &[usize], at: &At<'_>) -> Change {
    let rank = at.dy.shape().len();
    let new: Vec<usize> = (0..rank).filter(|a| !axes.contains(a)).collect();
    Change::Dense(at.dy.sum(&new).slot())
}

/// The inverse permutation.
pub(super) fn transpose(perm: &[usize], at: &At<'_>) -> Change {
    Change::Dense(at.dy.transpose(&inverse(perm)).slot())
}

/// Back to the argument's shape.
pub(super) fn reshape(at: &At<'_>) -> Change {
    Change::Dense(at.dy.reshape(&at.args[0].shape()).slot())
}

/// Added to the part that was read.
pub(super) fn slice(start: &[usize], step: &[usize], at: &At<'_>) -> Change {
    Change::Part {
        start: start.to_vec(),
        step: step.to_vec(),
        values: at.dy.slot(),
    }
}

/// The part that was padded.
pub(super) fn pad(before: &[usize], between: &[usize], at: &At<'_>) -> Change {
    let step: Vec<usize> = between.iter().map(|b| b + 1).collect();
    Change::Dense(at.dy.slice(before, &at.args[0].shape(), &step).slot())
}

/// The part that came from argument `k`.
pub(super) fn concat(axis: usize, k: usize, at: &At<'_>) -> Change {
    let shape = at.args[k].shape();
    let mut start = vec![0; shape.len()];
    start[axis] = at.args[..k].iter().map(|a| a.shape()[axis]).sum();
    let step = vec![1; shape.len()];
    Change::Dense(at.dy.slice(&start, &shape, &step).slot())
}

/// Its own inverse.
pub(super) fn flip(axes: &[usize], at: &At<'_>) -> Change {
    Change::Dense(at.dy.flip(axes).slot())
}

/// The inverse of a permutation.
pub(super) fn inverse(perm: &[usize]) -> Vec<usize> {
    let mut inverse = vec![0; perm.len()];
    for (i, &p) in perm.iter().enumerate() {
        inverse[p] = i;
    }
    inverse
}
