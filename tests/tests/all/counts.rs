//! Gradients are cheap: operations are counted, not timed.

use lentil::Program;
use lentil::learner::Part;
use lentil_tests::dice::Dice;
use lentil_tests::files::text;
use lentil_unary::Region;
use lentil_unary::eval::{Counts, eval_counted};

/// The objective of the Iris example on a batch: the mean of the losses.
const OBJECTIVE: &str = "
model objective[n](; xs: Real[n, 4], ts: Real[n, 3]) -> Real {
  use net = classifier
  sum(each(fn(x, t) => softmax_cross_entropy(net(x), t))(xs, ts)) / n
}
";

fn iris() -> Program {
    let source = text("examples/iris.lentil") + OBJECTIVE;
    Program::from_source(&source).unwrap_or_else(|why| panic!("{why}"))
}

fn counts(region: &Region) -> Counts {
    let args = Dice(3).arrays(region.params());
    eval_counted(region, &args)
        .expect("no index out of range")
        .1
}

/// The gradient in parameters and inputs costs at most four times the value, at every batch size.
#[test]
fn the_gradient_of_iris_is_cheap() {
    let program = iris();
    for n in [1, 16, 120] {
        let name = format!("objective[{n}]");
        let forms = |derivative: bool| {
            let draft = match derivative {
                true => program.draft_reverse(&name),
                false => program.draft(&name),
            };
            program.stages(&draft.unwrap_or_else(|why| panic!("{why}")))
        };
        let (value, gradient) = (forms(false), forms(true));
        for (what, value, gradient) in [
            ("as derived", &value.reverse, &gradient.reverse),
            ("optimised", &value.optimised, &gradient.optimised),
        ] {
            let (value, gradient) = (counts(value), counts(gradient));
            let ratio = gradient.total() as f64 / value.total() as f64;
            assert!(ratio < 4.0, "{n} irises, {what}: {value:?} to {gradient:?}");
        }
    }
}

/// A step costs the gradient and a few operations for each parameter and state; nothing in it grows
/// with the square of anything.
#[test]
fn a_step_of_iris_is_the_gradient_and_its_optimizer() {
    let program = iris();
    let learner = program.learner(None).unwrap_or_else(|why| panic!("{why}"));
    let step = |n: usize| {
        let stages = learner.stages(Part::Step(n));
        counts(&stages.unwrap_or_else(|why| panic!("{why}")).optimised)
    };
    let (small, large) = (step(16), step(32));
    let parameters: usize = learner.params.iter().map(|(_, ty)| ty.len()).sum();
    assert_eq!(parameters, 4 * 16 + 16 + 16 * 3 + 3);
    let example = (large.total() - small.total()) / 16;
    let fixed = small.total() - 16 * example;
    // Moments, their corrections, and the update.
    assert!(fixed < 20 * parameters as u64, "{fixed} operations");
    // A layer's product costs two operations for each weight, forwards and twice backwards.
    assert!(example < 10 * parameters as u64, "{example} operations");
}
