//! Loops with a state.

use crate::elaborate::Elaborator;
use crate::elaborate::builtin::Call;
use crate::size::Size;
use crate::ty::Ty;
use crate::value::Value;
use lentil_diag::Diagnostic;

impl Elaborator<'_> {
    fn loop_args(&mut self, c: &mut Call<'_>) -> Option<(Value, Value, Value, Size)> {
        let f = c.args.pop()?;
        let init = c.args.pop()?;
        let xs = c.args.pop()?;
        let xs = self.settle_real(xs, c.span);
        let init = self.settle_real(init, c.span);
        if xs.is_error() || init.is_error() {
            return None;
        }
        let n = match xs.ty() {
            Some(Ty::Array(_, shape)) if !shape.is_empty() => shape[0].clone(),
            _ => {
                let title = "this runs over an array";
                let label = format!("this is {}", xs.describe());
                self.error(Diagnostic::error("E0340", title, c.span, label));
                return None;
            }
        };
        Some((xs, init, f, n))
    }

    pub(crate) fn fold(&mut self, mut c: Call<'_>) -> Value {
        let Some((xs, init, f, n)) = self.loop_args(&mut c) else {
            return Value::Error;
        };
        let (state, _) = self.loop_over(&n, &xs, init, c.span, |e, _, x, s| {
            (e.apply(&f, vec![s, x], c.span), Value::unit())
        });
        state
    }

    pub(crate) fn scan(&mut self, mut c: Call<'_>) -> Value {
        let Some((xs, init, f, n)) = self.loop_args(&mut c) else {
            return Value::Error;
        };
        let Some(ty) = init.ty() else {
            return Value::Error;
        };
        let (_, states) = self.loop_over(&n, &xs, init, c.span, |e, _, x, s| {
            let next = e.apply(&f, vec![s, x], c.span);
            let next = e.coerce(next, &ty, c.span);
            (next.clone(), next)
        });
        states
    }

    pub(crate) fn iterate(&mut self, mut c: Call<'_>) -> Value {
        let Some(n) = self.one_size(&c) else {
            return Value::Error;
        };
        let f = c.args.pop().unwrap_or(Value::Error);
        let init = c.args.pop().unwrap_or(Value::Error);
        let init = self.settle_real(init, c.span);
        if init.is_error() {
            return init;
        }
        let (state, _) = self.loop_over(&n, &Value::unit(), init, c.span, |e, _, _, s| {
            (e.apply(&f, vec![s], c.span), Value::unit())
        });
        state
    }
}
