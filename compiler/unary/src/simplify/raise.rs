//! Raises sums of products to contractions, and lets contractions read through repetitions and
//! transpositions.
//!
//! *Before*: `reduce_sum (mul (broadcast a) (broadcast b))`, whose product is used nowhere else, and
//! `contract` of a broadcast or a transposition.
//! *After*: one `contract` of `a` and `b`, with a transposition and a broadcast of the result where needed.
//! *Size*: not larger; the product of all axes is never built.
//!
//! Each axis of the product is accounted for. Kept: in both factors it is a batch axis, in one it is a free
//! axis, in none the result is repeated. Summed: in both factors it is a sum axis; in one, that factor is
//! summed before.
//!
//! *Exact*: the sum axes are listed in the order in which the reduction takes them, so the same products
//! are added from zero in the same order, and every bit is kept. Summing one factor before reassociates;
//! that is done over exact carriers only, never over the reals.

use crate::Builder;
use crate::prim::{BinaryOp, Fold, Prim};
use crate::rebuild::rebuild;
use crate::syntax::{Op, Region, Slot};

/// A factor: an array, and for each axis of the product the array's axis that it is.
#[derive(Clone)]
struct View {
    array: Slot,
    axes: Vec<Option<usize>>,
}

/// Whether the result of a contraction may be transposed. To transpose it rather than a factor pays only
/// if something else is gained.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Kept,
    Any,
}

pub(super) fn raise(region: &Region) -> Region {
    let mut uses = vec![0; region.slots().len()];
    let args = region.steps().iter().flat_map(|step| &step.args);
    for slot in args.chain(region.results()) {
        uses[slot.index()] += 1;
    }
    rebuild(region, |b, step, args| {
        let raised = match &step.op {
            Op::Prim(Prim::Reduce {
                fold: Fold::Sum,
                axes,
            }) if uses[step.args[0].index()] == 1 => sum_of_product(b, args[0], axes),
            Op::Prim(Prim::Contract { batch, sum }) => see_through(b, args[0], args[1], batch, sum),
            _ => None,
        };
        match raised {
            Some(slot) => vec![slot],
            None => b.emit(step.op.clone(), args),
        }
    })
}

/// What a slot is a repetition and transposition of.
fn view(builder: &Builder, slot: Slot) -> View {
    let rank = builder.ty(slot).rank();
    let through = |arg: Slot, places: Vec<Option<usize>>| {
        let inner = view(builder, arg);
        let axes = places.iter().map(|p| p.and_then(|p| inner.axes[p]));
        View {
            array: inner.array,
            axes: axes.collect(),
        }
    };
    match builder.made_by(slot) {
        Some((Prim::Broadcast { axes, .. }, args)) => {
            let places = (0..rank).map(|place| axes.iter().position(|&a| a == place));
            through(args[0], places.collect())
        }
        Some((Prim::Transpose(perm), args)) => {
            through(args[0], perm.iter().map(|&p| Some(p)).collect())
        }
        _ => View {
            array: slot,
            axes: (0..rank).map(Some).collect(),
        },
    }
}

fn sum_of_product(builder: &mut Builder, product: Slot, summed: &[usize]) -> Option<Slot> {
    let (Prim::Binary(BinaryOp::Mul), args) = builder.made_by(product)? else {
        return None;
    };
    let (a, b) = (view(builder, args[0]), view(builder, args[1]));
    let shape = builder.ty(product).shape.clone();
    let kept: Vec<usize> = (0..shape.len()).filter(|p| !summed.contains(p)).collect();
    einsum(builder, [a, b], &shape, &kept, summed, Order::Any)
}

