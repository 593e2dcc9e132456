//! `a ~= b`: equal up to rounding over the reals, equal elsewhere.

use lentil_diag::Span;
use lentil_unary::{BinaryOp, Carrier, CompareOp, UnaryOp};

use super::Elaborator;
use crate::value::{Const, Value};

impl Elaborator<'_> {
    /// |a - b| ≤ ε · (1 + max(|a|, |b|)), with ε = 1e-4 in f32 and 1e-9 in f64.
    pub(crate) fn approx(&mut self, a: Value, b: Value, span: Span) -> Value {
        self.zip(a, b, span, &mut |e, a, b| {
            let Some((a, b)) = e.same_shape(a, b, span) else {
                return Value::Error;
            };
            if !a.kind.is_real() {
                return e.compare(CompareOp::Eq, Value::Array(a), Value::Array(b), span);
            }
            let double = a.kind.carrier(e.real()) == Some(Carrier::F64);
            let epsilon = Value::Const(Const::Real(if double { 1e-9 } else { 1e-4 }));
            let (a, b) = (Value::Array(a), Value::Array(b));
            let difference = e.binary(BinaryOp::Sub, a.clone(), b.clone(), span);
            let gap = e.unary(UnaryOp::Abs, difference, span);
            let (a, b) = (
                e.unary(UnaryOp::Abs, a, span),
                e.unary(UnaryOp::Abs, b, span),
            );
            let greatest = e.binary(BinaryOp::Max, a, b, span);
            let scale = e.binary(BinaryOp::Add, greatest, Value::int(1), span);
            let bound = e.binary(BinaryOp::Mul, scale, epsilon, span);
            e.compare(CompareOp::Le, gap, bound, span)
        })
    }
}
