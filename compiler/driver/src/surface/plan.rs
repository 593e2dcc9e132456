//! What of a region gets a name, and what stands inside the expression that needs it.

use lentil_unary::{Op, Prim, Region, Slot, Step};

/// An expression with more operations than this is taken apart.
const LIMIT: usize = 10;

/// The decisions for one region.
#[derive(Debug)]
pub(super) struct Plan {
    uses: Vec<usize>,
    named: Vec<bool>,
    /// The step that makes each slot, for slots that are no parameters.
    steps: Vec<usize>,
    params: usize,
}

impl Plan {
    pub(super) fn of(region: &Region) -> Plan {
        let count = region.slots().len();
        let params = region.params().len();
        let mut plan = Plan {
            uses: vec![0; count],
            named: vec![false; count],
            steps: Vec::new(),
            params,
        };
        let firsts: Vec<Slot> = region.numbered().map(|(first, _)| first).collect();
        for (at, step) in region.steps().iter().enumerate() {
            plan.steps.extend(step.types.iter().map(|_| at));
        }
        for result in region.results() {
            plan.uses[result.index()] += 1;
        }
        for (step, first) in region.steps().iter().zip(&firsts).rev() {
            let results = first.index()..first.index() + step.types.len();
            if plan.uses[results].iter().any(|&n| n > 0) {
                for arg in &step.args {
                    plan.uses[arg.index()] += 1;
                }
            }
        }
        plan.name(region, &firsts);
        plan
    }

    /// How often a slot is read by what the results need.
    pub(super) fn uses(&self, slot: Slot) -> usize {
        self.uses[slot.index()]
    }

    /// Whether a slot is bound by a `let` before anything else reads it.
    pub(super) fn named(&self, slot: Slot) -> bool {
        self.named[slot.index()]
    }

    /// The step that makes a slot; none for a parameter.
    pub(super) fn step<'r>(&self, region: &'r Region, slot: Slot) -> Option<&'r Step> {
        let at = slot.index().checked_sub(self.params)?;
        Some(&region.steps()[self.steps[at]])
    }

    fn name(&mut self, region: &Region, firsts: &[Slot]) {
        let mut is_result = vec![false; region.slots().len()];
        for result in region.results() {
            is_result[result.index()] = true;
        }
        let mut weights = vec![0; region.slots().len()];
        for (step, &first) in region.steps().iter().zip(firsts) {
            if step.types.len() != 1 {
                for k in 0..step.types.len() {
                    self.named[first.index() + k] = true;
                }
                continue;
            }
            let inside: usize = step.args.iter().map(|a| weights[a.index()]).sum();
            let weight = inside + own_weight(&step.op);
            let uses = self.uses[first.index()];
            let free = is_free(&step.op);
            let most = if free { 2 * LIMIT } else { LIMIT };
            let heavy = weight > most || stands_alone(&step.op);
            let named = uses > 0 && (uses > 1 && !free || heavy && !is_result[first.index()]);
            self.named[first.index()] = named;
            weights[first.index()] = if named { 0 } else { weight };
        }
    }
}

/// Whether an operation costs nothing where it stands, so that it is repeated rather than named.
pub(super) fn is_free(op: &Op) -> bool {
    matches!(
        op,
        Op::Prim(Prim::Literal(_) | Prim::Iota(_) | Prim::Broadcast { .. })
    )
}

/// Whether an operation with a body reads badly inside another expression.
fn stands_alone(op: &Op) -> bool {
    match op {
        Op::Loop(l) => l.states > 0 || l.body.steps().len() > LIMIT,
        Op::Cond { then, otherwise } => then.steps().len() + otherwise.steps().len() > LIMIT / 2,
        Op::Prim(_) | Op::Call(_) | Op::Reverse(_) | Op::Forward(_) | Op::Lens(_) => false,
    }
}

fn own_weight(op: &Op) -> usize {
    match op {
        Op::Prim(Prim::Literal(_)) => 0,
        Op::Prim(_) | Op::Call(_) | Op::Reverse(_) | Op::Forward(_) | Op::Lens(_) => 1,
        Op::Loop(l) => 2 + l.body.steps().len(),
        Op::Cond { then, otherwise } => 1 + then.steps().len() + otherwise.steps().len(),
    }
}
