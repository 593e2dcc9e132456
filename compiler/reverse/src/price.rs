//! What it costs to compute a value again: the choice between that and saving it.

use lentil_unary::{BinaryOp, Carrier, Op, Prim, Region, Step, UnaryOp};

/// Constants, numbers of elements, conditions and views: recomputed wherever they are read.
pub(crate) fn is_free(step: &Step, region: &Region) -> bool {
    match &step.op {
        Op::Prim(prim) => match prim {
            Prim::Literal(_)
            | Prim::Iota(_)
            | Prim::Convert(_)
            | Prim::Broadcast { .. }
            | Prim::Transpose(_)
            | Prim::Reshape(_)
            | Prim::Slice { .. }
            | Prim::Flip(_) => true,
            // Arithmetic of indices and conditions.
            Prim::Unary(_) | Prim::Binary(_) | Prim::Select => {
                let carrier = region.ty(step.args[step.args.len() - 1]).carrier;
                matches!(carrier, Carrier::Int | Carrier::Bool)
            }
            Prim::Compare(_) => region.ty(step.args[0]).carrier == Carrier::Int,
            Prim::Pad { .. }
            | Prim::Concat(_)
            | Prim::Reduce { .. }
            | Prim::ArgMax(_)
            | Prim::ArgMin(_)
            | Prim::ArgSort { .. }
            | Prim::Scan { .. }
            | Prim::Contract { .. }
            | Prim::Gather { .. }
            | Prim::ScatterAdd { .. }
            | Prim::RandomBits(_)
            | Prim::RandomSplit(_)
            | Prim::RandomFold
            | Prim::Linalg(_)
            | Prim::Trace(_) => false,
        },
        Op::Loop(_)
        | Op::Cond { .. }
        | Op::Call(_)
        | Op::Reverse(_)
        | Op::Forward(_)
        | Op::Lens(_) => false,
    }
}

/// The same elements in another arrangement, or repeated.
pub(crate) fn is_view(step: &Step) -> bool {
    matches!(
        step.op,
        Op::Prim(Prim::Broadcast { .. } | Prim::Transpose(_) | Prim::Reshape(_) | Prim::Flip(_))
    )
}

/// One operation an element, no more than reading the element back would cost.
pub(crate) fn is_cheap(step: &Step) -> bool {
    match &step.op {
        Op::Prim(prim) => match prim {
            Prim::Unary(op) => match op {
                UnaryOp::Neg
                | UnaryOp::Abs
                | UnaryOp::Sign
                | UnaryOp::Floor
                | UnaryOp::Ceil
                | UnaryOp::Round
                | UnaryOp::Trunc
                | UnaryOp::Not => true,
                UnaryOp::Exp
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
                | UnaryOp::Lgamma => false,
            },
            Prim::Binary(op) => match op {
                BinaryOp::Add
                | BinaryOp::Sub
                | BinaryOp::Mul
                | BinaryOp::Max
                | BinaryOp::Min
                | BinaryOp::Rem
                | BinaryOp::And
                | BinaryOp::Or => true,
                BinaryOp::Div
                | BinaryOp::Pow
                | BinaryOp::Atan2
                | BinaryOp::Hypot
                | BinaryOp::Polygamma => false,
            },
            Prim::Literal(_)
            | Prim::Iota(_)
            | Prim::Compare(_)
            | Prim::Select
            | Prim::Convert(_)
            | Prim::Broadcast { .. }
            | Prim::Transpose(_)
            | Prim::Reshape(_)
            | Prim::Slice { .. }
            | Prim::Pad { .. }
            | Prim::Concat(_)
            | Prim::Flip(_)
            | Prim::Gather { .. } => true,
            Prim::Reduce { .. }
            | Prim::ArgMax(_)
            | Prim::ArgMin(_)
            | Prim::ArgSort { .. }
            | Prim::Scan { .. }
            | Prim::Contract { .. }
            | Prim::ScatterAdd { .. }
            | Prim::RandomBits(_)
            | Prim::RandomSplit(_)
            | Prim::RandomFold
            | Prim::Linalg(_)
            | Prim::Trace(_) => false,
        },
        Op::Loop(_)
        | Op::Cond { .. }
        | Op::Call(_)
        | Op::Reverse(_)
        | Op::Forward(_)
        | Op::Lens(_) => false,
    }
}
