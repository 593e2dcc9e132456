//! The example of the front page: a two-layer network learns Iris.

use lentil::pipeline::Target;
use lentil::train::Outcome;
use lentil::{Learner, Program};
use lentil_runtime::interrupt::Interrupt;
use lentil_runtime::report::Silent;
use lentil_tests::files::root;

fn learner(target: Target) -> Learner {
    let program = Program::from_file(root().join("examples/iris.lentil"));
    let program = program.unwrap_or_else(|why| panic!("{why}"));
    let options = lentil::Options {
        target,
        ..lentil::Options::default()
    };
    let learner = program.with_options(options).learner(None);
    learner.unwrap_or_else(|why| panic!("{why}"))
}

fn train(learner: &Learner) -> Outcome {
    let outcome = learner.train(&mut Silent, &Interrupt::new());
    outcome.unwrap_or_else(|why| panic!("{why}"))
}

/// At least 93 in a hundred of the held-out fifth, as the program promises for its seed.
#[test]
fn irises_are_classified() {
    let outcome = train(&learner(Target::Machine));
    let test = outcome.test.expect("a fifth is held out");
    assert_eq!((outcome.train.rows, test.rows), (120, 30));
    let right = test.right.expect("a report that counts");
    assert!(right * 100 >= 93 * test.rows, "{right} of {}", test.rows);
    let (first, last) = (outcome.losses[0], outcome.losses[59]);
    assert_eq!(outcome.losses.len(), 60);
    assert!(last < 0.2 * first, "from {first} to {last}");
}

/// The same seed gives the same bits.
#[test]
fn training_repeats_itself() {
    let learner = learner(Target::Machine);
    let (once, again) = (train(&learner), train(&learner));
    assert_eq!(once.trained, again.trained);
    assert_eq!(once.losses, again.losses);
}

/// The evaluator, which compiles nothing, learns the same up to rounding.
#[test]
fn the_evaluator_learns_the_same() {
    let compiled = train(&learner(Target::Machine));
    let evaluated = train(&learner(Target::Evaluator));
    for (k, (x, y)) in compiled.losses.iter().zip(&evaluated.losses).enumerate() {
        assert!(
            (x - y).abs() < 1e-3 * y.abs().max(0.1),
            "epoch {k}: {x}, {y}"
        );
    }
    let right = |outcome: &Outcome| outcome.test.and_then(|t| t.right);
    assert_eq!(right(&compiled), right(&evaluated));
}
