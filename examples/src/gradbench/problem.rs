//! The problems: which function of which program answers what of the protocol, at which sizes, and
//! how inputs and results of the two sides belong together.

use lentil::Value;
use serde_json::Value as Json;

use super::case::{Case, numbers};
use super::{ba, ht};

/// A problem of GradBench.
pub struct Problem {
    /// Its name, which is its program's too.
    pub name: &'static str,
    /// What its program answers.
    pub functions: &'static [Run],
    /// Whether it is this problem, of those of the name.
    pub fits: fn(&Case) -> bool,
    /// What stands in the brackets of its functions.
    pub sizes: fn(&Case) -> Result<Vec<usize>, String>,
    /// An argument by the name of the parameter.
    pub input: fn(&Case, &str) -> Result<Value, String>,
    /// The numbers of a result, each with the one that is expected.
    pub pairs: fn(&Case, &str, &Value) -> Result<Pairs, String>,
}

/// Numbers that were found, each with the one that is expected.
pub type Pairs = Vec<(f64, f64)>;

/// A function, and what the protocol calls its result.
pub struct Run {
    /// The function.
    pub function: &'static str,
    /// The protocol's name.
    pub expected: &'static str,
}

pub(super) const fn run(function: &'static str, expected: &'static str) -> Run {
    Run { function, expected }
}

const PRIMAL_AND_GRADIENT: &[Run] = &[run("objective", "primal"), run("gradient", "gradient")];

const OBJECTIVE_AND_GRADIENT: &[Run] =
    &[run("objective", "objective"), run("gradient", "jacobian")];

/// How the outer and the inner derivative are taken.
const MODES: &[Run] = &[
    run("ff", "ff"),
    run("fr", "fr"),
    run("rf", "rf"),
    run("rr", "rr"),
];

/// All problems.
pub const PROBLEMS: &[Problem] = &[
    Problem {
        sizes: |case| {
            let n = case.natural("ell")?;
            Ok(vec![n, 1 << n])
        },
        input: |case, _| {
            let n = case.natural("ell")?;
            case.shaped("A", &[n, n])
        },
        ..plain("det")
    },
    ba::BUNDLE_ADJUSTMENT,
    Problem {
        functions: OBJECTIVE_AND_GRADIENT,
        sizes: |case| named(case, &["d", "k", "n", "m"]),
        input: |case, name| match name {
            "l" => {
                let (d, k) = (case.natural("d")?, case.natural("k")?);
                case.shaped(name, &[k, d * d.saturating_sub(1) / 2])
            }
            _ => case.value(name),
        },
        ..plain("gmm")
    },
    Problem {
        functions: &[run("cost", "cost"), run("direction", "dir")],
        sizes: |case| {
            let k = case.shape("centroids")?[0];
            Ok(vec![case.shape("points")?[0], k, case.shape("points")?[1]])
        },
        ..plain("kmeans")
    },
    Problem {
        sizes: |case| Ok(vec![case.natural("n")?, case.shape("x")?[0]]),
        ..plain("llsq")
    },
    Problem {
        sizes: |case| case.shape("x"),
        ..plain("lse")
    },
    Problem {
        functions: OBJECTIVE_AND_GRADIENT,
        sizes: |case| {
            let [layers, b] = case.shape("state")?[..] else {
                return Err("the state is a matrix".to_string());
            };
            Ok(vec![layers / 2, b, case.shape("sequence")?[0]])
        },
        ..plain("lstm")
    },
    ht::ON_VERTICES,
    ht::IN_TRIANGLES,
    Problem {
        functions: &[run("primal", "primal"), run("gradient", "gradient")],
        sizes: |case| Ok(vec![case.shape("x")?[0], case.natural("s")?]),
        ..plain("ode")
    },
    Problem {
        functions: MODES,
        ..plain("particle")
    },
    Problem {
        functions: MODES,
        ..plain("saddle")
    },
];

impl Problem {
    /// The problem that a case is of.
    ///
    /// # Errors
    /// If there is no such problem here.
    pub fn of(case: &Case) -> Result<&'static Problem, String> {
        let name = case.problem();
        let found = PROBLEMS
            .iter()
            .find(|problem| problem.name == name && (problem.fits)(case));
        found.ok_or_else(|| format!("there is no program for the problem `{name}`"))
    }
}

/// What most problems have in common: parameters are inputs, results are what is expected.
pub(super) const fn plain(name: &'static str) -> Problem {
    Problem {
        name,
        functions: PRIMAL_AND_GRADIENT,
        fits: |_| true,
        sizes: |_| Ok(Vec::new()),
        input: |case, name| case.value(name),
        pairs: |case, function, result| match case.expected(function) {
            Some(expected) => paired(expected, result),
            None => Err(format!("nothing is expected of `{function}`")),
        },
    }
}

pub(super) fn named(case: &Case, names: &[&str]) -> Result<Vec<usize>, String> {
    names.iter().map(|name| case.natural(name)).collect()
}

/// Records by their fields, all else by its order.
fn paired(expected: &Json, found: &Value) -> Result<Pairs, String> {
    if let Json::Object(fields) = expected {
        let mut pairs = Vec::new();
        for (name, expected) in fields {
            let part = found.get(name);
            let part = part.ok_or_else(|| format!("the result has no field `{name}`"))?;
            pairs.extend(paired(expected, part)?);
        }
        return Ok(pairs);
    }
    zipped(&numbers(expected), &found.numbers())
}

pub(super) fn zipped(expected: &[f64], found: &[f64]) -> Result<Pairs, String> {
    if expected.len() != found.len() {
        return Err(format!(
            "{} numbers are expected, there are {}",
            expected.len(),
            found.len()
        ));
    }
    Ok(found
        .iter()
        .copied()
        .zip(expected.iter().copied())
        .collect())
}
