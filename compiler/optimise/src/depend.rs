//! Which results of a region depend on which of its parameters.

use lentil_unary::{Loop, Op, Region};

/// For each slot of a region, whether it depends on a marked parameter.
pub fn depends(region: &Region, marked: &[bool]) -> Vec<bool> {
    debug_assert_eq!(region.params().len(), marked.len());
    let mut slots = marked.to_vec();
    for step in region.steps() {
        let args: Vec<bool> = step.args.iter().map(|a| slots[a.index()]).collect();
        slots.extend(step_depends(&step.op, &args, step.types.len()));
    }
    slots
}

/// For each result of a region, whether it depends on a marked parameter.
pub fn results_depend(region: &Region, marked: &[bool]) -> Vec<bool> {
    let slots = depends(region, marked);
    region.results().iter().map(|r| slots[r.index()]).collect()
}

/// For each parameter of a loop's body, whether it depends on a marked argument: the least marking of the
/// states that the body preserves. If the limit depends on it, then so does everything that changes at all.
pub fn loop_marks(l: &Loop, args: &[bool]) -> Vec<bool> {
    let mut marks = vec![false];
    marks.extend_from_slice(args);
    let first_state = 1 + l.consts + l.xs;
    loop {
        if ends_differ(l, &marks) {
            marks[first_state..].fill(true);
            return marks;
        }
        let results = results_depend(&l.body, &marks);
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

/// Whether how often a loop runs is marked.
pub fn ends_differ(l: &Loop, marks: &[bool]) -> bool {
    l.limited() && marks[1 + l.consts + l.xs]
}

fn step_depends(op: &Op, args: &[bool], results: usize) -> Vec<bool> {
    if !args.contains(&true) {
        return vec![false; results];
    }
    match op {
        Op::Prim(_) | Op::Reverse(_) | Op::Forward(_) => vec![true; results],
        Op::Loop(l) => {
            let marks = loop_marks(l, args);
            if ends_differ(l, &marks) {
                return vec![true; results];
            }
            let body = results_depend(&l.body, &marks);
            let states = &marks[1 + l.consts + l.xs..];
            [states, &body[l.states..]].concat()
        }
        Op::Cond { then, otherwise } => {
            let (condition, captures) = (args[0], &args[1..]);
            let arms = results_depend(then, captures)
                .into_iter()
                .zip(results_depend(otherwise, captures));
            arms.map(|(a, b)| condition || a || b).collect()
        }
        Op::Call(f) => results_depend(&f.region, args),
        Op::Lens(l) => results_depend(&l.get.region, args),
    }
}
