//! The loop around compiled epochs.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lentil_runtime::interrupt::Interrupt;
use lentil_runtime::metrics::{all_finite, mean_loss};
use lentil_runtime::report::{Ending, Epoch, Plan, Progress};
use lentil_runtime::split::epoch_order;
use lentil_unary::carrier::{Carrier, Type};
use lentil_unary::value::{Array, Data};

use crate::data::Examples;
use crate::error::Error;
use crate::learner::{Learner, Runnable};
use crate::machine::Instance;
use crate::train::key;
use crate::trained::Trained;

/// Where, and how often at the most, a training keeps what its finished epochs have learnt.
pub(crate) struct Checkpoints {
    path: PathBuf,
    every: Duration,
    last: Instant,
}

impl Checkpoints {
    pub(crate) fn new(path: &Path, every: Duration) -> Checkpoints {
        Checkpoints {
            path: path.to_path_buf(),
            every,
            last: Instant::now(),
        }
    }
}

/// A training that is going on.
pub(crate) struct Run<'a> {
    pub(crate) learner: &'a Learner,
    pub(crate) examples: &'a Examples,
    pub(crate) epoch: &'a Runnable,
    /// The epochs before this training.
    pub(crate) done: usize,
    pub(crate) checkpoints: Option<Checkpoints>,
}

impl Run<'_> {
    /// What was learnt, of parameters and states after so many epochs.
    ///
    /// # Errors
    /// If a parameter is not finite: what is saved is there to be used.
    pub(crate) fn trained(&self, mut values: Vec<Array>, epochs: usize) -> Result<Trained, Error> {
        let states = values.split_off(self.learner.params.len());
        let names = self.learner.params.iter().map(|(name, _)| name.clone());
        all_finite(epochs, names.zip(values.iter().cloned()))?;
        Ok(Trained {
            params: values,
            states,
            input: self.examples.input.clone(),
            target: self.examples.target.clone(),
            epochs,
        })
    }

    /// Parameters and states after the epochs, the loss of each, and how it ended.
    pub(crate) fn epochs(
        &mut self,
        values: Vec<Array>,
        progress: &mut dyn Progress,
        stop: &Interrupt,
    ) -> Result<(Vec<Array>, Vec<f64>, Ending), Error> {
        let rows = self.examples.train.rows;
        progress.begin(&Plan {
            learner: self.learner.name.clone(),
            epochs: self.learner.epochs,
            first_epoch: self.done + 1,
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
        &mut self,
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
        for number in self.done + 1..=self.learner.epochs {
            if stop.requested() {
                ending = Ending::Interrupted;
                break;
            }
            if !losses.is_empty() {
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
            if number < self.learner.epochs {
                self.checkpoint(&instance, number)?;
            }
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

    /// Saves what is learnt after an epoch, if it is time.
    fn checkpoint(&mut self, instance: &Instance, number: usize) -> Result<(), Error> {
        let now = Instant::now();
        let due = |c: &&mut Checkpoints| now.saturating_duration_since(c.last) >= c.every;
        let Some(checkpoints) = self.checkpoints.as_mut().filter(due) else {
            return Ok(());
        };
        checkpoints.last = now;
        let path = checkpoints.path.clone();
        let count = self.learner.params.len() + self.learner.states.len();
        let values = (0..count).map(|k| instance.output(k)).collect();
        self.trained(values, number)?.save(self.learner, &path)
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
