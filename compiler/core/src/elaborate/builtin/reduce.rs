//! Reductions: one number from many.

use crate::elaborate::Elaborator;
use crate::elaborate::builtin::Call;
use crate::size::Size;
use crate::ty::Kind;
use crate::value::{Arr, Func, Value};
use lentil_diag::{Diagnostic, Span};
use lentil_unary::{BinaryOp, Fold, Prim, UnaryOp};

impl Elaborator<'_> {
    /// A reduction over the leading axes that a comprehension has made.
    pub(crate) fn reduction(
        &mut self,
        function: &Value,
        array: Value,
        axes: usize,
        span: Span,
    ) -> Value {
        let fold = match function {
            Value::Func(f) => match &**f {
                Func::Builtin { name, .. } => fold_named(name),
                _ => None,
            },
            Value::Error => return Value::Error,
            _ => None,
        };
        match fold {
            Some(fold) => self.map_value(array, span, &mut |e, a| e.reduce(fold, &a, axes, span)),
            // Any other function takes the array that the comprehension is.
            None => self.apply(function, vec![array], span),
        }
    }

    fn reduce(&mut self, fold: Fold, a: &Arr, axes: usize, span: Span) -> Value {
        let fits = match fold {
            Fold::Sum | Fold::Prod => a.kind.is_ring(),
            Fold::Max | Fold::Min => a.kind.is_real() || a.kind == Kind::Int,
            Fold::LogSumExp => a.kind.is_real(),
            Fold::All | Fold::Any => a.kind == Kind::Bool,
        };
        if !fits {
            let title = format!("this is not defined over `{}`", a.kind);
            return self.error(Diagnostic::error(
                "E0314",
                title,
                span,
                format!("of `{}`", a.ty()),
            ));
        }
        // The greatest of no real numbers is -∞; no whole number is like that. In an arm that is
        // not taken there may well be none.
        let empty = a.shape[..axes].iter().any(|n| n.as_constant() == Some(0));
        let extremum = matches!(fold, Fold::Max | Fold::Min) && !a.kind.is_real();
        if extremum && empty && self.guarded == 0 {
            return self.nothing_there(span);
        }
        let over: Vec<usize> = (0..axes).collect();
        let shape = a.shape[axes..].to_vec();
        Value::Array(self.array(
            a.kind.clone(),
            shape,
            |_| Prim::Reduce { fold, axes: over },
            &[a],
        ))
    }

    fn nothing_there(&mut self, span: Span) -> Value {
        let title = "an empty array has no greatest or least element";
        self.error(Diagnostic::error("E0341", title, span, "its size is 0"))
    }

    pub(crate) fn fold_all(&mut self, fold: Fold, mut c: Call<'_>) -> Value {
        let x = c.pop();
        match self.array_arg(x, c.at.arg(0)) {
            Some(a) => self.reduce(fold, &a, a.shape.len(), c.at.span),
            None => Value::Error,
        }
    }

    pub(crate) fn arg_extremum(&mut self, greatest: bool, mut c: Call<'_>) -> Value {
        let x = c.pop();
        let Some(a) = self.array_arg(x, c.at.arg(0)) else {
            return Value::Error;
        };
        let ordered = a.kind.is_real() || a.kind == Kind::Int;
        if a.shape.len() != 1 || !ordered {
            let title = "this takes a vector of ordered elements";
            let label = format!("this is `{}`", a.ty());
            return self.error(Diagnostic::error("E0340", title, c.at.arg(0), label));
        }
        if a.shape[0].as_constant() == Some(0) {
            return self.nothing_there(c.at.arg(0));
        }
        let prim = if greatest {
            Prim::ArgMax(0)
        } else {
            Prim::ArgMin(0)
        };
        let mut out = self.array(Kind::Int, Vec::new(), |_| prim, &[&a]);
        out.range = Some((Size::constant(0), a.shape[0].sub(&Size::constant(1))));
        Value::Array(out)
    }

    pub(crate) fn inner(&mut self, mut c: Call<'_>) -> Value {
        let (b, a) = (c.pop(), c.pop());
        self.inner_product(a, b, c.at.span)
    }

    fn inner_product(&mut self, a: Value, b: Value, span: Span) -> Value {
        let product = self.binary(BinaryOp::Mul, a, b, span);
        self.total(product, span)
    }

    /// The sum of all elements of all arrays of a product.
    pub(crate) fn total(&mut self, value: Value, span: Span) -> Value {
        match value {
            Value::Error => Value::Error,
            Value::Space(space) => Value::Array(Arr {
                kind: space.kind(),
                shape: Vec::new(),
                at: None,
                range: None,
            }),
            Value::Tuple(parts) => self.total_of(parts, span),
            Value::Record(fields) => {
                self.total_of(fields.into_iter().map(|(_, v)| v).collect(), span)
            }
            other => match self.array_arg(other, span) {
                Some(a) => self.reduce(Fold::Sum, &a, a.shape.len(), span),
                None => Value::Error,
            },
        }
    }

    fn total_of(&mut self, parts: Vec<Value>, span: Span) -> Value {
        let mut sum: Option<Value> = None;
        for part in parts {
            let part = self.total(part, span);
            sum = Some(match sum {
                None => part,
                Some(sum) => self.binary(BinaryOp::Add, sum, part, span),
            });
        }
        sum.unwrap_or_else(|| Value::int(0))
    }

    pub(crate) fn norm(&mut self, mut c: Call<'_>) -> Value {
        let x = c.pop();
        let x = self.settle_real(x, c.at.span);
        let square = self.inner_product(x.clone(), x, c.at.span);
        self.unary(UnaryOp::Sqrt, square, c.at.span)
    }
}

fn fold_named(name: &str) -> Option<Fold> {
    match name {
        "sum" => Some(Fold::Sum),
        "prod" => Some(Fold::Prod),
        "max" => Some(Fold::Max),
        "min" => Some(Fold::Min),
        "all" => Some(Fold::All),
        "any" => Some(Fold::Any),
        "logsumexp" => Some(Fold::LogSumExp),
        _ => None,
    }
}
