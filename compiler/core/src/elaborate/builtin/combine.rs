//! Functions of maps and models.

use crate::elaborate::Elaborator;
use crate::elaborate::builtin::Call;
use crate::elaborate::region::{is_stackable, stacked};
use crate::size::Size;
use crate::ty::Ty;
use crate::value::{Func, Model, Value};
use lentil_diag::{Diagnostic, Span};
use std::sync::Arc;

/// How many layers there are.
enum Copies {
    Known(usize),
    /// A variable, while a definition is checked for all its values.
    Open,
}

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

    /// Of a model it is one with the same parameters.
    pub(crate) fn checkpoint(&mut self, mut c: Call<'_>) -> Value {
        match c.pop() {
            map @ Value::Model(_) => Value::Model(Arc::new(Model::Checkpoint(map))),
            map => Value::Func(Arc::new(Func::Checkpoint(map))),
        }
    }

    pub(crate) fn each_of(&mut self, mut c: Call<'_>) -> Value {
        let map = c.pop();
        let all = match &map {
            Value::Model(_) => Value::Model(Arc::new(Model::Each(map.clone()))),
            Value::Func(_) => Value::Func(Arc::new(Func::Each(map.clone()))),
            other => return self.not_a_map(other, c.at.span),
        };
        if c.statics.is_empty() {
            return all;
        }
        let Some(n) = self.one_size(&c) else {
            return Value::Error;
        };
        self.over_rows(&n, &map, &all, &c)
    }

    /// A map over a leading axis whose size is known: at its types.
    fn over_rows(&mut self, n: &Size, map: &Value, all: &Value, c: &Call<'_>) -> Value {
        let inputs = self.dry(|e| e.input_types(map));
        let inputs = inputs.or_else(|| self.scalar_inputs(map));
        let Some(inputs) = inputs else {
            let title = "the inputs of this are not known";
            let label = "its sizes are open, or it is a map of any type";
            let hint = "give its sizes in brackets, or leave out those of `each`";
            self.error(Diagnostic::error("E0337", title, c.at.arg(0), label).hint(hint));
            return Value::Error;
        };
        if let Some(ty) = inputs.iter().find(|ty| !is_stackable(ty)) {
            let title = "`each` runs over arrays";
            let label = format!("this takes `{ty}`");
            return self.error(Diagnostic::error("E0332", title, c.at.arg(0), label));
        }
        let from: Vec<Ty> = inputs.iter().map(|ty| stacked(ty, n)).collect();
        let rows = from.iter().map(|ty| self.unknown(ty)).collect();
        let made = self.dry(|e| e.probe(all, rows, c.at.span));
        let Some(to) = made.ty() else {
            // What is wrong is in the map itself.
            let each = inputs.iter().map(|ty| self.unknown(ty)).collect();
            let made = self.checked(|e| e.probe(map, each, c.at.span));
            return self.not_stackable(&made, c.at.arg(0));
        };
        match all {
            Value::Model(_) => Value::Model(Arc::new(Model::Typed(all.clone(), from, to))),
            _ => Value::Func(Arc::new(Func::Typed(all.clone(), from, to))),
        }
    }

    fn not_stackable(&mut self, made: &Value, span: Span) -> Value {
        if made.is_error() {
            return Value::Error;
        }
        let title = "an array holds numbers";
        let label = format!("an element would be {}", made.describe());
        self.error(Diagnostic::error("E0312", title, span, label))
    }

    pub(crate) fn not_a_map(&mut self, value: &Value, span: Span) -> Value {
        if value.is_error() {
            return Value::Error;
        }
        let title = "a map or a model is expected here";
        let label = format!("this is {}", value.describe());
        self.error(Diagnostic::error("E0331", title, span, label))
    }

    fn copies(&mut self, c: &Call<'_>) -> Option<Copies> {
        let n = self.one_size(c)?;
        match n.as_constant() {
            Some(n @ 0..=10_000) => Some(Copies::Known(n as usize)),
            None if !self.lowering() => Some(Copies::Open),
            _ => {
                let title = "there are at most 10000 layers";
                let label = format!("these are `{n}`");
                self.error(Diagnostic::error("E0403", title, c.at.span, label));
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
        let (k, model) = match k {
            Copies::Known(0) => {
                return match super::value("id") {
                    Some(id) => Value::Model(Arc::new(Model::Map(id))),
                    None => Value::Error,
                };
            }
            Copies::Known(k) => (k, model),
            Copies::Open => (1, Value::Model(Arc::new(Model::Open(model, 1)))),
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
            Some(model) => Value::Model(Arc::new(match k {
                Copies::Known(k) => Model::Tied(k, model),
                // Twice shows what goes wrong with the same parameters and states again.
                Copies::Open => Model::Open(model, 2),
            })),
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
