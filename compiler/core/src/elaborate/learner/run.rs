//! A learner's model on a batch: example by example, or on the batch as it is.

use crate::elaborate::Elaborator;
use crate::elaborate::alias::{Unfolded, unfolded};
use crate::elaborate::learner::LearnerSpec;
use crate::elaborate::learner::groups::ByPath;
use crate::elaborate::model::slots;
use crate::elaborate::region::field;
use crate::elaborate::statics::is_space;
use crate::module::{DefId, ModuleId};
use crate::size::Size;
use crate::supply::{Phase, Supply};
use crate::ty::Ty;
use crate::value::{Env, Func, Model, ParamDecl, Value};
use lentil_grammar::ast::{ItemKind, Param, StaticParam, TypeKind};
use std::sync::Arc;

/// What a step draws its random numbers from.
#[derive(Clone, Debug)]
pub(crate) struct Draw {
    /// The number of each example of the batch among all rows.
    pub(crate) rows: Value,
    /// The key of the step.
    pub(crate) key: Value,
}

impl Elaborator<'_> {
    /// The outputs of a batch.
    pub(crate) fn run_model(&mut self, spec: &LearnerSpec, supply: &Supply, x: Value) -> Value {
        match spec.batched {
            true => self.apply_closed(&spec.model, supply, vec![x], spec.span),
            false => self.apply_each(&spec.model, supply, vec![x], &spec.span.into()),
        }
    }

    /// What a learner's model is applied with while it learns.
    pub(crate) fn learning_supply(&self, held: &Value, draw: Option<&Draw>) -> Supply {
        Supply {
            params: held.clone(),
            key: draw.map(|draw| self.source(draw.key.clone())),
            phase: Phase::Train,
            rows: draw.map(|draw| draw.rows.clone()),
            ledger: None,
        }
    }

    /// The output for one example.
    pub(crate) fn run_one(&mut self, spec: &LearnerSpec, held: Value, x: Value) -> Value {
        let supply = Supply::predicting(held);
        if !spec.batched {
            let y = self.apply_closed(&spec.model, &supply, vec![x], spec.span);
            return self.settle(y, spec.span);
        }
        let Value::Array(x) = x else {
            return Value::Error;
        };
        let one = [vec![Size::constant(1)], x.shape.clone()].concat();
        let x = Value::Array(self.reshaped(&x, one));
        let y = self.apply_closed(&spec.model, &supply, vec![x], spec.span);
        let y = self.settle(y, spec.span);
        self.map_value(y, spec.span, &mut |e, a| {
            let shape = a.shape.get(1..).unwrap_or(&[]).to_vec();
            Value::Array(e.reshaped(&a, shape))
        })
    }

    /// Whether a model takes the batch itself: its input has one axis more than an example.
    pub(crate) fn takes_batch(&self, model: &Value, example: &Ty) -> bool {
        let Ty::Array(_, shape) = example else {
            return false;
        };
        self.input_rank(model) == Some(shape.len() + 1)
    }

    /// How many axes the input of a model has, as far as it is written.
    fn input_rank(&self, model: &Value) -> Option<usize> {
        match model {
            Value::Func(f) => match &**f {
                Func::Def { def, .. } => match &self.modules.item(*def).kind {
                    ItemKind::Fn(d) => self.written_rank(def.module, &d.statics, d.params.first()?),
                    ItemKind::Lens(d) => {
                        self.written_rank(def.module, &d.statics, d.signature.inputs.first()?)
                    }
                    _ => None,
                },
                Func::Lambda { params, env, .. } => {
                    self.written_rank(env.module, &[], params.first()?)
                }
                Func::Declared(from, _) | Func::Typed(_, from, _) => rank(from.first()?),
                Func::Each(inner) => self.input_rank(inner).map(|rank| rank + 1),
                Func::Checkpoint(inner) => self.input_rank(inner),
                Func::Builtin { .. }
                | Func::Rev(_)
                | Func::Fwd(_)
                | Func::Grad(_)
                | Func::ValueAndGrad(_)
                | Func::Jacobian(_)
                | Func::Linearize(_)
                | Func::Linear(..) => None,
            },
            Value::Model(m) => match &**m {
                Model::Def { def, env } => {
                    let (statics, signature) = match &self.modules.item(*def).kind {
                        ItemKind::Lens(l) => (&l.statics, &l.signature),
                        _ => {
                            let (d, signature) = self.model_def(*def)?;
                            (&d.statics, signature)
                        }
                    };
                    let first = signature.inputs.first()?;
                    match self.space_of_slots(*def, statics, first, env) {
                        Some(slot) => slot,
                        None => self.written_rank(def.module, statics, first),
                    }
                }
                Model::Map(f) => self.input_rank(f),
                // A function of single numbers keeps the axes, and says nothing of them.
                Model::Then(factors) => factors
                    .iter()
                    .map(|factor| self.input_rank(&factor.model))
                    .find(|rank| *rank != Some(0))
                    .flatten(),
                Model::Beside(_) => None,
                Model::Each(inner) => self.input_rank(inner).map(|rank| rank + 1),
                Model::Tied(_, inner)
                | Model::Open(inner, _)
                | Model::Frozen(inner)
                | Model::Checkpoint(inner)
                | Model::Given(inner, _)
                | Model::Bound(inner, _) => self.input_rank(inner),
                Model::Typed(_, from, _) => rank(from.first()?),
            },
            _ => None,
        }
    }

    /// Of a model that takes whatever its slot takes, how many axes that has.
    fn space_of_slots(
        &self,
        def: DefId,
        statics: &[StaticParam],
        input: &Param,
        env: &Env,
    ) -> Option<Option<usize>> {
        let TypeKind::Name { name, .. } = &input.ty.as_ref()?.kind else {
            return None;
        };
        let space = |s: &StaticParam| s.name == *name && s.bound.as_ref().is_some_and(is_space);
        statics.iter().find(|s| space(s))?;
        let (_, signature) = self.model_def(def)?;
        Some(match env.get(&name.text) {
            Some(Value::Type(ty)) => rank(ty),
            _ => slots(signature)
                .find_map(|slot| env.get(&slot.name.text))
                .and_then(|filling| self.input_rank(filling)),
        })
    }

    fn written_rank(
        &self,
        module: ModuleId,
        statics: &[StaticParam],
        param: &Param,
    ) -> Option<usize> {
        let Unfolded { ty, axes, .. } = unfolded(self.modules, module, param.ty.as_ref()?, statics);
        match &ty.kind {
            TypeKind::Name { name, brackets } => {
                let own = usize::from(matches!(name.text.as_str(), "Mod" | "Category"));
                Some(axes + brackets.get(own).map_or(0, Vec::len))
            }
            TypeKind::Tuple(_) | TypeKind::Record(_) | TypeKind::Arrow(..) => None,
        }
    }
}

