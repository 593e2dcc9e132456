//! Where training starts: from parameters of another training, as far as they fit.

use std::fmt;
use std::path::Path;

use lentil_runtime::params::ParameterFile;
use lentil_unary::carrier::{Carrier, Type};
use lentil_unary::value::Array;

use crate::error::Error;
use crate::learner::Learner;
use crate::trained::{DATA, OPTIMIZER};

/// What a parameter file gives a learner to start from.
#[derive(Clone, Debug, PartialEq)]
pub struct Start {
    /// Values by their position among the learner's parameters.
    values: Vec<(usize, Array)>,
    /// How many parameters and states the learner has.
    wanted: usize,
    /// Paths of the learner that the file does not have.
    pub missing: Vec<String>,
    /// Paths that both have, with the learner's type and the file's.
    pub different: Vec<(String, Type, Type)>,
    /// Paths of the file that the learner does not have.
    pub unused: Vec<String>,
}

impl Learner {
    /// What a parameter file has under the paths of this learner, in the same shapes.
    ///
    /// # Errors
    /// If the file cannot be read, or if nothing in it fits.
    pub fn start_from(&self, path: &Path) -> Result<Start, Error> {
        let file = ParameterFile::read(path)?;
        let mut start = Start {
            values: Vec::new(),
            wanted: self.params.len(),
            missing: Vec::new(),
            different: Vec::new(),
            unused: Vec::new(),
        };
        for (k, (name, ty)) in self.params.iter().enumerate() {
            match file.tensors.get(name) {
                None => start.missing.push(name.clone()),
                Some(array) => match at_type(array, ty) {
                    Some(array) => start.values.push((k, array)),
                    None => {
                        let found = (name.clone(), ty.clone(), array.ty().clone());
                        start.different.push(found);
                    }
                },
            }
        }
        let ours = |name: &String| self.params.iter().any(|(own, _)| own == name);
        let other =
            |name: &&String| !ours(name) && !name.starts_with(OPTIMIZER) && !name.starts_with(DATA);
        start.unused = file.tensors.keys().filter(other).cloned().collect();
        if start.values.is_empty() && start.wanted > 0 {
            let title = format!(
                "{}: no parameter of `{}` is there",
                path.display(),
                self.name
            );
            return Err(Error::plain("E0909", title, Some(&start.to_string())));
        }
        Ok(start)
    }
}

/// An array at a type: as it is, or with its real numbers in the other precision if none of them
/// becomes infinite.
fn at_type(array: &Array, ty: &Type) -> Option<Array> {
    if array.ty() == ty {
        return Some(array.clone());
    }
    let real = |ty: &Type| matches!(ty.carrier, Carrier::F32 | Carrier::F64);
    if !real(array.ty()) || !real(ty) || array.ty().shape != ty.shape {
        return None;
    }
    let numbers = array.to_f64();
    let converted = Array::from_f64(ty.clone(), &numbers);
    let kept = |(x, y): (&f64, f64)| x.is_finite() == y.is_finite();
    let all = numbers.iter().zip(converted.to_f64()).all(kept);
    all.then_some(converted)
}

impl Start {
    /// Puts what it has in the place of initial values.
    pub(crate) fn replace(&self, initial: &mut [Array]) {
        for (k, value) in &self.values {
            if let Some(place) = initial.get_mut(*k) {
                *place = value.clone();
            }
        }
    }
}

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} parameters", self.values.len(), self.wanted)?;
        if !self.missing.is_empty() {
            write!(f, "; not there: `{}`", self.missing.join("`, `"))?;
        }
        for (name, here, there) in &self.different {
            write!(f, "; `{name}` is `{there}` there, `{here}` here")?;
        }
        if !self.unused.is_empty() {
            write!(f, "; not used: `{}`", self.unused.join("`, `"))?;
        }
        Ok(())
    }
}
