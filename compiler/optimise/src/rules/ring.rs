//! Rules that are identities of polynomials: they hold in every commutative ring and commute with
//! differentiation; on floating-point numbers they hold up to rounding, and over the reals only.

use egg::Id;
use lentil_unary::{BinaryOp, Carrier, Fold, Prim, Type, UnaryOp};

use super::structure::{both_axes, from, is_product};
use super::{Rule, Site, Validity, binary, class, unary};
use crate::einsum::Einsum;
use crate::graph::{Term, Terms};
use crate::view::Emit;

const fn rule(name: &'static str, law: &'static str, apply: fn(&Site<'_>) -> Vec<Term>) -> Rule {
    let validity = Validity::Ring;
    Rule {
        name,
        validity,
        law,
        apply,
    }
}

/// The table.
pub const RULES: &[Rule] = &[
    rule("zeros", "x+0 = x, 0-x = -x, x-x = 0, x*0 = 0", zeros),
    rule(
        "associate",
        "(x+y)+z = x+(y+z), (x*y)*z = x*(y*z)",
        associate,
    ),
    rule(
        "factor",
        "x*y + x*z = x*(y+z), x*y - x*z = x*(y-z), x*y + x = x*(y+1)",
        factor,
    ),
    rule(
        "negated sums",
        "-(x-y) = y-x, (-x)+y = y-x, (-x)-y = -(x+y)",
        negated,
    ),
    rule(
        "two is zero",
        "x+x = 0, -x = x, x-y = x+y, in characteristic two",
        two,
    ),
    rule("sum of a product", "Σ x*y as a contraction", sum_of_product),
    rule(
        "sum of a contraction",
        "Σ Σ a b = Σ a b, Σ a b = Σ (Σ a) b",
        sum_of_contraction,
    ),
    rule(
        "contract a repeated array",
        "Σ (repeat a) b = repeat (a Σ b)",
        contract_repeated,
    ),
    rule("sum twice", "Σ Σ x = Σ x over both axes", sum_twice),
    rule(
        "sum of repetitions",
        "Σ repeat x = n * repeat x",
        sum_repeated,
    ),
    rule("sum of zeros", "Σ 0 = 0, Σ 0*b = 0", sum_of_zeros),
    rule(
        "factors out of sums",
        "Σ c*x = c * Σ x, Σ -x = -Σ x, for c without the summed axes",
        sum_factor,
    ),
    rule(
        "factors out of contractions",
        "Σ (c a) b = c * Σ a b, Σ (-a) b = -Σ a b",
        contract_factor,
    ),
    rule(
        "sums together",
        "Σ x + Σ y = Σ (x+y), where one of them is a repetition apart",
        sum_apart,
    ),
    rule(
        "contractions together",
        "Σ a b + Σ a c = Σ a (b+c)",
        contract_together,
    ),
    rule(
        "associate contractions",
        "Σ (Σ a b) c = Σ a (Σ b c)",
        contract_chain,
    ),
];

fn zeros(s: &Site<'_>) -> Vec<Term> {
    let mut terms = Vec::new();
    if let Some((x, y)) = s.is_binary(BinaryOp::Add)
        && s.is(y, 0)
    {
        terms.push(class(x));
    }
    if let Some((x, y)) = s.is_binary(BinaryOp::Sub) {
        if s.is(x, 0) {
            terms.push(unary(UnaryOp::Neg, class(y)));
        }
        if s.same(x, y) {
            terms.push(s.integer(0));
        }
    }
    if let Some((_, y)) = s.is_binary(BinaryOp::Mul)
        && s.is(y, 0)
    {
        terms.push(s.integer(0));
    }
    terms
}

fn associate(s: &Site<'_>) -> Vec<Term> {
    let mut terms = Vec::new();
    for op in [BinaryOp::Add, BinaryOp::Mul] {
        if let Some((xy, z)) = s.is_binary(op) {
            // With a unit, or around a circle, there is nothing to be gained and no end.
            let unit = i64::from(op == BinaryOp::Mul);
            let trivial = |id| s.is(id, 0) || s.is(id, unit) || s.same(id, s.class);
            if trivial(z) || trivial(xy) {
                continue;
            }
            for (x, y) in s
                .binary(xy, op)
                .filter(|&(x, y)| !trivial(x) && !trivial(y))
            {
                terms.push(binary(op, class(x), binary(op, class(y), class(z))));
            }
        }
    }
    terms
}

fn factor(s: &Site<'_>) -> Vec<Term> {
    let mut terms = Vec::new();
    for op in [BinaryOp::Add, BinaryOp::Sub] {
        let Some((left, right)) = s.is_binary(op) else {
            continue;
        };
        let trivial = |id| s.is(id, 0) || s.is(id, 1);
        if trivial(left) || trivial(right) {
            continue;
        }
        for (x, y) in s.binary(left, BinaryOp::Mul).filter(|&(_, y)| !trivial(y)) {
            if s.same(x, right) {
                let rest = binary(op, class(y), s.integer(1));
                terms.push(binary(BinaryOp::Mul, class(x), rest));
            }
            // Commutativity brings the common factor to the front of both.
            for (x2, z) in s.binary(right, BinaryOp::Mul) {
                if s.same(x, x2) {
                    let rest = binary(op, class(y), class(z));
                    terms.push(binary(BinaryOp::Mul, class(x), rest));
                }
            }
        }
    }
    terms
}

fn negated(s: &Site<'_>) -> Vec<Term> {
    let mut terms = Vec::new();
    if let Some(xy) = s.is_unary(UnaryOp::Neg) {
        for (x, y) in s.binary(xy, BinaryOp::Sub) {
            terms.push(binary(BinaryOp::Sub, class(y), class(x)));
        }
    }
    if let Some((nx, y)) = s.is_binary(BinaryOp::Add)
        && let Some(x) = s.unary(nx, UnaryOp::Neg)
    {
        terms.push(binary(BinaryOp::Sub, class(y), class(x)));
    }
    if let Some((nx, y)) = s.is_binary(BinaryOp::Sub)
        && let Some(x) = s.unary(nx, UnaryOp::Neg)
    {
        terms.push(unary(
            UnaryOp::Neg,
            binary(BinaryOp::Add, class(x), class(y)),
        ));
    }
    terms
}

fn two(s: &Site<'_>) -> Vec<Term> {
    if !matches!(s.carrier(), Carrier::Bit | Carrier::Mod(2)) {
        return Vec::new();
    }
    let mut terms = Vec::new();
    if let Some((x, y)) = s.is_binary(BinaryOp::Add)
        && s.same(x, y)
    {
        terms.push(s.integer(0));
    }
    terms.extend(s.is_unary(UnaryOp::Neg).map(class));
    if let Some((x, y)) = s.is_binary(BinaryOp::Sub) {
        terms.push(binary(BinaryOp::Add, class(x), class(y)));
    }
    terms
}

/// The arguments of a node that is a product or a contraction, as a sum of products.
fn einsum(s: &Site<'_>, prim: &Prim, args: &[Id], own: &Type) -> Option<Einsum<Term>> {
    let types: Vec<&Type> = args.iter().map(|&id| s.ty(id)).collect();
    let terms: Vec<Term> = args.iter().map(|&id| class(id)).collect();
    Einsum::of_prim(prim, &terms, &types, &own.shape)
}

/// Factors that are repetitions or transpositions become what they are of.
fn resolve(s: &Site<'_>, einsum: &mut Einsum<Term>, args: &[Id]) {
    for (side, &id) in args.iter().enumerate() {
        // A literal has no arguments.
        let view = s
            .nodes(id)
            .find_map(|(p, args)| Some((*args.first()?, from(p)?)));
        if let Some((base, from)) = view {
            einsum.resolve(side, class(base), &from);
        }
    }
}

fn emitted(s: &Site<'_>, einsum: &Einsum<Term>) -> Option<Term> {
    let carrier = s.carrier();
    let allowed = einsum.allowed(s.arithmetic, carrier);
    allowed.then(|| einsum.emit(&mut Terms, s.arithmetic, carrier))
}

fn sums<'a>(s: &Site<'a>) -> Option<&'a [usize]> {
    match s.prim {
        Prim::Reduce {
            fold: Fold::Sum,
            axes,
        } => Some(axes),
        _ => None,
    }
}

