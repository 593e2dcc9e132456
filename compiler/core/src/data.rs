//! `data` items: columns, encoders and splits, checked and as data for the runtime.

use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{self, DataDef, Expr, ExprKind};

use crate::size::Size;
use crate::ty::{Kind, Ty};

/// A data set as the program declares it.
#[derive(Clone, Debug, PartialEq)]
pub struct DataSpec {
    /// Its name.
    pub name: String,
    /// The file as written, relative to the source file.
    pub path: String,
    /// Where that is written.
    pub path_span: Span,
    /// Columns by name, in the order written, as the file has them.
    pub columns: Vec<(String, ColumnKind)>,
    /// How an example's input is made.
    pub input: Encoding,
    /// How an example's target is made.
    pub target: Encoding,
    /// The type of one example's input.
    pub input_ty: Ty,
    /// The type of one example's target.
    pub target_ty: Ty,
    /// Which rows train and which are held out.
    pub split: SplitRule,
    /// Whether encoders are fitted on all rows; by default on the training rows only.
    pub fit_on_all: bool,
    /// Keeps only rows of these classes of a column.
    pub only: Option<(String, Vec<String>)>,
    /// The seed of the split.
    pub seed: u64,
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// A real number.
    Real,
    /// A whole number.
    Int,
    /// 0 or 1.
    Bit,
    /// true or false.
    Bool,
    /// One of these names.
    Category(Vec<String>),
}

/// How columns become numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Encoding {
    /// A column.
    Column(String),
    /// Scalars of one kind, as a vector.
    List(Vec<Encoding>),
    /// Vectors of one kind, one after the other.
    Concat(Vec<Encoding>),
    /// Whole numbers, bits or conditions as reals.
    Real(Box<Encoding>),
    /// Mean 0 and deviation 1.
    Standardize(Box<Encoding>),
    /// From 0 to 1.
    MinMax(Box<Encoding>),
    /// Whether it is greater, as bits.
    Threshold(Box<Encoding>, f64),
    /// One for the class, zero for the others, over a carrier.
    OneHot(Box<Encoding>, Kind),
    /// The class's number.
    Index(Box<Encoding>),
    /// The class's number in binary, low bit first.
    Binary(Box<Encoding>),
}

/// Which rows train.
#[derive(Clone, Debug, PartialEq)]
pub enum SplitRule {
    /// A share of the rows, drawn with the seed.
    Shuffled(f64),
    /// A share of the rows, the first.
    Ordered(f64),
    /// A share of each class of a column, drawn with the seed.
    Stratified(String, f64),
    /// The first so many rows of each class of a column.
    FirstOfEach(String, usize),
}

/// Reads a `data` item; `None` after an error.
pub fn read(def: &DataDef) -> (Option<DataSpec>, Vec<Diagnostic>) {
    let mut reader = Reader {
        def,
        columns: Vec::new(),
        diagnostics: Vec::new(),
    };
    let spec = reader.spec();
    (spec, reader.diagnostics)
}

struct Reader<'d> {
    def: &'d DataDef,
    columns: Vec<(String, ColumnKind)>,
    diagnostics: Vec<Diagnostic>,
}

const SETTINGS: [&str; 7] = ["columns", "input", "target", "split", "seed", "fit", "only"];

