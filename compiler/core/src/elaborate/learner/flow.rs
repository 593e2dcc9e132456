//! Whether a loss can change with what it judges: through differentiable values, and through no step
//! that is flat wherever it has a slope.
//!
//! *Before*: a region of unary form, and its parameters of which to ask.
//! *After*: whether some result may depend on them. What cannot be told is taken to depend.
//! *Size*: linear in the region's steps, times the states of its loops.

use lentil_unary::{Loop, Op, Prim, Region, Type, UnaryOp};

/// For each result, whether it may change with a parameter that does.
pub(crate) fn changing(region: &Region, params: &[bool]) -> Vec<bool> {
    let mut slots: Vec<bool> = region
        .params()
        .iter()
        .zip(params)
        .map(|(ty, changes)| *changes && ty.differentiable())
        .collect();
    for step in region.steps() {
        let args: Vec<bool> = step.args.iter().map(|s| slots[s.0 as usize]).collect();
        let results = results(&step.op, &args, &step.types);
        let real = results.into_iter().zip(&step.types);
        slots.extend(real.map(|(changes, ty)| changes && ty.differentiable()));
    }
    let of = |slot: &lentil_unary::Slot| slots[slot.0 as usize];
    region.results().iter().map(of).collect()
}

fn results(op: &Op, args: &[bool], types: &[Type]) -> Vec<bool> {
    let any = || vec![args.contains(&true); types.len()];
    match op {
        Op::Prim(Prim::Unary(UnaryOp::Floor | UnaryOp::Ceil | UnaryOp::Round | UnaryOp::Sign)) => {
            vec![false; types.len()]
        }
        Op::Prim(_) => any(),
        Op::Call(f) => changing(&f.region, args),
        // What decides between the arms has no slope.
        Op::Cond { then, otherwise } => {
            let captures = args.get(1..).unwrap_or(&[]);
            let (a, b) = (changing(then, captures), changing(otherwise, captures));
            a.into_iter().zip(b).map(|(a, b)| a || b).collect()
        }
        Op::Loop(l) => looped(l, args),
        // What a lens sends back is for its `put` to say, not for its `get`.
        Op::Reverse(_) | Op::Forward(_) | Op::Lens(_) => any(),
    }
}

/// A state that changes in one iteration changes what comes after.
fn looped(l: &Loop, args: &[bool]) -> Vec<bool> {
    let mut args = args.to_vec();
    let first = l.consts + l.xs;
    loop {
        let params = [vec![false], args.clone()].concat();
        let out = changing(&l.body, &params);
        let before = args.clone();
        for (arg, next) in args[first..].iter_mut().zip(&out[..l.states]) {
            *arg |= next;
        }
        if args == before {
            let states = args[first..].iter().copied();
            return states.chain(out[l.states..].iter().copied()).collect();
        }
    }
}
