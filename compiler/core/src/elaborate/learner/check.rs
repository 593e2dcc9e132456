//! Whether the parts of a learner fit.

use crate::elaborate::learner::LearnerSpec;
use crate::elaborate::learner::flow::changing;
use crate::elaborate::learner::run::Draw;
use crate::elaborate::learner::settings::place;
use crate::elaborate::region::{element, stacked};
use crate::elaborate::{Elaborator, Mode, Need};
use crate::size::Size;
use crate::supply::Supply;
use crate::ty::{Kind, Ty};
use crate::value::{Env, Value};
use lentil_diag::Diagnostic;
use lentil_grammar::ast::LearnerDef;
use lentil_unary::Carrier;

/// What paths in parameter files begin with that are no parameters': states of optimizers, what
/// encoders have learnt, and what the format keeps for itself.
const RESERVED: [&str; 3] = ["optimizer", "data", "__metadata__"];

/// The first segment of a path.
fn first(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

impl Elaborator<'_> {
    /// Runs one step, so that every part is seen to fit. Only while checking.
    pub(crate) fn check_parts(&mut self, l: &LearnerDef, spec: &mut LearnerSpec) -> Option<()> {
        if spec.params.iter().all(|p| p.running) {
            let title = "this model has no parameters";
            let label = "there is nothing to learn";
            self.error(Diagnostic::error("E0430", title, place(l, "model"), label));
            return None;
        }
        if spec.learnt.is_empty() {
            let title = "all parameters of this learner are frozen";
            let label = "there is nothing to learn";
            self.error(Diagnostic::error("E0430", title, l.name.span, label));
            return None;
        }
        if let Some(p) = (spec.params.iter()).find(|p| RESERVED.contains(&first(&p.path))) {
            let title = format!("`{}` cannot be the path of a parameter", p.path);
            let label = format!(
                "below `{}` parameter files keep something else",
                first(&p.path)
            );
            let hint = "give the model, or the parameter, another label";
            self.error(
                Diagnostic::error("E0438", title, place(l, "model"), label)
                    .label(p.span, "the parameter")
                    .hint(hint),
            );
            return None;
        }
        if spec.draws == Need::Always {
            let title = "this model draws random numbers when it predicts";
            let hint = "let it draw in `train` only: `using key, using mode`";
            self.no_key(title, place(l, "model"), hint);
            return None;
        }
        let initials = self.check_initials(spec);
        let y = self.check_output(l, spec)?;
        self.check_loss(l, spec, &y)?;
        self.check_report(l, spec, &y)?;
        spec.output_ty = y.ty()?;
        let states = self.group_states(&spec.groups)?;
        spec.states = states.into_iter().map(|(n, t, _)| (n, t)).collect();
        initials?;
        let states = self.unknown(&spec.state_ty());
        let held = self.unknown(&spec.held_ty());
        let (x, t) = self.unknown_batch(spec, spec.batch);
        let rows = Ty::Array(Kind::Int, vec![Size::constant(spec.batch as i128)]);
        let draw = spec.keyed().then(|| Draw {
            rows: self.unknown(&rows),
            key: Value::Key(None),
        });
        let before = self.diagnostics.len();
        let done = self.step(spec, states, held, x, t, spec.batch, draw.as_ref());
        if done.is_none() {
            self.explain_setting(before, l, "model", "the model of this learner");
        }
        done.map(|_| ())
    }

    fn check_initials(&mut self, spec: &LearnerSpec) -> Option<()> {
        for p in &spec.params {
            let Some((init, env)) = &p.init else {
                let title = format!("`{}` has no initial value", p.path);
                self.error(
                    Diagnostic::error("E0411", title, p.span, "a learner needs one")
                        .label(spec.span, "this learner")
                        .hint("write `~ zeros` or `~ glorot` behind its type"),
                );
                return None;
            };
            let key = Value::Key(None);
            if self
                .initial_value(init, env, &p.ty, &key, p.span)
                .is_error()
            {
                return None;
            }
        }
        Some(())
    }

    fn check_output(&mut self, l: &LearnerDef, spec: &LearnerSpec) -> Option<Value> {
        let at = place(l, "model");
        let supply = Supply::predicting(self.unknown(&spec.held_ty()));
        let n = Size::constant(spec.batch as i128);
        let x = match spec.batched {
            true => self.unknown(&stacked(&spec.data.input_ty, &n)),
            false => self.unknown(&spec.data.input_ty),
        };
        let before = self.diagnostics.len();
        let y = self.apply_closed(&spec.model, &supply, vec![x], at);
        let y = self.settle(y, at);
        let Some(ty) = y.ty() else {
            self.explain_setting(before, l, "model", "the model meets the data's input here");
            return None;
        };
        if !spec.batched {
            return Some(y);
        }
        let same = self
            .leading_size(&ty)
            .is_some_and(|m| self.same_size(&m, &n));
        match element(&ty).filter(|_| same) {
            Some(one) => Some(self.unknown(&one)),
            None => {
                let title = "a model of the batch gives an output for each example";
                let label = format!("of {n} examples it makes `{ty}`");
                self.error(Diagnostic::error("E0436", title, at, label));
                None
            }
        }
    }

    fn check_loss(&mut self, l: &LearnerDef, spec: &LearnerSpec, y: &Value) -> Option<()> {
        let at = place(l, "loss");
        let t = self.unknown(&spec.data.target_ty);
        let before = self.diagnostics.len();
        let loss = self.apply(&spec.loss, vec![y.clone(), t], at);
        let loss = self.settle_real(loss, at);
        if loss.is_error() {
            let text = "the model's output and the target meet here";
            self.explain_setting(before, l, "loss", text);
            return None;
        }
        let Some(Ty::Array(kind, _)) = loss.ty().filter(|t| t.changes() != Ty::unit()) else {
            let title = "a loss is a number, or an array of them, that can change";
            let label = format!("this is {}", loss.describe());
            self.error(Diagnostic::error("E0432", title, at, label));
            return None;
        };
        if !self.loss_moves(l, spec, y) {
            let title = "this loss cannot change with the model's output";
            let label = "its gradient is zero everywhere, so nothing would be learnt";
            let hint = "a share of right answers is a `report`; a loss has a slope, as \
                        `softmax_cross_entropy` or `quadratic`";
            self.error(Diagnostic::error("E0435", title, at, label).hint(hint));
            return None;
        }
        let scalar = loss.ty().is_some_and(|t| is_real_scalar(&t));
        if !scalar && spec.cap.is_none() {
            let title = "this loss needs a cap";
            let label = format!("it is {}, not a single `Real`", loss.describe());
            let hint = "`cap = id` hands the loss back as its own cotangent";
            self.error(Diagnostic::error("E0432", title, at, label).hint(hint));
            return None;
        }
        let Some(cap) = &spec.cap else {
            return Some(());
        };
        let changes = loss.ty()?.changes();
        let cotangent = self.apply(cap, vec![loss], place(l, "cap"));
        let cotangent = match (cotangent, kind.is_real()) {
            (c, true) => self.settle_real(c, place(l, "cap")),
            (c, false) => c,
        };
        let cotangent = self.coerce(cotangent, &changes, place(l, "cap"));
        (!cotangent.is_error()).then_some(())
    }

    /// Whether a loss depends on what it judges; seen in its unary form.
    fn loss_moves(&self, l: &LearnerDef, spec: &LearnerSpec, y: &Value) -> bool {
        let Some(y_ty) = y.ty() else {
            return true;
        };
        let real = Carrier::F32;
        let outputs = y_ty.leaves(real).map_or(0, |leaves| leaves.len());
        let mut lower = Elaborator::new(self.modules, Mode::Lower(real));
        lower.unusable = self.unusable.clone();
        let args = Ty::Tuple(vec![y_ty, spec.data.target_ty.clone()]);
        let region = lower.closed_region(&args, |e, args| {
            let loss = e.setting(l, "loss", &Env::module(spec.def.module));
            match (args, loss) {
                (Value::Tuple(parts), Some(loss)) => {
                    let value = e.apply(&loss, parts, spec.span);
                    e.settle_real(value, spec.span)
                }
                _ => Value::Error,
            }
        });
        let Some((finished, _)) = region else {
            return true;
        };
        let asked = |k: usize| k < outputs;
        let asked: Vec<bool> = (0..finished.region.params().len()).map(asked).collect();
        changing(&finished.region, &asked).contains(&true)
    }

    fn check_report(&mut self, l: &LearnerDef, spec: &LearnerSpec, y: &Value) -> Option<()> {
        let Some(report) = &spec.report else {
            return Some(());
        };
        let at = place(l, "report");
        let t = self.unknown(&spec.data.target_ty);
        let before = self.diagnostics.len();
        let score = self.apply(report, vec![y.clone(), t], at);
        let score = self.settle_real(score, at);
        if score.is_error() {
            let text = "the model's output and the target meet here";
            self.explain_setting(before, l, "report", text);
            return None;
        }
        if !score.ty().is_some_and(|t| is_real_scalar(&t)) {
            let title = "a report is a single `Real` for each example";
            let label = format!("this is {}", score.describe());
            self.error(Diagnostic::error("E0433", title, at, label));
            return None;
        }
        Some(())
    }

    fn unknown_batch(&self, spec: &LearnerSpec, n: usize) -> (Value, Value) {
        let n = Size::constant(n as i128);
        let x = stacked(&spec.data.input_ty, &n);
        let t = stacked(&spec.data.target_ty, &n);
        (self.unknown(&x), self.unknown(&t))
    }

    fn explain_setting(&mut self, before: usize, l: &LearnerDef, name: &str, text: &str) {
        let place = place(l, name);
        for d in &mut self.diagnostics[before..] {
            if !d.labels.iter().any(|l| l.span == place) {
                d.labels.push(lentil_diag::Label {
                    span: place,
                    text: text.to_string(),
                });
            }
        }
    }
}

pub(crate) fn is_real_scalar(ty: &Ty) -> bool {
    matches!(ty, Ty::Array(kind, shape) if shape.is_empty() && kind.is_real())
}
