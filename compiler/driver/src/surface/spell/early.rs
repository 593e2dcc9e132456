//! Loops that end early, as the language has them: a state and what may be asked of it.
//!
//! Their states are the limit, how often they ran, the outputs as whole arrays, then the others.
//! Arrays that are read element by element become captures that are read at an index.

use lentil_unary::{
    BinaryOp, Builder, Carrier, CompareOp, Ends, Loop, Op, Prim, Region, Site, Slot, Type,
};

/// The results of the loop `l` over its rewritten body.
pub(super) fn until(b: &mut Builder, l: &Loop, body: &Region, args: &[Slot]) -> Vec<Slot> {
    let (captures, states) = args.split_at(l.consts + l.xs);
    let zero = b.int(0);
    let mut init = vec![states[0], zero];
    for ty in &body.result_types()[l.states..] {
        init.push(b.zeros(&ty.stacked(l.n)));
    }
    init.extend(&states[1..]);
    let within = counts(b, states[0], l.n);
    let made = {
        let inner = inner(b, l, body, captures, &init, within);
        let ends = Ends::Limited;
        b.loop_that(ends, l.n, false, [captures, &[], &init], inner)
    };
    let outputs = 2..2 + l.outputs();
    [&made[1..2], &made[outputs.end..], &made[outputs]].concat()
}

/// Whether a slot is how often a rewritten loop ran, and that is at most `n`.
fn counts(b: &Builder, slot: Slot, n: usize) -> bool {
    let same = |back: u32| {
        let step = slot.0.checked_sub(back).and_then(|s| b.step_of(Slot(s)));
        step.is_some_and(|s| b.step_of(slot).is_some_and(|own| std::ptr::eq(s, own)))
    };
    let second = same(1) && !same(2);
    match b.step_of(slot).map(|step| &step.op) {
        Some(Op::Loop(l)) => l.limited() && l.n <= n && second,
        _ => false,
    }
}

/// `within`: the limit is no more than the number of iterations.
fn inner(
    b: &Builder,
    l: &Loop,
    body: &Region,
    captures: &[Slot],
    init: &[Slot],
    within: bool,
) -> Region {
    let mut params = vec![Type::scalar(Carrier::Int)];
    params.extend(captures.iter().chain(init).map(|&s| b.ty(s).clone()));
    let mut turned = Builder::new(params);
    let own = turned.param_slots();
    let (captures, states) = own[1..].split_at(captures.len());
    let (limit, ran) = (states[0], states[1]);
    let (outputs, states) = states[2..].split_at(l.outputs());
    let one = turned.int(1);
    let mut at = ran;
    if l.backward {
        // The body sees the limit as it is, whatever the loop begins at.
        let runs = match within {
            true => limit,
            false => {
                let most = turned.int(l.n as i64);
                turned.binary(BinaryOp::Min, limit, most)
            }
        };
        let left = turned.sub(runs, ran);
        at = turned.sub(left, one);
    }
    let mut given = vec![at];
    for (k, &capture) in captures.iter().enumerate() {
        let site = Site(0);
        given.push(match k < l.consts {
            true => capture,
            false => turned.prim(Prim::Gather { axes: 1, site }, &[capture, at]),
        });
    }
    given.push(limit);
    given.extend(states);
    let results = turned.inline(body, &given);
    let mut next = vec![results[0], turned.add(ran, one)];
    for (&whole, &element) in outputs.iter().zip(&results[l.states..]) {
        next.push(put(&mut turned, whole, at, element));
    }
    next.extend(&results[1..l.states]);
    turned.finish(next)
}

/// The array with another element at an index.
fn put(b: &mut Builder, whole: Slot, at: Slot, element: Slot) -> Slot {
    let shape = b.ty(whole).shape.clone();
    let all = b.prim(Prim::Iota(shape[0]), &[]);
    let all = b.broadcast(all, &shape, &[0]);
    let at = b.stretch(at, &shape);
    let here = b.compare(CompareOp::Eq, all, at);
    let axes: Vec<usize> = (1..shape.len()).collect();
    let element = b.broadcast(element, &shape, &axes);
    b.select(here, element, whole)
}
