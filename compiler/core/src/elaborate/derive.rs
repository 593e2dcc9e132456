//! `rev`, `fwd` and `grad`: derivatives are expressions, resolved later on unary form.

use lentil_diag::{Diagnostic, Span};
use lentil_unary::Op;

use super::Elaborator;
use crate::ty::Ty;
use crate::value::{Arr, Value};

impl Elaborator<'_> {
    /// `rev(f)(x…, dy)`.
    pub(crate) fn apply_reverse(&mut self, f: &Value, mut args: Vec<Value>, span: Span) -> Value {
        let Some(dy) = args.pop() else {
            self.right_count(1, 0, span);
            return Value::Error;
        };
        let f = f.clone();
        self.reverse_of(args, span, dy, &mut |e, xs| e.apply(&f, xs, span))
    }

    /// `grad(f)(x…)`: the reverse derivative at one, of a map to a scalar.
    pub(crate) fn apply_gradient(&mut self, f: &Value, args: Vec<Value>, span: Span) -> Value {
        let args: Vec<Value> = args
            .into_iter()
            .map(|a| self.settle_real(a, span))
            .collect();
        let result = self.dry(|e| {
            let unknown: Vec<Value> = args.clone();
            let value = e.apply(f, unknown, span);
            e.settle_real(value, span)
        });
        if let Some(ty) = result.ty()
            && !matches!(&ty, Ty::Array(kind, shape) if shape.is_empty() && kind.differentiable())
        {
            let title = "only a map to a single number has a gradient";
            let label = format!("this one's result is `{ty}`");
            return self.error(
                Diagnostic::error("E0350", title, span, label)
                    .hint("`rev(f)(x, dy)` takes a cotangent of any result"),
            );
        }
        let f = f.clone();
        self.reverse_of(args, span, Value::int(1), &mut |e, xs| {
            e.apply(&f, xs, span)
        })
    }

    /// The cotangents of arguments, given the cotangent of the result of a body over them.
    /// One argument gives its cotangent, several give a tuple.
    pub(crate) fn reverse_of(
        &mut self,
        args: Vec<Value>,
        span: Span,
        dy: Value,
        body: &mut dyn FnMut(&mut Self, Vec<Value>) -> Value,
    ) -> Value {
        let Some((types, args)) = self.derivative_args(args, span) else {
            return Value::Error;
        };
        let packed = Ty::Tuple(types.clone());
        let changes = unpacked(packed.changes());
        let mut wrapped = |e: &mut Self, packed: Value| {
            let Value::Tuple(parts) = packed else {
                return Value::Error;
            };
            let value = body(e, parts);
            e.settle_real(value, span)
        };
        if !self.lowering() {
            let value = wrapped(self, Value::Tuple(args));
            let Some(result) = self.derivable(&value, span) else {
                return Value::Error;
            };
            let dy = self.coerce(dy, &result.changes(), span);
            return if dy.is_error() {
                Value::Error
            } else {
                self.unknown(&changes)
            };
        }
        let Some((finished, result)) = self.closed_region(&packed, wrapped) else {
            return Value::Error;
        };
        let dy = self.coerce(dy, &result.changes(), span);
        if dy.is_error() {
            return Value::Error;
        }
        let function = self.function("body", finished.region);
        let args = [
            self.leaves(&Value::Tuple(args)),
            finished.captures,
            self.leaves(&dy),
        ]
        .concat();
        let results = self.frames.emit(Op::Reverse(function), &args);
        self.changes_of(&unpacked(packed), &mut results.into_iter())
    }

    /// `fwd(f)(x…, dx…)`.
    pub(crate) fn apply_forward(&mut self, f: &Value, args: Vec<Value>, span: Span) -> Value {
        if args.is_empty() || args.len() % 2 != 0 {
            let title = "`fwd(f)` takes the arguments of `f`, then a tangent for each";
            let label = format!("{} arguments", args.len());
            return self.error(Diagnostic::error("E0333", title, span, label));
        }
        let n = args.len() / 2;
        let tangents = args[n..].to_vec();
        let Some((types, args)) = self.derivative_args(args[..n].to_vec(), span) else {
            return Value::Error;
        };
        let mut dxs = Vec::new();
        for (dx, ty) in tangents.into_iter().zip(&types) {
            dxs.push(self.coerce(dx, &ty.changes(), span));
        }
        if dxs.iter().any(Value::is_error) {
            return Value::Error;
        }
        let packed = Ty::Tuple(types);
        let wrapped = |e: &mut Self, packed: Value| {
            let Value::Tuple(parts) = packed else {
                return Value::Error;
            };
            let value = e.apply(f, parts, span);
            e.settle_real(value, span)
        };
        if !self.lowering() {
            let value = wrapped(self, Value::Tuple(args));
            return match self.derivable(&value, span) {
                Some(result) => self.unknown(&result.changes()),
                None => Value::Error,
            };
        }
        let Some((finished, result)) = self.closed_region(&packed, wrapped) else {
            return Value::Error;
        };
        // Captures are constants here: their tangents are zero.
        let mut zeros = Vec::new();
        for &capture in &finished.captures {
            let ty = self.frames.ty(capture);
            if ty.differentiable() {
                zeros.push(self.zeros_at(&ty));
            }
        }
        let function = self.function("body", finished.region);
        let args = [
            self.leaves(&Value::Tuple(args)),
            finished.captures,
            self.leaves(&Value::Tuple(dxs)),
            zeros,
        ]
        .concat();
        let results = self.frames.emit(Op::Forward(function), &args);
        self.changes_of(&result, &mut results.into_iter())
    }

    fn zeros_at(&mut self, ty: &lentil_unary::Type) -> crate::value::At {
        let literal = lentil_unary::Prim::Literal(lentil_unary::Literal::zero(ty.carrier));
        let scalar = self.frames.emit(Op::Prim(literal), &[])[0];
        if ty.shape.is_empty() {
            return scalar;
        }
        let stretch = lentil_unary::Prim::Broadcast {
            shape: ty.shape.clone(),
            axes: Vec::new(),
        };
        self.frames.emit(Op::Prim(stretch), &[scalar])[0]
    }

    fn derivative_args(&mut self, args: Vec<Value>, span: Span) -> Option<(Vec<Ty>, Vec<Value>)> {
        let args: Vec<Value> = args
            .into_iter()
            .map(|a| self.settle_real(a, span))
            .collect();
        let mut types = Vec::new();
        for arg in &args {
            match arg.ty() {
                Some(ty) => types.push(ty),
                None => {
                    if !arg.is_error() {
                        let title = "a derivative is taken at values";
                        let label = format!("an argument is {}", arg.describe());
                        self.error(Diagnostic::error("E0351", title, span, label));
                    }
                    return None;
                }
            }
        }
        Some((types, args))
    }

    fn derivable(&mut self, value: &Value, span: Span) -> Option<Ty> {
        if value.is_error() {
            return None;
        }
        let ty = value.ty();
        if ty.is_none() {
            let title = "only a map between values has a derivative";
            let label = format!("this one's result is {}", value.describe());
            self.error(Diagnostic::error("E0351", title, span, label));
        }
        ty
    }

    /// The array that a value is, for callers that have checked it.
    pub(crate) fn as_array(value: Value) -> Option<Arr> {
        match value {
            Value::Array(a) => Some(a),
            _ => None,
        }
    }
}

/// A tuple of one is its only part.
fn unpacked(ty: Ty) -> Ty {
    match ty {
        Ty::Tuple(mut parts) if parts.len() == 1 => parts.remove(0),
        other => other,
    }
}
