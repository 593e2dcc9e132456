//! Functions that make arrays, and running folds over them.

use crate::elaborate::Elaborator;
use crate::elaborate::arith::Needs;
use crate::elaborate::builtin::Call;
use crate::size::Size;
use crate::ty::Kind;
use crate::value::{Arr, Const, Value};
use lentil_diag::{Diagnostic, Span};
use lentil_unary::{Fold, Prim};

impl Elaborator<'_> {
    /// An argument that must be an array; constants take their default carrier.
    pub(crate) fn array_arg(&mut self, value: Value, span: Span) -> Option<Arr> {
        match self.settle(value, span) {
            Value::Array(a) => Some(a),
            Value::Error => None,
            other => {
                let title = "an array is expected here";
                let label = format!("this is {}", other.describe());
                self.error(Diagnostic::error("E0340", title, span, label));
                None
            }
        }
    }

    pub(crate) fn cumulate(&mut self, fold: Fold, mut c: Call<'_>) -> Value {
        let x = c.pop();
        let Some((a, axis)) = self.array_and_axis(&c, x) else {
            return Value::Error;
        };
        let needs = match fold {
            Fold::Max | Fold::Min => Needs::Order,
            Fold::Sum | Fold::Prod | Fold::LogSumExp | Fold::All | Fold::Any => Needs::Ring,
        };
        if !self.require(needs, &a.kind, c.at.arg(0)) {
            return Value::Error;
        }
        let prim = Prim::Scan {
            fold,
            axis,
            exclusive: false,
            reverse: false,
        };
        Value::Array(self.array(a.kind.clone(), a.shape.clone(), |_| prim, &[&a]))
    }

    pub(crate) fn sizes(&mut self, c: &Call<'_>) -> Option<Vec<Size>> {
        let sizes: Option<Vec<Size>> = c
            .statics
            .iter()
            .map(|v| match v {
                Value::Const(Const::Int(n)) => Some(n.clone()),
                _ => None,
            })
            .collect();
        if sizes.is_none() {
            let title = format!("`{}` takes sizes in its brackets", c.name);
            self.error(Diagnostic::error("E0335", title, c.at.span, "not sizes"));
        }
        sizes
    }

    pub(crate) fn one_size(&mut self, c: &Call<'_>) -> Option<Size> {
        let sizes = self.sizes(c)?;
        if let [n] = &sizes[..] {
            return Some(n.clone());
        }
        let title = format!("`{}` takes one size in brackets", c.name);
        let hint = format!("write `{}[n](…)`", c.name);
        self.error(
            Diagnostic::error("E0335", title, c.at.span, "no size, or more than one").hint(hint),
        );
        None
    }

    pub(crate) fn reshape(&mut self, mut c: Call<'_>) -> Value {
        let Some(shape) = self.sizes(&c) else {
            return Value::Error;
        };
        let x = c.pop();
        let Some(a) = self.array_arg(x, c.at.arg(0)) else {
            return Value::Error;
        };
        let count = |s: &[Size]| s.iter().fold(Size::constant(1), |p, n| p.mul(n));
        if !self.same_size(&count(&shape), &count(&a.shape)) {
            let title = "a reshape keeps the number of elements";
            let label = format!("`{}` has `{}` of them", a.ty(), count(&a.shape));
            let hint = format!("the new shape has `{}`", count(&shape));
            return self.error(Diagnostic::error("E0310", title, c.at.span, label).hint(hint));
        }
        Value::Array(self.reshaped(&a, shape))
    }

    pub(crate) fn iota(&mut self, c: Call<'_>) -> Value {
        let Some(n) = self.one_size(&c) else {
            return Value::Error;
        };
        let last = n.sub(&Size::constant(1));
        let shape = vec![n];
        let numbers = shape.clone();
        let iota = self.array(
            Kind::Int,
            shape,
            |e| Prim::Iota(e.numbers(&numbers)[0]),
            &[],
        );
        Value::Array(Arr {
            range: Some((Size::constant(0), last)),
            ..iota
        })
    }

    pub(crate) fn one_hot(&mut self, mut c: Call<'_>) -> Value {
        let kind = match c.statics {
            [Value::Kind(kind), ..] => kind.clone(),
            _ => Kind::Real,
        };
        if !kind.is_ring() {
            let title = format!("`{kind}` has no zero and one");
            return self.error(Diagnostic::error("E0335", title, c.at.span, "not a ring"));
        }
        if let [Value::Kind(_), rest @ ..] = c.statics {
            c.statics = rest;
        }
        let Some(n) = self.one_size(&c) else {
            return Value::Error;
        };
        let i = c.pop();
        let Some(i) = self.array_arg(i, c.at.arg(0)) else {
            return Value::Error;
        };
        if !matches!(i.kind, Kind::Int | Kind::Category(_)) || !i.shape.is_empty() {
            let title = "`one_hot` takes an `Int` or a `Category`";
            return self.error(Diagnostic::error(
                "E0340",
                title,
                c.at.arg(0),
                format!("this is `{}`", i.ty()),
            ));
        }
        let shape = vec![n];
        let numbers = shape.clone();
        let all = self.array(
            Kind::Int,
            shape.clone(),
            |e| Prim::Iota(e.numbers(&numbers)[0]),
            &[],
        );
        let here = Arr {
            kind: Kind::Int,
            ..i
        };
        let wide = self.stretch(&here, &shape);
        let hit = self.array(
            Kind::Bool,
            shape,
            |_| Prim::Compare(lentil_unary::CompareOp::Eq),
            &[&all, &wide],
        );
        Value::Array(self.converted(&hit, &kind))
    }
}
