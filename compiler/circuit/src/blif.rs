//! Writes BLIF, the Berkeley Logic Interchange Format: one `.names` table for each gate.

use std::fmt::Write;

use crate::names::{self, Names};
use crate::netlist::{Gate, Netlist, Wire};

/// The text of a BLIF file with one model.
/// Names are made legal and distinct; inputs and outputs keep their order.
pub fn write(netlist: &Netlist, model: &str) -> String {
    let names = Names::of(netlist, model, names::blif, &[]);
    let mut text = format!(".model {}\n", names.model);
    list(&mut text, ".inputs", &names.inputs);
    list(&mut text, ".outputs", &names.outputs);
    for (i, gate) in netlist.gates().iter().enumerate() {
        let rows: &[[bool; 2]] = match gate {
            Gate::False | Gate::Input => continue,
            Gate::And(..) => &[[true, true]],
            Gate::Xor(..) => &[[true, false], [false, true]],
        };
        if let Gate::And(x, y) | Gate::Xor(x, y) = gate {
            let [x_name, y_name] = [x, y].map(|w| &names.gates[w.gate()]);
            line(
                &mut text,
                format_args!(".names {x_name} {y_name} {}", names.gates[i]),
            );
            for [on_x, on_y] in rows {
                line(
                    &mut text,
                    format_args!("{}{} 1", bit(*on_x, *x), bit(*on_y, *y)),
                );
            }
        }
    }
    for (output, name) in netlist.outputs().iter().zip(&names.outputs) {
        match output.wire.value() {
            // A table without rows is the constant 0.
            Some(value) => {
                line(&mut text, format_args!(".names {name}"));
                text.push_str(if value { "1\n" } else { "" });
            }
            None => {
                let source = &names.gates[output.wire.gate()];
                line(&mut text, format_args!(".names {source} {name}"));
                line(&mut text, format_args!("{} 1", bit(true, output.wire)));
            }
        }
    }
    text.push_str(".end\n");
    text
}

/// A command with its names, ten a line; a backslash continues a line.
fn list(text: &mut String, command: &str, names: &[String]) {
    text.push_str(command);
    for (i, name) in names.iter().enumerate() {
        if i > 0 && i % 10 == 0 {
            text.push_str(" \\\n ");
        }
        text.push(' ');
        text.push_str(name);
    }
    text.push('\n');
}

/// The column of a row: what a wire's gate gives if the wire is to be `on`.
fn bit(on: bool, wire: Wire) -> u8 {
    u8::from(on != wire.inverted())
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{line}");
}
