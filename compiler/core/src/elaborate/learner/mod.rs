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
//! Source: Cruttwell et al. (arXiv 2103.01931), on supervised learning with parametric lenses. The mean is absent over carriers without
//! division; there the cap hands the loss back as its own cotangent, which is Reverse Derivative Ascent.

mod check;
mod flow;
mod groups;
mod programs;
mod run;
mod settings;
mod step;

use crate::data::DataSpec;
use crate::elaborate::learner::groups::{Group, learnt_by};
use crate::elaborate::learner::settings::{place, setting_expr};
use crate::elaborate::{Elaborator, Need, record_type};
use crate::module::DefId;
use crate::ty::Ty;
use crate::value::{Env, ParamDecl, Value};
use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{ExprKind, ItemKind};
use std::sync::Arc;

/// A learner with its parts evaluated.
#[derive(Clone, Debug)]
pub struct LearnerSpec {
    /// Its name.
    pub name: String,
    /// Where it is defined.
    pub span: Span,
    pub(crate) def: DefId,
    pub(crate) model: Value,
    pub(crate) loss: Value,
    pub(crate) cap: Option<Value>,
    /// What learns which parameters.
    pub(crate) groups: Vec<Group>,
    /// The parameters that are learnt, by path, in the order of declaration.
    pub(crate) learnt: Vec<Arc<str>>,
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
    /// The model's parameters and its states.
    pub(crate) params: Vec<ParamDecl>,
    /// When the model draws random numbers.
    pub(crate) draws: Need,
    /// Whether the model takes the batch itself.
    pub(crate) batched: bool,
    /// The optimizer's states.
    pub(crate) states: Vec<(Arc<str>, Ty)>,
    /// The type of one output.
    pub output_ty: Ty,
}

impl Elaborator<'_> {
    /// Evaluates the parts of a learner and checks that they fit; `None` after an error.
    pub(crate) fn learner(&mut self, def: DefId) -> Option<LearnerSpec> {
        self.checked(|e| e.learner_spec(def))
    }

    fn learner_spec(&mut self, def: DefId) -> Option<LearnerSpec> {
        let modules = self.modules;
        let ItemKind::Learner(l) = &modules.item(def).kind else {
            return None;
        };
        let module = Env::module(def.module);
        self.check_settings(l);
        // All settings are evaluated before any is given up, so that all errors are seen.
        let model = self.setting(l, "model", &module);
        let loss = self.setting(l, "loss", &module);
        let optimizer = self.setting(l, "optimizer", &module);
        let data = self.data_of(l, def);
        let cap = self.optional(l, "cap", &module);
        let report = self.optional(l, "report", &module);
        let batch = self.natural(l, "batch", &module);
        let epochs = self.natural(l, "epochs", &module);
        let seed = self.natural(l, "seed", &module);
        let shuffle = self.truth_setting(l, "shuffle");
        let model = model.and_then(|m| self.as_model(m, place(l, "model")));
        let space = match &model {
            Some(model) => self.space(model),
            None => None,
        };
        if batch == Some(Some(0)) {
            let title = "a batch has at least one example";
            let label = "this is zero";
            self.error(Diagnostic::error("E0431", title, place(l, "batch"), label));
            return None;
        }
        let groups = match (optimizer, setting_expr(l, "optimizer"), &space) {
            (Some(optimizer), Some(e), Some(space)) => self.groups(optimizer, e, &space.decls),
            _ => None,
        };
        let (data, model, space, groups) = (data?, model?, space?, groups?);
        let batched = self.takes_batch(&model, &data.input_ty);
        let mut spec = LearnerSpec {
            name: l.name.text.clone(),
            span: l.name.span,
            def,
            model,
            loss: loss?,
            cap: cap?,
            learnt: learnt_by(&groups, &space.decls),
            groups,
            report: report?,
            report_name: setting_expr(l, "report").map(|e| match &e.kind {
                ExprKind::Name(n) => n.clone(),
                _ => "report".to_string(),
            }),
            batch: batch?.unwrap_or(1),
            epochs: epochs?.unwrap_or(1),
            seed: seed?.map_or(data.seed, |n| n as u64),
            shuffle: shuffle?.unwrap_or(true),
            data,
            draws: space.key,
            params: space.decls,
            batched,
            states: Vec::new(),
            output_ty: Ty::unit(),
        };
        self.check_parts(l, &mut spec)?;
        Some(spec)
    }

    /// The same learner with its parts evaluated in the region that is being emitted, where the
    /// numbers they hold are.
    pub(crate) fn live(&mut self, spec: &LearnerSpec) -> Option<LearnerSpec> {
        let modules = self.modules;
        let ItemKind::Learner(l) = &modules.item(spec.def).kind else {
            return None;
        };
        let module = Env::module(spec.def.module);
        let model = self.setting(l, "model", &module)?;
        let optimizer = self.setting(l, "optimizer", &module)?;
        Some(LearnerSpec {
            model: self.as_model(model, place(l, "model"))?,
            loss: self.setting(l, "loss", &module)?,
            cap: self.optional(l, "cap", &module)?,
            report: self.optional(l, "report", &module)?,
            groups: self.groups(optimizer, setting_expr(l, "optimizer")?, &spec.params)?,
            ..spec.clone()
        })
    }
}

impl LearnerSpec {
    /// The type of all that the model holds: parameters and states.
    pub(crate) fn held_ty(&self) -> Ty {
        record_type(&self.params)
    }

    /// Whether a step takes a key.
    pub(crate) fn keyed(&self) -> bool {
        self.draws != Need::Never
    }

    /// The type of the optimizer's states.
    pub(crate) fn state_ty(&self) -> Ty {
        Ty::Record(self.states.clone())
    }
}
