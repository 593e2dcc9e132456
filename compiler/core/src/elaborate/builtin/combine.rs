//! Functions of maps and models.

use crate::elaborate::Elaborator;
use crate::elaborate::builtin::Call;
use crate::value::{Func, Value};
use lentil_diag::{Diagnostic, Span};
use std::rc::Rc;

impl Elaborator<'_> {
    pub(crate) fn swap(&mut self, mut c: Call<'_>) -> Value {
        match c.args.pop() {
            Some(Value::Tuple(mut parts)) if parts.len() == 2 => {
                parts.swap(0, 1);
                Value::Tuple(parts)
            }
            other => {
                let title = "`swap` takes a pair";
                let label = format!("this is {}", other.unwrap_or(Value::Error).describe());
                self.error(Diagnostic::error("E0340", title, c.span, label))
            }
        }
    }

    pub(crate) fn each_of(&mut self, mut c: Call<'_>) -> Value {
        match c.args.pop() {
            Some(Value::Model(m)) => {
                Value::Model(Rc::new(crate::value::Model::Each(Value::Model(m))))
            }
            Some(f @ Value::Func(_)) => Value::Func(Rc::new(Func::Each(f))),
            other => self.not_a_map(&other.unwrap_or(Value::Error), c.span),
        }
    }

    pub(crate) fn not_a_map(&mut self, value: &Value, span: Span) -> Value {
        if value.is_error() {
            return Value::Error;
        }
        let title = "a map or a model is expected here";
        let label = format!("this is {}", value.describe());
        self.error(Diagnostic::error("E0331", title, span, label))
    }

    pub(crate) fn copies(&mut self, c: &Call<'_>) -> Option<usize> {
        let n = self.one_size(c)?;
        match n.as_constant() {
            Some(n @ 1..=10_000) => Some(n as usize),
            _ => {
                let title = "the number of layers is a known number from 1 to 10000";
                self.error(Diagnostic::error(
                    "E0403",
                    title,
                    c.span,
                    format!("this is `{n}`"),
                ));
                None
            }
        }
    }

    pub(crate) fn repeat(&mut self, mut c: Call<'_>) -> Value {
        let Some(k) = self.copies(&c) else {
            return Value::Error;
        };
        let model = c.args.pop().unwrap_or(Value::Error);
        let layer = |_| crate::value::Factor {
            segment: Some("layer".into()),
            model: model.clone(),
            span: c.span,
        };
        let factors = (0..k).map(layer).collect();
        self.compose(factors, true, c.span)
    }

    pub(crate) fn tied(&mut self, mut c: Call<'_>) -> Value {
        let Some(k) = self.copies(&c) else {
            return Value::Error;
        };
        let model = c.args.pop().unwrap_or(Value::Error);
        match self.as_model(model, c.span) {
            Some(model) => Value::Model(Rc::new(crate::value::Model::Tied(k, model))),
            None => Value::Error,
        }
    }
}

pub(crate) fn wrap(mut c: Call<'_>, make: fn(Value) -> Func) -> Value {
    match c.args.pop() {
        Some(f) => Value::Func(Rc::new(make(f))),
        None => Value::Error,
    }
}
