//! Written types, and what static parameters stand for.

use crate::elaborate::{Elaborator, MANY, MAX_PARTS, price};
use crate::size::{Size, SizeVar};
use crate::ty::{Bound, Kind, SpaceVar, Ty};
use crate::value::{Const, Env, Value};
use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{self, Expr, ExprKind, TypeExpr, TypeKind};
use std::sync::Arc;

impl Elaborator<'_> {
    /// The meaning of a written type, whose sizes are proved not to be negative; `None` after an error.
    pub(crate) fn ty(&mut self, e: &TypeExpr, env: &Env) -> Option<Ty> {
        let ty = self.input_ty(e, env)?;
        let mut sizes = Vec::new();
        sizes_of(&ty, &mut sizes);
        sizes
            .into_iter()
            .all(|s| self.require_size(s, e.span))
            .then_some(ty)
    }

    /// The meaning of the type of something that is given, whose sizes are some array's already.
    pub(crate) fn input_ty(&mut self, e: &TypeExpr, env: &Env) -> Option<Ty> {
        let ty = self.whole_ty(e, env)?;
        let parts = ty.parts();
        // Types are copied and compared where they are used.
        if !self.has_few_parts(parts, MAX_PARTS, "type", e.span)
            || !self.spend(4 * price(parts), e.span)
        {
            return None;
        }
        // What is no array whatever is given.
        if let (Ty::Array(_, shape), TypeKind::Name { .. }) = (&ty, &e.kind) {
            let mut known = shape.iter().filter(|s| s.as_constant().is_some());
            if !known.all(|s| self.require_size(s, e.span)) {
                return None;
            }
        }
        Some(ty)
    }

    fn whole_ty(&mut self, e: &TypeExpr, env: &Env) -> Option<Ty> {
        match &e.kind {
            TypeKind::Name { name, brackets } => self.named_type(name, brackets, env),
            TypeKind::Tuple(parts) => {
                let parts: Vec<Option<Ty>> = parts.iter().map(|p| self.input_ty(p, env)).collect();
                Some(Ty::Tuple(parts.into_iter().collect::<Option<_>>()?))
            }
            TypeKind::Record(fields) => {
                let fields: Vec<Option<_>> = fields
                    .iter()
                    .map(|(n, t)| Some((Arc::from(n.text.as_str()), self.input_ty(t, env)?)))
                    .collect();
                Some(Ty::Record(fields.into_iter().collect::<Option<_>>()?))
            }
            TypeKind::Arrow(from, to) => {
                let from = self.domain(from, env)?;
                let to = self.input_ty(to, env)?;
                Some(Ty::Arrow(from, Box::new(to)))
            }
        }
    }

    /// What a map takes: several arguments if they are written as such. A parameter space that happens
    /// to be a tuple is one argument.
    pub(crate) fn domain(&mut self, e: &TypeExpr, env: &Env) -> Option<Vec<Ty>> {
        match (self.input_ty(e, env)?, &e.kind) {
            (Ty::Tuple(parts), TypeKind::Tuple(_)) => Some(parts),
            (one, _) => Some(vec![one]),
        }
    }

    fn named_type(&mut self, name: &ast::Ident, brackets: &[Vec<Expr>], env: &Env) -> Option<Ty> {
        let mut rest = brackets;
        let base = match self.local_or_let(&name.text, env, name.span) {
            Some(Value::Kind(kind)) => Ty::scalar(kind),
            Some(Value::Type(ty)) => (*ty).clone(),
            Some(Value::Error) => return None,
            Some(_) => {
                self.not_a_type(name);
                return None;
            }
            None => match (name.text.as_str(), brackets) {
                ("Key", _) => Ty::Key,
                ("Mod" | "Category", [first, more @ ..]) => {
                    rest = more;
                    Ty::scalar(self.kind_with(&name.text, first, name.span, env)?)
                }
                (text, _) => match (simple_kind(text), self.alias(text, env)) {
                    (Some(kind), _) => Ty::scalar(kind),
                    (None, Some(def)) => {
                        let (ty, more) = self.alias_type(def, brackets, env, name.span)?;
                        rest = more;
                        ty
                    }
                    (None, None) => {
                        self.unknown_type(name, env);
                        return None;
                    }
                },
            },
        };
        let ty = match rest {
            [] => base,
            [sizes] => {
                let sizes: Vec<Option<Size>> = sizes.iter().map(|s| self.size(s, env)).collect();
                let sizes = sizes.into_iter().collect::<Option<Vec<Size>>>()?;
                // An array of arrays is one array.
                let Ty::Array(kind, inner) = base else {
                    self.no_element(name, &base);
                    return None;
                };
                Ty::Array(kind, [sizes, inner].concat())
            }
            [_, second, ..] => {
                let span = second.first().map_or(name.span, |e| e.span);
                let hint = format!("write all sizes in one bracket: `{}[n, m]`", name.text);
                self.error(
                    Diagnostic::error("E0301", "too many brackets", span, "a second bracket")
                        .hint(hint),
                );
                return None;
            }
        };
        self.fits_memory(&ty, name.span).then_some(ty)
    }

    fn not_a_type(&mut self, name: &ast::Ident) {
        let title = format!("`{}` is not a type", name.text);
        let label = "a type is expected here";
        self.error(Diagnostic::error("E0301", title, name.span, label));
    }

    fn no_element(&mut self, name: &ast::Ident, ty: &Ty) {
        let title = "an array holds numbers";
        let label = format!("`{}` is `{ty}`", name.text);
        let mut d = Diagnostic::error("E0324", title, name.span, label);
        if matches!(ty, Ty::Tuple(_) | Ty::Record(_)) {
            d = d.hint("a product of arrays has the sizes in each of its parts");
        }
        self.error(d);
    }

    fn unknown_type(&mut self, name: &ast::Ident, env: &Env) {
        let modules = self.modules;
        if modules.get(env.module).missing.contains(name.text.as_str()) {
            return;
        }
        if modules.lookup(env.module, &name.text).is_some() {
            self.not_a_type(name);
            return;
        }
        if let Some((what, hint)) = unwritten(&name.text) {
            let title = format!("the type of {what} is not written");
            let label = "what is given here is a value or a function";
            self.error(Diagnostic::error("E0301", title, name.span, label).hint(hint));
            return;
        }
        let known = [
            "Real", "Real64", "Bit", "Int", "Bool", "Mod", "Category", "Key",
        ];
        let title = format!("there is no type `{}`", name.text);
        let mut d = Diagnostic::error("E0301", title, name.span, "not found");
        // A hint costs a look at all names: not for a file in which nearly nothing is right.
        if self.diagnostics.len() >= MANY {
            self.error(d);
            return;
        }
        let own = modules.visible(env.module).map(|n| &**n);
        let own = own.filter(|n| self.alias(n, env).is_some());
        if let Some(hint) = crate::spelling::type_elsewhere(&name.text) {
            d = d.hint(hint);
        } else if let Some(close) =
            crate::spelling::closest(&name.text, known.into_iter().chain(own))
        {
            d = d.hint(format!("did you mean `{close}`?"));
        } else {
            d = d.hint("the types are `Real`, `Real64`, `Bit`, `Mod[n]`, `Int`, `Bool`, `Category[...]` and `Key`");
        }
        self.error(d);
    }

    /// `Mod[n]` or `Category["a", "b"]`.
    pub(crate) fn kind_with(
        &mut self,
        name: &str,
        args: &[Expr],
        span: Span,
        env: &Env,
    ) -> Option<Kind> {
        if name == "Mod" {
            let size = self.size(args.first()?, env)?;
            let n = size
                .as_constant()
                .and_then(|n| u32::try_from(n).ok())
                .filter(|&n| n >= 2);
            if n.is_none() || args.len() != 1 {
                let title = "the modulus is a number from 2 to 4294967295";
                let label = format!("`Mod[{size}]` is not a ring");
                self.error(Diagnostic::error("E0304", title, span, label));
                return None;
            }
            return n.map(Kind::Mod);
        }
        let mut names: Vec<String> = Vec::new();
        for arg in args {
            let ExprKind::Text(text) = &arg.kind else {
                let title = "a category is a list of names";
                self.error(
                    Diagnostic::error("E0305", title, arg.span, "this is not a text in quotes")
                        .hint("write `Category[\"a\", \"b\"]`"),
                );
                return None;
            };
            if names.contains(text) {
                let title = format!("the class {text:?} is named twice");
                self.error(Diagnostic::error(
                    "E0305",
                    title,
                    arg.span,
                    "the second one",
                ));
                return None;
            }
            names.push(text.clone());
        }
        Some(Kind::Category(names.into()))
    }

    /// Binds static parameters to rigid variables, for checking a definition.
    pub(crate) fn rigid(&mut self, statics: &[ast::StaticParam], env: &Env) -> Env {
        let mut env = env.clone();
        for s in statics {
            let id = self.fresh();
            let name: Arc<str> = s.name.text.as_str().into();
            let value = match &s.bound {
                None => {
                    let v = SizeVar {
                        id,
                        name: name.clone(),
                    };
                    Value::Const(Const::Int(Size::var(v)))
                }
                Some(bound) => match self.bound(bound) {
                    Some(StaticBound::Carrier(bound)) => {
                        Value::Kind(Kind::Var(id, name.clone(), bound))
                    }
                    Some(StaticBound::Space(bound)) => Value::Type(Arc::new(Ty::Space(SpaceVar {
                        id,
                        name: name.clone(),
                        bound,
                    }))),
                    None => Value::Error,
                },
            };
            env = env.bind(name, value);
        }
        env
    }

    /// The meaning of a static parameter's bound.
    pub(crate) fn bound(&mut self, bound: &TypeExpr) -> Option<StaticBound> {
        if let TypeKind::Name { name, brackets } = &bound.kind {
            match (name.text.as_str(), brackets.len()) {
                (text, 0) => {
                    if let Some(bound) = Bound::named(text) {
                        return Some(StaticBound::Carrier(bound));
                    }
                }
                ("Space", 1) => {
                    if let [
                        Expr {
                            kind: ExprKind::Name(of),
                            ..
                        },
                    ] = &brackets[0][..]
                        && let Some(bound) = Bound::named(of)
                    {
                        return Some(StaticBound::Space(bound));
                    }
                }
                _ => {}
            }
        }
        let title = "this is not a bound";
        self.error(
            Diagnostic::error("E0306", title, bound.span, "unknown")
                .hint("a carrier is bounded by `Ring`, `Field` or `Real`, a parameter space by `Space[Real]`"),
        );
        None
    }
}

