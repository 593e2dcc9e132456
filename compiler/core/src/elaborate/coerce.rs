//! How values meet the types that are wanted of them.

use crate::elaborate::Elaborator;
use crate::size::Size;
use crate::ty::{Kind, Ty};
use crate::value::{Arr, Const, Value};
use lentil_diag::{Diagnostic, Span};

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
                    && types
                        .iter()
                        .all(|(n, _)| fields.iter().any(|(m, _)| m == n)) =>
            {
                // Fields in the type's order, whatever order they are written in.
                let mut out = Vec::new();
                for (name, ty) in types {
                    let value = fields
                        .iter()
                        .find(|(m, _)| m == name)
                        .map(|(_, v)| v.clone());
                    out.push((
                        name.clone(),
                        self.coerce(value.unwrap_or(Value::Error), ty, span),
                    ));
                }
                Value::Record(out)
            }
            (value @ (Value::Func(_) | Value::Model(_)), Ty::Arrow(from, to)) => {
                self.check_arrow(&value, from, to, span);
                value
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
        match value {
            Value::Const(c) => {
                let kind = Self::default_kind(&c);
                self.constant(&c, &kind, None, span)
            }
            Value::Tuple(parts) => {
                Value::Tuple(parts.into_iter().map(|v| self.settle(v, span)).collect())
            }
            Value::Record(fields) => Value::Record(
                fields
                    .into_iter()
                    .map(|(n, v)| (n, self.settle(v, span)))
                    .collect(),
            ),
            other => other,
        }
    }

    /// A state at the type that one step gives it: its constants take what the step makes of them.
    /// Constants that no step touches are whole numbers, or real ones.
    pub(crate) fn settle_state(
        &mut self,
        init: Value,
        span: Span,
        step: &mut dyn FnMut(&mut Self, Value) -> Value,
    ) -> Value {
        let mut state = init;
        // Each round can settle one more part, because a part may depend on another.
        for _ in 0..8 {
            if !holds_constants(&state) {
                break;
            }
            let next = self.dry(|e| step(e, state.clone()));
            state = self.taking_after(state, &next, span);
        }
        self.settle(state, span)
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

fn holds_constants(value: &Value) -> bool {
    match value {
        Value::Const(_) => true,
        Value::Tuple(parts) => parts.iter().any(holds_constants),
        Value::Record(fields) => fields.iter().any(|(_, v)| holds_constants(v)),
        _ => false,
    }
}
