//! Whole gradients against a tape of scalar operations, on programs with loops, conditionals, calls and
//! indices.

mod support;

use lentil_unary::dice::Dice;
use lentil_unary::eval::eval;
use lentil_unary::generate::{Options, arguments, generate};
use lentil_unary::simplify::simplify;
use lentil_unary::{Array, Carrier};
use support::tape;

/// The relative error of a whole vector.
fn error(found: &[f64], wanted: &[f64]) -> f64 {
    assert_eq!(found.len(), wanted.len());
    let norm = |v: &mut dyn Iterator<Item = f64>| v.map(|x| x * x).sum::<f64>().sqrt();
    let gap = norm(&mut found.iter().zip(wanted).map(|(a, b)| a - b));
    gap / (1e-300 + norm(&mut wanted.iter().copied()))
}

#[test]
fn gradients_equal_the_tape() {
    let mut dice = Dice::new(7);
    let mut nonzero = 0;
    for seed in 0..120 {
        let options = Options {
            steps: 24,
            ..Options::smooth(Carrier::F64)
        };
        let f = generate(seed, &options);
        let args = arguments(seed, &f);
        let results = support::changes(&f.result_types());
        let cotangents: Vec<Array> = results.iter().map(|ty| dice.array(ty)).collect();
        let wanted = tape::gradient(&f, &args, &support::flat(&cotangents));
        if wanted.iter().all(|&x| x == 0.0) {
            continue;
        }
        nonzero += 1;
        let r = lentil_reverse::reverse(&f, &vec![true; f.params().len()]);
        for r in [simplify(&r), r] {
            let found = eval(&r, &[&args[..], &cotangents].concat()).expect("indices in range");
            let error = error(&support::flat(&found), &wanted);
            assert!(error <= 1e-9, "seed {seed}: {error}\n{f}\n{r}");
        }
    }
    assert!(nonzero > 80, "only {nonzero} programs have a derivative");
}
