//! `x[i, j]`, `x[2..5]`, `x[ids]`, and the matrix product.

use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{Expr, ExprKind};
use lentil_unary::Prim;

use super::Elaborator;
use crate::size::Size;
use crate::ty::Kind;
use crate::value::{Arr, Const, Env, Value};

/// What stands at one axis of a bracket.
enum Item {
    Range(Size, Size),
    Index(Arr, Span),
}

impl Elaborator<'_> {
    /// An array with a bracket behind it.
    pub(crate) fn index(&mut self, base: Arr, items: &[Expr], env: &Env, span: Span) -> Value {
        if items.len() > base.shape.len() {
            let title = "there are more indices than axes";
            let label = format!("this is `{}`", base.ty());
            return self.error(Diagnostic::error("E0315", title, span, label));
        }
        let mut parsed = Vec::new();
        for (axis, item) in items.iter().enumerate() {
            match self.index_item(item, &base.shape[axis], env) {
                Some(item) => parsed.push(item),
                None => return Value::Error,
            }
        }
        // Ranges first, then indexed axes are moved to the front and read together.
        let mut start = Vec::new();
        let mut len = Vec::new();
        for (axis, size) in base.shape.iter().enumerate() {
            match parsed.get(axis) {
                Some(Item::Range(from, to)) => {
                    start.push(from.clone());
                    len.push(to.sub(from));
                }
                _ => {
                    start.push(Size::constant(0));
                    len.push(size.clone());
                }
            }
        }
        let mut x = base;
        if len != x.shape {
            let kind = x.kind.clone();
            let shape = len.clone();
            x = self.array(
                kind,
                shape,
                |e| Prim::Slice {
                    step: vec![1; start.len()],
                    start: e.numbers(&start),
                    len: e.numbers(&len),
                },
                &[&x],
            );
        }
        let mut indexed: Vec<(usize, Arr, Span)> = Vec::new();
        for (axis, item) in parsed.into_iter().enumerate() {
            if let Item::Index(at, span) = item {
                indexed.push((axis, at, span));
            }
        }
        if indexed.is_empty() {
            return Value::Array(x);
        }
        self.gather(x, indexed, span)
    }

    fn gather(&mut self, x: Arr, indexed: Vec<(usize, Arr, Span)>, span: Span) -> Value {
        let mut shape = Vec::new();
        for (_, at, at_span) in &indexed {
            if !at.shape.is_empty() {
                if !shape.is_empty() && !self.same_sizes(&shape, &at.shape) {
                    let title = "these index arrays have different sizes";
                    let label = format!("this is `{}`", at.ty());
                    return self.error(Diagnostic::error("E0310", title, *at_span, label));
                }
                shape = at.shape.clone();
            }
        }
        let axes: Vec<usize> = indexed.iter().map(|(axis, _, _)| *axis).collect();
        let order: Vec<usize> = axes
            .iter()
            .copied()
            .chain((0..x.shape.len()).filter(|a| !axes.contains(a)))
            .collect();
        let moved = if order.iter().enumerate().all(|(i, &p)| i == p) {
            x
        } else {
            let shape = order.iter().map(|&p| x.shape[p].clone()).collect();
            self.array(
                x.kind.clone(),
                shape,
                |_| Prim::Transpose(order.clone()),
                &[&x],
            )
        };
        let k = indexed.len();
        let indices: Vec<Arr> = indexed
            .into_iter()
            .map(|(_, at, _)| {
                if at.shape.is_empty() {
                    self.stretch(&at, &shape)
                } else {
                    at
                }
            })
            .collect();
        let result = [shape, moved.shape[k..].to_vec()].concat();
        let site = self.site(span);
        let args: Vec<&Arr> = std::iter::once(&moved).chain(&indices).collect();
        let kind = moved.kind.clone();
        Value::Array(self.array(kind, result, |_| Prim::Gather { axes: k, site }, &args))
    }

    fn index_item(&mut self, item: &Expr, size: &Size, env: &Env) -> Option<Item> {
        if let ExprKind::Range(from, to) = &item.kind {
            let zero = Size::constant(0);
            let from = from.as_ref().map_or(Some(zero), |e| self.size(e, env))?;
            let to = to
                .as_ref()
                .map_or(Some(size.clone()), |e| self.size(e, env))?;
            let inside = self.nonnegative(&from)
                && self.nonnegative(&to.sub(&from))
                && self.nonnegative(&size.sub(&to));
            if !inside {
                let title = "this slice is not proved to be in range";
                let label = format!("`{from}..{to}` of an axis of size `{size}`");
                let mut d = Diagnostic::error("E0316", title, item.span, label);
                let known = [&from, &to, size].iter().all(|s| s.as_constant().is_some());
                if !known {
                    let wanted = match self.nonnegative(&size.sub(&to)) {
                        true => format!("{to} >= {from}"),
                        false => format!("{size} >= {to}"),
                    };
                    d = d.hint(format!("say what the sizes satisfy: `where {wanted}`"));
                }
                self.error(d);
                return None;
            }
            return Some(Item::Range(from, to));
        }
        if let ExprKind::Labelled(..) = &item.kind {
            let title = "a slice is written with two points";
            let hint = "`x[a..b]` is from `a` up to but not including `b`";
            self.error(
                Diagnostic::error("E0322", title, item.span, "a label means nothing here")
                    .hint(hint),
            );
            return None;
        }
        let value = self.expr(item, env);
        let at = match value {
            Value::Error => return None,
            Value::Const(c @ (Const::Int(_) | Const::List(_))) => {
                match self.constant(&c, &Kind::Int, None, item.span) {
                    Value::Array(a) => a,
                    _ => return None,
                }
            }
            // Where an index is wanted, `n / 2` is what it is in a size.
            Value::Const(Const::Real(_) | Const::Unknown)
                if self.dry(|e| e.size(item, env)).is_some() =>
            {
                let size = self.size(item, env)?;
                match self.constant(&Const::Int(size), &Kind::Int, None, item.span) {
                    Value::Array(a) => a,
                    _ => return None,
                }
            }
            Value::Array(a) if matches!(a.kind, Kind::Int | Kind::Category(_)) => a,
            other => {
                let title = "an index is an `Int`";
                let label = format!("this is {}", other.describe());
                let mut d = Diagnostic::error("E0317", title, item.span, label);
                if let Value::Const(Const::Real(_) | Const::Unknown) = other {
                    d = d.hint(super::sizes::QUOTIENT);
                }
                self.error(d);
                return None;
            }
        };
        let inside = self.index_in_range(&at, size, item.span);
        inside.then_some(Item::Index(at, item.span))
    }

    /// Refuses an index that is known to leave its axis.
    pub(crate) fn index_in_range(&mut self, at: &Arr, size: &Size, span: Span) -> bool {
        if !self.certainly_outside(at, size) {
            return true;
        }
        let (low, high) = at.range.clone().unwrap_or_default();
        let title = "this index is out of range";
        let label = match low == high {
            true => format!("index `{low}` of an axis of size `{size}`"),
            false => format!("from `{low}` to `{high}`, of an axis of size `{size}`"),
        };
        let mut d = Diagnostic::error("E0318", title, span, label);
        if low == high && low.as_constant().is_some_and(|n| n < 0) {
            d = d.hint(format!("from the end, it is `x[{}]`", size.add(&low)));
        }
        self.error(d);
        false
    }

    /// Whether an index leaves its axis for some of its values. What might leave it is checked at run time,
    /// and so is what stands in an arm of a conditional, which may never be taken.
    fn certainly_outside(&self, at: &Arr, size: &Size) -> bool {
        let Some((low, high)) = &at.range else {
            return false;
        };
        // An index that takes no value leaves nothing, nor does one that is never computed.
        if low.sub(high).as_constant().is_some_and(|n| n > 0)
            || self.nonnegative(&Size::constant(-1))
        {
            return false;
        }
        let below = |n: &Size| self.nonnegative(&Size::constant(-1).sub(n));
        let above = |n: &Size| self.nonnegative(&n.sub(size));
        self.guarded == 0 && (below(low) || above(high))
    }

    /// `a @ b`: matrix by matrix, matrix by vector, vector by matrix, vector by vector.
    pub(crate) fn matmul(&mut self, a: Value, b: Value, span: Span) -> Value {
        let (a, b) = match (a, b) {
            (Value::Error, _) | (_, Value::Error) => return Value::Error,
            (Value::Array(a), Value::Array(b)) => (a, b),
            (Value::Array(a), Value::Const(c @ Const::List(_))) => {
                match self.constant(&c, &a.kind.clone(), None, span) {
                    Value::Array(b) => (a, b),
                    _ => return Value::Error,
                }
            }
            (Value::Const(c @ Const::List(_)), Value::Array(b)) => {
                match self.constant(&c, &b.kind.clone(), None, span) {
                    Value::Array(a) => (a, b),
                    _ => return Value::Error,
                }
            }
            (Value::Const(c @ Const::List(_)), Value::Const(d @ Const::List(_))) => {
                let kind = match (Self::default_kind(&c), Self::default_kind(&d)) {
                    (Kind::Int, kind) | (kind, _) => kind,
                };
                let constants = [c, d].map(|c| self.constant(&c, &kind, None, span));
                match constants {
                    [Value::Array(a), Value::Array(b)] => (a, b),
                    _ => return Value::Error,
                }
            }
            (a, b) => {
                let title = "`@` multiplies matrices and vectors";
                let label = format!(
                    "the left is {}, the right is {}",
                    a.describe(),
                    b.describe()
                );
                return self.error(Diagnostic::error("E0319", title, span, label));
            }
        };
        let ranks = (a.shape.len(), b.shape.len());
        if !matches!(ranks, (1 | 2, 1 | 2)) || a.kind != b.kind || !a.kind.is_ring() {
            let title = "`@` multiplies matrices and vectors over one ring";
            let label = format!("the left is `{}`, the right is `{}`", a.ty(), b.ty());
            return self.error(Diagnostic::error("E0319", title, span, label));
        }
        let last = ranks.0 - 1;
        if !self.same_size(&a.shape[last], &b.shape[0]) {
            let title = "these have different sizes";
            let label = format!(
                "the left is `{}`, the right is `{}`: `{}` is not `{}`",
                a.ty(),
                b.ty(),
                a.shape[last],
                b.shape[0]
            );
            return self.error(Diagnostic::error("E0310", title, span, label));
        }
        let shape = [&a.shape[..last], &b.shape[1..]].concat();
        let sum = vec![(last, 0)];
        let kind = a.kind.clone();
        Value::Array(self.array(
            kind,
            shape,
            |_| Prim::Contract {
                batch: Vec::new(),
                sum,
            },
            &[&a, &b],
        ))
    }
}
