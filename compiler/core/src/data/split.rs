//! Which rows train, and which are kept at all.

use lentil_grammar::ast::{Expr, ExprKind};

use super::read::Reader;
use super::{ColumnKind, SplitRule};

impl Reader<'_> {
    pub(super) fn split(&mut self, e: &Expr) -> Option<SplitRule> {
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

    pub(super) fn class_column(&mut self, e: &Expr) -> Option<String> {
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

    pub(super) fn only(&mut self, e: &Expr) -> Option<(String, Vec<String>)> {
        if let ExprKind::Bracket(base, items) = &e.kind {
            let column = self.class_column(base)?;
            let mut classes = Vec::new();
            for item in items {
                let known = self.columns.iter().any(|(n, k)| {
                    *n == column
                        && matches!((k, &item.kind), (ColumnKind::Category(c), ExprKind::Text(t)) if c.contains(t))
                });
                match &item.kind {
                    ExprKind::Text(t) if known && !classes.contains(t) => classes.push(t.clone()),
                    ExprKind::Text(_) if known => {
                        let title = "this class is named twice";
                        return self.fail("E0426", title, item.span, "the second time");
                    }
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
}
