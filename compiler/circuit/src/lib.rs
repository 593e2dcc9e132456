//! The boolean target: programs over bits become netlists of gates.
//!
//! [`lower()`] unfolds a resolved region of unary form into a [`Netlist`], some parameters fixed to given
//! arrays (a trained model's parameters become constants), the others inputs.
//! A netlist is simplified while it is built, runs 64 samples a word, is compared with another on all
//! inputs, and is written as AIGER, BLIF or structural Verilog; AIGER is read as well.
//!
//! A netlist is a *finished forward circuit*: its rewrites hold for functions of 0 and 1 (`x * x = x`),
//! not for polynomials, so they must never run before the reverse derivative is taken.

pub mod aiger;
pub mod blif;
pub mod equivalence;
pub mod lower;
pub mod names;
pub mod netlist;
pub mod verilog;
pub mod words;

pub use equivalence::{Counterexample, Undecided, Verdict, equivalent};
pub use lower::{Options, Refusal, lower, lower_with};
pub use netlist::{Builder, Gate, Netlist, Output, Statistics, Wire};
