//! Numbers. A written number has no carrier of its own: its context gives it one, or a conversion does.

use lentil_grammar::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use lentil_unary::{Carrier, Literal};

use super::tree::{binary, call, call_of, carrier, expr, number, unary};

/// A constant, where its context gives it its carrier.
pub(super) fn literal(literal: Literal) -> Expr {
    match literal.carrier() {
        Carrier::F32 | Carrier::F64 => real(literal),
        Carrier::Int | Carrier::Mod(_) | Carrier::Bit => whole(literal.as_i64()),
        Carrier::Bool => expr(ExprKind::Bool(literal.as_i64() != 0)),
    }
}

fn real(literal: Literal) -> Expr {
    let x = literal.as_f64();
    // The language has no words for what is no number; arithmetic on constants makes them.
    let quotient = |p: Expr, q: usize| binary(BinaryOp::Div, p, number(q));
    if x.is_nan() {
        return quotient(number(0), 0);
    }
    if x.is_infinite() {
        let one = number(1);
        return quotient(
            if x < 0.0 {
                unary(UnaryOp::Neg, one)
            } else {
                one
            },
            0,
        );
    }
    let text = literal.to_string();
    let digits = text.trim_start_matches('-');
    let negative = digits.len() < text.len();
    // The integer zero has no sign.
    let short = if negative && x == 0.0 {
        digits
    } else {
        digits.trim_end_matches(".0")
    };
    signed(negative, short)
}

fn whole(n: i64) -> Expr {
    if n == i64::MIN {
        return binary(BinaryOp::Sub, whole(n + 1), number(1));
    }
    signed(n < 0, &n.unsigned_abs().to_string())
}

fn signed(negative: bool, digits: &str) -> Expr {
    let e = expr(ExprKind::Number(digits.to_string()));
    if negative { unary(UnaryOp::Neg, e) } else { e }
}

/// Whether an expression is a constant that takes the carrier of its context.
pub(super) fn is_number(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Number(_) => true,
        ExprKind::Unary(UnaryOp::Neg, a) => is_number(a),
        ExprKind::Binary(_, a, b) => is_number(a) && is_number(b),
        _ => false,
    }
}

/// An expression that has its carrier whatever the context wants.
pub(super) fn firm(e: Expr, of: Carrier) -> Expr {
    if !is_number(&e) {
        return e;
    }
    match of {
        Carrier::F32 => call("real", vec![e]),
        Carrier::Int => call("int", vec![e]),
        Carrier::F64 | Carrier::Bit | Carrier::Mod(_) => call_of(carrier(of), vec![e]),
        Carrier::Bool => e,
    }
}

/// An expression that has its carrier where nothing else is wanted.
pub(super) fn standing(e: Expr, of: Carrier) -> Expr {
    match of {
        Carrier::Int => e,
        Carrier::F32 if is_number(&e) => with_fraction(e),
        Carrier::F32 | Carrier::F64 | Carrier::Bit | Carrier::Mod(_) | Carrier::Bool => firm(e, of),
    }
}

/// A number written so that it is no integer.
fn with_fraction(e: Expr) -> Expr {
    match e.kind {
        ExprKind::Number(text) if text.chars().all(|c| c.is_ascii_digit()) => {
            expr(ExprKind::Number(format!("{text}.0")))
        }
        ExprKind::Unary(UnaryOp::Neg, a) => unary(UnaryOp::Neg, with_fraction(*a)),
        kind => expr(kind),
    }
}

/// `i + n`, added up where `i` is a number or a sum itself.
pub(super) fn shifted(i: Expr, n: i64) -> Expr {
    if n == 0 {
        return i;
    }
    if let Some(known) = small(&i) {
        return whole(known + n);
    }
    let (i, n) = match &i.kind {
        ExprKind::Binary(BinaryOp::Add, base, m) if small(m).is_some() => {
            ((**base).clone(), n + small(m).unwrap_or(0))
        }
        ExprKind::Binary(BinaryOp::Sub, base, m) if small(m).is_some() => {
            ((**base).clone(), n - small(m).unwrap_or(0))
        }
        _ => (i, n),
    };
    match n {
        0 => i,
        1.. => binary(BinaryOp::Add, i, whole(n)),
        _ => binary(BinaryOp::Sub, i, whole(-n)),
    }
}

/// `n - i`.
pub(super) fn mirrored(n: i64, i: Expr) -> Expr {
    match small(&i) {
        Some(known) => whole(n - known),
        None => binary(BinaryOp::Sub, whole(n), i),
    }
}

/// `i * n`.
pub(super) fn scaled(i: Expr, n: usize) -> Expr {
    match small(&i) {
        _ if n == 1 => i,
        Some(known) => whole(known * n as i64),
        None => binary(BinaryOp::Mul, i, number(n)),
    }
}

/// A natural number that is written out.
fn small(e: &Expr) -> Option<i64> {
    match &e.kind {
        ExprKind::Number(text) => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lentil_grammar::expr_to_string;

    #[test]
    fn literals_are_short_and_exact() {
        let show = |l| expr_to_string(&literal(l));
        let real = |x| show(Literal::real(Carrier::F64, x));
        assert_eq!(real(1.0), "1");
        assert_eq!(real(-0.5), "-0.5");
        assert_eq!(real(-0.0), "-0.0");
        assert_eq!(real(1e300), "1e300");
        assert_eq!(real(f64::NEG_INFINITY), "-1 / 0");
        assert_eq!(show(Literal::from_f32(0.1)), "0.1");
        assert_eq!(
            show(Literal::integer(Carrier::Int, i64::MIN)),
            "-9223372036854775807 - 1"
        );
        assert_eq!(show(Literal::integer(Carrier::Mod(7), -1)), "6");
        assert_eq!(show(Literal::one(Carrier::Bool)), "true");
    }

    #[test]
    fn numbers_take_a_carrier_where_they_must() {
        let one = || number(1);
        assert_eq!(expr_to_string(&standing(one(), Carrier::F32)), "1.0");
        assert_eq!(
            expr_to_string(&standing(one(), Carrier::Mod(7))),
            "Mod[7](1)"
        );
        assert_eq!(expr_to_string(&firm(one(), Carrier::Int)), "int(1)");
    }

    #[test]
    fn indices_are_added_up() {
        let i = || super::super::tree::name("i");
        assert_eq!(expr_to_string(&shifted(shifted(i(), 2), -3)), "i - 1");
        assert_eq!(expr_to_string(&shifted(scaled(i(), 2), 1)), "i * 2 + 1");
        assert_eq!(expr_to_string(&mirrored(4, number(1))), "3");
    }
}