fn sum_of(s: &Site<'_>, which: impl Fn(&Prim) -> bool) -> Vec<Term> {
    let Some(axes) = sums(s) else {
        return Vec::new();
    };
    let inner = s.nodes(s.args[0]).filter(|(prim, _)| which(prim));
    let terms = inner.filter_map(|(prim, args)| {
        let mut product = einsum(s, prim, args, s.ty(s.args[0]))?.summed(axes);
        resolve(s, &mut product, args);
        emitted(s, &product)
    });
    terms.collect()
}

fn sum_of_product(s: &Site<'_>) -> Vec<Term> {
    sum_of(s, is_product)
}

fn sum_of_contraction(s: &Site<'_>) -> Vec<Term> {
    sum_of(s, |prim| matches!(prim, Prim::Contract { .. }))
}

fn contract_repeated(s: &Site<'_>) -> Vec<Term> {
    let repeats = |prim: &Prim| matches!(prim, Prim::Broadcast { .. });
    let repeated = |&id: &Id| s.nodes(id).any(|(prim, _)| repeats(prim));
    if !matches!(s.prim, Prim::Contract { .. }) || !s.args.iter().any(repeated) {
        return Vec::new();
    }
    let Some(mut product) = einsum(s, s.prim, s.args, s.own()) else {
        return Vec::new();
    };
    resolve(s, &mut product, s.args);
    emitted(s, &product).into_iter().collect()
}

