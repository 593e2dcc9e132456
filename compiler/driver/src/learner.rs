//! Learners: what they learn, from which data, and the programs that they consist of.

use lentil_core::{Failure, Lowered};
use lentil_loops::Refusal;
use lentil_unary::carrier::Type;
use lentil_unary::syntax::Region;

use crate::data::Declared;
use crate::draft::{Draft, Places, refusal};
use crate::error::Error;
use crate::machine::Machine;
use crate::pipeline::{Stages, compile, compile_lanes, stages};
use crate::program::Program;

/// A learner of a program.
#[derive(Clone, Debug)]
pub struct Learner {
    program: Program,
    /// Its name.
    pub name: String,
    /// Its parameters and its model's states by path: all that a prediction needs.
    pub params: Vec<(String, Type)>,
    /// Its optimizer's state by path.
    pub states: Vec<(String, Type)>,
    /// Its data.
    pub data: Declared,
    /// Examples in a step.
    pub batch: usize,
    /// Passes over the training rows.
    pub epochs: usize,
    /// The seed of initial parameters and of the order of examples.
    pub seed: u64,
    /// Whether each pass has an order of its own.
    pub shuffle: bool,
    /// Whether steps draw random numbers, so that they take a key.
    pub keyed: bool,
    /// The name of the report, such as `accuracy`.
    pub report: Option<String>,
    /// One example's input.
    pub input: Type,
    /// One example's target.
    pub target: Type,
    /// One example's output.
    pub output: Vec<Type>,
}

/// A program that is a part of a learner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// From a key to parameters and states.
    Initial,
    /// One step on a batch of so many examples.
    Step(usize),
    /// One pass over so many rows.
    Epoch(usize),
    /// The outputs for so many rows.
    Predict(usize),
    /// The output for one example.
    Model,
    /// Losses and scores of so many rows.
    Evaluate(usize),
}

/// A part that can be run.
pub struct Runnable {
    /// What runs it.
    pub machine: Machine,
    /// Where its checks stand.
    pub places: Places,
}

impl Learner {
    pub(crate) fn find(program: &Program, name: Option<&str>) -> Result<Learner, Error> {
        let (sources, path) = (program.shared_sources(), program.path().map(Into::into));
        let (name, own) = (name.map(str::to_string), program.clone());
        let found = program.ask(move |core, options| {
            let real = options.real;
            let found = core.learner(name.as_deref(), &lentil_core::Options { real })?;
            let path: Option<std::path::PathBuf> = path;
            let data = Declared::new(&found.data, path.as_deref(), sources, real);
            Ok::<_, Failure>(Learner {
                program: own,
                data,
                name: found.name,
                params: found.params,
                states: found.states,
                batch: found.batch,
                epochs: found.epochs,
                seed: found.seed,
                shuffle: found.shuffle,
                keyed: found.keyed,
                report: found.report,
                input: found.input,
                target: found.target,
                output: found.output,
            })
        })?;
        Ok(found)
    }

    /// The program that it belongs to.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// What one of its parts lowers to.
    ///
    /// # Errors
    /// If it cannot be lowered at this size.
    pub fn draft(&self, part: Part) -> Result<Draft, Error> {
        let (name, sources) = (self.name.clone(), self.program.shared_sources());
        let draft = self.program.ask(move |core, options| {
            let real = options.real;
            let learner = core.learner(Some(&name), &lentil_core::Options { real })?;
            let lowered = lower(&learner, part)?;
            Draft::new(lowered, sources, real)
        })?;
        Ok(draft)
    }

    /// All forms of one of its parts between core and loops.
    ///
    /// # Errors
    /// As [`Learner::draft`].
    pub fn stages(&self, part: Part) -> Result<Stages, Error> {
        let core = self.draft(part)?.region;
        Ok(self.program.ask(move |_, options| stages(core, options)))
    }

    /// One of its parts, compiled.
    ///
    /// # Errors
    /// If it cannot be compiled.
    pub fn compile(&self, part: Part) -> Result<Runnable, Error> {
        let Draft { region, places, .. } = self.draft(part)?;
        let machine = self.program.ask(move |_, options| compile(region, options));
        Ok(Runnable {
            machine: machine.map_err(|why| refusal(&why))?,
            places,
        })
    }

    /// Its model for 64 examples at once, each a bit of every word; only for models over bits. `None` if
    /// the model decides by a bit, which need not be the same for all examples.
    ///
    /// # Errors
    /// If it cannot be compiled.
    pub fn compile_lanes(&self) -> Result<Option<(lentil_jit::Compiled, Places)>, Error> {
        let Draft { region, places, .. } = self.draft(Part::Model)?;
        let code = self
            .program
            .ask(move |_, options| compile_lanes(region, options));
        match code {
            Ok(code) => Ok(Some((code, places))),
            Err(Refusal::Lanes(_)) => Ok(None),
            Err(why) => Err(refusal(&why)),
        }
    }

    /// Its model for one example, with derivatives resolved.
    ///
    /// # Errors
    /// As [`Learner::draft`].
    pub fn model(&self) -> Result<(Region, Places), Error> {
        let draft = self.draft(Part::Model)?;
        let stages = self.program.stages(&draft);
        Ok((stages.reverse, draft.places))
    }
}

fn lower(learner: &lentil_core::Learner<'_>, part: Part) -> Result<Lowered, Failure> {
    match part {
        Part::Initial => learner.initial(),
        Part::Step(batch) => learner.step(batch),
        Part::Epoch(rows) => learner.epoch(rows),
        Part::Predict(rows) => learner.predict(rows),
        Part::Model => learner.model(),
        Part::Evaluate(rows) => learner.evaluate(rows),
    }
}
