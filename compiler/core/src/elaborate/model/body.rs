//! Definitions of models at all they are applied with, and their bodies.

use crate::elaborate::Elaborator;
use crate::elaborate::define::{DefCall, memo_key};
use crate::elaborate::model::by_hand::next_states;
use crate::elaborate::model::params::{Parts, record_type, uses, using};
use crate::elaborate::model::slots::slots;
use crate::elaborate::place::Place;
use crate::elaborate::region::field;
use crate::module::DefId;
use crate::supply::{Phase, Supply};
use crate::ty::Ty;
use crate::value::{Env, Model, ParamDecl, Value};
use lentil_grammar::ast::{self, Expr, ExprKind, ItemKind, ModelParam, Statement};
use std::sync::Arc;

impl Elaborator<'_> {
    /// A definition at parameters, a key and inputs: lowered once for each use of its kind.
    pub(crate) fn apply_def_model(
        &mut self,
        def: DefId,
        env: &Env,
        supply: &Supply,
        inputs: Vec<Value>,
        at: &Place,
    ) -> Value {
        let modules = self.modules;
        let d = match &modules.item(def).kind {
            ItemKind::Model(d) => d,
            ItemKind::Lens(l) => return self.apply_lens(def, l, env, &supply.params, inputs, at),
            _ => return Value::Error,
        };
        let Some(signature) = &d.signature else {
            return Value::Error;
        };
        let scalars = (&d.statics[..], &signature.inputs[..]);
        if let Some(lifted) = self.lift_model(def, scalars, env, supply, &inputs, at) {
            return lifted;
        }
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
        let mut given = vec![(param_ty, supply.params.clone())];
        let source = supply.key.as_ref().filter(|_| may_draw(d, signature));
        if let Some(source) = source {
            given.push((Ty::Key, self.key_here(source)));
        }
        let Some((types, args, result)) = self.at_signature(signature, env, given, inputs, at)
        else {
            return Value::Error;
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
        let mut parts = Parts::of(&supply.params);
        for (name, e) in uses(&d.body) {
            let value = self.expr(e, &scope);
            let Some(model) = self.as_model(value, e.span) else {
                return Value::Error;
            };
            let segment = Some(name.text.as_str());
            let part = supply.below(parts.below(segment), segment);
            let bound = Value::Model(Arc::new(Model::Bound(model, Arc::new(part))));
            scope = scope.bind(name.text.as_str(), bound.clone());
            inner = inner.bind(name.text.as_str(), bound);
        }
        for (param, value) in signature.inputs.iter().zip(inputs) {
            inner = inner.bind(param.name.text.as_str(), value);
        }
        let wanted = signature.result.as_ref();
        let wanted = wanted.and_then(|ty| self.dry(|e| e.input_ty(ty, env)));
        self.in_model += 1;
        let value = self.statements_and_result(d, signature, env, &inner, supply, wanted.as_ref());
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
        wanted: Option<&Ty>,
    ) -> Value {
        let ExprKind::Block(statements, result) = &d.body.kind else {
            return self.expr_over(&d.body, scope, wanted);
        };
        let mut inner = scope.clone();
        let mut good = true;
        for statement in statements {
            match statement {
                Statement::Let(..) => inner = self.statement(statement, &inner),
                // The submodels are bound already.
                Statement::Use(..) => {}
                Statement::State(name, e) => {
                    let noted = supply.keeps() || self.checking() && supply.phase == Phase::Train;
                    if noted && let Some(w) = state_of(signature, name) {
                        good &= self.next_state(w, e, env, &inner, supply);
                    }
                }
            }
        }
        let value = self.expr_over(result, &inner, wanted);
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
        let value = self.expr_over(e, scope, Some(&ty));
        let value = self.coerce(value, &ty, e.span);
        !value.is_error() && self.note(supply, &w.name.text, value, e.span)
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
