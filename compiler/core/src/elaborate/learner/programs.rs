//! The programs of a learner, as regions.

use crate::elaborate::Elaborator;
use crate::elaborate::learner::LearnerSpec;
use crate::elaborate::learner::run::Draw;
use crate::size::Size;
use crate::supply::{Supply, path_number};
use crate::ty::{Kind, Ty};
use crate::value::{Arr, Value};
use lentil_diag::Span;
use lentil_unary::{BinaryOp, Ends, Prim, Region};

impl Elaborator<'_> {
    // Programs of a learner, as regions --------------------------------------------------------
    /// `(key) -> held…, states…`, where a model holds its parameters and its own states.
    pub(crate) fn initial_region(&mut self, spec: &LearnerSpec) -> Option<Region> {
        let (finished, _) = self.closed_region(&Ty::Key, |e, key| {
            let spec = e.live(spec);
            spec.and_then(|spec| e.initial(&spec, &key))
                .unwrap_or(Value::Error)
        })?;
        Some(finished.region)
    }

    pub(crate) fn initial(&mut self, spec: &LearnerSpec, key: &Value) -> Option<Value> {
        let mut fields = Vec::new();
        for p in &spec.params {
            let (init, env) = p.init.as_ref()?;
            // A parameter's key depends on its path alone, not on what stands beside it.
            let own = self.fold_key(key, path_number(&p.path));
            let value = self.initial_value(init, env, &p.ty, &own, p.span);
            fields.push((p.path.clone(), value));
        }
        let states = self.group_states(&spec.groups)?;
        let states = Value::Record(states.into_iter().map(|(n, _, v)| (n, v)).collect());
        Some(Value::Tuple(vec![Value::Record(fields.into()), states]))
    }

    /// `(held…, states…, inputs, targets) -> held…, states…, loss` for a batch. A model that draws
    /// random numbers takes the examples' row numbers and the step's key too.
    pub(crate) fn step_region(&mut self, spec: &LearnerSpec, n: usize) -> Option<Region> {
        let mut args = learning_args(spec, n);
        if spec.keyed() {
            args.extend([row_numbers(n), Ty::Key]);
        }
        let (finished, _) = self.closed_region(&Ty::Tuple(args), |e, args| {
            let Some(spec) = e.live(spec) else {
                return Value::Error;
            };
            let Some((wires, draws)) = wires(args) else {
                return Value::Error;
            };
            let draw = draws.map(|[rows, key]| Draw { rows, key });
            let [p, s, x, t] = wires;
            match e.step(&spec, s, p, x, t, n, draw.as_ref()) {
                Some((s, p, l)) => Value::Tuple(vec![p, s, Value::Array(l)]),
                None => Value::Error,
            }
        })?;
        Some(finished.region)
    }

    /// `(held…, states…, inputs, targets, order) -> held…, states…, losses`: a pass over all rows. A
    /// model that draws random numbers takes a key and the number of the first step too.
    pub(crate) fn epoch_region(&mut self, spec: &LearnerSpec, n: usize) -> Option<Region> {
        let mut args = learning_args(spec, n);
        args.push(row_numbers(n));
        if spec.keyed() {
            args.extend([Ty::Key, Ty::scalar(Kind::Int)]);
        }
        let (finished, _) = self.closed_region(&Ty::Tuple(args), |e, args| {
            let Value::Tuple(mut args) = args else {
                return Value::Error;
            };
            let draws = args.split_off(5);
            let (Some([p, s, x, t, order]), Some(spec)) =
                (unpack(Value::Tuple(args)), e.live(spec))
            else {
                return Value::Error;
            };
            let clock = unpack(Value::Tuple(draws)).map(|[key, first]| {
                // No parameter has this path, so no initial value comes from this key.
                let key = e.fold_key(&key, path_number("a step"));
                Clock { key, first }
            });
            let pass = Pass { x, t, order, clock };
            e.epoch(&spec, p, s, &pass, n).unwrap_or(Value::Error)
        })?;
        Some(finished.region)
    }

    fn epoch(
        &mut self,
        spec: &LearnerSpec,
        p: Value,
        s: Value,
        pass: &Pass,
        n: usize,
    ) -> Option<Value> {
        let order = Self::as_array(pass.order.clone())?;
        let batch = spec.batch;
        let (steps, rest) = (n / batch, n % batch);
        let number = |n: usize| Size::constant(n as i128);
        let whole = self.cut(&order, 0, steps * batch);
        let whole = self.reshaped(&whole, vec![number(steps), number(batch)]);
        let init = Value::Tuple(vec![p, s]);
        let (state, losses) = self.loop_over(
            (&number(steps), Ends::Counted),
            &Value::Array(whole),
            init,
            spec.span,
            |e, i, ids, ps| {
                let failed = (Value::Error, Value::Error);
                let Some([p, s]) = unpack(ps) else {
                    return failed;
                };
                match e.step_at(spec, p, s, pass, ids, i, batch) {
                    Some((s, p, l)) => (Value::Tuple(vec![p, s]), Value::Array(l)),
                    None => failed,
                }
            },
        );
        let [mut p, mut s] = unpack(state)?;
        let mut losses = Self::as_array(losses)?;
        if rest > 0 {
            let ids = Value::Array(self.cut(&order, steps * batch, rest));
            let i = Value::int(steps as i128);
            let (next_s, next_p, l) = self.step_at(spec, p, s, pass, ids, i, rest)?;
            (p, s) = (next_p, next_s);
            let last = self.reshaped(&l, vec![number(1)]);
            let shape = vec![number(steps + 1)];
            losses = self.array(
                losses.kind.clone(),
                shape,
                |_| Prim::Concat(0),
                &[&losses, &last],
            );
        }
        Some(Value::Tuple(vec![p, s, Value::Array(losses)]))
    }

    /// The `i`-th step of a pass, on the rows of these numbers.
    #[allow(clippy::too_many_arguments)] // the wires of a step
    fn step_at(
        &mut self,
        spec: &LearnerSpec,
        p: Value,
        s: Value,
        pass: &Pass,
        ids: Value,
        i: Value,
        n: usize,
    ) -> Option<(Value, Value, Arr)> {
        let (x, t) = (self.rows_at(&pass.x, &ids)?, self.rows_at(&pass.t, &ids)?);
        let draw = match &pass.clock {
            None => None,
            Some(clock) => {
                let step = self.binary(BinaryOp::Add, clock.first.clone(), i, spec.span);
                let key = self.fold_key_at(&clock.key, &step);
                Some(Draw { rows: ids, key })
            }
        };
        self.step(spec, s, p, x, t, n, draw.as_ref())
    }

    fn cut(&mut self, a: &Arr, start: usize, len: usize) -> Arr {
        let shape = vec![Size::constant(len as i128)];
        let prim = Prim::Slice {
            start: vec![start],
            len: vec![len],
            step: vec![1],
        };
        self.array(a.kind.clone(), shape, |_| prim, &[a])
    }

    /// The rows of a data set that a batch takes.
    fn rows_at(&mut self, data: &Value, ids: &Value) -> Option<Value> {
        let (Value::Array(a), Value::Array(ids)) = (data, ids) else {
            return None;
        };
        let shape = [&ids.shape[..], &a.shape[1..]].concat();
        let site = self.site(Span::default());
        Some(Value::Array(self.array(
            a.kind.clone(),
            shape,
            |_| Prim::Gather { axes: 1, site },
            &[a, ids],
        )))
    }

    /// `(held…, inputs) -> outputs`.
    pub(crate) fn predict_region(&mut self, spec: &LearnerSpec, n: usize) -> Option<Region> {
        let args = Ty::Tuple(vec![spec.held_ty(), rows(&spec.data.input_ty, n)]);
        let (finished, _) = self.closed_region(&args, |e, args| {
            let (Some([p, x]), Some(spec)) = (unpack(args), e.live(spec)) else {
                return Value::Error;
            };
            let y = e.run_model(&spec, &Supply::predicting(p), x);
            e.settle(y, spec.span)
        })?;
        Some(finished.region)
    }

    /// `(held…, input) -> output`, of one example.
    pub(crate) fn model_region(&mut self, spec: &LearnerSpec) -> Option<Region> {
        let args = Ty::Tuple(vec![spec.held_ty(), spec.data.input_ty.clone()]);
        let (finished, _) = self.closed_region(&args, |e, args| {
            let (Some([p, x]), Some(spec)) = (unpack(args), e.live(spec)) else {
                return Value::Error;
            };
            e.run_one(&spec, p, x)
        })?;
        Some(finished.region)
    }

    /// `(held…, inputs, targets) -> losses, scores` for each row.
    pub(crate) fn evaluate_region(&mut self, spec: &LearnerSpec, n: usize) -> Option<Region> {
        let args = Ty::Tuple(vec![
            spec.held_ty(),
            rows(&spec.data.input_ty, n),
            rows(&spec.data.target_ty, n),
        ]);
        let (finished, _) = self.closed_region(&args, |e, args| {
            let (Some([p, x, t]), Some(spec)) = (unpack(args), e.live(spec)) else {
                return Value::Error;
            };
            let supply = Supply::predicting(p);
            let x = match spec.batched {
                true => {
                    let y = e.run_model(&spec, &supply, x);
                    e.settle(y, spec.span)
                }
                false => x,
            };
            e.each(vec![x, t], spec.span, &mut |e, mut xt| {
                let (Some(t), Some(x)) = (xt.pop(), xt.pop()) else {
                    return Value::Error;
                };
                let y = match spec.batched {
                    true => x,
                    false => {
                        let y = e.apply_closed(&spec.model, &supply, vec![x], spec.span);
                        e.settle(y, spec.span)
                    }
                };
                e.judged(&spec, y, t)
            })
        })?;
        Some(finished.region)
    }

    /// Loss and score of one output.
    fn judged(&mut self, spec: &LearnerSpec, y: Value, t: Value) -> Value {
        let l = self.apply(&spec.loss, vec![y.clone(), t.clone()], spec.span);
        let l = self.settle_real(l, spec.span);
        let Some(l) = self.loss_number(l, 1) else {
            return Value::Error;
        };
        match &spec.report {
            None => Value::Array(l),
            Some(report) => {
                let score = self.apply(report, vec![y, t], spec.span);
                let score = self.settle_real(score, spec.span);
                Value::Tuple(vec![Value::Array(l), score])
            }
        }
    }
}

