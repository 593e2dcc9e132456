//! Expressions.

use crate::elaborate::Elaborator;
use crate::elaborate::builtin;
use crate::elaborate::cond::Places;
use crate::elaborate::wanted::{carrier, is_choice, met, named, part};
use crate::supply::Phase;
use crate::ty::{Kind, Ty};
use crate::value::{Env, Func, Model, Value};
use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{self, Expr, ExprKind, Pattern, Statement};
use lentil_unary::UnaryOp;
use std::collections::HashSet;
use std::sync::Arc;

impl Elaborator<'_> {
    /// The value of an expression in a scope.
    pub(crate) fn expr(&mut self, e: &Expr, env: &Env) -> Value {
        self.deeper(e.span, |this| {
            let value = this.expr_inner(e, env);
            // What has a name was looked at when it was bound, and so were the parts of a product.
            let made_here = !matches!(
                e.kind,
                ExprKind::Name(_)
                    | ExprKind::Field(..)
                    | ExprKind::Block(..)
                    | ExprKind::Tuple(_)
                    | ExprKind::Record(_)
            );
            if !made_here || this.has_good_sizes(&value, e.span) {
                value
            } else {
                Value::Error
            }
        })
    }

    fn expr_inner(&mut self, e: &Expr, env: &Env) -> Value {
        let wanted = self.wanted.take();
        let wanted = wanted.as_ref();
        let span = e.span;
        match &e.kind {
            ExprKind::Name(name) => self.name(name, env, span),
            ExprKind::Number(text) => self.number(text, span),
            ExprKind::Text(text) => Value::Text(text.as_str().into()),
            ExprKind::Bool(b) => Value::Array(self.literal(&Kind::Bool, i64::from(*b))),
            ExprKind::Tuple(items) => {
                let items = items.iter().enumerate();
                let items = items.map(|(k, i)| self.expr_over(i, env, part(wanted, k)));
                Value::Tuple(items.collect())
            }
            ExprKind::Array(items) => self.array_literal(items, env, wanted, span),
            ExprKind::Comprehension(body, binders) => {
                self.comprehension(body, binders, env, wanted, span)
            }
            ExprKind::Record(fields) => self.record(fields, env, wanted),
            ExprKind::Block(statements, result) => {
                let mut env = env.clone();
                for statement in statements {
                    env = self.statement(statement, &env);
                }
                self.expr_over(result, &env, wanted)
            }
            ExprKind::If(c, a, b) => self.if_((c, a, b), env, wanted, span),
            ExprKind::Lambda(params, body) => {
                if !self.refuse_twins(params.iter().map(|p| &p.name)) {
                    return Value::Error;
                }
                if self.checking() {
                    self.check_names(e, env);
                }
                Value::Func(Arc::new(Func::Lambda {
                    params: params.clone(),
                    body: Arc::new((**body).clone()),
                    env: env.clone(),
                }))
            }
            ExprKind::Call(function, args) => {
                let function = self.expr(function, env);
                self.call_expr(function, args, env, wanted, span)
            }
            ExprKind::Reduction(function, body, binders) => {
                // A sum of numbers has their carrier.
                let wanted = wanted.and_then(carrier).map(Ty::scalar);
                let array = self.comprehension(body, binders, env, wanted.as_ref(), span);
                if array.is_error() || !self.has_good_sizes(&array, span) {
                    return Value::Error;
                }
                let function = self.expr(function, env);
                self.reduction(&function, array, binders.len(), span)
            }
            ExprKind::Bracket(base, items) => self.bracket(base, items, env, span),
            ExprKind::Range(..) => {
                let title = "a range stands inside a bracket only";
                self.error(Diagnostic::error("E0321", title, span, "as in `x[2..5]`"))
            }
            ExprKind::Field(base, name) => {
                if let Some(value) = self.dotted_builtin(base, name, env) {
                    return value;
                }
                if let Some(error) = self.unknown_dotted(base, name, env, span) {
                    return error;
                }
                let base = self.expr(base, env);
                self.field(base, name, span)
            }
            ExprKind::Unary(op, a) => {
                let a = self.expr_over(a, env, wanted);
                let op = match op {
                    ast::UnaryOp::Neg => UnaryOp::Neg,
                    ast::UnaryOp::Not => UnaryOp::Not,
                };
                self.unary(op, a, span)
            }
            ExprKind::Binary(ast::BinaryOp::Then, ..) => {
                let factors = self.factors(ast::BinaryOp::Then, e, env);
                self.compose(factors, true, span)
            }
            ExprKind::Binary(ast::BinaryOp::Beside, ..) => {
                let factors = self.factors(ast::BinaryOp::Beside, e, env);
                self.compose(factors, false, span)
            }
            ExprKind::Binary(ast::BinaryOp::Pipe, a, f) => {
                let a = self.expr(a, env);
                let function = self.expr(f, env);
                self.apply_over(&function, vec![a], span, wanted)
            }
            // A whole number as the exponent is repeated multiplication, of whole numbers too.
            ExprKind::Binary(ast::BinaryOp::Pow, a, b) if whole_number(b).is_some() => {
                let base = self.expr_over(a, env, wanted);
                self.natural_power(base, whole_number(b).unwrap_or(0), span)
            }
            ExprKind::Binary(_, a, b) if is_mode(a, env) || is_mode(b, env) => {
                self.no_mode("the mode is no value", span, "asked outside of a condition")
            }
            ExprKind::Binary(op, a, b) => {
                let (a, b) = self.operands(*op, (a, b), env, wanted);
                self.operator(*op, a, b, span)
            }
            ExprKind::Labelled(name, _) => {
                let title = format!("`{}:` labels nothing here", name.text);
                self.error(
                    Diagnostic::error(
                        "E0322",
                        title,
                        span,
                        "not a factor of a composite, nor an argument",
                    )
                    .hint("a label stands before a factor of `>>` or `|`, or names an argument"),
                )
            }
            ExprKind::Error => Value::Error,
        }
    }

    /// The operands of an operator. A choice of numbers takes the carrier of the other one.
    fn operands(
        &mut self,
        op: ast::BinaryOp,
        (a, b): (&Expr, &Expr),
        env: &Env,
        wanted: Option<&Ty>,
    ) -> (Value, Value) {
        let wanted = wanted.filter(|_| is_arithmetic(op));
        if is_choice(a) && !is_choice(b) {
            let b = self.expr_over(b, env, wanted);
            let a = self.expr_over(a, env, met(&b).as_ref().or(wanted));
            return (a, b);
        }
        let a = self.expr_over(a, env, wanted);
        let other = if is_choice(b) { met(&a) } else { None };
        let b = self.expr_over(b, env, other.as_ref().or(wanted));
        (a, b)
    }

    pub(crate) fn record(
        &mut self,
        fields: &[(ast::Ident, Expr)],
        env: &Env,
        wanted: Option<&Ty>,
    ) -> Value {
        let mut out: Vec<(Arc<str>, Value)> = Vec::new();
        let mut names = HashSet::new();
        for (place, (name, e)) in fields.iter().enumerate() {
            let value = self.expr_over(e, env, named(wanted, place, &name.text));
            if !names.insert(&name.text) {
                let title = format!("the field `{}` is given twice", name.text);
                return self.error(Diagnostic::error(
                    "E0325",
                    title,
                    name.span,
                    "the second one",
                ));
            }
            out.push((name.text.as_str().into(), value));
        }
        Value::Record(out.into())
    }

    pub(crate) fn field(&mut self, base: Value, name: &ast::Ident, span: Span) -> Value {
        match &base {
            Value::Error => Value::Error,
            Value::Record(fields) => {
                if let Some(value) = fields.get(&name.text) {
                    return value.clone();
                }
                // A path prefix selects the part of a parameter space below it.
                let prefix = format!("{}.", name.text);
                let below: Vec<(Arc<str>, Value)> = fields
                    .iter()
                    .filter_map(|(n, v)| Some((Arc::from(n.strip_prefix(&prefix)?), v.clone())))
                    .collect();
                if !below.is_empty() {
                    return Value::Record(below.into());
                }
                let title = format!("there is no field `{}`", name.text);
                let label = format!("this is {}", base.describe());
                let mut d = Diagnostic::error("E0326", title, name.span, label);
                let close = crate::spelling::closest(&name.text, fields.iter().map(|(n, _)| &**n));
                if let Some(close) = close {
                    d = d.hint(format!("did you mean `{close}`?"));
                }
                self.error(d)
            }
            // A submodel's parameters, under the names that they have there.
            Value::Model(m) if let Model::Bound(_, supply) = &**m => {
                self.field(supply.params.clone(), name, span)
            }
            other => {
                let title = format!("there is no field `{}`", name.text);
                let label = format!("this is {}", other.describe());
                let mut d = Diagnostic::error("E0326", title, span, label);
                if let Some(hint) = self.not_a_method(other, &name.text) {
                    d = d.hint(hint);
                }
                self.error(d)
            }
        }
    }

    /// How to write what other languages write as a field or a method of a value.
    fn not_a_method(&self, base: &Value, name: &str) -> Option<String> {
        match (base, name) {
            (Value::Tuple(_), _) => Some("a tuple is taken apart by `let (a, b) = p`".to_string()),
            (_, "T") => Some("write `transpose(x)`".to_string()),
            (_, name) => match builtin::value(name) {
                Some(_) => Some(format!("write `{name}(x)`")),
                None => crate::spelling::elsewhere(name).map(str::to_string),
            },
        }
    }

    pub(crate) fn statement(&mut self, statement: &Statement, env: &Env) -> Env {
        match statement {
            Statement::Let(pattern, e) => {
                let value = self.expr(e, env);
                self.bind_pattern(pattern, value, env, e.span)
            }
            // A model binds its own submodels, and keeps its own states.
            Statement::Use(name, e) => {
                self.not_at_the_top("use", e.span);
                env.bind(name.text.as_str(), Value::Error)
            }
            Statement::State(_, e) => {
                self.not_at_the_top("state", e.span);
                env.clone()
            }
        }
    }

    fn not_at_the_top(&mut self, word: &str, span: Span) {
        let title = format!("`{word}` stands at the top of a model's body only");
        let label = "not a model's own body";
        self.error(Diagnostic::error("E0401", title, span, label));
    }

    fn bind_pattern(&mut self, pattern: &Pattern, value: Value, env: &Env, span: Span) -> Env {
        match pattern {
            Pattern::Name(name) if name.text == "_" => env.clone(),
            Pattern::Name(name) => env.bind(name.text.as_str(), value),
            Pattern::Tuple(parts, place) => {
                let values = match value {
                    Value::Tuple(values) if values.len() == parts.len() => values,
                    Value::Error => vec![Value::Error; parts.len()],
                    other => {
                        let title = format!("this is not a tuple of {}", parts.len());
                        let label = format!("this is {}", other.describe());
                        self.error(
                            Diagnostic::error("E0327", title, span, label)
                                .label(*place, "taken apart here"),
                        );
                        vec![Value::Error; parts.len()]
                    }
                };
                let mut env = env.clone();
                for (part, value) in parts.iter().zip(values) {
                    env = self.bind_pattern(part, value, &env, span);
                }
                env
            }
        }
    }

    /// Whether `mode == train` or the like stands in a condition, and what it says: the arm that is
    /// not taken does not exist.
    fn mode_question(&mut self, c: &Expr, env: &Env) -> Option<Result<bool, Value>> {
        let ExprKind::Binary(op, a, b) = &c.kind else {
            return None;
        };
        let (mode, other) = match (is_mode(a, env), is_mode(b, env)) {
            (true, false) => (a, b),
            (false, true) => (b, a),
            (true, true) => (a, b),
            (false, false) => return None,
        };
        let same = match op {
            ast::BinaryOp::Eq => true,
            ast::BinaryOp::Ne => false,
            _ => {
                let label = "it is compared by `==` or `!=` only";
                return Some(Err(self.no_mode("the mode is no value", c.span, label)));
            }
        };
        let (ExprKind::Name(mode), ExprKind::Name(word)) = (&mode.kind, &other.kind) else {
            let title = "a mode is `train` or `predict`";
            return Some(Err(self.no_mode(title, other.span, "neither")));
        };
        let asked = match env.get(word) {
            Some(Value::Phase(phase)) => Some(*phase),
            Some(_) => None,
            None => Phase::named(word),
        };
        match (env.get(mode), asked) {
            (Some(Value::Phase(phase)), Some(asked)) => Some(Ok((*phase == asked) == same)),
            _ => {
                let title = "a mode is `train` or `predict`";
                Some(Err(self.no_mode(title, other.span, "neither")))
            }
        }
    }

    fn if_(
        &mut self,
        (c, a, b): (&Expr, &Expr, &Expr),
        env: &Env,
        wanted: Option<&Ty>,
        span: Span,
    ) -> Value {
        match self.mode_question(c, env) {
            Some(Ok(true)) => return self.expr_over(a, env, wanted),
            Some(Ok(false)) => return self.expr_over(b, env, wanted),
            Some(Err(error)) => return error,
            None => {}
        }
        if let Some(question) = self.carrier_question(c, env) {
            return self.by_carrier(&question, (a, b), env, span);
        }
        let condition = self.expr(c, env);
        let places = Places {
            whole: span,
            condition: c.span,
            then: a.span,
            otherwise: b.span,
        };
        let sizes = self.size_question(c, env).unwrap_or_default();
        let (then, otherwise) = (&sizes.then, &sizes.otherwise);
        self.cond(
            condition,
            &places,
            wanted.cloned(),
            sizes.answer,
            &mut |e, wanted| e.given(then, |e| e.expr_over(a, env, wanted)),
            &mut |e, wanted| e.given(otherwise, |e| e.expr_over(b, env, wanted)),
        )
    }
}

/// Whether an expression names the mode of a model.
fn is_mode(e: &Expr, env: &Env) -> bool {
    let ExprKind::Name(name) = &e.kind else {
        return false;
    };
    matches!(env.get(name), Some(Value::Phase(_)))
}

/// Whether the carrier of what an operator makes is that of its operands.
fn is_arithmetic(op: ast::BinaryOp) -> bool {
    use ast::BinaryOp as B;
    match op {
        B::Add | B::Sub | B::Mul | B::Div | B::Rem | B::Pow | B::MatMul => true,
        B::Eq | B::Ne | B::Lt | B::Le | B::Gt | B::Ge | B::Approx => false,
        B::And | B::Or | B::Then | B::Beside | B::Pipe => false,
    }
}

/// A small whole number as it is written.
fn whole_number(e: &Expr) -> Option<u32> {
    match &e.kind {
        ExprKind::Number(text) => text.parse().ok().filter(|&n| n <= 64),
        _ => None,
    }
}
