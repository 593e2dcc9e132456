//! Gradients are cheap: operations are counted, not timed.

use lentil::Program;
use lentil::learner::Part;
use lentil_tests::files::text;
use lentil_unary::dice::Dice;
use lentil_unary::eval::{Counts, eval_counted};
use lentil_unary::{Op, Prim, Region};

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
    let args = Dice::new(3).arrays(region.params());
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

const DEEP: &str = "
import nn.dense
import loss.softmax_cross_entropy
import optim.descent

model deep = first: dense[4, 16] >> repeat[DEPTH](dense[16, 16] >> tanh) >> last: dense[16, 3]

model objective[n](; xs: Real[n, 4], ts: Real[n, 3]) -> Real {
  use net = deep
  sum(each(fn(x, t) => softmax_cross_entropy(net(x), t))(xs, ts)) / n
}

data irises = csv(\"data/iris.csv\") {
  columns = {
    sepal_length: Real, sepal_width: Real, petal_length: Real, petal_width: Real,
    species: Category[\"setosa\", \"versicolor\", \"virginica\"],
  },
  input = [sepal_length, sepal_width, petal_length, petal_width],
  target = one_hot(species),
  split = 0.8,
  seed = 7,
}

learner deep_net = {
  model = deep, loss = softmax_cross_entropy, optimizer = descent(rate: 0.01), data = irises,
  batch = 16, epochs = 1,
}
";

/// A step runs equal layers forwards once: what it saves and what the loss is come from one loop.
#[test]
fn a_step_of_equal_layers_has_one_run_forwards() {
    let costs = |depth: usize| {
        let source = DEEP.replace("DEPTH", &depth.to_string());
        let program = Program::from_source(&source).unwrap_or_else(|why| panic!("{why}"));
        let draft = program.draft("objective[16]");
        let value = program.stages(&draft.unwrap_or_else(|why| panic!("{why}")));
        let learner = program.learner(None).unwrap_or_else(|why| panic!("{why}"));
        let step = learner.stages(Part::Step(16));
        let step = step.unwrap_or_else(|why| panic!("{why}"));
        [value, step].map(|stages| counts(&stages.optimised).arithmetic)
    };
    let (shallow, deep) = (costs(8), costs(16));
    let [value, step] = [0, 1].map(|k| (deep[k] - shallow[k]) / 8);
    // A product, a bias and a function for each example.
    assert_eq!(value, 16 * (2 * 16 * 16 + 16 + 16));
    // Once forwards and twice backwards; the derivative of the function, and what the optimizer does.
    let few = 16 * 5 * 16 + 3 * 17 * 16;
    assert!(step <= 3 * value + few, "{step} for a layer of {value}");
}

/// A value beside its gradient costs next to nothing.
#[test]
fn a_value_comes_with_its_gradient() {
    let source = "
fn loss(w: Real[4], xs: Real[50]) -> Real =
  sum(fold(xs, w, fn(s, x) => [ tanh(w[i] * s[i] + x) for i < 4 ]))
fn gradient(w: Real[4], xs: Real[50]) -> Real[4] = grad(fn(w) => loss(w, xs))(w)
fn both(w: Real[4], xs: Real[50]) -> (Real, Real[4]) = (loss(w, xs), grad(fn(w) => loss(w, xs))(w))
fn asked(w: Real[4], xs: Real[50]) -> (Real, Real[4]) = value_and_grad(fn(w) => loss(w, xs))(w)
";
    let program = Program::from_source(source).unwrap_or_else(|why| panic!("{why}"));
    let cost = |name: &str| {
        let draft = program.draft(name).unwrap_or_else(|why| panic!("{why}"));
        counts(&program.stages(&draft).optimised).arithmetic
    };
    let alone = cost("gradient");
    assert!(cost("loss") > 500);
    for name in ["both", "asked"] {
        assert!(
            cost(name) <= alone + 4,
            "{name}: {} after {alone}",
            cost(name)
        );
    }
}

/// What each example draws by itself is drawn for all of them at once: dropout in `each` is array code.
#[test]
fn what_each_example_draws_is_an_array() {
    let source = DEEP
        .replace("repeat[DEPTH](dense[16, 16] >> tanh)", "dropout(0.2)")
        .replace("nn.dense", "nn.{dense, dropout}");
    let program = Program::from_source(&source).unwrap_or_else(|why| panic!("{why}"));
    let learner = program.learner(None).unwrap_or_else(|why| panic!("{why}"));
    let stages = learner.stages(Part::Step(16));
    let step = stages.unwrap_or_else(|why| panic!("{why}")).optimised;
    let bits = |op: &Op| matches!(op, Op::Prim(Prim::RandomBits(_)));
    assert_eq!(step.steps().iter().filter(|s| bits(&s.op)).count(), 1);
    let straight = |op: &Op| matches!(op, Op::Prim(_));
    assert!(step.steps().iter().all(|s| straight(&s.op)), "{step}");
}
