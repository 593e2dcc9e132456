//! What a program costs: its operations, counted by the evaluator on the form that is compiled, and what
//! its reverse derivatives keep.
//!
//! Counts are those of one run. They depend on the arguments only where the program chooses by data; the
//! arguments are drawn here, from a seed.

use lentil_reverse::{Saved, residuals};
use lentil_unary::carrier::{Carrier, Type};
use lentil_unary::eval::{Counts, eval_counted};
use lentil_unary::random;
use lentil_unary::syntax::{Op, Region, Slot};
use lentil_unary::value::Array;

use crate::draft::Draft;
use crate::error::Error;
use crate::program::Program;

/// What one run of a program takes.
#[derive(Clone, Debug)]
pub struct Cost {
    /// Its operations.
    pub counts: Counts,
    /// What its reverse derivatives keep from their forward halves until their backward halves need
    /// it. Of a derivative inside a loop, this is what one turn keeps.
    pub saved: Vec<Saved>,
}

impl Cost {
    /// How many bytes are kept.
    pub fn saved_bytes(&self) -> usize {
        self.saved.iter().map(|saved| saved.bytes).sum()
    }
}

impl Program {
    /// What a run of a draft costs, at arguments from a seed: real numbers from -1 to 1; whole numbers,
    /// which may be indices, and conditions are all zero.
    ///
    /// ```
    /// let program = lentil::Program::from_source("fn f(x: Real[8]) -> Real = sum(x * x)")?;
    /// let value = program.cost(&program.draft("f")?, 0)?;
    /// let gradient = program.cost(&program.draft_gradient("f")?, 0)?;
    /// assert_eq!((value.counts.arithmetic, gradient.counts.arithmetic), (16, 8));
    /// # Ok::<(), lentil::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the run stops.
    pub fn cost(&self, draft: &Draft, seed: u64) -> Result<Cost, Error> {
        let stages = self.stages(draft);
        let types = stages.optimised.params().to_vec();
        let args = arguments(&types, seed);
        let run = self.ask(move |_, _| {
            let counted = eval_counted(&stages.optimised, &args);
            let mut saved = Vec::new();
            kept(&stages.ahead, &mut saved);
            counted.map(|(_, counts)| Cost { counts, saved })
        });
        run.map_err(|trap| draft.places.trap(trap))
    }
}

fn arguments(types: &[Type], seed: u64) -> Vec<Array> {
    let key = random::key([(seed >> 32) as i64, seed as i64]);
    let argument = |(k, ty): (usize, &Type)| match ty.carrier {
        Carrier::F32 | Carrier::F64 => {
            let words = random::bits(random::fold_in(key, k as i64), ty.len());
            let real = |word: u32| f64::from(word) / f64::from(1u32 << 31) - 1.0;
            Array::from_f64(ty.clone(), &words.into_iter().map(real).collect::<Vec<_>>())
        }
        Carrier::Bit | Carrier::Mod(_) | Carrier::Int | Carrier::Bool => Array::zeros(ty),
    };
    types.iter().enumerate().map(argument).collect()
}

/// What the reverse derivatives keep that a region asks for, also in bodies.
fn kept(region: &Region, out: &mut Vec<Saved>) {
    let used = used(region);
    for (first, step) in region.numbered() {
        match &step.op {
            Op::Prim(_) => {}
            Op::Loop(l) => kept(&l.body, out),
            Op::Cond { then, otherwise } => {
                kept(then, out);
                kept(otherwise, out);
            }
            Op::Call(f) | Op::Forward(f) => kept(&f.region, out),
            Op::Lens(l) => {
                kept(&l.get.region, out);
                kept(&l.put.region, out);
            }
            Op::Reverse(f) => {
                kept(&f.region, out);
                let mut results = first.index()..;
                let mut wish =
                    |ty: &Type| ty.differentiable() && results.next().is_some_and(|s| used[s]);
                let wanted: Vec<bool> = f.region.params().iter().map(&mut wish).collect();
                out.extend(residuals(&f.region, &wanted));
            }
        }
    }
}

fn used(region: &Region) -> Vec<bool> {
    let mut used = vec![false; region.slots().len()];
    let args = region.steps().iter().flat_map(|step| &step.args);
    for slot in args.chain(region.results()) {
        used[Slot::index(*slot)] = true;
    }
    used
}
