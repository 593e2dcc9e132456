//! Laws: what is to be drawn for one, and what it says of what is drawn.
//!
//! *Before*: a law, a choice of its carriers and sizes, and its functions as expressions.
//! *After*: a region from its other arguments to whether it holds.
//! *Size*: linear in what is evaluated.

use std::sync::Arc;

use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{Expr, ItemKind, LawDef};

use super::claim::Explained;
use super::{Failure, Lowered, Options, Program, Role};
use crate::elaborate::types::StaticBound;
use crate::elaborate::{Elaborator, Mode};
use crate::stack::deep;
use crate::ty::{Bound, Kind, Ty};
use crate::value::{Env, Value};

/// An argument of a law with more numbers is refused.
pub const MOST_NUMBERS: i128 = 1 << 20;

/// What a law says of what.
#[derive(Clone, Debug)]
pub struct Law {
    /// Its title.
    pub title: String,
    /// Where the title stands.
    pub place: Span,
    /// Its carriers and sizes.
    pub statics: Vec<LawStatic>,
    /// Names that hide the language's own: those of the file and of the law.
    pub names: Vec<String>,
    /// Where its condition stands, and whether that is a block.
    pub body: (Span, bool),
}

/// A static parameter of a law.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LawStatic {
    /// Its name.
    pub name: String,
    /// What it stands for.
    pub class: StaticClass,
}

/// What a static parameter stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaticClass {
    /// A size.
    Size,
    /// A carrier.
    Carrier(Bound),
    /// A parameter space.
    Space(Bound),
}

/// The value of a static parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    /// A size.
    Size(usize),
    /// A carrier.
    Carrier(Kind),
    /// A parameter space.
    Space(Ty),
}

/// A law's arguments for one choice of its statics: names and types.
pub type Arguments = Vec<(String, Ty)>;

impl Program {
    /// A law of the root file, by its position among the laws.
    pub fn law(&self, index: usize) -> Option<Law> {
        let def = self.law_def(index)?;
        let mut names: Vec<String> = def.params.iter().map(|p| p.name.text.clone()).collect();
        names.extend(def.statics.iter().map(|s| s.name.text.clone()));
        let root = self.modules.get(self.modules.root());
        names.extend(root.names.keys().map(|name| name.to_string()));
        let mut e = Elaborator::new(&self.modules, Mode::Check);
        let statics = def.statics.iter().map(|s| LawStatic {
            name: s.name.text.clone(),
            class: match s.bound.as_ref().and_then(|bound| e.bound(bound)) {
                None => StaticClass::Size,
                Some(StaticBound::Carrier(bound)) => StaticClass::Carrier(bound),
                Some(StaticBound::Space(bound)) => StaticClass::Space(bound),
            },
        });
        let block = matches!(def.body.kind, lentil_grammar::ast::ExprKind::Block(..));
        Some(Law {
            title: def.title.clone(),
            place: def.title_span,
            statics: statics.collect(),
            names,
            body: (def.body.span, block),
        })
    }

    /// The arguments of a law for a choice of its statics; `None` if that does not meet its conditions.
    pub fn law_arguments(
        &self,
        index: usize,
        choices: &[Choice],
    ) -> Result<Option<Arguments>, Failure> {
        let def = self.required_law(index)?;
        let (arguments, diagnostics) = deep(|| {
            let mut e = Elaborator::new(&self.modules, Mode::Check);
            let arguments = e.law_arguments(def, &self.law_env(def, choices));
            (arguments, e.finish())
        });
        match diagnostics.is_empty() {
            true => Ok(arguments),
            false => Err(self.failure(diagnostics)),
        }
    }

    /// A law for a choice of its statics. `functions` are expressions for its arguments that are
    /// functions, in order; the others are parameters. One `Bool`, whether it holds.
    pub fn lower_law(
        &self,
        index: usize,
        choices: &[Choice],
        functions: &[String],
        options: &Options,
    ) -> Result<Lowered, Failure> {
        self.law_region(index, choices, functions, options, |e, condition, env| {
            let value = e.expr(condition, env);
            e.truth(value)
        })
    }

    /// The same law with what it compares.
    pub fn explain_law(
        &self,
        index: usize,
        choices: &[Choice],
        functions: &[String],
        options: &Options,
    ) -> Result<Explained, Failure> {
        let mut claims = Vec::new();
        let lowered =
            self.law_region(index, choices, functions, options, |e, condition, env| {
                let mut parts = Vec::new();
                e.claims(condition, env, &mut claims, &mut parts);
                Value::Tuple(parts)
            })?;
        Ok(Explained { lowered, claims })
    }

