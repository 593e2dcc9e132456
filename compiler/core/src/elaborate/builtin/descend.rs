//! Optimizers in expressions: their states, both halves of the lens, and steps down a function.

use std::sync::Arc;

use lentil_diag::Diagnostic;
use lentil_unary::Ends;

use crate::elaborate::Elaborator;
use crate::elaborate::builtin::Call;
use crate::elaborate::place::Place;
use crate::ty::Ty;
use crate::value::{Env, Optimizer, Value};

/// An optimizer at a parameter space, with a point of it.
struct At {
    optimizer: Arc<Optimizer>,
    env: Env,
    p: Value,
    space: Ty,
}

impl Elaborator<'_> {
    pub(crate) fn optimizer_start(&mut self, mut c: Call<'_>) -> Value {
        let (p, o) = (c.pop(), c.pop());
        match self.optimizer_at(o, p, 1, &c.at) {
            Some(at) => self.states_at(&at).unwrap_or(Value::Error),
            None => Value::Error,
        }
    }

    pub(crate) fn optimizer_seen(&mut self, mut c: Call<'_>) -> Value {
        let (p, states, o) = (c.pop(), c.pop(), c.pop());
        let Some((at, states)) = self.optimizer_in(o, states, p, &c.at) else {
            return Value::Error;
        };
        self.optimizer_get(&at.optimizer, &at.env, &states, &at.p)
    }

    pub(crate) fn optimizer_step(&mut self, mut c: Call<'_>) -> Value {
        let (dp, p, states, o) = (c.pop(), c.pop(), c.pop(), c.pop());
        let Some((at, states)) = self.optimizer_in(o, states, p, &c.at) else {
            return Value::Error;
        };
        let dp = self.coerce(dp, &at.space.changes(), c.at.arg(3));
        if dp.is_error() {
            return Value::Error;
        }
        match self.optimizer_put(&at.optimizer, &at.env, &states, &at.p, &dp) {
            Some((states, p)) => Value::Tuple(vec![states, p]),
            None => Value::Error,
        }
    }

    /// `minimize[n](o, f, p)`: where the optimizer is, as a model would see it, after `n` steps.
    pub(crate) fn minimize(&mut self, mut c: Call<'_>) -> Value {
        let Some(n) = self.one_size(&c) else {
            return Value::Error;
        };
        let (p, f, o) = (c.pop(), c.pop(), c.pop());
        let Some(at) = self.optimizer_at(o, p, 2, &c.at) else {
            return Value::Error;
        };
        let Some(states) = self.states_at(&at) else {
            return Value::Error;
        };
        let place = Place::from(c.at.span);
        let init = Value::Tuple(vec![states, at.p.clone()]);
        let (last, _) = self.loop_over(
            (&n, Ends::Counted),
            &Value::unit(),
            init,
            c.at.span,
            |e, _, _, state| {
                let [states, p] = pair(state);
                let seen = e.optimizer_get(&at.optimizer, &at.env, &states, &p);
                let dp = e.gradient_of(vec![seen], &place, &mut |e, xs| {
                    e.apply(&f, xs, place.clone())
                });
                let next = match dp.is_error() {
                    true => None,
                    false => e.optimizer_put(&at.optimizer, &at.env, &states, &p, &dp),
                };
                let next = next.map(|(states, p)| Value::Tuple(vec![states, p]));
                (next.unwrap_or(Value::Error), Value::unit())
            },
        );
        let [states, p] = pair(last);
        if states.is_error() || p.is_error() {
            return Value::Error;
        }
        self.optimizer_get(&at.optimizer, &at.env, &states, &p)
    }

    fn optimizer_in(
        &mut self,
        o: Value,
        states: Value,
        p: Value,
        place: &Place,
    ) -> Option<(At, Value)> {
        let at = self.optimizer_at(o, p, 2, place)?;
        let types = self.optimizer_states(&at.optimizer, &at.env)?;
        let types = types.into_iter().map(|(name, ty, _)| (name, ty)).collect();
        let states = self.coerce(states, &Ty::Record(types), place.arg(1));
        (!states.is_error()).then_some((at, states))
    }

    fn optimizer_at(&mut self, o: Value, p: Value, k: usize, place: &Place) -> Option<At> {
        let optimizer = self.as_optimizer(o, place.arg(0))?;
        let p = self.settle_real(p, place.arg(k));
        let Some(space) = p.ty() else {
            if !p.is_error() {
                let title = "an optimizer changes numbers";
                let label = format!("this is {}", p.describe());
                self.error(Diagnostic::error("E0408", title, place.arg(k), label));
            }
            return None;
        };
        let env = self.optimizer_env(&optimizer, &space, place.span)?;
        Some(At {
            optimizer,
            env,
            p,
            space,
        })
    }

    fn states_at(&mut self, at: &At) -> Option<Value> {
        let states = self.optimizer_states(&at.optimizer, &at.env)?;
        let states = states.into_iter().map(|(name, _, start)| (name, start));
        Some(Value::Record(states.collect()))
    }
}

fn pair(value: Value) -> [Value; 2] {
    match value {
        Value::Tuple(parts) => parts.try_into().unwrap_or([Value::Error, Value::Error]),
        _ => [Value::Error, Value::Error],
    }
}
