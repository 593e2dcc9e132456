//! The row of the tensor contraction: two contractions with the axes put back in order.

use super::structure::inverse;
use super::{At, Change};
use crate::term::Term;

/// y[n, i, j] = Σ_k a[n, i, k] b[n, k, j] gives da[n, i, k] = Σ_j dy[n, i, j] b[n, k, j],
/// and db[n, k, j] = Σ_i dy[n, i, j] a[n, i, k].
pub(super) fn contract(
    batch: &[(usize, usize)],
    sum: &[(usize, usize)],
    k: usize,
    at: &At<'_>,
) -> Change {
    let (a, b) = (at.args[0], at.args[1]);
    let free_a = free(a, batch.iter().chain(sum).map(|p| p.0));
    let free_b = free(b, batch.iter().chain(sum).map(|p| p.1));
    let n = batch.len();
    let dx = if k == 0 {
        let own = Side {
            batch: batch.iter().map(|p| p.0).collect(),
            free: free_a.clone(),
            sum: sum.iter().map(|p| p.0).collect(),
        };
        let other = Side {
            batch: batch.iter().map(|p| p.1).collect(),
            free: free_b,
            sum: sum.iter().map(|p| p.1).collect(),
        };
        let first = n + free_a.len();
        back(at.dy, b, own, other, first)
    } else {
        let own = Side {
            batch: batch.iter().map(|p| p.1).collect(),
            free: free_b,
            sum: sum.iter().map(|p| p.1).collect(),
        };
        let other = Side {
            batch: batch.iter().map(|p| p.0).collect(),
            free: free_a,
            sum: sum.iter().map(|p| p.0).collect(),
        };
        back(at.dy, a, own, other, n)
    };
    Change::Dense(dx.slot())
}

/// The axes of one argument by their role; `batch` and `sum` in the order of their pairs.
struct Side {
    batch: Vec<usize>,
    free: Vec<usize>,
    sum: Vec<usize>,
}

/// Contracts `dy` with the other argument over the other's free axes, which start at `first` in `dy`.
fn back<'b>(dy: Term<'b>, other: Term<'b>, own: Side, theirs: Side, first: usize) -> Term<'b> {
    // The result's axes: batch, own free axes, the other's summed axes in *its* order.
    let mut summed: Vec<(usize, usize)> = theirs.sum.iter().copied().zip(own.sum).collect();
    summed.sort_unstable();
    let mut place = own.batch.clone();
    place.extend(&own.free);
    place.extend(summed.iter().map(|p| p.1));
    let product = if dy.shape().is_empty() {
        // A scalar times an array: kept as a product, which is what everyone recognises.
        dy.broadcast(&other.shape(), &[]) * other
    } else {
        let batch: Vec<(usize, usize)> = theirs.batch.iter().copied().enumerate().collect();
        let sum: Vec<(usize, usize)> = theirs
            .free
            .iter()
            .enumerate()
            .map(|(j, &axis)| (first + j, axis))
            .collect();
        dy.build(|b| b.contract(dy.slot(), other.slot(), &batch, &sum))
    };
    product.transpose(&inverse(&place))
}

fn free(x: Term<'_>, used: impl Iterator<Item = usize> + Clone) -> Vec<usize> {
    (0..x.shape().len())
        .filter(|a| !used.clone().any(|u| u == *a))
        .collect()
}
