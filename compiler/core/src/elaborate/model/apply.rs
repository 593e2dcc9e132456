//! Models at parameters and inputs.

use crate::elaborate::Elaborator;
use crate::elaborate::define::{DefCall, memo_key};
use crate::elaborate::model::by_hand::{Extras, merged, next_states};
use crate::elaborate::model::params::{Parts, part_of, record_type, uses, using};
use crate::elaborate::model::slots::{may_stay_open, slots};
use crate::elaborate::place::Place;
use crate::elaborate::region::field;
use crate::module::DefId;
use crate::supply::{Phase, Supply};
use crate::ty::{Kind, Ty};
use crate::value::{Env, Func, Model, ParamDecl, Value};
use lentil_diag::Diagnostic;
use lentil_grammar::ast::{self, Expr, ExprKind, ItemKind, ModelParam, Statement};
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
        self.apply_model_with(model, params, inputs, &Extras::default(), at)
    }

    /// The same, with a key, a mode or states.
    pub(crate) fn apply_model_with(
        &mut self,
        model: &Value,
        params: Vec<Value>,
        inputs: Vec<Value>,
        extras: &Extras,
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
                    self.apply_open_model(*def, statics.as_deref(), params, inputs, extras, at)
                }
                Func::Rev(inner) => self.reverse_model(inner, params, inputs, extras, at),
                Func::Grad(inner) => self.gradient_model(inner, params, inputs, extras, at),
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
                match &**m {
                    Model::Given(..) | Model::Bound(..) if !params.is_empty() => {
                        return self.no_params(at);
                    }
                    Model::Bound(inner, supply) => {
                        return self.bound_by_hand(inner, supply, inputs, extras, at);
                    }
                    _ => {}
                }
                let Some(record) = self.param_record(model, params, at) else {
                    return Value::Error;
                };
                if inputs.is_empty() && !record_is_empty(&record) {
                    // `f(p;)`: the parameters alone.
                    return Value::Model(Arc::new(Model::Given(model.clone(), Arc::new(record))));
                }
                self.by_hand(model, &record, inputs, extras, at)
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
        extras: &Extras,
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
        self.apply_model_with(&model, params, inputs, extras, at)
    }

    /// A model with all it is applied with.
    pub(crate) fn apply_closed(
        &mut self,
        model: &Value,
        supply: &Supply,
        inputs: Vec<Value>,
        at: impl Into<Place>,
    ) -> Value {
        let at = &at.into();
        if supply.params.is_error() || inputs.iter().any(Value::is_error) {
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
                e.apply_def_model(*def, env, supply, inputs, &at)
            }
            Model::Bound(inner, supply) => e.apply_closed(inner, supply, inputs, at),
            Model::Given(inner, given) => {
                let Some(space) = e.space(inner) else {
                    return Value::Error;
                };
                match merged(&space.decls, given, &supply.params) {
                    Some(all) => e.apply_closed(inner, &supply.with_params(all), inputs, at),
                    None => Value::Error,
                }
            }
            Model::Typed(inner, from, to) => {
                let (inputs, at) = e.spread(model, inputs, at);
                if !e.right_count(from.len(), inputs.len(), at.span) {
                    return Value::Error;
                }
                let inputs = inputs.into_iter().zip(from).enumerate();
                let inputs = inputs
                    .map(|(k, (value, ty))| e.coerce(value, ty, at.arg(k)))
                    .collect();
                let value = e.apply_closed(inner, supply, inputs, &at);
                e.coerce(value, to, at.span)
            }
            Model::Then(factors) => {
                let mut parts = Parts::of(&supply.params);
                let mut values = inputs;
                for (k, factor) in factors.iter().enumerate() {
                    let segment = factor.segment.as_deref();
                    let part = supply.below(parts.below(segment), segment);
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
                let mut parts = Parts::of(&supply.params);
                let mut out = Vec::new();
                for (factor, value) in factors.iter().zip(values) {
                    let segment = factor.segment.as_deref();
                    let part = supply.below(parts.below(segment), segment);
                    out.push(e.apply_closed(&factor.model, &part, vec![value], factor.span));
                }
                Value::Tuple(out)
            }
            Model::Tied(k, inner) => {
                let mut values = inputs;
                for layer in 0..*k {
                    // One set of parameters, but each time a key of its own.
                    let mut supply = supply.clone();
                    if let Some(source) = &mut supply.key {
                        source.path.push(layer as u32);
                    }
                    values = vec![e.apply_closed(inner, &supply, values, at)];
                }
                values.pop().unwrap_or(Value::Error)
            }
            Model::Each(inner) => e.apply_each(inner, supply, inputs, at),
        })
    }

    /// Element by element; each has a key of its own, by its row's number where rows have numbers.
    pub(crate) fn apply_each(
        &mut self,
        inner: &Value,
        supply: &Supply,
        inputs: Vec<Value>,
        at: &Place,
    ) -> Value {
        let mut inputs = self.settle_inputs(inner, inputs, at);
        let key = supply.key.as_ref().map(|source| self.key_here(source));
        let rows = match key {
            Some(_) => self.rows_along(supply, &inputs),
            None => None,
        };
        let numbered = rows.is_some();
        inputs.extend(rows.map(Value::Array));
        self.each(inputs, at, &mut |e, mut x| {
            let number = match numbered {
                true => x.pop(),
                false => e.loops.last().cloned(),
            };
            let key = match (&key, number) {
                (Some(key), Some(number)) => {
                    let key = e.fold_key_at(key, &number);
                    Some(e.source(key))
                }
                _ => None,
            };
            let supply = Supply {
                key,
                rows: None,
                ..supply.clone()
            };
            e.apply_closed(inner, &supply, x, at.span)
        })
    }

    fn apply_def_model(
        &mut self,
        def: DefId,
        env: &Env,
        supply: &Supply,
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
        let Some(param_ty) = supply.params.ty() else {
            return Value::Error;
        };
        let Some(running) = self.kept_states(def, d, env, supply) else {
            return Value::Error;
        };
        let mut types = vec![param_ty];
        let mut args = vec![supply.params.clone()];
        let source = supply.key.as_ref().filter(|_| may_draw(d, signature));
        if let Some(source) = source {
            args.push(self.key_here(source));
            types.push(Ty::Key);
        }
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
        let (keyed, keeps) = (source.is_some(), !running.is_empty());
        let body = |e: &mut Self, mut args: Vec<Value>| {
            let params = args.remove(0);
            let key = keyed.then(|| args.remove(0));
            let inner = Supply {
                params,
                key: key.map(|key| e.source(key)),
                phase: supply.phase,
                rows: None,
                ledger: keeps.then(|| (e.open_ledger(), "".into())),
            };
            let value = e.model_body(d, signature, env, &inner, args);
            let value = match &result {
                Some(ty) => e.coerce(value, ty, d.body.span),
                None => value,
            };
            if !keeps {
                return value;
            }
            let noted = e.close_ledger();
            Value::Tuple(vec![value, next_states(&running, noted, &inner.params)])
        };
        let call = DefCall {
            key: memo_key(def, &d.statics, env, &types).run(supply.phase, keeps),
            name: &d.name.text,
            types: &types,
            args,
            filled: slots(signature).next().is_some(),
        };
        if !keeps {
            return self.call_typed(call, result.as_ref(), &body);
        }
        let pair = result
            .as_ref()
            .map(|ty| Ty::Tuple(vec![ty.clone(), record_type(&running)]));
        match self.call_typed(call, pair.as_ref(), &body) {
            Value::Tuple(mut parts) => {
                if let Some(Value::Record(next)) = parts.pop() {
                    for (path, value) in next {
                        if !self.note(supply, &path, value, at.span) {
                            return Value::Error;
                        }
                    }
                }
                parts.pop().unwrap_or(Value::Error)
            }
            _ => Value::Error,
        }
    }

    /// The states of a model whose next values are wanted.
    fn kept_states(
        &mut self,
        def: DefId,
        d: &ast::ModelDef,
        env: &Env,
        supply: &Supply,
    ) -> Option<Vec<ParamDecl>> {
        let signature = d.signature.as_ref()?;
        if !supply.keeps() || !may_keep(d, signature) {
            return Some(Vec::new());
        }
        let env = env.clone();
        let model = Value::Model(Arc::new(Model::Def { def, env }));
        let mut decls = self.params(&model)?;
        decls.retain(|decl| decl.running);
        Some(decls)
    }

    /// The body of a model with everything it names bound.
    pub(crate) fn model_body(
        &mut self,
        d: &ast::ModelDef,
        signature: &ast::ModelSignature,
        env: &Env,
        supply: &Supply,
        inputs: Vec<Value>,
    ) -> Value {
        let Some(mut scope) = self.slots_bound(d, signature, env, supply) else {
            return Value::Error;
        };
        let mut inner = scope.clone();
        for param in &signature.params {
            let (name, value) = match param {
                ModelParam::Weight(w) | ModelParam::State(w) => {
                    let value = field(&supply.params, &w.name.text).cloned();
                    (&w.name, value.unwrap_or(Value::Error))
                }
                ModelParam::Using(name) if name.text == "mode" => {
                    (name, Value::Phase(supply.phase))
                }
                ModelParam::Using(name) => {
                    let key = supply.key.as_ref().map(|source| self.key_here(source));
                    (name, key.unwrap_or(Value::NoKey))
                }
                ModelParam::Use(_) => continue,
            };
            inner = inner.bind(name.text.as_str(), value);
        }
        for (name, e) in uses(&d.body) {
            let value = self.expr(e, &scope);
            let Some(model) = self.as_model(value, e.span) else {
                return Value::Error;
            };
            let segment = Some(name.text.as_str());
            let part = supply.below(part_of(&supply.params, segment), segment);
            let bound = Value::Model(Arc::new(Model::Bound(model, Arc::new(part))));
            scope = scope.bind(name.text.as_str(), bound.clone());
            inner = inner.bind(name.text.as_str(), bound);
        }
        for (param, value) in signature.inputs.iter().zip(inputs) {
            inner = inner.bind(param.name.text.as_str(), value);
        }
        let wanted = signature.result.as_ref();
        let wanted = wanted.and_then(|ty| self.dry(|e| e.input_ty(ty, env)));
        let kind = wanted.as_ref().and_then(Ty::kind);
        self.in_model += 1;
        let value = self.statements_and_result(d, signature, env, &inner, supply, kind);
        self.in_model -= 1;
        value
    }

    fn statements_and_result(
        &mut self,
        d: &ast::ModelDef,
        signature: &ast::ModelSignature,
        env: &Env,
        scope: &Env,
        supply: &Supply,
        kind: Option<Kind>,
    ) -> Value {
        let ExprKind::Block(statements, result) = &d.body.kind else {
            return self.expr_over(&d.body, scope, kind);
        };
        let mut inner = scope.clone();
        let mut good = true;
        for statement in statements {
            match statement {
                Statement::Let(..) => inner = self.statement(statement, &inner),
                // The submodels are bound already.
                Statement::Use(..) => {}
                Statement::State(name, e) => {
                    let wanted = supply.keeps() || self.checking() && supply.phase == Phase::Train;
                    if wanted && let Some(w) = state_of(signature, name) {
                        good &= self.next_state(w, e, env, &inner, supply);
                    }
                }
            }
        }
        let value = self.expr_over(result, &inner, kind);
        if good { value } else { Value::Error }
    }

    /// `state mean = e`: the next value of a state.
    fn next_state(
        &mut self,
        w: &ast::Weight,
        e: &Expr,
        env: &Env,
        scope: &Env,
        supply: &Supply,
    ) -> bool {
        let Some(ty) = self.dry(|e| e.input_ty(&w.ty, env)) else {
            return false;
        };
        let value = self.expr_over(e, scope, ty.kind());
        let value = self.coerce(value, &ty, e.span);
        !value.is_error() && self.note(supply, &w.name.text, value, e.span)
    }

    /// `rev(m)(p; x…, dy)`: the cotangents of the parameters and of the inputs.
    fn reverse_model(
        &mut self,
        model: &Value,
        params: Vec<Value>,
        mut args: Vec<Value>,
        extras: &Extras,
        at: &Place,
    ) -> Value {
        let Some(dy) = args.pop() else {
            let title = "`rev(m)` takes the inputs of `m`, then a cotangent of its result";
            return self.error(Diagnostic::error("E0333", title, at.span, "none is given"));
        };
        let dy_span = at.arg(args.len());
        let Some((model, args, supply)) = self.with_params(model, params, args, extras, at) else {
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
            let weights = xs.remove(0);
            e.apply_closed(&model, &supply.learning(&weights), xs, at)
        })
    }

    /// `grad(m)(p; x…)`: the same of a model whose result is a single number.
    fn gradient_model(
        &mut self,
        model: &Value,
        params: Vec<Value>,
        args: Vec<Value>,
        extras: &Extras,
        at: &Place,
    ) -> Value {
        let Some((model, args, supply)) = self.with_params(model, params, args, extras, at) else {
            return Value::Error;
        };
        self.gradient_of(args, &at.span.into(), &mut |e, mut xs| {
            let weights = xs.remove(0);
            e.apply_closed(&model, &supply.learning(&weights), xs, at)
        })
    }

    /// A model with the record of its weights before its inputs, and the rest of what it is applied with.
    fn with_params(
        &mut self,
        model: &Value,
        params: Vec<Value>,
        args: Vec<Value>,
        extras: &Extras,
        at: &Place,
    ) -> Option<(Value, Vec<Value>, Supply)> {
        let model = self.as_model(model.clone(), at.span)?;
        let record = self.param_record(&model, params, at)?;
        let (supply, _) = self.supply_by_hand(&model, &record, extras, at)?;
        let mut args = self.settle_inputs(&model, args, at);
        args.insert(0, record);
        Some((model, args, supply))
    }
}

/// Whether a model, or something in it, may draw random numbers.
fn may_draw(d: &ast::ModelDef, signature: &ast::ModelSignature) -> bool {
    using(signature).0 || slots(signature).next().is_some() || !uses(&d.body).is_empty()
}

/// Whether a model, or something in it, may have a state.
fn may_keep(d: &ast::ModelDef, signature: &ast::ModelSignature) -> bool {
    let state = |p: &ModelParam| matches!(p, ModelParam::State(_));
    signature.params.iter().any(state)
        || slots(signature).next().is_some()
        || !uses(&d.body).is_empty()
}

/// The state that a statement gives its next value.
pub(crate) fn state_of<'s>(
    signature: &'s ast::ModelSignature,
    name: &ast::Ident,
) -> Option<&'s ast::Weight> {
    signature.params.iter().find_map(|p| match p {
        ModelParam::State(w) if w.name.text == name.text => Some(w),
        _ => None,
    })
}

fn record_is_empty(value: &Value) -> bool {
    matches!(value, Value::Record(fields) if fields.is_empty())
}
