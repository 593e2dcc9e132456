//! How operations read their arguments, and what it costs to compute them where they are read.

use lentil_unary::{Fold, Op, Prim, Region, UnaryOp};

use crate::lower::view::is_structural;

/// How an operation reads one of its arguments.
pub enum Reading {
    /// Each element at most once, in some order.
    Once,
    /// Elements may be read more than once.
    Often,
    /// It must lie in memory.
    Memory,
}

/// How an operation reads an argument.
pub fn reading(op: &Op, arg: usize) -> Reading {
    match op {
        Op::Prim(prim) => match prim {
            Prim::Reduce {
                fold: Fold::LogSumExp,
                ..
            }
            | Prim::Contract { .. } => Reading::Often,
            Prim::Gather { .. } if arg == 0 => Reading::Often,
            Prim::ArgSort { .. }
            | Prim::RandomBits(_)
            | Prim::RandomSplit(_)
            | Prim::RandomFold
            | Prim::Linalg(_) => Reading::Memory,
            Prim::Reduce { .. }
            | Prim::ArgMax(_)
            | Prim::ArgMin(_)
            | Prim::Scan { .. }
            | Prim::Pad { .. }
            | Prim::Concat(_)
            | Prim::Gather { .. }
            | Prim::ScatterAdd { .. } => Reading::Once,
            Prim::Literal(_)
            | Prim::Iota(_)
            | Prim::Unary(_)
            | Prim::Binary(_)
            | Prim::Compare(_)
            | Prim::Select
            | Prim::Convert(_)
            | Prim::Broadcast { .. }
            | Prim::Transpose(_)
            | Prim::Reshape(_)
            | Prim::Slice { .. }
            | Prim::Flip(_) => Reading::Once,
        },
        Op::Loop(l) if arg >= l.consts + l.xs => Reading::Once,
        Op::Loop(_)
        | Op::Cond { .. }
        | Op::Call(_)
        | Op::Reverse(_)
        | Op::Forward(_)
        | Op::Lens(_) => Reading::Memory,
    }
}

/// Whether each element depends on the arguments' elements at its own place alone.
pub fn is_pointwise(prim: &Prim) -> bool {
    matches!(
        prim,
        Prim::Unary(_) | Prim::Binary(_) | Prim::Compare(_) | Prim::Select | Prim::Convert(_)
    )
}

/// Whether an operation's result is computed element by element when it is read.
pub fn is_fused(op: &Op) -> bool {
    match op {
        Op::Prim(p) => {
            is_pointwise(p) || is_structural(p) || matches!(p, Prim::Literal(_) | Prim::Iota(_))
        }
        Op::Loop(_)
        | Op::Cond { .. }
        | Op::Call(_)
        | Op::Reverse(_)
        | Op::Forward(_)
        | Op::Lens(_) => false,
    }
}

/// Operations and loads of each slot if everything that can be fused is computed where it is read.
/// The counts saturate: a large number only says *not cheap*.
pub fn costs(region: &Region, constant: &[bool]) -> Vec<(usize, usize)> {
    let load = (0, 1);
    let mut costs: Vec<(usize, usize)> = (constant.iter())
        .map(|&c| if c { (0, 0) } else { load })
        .collect();
    for step in region.steps() {
        if !is_fused(&step.op) {
            costs.extend(step.types.iter().map(|_| load));
            continue;
        }
        let mut cost = match &step.op {
            Op::Prim(Prim::Unary(op)) => (operations(*op), 0),
            Op::Prim(p) if is_pointwise(p) => (1, 0),
            _ => (0, 0),
        };
        for arg in &step.args {
            let (operations, loads) = costs[arg.index()];
            cost = (
                usize::saturating_add(cost.0, operations),
                usize::saturating_add(cost.1, loads),
            );
        }
        costs.push(cost);
    }
    costs
}

fn operations(op: UnaryOp) -> usize {
    match op {
        UnaryOp::Neg | UnaryOp::Abs | UnaryOp::Not => 1,
        UnaryOp::Sign | UnaryOp::Floor | UnaryOp::Ceil | UnaryOp::Round | UnaryOp::Trunc => 2,
        UnaryOp::Sqrt => 5,
        UnaryOp::Exp
        | UnaryOp::Exp2
        | UnaryOp::Expm1
        | UnaryOp::Log
        | UnaryOp::Log2
        | UnaryOp::Log10
        | UnaryOp::Log1p
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
        | UnaryOp::Lgamma => 20,
    }
}
