//! Learners: a model, a loss, a cap and an optimizer, closed by composition of lenses.
//!
//! ```text
//!            ┌───────────┐ p  ┌─────────┐ y  ┌────────┐ l  ┌──────┐  ┌─────┐
//!  (s, p) ──►│ optimizer ├───►│  model  ├───►│  loss  ├───►│ mean ├─►│ cap │
//!            │  get/put  │◄───┤   R     │◄───┤   R    │◄───┤  1/n │◄─┤     │
//!  (s',p')◄──┤           │ dp │         │ dy │        │ dl │      │  └─────┘
//!            └───────────┘    └────▲────┘    └───▲────┘    └──────┘
//!                                  x             t
//! ```
//!
//! Source: Cruttwell et al. (2103.01931), sections 3 and 4. The mean is absent over carriers without
//! division; there the cap hands the loss back as its own cotangent, which is Reverse Derivative Ascent.

use std::rc::Rc;

use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{Expr, ExprKind, ItemKind, LearnerDef};
use lentil_unary::{CompareOp, Fold, Prim, Region};

use super::Elaborator;
use super::lens::Lens;
use crate::data::DataSpec;
use crate::module::DefId;
use crate::size::Size;
use crate::ty::{Kind, Ty};
use crate::value::{Arr, Const, Env, Optimizer, ParamDecl, Value};

/// A learner with its parts evaluated.
#[derive(Clone, Debug)]
pub struct LearnerSpec {
    /// Its name.
    pub name: String,
    /// Where it is defined.
    pub span: Span,
    pub(crate) model: Value,
    pub(crate) loss: Value,
    pub(crate) cap: Option<Value>,
    pub(crate) optimizer: Rc<Optimizer>,
    pub(crate) report: Option<Value>,
    /// How the report is written.
    pub report_name: Option<String>,
    /// The examples.
    pub data: DataSpec,
    /// Examples in a step.
    pub batch: usize,
    /// Passes over the training rows.
    pub epochs: usize,
    /// The seed of initial parameters and of the order of examples; `None` keeps the rows' order.
    pub seed: u64,
    /// Whether each pass has an order of its own; otherwise rows come as in the file.
    pub shuffle: bool,
    pub(crate) params: Vec<ParamDecl>,
    /// The optimizer's states.
    pub(crate) states: Vec<(Rc<str>, Ty)>,
    /// The type of one output.
    pub output_ty: Ty,
}

const SETTINGS: [&str; 10] = [
    "model",
    "loss",
    "cap",
    "optimizer",
    "data",
    "batch",
    "epochs",
    "seed",
    "report",
    "shuffle",
];

impl LearnerSpec {
    /// The type of the parameter space.
    pub(crate) fn param_ty(&self) -> Ty {
        Ty::Record(
            self.params
                .iter()
                .map(|p| (p.path.clone(), p.ty.clone()))
                .collect(),
        )
    }

    /// The type of the optimizer's states.
    pub(crate) fn state_ty(&self) -> Ty {
        Ty::Record(self.states.clone())
    }
}

