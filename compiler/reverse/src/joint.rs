//! The joint program of a region: what it computes, followed by the reverse sweep over it.
//!
//! *Before*: a region without derivatives in it.
//! *After*: parameters, then cotangents of the live results, then running cotangents of the threaded
//! parameters; steps of the region (bodies augmented by what their sweep needs saved), then the sweep.
//! *Size*: the region's, plus a constant number of steps for each step that is swept.
//!
//! Cotangents are symbolic while the sweep runs: zero, a slot, or changes of parts that wait to be added
//! to one. Zero costs nothing and never meets a NaN.

use std::cell::RefCell;

use lentil_unary::{Builder, Lens, Op, Prim, Region, Site, Slot, Step, Type};

use crate::activity::{unresolved, useful_slots, varying_slots};
use crate::bodies::{self, Saved};
use crate::lenses;
use crate::memo::Memo;
use crate::rows::{At, Change, flows, part_indices, reverse_row};
use crate::split::Wishes;
use crate::term::Term;

/// A region and its sweep in one program.
pub(crate) struct Joint {
    pub(crate) builder: Builder,
    /// Slots from here on belong to the sweep.
    pub(crate) boundary: usize,
    /// Slots of the region's own parameters are below this; then come cotangents.
    pub(crate) params: usize,
    /// The first slot after all parameters.
    pub(crate) first_step: usize,
    pub(crate) results: Vec<Slot>,
    /// The cotangent of each parameter, where it is wanted and not zero.
    pub(crate) cotangents: Vec<Option<Slot>>,
}

/// Makes the joint program.
pub(crate) fn joint(memo: &mut Memo, region: &Region, wishes: &Wishes) -> Joint {
    let mut params = region.params().to_vec();
    for (slot, &live) in region.results().iter().zip(&wishes.live) {
        if live {
            params.push(region.ty(*slot).clone());
        }
    }
    for (ty, &threaded) in region.params().iter().zip(&wishes.threaded) {
        if threaded {
            params.push(ty.clone());
        }
    }
    let first_step = params.len();
    let varying = varying_slots(memo, region, &wishes.wanted);
    let useful = useful_slots(memo, region, &wishes.live);
    let active = varying.iter().zip(&useful).map(|(v, u)| *v && *u).collect();
    let mut sweep = Sweep {
        region,
        builder: RefCell::new(Builder::new(params)),
        map: (0..region.params().len() as u32).map(Slot).collect(),
        active,
        cotangents: region
            .slots()
            .iter()
            .map(|_| Cotangent::default())
            .collect(),
    };
    let (saved, boundary) = sweep.copy(memo, first_step);
    sweep.seed(wishes);
    sweep.run(memo, saved);
    let wanted = 0..region.params().len();
    let cotangents = wanted
        .map(|p| {
            let wanted = wishes.wanted[p];
            sweep.take(Slot(p as u32)).filter(|_| wanted)
        })
        .collect();
    let results = sweep.region.results().iter();
    Joint {
        boundary,
        params: region.params().len(),
        first_step,
        results: results.map(|r| sweep.map[r.index()]).collect(),
        cotangents,
        builder: sweep.builder.into_inner(),
    }
}

/// A cotangent while it is being added up.
#[derive(Default)]
struct Cotangent {
    dense: Option<Slot>,
    /// Changes of parts, waiting for something dense to be added to.
    waiting: Vec<Change>,
}

/// A sweep in progress.
pub(crate) struct Sweep<'r> {
    pub(crate) region: &'r Region,
    pub(crate) builder: RefCell<Builder>,
    pub(crate) map: Vec<Slot>,
    pub(crate) active: Vec<bool>,
    cotangents: Vec<Cotangent>,
}

