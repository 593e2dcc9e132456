//! Rows of the pointwise primitives. Where the result `y` gives the factor, it is used: it is known already.

use std::f64::consts::{LN_2, LN_10, PI};

use lentil_unary::{BinaryOp, Carrier, CompareOp, Prim, UnaryOp};

use super::{At, Change};
use crate::term::Term;

pub(super) fn unary(op: UnaryOp, at: &At<'_>) -> Change {
    let (x, y, dy) = (at.args[0], at.y, at.dy);
    let dx = match op {
        UnaryOp::Neg => -dy,
        // |x|' = sign x, and 0 at 0
        UnaryOp::Abs => dy * x.unary(UnaryOp::Sign),
        // piecewise constant
        UnaryOp::Sign
        | UnaryOp::Floor
        | UnaryOp::Ceil
        | UnaryOp::Round
        | UnaryOp::Trunc
        | UnaryOp::Not => {
            return Change::Zero;
        }
        UnaryOp::Exp => dy * y,
        UnaryOp::Exp2 => dy * (y * y.constant(LN_2)),
        // (e^x - 1)' = y + 1
        UnaryOp::Expm1 => dy * (y + y.one()),
        UnaryOp::Log => dy / x,
        UnaryOp::Log2 => dy / (x * x.constant(LN_2)),
        UnaryOp::Log10 => dy / (x * x.constant(LN_10)),
        UnaryOp::Log1p => dy / (x + x.one()),
        // (√x)' = 1 / 2y
        UnaryOp::Sqrt => dy / (y + y),
        // (∛x)' = 1 / 3y²
        UnaryOp::Cbrt => dy / (y.constant(3.0) * (y * y)),
        UnaryOp::Sin => dy * x.unary(UnaryOp::Cos),
        UnaryOp::Cos => -(dy * x.unary(UnaryOp::Sin)),
        // tan' = 1 + tan²
        UnaryOp::Tan => dy * (y.one() + y * y),
        // 1 - x² as (1 - x)(1 + x), which does not cancel near ±1
        UnaryOp::Asin => dy / ((x.one() - x) * (x.one() + x)).sqrt(),
        UnaryOp::Acos => -(dy / ((x.one() - x) * (x.one() + x)).sqrt()),
        UnaryOp::Atan => dy / (x.one() + x * x),
        UnaryOp::Sinh => dy * x.unary(UnaryOp::Cosh),
        UnaryOp::Cosh => dy * x.unary(UnaryOp::Sinh),
        // tanh' = 1 - tanh²
        UnaryOp::Tanh => dy * (y.one() - y * y),
        // 1 / √(1 + x²), whose square does not overflow
        UnaryOp::Asinh => dy / x.binary(BinaryOp::Hypot, x.one()),
        // 1 / √(x² - 1), as a product that neither cancels nor overflows
        UnaryOp::Acosh => dy / ((x - x.one()).sqrt() * (x + x.one()).sqrt()),
        UnaryOp::Atanh => dy / ((x.one() - x) * (x.one() + x)),
        // σ' = σ (1 - σ)
        UnaryOp::Sigmoid => dy * (y * (y.one() - y)),
        // erf' = 2/√π e^(-x²)
        UnaryOp::Erf => dy * (x.constant(2.0 / PI.sqrt()) * (-(x * x)).exp()),
        UnaryOp::Erfc => dy * (x.constant(-2.0 / PI.sqrt()) * (-(x * x)).exp()),
        // the inverse of erf'(y)
        UnaryOp::Erfinv => dy * (y.constant(0.5 * PI.sqrt()) * (y * y).exp()),
        // (log |Γ|)' = ψ
        UnaryOp::Lgamma => dy * x.zero().binary(BinaryOp::Polygamma, x),
    };
    Change::Dense(dx.slot())
}

