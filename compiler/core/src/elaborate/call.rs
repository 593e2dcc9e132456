//! Calls as they are written, and what they call.

use crate::elaborate::Elaborator;
use crate::ty::Ty;
use crate::value::{Env, Func, Model, Value};
use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{self, Expr, ExprKind, ItemKind};
use std::rc::Rc;

impl Elaborator<'_> {
    /// A call as it is written, with named arguments and parameters left of a `;`.
    pub(crate) fn call_expr(
        &mut self,
        function: Value,
        args: &ast::CallArgs,
        env: &Env,
        span: Span,
    ) -> Value {
        if function.is_error() {
            // The arguments may have errors of their own.
            for arg in &args.args {
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
        let names = self.parameter_names(&function);
        let Some(values) = self.arguments(&args.args, names.as_deref(), env) else {
            return Value::Error;
        };
        match &args.params {
            None => self.apply(&function, values, span),
            Some(params) => {
                let params: Vec<Value> = params.iter().map(|p| self.expr(p, env)).collect();
                if params.iter().any(Value::is_error) {
                    return Value::Error;
                }
                self.apply_model(&function, params, values, span)
            }
        }
    }

    /// Arguments in the order of the parameters.
    pub(crate) fn arguments(
        &mut self,
        args: &[Expr],
        names: Option<&[String]>,
        env: &Env,
    ) -> Option<Vec<Value>> {
        let mut slots: Vec<Option<Value>> = Vec::new();
        let mut named = false;
        let mut failed = false;
        for arg in args {
            match &arg.kind {
                ExprKind::Labelled(name, e) => {
                    named = true;
                    let value = self.expr(e, env);
                    failed |= value.is_error();
                    let known = names.unwrap_or(&[]);
                    match known.iter().position(|n| *n == name.text) {
                        Some(k) => {
                            if slots.len() <= k {
                                slots.resize(k + 1, None);
                            }
                            if slots[k].is_some() {
                                let title = format!("`{}` is given twice", name.text);
                                self.error(Diagnostic::error("E0329", title, name.span, "again"));
                                failed = true;
                            }
                            slots[k] = Some(value);
                        }
                        None => {
                            let title = format!("there is no parameter `{}`", name.text);
                            let mut d =
                                Diagnostic::error("E0330", title, name.span, "not a parameter");
                            let close = crate::spelling::closest(
                                &name.text,
                                known.iter().map(String::as_str),
                            );
                            if let Some(close) = close {
                                d = d.hint(format!("did you mean `{close}`?"));
                            }
                            self.error(d);
                            failed = true;
                        }
                    }
                }
                _ => {
                    let value = self.expr(arg, env);
                    failed |= value.is_error();
                    if named {
                        let title = "an argument without a name follows one with a name";
                        self.error(Diagnostic::error("E0329", title, arg.span, "give its name"));
                        failed = true;
                    }
                    slots.push(Some(value));
                }
            }
        }
        if failed {
            return None;
        }
        // A hole is an argument that is missing; the callee says so.
        Some(slots.into_iter().map_while(|s| s).collect())
    }

    pub(crate) fn parameter_names(&self, function: &Value) -> Option<Vec<String>> {
        let named = |params: &[ast::Param]| params.iter().map(|p| p.name.text.clone()).collect();
        match function {
            Value::Func(f) => match &**f {
                Func::Def { def, .. } => match &self.modules.item(*def).kind {
                    ItemKind::Fn(d) => Some(named(&d.params)),
                    ItemKind::Model(d) => d.signature.as_ref().map(|s| named(&s.inputs)),
                    _ => None,
                },
                Func::Lambda { params, .. } => Some(named(params)),
                Func::Builtin { name, .. } => crate::elaborate::builtin::parameter_names(name),
                _ => None,
            },
            Value::Model(m) => match &**m {
                Model::Def { def, .. } => match &self.modules.item(*def).kind {
                    ItemKind::Model(d) => d.signature.as_ref().map(|s| named(&s.inputs)),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }

    /// A map, or a model without parameters, at arguments.
    pub(crate) fn apply(&mut self, function: &Value, args: Vec<Value>, span: Span) -> Value {
        if args.iter().any(Value::is_error) {
            return Value::Error;
        }
        self.deeper(span, |e| match function {
            Value::Error => Value::Error,
            Value::Func(f) => e.apply_func(f, args, span),
            Value::Model(_) => e.apply_model(function, Vec::new(), args, span),
            Value::Kind(kind) if !matches!(kind, Kind::Category(_)) => {
                e.in_carrier(kind, args, span)
            }
            other => {
                let title = "this cannot be called";
                let label = format!("this is {}", other.describe());
                e.error(Diagnostic::error("E0331", title, span, label))
            }
        })
    }

    fn apply_func(&mut self, f: &Rc<Func>, args: Vec<Value>, span: Span) -> Value {
        match &**f {
            Func::Def { def, statics } => self.apply_def(*def, statics.as_deref(), args, span),
            Func::Builtin { name, statics } => {
                self.apply_builtin(name, statics.as_deref(), args, span)
            }
            Func::Lambda { params, body, env } => {
                if !self.right_count(params.len(), args.len(), span) {
                    return Value::Error;
                }
                let mut inner = env.clone();
                for (param, value) in params.iter().zip(args) {
                    let value = match &param.ty {
                        Some(ty) => match self.ty(ty, env) {
                            Some(ty) => self.coerce(value, &ty, span),
                            None => Value::Error,
                        },
                        None => value,
                    };
                    inner = inner.bind(param.name.text.as_str(), value);
                }
                self.expr(body, &inner)
            }
            Func::Declared(from, to) => {
                if !self.right_count(from.len(), args.len(), span) {
                    return Value::Error;
                }
                let mut good = true;
                for (value, ty) in args.into_iter().zip(from) {
                    good &= !self.coerce(value, ty, span).is_error();
                }
                if good { self.unknown(to) } else { Value::Error }
            }
            Func::Rev(inner) => self.apply_reverse(inner, args, span),
            Func::Fwd(inner) => self.apply_forward(inner, args, span),
            Func::Grad(inner) => self.apply_gradient(inner, args, span),
            Func::Each(inner) => {
                let inner = inner.clone();
                self.each(args, span, &mut |e, element| e.apply(&inner, element, span))
            }
        }
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
        let result = self.apply(value, args, span);
        self.coerce(result, to, span);
    }
}

pub(crate) fn unlabelled(e: &Expr) -> &Expr {
    match &e.kind {
        ExprKind::Labelled(_, inner) => inner,
        _ => e,
    }
}
