//! Rules that hold bit for bit on every carrier, of functions element by element.
//!
//! Floating point as it is: `x + 0` is not `x` for `x = -0`, but `x - 0` is.
//! Any NaN counts as like any other.

use lentil_unary::{BinaryOp, Literal, Prim, UnaryOp};

use super::{Rule, Site, Validity, binary, class, unary};
use crate::graph::Term;

const fn rule(name: &'static str, law: &'static str, apply: fn(&Site<'_>) -> Vec<Term>) -> Rule {
    let validity = Validity::Exact;
    Rule {
        name,
        validity,
        law,
        apply,
    }
}

/// The table.
pub const RULES: &[Rule] = &[
    rule("commute", "x+y = y+x, x*y = y*x, and, or", commute),
    rule("negate twice", "-(-x) = x, not not x = x", twice),
    rule(
        "subtract a negative",
        "x-(-y) = x+y, x+(-y) = x-y",
        subtract,
    ),
    rule(
        "signs of products",
        "(-x)*y = -(x*y), (-x)/y = -(x/y)",
        signs,
    ),
    rule("product units", "x*1 = x, x/1 = x, x*(-1) = -x", units),
    rule("take away nothing", "x-0 = x, x+(-0) = x", nothing),
    rule(
        "choose",
        "the arm of a known condition; both arms the same; a negated condition",
        choose,
    ),
    rule(
        "idempotent",
        "x and x = x, x or x = x, x and true = x, x or false = x",
        idempotent,
    ),
    rule("absolute of a sign", "|-x| = |x|, ||x|| = |x|", absolute),
];

fn commute(s: &Site<'_>) -> Vec<Term> {
    match s.prim {
        Prim::Binary(op @ (BinaryOp::Add | BinaryOp::Mul | BinaryOp::And | BinaryOp::Or)) => {
            vec![binary(*op, class(s.args[1]), class(s.args[0]))]
        }
        _ => Vec::new(),
    }
}

fn twice(s: &Site<'_>) -> Vec<Term> {
    let of = |op| s.is_unary(op).and_then(|x| s.unary(x, op)).map(class);
    of(UnaryOp::Neg)
        .into_iter()
        .chain(of(UnaryOp::Not))
        .collect()
}

fn subtract(s: &Site<'_>) -> Vec<Term> {
    let turned = |from, to| {
        let (x, y) = s.is_binary(from)?;
        Some(binary(to, class(x), class(s.unary(y, UnaryOp::Neg)?)))
    };
    let plus = turned(BinaryOp::Sub, BinaryOp::Add).into_iter();
    plus.chain(turned(BinaryOp::Add, BinaryOp::Sub)).collect()
}

/// Over `Int`, division rounds down and does not commute with signs.
fn signs(s: &Site<'_>) -> Vec<Term> {
    let of = |op| {
        let (x, y) = s.is_binary(op)?;
        let x = s.unary(x, UnaryOp::Neg)?;
        Some(unary(UnaryOp::Neg, binary(op, class(x), class(y))))
    };
    let quotient = of(BinaryOp::Div).filter(|_| s.carrier().is_real());
    of(BinaryOp::Mul).into_iter().chain(quotient).collect()
}

fn units(s: &Site<'_>) -> Vec<Term> {
    let mut terms = Vec::new();
    if let Some((x, y)) = s.is_binary(BinaryOp::Mul) {
        if s.is(y, 1) {
            terms.push(class(x));
        }
        if s.is(y, -1) {
            terms.push(unary(UnaryOp::Neg, class(x)));
        }
    }
    if let Some((x, y)) = s.is_binary(BinaryOp::Div)
        && s.is(y, 1)
    {
        terms.push(class(x));
    }
    terms
}

fn nothing(s: &Site<'_>) -> Vec<Term> {
    let mut terms = Vec::new();
    if let Some((x, y)) = s.is_binary(BinaryOp::Sub)
        && s.uniform(y).is_some_and(Literal::is_zero)
    {
        terms.push(class(x));
    }
    if let Some((x, y)) = s.is_binary(BinaryOp::Add) {
        let carrier = s.carrier();
        let nought = if carrier.is_real() {
            Literal::real(carrier, -0.0)
        } else {
            Literal::zero(carrier)
        };
        if s.uniform(y) == Some(nought) {
            terms.push(class(x));
        }
    }
    terms
}

fn choose(s: &Site<'_>) -> Vec<Term> {
    let Prim::Select = s.prim else {
        return Vec::new();
    };
    let (condition, yes, no) = (s.args[0], s.args[1], s.args[2]);
    let mut terms = Vec::new();
    if s.same(yes, no) || s.is(condition, 1) {
        terms.push(class(yes));
    }
    if s.is(condition, 0) {
        terms.push(class(no));
    }
    if let Some(condition) = s.unary(condition, UnaryOp::Not) {
        let args = [condition, no, yes].map(class);
        terms.push(Term::Node(Prim::Select, args.to_vec()));
    }
    terms
}

fn idempotent(s: &Site<'_>) -> Vec<Term> {
    let mut terms = Vec::new();
    for (op, neutral) in [(BinaryOp::And, 1), (BinaryOp::Or, 0)] {
        if let Some((x, y)) = s.is_binary(op)
            && (s.same(x, y) || s.is(y, neutral))
        {
            terms.push(class(x));
        }
    }
    terms
}

fn absolute(s: &Site<'_>) -> Vec<Term> {
    let of = |op| {
        let x = s.is_unary(UnaryOp::Abs)?;
        Some(unary(UnaryOp::Abs, class(s.unary(x, op)?)))
    };
    let negated = of(UnaryOp::Neg).into_iter();
    negated.chain(of(UnaryOp::Abs)).collect()
}
