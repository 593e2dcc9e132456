//! Loops with a state.
//!
//! The state has the type that one step gives it; see [`Elaborator::settle_state`].

use crate::elaborate::Elaborator;
use crate::elaborate::builtin::Call;
use crate::elaborate::wanted::{of_elements, of_next, part};
use crate::size::Size;
use crate::ty::Ty;
use crate::value::Value;
use lentil_diag::{Diagnostic, Span};
use lentil_unary::Ends;

/// `fold` and `scan`: what they run over, where they start, how they go on.
struct Walk {
    xs: Value,
    init: Value,
    f: Value,
    n: Size,
}

impl Elaborator<'_> {
    pub(crate) fn fold(&mut self, c: Call<'_>) -> Value {
        let (span, wanted) = (c.at.span, c.wanted.clone());
        let Some(Walk { xs, init, f, n }) = self.walk(c, wanted.as_ref()) else {
            return Value::Error;
        };
        let ends = (&n, Ends::Counted);
        let (state, _) = self.carry(ends, &xs, init, span, &mut |e, x, s| {
            let next = of_next(&s, wanted.as_ref());
            let state = e.apply_over(&f, vec![s, x], span, Some(&next));
            (state, Value::unit())
        });
        state
    }

    pub(crate) fn scan(&mut self, c: Call<'_>) -> Value {
        let (span, start) = (c.at.span, c.at.arg(1));
        let wanted = c.wanted.as_ref().map(of_elements);
        let Some(Walk { xs, init, f, n }) = self.walk(c, wanted.as_ref()) else {
            return Value::Error;
        };
        // All states are given out, those parts too that no step changes.
        let init = self.settle_over(init, wanted.as_ref(), start);
        let Some(ty) = init.ty() else {
            return Value::Error;
        };
        let (_, states) = self.loop_over((&n, Ends::Counted), &xs, init, span, |e, _, x, s| {
            let next = e.apply_over(&f, vec![s, x], span, Some(&ty));
            let next = e.coerce(next, &ty, span);
            (next.clone(), next)
        });
        states
    }

    /// A fold whose steps also give something out.
    pub(crate) fn fold_map(&mut self, c: Call<'_>) -> Value {
        let at = c.at.clone();
        let wanted = c.wanted.clone();
        let of_state = part(wanted.as_ref(), 0);
        let of_outputs = part(wanted.as_ref(), 1).map(of_elements);
        let Some(Walk { xs, init, f, n }) = self.walk(c, of_state) else {
            return Value::Error;
        };
        let ends = (&n, Ends::Counted);
        let (state, outputs) = self.carry(ends, &xs, init, at.span, &mut |e, x, s| {
            let next = of_next(&s, of_state);
            let both = Ty::Tuple(vec![next, of_outputs.clone().unwrap_or(Ty::unit())]);
            let made = e.apply_over(&f, vec![s, x], at.span, Some(&both));
            match e.both(made, at.arg(2)) {
                Some((state, out)) => (state, e.settle_over(out, of_outputs.as_ref(), at.span)),
                None => (Value::Error, Value::Error),
            }
        });
        match state.is_error() {
            true => Value::Error,
            false => Value::Tuple(vec![state, outputs]),
        }
    }

    /// What a step of `fold_map` makes.
    fn both(&mut self, value: Value, span: Span) -> Option<(Value, Value)> {
        match value {
            Value::Tuple(parts) if parts.len() == 2 => {
                let mut parts = parts.into_iter();
                Some((parts.next()?, parts.next()?))
            }
            Value::Error => None,
            other => {
                let title = "a step of `fold_map` gives the next state and an output";
                let label = format!("this gives {}", other.describe());
                self.error(Diagnostic::error("E0340", title, span, label));
                None
            }
        }
    }

    pub(crate) fn iterate(&mut self, mut c: Call<'_>) -> Value {
        let Some(n) = self.one_size(&c) else {
            return Value::Error;
        };
        let (span, start, wanted) = (c.at.span, c.at.arg(0), c.wanted.clone());
        let (f, init) = (c.pop(), c.pop());
        let init = self.settle_state(init, wanted.as_ref(), start, &mut |e, s, next| {
            e.apply_over(&f, vec![s], span, Some(next))
        });
        if !self.is_state(&init, start) {
            return Value::Error;
        }
        let ends = (&n, Ends::Counted);
        let (state, _) = self.carry(ends, &Value::unit(), init, span, &mut |e, _, s| {
            let next = of_next(&s, wanted.as_ref());
            let state = e.apply_over(&f, vec![s], span, Some(&next));
            (state, Value::unit())
        });
        state
    }

    /// What a loop runs over and where it starts; `wanted` of the state.
    fn walk(&mut self, mut c: Call<'_>, wanted: Option<&Ty>) -> Option<Walk> {
        let (f, init, xs) = (c.pop(), c.pop(), c.pop());
        let xs = self.settle(xs, c.at.arg(0));
        let ty = xs.ty();
        let n = ty.as_ref().and_then(|t| self.leading_size(t));
        let (Some(n), Some(ty)) = (n, ty) else {
            if !xs.is_error() {
                let title = "this runs over arrays with one leading size";
                let label = format!("this is {}", xs.describe());
                self.error(Diagnostic::error("E0340", title, c.at.arg(0), label));
            }
            return None;
        };
        let x = self.unknown(&super::super::region::element(&ty)?);
        let init = self.settle_state(init, wanted, c.at.arg(1), &mut |e, s, hint| {
            let (args, span) = (vec![s, x.clone()], c.at.span);
            if c.name != "fold_map" {
                return e.apply_over(&f, args, span, Some(hint));
            }
            let both = Ty::Tuple(vec![hint.clone(), Ty::unit()]);
            let made = e.apply_over(&f, args, span, Some(&both));
            match e.both(made, c.at.arg(2)) {
                Some((state, _)) => state,
                None => Value::Error,
            }
        });
        let good = self.is_state(&init, c.at.arg(1));
        good.then_some(Walk { xs, init, f, n })
    }

    /// Whether a value can be a loop's state: numbers, and products of them.
    pub(crate) fn is_state(&mut self, init: &Value, span: Span) -> bool {
        let good = is_made_of_numbers(init);
        if !good && !init.is_error() {
            let title = "a loop's state is made of numbers";
            let label = format!("this is {}", init.describe());
            self.error(Diagnostic::error("E0312", title, span, label));
        }
        good
    }
}

fn is_made_of_numbers(value: &Value) -> bool {
    match value {
        Value::Const(_) => true,
        Value::Tuple(parts) => parts.iter().all(is_made_of_numbers),
        Value::Record(fields) => fields.iter().all(|(_, v)| is_made_of_numbers(v)),
        other => other.is_first_order(),
    }
}
