//! Machine code computes what the evaluator of unary form computes: bit for bit if it is exact.

#[path = "../../loops/tests/cases/mod.rs"]
mod cases;

use lentil_jit::{Options, compile};
use lentil_unary::{Array, Region, Trap, eval, generate};

fn exact() -> Options {
    Options {
        exact: true,
        ..Options::default()
    }
}

fn run(region: &Region, options: &Options, args: &[Array]) -> Result<Vec<Array>, Trap> {
    compile(region, options).unwrap().run(args)
}

/// Whether numbers agree up to rounding; what is no number, exactly.
fn close(x: &Result<Vec<Array>, Trap>, y: &Result<Vec<Array>, Trap>, tolerance: f64) -> bool {
    let near = |x: f64, y: f64| {
        x == y || (x.is_nan() && y.is_nan()) || (x - y).abs() <= tolerance * (1.0 + x.abs())
    };
    match (x, y) {
        (Ok(x), Ok(y)) => x.iter().zip(y).all(|(x, y)| {
            x.ty() == y.ty() && x.to_f64().iter().zip(y.to_f64()).all(|(&x, y)| near(x, y))
        }),
        _ => cases::same(x, y),
    }
}

#[test]
fn primitives_agree_bit_for_bit() {
    for case in cases::primitives() {
        let expected = eval::eval(&case.region, &case.args);
        let found = run(&case.region, &exact(), &case.args);
        assert!(
            cases::same(&found, &expected),
            "{}\n{expected:?}\n{found:?}",
            case.name
        );
    }
}

#[test]
fn primitives_agree_up_to_rounding() {
    for case in cases::primitives() {
        let expected = eval::eval(&case.region, &case.args);
        let found = run(&case.region, &Options::default(), &case.args);
        assert!(
            close(&found, &expected, 1e-4),
            "{}\n{expected:?}\n{found:?}",
            case.name
        );
    }
}

#[test]
fn programs_with_control_agree() {
    for case in cases::control::programs() {
        let expected = eval::eval(&case.region, &case.args);
        let found = run(&case.region, &exact(), &case.args);
        assert!(
            cases::same(&found, &expected),
            "{}\n{expected:?}\n{found:?}",
            case.name
        );
        let found = run(&case.region, &Options::default(), &case.args);
        assert!(
            close(&found, &expected, 1e-9),
            "{}\n{expected:?}\n{found:?}",
            case.name
        );
    }
}

#[test]
fn generated_programs_agree_bit_for_bit() {
    for carrier in cases::CARRIERS {
        if !carrier.differentiable() {
            continue; // programs over these are part of all others
        }
        for seed in 0..40 {
            let region = generate::generate(seed, &generate::Options::over(carrier));
            let args = generate::arguments(seed, &region);
            let expected = eval::eval(&region, &args);
            let found = run(&region, &exact(), &args);
            let text = lentil_unary::print::print(&region);
            assert!(
                cases::same(&found, &expected),
                "{carrier} {seed}\n{expected:?}\n{found:?}\n{text}"
            );
        }
    }
}
