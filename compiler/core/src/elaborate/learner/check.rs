//! Whether the parts of a learner fit.

use crate::elaborate::Elaborator;
use crate::elaborate::learner::LearnerSpec;
use crate::elaborate::learner::settings::setting_expr;
use crate::size::Size;
use crate::ty::Ty;
use crate::value::Value;
use lentil_diag::Diagnostic;
use lentil_grammar::ast::LearnerDef;

impl Elaborator<'_> {
    /// Runs one step while checking, so that every part is seen to fit.
    pub(crate) fn check_learner(&mut self, l: &LearnerDef, spec: &mut LearnerSpec) -> Option<()> {
        let mode = std::mem::replace(&mut self.mode, crate::elaborate::Mode::Check);
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
        let x = crate::elaborate::region::stacked(&spec.data.input_ty, &n);
        let t = crate::elaborate::region::stacked(&spec.data.target_ty, &n);
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
}

pub(crate) fn is_real_scalar(ty: &Ty) -> bool {
    matches!(ty, Ty::Array(kind, shape) if shape.is_empty() && kind.is_real())
}
