//! Splits loops that accumulate.
//!
//! *Before*: a loop some of whose states are only added to: `s' = s + g`, `s' = s - g`, or `s` with `g`
//! scattered into it, where `s` is read for nothing else.
//! *After*: the loop without these states, a loop without states that makes the contributions `g`
//! (from what the first loop wrote down), and one sum or one scattered addition for each contribution.
//! *Size*: the body's steps are divided between the two loops; no step is in both but for constants.
//!
//! The loop without states can become array code, and the sums then become matrix products:
//! the derivative of a shared weight in a loop over examples, or over time, is such a state.

use lentil_unary::{BinaryOp, Builder, Loop, Op, Prim, Region, Site, Slot, Step, Type};

use crate::options::Arithmetic;

/// How a loop's state grows in one iteration.
#[derive(Clone, Debug)]
enum Contribution {
    Add(Slot),
    Subtract(Slot),
    Scatter { site: Site, args: Vec<Slot> },
}

/// The results of a loop at its arguments, with its accumulators taken out of it; `None` if it has none,
/// or if nothing is to be gained.
pub fn split(l: &Loop, args: &[Type], arithmetic: Arithmetic) -> Option<Region> {
    if l.limited() {
        // What a loop wrote down where it did not run adds nothing, but the second loop would run there.
        return None;
    }
    let links = Links::of(&l.body);
    let chains: Vec<Option<Vec<(usize, Contribution)>>> = (0..l.states)
        .map(|s| chain(l, s, &links).filter(|c| allowed(l, s, c, arithmetic)))
        .collect();
    let plain = chains.iter().any(Option::is_none);
    let worth = chains
        .iter()
        .flatten()
        .flatten()
        .any(|(_, c)| !plain || pays(&l.body, &links, c));
    worth.then(|| divide(l, args, &chains))
}

/// Beside other states, only what becomes a matrix product or one big scattered addition is worth
/// writing down its factors.
fn pays(body: &Region, links: &Links, contribution: &Contribution) -> bool {
    match contribution {
        Contribution::Add(slot) | Contribution::Subtract(slot) => {
            let made = links.maker[slot.index()].map(|k| &body.steps()[k].op);
            matches!(made, Some(Op::Prim(Prim::Contract { .. })))
        }
        Contribution::Scatter { .. } => true,
    }
}

fn allowed(
    l: &Loop,
    state: usize,
    chain: &[(usize, Contribution)],
    arithmetic: Arithmetic,
) -> bool {
    let carrier = l.body.params()[1 + l.consts + l.xs + state].carrier;
    // One scattered addition in the loop's own order adds in the loop's own order.
    let in_order = !l.backward && matches!(chain, [(_, Contribution::Scatter { .. })]);
    arithmetic.rearranges(carrier) || in_order
}

/// The steps that lead from a state's parameter to its result by additions only, in order.
fn chain(l: &Loop, state: usize, links: &Links) -> Option<Vec<(usize, Contribution)>> {
    let result = l.body.results()[state];
    let mut at = Slot((1 + l.consts + l.xs + state) as u32);
    let mut chain = Vec::new();
    while at != result {
        let k = links.only_reader(at)?;
        let (first, step) = links.steps[k];
        let contribution = match (&step.op, &step.args[..]) {
            (Op::Prim(Prim::Binary(BinaryOp::Add)), &[x, y]) => {
                Contribution::Add(if x == at { y } else { x })
            }
            (Op::Prim(Prim::Binary(BinaryOp::Sub)), &[x, y]) if x == at => {
                Contribution::Subtract(y)
            }
            (Op::Prim(Prim::ScatterAdd { site, .. }), [x, rest @ ..]) if *x == at => {
                let args = rest.to_vec();
                Contribution::Scatter { site: *site, args }
            }
            _ => return None,
        };
        chain.push((k, contribution));
        at = first;
    }
    (links.uses[result.index()] == 1 && !chain.is_empty()).then_some(chain)
}

