//! Prints a netlist, one gate a line.
//!
//! ```text
//! input  %1 = x
//! input  %2 = y
//! and    %3 = %1 !%2
//! output z = !%3
//! ```

use std::fmt;

use super::syntax::{Gate, Netlist};

impl fmt::Display for Netlist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, gate) in self.gates.iter().enumerate() {
            match gate {
                Gate::False => {}
                Gate::Input => writeln!(f, "input  %{i} = {}", self.inputs[i - 1])?,
                Gate::And(x, y) => writeln!(f, "and    %{i} = {x} {y}")?,
                Gate::Xor(x, y) => writeln!(f, "xor    %{i} = {x} {y}")?,
            }
        }
        for output in &self.outputs {
            writeln!(f, "output {} = {}", output.name, output.wire)?;
        }
        Ok(())
    }
}
