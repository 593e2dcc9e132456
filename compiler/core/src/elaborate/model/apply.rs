//! Models at parameters and inputs.

use crate::elaborate::Elaborator;
use crate::elaborate::define::memo_key;
use crate::elaborate::model::params::{part_of, uses};
use crate::module::DefId;
use crate::value::{Env, Func, Model, Value};
use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{self, ItemKind, ModelParam};
use std::rc::Rc;

impl Elaborator<'_> {
    /// A model at parameters (a record of all paths, or one value for each weight in order) and inputs.
    pub(crate) fn apply_model(
        &mut self,
        model: &Value,
        params: Vec<Value>,
        inputs: Vec<Value>,
        span: Span,
    ) -> Value {
        if params.iter().chain(&inputs).any(Value::is_error) {
            return Value::Error;
        }
        match model {
            Value::Func(f) => match &**f {
                Func::Def { def, statics } if self.is_model(*def) => {
                    self.apply_open_model(*def, statics.as_deref(), params, inputs, span)
                }
                Func::Rev(inner) => self.reverse_model(inner, params, inputs, span),
                _ if params.is_empty() => self.apply(model, inputs, span),
                _ => self.no_params(span),
            },
            Value::Model(m) => {
                if let Model::Given(inner, given) = &**m {
                    if !params.is_empty() {
                        return self.no_params(span);
                    }
                    return self.apply_closed(inner, given, inputs, span);
                }
                let Some(record) = self.param_record(model, params, span) else {
                    return Value::Error;
                };
                if inputs.is_empty() && !record_is_empty(&record) {
                    // `f(p;)`: the parameters alone.
                    return Value::Model(Rc::new(Model::Given(model.clone(), Rc::new(record))));
                }
                self.apply_closed(model, &record, inputs, span)
            }
            other => self.not_a_map(&other.clone(), span),
        }
    }

    fn no_params(&mut self, span: Span) -> Value {
        let title = "this has no parameters to give";
        self.error(Diagnostic::error("E0406", title, span, "left of the `;`"))
    }

    /// A model whose static arguments are still to be inferred: `dense(w, b; x)`.
    fn apply_open_model(
        &mut self,
        def: DefId,
        statics: Option<&[Value]>,
        params: Vec<Value>,
        inputs: Vec<Value>,
        span: Span,
    ) -> Value {
        let Some((d, signature)) = self.model_def(def) else {
            return Value::Error;
        };
        let (d, signature) = (d.clone(), signature.clone());
        if !self.right_count(signature.inputs.len(), inputs.len(), span) {
            return Value::Error;
        }
        let weights: Vec<&ast::TypeExpr> = signature
            .params
            .iter()
            .filter_map(|p| match p {
                ModelParam::Weight(w) => Some(&w.ty),
                _ => None,
            })
            .collect();
        let mut types: Vec<&ast::TypeExpr> = Vec::new();
        let mut values = Vec::new();
        if weights.len() == params.len() {
            types.extend(&weights);
            values.extend(params.iter().cloned());
        }
        types.extend(signature.inputs.iter().filter_map(|p| p.ty.as_ref()));
        values.extend(inputs.iter().cloned());
        let module = Env::module(def.module);
        let Some(env) = self.infer_statics(&d.statics, &module, statics, &types, &values, span)
        else {
            return Value::Error;
        };
        let model = Value::Model(Rc::new(Model::Def { def, env }));
        self.apply_model(&model, params, inputs, span)
    }

    /// A model at the record of its parameters.
    pub(crate) fn apply_closed(
        &mut self,
        model: &Value,
        params: &Value,
        inputs: Vec<Value>,
        span: Span,
    ) -> Value {
        if params.is_error() || inputs.iter().any(Value::is_error) {
            return Value::Error;
        }
        let Value::Model(m) = model else {
            return self.apply(model, inputs, span);
        };
        let m = m.clone();
        self.deeper(span, |e| match &*m {
            Model::Map(f) => {
                let inputs = e.spread(f, inputs);
                e.apply(f, inputs, span)
            }
            Model::Def { def, env } => {
                let inputs = e.spread(model, inputs);
                e.apply_def_model(*def, env, params, inputs, span)
            }
            Model::Given(inner, given) => e.apply_closed(inner, given, inputs, span),
            Model::Then(factors) => {
                let mut values = inputs;
                for factor in factors {
                    let part = part_of(params, factor.segment.as_deref());
                    let out = e.apply_closed(&factor.model, &part, values, factor.span);
                    values = vec![out];
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
                    return e.error(Diagnostic::error("E0407", title, span, label));
                }
                let mut out = Vec::new();
                for (factor, value) in factors.iter().zip(values) {
                    let part = part_of(params, factor.segment.as_deref());
                    out.push(e.apply_closed(&factor.model, &part, vec![value], factor.span));
                }
                Value::Tuple(out)
            }
            Model::Tied(k, inner) => {
                let mut values = inputs;
                for _ in 0..*k {
                    values = vec![e.apply_closed(inner, params, values, span)];
                }
                values.pop().unwrap_or(Value::Error)
            }
            Model::Each(inner) => e.each(inputs, span, &mut |e, x| {
                e.apply_closed(inner, params, x, span)
            }),
        })
    }

    fn apply_def_model(
        &mut self,
        def: DefId,
        env: &Env,
        params: &Value,
        inputs: Vec<Value>,
        span: Span,
    ) -> Value {
        let modules = self.modules;
        let ItemKind::Model(d) = &modules.item(def).kind else {
            return Value::Error;
        };
        let Some(signature) = &d.signature else {
            return Value::Error;
        };
        if !self.right_count(signature.inputs.len(), inputs.len(), span)
            || !self.wheres_hold(&signature.wheres, env, span)
        {
            return Value::Error;
        }
        let mut types = Vec::new();
        let mut args = Vec::new();
        for (param, value) in signature.inputs.iter().zip(inputs) {
            let Some(ty) = param.ty.as_ref().and_then(|t| self.ty(t, env)) else {
                return Value::Error;
            };
            let value = self.coerce(value, &ty, span);
            if value.is_error() {
                return Value::Error;
            }
            types.push(ty);
            args.push(value);
        }
        let result = match &signature.result {
            Some(ty) => match self.dry(|e| e.ty(ty, env)) {
                Some(ty) => Some(ty),
                None => return Value::Error,
            },
            None => None,
        };
        if !self.lowering() {
            return match result {
                Some(ty) => self.unknown(&ty),
                None => self.dry(|e| e.model_body(d, signature, env, params, args)),
            };
        }
        let Some(param_ty) = params.ty() else {
            return Value::Error;
        };
        types.insert(0, param_ty);
        args.insert(0, params.clone());
        let key = memo_key(def, &d.statics, env, &types);
        if !args.iter().all(Value::is_first_order) {
            return self.model_body(d, signature, env, params, args.split_off(1));
        }
        self.call_lowered(key, &d.name.text, &types, args, |e, mut args| {
            let params = args.remove(0);
            let value = e.model_body(d, signature, env, &params, args);
            match &result {
                Some(ty) => e.coerce(value, ty, d.body.span),
                None => value,
            }
        })
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
        let mut inner = env.clone();
        for param in &signature.params {
            if let ModelParam::Weight(w) = param {
                let value = crate::elaborate::region::field(params, &w.name.text).cloned();
                inner = inner.bind(w.name.text.as_str(), value.unwrap_or(Value::Error));
            }
        }
        for (name, e) in uses(&d.body) {
            let value = self.expr(e, env);
            let Some(model) = self.as_model(value, e.span) else {
                return Value::Error;
            };
            let part = part_of(params, Some(&name.text));
            let given = Value::Model(Rc::new(Model::Given(model, Rc::new(part))));
            inner = inner.bind(name.text.as_str(), given);
        }
        for (param, value) in signature.inputs.iter().zip(inputs) {
            inner = inner.bind(param.name.text.as_str(), value);
        }
        self.expr(&d.body, &inner)
    }

    /// `rev(m)(p; x…, dy)`: the cotangents of the parameters and of the inputs.
    fn reverse_model(
        &mut self,
        model: &Value,
        params: Vec<Value>,
        mut args: Vec<Value>,
        span: Span,
    ) -> Value {
        let Some(model) = self.as_model(model.clone(), span) else {
            return Value::Error;
        };
        let Some(dy) = args.pop() else {
            self.right_count(1, 0, span);
            return Value::Error;
        };
        let Some(record) = self.param_record(&model, params, span) else {
            return Value::Error;
        };
        args.insert(0, record);
        self.reverse_of(args, span, dy, &mut |e, mut xs| {
            let params = xs.remove(0);
            e.apply_closed(&model, &params, xs, span)
        })
    }
}

fn record_is_empty(value: &Value) -> bool {
    matches!(value, Value::Record(fields) if fields.is_empty())
}