fn divide(l: &Loop, args: &[Type], chains: &[Option<Vec<(usize, Contribution)>>]) -> Region {
    let body = &l.body;
    let first_state = 1 + l.consts + l.xs;
    let kept: Vec<usize> = (0..l.states).filter(|&s| chains[s].is_none()).collect();
    let mut chained = vec![false; body.steps().len()];
    for (k, _) in chains.iter().flatten().flatten() {
        chained[*k] = true;
    }
    let outputs = &body.results()[l.states..];
    // The first loop computes the states that are left and, if it exists, the outputs.
    let mut core_results: Vec<Slot> = kept.iter().map(|&s| body.results()[s]).collect();
    let mut map_results = Vec::new();
    if kept.is_empty() {
        map_results.extend_from_slice(outputs);
    } else {
        core_results.extend_from_slice(outputs);
    }
    let core = needed(body, &core_results);
    let own_outputs = map_results.len();
    for (_, contribution) in chains.iter().flatten().flatten() {
        map_results.extend(match contribution {
            Contribution::Add(g) | Contribution::Subtract(g) => vec![*g],
            Contribution::Scatter { args, .. } => args.clone(),
        });
    }
    // Constants are made again where they are needed; everything else in one place only.
    let constant = constants(body);
    let in_map = |k: &usize| (!core[*k] || constant[*k]) && !chained[*k];
    let in_core = |k: &usize| core[*k];
    let steps = 0..body.steps().len();
    let crossing = crossing(l, |k| core[k] && !constant[k], &chained, &map_results);

    let mut b = Builder::new(args.to_vec());
    let params = b.param_slots();
    let (consts, rest) = params.split_at(l.consts);
    let (xs, init) = rest.split_at(l.xs);
    let kept_init: Vec<Slot> = kept.iter().map(|&s| init[s]).collect();
    let mut core_made = Vec::new();
    let mut written = Vec::new();
    if !kept.is_empty() {
        let seen: Vec<Slot> = (0..first_state)
            .chain(kept.iter().map(|s| first_state + s))
            .map(|p| Slot(p as u32))
            .collect();
        let results = [&core_results[..], &crossing].concat();
        let part = part(body, &seen, steps.clone().filter(in_core), &results);
        core_made = b.for_loop(l.n, l.backward, consts, xs, &kept_init, part);
        written = core_made.split_off(core_results.len());
    }
    let seen: Vec<Slot> = (0..first_state as u32).map(Slot).collect();
    let seen = [&seen[..], &crossing].concat();
    let part = part(body, &seen, steps.filter(in_map), &map_results);
    let xs = [xs, &written[..]].concat();
    let mut made = b.for_loop(l.n, false, consts, &xs, &[], part).into_iter();
    let map_outputs: Vec<Slot> = made.by_ref().take(own_outputs).collect();

    let mut core_made = core_made.into_iter();
    let mut results = Vec::new();
    for (s, chain) in chains.iter().enumerate() {
        let Some(chain) = chain else {
            results.extend(core_made.next());
            continue;
        };
        let mut at = init[s];
        for (_, contribution) in chain {
            at = contribute(&mut b, at, contribution, &mut made);
        }
        results.push(at);
    }
    results.extend(core_made);
    results.extend(map_outputs);
    b.finish(results)
}

/// The state after all contributions of one kind; `made` yields them stacked.
fn contribute(
    b: &mut Builder,
    state: Slot,
    contribution: &Contribution,
    made: &mut impl Iterator<Item = Slot>,
) -> Slot {
    let count = match contribution {
        Contribution::Add(_) | Contribution::Subtract(_) => 1,
        Contribution::Scatter { args, .. } => args.len(),
    };
    let stacked: Vec<Slot> = made.take(count).collect();
    match contribution {
        Contribution::Add(_) => {
            let total = b.sum(stacked[0], &[0]);
            b.add(state, total)
        }
        Contribution::Subtract(_) => {
            let total = b.sum(stacked[0], &[0]);
            b.sub(state, total)
        }
        Contribution::Scatter { site, args } => {
            let axes = args.len() - 1;
            let slots = [&[state], &stacked[..]].concat();
            b.prim(Prim::ScatterAdd { axes, site: *site }, &slots)
        }
    }
}

