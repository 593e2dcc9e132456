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

mod check;
mod programs;
mod settings;
mod step;

use crate::data::DataSpec;
use crate::elaborate::Elaborator;
use crate::elaborate::learner::settings::setting_expr;
use crate::module::DefId;
use crate::ty::Ty;
use crate::value::{Env, Optimizer, ParamDecl, Value};
use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{Expr, ExprKind, ItemKind};
use std::rc::Rc;

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
}

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