fn see_through(
    builder: &mut Builder,
    x: Slot,
    y: Slot,
    batch: &[(usize, usize)],
    sum: &[(usize, usize)],
) -> Option<Slot> {
    let (a, b) = (view(builder, x), view(builder, y));
    if a.array == x && b.array == y {
        return None;
    }
    let repeats = |view: &View| view.axes.contains(&None);
    let result = if repeats(&a) || repeats(&b) {
        Order::Any
    } else {
        Order::Kept
    };
    // The axes of the product: batch, free in x, free in y, summed.
    let pairs = |of: fn(&(usize, usize)) -> usize| -> Vec<usize> {
        batch.iter().chain(sum).map(of).collect()
    };
    let (used_x, used_y) = (pairs(|p| p.0), pairs(|p| p.1));
    let mut places: Vec<(Option<usize>, Option<usize>)> = Vec::new();
    places.extend(batch.iter().map(|&(i, j)| (Some(i), Some(j))));
    let free = |rank: usize, used: &[usize]| (0..rank).filter(|a| !used.contains(a)).collect();
    let free_x: Vec<usize> = free(a.axes.len(), &used_x);
    let free_y: Vec<usize> = free(b.axes.len(), &used_y);
    places.extend(free_x.iter().map(|&i| (Some(i), None)));
    places.extend(free_y.iter().map(|&j| (None, Some(j))));
    let kept: Vec<usize> = (0..places.len()).collect();
    places.extend(sum.iter().map(|&(i, j)| (Some(i), Some(j))));
    let summed: Vec<usize> = (kept.len()..places.len()).collect();

    let (tx, ty) = (builder.ty(x), builder.ty(y));
    let size = |place: &(Option<usize>, Option<usize>)| match place {
        (Some(i), _) => tx.shape[*i],
        (None, Some(j)) => ty.shape[*j],
        (None, None) => unreachable!("every axis is one of a factor"),
    };
    let shape: Vec<usize> = places.iter().map(size).collect();
    let seen = |view: &View, place: Option<usize>| place.and_then(|p| view.axes[p]);
    let a = View {
        axes: places.iter().map(|p| seen(&a, p.0)).collect(),
        array: a.array,
    };
    let b = View {
        axes: places.iter().map(|p| seen(&b, p.1)).collect(),
        array: b.array,
    };
    einsum(builder, [a, b], &shape, &kept, &summed, result)
}

/// The contraction of two views of a product; `None` if it would change a bit.
fn einsum(
    builder: &mut Builder,
    [mut a, mut b]: [View; 2],
    shape: &[usize],
    kept: &[usize],
    summed: &[usize],
    result: Order,
) -> Option<Slot> {
    let exact = !builder.ty(a.array).carrier.is_real();
    let mut sum: Vec<usize> = Vec::new();
    let (mut only_a, mut only_b) = (Vec::new(), Vec::new());
    for &p in summed {
        match (a.axes[p], b.axes[p]) {
            (Some(_), Some(_)) => sum.push(p),
            (Some(i), None) if exact => only_a.push(i),
            (None, Some(j)) if exact => only_b.push(j),
            _ => return None,
        }
    }
    sum_before(builder, &mut a, only_a);
    sum_before(builder, &mut b, only_b);

    let batch: Vec<usize> = both(kept, &a, &b);
    // The order of the factors that leaves less to be transposed.
    let order = |a: &View, b: &View| {
        let mut order = batch.clone();
        for view in [a, b] {
            let mut free: Vec<usize> = kept
                .iter()
                .copied()
                .filter(|p| !batch.contains(p))
                .collect();
            free.retain(|&p| view.axes[p].is_some());
            free.sort_by_key(|&p| view.axes[p]);
            order.extend(free);
        }
        order
    };
    if !in_order(&order(&a, &b), kept) && in_order(&order(&b, &a), kept) {
        std::mem::swap(&mut a, &mut b);
    }
    let pair = |&p: &usize| Some((a.axes[p]?, b.axes[p]?));
    let batch_pairs: Vec<(usize, usize)> = batch.iter().filter_map(pair).collect();
    let sum_pairs: Vec<(usize, usize)> = sum.iter().filter_map(pair).collect();
    let order = order(&a, &b);
    if result == Order::Kept && !in_order(&order, kept) {
        return None;
    }
    let product = builder.contract(a.array, b.array, &batch_pairs, &sum_pairs);

    let there: Vec<usize> = kept.iter().copied().filter(|p| order.contains(p)).collect();
    let perm: Vec<usize> = there
        .iter()
        .filter_map(|p| order.iter().position(|o| o == p))
        .collect();
    let product = builder.transpose(product, &perm);
    let axes: Vec<usize> = (0..kept.len())
        .filter(|&k| order.contains(&kept[k]))
        .collect();
    let shape: Vec<usize> = kept.iter().map(|&p| shape[p]).collect();
    Some(builder.broadcast(product, &shape, &axes))
}

/// The axes that both factors have.
fn both(axes: &[usize], a: &View, b: &View) -> Vec<usize> {
    let both = |p: &usize| a.axes[*p].is_some() && b.axes[*p].is_some();
    axes.iter().copied().filter(both).collect()
}

/// Whether axes come out in the order in which they are wanted.
fn in_order(order: &[usize], wanted: &[usize]) -> bool {
    order.iter().eq(wanted.iter().filter(|p| order.contains(p)))
}

/// Sums a factor over axes that only it has.
fn sum_before(builder: &mut Builder, view: &mut View, mut axes: Vec<usize>) {
    axes.sort_unstable();
    view.array = builder.sum(view.array, &axes);
    for axis in view.axes.iter_mut() {
        *axis = axis
            .filter(|a| !axes.contains(a))
            .map(|a| a - axes.iter().filter(|&&gone| gone < a).count());
    }
}
