//! What was learnt, and the files that keep it.

use std::collections::BTreeMap;
use std::path::Path;

use lentil_runtime::RuntimeError;
use lentil_runtime::encode::Fitted;
use lentil_runtime::params::{About, ParameterFile};
use lentil_unary::carrier::Type;
use lentil_unary::value::Array;

use crate::data::Examples;
use crate::error::Error;
use crate::learner::Learner;

/// Where the files keep what the encoders learnt.
pub(crate) const DATA: &str = "data.";
const INPUT: &str = "data.input";
const TARGET: &str = "data.target";

/// Where the files keep the optimizer's states, which mean nothing to a prediction.
pub(crate) const OPTIMIZER: &str = "optimizer.";

/// A learner's parameters, with all that is needed to use them.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// The parameters and the model's states, in the learner's order.
    pub params: Vec<Array>,
    /// The optimizer's states, in the learner's order; none if they are not kept.
    pub states: Vec<Array>,
    /// The input's encoder.
    pub input: Fitted,
    /// The target's encoder.
    pub target: Fitted,
    /// How many epochs it took.
    pub epochs: usize,
}

impl Trained {
    /// Writes the parameter file. If that fails, an older file of the name is as it was.
    ///
    /// # Errors
    /// If it cannot be written, or if two things in it would have the same path.
    pub fn save(&self, learner: &Learner, path: &Path) -> Result<(), Error> {
        let mut tensors = BTreeMap::new();
        let params = learner.params.iter().map(|(name, _)| name.clone());
        let states = learner
            .states
            .iter()
            .map(|(name, _)| format!("{OPTIMIZER}{name}"));
        let names = params.chain(states);
        let arrays = self.params.iter().chain(&self.states).cloned();
        let encoders = self
            .input
            .tensors(INPUT)
            .into_iter()
            .chain(self.target.tensors(TARGET));
        for (name, array) in names.zip(arrays).chain(encoders) {
            if tensors.insert(name.clone(), array).is_some() {
                return Err(RuntimeError::ReservedPath {
                    path: path.to_path_buf(),
                    name,
                }
                .into());
            }
        }
        let mut classes = learner.data.schema.classes();
        let columns = learner.data.columns();
        classes.retain(|name, _| columns.contains(name));
        let about = About {
            seed: learner.seed,
            epoch: self.epochs as u64,
            program: learner.name.clone(),
            classes,
            input: learner.data.input.to_string(),
            target: learner.data.target.to_string(),
        };
        Ok(ParameterFile {
            tensors,
            about: Some(about),
        }
        .write(path)?)
    }
}

impl Learner {
    /// Reads a parameter file. The states of whatever optimizer it is from are passed over.
    ///
    /// # Errors
    /// If it cannot be read, or holds other parameters than this learner's: all that is wrong.
    pub fn restore(&self, path: &Path) -> Result<Trained, Error> {
        let file = ParameterFile::read(path)?;
        self.read(path, &file, None)
    }

    /// Reads all that a training left in its file, so that it can go on after its last epoch.
    ///
    /// # Errors
    /// If the file cannot be read, is of other parameters or another optimizer, or began with
    /// another seed.
    pub fn restore_all(&self, path: &Path) -> Result<Trained, Error> {
        let file = ParameterFile::read(path)?;
        let trained = self.read(path, &file, Some(&self.states))?;
        let refused = |title: String, hint: &str| Error::plain("E0912", title, Some(hint));
        let Some(about) = &file.about else {
            let title = format!(
                "{}: this does not say how long it has learnt",
                path.display()
            );
            return Err(refused(title, "begin with its parameters: `--init`"));
        };
        if about.seed != self.seed {
            let (path, then, now) = (path.display(), about.seed, self.seed);
            let title = format!("{path}: this began with the seed {then}, the seed is {now} here");
            return Err(refused(title, &format!("go on with it: `--seed {then}`")));
        }
        Ok(trained)
    }

