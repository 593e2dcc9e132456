//! Plain figures about regions: how much they compute, how large their arrays grow, whether they can trap.

use lentil_unary::range::Ranges;
use lentil_unary::{BinaryOp, Carrier, Op, Prim, Region, Step, Type, UnaryOp};

use crate::cost::flops;
use crate::figure::Figures;

/// Whether a region computes something for every argument: it cannot trap, and it divides no integers by what
/// might be zero (the proof that a divisor is not zero may rest on the condition under which the region runs).
pub fn total(region: &Region, ranges: &Ranges) -> bool {
    total_there(&mut Figures::new(closed_total), region, ranges)
}

/// The same, given what is known of functions.
fn total_there<'r>(functions: &mut Figures<'r, bool>, region: &'r Region, ranges: &Ranges) -> bool {
    region.steps().iter().all(|step| match &step.op {
        Op::Prim(prim) => prim_total(prim, region, step, ranges),
        Op::Loop(l) => total_there(functions, &l.body, &ranges.body(l, &step.args).0),
        Op::Cond { then, otherwise } => {
            let mut arm = |arm: &'r Region, holds| {
                total_there(functions, arm, &ranges.arm(arm, &step.args, holds))
            };
            arm(then, true) && arm(otherwise, false)
        }
        Op::Call(f) => functions.of(&f.region),
        Op::Lens(l) => functions.of(&l.get.region) && functions.of(&l.put.region),
        Op::Reverse(_) | Op::Forward(_) => false,
    })
}

/// The same of a function, at any arguments.
fn closed_total<'r>(functions: &mut Figures<'r, bool>, region: &'r Region) -> bool {
    total_there(functions, region, &Ranges::of(region))
}

fn prim_total(prim: &Prim, region: &Region, step: &Step, ranges: &Ranges) -> bool {
    match prim {
        Prim::Gather { axes, .. } | Prim::ScatterAdd { axes, .. } => {
            let sizes = &region.ty(step.args[0]).shape[..*axes];
            let mut indices = step.args[1..].iter().zip(sizes);
            indices.all(|(&index, &size)| ranges.within(index, size))
        }
        Prim::Binary(BinaryOp::Div | BinaryOp::Rem) => {
            step.types[0].carrier != Carrier::Int || ranges.never_zero(step.args[1])
        }
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
        | Prim::Pad { .. }
        | Prim::Concat(_)
        | Prim::Flip(_)
        | Prim::Reduce { .. }
        | Prim::ArgMax(_)
        | Prim::ArgMin(_)
        | Prim::ArgSort { .. }
        | Prim::Scan { .. }
        | Prim::Contract { .. }
        | Prim::RandomBits(_)
        | Prim::RandomSplit(_)
        | Prim::RandomFold
        | Prim::Linalg(_) => true,
        // What an arm shows is shown where the arm is taken.
        Prim::Trace(_) => false,
    }
}

/// Whether the reverse derivative of a region is zero at a zero cotangent, for all arguments that are
/// numbers: none of its rows multiplies by something that might be infinite or no number.
/// `false` means *not known*.
pub fn derivative_vanishes(region: &Region) -> bool {
    vanishing(region, vec![true; region.params().len()]).is_some()
}

