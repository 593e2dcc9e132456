//! Evaluates a netlist, 64 samples a word: bit `k` of every word belongs to sample `k`.

use super::syntax::{Gate, Netlist, Wire};
use crate::words;

impl Netlist {
    /// The outputs at 64 samples: one word for each input, one word for each output.
    ///
    /// # Panics
    /// If the number of words is not the number of inputs.
    pub fn eval_words(&self, inputs: &[u64]) -> Vec<u64> {
        let mut values = Vec::new();
        self.eval_gates(inputs, &mut values);
        self.outputs.iter().map(|o| read(&values, o.wire)).collect()
    }

    /// The outputs at one sample.
    ///
    /// # Panics
    /// If the number of bits is not the number of inputs.
    pub fn eval(&self, inputs: &[bool]) -> Vec<bool> {
        let inputs: Vec<u64> = inputs.iter().map(|&x| u64::from(x)).collect();
        self.eval_words(&inputs)
            .iter()
            .map(|w| w & 1 == 1)
            .collect()
    }

    /// The outputs at any number of samples, 64 at a time: samples one after another, a byte (0 or 1)
    /// for each input; the outputs in the same form.
    ///
    /// # Panics
    /// If the bytes are not those of `samples` samples.
    pub fn predict(&self, samples: usize, bytes: &[u8]) -> Vec<u8> {
        let width = self.inputs.len();
        assert_eq!(
            bytes.len(),
            samples * width,
            "{samples} samples of {width} inputs"
        );
        let mut result = Vec::with_capacity(samples * self.outputs.len());
        let mut values = Vec::new();
        for start in (0..samples).step_by(64) {
            let lanes = (samples - start).min(64);
            let packed = words::pack(lanes, &bytes[start * width..(start + lanes) * width]);
            self.eval_gates(&packed, &mut values);
            let packed: Vec<u64> = self.outputs.iter().map(|o| read(&values, o.wire)).collect();
            result.extend(words::unpack(lanes, &packed));
        }
        result
    }

    /// One word for each gate, into a buffer that can be used again.
    fn eval_gates(&self, inputs: &[u64], values: &mut Vec<u64>) {
        assert_eq!(inputs.len(), self.inputs.len(), "a word for each input");
        values.clear();
        for (i, gate) in self.gates.iter().enumerate() {
            values.push(match *gate {
                Gate::False => 0,
                Gate::Input => inputs[i - 1],
                Gate::And(x, y) => read(values, x) & read(values, y),
                Gate::Xor(x, y) => read(values, x) ^ read(values, y),
            });
        }
    }
}

fn read(values: &[u64], wire: Wire) -> u64 {
    let word = values[wire.gate()];
    if wire.inverted() { !word } else { word }
}
