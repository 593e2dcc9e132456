//! *Categorical Foundations of Gradient-Based Learning* (arXiv 2103.01931), its experiments on Iris:
//! layers of sigmoids on the raw measures, half the squared distance, single examples in an order of
//! their own in each of 400 epochs, rate 0.01; the accuracy is of the examples learnt from.

use lentil_runtime::interrupt::Interrupt;
use lentil_runtime::report::Silent;
use lentil_tests::files::root;

/// How many of the 150 irises are right.
fn right(model: &str, seed: u64) -> usize {
    let data = root().join("examples/data/iris.csv");
    let program = format!(
        r#"
import loss.quadratic
import optim.descent
import metric.accuracy

fn small[m, n](key: Key) -> Real[m, n] = 0.01 * random.normal[m, n](key)

model linear[n, m](w: Real[m, n] ~ small; x: Real[n]) -> Real[m] = w @ x

model layer[n, m](w: Real[m, n] ~ small, b: Real[m] ~ zeros; x: Real[n]) -> Real[m] =
  sigmoid(w @ x + b)

data iris = csv("{}") {{
  columns = {{
    sepal_length: Real, sepal_width: Real, petal_length: Real, petal_width: Real,
    species: Category["setosa", "versicolor", "virginica"],
  }},
  input   = [sepal_length, sepal_width, petal_length, petal_width],
  target  = one_hot(species),
  split   = first_of_each(species, 50),
}}

learner irises = {{
  model     = {model},
  loss      = quadratic,
  optimizer = descent(rate: 0.01),
  data      = iris,
  epochs    = 400,
  seed      = {seed},
  report    = accuracy,
}}
"#,
        data.display()
    );
    let program = lentil::Program::from_source(&program).unwrap_or_else(|why| panic!("{why}"));
    let learner = program.learner(None).unwrap_or_else(|why| panic!("{why}"));
    let outcome = learner.train(&mut Silent, &Interrupt::new());
    let outcome = outcome.unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(outcome.train.rows, 150);
    outcome.train.right.expect("a report that counts")
}

/// Within two points of the published percentage.
fn near(right: usize, published: f64) -> bool {
    (right as f64 / 1.5 - published).abs() <= 2.0
}

#[test]
fn a_dense_layer_learns_irises() {
    for seed in 0..3 {
        let right = right("layer[4, 3]", seed);
        assert!(near(right, 94.7), "{right} of 150 with seed {seed}");
    }
}

#[test]
fn a_hidden_layer_learns_irises_better() {
    for seed in 0..2 {
        let right = right("layer[4, 20] >> layer[20, 3]", seed);
        assert!(near(right, 96.7), "{right} of 150 with seed {seed}");
    }
}

/// A linear map without biases tells two classes of three apart. How many of the third it gets depends
/// on which examples come last: the published figure is that of one order, and of some seeds here; with
/// no seed is it as good as a layer.
#[test]
fn a_linear_map_cannot_tell_irises_apart() {
    let all: Vec<usize> = (0..8).map(|seed| right("linear[4, 3]", seed)).collect();
    assert!(all.iter().any(|&r| near(r, 66.7)), "{all:?} of 150");
    assert!(
        all.iter().all(|&r| (97..=127).contains(&r)),
        "{all:?} of 150"
    );
}
