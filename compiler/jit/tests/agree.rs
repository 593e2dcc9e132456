//! Machine code computes what the evaluator of unary form computes: bit for bit if it is exact.

#[path = "../../loops/tests/cases/mod.rs"]
mod cases;

use lentil_jit::{Options, compile};
use lentil_unary::{Array, Builder, Carrier, Data, Region, Trap, Type, UnaryOp, eval, generate};

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
    let arrays = |x: &Array, y: &Array| {
        x.ty() == y.ty() && x.to_f64().iter().zip(y.to_f64()).all(|(&x, y)| near(x, y))
    };
    match (x, y) {
        (Ok(x), Ok(y)) => x.len() == y.len() && x.iter().zip(y).all(|(x, y)| arrays(x, y)),
        _ => cases::same(x, y),
    }
}

/// Exact code gives every bit that the evaluator gives.
fn exactly(case: &cases::Case) {
    let expected = eval::eval(&case.region, &case.args);
    let found = run(&case.region, &exact(), &case.args);
    assert!(
        cases::same(&found, &expected),
        "{}\n{expected:?}\n{found:?}",
        case.name
    );
}

/// Code that may round otherwise gives nearly what the evaluator gives.
fn nearly(case: &cases::Case, tolerance: f64) {
    let expected = eval::eval(&case.region, &case.args);
    let found = run(&case.region, &Options::default(), &case.args);
    assert!(
        close(&found, &expected, tolerance),
        "{}\n{expected:?}\n{found:?}",
        case.name
    );
}

#[test]
fn primitives_agree_bit_for_bit() {
    cases::primitives().iter().for_each(exactly);
}

#[test]
fn primitives_agree_up_to_rounding() {
    for case in cases::primitives() {
        nearly(&case, 1e-4);
    }
}

#[test]
fn programs_with_control_agree() {
    for case in cases::control::programs() {
        exactly(&case);
        nearly(&case, 1e-9);
    }
}

#[test]
fn programs_that_read_at_all_kinds_of_indices_agree() {
    for (case, _) in cases::windows::programs() {
        exactly(&case);
        nearly(&case, 1e-9);
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

/// How many values of a format lie between two numbers of one sign.
fn ulps(x: &Array, y: &Array) -> u64 {
    match (x.data(), y.data()) {
        (Data::F32(x), Data::F32(y)) => {
            let apart = |(x, y): (&f32, &f32)| match (x.is_nan(), y.is_nan()) {
                (true, true) => 0,
                (false, false) => u64::from(x.to_bits().abs_diff(y.to_bits())),
                _ => u64::MAX,
            };
            x.iter().zip(y).map(apart).max().unwrap_or(0)
        }
        (Data::F64(x), Data::F64(y)) => {
            let apart = |(x, y): (&f64, &f64)| match (x.is_nan(), y.is_nan()) {
                (true, true) => 0,
                (false, false) => x.to_bits().abs_diff(y.to_bits()),
                _ => u64::MAX,
            };
            x.iter().zip(y).map(apart).max().unwrap_or(0)
        }
        _ => panic!("numbers of different formats"),
    }
}

#[test]
fn approximations_are_near() {
    for carrier in [Carrier::F32, Carrier::F64] {
        let mut values: Vec<f64> = (-40_000..40_000).map(|k| f64::from(k) / 390.0).collect();
        values.extend((-400..400).map(|k| f64::from(k) * 1e-4));
        values.extend([
            0.0, -0.0, 1e-30, -1e-30, 1e6, -1e6, 710.0, -745.5, 88.7, -88.0, -103.0,
        ]);
        values.extend([f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 0.625, -0.625]);
        values.truncate(values.len() / 4 * 4);
        let ty = Type::array(carrier, [values.len()]);
        let x = Array::from_f64(ty.clone(), &values);
        for (op, most) in [
            (UnaryOp::Exp, 3),
            (UnaryOp::Tanh, 4),
            (UnaryOp::Sigmoid, 5),
            (UnaryOp::Log, 3),
        ] {
            let mut b = Builder::new(vec![ty.clone()]);
            let slot = b.param(0);
            let y = b.unary(op, slot);
            let region = b.finish(vec![y]);
            let expected = eval::eval(&region, std::slice::from_ref(&x)).unwrap();
            let found = run(&region, &Options::default(), std::slice::from_ref(&x)).unwrap();
            let apart = ulps(&expected[0], &found[0]);
            assert!(
                apart <= most,
                "{op:?} {carrier}: {apart} units in the last place"
            );
            assert_ne!(
                expected, found,
                "{op:?} {carrier} is not approximated at all"
            );
        }
    }
}

/// What an element becomes does not depend on where it stands, nor on how many there are.
#[test]
fn places_do_not_matter() {
    let values = |n: usize| {
        (0..n)
            .map(|k| (k % 7) as f64 * 0.9 + 0.1)
            .collect::<Vec<_>>()
    };
    for carrier in [Carrier::F32, Carrier::F64] {
        for op in [UnaryOp::Exp, UnaryOp::Log, UnaryOp::Tanh, UnaryOp::Sigmoid] {
            let all = |shape: &[usize]| {
                let ty = Type::array(carrier, shape);
                let mut b = Builder::new(vec![ty.clone()]);
                let x = b.param(0);
                let y = b.unary(op, x);
                let z = b.mul(y, x);
                let x = Array::from_f64(ty.clone(), &values(ty.len()));
                let region = b.finish(vec![y, z]);
                let found = run(&region, &Options::default(), &[x]).unwrap();
                [found[0].to_f64(), found[1].to_f64()]
            };
            let alone = all(&[7]);
            for shape in [
                &[1][..],
                &[3],
                &[5, 1],
                &[16],
                &[33],
                &[5_003],
                &[3, 4_099],
                &[70, 61],
            ] {
                for (found, alone) in all(shape).iter().zip(&alone) {
                    for (k, y) in found.iter().enumerate() {
                        assert_eq!(*y, alone[k % 7], "{op:?} {carrier} {shape:?} at {k}");
                    }
                }
            }
        }
    }
}
