//! What a model takes in, as far as it is known from the model alone.

use crate::elaborate::Elaborator;
use crate::ty::Ty;
use crate::value::{Env, Func, Model, Value};
use lentil_grammar::ast::ItemKind;

impl Elaborator<'_> {
    /// One tuple for a map of several arguments becomes those arguments.
    pub(crate) fn spread(&self, function: &Value, inputs: Vec<Value>) -> Vec<Value> {
        let wanted = self.input_count(function);
        match &inputs[..] {
            [Value::Tuple(parts)] if wanted.is_some_and(|n| n > 1 && n == parts.len()) => {
                parts.clone()
            }
            _ => inputs,
        }
    }

    fn input_count(&self, function: &Value) -> Option<usize> {
        match function {
            Value::Func(f) => match &**f {
                Func::Def { def, .. } => match &self.modules.item(*def).kind {
                    ItemKind::Fn(d) => Some(d.params.len()),
                    ItemKind::Model(d) => d.signature.as_ref().map(|s| s.inputs.len()),
                    _ => None,
                },
                Func::Lambda { params, .. } => Some(params.len()),
                Func::Builtin { name, .. } => {
                    crate::elaborate::builtin::parameter_names(name).map(|names| names.len())
                }
                Func::Declared(from, _) => Some(from.len()),
                _ => None,
            },
            Value::Model(m) => match &**m {
                Model::Def { def, .. } => self.model_def(*def).map(|(_, s)| s.inputs.len()),
                Model::Map(f) => self.input_count(f),
                _ => None,
            },
            _ => None,
        }
    }

    /// The names of a model's inputs, as far as they are known.
    pub(crate) fn input_names(&self, model: &Value) -> Vec<String> {
        match model {
            Value::Model(m) => match &**m {
                Model::Then(factors) => factors
                    .first()
                    .map_or(Vec::new(), |f| self.input_names(&f.model)),
                Model::Map(inner) | Model::Given(inner, _) | Model::Tied(_, inner) => {
                    self.input_names(inner)
                }
                Model::Def { .. } => self.parameter_names(model).unwrap_or_default(),
                Model::Beside(_) | Model::Each(_) => Vec::new(),
            },
            _ => self.parameter_names(model).unwrap_or_default(),
        }
    }

    /// The types of a model's inputs, where they are known from it alone.
    pub(crate) fn input_types(&mut self, model: &Value) -> Option<Vec<Ty>> {
        match model {
            Value::Func(f) => match &**f {
                Func::Def { def, statics } => match &self.modules.item(*def).kind {
                    ItemKind::Fn(d) if d.statics.is_empty() || statics.is_some() => {
                        let d = d.clone();
                        let module = Env::module(def.module);
                        let statics = statics.clone();
                        let span = d.name.span;
                        let env =
                            self.bind_statics(&d.statics, &module, statics.as_deref(), span)?;
                        d.params
                            .iter()
                            .map(|p| self.ty(p.ty.as_ref()?, &env))
                            .collect()
                    }
                    _ => None,
                },
                Func::Lambda { params, env, .. } => {
                    let (params, env) = (params.clone(), env.clone());
                    params
                        .iter()
                        .map(|p| self.ty(p.ty.as_ref()?, &env))
                        .collect()
                }
                Func::Declared(from, _) => Some(from.clone()),
                _ => None,
            },
            Value::Model(m) => match &**m {
                Model::Map(f) => self.input_types(f),
                Model::Given(inner, _) | Model::Tied(_, inner) => self.input_types(inner),
                Model::Each(_) => None,
                Model::Def { def, env } => {
                    let (_, signature) = self.model_def(*def)?;
                    let inputs = signature.inputs.clone();
                    inputs
                        .iter()
                        .map(|p| self.ty(p.ty.as_ref()?, env))
                        .collect()
                }
                Model::Then(factors) => self.input_types(&factors.first()?.model),
                Model::Beside(factors) => {
                    let mut out = Vec::new();
                    for factor in factors {
                        match &self.input_types(&factor.model)?[..] {
                            [one] => out.push(one.clone()),
                            many => out.push(Ty::Tuple(many.to_vec())),
                        }
                    }
                    Some(out)
                }
            },
            _ => None,
        }
    }
}
