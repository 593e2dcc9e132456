//! Which results of a region depend on which of its parameters. What a step makes of which it matters how
//! often it is applied ([`Op::additive`]) depends on whatever is marked: it is made anew for each mark.
//! What a lens makes depends on all its arguments, whatever its forward half reads: its backward half
//! answers each result by itself.

use std::collections::HashMap;

use lentil_unary::{Loop, Op, Region};

/// For each slot of a region, whether it depends on a marked parameter.
pub fn depends(region: &Region, marked: &[bool]) -> Vec<bool> {
    Search::default().slots(region, marked)
}

/// For each result of a region, whether it depends on a marked parameter.
pub fn results_depend(region: &Region, marked: &[bool]) -> Vec<bool> {
    Search::default().results(region, marked)
}

/// For each parameter of a loop's body, whether it depends on a marked argument: the least marking of the
/// states that the body preserves. If the limit depends on it, then so does everything that changes at all.
pub fn loop_marks(l: &Loop, args: &[bool]) -> Vec<bool> {
    Search::default().loop_marks(l, args)
}

/// Whether how often a loop runs is marked.
pub fn ends_differ(l: &Loop, marks: &[bool]) -> bool {
    l.limited() && marks[1 + l.consts + l.xs]
}

/// What has been found out: a function that is called twice is looked into once.
#[derive(Default)]
struct Search {
    /// For a region and marks of its parameters, those of its results. Looked up, never iterated over.
    known: HashMap<(*const Region, Vec<bool>), Vec<bool>>,
}

impl Search {
    fn slots(&mut self, region: &Region, marked: &[bool]) -> Vec<bool> {
        debug_assert_eq!(region.params().len(), marked.len());
        let mut slots = marked.to_vec();
        for step in region.steps() {
            let args: Vec<bool> = step.args.iter().map(|a| slots[a.index()]).collect();
            slots.extend(self.step(&step.op, &args, step.types.len()));
        }
        slots
    }

    fn results(&mut self, region: &Region, marked: &[bool]) -> Vec<bool> {
        let key = (std::ptr::from_ref(region), marked.to_vec());
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let slots = self.slots(region, marked);
        let results = region.results().iter().map(|r| slots[r.index()]);
        let results: Vec<bool> = results.collect();
        self.known.insert(key, results.clone());
        results
    }

    fn loop_marks(&mut self, l: &Loop, args: &[bool]) -> Vec<bool> {
        let mut marks = vec![false];
        marks.extend_from_slice(args);
        let first_state = 1 + l.consts + l.xs;
        loop {
            if ends_differ(l, &marks) {
                marks[first_state..].fill(true);
                return marks;
            }
            let results = self.results(&l.body, &marks);
            let mut grown = false;
            for (k, &result) in results[..l.states].iter().enumerate() {
                grown |= result && !marks[first_state + k];
                marks[first_state + k] |= result;
            }
            if !grown {
                return marks;
            }
        }
    }

    fn step(&mut self, op: &Op, args: &[bool], results: usize) -> Vec<bool> {
        if !op.additive() {
            return vec![true; results];
        }
        if !args.contains(&true) {
            return vec![false; results];
        }
        match op {
            Op::Prim(_) | Op::Reverse(_) | Op::Forward(_) | Op::Lens(_) => vec![true; results],
            Op::Loop(l) => {
                let marks = self.loop_marks(l, args);
                if ends_differ(l, &marks) {
                    return vec![true; results];
                }
                let body = self.results(&l.body, &marks);
                let states = &marks[1 + l.consts + l.xs..];
                [states, &body[l.states..]].concat()
            }
            Op::Cond { then, otherwise } => {
                let (condition, captures) = (args[0], &args[1..]);
                let then = self.results(then, captures);
                let otherwise = self.results(otherwise, captures);
                let arms = then.iter().zip(&otherwise);
                arms.map(|(a, b)| condition || *a || *b).collect()
            }
            Op::Call(f) => self.results(&f.region, args),
        }
    }
}
