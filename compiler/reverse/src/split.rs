//! Splits the joint program of a body in two: what runs forwards and what runs backwards.
//!
//! *Before*: a closed region, and which cotangents are wanted of it.
//! *After*: `forward`, the region with extra results; `backward`, from parameters that are still at hand,
//! the values saved, and cotangents of the live results, to cotangents of the wanted parameters.
//! *Size*: together the joint program's, and each value that is recomputed once more.
//!
//! A body that would save very many values (a function that calls functions that call functions, written
//! out as a tree) saves none: it runs again. So the size of programs is bounded.
//!
//! What is saved is never an index, a constant, a view of something, or what one cheap operation
//! recomputes from what is at hand. So no level of nesting computes its primal again.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use lentil_unary::{Builder, Op, Prim, Region, Slot, Step};

use crate::joint::{Joint, joint};
use crate::memo::{Code, Memo};
use crate::price::{is_cheap, is_free, is_view};
use crate::trim::trim;

/// What is asked of the reverse derivative of a body.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Wishes {
    /// Parameters whose cotangents are wanted.
    pub(crate) wanted: Vec<bool>,
    /// Results whose cotangents are given.
    pub(crate) live: Vec<bool>,
    /// Parameters with a cotangent so far, to which more is added: an accumulator goes in and comes out.
    pub(crate) threaded: Vec<bool>,
    /// Parameters that are still at hand when the backward half runs.
    pub(crate) available: Vec<bool>,
    /// Results that are still at hand when the backward half runs.
    pub(crate) reusable: Vec<bool>,
}

impl Wishes {
    /// For a region all of whose parameters and results stay at hand: an arm's, a function's.
    pub(crate) fn open(wanted: Vec<bool>, live: &[bool]) -> Wishes {
        Wishes {
            threaded: vec![false; wanted.len()],
            available: vec![true; wanted.len()],
            reusable: vec![true; live.len()],
            live: live.to_vec(),
            wanted,
        }
    }
}

/// Where a saved value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Residual {
    /// It is this result anyway.
    Result(usize),
    /// It is this extra result.
    Extra(usize),
}

/// The two halves of a body.
pub(crate) struct Split {
    /// Parameters to results, then extra results.
    pub(crate) forward: Arc<Region>,
    /// How many extra results there are.
    pub(crate) extras: usize,
    /// The values saved, in the order of `backward`'s parameters.
    pub(crate) residuals: Vec<Residual>,
    /// The parameters that `backward` reads.
    pub(crate) uses: Vec<usize>,
    /// `uses`, residuals, cotangents of live results, accumulators, to the cotangents that are given.
    pub(crate) backward: Region,
    /// For each parameter whether `backward` returns its cotangent; else it is zero.
    pub(crate) gives: Vec<bool>,
}

/// The halves of a body; worked out once for each body and wish.
pub(crate) fn split(memo: &mut Memo, code: &Code, wishes: &Wishes) -> Rc<Split> {
    let key = (code.clone(), wishes.clone());
    if let Some(known) = memo.splits.get(&key) {
        return known.clone();
    }
    let joint = joint(memo, code, wishes);
    let made = Rc::new(partition(joint, wishes));
    memo.splits.insert(key, made.clone());
    made
}

/// The values of the region itself that a sweep reads and that are not at hand.
pub(crate) fn saved_slots(joint: &Joint, available: &[bool]) -> (Region, Vec<Slot>) {
    let whole = whole(joint);
    let halves = Halves::of(joint, &whole);
    let plan = halves.plan_saving(available, Saving::Dear);
    (whole, plan.saved)
}

fn whole(joint: &Joint) -> Region {
    let mut results = joint.results.clone();
    results.extend(joint.cotangents.iter().flatten());
    joint.builder.clone().finish(results)
}

