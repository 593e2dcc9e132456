//! Calls as they are written, and what they call.

use std::collections::HashMap;
use std::sync::Arc;

use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{self, Expr, ExprKind, ItemKind};

use crate::elaborate::Elaborator;
use crate::elaborate::place::Place;
use crate::elaborate::wanted::{listens, of_elements};
use crate::ty::{Kind, Ty};
use crate::value::{Const, Env, Func, Model, Value};

/// What the arguments of a call go to.
pub(crate) struct Parameters<'p> {
    /// Their names, as far as they have some.
    pub(crate) names: &'p [String],
    /// What is wanted of each, as far as that is known.
    pub(crate) wanted: &'p [Option<Ty>],
    /// The row of a builtin.
    pub(crate) row: Option<&'p super::builtin::Row>,
}

impl Elaborator<'_> {
    /// A call as it is written, with named arguments and parameters left of a `;`.
    pub(crate) fn call_expr(
        &mut self,
        function: Value,
        args: &ast::CallArgs,
        env: &Env,
        wanted: Option<&Ty>,
        span: Span,
    ) -> Value {
        if function.is_error() {
            // The arguments may have errors of their own.
            for arg in args.params.iter().flatten().chain(&args.args) {
                self.expr(unlabelled(arg), env);
            }
            return Value::Error;
        }
        if let Value::Func(f) = &function
            && let Func::Def { def, .. } = &**f
            && let ItemKind::Optimizer(_) = &self.modules.item(*def).kind
        {
            return self.optimizer_value(*def, args, env, span);
        }
        if let Some(def) = self.unfilled(&function) {
            return self.fill(def, &function, args, env, span);
        }
        let names = self.parameter_names(&function);
        let row = super::builtin::row_of(&function);
        let mut params = Vec::new();
        let mut param_spans = Vec::new();
        for param in args.params.iter().flatten() {
            params.push(self.expr(param, env));
            param_spans.push(param.span);
        }
        let Some((extras, rest)) = self.extras(&function, &args.args, env) else {
            return Value::Error;
        };
        let of_args = match rest.iter().any(listens) {
            true => self.wanted_of_args(&function),
            false => Vec::new(),
        };
        let parameters = Parameters {
            names: names.as_deref().unwrap_or(&[]),
            wanted: &of_args,
            row,
        };
        let Some((values, spans)) = self.arguments(&rest, &parameters, env) else {
            return Value::Error;
        };
        let at = Place::new(span, param_spans, spans);
        match &args.params {
            None if extras.is_empty() => self.apply_over(&function, values, at, wanted),
            _ if params.iter().any(Value::is_error) => Value::Error,
            _ => self.deeper(span, |e| {
                e.apply_model_with(&function, params, values, &extras, at)
            }),
        }
    }

    /// Arguments in the order of the parameters, with their places.
    pub(crate) fn arguments(
        &mut self,
        args: &[Expr],
        parameters: &Parameters<'_>,
        env: &Env,
    ) -> Option<(Vec<Value>, Vec<Span>)> {
        let &Parameters { names, wanted, row } = parameters;
        let wanted = |k: usize| wanted.get(k).and_then(Option::as_ref);
        let mut places = HashMap::new();
        if args
            .iter()
            .any(|arg| matches!(arg.kind, ExprKind::Labelled(..)))
        {
            // The first of two parameters of one name, which is an error of its own.
            let all = names.iter().enumerate().rev();
            places.extend(all.map(|(k, name)| (name.as_str(), k)));
        }
        let mut slots: Vec<Option<(Value, Span)>> = Vec::new();
        let mut named = None;
        let mut failed = false;
        for arg in args {
            let ExprKind::Labelled(name, e) = &arg.kind else {
                let value = self.expr_over(arg, env, wanted(slots.len()));
                failed |= value.is_error();
                if named.is_some() {
                    let title = "an argument without a name follows one with a name";
                    self.error(Diagnostic::error("E0329", title, arg.span, "give its name"));
                    failed = true;
                }
                slots.push(Some((value, arg.span)));
                continue;
            };
            named = Some(name);
            let position = places.get(name.text.as_str()).copied();
            let value = self.expr_over(e, env, position.and_then(wanted));
            failed |= value.is_error();
            let Some(k) = position else {
                let title = format!("there is no parameter `{}`", name.text);
                let mut d = Diagnostic::error("E0330", title, name.span, "not a parameter");
                let known = names.iter().map(String::as_str);
                if let Some(close) = crate::spelling::closest(&name.text, known) {
                    d = d.hint(format!("did you mean `{close}`?"));
                }
                self.error(d);
                failed = true;
                continue;
            };
            if slots.len() <= k {
                slots.resize(k + 1, None);
            }
            if slots[k].is_some() {
                let title = format!("`{}` is given twice", name.text);
                self.error(Diagnostic::error("E0329", title, name.span, "again"));
                failed = true;
            }
            slots[k] = Some((value, e.span));
        }
        for (k, slot) in slots.iter_mut().enumerate() {
            if let (None, Some(name)) = (&slot, named) {
                *slot = row.and_then(|r| Some((r.default(self, k)?, name.span)));
            }
        }
        if let (Some(hole), Some(name), false) =
            (slots.iter().position(Option::is_none), named, failed)
        {
            let missing = names.get(hole).map_or("", |n| n.as_str());
            let title = format!("the argument `{missing}` is missing");
            self.error(Diagnostic::error(
                "E0333",
                title,
                name.span,
                "a later one is given",
            ));
            failed = true;
        }
        (!failed).then(|| slots.into_iter().flatten().unzip())
    }

    /// The names of a map's or a model's inputs.
    pub(crate) fn parameter_names(&self, function: &Value) -> Option<Vec<String>> {
        let named = |params: &[ast::Param]| params.iter().map(|p| p.name.text.clone()).collect();
        let of_def = |def| match &self.modules.item(def).kind {
            ItemKind::Fn(d) => Some(named(&d.params)),
            ItemKind::Lens(d) => Some(named(&d.signature.inputs)),
            ItemKind::Model(d) => d.signature.as_ref().map(|s| named(&s.inputs)),
            _ => None,
        };
        match function {
            Value::Func(f) => match &**f {
                Func::Def { def, .. } => of_def(*def),
                Func::Lambda { params, .. } => Some(named(params)),
                Func::Builtin { name, .. } => super::builtin::parameter_names(name),
                Func::Declared(..) | Func::Rev(_) | Func::Fwd(_) | Func::Linear(..) => None,
                Func::Typed(inner, ..)
                | Func::Grad(inner)
                | Func::ValueAndGrad(inner)
                | Func::Jacobian(inner)
                | Func::Linearize(inner)
                | Func::Checkpoint(inner)
                | Func::Each(inner) => self.parameter_names(inner),
            },
            Value::Model(m) => match &**m {
                Model::Def { def, .. } => of_def(*def),
                Model::Given(inner, _) | Model::Bound(inner, _) | Model::Typed(inner, ..) => {
                    self.parameter_names(inner)
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// A map, or a model without parameters, at arguments.
    pub(crate) fn apply(
        &mut self,
        function: &Value,
        args: Vec<Value>,
        at: impl Into<Place>,
    ) -> Value {
        let wanted = self.wanted_of_result.take();
        if args.iter().any(Value::is_error) {
            return Value::Error;
        }
        let at = at.into();
        self.deeper(at.span, |e| match function {
            Value::Error => Value::Error,
            Value::Func(f) => e.apply_func(f, args, &at, wanted.as_ref()),
            Value::Model(_) => e.apply_model(function, Vec::new(), args, &at),
            Value::Kind(kind) if !matches!(kind, Kind::Category(_)) => {
                e.in_carrier(kind, args, at.arg(0))
            }
            other => {
                let title = "this cannot be called";
                let label = format!("this is {}", other.describe());
                let mut d = Diagnostic::error("E0331", title, at.span, label);
                if let Value::Const(Const::Fill(_)) = other {
                    d = d
                        .hint("it takes the shape that is wanted; `[0.0 for i < n]` says how many");
                }
                e.error(d)
            }
        })
    }

    fn apply_func(
        &mut self,
        f: &Arc<Func>,
        args: Vec<Value>,
        at: &Place,
        wanted: Option<&Ty>,
    ) -> Value {
        match &**f {
            Func::Def { def, statics } => self.apply_def(*def, statics.as_deref(), args, at),
            Func::Builtin { name, statics } => {
                self.apply_builtin(name, statics.as_deref(), args, at, wanted)
            }
            Func::Lambda { params, body, env } => {
                if !self.right_count(params.len(), args.len(), at.span) {
                    return Value::Error;
                }
                let mut inner = env.clone();
                for (k, (param, value)) in params.iter().zip(args).enumerate() {
                    let value = match &param.ty {
                        Some(ty) => match self.input_ty(ty, env) {
                            Some(ty) => self.coerce(value, &ty, at.arg(k)),
                            None => Value::Error,
                        },
                        None => value,
                    };
                    inner = inner.bind(param.name.text.as_str(), value);
                }
                self.expr_over(body, &inner, wanted)
            }
            Func::Declared(from, to) => match self.at_types(args, from, at) {
                Some(_) => self.unknown(to),
                None => Value::Error,
            },
            Func::Typed(inner, from, to) => match self.at_types(args, from, at) {
                Some(args) => {
                    let value = self.apply_over(inner, args, at, Some(to));
                    self.coerce(value, to, at.span)
                }
                None => Value::Error,
            },
            Func::Rev(_)
            | Func::Fwd(_)
            | Func::Grad(_)
            | Func::ValueAndGrad(_)
            | Func::Jacobian(_)
            | Func::Linearize(_)
            | Func::Checkpoint(_) => self.apply_derivative(f, args, at),
            Func::Linear(target, point) => self.apply_linear(target, point, args, at),
            Func::Each(inner) => {
                let args = self.settle_elements(inner, args, at);
                let wanted = wanted.map(of_elements);
                self.each(args, at, &mut |e, element| {
                    let value = e.apply_over(inner, element, at.span, wanted.as_ref());
                    e.settle_over(value, wanted.as_ref(), at.span)
                })
            }
        }
    }

    /// Arguments at the types of a map's.
    fn at_types(&mut self, args: Vec<Value>, types: &[Ty], at: &Place) -> Option<Vec<Value>> {
        if !self.right_count(types.len(), args.len(), at.span) {
            return None;
        }
        let args = args.into_iter().zip(types).enumerate();
        let args: Vec<Value> = args
            .map(|(k, (value, ty))| self.coerce(value, ty, at.arg(k)))
            .collect();
        (!args.iter().any(Value::is_error)).then_some(args)
    }

    pub(crate) fn right_count(&mut self, wanted: usize, given: usize, span: Span) -> bool {
        if wanted != given {
            let title = "a wrong number of arguments";
            let label = format!("{given} given, {wanted} wanted");
            self.error(Diagnostic::error("E0333", title, span, label));
        }
        wanted == given
    }

    /// Checks a function value against an arrow type, by applying it to unknown values.
    pub(crate) fn check_arrow(&mut self, value: &Value, from: &[Ty], to: &Ty, span: Span) {
        if self.lowering() {
            return;
        }
        let args: Vec<Value> = from.iter().map(|t| self.unknown(t)).collect();
        let result = self.apply_over(value, args, span, Some(to));
        self.coerce(result, to, span);
    }
}

fn unlabelled(e: &Expr) -> &Expr {
    match &e.kind {
        ExprKind::Labelled(_, inner) => inner,
        _ => e,
    }
}