/// What a static parameter stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StaticBound {
    /// A carrier.
    Carrier(Bound),
    /// A whole parameter space over such a carrier.
    Space(Bound),
}

/// A carrier by its name.
pub(crate) fn simple_kind(name: &str) -> Option<Kind> {
    match name {
        "Real" => Some(Kind::Real),
        "Real64" => Some(Kind::Real64),
        "Bit" => Some(Kind::Bit),
        "Int" => Some(Kind::Int),
        "Bool" => Some(Kind::Bool),
        _ => None,
    }
}

/// What exists at compile time only and has no written type, and what to write instead.
fn unwritten(name: &str) -> Option<(&'static str, &'static str)> {
    match name {
        "Model" => Some((
            "a model",
            "a model takes one in as `use f: Real[n] -> Real[n]`; a function or a law takes a function, or its parameters: `dense(w, b; x)`",
        )),
        "Lens" => Some(("a lens", "a lens is a function: `f: Real[n] -> Real[n]`")),
        "Optimizer" => Some((
            "an optimizer",
            "name it in the body: `minimize[10](adam, f, p)`",
        )),
        _ => None,
    }
}

fn sizes_of<'t>(ty: &'t Ty, out: &mut Vec<&'t Size>) {
    match ty {
        Ty::Array(_, shape) => out.extend(shape),
        Ty::Tuple(parts) => parts.iter().for_each(|t| sizes_of(t, out)),
        Ty::Record(fields) => fields.iter().for_each(|(_, t)| sizes_of(t, out)),
        Ty::Key | Ty::Arrow(..) | Ty::Space(_) => {}
    }
}
