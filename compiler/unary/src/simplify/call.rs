//! Calls: inlined if the function is small, or called in one place only.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::rebuild::Rebuild;
use crate::syntax::{Function, Op, Region, Slot};

use super::Inline;
use super::rewrite::Rewriter;

/// In how many places of a whole program each function is called or differentiated.
pub(super) fn count(region: &Region) -> HashMap<Arc<Function>, usize> {
    let mut calls = HashMap::new();
    count_in(region, &mut calls, &mut HashSet::new());
    calls
}

fn count_in(
    region: &Region,
    calls: &mut HashMap<Arc<Function>, usize>,
    seen: &mut HashSet<*const Region>,
) {
    for step in region.steps() {
        match &step.op {
            Op::Prim(_) => {}
            Op::Loop(l) => count_in(&l.body, calls, seen),
            Op::Cond { then, otherwise } => {
                count_in(then, calls, seen);
                count_in(otherwise, calls, seen);
            }
            Op::Call(f) | Op::Reverse(f) | Op::Forward(f) => {
                *calls.entry(f.clone()).or_insert(0) += 1;
                if seen.insert(std::ptr::from_ref(&f.region)) {
                    count_in(&f.region, calls, seen);
                }
            }
            Op::Lens(l) => {
                for f in [&l.get, &l.put] {
                    *calls.entry(f.clone()).or_insert(0) += 1;
                    if seen.insert(std::ptr::from_ref(&f.region)) {
                        count_in(&f.region, calls, seen);
                    }
                }
            }
        }
    }
}

impl Rewriter<'_, '_> {
    pub(super) fn call(&mut self, function: &Arc<Function>, args: &[Slot]) -> Vec<Slot> {
        let simpler = self.round.function(function);
        let options = self.round.options;
        let wanted = match options.inline {
            Inline::Small => false,
            Inline::CalledOnce => self.round.calls.get(function) == Some(&1),
            Inline::All => true,
        };
        if wanted || simpler.region.size(options.small) <= options.small {
            return self.inline(&simpler.region, args);
        }
        self.builder.emit(Op::Call(simpler), args)
    }
}
