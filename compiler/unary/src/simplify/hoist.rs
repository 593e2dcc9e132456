//! Moves out of a loop what is the same in each iteration.
//!
//! Moved are steps whose results are not larger than their largest argument, so that what is kept alive
//! during the loop does not grow by a repetition.
//! The loop has at least two iterations, so that nothing is computed that was not; one that may end early
//! may have none, and then computes what it would have computed once.
//! A step of which it matters how often it is applied ([`Op::additive`]) stays where it is.
//! A step that may trap is moved too, unless one stays behind that would have trapped before it, or the
//! loop may have no iteration: so a run stops where it did.

use std::collections::HashMap;

use crate::prim::Prim;
use crate::syntax::{Loop, Op, Region, Slot, Step};

use super::iterate::Source;
use super::rewrite::Rewriter;

impl Rewriter<'_, '_> {
    /// Appends outside what does not change, and notes in `sources` that it comes from there.
    pub(super) fn hoist(&mut self, l: &Loop, body: &Region, sources: &mut [Option<Source>]) {
        let mut fixed: Vec<bool> = sources
            .iter()
            .map(|s| matches!(s, Some(Source::Const(_) | Source::Fill(..))))
            .collect();
        let mut makers: HashMap<Slot, (Slot, &Step)> = HashMap::new();
        let mut outside: HashMap<Slot, Slot> = HashMap::new();
        let mut trap_behind = l.limited();
        for (first, step) in body.numbered() {
            let traps = self.round.traps(&step.op);
            let constant = step.args.iter().all(|a| fixed[a.index()]) && step.op.additive();
            if !constant || traps && trap_behind {
                trap_behind |= traps;
                continue;
            }
            for k in 0..step.types.len() as u32 {
                fixed[first.index() + k as usize] = true;
                makers.insert(Slot(first.0 + k), (first, step));
            }
            let worth = worth_moving(body, step);
            trap_behind |= traps && !worth;
            if worth {
                for k in 0..step.types.len() as u32 {
                    let slot = Slot(first.0 + k);
                    let moved = self.outside(slot, sources, &makers, &mut outside);
                    sources[slot.index()] = Some(Source::Const(moved));
                }
            }
        }
    }

    /// A slot of the body that does not change, outside.
    fn outside(
        &mut self,
        slot: Slot,
        sources: &[Option<Source>],
        makers: &HashMap<Slot, (Slot, &Step)>,
        known: &mut HashMap<Slot, Slot>,
    ) -> Slot {
        if let Some(&there) = known.get(&slot) {
            return there;
        }
        let there = match &sources[slot.index()] {
            Some(Source::Const(there)) => *there,
            Some(Source::Fill(literal, ty)) => self.builder.full(*literal, &ty.shape),
            Some(Source::Index | Source::X(_) | Source::State(_)) | None => {
                let (first, step) = makers[&slot];
                let args = step.args.iter();
                let args: Vec<Slot> = args
                    .map(|&a| self.outside(a, sources, makers, known))
                    .collect();
                let results = self.emit(&step.op, &args);
                for (k, &result) in results.iter().enumerate() {
                    known.insert(Slot(first.0 + k as u32), result);
                }
                known[&slot]
            }
        };
        known.insert(slot, there);
        there
    }
}

fn worth_moving(body: &Region, step: &Step) -> bool {
    let largest = step.args.iter().map(|&a| body.ty(a).len()).max();
    let made: usize = step.types.iter().map(|t| t.len()).sum();
    // A step without arguments is a constant, which costs nothing where it stands.
    largest.is_some_and(|largest| made <= largest.max(1)) && !is_fill(step)
}

/// A repetition, which is cheaper repeated than kept.
fn is_fill(step: &Step) -> bool {
    matches!(step.op, Op::Prim(Prim::Broadcast { .. }))
}
