//! Removes what no result needs: steps, states and outputs of loops, results of conditionals, and captures
//! and arrays that a body does not read.

use std::sync::Arc;

use crate::Builder;
use crate::carrier::Type;
use crate::syntax::{Loop, Op, Region, Slot, Step};

/// A step that computes less: its operation, which arguments it takes and which results it keeps.
struct Less {
    op: Op,
    args: Vec<Slot>,
    kept: Vec<usize>,
}

/// The region without what it does not need.
pub(super) fn remove(region: &Region) -> Region {
    let mut live = vec![false; region.slots().len()];
    mark(&mut live, region.results());
    let numbered: Vec<(Slot, &Step)> = region.numbered().collect();
    let mut needed: Vec<(Slot, usize, Less)> = Vec::new();
    for (first, step) in numbered.into_iter().rev() {
        let results = first.index()..first.index() + step.types.len();
        if !live[results.clone()].contains(&true) {
            continue;
        }
        let less = less(step, &live[results]);
        mark(&mut live, &less.args);
        needed.push((first, step.types.len(), less));
    }

    let mut builder = Builder::new(region.params().to_vec());
    let mut map: Vec<Option<Slot>> = builder.param_slots().into_iter().map(Some).collect();
    map.resize(region.slots().len(), None);
    let there = |map: &[Option<Slot>], slot: &Slot| map[slot.index()].expect("a live slot is kept");
    for (first, _, less) in needed.into_iter().rev() {
        let args: Vec<Slot> = less.args.iter().map(|a| there(&map, a)).collect();
        let results = builder.emit(less.op, &args);
        for (result, k) in results.into_iter().zip(less.kept) {
            map[first.index() + k] = Some(result);
        }
    }
    let results = region.results().iter().map(|r| there(&map, r)).collect();
    builder.finish(results)
}

fn mark(live: &mut [bool], slots: &[Slot]) {
    for slot in slots {
        live[slot.index()] = true;
    }
}

fn less(step: &Step, live: &[bool]) -> Less {
    match &step.op {
        Op::Prim(_) | Op::Call(_) | Op::Reverse(_) | Op::Forward(_) | Op::Lens(_) => Less {
            op: step.op.clone(),
            args: step.args.clone(),
            kept: (0..live.len()).collect(),
        },
        Op::Loop(l) => less_loop(l, &step.args, live),
        Op::Cond { then, otherwise } => less_cond(then, otherwise, &step.args, live),
    }
}

fn less_cond(then: &Region, otherwise: &Region, args: &[Slot], live: &[bool]) -> Less {
    let kept: Vec<usize> = (0..live.len()).filter(|&k| live[k]).collect();
    let (yes, no) = (reads(then, &kept), reads(otherwise, &kept));
    let captures: Vec<usize> = (0..yes.len()).filter(|&k| yes[k] || no[k]).collect();
    let mut less_args = vec![args[0]];
    less_args.extend(captures.iter().map(|k| args[1 + k]));
    let op = Op::Cond {
        then: Arc::new(restrict(then, &captures, &kept)),
        otherwise: Arc::new(restrict(otherwise, &captures, &kept)),
    };
    Less {
        op,
        args: less_args,
        kept,
    }
}

fn less_loop(l: &Loop, args: &[Slot], live: &[bool]) -> Less {
    let first_state = 1 + l.consts + l.xs;
    // A state is needed if its last value is, or if something that is needed reads it.
    let mut needed = live.to_vec();
    if l.limited() {
        needed[0] = true;
    }
    let (kept, read) = loop {
        let kept: Vec<usize> = (0..needed.len()).filter(|&k| needed[k]).collect();
        let read = reads(&l.body, &kept);
        let mut more = false;
        for state in 0..l.states {
            if read[first_state + state] && !needed[state] {
                needed[state] = true;
                more = true;
            }
        }
        if !more {
            break (kept, read);
        }
    };
    let is_kept = |param: usize| match param.checked_sub(first_state) {
        Some(state) => needed[state],
        None => param == 0 || read[param],
    };
    let params: Vec<usize> = (0..l.body.params().len()).filter(|&p| is_kept(p)).collect();
    let count = |from: usize, to: usize| params.iter().filter(|p| (from..to).contains(p)).count();
    let op = Op::Loop(Loop {
        consts: count(1, 1 + l.consts),
        xs: count(1 + l.consts, first_state),
        states: count(first_state, first_state + l.states),
        body: Arc::new(restrict(&l.body, &params, &kept)),
        ..l.clone()
    });
    Less {
        op,
        args: params[1..].iter().map(|p| args[p - 1]).collect(),
        kept,
    }
}

/// Which parameters some results need.
fn reads(region: &Region, results: &[usize]) -> Vec<bool> {
    let mut live = vec![false; region.slots().len()];
    for &k in results {
        live[region.results()[k].index()] = true;
    }
    let numbered: Vec<(Slot, &Step)> = region.numbered().collect();
    for (first, step) in numbered.into_iter().rev() {
        let made = first.index()..first.index() + step.types.len();
        if live[made].contains(&true) {
            mark(&mut live, &step.args);
        }
    }
    live.truncate(region.params().len());
    live
}

/// The region with some of its parameters and results, which need no others.
fn restrict(region: &Region, params: &[usize], results: &[usize]) -> Region {
    if params.len() == region.params().len() && results.len() == region.results().len() {
        return region.clone();
    }
    let types: Vec<Type> = params.iter().map(|&p| region.params()[p].clone()).collect();
    let mut builder = Builder::new(types);
    let mut map: Vec<Option<Slot>> = vec![None; region.params().len()];
    for (k, &p) in params.iter().enumerate() {
        map[p] = Some(builder.param(k));
    }
    for step in region.steps() {
        // A step that reads what is gone is itself not needed.
        let args: Option<Vec<Slot>> = step.args.iter().map(|a| map[a.index()]).collect();
        match args {
            Some(args) => map.extend(builder.emit(step.op.clone(), &args).into_iter().map(Some)),
            None => map.extend(vec![None; step.types.len()]),
        }
    }
    let results = results
        .iter()
        .map(|&k| map[region.results()[k].index()].expect("a needed result is kept"))
        .collect();
    remove(&builder.finish(results))
}
