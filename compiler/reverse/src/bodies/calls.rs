//! R(call g) = call R[g]: calls stay calls.

use std::sync::Arc;

use lentil_unary::{Function, Op, Slot, Step};

use super::{Saved, live_cotangents, open_wishes, pick, threaded};
use crate::activity::wanted_params;
use crate::joint::Sweep;
use crate::memo::{Code, Memo};
use crate::rows::Change;
use crate::split::{Residual, Wishes, split};

pub(super) fn plan(
    memo: &mut Memo,
    f: &Arc<Function>,
    active: &[bool],
    live: &[bool],
) -> (Op, Wishes) {
    let code = Code::Function(f.clone());
    let wanted = wanted_params(memo, std::slice::from_ref(&code), active, live);
    let wishes = open_wishes(wanted, live);
    let halves = split(memo, &code, &wishes);
    if halves.extras == 0 {
        return (Op::Call(f.clone()), wishes);
    }
    let get = memo
        .gets
        .entry((f.clone(), wishes.clone()))
        .or_insert_with(|| {
            Arc::new(Function {
                name: format!("{}.get", f.name),
                region: (*halves.forward).clone(),
            })
        });
    (Op::Call(get.clone()), wishes)
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
    let halves = split(memo, &Code::Function(f.clone()), &wishes);
    if !halves.gives.contains(&true) {
        return;
    }
    let mut args: Vec<Slot> = Vec::new();
    args.extend(halves.uses.iter().map(|&p| sweep.map[step.args[p].index()]));
    args.extend(halves.residuals.iter().map(|r| match *r {
        Residual::Result(k) => saved.slots[k],
        Residual::Extra(k) => saved.slots[saved.results + k],
    }));
    args.extend(live_cotangents(sweep, first, &wishes.live));
    let begun = pick(&step.args, &wishes.threaded);
    args.extend(begun.into_iter().map(|arg| sweep.take_dense(arg)));
    let put = memo
        .puts
        .entry((f.clone(), wishes))
        .or_insert_with(|| {
            Arc::new(Function {
                name: format!("{}.put", f.name),
                region: halves.backward.clone(),
            })
        })
        .clone();
    let results = sweep.builder.borrow_mut().call(&put, &args);
    for (arg, slot) in pick(&step.args, &halves.gives).into_iter().zip(results) {
        sweep.add(arg, Change::Dense(slot));
    }
}