fn partition(joint: Joint, wishes: &Wishes) -> Split {
    let whole = whole(&joint);
    let halves = Halves::of(&joint, &whole);
    let plan = halves.plan(&wishes.available);
    let mut extra: Vec<Slot> = Vec::new();
    let mut residuals = Vec::new();
    for &slot in &plan.saved {
        let own =
            (0..joint.results.len()).find(|&k| wishes.reusable[k] && joint.results[k] == slot);
        residuals.push(own.map_or_else(
            || {
                extra.push(slot);
                Residual::Extra(extra.len() - 1)
            },
            Residual::Result,
        ));
    }
    let forward = halves.forward(&joint, &extra);
    let uses: Vec<usize> = (0..joint.params)
        .filter(|&p| plan.params.contains(&Slot(p as u32)))
        .collect();
    let backward = halves.backward(&joint, &plan, &uses);
    Split {
        forward: Arc::new(forward),
        extras: extra.len(),
        residuals,
        uses,
        backward,
        gives: joint.cotangents.iter().map(Option::is_some).collect(),
    }
}

/// A body that would save more values than this runs again instead.
const MOST_SAVED: usize = 256;

/// Which values are saved.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Saving {
    /// Those that more than one cheap operation would recompute.
    Dear,
    /// None but parameters that are gone.
    Nothing,
}

/// Which half each step of a joint program belongs to.
struct Halves<'a> {
    whole: &'a Region,
    numbered: Vec<(Slot, &'a Step)>,
    params: usize,
    first_step: usize,
    /// For each slot whether it belongs to the region itself.
    primal: Vec<bool>,
    /// Slots of the region that the sweep reads.
    needed: BTreeSet<Slot>,
    /// For each step whether the sweep runs it.
    swept: Vec<bool>,
}

/// How the values that the sweep reads come to it.
struct Plan {
    saved: Vec<Slot>,
    params: BTreeSet<Slot>,
    /// Steps of the region that are run again.
    again: BTreeSet<usize>,
}