fn sum_twice(s: &Site<'_>) -> Vec<Term> {
    let Some(outer) = sums(s) else {
        return Vec::new();
    };
    let terms = s.nodes(s.args[0]).filter_map(|(prim, args)| match prim {
        Prim::Reduce {
            fold: Fold::Sum,
            axes,
        } => {
            let (fold, axes) = (Fold::Sum, both_axes(axes, outer));
            Some(Term::Node(
                Prim::Reduce { fold, axes },
                vec![class(args[0])],
            ))
        }
        _ => None,
    });
    terms.collect()
}

/// What is left of a view when some of its result's axes are taken away that only repeat.
fn without(from: &[Option<usize>], axes: &[usize]) -> Option<Vec<Option<usize>>> {
    if axes.iter().any(|&a| from[a].is_some()) {
        return None;
    }
    let kept = from.iter().enumerate().filter(|(a, _)| !axes.contains(a));
    Some(kept.map(|(_, f)| *f).collect())
}

fn sum_repeated(s: &Site<'_>) -> Vec<Term> {
    let Some(axes) = sums(s) else {
        return Vec::new();
    };
    let summed = s.ty(s.args[0]);
    let terms = s.nodes(s.args[0]).filter_map(|(prim, args)| {
        let rest = without(&from(prim)?, axes)?;
        let times = axes.iter().try_fold(1_i64, |n, &a| {
            n.checked_mul(i64::try_from(summed.shape[a]).ok()?)
        })?;
        let once = Terms.place(&class(args[0]), &rest, &s.own().shape);
        Some(binary(BinaryOp::Mul, once, s.integer(times)))
    });
    terms.collect()
}

fn sum_of_zeros(s: &Site<'_>) -> Vec<Term> {
    let zero = match s.prim {
        Prim::Reduce {
            fold: Fold::Sum, ..
        }
        | Prim::Contract { .. } => s.args.iter().any(|&id| s.is(id, 0)),
        _ => false,
    };
    zero.then(|| s.integer(0)).into_iter().collect()
}

fn sum_factor(s: &Site<'_>) -> Vec<Term> {
    let Some(axes) = sums(s) else {
        return Vec::new();
    };
    let sum = |x: Term| {
        let (fold, axes) = (Fold::Sum, axes.to_vec());
        Term::Node(Prim::Reduce { fold, axes }, vec![x])
    };
    let mut terms = Vec::new();
    if let Some(x) = s.unary(s.args[0], UnaryOp::Neg) {
        terms.push(unary(UnaryOp::Neg, sum(class(x))));
    }
    for (c, x) in s.binary(s.args[0], BinaryOp::Mul) {
        for (prim, args) in s.nodes(c) {
            let rest = from(prim).and_then(|from| without(&from, axes));
            if let Some(rest) = rest {
                let c = Terms.place(&class(args[0]), &rest, &s.own().shape);
                terms.push(binary(BinaryOp::Mul, c, sum(class(x))));
            }
        }
    }
    terms
}

fn contract_factor(s: &Site<'_>) -> Vec<Term> {
    let Prim::Contract { .. } = s.prim else {
        return Vec::new();
    };
    let mut terms = Vec::new();
    for side in 0..2 {
        let with = |id: Id| {
            let mut args = [class(s.args[0]), class(s.args[1])];
            args[side] = class(id);
            Term::Node(s.prim.clone(), args.to_vec())
        };
        if let Some(x) = s.unary(s.args[side], UnaryOp::Neg) {
            terms.push(unary(UnaryOp::Neg, with(x)));
        }
        for (c, x) in s.binary(s.args[side], BinaryOp::Mul) {
            let scalar = s.nodes(c).find_map(|(prim, args)| match prim {
                Prim::Broadcast { axes, .. } if axes.is_empty() => Some(class(args[0])),
                _ => None,
            });
            if let Some(scalar) = scalar {
                let c = Terms.broadcast(&scalar, &s.own().shape, &[]);
                terms.push(binary(BinaryOp::Mul, c, with(x)));
            }
        }
    }
    terms
}

