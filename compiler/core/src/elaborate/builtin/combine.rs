//! Functions of maps and models.

use crate::elaborate::Elaborator;
use crate::elaborate::builtin::Call;
use crate::value::{Func, Value};
use lentil_diag::{Diagnostic, Span};
use std::sync::Arc;

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
                self.error(Diagnostic::error("E0340", title, c.at.span, label))
            }
        }
    }

    pub(crate) fn each_of(&mut self, mut c: Call<'_>) -> Value {
        match c.args.pop() {
            Some(Value::Model(m)) => {
                Value::Model(Arc::new(crate::value::Model::Each(Value::Model(m))))
            }
            Some(f @ Value::Func(_)) => Value::Func(Arc::new(Func::Each(f))),
            other => self.not_a_map(&other.unwrap_or(Value::Error), c.at.span),
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
                    c.at.span,
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
        let model = c.pop();
        // One model, so that the layers can be seen to be equal.
        let Some(model) = self.as_model(model, c.at.arg(0)) else {
            return Value::Error;
        };
        let layer = |_| crate::value::Factor {
            name: Some("layer".into()),
            segment: None,
            model: model.clone(),
            span: c.at.arg(0),
        };
        let factors = (0..k).map(layer).collect();
        self.compose(factors, true, c.at.span)
    }

    pub(crate) fn tied(&mut self, mut c: Call<'_>) -> Value {
        let Some(k) = self.copies(&c) else {
            return Value::Error;
        };
        let model = c.pop();
        match self.as_model(model, c.at.arg(0)) {
            Some(model) => Value::Model(Arc::new(crate::value::Model::Tied(k, model))),
            None => Value::Error,
        }
    }

    /// `frozen(f)` of a model; as an optimizer it stands without a call.
    pub(crate) fn frozen(&mut self, mut c: Call<'_>) -> Value {
        let model = c.pop();
        match self.as_model(model, c.at.arg(0)) {
            Some(model) => Value::Model(Arc::new(crate::value::Model::Frozen(model))),
            None => Value::Error,
        }
    }
}

pub(crate) fn wrap(mut c: Call<'_>, make: fn(Value) -> Func) -> Value {
    match c.args.pop() {
        Some(f) => Value::Func(Arc::new(make(f))),
        None => Value::Error,
    }
}

/// Forwards over the gradient.
pub(crate) fn hvp(c: Call<'_>) -> Value {
    Value::Func(Arc::new(Func::Fwd(wrap(c, Func::Grad))))
}

pub(crate) fn hessian(c: Call<'_>) -> Value {
    Value::Func(Arc::new(Func::Jacobian(wrap(c, Func::Grad))))
}

pub(crate) fn per_example(c: Call<'_>) -> Value {
    Value::Func(Arc::new(Func::Each(wrap(c, Func::Grad))))
}
