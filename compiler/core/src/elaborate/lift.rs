//! Scalar functions where arrays arrive, and `each`: application element by element.

use crate::elaborate::Elaborator;
use crate::elaborate::statics::is_space;
use crate::module::DefId;
use crate::size::Size;
use crate::ty::Ty;
use crate::value::{Arr, Func, Value};
use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{self, StaticParam, TypeExpr, TypeKind};
use lentil_unary::Prim;
use std::rc::Rc;

impl Elaborator<'_> {
    /// Over a leading axis of every argument.
    pub(crate) fn each(
        &mut self,
        args: Vec<Value>,
        span: Span,
        f: &mut dyn FnMut(&mut Self, Vec<Value>) -> Value,
    ) -> Value {
        let args: Vec<Value> = args
            .into_iter()
            .map(|a| self.settle_real(a, span))
            .collect();
        let mut n: Option<Size> = None;
        for arg in &args {
            let leading = arg.ty().and_then(|t| leading_size(&t));
            match (leading, &n) {
                (None, _) => {
                    let title = "`each` runs over a leading axis";
                    let label = format!("an argument is {}", arg.describe());
                    return self.error(Diagnostic::error("E0332", title, span, label));
                }
                (Some(m), Some(n)) if m != *n => {
                    let title = "these have different sizes";
                    let label = format!("one runs over `{n}`, another over `{m}`");
                    return self.error(Diagnostic::error("E0310", title, span, label));
                }
                (Some(m), _) => n = Some(m),
            }
        }
        let Some(n) = n else {
            let title = "`each` needs an argument to run over";
            return self.error(Diagnostic::error("E0332", title, span, "no arguments"));
        };
        self.map_over(&n, &Value::Tuple(args), span, |e, _, x| match x {
            Value::Tuple(parts) => f(e, parts),
            _ => Value::Error,
        })
    }

    /// A function over scalars, applied where arrays arrive: element by element.
    pub(crate) fn lift(
        &mut self,
        def: DefId,
        f: &ast::FnDef,
        statics: Option<&[Value]>,
        args: &[Value],
        span: Span,
    ) -> Option<Value> {
        let scalar_params = !f.params.is_empty()
            && f.params
                .iter()
                .all(|p| p.ty.as_ref().is_some_and(|t| is_scalar_type(t, &f.statics)));
        let arrays = |v: &Value| match v {
            Value::Array(a) => !a.shape.is_empty(),
            Value::Const(c) => c.shape().is_none_or(|s| !s.is_empty()),
            Value::Tuple(_) | Value::Record(_) | Value::Space(..) => true,
            _ => false,
        };
        if !scalar_params || !args.iter().any(arrays) {
            return None;
        }
        let function = Value::Func(Rc::new(Func::Def {
            def,
            statics: statics.map(<[Value]>::to_vec),
        }));
        if let [single] = args {
            return Some(self.map_value(single.clone(), span, &mut |e, a| {
                e.lift_arrays(&function, vec![Value::Array(a)], span)
            }));
        }
        if let [a, b] = args {
            return Some(self.zip(a.clone(), b.clone(), span, &mut |e, a, b| {
                e.lift_arrays(&function, vec![a, b], span)
            }));
        }
        Some(self.lift_arrays(&function, args.to_vec(), span))
    }

    fn lift_arrays(&mut self, function: &Value, args: Vec<Value>, span: Span) -> Value {
        let shape = args.iter().find_map(|v| match v {
            Value::Array(a) if !a.shape.is_empty() => Some(a.shape.clone()),
            Value::Const(c) => c
                .shape()
                .filter(|s| !s.is_empty())
                .map(|s| s.iter().map(|&n| Size::constant(n as i128)).collect()),
            _ => None,
        });
        let Some(shape) = shape else {
            return self.apply(function, args, span);
        };
        let total = shape.iter().fold(Size::constant(1), |p, n| p.mul(n));
        // Flat arrays run along; scalars are used again and again.
        let mut flat = Vec::new();
        let mut kept: Vec<Option<Value>> = Vec::new();
        for value in args {
            let value = match value {
                Value::Const(c) if c.shape().is_some_and(|s| !s.is_empty()) => {
                    self.settle_real(Value::Const(c), span)
                }
                other => other,
            };
            match value {
                Value::Error => return Value::Error,
                Value::Array(a) if !a.shape.is_empty() => {
                    if a.shape != shape {
                        let title = "these have different sizes";
                        let label = format!("this is `{}`", a.ty());
                        return self.error(Diagnostic::error("E0310", title, span, label));
                    }
                    flat.push(Value::Array(self.reshaped(&a, vec![total.clone()])));
                    kept.push(None);
                }
                other => kept.push(Some(other)),
            }
        }
        let out = self.map_over(&total, &Value::Tuple(flat), span, |e, _, x| {
            let Value::Tuple(parts) = x else {
                return Value::Error;
            };
            let mut parts = parts.into_iter();
            let args = kept
                .iter()
                .map(|k| k.clone().or_else(|| parts.next()).unwrap_or(Value::Error))
                .collect();
            e.apply(function, args, span)
        });
        self.map_value(out, span, &mut |e, a| {
            let shape = [&shape[..], &a.shape[1..]].concat();
            Value::Array(e.reshaped(&a, shape))
        })
    }

    pub(crate) fn reshaped(&mut self, a: &Arr, shape: Vec<Size>) -> Arr {
        if a.shape == shape {
            return a.clone();
        }
        let target = shape.clone();
        self.array(
            a.kind.clone(),
            shape,
            |e| Prim::Reshape(e.numbers(&target)),
            &[a],
        )
    }
}

fn is_scalar_type(ty: &TypeExpr, statics: &[StaticParam]) -> bool {
    match &ty.kind {
        TypeKind::Name { name, brackets } => {
            let space = statics
                .iter()
                .any(|s| s.name.text == name.text && s.bound.as_ref().is_some_and(is_space));
            let plain = brackets.is_empty() && name.text != "Key" && !space;
            plain || name.text == "Mod" && brackets.len() == 1
        }
        TypeKind::Tuple(_) | TypeKind::Record(_) | TypeKind::Arrow(..) => false,
    }
}

/// The common leading size of a product of arrays.
fn leading_size(ty: &Ty) -> Option<Size> {
    match ty {
        Ty::Array(_, shape) => shape.first().cloned(),
        Ty::Tuple(parts) => parts.iter().find_map(leading_size),
        Ty::Record(fields) => fields.iter().find_map(|(_, t)| leading_size(t)),
        Ty::Key | Ty::Arrow(..) | Ty::Space(..) => None,
    }
}
