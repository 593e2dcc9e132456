//! Optimizers: lenses from (state × parameters) to (parameters seen by the model, gradients).

use std::sync::Arc;

use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{self, ExprKind, ItemKind, TypeKind};

use super::Elaborator;
use crate::elaborate::statics::outside_space;
use crate::elaborate::types::StaticBound;
use crate::module::DefId;
use crate::ty::{Bound, Kind, Ty};
use crate::value::{Env, Optimizer, Value};

impl Elaborator<'_> {
    /// `adam(rate: 0.01)`: an optimizer with its numbers given, the rest by default.
    pub(crate) fn optimizer_value(
        &mut self,
        def: DefId,
        args: &ast::CallArgs,
        env: &Env,
        span: Span,
    ) -> Value {
        let modules = self.modules;
        let ItemKind::Optimizer(o) = &modules.item(def).kind else {
            return Value::Error;
        };
        if args.params.is_some() {
            let title = format!("`{}` takes numbers only", o.name.text);
            let label = "the parameters come from the learner";
            return self.error(Diagnostic::error("E0408", title, span, label));
        }
        let mut given: Vec<Option<Value>> = vec![None; o.hyper.len()];
        for (k, arg) in args.args.iter().enumerate() {
            let (position, e) = match &arg.kind {
                ExprKind::Labelled(name, e) => {
                    match o.hyper.iter().position(|h| h.name.text == name.text) {
                        Some(p) => (p, &**e),
                        None => {
                            let title = format!("`{}` has no number `{}`", o.name.text, name.text);
                            let names: Vec<&str> =
                                o.hyper.iter().map(|h| h.name.text.as_str()).collect();
                            let hint = format!("it has `{}`", names.join("`, `"));
                            return self.error(
                                Diagnostic::error("E0330", title, name.span, "not a parameter")
                                    .hint(hint),
                            );
                        }
                    }
                }
                _ => (k, arg),
            };
            let value = self.expr(e, env);
            if value.is_error() {
                return Value::Error;
            }
            match given.get_mut(position) {
                Some(slot @ None) => *slot = Some(value),
                Some(Some(_)) => {
                    let title = format!("`{}` is given twice", o.hyper[position].name.text);
                    return self.error(Diagnostic::error("E0329", title, arg.span, "again"));
                }
                None => {
                    self.right_count(o.hyper.len(), args.args.len(), span);
                    return Value::Error;
                }
            }
        }
        self.optimizer_with(def, o, given, span)
    }

    /// An optimizer from a value: called already, or with all defaults.
    pub(crate) fn as_optimizer(&mut self, value: Value, span: Span) -> Option<Arc<Optimizer>> {
        match value {
            Value::Optimizer(o) => Some(o),
            Value::Error => None,
            Value::Func(f) => {
                let modules = self.modules;
                if let crate::value::Func::Def { def, .. } = &*f
                    && let ItemKind::Optimizer(o) = &modules.item(*def).kind
                {
                    let none = vec![None; o.hyper.len()];
                    return match self.optimizer_with(*def, o, none, span) {
                        Value::Optimizer(o) => Some(o),
                        _ => None,
                    };
                }
                self.not_an_optimizer("a function", span)
            }
            other => self.not_an_optimizer(&other.describe(), span),
        }
    }

    fn not_an_optimizer(&mut self, what: &str, span: Span) -> Option<Arc<Optimizer>> {
        let title = "an optimizer is expected here";
        self.error(Diagnostic::error(
            "E0408",
            title,
            span,
            format!("this is {what}"),
        ));
        None
    }

    fn optimizer_with(
        &mut self,
        def: DefId,
        o: &ast::OptimizerDef,
        given: Vec<Option<Value>>,
        span: Span,
    ) -> Value {
        let module = Env::module(def.module);
        let mut hyper: Vec<(Arc<str>, Value)> = Vec::new();
        for (decl, value) in o.hyper.iter().zip(given) {
            let value = match (value, &decl.init) {
                (Some(value), _) => value,
                (None, Some(default)) => self.expr(default, &module),
                (None, None) => {
                    let title = format!("`{}` needs its `{}`", o.name.text, decl.name.text);
                    let hint = format!("write `{}({}: …)`", o.name.text, decl.name.text);
                    return self
                        .error(Diagnostic::error("E0408", title, span, "not given").hint(hint));
                }
            };
            hyper.push((decl.name.text.as_str().into(), value));
        }
        Value::Optimizer(Arc::new(Optimizer { def, hyper }))
    }

    /// The scope of an optimizer at a parameter space: its space variable and its numbers.
    pub(crate) fn optimizer_env(&mut self, o: &Optimizer, p: &Ty, span: Span) -> Option<Env> {
        let modules = self.modules;
        let ItemKind::Optimizer(d) = &modules.item(o.def).kind else {
            return None;
        };
        let mut env = Env::module(o.def.module);
        for s in &d.statics {
            let stands_for_p = d.p.ty.as_ref().is_some_and(|t| {
                matches!(&t.kind, TypeKind::Name { name, brackets } if brackets.is_empty() && name.text == s.name.text)
            });
            if !stands_for_p {
                let title = format!("the value of `{}` is not known here", s.name.text);
                self.error(
                    Diagnostic::error("E0337", title, span, "the parameters do not determine it")
                        .label(s.name.span, "declared here"),
                );
                return None;
            }
            let bound = match &s.bound {
                Some(bound) => self.bound(bound)?,
                None => StaticBound::Carrier(Bound::Real),
            };
            let bad = match bound {
                StaticBound::Space(bound) => outside_space(p, bound),
                // A carrier or a size cannot stand for what is learnt.
                StaticBound::Carrier(_) => Some(Kind::Int),
            };
            if let Some(bad) = bad {
                let title = format!("`{}` does not fit these parameters", d.name.text);
                let label = format!("one of them is over `{bad}`");
                self.error(
                    Diagnostic::error("E0409", title, span, label)
                        .label(s.name.span, "what it is made for"),
                );
                return None;
            }
            env = env.bind(s.name.text.as_str(), Value::Type(Arc::new(p.clone())));
        }
        let declared = self.input_ty(d.p.ty.as_ref()?, &env)?;
        if !self.same_type(&declared, p) {
            let title = format!("`{}` does not fit these parameters", d.name.text);
            let label = format!("they are `{p}`");
            let place = d.p.ty.as_ref().map_or(d.p.name.span, |t| t.span);
            self.error(
                Diagnostic::error("E0409", title, span, label).label(place, "what it is made for"),
            );
            return None;
        }
        for (decl, (name, value)) in d.hyper.iter().zip(&o.hyper) {
            let ty = self.ty(&decl.ty, &env)?;
            let value = self.coerce(value.clone(), &ty, span);
            if value.is_error() {
                return None;
            }
            env = env.bind(name.clone(), value);
        }
        Some(env)
    }

    /// The states of an optimizer: names, types and the values they start from.
    pub(crate) fn optimizer_states(
        &mut self,
        o: &Optimizer,
        env: &Env,
    ) -> Option<Vec<(Arc<str>, Ty, Value)>> {
        let modules = self.modules;
        let ItemKind::Optimizer(d) = &modules.item(o.def).kind else {
            return None;
        };
        let mut out = Vec::new();
        for s in &d.states {
            let ty = self.ty(&s.ty, env)?;
            let start = match &s.init {
                Some(e) => self.expr(e, env),
                None => super::builtin::value("zeros")?,
            };
            let place = s.init.as_ref().map_or(s.name.span, |e| e.span);
            let start = self.coerce(start, &ty, place);
            if start.is_error() {
                return None;
            }
            out.push((s.name.text.as_str().into(), ty, start));
        }
        Some(out)
    }

    fn with_states(&self, env: &Env, d: &ast::OptimizerDef, states: &Value, p: &Value) -> Env {
        let mut inner = env.clone();
        if let Value::Record(fields) = states {
            for (name, value) in fields {
                inner = inner.bind(name.clone(), value.clone());
            }
        }
        inner.bind(d.p.name.text.as_str(), p.clone())
    }

    /// What the model sees.
    pub(crate) fn optimizer_get(
        &mut self,
        o: &Optimizer,
        env: &Env,
        states: &Value,
        p: &Value,
    ) -> Value {
        let modules = self.modules;
        let ItemKind::Optimizer(d) = &modules.item(o.def).kind else {
            return Value::Error;
        };
        let inner = self.with_states(env, d, states, p);
        let value = self.expr(&d.get, &inner);
        match p.ty() {
            Some(ty) => self.coerce(value, &ty, d.get.span),
            None => Value::Error,
        }
    }

    /// The next states and parameters, given the cotangent of what the model saw.
    pub(crate) fn optimizer_put(
        &mut self,
        o: &Optimizer,
        env: &Env,
        states: &Value,
        p: &Value,
        dp: &Value,
    ) -> Option<(Value, Value)> {
        let modules = self.modules;
        let ItemKind::Optimizer(d) = &modules.item(o.def).kind else {
            return None;
        };
        let inner = self.with_states(env, d, states, p);
        let inner = inner.bind(d.put_param.text.as_str(), dp.clone());
        let value = self.expr(&d.put, &inner);
        if value.is_error() {
            return None;
        }
        let p_ty = p.ty()?;
        let p_name: Arc<str> = d.p.name.text.as_str().into();
        let Some(Ty::Record(mut fields)) = states.ty() else {
            return None;
        };
        fields.push((p_name.clone(), p_ty));
        let ty = Ty::Record(fields);
        let Value::Record(_) = &value else {
            let title = "`put` gives the next states and the next parameters";
            let label = format!("this is {}, but `{ty}` is wanted", value.describe());
            self.error(Diagnostic::error("E0410", title, d.put.span, label));
            return None;
        };
        if !self.has_fields(&value, &ty, d.put.span) {
            return None;
        }
        let Value::Record(fields) = self.coerce(value, &ty, d.put.span) else {
            return None;
        };
        let ((_, next), states) = fields.split_last()?;
        let (next, states) = (next.clone(), Value::Record(states.to_vec().into()));
        (!states.is_error() && !next.is_error()).then_some((states, next))
    }

    /// Whether `put` gives exactly what is wanted, by name.
    fn has_fields(&mut self, value: &Value, wanted: &Ty, span: Span) -> bool {
        let (Value::Record(given), Ty::Record(wanted)) = (value, wanted) else {
            return false;
        };
        let missing = wanted
            .iter()
            .find(|(n, _)| given.iter().all(|(m, _)| m != n));
        let extra = given
            .iter()
            .find(|(n, _)| wanted.iter().all(|(m, _)| m != n));
        let title = match (missing, extra) {
            (Some((name, _)), _) => format!("`put` does not give the next `{name}`"),
            (_, Some((name, _))) => format!("`put` gives `{name}`, which is no state"),
            (None, None) => return true,
        };
        let names: Vec<&str> = wanted.iter().map(|(n, _)| &**n).collect();
        let label = format!("wanted: `{}`", names.join("`, `"));
        self.error(Diagnostic::error("E0410", title, span, label));
        false
    }
}
