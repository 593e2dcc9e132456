//! A case of a law: the carriers, sizes and arguments it is tried on, compiled and run.

use lentil_core::ty::Ty;
use lentil_core::{Choice, Law};
use lentil_unary::Array;

use super::drawn::Drawn;
use crate::draft::Draft;
use crate::error::Error;
use crate::function::Function;
use crate::program::Program;

/// A law of a program.
pub struct Subject<'p> {
    pub program: &'p Program,
    pub index: usize,
    pub law: Law,
}

/// A choice of carriers and sizes, with the arguments' types for it.
#[derive(Clone, Debug)]
pub struct Instance {
    pub choices: Vec<Choice>,
    pub arguments: Vec<(String, Ty)>,
}

/// Everything a law is tried on.
#[derive(Clone, Debug)]
pub struct Case {
    pub instance: Instance,
    pub values: Vec<Drawn>,
}

/// Why a law does not hold for a case.
#[derive(Clone, Debug)]
pub enum Wrong {
    /// It says something that is false.
    False,
    /// Its computation stops.
    Stops(Error),
}

impl Wrong {
    /// Whether two cases go wrong in the same way.
    pub fn is_like(&self, other: &Wrong) -> bool {
        matches!(
            (self, other),
            (Wrong::False, Wrong::False) | (Wrong::Stops(_), Wrong::Stops(_))
        )
    }
}

impl Subject<'_> {
    /// The instance for a choice of statics; `None` if the law's conditions do not hold.
    pub fn instance(&self, choices: Vec<Choice>) -> Result<Option<Instance>, Error> {
        let (index, asked) = (self.index, choices.clone());
        let found = self
            .program
            .ask(move |core, _| core.law_arguments(index, &asked))?;
        Ok(found.map(|arguments| Instance { choices, arguments }))
    }

    /// The law compiled for an instance and functions among the arguments.
    pub fn compile(&self, instance: &Instance, functions: Vec<String>) -> Result<Function, Error> {
        let (index, choices) = (self.index, instance.choices.clone());
        let draft = self.program.ask(move |core, options| {
            let real = options.real;
            let how = lentil_core::Options { real };
            let lowered = core.lower_law(index, &choices, &functions, &how)?;
            let mut sources = core.sources().clone();
            for text in &functions {
                sources.add("<function>", text);
            }
            Draft::new(lowered, sources.into(), real)
        })?;
        Function::compile(self.program, &self.law.title, draft)
    }

    /// Whether a case goes wrong, and how.
    pub fn run(&self, case: &Case) -> Result<Option<Wrong>, Error> {
        let compiled = self.compile(&case.instance, case.functions())?;
        Ok(wrong(&compiled, &case.arrays()))
    }
}

/// Whether a compiled law goes wrong at arguments, and how.
pub fn wrong(compiled: &Function, arrays: &[Array]) -> Option<Wrong> {
    match compiled.run(arrays) {
        Ok(value) if value.number() == Some(1.0) => None,
        Ok(_) => Some(Wrong::False),
        Err(error) => Some(Wrong::Stops(error)),
    }
}

impl Case {
    /// The arguments that are functions, as expressions.
    pub fn functions(&self) -> Vec<String> {
        let functions = self.values.iter().filter_map(|value| match value {
            Drawn::Function(function) => Some(function.source()),
            Drawn::Array(_) | Drawn::Key(_) | Drawn::Tuple(_) | Drawn::Record(_) => None,
        });
        functions.collect()
    }

    /// The other arguments, as arrays.
    pub fn arrays(&self) -> Vec<Array> {
        let mut out = Vec::new();
        self.values.iter().for_each(|value| value.arrays(&mut out));
        out
    }
}
