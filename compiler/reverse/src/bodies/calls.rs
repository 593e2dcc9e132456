//! R(call g) = call R[g]: calls stay calls.

use std::rc::Rc;
use std::sync::Arc;

use lentil_unary::{Function, Op, Slot, Step};

use super::{Saved, live_cotangents, pick, threaded};
use crate::activity::wanted_params;
use crate::joint::Sweep;
use crate::memo::{Code, Memo};
use crate::rows::Change;
use crate::split::{Residual, Split, Wishes, split};

/// The halves of a function as functions: `get` returns results and what is saved, `put` cotangents.
pub(crate) struct Lens {
    pub(crate) get: Arc<Function>,
    pub(crate) put: Arc<Function>,
    pub(crate) halves: Rc<Split>,
}

impl Lens {
    pub(crate) fn of(memo: &mut Memo, f: &Arc<Function>, wishes: &Wishes) -> Lens {
        let halves = split(memo, &Code::Function(f.clone()), wishes);
        let get = if halves.extras == 0 {
            f.clone()
        } else {
            memo.function(format!("{}.get", f.name), (*halves.forward).clone())
        };
        let put = memo.function(format!("{}.put", f.name), halves.backward.clone());
        Lens { get, put, halves }
    }

    /// The arguments of `put` but for the cotangents: parameters of the function and values saved,
    /// given all its arguments, and the results and extra results of `get`.
    pub(crate) fn put_args(&self, args: &[Slot], made: &[Slot]) -> Vec<Slot> {
        let results = made.len() - self.halves.extras;
        let uses = self.halves.uses.iter().map(|&p| args[p]);
        let residuals = self.halves.residuals.iter().map(|r| match *r {
            Residual::Result(k) => made[k],
            Residual::Extra(k) => made[results + k],
        });
        uses.chain(residuals).collect()
    }
}

pub(super) fn plan(
    memo: &mut Memo,
    f: &Arc<Function>,
    active: &[bool],
    live: &[bool],
) -> (Op, Wishes) {
    let code = Code::Function(f.clone());
    let wanted = wanted_params(memo, std::slice::from_ref(&code), active, live);
    let wishes = Wishes::open(wanted, live);
    let lens = Lens::of(memo, f, &wishes);
    (Op::Call(lens.get), wishes)
}

pub(crate) fn sweep_call(
    memo: &mut Memo,
    sweep: &mut Sweep<'_>,
    f: &Arc<Function>,
    step: &Step,
    first: Slot,
    saved: Saved,
) {
    let mut wishes = saved.wishes;
    wishes.threaded = threaded(sweep, &step.args, &wishes.wanted);
    let lens = Lens::of(memo, f, &wishes);
    if !lens.halves.gives.contains(&true) {
        return;
    }
    let own: Vec<Slot> = step.args.iter().map(|a| sweep.map[a.index()]).collect();
    let mut args = lens.put_args(&own, &saved.slots);
    args.extend(live_cotangents(sweep, first, &wishes.live));
    let begun = pick(&step.args, &wishes.threaded);
    args.extend(begun.into_iter().map(|arg| sweep.take_dense(arg)));
    let results = sweep.builder.borrow_mut().call(&lens.put, &args);
    let given = pick(&step.args, &lens.halves.gives);
    for (arg, slot) in given.into_iter().zip(results) {
        sweep.add(arg, Change::Dense(slot));
    }
}
