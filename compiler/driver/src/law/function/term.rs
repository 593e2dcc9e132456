//! Terms: typed expressions whose parts can be exchanged.

use lentil_core::size::Size;
use lentil_core::ty::{Kind, Ty};

use crate::law::drawn::Numbers;

/// A typed expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// Its type.
    pub ty: Ty,
    /// What it is.
    pub form: Form,
}

/// The forms of terms.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// A variable.
    Name(String),
    /// A constant.
    Literal(Numbers),
    /// An element of a variable, at indices that mention these names.
    Element { text: String, uses: Vec<String> },
    /// `a op b`.
    Infix(&'static str, Box<[Term; 2]>),
    /// A text with terms in it.
    Template(Vec<Part>),
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// As it stands.
    Text(String),
    /// A term, in the scope of further variables.
    Hole(Term, Vec<Var>),
}

/// A variable that terms may mention.
#[derive(Clone, Debug, PartialEq)]
pub struct Var {
    /// Its name, or a path into a record.
    pub name: String,
    /// Its type.
    pub ty: Ty,
    /// For the index of a comprehension, how far it runs.
    pub bound: Option<usize>,
}

impl Var {
    /// A variable of which only the type is known.
    pub fn new(name: String, ty: Ty) -> Var {
        Var {
            name,
            ty,
            bound: None,
        }
    }
}

impl Term {
    /// A variable.
    pub fn name(var: &Var) -> Term {
        Term {
            ty: var.ty.clone(),
            form: Form::Name(var.name.clone()),
        }
    }

    /// `a op b`.
    pub fn infix(ty: Ty, op: &'static str, a: Term, b: Term) -> Term {
        Term {
            ty,
            form: Form::Infix(op, Box::new([a, b])),
        }
    }

    /// The expression, with all its parentheses.
    pub fn source(&self) -> String {
        match &self.form {
            Form::Name(name) => name.clone(),
            Form::Literal(numbers) => numbers.source(),
            Form::Element { text, .. } => text.clone(),
            Form::Infix(op, sides) => {
                let [a, b] = &**sides;
                format!("({} {op} {})", a.beside(b), b.beside(a))
            }
            Form::Template(parts) => {
                let text = |part: &Part| match part {
                    Part::Text(text) => text.clone(),
                    Part::Hole(term, _) => term.source(),
                };
                parts.iter().map(text).collect()
            }
        }
    }

    /// As an operand: a number takes the carrier of what it stands beside, unless that is one too.
    fn beside(&self, other: &Term) -> String {
        match (&self.form, &other.form) {
            (_, Form::Literal(_)) => self.source(),
            (Form::Literal(n), _) if n.ty.rank() == 0 && n.kind != Kind::Bool => {
                super::super::drawn::number(n.ty.carrier, n.elements[0])
            }
            _ => self.source(),
        }
    }

    /// Its parts, with the variables that each sees besides.
    pub fn children(&self) -> Vec<(&Term, &[Var])> {
        match &self.form {
            Form::Name(_) | Form::Literal(_) | Form::Element { .. } => Vec::new(),
            Form::Infix(_, sides) => sides.iter().map(|side| (side, &[][..])).collect(),
            Form::Template(parts) => parts
                .iter()
                .filter_map(|part| match part {
                    Part::Text(_) => None,
                    Part::Hole(term, binds) => Some((term, &binds[..])),
                })
                .collect(),
        }
    }

    /// The same term with another part in the place of one.
    pub fn with_child(&self, at: usize, child: Term) -> Term {
        let mut copy = self.clone();
        match &mut copy.form {
            Form::Name(_) | Form::Literal(_) | Form::Element { .. } => {}
            Form::Infix(_, sides) => sides[at] = child,
            Form::Template(parts) => {
                let holes = parts.iter_mut().filter_map(|part| match part {
                    Part::Text(_) => None,
                    Part::Hole(term, _) => Some(term),
                });
                if let Some(hole) = { holes }.nth(at) {
                    *hole = child;
                }
            }
        }
        copy
    }

    /// Whether it mentions one of these variables.
    pub fn mentions(&self, vars: &[Var]) -> bool {
        let named = |name: &str| vars.iter().any(|var| var.name == name);
        match &self.form {
            Form::Name(name) => named(name),
            Form::Element { uses, .. } => uses.iter().any(|name| named(name)),
            Form::Literal(_) | Form::Infix(..) | Form::Template(_) => {
                self.children().iter().any(|(term, _)| term.mentions(vars))
            }
        }
    }
}

/// An array type.
pub fn array(kind: &Kind, shape: &[usize]) -> Ty {
    let sizes = shape.iter().map(|&n| Size::constant(n as i128));
    Ty::Array(kind.clone(), sizes.collect())
}

/// The carrier and the sizes of an array type.
pub fn parts(ty: &Ty) -> Option<(&Kind, Vec<usize>)> {
    match ty {
        Ty::Array(kind, sizes) => {
            let known = sizes.iter().map(|n| usize::try_from(n.as_constant()?).ok());
            Some((kind, known.collect::<Option<_>>()?))
        }
        Ty::Tuple(_) | Ty::Record(_) | Ty::Key | Ty::Arrow(..) | Ty::Space(_) => None,
    }
}
