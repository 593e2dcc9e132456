//! Functions of the standard library, of the examples, and of `tests/programs`.

use std::collections::BTreeSet;

use lentil_core::{ItemClass, Program};
use lentil_tests::files::{files_in, text};
use lentil_tests::program::{load, lower, lower_reverse};
use lentil_unary::dice::Dice;

use super::all_agree;

/// Every function and model of the standard library, at sizes and over carriers.
const STANDARD: &[(&str, &[&str])] = &[
    (
        "init",
        &["glorot[Real, 3, 2]", "glorot[Bit, 3, 2]", "he[3, 2]"],
    ),
    (
        "linalg",
        &[
            "eye[Real, 3]",
            "eye[Mod[5], 3]",
            "diagonal[Real, 3]",
            "trace[Real, 3]",
            "trace[Bit, 3]",
            "outer[Real, 3, 2]",
            "matrix_power[Real, 3, 3]",
            "matrix_power[Mod[5], 2, 3]",
            "inverse[Real, 3]",
            "logdet[Real, 3]",
            "eigvalsh[Real, 3]",
            "solve_cholesky[Real, 3]",
            "logdet_cholesky[Real, 3]",
            "lstsq[Real, 4, 2]",
            "pinv[Real, 3, 2]",
            "normal_log_density[Real, 3]",
        ],
    ),
    (
        "lens",
        &[
            "fn(x: Real[3]) => stop_gradient(x) * x",
            "straight_through",
            "fn(s: Real, x: Real[3]) => scaled(s, x)",
            "clipped",
            "fn(x: Real[3]) => rate(0.5)(x)",
            "fn(x: Real[3]) => reverse_gradient(2)(x)",
            "fn(x: Real[3]) => clip_gradient(0.1)(x)",
        ],
    ),
    (
        "loss",
        &[
            "softmax_cross_entropy[3]",
            "quadratic[3]",
            "difference[Real, 3]",
            "difference[Bit, 3]",
            "dot_product[4]",
        ],
    ),
    (
        "metric",
        &["accuracy[3]", "exact[Real, 3]", "exact[Bit, 2]"],
    ),
    (
        "nn",
        &[
            "dense[3, 2]",
            "dense[Bit, 3, 2]",
            "dense[Mod[5], 3, 2]",
            "residual(dense[2, 2])",
            "dropout[3](0.5)",
            "kept",
            "batch_norm[3, 4]",
            "layer_norm[4]",
            "lookup[Real, 2, 4, 3]",
            "lookup[Bit, 3, 8, 2]",
            "digit[Real]",
            "digit[Bit]",
            "relu",
            "leaky_relu",
            "gelu",
            "softplus",
            "softmax[4]",
        ],
    ),
    ("optim", &[]),
    (
        "toy",
        &[
            "bowl[3]",
            "rosenbrock[4]",
            "mixture[4, 3, 2]",
            "two_moons[4]",
            "spirals[4, 2]",
            "boolean_inputs[2, 4]",
            "truth_table[4]",
            "modular_addition[3]",
        ],
    ),
    (
        "attention",
        &[
            "attend[3, 4, 2, 2]",
            "attend_before[3, 2, 2]",
            "self_attention[2, 2, 3, 4]",
            "causal_attention[2, 2, 3, 4]",
            "glorot_heads[2, 2, 3]",
            "positions[3, 2]",
            "embedding[6, 2, 3]",
        ],
    ),
    (
        "conv",
        &[
            "he_kernel1d[Real, 2, 3, 2]",
            "he_kernel2d[Real, 2, 1, 2, 2]",
            "conv1d[Real, 5, 2, 2, 3]",
            "conv1d[Mod[5], 4, 2, 2, 1]",
            "conv2d[Real, 4, 3, 2, 2, 2, 1]",
            "conv2d[Bit, 3, 3, 2, 2, 1, 2]",
            "strided_conv2d[Real, 2, 2, 2, 3, 3, 1, 2]",
            "max_pool2d[2, 2, 2, 1, 2]",
            "avg_pool2d[2, 2, 2, 1, 2]",
            "channel_means[2, 2, 3]",
            "flatten[Real, 2, 2, 3]",
        ],
    ),
    (
        "recurrent",
        &[
            "lstm_cell[3, 2]",
            "gru_cell[3, 2]",
            "lstm[3, 2, 4](lstm_cell[3, 2])",
            "recurrent[3, 2, 4](gru_cell[3, 2])",
        ],
    ),
    (
        "math",
        &[
            "rsqrt",
            "sec",
            "csc",
            "cot",
            "logit",
            "log_sigmoid",
            "xlogy",
            "log_beta",
            "log_binomial",
            "is_nan",
            "is_finite",
            "is_infinite",
        ],
    ),
    (
        "stat",
        &[
            "mean[5]",
            "var[5]",
            "std[5]",
            "covariance[4]",
            "median[5]",
            "median[4]",
            "quantile[5]",
        ],
    ),
    (
        "random",
        &[
            "tiny",
            "centred[3]",
            "bernoulli[4]",
            "rademacher[4]",
            "exponential[4]",
            "gumbel[4]",
            "laplace[4]",
            "logistic[4]",
            "cauchy[4]",
            "truncated_normal[4]",
            "randint[5]",
            "categorical[4]",
            "permutation[7]",
            "permutation[2000]",
            "shuffle[Real, 5]",
            "shuffle[Bit, 5]",
            "choice[3, 5, Real]",
            "sample[3, 5, Real]",
        ],
    ),
    (
        "dist",
        &[
            "normal_log_prob",
            "normal_cdf",
            "normal_quantile",
            "bernoulli_log_prob",
            "categorical_log_prob[4]",
            "binomial_log_prob",
            "geometric_log_prob",
            "poisson_log_prob",
            "uniform_log_prob",
            "exponential_log_prob",
            "gamma_log_prob",
            "beta_log_prob",
            "dirichlet_log_prob[3]",
            "laplace_log_prob",
            "logistic_log_prob",
            "gumbel_log_prob",
            "cauchy_log_prob",
            "student_log_prob",
        ],
    ),
];

