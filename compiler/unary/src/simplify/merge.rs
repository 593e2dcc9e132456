//! Makes one loop of two that go through the same states.
//!
//! ```text
//! s = fold over x from s₀ by f              s, saved = fold over x from s₀ by f, saving g
//! s, saved = fold over x from s₀ by f, saving g
//! ```
//!
//! *Before*: a region. What asks for a value and for its derivative runs through the states of a loop twice: the
//! second time to save what the way back needs.
//! *After*: the same results. Of two loops that run equally often, in the same direction, and of which each state
//! of the one begins as a state of the other and is changed in the same way, one is left, with the outputs of both.
//! *Size*: smaller by a loop; repetitions that stood outside of one of the two may come to stand inside.
//!
//! States are taken for one as long as nothing speaks against it: they begin in the same slot, and if all that
//! are taken for one were one, so would be their next values. By induction over the iterations they are equal.
//!
//! *Traps*. The loop stands where the first of the two stood, and traps where that did: the second adds none.

use std::sync::Arc;

use crate::Builder;
use crate::prim::Prim;
use crate::syntax::{Loop, Op, Region, Slot, Step};

use super::Round;
use super::branch::number;

/// The region with one loop less; `None` if no two are alike.
pub(super) fn merge(region: &Region, round: &mut Round) -> Option<Region> {
    let numbered: Vec<(Slot, &Step)> = region.numbered().collect();
    let with_states = |step: &Step| matches!(&step.op, Op::Loop(l) if l.states > 0 && !l.solved());
    let loops: Vec<usize> = (0..numbered.len())
        .filter(|&k| with_states(numbered[k].1))
        .collect();
    for (k, &early) in loops.iter().enumerate() {
        for &late in &loops[k + 1..] {
            let pair = Pair::of(region, &numbered, early, late);
            let Some(pair) = pair.filter(Pair::alike) else {
                continue;
            };
            let Some(between) = pair.between(round) else {
                continue;
            };
            for flipped in [false, true] {
                let joined = pair.joined(flipped);
                if let Some(joined) = joined.filter(|j| pair.traps_as_the_first(j, round)) {
                    return Some(pair.rebuilt(&joined, &between));
                }
            }
        }
    }
    None
}

/// Two loops of a region.
struct Pair<'r> {
    region: &'r Region,
    numbered: &'r [(Slot, &'r Step)],
    /// The numbers of their steps, the earlier first.
    at: [usize; 2],
    loops: [&'r Loop; 2],
}

/// One loop for both.
struct Joined {
    op: Op,
    args: Vec<Slot>,
    /// For each result of the earlier and of the later loop which result of this one it is.
    results: [Vec<usize>; 2],
}

