//! Removes what no result needs.
//!
//! *Before*: any region.
//! *After*: the same results; no dead step, and in loops and conditionals no dead result, state, capture
//! or element, all through nested bodies. States that never change become captures.
//! *Size*: never larger.

use std::sync::Arc;

use lentil_unary::{Builder, Loop, Op, Region, Slot, Step};

/// The region without what its results do not need. Parameters stay.
pub(crate) fn trim(region: &Region) -> Region {
    let mut needed = vec![false; region.slots().len()];
    for result in region.results() {
        needed[result.index()] = true;
    }
    let numbered: Vec<(Slot, &Step)> = region.numbered().collect();
    let mut kept: Vec<Option<Kept>> = Vec::with_capacity(numbered.len());
    for (first, step) in numbered.iter().rev() {
        let range = first.index()..first.index() + step.types.len();
        let wants = needed[range].to_vec();
        let keep = wants.contains(&true).then(|| narrow(step, &wants));
        for slot in keep.iter().flat_map(Kept::reads) {
            needed[slot.index()] = true;
        }
        kept.push(keep);
    }

    let mut b = Builder::new(region.params().to_vec());
    let mut map: Vec<Option<Slot>> = b.param_slots().into_iter().map(Some).collect();
    for ((_, step), keep) in numbered.iter().zip(kept.into_iter().rev()) {
        let Some(keep) = keep else {
            map.resize(map.len() + step.types.len(), None);
            continue;
        };
        let at = |slot: &Slot| map[slot.index()].expect("what a kept step reads is kept");
        let made = match &keep.op {
            Some(op) => {
                let args: Vec<Slot> = keep.args.iter().map(at).collect();
                b.emit(op.clone(), &args)
            }
            None => Vec::new(),
        };
        let results: Vec<Option<Slot>> = keep
            .results
            .iter()
            .map(|source| match source {
                Source::Dead => None,
                Source::Made(k) => Some(made[*k]),
                Source::Passed(slot) => Some(at(slot)),
            })
            .collect();
        map.extend(results);
    }
    let results = region.results().iter();
    b.finish(results.filter_map(|r| map[r.index()]).collect())
}

/// Which parameters a region reads.
pub(crate) fn reads(region: &Region) -> Vec<bool> {
    let mut read = vec![false; region.slots().len()];
    let args = region.steps().iter().flat_map(|s| &s.args);
    for slot in args.chain(region.results()) {
        read[slot.index()] = true;
    }
    read.truncate(region.params().len());
    read
}

/// The region over some of its parameters in another order: `order` lists the new parameters,
/// each by the old ones that it stands for.
/// Old parameters that are not listed are not read.
pub(crate) fn reorder(region: &Region, order: &[Vec<usize>]) -> Region {
    let params = order
        .iter()
        .filter_map(|olds| olds.first())
        .map(|&p| region.params()[p].clone());
    let mut b = Builder::new(params.collect());
    // A parameter that is not read may stand for anything.
    let mut args = vec![Slot(0); region.params().len()];
    for (new, olds) in order.iter().enumerate() {
        for &old in olds {
            args[old] = b.param(new);
        }
    }
    let results = b.inline(region, &args);
    b.finish(results)
}

/// The region with some of its results only.
pub(crate) fn restrict(region: &Region, keep: &[bool]) -> Region {
    let results = region.results().iter().zip(keep);
    let results = results.filter(|(_, k)| **k).map(|(r, _)| *r).collect();
    trim(&Region::new(
        region.params().to_vec(),
        region.steps().to_vec(),
        results,
    ))
}

/// What remains of a step.
struct Kept {
    /// `None` if every needed result is an argument passed through.
    op: Option<Op>,
    args: Vec<Slot>,
    results: Vec<Source>,
}

enum Source {
    Dead,
    /// Result `k` of what remains.
    Made(usize),
    /// An argument of the step.
    Passed(Slot),
}

impl Kept {
    fn reads(&self) -> impl Iterator<Item = Slot> {
        let passed = self.results.iter().filter_map(|source| match source {
            Source::Passed(slot) => Some(*slot),
            Source::Dead | Source::Made(_) => None,
        });
        self.args.iter().copied().chain(passed)
    }
}

