//! Simpler terms of the same type.

use lentil_unary::Carrier;

use super::term::{Form, Term, Var};
use crate::law::drawn::Numbers;
use crate::law::shrink::{plainness, simpler_numbers};

/// Terms that are simpler than one and may stand in its place, where these variables are in scope
/// and `Real` is `real`.
pub fn shrinks(term: &Term, vars: &[Var], real: Carrier) -> Vec<Term> {
    let own = cost(term);
    let mut out = at_root(term, vars, real);
    for (at, (child, binds)) in term.children().into_iter().enumerate() {
        let inner = [vars, binds].concat();
        let shrunk = shrinks(child, &inner, real).into_iter();
        out.extend(shrunk.map(|child| term.with_child(at, child)));
    }
    out.retain(|t| cost(t) < own);
    out
}

/// What may stand for the whole: a constant, a variable, a part of it.
fn at_root(term: &Term, vars: &[Var], real: Carrier) -> Vec<Term> {
    let mut out = Vec::new();
    out.extend(constant(term, real, 0.0));
    let fits = vars.iter().filter(|var| var.ty == term.ty);
    out.extend(fits.map(Term::name));
    out.extend(constant(term, real, 1.0));
    let mut inside = term.children();
    while let Some((child, binds)) = inside.pop() {
        if child.mentions(binds) {
            continue;
        }
        if child.ty == term.ty {
            out.push(child.clone());
        } else {
            inside.extend(child.children());
        }
    }
    if let Form::Literal(numbers) = &term.form {
        out.extend(simpler_numbers(numbers).into_iter().map(|numbers| Term {
            ty: term.ty.clone(),
            form: Form::Literal(numbers),
        }));
    }
    out
}

/// A constant of a term's type.
fn constant(term: &Term, real: Carrier, x: f64) -> Option<Term> {
    let (kind, shape) = super::term::parts(&term.ty)?;
    let ty = lentil_unary::Type::array(kind.carrier(real)?, shape);
    let elements = vec![x; ty.len()];
    Some(Term {
        ty: term.ty.clone(),
        form: Form::Literal(Numbers::new(kind, ty, &elements)),
    })
}

/// How far a term is from simple: shrinking only ever makes it less.
fn cost(term: &Term) -> usize {
    match &term.form {
        Form::Literal(n) => 1 + n.elements.iter().map(|x| plainness(*x)).sum::<usize>(),
        Form::Name(_) => 2,
        Form::Element { .. } => 3,
        Form::Infix(..) | Form::Template(_) => {
            let children = term.children();
            4 + children.iter().map(|(child, _)| cost(child)).sum::<usize>()
        }
    }
}
