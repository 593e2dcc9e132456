//! How operations read their arguments, and what it costs to compute them where they are read.

use lentil_unary::{Fold, Op, Prim, Region, Slot, Step, UnaryOp};

use crate::lower::view::is_structural;

/// How a step is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Element by element where it is read, from its arguments' elements at the same place.
    Pointwise,
    /// It rearranges its first argument: each element is one of its, at an affine place.
    Rearranged,
    /// Where it is read, from one element of its first argument: at indices that cannot leave it.
    LookedUp,
    /// A constant, or a counter.
    Known,
    /// By itself, into memory.
    Apart,
}

impl Way {
    /// Of a step about whose indices nothing is known.
    pub fn of(op: &Op) -> Way {
        match op {
            Op::Prim(p) if is_pointwise(p) => Way::Pointwise,
            Op::Prim(p) if is_structural(p) => Way::Rearranged,
            Op::Prim(Prim::Literal(_) | Prim::Iota(_)) => Way::Known,
            Op::Prim(_)
            | Op::Loop(_)
            | Op::Cond { .. }
            | Op::Call(_)
            | Op::Reverse(_)
            | Op::Forward(_)
            | Op::Lens(_) => Way::Apart,
        }
    }

    /// Whether it is computed where it is read.
    pub fn is_fused(self) -> bool {
        self != Way::Apart
    }

    /// The arguments that are read, and whether at the place of the element that is computed.
    pub fn reads(self, step: &Step, region: &Region) -> Vec<(Slot, bool)> {
        let all = |same| step.args.iter().map(|&a| (a, same)).collect();
        match self {
            Way::Pointwise | Way::Known => all(true),
            Way::Rearranged => vec![(step.args[0], false)],
            Way::LookedUp => {
                let rank = step.types[0].rank();
                let index = |&a: &Slot| (a, region.ty(a).rank() == rank);
                let indices = step.args[1..].iter().map(index);
                std::iter::once((step.args[0], false))
                    .chain(indices)
                    .collect()
            }
            Way::Apart => all(false),
        }
    }
}

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
            | Prim::ScatterAdd { .. }
            | Prim::Trace(_) => Reading::Once,
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

/// Operations and loads of each slot if everything that can be fused is computed where it is read.
/// The counts saturate: a large number only says *not cheap*.
pub fn costs(region: &Region, ways: &[Way], constant: &[bool]) -> Vec<(usize, usize)> {
    let load = (0, 1);
    let mut costs: Vec<(usize, usize)> = (constant.iter())
        .map(|&c| if c { (0, 0) } else { load })
        .collect();
    for (step, way) in region.steps().iter().zip(ways) {
        if !way.is_fused() {
            costs.extend(step.types.iter().map(|_| load));
            continue;
        }
        let mut cost = match (&step.op, way) {
            (Op::Prim(Prim::Unary(op)), _) => (operations(*op), 0),
            (_, Way::Pointwise) => (1, 0),
            (_, Way::LookedUp | Way::Rearranged | Way::Known | Way::Apart) => (0, 0),
        };
        for (arg, _) in way.reads(step, region) {
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
