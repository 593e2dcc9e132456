//! What the caller chooses, and why a program may be refused.

use std::fmt;

/// How to lower a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether results must equal the evaluator's bit for bit.
    /// Otherwise sums may be reassociated, and matrix products and exponentials go to library kernels.
    pub exact: bool,
    /// Whether each `Bit` element is a 64-bit word that holds 64 samples.
    pub lanes: bool,
    /// How many bytes a program may need for its buffers.
    pub memory_limit: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            exact: false,
            lanes: false,
            memory_limit: 8 << 30,
        }
    }
}

/// Why a program is not compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It asks one bit of 64 samples, but the 64 samples may disagree.
    Lanes(&'static str),
    /// Its buffers need more bytes than the limit.
    Memory {
        /// How many it needs, or `None` if the number itself is too large.
        bytes: Option<usize>,
        /// How many it may have.
        limit: usize,
    },
    /// It still contains a derivative that has not been derived.
    Unresolved(&'static str),
    /// The machine code could not be made.
    Machine(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Lanes(what) => write!(f, "64 samples a word allow no {what}"),
            Refusal::Memory {
                bytes: Some(bytes),
                limit,
            } => write!(
                f,
                "the program needs {bytes} bytes for its values; the limit is {limit}"
            ),
            Refusal::Memory { bytes: None, limit } => write!(
                f,
                "the sizes of the program's values cannot be counted; the limit is {limit} bytes"
            ),
            Refusal::Unresolved(what) => write!(f, "an unresolved {what} derivative"),
            Refusal::Machine(why) => write!(f, "no machine code: {why}"),
        }
    }
}

impl std::error::Error for Refusal {}
