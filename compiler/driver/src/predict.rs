//! Predictions and figures of merit from parameters that were learnt.

use std::path::Path;

use lentil_jit::Compiled;
use lentil_unary::carrier::{Carrier, Type};
use lentil_unary::value::{Array, Data};

use crate::decode::{Column, decode};
use crate::draft::Places;
use crate::error::Error;
use crate::learner::{Learner, Part};
use crate::train::Figures;
use crate::trained::Trained;

/// Samples in a word.
const LANES: usize = 64;

impl Learner {
    /// What the model says about every row of a file, as columns of the target.
    ///
    /// # Errors
    /// If the file cannot be read, or a row cannot be computed.
    pub fn predict(&self, trained: &Trained, path: &Path) -> Result<Vec<Column>, Error> {
        let (rows, inputs) = self.data.inputs(path, &trained.input)?;
        let outputs = self.outputs(trained, rows, &inputs)?;
        Ok(decode(&trained.target, &self.data.schema, &outputs))
    }

    /// Loss and report on every row of a file.
    ///
    /// # Errors
    /// As [`Learner::predict`].
    pub fn evaluate(&self, trained: &Trained, path: &Path) -> Result<Figures, Error> {
        let rows = self.data.other(path, &trained.input, &trained.target)?;
        let program = self.compile(Part::Evaluate(rows.rows))?;
        self.figures(&program, &trained.params, &rows)
    }

    /// Loss and report on the program's own data: on the examples to learn from, and on those held out.
    ///
    /// # Errors
    /// As [`Learner::predict`].
    pub fn evaluate_own(&self, trained: &Trained) -> Result<(Figures, Option<Figures>), Error> {
        let (input, target) = (trained.input.clone(), trained.target.clone());
        let examples = self.data.examples_with(input, target)?;
        let program = self.compile(Part::Evaluate(examples.train.rows))?;
        let train = self.figures(&program, &trained.params, &examples.train)?;
        if examples.test.rows == 0 {
            return Ok((train, None));
        }
        let program = self.compile(Part::Evaluate(examples.test.rows))?;
        let test = self.figures(&program, &trained.params, &examples.test)?;
        Ok((train, Some(test)))
    }

    /// Whether inputs and outputs are bits, so that 64 examples fit in a word.
    pub fn is_boolean(&self) -> bool {
        let bits = |ty: &Type| ty.carrier == Carrier::Bit;
        bits(&self.input) && self.output.iter().all(bits)
    }

    /// The model's outputs, along the first axis.
    fn outputs(&self, trained: &Trained, rows: usize, inputs: &Array) -> Result<Array, Error> {
        use crate::pipeline::Target;
        if self.program().options().target == Target::Machine
            && self.is_boolean()
            && let Some((code, places)) = self.compile_lanes()?
        {
            return self.outputs_in_lanes(&code, &places, trained, rows, inputs);
        }
        let program = self.compile(Part::Predict(rows))?;
        let args = [&trained.params[..], std::slice::from_ref(inputs)].concat();
        Ok(program.run(&args)?.remove(0))
    }

    /// The same, 64 examples a word.
    fn outputs_in_lanes(
        &self,
        code: &Compiled,
        places: &Places,
        trained: &Trained,
        rows: usize,
        inputs: &Array,
    ) -> Result<Array, Error> {
        let mut instance = code.instance();
        for (k, array) in trained.params.iter().enumerate() {
            instance.set_input(k, array);
        }
        let width = self.input.len();
        let bits = bytes(inputs);
        let mut out = Vec::new();
        for start in (0..rows).step_by(LANES) {
            let end = rows.min(start + LANES);
            let samples: Vec<Array> = (start..end)
                .map(|row| {
                    let row = bits[row * width..(row + 1) * width].to_vec();
                    Array::new(self.input.clone(), Data::Byte(row))
                })
                .collect();
            instance.set_lanes(trained.params.len(), &samples);
            instance.step().map_err(|trap| places.trap(trap))?;
            for lane in 0..samples.len() {
                out.extend_from_slice(bytes(&instance.output_lane(0, lane)));
            }
        }
        let ty = self
            .output
            .first()
            .cloned()
            .unwrap_or(Type::scalar(Carrier::Bit));
        Ok(Array::new(ty.stacked(rows), Data::Byte(out)))
    }
}

/// The bits of an array over `Bit`.
fn bytes(array: &Array) -> &[u8] {
    match array.data() {
        Data::Byte(bytes) => bytes,
        Data::F32(_) | Data::F64(_) | Data::Int(_) | Data::Mod(_) => &[],
    }
}
