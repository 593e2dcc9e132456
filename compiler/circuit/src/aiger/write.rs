//! Writes AIGER files.
//!
//! An exclusive or becomes three conjunctions, or fewer new ones where the netlist already holds a product
//! that they need: `x + y = !(x*y) * !(!x*!y) = !(!(x*!y) * !(!x*y))`.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use crate::names::one_line;
use crate::netlist::{Gate, Netlist, Wire};

/// The text of an ASCII file (`aag`) with symbols.
pub fn write_ascii(netlist: &Netlist) -> String {
    let graph = Graph::of(netlist);
    let mut text = graph.header("aag");
    for i in 1..=graph.inputs {
        line(&mut text, format_args!("{}", 2 * i));
    }
    graph.write_outputs(&mut text);
    for (k, [x, y]) in graph.ands.iter().enumerate() {
        line(&mut text, format_args!("{} {x} {y}", graph.literal(k)));
    }
    write_symbols(&mut text, netlist);
    text
}

/// The bytes of a binary file (`aig`) with symbols.
pub fn write_binary(netlist: &Netlist) -> Vec<u8> {
    let graph = Graph::of(netlist);
    let mut text = graph.header("aig");
    graph.write_outputs(&mut text);
    let mut bytes = text.into_bytes();
    for (k, [x, y]) in graph.ands.iter().enumerate() {
        delta(&mut bytes, graph.literal(k) - x);
        delta(&mut bytes, x - y);
    }
    let mut symbols = String::new();
    write_symbols(&mut symbols, netlist);
    bytes.extend(symbols.into_bytes());
    bytes
}

/// How many conjunctions the files have: the size of the netlist as an and-inverter graph.
pub fn count_ands(netlist: &Netlist) -> usize {
    Graph::of(netlist).ands.len()
}

/// A netlist in literals, as both formats want it: the inputs are variables 1, 2, …, then the ands.
struct Graph {
    inputs: usize,
    outputs: Vec<usize>,
    /// The literals that each and reads, the greater one first; both less than its own.
    ands: Vec<[usize; 2]>,
    known: HashMap<[usize; 2], usize>,
}

impl Graph {
    fn of(netlist: &Netlist) -> Graph {
        let products: HashSet<(Wire, Wire)> = netlist
            .gates()
            .iter()
            .filter_map(|gate| match gate {
                Gate::And(x, y) => Some((*x, *y)),
                Gate::False | Gate::Input | Gate::Xor(..) => None,
            })
            .collect();
        let mut graph = Graph {
            inputs: netlist.inputs().len(),
            outputs: Vec::new(),
            ands: Vec::new(),
            known: HashMap::new(),
        };
        let mut literals = Vec::with_capacity(netlist.gates().len());
        for (i, gate) in netlist.gates().iter().enumerate() {
            let of = |wire: &Wire| literals[wire.gate()] ^ usize::from(wire.inverted());
            literals.push(match gate {
                Gate::False => 0,
                Gate::Input => 2 * i,
                Gate::And(x, y) => graph.and(of(x), of(y)),
                Gate::Xor(x, y) => {
                    let count = |pairs: [(Wire, Wire); 2]| {
                        pairs.iter().filter(|pair| products.contains(pair)).count()
                    };
                    let equal = count([(*x, *y), (!*x, !*y)]);
                    let unequal = count([(*x, !*y), (!*x, *y)]);
                    graph.xor(of(x), of(y), equal > unequal)
                }
            });
        }
        graph.outputs = netlist
            .outputs()
            .iter()
            .map(|o| literals[o.wire.gate()] ^ usize::from(o.wire.inverted()))
            .collect();
        graph
    }

    fn and(&mut self, x: usize, y: usize) -> usize {
        let args = [x.max(y), x.min(y)];
        let next = self.literal(self.ands.len());
        let literal = *self.known.entry(args).or_insert(next);
        if literal == next {
            self.ands.push(args);
        }
        literal
    }

    /// `x + y` from the products of equal values or from those of unequal ones.
    fn xor(&mut self, x: usize, y: usize, from_equal: bool) -> usize {
        let y = y ^ usize::from(from_equal);
        let first = self.and(x, y ^ 1);
        let second = self.and(x ^ 1, y);
        self.and(first ^ 1, second ^ 1) ^ usize::from(!from_equal)
    }

    /// The literal of and number `k`.
    fn literal(&self, k: usize) -> usize {
        2 * (1 + self.inputs + k)
    }

    fn header(&self, format: &str) -> String {
        let (inputs, ands) = (self.inputs, self.ands.len());
        let outputs = self.outputs.len();
        format!("{format} {} {inputs} 0 {outputs} {ands}\n", inputs + ands)
    }

    fn write_outputs(&self, text: &mut String) {
        for literal in &self.outputs {
            line(text, format_args!("{literal}"));
        }
    }
}

fn write_symbols(text: &mut String, netlist: &Netlist) {
    for (i, name) in netlist.inputs().iter().enumerate() {
        line(text, format_args!("i{i} {}", one_line(name)));
    }
    for (i, output) in netlist.outputs().iter().enumerate() {
        line(text, format_args!("o{i} {}", one_line(&output.name)));
    }
}

/// Seven bits a byte, the lowest first, the top bit set in all but the last.
fn delta(bytes: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        bytes.push(value as u8 & 0x7f | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{line}");
}
