//! What a model takes in, as far as it is known from the model alone.

use crate::elaborate::Elaborator;
use crate::elaborate::define::MapDef;
use crate::elaborate::place::Place;
use crate::ty::{Kind, Ty};
use crate::value::{Env, Func, Model, Value};
use lentil_diag::Span;
use lentil_grammar::ast::ItemKind;

impl Elaborator<'_> {
    /// One tuple for a map of several arguments becomes those arguments.
    pub(crate) fn spread(
        &self,
        function: &Value,
        inputs: Vec<Value>,
        at: &Place,
    ) -> (Vec<Value>, Place) {
        match &inputs[..] {
            [Value::Tuple(parts)]
                if parts.len() > 1 && self.input_count(function) == Some(parts.len()) =>
            {
                (parts.clone(), at.arg(0).into())
            }
            _ => (inputs, at.clone()),
        }
    }

    /// How many inputs a map or a model takes, if that is known.
    pub(crate) fn input_count(&self, function: &Value) -> Option<usize> {
        match function {
            Value::Func(f) => match &**f {
                Func::Def { def, .. } => match &self.modules.item(*def).kind {
                    ItemKind::Fn(d) => Some(d.params.len()),
                    ItemKind::Lens(d) => Some(d.signature.inputs.len()),
                    ItemKind::Model(d) => d.signature.as_ref().map(|s| s.inputs.len()),
                    _ => None,
                },
                Func::Lambda { params, .. } => Some(params.len()),
                Func::Builtin { name, .. } => {
                    crate::elaborate::builtin::parameter_names(name).map(|names| names.len())
                }
                Func::Declared(from, _) | Func::Typed(_, from, _) => Some(from.len()),
                Func::Linear(_, point) => Some(point.len()),
                _ => same_inputs(f).and_then(|inner| self.input_count(inner)),
            },
            Value::Model(m) => match &**m {
                Model::Def { def, .. } => match &self.modules.item(*def).kind {
                    ItemKind::Lens(d) => Some(d.signature.inputs.len()),
                    _ => self.model_def(*def).map(|(_, s)| s.inputs.len()),
                },
                Model::Map(f)
                | Model::Frozen(f)
                | Model::Checkpoint(f)
                | Model::Given(f, _)
                | Model::Bound(f, _) => self.input_count(f),
                Model::Typed(_, from, _) => Some(from.len()),
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
                Model::Map(inner)
                | Model::Given(inner, _)
                | Model::Bound(inner, _)
                | Model::Tied(_, inner)
                | Model::Open(inner, _)
                | Model::Frozen(inner)
                | Model::Checkpoint(inner)
                | Model::Typed(inner, ..) => self.input_names(inner),
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
                Func::Def { def, statics } => {
                    let modules = self.modules;
                    let d = MapDef::of(&modules.item(*def).kind)?;
                    if !d.statics.is_empty() && statics.is_none() {
                        return None;
                    }
                    let module = Env::module(def.module);
                    // Sizes that are not given make it open, which is no error here.
                    let env = self.dry(|e| {
                        e.bind_statics(d.statics, &module, statics.as_deref(), d.name.span)
                    })?;
                    d.params
                        .iter()
                        .map(|p| self.input_ty(p.ty.as_ref()?, &env))
                        .collect()
                }
                Func::Lambda { params, env, .. } => {
                    let (params, env) = (params.clone(), env.clone());
                    params
                        .iter()
                        .map(|p| self.input_ty(p.ty.as_ref()?, &env))
                        .collect()
                }
                Func::Declared(from, _) | Func::Typed(_, from, _) => Some(from.clone()),
                Func::Fwd(of) => {
                    let inputs = self.input_types(of)?;
                    let changes: Vec<Ty> = inputs.iter().map(Ty::changes).collect();
                    Some([inputs, changes].concat())
                }
                Func::Rev(of) => {
                    let inputs = self.input_types(of)?;
                    let result = self.result_type(of, &inputs)?;
                    Some([inputs, vec![result.changes()]].concat())
                }
                _ => self.input_types(same_inputs(f)?),
            },
            Value::Model(m) => match &**m {
                Model::Map(f) => self.input_types(f),
                Model::Given(inner, _)
                | Model::Bound(inner, _)
                | Model::Tied(_, inner)
                | Model::Open(inner, _)
                | Model::Frozen(inner)
                | Model::Checkpoint(inner) => self.input_types(inner),
                Model::Each(_) => None,
                Model::Typed(_, from, _) => Some(from.clone()),
                Model::Def { def, env } => {
                    let modules = self.modules;
                    let d = match &modules.item(*def).kind {
                        ItemKind::Model(d) => d,
                        ItemKind::Lens(l) => {
                            let inputs = l.signature.inputs.iter();
                            return inputs.map(|p| self.input_ty(p.ty.as_ref()?, env)).collect();
                        }
                        _ => return None,
                    };
                    if d.statics.iter().any(|s| env.get(&s.name.text).is_none()) {
                        return None;
                    }
                    let inputs = &d.signature.as_ref()?.inputs;
                    inputs
                        .iter()
                        .map(|p| self.input_ty(p.ty.as_ref()?, env))
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

    /// The type of a map's result, without emitting anything.
    pub(crate) fn result_type(&mut self, map: &Value, inputs: &[Ty]) -> Option<Ty> {
        self.dry(|e| {
            let reported = e.diagnostics.len();
            let given = inputs.iter().map(|t| e.unknown(t)).collect();
            let value = e.apply(map, given, Span::default());
            let value = e.settle(value, Span::default());
            // What is reported here is dropped, but it is no result.
            value.ty().filter(|_| e.diagnostics.len() == reported)
        })
    }

    /// Of a map of whatever arrives, real numbers for its inputs if it takes them: what is asked of it
    /// alone (`lentil grad FILE tanh`) is asked of them.
    pub(crate) fn scalar_inputs(&mut self, map: &Value) -> Option<Vec<Ty>> {
        let (map, count) = match map {
            Value::Func(f) => match &**f {
                Func::Builtin { statics: None, .. } => (map.clone(), self.input_count(map)?),
                Func::Grad(of) => return self.scalar_inputs(of),
                _ => return None,
            },
            Value::Model(m) => match &**m {
                Model::Map(f) => return self.scalar_inputs(f),
                Model::Then(factors) => return self.scalar_inputs(&factors.first()?.model),
                _ => return None,
            },
            _ => return None,
        };
        let inputs = vec![Ty::scalar(Kind::Real); count];
        let result = self.result_type(&map, &inputs)?;
        matches!(result, Ty::Array(..)).then_some(inputs)
    }
}

/// What a derivative is taken of, if both take the same inputs.
fn same_inputs(f: &Func) -> Option<&Value> {
    match f {
        Func::Grad(inner)
        | Func::ValueAndGrad(inner)
        | Func::Jacobian(inner)
        | Func::Linearize(inner)
        | Func::Checkpoint(inner) => Some(inner),
        Func::Def { .. }
        | Func::Builtin { .. }
        | Func::Lambda { .. }
        | Func::Declared(..)
        | Func::Typed(..)
        | Func::Rev(_)
        | Func::Fwd(_)
        | Func::Linear(..)
        | Func::Each(_) => None,
    }
}
