//! `[ e for i < n, j ]` and `sum(e for k)`.

use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{Binder, Expr, ExprKind, Statement};

use super::Elaborator;
use crate::size::Size;
use crate::value::{Env, Value};

impl Elaborator<'_> {
    /// The array of a body over all binders, the first outermost.
    pub(crate) fn comprehension(
        &mut self,
        body: &Expr,
        binders: &[Binder],
        env: &Env,
        span: Span,
    ) -> Value {
        let Some((first, rest)) = binders.split_first() else {
            return self.expr(body, env);
        };
        let Some(n) = self.binder_size(first, body, rest, env) else {
            return Value::Error;
        };
        self.deeper(span, |e| {
            e.map_over(&n, &Value::unit(), span, |e, i, _| {
                let inner = env.bind(first.name.text.as_str(), i);
                e.comprehension(body, rest, &inner, span)
            })
        })
    }

    fn binder_size(
        &mut self,
        binder: &Binder,
        body: &Expr,
        rest: &[Binder],
        env: &Env,
    ) -> Option<Size> {
        if let Some(bound) = &binder.bound {
            let n = self.size(bound, env)?;
            if n.as_constant().is_some_and(|n| n < 0) {
                let title = format!("`{}` runs over a negative size", binder.name.text);
                self.error(Diagnostic::error(
                    "E0504",
                    title,
                    bound.span,
                    format!("this is `{n}`"),
                ));
                return None;
            }
            return Some(n);
        }
        let name = binder.name.text.as_str();
        let mut uses = Vec::new();
        find_uses(body, name, &mut uses);
        let hidden: Vec<&str> = rest
            .iter()
            .map(|b| b.name.text.as_str())
            .chain(std::iter::once(name))
            .collect();
        for (base, axis) in uses {
            if mentions(base, &hidden) {
                continue;
            }
            let value = self.dry(|e| e.expr(base, env));
            if let Value::Array(a) = value
                && let Some(size) = a.shape.get(axis)
            {
                return Some(size.clone());
            }
        }
        let title = format!("how far `{name}` runs is not known");
        self.error(
            Diagnostic::error(
                "E0320",
                title,
                binder.name.span,
                "no array is indexed by it alone",
            )
            .hint(format!("say it: `for {name} < n`")),
        );
        None
    }
}

/// Arrays that are indexed by exactly the name, and at which axis.
fn find_uses<'e>(e: &'e Expr, name: &str, out: &mut Vec<(&'e Expr, usize)>) {
    if let ExprKind::Bracket(base, items) = &e.kind {
        for (axis, item) in items.iter().enumerate() {
            if matches!(&item.kind, ExprKind::Name(n) if n == name) {
                out.push((base, axis));
            }
        }
    }
    for_children(e, &mut |child| find_uses(child, name, out));
}

fn mentions(e: &Expr, names: &[&str]) -> bool {
    if let ExprKind::Name(n) = &e.kind
        && names.contains(&n.as_str())
    {
        return true;
    }
    let mut found = false;
    for_children(e, &mut |child| found |= mentions(child, names));
    found
}

/// Calls a function on every direct part of an expression.
pub(crate) fn for_children<'e>(e: &'e Expr, f: &mut dyn FnMut(&'e Expr)) {
    match &e.kind {
        ExprKind::Name(_)
        | ExprKind::Number(_)
        | ExprKind::Text(_)
        | ExprKind::Bool(_)
        | ExprKind::Error => {}
        ExprKind::Tuple(items) | ExprKind::Array(items) => items.iter().for_each(f),
        ExprKind::Comprehension(body, binders) => {
            f(body);
            binders.iter().filter_map(|b| b.bound.as_ref()).for_each(f);
        }
        ExprKind::Record(fields) => fields.iter().for_each(|(_, v)| f(v)),
        ExprKind::Block(statements, result) => {
            for statement in statements {
                match statement {
                    Statement::Let(_, v) | Statement::Use(_, v) => f(v),
                }
            }
            f(result);
        }
        ExprKind::If(c, a, b) => {
            f(c);
            f(a);
            f(b);
        }
        ExprKind::Lambda(_, body) => f(body),
        ExprKind::Call(function, args) => {
            f(function);
            args.params.iter().flatten().for_each(&mut *f);
            args.args.iter().for_each(f);
        }
        ExprKind::Reduction(function, body, binders) => {
            f(function);
            f(body);
            binders.iter().filter_map(|b| b.bound.as_ref()).for_each(f);
        }
        ExprKind::Bracket(base, items) => {
            f(base);
            items.iter().for_each(f);
        }
        ExprKind::Range(a, b) => {
            a.iter().for_each(|e| f(e));
            b.iter().for_each(|e| f(e));
        }
        ExprKind::Field(base, _) => f(base),
        ExprKind::Unary(_, a) => f(a),
        ExprKind::Binary(_, a, b) => {
            f(a);
            f(b);
        }
        ExprKind::Labelled(_, a) => f(a),
    }
}
