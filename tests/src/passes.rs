//! The passes in their order, each of which may be left out but the derivative.

use std::collections::HashMap;
use std::sync::Arc;

use lentil_optimise::{Arithmetic, Derivatives, VectoriseOptions, optimise, vectorise};
use lentil_reverse::resolve;
use lentil_unary::check::{check, check_resolved};
use lentil_unary::simplify::simplify;
use lentil_unary::{Function, Loop, Op, Region, Step};

/// A program in each of its forms between core and loops.
#[derive(Clone, Debug)]
pub struct Stages {
    /// As core lowers it; derivatives are single operations.
    pub core: Region,
    /// Simplified.
    pub unary: Region,
    /// Derivatives resolved.
    pub reverse: Region,
    /// With operations on whole arrays.
    pub batched: Region,
    /// Rewritten by equations: what is compiled.
    pub optimised: Region,
}

/// All forms of a program, checked after each pass.
///
/// # Panics
/// If a pass breaks an invariant of unary form.
pub fn stages(core: Region, arithmetic: Arithmetic) -> Stages {
    let options = VectoriseOptions {
        arithmetic,
        ..VectoriseOptions::default()
    };
    well(&core, "lowering");
    let unary = well(&simplify(&core), "simplify");
    let ahead = simplify(&vectorise_derivands(&unary, &options));
    let ahead = well(&ahead, "vectorise before the derivative");
    let reverse = well(&simplify(&resolve(&ahead)), "resolve");
    check_resolved(&reverse).unwrap_or_else(|why| panic!("{why}\n{reverse}"));
    let batched = well(&simplify(&vectorise(&reverse, &options)), "vectorise");
    let options = lentil_optimise::Options {
        arithmetic,
        derivatives: Derivatives::Taken,
        ..lentil_optimise::Options::default()
    };
    let optimised = well(&simplify(&optimise(&batched, &options)), "optimise");
    Stages {
        core,
        unary,
        reverse,
        batched,
        optimised,
    }
}

/// The program with its derivatives and nothing else done to it.
pub fn plain(core: &Region) -> Region {
    well(&resolve(core), "resolve")
}

/// The program as it is compiled.
pub fn optimised(core: &Region) -> Region {
    stages(core.clone(), Arithmetic::Real).optimised
}

/// Vectorises a program and what it differentiates, so that derivatives are taken of array code.
fn vectorise_derivands(region: &Region, options: &VectoriseOptions) -> Region {
    let mut inner = Derivands {
        options,
        done: HashMap::new(),
    };
    vectorise(&inner.region(region), options)
}

struct Derivands<'a> {
    options: &'a VectoriseOptions,
    done: HashMap<Arc<Function>, Arc<Function>>,
}

impl Derivands<'_> {
    fn region(&mut self, region: &Region) -> Region {
        let step = |step: &Step| Step {
            op: self.op(&step.op),
            ..step.clone()
        };
        let steps = region.steps().iter().map(step).collect();
        Region::new(region.params().to_vec(), steps, region.results().to_vec())
    }

    fn op(&mut self, op: &Op) -> Op {
        match op {
            Op::Prim(_) => op.clone(),
            Op::Loop(l) => Op::Loop(Loop {
                body: Arc::new(self.region(&l.body)),
                ..l.clone()
            }),
            Op::Cond { then, otherwise } => Op::Cond {
                then: Arc::new(self.region(then)),
                otherwise: Arc::new(self.region(otherwise)),
            },
            // What a plain call needs, `vectorise` does itself; but derivatives may stand in it.
            Op::Call(f) => Op::Call(self.function(f)),
            Op::Reverse(f) => Op::Reverse(self.function(f)),
            Op::Forward(f) => Op::Forward(self.function(f)),
        }
    }

    fn function(&mut self, f: &Arc<Function>) -> Arc<Function> {
        if let Some(done) = self.done.get(f) {
            return done.clone();
        }
        let region = self.region(&f.region);
        let made = Arc::new(Function {
            name: f.name.clone(),
            region: vectorise(&region, self.options),
        });
        self.done.insert(f.clone(), made.clone());
        made
    }
}

fn well(region: &Region, pass: &str) -> Region {
    check(region).unwrap_or_else(|why| panic!("after {pass}: {why}\n{region}"));
    region.clone()
}
