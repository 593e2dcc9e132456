//! The reverse of a loop is a loop in the opposite direction.
//!
//! Its states are the cotangents of the states, then the running cotangents of the captures;
//! it reads, one element an iteration, what was saved and the cotangents of the outputs;
//! its outputs are the cotangents of the arrays read one element an iteration.
//! So a map without differentiable captures stays a map.
//! The reverse of a loop that ends early ends after as many iterations as that one ran.

use std::collections::BTreeSet;

use lentil_unary::{Builder, Carrier, Loop, Op, Slot, Step, Type};

use super::{Saved, live_cotangents, types_of};
use crate::activity::loop_activity;
use crate::joint::Sweep;
use crate::memo::{Code, Memo};
use crate::rows::Change;
use crate::split::{Residual, Split, Wishes, split};

pub(super) fn plan(memo: &mut Memo, l: &Loop, active: &[bool], live: &[bool]) -> (Op, Wishes) {
    let (wanted, live) = loop_activity(memo, l, active, live);
    let at_hand = 1 + l.consts + l.xs;
    let wishes = Wishes {
        // Every capture adds to what is there.
        threaded: (0..wanted.len())
            .map(|p| wanted[p] && p <= l.consts)
            .collect(),
        // The states of an iteration are gone when the sweep comes back to it.
        available: (0..wanted.len()).map(|p| p < at_hand).collect(),
        reusable: (0..live.len()).map(|r| r >= l.states).collect(),
        wanted,
        live,
    };
    let halves = split(memo, &Code::Body(l.body.clone()), &wishes);
    let mut augmented = l.clone();
    if halves.extras > 0 {
        augmented.body = halves.forward.clone();
    }
    (Op::Loop(augmented), wishes)
}

pub(crate) fn sweep_loop(
    memo: &mut Memo,
    sweep: &mut Sweep<'_>,
    l: &Loop,
    step: &Step,
    first: Slot,
    saved: Saved,
) {
    let wishes = &saved.wishes;
    let halves = split(memo, &Code::Body(l.body.clone()), wishes);
    let back = Back::new(l, wishes, &halves);

    let dstates = live_cotangents(sweep, first, &wishes.live[..l.states]);
    let after = Slot(first.0 + l.states as u32);
    let doutputs = live_cotangents(sweep, after, &wishes.live[l.states..]);
    let mut seen = BTreeSet::new();
    let mut accumulators = Vec::new();
    for &p in &back.captures {
        let arg = step.args[p - 1];
        // A slot that is captured twice gives what is there to the first only.
        let begun = seen.insert(arg).then(|| sweep.take_dense(arg));
        let zero = || sweep.builder.borrow_mut().zeros(sweep.region.ty(arg));
        accumulators.push(begun.unwrap_or_else(zero));
    }

    let outer = |p: usize| sweep.map[step.args[p - 1].index()];
    let used = |range: std::ops::RangeInclusive<usize>| {
        let uses = halves.uses.iter().copied();
        uses.filter(move |p| range.contains(p)).map(outer)
    };
    let consts: Vec<Slot> = used(1..=l.consts).collect();
    let mut xs: Vec<Slot> = used(l.consts + 1..=l.consts + l.xs).collect();
    xs.extend(halves.residuals.iter().map(|r| match *r {
        Residual::Result(k) => saved.slots[k],
        Residual::Extra(k) => saved.slots[saved.results + k],
    }));
    xs.extend(doutputs);
    // The iterations of a map may run in any order.
    let alone = dstates.is_empty() && accumulators.is_empty();
    let backward = !l.backward && !alone;
    let ran = l.limited().then(|| saved.slots[0]);
    let states = [Vec::from_iter(ran), dstates, accumulators].concat();
    let body = back.body(sweep, &consts, &xs, &states);
    let mut b = sweep.builder.borrow_mut();
    let results = b.loop_that(l.ends, l.n, backward, [&consts, &xs, &states], body);
    drop(b);

    let mut results = results.into_iter().skip(usize::from(l.limited()));
    for (p, slot) in back.states.iter().zip(results.by_ref()) {
        let arg = step.args[p - 1];
        // A state may vary although it begins at something that does not.
        if sweep.active[arg.index()] {
            sweep.add(arg, Change::Dense(slot));
        }
    }
    for (p, slot) in back.captures.iter().zip(results.by_ref()) {
        sweep.add(step.args[p - 1], Change::Dense(slot));
    }
    for (p, slot) in back.elements.iter().zip(results) {
        sweep.add(step.args[p - 1], Change::Dense(slot));
    }
}

