//! The programs of a learner, as regions.

use crate::elaborate::Elaborator;
use crate::elaborate::learner::LearnerSpec;
use crate::size::Size;
use crate::ty::{Kind, Ty};
use crate::value::{Arr, Value};
use lentil_diag::Span;
use lentil_unary::{Ends, Prim, Region};

impl Elaborator<'_> {
    // Programs of a learner, as regions --------------------------------------------------------
    /// `(key) -> params…, states…`.
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
        let env = self.optimizer_env(&spec.optimizer, &spec.param_ty(), spec.span)?;
        let states = self.optimizer_states(&spec.optimizer, &env)?;
        let states = Value::Record(states.into_iter().map(|(n, _, v)| (n, v)).collect());
        Some(Value::Tuple(vec![Value::Record(fields), states]))
    }

    /// `(params…, states…, inputs, targets) -> params…, states…, loss` for a batch.
    pub(crate) fn step_region(&mut self, spec: &LearnerSpec, n: usize) -> Option<Region> {
        let args = Ty::Tuple(vec![
            spec.param_ty(),
            spec.state_ty(),
            rows(&spec.data.input_ty, n),
            rows(&spec.data.target_ty, n),
        ]);
        let (finished, _) = self.closed_region(&args, |e, args| {
            let (Some([p, s, x, t]), Some(spec)) = (unpack(args), e.live(spec)) else {
                return Value::Error;
            };
            match e.step(&spec, s, p, x, t, n) {
                Some((s, p, l)) => Value::Tuple(vec![p, s, Value::Array(l)]),
                None => Value::Error,
            }
        })?;
        Some(finished.region)
    }

    /// `(params…, states…, inputs, targets, order) -> params…, states…, losses`: a pass over all rows.
    pub(crate) fn epoch_region(&mut self, spec: &LearnerSpec, n: usize) -> Option<Region> {
        let order = Ty::Array(Kind::Int, vec![Size::constant(n as i128)]);
        let args = Ty::Tuple(vec![
            spec.param_ty(),
            spec.state_ty(),
            rows(&spec.data.input_ty, n),
            rows(&spec.data.target_ty, n),
            order,
        ]);
        let (finished, _) = self.closed_region(&args, |e, args| {
            let (Some([p, s, x, t, order]), Some(spec)) = (unpack(args), e.live(spec)) else {
                return Value::Error;
            };
            e.epoch(&spec, p, s, x, t, order, n).unwrap_or(Value::Error)
        })?;
        Some(finished.region)
    }

    #[allow(clippy::too_many_arguments)] // the wires of an epoch
    pub(crate) fn epoch(
        &mut self,
        spec: &LearnerSpec,
        p: Value,
        s: Value,
        x: Value,
        t: Value,
        order: Value,
        n: usize,
    ) -> Option<Value> {
        let order = Self::as_array(order)?;
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
            |e, _, ids, ps| {
                let failed = (Value::Error, Value::Error);
                let Some([p, s]) = unpack(ps) else {
                    return failed;
                };
                let (Some(bx), Some(bt)) = (e.rows_at(&x, &ids), e.rows_at(&t, &ids)) else {
                    return failed;
                };
                match e.step(spec, s, p, bx, bt, batch) {
                    Some((s, p, l)) => (Value::Tuple(vec![p, s]), Value::Array(l)),
                    None => failed,
                }
            },
        );
        let [mut p, mut s] = unpack(state)?;
        let mut losses = Self::as_array(losses)?;
        if rest > 0 {
            let ids = Value::Array(self.cut(&order, steps * batch, rest));
            let (bx, bt) = (self.rows_at(&x, &ids)?, self.rows_at(&t, &ids)?);
            let (next_s, next_p, l) = self.step(spec, s, p, bx, bt, rest)?;
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

    /// `(params…, inputs) -> outputs`.
    pub(crate) fn predict_region(&mut self, spec: &LearnerSpec, n: usize) -> Option<Region> {
        let args = Ty::Tuple(vec![spec.param_ty(), rows(&spec.data.input_ty, n)]);
        let (finished, _) = self.closed_region(&args, |e, args| {
            let (Some([p, x]), Some(spec)) = (unpack(args), e.live(spec)) else {
                return Value::Error;
            };
            e.each(vec![x], spec.span, &mut |e, x| {
                let y = e.apply_closed(&spec.model, &p, x, spec.span);
                e.settle(y, spec.span)
            })
        })?;
        Some(finished.region)
    }

    /// `(params…, input) -> output`, of one example.
    pub(crate) fn model_region(&mut self, spec: &LearnerSpec) -> Option<Region> {
        let args = Ty::Tuple(vec![spec.param_ty(), spec.data.input_ty.clone()]);
        let (finished, _) = self.closed_region(&args, |e, args| {
            let (Some([p, x]), Some(spec)) = (unpack(args), e.live(spec)) else {
                return Value::Error;
            };
            let y = e.apply_closed(&spec.model, &p, vec![x], spec.span);
            e.settle(y, spec.span)
        })?;
        Some(finished.region)
    }

    /// `(params…, inputs, targets) -> losses, scores` for each row.
    pub(crate) fn evaluate_region(&mut self, spec: &LearnerSpec, n: usize) -> Option<Region> {
        let args = Ty::Tuple(vec![
            spec.param_ty(),
            rows(&spec.data.input_ty, n),
            rows(&spec.data.target_ty, n),
        ]);
        let (finished, _) = self.closed_region(&args, |e, args| {
            let (Some([p, x, t]), Some(spec)) = (unpack(args), e.live(spec)) else {
                return Value::Error;
            };
            e.each(vec![x, t], spec.span, &mut |e, mut xt| {
                let (Some(t), Some(x)) = (xt.pop(), xt.pop()) else {
                    return Value::Error;
                };
                let y = e.apply_closed(&spec.model, &p, vec![x], spec.span);
                let y = e.settle(y, spec.span);
                let l = e.apply(&spec.loss, vec![y.clone(), t.clone()], spec.span);
                let l = e.settle_real(l, spec.span);
                let Some(l) = e.loss_number(l, 1) else {
                    return Value::Error;
                };
                match &spec.report {
                    None => Value::Array(l),
                    Some(report) => {
                        let score = e.apply(report, vec![y, t], spec.span);
                        let score = e.settle_real(score, spec.span);
                        Value::Tuple(vec![Value::Array(l), score])
                    }
                }
            })
        })?;
        Some(finished.region)
    }
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

/// A number for a path (FNV-1a, 32 bits), under which its key is drawn.
fn path_number(path: &str) -> u32 {
    path.bytes().fold(0x811c_9dc5, |h, b| {
        (h ^ u32::from(b)).wrapping_mul(0x0100_0193)
    })
}
