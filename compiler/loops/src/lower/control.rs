//! Lowers counted loops, conditionals and calls.

use std::sync::Arc;

use lentil_unary as unary;
use lentil_unary::{Carrier, Function, Literal, Loop, Op, Region, Slot, Type};

use super::nest::NestBuilder;
use super::region::{Lowering, Target};
use super::view::{Value, View};
use crate::options::Refusal;
use crate::syntax::{Address, Affine, Count, Step};

impl Lowering<'_> {
    /// A loop. Each state lies in one buffer, which the body overwrites. Outputs of one that may end early
    /// are zero beforehand, unless nobody could see it.
    pub fn run_loop(
        &mut self,
        group: usize,
        first: Slot,
        l: &Loop,
        args: &[Slot],
    ) -> Result<(), Refusal> {
        let result = |k: usize| Slot(first.0 + k as u32);
        let var = self.unit.var(Carrier::Int);
        let counter = Affine::var(var);
        let mut params = vec![Value::Counter(counter.clone())];
        for &arg in &args[..l.consts] {
            params.push(self.captured(arg));
        }
        for &arg in &args[l.consts..l.consts + l.xs] {
            params.push(match self.captured(arg) {
                Value::View(view) => Value::View(view.element(&counter)),
                uniform => uniform,
            });
        }
        let mut owned = vec![false; params.len()];
        let mut targets = Vec::new();
        for (k, &init) in args[l.consts + l.xs..].iter().enumerate() {
            let view = self.accumulator(group, result(k), init, args);
            targets.push(Target::State(view.clone(), Slot(params.len() as u32)));
            params.push(Value::View(view));
            owned.push(true);
        }
        for k in l.states..l.body.results().len() {
            let view = self.storage(result(k), group);
            if l.limited() && !self.read_where_it_ran(result(k), first) {
                self.clear(&view, self.ty(result(k)));
            }
            targets.push(Target::Fresh(view.element(&counter)));
        }
        let limit = match (l.limited(), targets.first()) {
            (true, Some(Target::State(view, _))) => Some(view.start()),
            _ => None,
        };
        let around = self.around.body(l, args, &counter);
        let (session, unit) = (&mut *self.session, &mut *self.unit);
        let body = Lowering::run(session, unit, &l.body, around, params, owned, targets)?;
        if limit.is_some() || l.n > 0 && !body.is_empty() {
            let count = Count {
                var,
                n: l.n,
                backward: l.backward,
            };
            self.steps.push(Step::Loop { count, limit, body });
        }
        Ok(())
    }

    /// Whether what a loop stacks is only read by loops that run as often as that one ran, so that nobody
    /// sees what stands where it did not run: the backward half of a loop reads what the forward half saved.
    fn read_where_it_ran(&self, output: Slot, ran: Slot) -> bool {
        let only = |step: &unary::Step| match &step.op {
            Op::Loop(l) if l.limited() => {
                let limit = 1 + l.consts + l.xs;
                let kept = l.body.results()[0].index() == limit;
                let elsewhere = |(k, arg): (usize, &Slot)| {
                    *arg == output && !(l.consts..l.consts + l.xs).contains(&k)
                };
                kept && step.args[limit - 1] == ran && !step.args.iter().enumerate().any(elsewhere)
            }
            Op::Prim(_)
            | Op::Loop(_)
            | Op::Cond { .. }
            | Op::Call(_)
            | Op::Reverse(_)
            | Op::Forward(_)
            | Op::Lens(_) => false,
        };
        let mut steps = self.region.steps().iter();
        !self.region.results().contains(&output)
            && steps.all(|step| !step.args.contains(&output) || only(step))
    }

    /// Writes zeros into a view of all elements of a type.
    fn clear(&mut self, view: &View, ty: &Type) {
        if ty.is_empty() {
            return;
        }
        let mut nest = NestBuilder::new();
        let index = nest.open_all(self.unit, &ty.shape);
        let zero = nest.literal(self.unit, Literal::zero(ty.carrier));
        nest.store(view.at(&index), zero);
        self.push(nest);
    }

    /// What a body knows of a captured slot: a constant, or a view.
    fn captured(&mut self, slot: Slot) -> Value {
        match &self.values[slot.index()] {
            Value::Uniform(literal) => Value::Uniform(*literal),
            Value::Counter(counter) => Value::Counter(counter.clone()),
            Value::View(_) | Value::Lazy => Value::View(self.view(slot)),
        }
    }

    /// A conditional. A result that both arms make of one capture, as an accumulator, stays where that is.
    pub fn run_cond(
        &mut self,
        group: usize,
        first: Slot,
        then: &Region,
        otherwise: &Region,
        args: &[Slot],
    ) -> Result<(), Refusal> {
        let captures = &args[1..];
        let condition = self.view(args[0]).start();
        let params: Vec<Value> = captures.iter().map(|&c| self.captured(c)).collect();
        let mut owned = vec![false; params.len()];
        let mut targets = Vec::new();
        for k in 0..then.results().len() {
            let slot = Slot(first.0 + k as u32);
            let threaded = threaded_from(then, k)
                .filter(|&c| threaded_from(otherwise, k) == Some(c) && !owned[c])
                .and_then(|c| Some((c, self.taken_over(group, captures[c], args)?)));
            targets.push(match threaded {
                Some((c, view)) => {
                    self.inherit(slot, captures[c], &view);
                    owned[c] = true;
                    Target::State(view, Slot(c as u32))
                }
                None => Target::Fresh(self.storage(slot, group)),
            });
        }
        let mut arm = |region: &Region, holds: bool| {
            Lowering::run(
                self.session,
                self.unit,
                region,
                self.around.arm(region, args, holds),
                params.clone(),
                owned.clone(),
                targets.clone(),
            )
        };
        let (then, otherwise) = (arm(then, true)?, arm(otherwise, false)?);
        if !then.is_empty() || !otherwise.is_empty() {
            self.steps.push(Step::Cond {
                condition,
                then,
                otherwise,
            });
        }
        Ok(())
    }

    /// A call. Arguments and results are passed as pointers to contiguous arrays.
    pub fn run_call(
        &mut self,
        group: usize,
        first: Slot,
        f: &Arc<Function>,
        args: &[Slot],
    ) -> Result<(), Refusal> {
        let function = self.session.called(f)?;
        let args: Vec<Address> = args.iter().map(|&a| self.contiguous(a).start()).collect();
        let results: Vec<Address> = (0..f.region.results().len())
            .map(|k| self.storage(Slot(first.0 + k as u32), group))
            .map(|view: View| view.start())
            .collect();
        let table = self.unit.buffer(Carrier::Int, args.len() + results.len());
        let bytes = self.session.frame(function);
        let frame = self.unit.buffer(Carrier::Bool, bytes);
        self.steps.push(Step::Call {
            function,
            args,
            results,
            table,
            frame,
        });
        Ok(())
    }
}

