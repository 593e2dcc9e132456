//! Simplification that keeps every bit.
//!
//! *Before*: any region, also with unresolved derivatives.
//! *After*: the same parameters, result types and results, bit for bit up to the payload and sign of a NaN.
//! *Size*: not larger, but for functions that are inlined within the budget of [`Options`].
//!
//! Every rule also commutes with the reverse derivative, so that this pass may run before it: over a ring
//! only identities of polynomials are used (over `Bit`, `x + x = 0`, but not `x * x = x`), and a
//! conversion between rings is never removed.
//!
//! *Traps*. A step that no result needs is removed, even one that could stop the run. No trap is added:
//! what could trap is never moved out of a loop or a conditional.
//!
//! One round rewrites each region from its first step to its last (bodies before the step that holds
//! them), raises sums of products to contractions, makes one loop of two that go through the same states, and
//! removes what is dead. Rounds are repeated until
//! nothing changes, at most [`Options::rounds`] times.

mod algebra;
mod branch;
mod call;
mod constant;
mod dead;
mod hoist;
mod iterate;
mod merge;
mod raise;
mod rewrite;
mod structure;

use std::collections::HashMap;
use std::sync::Arc;

use crate::rebuild::{Rebuild, Rebuilt};
use crate::syntax::{Function, Op, Region};

/// What simplification may spend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// A function of at most this many steps, counted with those of its bodies, is inlined.
    pub small: usize,
    /// Which functions are inlined besides the small ones.
    pub inline: Inline,
    /// The most rounds.
    pub rounds: usize,
}

/// Which functions are inlined whatever their size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inline {
    /// None.
    Small,
    /// Those that the whole program calls in one place.
    CalledOnce,
    /// All.
    All,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            small: 8,
            inline: Inline::CalledOnce,
            rounds: 12,
        }
    }
}

/// The simplified region, with the default options.
pub fn simplify(input: &Region) -> Region {
    simplify_with(input, &Options::default())
}

/// The simplified region.
pub fn simplify_with(input: &Region, options: &Options) -> Region {
    let mut region = input.clone();
    for _ in 0..options.rounds {
        let mut round = Round {
            options,
            calls: call::count(&region),
            rebuilt: Rebuilt::default(),
            trapping: HashMap::new(),
        };
        let next = round.region(&region);
        if next == region {
            break;
        }
        region = next;
    }
    region
}

/// What one round knows of the whole program, and what it has done already.
struct Round<'a> {
    options: &'a Options,
    /// In how many places each function is called or differentiated.
    calls: HashMap<Arc<Function>, usize>,
    rebuilt: Rebuilt,
    /// Which functions could stop the run.
    trapping: HashMap<Arc<Function>, bool>,
}

impl Rebuild for Round<'_> {
    fn rebuilt(&mut self) -> &mut Rebuilt {
        &mut self.rebuilt
    }

    fn region(&mut self, region: &Region) -> Region {
        let rewritten = rewrite::rewrite(region, self);
        let mut raised = raise::raise(&rewritten);
        while let Some(merged) = merge::merge(&raised, self) {
            raised = merged;
        }
        dead::remove(&raised)
    }

    /// What is differentiated is simplified too: every rule commutes with that.
    fn derivand(&mut self, f: &Arc<Function>) -> Arc<Function> {
        self.function(f)
    }
}

impl Round<'_> {
    /// Whether an operation could stop the run.
    fn traps(&mut self, op: &Op) -> bool {
        match op {
            Op::Prim(prim) => prim.row().traps,
            Op::Loop(l) => self.region_traps(&l.body),
            Op::Cond { then, otherwise } => self.region_traps(then) || self.region_traps(otherwise),
            Op::Call(f) | Op::Reverse(f) | Op::Forward(f) => self.function_traps(f),
            Op::Lens(l) => self.function_traps(&l.get) || self.function_traps(&l.put),
        }
    }

    fn function_traps(&mut self, f: &Arc<Function>) -> bool {
        if let Some(&known) = self.trapping.get(f) {
            return known;
        }
        let traps = self.region_traps(&f.region);
        self.trapping.insert(f.clone(), traps);
        traps
    }

    fn region_traps(&mut self, region: &Region) -> bool {
        region.steps().iter().any(|step| self.traps(&step.op))
    }
}

#[cfg(test)]
mod tests;