fn both_agree(program: &Program, what: &str, dice: &mut Dice) {
    let value = lower(program, what).region;
    all_agree(what, &value, &dice.arrays(value.params()), 1e-9);
    if value.params().iter().any(|t| t.differentiable()) {
        let reverse = lower_reverse(program, what).region;
        let args = dice.arrays(reverse.params());
        all_agree(&format!("R[{what}]"), &reverse, &args, 1e-9);
    }
}

#[test]
fn the_standard_library() {
    let modules: Vec<String> = files_in("stdlib", ".lentil");
    assert_eq!(modules.len(), STANDARD.len(), "{modules:?}");
    let mut dice = Dice::new(21);
    for (module, instances) in STANDARD {
        let source = text(&format!("stdlib/{module}.lentil"));
        let program = load(&source);
        // What is local is tried by what calls it.
        let local = |name: &str| source.contains(&format!("local fn {name}"));
        let mut missing: BTreeSet<String> = program
            .items()
            .into_iter()
            .filter(|i| matches!(i.class, ItemClass::Fn | ItemClass::Model | ItemClass::Lens))
            .map(|i| i.name)
            .filter(|name| !local(name))
            .collect();
        for what in *instances {
            both_agree(&program, what, &mut dice);
            for name in what.split(|c: char| !c.is_alphanumeric() && c != '_') {
                missing.remove(name);
            }
        }
        assert!(missing.is_empty(), "nothing tests {missing:?}");
    }
}

#[test]
fn models_of_the_examples() {
    let mut dice = Dice::new(22);
    for path in files_in("examples", ".lentil") {
        let program = load(&text(&path));
        for item in program.items() {
            // A model that takes batches of any size is tried where it learns.
            let open = |f: &lentil_core::Failure| f.diagnostics.iter().any(|d| d.code == "E0337");
            let lowered = program.lower(&item.name, &lentil_core::Options::default());
            if item.class == ItemClass::Model && !lowered.as_ref().is_err_and(open) {
                both_agree(&program, &item.name, &mut dice);
            }
        }
    }
}

#[test]
fn functions_of_real_numbers() {
    let mut dice = Dice::new(23);
    for path in [
        "tests/programs/real.lentil",
        "tests/programs/control.lentil",
    ] {
        let program = load(&text(path));
        for item in program.items() {
            both_agree(&program, &item.name, &mut dice);
        }
    }
}

#[test]
fn functions_over_rings() {
    let program = load(&text("tests/programs/ring.lentil"));
    let mut dice = Dice::new(24);
    for item in program.items() {
        for carrier in ["Bit", "Mod[5]", "Real"] {
            both_agree(&program, &format!("{}[{carrier}]", item.name), &mut dice);
        }
    }
}