impl Elaborator<'_> {
    /// Evaluates the parts of a learner and checks that they fit; `None` after an error.
    pub(crate) fn learner(&mut self, def: DefId) -> Option<LearnerSpec> {
        let modules = self.modules;
        let ItemKind::Learner(l) = &modules.item(def).kind else {
            return None;
        };
        let module = Env::module(def.module);
        let span = l.name.span;
        self.check_settings(l);
        let model = self.setting(l, "model", &module)?;
        let loss = self.setting(l, "loss", &module)?;
        let optimizer = self.setting(l, "optimizer", &module)?;
        let data = self.data_of(l, def)?;
        let model = self.as_model(model, span)?;
        let optimizer_span = setting_expr(l, "optimizer").map_or(span, |e| e.span);
        let optimizer = self.as_optimizer(optimizer, optimizer_span)?;
        let cap = match setting_expr(l, "cap") {
            Some(e) => Some(self.expr(e, &module)).filter(|v| !v.is_error()),
            None => None,
        };
        let report = match setting_expr(l, "report") {
            Some(e) => Some(self.expr(e, &module)).filter(|v| !v.is_error()),
            None => None,
        };
        let report_name = setting_expr(l, "report").and_then(|e| match &e.kind {
            ExprKind::Name(n) => Some(n.clone()),
            _ => Some("report".to_string()),
        });
        let batch = self.natural(l, "batch", 1, &module)?;
        let epochs = self.natural(l, "epochs", 1, &module)?;
        let seed = self.natural(l, "seed", data.seed as usize, &module)? as u64;
        let shuffle = match setting_expr(l, "shuffle") {
            None => true,
            Some(Expr {
                kind: ExprKind::Bool(b),
                ..
            }) => *b,
            Some(e) => {
                let title = "`shuffle` is `true` or `false`";
                self.error(Diagnostic::error("E0431", title, e.span, "neither"));
                return None;
            }
        };
        if batch == 0 {
            let title = "a batch has at least one example";
            let place = setting_expr(l, "batch").map_or(span, |e| e.span);
            self.error(Diagnostic::error("E0431", title, place, "this is zero"));
            return None;
        }
        let params = self.params(&model, span)?;
        let mut spec = LearnerSpec {
            name: l.name.text.clone(),
            span,
            model,
            loss,
            cap,
            optimizer,
            report,
            report_name,
            data,
            batch,
            epochs,
            seed,
            shuffle,
            params,
            states: Vec::new(),
            output_ty: Ty::unit(),
        };
        self.check_learner(l, &mut spec)?;
        Some(spec)
    }

    /// Runs one step while checking, so that every part is seen to fit.
    fn check_learner(&mut self, l: &LearnerDef, spec: &mut LearnerSpec) -> Option<()> {
        let mode = std::mem::replace(&mut self.mode, super::Mode::Check);
        let fits = self.check_parts(l, spec);
        self.mode = mode;
        fits
    }

    fn check_parts(&mut self, l: &LearnerDef, spec: &mut LearnerSpec) -> Option<()> {
        let place = |name| setting_expr(l, name).map_or(spec.span, |e| e.span);
        if spec.params.is_empty() {
            let title = "this model has no parameters";
            self.error(Diagnostic::error(
                "E0430",
                title,
                place("model"),
                "there is nothing to learn",
            ));
            return None;
        }
        let params = self.unknown(&spec.param_ty());
        let x = self.unknown(&spec.data.input_ty);
        let before = self.diagnostics.len();
        let y = self.apply_closed(&spec.model, &params, vec![x], place("model"));
        let y = self.settle(y, place("model"));
        let Some(output) = y.ty() else {
            self.explain_setting(before, l, "model", "the model meets the data's input here");
            return None;
        };
        let before = self.diagnostics.len();
        let t = self.unknown(&spec.data.target_ty);
        let loss = self.apply(&spec.loss, vec![y.clone(), t], place("loss"));
        let loss = self.settle_real(loss, place("loss"));
        let Some(loss_ty) = loss.ty() else {
            self.explain_setting(
                before,
                l,
                "loss",
                "the model's output and the target meet here",
            );
            return None;
        };
        let scalar = is_real_scalar(&loss_ty);
        if !scalar && spec.cap.is_none() {
            let title = "this loss needs a cap";
            let label = format!("it is `{loss_ty}`, not a single `Real`");
            self.error(
                Diagnostic::error("E0432", title, place("loss"), label)
                    .hint("`cap = id` hands the loss back as its own cotangent"),
            );
            return None;
        }
        if !matches!(loss_ty, Ty::Array(..)) {
            let title = "a loss is a number or an array of them";
            let label = format!("this is `{loss_ty}`");
            self.error(Diagnostic::error("E0432", title, place("loss"), label));
            return None;
        }
        spec.output_ty = output;
        for p in &spec.params.clone() {
            let Some((init, env)) = &p.init else {
                let title = format!("`{}` has no initial value", p.path);
                self.error(
                    Diagnostic::error("E0411", title, p.span, "a learner needs one")
                        .hint("write `~ zeros` or `~ glorot` behind its type"),
                );
                return None;
            };
            let key = Value::Key(None);
            let value = self.initial_value(init, env, &p.ty, &key, p.span);
            if value.is_error() {
                return None;
            }
        }
        let p_ty = spec.param_ty();
        let env = self.optimizer_env(&spec.optimizer.clone(), &p_ty, place("optimizer"))?;
        let states = self.optimizer_states(&spec.optimizer.clone(), &env)?;
        spec.states = states.into_iter().map(|(n, t, _)| (n, t)).collect();
        if let Some(report) = &spec.report {
            let t = self.unknown(&spec.data.target_ty);
            let score = self.apply(report, vec![y, t], place("report"));
            let score = self.settle_real(score, place("report"));
            if score.is_error() {
                return None;
            }
            if !score.ty().is_some_and(|t| is_real_scalar(&t)) {
                let title = "a report is a single `Real` for each example";
                let label = format!("this is {}", score.describe());
                self.error(Diagnostic::error("E0433", title, place("report"), label));
                return None;
            }
        }
        let states = self.unknown(&spec.state_ty());
        let params = self.unknown(&p_ty);
        let (x, t) = self.unknown_batch(spec, spec.batch);
        self.step(spec, states, params, x, t, spec.batch)
            .map(|_| ())
    }

    fn unknown_batch(&self, spec: &LearnerSpec, n: usize) -> (Value, Value) {
        let n = Size::constant(n as i128);
        let x = super::region::stacked(&spec.data.input_ty, &n);
        let t = super::region::stacked(&spec.data.target_ty, &n);
        (self.unknown(&x), self.unknown(&t))
    }

    fn explain_setting(&mut self, before: usize, l: &LearnerDef, name: &str, text: &str) {
        let place = setting_expr(l, name).map_or(l.name.span, |e| e.span);
        for d in &mut self.diagnostics[before..] {
            if !d.labels.iter().any(|l| l.span == place) {
                d.labels.push(lentil_diag::Label {
                    span: place,
                    text: text.to_string(),
                });
            }
        }
    }

    fn check_settings(&mut self, l: &LearnerDef) {
        for (i, s) in l.fields.iter().enumerate() {
            if !SETTINGS.contains(&s.name.text.as_str()) {
                let title = format!("a learner has no `{}`", s.name.text);
                let mut d = Diagnostic::error("E0431", title, s.name.span, "unknown setting");
                d = match crate::spelling::closest(&s.name.text, SETTINGS.into_iter()) {
                    Some(close) => d.hint(format!("did you mean `{close}`?")),
                    None => d.hint(format!("it has `{}`", SETTINGS.join("`, `"))),
                };
                self.error(d);
            }
            if l.fields[..i].iter().any(|t| t.name.text == s.name.text) {
                let title = format!("`{}` is set twice", s.name.text);
                self.error(Diagnostic::error(
                    "E0431",
                    title,
                    s.name.span,
                    "the second time",
                ));
            }
        }
    }

    fn setting(&mut self, l: &LearnerDef, name: &str, env: &Env) -> Option<Value> {
        match setting_expr(l, name) {
            Some(e) => Some(self.expr(e, env)).filter(|v| !v.is_error()),
            None => {
                let title = format!("the learner `{}` has no `{name}`", l.name.text);
                let label = format!("`{name} = …` is missing");
                self.error(Diagnostic::error("E0430", title, l.name.span, label));
                None
            }
        }
    }

    fn natural(&mut self, l: &LearnerDef, name: &str, default: usize, env: &Env) -> Option<usize> {
        let Some(e) = setting_expr(l, name) else {
            return Some(default);
        };
        let n = self.size(e, env)?;
        match n.as_constant().and_then(|n| usize::try_from(n).ok()) {
            Some(n) => Some(n),
            None => {
                let title = format!("`{name}` is a whole number");
                self.error(Diagnostic::error(
                    "E0431",
                    title,
                    e.span,
                    format!("this is `{n}`"),
                ));
                None
            }
        }
    }

    fn data_of(&mut self, l: &LearnerDef, def: DefId) -> Option<DataSpec> {
        let Some(e) = setting_expr(l, "data") else {
            return self.setting(l, "data", &Env::module(def.module)).and(None);
        };
        let modules = self.modules;
        if let ExprKind::Name(name) = &e.kind
            && let Some(found) = modules.lookup(def.module, name)
            && let ItemKind::Data(d) = &modules.item(found).kind
        {
            // Its own errors are reported where it is checked.
            return crate::data::read(d).0;
        }
        let title = "a learner learns from a data set";
        self.error(
            Diagnostic::error("E0431", title, e.span, "this is not a `data` item")
                .hint("name one: `data d = csv(\"…\") { … }`"),
        );
        None
    }

    /// Checks an initialiser against the type of what it initialises.
    pub(crate) fn check_initial(&mut self, init: &Expr, env: &Env, ty: &Ty, span: Span) {
        self.initial_value(init, env, ty, &Value::Key(None), span);
    }

    /// A parameter's initial value: a constant, or an initialiser at a key.
    fn initial_value(&mut self, init: &Expr, env: &Env, ty: &Ty, key: &Value, span: Span) -> Value {
        let value = self.expr(init, env);
        let value = match value {
            f @ Value::Func(_) => self.apply_expecting(&f, vec![key.clone()], ty, span),
            other => other,
        };
        self.coerce(value, ty, init.span)
    }

    /// The learning step: from states, parameters and a batch to the next ones and the loss.
    pub(crate) fn step(
        &mut self,
        spec: &LearnerSpec,
        states: Value,
        p: Value,
        x: Value,
        t: Value,
        n: usize,
    ) -> Option<(Value, Value, Arr)> {
        let span = spec.span;
        let env = self.optimizer_env(&spec.optimizer, &spec.param_ty(), span)?;
        let q = self.optimizer_get(&spec.optimizer, &env, &states, &p);
        let model = Lens::reverse(2, span, |e, mut args| {
            let (Some(x), Some(q)) = (args.pop(), args.pop()) else {
                return Value::Error;
            };
            e.each(vec![x], span, &mut |e, x| {
                e.apply_closed(&spec.model, &q, x, span)
            })
        });
        let loss = Lens::reverse(2, span, |e, args| {
            e.each(args, span, &mut |e, yt| {
                let value = e.apply(&spec.loss, yt, span);
                e.settle_real(value, span)
            })
        });
        let mut learner = model.then(2, loss);
        let args = vec![q, x, t];
        let losses = learner.get(self, args.clone());
        let per_example = super::region::element(&losses.ty()?)?;
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
        let (states, p) = self.optimizer_put(&spec.optimizer, &env, &states, &p, &dq)?;
        let loss = self.loss_number(l, n)?;
        Some((states, p, loss))
    }

    /// A loss as one real number: itself, or the mean number of elements that are not zero.
    fn loss_number(&mut self, l: Value, n: usize) -> Option<Arr> {
        let a = Self::as_array(l)?;
        if a.shape.is_empty() {
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

    // Programs of a learner, as regions --------------------------------------------------------

    /// `(key) -> params…, states…`.
    pub(crate) fn initial_region(&mut self, spec: &LearnerSpec) -> Option<Region> {
        let (finished, _) = self.closed_region(&Ty::Key, |e, key| {
            e.initial(spec, &key).unwrap_or(Value::Error)
        })?;
        Some(finished.region)
    }

    fn initial(&mut self, spec: &LearnerSpec, key: &Value) -> Option<Value> {
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
            let Some([p, s, x, t]) = unpack(args) else {
                return Value::Error;
            };
            match e.step(spec, s, p, x, t, n) {
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
            let Some([p, s, x, t, order]) = unpack(args) else {
                return Value::Error;
            };
            e.epoch(spec, p, s, x, t, order, n).unwrap_or(Value::Error)
        })?;
        Some(finished.region)
    }

    #[allow(clippy::too_many_arguments)] // the wires of an epoch
    fn epoch(
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
            &number(steps),
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
            let Some([p, x]) = unpack(args) else {
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
            let Some([p, x]) = unpack(args) else {
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
            let Some([p, x, t]) = unpack(args) else {
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

fn setting_expr<'l>(l: &'l LearnerDef, name: &str) -> Option<&'l Expr> {
    l.fields
        .iter()
        .find(|s| s.name.text == name)
        .map(|s| &s.value)
}

fn is_real_scalar(ty: &Ty) -> bool {
    matches!(ty, Ty::Array(kind, shape) if shape.is_empty() && kind.is_real())
}

fn rows(ty: &Ty, n: usize) -> Ty {
    super::region::stacked(ty, &Size::constant(n as i128))
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
