//! Makes the names of inputs, outputs and gates fit the formats, and keeps them distinct.

use std::collections::{BTreeMap, BTreeSet};

use crate::netlist::Netlist;

/// The names of a netlist's wires in one file, all different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The name of the circuit.
    pub model: String,
    /// One for each input.
    pub inputs: Vec<String>,
    /// One for each output.
    pub outputs: Vec<String>,
    /// One for each gate, by its number: the inputs' names again, and `n7` for gate 7.
    pub gates: Vec<String>,
}

impl Names {
    /// Names for a circuit: each passed through `legal`, and numbered (`x_2`) where that makes two equal.
    /// A name in `reserved` is numbered as well.
    pub fn of(
        netlist: &Netlist,
        model: &str,
        legal: fn(&str) -> String,
        reserved: &[&str],
    ) -> Names {
        let mut taken = Taken::new(reserved);
        let model = taken.unique(legal(model));
        let inputs: Vec<String> = netlist
            .inputs()
            .iter()
            .map(|name| taken.unique(legal(name)))
            .collect();
        let outputs = netlist
            .outputs()
            .iter()
            .map(|output| taken.unique(legal(&output.name)))
            .collect();
        let mut gates = vec![String::new()]; // the constant is written as such
        gates.extend(inputs.iter().cloned());
        for i in gates.len()..netlist.gates().len() {
            gates.push(taken.unique(format!("n{i}")));
        }
        Names {
            model,
            inputs,
            outputs,
            gates,
        }
    }
}

/// A Verilog identifier: letters, digits and `_`; what stands for an index becomes `_`: `x[1][2]` is `x_1_2`.
pub fn verilog(name: &str) -> String {
    let mut word = String::with_capacity(name.len());
    for c in name.trim_end_matches(']').chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            word.push(c);
        } else if !word.ends_with('_') {
            word.push('_');
        }
    }
    if !word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        word.insert(0, '_');
    }
    word
}

/// A BLIF name: any visible ASCII characters but those with a meaning of their own.
pub fn blif(name: &str) -> String {
    let word: String = name
        .chars()
        .map(|c| match c {
            '#' | '=' | '\\' | '"' => '_',
            c if c.is_ascii_graphic() => c,
            _ => '_',
        })
        .collect();
    // A leading dot would read as a command.
    match word.strip_prefix('.') {
        Some(rest) => format!("_{rest}"),
        None if word.is_empty() => "_".to_string(),
        None => word,
    }
}

/// A name on a line of its own: control characters become `_`.
pub fn one_line(name: &str) -> String {
    name.replace(char::is_control, "_")
}

struct Taken {
    names: BTreeSet<String>,
    // Where to go on counting, so that many equal names stay cheap.
    next: BTreeMap<String, usize>,
}

impl Taken {
    fn new(reserved: &[&str]) -> Taken {
        Taken {
            names: reserved.iter().map(|s| s.to_string()).collect(),
            next: BTreeMap::new(),
        }
    }

    fn unique(&mut self, wanted: String) -> String {
        if self.names.insert(wanted.clone()) {
            return wanted;
        }
        let next = self.next.entry(wanted.clone()).or_insert(2);
        loop {
            let name = format!("{wanted}_{next}");
            *next += 1;
            if self.names.insert(name.clone()) {
                return name;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::netlist::Builder;

    #[test]
    fn names_become_legal() {
        let table = [
            ("x", "x", "x"),
            ("w[3]", "w_3", "w[3]"),
            ("w[3][12]", "w_3_12", "w[3][12]"),
            ("hidden.w[0]", "hidden_w_0", "hidden.w[0]"),
            ("3 x", "_3_x", "3_x"),
            (".names", "_names", "_names"),
            ("é#=", "_", "___"),
            ("", "_", "_"),
        ];
        for (name, in_verilog, in_blif) in table {
            assert_eq!(verilog(name), in_verilog, "{name}");
            assert_eq!(blif(name), in_blif, "{name}");
        }
        assert_eq!(one_line("a\nb\r"), "a_b_");
    }

    #[test]
    fn names_stay_distinct() {
        let mut b = Builder::new(vec!["x[1]".into(), "x_1".into(), "n4".into()]);
        let both = b.and(b.input(0), b.input(1));
        let netlist = b.finish(vec![("x_1".into(), both), ("wire".into(), both)]);
        let names = Names::of(&netlist, "x_1", verilog, &["wire"]);
        assert_eq!(names.model, "x_1");
        assert_eq!(names.inputs, ["x_1_2", "x_1_3", "n4"]);
        assert_eq!(names.outputs, ["x_1_4", "wire_2"]);
        assert_eq!(names.gates[4], "n4_2");
    }
}
