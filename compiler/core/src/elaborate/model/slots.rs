//! Slots: what a model takes in where it is made into a layer (`use f: Real[n] -> Real[n]`), and sizes
//! that only its inputs have, which each use finds anew.

use crate::elaborate::Elaborator;
use crate::elaborate::alias::{Unfolded, unfolded};
use crate::elaborate::call::Parameters;
use crate::elaborate::model::params::{part_of, record_type, uses};
use crate::elaborate::place::Place;
use crate::module::DefId;
use crate::recursion::{names_in, names_in_type};
use crate::supply::Supply;
use crate::ty::Ty;
use crate::value::{Env, Func, Model, Value};
use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{
    self, ItemKind, ModelDef, ModelParam, ModelSignature, Param, StaticParam, TypeExpr, TypeKind,
};
use std::sync::Arc;

impl Elaborator<'_> {
    /// The definition of a model that still wants something for its slots.
    pub(crate) fn unfilled(&self, function: &Value) -> Option<DefId> {
        let (def, env) = match function {
            Value::Func(f) => match &**f {
                Func::Def { def, .. } => (*def, None),
                _ => return None,
            },
            Value::Model(m) => match &**m {
                Model::Def { def, env } => (*def, Some(env)),
                _ => return None,
            },
            _ => return None,
        };
        let (_, signature) = self.model_def(def)?;
        let open = |p: &Param| env.is_none_or(|env| env.get(&p.name.text).is_none());
        slots(signature).any(open).then_some(def)
    }

    /// Refuses a model of which a slot is empty.
    pub(crate) fn not_filled(&mut self, def: DefId, span: Span) -> Value {
        let Some((d, signature)) = self.model_def(def) else {
            return Value::Error;
        };
        let names: Vec<&str> = slots(signature).map(|p| p.name.text.as_str()).collect();
        let declared = slots(signature).next().map_or(span, |p| p.name.span);
        let title = format!(
            "`{}` is not given its `{}`",
            d.name.text,
            names.join("`, `")
        );
        let hint = format!("write `{}({})`", d.name.text, names.join(", "));
        let label = "this slot is still empty";
        self.error(
            Diagnostic::error("E0440", title, span, label)
                .label(declared, "declared here")
                .hint(hint),
        )
    }

    /// `residual(dense[4, 4] >> tanh)`: a model with its slots filled, by order or by name.
    pub(crate) fn fill(
        &mut self,
        def: DefId,
        function: &Value,
        args: &ast::CallArgs,
        scope: &Env,
        span: Span,
    ) -> Value {
        let modules = self.modules;
        let ItemKind::Model(d) = &modules.item(def).kind else {
            return Value::Error;
        };
        let Some(signature) = &d.signature else {
            return Value::Error;
        };
        if args.params.is_some() {
            return self.not_filled(def, span);
        }
        let wanted: Vec<&Param> = slots(signature).collect();
        let names: Vec<String> = wanted.iter().map(|p| p.name.text.clone()).collect();
        let parameters = Parameters {
            names: &names,
            wanted: &[],
            row: None,
        };
        let Some((values, spans)) = self.arguments(&args.args, &parameters, scope) else {
            return Value::Error;
        };
        if !self.right_count(wanted.len(), values.len(), span) {
            return Value::Error;
        }
        let mut fillings = Vec::new();
        for ((slot, value), &place) in wanted.iter().zip(values).zip(&spans) {
            let arrow = |ty| self.is_arrow(def, &d.statics, ty);
            let value = match slot.ty.as_ref().is_some_and(arrow) {
                true => self.as_model(value, place),
                false => Some(value),
            };
            match value {
                Some(value) => fillings.push(value),
                None => return Value::Error,
            }
        }
        let known = match function {
            Value::Model(m) => match &**m {
                Model::Def { env, .. } => known_statics(&d.statics, env),
                _ => return Value::Error,
            },
            _ => vec![None; d.statics.len()],
        };
        let types: Vec<&TypeExpr> = wanted.iter().filter_map(|p| p.ty.as_ref()).collect();
        let at = Place::new(span, Vec::new(), spans);
        let module = Env::module(def.module);
        let env = self.complete_statics(&d.statics, &module, known, &types, &fillings, &at, &|p| {
            may_stay_open(d, p)
        });
        let Some(mut env) = env else {
            return Value::Error;
        };
        for (slot, value) in wanted.iter().zip(fillings) {
            env = env.bind(slot.name.text.as_str(), value);
        }
        if !self.slots_fit(d, signature, &env, &at) {
            return Value::Error;
        }
        if !self.wheres_hold(&signature.wheres, &env, span) {
            return Value::Error;
        }
        Value::Model(Arc::new(Model::Def { def, env }))
    }

    /// The scope of a model whose static arguments stand in brackets.
    pub(crate) fn model_env(
        &mut self,
        def: DefId,
        d: &ModelDef,
        given: Option<&[Value]>,
        span: Span,
    ) -> Option<Env> {
        let known = self.assign_statics(&d.statics, given.unwrap_or(&[]), span)?;
        let module = Env::module(def.module);
        let env =
            self.complete_statics(&d.statics, &module, known, &[], &[], &span.into(), &|p| {
                may_stay_open(d, p)
            })?;
        let wheres = d.signature.as_ref().map_or(&[][..], |s| &s.wheres);
        self.wheres_hold(wheres, &env, span).then_some(env)
    }

    /// The scope of a model at its inputs, with the sizes that only they have.
    pub(crate) fn at_inputs(
        &mut self,
        def: DefId,
        d: &ModelDef,
        env: &Env,
        inputs: &[Value],
        at: &Place,
    ) -> Option<Env> {
        if is_closed(d, env) {
            return Some(env.clone());
        }
        let signature = d.signature.as_ref()?;
        let module = Env::module(def.module);
        let types: Vec<&TypeExpr> = signature
            .inputs
            .iter()
            .filter_map(|p| p.ty.as_ref())
            .collect();
        let known = known_statics(&d.statics, env);
        let closed =
            self.complete_statics(&d.statics, &module, known, &types, inputs, at, &|_| false)?;
        let closed = slots(signature).fold(closed, |closed, slot| match env.get(&slot.name.text) {
            Some(value) => closed.bind(slot.name.text.as_str(), value.clone()),
            None => closed,
        });
        self.slots_fit(d, signature, &closed, &at.span.into())
            .then_some(closed)
    }

    /// Slots of which nothing is known but their types: so a definition is checked for all fillings.
    pub(crate) fn declared_slots(&mut self, signature: &ModelSignature, env: &Env) -> Option<Env> {
        let mut out = env.clone();
        for slot in slots(signature) {
            let ty = self.input_ty(slot.ty.as_ref()?, env)?;
            out = out.bind(slot.name.text.as_str(), self.unknown(&ty));
        }
        Some(out)
    }

    /// The scope of a body: what fills the slots is closed with its parameters, so that every call
    /// of a slot shares them.
    pub(crate) fn slots_bound(
        &mut self,
        d: &ModelDef,
        signature: &ModelSignature,
        env: &Env,
        supply: &Supply,
    ) -> Option<Env> {
        let mut out = env.clone();
        for slot in slots(signature) {
            let name = slot.name.text.as_str();
            let ty = match is_closed(d, env) {
                true => Some(self.input_ty(slot.ty.as_ref()?, env)?),
                false => None,
            };
            let value = match (env.get(name)?.clone(), ty) {
                (model @ Value::Model(_), ty) => {
                    let model = match ty {
                        Some(Ty::Arrow(from, to)) => {
                            Value::Model(Arc::new(Model::Typed(model, from, *to)))
                        }
                        _ => model,
                    };
                    let part = supply.below(part_of(&supply.params, Some(name)), Some(name));
                    Value::Model(Arc::new(Model::Bound(model, Arc::new(part))))
                }
                (value @ Value::Func(_), _) | (value, None) => value,
                (value, Some(ty)) => self.coerce(value, &ty, slot.name.span),
            };
            out = out.bind(name, value);
        }
        Some(out)
    }

    /// Whether what fills the slots has their types; what cannot be told yet is told at the inputs.
    fn slots_fit(
        &mut self,
        d: &ModelDef,
        signature: &ModelSignature,
        env: &Env,
        at: &Place,
    ) -> bool {
        if self.lowering() || !is_closed(d, env) {
            return true;
        }
        let mut all = true;
        for (k, slot) in slots(signature).enumerate() {
            let (Some(ty), Some(value)) = (&slot.ty, env.get(&slot.name.text)) else {
                return false;
            };
            let value = value.clone();
            let Some(ty) = self.input_ty(ty, env) else {
                return false;
            };
            all &= match &ty {
                Ty::Arrow(from, to) => self.slot_fits(slot, &value, from, to, at.arg(k)),
                ty => !self.coerce(value, ty, at.arg(k)).is_error(),
            };
        }
        all
    }

    fn slot_fits(&mut self, slot: &Param, value: &Value, from: &[Ty], to: &Ty, span: Span) -> bool {
        let meets = |e: &mut Self| {
            let inputs = from.iter().map(|t| e.unknown(t)).collect();
            let result = e.probe(value, inputs, span);
            e.coerce(result, to, span)
        };
        if !self.dry(meets).is_error() {
            return true;
        }
        let own = self.dry(|e| e.input_types(value));
        let own = own.unwrap_or_else(|| from.to_vec());
        let result = self.dry(|e| {
            let inputs = own.iter().map(|t| e.unknown(t)).collect();
            let result = e.probe(value, inputs, span);
            e.settle(result, span)
        });
        let Some(result) = result.ty() else {
            // It is wrong in itself, which says more.
            let before = self.diagnostics.len();
            meets(self);
            if self.diagnostics.len() > before {
                return false;
            }
            return self.misfit(slot, "its own types do not fit".to_string(), from, to, span);
        };
        let have = Ty::Arrow(own, Box::new(result));
        self.misfit(slot, format!("this is `{have}`"), from, to, span)
    }

    fn misfit(&mut self, slot: &Param, have: String, from: &[Ty], to: &Ty, span: Span) -> bool {
        let wanted = Ty::Arrow(from.to_vec(), Box::new(to.clone()));
        let title = format!("this does not fit the slot `{}`", slot.name.text);
        let label = format!("{have}, but `{wanted}` is wanted");
        self.error(
            Diagnostic::error("E0441", title, span, label)
                .label(slot.name.span, "the slot is declared here"),
        );
        false
    }

    fn is_arrow(&self, def: DefId, statics: &[StaticParam], ty: &TypeExpr) -> bool {
        let Unfolded { ty, .. } = unfolded(self.modules, def.module, ty, statics);
        matches!(ty.kind, TypeKind::Arrow(..))
    }

    /// What a map or a model makes of inputs, whatever its parameters are.
    pub(crate) fn probe(&mut self, f: &Value, inputs: Vec<Value>, span: Span) -> Value {
        if !matches!(f, Value::Model(_)) {
            return self.apply(f, inputs, span);
        }
        match self.params(f) {
            Some(params) => {
                let record = self.unknown(&record_type(&params));
                self.apply_closed(f, &Supply::predicting(record), inputs, span)
            }
            None => Value::Error,
        }
    }
}

