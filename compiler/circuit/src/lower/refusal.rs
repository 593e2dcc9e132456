//! Why a program cannot become gates.

use std::fmt;

use lentil_unary::{Site, Trap, Type};

/// Why a program cannot become gates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The arrays given do not fit the parameters.
    Arguments(String),
    /// A parameter that is not fixed and is no bits.
    Parameter {
        /// Its position.
        index: usize,
        /// Its type.
        ty: Type,
    },
    /// A result that is no bits.
    Result {
        /// Its position.
        index: usize,
        /// Its type.
        ty: Type,
    },
    /// A number that depends on an input.
    Depends {
        /// The operation that would compute it.
        operation: String,
        /// The type it would have.
        ty: Type,
    },
    /// A derivative that is not resolved.
    Derivative(String),
    /// An index out of range: every run of the program would stop there.
    Trap(Trap),
    /// More elements than [`super::Options::limit`] would have to be computed.
    TooLarge(usize),
}

impl Refusal {
    /// The place in the source, where it is known.
    pub fn site(&self) -> Option<Site> {
        match self {
            Refusal::Trap(trap) => Some(trap.site),
            Refusal::Arguments(_)
            | Refusal::Parameter { .. }
            | Refusal::Result { .. }
            | Refusal::Depends { .. }
            | Refusal::Derivative(_)
            | Refusal::TooLarge(_) => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Arguments(why) => write!(f, "{why}"),
            Refusal::Parameter { index, ty } => write!(
                f,
                "parameter {index} is {ty}: only bit and bool become inputs of a circuit, others must be fixed"
            ),
            Refusal::Result { index, ty } => write!(
                f,
                "result {index} is {ty}: only bit and bool become outputs of a circuit"
            ),
            Refusal::Depends { operation, ty } => write!(
                f,
                "`{operation}` gives {ty} that depends on an input: only bit and bool become gates"
            ),
            Refusal::Derivative(name) => {
                write!(
                    f,
                    "the derivative of `{name}` must be resolved before it becomes gates"
                )
            }
            Refusal::Trap(trap) => write!(
                f,
                "index {} is out of range for an axis of length {}",
                trap.index, trap.size
            ),
            Refusal::TooLarge(limit) => write!(
                f,
                "the circuit takes more than {limit} elements to compute; the limit can be raised"
            ),
        }
    }
}

impl std::error::Error for Refusal {}
