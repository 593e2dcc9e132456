//! One step of each optimizer against its closed form (*Categorical Foundations of Gradient-Based
//! Learning*, Examples 4.1 to 4.5), on a line that is fitted to points.

use lentil_core::Program;
use lentil_tests::near::error;
use lentil_tests::passes::stages;
use lentil_tests::program::{DOUBLE, learner, load, must};
use lentil_unary::eval::eval;
use lentil_unary::{Array, Region, Type};

use lentil_optimise::Arithmetic;

const INPUTS: [[f64; 2]; 3] = [[0.5, -1.0], [2.0, 0.25], [-0.75, 1.5]];
const TARGETS: [f64; 3] = [1.0, -2.0, 0.5];
const START: [f64; 3] = [0.3, -0.2, 0.1];
const STEPS: usize = 5;

fn program(optimizer: &str) -> Program {
    load(&format!(
        r#"
import nn.dense
import loss.quadratic
import optim.{{descent, momentum, nesterov, adagrad, adam, ascent}}

data points = csv("points.csv") {{
  columns = {{ a: Real, b: Real, t: Real }},
  input   = [a, b],
  target  = [t],
}}

model line = dense[2, 1]

learner fit = {{
  model     = line,
  loss      = quadratic,
  optimizer = {optimizer},
  data      = points,
  batch     = 3,
}}
"#
    ))
}

/// The gradient of the mean of half the squared errors, by hand.
fn gradient(p: &[f64]) -> [f64; 3] {
    let mut g = [0.0; 3];
    for (x, t) in INPUTS.iter().zip(TARGETS) {
        let error = p[0] * x[0] + p[1] * x[1] + p[2] - t;
        g[0] += error * x[0] / 3.0;
        g[1] += error * x[1] / 3.0;
        g[2] += error / 3.0;
    }
    g
}

/// The step of a learner, compiled, and its first parameters and states.
fn step(optimizer: &str) -> (Region, Vec<Array>) {
    let program = program(optimizer);
    let learner = learner(&program, &DOUBLE);
    assert_eq!(learner.params[0].0, "w");
    assert_eq!(learner.params[1].0, "b");
    let region = must("the step", learner.step(3)).region;
    let initial = must("the start", learner.initial()).region;
    let key = Array::from_f64(Type::array(lentil_unary::Carrier::Int, [2]), &[0.0, 1.0]);
    let mut state = eval(&stages(&initial, Arithmetic::Exact).optimised, &[key]).expect("no index");
    state[0] = Array::from_f64(state[0].ty().clone(), &START[..2]);
    state[1] = Array::from_f64(state[1].ty().clone(), &START[2..]);
    (stages(&region, Arithmetic::Real).optimised, state)
}

/// The parameters after each of several steps.
fn path(optimizer: &str) -> Vec<Vec<f64>> {
    let (step, mut state) = step(optimizer);
    let data = state.len();
    let x = Array::from_f64(step.params()[data].clone(), INPUTS.as_flattened());
    let t = Array::from_f64(step.params()[data + 1].clone(), &TARGETS);
    (0..STEPS)
        .map(|_| {
            let args = [&state[..], &[x.clone(), t.clone()]].concat();
            state = eval(&step, &args).expect("no index");
            state.pop();
            state[..2].iter().flat_map(Array::to_f64).collect()
        })
        .collect()
}

/// Compares with a formula from the number of the step (from one), the parameters and what the
/// formula remembers to the next parameters.
fn follows(optimizer: &str, mut formula: impl FnMut(i32, &mut [f64; 3])) {
    let mut p = START;
    for (k, found) in path(optimizer).iter().enumerate() {
        formula(k as i32 + 1, &mut p);
        assert!(
            error(found, &p) < 1e-13,
            "{optimizer}, step {k}: {found:?} is not {p:?}"
        );
    }
}

#[test]
fn descent_subtracts_the_gradient() {
    follows("descent(rate: 0.1)", |_, p| {
        let g = gradient(p);
        (0..3).for_each(|i| p[i] -= 0.1 * g[i]);
    });
}

#[test]
fn momentum_gathers_gradients() {
    let mut v = [0.0; 3];
    follows("momentum(rate: 0.1, decay: 0.8)", |_, p| {
        let g = gradient(p);
        for i in 0..3 {
            v[i] = 0.8 * v[i] - 0.1 * g[i];
            p[i] += v[i];
        }
    });
}

/// Its `get` is not the identity: the gradient is taken ahead.
#[test]
fn nesterov_looks_ahead() {
    let mut v = [0.0; 3];
    follows("nesterov(rate: 0.1, decay: 0.8)", |_, p| {
        let ahead: Vec<f64> = (0..3).map(|i| p[i] + 0.8 * v[i]).collect();
        let g = gradient(&ahead);
        for i in 0..3 {
            v[i] = 0.8 * v[i] - 0.1 * g[i];
            p[i] += v[i];
        }
    });
}

#[test]
fn adagrad_shrinks_its_rates() {
    let mut s = [0.0; 3];
    follows("adagrad(rate: 0.1, epsilon: 0.001)", |_, p| {
        let g = gradient(p);
        for i in 0..3 {
            s[i] += g[i] * g[i];
            p[i] -= 0.1 * g[i] / (s[i].sqrt() + 0.001);
        }
    });
}

#[test]
fn adam_corrects_the_bias_of_its_moments() {
    let (mut m, mut v) = ([0.0; 3], [0.0; 3]);
    follows("adam(rate: 0.1, beta1: 0.8, beta2: 0.95)", |t, p| {
        let g = gradient(p);
        for i in 0..3 {
            m[i] = 0.8 * m[i] + 0.2 * g[i];
            v[i] = 0.95 * v[i] + 0.05 * g[i] * g[i];
            let mean = m[i] / (1.0 - 0.8f64.powi(t));
            let square = v[i] / (1.0 - 0.95f64.powi(t));
            p[i] -= 0.1 * mean / (square.sqrt() + 1e-8);
        }
    });
}

#[test]
fn ascent_adds_the_cotangent() {
    follows("ascent", |_, p| {
        let g = gradient(p);
        (0..3).for_each(|i| p[i] += g[i]);
    });
}

/// The defaults are those of the papers.
#[test]
fn defaults_are_the_usual_ones() {
    assert_eq!(
        path("adam"),
        path("adam(rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8)")
    );
    assert_eq!(path("momentum"), path("momentum(rate: 0.01, decay: 0.9)"));
    assert_eq!(path("descent"), path("descent(0.01)"));
}

#[test]
fn without_memory_they_are_descent() {
    let descent = path("descent(rate: 0.1)");
    for other in [
        "momentum(rate: 0.1, decay: 0)",
        "nesterov(rate: 0.1, decay: 0)",
    ] {
        for (x, y) in path(other).iter().zip(&descent) {
            assert!(error(x, y) < 1e-15, "{other}: {x:?} is not {y:?}");
        }
    }
}