impl LearnerSpec {
    /// The part of what a model holds that is learnt.
    pub(crate) fn learnt(&self, held: &Value) -> ByPath {
        let Value::Record(fields) = held else {
            return ByPath::new();
        };
        let all: ByPath = fields.iter().cloned().collect();
        let own = |path: &Arc<str>| Some((path.clone(), all.get(path)?.clone()));
        self.learnt.iter().filter_map(own).collect()
    }

    /// What is learnt as one record, in the order of declaration.
    pub(crate) fn learnt_record(&self, values: &ByPath) -> Value {
        let of = |path: &Arc<str>| {
            let value = values.get(path).cloned();
            (path.clone(), value.unwrap_or(Value::Error))
        };
        Value::Record(self.learnt.iter().map(of).collect())
    }

    /// What a model holds with other values of what is learnt and of its states.
    pub(crate) fn renewed(&self, held: &Value, learnt: &ByPath, running: &Value) -> Value {
        let next = |d: &ParamDecl| {
            let value = match learnt.get(&d.path) {
                Some(value) => Some(value),
                None => field(running, &d.path).or_else(|| field(held, &d.path)),
            };
            (d.path.clone(), value.cloned().unwrap_or(Value::Error))
        };
        Value::Record(self.params.iter().map(next).collect())
    }

    /// The states of the model.
    pub(crate) fn running(&self) -> Vec<ParamDecl> {
        self.params.iter().filter(|d| d.running).cloned().collect()
    }
}

fn rank(ty: &Ty) -> Option<usize> {
    match ty {
        Ty::Array(_, shape) => Some(shape.len()),
        Ty::Tuple(_) | Ty::Record(_) | Ty::Key | Ty::Arrow(..) | Ty::Space(_) => None,
    }
}
