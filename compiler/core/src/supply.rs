//! What a model is applied with, besides its inputs.

use std::sync::Arc;

use crate::value::Value;

/// What a model is applied for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// To learn: `mode == train`; states get next values.
    Train,
    /// To be used: `mode == predict`; states are read only.
    Predict,
}

impl Phase {
    /// The phase of a word.
    pub fn named(name: &str) -> Option<Phase> {
        match name {
            "train" => Some(Phase::Train),
            "predict" => Some(Phase::Predict),
            _ => None,
        }
    }
}

/// Parameters, states, a key and a phase.
#[derive(Clone, Debug)]
pub struct Supply {
    /// Its parameters and the current values of its states, as one record of paths.
    pub params: Value,
    /// What its random numbers come from, if it is given a key.
    pub key: Option<Source>,
    /// What it is applied for.
    pub phase: Phase,
    /// The number of each row of a batch, for a model that takes the batch itself.
    pub rows: Option<Value>,
    /// Where the next values of its states are written down, and the path they have there;
    /// `None` where nobody wants them.
    pub ledger: Option<(u32, Arc<str>)>,
}

/// A key and what is still to be folded into it: keys are made only where they are used.
#[derive(Clone, Debug)]
pub struct Source {
    /// The key.
    pub key: Value,
    /// The path's segments from there.
    pub path: Vec<Segment>,
    /// How many loops surrounded it: those that surround its use too give it their iteration.
    pub loops: usize,
}

/// A segment of a path, as the number that is folded into a key.
#[derive(Clone, Debug)]
pub enum Segment {
    /// A segment with a name.
    Named(u32),
    /// The layer of a loop over equal layers: its number, which is known when the program runs.
    Layer(Value),
}

impl Supply {
    /// Parameters for a prediction without a key.
    pub fn predicting(params: Value) -> Supply {
        Supply {
            params,
            key: None,
            phase: Phase::Predict,
            rows: None,
            ledger: None,
        }
    }

    /// The same with other parameters.
    pub fn with_params(&self, params: Value) -> Supply {
        Supply {
            params,
            ..self.clone()
        }
    }

    /// The same with weights that stand for its own, as where they are differentiated.
    pub fn learning(&self, weights: &Value) -> Supply {
        let (Value::Record(all), Value::Record(learnt)) = (&self.params, weights) else {
            return self.with_params(weights.clone());
        };
        let now = |(path, value): &(Arc<str>, Value)| {
            let now = learnt.get(path).unwrap_or(value);
            (path.clone(), now.clone())
        };
        self.with_params(Value::Record(all.iter().map(now).collect()))
    }

    /// What a part has whose parameters stand below a segment.
    pub fn below(&self, params: Value, segment: Option<&str>) -> Supply {
        let Some(segment) = segment else {
            return self.with_params(params);
        };
        let mut key = self.key.clone();
        if let Some(source) = &mut key {
            source.path.push(Segment::Named(path_number(segment)));
        }
        let ledger = self.ledger.as_ref().map(|(id, path)| {
            let path = match path.is_empty() {
                true => segment.into(),
                false => format!("{path}.{segment}").into(),
            };
            (*id, path)
        });
        Supply {
            params,
            key,
            ledger,
            ..self.clone()
        }
    }
}

/// A number for a path, or for a segment of one (FNV-1a, 32 bits), under which its key is drawn.
pub(crate) fn path_number(path: &str) -> u32 {
    path.bytes().fold(0x811c_9dc5, |h, b| {
        (h ^ u32::from(b)).wrapping_mul(0x0100_0193)
    })
}
