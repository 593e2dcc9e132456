//! Builds netlists gate by gate, simplifying on the way.
//!
//! Equal gates become one (structural hashing), constants are folded, the two-level rules of `rules`
//! apply, and [`Builder::finish`] drops the gates that no output needs.

use std::collections::HashMap;

use super::rules::{Found, and_rule, xor_rule};
use super::syntax::{Gate, Netlist, Output, Wire};

/// A netlist under construction.
///
/// ```
/// use lentil_circuit::Builder;
/// let mut b = Builder::new(vec!["x".into(), "y".into()]);
/// let (x, y) = (b.input(0), b.input(1));
/// let (carry, sum) = (b.and(x, y), b.xor(x, y));
/// let adder = b.finish(vec![("carry".into(), carry), ("sum".into(), sum)]);
/// assert_eq!(adder.eval_words(&[0b1100, 0b1010]), [0b1000, 0b0110]);
/// ```
#[derive(Clone, Debug)]
pub struct Builder {
    gates: Vec<Gate>,
    inputs: Vec<String>,
    // Looked up, never walked through: the order of its entries shows nowhere.
    known: HashMap<Gate, Wire>,
}

impl Builder {
    /// A netlist with these inputs and no gates.
    pub fn new(inputs: Vec<String>) -> Builder {
        let mut gates = vec![Gate::False];
        gates.extend(inputs.iter().map(|_| Gate::Input));
        Builder {
            gates,
            inputs,
            known: HashMap::new(),
        }
    }

    /// The wire of input `i`.
    ///
    /// # Panics
    /// If there are not so many inputs.
    pub fn input(&self, i: usize) -> Wire {
        assert!(i < self.inputs.len(), "input {i} of {}", self.inputs.len());
        Wire::of(i + 1)
    }

    /// Number of gates so far, dead ones included.
    pub fn len(&self) -> usize {
        self.gates.len()
    }

    /// Whether there are no inputs and no gates.
    pub fn is_empty(&self) -> bool {
        self.gates.len() == 1
    }

    /// Conjunction: `x * y` in Z2.
    pub fn and(&mut self, x: Wire, y: Wire) -> Wire {
        self.follow(Found::And(x, y))
    }

    /// Disjunction.
    pub fn or(&mut self, x: Wire, y: Wire) -> Wire {
        !self.and(!x, !y)
    }

    /// Exclusive or: `x + y` in Z2.
    pub fn xor(&mut self, x: Wire, y: Wire) -> Wire {
        self.follow(Found::Xor(x, y))
    }

    /// `yes` if the condition is 1, else `no`.
    pub fn mux(&mut self, condition: Wire, yes: Wire, no: Wire) -> Wire {
        let on = self.and(condition, yes);
        let off = self.and(!condition, no);
        self.or(on, off)
    }

    /// Folds with an associative gate as a balanced tree: least depth, and as many gates as a chain.
    pub fn tree(
        &mut self,
        mut wires: Vec<Wire>,
        empty: Wire,
        mut gate: impl FnMut(&mut Builder, Wire, Wire) -> Wire,
    ) -> Wire {
        while wires.len() > 1 {
            wires = wires
                .chunks(2)
                .map(|pair| match pair {
                    [x, y] => gate(self, *x, *y),
                    rest => rest[0],
                })
                .collect();
        }
        wires.first().copied().unwrap_or(empty)
    }

    /// Ends the netlist with named outputs; gates that none of them needs are dropped. Inputs stay.
    pub fn finish(self, outputs: Vec<(String, Wire)>) -> Netlist {
        let first = 1 + self.inputs.len();
        let mut live = vec![false; self.gates.len()];
        for (_, wire) in &outputs {
            live[wire.gate()] = true;
        }
        for i in (first..self.gates.len()).rev() {
            if let (true, Gate::And(x, y) | Gate::Xor(x, y)) = (live[i], self.gates[i]) {
                live[x.gate()] = true;
                live[y.gate()] = true;
            }
        }

        let mut gates = self.gates[..first].to_vec();
        let mut place: Vec<usize> = (0..self.gates.len()).collect();
        let moved = |place: &[usize], w: Wire| Wire::of(place[w.gate()]).inverted_if(w.inverted());
        for i in first..self.gates.len() {
            if live[i] {
                place[i] = gates.len();
                gates.push(match self.gates[i] {
                    Gate::And(x, y) => Gate::And(moved(&place, x), moved(&place, y)),
                    Gate::Xor(x, y) => Gate::Xor(moved(&place, x), moved(&place, y)),
                    gate @ (Gate::False | Gate::Input) => gate,
                });
            }
        }
        let outputs = outputs
            .into_iter()
            .map(|(name, wire)| Output {
                name,
                wire: moved(&place, wire),
            })
            .collect();
        Netlist::new(gates, self.inputs, outputs)
    }

    /// Applies rules until none fires. A loop and not a recursion: a long chain must not use up the stack.
    fn follow(&mut self, mut found: Found) -> Wire {
        let mut inverted = false;
        loop {
            found = match found {
                Found::Wire(wire) => return wire.inverted_if(inverted),
                Found::Nand(x, y) => {
                    inverted = !inverted;
                    Found::And(x, y)
                }
                Found::And(x, y) => {
                    let (x, y) = (x.min(y), x.max(y));
                    and_rule(&self.gates, x, y)
                        .unwrap_or_else(|| Found::Wire(self.gate(Gate::And(x, y))))
                }
                Found::Xor(x, y) => {
                    // Inversions move to the result, so that x + y and !x + y share their gate.
                    inverted ^= x.inverted() != y.inverted();
                    let (x, y) = (x.plain().min(y.plain()), x.plain().max(y.plain()));
                    xor_rule(&self.gates, x, y)
                        .unwrap_or_else(|| Found::Wire(self.gate(Gate::Xor(x, y))))
                }
            };
        }
    }

    fn gate(&mut self, gate: Gate) -> Wire {
        let next = Wire::of(self.gates.len());
        let wire = *self.known.entry(gate).or_insert(next);
        if wire == next {
            self.gates.push(gate);
        }
        wire
    }
}
