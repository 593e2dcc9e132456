//! Whether a loss can change with what it judges: through differentiable values, and through no step
//! that is flat wherever it has a slope.
//!
//! *Before*: a region of unary form, and its parameters of which to ask.
//! *After*: whether some result may depend on them. What cannot be told is taken to depend.
//! *Size*: linear in the region's steps, times the states of its loops.

use std::collections::HashMap;

use lentil_unary::{Loop, Op, Prim, Region, Type, UnaryOp};

/// For each result, whether it may change with a parameter that does.
pub(crate) fn changing(region: &Region, params: &[bool]) -> Vec<bool> {
    Flow::default().changing(region, params)
}

/// What has been found out: a function that is called twice is looked into once.
#[derive(Default)]
struct Flow {
    /// For a region and which of its parameters change, which results may. Looked up, never iterated over.
    known: HashMap<(*const Region, Vec<bool>), Vec<bool>>,
}

impl Flow {
    fn changing(&mut self, region: &Region, params: &[bool]) -> Vec<bool> {
        let key = (std::ptr::from_ref(region), params.to_vec());
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let mut slots: Vec<bool> = region
            .params()
            .iter()
            .zip(params)
            .map(|(ty, changes)| *changes && ty.differentiable())
            .collect();
        for step in region.steps() {
            let args: Vec<bool> = step.args.iter().map(|s| slots[s.0 as usize]).collect();
            let results = self.results(&step.op, &args, &step.types);
            let real = results.into_iter().zip(&step.types);
            slots.extend(real.map(|(changes, ty)| changes && ty.differentiable()));
        }
        let of = |slot: &lentil_unary::Slot| slots[slot.0 as usize];
        let results: Vec<bool> = region.results().iter().map(of).collect();
        self.known.insert(key, results.clone());
        results
    }

    fn results(&mut self, op: &Op, args: &[bool], types: &[Type]) -> Vec<bool> {
        let any = || vec![args.contains(&true); types.len()];
        match op {
            Op::Prim(Prim::Unary(
                UnaryOp::Floor | UnaryOp::Ceil | UnaryOp::Round | UnaryOp::Sign,
            )) => vec![false; types.len()],
            Op::Prim(_) => any(),
            Op::Call(f) => self.changing(&f.region, args),
            // What decides between the arms has no slope.
            Op::Cond { then, otherwise } => {
                let captures = args.get(1..).unwrap_or(&[]);
                let then = self.changing(then, captures);
                let otherwise = self.changing(otherwise, captures);
                let arms = then.into_iter().zip(otherwise);
                arms.map(|(a, b)| a || b).collect()
            }
            Op::Loop(l) => self.looped(l, args),
            // What a lens sends back is for its `put` to say, not for its `get`.
            Op::Reverse(_) | Op::Forward(_) | Op::Lens(_) => any(),
        }
    }

    /// A state that changes in one iteration changes what comes after.
    fn looped(&mut self, l: &Loop, args: &[bool]) -> Vec<bool> {
        let mut args = args.to_vec();
        let first = l.consts + l.xs;
        loop {
            let params = [vec![false], args.clone()].concat();
            let out = self.changing(&l.body, &params);
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
}