/// Given which parameters are numbers whenever the arguments are, which results are; `None` if the derivative
/// may not vanish. A factor beside a slot that is a number keeps zero zero.
fn vanishing(region: &Region, params: Vec<bool>) -> Option<Vec<bool>> {
    let mut finite = params;
    for step in region.steps() {
        let args: Vec<bool> = step.args.iter().map(|a| finite[a.index()]).collect();
        let prim = match &step.op {
            Op::Prim(prim) => prim,
            Op::Cond { then, otherwise } => {
                let [a, b] = [then, otherwise].map(|arm| vanishing(arm, args[1..].to_vec()));
                finite.extend(a?.into_iter().zip(b?).map(|(a, b)| a && b));
                continue;
            }
            Op::Loop(_) | Op::Call(_) | Op::Lens(_) | Op::Reverse(_) | Op::Forward(_) => {
                return None;
            }
        };
        let real = step.types[0].carrier.is_real();
        let all = args.iter().all(|&f| f);
        let (vanishes, stays) = match prim {
            Prim::Literal(l) => (true, l.as_f64().is_finite()),
            Prim::Iota(_)
            | Prim::Compare(_)
            | Prim::ArgMax(_)
            | Prim::ArgMin(_)
            | Prim::ArgSort { .. } => (true, true),
            Prim::Select | Prim::Broadcast { .. } | Prim::Transpose(_) | Prim::Reshape(_) => {
                (true, all)
            }
            Prim::Slice { .. } | Prim::Pad { .. } | Prim::Concat(_) | Prim::Flip(_) => (true, all),
            // What comes back is added where it was read: zeros.
            Prim::Gather { .. } | Prim::Trace(_) => (true, all),
            Prim::Unary(op) => match op {
                UnaryOp::Neg | UnaryOp::Abs | UnaryOp::Not => (true, all),
                UnaryOp::Sign
                | UnaryOp::Floor
                | UnaryOp::Ceil
                | UnaryOp::Round
                | UnaryOp::Trunc => (true, all),
                // Their derivatives are bounded, and so are they.
                UnaryOp::Sin
                | UnaryOp::Cos
                | UnaryOp::Tanh
                | UnaryOp::Sigmoid
                | UnaryOp::Erf
                | UnaryOp::Erfc => (all, all),
                UnaryOp::Exp
                | UnaryOp::Exp2
                | UnaryOp::Expm1
                | UnaryOp::Log
                | UnaryOp::Log2
                | UnaryOp::Log10
                | UnaryOp::Log1p
                | UnaryOp::Sqrt
                | UnaryOp::Cbrt
                | UnaryOp::Tan
                | UnaryOp::Asin
                | UnaryOp::Acos
                | UnaryOp::Atan
                | UnaryOp::Sinh
                | UnaryOp::Cosh
                | UnaryOp::Asinh
                | UnaryOp::Acosh
                | UnaryOp::Atanh
                | UnaryOp::Erfinv
                | UnaryOp::Lgamma => (false, false),
            },
            Prim::Binary(op) => match op {
                BinaryOp::Max | BinaryOp::Min | BinaryOp::And | BinaryOp::Or => (true, all),
                // A sum of numbers may overflow, so it may no longer be a factor.
                BinaryOp::Add | BinaryOp::Sub => (true, !real && all),
                BinaryOp::Mul => (!real || all, !real && all),
                BinaryOp::Div
                | BinaryOp::Rem
                | BinaryOp::Pow
                | BinaryOp::Atan2
                | BinaryOp::Hypot
                | BinaryOp::Polygamma => (!real, false),
            },
            Prim::Convert(_) => (true, false),
            Prim::Reduce { .. }
            | Prim::ScatterAdd { .. }
            | Prim::Scan { .. }
            | Prim::Contract { .. }
            | Prim::RandomBits(_)
            | Prim::RandomSplit(_)
            | Prim::RandomFold
            | Prim::Linalg(_) => (!real, !real && all),
        };
        if !vanishes {
            return None;
        }
        finite.extend(step.types.iter().map(|_| stays));
    }
    Some(region.results().iter().map(|r| finite[r.index()]).collect())
}

/// Element operations of one run of a region, roughly: the elements it makes, and the products it sums.
pub fn work(region: &Region) -> u64 {
    Figures::new(find_work).of(region)
}

fn find_work<'r>(work: &mut Figures<'r, u64>, region: &'r Region) -> u64 {
    let steps = region.steps().iter().map(|step| match &step.op {
        Op::Prim(prim) => prim_work(prim, region, step),
        Op::Loop(l) => work.of(&l.body).saturating_mul(l.n as u64),
        Op::Cond { then, otherwise } => work.of(then).max(work.of(otherwise)),
        Op::Call(f) => work.of(&f.region),
        Op::Lens(l) => work.of(&l.get.region).max(work.of(&l.put.region)),
        Op::Reverse(f) | Op::Forward(f) => work.of(&f.region).saturating_mul(4),
    });
    steps.fold(0, u64::saturating_add)
}

