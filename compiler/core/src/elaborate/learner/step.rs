//! The learning step, composed from lenses.

use crate::elaborate::learner::LearnerSpec;
use crate::elaborate::learner::check::is_real_scalar;
use crate::elaborate::learner::run::Draw;
use crate::elaborate::lens::Lens;
use crate::elaborate::{Elaborator, next_states};
use crate::supply::Supply;
use crate::ty::{Kind, Ty};
use crate::value::{Arr, Const, Env, Value};
use lentil_diag::Span;
use lentil_grammar::ast::Expr;
use lentil_unary::{CompareOp, Fold, Prim};

impl Elaborator<'_> {
    /// A parameter's initial value: a constant, or an initialiser at a key.
    pub(crate) fn initial_value(
        &mut self,
        init: &Expr,
        env: &Env,
        ty: &Ty,
        key: &Value,
        span: Span,
    ) -> Value {
        let value = self.expr(init, env);
        let value = match value {
            f @ Value::Func(_) => self.apply_expecting(&f, vec![key.clone()], ty, span),
            other => other,
        };
        self.coerce(value, ty, init.span)
    }

    /// The learning step: from the optimizer's states, what the model holds (parameters and states)
    /// and a batch to the next ones and the loss.
    #[allow(clippy::too_many_arguments)] // the wires of a step
    pub(crate) fn step(
        &mut self,
        spec: &LearnerSpec,
        states: Value,
        held: Value,
        x: Value,
        t: Value,
        n: usize,
        draw: Option<&Draw>,
    ) -> Option<(Value, Value, Arr)> {
        let span = spec.span;
        let p = spec.learnt(&held);
        let supply = self.learning_supply(&held, draw);
        let q = self.groups_get(spec, &states, &p)?;
        let q = spec.learnt_record(&q);
        let model = Lens::reverse(2, span, |e, mut args| {
            let (Some(x), Some(q)) = (args.pop(), args.pop()) else {
                return Value::Error;
            };
            e.run_model(spec, &supply.learning(&q), x)
        });
        let loss = Lens::reverse(2, span, |e, args| {
            e.each(args, span, &mut |e, yt| {
                let value = e.apply(&spec.loss, yt, span);
                e.settle_real(value, span)
            })
        });
        let mut learner = model.then(2, loss);
        let running = self.next_running(spec, &supply.learning(&q), &x)?;
        let args = vec![q, x, t];
        let losses = learner.get(self, args.clone());
        let per_example = crate::elaborate::region::element(&losses.ty()?)?;
        let averaged = is_real_scalar(&per_example);
        if averaged {
            let mean = Lens::reverse(1, span, move |e, mut args| {
                let losses = args.pop().unwrap_or(Value::Error);
                e.mean(losses, n, span)
            });
            learner = learner.then(3, mean);
        }
        let l = learner.get(self, args.clone());
        let dl = match (&spec.cap, averaged) {
            (None, _) => Value::int(1),
            (Some(cap), true) => self.apply(cap, vec![l.clone()], span),
            (Some(cap), false) => {
                self.each(vec![l.clone()], span, &mut |e, l| e.apply(cap, l, span))
            }
        };
        let ty = l.ty()?;
        let dl = self.coerce(dl, &ty.changes(), span);
        let dq = learner.put(self, args, dl).into_iter().next()?;
        if dq.is_error() {
            return None;
        }
        let (states, p) = self.groups_put(spec, &states, &p, &spec.learnt(&dq))?;
        let loss = self.loss_number(l, n)?;
        Some((states, spec.renewed(&held, &p, &running), loss))
    }

    /// The states of the model after a batch. The cotangents know nothing of them.
    fn next_running(&mut self, spec: &LearnerSpec, supply: &Supply, x: &Value) -> Option<Value> {
        let running = spec.running();
        if running.is_empty() {
            return Some(Value::Record(Vec::new().into()));
        }
        let mut supply = supply.clone();
        supply.ledger = Some((self.open_ledger(), "".into()));
        let value = self.run_model(spec, &supply, x.clone());
        let noted = self.close_ledger();
        (!value.is_error()).then(|| next_states(&running, noted, &supply.params))
    }

    /// A loss as one real number: itself, or the mean number of elements that are not zero.
    pub(crate) fn loss_number(&mut self, l: Value, n: usize) -> Option<Arr> {
        let a = Self::as_array(l)?;
        if a.shape.is_empty() && a.kind.is_real() {
            return Some(a);
        }
        let zero = self.zeros(&a.kind, &a.shape.clone());
        let wrong = self.array(
            Kind::Bool,
            a.shape.clone(),
            |_| Prim::Compare(CompareOp::Ne),
            &[&a, &zero],
        );
        let carrier = self.real();
        let count = self.array(
            Kind::Real,
            a.shape.clone(),
            |_| Prim::Convert(carrier),
            &[&wrong],
        );
        if a.shape.is_empty() {
            return Some(count);
        }
        let axes = (0..a.shape.len()).collect();
        let sum = self.array(
            Kind::Real,
            Vec::new(),
            |_| Prim::Reduce {
                fold: Fold::Sum,
                axes,
            },
            &[&count],
        );
        let share = Value::Const(Const::Real(1.0 / n as f64));
        let mean = self.binary(
            lentil_unary::BinaryOp::Mul,
            Value::Array(sum),
            share,
            Span::default(),
        );
        Self::as_array(mean)
    }
}