impl<'r> Pair<'r> {
    fn of(
        region: &'r Region,
        numbered: &'r [(Slot, &'r Step)],
        early: usize,
        late: usize,
    ) -> Option<Pair<'r>> {
        match (&numbered[early].1.op, &numbered[late].1.op) {
            (Op::Loop(a), Op::Loop(b)) => Some(Pair {
                region,
                numbered,
                at: [early, late],
                loops: [a, b],
            }),
            _ => None,
        }
    }

    /// Whether they run equally often, and begin and read something alike: what is quickly seen.
    fn alike(&self) -> bool {
        let [a, b] = self.loops;
        let inits = [0, 1].map(|k| self.inits(k));
        let reads = [0, 1].map(|k| {
            let (l, args) = (self.loops[k], self.args(k));
            let mut reads = args[l.consts..l.consts + l.xs].to_vec();
            args[..l.consts]
                .iter()
                .for_each(|&arg| self.leaves(arg, &mut reads));
            reads
        });
        let [few, many] = &reads;
        (a.n, a.backward, a.ends) == (b.n, b.backward, b.ends)
            && inits[0].iter().any(|init| inits[1].contains(init))
            && (few.is_empty() || many.is_empty() || few.iter().any(|r| many.contains(r)))
    }

    fn args(&self, k: usize) -> &'r [Slot] {
        &self.numbered[self.at[k]].1.args
    }

    fn inits(&self, k: usize) -> &'r [Slot] {
        &self.args(k)[self.loops[k].consts + self.loops[k].xs..]
    }

    /// The steps after the earlier loop that the later one needs, in order; `None` if it needs the earlier one,
    /// or if one of them might stop the run.
    fn between(&self, round: &mut Round) -> Option<Vec<usize>> {
        let [early, late] = self.at;
        let mut needed = vec![false; late];
        let mut found = Vec::new();
        let mark = |args: &[Slot], needed: &mut [bool]| {
            for arg in args {
                let step = self.numbered.partition_point(|(first, _)| first <= arg);
                if arg.index() >= self.region.params().len() {
                    needed[step - 1] = true;
                }
            }
        };
        mark(self.args(1), &mut needed);
        for k in (early..late).rev() {
            if !needed[k] {
                continue;
            }
            let step = self.numbered[k].1;
            if k == early || round.traps(&step.op) {
                return None;
            }
            mark(&step.args, &mut needed);
            found.push(k);
        }
        found.reverse();
        Some(found)
    }

    /// One loop for both, if every state of one is a state of the other: of the later one, or, `flipped`, of
    /// the earlier one.
    fn joined(&self, flipped: bool) -> Option<Joined> {
        let (kept, other) = if flipped { (0, 1) } else { (1, 0) };
        if !self
            .inits(other)
            .iter()
            .all(|i| self.inits(kept).contains(i))
        {
            return None;
        }
        let classes = self.classes();
        let twin = |class| classes[kept].iter().position(|c| c == class);
        let twins: Vec<usize> = classes[other].iter().map(twin).collect::<Option<_>>()?;
        // The limit of a loop that ends early has a meaning of its own.
        if self.loops[kept].limited() && twins.first() != Some(&0) {
            return None;
        }
        let mut params = [Vec::new(), Vec::new()];
        params[kept] = (0..self.inits(kept).len()).collect();
        params[other] = twins.clone();
        let bodies = self.bodies(&params, self.inits(kept));
        Some(self.finished(bodies, [kept, other], &twins))
    }

    /// The states of both loops in classes of which all states are equal in every iteration: first those that
    /// begin alike, then apart what goes on differently, until nothing does.
    fn classes(&self) -> [Vec<usize>; 2] {
        let mut inits: Vec<Slot> = Vec::new();
        let mut classes = [0, 1].map(|k| {
            let states = self.inits(k).iter();
            states
                .map(|&init| number(&mut inits, init))
                .collect::<Vec<usize>>()
        });
        loop {
            let bodies = self.bodies(&classes, &inits);
            let mut next: Vec<(usize, Slot)> = Vec::new();
            let finer = [0, 1].map(|k| {
                let states = classes[k].iter().zip(&bodies.results[k]);
                states
                    .map(|(&class, &result)| number(&mut next, (class, result)))
                    .collect()
            });
            if next.len() == inits.len() {
                return classes;
            }
            inits = next.iter().map(|&(class, _)| inits[class]).collect();
            classes = finer;
        }
    }

    /// Both bodies in one, given which parameter stands for each state, and where those begin.
    fn bodies(&self, states: &[Vec<usize>; 2], inits: &[Slot]) -> Bodies {
        let mut leaves: Vec<Slot> = Vec::new();
        let mut xs: Vec<Slot> = Vec::new();
        for (k, l) in self.loops.iter().enumerate() {
            let (consts, elements) = self.args(k)[..l.consts + l.xs].split_at(l.consts);
            consts.iter().for_each(|&arg| self.leaves(arg, &mut leaves));
            for &x in elements {
                number(&mut xs, x);
            }
        }
        let mut types = vec![self.loops[0].body.params()[0].clone()];
        types.extend(leaves.iter().map(|&s| self.region.ty(s).clone()));
        types.extend(xs.iter().filter_map(|&s| self.region.ty(s).element()));
        types.extend(inits.iter().map(|&s| self.region.ty(s).clone()));
        let mut b = Builder::new(types);
        let (first_x, first_state) = (1 + leaves.len(), 1 + leaves.len() + xs.len());
        let results = [0, 1].map(|k| {
            let l = self.loops[k];
            let mut params = vec![b.param(0)];
            for (j, &arg) in self.args(k).iter().enumerate() {
                params.push(if j < l.consts {
                    self.inside(arg, &leaves, &mut b)
                } else if j < l.consts + l.xs {
                    b.param(first_x + number(&mut xs, arg))
                } else {
                    b.param(first_state + states[k][j - l.consts - l.xs])
                });
            }
            b.inline(&l.body, &params)
        });
        Bodies {
            builder: b,
            results,
            args: [&leaves[..], &xs, inits].concat(),
            consts: leaves.len(),
            xs: xs.len(),
        }
    }

    fn finished(&self, bodies: Bodies, [kept, other]: [usize; 2], twins: &[usize]) -> Joined {
        let l = self.loops[kept];
        let mut results = bodies.results[kept].clone();
        let mut places = [Vec::new(), Vec::new()];
        places[kept] = (0..results.len()).collect();
        places[other] = twins.to_vec();
        for &output in &bodies.results[other][twins.len()..] {
            let known = results[l.states..].iter().position(|&r| r == output);
            places[other].push(l.states + known.unwrap_or(results.len() - l.states));
            if known.is_none() {
                results.push(output);
            }
        }
        Joined {
            op: Op::Loop(Loop {
                consts: bodies.consts,
                xs: bodies.xs,
                body: Arc::new(bodies.builder.finish(results)),
                ..l.clone()
            }),
            args: bodies.args,
            results: places,
        }
    }

    /// What a captured value is a repetition or rearrangement of, which costs nothing inside.
    fn leaves(&self, slot: Slot, out: &mut Vec<Slot>) {
        match self.free(slot) {
            Some(step) => step.args.iter().for_each(|&a| self.leaves(a, out)),
            None if out.contains(&slot) => {}
            None => out.push(slot),
        }
    }

    fn inside(&self, slot: Slot, leaves: &[Slot], b: &mut Builder) -> Slot {
        if let Some(k) = leaves.iter().position(|&l| l == slot) {
            return b.param(1 + k);
        }
        let step = self.free(slot).expect("what is no leaf is free");
        let args: Vec<Slot> = (step.args.iter().map(|&a| self.inside(a, leaves, b))).collect();
        b.emit(step.op.clone(), &args)[0]
    }

    fn free(&self, slot: Slot) -> Option<&'r Step> {
        if slot.index() < self.region.params().len() {
            return None;
        }
        let step = self.numbered.partition_point(|(first, _)| *first <= slot) - 1;
        let step = self.numbered[step].1;
        let free = matches!(
            &step.op,
            Op::Prim(Prim::Literal(_) | Prim::Broadcast { .. })
        );
        free.then_some(step)
    }

    /// Whether the loop for both can stop the run where the earlier one could, and nowhere else.
    fn traps_as_the_first(&self, joined: &Joined, round: &mut Round) -> bool {
        let mut count = |region: &Region| {
            let steps = region.steps().iter();
            steps.filter(|s| round.traps(&s.op)).count()
        };
        match &joined.op {
            Op::Loop(l) => count(&l.body) == count(&self.loops[0].body),
            _ => false,
        }
    }

    /// The region with the loop for both where the earlier one was, after what it needs besides.
    fn rebuilt(&self, joined: &Joined, between: &[usize]) -> Region {
        let [early, late] = self.at;
        let rest = (early + 1..self.numbered.len()).filter(|k| !between.contains(k) && *k != late);
        let order = (0..early).chain(between.iter().copied());
        let mut b = Builder::new(self.region.params().to_vec());
        let mut map: Vec<Slot> = vec![Slot(u32::MAX); self.region.slots().len()];
        for (k, slot) in b.param_slots().into_iter().enumerate() {
            map[k] = slot;
        }
        let copy = |b: &mut Builder, map: &mut [Slot], k: usize| {
            let (first, step) = self.numbered[k];
            let args: Vec<Slot> = step.args.iter().map(|a| map[a.index()]).collect();
            for (j, slot) in b.emit(step.op.clone(), &args).into_iter().enumerate() {
                map[first.index() + j] = slot;
            }
        };
        order.for_each(|k| copy(&mut b, &mut map, k));
        let args: Vec<Slot> = joined.args.iter().map(|a| map[a.index()]).collect();
        let made = b.emit(joined.op.clone(), &args);
        for (k, places) in joined.results.iter().enumerate() {
            let first = self.numbered[self.at[k]].0;
            for (j, &place) in places.iter().enumerate() {
                map[first.index() + j] = made[place];
            }
        }
        rest.for_each(|k| copy(&mut b, &mut map, k));
        let results = self.region.results().iter().map(|r| map[r.index()]);
        b.finish(results.collect())
    }
}

/// Two bodies in one region under construction.
struct Bodies {
    builder: Builder,
    /// The results of the earlier and of the later loop's body.
    results: [Vec<Slot>; 2],
    args: Vec<Slot>,
    consts: usize,
    xs: usize,
}

#[cfg(test)]
mod tests;
