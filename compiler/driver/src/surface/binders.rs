//! `for i, j < 3`: which bounds can be left out because the body tells them.

use std::collections::BTreeMap;

use lentil_grammar::ast::{BinaryOp, Binder, Expr, ExprKind, Statement, UnaryOp};

use super::number::is_number;
use super::tree::{ident, number};

/// What a name in scope ranges over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// A value of this shape.
    Array(Vec<usize>),
    /// A whole number between two bounds.
    Number(i128, i128),
}

impl Extent {
    /// An index below a size.
    pub(super) fn index(size: usize) -> Extent {
        Extent::Number(0, size as i128 - 1)
    }
}

pub(super) type Extents = BTreeMap<String, Extent>;

/// Binders for indices of given sizes over a body; a bound is written where it is not inferred.
pub(super) fn binders(body: &Expr, indices: &[(&str, usize)], extents: &Extents) -> Vec<Binder> {
    let binder = |(at, &(name, size)): (usize, &(&str, usize))| {
        let hidden: Vec<&str> = indices[at..].iter().map(|(n, _)| *n).collect();
        let told = inferred(body, name, &hidden, extents) == Some(size);
        Binder {
            name: ident(name),
            bound: (!told).then(|| number(size)),
        }
    };
    indices.iter().enumerate().map(binder).collect()
}

/// The bounds that the checker knows of a whole number, by the rules that it has for them.
pub(super) fn bounds_of(e: &Expr, extents: &Extents) -> Option<(i128, i128)> {
    match &e.kind {
        ExprKind::Number(text) => text.parse().ok().map(|n| (n, n)),
        ExprKind::Name(name) => match extents.get(name)? {
            Extent::Number(low, high) => Some((*low, *high)),
            Extent::Array(_) => None,
        },
        ExprKind::Unary(UnaryOp::Neg, a) if is_number(a) => {
            bounds_of(a, extents).map(|(n, _)| (-n, -n))
        }
        ExprKind::Binary(op, a, b) => {
            let ((al, ah), (bl, bh)) = (bounds_of(a, extents)?, bounds_of(b, extents)?);
            let constant = (bl == bh).then_some(bl);
            match op {
                BinaryOp::Add => Some((al + bl, ah + bh)),
                BinaryOp::Sub => Some((al - bh, ah - bl)),
                BinaryOp::Mul => constant.filter(|&c| c >= 0).map(|c| (al * c, ah * c)),
                BinaryOp::Div => {
                    let c = constant.filter(|&c| c > 0)?;
                    Some((al.div_euclid(c), ah.div_euclid(c)))
                }
                BinaryOp::Rem => constant.filter(|&c| c > 0).map(|c| (0, c - 1)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// What the language infers for an index: the size of the first array that is indexed by it alone.
/// Known here only where that array is a name.
fn inferred(body: &Expr, index: &str, hidden: &[&str], extents: &Extents) -> Option<usize> {
    let mut uses = Vec::new();
    find_uses(body, index, &mut uses);
    let (base, axis) = uses.into_iter().find(|(base, _)| !mentions(base, hidden))?;
    let ExprKind::Name(array) = &base.kind else {
        return None;
    };
    match extents.get(array)? {
        Extent::Array(shape) => shape.get(axis).copied(),
        Extent::Number(..) => None,
    }
}

fn find_uses<'e>(e: &'e Expr, index: &str, out: &mut Vec<(&'e Expr, usize)>) {
    if let ExprKind::Bracket(base, items) = &e.kind {
        for (axis, item) in items.iter().enumerate() {
            if matches!(&item.kind, ExprKind::Name(n) if n == index) {
                out.push((base, axis));
            }
        }
    }
    for child in children(e) {
        find_uses(child, index, out);
    }
}

fn mentions(e: &Expr, names: &[&str]) -> bool {
    matches!(&e.kind, ExprKind::Name(n) if names.contains(&n.as_str()))
        || children(e).into_iter().any(|child| mentions(child, names))
}

/// The direct parts of an expression, in the order in which the language looks at them.
fn children(e: &Expr) -> Vec<&Expr> {
    match &e.kind {
        ExprKind::Name(_)
        | ExprKind::Number(_)
        | ExprKind::Text(_)
        | ExprKind::Bool(_)
        | ExprKind::Error => Vec::new(),
        ExprKind::Tuple(items) | ExprKind::Array(items) => items.iter().collect(),
        ExprKind::Comprehension(body, binders) => {
            std::iter::once(&**body).chain(bounds(binders)).collect()
        }
        ExprKind::Record(fields) => fields.iter().map(|(_, e)| e).collect(),
        ExprKind::Block(statements, result) => {
            let values = statements.iter().map(|s| match s {
                Statement::Let(_, e) | Statement::Use(_, e) | Statement::State(_, e) => e,
            });
            values.chain([&**result]).collect()
        }
        ExprKind::If(c, a, b) => vec![c, a, b],
        ExprKind::Lambda(_, body) => vec![body],
        ExprKind::Call(f, args) => std::iter::once(&**f)
            .chain(args.params.iter().flatten())
            .chain(&args.args)
            .collect(),
        ExprKind::Reduction(f, body, binders) => {
            [&**f, &**body].into_iter().chain(bounds(binders)).collect()
        }
        ExprKind::Bracket(base, items) => std::iter::once(&**base).chain(items).collect(),
        ExprKind::Range(a, b) => [a, b].into_iter().flatten().map(|e| &**e).collect(),
        ExprKind::Field(e, _) | ExprKind::Unary(_, e) | ExprKind::Labelled(_, e) => vec![e],
        ExprKind::Binary(_, a, b) => vec![a, b],
    }
}

fn bounds(binders: &[Binder]) -> impl Iterator<Item = &Expr> {
    binders.iter().filter_map(|b| b.bound.as_ref())
}
