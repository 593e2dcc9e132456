//! Models that are called by hand: what they are given besides parameters and inputs.
//!
//! ```text
//! m(p; x)                                 for a prediction
//! m(p; x, key: k, mode: train)            as a learner does it
//! m(p; x, state: s)                       with the current values of its states
//! m(p; x, state: s, mode: train)          the same, to (y, next values of its states)
//! ```

use crate::elaborate::Elaborator;
use crate::elaborate::derive::derived;
use crate::elaborate::model::params::{Need, Space, by_path, record_type};
use crate::elaborate::place::Place;
use crate::supply::{Phase, Supply};
use crate::value::{Const, Env, Func, ParamDecl, Value};
use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{Expr, ExprKind};
use std::sync::Arc;

/// What stands behind the inputs, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extras {
    key: Option<(Value, Span)>,
    phase: Option<(Phase, Span)>,
    state: Option<(Value, Span)>,
}

impl Extras {
    /// Whether nothing is given.
    pub(crate) fn is_empty(&self) -> bool {
        self.key.is_none() && self.phase.is_none() && self.state.is_none()
    }
}

impl Elaborator<'_> {
    /// Takes `key:`, `mode:` and `state:` out of the arguments of a model.
    pub(crate) fn extras(
        &mut self,
        function: &Value,
        args: &[Expr],
        env: &Env,
    ) -> Option<(Extras, Vec<Expr>)> {
        let mut extras = Extras::default();
        let mut rest = Vec::new();
        let inputs = self.parameter_names(function).unwrap_or_default();
        let modelled = self.is_modelled(function);
        for arg in args {
            let (name, e) = match &arg.kind {
                ExprKind::Labelled(name, e) if modelled && !inputs.contains(&name.text) => {
                    (name, e)
                }
                _ => {
                    rest.push(arg.clone());
                    continue;
                }
            };
            let twice = match name.text.as_str() {
                "key" => {
                    let value = self.expr(e, env);
                    extras.key.replace((value, e.span)).is_some()
                }
                "state" => {
                    let value = self.expr(e, env);
                    extras.state.replace((value, e.span)).is_some()
                }
                "mode" => {
                    let phase = self.phase_named(e, env)?;
                    extras.phase.replace((phase, e.span)).is_some()
                }
                _ => {
                    rest.push(arg.clone());
                    false
                }
            };
            if twice {
                let title = format!("`{}` is given twice", name.text);
                self.error(Diagnostic::error("E0329", title, name.span, "again"));
                return None;
            }
        }
        let given = [&extras.key, &extras.state];
        let good = given.into_iter().flatten().all(|(v, _)| !v.is_error());
        good.then_some((extras, rest))
    }

    /// Whether it is a model, or a derivative of one.
    fn is_modelled(&self, function: &Value) -> bool {
        match function {
            Value::Model(_) => true,
            Value::Func(f) => match &**f {
                Func::Def { def, .. } => self.is_model(*def),
                _ => derived(f).is_some_and(|inner| self.is_modelled(inner)),
            },
            _ => false,
        }
    }

    /// `train`, `predict`, or the mode of the model that this is written in.
    fn phase_named(&mut self, e: &Expr, env: &Env) -> Option<Phase> {
        if let ExprKind::Name(name) = &e.kind {
            match env.get(name) {
                Some(Value::Phase(phase)) => return Some(*phase),
                Some(_) => {}
                None => {
                    if let Some(phase) = Phase::named(name) {
                        return Some(phase);
                    }
                }
            }
        }
        self.no_mode("a mode is `train` or `predict`", e.span, "neither");
        None
    }

    pub(crate) fn no_mode(&mut self, title: &str, span: Span, label: &str) -> Value {
        let hint = "the mode is asked in a condition: `if mode == train then … else …`";
        self.error(Diagnostic::error("E0446", title, span, label).hint(hint))
    }

    pub(crate) fn no_key(&mut self, title: &str, span: Span, hint: &str) -> Value {
        let label = "random numbers are drawn here";
        self.error(Diagnostic::error("E0443", title, span, label).hint(hint))
    }

    pub(crate) fn no_key_in_predict(&mut self, span: Span) -> Value {
        let title = "a model with `using mode` has a key in `train` only";
        let hint = "ask `if mode == train then … else …`, or leave `using mode` out to draw always";
        self.no_key(title, span, hint)
    }

    /// A model at weights and inputs, with what its key, its mode and its states want.
    pub(crate) fn by_hand(
        &mut self,
        model: &Value,
        weights: &Value,
        inputs: Vec<Value>,
        extras: &Extras,
        at: &Place,
    ) -> Value {
        let Some((supply, running)) = self.supply_by_hand(model, weights, extras, at) else {
            return Value::Error;
        };
        self.run_by_hand(model, supply, &running, inputs, at)
    }

    /// A submodel in its model's body, with another key, mode or state than it has there.
    pub(crate) fn bound_by_hand(
        &mut self,
        model: &Value,
        bound: &Supply,
        inputs: Vec<Value>,
        extras: &Extras,
        at: &Place,
    ) -> Value {
        let mut supply = bound.clone();
        if let Some((key, span)) = &extras.key {
            let Some(key) = self.checked_key(key.clone(), *span) else {
                return Value::Error;
            };
            supply.key = Some(self.source(key));
        }
        if let Some((phase, _)) = extras.phase {
            supply.phase = phase;
        }
        if extras.state.is_none() {
            return self.apply_closed(model, &supply, inputs, at);
        }
        let Some(space) = self.space(model) else {
            return Value::Error;
        };
        let Some((params, running)) = self.with_state(&space, &supply.params, extras, at) else {
            return Value::Error;
        };
        supply.params = params;
        self.run_by_hand(model, supply, &running, inputs, at)
    }

    /// Runs a model and, where it learns, pairs its result with the next values of its states.
    fn run_by_hand(
        &mut self,
        model: &Value,
        mut supply: Supply,
        running: &[ParamDecl],
        inputs: Vec<Value>,
        at: &Place,
    ) -> Value {
        if running.is_empty() || supply.phase == Phase::Predict {
            return self.apply_closed(model, &supply, inputs, at);
        }
        supply.ledger = Some((self.open_ledger(), "".into()));
        let value = self.apply_closed(model, &supply, inputs, at);
        let next = self.close_ledger();
        let next = next_states(running, next, &supply.params);
        Value::Tuple(vec![value, next])
    }

    /// What a model is applied with that is called by hand, and its states.
    pub(crate) fn supply_by_hand(
        &mut self,
        model: &Value,
        weights: &Value,
        extras: &Extras,
        at: &Place,
    ) -> Option<(Supply, Vec<ParamDecl>)> {
        let space = self.space(model)?;
        let (params, running) = self.with_state(&space, weights, extras, at)?;
        let mut supply = Supply::predicting(params);
        if let Some((phase, _)) = extras.phase {
            supply.phase = phase;
        }
        let (drawing, moded) = (space.key, space.moded);
        let effects = moded || drawing != Need::Never || !running.is_empty();
        if self.checking() && self.in_model > 0 && effects && extras.phase.is_none() {
            let title = "a model that depends on the mode, a key or a state is taken in with `use`";
            let label = "called by hand here, it would always predict";
            let hint = "write `use f = …` at the top of the body, and call `f`";
            self.error(Diagnostic::error("E0447", title, at.span, label).hint(hint));
            return None;
        }
        let told = extras.phase.is_some() || extras.state.is_some();
        if self.checking() && self.in_function && moded && !told {
            let title = "a function does not know whether it learns";
            let label = "called here, this would always predict";
            let hint =
                "make it a `model`, which takes this in with `use f = …`; or say `mode: predict`";
            self.error(Diagnostic::error("E0447", title, at.span, label).hint(hint));
            return None;
        }
        match &extras.key {
            Some((key, span)) => {
                let key = self.checked_key(key.clone(), *span)?;
                supply.key = Some(self.source(key));
            }
            None if drawing == Need::Always
                || drawing == Need::Train && supply.phase == Phase::Train =>
            {
                let title = "this model wants a key";
                self.no_key(title, at.span, "give it one by name: `m(p; x, key: k)`");
                return None;
            }
            None => {}
        }
        Some((supply, running))
    }

    fn checked_key(&mut self, key: Value, span: Span) -> Option<Value> {
        let key = self.coerce(key, &crate::ty::Ty::Key, span);
        (!key.is_error()).then_some(key)
    }

    /// Weights and given states as one record.
    fn with_state(
        &mut self,
        space: &Space,
        weights: &Value,
        extras: &Extras,
        at: &Place,
    ) -> Option<(Value, Vec<ParamDecl>)> {
        let running: Vec<ParamDecl> = space.decls.iter().filter(|d| d.running).cloned().collect();
        let paths: Vec<&str> = running.iter().map(|d| &*d.path).collect();
        let state = match &extras.state {
            None if running.is_empty() => return Some((weights.clone(), running)),
            None => {
                let title = "the current values of this model's states are missing";
                let label = format!("it has `{}`", paths.join("`, `"));
                let hint = "give them by name: `m(p; x, state: {…})`";
                self.error(Diagnostic::error("E0448", title, at.span, label).hint(hint));
                return None;
            }
            Some((_, span)) if running.is_empty() => {
                let title = "this model has no state";
                self.error(Diagnostic::error(
                    "E0448",
                    title,
                    *span,
                    "nothing to give it to",
                ));
                return None;
            }
            Some((Value::Const(c @ Const::Fill(_)), span)) => {
                let ty = record_type(&running);
                self.coerce(Value::Const(c.clone()), &ty, *span)
            }
            Some((value, span)) => self.state_record(&running, value, *span)?,
        };
        let params = merged(&space.decls, weights, &state)?;
        (!params.is_error()).then_some((params, running))
    }

    fn state_record(&mut self, running: &[ParamDecl], value: &Value, span: Span) -> Option<Value> {
        let mut fields = Vec::new();
        for decl in running {
            let Some(value) = by_path(value, &decl.path) else {
                let title = format!("the state `{}` is missing", decl.path);
                let label = format!("this is {}", value.describe());
                self.error(Diagnostic::error("E0448", title, span, label));
                return None;
            };
            fields.push((
                decl.path.clone(),
                self.coerce(value.clone(), &decl.ty, span),
            ));
        }
        Some(Value::Record(fields.into()))
    }
}

/// Weights and states in the order of their declarations.
pub(crate) fn merged(decls: &[ParamDecl], weights: &Value, states: &Value) -> Option<Value> {
    let of = |d: &ParamDecl| {
        let record = if d.running { states } else { weights };
        crate::elaborate::region::field(record, &d.path).cloned()
    };
    let fields = decls.iter().map(|d| Some((d.path.clone(), of(d)?)));
    Some(Value::Record(fields.collect::<Option<_>>()?))
}

/// The states after a step: what was written down, and what was not touched as it is.
pub(crate) fn next_states(
    running: &[ParamDecl],
    noted: Vec<(Arc<str>, Value)>,
    params: &Value,
) -> Value {
    let next = |d: &ParamDecl| {
        let noted = noted.iter().find(|(path, _)| *path == d.path);
        let value = match noted {
            Some((_, value)) => Some(value),
            None => crate::elaborate::region::field(params, &d.path),
        };
        (d.path.clone(), value.cloned().unwrap_or(Value::Error))
    };
    Value::Record(running.iter().map(next).collect())
}