/// Only where it lets a repetition, a constant or a product be summed by itself.
fn sum_apart(s: &Site<'_>) -> Vec<Term> {
    let Some(axes) = sums(s) else {
        return Vec::new();
    };
    let simple = |id: Id| {
        let mut nodes = s.nodes(id);
        nodes.any(|(p, _)| matches!(p, Prim::Broadcast { .. } | Prim::Contract { .. }))
    };
    let sum = |x: Id| {
        let (fold, axes) = (Fold::Sum, axes.to_vec());
        Term::Node(Prim::Reduce { fold, axes }, vec![class(x)])
    };
    let mut terms = Vec::new();
    for op in [BinaryOp::Add, BinaryOp::Sub] {
        for (x, y) in s.binary(s.args[0], op) {
            if simple(x) || simple(y) {
                terms.push(binary(op, sum(x), sum(y)));
            }
        }
    }
    terms
}

fn contract_together(s: &Site<'_>) -> Vec<Term> {
    let mut terms = Vec::new();
    for op in [BinaryOp::Add, BinaryOp::Sub] {
        let Some((left, right)) = s.is_binary(op) else {
            continue;
        };
        for (prim, a) in s.nodes(left) {
            if !matches!(prim, Prim::Contract { .. }) {
                continue;
            }
            for (_, b) in s.nodes(right).filter(|(other, _)| *other == prim) {
                let alike = |k: usize| s.ty(a[k]) == s.ty(b[k]);
                let together = |k: usize| binary(op, class(a[k]), class(b[k]));
                if s.same(a[0], b[0]) && alike(1) {
                    terms.push(Term::Node(prim.clone(), vec![class(a[0]), together(1)]));
                }
                if s.same(a[1], b[1]) && alike(0) {
                    terms.push(Term::Node(prim.clone(), vec![together(0), class(a[1])]));
                }
            }
        }
    }
    terms
}

/// A product of three arrays can begin with any two of them. Turning round brings the inner one to the left.
fn contract_chain(s: &Site<'_>) -> Vec<Term> {
    let mut terms = Vec::new();
    if !matches!(s.prim, Prim::Contract { .. }) {
        return terms;
    }
    let Some(outer) = einsum(s, s.prim, s.args, s.own()) else {
        return terms;
    };
    for (prim, args) in s.nodes(s.args[0]) {
        if !matches!(prim, Prim::Contract { .. }) {
            continue;
        }
        let Some(inner) = einsum(s, prim, args, s.ty(s.args[0])) else {
            continue;
        };
        // The inner labels in terms of the outer ones; those it sums over are new.
        let mut sizes = outer.sizes.clone();
        let mut rename = outer.factors[0].1.clone();
        for &label in &inner.sizes[rename.len()..] {
            rename.push(sizes.len());
            sizes.push(label);
        }
        let named =
            |k: usize| -> Vec<usize> { inner.factors[k].1.iter().map(|&l| rename[l]).collect() };
        let (c, lc) = &outer.factors[1];
        for (first, second) in [(0, 1), (1, 0)] {
            let (la, lb) = (named(first), named(second));
            let needed = |l: &&usize| la.contains(l) || outer.out.contains(l);
            let all = lb.iter().chain(lc.iter().filter(|l| !lb.contains(l)));
            let (kept, gone): (Vec<_>, Vec<_>) = all.partition(|l| needed(&&**l));
            let kept: Vec<usize> = kept.into_iter().copied().collect();
            let pair = Einsum {
                factors: [(class(args[second]), lb.clone()), (c.clone(), lc.clone())],
                out: kept.clone(),
                sum: gone.into_iter().copied().collect(),
                sizes: sizes.clone(),
                nested: false,
            };
            let Some(product) = emitted(s, &pair) else {
                continue;
            };
            let sum = kept.iter().filter(|l| !outer.out.contains(l));
            let whole = Einsum {
                factors: [(class(args[first]), la.clone()), (product, kept.clone())],
                out: outer.out.clone(),
                sum: sum.copied().collect(),
                sizes: sizes.clone(),
                nested: false,
            };
            terms.extend(emitted(s, &whole));
        }
    }
    terms
}
