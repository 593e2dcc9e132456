//! Models at parameters and inputs.

use crate::elaborate::Elaborator;
use crate::elaborate::define::{DefCall, memo_key};
use crate::elaborate::model::params::{Parts, part_of, uses};
use crate::elaborate::model::slots::{may_stay_open, slots};
use crate::elaborate::place::Place;
use crate::elaborate::region::field;
use crate::module::DefId;
use crate::ty::Ty;
use crate::value::{Env, Func, Model, Value};
use lentil_diag::Diagnostic;
use lentil_grammar::ast::{self, ExprKind, ItemKind, ModelParam, Statement};
use std::sync::Arc;

impl Elaborator<'_> {
    /// A model at parameters (a record of all paths, or one value for each weight in order) and inputs.
    pub(crate) fn apply_model(
        &mut self,
        model: &Value,
        params: Vec<Value>,
        inputs: Vec<Value>,
        at: impl Into<Place>,
    ) -> Value {
        let at = &at.into();
        if params.iter().chain(&inputs).any(Value::is_error) {
            return Value::Error;
        }
        if let Some(def) = self.unfilled(model) {
            return self.not_filled(def, at.span);
        }
        match model {
            Value::Func(f) => match &**f {
                Func::Def { def, statics } if self.is_model(*def) => {
                    self.apply_open_model(*def, statics.as_deref(), params, inputs, at)
                }
                Func::Rev(inner) => self.reverse_model(inner, params, inputs, at),
                Func::Grad(inner) => self.gradient_model(inner, params, inputs, at),
                _ if params.is_empty() => self.apply(model, inputs, at),
                Func::Fwd(_) => {
                    let title = "`fwd` of a model at parameters is not available yet";
                    let hint = "take it of a `fn` of the parameters and the inputs";
                    let label = "parameters are given here";
                    self.error(Diagnostic::error("E0590", title, at.param(0), label).hint(hint))
                }
                _ => self.no_params(at),
            },
            Value::Model(m) => {
                if let Model::Given(inner, given) = &**m {
                    if !params.is_empty() {
                        return self.no_params(at);
                    }
                    return self.apply_closed(inner, given, inputs, at);
                }
                let Some(record) = self.param_record(model, params, at) else {
                    return Value::Error;
                };
                if inputs.is_empty() && !record_is_empty(&record) {
                    // `f(p;)`: the parameters alone.
                    return Value::Model(Arc::new(Model::Given(model.clone(), Arc::new(record))));
                }
                self.apply_closed(model, &record, inputs, at)
            }
            other => self.not_a_map(&other.clone(), at.span),
        }
    }

    fn no_params(&mut self, at: &Place) -> Value {
        let title = "this has no parameters to give";
        self.error(Diagnostic::error(
            "E0406",
            title,
            at.param(0),
            "left of the `;`",
        ))
    }

    /// A model whose static arguments are still to be inferred: `dense(w, b; x)`.
    fn apply_open_model(
        &mut self,
        def: DefId,
        statics: Option<&[Value]>,
        params: Vec<Value>,
        inputs: Vec<Value>,
        at: &Place,
    ) -> Value {
        let modules = self.modules;
        let ItemKind::Model(d) = &modules.item(def).kind else {
            return Value::Error;
        };
        let Some(signature) = &d.signature else {
            return Value::Error;
        };
        // Without inputs the parameters alone are given: `dense(w, b;)`.
        let given = inputs.is_empty() && !params.is_empty();
        if !given && !self.right_count(signature.inputs.len(), inputs.len(), at.span) {
            return Value::Error;
        }
        let weights: Vec<&ast::Weight> = signature
            .params
            .iter()
            .filter_map(|p| match p {
                ModelParam::Weight(w) => Some(w),
                _ => None,
            })
            .collect();
        let mut types: Vec<&ast::TypeExpr> = signature
            .inputs
            .iter()
            .filter_map(|p| p.ty.as_ref())
            .take(inputs.len())
            .collect();
        let mut values = inputs.clone();
        match &params[..] {
            [record @ Value::Record(_)] => {
                for w in &weights {
                    types.push(&w.ty);
                    let value = field(record, &w.name.text);
                    values.push(value.cloned().unwrap_or(Value::Error));
                }
            }
            _ if uses(&d.body).is_empty() && weights.len() != params.len() => {
                let paths: Vec<&str> = weights.iter().map(|w| w.name.text.as_str()).collect();
                self.wrong_params(params.len(), &paths, at.span);
                return Value::Error;
            }
            _ => {
                types.extend(weights.iter().map(|w| &w.ty));
                values.extend(params.iter().cloned());
            }
        }
        let module = Env::module(def.module);
        let Some(known) = self.assign_statics(&d.statics, statics.unwrap_or(&[]), at.span) else {
            return Value::Error;
        };
        let env = self.complete_statics(&d.statics, &module, known, &types, &values, at, &|p| {
            may_stay_open(d, p)
        });
        let Some(env) = env else {
            return Value::Error;
        };
        let model = Value::Model(Arc::new(Model::Def { def, env }));
        self.apply_model(&model, params, inputs, at)
    }

    /// A model at the record of its parameters.
    pub(crate) fn apply_closed(
        &mut self,
        model: &Value,
        params: &Value,
        inputs: Vec<Value>,
        at: impl Into<Place>,
    ) -> Value {
        let at = &at.into();
        if params.is_error() || inputs.iter().any(Value::is_error) {
            return Value::Error;
        }
        let Value::Model(m) = model else {
            return self.apply(model, inputs, at);
        };
        let m = m.clone();
        self.deeper(at.span, |e| match &*m {
            Model::Map(f) => {
                let (inputs, at) = e.spread(f, inputs, at);
                e.apply(f, inputs, at)
            }
            Model::Def { def, env } => {
                let (inputs, at) = e.spread(model, inputs, at);
                e.apply_def_model(*def, env, params, inputs, &at)
            }
            Model::Given(inner, given) => e.apply_closed(inner, given, inputs, at),
            Model::Typed(inner, from, to) => {
                let (inputs, at) = e.spread(model, inputs, at);
                if !e.right_count(from.len(), inputs.len(), at.span) {
                    return Value::Error;
                }
                let inputs = inputs.into_iter().zip(from).enumerate();
                let inputs = inputs
                    .map(|(k, (value, ty))| e.coerce(value, ty, at.arg(k)))
                    .collect();
                let value = e.apply_closed(inner, params, inputs, &at);
                e.coerce(value, to, at.span)
            }
            Model::Then(factors) => {
                let mut parts = Parts::of(params);
                let mut values = inputs;
                for (k, factor) in factors.iter().enumerate() {
                    let part = parts.below(factor.segment.as_deref());
                    // The first factor meets what the caller wrote, the others what comes before them.
                    let at = if k == 0 {
                        at.clone()
                    } else {
                        factor.span.into()
                    };
                    values = vec![e.apply_closed(&factor.model, &part, values, at)];
                }
                values.pop().unwrap_or(Value::Error)
            }
            Model::Beside(factors) => {
                let values = match &inputs[..] {
                    [Value::Tuple(parts)] if parts.len() == factors.len() => parts.clone(),
                    _ => inputs,
                };
                if values.len() != factors.len() {
                    let title = "`|` takes one input for each side";
                    let label = format!("{} inputs, {} sides", values.len(), factors.len());
                    return e.error(Diagnostic::error("E0407", title, at.span, label));
                }
                let mut parts = Parts::of(params);
                let mut out = Vec::new();
                for (factor, value) in factors.iter().zip(values) {
                    let part = parts.below(factor.segment.as_deref());
                    out.push(e.apply_closed(&factor.model, &part, vec![value], factor.span));
                }
                Value::Tuple(out)
            }
            Model::Tied(k, inner) => {
                let mut values = inputs;
                for _ in 0..*k {
                    values = vec![e.apply_closed(inner, params, values, at)];
                }
                values.pop().unwrap_or(Value::Error)
            }
            Model::Each(inner) => {
                let inputs = e.settle_inputs(inner, inputs, at);
                e.each(inputs, at, &mut |e, x| {
                    e.apply_closed(inner, params, x, at.span)
                })
            }
        })
    }

    fn apply_def_model(
        &mut self,
        def: DefId,
        env: &Env,
        params: &Value,
        inputs: Vec<Value>,
        at: &Place,
    ) -> Value {
        let modules = self.modules;
        let ItemKind::Model(d) = &modules.item(def).kind else {
            return Value::Error;
        };
        let Some(signature) = &d.signature else {
            return Value::Error;
        };
        if !self.right_count(signature.inputs.len(), inputs.len(), at.span) {
            return Value::Error;
        }
        let Some(env) = &self.at_inputs(def, d, env, &inputs, at) else {
            return Value::Error;
        };
        if !self.wheres_hold(&signature.wheres, env, at.span) {
            return Value::Error;
        }
        let Some(param_ty) = params.ty() else {
            return Value::Error;
        };
        let mut types = vec![param_ty];
        let mut args = vec![params.clone()];
        for (k, (param, value)) in signature.inputs.iter().zip(inputs).enumerate() {
            let Some(ty) = param.ty.as_ref().and_then(|t| self.input_ty(t, env)) else {
                return Value::Error;
            };
            args.push(self.coerce(value, &ty, at.arg(k)));
            types.push(ty);
        }
        if args.iter().any(Value::is_error) {
            return Value::Error;
        }
        let result = match &signature.result {
            // What is wrong with it is said where it is defined.
            Some(ty) => match self.dry(|e| e.input_ty(ty, env)) {
                Some(ty) => Some(ty),
                None => return Value::Error,
            },
            None => None,
        };
        let body = |e: &mut Self, mut args: Vec<Value>| {
            let params = args.remove(0);
            let value = e.model_body(d, signature, env, &params, args);
            match &result {
                Some(ty) => e.coerce(value, ty, d.body.span),
                None => value,
            }
        };
        let call = DefCall {
            key: memo_key(def, &d.statics, env, &types),
            name: &d.name.text,
            types: &types,
            args,
            filled: slots(signature).next().is_some(),
        };
        self.call_typed(call, result.as_ref(), &body)
    }

    /// The body of a model with everything it names bound.
    pub(crate) fn model_body(
        &mut self,
        d: &ast::ModelDef,
        signature: &ast::ModelSignature,
        env: &Env,
        params: &Value,
        inputs: Vec<Value>,
    ) -> Value {
        let Some(mut scope) = self.slots_bound(d, signature, env, params) else {
            return Value::Error;
        };
        let mut inner = scope.clone();
        for param in &signature.params {
            if let ModelParam::Weight(w) = param {
                let value = field(params, &w.name.text).cloned();
                inner = inner.bind(w.name.text.as_str(), value.unwrap_or(Value::Error));
            }
        }
        for (name, e) in uses(&d.body) {
            let value = self.expr(e, &scope);
            let Some(model) = self.as_model(value, e.span) else {
                return Value::Error;
            };
            let part = part_of(params, Some(&name.text));
            let given = Value::Model(Arc::new(Model::Given(model, Arc::new(part))));
            scope = scope.bind(name.text.as_str(), given.clone());
            inner = inner.bind(name.text.as_str(), given);
        }
        for (param, value) in signature.inputs.iter().zip(inputs) {
            inner = inner.bind(param.name.text.as_str(), value);
        }
        let wanted = signature.result.as_ref();
        let wanted = wanted.and_then(|ty| self.dry(|e| e.input_ty(ty, env)));
        let kind = wanted.as_ref().and_then(Ty::kind);
        let ExprKind::Block(statements, result) = &d.body.kind else {
            return self.expr_over(&d.body, &inner, kind);
        };
        for statement in statements {
            // The submodels are bound already.
            if let Statement::Let(..) = statement {
                inner = self.statement(statement, &inner);
            }
        }
        self.expr_over(result, &inner, kind)
    }

    /// `rev(m)(p; x…, dy)`: the cotangents of the parameters and of the inputs.
    fn reverse_model(
        &mut self,
        model: &Value,
        params: Vec<Value>,
        mut args: Vec<Value>,
        at: &Place,
    ) -> Value {
        let Some(dy) = args.pop() else {
            let title = "`rev(m)` takes the inputs of `m`, then a cotangent of its result";
            return self.error(Diagnostic::error("E0333", title, at.span, "none is given"));
        };
        let dy_span = at.arg(args.len());
        let Some((model, args)) = self.with_params(model, params, args, at) else {
            return Value::Error;
        };
        // The parameters come first, as one argument.
        let n = args.len();
        let inner = Place::new(
            at.span,
            Vec::new(),
            vec![at.span; n].into_iter().chain([dy_span]).collect(),
        );
        self.reverse_of(args, &inner, dy, &mut |e, mut xs| {
            let params = xs.remove(0);
            e.apply_closed(&model, &params, xs, at)
        })
    }

    /// `grad(m)(p; x…)`: the same of a model whose result is a single number.
    fn gradient_model(
        &mut self,
        model: &Value,
        params: Vec<Value>,
        args: Vec<Value>,
        at: &Place,
    ) -> Value {
        let Some((model, args)) = self.with_params(model, params, args, at) else {
            return Value::Error;
        };
        self.gradient_of(args, &at.span.into(), &mut |e, mut xs| {
            let params = xs.remove(0);
            e.apply_closed(&model, &params, xs, at)
        })
    }

    /// A model with the record of its parameters before its inputs.
    fn with_params(
        &mut self,
        model: &Value,
        params: Vec<Value>,
        args: Vec<Value>,
        at: &Place,
    ) -> Option<(Value, Vec<Value>)> {
        let model = self.as_model(model.clone(), at.span)?;
        let record = self.param_record(&model, params, at)?;
        let mut args = self.settle_inputs(&model, args, at);
        args.insert(0, record);
        Some((model, args))
    }
}

fn record_is_empty(value: &Value) -> bool {
    matches!(value, Value::Record(fields) if fields.is_empty())
}
