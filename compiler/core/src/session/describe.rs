//! What exists at compile time only, described: functions, models, optimizers, carriers.

use lentil_diag::Span;
use lentil_grammar::ast::{Expr, ExprKind, Item, ItemKind};

use super::Session;
use crate::elaborate::{Need, Space, record_type};
use crate::program::Failure;
use crate::supply::Supply;
use crate::ty::Ty;
use crate::value::{Const, Env, Func, Model, Value};

/// A description of something that exists at compile time only, or of a value's type.
#[derive(Clone, Debug)]
pub enum Described {
    /// A value of this type.
    Value(Ty),
    /// A definition, with nothing given in brackets.
    Definition(Box<Item>),
    /// A builtin function: its name.
    Builtin(&'static str),
    /// A map or a model: its parameters by path, its inputs if they are known, its result if that is.
    Map {
        /// Learnt parameters.
        params: Vec<(String, Ty)>,
        /// Inputs.
        inputs: Option<Vec<Ty>>,
        /// The result at such inputs.
        result: Option<Ty>,
    },
    /// Something else, in words.
    Words(String),
}

impl Session {
    /// What an expression is, without evaluating it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn describe(&mut self, expr: &Expr) -> Result<Described, Failure> {
        if let Some(ty) = self.named_type(expr) {
            return Ok(ty);
        }
        let here = Env::module(self.here());
        let value = self.checked(|e| {
            let value = e.expr(expr, &here);
            match value {
                Value::Const(Const::Fill(_)) => value,
                other => e.settle(other, expr.span),
            }
        })?;
        Ok(self.describe_value(&value, expr))
    }

    /// The definition of a type, if an expression is its name.
    pub(super) fn named_type(&self, expr: &Expr) -> Option<Described> {
        let ExprKind::Name(name) = &expr.kind else {
            return None;
        };
        let item = self.item(name)?;
        let is_type = matches!(item.kind, ItemKind::Type(_));
        is_type.then(|| Described::Definition(Box::new(item.clone())))
    }

    /// What a name stands for.
    ///
    /// # Errors
    /// If it means nothing.
    pub fn describe_name(&mut self, name: &str) -> Result<Described, Failure> {
        self.describe(&Expr {
            kind: ExprKind::Name(name.to_string()),
            span: Span::default(),
        })
    }

    /// A map or a model with its parameters, however it is named.
    ///
    /// # Errors
    /// If it is none, or its sizes are open.
    pub fn describe_as_map(&mut self, expr: &Expr) -> Result<Described, Failure> {
        let here = Env::module(self.here());
        let model = self.checked(|e| {
            let value = e.expr(expr, &here);
            e.as_model(value, expr.span).unwrap_or(Value::Error)
        })?;
        Ok(self.describe_map(&model, expr))
    }

    pub(super) fn describe_value(&mut self, value: &Value, expr: &Expr) -> Described {
        if let Some(ty) = value.ty() {
            return Described::Value(ty);
        }
        let of_def = match value {
            Value::Func(f) => match &**f {
                Func::Def { def, statics: None } => Some(*def),
                Func::Builtin { name, .. } => return Described::Builtin(name),
                Func::Def { .. }
                | Func::Lambda { .. }
                | Func::Declared(..)
                | Func::Typed(..)
                | Func::Rev(_)
                | Func::Fwd(_)
                | Func::Grad(_)
                | Func::ValueAndGrad(_)
                | Func::Jacobian(_)
                | Func::Linearize(_)
                | Func::Linear(..)
                | Func::Checkpoint(_)
                | Func::Each(_) => None,
            },
            Value::Model(m) => match &**m {
                // Without static parameters, its definition says all.
                Model::Def { def, env } if env.names().is_empty() => Some(*def),
                Model::Def { .. }
                | Model::Map(_)
                | Model::Then(_)
                | Model::Beside(_)
                | Model::Tied(..)
                | Model::Open(..)
                | Model::Each(_)
                | Model::Frozen(_)
                | Model::Checkpoint(_)
                | Model::Given(..)
                | Model::Bound(..)
                | Model::Typed(..) => None,
            },
            Value::Optimizer(o) => Some(o.def),
            Value::Const(Const::Fill(_)) => {
                let words = "one number in every element of an array of any shape";
                return Described::Words(words.to_string());
            }
            other => return Described::Words(other.describe()),
        };
        if let Some(def) = of_def {
            return Described::Definition(Box::new(self.modules.item(def).clone()));
        }
        self.describe_map(value, expr)
    }

    /// A map as far as it is known from itself alone.
    fn describe_map(&mut self, value: &Value, expr: &Expr) -> Described {
        let known = self.checked(|e| {
            e.dry(|e| {
                let model = e.as_model(value.clone(), expr.span)?;
                let Space { decls, key, .. } = e.space(&model)?;
                let inputs = e.input_types(&model);
                let inputs = inputs.or_else(|| e.scalar_inputs(&model));
                let keyed = key == Need::Always;
                let result = inputs.as_ref().and_then(|inputs| {
                    let given = inputs.iter().map(|t| e.unknown(t)).collect();
                    let mut supply = Supply::predicting(e.unknown(&record_type(&decls)));
                    supply.key = keyed.then(|| e.source(Value::Key(None)));
                    let value = e.apply_closed(&model, &supply, given, expr.span);
                    let value = e.settle(value, expr.span);
                    value.ty()
                });
                // As when it is lowered: a model that draws takes a key last.
                let key = keyed.then_some(Ty::Key);
                let inputs = inputs.map(|inputs| inputs.into_iter().chain(key).collect());
                let params = decls.iter().map(|p| {
                    let word = if p.running { "state " } else { "" };
                    (format!("{word}{}", p.path), p.ty.clone())
                });
                Some((params.collect::<Vec<_>>(), inputs, result))
            })
        });
        match known {
            Ok(Some((params, inputs, result))) if inputs.is_some() || !params.is_empty() => {
                Described::Map {
                    params,
                    inputs,
                    result,
                }
            }
            _ => Described::Words(value.describe()),
        }
    }
}