/// What a pass over the rows reads.
struct Pass {
    x: Value,
    t: Value,
    order: Value,
    clock: Option<Clock>,
}

/// What the keys of a pass come from.
struct Clock {
    key: Value,
    /// The number of its first step, counted from the beginning of training.
    first: Value,
}

/// What every learning program takes: `held…, states…, inputs, targets`.
fn learning_args(spec: &LearnerSpec, n: usize) -> Vec<Ty> {
    vec![
        spec.held_ty(),
        spec.state_ty(),
        rows(&spec.data.input_ty, n),
        rows(&spec.data.target_ty, n),
    ]
}

fn row_numbers(n: usize) -> Ty {
    Ty::Array(Kind::Int, vec![Size::constant(n as i128)])
}

/// The wires of a step, and what it draws from.
fn wires(args: Value) -> Option<([Value; 4], Option<[Value; 2]>)> {
    let Value::Tuple(mut args) = args else {
        return None;
    };
    let draws = args.split_off(args.len().min(4));
    Some((args.try_into().ok()?, draws.try_into().ok()))
}

pub(crate) fn rows(ty: &Ty, n: usize) -> Ty {
    crate::elaborate::region::stacked(ty, &Size::constant(n as i128))
}

fn unpack<const N: usize>(value: Value) -> Option<[Value; N]> {
    match value {
        Value::Tuple(parts) => parts.try_into().ok(),
        _ => None,
    }
}
