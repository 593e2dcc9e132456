//! Models: parametrised maps, and composition in Para.

mod apply;
mod body;
mod by_hand;
mod inputs;
mod layers;
mod params;
mod slots;
mod supply;

pub(crate) use body::state_of;
pub(crate) use by_hand::{Extras, next_states};
pub(crate) use params::{Need, Space, record_type, uses, using};
pub(crate) use slots::slots;
pub(crate) use supply::Ledger;

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
        if let Some(def) = self.unfilled(&value) {
            self.not_filled(def, span);
            return None;
        }
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
                // Of a model whose carrier is left out.
                Func::Each(inner) if self.is_bare_model(inner) => {
                    let inner = self.as_model(inner.clone(), span)?;
                    Some(Value::Model(Arc::new(Model::Each(inner))))
                }
                Func::Checkpoint(inner) if self.is_bare_model(inner) => {
                    let inner = self.as_model(inner.clone(), span)?;
                    Some(Value::Model(Arc::new(Model::Checkpoint(inner))))
                }
                _ => Some(Value::Model(Arc::new(Model::Map(value)))),
            },
            other => {
                self.not_a_map(&other.clone(), span);
                None
            }
        }
    }

    fn is_bare_model(&self, value: &Value) -> bool {
        let Value::Func(f) = value else { return false };
        matches!(&**f, Func::Def { def, statics: None } if self.is_model(*def))
    }

    pub(crate) fn is_model(&self, def: DefId) -> bool {
        match &self.modules.item(def).kind {
            ItemKind::Model(_) => true,
            ItemKind::Lens(l) => !l.signature.params.is_empty(),
            _ => false,
        }
    }

    /// `f >> g >> …` or `f | g | …`.
    pub(crate) fn compose(&mut self, factors: Vec<Factor>, in_sequence: bool, span: Span) -> Value {
        if factors.iter().any(|f| f.model.is_error()) {
            return Value::Error;
        }
        let mut out: Vec<Factor> = Vec::new();
        for factor in factors {
            let Some(model) = self.as_model(factor.model, factor.span) else {
                return Value::Error;
            };
            out.push(Factor { model, ..factor });
        }
        if in_sequence && !out.iter().all(is_identity) {
            // What the identity takes in is what the factor beside it does.
            out.retain(|factor| !is_identity(factor));
        }
        let out = numbered(out, &mut BTreeMap::new());
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

fn is_identity(factor: &Factor) -> bool {
    let Value::Model(m) = &factor.model else {
        return false;
    };
    let Model::Map(Value::Func(f)) = &**m else {
        return false;
    };
    matches!(&**f, Func::Builtin { name, .. } if *name == "id")
}

/// Factors of one name get numbers in the order in which they are written, so that paths stay apart.
/// Composites in parentheses are numbered through: composition is associative on the nose.
fn numbered(factors: Vec<Factor>, counts: &mut BTreeMap<Arc<str>, usize>) -> Vec<Factor> {
    let number = |factor: Factor| {
        let Some(name) = &factor.name else {
            let model = renumbered(factor.model, counts);
            return Factor { model, ..factor };
        };
        let count = counts.entry(name.clone()).or_insert(0);
        *count += 1;
        let segment = match *count {
            1 => name.clone(),
            count => format!("{name}_{count}").into(),
        };
        Factor {
            segment: Some(segment),
            ..factor
        }
    };
    factors.into_iter().map(number).collect()
}

/// A composite in parentheses, its factors numbered after those that come before it.
fn renumbered(model: Value, counts: &mut BTreeMap<Arc<str>, usize>) -> Value {
    let Value::Model(m) = &model else {
        return model;
    };
    let inner = match &**m {
        Model::Then(factors) => Model::Then(numbered(factors.clone(), counts)),
        Model::Beside(factors) => Model::Beside(numbered(factors.clone(), counts)),
        Model::Map(_)
        | Model::Def { .. }
        | Model::Given(..)
        | Model::Bound(..)
        | Model::Tied(..)
        | Model::Open(..)
        | Model::Each(_)
        | Model::Frozen(_)
        | Model::Checkpoint(_)
        | Model::Typed(..) => return model,
    };
    Value::Model(Arc::new(inner))
}
