//! Which slots take part in a derivative.
//!
//! A slot is *varying* if it depends on a parameter whose cotangent is wanted, and *useful* if a live
//! result depends on it; both through differentiable values only. Only slots that are both are swept.

use lentil_unary::{Loop, Op, Region, Slot, Step, Type};

use crate::lenses;
use crate::memo::{Code, Memo};
use crate::rows::flows;

/// For each slot whether it varies, given which parameters do.
pub(crate) fn varying_slots(memo: &mut Memo, region: &Region, params: &[bool]) -> Vec<bool> {
    let mut varying = params.to_vec();
    for step in region.steps() {
        let args: Vec<bool> = step.args.iter().map(|a| varying[a.index()]).collect();
        let results = varying_results(memo, region, step, &args);
        varying.extend(results);
    }
    varying
}

/// For each slot whether it is useful, given which results are live.
pub(crate) fn useful_slots(memo: &mut Memo, region: &Region, results: &[bool]) -> Vec<bool> {
    let mut useful = vec![false; region.slots().len()];
    for (slot, &live) in region.results().iter().zip(results) {
        useful[slot.index()] |= live && region.ty(*slot).differentiable();
    }
    let numbered: Vec<(Slot, &Step)> = region.numbered().collect();
    for (first, step) in numbered.into_iter().rev() {
        let range = first.index()..first.index() + step.types.len();
        let live: Vec<bool> = useful[range].to_vec();
        if live.iter().any(|&l| l) {
            for (arg, use_) in step.args.iter().zip(useful_args(memo, region, step, &live)) {
                useful[arg.index()] |= use_;
            }
        }
    }
    useful
}

/// For the body of a loop: which parameters vary and which results are live over all iterations,
/// given which arguments of the loop vary and which of its results are live.
pub(crate) fn loop_activity(
    memo: &mut Memo,
    l: &Loop,
    varying_args: &[bool],
    live_results: &[bool],
) -> (Vec<bool>, Vec<bool>) {
    let varying = varying_states(memo, l, varying_args);
    let live = live_states(memo, l, live_results);
    let (params, results) = (l.body.params(), l.body.result_types());
    let first_state = 1 + l.consts + l.xs;
    let mut wanted = vec![false];
    wanted.extend_from_slice(&varying_args[..l.consts + l.xs]);
    let mut lives = Vec::new();
    for k in 0..l.states {
        let active = varying[k] && live[k] && params[first_state + k].differentiable();
        wanted.push(active);
        lives.push(active);
    }
    for k in l.states..results.len() {
        lives.push(live_results[k] && results[k].differentiable());
    }
    let used = useful_of(memo, Code::Body(l.body.clone()), lives.clone());
    for (wanted, used) in wanted.iter_mut().zip(used) {
        *wanted &= used;
    }
    (wanted, lives)
}

/// For an arm or a function: the parameters that vary and that a live result depends on.
pub(crate) fn wanted_params(
    memo: &mut Memo,
    codes: &[Code],
    varying: &[bool],
    live: &[bool],
) -> Vec<bool> {
    let mut used = vec![false; varying.len()];
    for code in codes {
        let more = useful_of(memo, code.clone(), live.to_vec());
        grow(&mut used, &more);
    }
    used.iter().zip(varying).map(|(u, v)| *u && *v).collect()
}

fn varying_results(memo: &mut Memo, region: &Region, step: &Step, args: &[bool]) -> Vec<bool> {
    match &step.op {
        Op::Prim(prim) => {
            let types: Vec<_> = step.args.iter().map(|&a| region.ty(a)).collect();
            let flow = |j: usize, ty: &Type| {
                (0..args.len()).any(|k| args[k] && flows(prim, k, &types, j, ty))
            };
            let results = step.types.iter().enumerate();
            results.map(|(j, ty)| flow(j, ty)).collect()
        }
        Op::Loop(l) => {
            let states = varying_states(memo, l, args);
            let mut params = vec![false];
            params.extend_from_slice(&args[..l.consts + l.xs]);
            params.extend_from_slice(&states);
            let body = varying_of(memo, Code::Body(l.body.clone()), params);
            let mut results = states;
            results.extend_from_slice(&body[l.states..]);
            results
        }
        Op::Cond { then, otherwise } => {
            let one = varying_of(memo, Code::Body(then.clone()), args[1..].to_vec());
            let two = varying_of(memo, Code::Body(otherwise.clone()), args[1..].to_vec());
            one.iter().zip(&two).map(|(a, b)| *a || *b).collect()
        }
        Op::Call(f) => varying_of(memo, Code::Function(f.clone()), args.to_vec()),
        Op::Lens(l) => {
            let sends = lenses::sends_back(l);
            let any = args
                .iter()
                .zip(sends)
                .any(|(varies, sends)| *varies && sends);
            step.types
                .iter()
                .map(|ty| any && ty.differentiable())
                .collect()
        }
        Op::Reverse(_) | Op::Forward(_) => unresolved(),
    }
}

