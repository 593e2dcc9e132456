//! Maps and values of a program, as unary form.
//!
//! *Before*: an expression of the language and a checked program.
//! *After*: a region of unary form, in which derivatives are still nodes.
//! *Size*: linear in what is evaluated; each definition once for each combination of static arguments.

use std::sync::Arc;

use lentil_diag::Diagnostic;
use lentil_grammar::ast::{Expr, ExprKind};
use lentil_unary::{Function, Op, Type};

use super::{Failure, Lowered, Options, Param, Program, Role};
use crate::elaborate::{Elaborator, Need, Space, is_stackable, record_type, stacked};
use crate::size::Size;
use crate::supply::Supply;
use crate::ty::{Kind, Ty};
use crate::value::{At, Env, Func, Model, Value};

impl Program {
    /// A map or model that an expression names (`relu`, `dense[4, 16]`), as unary form:
    /// its parameters by path, then its inputs.
    pub fn lower(&self, expr: &str, options: &Options) -> Result<Lowered, Failure> {
        self.with_expr(expr, options, |e, expr, env| {
            Some(e.lowered_map(expr, env)?.0)
        })
    }

    /// Its reverse derivative: the same parameters and the cotangents of the result, to the
    /// cotangents of all parameters, as a node that is still to be resolved.
    pub fn lower_reverse(&self, expr: &str, options: &Options) -> Result<Lowered, Failure> {
        let lowered = self.lower(expr, options)?;
        Ok(reversed(lowered, expr, options))
    }

    /// The value of a closed expression of the root file.
    pub fn lower_value(&self, text: &str, options: &Options) -> Result<Lowered, Failure> {
        self.with_expr(text, options, |e, expr, env| {
            Some(e.lowered_value(expr, env)?.0)
        })
    }
}

/// The reverse derivative of a map, as a node; `text` is the map's expression.
pub(crate) fn reversed(lowered: Lowered, text: &str, options: &Options) -> Lowered {
    let word = |c: &char| c.is_alphanumeric() || *c == '_';
    let function = Arc::new(Function {
        name: text.chars().take_while(word).collect(),
        region: lowered.region,
    });
    let changes = lowered.result.changes();
    let cotangent = Param {
        name: "dy".to_string(),
        leaves: changes.leaves(options.real).unwrap_or_default(),
        ty: changes,
        role: Role::Cotangent,
    };
    // What is kept or given is not learnt: nobody asks for its cotangent.
    let asked = |p: &Param| match p.role {
        Role::Weight | Role::Input => true,
        Role::State | Role::Given | Role::Cotangent => false,
    };
    let mut params = lowered.params;
    let fields = params.iter().filter(|p| asked(p));
    let result = Ty::Record(
        fields
            .map(|p| (p.name.as_str().into(), p.ty.changes()))
            .collect(),
    );
    params.push(cotangent);
    let types: Vec<Type> = params.iter().flat_map(|p| p.leaves.clone()).collect();
    let mut builder = lentil_unary::Builder::new(types);
    let slots = builder.param_slots();
    let mut results = builder.emit(Op::Reverse(function), &slots).into_iter();
    let mut kept = Vec::new();
    for p in &params {
        let leaves = p.leaves.iter().filter(|ty| ty.differentiable()).count();
        let own: Vec<_> = results.by_ref().take(leaves).collect();
        if asked(p) {
            kept.extend(own);
        }
    }
    Lowered {
        region: builder.finish(kept),
        params,
        result,
        sites: lowered.sites,
    }
}