/// The reverse loop: which parameters of the body, by number, have which part in it.
struct Back<'a> {
    halves: &'a Split,
    /// States whose cotangents are its first states.
    states: Vec<usize>,
    /// Captures whose cotangents are its other states.
    captures: Vec<usize>,
    /// Arrays read one element an iteration, whose cotangents are its outputs.
    elements: Vec<usize>,
    /// Where in the backward half's results the cotangent of each parameter stands.
    given: Vec<Option<usize>>,
    consts: usize,
    /// Whether its first state is how often it runs.
    limited: bool,
}

impl<'a> Back<'a> {
    fn new(l: &Loop, wishes: &Wishes, halves: &'a Split) -> Back<'a> {
        let mut given = Vec::with_capacity(halves.gives.len());
        let mut next = 0;
        for &gives in &halves.gives {
            given.push(gives.then_some(next));
            next += usize::from(gives);
        }
        let of = |range: std::ops::Range<usize>| range.filter(|&p| wishes.wanted[p]);
        let first_x = 1 + l.consts;
        let first_state = first_x + l.xs;
        Back {
            halves,
            captures: of(1..first_x).collect(),
            elements: of(first_x..first_state)
                .filter(|&p| halves.gives[p])
                .collect(),
            states: (0..l.states)
                .filter(|&k| wishes.live[k])
                .map(|k| first_state + k)
                .collect(),
            given,
            consts: l.consts,
            limited: l.limited(),
        }
    }

    /// Iteration number, consts, elements, states; to next states, then outputs.
    fn body(
        &self,
        sweep: &Sweep<'_>,
        consts: &[Slot],
        xs: &[Slot],
        states: &[Slot],
    ) -> lentil_unary::Region {
        let mut params = vec![Type::scalar(Carrier::Int)];
        params.extend(types_of(sweep, consts));
        let elements = types_of(sweep, xs);
        params.extend(elements.iter().filter_map(Type::element));
        params.extend(types_of(sweep, states));
        let mut b = Builder::new(params);
        let mut own = b.param_slots().into_iter();
        let mut take = |n: usize| own.by_ref().take(n).collect::<Vec<Slot>>();
        let (i, consts, xs) = (take(1), take(consts.len()), take(xs.len()));
        let limit = take(usize::from(self.limited));
        let (dstates, accumulators) = (take(self.states.len()), take(self.captures.len()));

        // In the backward half's order: uses, saved values, cotangents of live results, accumulators.
        let (mut consts, mut xs) = (consts.into_iter(), xs.into_iter());
        let mut args: Vec<Slot> = Vec::new();
        for &p in &self.halves.uses {
            if p == 0 {
                args.push(i[0]);
            } else if p <= self.consts {
                args.extend(consts.next());
            } else {
                args.extend(xs.next());
            }
        }
        args.extend(xs.by_ref().take(self.halves.residuals.len()));
        args.extend(&dstates);
        args.extend(xs);
        args.extend(&accumulators);
        let cotangents = b.inline(&self.halves.backward, &args);

        let mut results = limit;
        for (&p, &state) in self.states.iter().zip(&dstates) {
            let ty = b.ty(state).clone();
            results.push(match self.given[p] {
                Some(k) => cotangents[k],
                None => b.zeros(&ty),
            });
        }
        for (&p, &accumulator) in self.captures.iter().zip(&accumulators) {
            results.push(self.given[p].map_or(accumulator, |k| cotangents[k]));
        }
        let elements = self.elements.iter();
        results.extend(
            elements
                .filter_map(|&p| self.given[p])
                .map(|k| cotangents[k]),
        );
        b.finish(results)
    }
}
