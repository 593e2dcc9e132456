//! What the passes of this crate are told, as structs that are passed down.

/// Which identities a pass may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Arithmetic {
    /// Results stay the same bit for bit.
    /// Rings without rounding (`Bit`, `Mod`, `Int`) may still be rearranged.
    Exact,
    /// Identities over the reals may be used on floating-point numbers.
    #[default]
    Real,
}

impl Arithmetic {
    /// Whether sums over a carrier may be rearranged.
    pub fn rearranges(self, carrier: lentil_unary::Carrier) -> bool {
        match self {
            Arithmetic::Exact => !carrier.is_real(),
            Arithmetic::Real => true,
        }
    }
}

/// Options of [`crate::batch()`] and [`crate::vectorise()`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VectoriseOptions {
    /// Whether sums of floating-point numbers may be rearranged (a sum over a loop's iterations into one
    /// reduction, sums moved into matrix products).
    pub arithmetic: Arithmetic,
    /// A conditional whose condition differs between the elements of a batch becomes a selection
    /// if its two arms together take at most so many element operations, and neither can trap.
    /// Zero: such a conditional always stays one, inside a loop over the batch.
    pub select_bound: u64,
    /// Whether derivatives have been taken. If not, such a conditional becomes a selection only where
    /// the derivative of the arm that is not taken is sure to vanish, whatever that arm computes:
    /// 0 · ∞ would be no zero.
    pub derivatives: Derivatives,
    /// A loop is not vectorised if that would make an intermediate array of more elements than this
    /// (and than the loop's own results have).
    pub element_limit: u64,
}

impl Default for VectoriseOptions {
    fn default() -> VectoriseOptions {
        VectoriseOptions {
            arithmetic: Arithmetic::default(),
            select_bound: 64,
            derivatives: Derivatives::default(),
            element_limit: 1 << 25,
        }
    }
}

/// Whether derivatives of the program are still to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Derivatives {
    /// They are, perhaps: only rules that commute with differentiation may be used.
    #[default]
    Ahead,
    /// They are not: identities of functions on 0 and 1 may be used on `Bit`.
    Taken,
}

/// Options of [`crate::optimise()`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Which identities may be used on floating-point numbers.
    pub arithmetic: Arithmetic,
    /// Whether derivatives have been taken.
    pub derivatives: Derivatives,
    /// One e-graph holds at most so many steps: a longer region is optimised in pieces.
    pub piece: usize,
    /// An e-graph stops growing after so many nodes more than the region has steps.
    pub node_limit: usize,
    /// The rules are applied at most so often. Zero: nothing is rewritten.
    pub iteration_limit: usize,
    /// One rule is applied at most at so many places in one iteration.
    pub match_limit: usize,
    /// How many changes are tried to improve a choice.
    pub annealing_steps: usize,
    /// The seed of these changes.
    pub seed: u64,
    /// The names of rules that are off.
    pub off: Vec<String>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            arithmetic: Arithmetic::default(),
            derivatives: Derivatives::default(),
            piece: 1000,
            node_limit: 2000,
            iteration_limit: 8,
            match_limit: 200,
            annealing_steps: 2000,
            seed: 1,
            off: Vec::new(),
        }
    }
}