fn varying_states(memo: &mut Memo, l: &Loop, args: &[bool]) -> Vec<bool> {
    let mut states = args[l.consts + l.xs..].to_vec();
    if l.solved() {
        // A solution does not depend on where the search for it began.
        states.fill(false);
    }
    loop {
        let mut params = vec![false];
        params.extend_from_slice(&args[..l.consts + l.xs]);
        params.extend_from_slice(&states);
        let results = varying_of(memo, Code::Body(l.body.clone()), params);
        if !grow(&mut states, &results) {
            return states;
        }
    }
}

fn useful_args(memo: &mut Memo, region: &Region, step: &Step, live: &[bool]) -> Vec<bool> {
    match &step.op {
        Op::Prim(prim) => {
            let types: Vec<_> = step.args.iter().map(|&a| region.ty(a)).collect();
            (0..step.args.len())
                .map(|k| {
                    let mut results = step.types.iter().enumerate();
                    results.any(|(j, ty)| live[j] && flows(prim, k, &types, j, ty))
                })
                .collect()
        }
        Op::Loop(l) => {
            let states = live_states(memo, l, live);
            let mut results = states.clone();
            results.extend_from_slice(&live[l.states..]);
            let params = useful_of(memo, Code::Body(l.body.clone()), results);
            let mut args = params[1..1 + l.consts + l.xs].to_vec();
            args.extend(states.into_iter().map(|s| s && !l.solved()));
            args
        }
        Op::Cond { then, otherwise } => {
            let one = useful_of(memo, Code::Body(then.clone()), live.to_vec());
            let two = useful_of(memo, Code::Body(otherwise.clone()), live.to_vec());
            let captures = one.iter().zip(&two).map(|(a, b)| *a || *b);
            std::iter::once(false).chain(captures).collect()
        }
        Op::Call(f) => useful_of(memo, Code::Function(f.clone()), live.to_vec()),
        Op::Lens(l) => lenses::sends_back(l),
        Op::Reverse(_) | Op::Forward(_) => unresolved(),
    }
}

fn live_states(memo: &mut Memo, l: &Loop, live: &[bool]) -> Vec<bool> {
    let mut states = live[..l.states].to_vec();
    loop {
        let mut results = states.clone();
        results.extend_from_slice(&live[l.states..]);
        let params = useful_of(memo, Code::Body(l.body.clone()), results);
        if !grow(&mut states, &params[1 + l.consts + l.xs..]) {
            return states;
        }
    }
}

/// Adds what is new; whether anything was.
fn grow(set: &mut [bool], more: &[bool]) -> bool {
    let mut grown = false;
    for (have, &new) in set.iter_mut().zip(more) {
        grown |= new && !*have;
        *have |= new;
    }
    grown
}

fn varying_of(memo: &mut Memo, code: Code, params: Vec<bool>) -> Vec<bool> {
    let key = (code, params);
    if let Some(known) = memo.varying.get(&key) {
        return known.clone();
    }
    let slots = varying_slots(memo, &key.0, &key.1);
    let results: Vec<bool> = key.0.results().iter().map(|r| slots[r.index()]).collect();
    memo.varying.insert(key, results.clone());
    results
}

fn useful_of(memo: &mut Memo, code: Code, results: Vec<bool>) -> Vec<bool> {
    let key = (code, results);
    if let Some(known) = memo.useful.get(&key) {
        return known.clone();
    }
    let slots = useful_slots(memo, &key.0, &key.1);
    let params = slots[..key.0.params().len()].to_vec();
    memo.useful.insert(key, params.clone());
    params
}

/// Derivatives inside a region are resolved before it is differentiated itself.
pub(crate) fn unresolved() -> ! {
    unreachable!("a derivative that was not resolved before its surroundings were differentiated")
}
