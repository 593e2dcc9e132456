//! Maps and values of a program, as unary form.
//!
//! *Before*: an expression of the language and a checked program.
//! *After*: a region of unary form, in which derivatives are still nodes.
//! *Size*: linear in what is evaluated; each definition once for each combination of static arguments.

use std::sync::Arc;

use lentil_diag::Diagnostic;
use lentil_unary::{Function, Op, Type};

use super::{Failure, Lowered, Options, Param, Program, Role};
use crate::elaborate::Elaborator;
use crate::ty::Ty;
use crate::value::Value;

impl Program {
    /// A map or model that an expression names (`relu`, `dense[4, 16]`), as unary form:
    /// its parameters by path, then its inputs.
    pub fn lower(&self, expr: &str, options: &Options) -> Result<Lowered, Failure> {
        self.lower_map(expr, options).map(|(lowered, _)| lowered)
    }

    /// Its reverse derivative: the same parameters and the cotangents of the result, to the
    /// cotangents of all parameters, as a node that is still to be resolved.
    pub fn lower_reverse(&self, expr: &str, options: &Options) -> Result<Lowered, Failure> {
        let (lowered, name) = self.lower_map(expr, options)?;
        let function = Arc::new(Function {
            name,
            region: lowered.region.clone(),
        });
        let changes = lowered.result.changes();
        let cotangent = Param {
            name: "dy".to_string(),
            leaves: changes.leaves(options.real).unwrap_or_default(),
            ty: changes,
            role: Role::Cotangent,
        };
        let params = [lowered.params.clone(), vec![cotangent]].concat();
        let types: Vec<Type> = params.iter().flat_map(|p| p.leaves.clone()).collect();
        let mut builder = lentil_unary::Builder::new(types);
        let slots = builder.param_slots();
        let results = builder.emit(Op::Reverse(function), &slots);
        let result = Ty::Record(
            lowered
                .params
                .iter()
                .map(|p| (p.name.as_str().into(), p.ty.changes()))
                .collect(),
        );
        Ok(Lowered {
            region: builder.finish(results),
            params,
            result,
            sites: lowered.sites,
        })
    }

    fn lower_map(&self, text: &str, options: &Options) -> Result<(Lowered, String), Failure> {
        self.with_expr(text, options, |e, expr, env| {
            // What it is, before anything is emitted.
            let (model, params, inputs) = e.checked(|e| {
                let value = e.expr(expr, env);
                if value.is_error() {
                    return None;
                }
                let model = e.as_model(value, expr.span)?;
                let params = e.params(&model)?;
                let inputs = e.input_types(&model);
                Some((model, params, inputs))
            })?;
            let Some(inputs) = inputs else {
                let title = "the inputs of this are not known";
                let label = "its sizes are open, or it begins with a map of any type";
                e.error(
                    Diagnostic::error("E0337", title, expr.span, label)
                        .hint("give its sizes in brackets, as in `dense[4, 16]`"),
                );
                return None;
            };
            let record = Ty::Record(
                params
                    .iter()
                    .map(|p| (p.path.clone(), p.ty.clone()))
                    .collect(),
            );
            let args = Ty::Tuple([vec![record], inputs.clone()].concat());
            let names = e.input_names(&model);
            let (finished, result) = e.closed_region(&args, |e, args| {
                let Value::Tuple(mut parts) = args else {
                    return Value::Error;
                };
                let params = parts.remove(0);
                // Again, now that the numbers it holds have a place.
                let value = e.expr(expr, env);
                let Some(model) = e.as_model(value, expr.span) else {
                    return Value::Error;
                };
                let value = e.apply_closed(&model, &params, parts, expr.span);
                let value = e.settle(value, expr.span);
                if !value.is_first_order() && !value.is_error() {
                    let title = "this is not a map between values";
                    let label = format!("its result is {}", value.describe());
                    return e.error(Diagnostic::error("E0339", title, expr.span, label));
                }
                value
            })?;
            let mut out = Vec::new();
            for p in params {
                out.push(e.param(p.path.to_string(), p.ty, Role::Weight));
            }
            for (k, ty) in inputs.into_iter().enumerate() {
                let name = names.get(k).cloned().unwrap_or_else(|| format!("x{k}"));
                out.push(e.param(name, ty, Role::Input));
            }
            let lowered = Lowered {
                region: finished.region,
                params: out,
                result,
                sites: e.sites.clone(),
            };
            let name: String = text
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            Some((lowered, name))
        })
    }

    /// The value of a closed expression of the root file.
    pub fn lower_value(&self, text: &str, options: &Options) -> Result<Lowered, Failure> {
        self.with_expr(text, options, |e, expr, env| {
            let (finished, result) = e.closed_region(&Ty::unit(), |e, _| {
                let value = e.expr(expr, env);
                let value = e.settle(value, expr.span);
                if !value.is_first_order() && !value.is_error() {
                    let title = "this is not a value that can be computed";
                    let label = format!("this is {}", value.describe());
                    return e.error(Diagnostic::error("E0339", title, expr.span, label));
                }
                value
            })?;
            Some(Lowered {
                region: finished.region,
                params: Vec::new(),
                result,
                sites: e.sites.clone(),
            })
        })
    }
}

impl Elaborator<'_> {
    pub(super) fn param(&self, name: String, ty: Ty, role: Role) -> Param {
        Param {
            name,
            leaves: self.leaf_types(&ty),
            ty,
            role,
        }
    }
}
