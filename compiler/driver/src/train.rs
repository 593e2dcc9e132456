//! Training: where it begins, and what comes of it.
//!
//! What is learnt depends on the program, its data and the seed alone: the same seed gives the same bits.

use std::path::Path;
use std::time::{Duration, Instant};

use lentil_runtime::interrupt::Interrupt;
use lentil_runtime::report::{Ending, Progress};
use lentil_unary::carrier::{Carrier, Type};
use lentil_unary::value::{Array, Data};

use crate::data::Part as Rows;
use crate::epochs::{Checkpoints, Run};
use crate::error::Error;
use crate::learner::{Learner, Part, Runnable};
use crate::start::Start;
use crate::trained::Trained;

/// What came of training.
pub struct Outcome {
    /// What was learnt; of an interrupted training, in the epochs that were finished.
    pub trained: Trained,
    /// How it ended.
    pub ending: Ending,
    /// Loss and report on the examples learnt from.
    pub train: Figures,
    /// Loss and report on the examples held out, if there are any.
    pub test: Option<Figures>,
    /// The mean loss of each finished epoch.
    pub losses: Vec<f64>,
    /// How long the data took to read.
    pub reading: Duration,
    /// How long compiling took.
    pub compiling: Duration,
    /// How long learning took.
    pub learning: Duration,
}

/// Figures of merit on some examples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// How many examples.
    pub rows: usize,
    /// The mean loss.
    pub loss: f64,
    /// The mean of the learner's report, if it has one.
    pub report: Option<f64>,
    /// How many examples are right, if every report is 0 or 1.
    pub right: Option<usize>,
}

/// A training that is to be run.
pub struct Training<'a> {
    learner: &'a Learner,
    from: From<'a>,
    checkpoints: Option<Checkpoints>,
}

/// What a training begins with.
enum From<'a> {
    /// Initial values.
    Initial,
    /// Initial values, and in the place of some what another training has learnt.
    Start(&'a Start),
    /// All that this learner had when it stopped.
    Stopped(&'a Trained),
}

impl Learner {
    /// Learns from initial values: all epochs, or until the flag is raised.
    ///
    /// # Errors
    /// As [`Training::run`].
    pub fn train(&self, progress: &mut dyn Progress, stop: &Interrupt) -> Result<Outcome, Error> {
        self.training().run(progress, stop)
    }

    /// A training from initial values.
    pub fn training(&self) -> Training<'_> {
        Training {
            learner: self,
            from: From::Initial,
            checkpoints: None,
        }
    }
}

impl<'a> Training<'a> {
    /// The same, with what another training has learnt in the place of initial values.
    #[must_use]
    pub fn start(mut self, start: &'a Start) -> Self {
        self.from = From::Start(start);
        self
    }

    /// Goes on after the epochs that are in what was learnt, as if it had never stopped: n epochs
    /// and then the others up to m give the same bits as m.
    #[must_use]
    pub fn resume(mut self, stopped: &'a Trained) -> Self {
        self.from = From::Stopped(stopped);
        self
    }

    /// Saves to a file after an epoch, if the last time is at least so long ago.
    #[must_use]
    pub fn checkpoints(mut self, path: &Path, every: Duration) -> Self {
        self.checkpoints = Some(Checkpoints::new(path, every));
        self
    }

    /// Learns: all epochs, or until the flag is raised.
    ///
    /// # Errors
    /// If the data cannot be read, the program cannot be compiled, a loss is not finite, a checkpoint
    /// cannot be written, or a training that was stopped cannot go on.
    pub fn run(self, progress: &mut dyn Progress, stop: &Interrupt) -> Result<Outcome, Error> {
        let learner = self.learner;
        let began = Instant::now();
        let examples = learner.data.examples()?;
        if let From::Stopped(stopped) = self.from {
            learner.can_go_on(stopped, &examples)?;
        }
        let read = Instant::now();
        let initial = match self.from {
            From::Stopped(_) => None,
            From::Initial | From::Start(_) => Some(learner.compile(Part::Initial)?),
        };
        let epoch = learner.compile(Part::Epoch(examples.train.rows))?;
        let on_train = learner.compile(Part::Evaluate(examples.train.rows))?;
        let on_test = match examples.test.rows {
            0 => None,
            rows => Some(learner.compile(Part::Evaluate(rows))?),
        };
        let compiled = Instant::now();
        let mut values = match &initial {
            Some(initial) => initial.run(&[key(learner.seed)])?,
            None => Vec::new(),
        };
        let mut done = 0;
        match self.from {
            From::Initial => {}
            From::Start(start) => start.replace(&mut values),
            From::Stopped(stopped) => {
                values = [&stopped.params[..], &stopped.states].concat();
                done = stopped.epochs;
            }
        }
        let mut run = Run {
            learner,
            examples: &examples,
            epoch: &epoch,
            done,
            checkpoints: self.checkpoints,
        };
        let (values, losses, ending) = run.epochs(values, progress, stop)?;
        let learnt = Instant::now();
        let trained = run.trained(values, done + losses.len())?;
        let train = learner.figures(&on_train, &trained.params, &examples.train)?;
        let test = match &on_test {
            Some(program) => Some(learner.figures(program, &trained.params, &examples.test)?),
            None => None,
        };
        Ok(Outcome {
            trained,
            ending,
            train,
            test,
            losses,
            reading: read - began,
            compiling: compiled - read,
            learning: learnt - compiled,
        })
    }
}

impl Learner {
    /// Loss and report of parameters on some examples.
    pub(crate) fn figures(
        &self,
        program: &Runnable,
        params: &[Array],
        rows: &Rows,
    ) -> Result<Figures, Error> {
        let args = [params, &[rows.inputs.clone(), rows.targets.clone()]].concat();
        let results = program.run(&args)?;
        let mean = |array: &Array| {
            let numbers = array.to_f64();
            numbers.iter().sum::<f64>() / numbers.len().max(1) as f64
        };
        let counted = |array: &Array| {
            let scores = array.to_f64();
            let count = scores.iter().all(|x| *x == 0.0 || *x == 1.0);
            count.then(|| scores.iter().filter(|x| **x == 1.0).count())
        };
        Ok(Figures {
            rows: rows.rows,
            loss: results.first().map_or(0.0, mean),
            report: results.get(1).map(mean),
            right: results.get(1).and_then(counted),
        })
    }
}

impl Runnable {
    /// The results at arguments, or at which place the run stopped.
    ///
    /// # Errors
    /// If an index is out of range.
    pub fn run(&self, args: &[Array]) -> Result<Vec<Array>, Error> {
        self.machine
            .run(args)
            .map_err(|trap| self.places.trap(trap))
    }
}

/// The random key of a seed.
pub(crate) fn key(seed: u64) -> Array {
    let words = vec![(seed >> 32) as i64, i64::from(seed as u32)];
    Array::new(Type::array(Carrier::Int, [2]), Data::Int(words))
}