impl Sweep<'_> {
    /// Copies the region's steps; those with bodies that will be swept return what that needs as well.
    /// Also says where the next slot would be.
    fn copy(&mut self, memo: &mut Memo, first_step: usize) -> (Vec<Option<Saved>>, usize) {
        let mut end = first_step;
        let mut saved = Vec::with_capacity(self.region.steps().len());
        let region = self.region;
        for (first, step) in region.numbered() {
            let args: Vec<Slot> = step.args.iter().map(|a| self.map[a.index()]).collect();
            let live = self.active_results(first, step);
            let plan = if live.contains(&true) {
                bodies::plan(memo, self, step, &live)
            } else {
                None
            };
            let op = plan.as_ref().map_or(&step.op, |p| &p.op);
            let slots = self.builder.borrow_mut().emit(op.clone(), &args);
            end = slots.iter().map(|s| s.index() + 1).fold(end, usize::max);
            self.map.extend_from_slice(&slots[..step.types.len()]);
            saved.push(plan.map(|p| p.saved(slots)));
        }
        (saved, end)
    }

    fn active_results(&self, first: Slot, step: &Step) -> Vec<bool> {
        let range = first.index()..first.index() + step.types.len();
        self.active[range].to_vec()
    }

    /// The parameters beyond the region's own: cotangents to begin with.
    fn seed(&mut self, wishes: &Wishes) {
        let mut next = self.region.params().len() as u32;
        let results = self.region.results().to_vec();
        for (&result, _) in results.iter().zip(&wishes.live).filter(|(_, live)| **live) {
            let slot = Slot(next);
            next += 1;
            if self.active[result.index()] {
                self.add(result, Change::Dense(slot));
            }
        }
        for (p, _) in wishes.threaded.iter().enumerate().filter(|(_, t)| **t) {
            // What is there already comes first: everything else is added to it.
            let slot = Slot(next);
            next += 1;
            self.add(Slot(p as u32), Change::Dense(slot));
        }
    }

    fn run(&mut self, memo: &mut Memo, saved: Vec<Option<Saved>>) {
        let region = self.region;
        let numbered: Vec<(Slot, &Step)> = region.numbered().collect();
        for ((first, step), saved) in numbered.into_iter().zip(saved).rev() {
            match (&step.op, saved) {
                (Op::Prim(prim), _) => self.sweep_prim(prim, step, first),
                (Op::Loop(l), Some(saved)) if l.solved() => {
                    bodies::sweep_solved(memo, self, l, step, first, saved);
                }
                (Op::Loop(l), Some(saved)) => bodies::sweep_loop(memo, self, l, step, first, saved),
                (Op::Cond { .. }, Some(saved)) => {
                    bodies::sweep_cond(memo, self, step, first, saved);
                }
                (Op::Call(f), Some(saved)) => bodies::sweep_call(memo, self, f, step, first, saved),
                (Op::Lens(l), _) => self.sweep_lens(memo, l, step, first),
                (Op::Loop(_) | Op::Cond { .. } | Op::Call(_), None) => {}
                (Op::Reverse(_) | Op::Forward(_), _) => unresolved(),
            }
        }
    }

    /// A lens sends back what its `put` says. If nothing arrives, it does not run.
    fn sweep_lens(&mut self, memo: &mut Memo, lens: &Lens, step: &Step, first: Slot) {
        let live = self.active_results(first, step);
        let results = (0..step.types.len() as u32).map(|k| Slot(first.0 + k));
        if !results
            .clone()
            .zip(live)
            .any(|(r, live)| live && self.begun(r))
        {
            return;
        }
        let differentiable: Vec<Slot> = results
            .zip(&step.types)
            .filter(|(_, ty)| ty.differentiable())
            .map(|(r, _)| r)
            .collect();
        let mut args: Vec<Slot> = step.args.iter().map(|a| self.map[a.index()]).collect();
        args.extend(differentiable.into_iter().map(|r| self.take_dense(r)));
        let wanted: Vec<bool> = step.args.iter().map(|a| self.active[a.index()]).collect();
        let back = lenses::back(memo, lens, &wanted);
        let args: Vec<Slot> = back.reads.iter().map(|&p| args[p]).collect();
        let cotangents = self.builder.borrow_mut().call(&back.put, &args);
        for (&k, slot) in back.gives.iter().zip(cotangents) {
            self.add(step.args[k], Change::Dense(slot));
        }
    }

    fn sweep_prim(&mut self, prim: &Prim, step: &Step, result: Slot) {
        let results: Vec<Slot> = (0..step.types.len() as u32)
            .map(|j| Slot(result.0 + j))
            .collect();
        let dys: Vec<Option<Slot>> = results
            .iter()
            .map(|&r| self.active[r.index()].then(|| self.take(r)).flatten())
            .collect();
        let args: Vec<Slot> = step.args.iter().map(|a| self.map[a.index()]).collect();
        let ys: Vec<Slot> = results.iter().map(|r| self.map[r.index()]).collect();
        let types: Vec<&Type> = step.args.iter().map(|&a| self.region.ty(a)).collect();
        for (k, &arg) in step.args.iter().enumerate() {
            let mut live = (0..dys.len()).filter(|&j| dys[j].is_some());
            let flows = live.any(|j| flows(prim, k, &types, j, &step.types[j]));
            if !(self.active[arg.index()] && flows) {
                continue;
            }
            let change = match At::new(&self.builder, &args, &ys, &dys) {
                Some(at) => reverse_row(prim, k, &at),
                None => Change::Zero,
            };
            self.add(arg, change);
        }
    }

    /// Adds a change to the cotangent of a slot of the region.
    pub(crate) fn add(&mut self, slot: Slot, change: Change) {
        let cotangent = &mut self.cotangents[slot.index()];
        match change {
            Change::Zero => {}
            Change::Dense(more) => {
                let sum = match cotangent.dense {
                    None => more,
                    Some(have) => self.builder.borrow_mut().add(have, more),
                };
                cotangent.dense = Some(sum);
            }
            Change::Scattered { .. } | Change::Part { .. } => cotangent.waiting.push(change),
        }
    }

    /// The whole cotangent of a slot, which becomes zero; `None` if it was zero already.
    pub(crate) fn take(&mut self, slot: Slot) -> Option<Slot> {
        let Cotangent { dense, waiting } = std::mem::take(&mut self.cotangents[slot.index()]);
        let ty = self.region.ty(slot);
        let alone = dense.is_none() && waiting.len() == 1;
        let mut sum = dense;
        for change in waiting {
            sum = Some(add_up(&self.builder, sum, ty, change, alone));
        }
        sum
    }

    /// Whether a slot's cotangent is not zero so far.
    pub(crate) fn begun(&self, slot: Slot) -> bool {
        let Cotangent { dense, waiting } = &self.cotangents[slot.index()];
        dense.is_some() || !waiting.is_empty()
    }

    /// The whole cotangent of a slot with zero as a value; it becomes zero.
    pub(crate) fn take_dense(&mut self, slot: Slot) -> Slot {
        let cotangent = self.take(slot);
        cotangent.unwrap_or_else(|| self.builder.borrow_mut().zeros(self.region.ty(slot)))
    }
}

