//! R is a functor from maps to lenses, and keeps the monoidal structure.

use lentil_tests::near::close;
use lentil_tests::program::load;
use lentil_tests::rig::{self, compose, reverse};
use lentil_unary::dice::Dice;
use lentil_unary::generate::{Options, generate};
use lentil_unary::{Array, Carrier, Region};

use super::equal;

fn laws(cases: &[(&str, &str, &str)]) {
    let mut text = "
fn f(x: Real[3]) -> Real[4] = [sum(sin(x[i] * real(j)) for i) for j < 4]
fn g(x: Real[4]) -> Real[2] = [x[i] * x[i + 2] for i < 2]
fn h(x: Real[2]) -> Real[2] = exp(0.5 * x)
fn beside(x: Real[3], y: Real[2], dx: Real[4], dy: Real[2]) -> (Real[3], Real[2]) =
  (rev(f)(x, dx), rev(h)(y, dy))
"
    .to_string();
    for (k, (params, left, right)) in cases.iter().enumerate() {
        text += &format!("fn left{k}({params} = {left}\nfn right{k}({params} = {right}\n");
    }
    let program = load(&text);
    for k in 0..cases.len() {
        equal(&program, &format!("left{k}"), &format!("right{k}"));
    }
}

#[test]
fn r_keeps_composition_and_identity() {
    laws(&[
        (
            "x: Real[3], dy: Real[2]) -> Real[3]",
            "rev(f >> g)(x, dy)",
            "rev(f)(x, rev(g)(f(x), dy))",
        ),
        (
            "x: Real[3], dy: Real[3]) -> Real[3]",
            "rev(id)(x, dy)",
            "dy",
        ),
    ]);
}

#[test]
fn r_keeps_side_by_side() {
    laws(&[(
        "x: Real[3], y: Real[2], dx: Real[4], dy: Real[2]) -> (Real[3], Real[2])",
        "rev(f | h)(x, y, (dx, dy))",
        "beside(x, y, dx, dy)",
    )]);
}

/// Copying and adding are each other's transpose.
#[test]
fn r_exchanges_copying_and_adding() {
    laws(&[
        (
            "x: Real[3], a: Real[3], b: Real[3]) -> Real[3]",
            "rev(copy)(x, (a, b))",
            "a + b",
        ),
        (
            "x: Real[3], y: Real[3], d: Real[3]) -> (Real[3], Real[3])",
            "rev(fn(x, y) => x + y)(x, y, d)",
            "(d, d)",
        ),
    ]);
}

/// Programs over one carrier without a second input, so that they can be composed.
fn endomaps(carrier: Carrier) -> Vec<(Region, Region)> {
    let options = match carrier.is_real() {
        true => Options::smooth(carrier),
        false => Options::over(carrier),
    };
    let all: Vec<Region> = (0..400).map(|seed| generate(seed, &options)).collect();
    let mut pairs = Vec::new();
    for f in &all {
        // The whole number that every program takes is passed on beside the results.
        let mut wanted = f.result_types();
        wanted.push(lentil_unary::Type::scalar(Carrier::Int));
        if let Some(g) = all.iter().find(|g| g.params() == wanted) {
            pairs.push((with_number(f), g.clone()));
        }
    }
    pairs.truncate(40);
    assert_eq!(pairs.len(), 40, "pairs that fit each other over {carrier}");
    pairs
}

fn with_number(f: &Region) -> Region {
    rig::region(f.params(), |b, s| {
        let mut results = b.inline(f, s);
        results.push(s[s.len() - 1]);
        results
    })
}

/// `R[f >> g](x, dz) = R[f](x, R[g](f(x), dz))`, on generated programs with loops, conditionals,
/// calls and indices.
#[test]
fn r_keeps_composition_of_generated_programs() {
    for carrier in [Carrier::F64, Carrier::Bit, Carrier::Mod(5)] {
        let mut dice = Dice::new(3);
        for (f, g) in endomaps(carrier) {
            let x = dice.arrays(f.params());
            let dz = dice.arrays(&rig::changes(&g.result_types()));
            let whole = rig::run(&reverse(&compose(&f, &g)), &[&x[..], &dz].concat());
            let middle = rig::run(&f, &x);
            let dy = rig::run(&reverse(&g), &[&middle[..], &dz].concat());
            let parts = rig::run(&reverse(&f), &[&x[..], &dy].concat());
            agree(whole, parts, &f);
        }
    }
}

/// Over rings without rounding, exactly.
fn agree(x: Vec<Array>, y: Vec<Array>, f: &Region) {
    assert!(
        close(&Ok(x.clone()), &Ok(y.clone()), 1e-9),
        "{x:?}\n{y:?}\n{f}"
    );
}
