//! Loops with a state.
//!
//! The state has the type that one step gives it; see [`Elaborator::settle_state`].

use crate::elaborate::Elaborator;
use crate::elaborate::builtin::Call;
use crate::size::Size;
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
        let span = c.at.span;
        let Some(Walk { xs, init, f, n }) = self.walk(c) else {
            return Value::Error;
        };
        let (state, _) = self.loop_over((&n, Ends::Counted), &xs, init, span, |e, _, x, s| {
            (e.apply(&f, vec![s, x], span), Value::unit())
        });
        state
    }

    pub(crate) fn scan(&mut self, c: Call<'_>) -> Value {
        let span = c.at.span;
        let Some(Walk { xs, init, f, n }) = self.walk(c) else {
            return Value::Error;
        };
        let Some(ty) = init.ty() else {
            return Value::Error;
        };
        let (_, states) = self.loop_over((&n, Ends::Counted), &xs, init, span, |e, _, x, s| {
            let next = e.apply(&f, vec![s, x], span);
            let next = e.coerce(next, &ty, span);
            (next.clone(), next)
        });
        states
    }

    /// A fold whose steps also give something out.
    pub(crate) fn fold_map(&mut self, c: Call<'_>) -> Value {
        let at = c.at.clone();
        let next = |e: &mut Self, value: Value| match e.both(value, at.arg(2)) {
            Some((state, _)) => state,
            None => Value::Error,
        };
        let Some(Walk { xs, init, f, n }) = self.walk_with(c, &next) else {
            return Value::Error;
        };
        let (state, outputs) =
            self.loop_over((&n, Ends::Counted), &xs, init, at.span, |e, _, x, s| {
                let made = e.apply(&f, vec![s, x], at.span);
                e.both(made, at.arg(2))
                    .unwrap_or((Value::Error, Value::Error))
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
        let (span, start) = (c.at.span, c.at.arg(0));
        let (f, init) = (c.pop(), c.pop());
        let init = self.settle_state(init, start, &mut |e, s| e.apply(&f, vec![s], span));
        if !self.is_state(&init, start) {
            return Value::Error;
        }
        let (state, _) = self.loop_over(
            (&n, Ends::Counted),
            &Value::unit(),
            init,
            span,
            |e, _, _, s| (e.apply(&f, vec![s], span), Value::unit()),
        );
        state
    }

    fn walk(&mut self, c: Call<'_>) -> Option<Walk> {
        self.walk_with(c, &|_, state| state)
    }

    /// `next` is the next state among what a step makes.
    fn walk_with(
        &mut self,
        mut c: Call<'_>,
        next: &dyn Fn(&mut Self, Value) -> Value,
    ) -> Option<Walk> {
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
        let init = self.settle_state(init, c.at.arg(1), &mut |e, s| {
            let made = e.apply(&f, vec![s, x.clone()], c.at.span);
            next(e, made)
        });
        let good = self.is_state(&init, c.at.arg(1));
        good.then_some(Walk { xs, init, f, n })
    }

    /// Whether a value can be a loop's state: numbers, and products of them.
    pub(crate) fn is_state(&mut self, init: &Value, span: Span) -> bool {
        let good = init.is_first_order();
        if !good && !init.is_error() {
            let title = "a loop's state is made of numbers";
            let label = format!("this is {}", init.describe());
            self.error(Diagnostic::error("E0312", title, span, label));
        }
        good
    }
}
