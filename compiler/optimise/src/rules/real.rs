//! Rules that hold over the real numbers, wherever both sides are defined on the left side's domain.
//! Off under exact arithmetic.

use lentil_unary::{BinaryOp, Fold, Literal, Prim, UnaryOp};

use super::structure::{both_axes, from};
use super::{Rule, Site, Validity, binary, class, unary};
use crate::graph::{Term, Terms};
use crate::view::Emit;

const fn rule(name: &'static str, law: &'static str, apply: fn(&Site<'_>) -> Vec<Term>) -> Rule {
    let validity = Validity::Real;
    Rule {
        name,
        validity,
        law,
        apply,
    }
}

/// The table.
pub const RULES: &[Rule] = &[
    rule("log of exp", "log(exp x) = x", log_exp),
    rule(
        "products of exp",
        "exp x * exp y = exp(x+y), exp x / exp y = exp(x-y), 1/exp x = exp(-x)",
        exp_products,
    ),
    rule(
        "divide by a constant",
        "x/c = x * (1/c), for c not 0",
        divide_constant,
    ),
    rule(
        "divide by a repeated",
        "x / repeat y = x * repeat (1/y)",
        divide_repeated,
    ),
    rule(
        "quotients",
        "(x/y)/z = x/(y*z), x*(1/y) = x/y, x*(y/z) = (x*y)/z",
        quotients,
    ),
    rule(
        "log of a sum of exp",
        "log Σ exp x = logsumexp x",
        log_sum_exp,
    ),
    rule(
        "sigmoid",
        "1/(1+exp(-x)) = sigmoid x, 1 - sigmoid x = sigmoid(-x)",
        sigmoid,
    ),
    rule(
        "tanh",
        "2*sigmoid(2x) - 1 = tanh x, tanh(-x) = -tanh x",
        tanh,
    ),
    rule(
        "small arguments",
        "exp x - 1 = expm1 x, log(1+x) = log1p x",
        small,
    ),
    rule("powers", "x^1 = x, x^2 = x*x, x^-1 = 1/x, x^0 = 1", powers),
    rule(
        "greatest of greatest",
        "max max x = max x over both axes; min",
        extremes,
    ),
];

fn log_exp(s: &Site<'_>) -> Vec<Term> {
    let x = s
        .is_unary(UnaryOp::Log)
        .and_then(|e| s.unary(e, UnaryOp::Exp));
    x.map(class).into_iter().collect()
}

fn exp_products(s: &Site<'_>) -> Vec<Term> {
    let mut terms = Vec::new();
    for (op, inner) in [
        (BinaryOp::Mul, BinaryOp::Add),
        (BinaryOp::Div, BinaryOp::Sub),
    ] {
        let Some((a, b)) = s.is_binary(op) else {
            continue;
        };
        let (x, y) = (s.unary(a, UnaryOp::Exp), s.unary(b, UnaryOp::Exp));
        if let (Some(x), Some(y)) = (x, y) {
            terms.push(unary(UnaryOp::Exp, binary(inner, class(x), class(y))));
        }
        if let (true, Some(y), BinaryOp::Div) = (s.is(a, 1), y, op) {
            terms.push(unary(UnaryOp::Exp, unary(UnaryOp::Neg, class(y))));
        }
    }
    terms
}

fn divide_constant(s: &Site<'_>) -> Vec<Term> {
    let Some((x, c)) = s.is_binary(BinaryOp::Div) else {
        return Vec::new();
    };
    let Some(c) = s.uniform(c).map(Literal::as_f64) else {
        return Vec::new();
    };
    let inverse = Literal::real(s.carrier(), 1.0 / c);
    if c == 0.0 || !inverse.as_f64().is_normal() || s.uniform(x).is_some() {
        return Vec::new();
    }
    vec![binary(BinaryOp::Mul, class(x), s.constant(inverse))]
}

fn divide_repeated(s: &Site<'_>) -> Vec<Term> {
    let Some((x, y)) = s.is_binary(BinaryOp::Div) else {
        return Vec::new();
    };
    if s.uniform(y).is_some() || s.uniform(x).is_some() {
        return Vec::new();
    }
    let terms = s.nodes(y).filter_map(|(prim, args)| {
        let Prim::Broadcast { shape, .. } = prim else {
            return None;
        };
        let one = super::full(Literal::one(s.carrier()), &s.ty(args[0]).shape);
        let inverse = binary(BinaryOp::Div, one, class(args[0]));
        let inverse = Terms.place(&inverse, &from(prim)?, shape);
        Some(binary(BinaryOp::Mul, class(x), inverse))
    });
    terms.collect()
}

fn quotients(s: &Site<'_>) -> Vec<Term> {
    let mut terms = Vec::new();
    if let Some((xy, z)) = s.is_binary(BinaryOp::Div) {
        for (x, y) in s.binary(xy, BinaryOp::Div) {
            let below = binary(BinaryOp::Mul, class(y), class(z));
            terms.push(binary(BinaryOp::Div, class(x), below));
        }
    }
    if let Some((x, yz)) = s.is_binary(BinaryOp::Mul) {
        for (y, z) in s.binary(yz, BinaryOp::Div) {
            let above = if s.is(y, 1) {
                class(x)
            } else {
                binary(BinaryOp::Mul, class(x), class(y))
            };
            terms.push(binary(BinaryOp::Div, above, class(z)));
        }
    }
    terms
}

fn log_sum_exp(s: &Site<'_>) -> Vec<Term> {
    let Some(total) = s.is_unary(UnaryOp::Log) else {
        return Vec::new();
    };
    let terms = s.nodes(total).filter_map(|(prim, args)| match prim {
        Prim::Reduce {
            fold: Fold::Sum,
            axes,
        } => {
            let x = s.unary(args[0], UnaryOp::Exp)?;
            let (fold, axes) = (Fold::LogSumExp, axes.clone());
            Some(Term::Node(Prim::Reduce { fold, axes }, vec![class(x)]))
        }
        _ => None,
    });
    terms.collect()
}

fn sigmoid(s: &Site<'_>) -> Vec<Term> {
    let mut terms = Vec::new();
    if let Some((one, below)) = s.is_binary(BinaryOp::Div).filter(|(one, _)| s.is(*one, 1)) {
        for (e, other) in s.binary(below, BinaryOp::Add) {
            let exponent = s.unary(e, UnaryOp::Exp);
            let x = exponent.and_then(|x| s.unary(x, UnaryOp::Neg));
            if let (Some(x), true) = (x, s.same(other, one)) {
                terms.push(unary(UnaryOp::Sigmoid, class(x)));
            }
        }
    }
    if let Some((_, y)) = s.is_binary(BinaryOp::Sub).filter(|(one, _)| s.is(*one, 1))
        && let Some(x) = s.unary(y, UnaryOp::Sigmoid)
    {
        terms.push(unary(UnaryOp::Sigmoid, unary(UnaryOp::Neg, class(x))));
    }
    terms
}

fn tanh(s: &Site<'_>) -> Vec<Term> {
    let mut terms = Vec::new();
    if let Some((twice, _)) = s.is_binary(BinaryOp::Sub).filter(|(_, one)| s.is(*one, 1)) {
        for (y, two) in s.binary(twice, BinaryOp::Mul) {
            let inner = s.unary(y, UnaryOp::Sigmoid).filter(|_| s.is(two, 2));
            for (x, two) in inner.into_iter().flat_map(|x| s.binary(x, BinaryOp::Mul)) {
                if s.is(two, 2) {
                    terms.push(unary(UnaryOp::Tanh, class(x)));
                }
            }
        }
    }
    if let Some(nx) = s.is_unary(UnaryOp::Tanh)
        && let Some(x) = s.unary(nx, UnaryOp::Neg)
    {
        terms.push(unary(UnaryOp::Neg, unary(UnaryOp::Tanh, class(x))));
    }
    terms
}

fn small(s: &Site<'_>) -> Vec<Term> {
    let mut terms = Vec::new();
    if let Some((e, _)) = s.is_binary(BinaryOp::Sub).filter(|(_, one)| s.is(*one, 1))
        && let Some(x) = s.unary(e, UnaryOp::Exp)
    {
        terms.push(unary(UnaryOp::Expm1, class(x)));
    }
    if let Some(sum) = s.is_unary(UnaryOp::Log) {
        for (x, one) in s.binary(sum, BinaryOp::Add) {
            if s.is(one, 1) {
                terms.push(unary(UnaryOp::Log1p, class(x)));
            }
        }
    }
    terms
}

fn powers(s: &Site<'_>) -> Vec<Term> {
    let Some((x, power)) = s.is_binary(BinaryOp::Pow) else {
        return Vec::new();
    };
    let mut terms = Vec::new();
    if s.is(power, 0) {
        terms.push(s.integer(1));
    }
    if s.is(power, 1) {
        terms.push(class(x));
    }
    if s.is(power, 2) {
        terms.push(binary(BinaryOp::Mul, class(x), class(x)));
    }
    if s.is(power, -1) {
        terms.push(binary(BinaryOp::Div, s.integer(1), class(x)));
    }
    terms
}

fn extremes(s: &Site<'_>) -> Vec<Term> {
    let Prim::Reduce {
        fold: fold @ (Fold::Max | Fold::Min),
        axes: outer,
    } = s.prim
    else {
        return Vec::new();
    };
    let terms = s.nodes(s.args[0]).filter_map(|(prim, args)| match prim {
        Prim::Reduce { fold: same, axes } if same == fold => {
            let (fold, axes) = (*fold, both_axes(axes, outer));
            Some(Term::Node(
                Prim::Reduce { fold, axes },
                vec![class(args[0])],
            ))
        }
        _ => None,
    });
    terms.collect()
}