impl Elaborator<'_> {
    /// A region from arguments to what a body says of them, and what it uses of what a session has computed.
    /// No parameter of it has a name yet.
    pub(crate) fn lowered_region(
        &mut self,
        args: &Ty,
        body: impl FnOnce(&mut Self, Value) -> Value,
    ) -> Option<(Lowered, Vec<At>)> {
        let (finished, result) = self.closed_region(args, body)?;
        let lowered = Lowered {
            region: finished.region,
            params: Vec::new(),
            result,
            sites: self.sites.clone(),
        };
        Some((lowered, finished.origins))
    }

    /// A map or a model as a program: its parameters by path, then its inputs, then what it uses of what
    /// a session has computed, which is told apart.
    pub(crate) fn lowered_map(&mut self, expr: &Expr, env: &Env) -> Option<(Lowered, Vec<At>)> {
        // What it is, before anything is emitted.
        let (model, Space { decls, key, .. }, inputs) = self.checked(|e| {
            let value = e.expr(expr, env);
            if value.is_error() {
                return None;
            }
            let model = e.as_model(value, expr.span)?;
            let space = e.space(&model)?;
            let inputs = e.input_types(&model);
            let inputs = inputs.or_else(|| e.scalar_inputs(&model));
            Some((model, space, inputs))
        })?;
        let Some(inputs) = inputs else {
            let title = "the inputs of this are not known";
            let name = match &expr.kind {
                ExprKind::Name(name) => name,
                _ => "f",
            };
            let (label, hint) = match rows_of(&model) {
                Some(row) => {
                    let row = self.dry(|e| e.input_types(row));
                    let batch = match row.as_deref() {
                        Some([row]) if is_stackable(row) => stacked(row, &Size::constant(8)),
                        _ => Ty::Array(Kind::Real, vec![Size::constant(8), Size::constant(4)]),
                    };
                    let label = "how many rows it runs over is open";
                    let hint = format!("say what it takes: `(fn(x: {batch}) => x) >> {name}`");
                    (label, hint)
                }
                None => {
                    let label = "its sizes are open, or it begins with a map of any type";
                    let hint = format!(
                        "give its sizes in brackets, as in `dense[4, 16]`, or say what it takes: \
                         `(fn(x: Real[4]) => x) >> {name}`"
                    );
                    (label, hint)
                }
            };
            self.error(Diagnostic::error("E0337", title, expr.span, label).hint(hint));
            return None;
        };
        let real = self.real();
        if let Some(ty) = inputs.iter().find(|ty| ty.leaves(real).is_none()) {
            let title = "this is not a map between values";
            let label = format!("it takes `{ty}`");
            self.error(Diagnostic::error("E0339", title, expr.span, label));
            return None;
        }
        // A model that draws whenever it runs takes a key, the last of its inputs.
        let keyed = key == Need::Always;
        let keys = if keyed { vec![Ty::Key] } else { Vec::new() };
        let args = Ty::Tuple([vec![record_type(&decls)], inputs.clone(), keys.clone()].concat());
        let names = self.input_names(&model);
        let (mut lowered, origins) = self.lowered_region(&args, |e, args| {
            let Value::Tuple(mut parts) = args else {
                return Value::Error;
            };
            let params = parts.remove(0);
            // Again, now that the numbers it holds have a place.
            let value = e.expr(expr, env);
            let Some(model) = e.as_model(value, expr.span) else {
                return Value::Error;
            };
            let mut supply = Supply::predicting(params);
            if keyed {
                supply.key = parts.pop().map(|key| e.source(key));
            }
            let value = e.apply_closed(&model, &supply, parts, expr.span);
            let value = e.settle(value, expr.span);
            if !value.is_first_order() && !value.is_error() {
                let title = "this is not a map between values";
                let label = format!("its result is {}", value.describe());
                return e.error(Diagnostic::error("E0339", title, expr.span, label));
            }
            value
        })?;
        let mut out = Vec::new();
        for p in decls {
            let role = if p.running { Role::State } else { Role::Weight };
            out.push(self.param(p.path.to_string(), p.ty, role));
        }
        let names: Vec<String> = match keyed {
            true => names.into_iter().chain(["key".to_string()]).collect(),
            false => names,
        };
        let inputs = [inputs, keys].concat();
        for (k, ty) in inputs.into_iter().enumerate() {
            let name = names.get(k).cloned().unwrap_or_else(|| format!("x{k}"));
            out.push(self.param(name, ty, Role::Input));
        }
        lowered.params = out;
        Some((lowered, origins))
    }

    /// The value of an expression as a program without parameters, but for what it uses of what a
    /// session has computed.
    pub(crate) fn lowered_value(&mut self, expr: &Expr, env: &Env) -> Option<(Lowered, Vec<At>)> {
        self.lowered_region(&Ty::unit(), |e, _| {
            let value = e.expr(expr, env);
            let value = e.settle(value, expr.span);
            if !value.is_first_order() && !value.is_error() {
                let title = "this is not a value that can be computed";
                let label = format!("this is {}", value.describe());
                return e.error(Diagnostic::error("E0339", title, expr.span, label));
            }
            value
        })
    }

    pub(super) fn param(&self, name: String, ty: Ty, role: Role) -> Param {
        Param {
            name,
            leaves: self.leaf_types(&ty),
            ty,
            role,
        }
    }
}

/// What a model that runs over a leading axis, of which nothing is known but that, does to each row.
fn rows_of(model: &Value) -> Option<&Value> {
    match model {
        Value::Func(f) => match &**f {
            Func::Each(row) => Some(row),
            _ => None,
        },
        Value::Model(m) => match &**m {
            Model::Each(row) => Some(row),
            Model::Map(inner)
            | Model::Tied(_, inner)
            | Model::Open(inner, _)
            | Model::Given(inner, _)
            | Model::Frozen(inner)
            | Model::Checkpoint(inner)
            | Model::Bound(inner, _) => rows_of(inner),
            Model::Then(factors) => rows_of(&factors.first()?.model),
            Model::Beside(_) | Model::Def { .. } | Model::Typed(..) => None,
        },
        _ => None,
    }
}
