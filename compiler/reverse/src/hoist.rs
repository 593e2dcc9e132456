//! Takes out of loops what every iteration would compute alike.
//!
//! *Before*: any region.
//! *After*: the same results; steps of a loop's body that depend on captures alone stand before the loop,
//! and their results are captures. Steps that may stop the run stay where they are, and so does
//! everything in the arm of a conditional and in a loop that does not run.
//! *Size*: the same number of steps.
//!
//! So a loop invariant is never saved once an iteration, and an array that a body only looks at through
//! a view is accumulated through that view: in place.

use std::collections::HashMap;
use std::sync::Arc;

use lentil_unary::{Builder, Function, Loop, Op, Rebuild, Rebuilt, Region, Slot, Step, Type};

/// The region with loop invariants taken out of loops, also in functions.
pub(crate) fn hoist(region: &Region) -> Region {
    Hoist::default().region(region)
}

#[derive(Default)]
struct Hoist {
    rebuilt: Rebuilt,
    /// Which functions may stop the run. Looked up, never iterated over.
    stopping: HashMap<Arc<Function>, bool>,
}

impl Rebuild for Hoist {
    fn rebuilt(&mut self) -> &mut Rebuilt {
        &mut self.rebuilt
    }

    fn append(&mut self, b: &mut Builder, op: &Op, args: &[Slot]) -> Vec<Slot> {
        match op {
            Op::Loop(l) => self.hoist_loop(b, l, args),
            op => b.emit(self.inside(op), args),
        }
    }
}

impl Hoist {
    fn hoist_loop(&mut self, b: &mut Builder, l: &Loop, args: &[Slot]) -> Vec<Slot> {
        let body = self.body(&l.body);
        let at_hand = if l.n == 0 {
            Vec::new()
        } else {
            self.invariants(&body, l.consts)
        };
        // Slots of the body that are known outside, and where.
        let captures = args[..l.consts].iter();
        let mut outside: HashMap<Slot, Slot> = (1..).map(Slot).zip(captures.copied()).collect();
        let mut moved: Vec<Slot> = Vec::new();
        for ((first, step), kind) in body.numbered().zip(&at_hand) {
            if *kind == Kind::Varies {
                continue;
            }
            let args: Vec<Slot> = step.args.iter().map(|a| outside[a]).collect();
            for (k, slot) in b.emit(step.op.clone(), &args).into_iter().enumerate() {
                let own = Slot(first.0 + k as u32);
                outside.insert(own, slot);
                if *kind == Kind::Invariant {
                    moved.push(own);
                }
            }
        }
        // Only those that the rest of the body reads become captures.
        let rest = body.numbered().zip(&at_hand);
        let rest = rest.filter(|(_, kind)| **kind != Kind::Invariant);
        let mut read: Vec<bool> = vec![false; body.slots().len()];
        for slot in rest.flat_map(|((_, s), _)| &s.args).chain(body.results()) {
            read[slot.index()] = true;
        }
        moved.retain(|s| read[s.index()]);
        if moved.is_empty() {
            return b.emit(Op::Loop(Loop { body, ..l.clone() }), args);
        }
        let captures: Vec<Slot> = moved.iter().map(|s| outside[s]).collect();
        let (consts, others) = args.split_at(l.consts);
        let args = [consts, &captures, others].concat();
        let op = Op::Loop(Loop {
            consts: l.consts + moved.len(),
            body: Arc::new(with_captures(&body, l.consts, &moved, &at_hand)),
            ..l.clone()
        });
        b.emit(op, &args)
    }

    fn invariants(&mut self, body: &Region, consts: usize) -> Vec<Kind> {
        let mut slots = vec![Kind::Varies; body.params().len()];
        slots[1..=consts].fill(Kind::Invariant);
        let mut steps = Vec::with_capacity(body.steps().len());
        for step in body.steps() {
            let stops = self.may_stop(step);
            let args = || step.args.iter().map(|a| slots[a.index()]);
            let kind = if stops || !step.op.additive() || args().any(|k| k == Kind::Varies) {
                Kind::Varies
            } else if args().any(|k| k == Kind::Invariant) {
                Kind::Invariant
            } else {
                Kind::Constant
            };
            steps.push(kind);
            slots.resize(slots.len() + step.types.len(), kind);
        }
        steps
    }

    fn may_stop(&mut self, step: &Step) -> bool {
        match &step.op {
            Op::Prim(prim) => prim.row().traps,
            Op::Loop(l) => self.any_stops(&l.body),
            Op::Cond { then, otherwise } => self.any_stops(then) || self.any_stops(otherwise),
            Op::Call(f) => self.function_stops(f),
            Op::Lens(l) => self.function_stops(&l.get) || self.function_stops(&l.put),
            Op::Reverse(_) | Op::Forward(_) => true,
        }
    }

    fn function_stops(&mut self, f: &Arc<Function>) -> bool {
        if let Some(&known) = self.stopping.get(f) {
            return known;
        }
        let stops = self.any_stops(&f.region);
        self.stopping.insert(f.clone(), stops);
        stops
    }

    fn any_stops(&mut self, region: &Region) -> bool {
        region.steps().iter().any(|step| self.may_stop(step))
    }
}

/// What a step of a body depends on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing: it may stand anywhere and is left in place.
    Constant,
    /// Captures alone: it is moved.
    Invariant,
    /// Something that changes; or it may stop the run, or it matters how often it is applied.
    Varies,
}

/// The body with some of its slots as captures, after those it has.
fn with_captures(body: &Region, consts: usize, moved: &[Slot], kinds: &[Kind]) -> Region {
    let mut params: Vec<Type> = body.params()[..=consts].to_vec();
    params.extend(moved.iter().map(|&s| body.ty(s).clone()));
    params.extend_from_slice(&body.params()[consts + 1..]);
    let mut b = Builder::new(params);
    let own = b.param_slots();
    let mut map: Vec<Option<Slot>> = own[..=consts].iter().copied().map(Some).collect();
    map.extend(own[consts + 1 + moved.len()..].iter().copied().map(Some));
    map.resize(body.slots().len(), None);
    for (k, slot) in moved.iter().enumerate() {
        map[slot.index()] = Some(own[consts + 1 + k]);
    }
    for ((first, step), kind) in body.numbered().zip(kinds) {
        // What moved away is a capture, or nothing here reads it.
        if *kind == Kind::Invariant {
            continue;
        }
        let args: Option<Vec<Slot>> = step.args.iter().map(|a| map[a.index()]).collect();
        let args = args.expect("an invariant that is read is a capture");
        for (k, slot) in b.emit(step.op.clone(), &args).into_iter().enumerate() {
            map[first.index() + k] = Some(slot);
        }
    }
    let results = body.results().iter();
    b.finish(results.filter_map(|r| map[r.index()]).collect())
}