fn prim_work(prim: &Prim, region: &Region, step: &Step) -> u64 {
    let result = elements(&step.types[0]);
    let argument = |k: usize| region.ty(step.args[k]);
    match prim {
        Prim::Literal(_) | Prim::Iota(_) | Prim::Broadcast { .. } | Prim::Reshape(_) => 0,
        Prim::Reduce { .. } | Prim::ArgMax(_) | Prim::ArgMin(_) => elements(argument(0)),
        Prim::ArgSort { .. } => {
            let n = argument(0).shape.last().copied().unwrap_or(0);
            elements(argument(0)).saturating_mul(1 + u64::from(n.max(1).ilog2()))
        }
        Prim::Contract { sum, .. } => sum
            .iter()
            .map(|&(i, _)| argument(0).shape[i] as u64)
            .fold(result, u64::saturating_mul),
        Prim::ScatterAdd { axes, .. } => elements(argument(axes + 1)),
        Prim::RandomBits(_) | Prim::RandomSplit(_) | Prim::RandomFold => result.saturating_mul(20),
        Prim::Linalg(op) => {
            let args: Vec<&Type> = (0..step.args.len()).map(argument).collect();
            flops(*op, &args)
        }
        Prim::Unary(_)
        | Prim::Binary(_)
        | Prim::Compare(_)
        | Prim::Select
        | Prim::Convert(_)
        | Prim::Transpose(_)
        | Prim::Slice { .. }
        | Prim::Pad { .. }
        | Prim::Concat(_)
        | Prim::Flip(_)
        | Prim::Scan { .. }
        | Prim::Gather { .. }
        | Prim::Trace(_) => result,
    }
}

/// The number of elements of the largest array that some step of a region, or of a body in it, makes.
/// Repetitions do not count: they are read, never written out.
pub fn largest(region: &Region) -> u64 {
    Figures::new(find_largest).of(region)
}

fn find_largest<'r>(largest: &mut Figures<'r, u64>, region: &'r Region) -> u64 {
    let mut most = 0;
    for step in region.steps() {
        let inner = match &step.op {
            Op::Prim(Prim::Broadcast { .. } | Prim::Literal(_) | Prim::Iota(_)) => continue,
            Op::Prim(_) => 0,
            Op::Loop(l) => largest.of(&l.body),
            Op::Cond { then, otherwise } => largest.of(then).max(largest.of(otherwise)),
            Op::Call(f) | Op::Reverse(f) | Op::Forward(f) => largest.of(&f.region),
            Op::Lens(l) => largest.of(&l.get.region).max(largest.of(&l.put.region)),
        };
        let own = step.types.iter().map(elements).max().unwrap_or(0);
        most = most.max(inner).max(own);
    }
    most
}

/// The number of elements of a type, saturating.
pub fn elements(ty: &Type) -> u64 {
    ty.shape
        .iter()
        .fold(1, |n: u64, &axis| n.saturating_mul(axis as u64))
}

#[cfg(test)]
mod tests {
    use lentil_unary::{Builder, Carrier, Region, Type, UnaryOp};

    use super::derivative_vanishes;

    fn of(body: impl FnOnce(&mut Builder) -> lentil_unary::Slot) -> Region {
        let mut b = Builder::new(vec![Type::scalar(Carrier::F64); 2]);
        let result = body(&mut b);
        b.finish(vec![result])
    }

    #[test]
    fn only_bounded_derivatives_vanish() {
        let vanishes = [
            of(|b| b.param(0)),
            of(|b| {
                let (x, y) = (b.param(0), b.param(1));
                b.mul(x, y)
            }),
            of(|b| {
                let x = b.param(0);
                b.unary(UnaryOp::Tanh, x)
            }),
        ];
        assert!(vanishes.iter().all(derivative_vanishes));
        let unknown = [
            of(|b| {
                let x = b.param(0);
                b.unary(UnaryOp::Sqrt, x)
            }),
            of(|b| {
                let x = b.param(0);
                b.unary(UnaryOp::Log, x)
            }),
            of(|b| {
                let (x, y) = (b.param(0), b.param(1));
                b.div(x, y)
            }),
            of(|b| {
                let x = b.param(0);
                let square = b.mul(x, x);
                b.mul(square, square)
            }),
        ];
        assert!(!unknown.iter().any(derivative_vanishes));
    }
}
