//! `[ e for i < n, j ]` and `sum(e for k)`.

use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{Binder, Expr, ExprKind, Pattern, Statement};

use super::Elaborator;
use super::wanted::of_elements;
use crate::size::Size;
use crate::ty::Ty;
use crate::value::{Env, Value};

impl Elaborator<'_> {
    /// The array of a body over all binders, the first outermost.
    pub(crate) fn comprehension(
        &mut self,
        body: &Expr,
        binders: &[Binder],
        env: &Env,
        wanted: Option<&Ty>,
        span: Span,
    ) -> Value {
        let Some((first, rest)) = binders.split_first() else {
            let element = self.expr_over(body, env, wanted);
            return self.settle_over(element, wanted, span);
        };
        let Some(n) = self.binder_size(first, body, rest, env) else {
            return Value::Error;
        };
        let wanted = wanted.map(of_elements);
        // Where the body runs, there is something to run over.
        let some = n.sub(&Size::constant(1));
        let known = match some.as_constant() {
            Some(0..) => Vec::new(),
            _ => vec![some],
        };
        let made = |e: &mut Self| {
            e.deeper(span, |e| {
                e.map_over(&n, &Value::unit(), span, |e, i, _| {
                    let inner = env.bind(first.name.text.as_str(), i);
                    let inside =
                        |e: &mut Self| e.comprehension(body, rest, &inner, wanted.as_ref(), span);
                    e.given(&known, inside)
                })
            })
        };
        if n.as_constant() == Some(0)
            && self.lowering()
            && let Some(ty) = self.dry(made).ty()
        {
            return self.empty(&ty);
        }
        let array = made(self);
        match known.is_empty() || self.sizes_hold(&array, span) {
            true => array,
            false => Value::Error,
        }
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
            return self.require_size(&n, bound.span).then_some(n);
        }
        let name = binder.name.text.as_str();
        let mut search = Search {
            name,
            hidden: rest.iter().map(|b| b.name.text.as_str()).collect(),
            found: Vec::new(),
        };
        search.hidden.push(name);
        if !rest.iter().any(|b| b.name.text == name) {
            search.expr(body);
        }
        for (base, axis) in search.found {
            let value = self.dry(|e| e.expr(base, env));
            let shape = match &value {
                // What is wrong with the array is what is to be said.
                Value::Error => {
                    self.expr(base, env);
                    return None;
                }
                Value::Array(a) => Some(a.shape.clone()),
                Value::Const(c) => c
                    .shape()
                    .map(|s| s.iter().map(|&n| Size::constant(n as i128)).collect()),
                _ => None,
            };
            if let Some(size) = shape.and_then(|s: Vec<Size>| s.get(axis).cloned()) {
                return Some(size);
            }
        }
        let title = format!("how far `{name}` runs is not known");
        let label = "no array is indexed by it alone";
        let hint = format!("say it: `for {name} < n`");
        self.error(Diagnostic::error("E0320", title, binder.name.span, label).hint(hint));
        None
    }
}

/// A search for arrays that are indexed by exactly a name, and at which axis.
struct Search<'e> {
    name: &'e str,
    /// Names that mean something else outside, where the array must be known.
    hidden: Vec<&'e str>,
    found: Vec<(&'e Expr, usize)>,
}

impl<'e> Search<'e> {
    fn expr(&mut self, e: &'e Expr) {
        if let ExprKind::Bracket(base, items) = &e.kind {
            for (axis, item) in items.iter().enumerate() {
                let here = matches!(&item.kind, ExprKind::Name(n) if n == self.name);
                if here && !mentions(base, &self.hidden) {
                    self.found.push((base, axis));
                }
            }
        }
        let outside = self.hidden.len();
        match &e.kind {
            ExprKind::Comprehension(_, binders) | ExprKind::Reduction(_, _, binders) => {
                self.hidden
                    .extend(binders.iter().map(|b| b.name.text.as_str()));
            }
            ExprKind::Lambda(params, _) => {
                self.hidden
                    .extend(params.iter().map(|p| p.name.text.as_str()));
            }
            ExprKind::Block(statements, _) => {
                for statement in statements {
                    match statement {
                        Statement::Let(pattern, _) => hide(pattern, &mut self.hidden),
                        Statement::Use(name, _) => self.hidden.push(&name.text),
                        Statement::State(..) => {}
                    }
                }
            }
            _ => {}
        }
        // Below a second binding of the name, the name is another.
        if !self.hidden[outside..].contains(&self.name) {
            for_children(e, &mut |child| self.expr(child));
        }
        self.hidden.truncate(outside);
    }
}

fn hide<'e>(pattern: &'e Pattern, hidden: &mut Vec<&'e str>) {
    match pattern {
        Pattern::Name(name) => hidden.push(&name.text),
        Pattern::Tuple(parts, _) => parts.iter().for_each(|p| hide(p, hidden)),
    }
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
                    Statement::Let(_, v) | Statement::Use(_, v) | Statement::State(_, v) => f(v),
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
