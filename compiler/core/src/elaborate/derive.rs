//! `rev`, `fwd` and `grad`: derivatives are expressions, resolved later on unary form.

use lentil_diag::{Diagnostic, Span};
use lentil_unary::Op;

use super::Elaborator;
use super::place::Place;
use crate::ty::Ty;
use crate::value::{Arr, Value};

impl Elaborator<'_> {
    /// `rev(f)(x…, dy)`.
    pub(crate) fn apply_reverse(&mut self, f: &Value, mut args: Vec<Value>, at: &Place) -> Value {
        let Some(dy) = args.pop() else {
            let title = "`rev(f)` takes the arguments of `f`, then a cotangent of its result";
            return self.error(Diagnostic::error("E0333", title, at.span, "none is given"));
        };
        if let Some(n) = self.input_count(f).filter(|&n| n != args.len()) {
            let title = "`rev(f)` takes the arguments of `f`, then a cotangent of its result";
            let label = format!("{} given, {} wanted", args.len() + 1, n + 1);
            return self.error(Diagnostic::error("E0333", title, at.span, label));
        }
        let args = self.settle_inputs(f, args, at);
        self.reverse_of(args, at, dy, &mut |e, xs| e.apply(f, xs, at))
    }

    /// `grad(f)(x…)`: the reverse derivative at one, of a map to a scalar.
    pub(crate) fn apply_gradient(&mut self, f: &Value, args: Vec<Value>, at: &Place) -> Value {
        let args = self.settle_inputs(f, args, at);
        self.gradient_of(args, at, &mut |e, xs| e.apply(f, xs, at))
    }

    /// The cotangents of arguments, of a body whose result is a single number.
    pub(crate) fn gradient_of(
        &mut self,
        args: Vec<Value>,
        at: &Place,
        body: &mut dyn FnMut(&mut Self, Vec<Value>) -> Value,
    ) -> Value {
        let args = self.settle_reals(args, at);
        let result = self.dry(|e| {
            let value = body(e, args.clone());
            e.settle_real(value, at.span)
        });
        if let Some(ty) = result.ty()
            && !matches!(&ty, Ty::Array(kind, shape) if shape.is_empty() && kind.differentiable())
        {
            let title = "only a map to a single number has a gradient";
            let label = format!("this one's result is `{ty}`");
            return self.error(
                Diagnostic::error("E0350", title, at.span, label)
                    .hint("`rev(f)(x, dy)` takes a cotangent of any result"),
            );
        }
        self.reverse_of(args, at, Value::int(1), body)
    }

    /// The cotangents of arguments, given the cotangent of the result of a body over them.
    /// One argument gives its cotangent, several give a tuple.
    pub(crate) fn reverse_of(
        &mut self,
        args: Vec<Value>,
        at: &Place,
        dy: Value,
        body: &mut dyn FnMut(&mut Self, Vec<Value>) -> Value,
    ) -> Value {
        let (span, dy_span) = (at.span, at.arg(args.len()));
        let Some((types, args)) = self.derivative_args(args, at) else {
            return Value::Error;
        };
        let packed = Ty::Tuple(types.clone());
        let changes = unpacked(packed.changes());
        let mut wrapped = |e: &mut Self, packed: Value| {
            let Value::Tuple(parts) = packed else {
                return Value::Error;
            };
            e.derived += 1;
            let value = body(e, parts);
            e.derived -= 1;
            e.settle_real(value, span)
        };
        if !self.lowering() {
            let value = wrapped(self, Value::Tuple(args));
            let Some(result) = self.derivable(&value, span) else {
                return Value::Error;
            };
            let dy = self.coerce(dy, &result.changes(), dy_span);
            return if dy.is_error() {
                Value::Error
            } else {
                self.unknown(&changes)
            };
        }
        let (finished, value) = self.region_of(&packed, wrapped);
        let Some(result) = self.derivable(&value, span) else {
            return Value::Error;
        };
        let dy = self.coerce(dy, &result.changes(), dy_span);
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
    pub(crate) fn apply_forward(&mut self, f: &Value, args: Vec<Value>, at: &Place) -> Value {
        let span = at.span;
        if args.is_empty() || !args.len().is_multiple_of(2) {
            let title = "`fwd(f)` takes the arguments of `f`, then a tangent for each";
            let label = format!("{} arguments", args.len());
            return self.error(Diagnostic::error("E0333", title, span, label));
        }
        let n = args.len() / 2;
        let mut args = args;
        let tangents = args.split_off(n);
        let args = self.settle_inputs(f, args, at);
        let Some((types, args)) = self.derivative_args(args, at) else {
            return Value::Error;
        };
        let mut dxs = Vec::new();
        for (k, (dx, ty)) in tangents.into_iter().zip(&types).enumerate() {
            dxs.push(self.coerce(dx, &ty.changes(), at.arg(n + k)));
        }
        if dxs.iter().any(Value::is_error) {
            return Value::Error;
        }
        let packed = Ty::Tuple(types);
        let wrapped = |e: &mut Self, packed: Value| {
            let Value::Tuple(parts) = packed else {
                return Value::Error;
            };
            e.derived += 1;
            let value = e.apply(f, parts, at);
            e.derived -= 1;
            e.settle_real(value, span)
        };
        if !self.lowering() {
            let value = wrapped(self, Value::Tuple(args));
            return match self.derivable(&value, span) {
                Some(result) => self.unknown(&result.changes()),
                None => Value::Error,
            };
        }
        let (finished, value) = self.region_of(&packed, wrapped);
        let Some(result) = self.derivable(&value, span) else {
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

    /// Where a derivative is taken, numbers are real.
    fn settle_reals(&mut self, args: Vec<Value>, at: &Place) -> Vec<Value> {
        let args = args.into_iter().enumerate();
        args.map(|(k, a)| self.settle_real(a, at.arg(k))).collect()
    }

    fn derivative_args(&mut self, args: Vec<Value>, at: &Place) -> Option<(Vec<Ty>, Vec<Value>)> {
        let args = self.settle_reals(args, at);
        let mut types = Vec::new();
        for (k, arg) in args.iter().enumerate() {
            match arg.ty() {
                Some(ty) => types.push(ty),
                None => {
                    if !arg.is_error() {
                        let title = "a derivative is taken at values";
                        let label = format!("an argument is {}", arg.describe());
                        self.error(Diagnostic::error("E0351", title, at.arg(k), label));
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
