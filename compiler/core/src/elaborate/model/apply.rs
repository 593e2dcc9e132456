//! Models at parameters and inputs.

use crate::elaborate::Elaborator;
use crate::elaborate::model::by_hand::{Extras, merged};
use crate::elaborate::model::layers::same_layer;
use crate::elaborate::model::params::{Parts, uses};
use crate::elaborate::model::slots::may_stay_open;
use crate::elaborate::place::Place;
use crate::elaborate::region::field;
use crate::module::DefId;
use crate::supply::{Phase, Segment, Supply};
use crate::ty::Ty;
use crate::value::{Env, Factor, Func, Model, Value};
use lentil_diag::{Diagnostic, Label, Span};
use lentil_grammar::ast::{self, ItemKind, ModelParam};
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
                Func::Each(_) if !extras.is_empty() => {
                    let title = "a key, a mode or a state is not given to `each` of a derivative";
                    let hint = "give it inside: `each(fn(x) => grad(m)(p; x, key: k))`";
                    self.no_key(title, at.span, hint)
                }
                Func::Rev(_)
                | Func::Fwd(_)
                | Func::Grad(_)
                | Func::ValueAndGrad(_)
                | Func::Jacobian(_)
                | Func::Linearize(_)
                | Func::Checkpoint(_)
                | Func::Each(_)
                    if !params.is_empty() || !extras.is_empty() =>
                {
                    self.apply_model_derivative(f, params, inputs, extras, at)
                }
                _ if params.is_empty() => self.apply(model, inputs, at),
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
        let d = match &modules.item(def).kind {
            ItemKind::Model(d) => d,
            ItemKind::Lens(l) => return self.apply_open_lens(def, l, statics, params, inputs, at),
            _ => return Value::Error,
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
                // A map in a model that learns knows no more of that than a function.
                let around = e.in_function;
                e.in_function |= supply.phase == Phase::Train;
                let value = e.apply(f, inputs, at);
                e.in_function = around;
                value
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
            Model::Then(factors) => e.apply_sequence(factors, supply, inputs, at),
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
                if let Some(value) = e.tied_layers(*k, inner, supply, &inputs, at.span) {
                    return value;
                }
                let mut values = inputs;
                for layer in 0..*k {
                    // One set of parameters, but each time a key of its own.
                    let mut supply = supply.clone();
                    if let Some(source) = &mut supply.key {
                        source.path.push(Segment::Named(layer as u32));
                    }
                    values = vec![e.apply_closed(inner, &supply, values, at)];
                }
                values.pop().unwrap_or(Value::Error)
            }
            Model::Open(layer, times) => e.open_layers(layer, *times, supply, inputs, at),
            Model::Each(inner) => e.apply_each(inner, supply, inputs, at),
            Model::Frozen(inner) => e.apply_closed(inner, supply, inputs, at),
            Model::Checkpoint(inner) => e.checkpointed(inputs, at, &mut |e, inputs| {
                e.apply_closed(inner, supply, inputs, at)
            }),
        })
    }

    /// Factor after factor; equal ones as a loop where they can be one.
    fn apply_sequence(
        &mut self,
        factors: &[Factor],
        supply: &Supply,
        inputs: Vec<Value>,
        at: &Place,
    ) -> Value {
        let mut parts = Parts::of(&supply.params);
        let mut values = inputs;
        let mut first = true;
        let mut before: Option<Span> = None;
        for run in factors.chunk_by(same_layer) {
            let part = |factor: &Factor| parts.below(factor.segment.as_deref());
            let parts: Vec<Value> = run.iter().map(part).collect();
            for (k, (factor, part)) in run.iter().zip(&parts).enumerate() {
                // What arrives may have another type than what a layer makes; it has it after one layer.
                if k < 2
                    && let Some(value) = self.equal_layers(&run[k..], &parts[k..], supply, &values)
                {
                    values = vec![value];
                    first = false;
                    break;
                }
                let part = supply.below(part.clone(), factor.segment.as_deref());
                // The first factor meets what the caller wrote, the others what comes before them.
                let at = match std::mem::take(&mut first) {
                    true => at.clone(),
                    false => factor.span.into(),
                };
                let said = self.diagnostics.len();
                let came = values.first().and_then(Value::ty);
                values = vec![self.apply_closed(&factor.model, &part, values, at)];
                if let (Some(ty), Some(span)) = (came, before) {
                    self.say_what_came(said, factor.span, span, &ty);
                }
                before = Some(factor.span);
            }
        }
        values.pop().unwrap_or(Value::Error)
    }

    /// Of errors at a factor of a sequence: what came out of the factor before it.
    fn say_what_came(&mut self, said: usize, factor: Span, before: Span, ty: &Ty) {
        for d in self.diagnostics.iter_mut().skip(said) {
            let about_its_input = matches!(d.code, "E0302" | "E0337") && d.span() == factor;
            if about_its_input && d.labels.iter().all(|l| l.span != before) {
                let text = format!("`{ty}` comes out of this");
                d.labels.push(Label { span: before, text });
            }
        }
    }

    /// Element by element; each has a key of its own, by its row's number where rows have numbers.
    pub(crate) fn apply_each(
        &mut self,
        inner: &Value,
        supply: &Supply,
        inputs: Vec<Value>,
        at: &Place,
    ) -> Value {
        let mut inputs = self.settle_elements(inner, inputs, at);
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
}

fn record_is_empty(value: &Value) -> bool {
    matches!(value, Value::Record(fields) if fields.is_empty())
}