impl Reader<'_> {
    fn fail<T>(&mut self, code: &'static str, title: &str, span: Span, label: &str) -> Option<T> {
        self.diagnostics
            .push(Diagnostic::error(code, title, span, label));
        None
    }

    fn setting(&self, name: &str) -> Option<&'_ Expr> {
        self.def
            .fields
            .iter()
            .find(|s| s.name.text == name)
            .map(|s| &s.value)
    }

    fn required(&mut self, name: &str) -> Option<Expr> {
        match self.setting(name) {
            Some(e) => Some(e.clone()),
            None => {
                let title = format!("the data set `{}` has no `{name}`", self.def.name.text);
                let span = self.def.name.span;
                self.fail("E0421", &title, span, &format!("`{name} = …` is missing"))
            }
        }
    }

    fn spec(&mut self) -> Option<DataSpec> {
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
        let (path, path_span) = self.source()?;
        let columns = self.required("columns")?;
        self.read_columns(&columns)?;
        let input_expr = self.required("input")?;
        let target_expr = self.required("target")?;
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
        let (input, target) = (input?, target?);
        let input_ty = self.ty(&input, input_expr.span);
        let target_ty = self.ty(&target, target_expr.span);
        Some(DataSpec {
            name: def.name.text.clone(),
            path,
            path_span,
            columns,
            input,
            target,
            input_ty: input_ty?,
            target_ty: target_ty?,
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
                ExprKind::Name(n) => match n.as_str() {
                    "Real" => Some(ColumnKind::Real),
                    "Int" => Some(ColumnKind::Int),
                    "Bit" => Some(ColumnKind::Bit),
                    "Bool" => Some(ColumnKind::Bool),
                    _ => None,
                },
                ExprKind::Bracket(base, items) if matches!(&base.kind, ExprKind::Name(n) if n == "Category") =>
                {
                    let names: Option<Vec<String>> = items
                        .iter()
                        .map(|i| match &i.kind {
                            ExprKind::Text(t) => Some(t.clone()),
                            _ => None,
                        })
                        .collect();
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

    fn encoding(&mut self, e: &Expr) -> Option<Encoding> {
        match &e.kind {
            ExprKind::Name(name) => {
                if self.columns.iter().any(|(n, _)| n == name) {
                    return Some(Encoding::Column(name.clone()));
                }
                let known: Vec<&str> = self.columns.iter().map(|(n, _)| n.as_str()).collect();
                let mut d = Diagnostic::error(
                    "E0424",
                    format!("there is no column `{name}`"),
                    e.span,
                    "not declared in `columns`",
                );
                if let Some(close) = crate::spelling::closest(name, known.into_iter()) {
                    d = d.hint(format!("did you mean `{close}`?"));
                }
                self.diagnostics.push(d);
                None
            }
            ExprKind::Array(items) if !items.is_empty() => {
                let parts: Vec<Option<Encoding>> = items.iter().map(|i| self.encoding(i)).collect();
                Some(Encoding::List(parts.into_iter().collect::<Option<_>>()?))
            }
            ExprKind::Call(f, args) => self.encoder(f, args, e.span),
            _ => self.unknown_encoder(e.span),
        }
    }

    fn encoder(&mut self, f: &Expr, args: &ast::CallArgs, span: Span) -> Option<Encoding> {
        let (name, carrier) = match &f.kind {
            ExprKind::Name(n) => (n.as_str(), Kind::Real),
            ExprKind::Bracket(base, items) => match (&base.kind, &items[..]) {
                (
                    ExprKind::Name(n),
                    [
                        Expr {
                            kind: ExprKind::Name(k),
                            ..
                        },
                    ],
                ) if n == "one_hot" => match k.as_str() {
                    "Real" => ("one_hot", Kind::Real),
                    "Bit" => ("one_hot", Kind::Bit),
                    _ => return self.unknown_encoder(span),
                },
                _ => return self.unknown_encoder(span),
            },
            _ => return self.unknown_encoder(span),
        };
        if name == "concat" {
            let parts: Vec<Option<Encoding>> = args.args.iter().map(|a| self.encoding(a)).collect();
            return Some(Encoding::Concat(parts.into_iter().collect::<Option<_>>()?));
        }
        if name == "threshold" {
            let [inner, limit] = &args.args[..] else {
                let label = "as in `threshold(min_max([a, b]), 0.5)`";
                return self.fail(
                    "E0425",
                    "`threshold` takes columns and a limit",
                    span,
                    label,
                );
            };
            let inner = self.encoding(inner)?;
            let limit = self.number(limit)?;
            return Some(Encoding::Threshold(Box::new(inner), limit));
        }
        let [inner] = &args.args[..] else {
            return self.unknown_encoder(span);
        };
        let inner = Box::new(self.encoding(inner)?);
        match name {
            "real" => Some(Encoding::Real(inner)),
            "standardize" => Some(Encoding::Standardize(inner)),
            "min_max" => Some(Encoding::MinMax(inner)),
            "one_hot" => Some(Encoding::OneHot(inner, carrier)),
            "index" => Some(Encoding::Index(inner)),
            "binary" => Some(Encoding::Binary(inner)),
            _ => self.unknown_encoder(span),
        }
    }

    fn unknown_encoder<T>(&mut self, span: Span) -> Option<T> {
        self.diagnostics.push(
            Diagnostic::error("E0425", "this is no encoder", span, "unknown").hint(
                "encoders are `[a, b]`, `real`, `standardize`, `min_max`, `threshold`, `one_hot`, `one_hot[Bit]`, `index`, `binary` and `concat`",
            ),
        );
        None
    }

    fn ty(&mut self, e: &Encoding, span: Span) -> Option<Ty> {
        match self.kind_and_size(e) {
            Ok((kind, None)) => Some(Ty::scalar(kind)),
            Ok((kind, Some(n))) => Some(Ty::Array(kind, vec![Size::constant(n as i128)])),
            Err(why) => self.fail("E0425", "these columns cannot be encoded so", span, &why),
        }
    }

    fn kind_and_size(&self, e: &Encoding) -> Result<(Kind, Option<usize>), String> {
        let real = |inner: &Encoding, what: &str| match self.kind_and_size(inner)? {
            (Kind::Real, n) => Ok(n),
            (kind, _) => Err(format!(
                "`{what}` takes reals, not `{kind}`; write `real(…)`"
            )),
        };
        let classes = |inner: &Encoding, what: &str| match self.kind_and_size(inner)? {
            (Kind::Category(names), None) => Ok(names.len()),
            (kind, _) => Err(format!("`{what}` takes a category, not `{kind}`")),
        };
        match e {
            Encoding::Column(name) => {
                let kind = self.columns.iter().find(|(n, _)| n == name).map(|(_, k)| k);
                Ok(match kind {
                    Some(ColumnKind::Int) => (Kind::Int, None),
                    Some(ColumnKind::Bit) => (Kind::Bit, None),
                    Some(ColumnKind::Bool) => (Kind::Bool, None),
                    Some(ColumnKind::Category(names)) => {
                        (Kind::Category(names.clone().into()), None)
                    }
                    Some(ColumnKind::Real) | None => (Kind::Real, None),
                })
            }
            Encoding::List(parts) => {
                let mut kinds = Vec::new();
                for part in parts {
                    match self.kind_and_size(part)? {
                        (kind, None) => kinds.push(kind),
                        (_, Some(_)) => return Err("a list holds single numbers".to_string()),
                    }
                }
                let first = kinds.first().cloned().unwrap_or(Kind::Real);
                match kinds.iter().find(|k| **k != first) {
                    Some(other) => Err(format!("a list of `{first}` and `{other}`")),
                    None => Ok((first, Some(kinds.len()))),
                }
            }
            Encoding::Concat(parts) => {
                let mut total = 0;
                let mut first = None;
                for part in parts {
                    let (kind, n) = self.kind_and_size(part)?;
                    total += n.ok_or("`concat` puts vectors one after the other")?;
                    match &first {
                        None => first = Some(kind),
                        Some(f) if *f != kind => {
                            return Err(format!("a vector of `{f}` and one of `{kind}`"));
                        }
                        Some(_) => {}
                    }
                }
                Ok((first.ok_or("nothing to put together")?, Some(total)))
            }
            Encoding::Real(inner) => match self.kind_and_size(inner)? {
                (Kind::Category(_), _) => Err("a category is no number".to_string()),
                (_, n) => Ok((Kind::Real, n)),
            },
            Encoding::Standardize(inner) => Ok((Kind::Real, real(inner, "standardize")?)),
            Encoding::MinMax(inner) => Ok((Kind::Real, real(inner, "min_max")?)),
            Encoding::Threshold(inner, _) => Ok((Kind::Bit, real(inner, "threshold")?)),
            Encoding::OneHot(inner, carrier) => {
                Ok((carrier.clone(), Some(classes(inner, "one_hot")?)))
            }
            Encoding::Index(inner) => {
                classes(inner, "index")?;
                Ok((Kind::Int, None))
            }
            Encoding::Binary(inner) => {
                let n = classes(inner, "binary")?;
                let bits = usize::BITS - n.saturating_sub(1).leading_zeros();
                Ok((Kind::Bit, Some((bits as usize).max(1))))
            }
        }
    }

    fn split(&mut self, e: &Expr) -> Option<SplitRule> {
        let call = match &e.kind {
            ExprKind::Call(f, args) => match &f.kind {
                ExprKind::Name(n) => Some((n.as_str(), &args.args[..])),
                _ => None,
            },
            _ => None,
        };
        match call {
            None => Some(SplitRule::Shuffled(self.share(e)?)),
            Some(("ordered", [share])) => Some(SplitRule::Ordered(self.share(share)?)),
            Some(("stratified", [column, share])) => Some(SplitRule::Stratified(
                self.class_column(column)?,
                self.share(share)?,
            )),
            Some(("first_of_each", [column, count])) => {
                let column = self.class_column(column)?;
                let count = self.natural(count)?;
                Some(SplitRule::FirstOfEach(column, count as usize))
            }
            Some(_) => {
                let label = "a share such as `0.8`, `ordered(0.8)`, `stratified(column, 0.8)` or `first_of_each(column, 25)`";
                self.fail("E0426", "this is no rule for a split", e.span, label)
            }
        }
    }

    fn class_column(&mut self, e: &Expr) -> Option<String> {
        if let ExprKind::Name(name) = &e.kind
            && self
                .columns
                .iter()
                .any(|(n, k)| n == name && matches!(k, ColumnKind::Category(_)))
        {
            return Some(name.clone());
        }
        self.fail(
            "E0426",
            "a column of classes is expected here",
            e.span,
            "not a `Category` column",
        )
    }

    fn only(&mut self, e: &Expr) -> Option<(String, Vec<String>)> {
        if let ExprKind::Bracket(base, items) = &e.kind {
            let column = self.class_column(base)?;
            let mut classes = Vec::new();
            for item in items {
                let known = self.columns.iter().any(|(n, k)| {
                    *n == column
                        && matches!((k, &item.kind), (ColumnKind::Category(c), ExprKind::Text(t)) if c.contains(t))
                });
                match &item.kind {
                    ExprKind::Text(t) if known => classes.push(t.clone()),
                    _ => {
                        let label = "not a class of that column";
                        return self.fail("E0426", "there is no such class", item.span, label);
                    }
                }
            }
            return Some((column, classes));
        }
        let label = "as in `species[\"setosa\", \"versicolor\"]`";
        self.fail("E0426", "rows are kept by their class", e.span, label)
    }

    fn share(&mut self, e: &Expr) -> Option<f64> {
        match self.number(e)? {
            x if x > 0.0 && x < 1.0 => Some(x),
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

    fn number(&mut self, e: &Expr) -> Option<f64> {
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

    fn natural(&mut self, e: &Expr) -> Option<u64> {
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