    /// What a file has of this learner; also of its optimizer, where its states are given.
    fn read(
        &self,
        path: &Path,
        file: &ParameterFile,
        states: Option<&[(String, Type)]>,
    ) -> Result<Trained, Error> {
        let data = &self.data;
        let of_optimizer = |(name, ty): &(String, Type)| (format!("{OPTIMIZER}{name}"), ty.clone());
        let ignored: &[&str] = states.map_or(&[OPTIMIZER], |_| &[]);
        let states = states.unwrap_or(&[]).iter().map(of_optimizer);
        let states: Vec<(String, Type)> = states.collect();
        let mut expected: BTreeMap<String, Type> = self.params.iter().cloned().collect();
        expected.extend(states.iter().cloned());
        expected.extend(data.input.state_types(INPUT, &data.schema)?);
        expected.extend(data.target.state_types(TARGET, &data.schema)?);
        file.check(path, &expected, ignored)?;
        let tensors = &file.tensors;
        let values = |names: &[(String, Type)]| {
            let of = |(name, _): &(String, Type)| tensors.get(name).cloned();
            names.iter().filter_map(of).collect()
        };
        let real = self.program().options().real;
        let restore = |encoder: &lentil_runtime::encode::Encoder, prefix| {
            encoder.restore(path, prefix, tensors, &data.schema, real)
        };
        let trained = Trained {
            params: values(&self.params),
            states: values(&states),
            input: restore(&data.input, INPUT)?,
            target: restore(&data.target, TARGET)?,
            epochs: file.about.as_ref().map_or(0, |about| about.epoch as usize),
        };
        self.same_classes(path, file.about.as_ref())?;
        self.same_encoders(path, file.about.as_ref())?;
        Ok(trained)
    }

    /// Whether a training can go on with these examples.
    pub(crate) fn can_go_on(&self, stopped: &Trained, examples: &Examples) -> Result<(), Error> {
        if stopped.epochs >= self.epochs {
            let (done, name) = (stopped.epochs, &self.name);
            let title = format!(
                "`{name}` has learnt {done} epochs of {} already",
                self.epochs
            );
            let hint = "say how many there are to be in all: `--epochs`";
            return Err(Error::plain("E0912", title, Some(hint)));
        }
        if stopped.input != examples.input || stopped.target != examples.target {
            let title = format!("the data of `{}` is not what it was", self.name);
            let hint = "its encoders learn other numbers from it now, and inputs would change under the \
                        parameters; begin with these parameters instead: `--init`";
            return Err(Error::plain("E0912", title, Some(hint)));
        }
        Ok(())
    }

    /// Another order of columns would have the same shapes and mean something else.
    fn same_encoders(&self, path: &Path, about: Option<&About>) -> Result<(), Error> {
        let Some(about) = about else { return Ok(()) };
        let now = [("input", &self.data.input), ("target", &self.data.target)];
        for ((name, now), saved) in now.into_iter().zip([&about.input, &about.target]) {
            let now = now.to_string();
            if now != *saved {
                let title = format!(
                    "{}: `{name}` was `{saved}` when this was saved",
                    path.display()
                );
                let hint = format!("it is `{now}` in the program now");
                return Err(Error::plain("E0907", title, Some(&hint)));
            }
        }
        Ok(())
    }

    /// Classes are numbered in the order declared, so another order would mix them up.
    fn same_classes(&self, path: &Path, about: Option<&About>) -> Result<(), Error> {
        let Some(about) = about else { return Ok(()) };
        let declared = self.data.schema.classes();
        for (column, saved) in &about.classes {
            if let Some(now) = declared.get(column)
                && now != saved
            {
                let title = format!(
                    "{}: the classes of `{column}` were `{}` when this was saved",
                    path.display(),
                    saved.join("`, `"),
                );
                let hint = format!("they are `{}` in the program now", now.join("`, `"));
                return Err(Error::plain("E0907", title, Some(&hint)));
            }
        }
        Ok(())
    }
}
