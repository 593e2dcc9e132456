//! What a program costs, in estimated element operations: a model, not a measurement.
//!
//! A shared value counts once. An operation costs its arithmetic (weighted by how long the processor takes)
//! and the elements it writes; operations that read their argument out of order, or more than once, also
//! cost what they read. Everything costs at least one, so that of two equal programs the shorter one wins.

use lentil_unary::{BinaryOp, Carrier, Fold, LinalgOp, Op, Prim, Region, Type, UnaryOp};

use crate::figure::Figures;
use crate::measure::elements;

/// The cost of a region: of each of its steps once.
pub fn region_cost(region: &Region) -> u64 {
    costs().of(region)
}

/// The costs of regions that share what they call.
pub fn costs<'r>() -> Figures<'r, u64> {
    Figures::new(find_cost)
}

fn find_cost<'r>(costs: &mut Figures<'r, u64>, region: &'r Region) -> u64 {
    let steps = region.steps().iter().map(|step| {
        let args: Vec<&Type> = step.args.iter().map(|&a| region.ty(a)).collect();
        let types: Vec<&Type> = step.types.iter().collect();
        op_cost(costs, &step.op, &args, &types)
    });
    steps.fold(0, u64::saturating_add)
}

/// The cost of one operation at argument and result types.
pub fn op_cost<'r>(
    costs: &mut Figures<'r, u64>,
    op: &'r Op,
    args: &[&Type],
    results: &[&Type],
) -> u64 {
    let written = || {
        results
            .iter()
            .fold(1, |n: u64, t| n.saturating_add(elements(t)))
    };
    match op {
        // Arithmetic in the kernels is fast: several operations a cycle.
        Op::Prim(Prim::Linalg(op)) => (flops(*op, args) / 4).saturating_add(written()),
        Op::Prim(prim) => prim_cost(prim, args, results[0]),
        Op::Loop(l) => {
            let body = costs.of(&l.body).saturating_mul(l.n as u64);
            body.saturating_add(written())
        }
        Op::Cond { then, otherwise } => {
            let arms = costs.of(then).max(costs.of(otherwise));
            arms.saturating_add(written())
        }
        Op::Call(f) => costs.of(&f.region).saturating_add(written()),
        Op::Reverse(f) | Op::Forward(f) => {
            let four = costs.of(&f.region).saturating_mul(4);
            four.saturating_add(written())
        }
        Op::Lens(l) => costs.of(&l.get.region).saturating_add(written()),
    }
}

/// The cost of a primitive.
pub fn prim_cost(prim: &Prim, args: &[&Type], result: &Type) -> u64 {
    let made = elements(result);
    let taken = args.first().map_or(0, |t| elements(t));
    let cost = match prim {
        // Repetitions and constants are read where they are needed, never written out.
        Prim::Literal(_) | Prim::Iota(_) | Prim::Broadcast { .. } | Prim::Reshape(_) => 0,
        Prim::Unary(op) => made.saturating_mul(1 + unary_weight(*op)),
        Prim::Binary(op) => made.saturating_mul(1 + binary_weight(*op, result.carrier)),
        Prim::Compare(_) | Prim::Select | Prim::Convert(_) => made.saturating_mul(2),
        Prim::Transpose(_)
        | Prim::Slice { .. }
        | Prim::Pad { .. }
        | Prim::Concat(_)
        | Prim::Flip(_)
        | Prim::Gather { .. }
        | Prim::Trace(_) => made.saturating_mul(2),
        Prim::Reduce { fold, .. } => {
            let each = if *fold == Fold::LogSumExp { 12 } else { 1 };
            taken.saturating_mul(1 + each).saturating_add(made)
        }
        Prim::ArgSort { .. } => taken.saturating_mul(2 * sort_depth(args[0])),
        Prim::ArgMax(_) | Prim::ArgMin(_) => taken.saturating_mul(2).saturating_add(made),
        Prim::Scan { .. } => made.saturating_mul(3),
        Prim::Contract { sum, .. } => {
            let summed = sum.iter().map(|&(i, _)| args[0].shape[i] as u64);
            let products = summed.fold(made, u64::saturating_mul);
            let read = taken.saturating_add(elements(args[1]));
            products.saturating_add(read).saturating_add(made)
        }
        Prim::ScatterAdd { axes, .. } => elements(args[axes + 1]).saturating_mul(3),
        Prim::RandomBits(_) | Prim::RandomSplit(_) | Prim::RandomFold => made.saturating_mul(20),
        Prim::Linalg(op) => flops(*op, args) / 4,
    };
    cost.saturating_add(1)
}

/// Roughly how often each element of a row is compared when it is sorted.
fn sort_depth(ty: &Type) -> u64 {
    let n = ty.shape.last().copied().unwrap_or(0);
    1 + u64::from(n.max(1).ilog2())
}

/// The floating-point operations of linear algebra.
pub fn flops(op: LinalgOp, args: &[&Type]) -> u64 {
    let shapes: Vec<&[usize]> = args.iter().map(|t| t.shape.as_slice()).collect();
    op.sizes(&shapes).map_or(u64::MAX, |sizes| op.flops(sizes))
}

fn unary_weight(op: UnaryOp) -> u64 {
    match op {
        UnaryOp::Neg
        | UnaryOp::Abs
        | UnaryOp::Sign
        | UnaryOp::Floor
        | UnaryOp::Ceil
        | UnaryOp::Round
        | UnaryOp::Trunc
        | UnaryOp::Not => 1,
        UnaryOp::Sqrt => 6,
        UnaryOp::Exp
        | UnaryOp::Exp2
        | UnaryOp::Log
        | UnaryOp::Log2
        | UnaryOp::Log10
        | UnaryOp::Expm1
        | UnaryOp::Log1p
        | UnaryOp::Cbrt => 10,
        UnaryOp::Sin
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
        | UnaryOp::Erfc => 12,
        UnaryOp::Lgamma => 25,
        UnaryOp::Erfinv => 60,
    }
}

fn binary_weight(op: BinaryOp, carrier: Carrier) -> u64 {
    match op {
        BinaryOp::Mul if matches!(carrier, Carrier::Mod(_)) => 8,
        BinaryOp::Add
        | BinaryOp::Sub
        | BinaryOp::Mul
        | BinaryOp::Max
        | BinaryOp::Min
        | BinaryOp::And
        | BinaryOp::Or => 1,
        BinaryOp::Div => 5,
        BinaryOp::Rem => 20,
        BinaryOp::Hypot => 12,
        BinaryOp::Pow | BinaryOp::Atan2 => 25,
        BinaryOp::Polygamma => 60,
    }
}
