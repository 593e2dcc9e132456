//! The compiler's passes over a program in unary form, with its invariants checked after each.

use lentil::pipeline::{self, Options, Stages, Switch};
use lentil_optimise::Arithmetic;
use lentil_reverse::resolve;
use lentil_unary::Region;
use lentil_unary::check::check;

/// How tests compile: everything is done, and checked.
pub fn options(arithmetic: Arithmetic) -> Options {
    Options {
        arithmetic,
        verify: Switch::On,
        ..Options::default()
    }
}

/// All forms of a program.
///
/// # Panics
/// If a pass breaks an invariant of unary form.
pub fn stages(core: &Region, arithmetic: Arithmetic) -> Stages {
    check(core).unwrap_or_else(|why| panic!("as lowered: {why}\n{core}"));
    pipeline::stages(core.clone(), &options(arithmetic))
}

/// The program with its derivatives and nothing else done to it.
///
/// # Panics
/// If it is not well-formed then.
pub fn plain(core: &Region) -> Region {
    let resolved = resolve(core);
    check(&resolved).unwrap_or_else(|why| panic!("{why}\n{resolved}"));
    resolved
}

/// The program as it is compiled.
///
/// # Panics
/// If a pass breaks an invariant of unary form.
pub fn optimised(core: &Region) -> Region {
    stages(core, Arithmetic::Real).optimised
}
