//! Functions of integers, residues and truth values.

use crate::prim::{BinaryOp, UnaryOp};

/// Floor division over `Int`. Total, so that it may be computed where its result is not used:
/// a quotient by zero is 0, and the least integer by -1 wraps.
pub extern "C" fn div_int(x: i64, y: i64) -> i64 {
    if y == 0 {
        return 0;
    }
    let quotient = x.wrapping_div(y);
    let inexact = x.wrapping_rem(y) != 0;
    if inexact && (x < 0) != (y < 0) {
        quotient - 1
    } else {
        quotient
    }
}

/// The remainder of floor division over `Int`, with the divisor's sign; `x` itself by zero.
pub extern "C" fn rem_int(x: i64, y: i64) -> i64 {
    if y == 0 {
        return x;
    }
    let remainder = x.wrapping_rem(y);
    if remainder != 0 && (remainder < 0) != (y < 0) {
        remainder + y
    } else {
        remainder
    }
}

/// An operation of one argument over `Int`, wrapping; `None` for one that `Int` lacks.
pub fn unary_int(op: UnaryOp) -> Option<fn(i64) -> i64> {
    match op {
        UnaryOp::Neg => Some(i64::wrapping_neg),
        UnaryOp::Abs => Some(i64::wrapping_abs),
        UnaryOp::Sign => Some(i64::signum),
        UnaryOp::Floor
        | UnaryOp::Ceil
        | UnaryOp::Round
        | UnaryOp::Trunc
        | UnaryOp::Exp
        | UnaryOp::Exp2
        | UnaryOp::Expm1
        | UnaryOp::Log
        | UnaryOp::Log2
        | UnaryOp::Log10
        | UnaryOp::Log1p
        | UnaryOp::Sqrt
        | UnaryOp::Cbrt
        | UnaryOp::Sin
        | UnaryOp::Cos
        | UnaryOp::Tan
        | UnaryOp::Asin
        | UnaryOp::Acos
        | UnaryOp::Atan
        | UnaryOp::Sinh
        | UnaryOp::Cosh
        | UnaryOp::Tanh
        | UnaryOp::Asinh
        | UnaryOp::Acosh
        | UnaryOp::Atanh
        | UnaryOp::Sigmoid
        | UnaryOp::Erf
        | UnaryOp::Erfc
        | UnaryOp::Erfinv
        | UnaryOp::Lgamma
        | UnaryOp::Not => None,
    }
}

/// An operation of two arguments over `Int`, wrapping; `None` for one that `Int` lacks.
pub fn binary_int(op: BinaryOp) -> Option<fn(i64, i64) -> i64> {
    match op {
        BinaryOp::Add => Some(i64::wrapping_add),
        BinaryOp::Sub => Some(i64::wrapping_sub),
        BinaryOp::Mul => Some(i64::wrapping_mul),
        BinaryOp::Div => Some(|x, y| div_int(x, y)),
        BinaryOp::Rem => Some(|x, y| rem_int(x, y)),
        BinaryOp::Max => Some(|x, y| x.max(y)),
        BinaryOp::Min => Some(|x, y| x.min(y)),
        BinaryOp::Pow
        | BinaryOp::Atan2
        | BinaryOp::Hypot
        | BinaryOp::Polygamma
        | BinaryOp::And
        | BinaryOp::Or => None,
    }
}

/// An operation of two arguments modulo the last argument; `None` for one that the ring lacks.
pub fn binary_mod(op: BinaryOp) -> Option<fn(u32, u32, u32) -> u32> {
    match op {
        BinaryOp::Add => Some(|x, y, n| ((u64::from(x) + u64::from(y)) % u64::from(n)) as u32),
        BinaryOp::Sub => {
            Some(|x, y, n| ((u64::from(x) + u64::from(n) - u64::from(y)) % u64::from(n)) as u32)
        }
        BinaryOp::Mul => Some(|x, y, n| ((u64::from(x) * u64::from(y)) % u64::from(n)) as u32),
        BinaryOp::Div
        | BinaryOp::Rem
        | BinaryOp::Pow
        | BinaryOp::Max
        | BinaryOp::Min
        | BinaryOp::Atan2
        | BinaryOp::Hypot
        | BinaryOp::Polygamma
        | BinaryOp::And
        | BinaryOp::Or => None,
    }
}

/// An operation of two arguments over `Bit` or `Bool`, as 0 or 1; `None` for one that both lack.
pub fn binary_byte(op: BinaryOp) -> Option<fn(u8, u8) -> u8> {
    match op {
        BinaryOp::Add | BinaryOp::Sub => Some(|x, y| x ^ y),
        BinaryOp::Mul | BinaryOp::And => Some(|x, y| x & y),
        BinaryOp::Or => Some(|x, y| x | y),
        BinaryOp::Div
        | BinaryOp::Rem
        | BinaryOp::Pow
        | BinaryOp::Max
        | BinaryOp::Min
        | BinaryOp::Atan2
        | BinaryOp::Hypot
        | BinaryOp::Polygamma => None,
    }
}