/// The slots that the first loop computes and the second reads.
fn crossing(
    l: &Loop,
    core: impl Fn(usize) -> bool,
    chained: &[bool],
    map_results: &[Slot],
) -> Vec<Slot> {
    let body = &l.body;
    let first_state = 1 + l.consts + l.xs;
    let mut from_core = vec![false; first_state];
    from_core.resize(body.params().len(), true);
    for (k, step) in body.steps().iter().enumerate() {
        from_core.extend(step.types.iter().map(|_| core(k)));
    }
    let mut crossing: Vec<Slot> = (body.steps().iter().enumerate())
        .filter(|(k, _)| !core(*k) && !chained[*k])
        .flat_map(|(_, step)| step.args.iter().copied())
        .chain(map_results.iter().copied())
        .filter(|s| from_core[s.index()])
        .collect();
    crossing.sort();
    crossing.dedup();
    crossing
}

/// Which steps depend on no parameter.
fn constants(body: &Region) -> Vec<bool> {
    let slots = crate::depend::depends(body, &vec![true; body.params().len()]);
    let numbered = body.numbered();
    numbered.map(|(first, _)| !slots[first.index()]).collect()
}

/// Some steps of a region as a region: its parameters are the slots `seen`.
fn part(
    body: &Region,
    seen: &[Slot],
    steps: impl Iterator<Item = usize>,
    results: &[Slot],
) -> Region {
    let mut b = Builder::new(seen.iter().map(|&s| body.ty(s).clone()).collect());
    let mut map = vec![None; body.slots().len()];
    for (k, slot) in seen.iter().enumerate() {
        map[slot.index()] = Some(b.param(k));
    }
    let numbered: Vec<_> = body.numbered().collect();
    for k in steps {
        let (first, step) = numbered[k];
        let args: Vec<Slot> = step.args.iter().filter_map(|a| map[a.index()]).collect();
        for (offset, slot) in b.emit(step.op.clone(), &args).into_iter().enumerate() {
            map[first.index() + offset] = Some(slot);
        }
    }
    let results = results.iter().filter_map(|r| map[r.index()]).collect();
    b.finish(results)
}

/// Which steps some slots need.
fn needed(body: &Region, slots: &[Slot]) -> Vec<bool> {
    let mut wanted = vec![false; body.slots().len()];
    for slot in slots {
        wanted[slot.index()] = true;
    }
    let numbered: Vec<_> = body.numbered().collect();
    let mut steps = vec![false; numbered.len()];
    for (k, (first, step)) in numbered.iter().enumerate().rev() {
        let own = first.index()..first.index() + step.types.len();
        steps[k] = wanted[own].contains(&true);
        if steps[k] {
            for a in &step.args {
                wanted[a.index()] = true;
            }
        }
    }
    steps
}

/// Who makes and who reads the slots of a region.
struct Links<'r> {
    steps: Vec<(Slot, &'r Step)>,
    /// How often each slot is read.
    uses: Vec<u32>,
    /// The last step that reads it.
    reader: Vec<Option<usize>>,
    /// The step that makes it.
    maker: Vec<Option<usize>>,
}

impl Links<'_> {
    fn of(region: &Region) -> Links<'_> {
        let count = region.slots().len();
        let mut links = Links {
            steps: region.numbered().collect(),
            uses: vec![0; count],
            reader: vec![None; count],
            maker: vec![None; region.params().len()],
        };
        for (k, step) in region.steps().iter().enumerate() {
            links.maker.extend(step.types.iter().map(|_| Some(k)));
            for arg in &step.args {
                links.uses[arg.index()] += 1;
                links.reader[arg.index()] = Some(k);
            }
        }
        for result in region.results() {
            links.uses[result.index()] += 1;
        }
        links
    }

    /// The step that reads a slot, if nothing else does.
    fn only_reader(&self, slot: Slot) -> Option<usize> {
        self.reader[slot.index()].filter(|_| self.uses[slot.index()] == 1)
    }
}
