//! The settings of a data set, one by one.

use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{self, DataDef, Expr, ExprKind, ItemKind, TypeKind};

use super::{ColumnKind, DataSpec, SplitRule};
use crate::module::{ModuleId, Modules};

/// What is known while a `data` item is read.
pub(super) struct Reader<'d> {
    def: &'d DataDef,
    modules: &'d Modules,
    module: ModuleId,
    pub(super) columns: Vec<(String, ColumnKind)>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// The types of columns that are one word.
fn plain(name: &str) -> Option<ColumnKind> {
    match name {
        "Real" => Some(ColumnKind::Real),
        "Int" => Some(ColumnKind::Int),
        "Bit" => Some(ColumnKind::Bit),
        "Bool" => Some(ColumnKind::Bool),
        _ => None,
    }
}

/// The names of classes.
fn classes(items: &[Expr]) -> Option<Vec<String>> {
    let text = |item: &Expr| match &item.kind {
        ExprKind::Text(text) => Some(text.clone()),
        _ => None,
    };
    items.iter().map(text).collect()
}

const SETTINGS: [&str; 7] = ["columns", "input", "target", "split", "seed", "fit", "only"];

impl<'d> Reader<'d> {
    pub(super) fn new(def: &'d DataDef, modules: &'d Modules, module: ModuleId) -> Reader<'d> {
        Reader {
            def,
            modules,
            module,
            columns: Vec::new(),
            diagnostics: Vec::new(),
        }
    }

    pub(super) fn finish(mut self) -> (Option<DataSpec>, Vec<Diagnostic>) {
        let spec = self.spec();
        (spec, self.diagnostics)
    }

    pub(super) fn fail<T>(
        &mut self,
        code: &'static str,
        title: &str,
        span: Span,
        label: &str,
    ) -> Option<T> {
        self.diagnostics
            .push(Diagnostic::error(code, title, span, label));
        None
    }

    pub(super) fn setting(&self, name: &str) -> Option<&'_ Expr> {
        self.def
            .fields
            .iter()
            .find(|s| s.name.text == name)
            .map(|s| &s.value)
    }

    pub(super) fn required(&mut self, name: &str) -> Option<Expr> {
        match self.setting(name) {
            Some(e) => Some(e.clone()),
            None => {
                let title = format!("the data set `{}` has no `{name}`", self.def.name.text);
                let span = self.def.name.span;
                self.fail("E0421", &title, span, &format!("`{name} = …` is missing"))
            }
        }
    }

    pub(super) fn spec(&mut self) -> Option<DataSpec> {
        let def = self.def;
        for (i, s) in def.fields.iter().enumerate() {
            if !SETTINGS.contains(&s.name.text.as_str()) {
                let title = format!("a data set has no `{}`", s.name.text);
                let mut d = Diagnostic::error("E0420", title, s.name.span, "unknown setting");
                let close = crate::spelling::closest(&s.name.text, SETTINGS.into_iter());
                d = match close {
                    Some(close) => d.hint(format!("did you mean `{close}`?")),
                    None => d.hint(format!("it has `{}`", SETTINGS.join("`, `"))),
                };
                self.diagnostics.push(d);
            }
            if def.fields[..i].iter().any(|t| t.name.text == s.name.text) {
                let title = format!("`{}` is set twice", s.name.text);
                self.fail::<()>("E0420", &title, s.name.span, "the second time");
            }
        }
        let source = self.source();
        let columns = self.required("columns");
        let input_expr = self.required("input");
        let target_expr = self.required("target");
        // Without the columns' names nothing else can be understood.
        self.read_columns(&columns?)?;
        let (path, path_span) = source?;
        let (input_expr, target_expr) = (input_expr?, target_expr?);
        let input = self.encoding(&input_expr);
        let target = self.encoding(&target_expr);
        let split = match self.setting("split").cloned() {
            Some(e) => self.split(&e),
            None => Some(SplitRule::Shuffled(0.8)),
        };
        let seed = match self.setting("seed").cloned() {
            Some(e) => self.natural(&e),
            None => Some(0),
        };
        let fit_on_all = match self.setting("fit").cloned() {
            None => Some(false),
            Some(e) => match &e.kind {
                ExprKind::Name(n) if n == "all" => Some(true),
                ExprKind::Name(n) if n == "train" => Some(false),
                _ => self.fail(
                    "E0422",
                    "encoders are fitted on `train` or on `all`",
                    e.span,
                    "neither",
                ),
            },
        };
        let only = match self.setting("only").cloned() {
            None => Some(None),
            Some(e) => self.only(&e).map(Some),
        };
        let only = only?;
        // The file still has the other classes; only what is made of its rows has not.
        let columns = self.columns.clone();
        if let Some((column, classes)) = &only {
            for (name, kind) in &mut self.columns {
                if name == column {
                    *kind = ColumnKind::Category(classes.clone());
                }
            }
        }
        let input_ty = input.as_ref().map(|e| self.ty(e, input_expr.span));
        let target_ty = target.as_ref().map(|e| self.ty(e, target_expr.span));
        Some(DataSpec {
            name: def.name.text.clone(),
            path,
            path_span,
            columns,
            input: input?,
            target: target?,
            input_ty: input_ty??,
            target_ty: target_ty??,
            split: split?,
            fit_on_all: fit_on_all?,
            only,
            seed: seed?,
        })
    }

    fn source(&mut self) -> Option<(String, Span)> {
        let source = &self.def.source;
        if let ExprKind::Call(f, args) = &source.kind
            && matches!(&f.kind, ExprKind::Name(n) if n == "csv")
            && let [
                Expr {
                    kind: ExprKind::Text(path),
                    span,
                },
            ] = &args.args[..]
        {
            return Some((path.clone(), *span));
        }
        self.fail(
            "E0422",
            "a data set comes from a file",
            source.span,
            "as in `csv(\"file.csv\")`",
        )
    }

    fn read_columns(&mut self, e: &Expr) -> Option<()> {
        let ExprKind::Record(fields) = &e.kind else {
            return self.fail(
                "E0422",
                "columns are a record",
                e.span,
                "as in `{ width: Real }`",
            );
        };
        let mut good = true;
        for (name, ty) in fields {
            let kind = match &ty.kind {
                ExprKind::Name(n) => plain(n).or_else(|| self.named(n)),
                ExprKind::Bracket(base, items) if matches!(&base.kind, ExprKind::Name(n) if n == "Category") =>
                {
                    let names = classes(items);
                    if let Some(names) = &names
                        && let Some(k) = (1..names.len()).find(|&k| names[..k].contains(&names[k]))
                    {
                        let title = format!("the class {:?} is named twice", names[k]);
                        self.fail::<()>("E0423", &title, items[k].span, "the second time");
                        good = false;
                    }
                    names.map(ColumnKind::Category)
                }
                _ => None,
            };
            if self.columns.iter().any(|(n, _)| *n == name.text) {
                let title = format!("the column `{}` is declared twice", name.text);
                self.fail::<()>("E0423", &title, name.span, "the second time");
                good = false;
            }
            match kind {
                Some(kind) => self.columns.push((name.text.clone(), kind)),
                None => {
                    let label = "a column is `Real`, `Int`, `Bit`, `Bool` or `Category[\"…\"]`";
                    self.fail::<()>("E0423", "this is no type of a column", ty.span, label);
                    good = false;
                }
            }
        }
        good.then_some(())
    }

    /// What a name stands for that the program gives to a type of columns.
    fn named(&self, name: &str) -> Option<ColumnKind> {
        let (mut module, mut name) = (self.module, name);
        // A name that leads back to itself is refused where it is defined.
        for _ in 0..100 {
            let def = self.modules.lookup(module, name)?;
            let ItemKind::Type(t) = &self.modules.item(def).kind else {
                return None;
            };
            let TypeKind::Name {
                name: next,
                brackets,
            } = &t.ty.kind
            else {
                return None;
            };
            match &brackets[..] {
                [items] if next.text == "Category" => {
                    return classes(items).map(ColumnKind::Category);
                }
                [] => {}
                _ => return None,
            }
            if let Some(kind) = plain(&next.text) {
                return Some(kind);
            }
            (module, name) = (def.module, &next.text);
        }
        None
    }

    pub(super) fn share(&mut self, e: &Expr) -> Option<f64> {
        match self.number(e)? {
            x if x > 0.0 && x <= 1.0 => Some(x),
            x => {
                let label = format!("{x} is not between 0 and 1");
                self.fail(
                    "E0426",
                    "a share of the rows is between 0 and 1",
                    e.span,
                    &label,
                )
            }
        }
    }

    pub(super) fn number(&mut self, e: &Expr) -> Option<f64> {
        let text = match &e.kind {
            ExprKind::Number(text) => Some((text, 1.0)),
            ExprKind::Unary(ast::UnaryOp::Neg, inner) => match &inner.kind {
                ExprKind::Number(text) => Some((text, -1.0)),
                _ => None,
            },
            _ => None,
        };
        match text.and_then(|(t, sign)| Some(sign * t.replace('_', "").parse::<f64>().ok()?)) {
            Some(x) if x.is_finite() => Some(x),
            _ => self.fail("E0422", "a number is expected here", e.span, "not a number"),
        }
    }

    pub(super) fn natural(&mut self, e: &Expr) -> Option<u64> {
        match &e.kind {
            ExprKind::Number(text) if text.replace('_', "").parse::<u64>().is_ok() => {
                text.replace('_', "").parse().ok()
            }
            _ => self.fail(
                "E0422",
                "a whole number is expected here",
                e.span,
                "not a whole number",
            ),
        }
    }
}
