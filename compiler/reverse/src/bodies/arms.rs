//! The reverse of a conditional branches on the same condition: the arm that was not taken costs nothing
//! and no value of it is ever computed.
//!
//! Forwards, the values that the arms save share places by type (a tagged union whose tag is the
//! condition); an arm fills the places that it does not need with zeros.

use std::rc::Rc;
use std::sync::Arc;

use lentil_unary::{Builder, Op, Region, Slot, Step, Type};

use super::{Saved, live_cotangents, pick, threaded, types_of};
use crate::activity::wanted_params;
use crate::joint::Sweep;
use crate::memo::{Code, Memo};
use crate::rows::Change;
use crate::split::{Residual, Split, Wishes, split};
use crate::trim::{reads, reorder};

pub(super) fn plan(
    memo: &mut Memo,
    then: &Arc<Region>,
    otherwise: &Arc<Region>,
    active: &[bool],
    live: &[bool],
) -> (Op, Wishes) {
    let codes = [Code::Body(then.clone()), Code::Body(otherwise.clone())];
    let wanted = wanted_params(memo, &codes, &active[1..], live);
    let wishes = Wishes::open(wanted, live);
    let arms = codes.map(|code| split(memo, &code, &wishes));
    let places = Places::of(&arms);
    let op = if places.types.is_empty() {
        Op::Cond {
            then: then.clone(),
            otherwise: otherwise.clone(),
        }
    } else {
        Op::Cond {
            then: Arc::new(places.forward(&arms[0], &places.of_arm[0])),
            otherwise: Arc::new(places.forward(&arms[1], &places.of_arm[1])),
        }
    };
    (op, wishes)
}

pub(crate) fn sweep_cond(
    memo: &mut Memo,
    sweep: &mut Sweep<'_>,
    step: &Step,
    first: Slot,
    saved: Saved,
) {
    let Op::Cond { then, otherwise } = &step.op else {
        return;
    };
    let captures = &step.args[1..];
    let mut wishes = saved.wishes;
    wishes.threaded = threaded(sweep, captures, &wishes.wanted);
    let arms = [then, otherwise].map(|arm| split(memo, &Code::Body(arm.clone()), &wishes));
    let gives: Vec<bool> = (0..captures.len())
        .map(|p| arms.iter().any(|arm| arm.gives[p]))
        .collect();
    if !gives.contains(&true) {
        return;
    }

    // Arguments of the reverse conditional, in groups; each arm reads some of each group.
    let uses: Vec<usize> = (0..captures.len())
        .filter(|p| arms.iter().any(|arm| arm.uses.contains(p)))
        .collect();
    let outer = |slot: &Slot| sweep.map[slot.index()];
    let condition = outer(&step.args[0]);
    let used: Vec<Slot> = uses.iter().map(|&p| outer(&captures[p])).collect();
    let dresults = live_cotangents(sweep, first, &wishes.live);
    let begun = pick(captures, &wishes.threaded);
    let accumulators: Vec<Slot> = begun.iter().map(|&arg| sweep.take_dense(arg)).collect();
    let groups = [used, saved.slots, dresults, accumulators];
    let args = groups.concat();
    let places = Places::of(&arms);
    let backward = [0, 1].map(|side| {
        let back = BackArm {
            arm: &arms[side],
            places: &places.of_arm[side],
            uses: &uses,
            results: saved.results,
            gives: &gives,
        };
        back.region(types_of(sweep, &args), &groups, captures, sweep)
    });
    // What neither arm reads is not handed to them: it would have to be saved in turn.
    let read = reads(&backward[0]).into_iter().zip(reads(&backward[1]));
    let order: Vec<Vec<usize>> = read
        .enumerate()
        .filter(|(_, (one, two))| *one || *two)
        .map(|(p, _)| vec![p])
        .collect();
    let args: Vec<Slot> = order.iter().map(|p| args[p[0]]).collect();
    let [then, otherwise] = backward.map(|arm| reorder(&arm, &order));
    let results = sweep
        .builder
        .borrow_mut()
        .cond(condition, &args, then, otherwise);
    for (arg, slot) in pick(captures, &gives).into_iter().zip(results) {
        sweep.add(arg, Change::Dense(slot));
    }
}

/// The places that the values saved by two arms share.
struct Places {
    types: Vec<Type>,
    /// For each arm, where each of its extra results is put.
    of_arm: [Vec<usize>; 2],
}

impl Places {
    fn of(arms: &[Rc<Split>; 2]) -> Places {
        let mut types: Vec<Type> = Vec::new();
        let of_arm = [0, 1].map(|side| {
            let results = arms[side].forward.result_types();
            let mut places: Vec<usize> = Vec::new();
            for ty in &results[results.len() - arms[side].extras..] {
                let free = (0..types.len()).find(|p| types[*p] == *ty && !places.contains(p));
                places.push(free.unwrap_or_else(|| {
                    types.push(ty.clone());
                    types.len() - 1
                }));
            }
            places
        });
        Places { types, of_arm }
    }

    /// The arm's results, then every place.
    fn forward(&self, arm: &Split, own: &[usize]) -> Region {
        let mut b = Builder::new(arm.forward.params().to_vec());
        let params = b.param_slots();
        let mut results = b.inline(&arm.forward, &params);
        let extras = results.split_off(results.len() - arm.extras);
        for (place, ty) in self.types.iter().enumerate() {
            let filled = own.iter().position(|&p| p == place);
            results.push(match filled {
                Some(k) => extras[k],
                None => b.zeros(ty),
            });
        }
        b.finish(results)
    }
}

/// One arm of the reverse conditional.
struct BackArm<'a> {
    arm: &'a Split,
    places: &'a [usize],
    uses: &'a [usize],
    /// How many results the conditional has by itself, before the places.
    results: usize,
    gives: &'a [bool],
}

impl BackArm<'_> {
    /// From all arguments to one cotangent for each capture that some arm gives one.
    fn region(
        &self,
        params: Vec<Type>,
        groups: &[Vec<Slot>; 4],
        captures: &[Slot],
        sweep: &Sweep<'_>,
    ) -> Region {
        let mut b = Builder::new(params);
        let mut own = b.param_slots().into_iter();
        let [used, saved, dresults, accumulators] = groups
            .each_ref()
            .map(|g| own.by_ref().take(g.len()).collect::<Vec<Slot>>());
        let position = |p: &usize| self.uses.iter().position(|u| u == p);
        let mut args: Vec<Slot> = Vec::new();
        args.extend(self.arm.uses.iter().filter_map(position).map(|k| used[k]));
        args.extend(self.arm.residuals.iter().map(|r| match *r {
            Residual::Result(k) => saved[k],
            Residual::Extra(k) => saved[self.results + self.places[k]],
        }));
        args.extend(dresults);
        args.extend(accumulators);
        let mut cotangents = b.inline(&self.arm.backward, &args).into_iter();
        let mut results = Vec::new();
        for (p, &capture) in captures.iter().enumerate() {
            let own = if self.arm.gives[p] {
                cotangents.next()
            } else {
                None
            };
            if self.gives[p] {
                results.push(own.unwrap_or_else(|| b.zeros(sweep.region.ty(capture))));
            }
        }
        b.finish(results)
    }
}
