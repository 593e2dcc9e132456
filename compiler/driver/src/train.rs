//! The learning loop around compiled epochs.
//!
//! What is learnt depends on the program, its data and the seed alone: the same seed gives the same bits.

use std::time::{Duration, Instant};

use lentil_runtime::interrupt::Interrupt;
use lentil_runtime::metrics::mean_loss;
use lentil_runtime::report::{Ending, Epoch, Plan, Progress};
use lentil_runtime::split::epoch_order;
use lentil_unary::carrier::{Carrier, Type};
use lentil_unary::value::{Array, Data};

use crate::data::{Examples, Part as Rows};
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

impl Learner {
    /// Learns: all epochs, or until the flag is raised.
    ///
    /// # Errors
    /// If the data cannot be read, the program cannot be compiled, or a loss is not finite.
    pub fn train(&self, progress: &mut dyn Progress, stop: &Interrupt) -> Result<Outcome, Error> {
        self.train_from(None, progress, stop)
    }

    /// The same, with what another training has learnt in the place of initial values.
    ///
    /// # Errors
    /// As [`Learner::train`].
    pub fn train_from(
        &self,
        start: Option<&Start>,
        progress: &mut dyn Progress,
        stop: &Interrupt,
    ) -> Result<Outcome, Error> {
        let began = Instant::now();
        let examples = self.data.examples()?;
        let read = Instant::now();
        let initial = self.compile(Part::Initial)?;
        let epoch = self.compile(Part::Epoch(examples.train.rows))?;
        let on_train = self.compile(Part::Evaluate(examples.train.rows))?;
        let on_test = match examples.test.rows {
            0 => None,
            rows => Some(self.compile(Part::Evaluate(rows))?),
        };
        let compiled = Instant::now();
        let mut values = initial.run(&[key(self.seed)])?;
        if let Some(start) = start {
            start.replace(&mut values);
        }
        let run = Run {
            learner: self,
            examples: &examples,
            epoch: &epoch,
        };
        let (values, losses, ending) = run.epochs(values, progress, stop)?;
        let learnt = Instant::now();
        let (params, states) = values.split_at(self.params.len());
        let train = self.figures(&on_train, params, &examples.train)?;
        let test = match &on_test {
            Some(program) => Some(self.figures(program, params, &examples.test)?),
            None => None,
        };
        Ok(Outcome {
            trained: Trained {
                params: params.to_vec(),
                states: states.to_vec(),
                input: examples.input,
                target: examples.target,
                epochs: losses.len(),
            },
            ending,
            train,
            test,
            losses,
            reading: read - began,
            compiling: compiled - read,
            learning: learnt - compiled,
        })
    }

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

/// A training that is going on.
struct Run<'a> {
    learner: &'a Learner,
    examples: &'a Examples,
    epoch: &'a Runnable,
}

impl Run<'_> {
    /// Parameters and states after the epochs, the loss of each, and how it ended.
    fn epochs(
        &self,
        values: Vec<Array>,
        progress: &mut dyn Progress,
        stop: &Interrupt,
    ) -> Result<(Vec<Array>, Vec<f64>, Ending), Error> {
        let rows = self.examples.train.rows;
        progress.begin(&Plan {
            learner: self.learner.name.clone(),
            epochs: self.learner.epochs,
            first_epoch: 1,
            steps: rows.div_ceil(self.learner.batch),
            train_rows: rows,
            test_rows: self.examples.test.rows,
        });
        let result = self.loop_over(values, progress, stop);
        progress.end(match &result {
            Ok((_, _, ending)) => *ending,
            Err(_) => Ending::Failed,
        });
        result
    }

    fn loop_over(
        &self,
        values: Vec<Array>,
        progress: &mut dyn Progress,
        stop: &Interrupt,
    ) -> Result<(Vec<Array>, Vec<f64>, Ending), Error> {
        let count = values.len();
        let mut instance = self.epoch.machine.instance();
        let rows = [&self.examples.train.inputs, &self.examples.train.targets];
        for (k, array) in values.iter().chain(rows).enumerate() {
            instance.set_input(k, array);
        }
        let mut losses = Vec::new();
        let mut ending = Ending::Finished;
        for number in 1..=self.learner.epochs {
            if stop.requested() {
                ending = Ending::Interrupted;
                break;
            }
            if number > 1 {
                (0..count).for_each(|k| instance.feed_back(k, k));
            }
            instance.set_input(count + 2, &self.order(number));
            if self.learner.keyed {
                instance.set_input(count + 3, &key(self.learner.seed));
                instance.set_input(count + 4, &self.first_step(number));
            }
            instance
                .step()
                .map_err(|trap| self.epoch.places.trap(trap))?;
            let loss = {
                let losses = instance.output(count).to_f64();
                mean_loss(
                    number,
                    &losses,
                    self.examples.train.rows,
                    self.learner.batch,
                )?
            };
            losses.push(loss);
            progress.epoch(&Epoch {
                number,
                loss,
                figures: Vec::new(),
            });
        }
        if losses.is_empty() {
            return Ok((values, losses, ending));
        }
        let values = (0..count).map(|k| instance.output(k)).collect();
        Ok((values, losses, ending))
    }

    /// How many steps were taken before an epoch.
    fn first_step(&self, epoch: usize) -> Array {
        let steps = self.examples.train.rows.div_ceil(self.learner.batch);
        let before = (epoch - 1).saturating_mul(steps);
        Array::new(Type::scalar(Carrier::Int), Data::Int(vec![before as i64]))
    }

    fn order(&self, epoch: usize) -> Array {
        let n = self.examples.train.rows;
        if self.learner.shuffle {
            return epoch_order(n, self.learner.seed, epoch as u64);
        }
        Array::new(
            Type::array(Carrier::Int, [n]),
            Data::Int((0..n as i64).collect()),
        )
    }
}

/// The random key of a seed.
fn key(seed: u64) -> Array {
    let words = vec![(seed >> 32) as i64, i64::from(seed as u32)];
    Array::new(Type::array(Carrier::Int, [2]), Data::Int(words))
}
