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
    /// A loop is not vectorised if that would make an intermediate array of more elements than this
    /// (and than the loop's own results have).
    pub element_limit: u64,
}

impl Default for VectoriseOptions {
    fn default() -> VectoriseOptions {
        VectoriseOptions {
            arithmetic: Arithmetic::default(),
            select_bound: 64,
            element_limit: 1 << 25,
        }
    }
}
