//! The compiler on one page: from what core lowers to a program that runs.
//!
//! ```text
//!  core ─► unary ─► ahead ─► reverse ─► batched ─► optimised ─► loops ─► machine code
//!   simplify │  vectorise│  resolve│  vectorise│    rewrite│   lower│     compile
//!            │    rewrite│
//! ```
//!
//! Every stage but the last two is unary form, and every arrow may be left out but `resolve`: a program
//! means the same without the others.

use lentil_loops::{Program, Refusal};
use lentil_optimise::{Arithmetic, Derivatives, VectoriseOptions, blocks, optimise, vectorise};
use lentil_reverse::resolve;
use lentil_unary::simplify::simplify;
use lentil_unary::{Carrier, Region, check};

use crate::ahead::prepare_derivands;
use crate::machine::Machine;

/// What the user chooses about compilation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// What `Real` is: [`Carrier::F32`] or [`Carrier::F64`].
    pub real: Carrier,
    /// Whether floating-point sums may be rearranged, or every bit is kept.
    pub arithmetic: Arithmetic,
    /// Whether loops over elements become operations on whole arrays.
    pub vectorise: Switch,
    /// Whether the program is rewritten by equations.
    pub rewrite: Switch,
    /// What runs the result.
    pub target: Target,
    /// Whether the invariants of unary form are checked after each pass.
    pub verify: Switch,
    /// How many bytes a program may need for its values.
    pub memory_limit: usize,
}

/// Whether something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// It is.
    On,
    /// It is not.
    Off,
}

impl Switch {
    /// On or off.
    pub fn of(on: bool) -> Switch {
        if on { Switch::On } else { Switch::Off }
    }
}

/// What runs a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The processor.
    Machine,
    /// The slow interpreter of unary form, which says what a program means.
    Evaluator,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            real: Carrier::F32,
            arithmetic: Arithmetic::Real,
            vectorise: Switch::On,
            rewrite: Switch::On,
            target: Target::Machine,
            verify: Switch::of(cfg!(debug_assertions)),
            memory_limit: 8 << 30,
        }
    }
}

impl Options {
    /// The same, with floating-point arithmetic to the letter: for what compares numbers. Two sides
    /// that differ in their rounding only would be rewritten to one term otherwise, and be equal.
    pub fn to_the_letter(&self) -> Options {
        Options {
            arithmetic: Arithmetic::Exact,
            ..self.clone()
        }
    }
}

/// A program in each of its forms between core and loops.
#[derive(Clone, Debug)]
pub struct Stages {
    /// As core lowers it; derivatives are single operations.
    pub core: Region,
    /// Simplified.
    pub unary: Region,
    /// With operations on whole arrays, also inside what is to be differentiated, so that derivatives
    /// are taken of matrix products and not of loops.
    pub ahead: Region,
    /// Derivatives resolved.
    pub reverse: Region,
    /// What the derivatives brought in, with operations on whole arrays too.
    pub batched: Region,
    /// Rewritten by equations, with long sums in blocks: what is compiled.
    pub optimised: Region,
}

/// The forms of a program up to the one in which its derivatives are programs: `unary`, `ahead` and
/// `reverse`.
pub fn resolved(core: &Region, options: &Options) -> [Region; 3] {
    let unary = pass("simplify", core, options, simplify);
    let ahead = pass("vectorise", &unary, options, |r| ahead(r, options));
    let reverse = pass("resolve", &ahead, options, |r| simplify(&resolve(r)));
    [unary, ahead, reverse]
}

/// All forms of a program down to the one that is compiled.
pub fn stages(core: Region, options: &Options) -> Stages {
    let [unary, ahead, reverse] = resolved(&core, options);
    let batched = pass("vectorise", &reverse, options, |r| {
        vectorised(r, options, Derivatives::Taken)
    });
    let optimised = pass("optimise", &batched, options, |r| {
        let best = rewritten(r, options, Derivatives::Taken);
        match options.arithmetic {
            Arithmetic::Real => blocks(&best),
            Arithmetic::Exact => best,
        }
    });
    Stages {
        core,
        unary,
        ahead,
        reverse,
        batched,
        optimised,
    }
}

/// As loops over buffers.
pub fn loops(optimised: &Region, options: &Options) -> Result<Program, Refusal> {
    lentil_loops::lower(optimised, &loop_options(options))
}

/// As a program that runs.
pub fn compile(core: Region, options: &Options) -> Result<Machine, Refusal> {
    let optimised = stages(core, options).optimised;
    match options.target {
        Target::Machine => Ok(Machine::Code(lentil_jit::compile_program(loops(
            &optimised, options,
        )?)?)),
        Target::Evaluator => Ok(Machine::Evaluator(optimised)),
    }
}

/// As machine code of which every bit is a word of 64 samples.
pub fn compile_lanes(core: Region, options: &Options) -> Result<lentil_jit::Compiled, Refusal> {
    let optimised = stages(core, options).optimised;
    let options = lentil_loops::Options {
        lanes: true,
        ..loop_options(options)
    };
    lentil_jit::compile(&optimised, &options)
}

fn ahead(region: &Region, options: &Options) -> Region {
    let every = |r: &Region| vectorised(r, options, Derivatives::Ahead);
    let derivand = |r: &Region| rewritten(r, options, Derivatives::Ahead);
    simplify(&prepare_derivands(region, &every, &derivand))
}

fn vectorised(region: &Region, options: &Options, derivatives: Derivatives) -> Region {
    let settings = VectoriseOptions {
        arithmetic: options.arithmetic,
        derivatives,
        ..VectoriseOptions::default()
    };
    match options.vectorise {
        Switch::On => simplify(&vectorise(region, &settings)),
        Switch::Off => region.clone(),
    }
}

fn rewritten(region: &Region, options: &Options, derivatives: Derivatives) -> Region {
    let arithmetic = options.arithmetic;
    let settings = lentil_optimise::Options {
        arithmetic,
        derivatives,
        ..Default::default()
    };
    match options.rewrite {
        Switch::On => optimise(region, &settings),
        Switch::Off => region.clone(),
    }
}

fn loop_options(options: &Options) -> lentil_loops::Options {
    lentil_loops::Options {
        exact: options.arithmetic == Arithmetic::Exact,
        lanes: false,
        memory_limit: options.memory_limit,
    }
}

/// Runs a pass, and checks what it made if that is asked for.
fn pass(
    name: &str,
    input: &Region,
    options: &Options,
    run: impl FnOnce(&Region) -> Region,
) -> Region {
    let output = run(input);
    if options.verify == Switch::On
        && let Err(why) = check::check(&output)
    {
        panic!("after `{name}`: {why}");
    }
    output
}
