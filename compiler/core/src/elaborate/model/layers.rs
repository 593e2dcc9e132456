//! Equal layers in sequence as one loop: over their stacked parameters, or over one set of them.
//!
//! ```text
//! repeat[k](f)    y = fold over (stack(layer.w, layer_2.w, …)) from x by f
//! tied[k](f)      y = fold k times from x by f
//! ```
//!
//! Parameters, keys and results are those of the layers written one after the other: only the program
//! is shorter. What has no loop form is left to be unrolled: a layer that changes the type of what
//! runs through it, or a state whose next value each layer keeps.

use crate::elaborate::Elaborator;
use crate::elaborate::place::Place;
use crate::elaborate::region::field;
use crate::size::Size;
use crate::supply::{Segment, Supply, path_number};
use crate::ty::Kind;
use crate::value::{Arr, Const, Factor, Value};
use lentil_diag::{Diagnostic, Span};
use lentil_unary::{Ends, Prim};
use std::sync::Arc;

/// Fewer layers stay as they are: one after the other they can be fused.
const FEWEST: usize = 4;

/// What differs from layer to layer.
enum Own<'l> {
    /// Parameters, and the path segments that keys depend on.
    Parts(&'l [(Value, &'l str)]),
    /// Nothing but the key: the number of the layer stands in its path.
    Number(usize),
}

impl Own<'_> {
    fn count(&self) -> usize {
        match self {
            Own::Parts(parts) => parts.len(),
            Own::Number(k) => *k,
        }
    }
}

