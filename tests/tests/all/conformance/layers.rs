//! Layers that learn otherwise than they predict, in the example that has all of them.

use std::path::Path;

use lentil::pipeline::Target;
use lentil::train::Outcome;
use lentil::{Learner, Program};
use lentil_optimise::Arithmetic;
use lentil_runtime::interrupt::Interrupt;
use lentil_runtime::report::Silent;
use lentil_tests::files::root;

fn learner(options: lentil::Options) -> Learner {
    let program = Program::from_file(root().join("examples/iris_deep.lentil"));
    let program = program.unwrap_or_else(|why| panic!("{why}"));
    let learner = program.with_options(options).learner(None);
    learner.unwrap_or_else(|why| panic!("{why}"))
}

fn train(learner: &Learner) -> Outcome {
    let outcome = learner.train(&mut Silent, &Interrupt::new());
    outcome.unwrap_or_else(|why| panic!("{why}"))
}

#[test]
fn irises_are_classified_and_the_states_are_kept() {
    let learner = learner(lentil::Options::default());
    let outcome = train(&learner);
    let test = outcome.test.expect("a fifth is held out");
    let right = test.right.expect("a report that counts");
    assert!(right * 100 >= 93 * test.rows, "{right} of {}", test.rows);
    let again = train(&learner);
    assert_eq!(
        outcome.trained, again.trained,
        "the same seed gives the same bits"
    );

    let (at, _) = learner
        .params
        .iter()
        .enumerate()
        .find(|(_, (name, _))| name == "norm.variance")
        .expect("a state beside the parameters");
    let variance = outcome.trained.params[at].to_f64();
    assert!(
        variance.iter().all(|v| *v != 1.0 && v.is_finite()),
        "{variance:?}"
    );

    // Predictions come from the file alone.
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("iris_deep.safetensors");
    outcome.trained.save(&learner, &path).expect("it is saved");
    let restored = learner.restore(&path).expect("it is restored");
    assert_eq!(restored.params, outcome.trained.params);
    let (on_train, on_test) = learner.evaluate_own(&restored).expect("figures");
    assert_eq!(on_train, outcome.train);
    assert_eq!(on_test, outcome.test);
}

/// The evaluator draws the same numbers and keeps the same states, bit for bit where arithmetic is exact.
#[test]
fn the_evaluator_learns_the_same() {
    let with = |target| {
        let mut learner = learner(lentil::Options {
            target,
            arithmetic: Arithmetic::Exact,
            ..lentil::Options::default()
        });
        learner.epochs = 2;
        train(&learner)
    };
    let (compiled, evaluated) = (with(Target::Machine), with(Target::Evaluator));
    assert_eq!(compiled.losses, evaluated.losses);
    assert_eq!(compiled.trained, evaluated.trained);
}
