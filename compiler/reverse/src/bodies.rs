//! Reversing the operations that have bodies: loops, conditionals and calls.
//!
//! Forwards each returns, besides its results, what its body's sweep needs saved.
//! Backwards each runs the backward half of its body, in the opposite order for a loop, on the arm that
//! was taken for a conditional.
//! The cotangents of captures go in and come out again (*add to what is there*), so that a body that
//! reads one element of an array changes one element of its cotangent, at any depth of nesting.

mod arms;
mod calls;
mod loops;
mod solved;

pub(crate) use arms::sweep_cond;
pub(crate) use calls::{Lens, sweep_call};
pub(crate) use loops::sweep_loop;
pub(crate) use solved::{carry_solved, sweep_solved};

use std::collections::BTreeSet;

use lentil_unary::{Op, Slot, Step, Type};

use crate::activity::unresolved;
use crate::joint::Sweep;
use crate::memo::Memo;
use crate::split::Wishes;

/// An operation whose body will be swept, as it runs forwards.
pub(crate) struct Plan {
    /// The operation, augmented.
    pub(crate) op: Op,
    wishes: Wishes,
    results: usize,
}

/// What the sweep of an operation finds when it comes back to it.
pub(crate) struct Saved {
    wishes: Wishes,
    /// How many results the operation has by itself.
    results: usize,
    /// The slots of its results, then of the values saved.
    slots: Vec<Slot>,
}

impl Plan {
    pub(crate) fn saved(self, slots: Vec<Slot>) -> Saved {
        Saved {
            wishes: self.wishes,
            results: self.results,
            slots,
        }
    }
}

/// How an operation with a body runs forwards, if it will be swept; `live` says for which results.
pub(crate) fn plan(memo: &mut Memo, sweep: &Sweep<'_>, step: &Step, live: &[bool]) -> Option<Plan> {
    let active: Vec<bool> = step.args.iter().map(|a| sweep.active[a.index()]).collect();
    let (op, wishes) = match &step.op {
        Op::Prim(_) | Op::Lens(_) => return None,
        Op::Loop(l) if l.solved() => solved::plan(memo, l, &active, live),
        Op::Loop(l) => loops::plan(memo, l, &active, live),
        Op::Cond { then, otherwise } => arms::plan(memo, then, otherwise, &active, live),
        Op::Call(f) => calls::plan(memo, f, &active, live),
        Op::Reverse(_) | Op::Forward(_) => unresolved(),
    };
    Some(Plan {
        op,
        wishes,
        results: step.types.len(),
    })
}

/// The cotangents of the live results among those that begin at `first`.
fn live_cotangents(sweep: &mut Sweep<'_>, first: Slot, live: &[bool]) -> Vec<Slot> {
    (0..live.len() as u32)
        .filter(|&k| live[k as usize])
        .map(|k| sweep.take_dense(Slot(first.0 + k)))
        .collect()
}

/// Which captured arrays pass their cotangent through an arm or a function: those that have one.
/// (A slot that is captured twice passes it once.) Scalars are added up outside.
fn threaded(sweep: &Sweep<'_>, captures: &[Slot], wanted: &[bool]) -> Vec<bool> {
    let mut seen = BTreeSet::new();
    let pairs = captures.iter().zip(wanted);
    pairs
        .map(|(&arg, &wanted)| {
            let array = sweep.region.ty(arg).rank() > 0;
            wanted && array && sweep.begun(arg) && seen.insert(arg)
        })
        .collect()
}

fn pick<T: Clone>(items: &[T], mask: &[bool]) -> Vec<T> {
    let pairs = items.iter().zip(mask);
    pairs.filter(|(_, m)| **m).map(|(t, _)| t.clone()).collect()
}

fn types_of(sweep: &Sweep<'_>, slots: &[Slot]) -> Vec<Type> {
    let builder = sweep.builder.borrow();
    slots.iter().map(|&s| builder.ty(s).clone()).collect()
}