/// The parameter that a result is, possibly after additions in place.
fn threaded_from(region: &Region, result: usize) -> Option<usize> {
    let mut slot = region.results()[result];
    let mut producers: Vec<(Slot, usize)> = Vec::new();
    for (index, (first, _)) in region.numbered().enumerate() {
        producers.push((first, index));
    }
    while slot.index() >= region.params().len() {
        let at = producers.partition_point(|(first, _)| *first <= slot) - 1;
        let (first, index) = producers[at];
        let step = &region.steps()[index];
        let k = slot.index() - first.index();
        slot = match &step.op {
            Op::Prim(lentil_unary::Prim::ScatterAdd { .. }) => step.args[0],
            Op::Loop(l) if k < l.states => {
                threaded_from(&l.body, k).filter(|&p| p == 1 + l.consts + l.xs + k)?;
                step.args[l.consts + l.xs + k]
            }
            Op::Cond { then, otherwise } => {
                let c = threaded_from(then, k)?;
                (threaded_from(otherwise, k) == Some(c)).then_some(step.args[c + 1])?
            }
            Op::Prim(_)
            | Op::Loop(_)
            | Op::Call(_)
            | Op::Reverse(_)
            | Op::Forward(_)
            | Op::Lens(_) => return None,
        };
    }
    Some(slot.index())
}
