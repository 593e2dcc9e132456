//! All evaluators agree: that of unary form as lowered and at each stage, that of loops, machine code
//! with every bit kept, and machine code as it is by default.

use crate::near::{Outcome, close, same};
use crate::passes::{options, plain, stages};
use lentil::pipeline::Options;
use lentil_optimise::Arithmetic;
use lentil_unary::eval::eval;
use lentil_unary::{Array, Region};

/// Takes a program, perhaps with derivatives in it, through everything that can run it.
///
/// `tolerance` is for what may rearrange sums.
///
/// # Panics
/// If two of them differ.
pub fn all_agree(what: &str, core: &Region, args: &[Array], tolerance: f64) {
    let expected = eval(&plain(core), args);
    let check = |how: &str, found: &Outcome, fits: bool| {
        assert!(
            fits,
            "{what}, {how}:\n{found:?} is not\n{expected:?}\n{core}"
        );
    };
    let exact = stages(core, Arithmetic::Exact);
    // Taking a derivative of array code may add its cotangents in another order than that of loops.
    let derived = core.steps() != plain(core).steps();
    for (stage, region) in [
        ("simplified and resolved", &exact.reverse),
        ("vectorised", &exact.batched),
        ("optimised", &exact.optimised),
    ] {
        let found = eval(region, args);
        let fits = match derived {
            true => close(&found, &expected, tolerance),
            false => same(&found, &expected),
        };
        check(stage, &found, fits);
    }
    let exactly = eval(&exact.optimised, args);
    let keep = options(Arithmetic::Exact);
    let found = loops(&exact.optimised, &keep, args);
    check("loops, every bit", &found, same(&found, &exactly));
    let found = machine(&exact.optimised, &keep, args);
    check("machine code, every bit", &found, same(&found, &exactly));

    let free = options(Arithmetic::Real);
    let optimised = stages(core, Arithmetic::Real).optimised;
    for (how, found) in [
        ("optimised over the reals", eval(&optimised, args)),
        ("loops over the reals", loops(&optimised, &free, args)),
        ("machine code", machine(&optimised, &free, args)),
    ] {
        check(how, &found, close(&found, &expected, tolerance));
    }
}

fn loops(region: &Region, options: &Options, args: &[Array]) -> Outcome {
    let program = lentil::pipeline::loops(region, options);
    let program = program.unwrap_or_else(|why| panic!("{why}\n{region}"));
    lentil_loops::check::check(&program).unwrap_or_else(|why| panic!("{why}\n{region}"));
    lentil_loops::eval::eval(&program, args)
}

fn machine(region: &Region, options: &Options, args: &[Array]) -> Outcome {
    let program = lentil::pipeline::loops(region, options);
    let program = program.unwrap_or_else(|why| panic!("{why}\n{region}"));
    let code = lentil_jit::compile_program(program);
    code.unwrap_or_else(|why| panic!("{why}\n{region}"))
        .run(args)
}
