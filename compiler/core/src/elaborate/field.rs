//! Division over finite fields: multiplication by an inverse, which is a power.
//!
//! Modulo a prime `p` every power `y^e` with `e = -1` modulo `p - 1` is the inverse of `y`, by Fermat's
//! little theorem. With `e = p² - p - 1` that holds and `e = -1` modulo `p` too, so its derivatives of every
//! order, which R takes of the multiplications, are those of the inverse: `e y^(e-1) = -1 / y²`, and so on.
//! (`p - 2` is the usual exponent, and has another derivative.)
//! Zero has no inverse; the power gives zero for it: division is total.

use lentil_diag::Span;

use super::Elaborator;
use crate::ty::Kind;
use crate::value::{Arr, Value};

impl Elaborator<'_> {
    /// The inverse of each element, over a field that is finite (or, while checking, not known).
    pub(crate) fn field_inverse(&mut self, y: &Arr, span: Span) -> Arr {
        let exponent = match y.kind {
            Kind::Mod(p) => u64::from(p) * u64::from(p) - u64::from(p) - 1,
            // Of bits only one has an inverse, and it is its own.
            _ => 1,
        };
        match self.whole_power(y, exponent, span) {
            Value::Array(inverse) => inverse,
            _ => y.clone(),
        }
    }
}
