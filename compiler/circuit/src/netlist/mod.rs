//! The netlist: a directed acyclic graph of two-input gates with inversion on the wires.

mod build;
mod check;
mod eval;
mod print;
mod rules;
mod syntax;

pub use build::Builder;
pub use check::check;
pub use syntax::{Gate, Netlist, Output, Statistics, Wire};
