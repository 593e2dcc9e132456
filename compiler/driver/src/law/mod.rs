//! Laws: arguments drawn from a seed, cases run, counterexamples made small and written as tests.
//!
//! One program is compiled for a choice of carriers and sizes and of functions, and run on many
//! arguments. What has few values altogether is tried on all of them.

mod case;
mod draw;
mod drawn;
mod explain;
mod function;
mod reduce;
mod search;
mod shrink;

pub use explain::{Comparison, Failing};

use std::num::NonZeroUsize;

use crate::error::Error;
use crate::program::Program;

/// How laws are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LawOptions {
    /// What all choices depend on.
    pub seed: u64,
    /// How many cases are tried of each law.
    pub cases: NonZeroUsize,
}

impl Default for LawOptions {
    fn default() -> LawOptions {
        LawOptions {
            seed: 1,
            cases: const { NonZeroUsize::new(100).unwrap() },
        }
    }
}

/// What came of trying a law.
#[derive(Clone, Debug)]
pub struct LawReport {
    /// How many cases were tried.
    pub cases: usize,
    /// How many programs were compiled for them.
    pub programs: usize,
    /// Whether these are all cases there are.
    pub exhaustive: bool,
    /// The first counterexample, made small.
    pub counterexample: Option<Counterexample>,
}

/// Arguments for which a law does not hold.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// The number of the case in which it was found, from 1.
    pub case: usize,
    /// Carriers, sizes and arguments: names, and expressions of the language.
    pub arguments: Vec<(String, String)>,
    /// The law for these arguments, as a test of the language.
    pub test: String,
    /// What went wrong, at its place.
    pub error: Error,
    /// What the law compares.
    pub failing: Vec<Failing>,
}

impl Program {
    /// The titles of the laws in the program's file.
    pub fn laws(&self) -> Vec<String> {
        self.ask(|core, _| {
            let laws = core.items().into_iter();
            laws.filter(|item| item.class == lentil_core::ItemClass::Law)
                .map(|item| item.name)
                .collect()
        })
    }

    /// Tries a law, by its position among the laws, in exact arithmetic.
    ///
    /// ```
    /// let source = r#"
    ///     law "addition commutes" (x: Real, y: Real) { x + y == y + x }
    ///     law "nothing is negative" (x: Real) { x >= 0 }
    /// "#;
    /// let program = lentil::Program::from_source(source)?;
    /// assert!(program.try_law(0, &Default::default())?.counterexample.is_none());
    /// let report = program.try_law(1, &Default::default())?;
    /// let why = report.counterexample.expect("-1 is negative");
    /// assert_eq!(why.arguments, [("x".to_string(), "Real(-1.0)".to_string())]);
    /// # Ok::<(), lentil::Error>(())
    /// ```
    ///
    /// # Errors
    /// If there is no such law, or if it cannot be tried: no sizes meet its conditions, or it cannot be
    /// compiled for some carriers and sizes that do.
    pub fn try_law(&self, index: usize, options: &LawOptions) -> Result<LawReport, Error> {
        let exact = self.with_options(self.options().to_the_letter());
        search::try_law(&exact, index, options)
    }
}
