//! Loops of whose state some parts are constants that no step changes: these are not carried along, and
//! come out as the constants that went in.

use lentil_diag::Span;
use lentil_unary::Ends;

use super::Elaborator;
use super::coerce::holds_constants;
use super::region::field;
use crate::size::Size;
use crate::value::Value;

/// A step: an element and a state to the next state and an output.
pub(crate) type Step<'f> = &'f mut dyn FnMut(&mut Elaborator<'_>, Value, Value) -> (Value, Value);

impl Elaborator<'_> {
    /// A loop whose state was settled by [`Elaborator::settle_state`]: the last state, and the outputs.
    pub(crate) fn carry(
        &mut self,
        count: (&Size, Ends),
        xs: &Value,
        init: Value,
        span: Span,
        step: Step<'_>,
    ) -> (Value, Value) {
        if !holds_constants(&init) {
            return self.loop_over(count, xs, init, span, |e, _, x, s| step(e, x, s));
        }
        let mut moving = Vec::new();
        parts(&init, &init, &mut moving);
        let (last, outputs) =
            self.loop_over(count, xs, Value::Tuple(moving), span, |e, _, x, s| {
                let (next, output) = step(e, x, joined(&init, s));
                let mut moving = Vec::new();
                match parts(&init, &next, &mut moving) {
                    true => (Value::Tuple(moving), output),
                    false => (Value::Error, output),
                }
            });
        match last.is_error() {
            true => (Value::Error, outputs),
            false => (joined(&init, last), outputs),
        }
    }
}

/// The parts of a state that are no constants in the initial one; false if it has another form.
fn parts(init: &Value, state: &Value, out: &mut Vec<Value>) -> bool {
    match (init, state) {
        (Value::Const(_), _) => true,
        (Value::Tuple(x), Value::Tuple(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(a, b)| parts(a, b, out))
        }
        (Value::Record(x), Value::Record(y)) => {
            let part = |(n, a): &(std::sync::Arc<str>, Value)| match field(state, n) {
                Some(b) => parts(a, b, out),
                None => false,
            };
            x.len() == y.len() && x.iter().all(part)
        }
        (Value::Tuple(_) | Value::Record(_), _) => false,
        (_, part) => {
            out.push(part.clone());
            true
        }
    }
}

/// A state of these parts, and the constants of the initial one.
fn joined(init: &Value, moving: Value) -> Value {
    fn fill(init: &Value, moving: &mut impl Iterator<Item = Value>) -> Value {
        match init {
            Value::Const(_) => init.clone(),
            Value::Tuple(x) => Value::Tuple(x.iter().map(|a| fill(a, moving)).collect()),
            Value::Record(x) => {
                let fields = x.iter().map(|(n, a)| (n.clone(), fill(a, moving)));
                Value::Record(fields.collect())
            }
            _ => moving.next().unwrap_or(Value::Error),
        }
    }
    match moving {
        Value::Tuple(moving) => fill(init, &mut moving.into_iter()),
        _ => Value::Error,
    }
}
