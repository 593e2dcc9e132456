//! Functions at random: well-typed programs, kept as terms until they are written as Lentil.

mod draw;
mod shrink;
mod term;

use std::collections::BTreeSet;

use lentil_core::ty::Ty;
use lentil_diag::SourceId;
use lentil_unary::Carrier;
use lentil_unary::dice::Dice;

use super::drawn::Drawn;
use super::shrink as shrink_value;
use draw::Draw;
use term::{Form, Term, Var};

/// A function between values.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    params: Vec<(String, Ty)>,
    /// Patterns that take tuples among the parameters apart.
    opened: Vec<(String, String)>,
    /// What the body may mention.
    vars: Vec<Var>,
    real: Carrier,
    body: Term,
}

/// Which of the language's own names are hidden where functions will stand.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    hidden: BTreeSet<String>,
}

impl Scope {
    /// A scope in which these names mean something else.
    pub fn hiding(names: impl IntoIterator<Item = String>) -> Scope {
        let hidden = names.into_iter().collect();
        Scope { hidden }
    }

    /// Whether a name means what the language says.
    pub fn shows(&self, name: &str) -> bool {
        !self.hidden.contains(name)
    }
}

impl Function {
    /// A function from these arguments to this result; it grows with `level`, from 0 to 100.
    pub fn draw(
        from: &[Ty],
        to: &Ty,
        real: Carrier,
        level: usize,
        scope: &Scope,
        dice: &mut Dice,
    ) -> Function {
        let (mut params, mut opened, mut vars) = (Vec::new(), Vec::new(), Vec::new());
        for (k, ty) in from.iter().enumerate() {
            let name = match ["x", "y", "z"].get(k) {
                Some(name) if from.len() <= 3 => (*name).to_string(),
                _ => format!("x{k}"),
            };
            if let Some(pattern) = open(&name, ty, &mut vars) {
                opened.push((pattern, name.clone()));
            }
            params.push((name, ty.clone()));
        }
        let body = Draw::new(real, scope, dice, vars.clone()).body(to, level);
        Function {
            params,
            opened,
            vars,
            real,
            body,
        }
    }

    /// The function in the language's own style.
    pub fn source(&self) -> String {
        let params: Vec<String> = self
            .params
            .iter()
            .map(|(name, ty)| format!("{name}: {ty}"))
            .collect();
        let mut body = self.body.source();
        if !self.opened.is_empty() {
            let opened = self.opened.iter();
            let lets: Vec<String> = opened
                .map(|(pattern, name)| format!("let {pattern} = {name}; "))
                .collect();
            body = format!("{{ {}{body} }}", lets.concat());
        }
        let text = format!("fn({}) => {body}", params.join(", "));
        // Terms are written with all their parentheses; the formatter leaves those that are needed.
        let (expr, diagnostics) = lentil_grammar::parse_expr(SourceId::default(), &text);
        match diagnostics.is_empty() {
            true => lentil_grammar::expr_to_string(&expr),
            false => text,
        }
    }

    /// A function of a type that differs in its sizes, if that makes sense: a constant, or a variable.
    pub fn resized(&self, from: &[Ty], to: &Ty, real: Carrier) -> Option<Function> {
        let (mut vars, mut params) = (Vec::new(), Vec::new());
        for ((name, _), ty) in self.params.iter().zip(from) {
            open(name, ty, &mut vars);
            params.push((name.clone(), ty.clone()));
        }
        let body = match &self.body.form {
            Form::Literal(numbers) => {
                let value = Drawn::Array(numbers.clone());
                let Drawn::Array(numbers) = shrink_value::resized(&value, to, real)? else {
                    return None;
                };
                Form::Literal(numbers)
            }
            Form::Name(name) if vars.iter().any(|v| v.name == *name && v.ty == *to) => {
                self.body.form.clone()
            }
            Form::Name(_) | Form::Element { .. } | Form::Infix(..) | Form::Template(_) => {
                return None;
            }
        };
        Some(Function {
            params,
            opened: self.opened.clone(),
            vars,
            real,
            body: Term {
                ty: to.clone(),
                form: body,
            },
        })
    }

    /// Simpler functions of the same type, the simplest first.
    pub fn shrinks(&self) -> Vec<Function> {
        let bodies = shrink::shrinks(&self.body, &self.vars, self.real);
        bodies
            .into_iter()
            .map(|body| Function {
                body,
                ..self.clone()
            })
            .collect()
    }
}

/// The variables that a parameter brings, and the pattern that opens it if it is a tuple.
fn open(name: &str, ty: &Ty, vars: &mut Vec<Var>) -> Option<String> {
    match ty {
        Ty::Tuple(parts) if parts.len() >= 2 => {
            let names = (0..parts.len()).map(|k| format!("{name}_{k}"));
            let names: Vec<String> = names.collect();
            let patterns = parts
                .iter()
                .zip(&names)
                .map(|(part, name)| open(name, part, vars).unwrap_or_else(|| name.clone()));
            Some(format!("({})", patterns.collect::<Vec<_>>().join(", ")))
        }
        Ty::Record(fields) => {
            for (field, part) in fields {
                // A tuple inside of a record is passed on whole.
                let path = format!("{name}.{field}");
                match part {
                    Ty::Record(_) => drop(open(&path, part, vars)),
                    Ty::Array(..) | Ty::Key | Ty::Tuple(_) | Ty::Arrow(..) | Ty::Space(_) => {
                        vars.push(Var::new(path, part.clone()));
                    }
                }
            }
            None
        }
        Ty::Array(..) | Ty::Key | Ty::Tuple(_) | Ty::Arrow(..) | Ty::Space(_) => {
            vars.push(Var::new(name.to_string(), ty.clone()));
            None
        }
    }
}