pub(super) fn binary(op: BinaryOp, k: usize, at: &At<'_>) -> Change {
    let (x0, x1, y, dy) = (at.args[0], at.args[1], at.y, at.dy);
    let first = k == 0;
    let dx = match (op, first) {
        (BinaryOp::Add, _) => dy,
        (BinaryOp::Sub, true) => dy,
        (BinaryOp::Sub, false) => -dy,
        (BinaryOp::Mul, true) => dy * x1,
        (BinaryOp::Mul, false) => dy * x0,
        // ∂(a/b) = da/b, and -(a/b)/b db; dy/b is shared
        (BinaryOp::Div, true) => dy / x1,
        (BinaryOp::Div, false) => -((dy / x1) * y),
        (BinaryOp::Pow, true) => power_base(x0, x1, dy, at),
        (BinaryOp::Pow, false) => power_exponent(x0, y, dy),
        // a tie goes to the first
        (BinaryOp::Max, true) => x1.compare(CompareOp::Le, x0).select(dy, dy.zero()),
        (BinaryOp::Max, false) => x1.compare(CompareOp::Le, x0).select(dy.zero(), dy),
        (BinaryOp::Min, true) => x0.compare(CompareOp::Le, x1).select(dy, dy.zero()),
        (BinaryOp::Min, false) => x0.compare(CompareOp::Le, x1).select(dy.zero(), dy),
        // atan2(a, b): b/(a²+b²) and -a/(a²+b²)
        (BinaryOp::Atan2, true) => (dy / (x0 * x0 + x1 * x1)) * x1,
        (BinaryOp::Atan2, false) => -((dy / (x0 * x0 + x1 * x1)) * x0),
        // a/√(a²+b²) and b/√(a²+b²), and 0 where both are 0
        (BinaryOp::Hypot, true) => dy * direction(x0, y),
        (BinaryOp::Hypot, false) => dy * direction(x1, y),
        // a - ⌊a/b⌋ b, and the quotient is constant but for jumps
        (BinaryOp::Rem, true) => dy,
        (BinaryOp::Rem, false) => -(dy * (x0 / x1).unary(UnaryOp::Floor)),
        (BinaryOp::Polygamma, true) => return Change::Zero,
        (BinaryOp::Polygamma, false) => dy * (x0 + x0.one()).binary(BinaryOp::Polygamma, x1),
        (BinaryOp::And | BinaryOp::Or, _) => return Change::Zero,
    };
    Change::Dense(dx.slot())
}

/// A coordinate over the distance from the origin. The divisor is kept at 1 in the origin itself, so that
/// no NaN is computed and then selected away.
fn direction<'b>(coordinate: Term<'b>, distance: Term<'b>) -> Term<'b> {
    let origin = distance.compare(CompareOp::Eq, distance.zero());
    coordinate / origin.select(distance.one(), distance)
}

/// ∂(x^p)/∂x = p x^(p-1), and 0 for p = 0, also at x = 0.
/// The exponent is kept at 1 where p = 0, so that no NaN is computed and then selected away:
/// it would come back in the second derivative.
fn power_base<'b>(x: Term<'b>, p: Term<'b>, dy: Term<'b>, at: &At<'b>) -> Term<'b> {
    let constant = at.builder.borrow().uniform(p.slot());
    if let Some(c) = constant {
        if c.as_f64() == 0.0 {
            return dy.zero();
        }
        let less = x.constant(c.as_f64() - 1.0);
        return dy * (p * x.binary(BinaryOp::Pow, less));
    }
    let constant_power = p.compare(CompareOp::Eq, p.zero());
    let less = constant_power.select(p.one(), p - p.one());
    let factor = constant_power.select(p.zero(), p * x.binary(BinaryOp::Pow, less));
    dy * factor
}

/// ∂(x^p)/∂p = x^p log x, and 0 for x = 0 (the limit for p > 0).
fn power_exponent<'b>(x: Term<'b>, y: Term<'b>, dy: Term<'b>) -> Term<'b> {
    let at_zero = x.compare(CompareOp::Eq, x.zero());
    let log = at_zero.select(x.one(), x).unary(UnaryOp::Log);
    dy * (y * log)
}

/// c ? a : b sends dy to the one that was chosen.
pub(super) fn select(k: usize, at: &At<'_>) -> Change {
    let (condition, dy) = (at.args[0], at.dy);
    let dx = match k {
        0 => return Change::Zero,
        1 => condition.select(dy, dy.zero()),
        _ => condition.select(dy.zero(), dy),
    };
    Change::Dense(dx.slot())
}

/// Rounding between the reals counts as the identity; every other conversion is discrete.
pub(super) fn convert(at: &At<'_>) -> Change {
    let (from, to): (Carrier, Carrier) = (at.args[0].ty().carrier, at.y.ty().carrier);
    if from == to {
        return Change::Dense(at.dy.slot());
    }
    if from.is_real() && to.is_real() {
        return Change::Dense(at.dy.apply(Prim::Convert(from), &[]).slot());
    }
    Change::Zero
}
