//! Names, and names with brackets.

use crate::elaborate::alias::written_type;
use crate::elaborate::builtin;
use crate::elaborate::types::simple_kind;
use crate::elaborate::{Elaborator, MANY, Mode};
use crate::module::DefId;
use crate::recursion::names_in;
use crate::supply::Phase;
use crate::value::{Const, Env, Func, Model, Value};
use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{self, Expr, ExprKind, ItemKind, TypeExpr, TypeKind};
use std::sync::Arc;

impl Elaborator<'_> {
    /// `random.uniform`: a builtin whose name has a dot, unless the user's own name hides it.
    pub(crate) fn dotted_builtin(
        &self,
        base: &Expr,
        name: &ast::Ident,
        env: &Env,
    ) -> Option<Value> {
        let ExprKind::Name(prefix) = &base.kind else {
            return None;
        };
        if env.get(prefix).is_some() || self.modules.lookup(env.module, prefix).is_some() {
            return None;
        }
        builtin::value(&format!("{prefix}.{}", name.text))
    }

    /// Refuses names in the body of a function that may never be applied while it is checked.
    pub(crate) fn check_names(&mut self, lambda: &Expr, env: &Env) {
        let mut names = Vec::new();
        names_in(lambda, &mut names);
        for (name, span) in names {
            let dotted = format!("{name}.");
            let known = env.get(name).is_some()
                || self.modules.lookup(env.module, name).is_some()
                || matches!(name, "Mod" | "Category")
                || Phase::named(name).is_some()
                || builtin::names().any(|n| n.starts_with(&dotted));
            if !known {
                self.name(name, env, span);
            }
        }
    }

    /// `random.unifrom`: a builtin's prefix with a name that no builtin has.
    pub(crate) fn unknown_dotted(
        &mut self,
        base: &Expr,
        name: &ast::Ident,
        env: &Env,
        span: Span,
    ) -> Option<Value> {
        let ExprKind::Name(prefix) = &base.kind else {
            return None;
        };
        let hidden = env.get(prefix).is_some() || self.modules.lookup(env.module, prefix).is_some();
        let dotted = format!("{prefix}.");
        if hidden || !builtin::names().any(|n| n.starts_with(&dotted)) {
            return None;
        }
        let whole = format!("{prefix}.{}", name.text);
        let title = format!("there is no `{whole}`");
        let mut d = Diagnostic::error("E0206", title, span, "not found");
        let known = builtin::names().filter(|n| n.starts_with(&dotted));
        if let Some(close) = crate::spelling::closest(&whole, known) {
            d = d.hint(format!("did you mean `{close}`?"));
        }
        Some(self.error(d))
    }

    pub(crate) fn name(&mut self, name: &str, env: &Env, span: Span) -> Value {
        if let Some(value) = env.get(name) {
            return match value {
                Value::NoKey => self.no_key_in_predict(span),
                value => value.clone(),
            };
        }
        if let Some(def) = self.modules.lookup(env.module, name) {
            return self.definition(def, None, span);
        }
        if let Some(kind) = simple_kind(name) {
            return Value::Kind(kind);
        }
        if let Some(value) = builtin::value(name) {
            return value;
        }
        if self.modules.get(env.module).missing.contains(name) {
            return Value::Error;
        }
        let mut d = Diagnostic::error("E0206", format!("there is no `{name}`"), span, "not found");
        // A hint costs a look at all names: not for a file in which nearly nothing is right.
        if self.diagnostics.len() >= MANY {
            return self.error(d);
        }
        let mut known: Vec<Arc<str>> = env.names();
        known.extend(self.modules.visible(env.module).cloned());
        known.extend(builtin::names().map(Arc::from));
        let plain = crate::spelling::plain(name);
        let own = known.iter().find(|k| crate::spelling::plain(k) == plain);
        if let Some(module) = self.modules.exporter(name) {
            d = d.hint(format!("`import {module}.{name}`"));
        } else if let Some(hint) = crate::spelling::elsewhere(name) {
            d = d.hint(hint);
        } else if let (None, Some((module, own))) = (own, self.modules.exporter_of_plain(name)) {
            d = d.hint(format!("`import {module}.{own}`"));
        } else if let Some(close) = crate::spelling::closest(name, known.iter().map(|k| &**k)) {
            d = d.hint(format!("did you mean `{close}`?"));
        }
        self.error(d)
    }

    /// The value of a definition, with what stands in its brackets.
    pub(crate) fn definition(
        &mut self,
        def: DefId,
        statics: Option<Vec<Value>>,
        span: Span,
    ) -> Value {
        if self.unusable.contains(&def) {
            return Value::Error;
        }
        match &self.modules.item(def).kind {
            ItemKind::Model(m) if m.signature.is_none() => {
                // While lowering it may hold numbers that have their place in one region.
                let alone = m.statics.is_empty() && self.mode == Mode::Check;
                if alone && let Some(value) = self.composites.get(&def) {
                    return value.clone();
                }
                let env = Env::module(def.module);
                let Some(env) = self.bind_statics(&m.statics, &env, statics.as_deref(), span)
                else {
                    return Value::Error;
                };
                let value = self.deeper(span, |e| e.expr(&m.body, &env));
                // What is wrong with it has been said, unless it is evaluated for a type only.
                if alone && (self.dry == 0 || !value.is_error()) {
                    self.composites.insert(def, value.clone());
                }
                value
            }
            // With its sizes given (or none to give) it is a model value.
            ItemKind::Model(m) if statics.is_some() || m.statics.is_empty() => {
                match self.model_env(def, m, statics.as_deref(), span) {
                    Some(env) => Value::Model(Arc::new(Model::Def { def, env })),
                    None => Value::Error,
                }
            }
            ItemKind::Model(_) => Value::Func(Arc::new(Func::Def { def, statics: None })),
            ItemKind::Fn(_) | ItemKind::Optimizer(_) => {
                Value::Func(Arc::new(Func::Def { def, statics }))
            }
            ItemKind::Lens(l) if l.signature.params.is_empty() => {
                Value::Func(Arc::new(Func::Def { def, statics }))
            }
            ItemKind::Lens(l) => self.lens_value(def, l, statics, span),
            ItemKind::Data(d) => self.not_a_value(&d.name.text, "a data set", span),
            ItemKind::Learner(l) => self.not_a_value(&l.name.text, "a learner", span),
            ItemKind::Let(l) => self.held(def, l, span),
            ItemKind::Type(t) => {
                let name = ast::Ident {
                    text: t.name.text.clone(),
                    span,
                };
                let brackets = Vec::new();
                let kind = TypeKind::Name { name, brackets };
                self.type_value(&TypeExpr { kind, span }, &Env::module(def.module))
            }
            ItemKind::Import(_) | ItemKind::Test(_) | ItemKind::Law(_) => Value::Error,
        }
    }

    fn not_a_value(&mut self, name: &str, what: &str, span: Span) -> Value {
        let title = format!("`{name}` is not a value");
        self.error(Diagnostic::error(
            "E0323",
            title,
            span,
            format!("this is {what}"),
        ))
    }

    pub(crate) fn bracket(&mut self, base: &Expr, items: &[Expr], env: &Env, span: Span) -> Value {
        if let ExprKind::Name(name) = &base.kind
            && env.get(name).is_none()
        {
            if matches!(name.as_str(), "Mod" | "Category") {
                return match self.kind_with(name, items, span, env) {
                    Some(kind) => Value::Kind(kind),
                    None => Value::Error,
                };
            }
            let def = self.modules.lookup(env.module, name);
            if self.alias(name, env).is_some() {
                let name = ast::Ident {
                    text: name.clone(),
                    span: base.span,
                };
                let brackets = vec![items.to_vec()];
                let kind = TypeKind::Name { name, brackets };
                return self.type_value(&TypeExpr { kind, span }, env);
            }
            if let Some(def) = def.filter(|&def| !self.is_let(def)) {
                let statics = self.static_args(items, env);
                return match statics {
                    Some(statics) => self.definition(def, Some(statics), span),
                    None => Value::Error,
                };
            }
        }
        let value = self.expr(base, env);
        match value {
            Value::Error => Value::Error,
            Value::Array(a) => self.index(a, items, env, span),
            Value::Const(c @ Const::List(_)) => {
                let kind = Self::default_kind(&c);
                match self.constant(&c, &kind, None, base.span) {
                    Value::Array(a) => self.index(a, items, env, span),
                    _ => Value::Error,
                }
            }
            Value::Func(f) => match &*f {
                Func::Builtin {
                    name,
                    statics: None,
                } => match self.static_args(items, env) {
                    Some(statics) => Value::Func(Arc::new(Func::Builtin {
                        name,
                        statics: Some(statics),
                    })),
                    None => Value::Error,
                },
                _ => self.no_brackets(&Value::Func(f.clone()), span),
            },
            other => self.no_brackets(&other, span),
        }
    }

    fn no_brackets(&mut self, value: &Value, span: Span) -> Value {
        let title = "brackets have no meaning here";
        let label = format!("this is {}", value.describe());
        self.error(Diagnostic::error("E0328", title, span, label))
    }

    fn static_args(&mut self, items: &[Expr], env: &Env) -> Option<Vec<Value>> {
        let values = self.static_values(items, env)?;
        let good = values.iter().zip(items).all(|(value, item)| match value {
            Value::Const(Const::Int(size)) => self.require_size(size, item.span),
            _ => true,
        });
        good.then_some(values)
    }

    /// What stands in brackets: types, and sizes that may be negative.
    pub(crate) fn static_values(&mut self, items: &[Expr], env: &Env) -> Option<Vec<Value>> {
        let mut out = Vec::new();
        for item in items {
            let ty = match self.names_type(item, env) {
                true => written_type(item),
                false => None,
            };
            let value = match ty {
                Some(ty) => self.type_value(&ty, env),
                None => Value::Const(Const::Int(self.size(item, env)?)),
            };
            if value.is_error() {
                return None;
            }
            out.push(value);
        }
        Some(out)
    }
}
