//! Pointwise steps between expressions that are there already: of elements, or of whole arrays.

use lentil_grammar::ast::{self, Expr, ExprKind};
use lentil_unary::{BinaryOp, Carrier, CompareOp, Prim, UnaryOp};

use super::number::{firm, is_number, standing};
use super::tree::{binary, call, call_of, carrier, expr, if_, unary};

pub(super) fn of_one(op: UnaryOp, a: Expr, of: Carrier) -> Expr {
    match op {
        UnaryOp::Neg => unary(ast::UnaryOp::Neg, a),
        UnaryOp::Not => unary(ast::UnaryOp::Not, a),
        // The language calls them what unary form calls them.
        op => call(Prim::Unary(op).row().name, vec![firm(a, of)]),
    }
}

pub(super) fn of_two(op: BinaryOp, a: Expr, b: Expr, of: Carrier) -> Expr {
    let (a, b) = (if is_number(&b) { firm(a, of) } else { a }, b);
    match op {
        BinaryOp::Add => match b.kind {
            // The same number, to the bit.
            ExprKind::Unary(ast::UnaryOp::Neg, b) => binary(ast::BinaryOp::Sub, a, *b),
            kind => binary(ast::BinaryOp::Add, a, expr(kind)),
        },
        BinaryOp::Sub => binary(ast::BinaryOp::Sub, a, b),
        BinaryOp::Mul => binary(ast::BinaryOp::Mul, a, b),
        BinaryOp::Div => binary(ast::BinaryOp::Div, a, b),
        BinaryOp::Rem => binary(ast::BinaryOp::Rem, a, b),
        // A whole exponent would be repeated multiplication, which rounds otherwise.
        BinaryOp::Pow => binary(ast::BinaryOp::Pow, a, standing(b, Carrier::F32)),
        BinaryOp::And => binary(ast::BinaryOp::And, a, b),
        BinaryOp::Or => binary(ast::BinaryOp::Or, a, b),
        BinaryOp::Max => call("max", vec![a, b]),
        BinaryOp::Min => call("min", vec![a, b]),
        BinaryOp::Atan2 => call("atan2", vec![a, b]),
        BinaryOp::Hypot => call("hypot", vec![a, b]),
        BinaryOp::Polygamma if is_number(&a) => call("polygamma", vec![a, b]),
        BinaryOp::Polygamma => call("polygamma", vec![call("int", vec![a]), b]),
    }
}

pub(super) fn compared(op: CompareOp, a: Expr, b: Expr, of: Carrier) -> Expr {
    let ordered = matches!(of, Carrier::F32 | Carrier::F64 | Carrier::Int);
    let (a, b) = match op {
        // The order of representatives, which the language has on `Int` only.
        CompareOp::Lt | CompareOp::Le if !ordered => (
            call("int", vec![firm(a, of)]),
            call("int", vec![firm(b, of)]),
        ),
        _ if is_number(&b) => (firm(a, of), b),
        _ => (a, b),
    };
    let turned = is_number(&a);
    let (word, word_turned) = match op {
        CompareOp::Eq => (ast::BinaryOp::Eq, ast::BinaryOp::Eq),
        CompareOp::Ne => (ast::BinaryOp::Ne, ast::BinaryOp::Ne),
        CompareOp::Lt => (ast::BinaryOp::Lt, ast::BinaryOp::Gt),
        CompareOp::Le => (ast::BinaryOp::Le, ast::BinaryOp::Ge),
    };
    if turned {
        binary(word_turned, b, a)
    } else {
        binary(word, a, b)
    }
}

pub(super) fn chosen(c: Expr, a: Expr, b: Expr, of: Carrier) -> Expr {
    if is_number(&a) && is_number(&b) {
        return if_(c, standing(a, of), standing(b, of));
    }
    if_(c, a, b)
}

pub(super) fn converted(a: Expr, from: Carrier, to: Carrier) -> Expr {
    if from == to {
        return a;
    }
    let a = firm(a, from);
    match to {
        Carrier::F32 => call("real", vec![a]),
        Carrier::Int => call("int", vec![a]),
        Carrier::F64 | Carrier::Bit | Carrier::Mod(_) | Carrier::Bool => {
            call_of(carrier(to), vec![a])
        }
    }
}
