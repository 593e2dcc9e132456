//! How values meet the types that are wanted of them.

use crate::elaborate::Elaborator;
use crate::ty::{Kind, Ty};
use crate::value::{Const, Value};
use lentil_diag::{Diagnostic, Span};

impl Elaborator<'_> {
    /// A value as one of a type: constants take it, anything else must have it.
    pub(crate) fn coerce(&mut self, value: Value, ty: &Ty, span: Span) -> Value {
        match (value, ty) {
            (Value::Error, _) => Value::Error,
            (Value::Const(c), Ty::Array(kind, shape)) => {
                let out = self.constant(&c, kind, Some(shape), span);
                self.expect(out, ty, span)
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
            (Value::Const(Const::Fill(_)), Ty::Space(id, name)) => Value::Space(*id, name.clone()),
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
        match value.ty() {
            Some(have) if have == *ty => value,
            _ => {
                let title = "this has another type than is wanted";
                let label = format!("this is {}, but `{ty}` is wanted", value.describe());
                self.error(Diagnostic::error("E0302", title, span, label))
            }
        }
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
