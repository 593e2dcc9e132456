//! Encoders: how columns become numbers, and the types of what they make.

use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{self, Expr, ExprKind};

use super::read::Reader;
use super::{ColumnKind, Encoding};
use crate::size::Size;
use crate::ty::{Kind, Ty};

impl Reader<'_> {
    pub(super) fn encoding(&mut self, e: &Expr) -> Option<Encoding> {
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

    pub(super) fn ty(&mut self, e: &Encoding, span: Span) -> Option<Ty> {
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
            (Kind::Category(_), Some(_)) => Err(format!(
                "`{what}` takes one column, without brackets; `concat(a, b)` puts vectors together"
            )),
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
}
