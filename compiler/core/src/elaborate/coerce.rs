//! How values meet the types that are wanted of them.

use crate::elaborate::Elaborator;
use crate::elaborate::wanted::{named, of_next, part};
use crate::size::Size;
use crate::ty::{Kind, Ty};
use crate::value::{Arr, Const, Func, Value};
use lentil_diag::{Diagnostic, Span};
use std::sync::Arc;

impl Elaborator<'_> {
    /// A value as one of a type: constants take it, anything else must have it.
    pub(crate) fn coerce(&mut self, value: Value, ty: &Ty, span: Span) -> Value {
        match (value, ty) {
            (Value::Error, _) => Value::Error,
            (Value::Const(c), Ty::Array(kind, shape)) => {
                let own = c.shape().map(|own| sizes(&own));
                match own {
                    Some(own) if !self.same_sizes(&own, shape) => {
                        self.expect(Value::Const(c), ty, span)
                    }
                    _ => self.constant(&c, kind, Some(shape), span),
                }
            }
            (Value::Const(Const::Fill(c)), Ty::Tuple(parts)) => Value::Tuple(
                parts
                    .iter()
                    .map(|t| self.coerce(Value::Const(Const::Fill(c.clone())), t, span))
                    .collect(),
            ),
            (Value::Const(Const::Fill(c)), Ty::Record(fields)) => Value::Record(
                fields
                    .iter()
                    .map(|(n, t)| {
                        (
                            n.clone(),
                            self.coerce(Value::Const(Const::Fill(c.clone())), t, span),
                        )
                    })
                    .collect(),
            ),
            (Value::Const(Const::Fill(_)), Ty::Space(space)) => Value::Space(space.clone()),
            (Value::Tuple(parts), Ty::Tuple(types)) if parts.len() == types.len() => Value::Tuple(
                parts
                    .into_iter()
                    .zip(types)
                    .map(|(v, t)| self.coerce(v, t, span))
                    .collect(),
            ),
            (Value::Record(fields), Ty::Record(types))
                if fields.len() == types.len()
                    && types.iter().all(|(name, _)| fields.get(name).is_some()) =>
            {
                // Fields in the type's order, whatever order they are written in.
                let mut out = Vec::new();
                for (name, ty) in types {
                    let value = fields.get(name).cloned();
                    out.push((
                        name.clone(),
                        self.coerce(value.unwrap_or(Value::Error), ty, span),
                    ));
                }
                Value::Record(out.into())
            }
            (value @ (Value::Func(_) | Value::Model(_)), Ty::Arrow(from, to)) => {
                self.check_arrow(&value, from, to, span);
                Value::Func(Arc::new(Func::Typed(value, from.clone(), (**to).clone())))
            }
            (value, _) => self.expect(value, ty, span),
        }
    }

    /// Refuses a value that has not the type.
    pub(crate) fn expect(&mut self, value: Value, ty: &Ty, span: Span) -> Value {
        if value.is_error() {
            return value;
        }
        let have = value.ty();
        if let (Some(have), Value::Array(a), Ty::Array(_, shape)) = (&have, &value, ty)
            && self.same_type(have, ty)
        {
            // In the words of the type that is wanted.
            let shape = shape.clone();
            return Value::Array(Arr { shape, ..a.clone() });
        }
        if have.as_ref().is_some_and(|have| self.same_type(have, ty)) {
            return value;
        }
        let title = "this has another type than is wanted";
        let label = format!("this is {}, but `{ty}` is wanted", value.describe());
        let mut d = Diagnostic::error("E0302", title, span, label);
        if let (Some(Ty::Array(Kind::Int, _)), Ty::Array(Kind::Real, _)) = (&have, ty) {
            d = d.hint("`real(x)` makes a whole number a `Real`");
        }
        self.error(d)
    }

    /// A value with its constants given the carriers they have by default.
    pub(crate) fn settle(&mut self, value: Value, span: Span) -> Value {
        self.settle_over(value, None, span)
    }

    /// A state at the type that one step gives it: its constants take what the step makes of them, or
    /// else what is wanted. Those that no step changes stay what they are, and are no state.
    pub(crate) fn settle_state(
        &mut self,
        init: Value,
        wanted: Option<&Ty>,
        span: Span,
        step: &mut dyn FnMut(&mut Self, Value, &Ty) -> Value,
    ) -> Value {
        let mut state = init;
        // Each round can settle one more part, because a part may depend on another.
        for _ in 0..16 {
            if !holds_constants(&state) {
                return state;
            }
            let hint = of_next(&state, wanted);
            let next = self.dry(|e| step(e, state.clone(), &hint));
            let before = constants(&state);
            state = self.taking_after(state, &next, span);
            if state.is_error() || constants(&state) < before {
                continue;
            }
            state = self.settle_changing(state, &next, wanted, span);
            if constants(&state) == before {
                return state;
            }
        }
        self.settle_over(state, wanted, span)
    }

    /// A state whose constants are settled, but for those that a step leaves as they are.
    fn settle_changing(
        &mut self,
        state: Value,
        next: &Value,
        wanted: Option<&Ty>,
        span: Span,
    ) -> Value {
        match (state, next) {
            (Value::Const(c), Value::Const(d)) if unchanged(&c, d) => Value::Const(c),
            (Value::Tuple(x), Value::Tuple(y)) if x.len() == y.len() => {
                let parts = x.into_iter().zip(y).enumerate();
                let parts =
                    parts.map(|(k, (a, b))| self.settle_changing(a, b, part(wanted, k), span));
                Value::Tuple(parts.collect())
            }
            (Value::Record(x), next @ Value::Record(_)) => {
                let fields = x.into_iter().enumerate().map(|(k, (n, a))| {
                    let b = super::region::field(next, &n).unwrap_or(&Value::Error);
                    let a = self.settle_changing(a, b, named(wanted, k, &n), span);
                    (n, a)
                });
                Value::Record(fields.collect())
            }
            (state, _) => self.settle_over(state, wanted, span),
        }
    }

    /// The next state as one of the form of the state before, whose constants it keeps.
    pub(crate) fn as_state(&mut self, next: Value, state: &Value, span: Span) -> Value {
        match (next, state) {
            (Value::Error, _) => Value::Error,
            (_, Value::Const(_)) => state.clone(),
            (Value::Tuple(x), Value::Tuple(y)) if x.len() == y.len() => {
                let parts = x.into_iter().zip(y);
                Value::Tuple(parts.map(|(a, b)| self.as_state(a, b, span)).collect())
            }
            (next @ Value::Record(_), Value::Record(y)) => {
                let fields = y.iter().map(|(n, b)| {
                    let a = super::region::field(&next, n).cloned();
                    (n.clone(), self.as_state(a.unwrap_or(Value::Error), b, span))
                });
                Value::Record(fields.collect())
            }
            (next, state) => match state.ty() {
                Some(ty) => self.coerce(next, &ty, span),
                None => Value::Error,
            },
        }
    }

    fn taking_after(&mut self, state: Value, next: &Value, span: Span) -> Value {
        match (state, next) {
            (Value::Const(c), Value::Array(a)) => self.coerce(Value::Const(c), &a.ty(), span),
            (Value::Const(c), Value::Const(Const::Real(_) | Const::Unknown))
                if c.is_integral() && !matches!(c, Const::Fill(_)) =>
            {
                self.constant(&c, &Kind::Real, None, span)
            }
            (Value::Tuple(x), Value::Tuple(y)) if x.len() == y.len() => {
                let parts = x.into_iter().zip(y);
                Value::Tuple(parts.map(|(a, b)| self.taking_after(a, b, span)).collect())
            }
            (Value::Record(x), next @ Value::Record(_)) => {
                let parts = x.into_iter().map(|(n, a)| {
                    let a = match super::region::field(next, &n) {
                        Some(b) => self.taking_after(a, b, span),
                        None => a,
                    };
                    (n, a)
                });
                Value::Record(parts.collect())
            }
            (state, _) => state,
        }
    }

    /// A value with its constants read as real numbers (where a derivative is taken).
    pub(crate) fn settle_real(&mut self, value: Value, span: Span) -> Value {
        match value {
            Value::Const(c) => self.constant(&c, &Kind::Real, None, span),
            Value::Tuple(parts) => Value::Tuple(
                parts
                    .into_iter()
                    .map(|v| self.settle_real(v, span))
                    .collect(),
            ),
            Value::Record(fields) => Value::Record(
                fields
                    .into_iter()
                    .map(|(n, v)| (n, self.settle_real(v, span)))
                    .collect(),
            ),
            other => other,
        }
    }
}

