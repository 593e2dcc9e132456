//! The settings of a learner, one by one.

use crate::data::DataSpec;
use crate::elaborate::Elaborator;
use crate::module::DefId;
use crate::value::{Const, Env, Value};
use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{Expr, ExprKind, ItemKind, LearnerDef};

impl Elaborator<'_> {
    pub(crate) fn check_settings(&mut self, l: &LearnerDef) {
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

    pub(crate) fn setting(&mut self, l: &LearnerDef, name: &str, env: &Env) -> Option<Value> {
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

    /// A setting that may be left out; `None` after an error.
    pub(crate) fn optional(
        &mut self,
        l: &LearnerDef,
        name: &str,
        env: &Env,
    ) -> Option<Option<Value>> {
        match setting_expr(l, name) {
            Some(_) => self.setting(l, name, env).map(Some),
            None => Some(None),
        }
    }

    /// A whole number that may be left out; `None` after an error.
    pub(crate) fn natural(
        &mut self,
        l: &LearnerDef,
        name: &str,
        env: &Env,
    ) -> Option<Option<usize>> {
        let Some(e) = setting_expr(l, name) else {
            return Some(None);
        };
        let value = self.expr(e, env);
        if value.is_error() {
            return None;
        }
        if let Value::Const(Const::Int(n)) = &value
            && let Some(n) = n.as_constant().and_then(|n| usize::try_from(n).ok())
        {
            return Some(Some(n));
        }
        let title = format!("`{name}` is a whole number");
        let label = match &value {
            Value::Const(Const::Int(n)) => format!("this is `{n}`"),
            other => format!("this is {}", other.describe()),
        };
        self.error(Diagnostic::error("E0431", title, e.span, label));
        None
    }

    /// `true` or `false`, or left out; `None` after an error.
    pub(crate) fn truth_setting(&mut self, l: &LearnerDef, name: &str) -> Option<Option<bool>> {
        match setting_expr(l, name) {
            None => Some(None),
            Some(Expr {
                kind: ExprKind::Bool(b),
                ..
            }) => Some(Some(*b)),
            Some(e) => {
                let title = format!("`{name}` is `true` or `false`");
                self.error(Diagnostic::error("E0431", title, e.span, "neither"));
                None
            }
        }
    }

    pub(crate) fn data_of(&mut self, l: &LearnerDef, def: DefId) -> Option<DataSpec> {
        let Some(e) = setting_expr(l, "data") else {
            return self.setting(l, "data", &Env::module(def.module)).and(None);
        };
        let modules = self.modules;
        if let ExprKind::Name(name) = &e.kind
            && let Some(found) = modules.lookup(def.module, name)
            && let ItemKind::Data(d) = &modules.item(found).kind
        {
            // Its own errors are reported where it is checked.
            return crate::data::read(d, modules, found.module).0;
        }
        if let ExprKind::Name(name) = &e.kind
            && modules.get(def.module).missing.contains(name.as_str())
        {
            return None; // That it could not be imported has been said.
        }
        let title = "a learner learns from a data set";
        self.error(
            Diagnostic::error("E0431", title, e.span, "this is not a `data` item")
                .hint("name one: `data d = csv(\"…\") { … }`"),
        );
        None
    }
}

pub(crate) const SETTINGS: [&str; 10] = [
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

pub(crate) fn setting_expr<'l>(l: &'l LearnerDef, name: &str) -> Option<&'l Expr> {
    l.fields
        .iter()
        .find(|s| s.name.text == name)
        .map(|s| &s.value)
}

/// Where a setting is written; the learner's name if it is not.
pub(crate) fn place(l: &LearnerDef, name: &str) -> Span {
    setting_expr(l, name).map_or(l.name.span, |e| e.span)
}