impl<'a> Halves<'a> {
    fn of(joint: &Joint, whole: &'a Region) -> Halves<'a> {
        let numbered: Vec<(Slot, &Step)> = whole.numbered().collect();
        let mut primal: Vec<bool> = (0..whole.slots().len())
            .map(|s| s < joint.params || (s >= joint.first_step && s < joint.boundary))
            .collect();
        for (first, step) in &numbered {
            // The number of an extreme element is found forwards: it is smaller than what it is found in.
            let small = matches!(
                step.op,
                Op::Prim(Prim::ArgMax(_) | Prim::ArgMin(_) | Prim::ArgSort { .. })
            );
            if small && step.args.iter().all(|a| primal[a.index()]) {
                primal[first.index()] = true;
            }
        }
        let mut read: BTreeSet<Slot> = joint.cotangents.iter().flatten().copied().collect();
        let mut swept = vec![false; numbered.len()];
        for (i, (first, step)) in numbered.iter().enumerate().rev() {
            let results = (0..step.types.len() as u32).map(|k| Slot(first.0 + k));
            let is_read = results.clone().any(|r| read.contains(&r));
            if is_read && !primal[first.index()] {
                swept[i] = true;
                read.extend(step.args.iter().copied());
            }
        }
        let needed = read.into_iter().filter(|s| primal[s.index()]).collect();
        Halves {
            whole,
            numbered,
            params: joint.params,
            first_step: joint.first_step,
            primal,
            needed,
            swept,
        }
    }

    fn plan(&self, available: &[bool]) -> Plan {
        let plan = self.plan_saving(available, Saving::Dear);
        if plan.saved.len() <= MOST_SAVED {
            return plan;
        }
        self.plan_saving(available, Saving::Nothing)
    }

    fn plan_saving(&self, available: &[bool], saving: Saving) -> Plan {
        // What comes for nothing from what is at hand: constants, indices, views.
        let mut at_hand = vec![false; self.whole.slots().len()];
        at_hand[..self.params].copy_from_slice(available);
        for (first, step) in &self.numbered {
            let free = self.primal[first.index()]
                && is_free(step, self.whole)
                && step.args.iter().all(|a| at_hand[a.index()]);
            at_hand[first.index()] |= free;
        }
        // A view of something that is not at hand: save what it views, which is no larger.
        let mut needed = self.needed.clone();
        let mut again = BTreeSet::new();
        for (i, (first, step)) in self.numbered.iter().enumerate().rev() {
            let results = || (0..step.types.len() as u32).map(|k| Slot(first.0 + k));
            if !results().any(|r| needed.contains(&r)) {
                continue;
            }
            if at_hand[first.index()] || is_view(step) || saving == Saving::Nothing {
                again.insert(i);
                for result in results() {
                    needed.remove(&result);
                }
                needed.extend(step.args.iter().copied());
            }
        }
        let mut plan = Plan {
            saved: Vec::new(),
            params: BTreeSet::new(),
            again,
        };
        let mut have = at_hand;
        for p in needed.range(..Slot(self.first_step as u32)) {
            if have[p.index()] {
                plan.params.insert(*p);
            } else {
                have[p.index()] = true;
                plan.saved.push(*p);
            }
        }
        for (i, (first, step)) in self.numbered.iter().enumerate() {
            let results = (0..step.types.len() as u32).map(|k| Slot(first.0 + k));
            let wanted: Vec<Slot> = results.filter(|r| needed.contains(r)).collect();
            if wanted.is_empty() {
                continue;
            }
            if is_cheap(step) && step.args.iter().all(|a| have[a.index()]) {
                self.recompute(i, &mut plan);
            } else {
                plan.saved.extend(&wanted);
            }
            for slot in wanted {
                have[slot.index()] = true;
            }
        }
        plan
    }

    /// Runs a step again, and whatever free steps it reads.
    fn recompute(&self, step: usize, plan: &mut Plan) {
        let mut todo = vec![step];
        while let Some(i) = todo.pop() {
            if !plan.again.insert(i) {
                continue;
            }
            for &arg in &self.numbered[i].1.args {
                if arg.index() < self.params {
                    if !plan.saved.contains(&arg) {
                        plan.params.insert(arg);
                    }
                } else if !plan.saved.contains(&arg) {
                    todo.extend(self.step_of(arg));
                }
            }
        }
    }

    fn step_of(&self, slot: Slot) -> Option<usize> {
        let after = self.numbered.partition_point(|(first, _)| *first <= slot);
        after.checked_sub(1)
    }

    fn forward(&self, joint: &Joint, extra: &[Slot]) -> Region {
        let params = self.whole.slots()[..self.params].to_vec();
        let mut b = Builder::new(params);
        let mut map: Vec<Option<Slot>> = b.param_slots().into_iter().map(Some).collect();
        map.resize(self.whole.slots().len(), None);
        for (first, step) in &self.numbered {
            if self.primal[first.index()] {
                copy_step(&mut b, &mut map, *first, step);
            }
        }
        let results = joint.results.iter().chain(extra);
        let results = results.filter_map(|r| map[r.index()]).collect();
        trim(&b.finish(results))
    }

    fn backward(&self, joint: &Joint, plan: &Plan, uses: &[usize]) -> Region {
        let mut inputs: Vec<Slot> = uses.iter().map(|&p| Slot(p as u32)).collect();
        inputs.extend(&plan.saved);
        inputs.extend((self.params..self.first_step).map(|s| Slot(s as u32)));
        let types = inputs.iter().map(|&s| self.whole.ty(s).clone()).collect();
        let mut b = Builder::new(types);
        let mut map: Vec<Option<Slot>> = vec![None; self.whole.slots().len()];
        for (k, slot) in inputs.iter().enumerate() {
            map[slot.index()] = Some(b.param(k));
        }
        for (i, (first, step)) in self.numbered.iter().enumerate() {
            if self.swept[i] || plan.again.contains(&i) {
                copy_step(&mut b, &mut map, *first, step);
            }
        }
        let results = joint.cotangents.iter().flatten();
        trim(&b.finish(results.filter_map(|r| map[r.index()]).collect()))
    }
}

/// Copies a step; a result that the map has already (it was saved) keeps its place.
fn copy_step(b: &mut Builder, map: &mut [Option<Slot>], first: Slot, step: &Step) {
    let args: Vec<Slot> = step
        .args
        .iter()
        .map(|a| map[a.index()].expect("a step's arguments are copied before it"))
        .collect();
    for (k, slot) in b.emit(step.op.clone(), &args).into_iter().enumerate() {
        map[first.index() + k].get_or_insert(slot);
    }
}
