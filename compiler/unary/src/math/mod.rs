//! The scalar functions, one for each operation and carrier, shared by the evaluator and compiled code.
//!
//! The transcendental functions come from the crate `libm`, so that a result does not depend on the
//! platform's own library; addition, multiplication, division and square root are those of IEEE 754.
//! Nothing is contracted to a fused multiply-add and nothing is reassociated.
//! Two runs agree bit for bit, up to the payload and sign of a NaN, which IEEE 754 leaves open.
//!
//! The functions over reals have the C calling convention, so that compiled code can call these very ones.

mod order;
mod real;
mod special;
mod whole;

pub use order::*;
pub use real::*;
pub use whole::*;

use crate::prim::CompareOp;

/// A comparison, by the order of numbers; with a NaN only `Ne` holds.
pub fn compare<T: PartialOrd>(op: CompareOp, x: T, y: T) -> bool {
    match op {
        CompareOp::Eq => x == y,
        CompareOp::Ne => x != y,
        CompareOp::Lt => x < y,
        CompareOp::Le => x <= y,
    }
}
