//! The programs of GradBench in Lentil, held to cases: inputs with the values and derivatives that
//! belong to them.
//!
//! Source: <https://github.com/gradbench/gradbench>, of which the problems and the protocol's names of
//! inputs are; its larger part comes from ADBench (arXiv 1807.10129).

mod ba;
mod case;
mod ht;
mod problem;

pub use case::Case;
pub use problem::{PROBLEMS, Problem};

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lentil::{Error, Function, Options, Program};

/// The relative error that is allowed, of a vector as a whole and of each component.
pub const TOLERANCE: f64 = 1e-9;

/// A function of a program, compared with a case.
pub struct Outcome {
    /// The function, with its sizes.
    pub function: String,
    /// How far its result is from the expected one, relative to that one's size as a whole.
    pub error: f64,
    /// The greatest error of a component, relative to the component (to a millionth of the greatest
    /// component, if it is less than that).
    pub worst: f64,
    /// From the checked program to one that runs.
    pub compile: Duration,
    /// The function, and what it runs on, to be run again.
    pub again: Again,
}

/// A compiled function at the arguments of a case.
pub struct Again {
    function: Function,
    args: Vec<lentil::Value>,
}

impl Outcome {
    /// Whether the result is the expected one.
    pub fn holds(&self) -> bool {
        self.error <= TOLERANCE && self.worst <= TOLERANCE
    }
}

impl Again {
    /// How long one run takes.
    ///
    /// # Errors
    /// If the run stops.
    pub fn time(&self) -> Result<Duration, Error> {
        let start = Instant::now();
        self.function.call(&self.args)?;
        Ok(start.elapsed())
    }
}

/// Where the program of a problem is.
pub fn program_path(problem: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("gradbench/{problem}.lentil"))
}

/// Runs every function that a case has expectations of.
///
/// # Errors
/// If the case is not as its problem wants it, or if a program is refused or stops.
pub fn check(case: &Case, options: &Options) -> Result<Vec<Outcome>, String> {
    let problem = Problem::of(case)?;
    let path = program_path(problem.name);
    let program = Program::from_file(&path)
        .map_err(|why| why.to_string())?
        .with_options(options.clone());
    let runs = problem.functions.iter();
    let runs = runs.filter(|f| case.expected(f.expected).is_some());
    runs.map(|f| outcome(case, problem, f, &program)).collect()
}

fn outcome(
    case: &Case,
    problem: &Problem,
    f: &problem::Run,
    program: &Program,
) -> Result<Outcome, String> {
    let sizes = (problem.sizes)(case)?;
    let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
    let name = match &sizes[..] {
        [] => f.function.to_string(),
        sizes => format!("{}[{}]", f.function, sizes.join(", ")),
    };
    let start = Instant::now();
    let function = program.function(&name).map_err(|why| why.to_string())?;
    let compile = start.elapsed();
    let inputs = function.inputs().iter();
    let args: Vec<lentil::Value> = inputs
        .map(|input| (problem.input)(case, &input.name))
        .collect::<Result<_, _>>()?;
    let result = function.call(&args).map_err(|why| why.to_string())?;
    let pairs = (problem.pairs)(case, f.expected, &result)?;
    if pairs.is_empty() {
        return Err(format!("{name}: there is nothing to compare"));
    }
    Ok(Outcome {
        function: name,
        error: error(&pairs),
        worst: worst(&pairs),
        compile,
        again: Again { function, args },
    })
}

/// The distance of what was found to what was expected, relative to its size; infinite if it is none.
fn error(pairs: &[(f64, f64)]) -> f64 {
    let norm =
        |v: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(|p| v(p).powi(2)).sum::<f64>().sqrt();
    let (gap, size) = (norm(&|(x, y)| x - y), norm(&|(_, y)| *y));
    relative(gap, size)
}

fn worst(pairs: &[(f64, f64)]) -> f64 {
    let greatest = pairs.iter().map(|(_, y)| y.abs()).fold(0.0, f64::max);
    let error = |(x, y): &(f64, f64)| relative((x - y).abs(), y.abs().max(1e-6 * greatest));
    pairs.iter().map(error).fold(0.0, f64::max)
}

fn relative(gap: f64, size: f64) -> f64 {
    match gap == 0.0 {
        true => 0.0,
        false if gap.is_finite() => gap / size,
        false => f64::INFINITY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_mistake_is_seen() {
        let near = [(1.0, 1.0), (1e-3 + 1e-14, 1e-3)];
        assert!(error(&near) < TOLERANCE && worst(&near) < 1e-10);
        assert!(error(&[(1.0, 1.0), (1.0 + 3e-9, 1.0)]) > TOLERANCE);
        assert!(worst(&[(1.0, 1.0), (2e-5, 1e-5)]) > 0.9);
    }

    #[test]
    fn what_is_no_number_is_wrong() {
        assert_eq!(error(&[(f64::NAN, 1.0)]), f64::INFINITY);
        assert_eq!(error(&[(1e-100, 0.0)]), f64::INFINITY);
        assert_eq!(error(&[(0.0, 0.0)]), 0.0);
    }
}
