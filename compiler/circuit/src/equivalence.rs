//! Whether two netlists compute the same function, by trying all inputs, 64 at a time.

use std::fmt;

use crate::netlist::Netlist;

/// The most inputs that are tried exhaustively: 2^20 samples are 16,384 words.
pub const MOST_INPUTS: usize = 20;

/// What a comparison found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The netlists agree on every input.
    Equal,
    /// They differ, here first.
    Differ(Counterexample),
}

/// An input at which two netlists differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample {
    /// The value of each input, by the names of the first netlist.
    pub inputs: Vec<(String, bool)>,
    /// The name of the first output that differs, as the first netlist calls it.
    pub output: String,
    /// Its value in the first netlist; in the second it is the other one.
    pub first: bool,
}

/// Why a comparison could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undecided {
    /// The netlists have different numbers of inputs or outputs.
    Interface {
        /// Inputs and outputs of the first.
        first: (usize, usize),
        /// Inputs and outputs of the second.
        second: (usize, usize),
    },
    /// There are too many inputs to try them all.
    TooManyInputs(usize),
}

/// Compares two netlists on all inputs; inputs and outputs correspond by position, not by name.
/// More than [`MOST_INPUTS`] inputs are refused.
pub fn equivalent(first: &Netlist, second: &Netlist) -> Result<Verdict, Undecided> {
    let interface = |n: &Netlist| (n.inputs().len(), n.outputs().len());
    if interface(first) != interface(second) {
        return Err(Undecided::Interface {
            first: interface(first),
            second: interface(second),
        });
    }
    let inputs = first.inputs().len();
    if inputs > MOST_INPUTS {
        return Err(Undecided::TooManyInputs(inputs));
    }
    for block in 0..1usize << inputs.saturating_sub(6) {
        let words = all_inputs(inputs, block);
        let (a, b) = (first.eval_words(&words), second.eval_words(&words));
        let Some(output) = (0..a.len()).find(|&k| a[k] != b[k]) else {
            continue;
        };
        // With fewer than six inputs the higher lanes repeat the lower ones, so the lane found is real.
        let lane = (a[output] ^ b[output]).trailing_zeros();
        let bit = |word: u64| word >> lane & 1 == 1;
        return Ok(Verdict::Differ(Counterexample {
            inputs: first
                .inputs()
                .iter()
                .cloned()
                .zip(words.into_iter().map(bit))
                .collect(),
            output: first.outputs()[output].name.clone(),
            first: bit(a[output]),
        }));
    }
    Ok(Verdict::Equal)
}

/// The words that try inputs number `64 * block` to `64 * block + 63`; input `i` is bit `i` of the number.
fn all_inputs(inputs: usize, block: usize) -> Vec<u64> {
    // Within a word the first six inputs run through all their combinations.
    const LANES: [u64; 6] = [
        0xaaaa_aaaa_aaaa_aaaa,
        0xcccc_cccc_cccc_cccc,
        0xf0f0_f0f0_f0f0_f0f0,
        0xff00_ff00_ff00_ff00,
        0xffff_0000_ffff_0000,
        0xffff_ffff_0000_0000,
    ];
    (0..inputs)
        .map(|i| match LANES.get(i) {
            Some(&lanes) => lanes,
            None if block >> (i - 6) & 1 == 1 => u64::MAX,
            None => 0,
        })
        .collect()
}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "output {} is {} in the first and {} in the second at",
            self.output,
            u8::from(self.first),
            u8::from(!self.first)
        )?;
        if self.inputs.is_empty() {
            return write!(f, " no input");
        }
        for (name, value) in &self.inputs {
            write!(f, " {name}={}", u8::from(*value))?;
        }
        Ok(())
    }
}

impl fmt::Display for Undecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Undecided::Interface { first, second } => write!(
                f,
                "the first circuit has {} inputs and {} outputs, the second {} and {}",
                first.0, first.1, second.0, second.1
            ),
            Undecided::TooManyInputs(n) => write!(
                f,
                "{n} inputs are too many to try them all: at most {MOST_INPUTS} can be compared"
            ),
        }
    }
}

impl std::error::Error for Undecided {}
