//! The data type of netlists.

use std::fmt;
use std::ops::Not;

/// The output of a gate, possibly inverted: an inverter costs nothing and is no gate.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Wire(u32);

impl Wire {
    /// Always 0.
    pub const FALSE: Wire = Wire(0);
    /// Always 1.
    pub const TRUE: Wire = Wire(1);

    /// The output of gate number `gate`, not inverted.
    ///
    /// # Panics
    /// If there are more than 2^31 gates; the limits of lowering and of the readers keep far below.
    pub fn of(gate: usize) -> Wire {
        assert!(gate < 1 << 31, "a netlist of more than 2^31 gates");
        Wire((gate as u32) << 1)
    }

    /// The constant wire of a value.
    pub fn constant(value: bool) -> Wire {
        Wire(u32::from(value))
    }

    /// The number of its gate.
    pub fn gate(self) -> usize {
        (self.0 >> 1) as usize
    }

    /// Whether it is inverted.
    pub fn inverted(self) -> bool {
        self.0 & 1 == 1
    }

    /// The same wire, inverted if `when` holds.
    pub fn inverted_if(self, when: bool) -> Wire {
        Wire(self.0 ^ u32::from(when))
    }

    /// The same gate's output, not inverted.
    pub fn plain(self) -> Wire {
        Wire(self.0 & !1)
    }

    /// Its value, if it is a constant.
    pub fn value(self) -> Option<bool> {
        (self.gate() == 0).then_some(self.inverted())
    }
}

impl Not for Wire {
    type Output = Wire;

    fn not(self) -> Wire {
        self.inverted_if(true)
    }
}

impl fmt::Display for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value() {
            Some(value) => write!(f, "{}", u8::from(value)),
            None => write!(
                f,
                "{}%{}",
                if self.inverted() { "!" } else { "" },
                self.gate()
            ),
        }
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Gate {
    /// The constant 0: gate 0 of every netlist, and no other.
    False,
    /// An input: gate `1 + i` is input `i`.
    Input,
    /// Conjunction: multiplication in Z2.
    And(Wire, Wire),
    /// Exclusive or: addition in Z2.
    Xor(Wire, Wire),
}

/// A named result of a netlist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its name, as `y[3]`.
    pub name: String,
    /// Where its value comes from.
    pub wire: Wire,
}

/// A combinational circuit. The invariants are those of [`super::check`]; [`super::Builder`] keeps them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Netlist {
    pub(super) gates: Vec<Gate>,
    pub(super) inputs: Vec<String>,
    pub(super) outputs: Vec<Output>,
}

/// The size of a netlist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// Number of inputs.
    pub inputs: usize,
    /// Number of outputs.
    pub outputs: usize,
    /// Number of conjunctions.
    pub ands: usize,
    /// Number of exclusive ors.
    pub xors: usize,
    /// The most gates on a path from an input to an output; inverters do not count.
    pub depth: usize,
}

impl Netlist {
    /// A netlist from its parts, which must pass [`super::check`].
    pub fn new(gates: Vec<Gate>, inputs: Vec<String>, outputs: Vec<Output>) -> Netlist {
        Netlist {
            gates,
            inputs,
            outputs,
        }
    }

    /// All gates, each after those it reads: the constant, the inputs, then the others.
    pub fn gates(&self) -> &[Gate] {
        &self.gates
    }

    /// The names of the inputs.
    pub fn inputs(&self) -> &[String] {
        &self.inputs
    }

    /// The outputs.
    pub fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    /// Counts gates and depth.
    pub fn statistics(&self) -> Statistics {
        let mut depths = vec![0usize; self.gates.len()];
        let (mut ands, mut xors) = (0, 0);
        for (i, gate) in self.gates.iter().enumerate() {
            match gate {
                Gate::False | Gate::Input => continue,
                Gate::And(a, b) | Gate::Xor(a, b) => {
                    depths[i] = 1 + depths[a.gate()].max(depths[b.gate()]);
                }
            }
            ands += usize::from(matches!(gate, Gate::And(..)));
            xors += usize::from(matches!(gate, Gate::Xor(..)));
        }
        Statistics {
            inputs: self.inputs.len(),
            outputs: self.outputs.len(),
            ands,
            xors,
            depth: self
                .outputs
                .iter()
                .map(|o| depths[o.wire.gate()])
                .max()
                .unwrap_or(0),
        }
    }
}

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "inputs {}, outputs {}, ands {}, xors {}, depth {}",
            self.inputs, self.outputs, self.ands, self.xors, self.depth
        )
    }
}
