//! Loops that end when what they look for is found: `until` and `fixpoint`.
//!
//! Both carry their limit as a first state: how many iterations they may have, until it is set to zero.

use crate::elaborate::Elaborator;
use crate::elaborate::builtin::Call;
use crate::elaborate::place::Place;
use crate::elaborate::wanted::of_next;
use crate::size::Size;
use crate::ty::{Kind, Ty};
use crate::value::{Arr, At, Const, Value};
use lentil_diag::{Diagnostic, Span};
use lentil_unary::{Builder, Carrier, Ends, Literal, Prim, Type};

impl Elaborator<'_> {
    /// `step` applied until `done` holds, which is asked before each time.
    pub(crate) fn until(&mut self, mut c: Call<'_>) -> Value {
        let at = c.at.clone();
        let (max, step, done, init) = (c.pop(), c.pop(), c.pop(), c.pop());
        let Some(n) = self.most_iterations(max, at.arg(3)) else {
            return Value::Error;
        };
        let wanted = c.wanted;
        let init = self.settle_state(init, wanted.as_ref(), at.arg(0), &mut |e, s, next| {
            e.apply_over(&step, vec![s], at.span, Some(next))
        });
        if !self.is_state(&init, at.arg(0)) {
            return Value::Error;
        }
        let most = self.int(&n, at.span);
        let Some(limit) = self.limit_unless(&done, &init, &most, &at) else {
            return Value::Error;
        };
        let start = Value::Tuple(vec![limit, init]);
        let (end, _) = self.carry(
            (&n, Ends::Limited),
            &Value::unit(),
            start,
            at.span,
            &mut |e, _, state| {
                let Some((limit, x)) = pair(state) else {
                    return (Value::Error, Value::Error);
                };
                let hint = of_next(&x, wanted.as_ref());
                let next = e.apply_over(&step, vec![x.clone()], at.span, Some(&hint));
                let next = e.as_state(next, &x, at.arg(2));
                let next = match next.is_error() {
                    true => None,
                    false => e
                        .limit_unless(&done, &next, &limit, &at)
                        .map(|l| vec![l, next]),
                };
                (next.map_or(Value::Error, Value::Tuple), Value::unit())
            },
        );
        pair(end).map_or(Value::Error, |(_, x)| x)
    }

    /// `x` with `x = f(x)`, where `f` leads from `init`.
    pub(crate) fn fixpoint(&mut self, mut c: Call<'_>) -> Value {
        let at = c.at.clone();
        let (max, tolerance, init, f) = (c.pop(), c.pop(), c.pop(), c.pop());
        let Some(n) = self.most_iterations(max, at.arg(3)) else {
            return Value::Error;
        };
        let Some(tolerance) = self.tolerance(&tolerance, at.arg(2)) else {
            return Value::Error;
        };
        // An equation is one of real numbers.
        let real = reals_of(&init);
        let init = self.settle_state(init, Some(&real), at.arg(1), &mut |e, s, next| {
            e.apply_over(&f, vec![s], at.span, Some(next))
        });
        let init = self.settle_over(init, Some(&real), at.arg(1));
        let Some(ty) = init.ty() else {
            self.is_state(&init, at.arg(1));
            return Value::Error;
        };
        if !self.is_state(&init, at.arg(1)) || !self.is_real(&ty, at.arg(1)) {
            return Value::Error;
        }
        let start = Value::Tuple(vec![self.int(&n, at.span), init]);
        let (end, _) = self.loop_over(
            (&n, Ends::Solved { tolerance }),
            &Value::unit(),
            start,
            at.span,
            |e, _, _, state| {
                let Some((limit, x)) = pair(state) else {
                    return (Value::Error, Value::Error);
                };
                let next = e.apply_over(&f, vec![x.clone()], at.span, Some(&ty));
                let next = e.coerce(next, &ty, at.arg(0));
                let limit = match next.is_error() {
                    true => Value::Error,
                    false => e.until_settled(limit, tolerance, &x, &next),
                };
                match limit.is_error() {
                    true => (Value::Error, Value::Error),
                    false => (Value::Tuple(vec![limit, next]), Value::unit()),
                }
            },
        );
        pair(end).map_or(Value::Error, |(_, x)| x)
    }

    /// What `fixpoint` takes for a small change, if it is not told.
    pub(crate) fn default_tolerance(&self) -> Value {
        let double = self.real() == Carrier::F64;
        Value::Const(Const::Real(if double { 1e-12 } else { 1e-6 }))
    }

    fn most_iterations(&mut self, max: Value, span: Span) -> Option<Size> {
        let n = match max {
            Value::Const(Const::Int(n)) => n,
            Value::Error => return None,
            other => {
                let title = "the greatest number of iterations is a size";
                let label = format!("this is {}", other.describe());
                self.error(Diagnostic::error("E0303", title, span, label));
                return None;
            }
        };
        if n.as_constant().is_some_and(|n| i64::try_from(n).is_err()) {
            let title = "the greatest number of iterations is a size";
            let label = "more than can be counted";
            self.error(Diagnostic::error("E0303", title, span, label));
            return None;
        }
        self.require_size(&n, span).then_some(n)
    }

    fn tolerance(&mut self, value: &Value, span: Span) -> Option<Literal> {
        let number = match value {
            Value::Const(c) => super::super::fold::number(c),
            _ => None,
        };
        match number {
            Some(x) if x >= 0.0 && x.is_finite() => Some(Literal::real(self.real(), x)),
            // While sizes are open, so is what is computed from them.
            None if matches!(value, Value::Const(Const::Unknown | Const::Int(_))) => {
                Some(Literal::real(self.real(), 0.0))
            }
            _ if value.is_error() => None,
            _ => {
                let title = "a tolerance is a known number that is not negative";
                let label = format!("this is {}", value.describe());
                self.error(Diagnostic::error("E0340", title, span, label));
                None
            }
        }
    }

    /// A size as a number of the program.
    fn int(&mut self, n: &Size, span: Span) -> Value {
        self.constant(&Const::Int(n.clone()), &Kind::Int, None, span)
    }

    /// The limit, or zero if a condition holds of a state.
    fn limit_unless(
        &mut self,
        done: &Value,
        x: &Value,
        limit: &Value,
        at: &Place,
    ) -> Option<Value> {
        let holds = match self.apply(done, vec![x.clone()], at.span) {
            Value::Array(a) if a.kind == Kind::Bool && a.shape.is_empty() => a,
            Value::Error => return None,
            other => {
                let title = "a condition is a single `Bool`";
                let label = format!("this gives {}", other.describe());
                self.error(Diagnostic::error("E0311", title, at.arg(1), label));
                return None;
            }
        };
        let none = self.int(&Size::constant(0), at.span);
        let (Some(none), Some(limit)) = (Self::as_array(none), Self::as_array(limit.clone()))
        else {
            return None;
        };
        let args = [&holds, &none, &limit];
        Some(Value::Array(self.array(
            Kind::Int,
            Vec::new(),
            |_| Prim::Select,
            &args,
        )))
    }

    /// The limit, or zero if two states are as good as equal.
    fn until_settled(
        &mut self,
        limit: Value,
        tolerance: Literal,
        old: &Value,
        new: &Value,
    ) -> Value {
        let Some(limit) = Self::as_array(limit) else {
            return Value::Error;
        };
        let mut at = limit.at;
        if self.lowering() {
            let slots: Vec<At> = [Vec::from_iter(at), self.leaves(old), self.leaves(new)].concat();
            let types: Vec<Type> = slots.iter().map(|&s| self.frames.ty(s)).collect();
            let count = (slots.len() - 1) / 2;
            let mut b = Builder::new(types);
            let own = b.param_slots();
            let one = Some(Literal::one(tolerance.carrier()));
            let (old, new) = own[1..].split_at(count);
            let limit = b.until_settled(own[0], tolerance, one, old, new);
            let region = b.finish(vec![limit]);
            let mut map = slots;
            for step in region.steps() {
                let args: Vec<At> = step.args.iter().map(|a| map[a.index()]).collect();
                map.extend(self.frames.emit(step.op.clone(), &args));
            }
            at = region.results().first().map(|r| map[r.index()]);
        }
        Value::Array(Arr { at, ..limit })
    }

    /// Whether all that a type is made of is real.
    fn is_real(&mut self, ty: &Ty, span: Span) -> bool {
        match ty {
            Ty::Array(kind, _) => self.require(super::super::arith::Needs::Real, kind, span),
            Ty::Tuple(parts) => parts.iter().all(|t| self.is_real(t, span)),
            Ty::Record(fields) => fields.iter().all(|(_, t)| self.is_real(t, span)),
            Ty::Space(_) => true,
            Ty::Key | Ty::Arrow(..) => {
                let title = "the unknown of an equation is made of real numbers";
                let label = format!("this is `{ty}`");
                self.error(Diagnostic::error("E0340", title, span, label));
                false
            }
        }
    }
}

/// What is wanted of the unknown of an equation.
fn reals_of(init: &Value) -> Ty {
    match init {
        Value::Tuple(parts) => Ty::Tuple(parts.iter().map(reals_of).collect()),
        Value::Record(fields) => Ty::Record(
            fields
                .iter()
                .map(|(n, v)| (n.clone(), reals_of(v)))
                .collect(),
        ),
        _ => Ty::scalar(Kind::Real),
    }
}

/// The limit and the rest of a loop's state.
fn pair(state: Value) -> Option<(Value, Value)> {
    match state {
        Value::Tuple(parts) => {
            let [limit, x] = <[Value; 2]>::try_from(parts).ok()?;
            Some((limit, x))
        }
        _ => None,
    }
}
