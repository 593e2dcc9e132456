//! Functions of numbers.

use crate::elaborate::Elaborator;
use crate::elaborate::builtin::Call;
use crate::size::Size;
use crate::ty::Kind;
use crate::value::{Arr, Const, Value};
use lentil_diag::Diagnostic;
use lentil_diag::Span;
use lentil_unary::{BinaryOp, Fold, Op, Prim, UnaryOp};

impl Elaborator<'_> {
    pub(crate) fn one(&mut self, op: UnaryOp, mut c: Call<'_>) -> Value {
        let x = c.pop();
        self.unary(op, x, c.at.span)
    }

    pub(crate) fn two(&mut self, op: BinaryOp, mut c: Call<'_>) -> Value {
        let (b, a) = (c.pop(), c.pop());
        self.binary(op, a, b, c.at.span)
    }

    pub(crate) fn digamma(&mut self, mut c: Call<'_>) -> Value {
        let x = c.pop();
        self.binary(BinaryOp::Polygamma, Value::int(0), x, c.at.span)
    }

    /// The order is an `Int`, which has no changes: there is no derivative in it.
    pub(crate) fn polygamma(&mut self, mut c: Call<'_>) -> Value {
        let (x, n) = (c.pop(), c.pop());
        let kind = match &x {
            Value::Array(a) => a.kind.clone(),
            _ => Kind::Real,
        };
        let order = match n {
            Value::Error => return Value::Error,
            Value::Const(n) if n.is_integral() => Value::Const(n),
            Value::Array(n) if n.kind == Kind::Int => Value::Array(self.converted(&n, &kind)),
            other => {
                let title = "the order of `polygamma` is an `Int`";
                let label = format!("this is {}", other.describe());
                return self.error(Diagnostic::error("E0340", title, c.at.arg(0), label));
            }
        };
        self.binary(BinaryOp::Polygamma, order, x, c.at.span)
    }

    /// Division of whole numbers by what may be zero.
    pub(crate) fn divided(&mut self, op: BinaryOp, mut c: Call<'_>) -> Value {
        let (b, a) = (c.pop(), c.pop());
        let span = c.at.span;
        let (a, b) = (self.settle(a, c.at.arg(0)), self.settle(b, c.at.arg(1)));
        self.zip(a, b, span, &mut |e, a, b| {
            let Some((a, b)) = e.same_shape(a, b, span) else {
                return Value::Error;
            };
            if a.kind != Kind::Int {
                let title = format!("`{}` takes whole numbers", c.name);
                let label = format!("these are `{}`", a.ty());
                return e.error(Diagnostic::error("E0340", title, span, label));
            }
            let shape = a.shape.clone();
            Value::Array(e.array(Kind::Int, shape, |_| Prim::Binary(op), &[&a, &b]))
        })
    }

    pub(crate) fn clamp(&mut self, mut c: Call<'_>) -> Value {
        let (high, low, x) = (c.pop(), c.pop(), c.pop());
        let bounds = |v: &Value| match v {
            Value::Array(a) => a.range.clone(),
            Value::Const(Const::Int(n)) => Some((n.clone(), n.clone())),
            _ => None,
        };
        let known = bounds(&low).zip(bounds(&high));
        let raised = self.binary(BinaryOp::Max, x, low, c.at.span);
        let mut out = self.binary(BinaryOp::Min, raised, high, c.at.span);
        // Between the two, if they are in order.
        if let (Value::Array(a), Some(((l, most), (least, h)))) = (&mut out, known)
            && a.kind == Kind::Int
            && self.nonnegative(&least.sub(&most))
        {
            a.range = Some((l, h));
        }
        out
    }

    pub(crate) fn extremum(&mut self, op: BinaryOp, fold: Fold, c: Call<'_>) -> Value {
        if c.args.len() == 2 {
            self.two(op, c)
        } else {
            self.fold_all(fold, c)
        }
    }

    pub(crate) fn convert(&mut self, kind: Kind, mut c: Call<'_>) -> Value {
        let x = c.pop();
        if let (Value::Const(Const::Int(_) | Const::Real(_) | Const::Unknown), Kind::Real) =
            (&x, &kind)
        {
            let Value::Const(constant) = &x else {
                return Value::Error;
            };
            return self.constant(constant, &Kind::Real, None, c.at.span);
        }
        self.map_value(x, c.at.span, &mut |e, a| {
            Value::Array(e.converted(&a, &kind))
        })
    }

    /// The same elements in another carrier.
    pub(crate) fn converted(&mut self, a: &Arr, kind: &Kind) -> Arr {
        let carrier = kind.carrier(self.real());
        let same = carrier.is_some() && carrier == a.kind.carrier(self.real());
        if same {
            return Arr {
                kind: kind.clone(),
                range: None,
                ..a.clone()
            };
        }
        let at = carrier.and_then(|c| self.emit(|_| Op::Prim(Prim::Convert(c)), &[a]));
        Arr {
            kind: kind.clone(),
            shape: a.shape.clone(),
            at,
            range: None,
        }
    }

    /// A carrier called like a function: `Bit(x)`, `Mod[7](x)`, `Real64(0.5)`.
    pub(crate) fn in_carrier(&mut self, kind: &Kind, mut args: Vec<Value>, span: Span) -> Value {
        if !self.right_count(1, args.len(), span) {
            return Value::Error;
        }
        match args.pop().unwrap_or(Value::Error) {
            Value::Const(
                c @ (Const::Int(_) | Const::Real(_) | Const::Unknown | Const::List(_)),
            ) if c.is_integral() || kind.is_real() => self.constant(&c, kind, None, span),
            x => self.map_value(x, span, &mut |e, a| Value::Array(e.converted(&a, kind))),
        }
    }

    pub(crate) fn bit(&mut self, mut c: Call<'_>) -> Value {
        let j = c.pop();
        let a = c.pop();
        let (Some(a), Some(j)) = (
            self.array_arg(a, c.at.arg(0)),
            self.array_arg(j, c.at.arg(1)),
        ) else {
            return Value::Error;
        };
        let scalar = |x: &Arr| x.kind == Kind::Int && x.shape.is_empty();
        if !scalar(&a) || !scalar(&j) {
            let title = "`bit` takes two whole numbers";
            let label = format!("these are `{}` and `{}`", a.ty(), j.ty());
            return self.error(Diagnostic::error("E0340", title, c.at.arg(0), label));
        }
        // The powers of two, read by j: out of range stops the run with this place.
        let shape = vec![Size::constant(63)];
        let base = self.literal(&Kind::Int, 2);
        let base = self.stretch(&base, &shape);
        let prefix = Prim::Scan {
            fold: Fold::Prod,
            axis: 0,
            exclusive: true,
            reverse: false,
        };
        let table = self.array(Kind::Int, shape, |_| prefix, &[&base]);
        let site = self.site(c.at.span);
        let power = self.array(
            Kind::Int,
            Vec::new(),
            |_| Prim::Gather { axes: 1, site },
            &[&table, &j],
        );
        let shifted = self.array(
            Kind::Int,
            Vec::new(),
            |_| Prim::Binary(BinaryOp::Div),
            &[&a, &power],
        );
        let two = self.literal(&Kind::Int, 2);
        let mut out = self.array(
            Kind::Int,
            Vec::new(),
            |_| Prim::Binary(BinaryOp::Rem),
            &[&shifted, &two],
        );
        out.range = Some((Size::constant(0), Size::constant(1)));
        Value::Array(out)
    }
}
