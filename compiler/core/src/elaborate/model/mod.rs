//! Models: parametrised maps, and composition in Para.

mod apply;
mod inputs;
mod params;

pub(crate) use params::uses;

use crate::elaborate::Elaborator;
use crate::module::DefId;
use crate::value::{Factor, Func, Model, Value};
use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::ItemKind;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Elaborator<'_> {
    /// A map or model as a model value.
    pub(crate) fn as_model(&mut self, value: Value, span: Span) -> Option<Value> {
        match &value {
            Value::Model(_) => Some(value),
            Value::Func(f) => match &**f {
                Func::Def { def, statics: None } if self.is_model(*def) => {
                    // A model whose sizes are missing: carriers alone may be left out.
                    match self.definition(*def, Some(Vec::new()), span) {
                        Value::Model(m) => Some(Value::Model(m)),
                        _ => None,
                    }
                }
                _ => Some(Value::Model(Arc::new(Model::Map(value)))),
            },
            other => {
                self.not_a_map(&other.clone(), span);
                None
            }
        }
    }

    pub(crate) fn is_model(&self, def: DefId) -> bool {
        matches!(&self.modules.item(def).kind, ItemKind::Model(_))
    }

    /// `f >> g >> …` or `f | g | …`.
    pub(crate) fn compose(&mut self, factors: Vec<Factor>, in_sequence: bool, span: Span) -> Value {
        if factors.iter().any(|f| f.model.is_error()) {
            return Value::Error;
        }
        let mut out: Vec<Factor> = Vec::new();
        let mut counts: BTreeMap<Arc<str>, usize> = BTreeMap::new();
        for factor in factors {
            let labelled = factor.segment.clone();
            let Some(model) = self.as_model(factor.model, factor.span) else {
                return Value::Error;
            };
            // A second factor of one name gets a number, so that paths stay apart.
            let segment = labelled.map(|name| {
                let count = counts.entry(name.clone()).or_insert(0);
                *count += 1;
                let count = *count;
                if count == 1 {
                    name
                } else {
                    format!("{name}_{count}").into()
                }
            });
            out.push(Factor {
                segment,
                model,
                span: factor.span,
            });
        }
        let model = if in_sequence {
            Model::Then(out)
        } else {
            Model::Beside(out)
        };
        let value = Value::Model(Arc::new(model));
        // Two paths that coincide would be one parameter by accident.
        if let Some(params) = self.params(&value) {
            let mut seen = BTreeSet::new();
            if let Some(twin) = params.iter().find(|p| !seen.insert(p.path.clone())) {
                let title = format!("two parameters are called `{}`", twin.path);
                return self.error(
                    Diagnostic::error("E0404", title, span, "in this composite")
                        .hint("label the factors: `first: f >> second: g`"),
                );
            }
        } else {
            return Value::Error;
        }
        value
    }
}