/// A change of a part, added to what is there (`None` is zero). `alone`: nothing else will be added.
pub(crate) fn add_up(
    builder: &RefCell<Builder>,
    sum: Option<Slot>,
    ty: &Type,
    change: Change,
    alone: bool,
) -> Slot {
    let zeros = || builder.borrow_mut().zeros(ty);
    match change {
        Change::Zero => sum.unwrap_or_else(zeros),
        Change::Dense(more) => match sum {
            None => more,
            Some(sum) => builder.borrow_mut().add(sum, more),
        },
        Change::Scattered {
            axes,
            site,
            indices,
            values,
        } => {
            let sum = sum.unwrap_or_else(zeros);
            let args = [&[sum], &indices[..], &[values]].concat();
            let scatter = Prim::ScatterAdd { axes, site };
            builder.borrow_mut().prim(scatter, &args)
        }
        Change::Part {
            start,
            step,
            values,
        } => {
            let part = builder.borrow().ty(values).clone();
            // A small part of something large is added in place, so that many small parts cost what
            // they are, and not each the whole.
            if !alone && part.len() * 4 < ty.len() {
                let (axes, indices) = part_indices(Term::new(builder, values), ty, &start, &step);
                let scattered = Change::Scattered {
                    axes,
                    site: Site::default(),
                    indices,
                    values,
                };
                return add_up(builder, sum, ty, scattered, alone);
            }
            let end = |a: usize| start[a] + (part.shape[a] - 1) * step[a] + 1;
            let pad = Prim::Pad {
                after: (0..ty.rank()).map(|a| ty.shape[a] - end(a)).collect(),
                between: step.iter().map(|s| s - 1).collect(),
                before: start.clone(),
            };
            let padded = builder.borrow_mut().prim(pad, &[values]);
            add_up(builder, sum, ty, Change::Dense(padded), alone)
        }
    }
}
