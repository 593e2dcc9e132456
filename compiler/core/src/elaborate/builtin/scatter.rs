//! Adding at indices: what reading at indices is the transpose of.

use crate::elaborate::Elaborator;
use crate::elaborate::arith::Needs;
use crate::elaborate::builtin::Call;
use crate::size::Size;
use crate::ty::{Kind, Ty};
use crate::value::{Arr, Value};
use lentil_diag::Diagnostic;
use lentil_unary::Prim;

impl Elaborator<'_> {
    pub(crate) fn scatter_add(&mut self, mut c: Call<'_>) -> Value {
        let (values, at, x) = (c.pop(), c.pop(), c.pop());
        let Some(x) = self.array_arg(x, c.at.arg(0)) else {
            return Value::Error;
        };
        if !self.require(Needs::Ring, &x.kind, c.at.arg(0)) {
            return Value::Error;
        }
        let Some(indices) = self.indices_arg(at, &x, &c) else {
            return Value::Error;
        };
        let axes = indices.len();
        let shape = [&indices[0].shape[..], &x.shape[axes..]].concat();
        let Some(values) = self.spread_arg(values, &x.kind, &shape, &c) else {
            return Value::Error;
        };
        let site = self.site(c.at.arg(1));
        let args: Vec<&Arr> = (std::iter::once(&x).chain(&indices))
            .chain(std::iter::once(&values))
            .collect();
        let prim = Prim::ScatterAdd { axes, site };
        Value::Array(self.array(x.kind.clone(), x.shape.clone(), |_| prim, &args))
    }

    /// One array of indices, or a tuple of them for as many leading axes, brought to one shape.
    fn indices_arg(&mut self, at: Value, x: &Arr, c: &Call<'_>) -> Option<Vec<Arr>> {
        let span = c.at.arg(1);
        let parts = match at {
            Value::Tuple(parts) if !parts.is_empty() => parts,
            other => vec![other],
        };
        if parts.len() > x.shape.len() {
            let title = "there are more indices than axes";
            let label = format!("{} indices for `{}`", parts.len(), x.ty());
            self.error(Diagnostic::error("E0340", title, span, label));
            return None;
        }
        let mut indices: Vec<Arr> = Vec::new();
        let mut shape: Vec<Size> = Vec::new();
        for (part, size) in parts.into_iter().zip(&x.shape) {
            let index = self.array_arg(part, span)?;
            if !matches!(index.kind, Kind::Int | Kind::Category(_)) {
                let title = "an index is an `Int`";
                let label = format!("this is `{}`", index.ty());
                self.error(Diagnostic::error("E0340", title, span, label));
                return None;
            }
            if !self.index_in_range(&index, size, span) {
                return None;
            }
            if !index.shape.is_empty() {
                if !shape.is_empty() && !self.same_sizes(&shape, &index.shape) {
                    let title = "these index arrays have different sizes";
                    let other = Ty::Array(Kind::Int, shape);
                    let label = format!("`{other}` and `{}`", index.ty());
                    self.error(Diagnostic::error("E0310", title, span, label));
                    return None;
                }
                shape = index.shape.clone();
            }
            indices.push(index);
        }
        let spread = |e: &mut Self, index: Arr| match index.shape.is_empty() {
            true => e.stretch(&index, &shape),
            false => index,
        };
        Some(indices.into_iter().map(|i| spread(self, i)).collect())
    }

    /// The values that are added: an array of the shape, or one number for every place.
    fn spread_arg(
        &mut self,
        values: Value,
        kind: &Kind,
        shape: &[Size],
        c: &Call<'_>,
    ) -> Option<Arr> {
        let span = c.at.arg(2);
        let values = match values {
            Value::Const(constant) if constant.shape().is_some() => {
                self.constant(&constant, kind, None, span)
            }
            other => other,
        };
        let values = match values {
            Value::Array(a) if a.shape.is_empty() && a.kind == *kind => {
                Value::Array(self.stretch(&a, shape))
            }
            other => other,
        };
        match self.coerce(values, &Ty::Array(kind.clone(), shape.to_vec()), span) {
            Value::Array(a) => Some(a),
            _ => None,
        }
    }
}