/// The slots of a signature, in order.
pub(crate) fn slots(signature: &ModelSignature) -> impl Iterator<Item = &Param> {
    signature.params.iter().filter_map(|p| match p {
        ModelParam::Use(p) => Some(p),
        ModelParam::Weight(_) | ModelParam::State(_) | ModelParam::Using(_) => None,
    })
}

/// Whether all static parameters of a model are known.
pub(crate) fn is_closed(d: &ModelDef, env: &Env) -> bool {
    d.statics.iter().all(|s| env.get(&s.name.text).is_some())
}

fn known_statics(statics: &[StaticParam], env: &Env) -> Vec<Option<Value>> {
    let known = |s: &StaticParam| env.get(&s.name.text).cloned();
    statics.iter().map(known).collect()
}

/// Whether a size is the inputs' alone: no parameter and no submodel is made with it.
pub(crate) fn may_stay_open(d: &ModelDef, param: &StaticParam) -> bool {
    let Some(signature) = &d.signature else {
        return false;
    };
    let mut names = Vec::new();
    for p in &signature.params {
        if let ModelParam::Weight(w) | ModelParam::State(w) = p {
            names_in_type(&w.ty, &mut names);
            w.init.iter().for_each(|e| names_in(e, &mut names));
        }
    }
    uses(&d.body)
        .iter()
        .for_each(|(_, e)| names_in(e, &mut names));
    !names.iter().any(|(name, _)| *name == param.name.text)
}
