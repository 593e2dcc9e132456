//! `trace("name", x)`: `x`, whose value is shown each time it is computed.

use crate::elaborate::Elaborator;
use crate::elaborate::builtin::Call;
use crate::value::{Arr, Value};
use lentil_diag::Diagnostic;
use lentil_unary::{Op, Prim};

impl Elaborator<'_> {
    pub(crate) fn trace(&mut self, mut c: Call<'_>) -> Value {
        let value = c.pop();
        let name = match c.pop() {
            Value::Text(name) => name,
            Value::Error => return Value::Error,
            other => {
                let title = "a name in quotation marks is expected here";
                let label = format!("this is {}", other.describe());
                let hint = "say under which name it is shown: `trace(\"h\", h)`";
                let place = c.at.arg(0);
                return self.error(Diagnostic::error("E0340", title, place, label).hint(hint));
            }
        };
        let place = c.at.arg(1);
        let value = match c.wanted.as_ref() {
            Some(wanted) => self.settle_over(value, Some(wanted), place),
            None => self.settle(value, place),
        };
        self.traced(&name, value, &c)
    }

    /// Each part of a product under its own path.
    fn traced(&mut self, name: &str, value: Value, c: &Call<'_>) -> Value {
        match value {
            Value::Tuple(parts) => {
                let parts = parts.into_iter().enumerate();
                let parts = parts.map(|(k, part)| self.traced(&format!("{name}.{k}"), part, c));
                Value::Tuple(parts.collect())
            }
            Value::Record(fields) => {
                let fields = fields.into_iter().map(|(label, part)| {
                    let part = self.traced(&format!("{name}.{label}"), part, c);
                    (label, part)
                });
                Value::Record(fields.collect())
            }
            Value::Key(Some(at)) => {
                let shown = self.frames.emit(Op::Prim(Prim::Trace(name.into())), &[at]);
                Value::Key(shown.first().copied())
            }
            // Of which nothing is computed while it is only checked.
            Value::Key(None) | Value::Space(_) => value,
            other => match self.array_arg(other, c.at.arg(1)) {
                Some(a) => {
                    let prim = Prim::Trace(name.into());
                    let shown = self.array(a.kind.clone(), a.shape.clone(), |_| prim, &[&a]);
                    let range = a.range;
                    Value::Array(Arr { range, ..shown })
                }
                None => Value::Error,
            },
        }
    }
}
