//! Rules that hold for functions on 0 and 1 but not for polynomials: `x*x` and `x` have different derivatives,
//! so these come after differentiation.

use lentil_unary::{BinaryOp, Carrier, Prim};

use super::{Rule, Site, Validity, binary, class};
use crate::graph::Term;

const fn rule(name: &'static str, law: &'static str, apply: fn(&Site<'_>) -> Vec<Term>) -> Rule {
    let validity = Validity::Bit;
    Rule {
        name,
        validity,
        law,
        apply,
    }
}

/// The table.
pub const RULES: &[Rule] = &[
    rule("square", "x*x = x", square),
    rule("square in a product", "x*(x*y) = x*y", square_within),
    rule("opposite", "x*(x+1) = 0", opposite),
    rule("absorb", "x*(x+y) = x*(y+1)", absorb),
];

fn product(s: &Site<'_>) -> Option<(egg::Id, egg::Id)> {
    s.is_binary(BinaryOp::Mul)
        .filter(|_| s.carrier() == Carrier::Bit)
}

fn square(s: &Site<'_>) -> Vec<Term> {
    let same = product(s).filter(|&(x, y)| s.same(x, y));
    same.map(|(x, _)| class(x)).into_iter().collect()
}

fn square_within(s: &Site<'_>) -> Vec<Term> {
    let Some((x, xy)) = product(s) else {
        return Vec::new();
    };
    let within = s.binary(xy, BinaryOp::Mul).any(|(a, _)| s.same(a, x));
    within.then(|| class(xy)).into_iter().collect()
}

fn opposite(s: &Site<'_>) -> Vec<Term> {
    let Some((x, sum)) = product(s) else {
        return Vec::new();
    };
    let mut sums = s.binary(sum, BinaryOp::Add);
    let opposite = sums.any(|(a, one)| s.same(a, x) && s.is(one, 1));
    opposite.then(|| s.integer(0)).into_iter().collect()
}

fn absorb(s: &Site<'_>) -> Vec<Term> {
    let Some((x, sum)) = product(s) else {
        return Vec::new();
    };
    let one = || s.integer(1);
    let times = |y: Term| Term::Node(Prim::Binary(BinaryOp::Mul), vec![class(x), y]);
    let mut terms = Vec::new();
    for (a, b) in s.binary(sum, BinaryOp::Add) {
        if s.same(a, x) && !s.is(b, 1) {
            terms.push(times(binary(BinaryOp::Add, class(b), one())));
        }
    }
    terms
}
