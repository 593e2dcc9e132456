//! The derivative of a loop that solves `x = f(c, x)`, by the implicit function theorem.
//!
//! Backwards, `u = dx + u ∂f/∂x` is an equation of the same kind, and the captures' cotangent is
//! `u ∂f/∂c`; forwards, `t = ∂f/∂c dc + ∂f/∂x t` is one. Both are linear, are solved at the solution alone
//! by the same iteration, to the same tolerance, and can be differentiated again. Nothing is saved but the
//! solution; what the search began with has no part in it.
//!
//! The body runs once more at the solution to save what its sweep needs.
//! Source: Bai, Kolter, Koltun, *Deep Equilibrium Models* (arXiv 1909.01377), section 3; Griewank and
//! Walther, *Evaluating Derivatives*, second edition, chapter 15.

use lentil_unary::{Builder, Carrier, Ends, Literal, Loop, Op, Slot, Step, Type};

use super::{Saved, live_cotangents, types_of};
use crate::activity::loop_activity;
use crate::forward::streamed;
use crate::hoist::hoist;
use crate::joint::Sweep;
use crate::memo::{Code, Memo};
use crate::rows::Change;
use crate::split::{Residual, Wishes, split};

/// The loop runs as it is.
pub(super) fn plan(memo: &mut Memo, l: &Loop, active: &[bool], live: &[bool]) -> (Op, Wishes) {
    let (wanted, live) = loop_activity(memo, l, active, live);
    (Op::Loop(l.clone()), Wishes::open(wanted, &live))
}

pub(crate) fn sweep_solved(
    memo: &mut Memo,
    sweep: &mut Sweep<'_>,
    l: &Loop,
    step: &Step,
    first: Slot,
    saved: Saved,
) {
    let wishes = &saved.wishes;
    let halves = split(memo, &Code::Body(l.body.clone()), wishes);
    let dx = live_cotangents(sweep, first, &wishes.live);
    let captures = step.args[..l.consts].iter();
    let captures: Vec<Slot> = captures.map(|c| sweep.map[c.index()]).collect();

    // The body at the solution, once, and what its sweep reads.
    let mut b = sweep.builder.borrow_mut();
    let zero = b.literal(Literal::integer(Carrier::Int, 0));
    let at = [&[zero], &captures[..], &saved.slots[..l.states]].concat();
    let made = b.inline(&halves.forward, &at);
    let mut known: Vec<Slot> = halves.uses.iter().map(|&p| at[p]).collect();
    known.extend(halves.residuals.iter().map(|r| match *r {
        Residual::Result(k) => made[k],
        Residual::Extra(k) => made[saved.results + k],
    }));
    drop(b);

    // u = dx + u ∂f/∂x
    let first_state = 1 + l.consts;
    let given = |p: usize| halves.gives[..p].iter().filter(|g| **g).count();
    let equation = Equation {
        l,
        consts: [&known[..], &dx].concat(),
        start: dx.clone(),
    };
    let types = types_of(sweep, &equation.consts);
    let mut b = sweep.builder.borrow_mut();
    let solution = equation.solve(&mut b, &types, |b, consts, u| {
        let (known, dx) = consts.split_at(known.len());
        let cotangents = b.inline(&halves.backward, &[known, u].concat());
        let live = (0..l.states).filter(|&k| wishes.live[k]);
        let next = live.zip(dx).map(|(k, &dx)| {
            let p = first_state + k;
            if halves.gives[p] {
                b.add(dx, cotangents[given(p)])
            } else {
                dx
            }
        });
        next.collect()
    });

    // u ∂f/∂c
    let cotangents = b.inline(&halves.backward, &[known, solution].concat());
    drop(b);
    for p in (1..first_state).filter(|&p| halves.gives[p]) {
        sweep.add(step.args[p - 1], Change::Dense(cotangents[given(p)]));
    }
}