    fn law_region(
        &self,
        index: usize,
        choices: &[Choice],
        functions: &[String],
        options: &Options,
        says: impl FnOnce(&mut Elaborator<'_>, &Expr, &Env) -> Value + Send,
    ) -> Result<Lowered, Failure> {
        let def = self.required_law(index)?;
        let (mut sources, mut exprs) = (self.sources.clone(), Vec::new());
        for text in functions {
            let source = sources.add("<function>", text);
            let (expr, diagnostics) = lentil_grammar::parse_expr(source, text);
            if !diagnostics.is_empty() {
                return Err(Failure {
                    diagnostics,
                    sources,
                });
            }
            exprs.push(expr);
        }
        let env = self.law_env(def, choices);
        let lowered = self.elaborate(options, def.body.span, |e| {
            let arguments = e.law_arguments(def, &env)?;
            let given: Arguments = arguments
                .iter()
                .filter(|(_, ty)| !matches!(ty, Ty::Arrow(..)))
                .cloned()
                .collect();
            let types = given.iter().map(|(_, ty)| ty.clone()).collect();
            let (lowered, _) = e.lowered_region(&Ty::Tuple(types), |e, values| {
                let env = e.law_scope(&env, &arguments, values, &exprs);
                says(e, &def.body, &env)
            })?;
            let params = given.into_iter();
            let params = params.map(|(name, ty)| e.param(name, ty, Role::Input));
            Some(Lowered {
                params: params.collect(),
                ..lowered
            })
        });
        lowered.map_err(|failure| Failure { sources, ..failure })
    }

    fn law_env(&self, def: &LawDef, choices: &[Choice]) -> Env {
        let module = Env::module(self.modules.root());
        let choices = def.statics.iter().zip(choices);
        choices.fold(module, |env, (param, choice)| {
            let value = match choice {
                Choice::Size(n) => Value::int(*n as i128),
                Choice::Carrier(kind) => Value::Kind(kind.clone()),
                Choice::Space(ty) => Value::Type(Arc::new(ty.clone())),
            };
            env.bind(param.name.text.as_str(), value)
        })
    }

    fn law_def(&self, index: usize) -> Option<&LawDef> {
        let root = self.modules.get(self.modules.root());
        let mut laws = root.file.items.iter().filter_map(|item| match &item.kind {
            ItemKind::Law(law) => Some(law),
            _ => None,
        });
        laws.nth(index)
    }

    fn required_law(&self, index: usize) -> Result<&LawDef, Failure> {
        self.law_def(index).ok_or_else(|| self.failure(Vec::new()))
    }
}

impl Elaborator<'_> {
    /// Refuses what cannot be drawn at random.
    pub(crate) fn check_drawable(&mut self, ty: &Ty, span: Span) {
        let refused = match ty {
            Ty::Arrow(from, to) => match from.iter().chain([&**to]).any(holds_arrows) {
                true => Some("it takes or gives a function".to_string()),
                false => from.iter().chain([&**to]).find_map(undrawable),
            },
            ty if holds_arrows(ty) => Some("a function is part of it".to_string()),
            ty => undrawable(ty),
        };
        if let Some(why) = refused {
            let title = "a law cannot draw such an argument";
            let hint = "a law draws numbers, keys, arrays and products of them, and functions between these";
            self.error(Diagnostic::error("E0370", title, span, why).hint(hint));
        }
    }

    /// The arguments of a law, if its conditions on sizes hold.
    fn law_arguments(&mut self, def: &LawDef, env: &Env) -> Option<Arguments> {
        if !self.dry(|e| e.wheres_hold(&def.wheres, env, def.title_span)) {
            return None;
        }
        let mut arguments = Vec::new();
        for param in &def.params {
            let written = param.ty.as_ref()?;
            let ty = self.ty(written, env)?;
            self.check_drawable(&ty, written.span);
            arguments.push((param.name.text.clone(), ty));
        }
        Some(arguments)
    }

    /// The scope of a law's condition: what is drawn, by name.
    fn law_scope(
        &mut self,
        env: &Env,
        arguments: &Arguments,
        values: Value,
        functions: &[Expr],
    ) -> Env {
        let mut values = match values {
            Value::Tuple(values) => values.into_iter(),
            _ => Vec::new().into_iter(),
        };
        let module = Env::module(env.module);
        let mut functions = functions.iter();
        let mut inner = env.clone();
        for (name, ty) in arguments {
            let value = match (ty, functions.as_slice()) {
                (Ty::Arrow(..), [written, ..]) => {
                    functions.next();
                    let function = self.expr(written, &module);
                    // As if it were passed to a definition that asks for this type.
                    self.checked(|e| e.coerce(function, ty, written.span))
                }
                (Ty::Arrow(..), []) => Value::Error,
                _ => values.next().unwrap_or(Value::Error),
            };
            inner = inner.bind(name.as_str(), value);
        }
        inner
    }
}

fn holds_arrows(ty: &Ty) -> bool {
    match ty {
        Ty::Arrow(..) => true,
        Ty::Tuple(parts) => parts.iter().any(holds_arrows),
        Ty::Record(fields) => fields.iter().any(|(_, t)| holds_arrows(t)),
        Ty::Array(..) | Ty::Key | Ty::Space(_) => false,
    }
}

/// Why a value of a type without functions cannot be drawn. Open sizes are small.
fn undrawable(ty: &Ty) -> Option<String> {
    if holds_classes(ty) {
        return Some("no expression of the language is a class".to_string());
    }
    (numbers(ty) > MOST_NUMBERS).then(|| format!("it has more than {MOST_NUMBERS} numbers"))
}

fn holds_classes(ty: &Ty) -> bool {
    match ty {
        Ty::Array(kind, _) => matches!(kind, Kind::Category(_)),
        Ty::Tuple(parts) => parts.iter().any(holds_classes),
        Ty::Record(fields) => fields.iter().any(|(_, t)| holds_classes(t)),
        Ty::Key | Ty::Arrow(..) | Ty::Space(_) => false,
    }
}

fn numbers(ty: &Ty) -> i128 {
    match ty {
        Ty::Array(_, shape) => shape.iter().fold(1i128, |product, size| {
            product.saturating_mul(size.as_constant().unwrap_or(1))
        }),
        Ty::Tuple(parts) => parts.iter().fold(0, |n, t| n.saturating_add(numbers(t))),
        Ty::Record(fields) => fields
            .iter()
            .fold(0, |n, (_, t)| n.saturating_add(numbers(t))),
        Ty::Key => 1,
        Ty::Arrow(..) | Ty::Space(_) => 0,
    }
}
