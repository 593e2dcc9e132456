//! The invariants of a netlist:
//!
//! 1. gate 0 is the constant, gates 1 to `inputs` are the inputs, all others are conjunctions and
//!    exclusive ors;
//! 2. a gate reads only gates before it, and no constant;
//! 3. the two wires of a gate come from different gates and stand in order;
//! 4. an exclusive or reads no inverted wire;
//! 5. no two gates are equal;
//! 6. outputs name gates that exist, and every gate but constant and inputs is needed by an output.

use std::collections::BTreeSet;

use super::syntax::{Gate, Netlist};

/// Checks the invariants; tells in words which gate breaks one.
pub fn check(netlist: &Netlist) -> Result<(), String> {
    let first = 1 + netlist.inputs().len();
    let mut seen = BTreeSet::new();
    let mut needed = vec![false; netlist.gates().len()];
    if netlist.gates().len() < first {
        return Err("fewer gates than inputs".to_string());
    }
    for (i, gate) in netlist.gates().iter().enumerate() {
        let fail = |why: &str| Err(format!("gate %{i} {why}"));
        let (kind, x, y) = match *gate {
            Gate::False if i == 0 => continue,
            Gate::Input if (1..first).contains(&i) => continue,
            Gate::False | Gate::Input => return fail("is a constant or an input out of place"),
            Gate::And(..) | Gate::Xor(..) if i < first => {
                return fail("stands where the constant or an input should");
            }
            Gate::And(x, y) => (0, x, y),
            Gate::Xor(x, y) => (1, x, y),
        };
        if x.gate() >= i || y.gate() >= i {
            return fail("reads a gate that is not before it");
        }
        if x.value().is_some() || y.value().is_some() {
            return fail("reads a constant");
        }
        if x.gate() >= y.gate() {
            return fail("reads wires out of order, or one twice");
        }
        if kind == 1 && (x.inverted() || y.inverted()) {
            return fail("is an exclusive or of an inverted wire");
        }
        if !seen.insert((kind, x, y)) {
            return fail("equals an earlier gate");
        }
    }
    for output in netlist.outputs() {
        match needed.get_mut(output.wire.gate()) {
            Some(gate) => *gate = true,
            None => return Err(format!("output {} comes from no gate", output.name)),
        }
    }
    for i in (first..netlist.gates().len()).rev() {
        if !needed[i] {
            return Err(format!("gate %{i} is not needed by any output"));
        }
        if let Gate::And(x, y) | Gate::Xor(x, y) = netlist.gates()[i] {
            needed[x.gate()] = true;
            needed[y.gate()] = true;
        }
    }
    Ok(())
}