/// The results and, of those that vary, the tangents.
pub(crate) fn carry_solved(
    memo: &mut Memo,
    b: &mut Builder,
    l: &Loop,
    args: &[Slot],
    tangents: &[Option<Slot>],
) -> (Vec<Slot>, Vec<Option<Slot>>) {
    let x = b.emit(Op::Loop(l.clone()), args);
    let mut varying: Vec<bool> = vec![false; l.body.params().len()];
    for (p, tangent) in tangents[..l.consts].iter().enumerate() {
        varying[1 + p] = tangent.is_some();
    }
    let first_state = 1 + l.consts;
    let body = loop {
        let body = streamed(memo, &Code::Body(l.body.clone()), &varying);
        let mut grown = false;
        for k in 0..l.states {
            grown |= body.varying[k] && !varying[first_state + k];
            varying[first_state + k] |= body.varying[k];
        }
        if !grown {
            break body;
        }
    };
    let varies: Vec<usize> = (0..l.states).filter(|&k| body.varying[k]).collect();
    if varies.is_empty() {
        return (x, vec![None; l.states]);
    }

    // t = ∂f/∂c dc + ∂f/∂x t
    let zero = b.literal(Literal::integer(Carrier::Int, 0));
    let dc: Vec<Slot> = tangents[..l.consts].iter().flatten().copied().collect();
    let consts = [&[zero], &args[..l.consts], &x, &dc].concat();
    let types: Vec<Type> = consts.iter().map(|&c| b.ty(c).clone()).collect();
    let start: Vec<Type> = varies.iter().map(|&k| b.ty(x[k]).clone()).collect();
    let equation = Equation {
        l,
        consts,
        start: start.iter().map(|ty| b.zeros(ty)).collect(),
    };
    let solution = equation.solve(b, &types, |b, consts, t| {
        let results = b.inline(&body.region, &[consts, t].concat());
        results[l.states..].to_vec()
    });
    let mut dx = vec![None; l.states];
    for (k, slot) in varies.into_iter().zip(solution) {
        dx[k] = Some(slot);
    }
    (x, dx)
}

/// A linear equation that is solved as the loop `l` solves its own.
struct Equation<'l> {
    l: &'l Loop,
    consts: Vec<Slot>,
    start: Vec<Slot>,
}

impl Equation<'_> {
    /// `next` makes the right-hand side from the captures and the left-hand side.
    fn solve(
        self,
        b: &mut Builder,
        types: &[Type],
        next: impl FnOnce(&mut Builder, &[Slot], &[Slot]) -> Vec<Slot>,
    ) -> Vec<Slot> {
        let Ends::Solved { tolerance } = self.l.ends else {
            unreachable!("a loop that solves an equation");
        };
        let int = Type::scalar(Carrier::Int);
        let mut params = vec![int.clone()];
        params.extend_from_slice(types);
        params.push(int);
        params.extend(self.start.iter().map(|&s| b.ty(s).clone()));
        let mut inner = Builder::new(params);
        let own = inner.param_slots();
        let (consts, states) = own[1..].split_at(types.len());
        let made = next(&mut inner, consts, &states[1..]);
        // Of a linear equation only the relative change has a meaning.
        let limit = inner.until_settled(states[0], tolerance, None, &states[1..], &made);
        let body = inner.finish([vec![limit], made].concat());

        // What every iteration would compute alike is computed before.
        let l = self.l;
        let given = [types, body.params()[1 + types.len()..].as_ref()].concat();
        let mut whole = Builder::new(given);
        let all = whole.param_slots();
        let (consts, init) = all.split_at(types.len());
        let results = whole.loop_that(l.ends, l.n, false, [consts, &[], init], body);
        let whole = hoist(&whole.finish(results[1..].to_vec()));

        let n = b.literal(Literal::integer(Carrier::Int, l.n as i64));
        b.inline(&whole, &[self.consts, vec![n], self.start].concat())
    }
}