impl Elaborator<'_> {
    /// Equal factors of a sequence at values, with the parameters of each.
    pub(crate) fn equal_layers(
        &mut self,
        run: &[Factor],
        parts: &[Value],
        supply: &Supply,
        values: &[Value],
    ) -> Option<Value> {
        let first = run.first()?;
        let own: Option<Vec<(Value, &str)>> = run
            .iter()
            .zip(parts)
            .map(|(factor, part)| Some((part.clone(), factor.segment.as_deref()?)))
            .collect();
        self.in_a_loop(&first.model, &Own::Parts(&own?), supply, values, first.span)
    }

    /// The same layer `k` times.
    pub(crate) fn tied_layers(
        &mut self,
        k: usize,
        layer: &Value,
        supply: &Supply,
        values: &[Value],
        span: Span,
    ) -> Option<Value> {
        self.in_a_loop(layer, &Own::Number(k), supply, values, span)
    }

    /// Layers of which the number is still a variable: one that makes what it takes fits for each.
    pub(crate) fn open_layers(
        &mut self,
        layer: &Value,
        times: usize,
        supply: &Supply,
        mut values: Vec<Value>,
        at: &Place,
    ) -> Value {
        let before = match values.len() {
            1 => values.pop().unwrap_or(Value::Error),
            _ => Value::Tuple(values),
        };
        let mut value = before.clone();
        for _ in 0..times {
            value = self.apply_closed(layer, supply, vec![value], at);
        }
        let Some(to) = value.ty() else {
            return value;
        };
        let Some(from) = before.ty() else {
            // Numbers of no carrier yet are what the layer makes of them.
            return match self.coerce(before, &to, at.arg(0)) {
                Value::Error => Value::Error,
                _ => value,
            };
        };
        if self.same_type(&from, &to) {
            return value;
        }
        let title = "layers of an open number keep the type of what runs through them";
        let label = format!("`{from}` goes in, `{to}` comes out");
        let hint = "with no layers at all, what goes in comes out";
        self.error(Diagnostic::error("E0302", title, at.span, label).hint(hint))
    }

    /// `None` where a loop is not what the layers would be one by one.
    fn in_a_loop(
        &mut self,
        layer: &Value,
        own: &Own<'_>,
        supply: &Supply,
        values: &[Value],
        span: Span,
    ) -> Option<Value> {
        let [value] = values else {
            return None;
        };
        if own.count() < FEWEST || !is_settled(value) {
            return None;
        }
        let space = self.space(layer)?;
        if supply.keeps() && space.decls.iter().any(|d| d.running) {
            return None;
        }
        let ty = value.ty()?;
        let params = match own {
            Own::Parts(_) => self.unknown(&crate::elaborate::record_type(&space.decls)),
            Own::Number(_) => supply.params.clone(),
        };
        let trial = supply.with_params(params);
        let next = self.dry(|e| e.apply_closed(layer, &trial, vec![value.clone()], span));
        if !is_settled(&next) || next.ty()? != ty {
            return None;
        }
        if !self.lowering() {
            return Some(self.unknown(&ty));
        }
        let keyed = supply.key.is_some() && space.key != crate::elaborate::Need::Never;
        let (params, numbers) = match own {
            Own::Parts(parts) => {
                let mut fields = Vec::new();
                for decl in &space.decls {
                    let of = |(part, _): &(Value, &str)| field(part, &decl.path).cloned();
                    let layers: Option<Vec<Value>> = parts.iter().map(of).collect();
                    fields.push((decl.path.clone(), self.stacked_layers(&layers?)?));
                }
                let number = |(_, segment): &(Value, &str)| path_number(segment);
                (
                    Some(Value::Record(fields.into())),
                    self.numbers_of(parts.iter().map(number), keyed, span),
                )
            }
            Own::Number(_) => (None, Value::unit()),
        };
        let xs = Value::Tuple(vec![params.clone().unwrap_or_else(Value::unit), numbers]);
        let n = Size::constant(own.count() as i128);
        let tied = params.is_none();
        let body = |e: &mut Self, i: Value, x: Value, state: Value| {
            let Value::Tuple(mut x) = x else {
                return (Value::Error, Value::unit());
            };
            let (number, part) = (x.pop(), x.pop());
            let mut supply = match part {
                Some(part) if !tied => supply.with_params(part),
                _ => supply.clone(),
            };
            if let Some(source) = supply.key.as_mut().filter(|_| keyed) {
                let number = if tied { Some(i) } else { number };
                source.path.extend(number.map(Segment::Layer));
            }
            // The layers stand beside each other: no key is folded with the number of this iteration.
            let this = e.loops.pop();
            let y = e.apply_closed(layer, &supply, vec![state], span);
            e.loops.extend(this);
            (y, Value::unit())
        };
        Some(
            self.loop_over((&n, Ends::Counted), &xs, value.clone(), span, body)
                .0,
        )
    }

    /// The numbers of path segments, if keys are made of them.
    fn numbers_of(
        &mut self,
        numbers: impl Iterator<Item = u32>,
        wanted: bool,
        span: Span,
    ) -> Value {
        if !wanted {
            return Value::unit();
        }
        let number = |n: u32| Const::Int(Size::constant(i128::from(n)));
        self.constant(
            &Const::List(numbers.map(number).collect()),
            &Kind::Int,
            None,
            span,
        )
    }

    /// Equal products of arrays, array by array one after the other.
    fn stacked_layers(&mut self, layers: &[Value]) -> Option<Value> {
        match layers.first()? {
            Value::Array(_) => {
                let arrays = layers.iter().map(|v| match v {
                    Value::Array(a) => Some(a),
                    _ => None,
                });
                let arrays: Vec<&Arr> = arrays.collect::<Option<_>>()?;
                Some(Value::Array(self.stacked_arrays(&arrays)))
            }
            Value::Tuple(parts) => {
                let stacked = (0..parts.len()).map(|k| {
                    let of = |v: &Value| match v {
                        Value::Tuple(parts) => parts.get(k).cloned(),
                        _ => None,
                    };
                    let layers: Option<Vec<Value>> = layers.iter().map(of).collect();
                    self.stacked_layers(&layers?)
                });
                Some(Value::Tuple(stacked.collect::<Option<_>>()?))
            }
            Value::Record(fields) => {
                let stacked = fields.iter().map(|(name, _)| {
                    let of = |v: &Value| field(v, name).cloned();
                    let layers: Option<Vec<Value>> = layers.iter().map(of).collect();
                    Some((name.clone(), self.stacked_layers(&layers?)?))
                });
                Some(Value::Record(stacked.collect::<Option<_>>()?))
            }
            _ => None,
        }
    }

    /// One step joins all arrays and one divides them, however many there are; only single numbers
    /// need an axis first.
    fn stacked_arrays(&mut self, arrays: &[&Arr]) -> Arr {
        let first = arrays[0];
        let count = Size::constant(arrays.len() as i128);
        let whole = [vec![count.clone()], first.shape.clone()].concat();
        let Some(rows) = first.shape.first() else {
            let one = vec![Size::constant(1)];
            let arrays: Vec<Arr> = (arrays.iter())
                .map(|a| self.reshaped(a, one.clone()))
                .collect();
            let arrays: Vec<&Arr> = arrays.iter().collect();
            return self.array(first.kind.clone(), whole, |_| Prim::Concat(0), &arrays);
        };
        let mut joined = first.shape.clone();
        joined[0] = rows.mul(&count);
        let joined = self.array(first.kind.clone(), joined, |_| Prim::Concat(0), arrays);
        self.reshaped(&joined, whole)
    }
}

/// Whether two factors of a sequence differ in their parameters only.
pub(crate) fn same_layer(a: &Factor, b: &Factor) -> bool {
    match (&a.model, &b.model) {
        (Value::Model(x), Value::Model(y)) => {
            Arc::ptr_eq(x, y) && a.segment.is_some() && b.segment.is_some()
        }
        _ => false,
    }
}

/// Whether a value has its type whatever computes it: no constant, and nothing known of its range.
fn is_settled(value: &Value) -> bool {
    match value {
        Value::Array(a) => a.range.is_none(),
        Value::Tuple(parts) => parts.iter().all(is_settled),
        Value::Record(fields) => fields.iter().all(|(_, v)| is_settled(v)),
        Value::Const(_)
        | Value::Key(_)
        | Value::Text(_)
        | Value::Space(_)
        | Value::Kind(_)
        | Value::Type(_)
        | Value::Func(_)
        | Value::Model(_)
        | Value::Optimizer(_)
        | Value::Phase(_)
        | Value::NoKey
        | Value::Error => false,
    }
}