fn sizes(shape: &[usize]) -> Vec<Size> {
    shape.iter().map(|&n| Size::constant(n as i128)).collect()
}

pub(crate) fn holds_constants(value: &Value) -> bool {
    constants(value) > 0
}

fn constants(value: &Value) -> usize {
    match value {
        Value::Const(_) => 1,
        Value::Tuple(parts) => parts.iter().map(constants).sum(),
        Value::Record(fields) => fields.iter().map(|(_, v)| constants(v)).sum(),
        _ => 0,
    }
}

/// Whether two constants are known to be the same numbers, to the last bit.
fn unchanged(c: &Const, d: &Const) -> bool {
    match (c, d) {
        (Const::Int(m), Const::Int(n)) => m == n,
        (Const::Real(x), Const::Real(y)) => x.to_bits() == y.to_bits(),
        (Const::Fill(c), Const::Fill(d)) => unchanged(c, d),
        (Const::List(c), Const::List(d)) => {
            c.len() == d.len() && c.iter().zip(d).all(|(c, d)| unchanged(c, d))
        }
        // What is not known yet may be another number each time.
        (Const::Unknown, _) | (_, Const::Unknown) => false,
        (Const::Int(_) | Const::Real(_) | Const::Fill(_) | Const::List(_), _) => false,
    }
}
