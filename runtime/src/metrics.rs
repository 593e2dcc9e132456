//! Figures of merit, and the watch over the loss.

use lentil_unary::value::{Array, Data};

use crate::error::RuntimeError;

/// When a prediction counts as right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// The greatest element of the prediction stands where the target's does; of equal ones the
    /// first counts, and a NaN is never right.
    Argmax,
    /// Every element is the target's.
    Exact,
}

/// So many of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score {
    /// Right predictions.
    pub right: usize,
    /// Predictions.
    pub of: usize,
}

impl Score {
    /// The share of right predictions; of no predictions, 0.
    pub fn share(self) -> f64 {
        if self.of == 0 {
            0.0
        } else {
            self.right as f64 / self.of as f64
        }
    }
}

/// Counts the rows (along the first axis) of predictions that agree with targets.
///
/// # Panics
/// If predictions and targets are not of the same shape, or scalars.
pub fn score(agreement: Agreement, predictions: &Array, targets: &Array) -> Score {
    assert_eq!(
        predictions.ty().shape,
        targets.ty().shape,
        "a target for each prediction"
    );
    let of = *predictions.ty().shape.first().expect("rows of predictions");
    let width: usize = predictions.ty().shape[1..].iter().product();
    let right = (0..of).filter(|row| {
        let range = row * width..(row + 1) * width;
        match agreement {
            Agreement::Argmax => {
                let found = argmax(range.clone(), predictions);
                found.is_some() && found == argmax(range, targets)
            }
            Agreement::Exact => range.into_iter().all(|i| equal(predictions, targets, i)),
        }
    });
    Score {
        right: right.count(),
        of,
    }
}

/// The mean loss of the examples of an epoch, from the mean losses of its steps: each of `batch`
/// examples, but for the last, which has what is left of `rows`. The first that is not finite stops
/// training.
pub fn mean_loss(
    epoch: usize,
    losses: &[f64],
    rows: usize,
    batch: usize,
) -> Result<f64, RuntimeError> {
    if let Some(step) = losses.iter().position(|loss| !loss.is_finite()) {
        return Err(RuntimeError::LossNotFinite {
            epoch,
            step: step + 1,
            loss: losses[step],
        });
    }
    // Divided before they are added, so that large losses do not add up to infinity.
    let share = |step: usize| {
        let done = step.saturating_mul(batch).min(rows);
        batch.min(rows - done) as f64 / rows.max(1) as f64
    };
    let parts = losses.iter().enumerate();
    Ok(parts.map(|(step, loss)| loss * share(step)).sum())
}

/// Whether all that is learnt is finite: a loss is taken before each step, so the last step of all
/// shows in the parameters only. States that begin infinite, such as a running minimum, are no failure
/// of a step, so those named here are parameters.
///
/// # Errors
/// The first that is not.
pub fn all_finite(
    epoch: usize,
    named: impl IntoIterator<Item = (String, Array)>,
) -> Result<(), RuntimeError> {
    for (name, array) in named {
        let wrong = match array.data() {
            Data::F32(v) => v.iter().find(|x| !x.is_finite()).copied().map(f64::from),
            Data::F64(v) => v.iter().find(|x| !x.is_finite()).copied(),
            Data::Int(_) | Data::Mod(_) | Data::Byte(_) => None,
        };
        if let Some(found) = wrong {
            return Err(RuntimeError::ParameterNotFinite { epoch, name, found });
        }
    }
    Ok(())
}

/// Where the greatest of some elements stands; `None` if one is NaN or there are none.
fn argmax(range: std::ops::Range<usize>, array: &Array) -> Option<usize> {
    let start = range.start;
    let real = |i: usize| match array.data() {
        Data::F32(v) => f64::from(v[i]),
        Data::F64(v) => v[i],
        Data::Int(v) => v[i] as f64,
        Data::Mod(v) => f64::from(v[i]),
        Data::Byte(v) => f64::from(v[i]),
    };
    let mut best: Option<(usize, f64)> = None;
    for i in range {
        let x = real(i);
        if x.is_nan() {
            return None;
        }
        if best.is_none_or(|(_, greatest)| x > greatest) {
            best = Some((i - start, x));
        }
    }
    best.map(|(position, _)| position)
}

fn equal(a: &Array, b: &Array, i: usize) -> bool {
    match (a.data(), b.data()) {
        (Data::F32(a), Data::F32(b)) => a[i] == b[i],
        (Data::F64(a), Data::F64(b)) => a[i] == b[i],
        (Data::Int(a), Data::Int(b)) => a[i] == b[i],
        (Data::Mod(a), Data::Mod(b)) => a[i] == b[i],
        (Data::Byte(a), Data::Byte(b)) => a[i] == b[i],
        // Elements of different carriers are no equals.
        (Data::F32(_) | Data::F64(_) | Data::Int(_) | Data::Mod(_) | Data::Byte(_), _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lentil_unary::carrier::{Carrier, Type};

    fn rows(carrier: Carrier, values: &[f64]) -> Array {
        Array::from_f64(Type::array(carrier, [values.len() / 2, 2]), values)
    }

    #[test]
    fn the_greatest_element_decides() {
        let nan = f64::NAN;
        let predictions = rows(Carrier::F32, &[0.9, 0.1, 0.5, 0.5, 0.2, 0.8, nan, 1.0]);
        let targets = rows(Carrier::F32, &[1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0]);
        let score = score(Agreement::Argmax, &predictions, &targets);
        assert_eq!(score, Score { right: 2, of: 4 });
        assert_eq!(score.share(), 0.5);
    }

    #[test]
    fn every_element_decides() {
        let predictions = rows(Carrier::Bit, &[1.0, 1.0, 0.0, 1.0]);
        let targets = rows(Carrier::Bit, &[1.0, 0.0, 0.0, 1.0]);
        let exact = score(Agreement::Exact, &predictions, &targets);
        assert_eq!(exact, Score { right: 1, of: 2 });
        // With the first of two ones counting, the first row would agree.
        assert_eq!(score(Agreement::Argmax, &predictions, &targets).right, 2);
        assert_eq!(Score { right: 0, of: 0 }.share(), 0.0);
    }

    #[test]
    fn losses_are_averaged_or_refused() {
        assert_eq!(mean_loss(1, &[1.0, 2.0, 3.0], 9, 3).unwrap(), 2.0);
        assert_eq!(mean_loss(1, &[f64::MAX, f64::MAX], 8, 4).unwrap(), f64::MAX);
        // The last step has one example of five.
        assert_eq!(mean_loss(1, &[1.0, 6.0], 5, 4).unwrap(), 2.0);
        assert_eq!(mean_loss(1, &[], 0, 4).unwrap(), 0.0);
        let error = mean_loss(3, &[1.0, f64::NAN, f64::INFINITY], 3, 1).unwrap_err();
        assert_eq!(error.to_string(), "epoch 3, step 2: the loss is NaN");
        let error = mean_loss(1, &[f64::NEG_INFINITY], 1, 1).unwrap_err();
        assert_eq!(error.to_string(), "epoch 1, step 1: the loss is -inf");
    }
}
