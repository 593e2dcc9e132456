//! **The table of reverse rows**: for each primitive and each of its arguments, the cotangent that the
//! argument receives, in terms of the arguments `x`, the result `y` and the cotangent `dy` of the result.
//!
//! Rows are written in the same primitives, so that R of an R exists for everything.
//! A row is linear in `dy` and never reads it but linearly: forward rows are derived from that.

mod contract;
mod index;
mod linalg;
mod pointwise;
mod reduce;
mod scan;
mod structure;

use std::cell::RefCell;

use lentil_unary::{BinaryOp, Builder, LinalgOp, Prim, Site, Slot, Type, UnaryOp};

use crate::term::Term;

pub(crate) use index::part_indices;

/// What a row adds to the cotangent of an argument.
pub(crate) enum Change {
    /// Nothing.
    Zero,
    /// A value of the argument's type.
    Dense(Slot),
    /// Values added at indices along the leading axes: the transpose of a gather.
    Scattered {
        axes: usize,
        site: Site,
        indices: Vec<Slot>,
        values: Slot,
    },
    /// A value added to a regular part of the argument: the transpose of a slice.
    Part {
        start: Vec<usize>,
        step: Vec<usize>,
        values: Slot,
    },
}

/// One use of a primitive, in a region that is being reversed.
pub(crate) struct At<'b> {
    builder: &'b RefCell<Builder>,
    args: Vec<Term<'b>>,
    /// All results.
    ys: Vec<Term<'b>>,
    /// Their cotangents; `None` is zero. One is not.
    dys: Vec<Option<Term<'b>>>,
    /// The first result: the only one, but of linear algebra.
    y: Term<'b>,
    /// The first cotangent that is not zero.
    dy: Term<'b>,
}

impl<'b> At<'b> {
    /// At least one of the cotangents is not zero; else there is no use, and nothing is returned.
    pub(crate) fn new(
        builder: &'b RefCell<Builder>,
        args: &[Slot],
        ys: &[Slot],
        dys: &[Option<Slot>],
    ) -> Option<At<'b>> {
        let term = |&slot: &Slot| Term::new(builder, slot);
        let dys: Vec<Option<Term<'b>>> = dys.iter().map(|dy| dy.as_ref().map(term)).collect();
        Some(At {
            builder,
            args: args.iter().map(term).collect(),
            ys: ys.iter().map(term).collect(),
            y: term(ys.first()?),
            dy: dys.iter().flatten().next().copied()?,
            dys,
        })
    }
}

/// The row of a primitive for its argument `k`.
pub(crate) fn reverse_row(prim: &Prim, k: usize, at: &At<'_>) -> Change {
    match prim {
        // y = c: nothing to send anywhere.
        Prim::Literal(_) | Prim::Iota(_) => Change::Zero,
        Prim::Unary(op) => pointwise::unary(*op, at),
        Prim::Binary(op) => pointwise::binary(*op, k, at),
        Prim::Compare(_) => Change::Zero,
        Prim::Select => pointwise::select(k, at),
        Prim::Convert(_) => pointwise::convert(at),
        Prim::Broadcast { axes, .. } => structure::broadcast(axes, at),
        Prim::Transpose(perm) => structure::transpose(perm, at),
        Prim::Reshape(_) => structure::reshape(at),
        Prim::Slice { start, step, .. } => structure::slice(start, step, at),
        Prim::Pad {
            before, between, ..
        } => structure::pad(before, between, at),
        Prim::Concat(axis) => structure::concat(*axis, k, at),
        Prim::Flip(axes) => structure::flip(axes, at),
        Prim::Reduce { fold, axes } => reduce::reduce(*fold, axes, at),
        // The index of an extreme element has no changes.
        Prim::ArgMax(_) | Prim::ArgMin(_) | Prim::ArgSort { .. } => Change::Zero,
        Prim::Scan {
            fold,
            axis,
            exclusive,
            reverse,
        } => scan::scan(*fold, *axis, *exclusive, *reverse, at),
        Prim::Contract { batch, sum } => contract::contract(batch, sum, k, at),
        Prim::Gather { axes, site } => index::gather(*axes, *site, k, at),
        Prim::ScatterAdd { axes, site } => index::scatter_add(*axes, *site, k, at),
        Prim::RandomBits(_) | Prim::RandomSplit(_) | Prim::RandomFold => Change::Zero,
        Prim::Linalg(op) => linalg::linalg(*op, k, at),
        // The identity; what comes back is not shown.
        Prim::Trace(_) => Change::Dense(at.dy.slot()),
    }
}

/// Whether a change of argument `k` can change the result `j`: exactly where a row is not zero.
pub(crate) fn flows(prim: &Prim, k: usize, args: &[&Type], j: usize, result: &Type) -> bool {
    if !args[k].differentiable() || !result.differentiable() {
        return false;
    }
    if args[k].is_empty() || result.is_empty() {
        return false;
    }
    match prim {
        Prim::Unary(op) => match op {
            UnaryOp::Sign
            | UnaryOp::Floor
            | UnaryOp::Ceil
            | UnaryOp::Round
            | UnaryOp::Trunc
            | UnaryOp::Not => false,
            UnaryOp::Neg
            | UnaryOp::Abs
            | UnaryOp::Exp
            | UnaryOp::Exp2
            | UnaryOp::Expm1
            | UnaryOp::Log
            | UnaryOp::Log2
            | UnaryOp::Log10
            | UnaryOp::Log1p
            | UnaryOp::Sqrt
            | UnaryOp::Cbrt
            | UnaryOp::Sin
            | UnaryOp::Cos
            | UnaryOp::Tan
            | UnaryOp::Asin
            | UnaryOp::Acos
            | UnaryOp::Atan
            | UnaryOp::Sinh
            | UnaryOp::Cosh
            | UnaryOp::Tanh
            | UnaryOp::Asinh
            | UnaryOp::Acosh
            | UnaryOp::Atanh
            | UnaryOp::Sigmoid
            | UnaryOp::Erf
            | UnaryOp::Erfc
            | UnaryOp::Erfinv
            | UnaryOp::Lgamma => true,
        },
        // By value from one ring into another is no map of rings, except rounding between the reals.
        Prim::Convert(to) => args[k].carrier == *to || (args[k].carrier.is_real() && to.is_real()),
        // The order is a whole number.
        Prim::Binary(BinaryOp::Polygamma) => k == 1,
        Prim::Binary(_)
        | Prim::Select
        | Prim::Broadcast { .. }
        | Prim::Transpose(_)
        | Prim::Reshape(_)
        | Prim::Slice { .. }
        | Prim::Pad { .. }
        | Prim::Concat(_)
        | Prim::Flip(_)
        | Prim::Reduce { .. }
        | Prim::Scan { .. }
        | Prim::Contract { .. }
        | Prim::Gather { .. }
        | Prim::ScatterAdd { .. }
        | Prim::Trace(_) => true,
        // The sign of a determinant is constant but for jumps.
        Prim::Linalg(op) => (*op, j) != (LinalgOp::Det, 1),
        // Their results or their arguments are never differentiable: settled above.
        Prim::Literal(_)
        | Prim::Iota(_)
        | Prim::Compare(_)
        | Prim::ArgMax(_)
        | Prim::ArgMin(_)
        | Prim::ArgSort { .. }
        | Prim::RandomBits(_)
        | Prim::RandomSplit(_)
        | Prim::RandomFold => false,
    }
}