fn narrow(step: &Step, wants: &[bool]) -> Kept {
    match &step.op {
        Op::Loop(l) => narrow_loop(l, step, wants),
        Op::Cond { then, otherwise } => narrow_cond(then, otherwise, step, wants),
        Op::Prim(_) | Op::Call(_) | Op::Reverse(_) | Op::Forward(_) | Op::Lens(_) => Kept {
            op: Some(step.op.clone()),
            args: step.args.clone(),
            results: (0..wants.len()).map(Source::Made).collect(),
        },
    }
}

fn narrow_loop(l: &Loop, step: &Step, wants: &[bool]) -> Kept {
    let first_x = 1 + l.consts;
    let first_state = first_x + l.xs;
    let state = |k: usize| first_state + k;
    // A state that every iteration hands on unchanged is a capture; but not a limit, whose last value is
    // how often the loop ran, nor a solution, whose derivative is not that of where it began.
    let own = |k: usize| l.limited() && k == 0 || l.solved();
    let constant = |k: usize| l.body.results()[k].index() == state(k) && !own(k);
    let mut keep = wants.to_vec();
    for (k, keep) in keep.iter_mut().enumerate().take(l.states) {
        *keep &= !constant(k);
    }
    if l.limited() {
        keep[0] |= keep.contains(&true);
    }
    let (body, read) = loop {
        let body = restrict(&l.body, &keep);
        let read = reads(&body);
        let more: Vec<usize> = (0..l.states)
            .filter(|&k| read[state(k)] && !constant(k) && !keep[k])
            .collect();
        if more.is_empty() {
            break (body, read);
        }
        for k in more {
            keep[k] = true;
        }
    };

    let mut results = Vec::with_capacity(wants.len());
    let mut made = 0;
    for k in 0..wants.len() {
        results.push(if keep[k] {
            made += 1;
            Source::Made(made - 1)
        } else if wants[k] {
            Source::Passed(step.args[state(k) - 1])
        } else {
            Source::Dead
        });
    }
    if made == 0 {
        return Kept {
            op: None,
            args: Vec::new(),
            results,
        };
    }

    let captured = (1..first_x).chain((0..l.states).filter(|&k| constant(k)).map(state));
    let mut consts: Vec<Vec<usize>> = Vec::new();
    for p in captured.filter(|&p| read[p]) {
        let arg = step.args[p - 1];
        match consts.iter_mut().find(|c| step.args[c[0] - 1] == arg) {
            Some(same) => same.push(p),
            None => consts.push(vec![p]),
        }
    }
    let xs: Vec<Vec<usize>> = (first_x..first_state)
        .filter(|&p| read[p])
        .map(|p| vec![p])
        .collect();
    let states: Vec<Vec<usize>> = (0..l.states)
        .filter(|&k| keep[k])
        .map(|k| vec![state(k)])
        .collect();
    let order = [&[vec![0]], &consts[..], &xs[..], &states[..]].concat();
    Kept {
        op: Some(Op::Loop(Loop {
            consts: consts.len(),
            xs: xs.len(),
            states: states.len(),
            body: Arc::new(reorder(&body, &order)),
            ..l.clone()
        })),
        args: order[1..].iter().map(|p| step.args[p[0] - 1]).collect(),
        results,
    }
}

fn narrow_cond(then: &Region, otherwise: &Region, step: &Step, wants: &[bool]) -> Kept {
    let mut keep = wants.to_vec();
    let mut results = Vec::with_capacity(wants.len());
    let mut made = 0;
    for k in 0..wants.len() {
        let (one, two) = (then.results()[k], otherwise.results()[k]);
        results.push(if !wants[k] {
            Source::Dead
        } else if one == two && one.index() < then.params().len() {
            keep[k] = false;
            Source::Passed(step.args[1 + one.index()])
        } else {
            made += 1;
            Source::Made(made - 1)
        });
    }
    if made == 0 {
        return Kept {
            op: None,
            args: Vec::new(),
            results,
        };
    }
    let (then, otherwise) = (restrict(then, &keep), restrict(otherwise, &keep));
    let read = reads(&then).into_iter().zip(reads(&otherwise));
    let order: Vec<Vec<usize>> = read
        .enumerate()
        .filter(|(_, (one, two))| *one || *two)
        .map(|(p, _)| vec![p])
        .collect();
    let mut args = vec![step.args[0]];
    args.extend(order.iter().map(|p| step.args[1 + p[0]]));
    Kept {
        op: Some(Op::Cond {
            then: Arc::new(reorder(&then, &order)),
            otherwise: Arc::new(reorder(&otherwise, &order)),
        }),
        args,
        results,
    }
}
