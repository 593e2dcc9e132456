//! Derivatives of programs of the language are those of an oracle that shares nothing with the
//! compiler's: complex steps, and over finite rings dual numbers.

// The oracle that the crate of R is tested with.
#[path = "../../../../compiler/reverse/tests/support/mod.rs"]
mod support;

use std::rc::Rc;

use lentil_core::{ItemInfo, Program};
use lentil_tests::near::error;
use lentil_tests::passes::{optimised, plain};
use lentil_tests::program::{load, lower, lower_reverse};
use lentil_tests::{files, rig};
use lentil_unary::dice::Dice;
use lentil_unary::eval::eval;
use lentil_unary::{Array, Carrier, Region};

use support::{complex_jacobian, dual_jacobian, flat};

/// The cotangents by a Jacobian: `[parameter][element][result]`.
fn pulled(jacobian: &[Vec<Vec<f64>>], u: &[f64]) -> Vec<f64> {
    let columns = jacobian.iter().flatten();
    columns
        .map(|column| column.iter().zip(u).map(|(a, b)| a * b).sum())
        .collect()
}

/// The arguments of a reverse derivative: those of the function, and the cotangents.
fn arguments(f: &Region, r: &Region, dice: &mut Dice) -> (Vec<Array>, Vec<Array>) {
    let args = dice.arrays(f.params());
    let cotangents = dice.arrays(&rig::changes(&f.result_types()));
    let given = [&args[..], &cotangents].concat();
    let types: Vec<_> = given.iter().map(|a| a.ty().clone()).collect();
    assert_eq!(types, r.params());
    (args, cotangents)
}

/// The functions of real numbers, each with its program.
fn functions() -> Vec<(Rc<Program>, ItemInfo)> {
    let paths = [
        "tests/programs/real.lentil",
        "tests/programs/control.lentil",
    ];
    let programs = paths.map(|path| Rc::new(load(&files::text(path))));
    let of = |program: Rc<Program>| {
        let items = program.items().into_iter();
        items
            .map(move |item| (program.clone(), item))
            .collect::<Vec<_>>()
    };
    programs.into_iter().flat_map(of).collect()
}

#[test]
fn reverse_derivatives_are_complex_steps() {
    let mut dice = Dice::new(31);
    for (program, item) in functions() {
        let f = plain(&lower(&program, &item.name).region);
        let r = optimised(&lower_reverse(&program, &item.name).region);
        for _ in 0..3 {
            let (args, cotangents) = arguments(&f, &r, &mut dice);
            let wanted = pulled(&complex_jacobian(&f, &args), &flat(&cotangents));
            let found = eval(&r, &[args, cotangents].concat()).expect("no index out of range");
            let found = flat(&found);
            assert!(
                error(&found, &wanted) < 1e-9,
                "{}: {found:?} is not {wanted:?}\n{r}",
                item.name
            );
        }
    }
}

/// The same by differences, which know nothing of complex numbers: rougher, but of the compiled
/// function itself.
#[test]
fn reverse_derivatives_are_central_differences() {
    let mut dice = Dice::new(32);
    for (program, item) in functions() {
        let f = optimised(&lower(&program, &item.name).region);
        let r = optimised(&lower_reverse(&program, &item.name).region);
        let (args, cotangents) = arguments(&f, &r, &mut dice);
        let directions = dice.arrays(f.params());
        let along = |step: f64| -> Vec<f64> {
            let moved = args.iter().zip(&directions).map(|(x, v)| {
                let there = x.to_f64().into_iter().zip(v.to_f64());
                let there: Vec<f64> = there.map(|(x, v)| x + step * v).collect();
                Array::from_f64(x.ty().clone(), &there)
            });
            flat(&eval(&f, &moved.collect::<Vec<_>>()).expect("no index out of range"))
        };
        let step = 1e-6;
        let (after, before) = (along(step), along(-step));
        let slopes = after
            .iter()
            .zip(&before)
            .map(|(a, b)| (a - b) / (2.0 * step));
        let wanted: f64 = slopes.zip(flat(&cotangents)).map(|(s, u)| s * u).sum();
        let found = eval(&r, &[&args[..], &cotangents].concat()).expect("no index");
        let found: f64 = flat(&found)
            .iter()
            .zip(flat(&directions))
            .map(|(g, v)| g * v)
            .sum();
        assert!(
            (found - wanted).abs() < 1e-6 * wanted.abs().max(1.0),
            "{}: {found} is not {wanted}",
            item.name
        );
    }
}

#[test]
fn reverse_derivatives_over_finite_rings_are_formal() {
    let program = load(&files::text("tests/programs/ring.lentil"));
    let mut dice = Dice::new(33);
    for item in program.items() {
        for (carrier, n) in [("Bit", 2), ("Mod[5]", 5)] {
            let name = format!("{}[{carrier}]", item.name);
            let f = plain(&lower(&program, &name).region);
            let r = optimised(&lower_reverse(&program, &name).region);
            for _ in 0..5 {
                let (args, cotangents) = arguments(&f, &r, &mut dice);
                let wanted = pulled(&dual_jacobian(&f, &args, n), &flat(&cotangents));
                let wanted: Vec<f64> = wanted.iter().map(|x| x % f64::from(n)).collect();
                let found = eval(&r, &[args, cotangents].concat()).expect("no index");
                assert_eq!(flat(&found), wanted, "{name}\n{r}");
                let fits = |a: &Array| matches!(a.ty().carrier, Carrier::Bit | Carrier::Mod(5));
                assert!(found.iter().all(fits), "{name}");
            }
        }
    }
}
