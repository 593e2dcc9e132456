//! The laws, a file each.

mod category;
mod derivative;
mod dot;
mod functor;
mod learner;
mod lens;
mod optimizers;
mod para;

use lentil_core::{Param, Program, Role};
use lentil_tests::near::error;
use lentil_tests::program::lower;
use lentil_unary::dice::Dice;
use lentil_unary::eval::eval;
use lentil_unary::simplify::simplify;
use lentil_unary::{Array, Region};

/// The blocks that the laws are stated of.
const BLOCKS: &str = "
import nn.{dense, relu}

fn double(x: Real) -> Real = x + x
fn bend(x: Real) -> Real = sin(x) + 0.5 * x
fn wave(x: Real[2]) -> Real[2] = sin(x) + 0.5 * x
fn fork[n](x: Real[n]) -> (Real[n], Real[n]) = (x, x)
fn left[n](p: (Real[n], Real[n])) -> Real[n] = { let (x, y) = p; x }
fn join[n](x: Real[n], y: Real[n]) -> Real[n] = x + y
model gate[n](a: Real[n] ~ ones; x: Real[n]) -> Real[n] = a * x
";

/// What an expression is in unary form: the paths of its parameters, and the simplified program. How
/// its inputs are bracketed into tuples is not to be seen there.
fn form(program: &Program, expression: &str) -> (Vec<String>, String) {
    let lowered = lower(program, expression);
    let weights = lowered.params.iter().filter(|p| p.role == Role::Weight);
    let paths = weights.map(|p| p.name.clone()).collect();
    (paths, simplify(&lowered.region).to_string())
}

/// Asserts that two expressions are one program, on the nose.
fn identical(program: &Program, left: &str, right: &str) {
    assert_eq!(
        form(program, left),
        form(program, right),
        "{left}\nis not\n{right}"
    );
}

/// Asserts that two expressions are the same function of their parameters, by their paths, and of
/// their inputs, in order.
fn equal(program: &Program, left: &str, right: &str) {
    let (f, g) = (lower(program, left), lower(program, right));
    let key = |p: &Param, k: usize| match p.role {
        Role::Weight | Role::State => p.name.clone(),
        Role::Input | Role::Cotangent | Role::Given => k.to_string(),
    };
    let keys = |params: &[Param]| -> Vec<String> {
        let weights = params.iter().filter(|p| p.role == Role::Weight);
        let weights = weights.count();
        let keys = params.iter().enumerate();
        keys.map(|(k, p)| key(p, k - weights.min(k))).collect()
    };
    let (names, others) = (keys(&f.params), keys(&g.params));
    let mut dice = Dice::new(5);
    for _ in 0..5 {
        let args: Vec<Vec<Array>> = f.params.iter().map(|p| dice.arrays(&p.leaves)).collect();
        let moved = others.iter().map(|name| {
            let at = names.iter().position(|n| n == name);
            args[at.unwrap_or_else(|| panic!("{name} is only in {right}"))].clone()
        });
        let x = results(&f.region, &args.concat());
        let y = results(&g.region, &moved.collect::<Vec<_>>().concat());
        assert!(
            error(&x, &y) < 1e-12,
            "{left}\nis not\n{right}\n{x:?}\n{y:?}"
        );
    }
}

/// All results, one after the other.
fn results(region: &Region, args: &[Array]) -> Vec<f64> {
    let plain = lentil_tests::passes::plain(region);
    let results = eval(&plain, args).unwrap_or_else(|trap| panic!("{trap:?}\n{region}"));
    results.iter().flat_map(Array::to_f64).collect()
}
