//! Expressions.

use std::rc::Rc;

use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{self, Expr, ExprKind, ItemKind, Pattern, Statement};
use lentil_unary::{Prim, UnaryOp};

use super::Elaborator;
use super::builtin;
use super::types::simple_kind;
use crate::module::DefId;
use crate::size::Size;
use crate::ty::{Kind, Ty};
use crate::value::{Arr, Const, Env, Factor, Func, Model, Value};

impl Elaborator<'_> {
    /// The value of an expression in a scope.
    pub(crate) fn expr(&mut self, e: &Expr, env: &Env) -> Value {
        self.deeper(e.span, |this| this.expr_inner(e, env))
    }

    fn expr_inner(&mut self, e: &Expr, env: &Env) -> Value {
        let span = e.span;
        match &e.kind {
            ExprKind::Name(name) => self.name(name, env, span),
            ExprKind::Number(text) => self.number(text, span),
            ExprKind::Text(text) => Value::Text(text.as_str().into()),
            ExprKind::Bool(b) => Value::Array(self.literal(&Kind::Bool, i64::from(*b))),
            ExprKind::Tuple(items) => {
                Value::Tuple(items.iter().map(|i| self.expr(i, env)).collect())
            }
            ExprKind::Array(items) => self.array_literal(items, env, span),
            ExprKind::Comprehension(body, binders) => self.comprehension(body, binders, env, span),
            ExprKind::Record(fields) => self.record(fields, env),
            ExprKind::Block(statements, result) => {
                let mut env = env.clone();
                for statement in statements {
                    env = self.statement(statement, &env);
                }
                self.expr(result, &env)
            }
            ExprKind::If(c, a, b) => self.if_(c, a, b, env),
            ExprKind::Lambda(params, body) => Value::Func(Rc::new(Func::Lambda {
                params: params.clone(),
                body: Rc::new((**body).clone()),
                env: env.clone(),
            })),
            ExprKind::Call(function, args) => {
                let function = self.expr(function, env);
                self.call_expr(function, args, env, span)
            }
            ExprKind::Reduction(function, body, binders) => {
                let array = self.comprehension(body, binders, env, span);
                if array.is_error() {
                    return array;
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
                let base = self.expr(base, env);
                self.field(base, name, span)
            }
            ExprKind::Unary(op, a) => {
                let a = self.expr(a, env);
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
                self.apply(&function, vec![a], span)
            }
            ExprKind::Binary(op, a, b) => {
                let a = self.expr(a, env);
                let b = self.expr(b, env);
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

    /// `random.uniform`: a builtin whose name has a dot, unless the user's own name hides it.
    fn dotted_builtin(&self, base: &Expr, name: &ast::Ident, env: &Env) -> Option<Value> {
        let ExprKind::Name(prefix) = &base.kind else {
            return None;
        };
        if env.get(prefix).is_some() || self.modules.lookup(env.module, prefix).is_some() {
            return None;
        }
        builtin::value(&format!("{prefix}.{}", name.text))
    }

    fn number(&mut self, text: &str, span: Span) -> Value {
        let plain = text.replace('_', "");
        if let Ok(n) = plain.parse::<i64>() {
            return Value::int(i128::from(n));
        }
        match plain.parse::<f64>() {
            Ok(x) if x.is_finite() => Value::Const(Const::Real(x)),
            _ => {
                let title = "this number is too large";
                self.error(Diagnostic::error(
                    "E0309",
                    title,
                    span,
                    "beyond what can be represented",
                ))
            }
        }
    }

    fn name(&mut self, name: &str, env: &Env, span: Span) -> Value {
        if let Some(value) = env.get(name) {
            return value.clone();
        }
        if let Some(def) = self.modules.lookup(env.module, name) {
            return self.definition(def, None, span);
        }
        if let Some(kind) = simple_kind(name) {
            return Value::Kind(kind);
        }
        if let Some(value) = builtin::value(name) {
            return value;
        }
        let mut known: Vec<Rc<str>> = env.names();
        known.extend(self.modules.get(env.module).names.keys().cloned());
        known.extend(builtin::names().map(Rc::from));
        let mut d = Diagnostic::error("E0206", format!("there is no `{name}`"), span, "not found");
        if let Some(close) = crate::spelling::closest(name, known.iter().map(|k| &**k)) {
            d = d.hint(format!("did you mean `{close}`?"));
        } else if let Some(module) = crate::stdlib_module_of(name) {
            d = d.hint(format!("`import {module}.{name}`"));
        }
        self.error(d)
    }

    /// The value of a definition, with what stands in its brackets.
    pub(crate) fn definition(
        &mut self,
        def: DefId,
        statics: Option<Vec<Value>>,
        span: Span,
    ) -> Value {
        match &self.modules.item(def).kind {
            ItemKind::Model(m) if m.signature.is_none() => {
                let env = Env::module(def.module);
                let Some(env) = self.bind_statics(&m.statics, &env, statics.as_deref(), span)
                else {
                    return Value::Error;
                };
                self.deeper(span, |e| e.expr(&m.body, &env))
            }
            ItemKind::Model(m) => match statics {
                // With its sizes given (or none to give) it is a model value.
                Some(statics) => {
                    let env = Env::module(def.module);
                    match self.bind_statics(&m.statics, &env, Some(&statics), span) {
                        Some(env) => Value::Model(Rc::new(Model::Def { def, env })),
                        None => Value::Error,
                    }
                }
                None if m.statics.is_empty() => Value::Model(Rc::new(Model::Def {
                    def,
                    env: Env::module(def.module),
                })),
                None => Value::Func(Rc::new(Func::Def { def, statics: None })),
            },
            ItemKind::Fn(_) | ItemKind::Optimizer(_) => {
                Value::Func(Rc::new(Func::Def { def, statics }))
            }
            ItemKind::Lens(l) => {
                let title = format!("the lens `{}` cannot be used yet", l.name.text);
                self.error(Diagnostic::error(
                    "E0590",
                    title,
                    span,
                    "lenses with a hand-written backward half are parsed, not yet compiled",
                ))
            }
            ItemKind::Data(d) => self.not_a_value(&d.name.text, "a data set", span),
            ItemKind::Learner(l) => self.not_a_value(&l.name.text, "a learner", span),
            ItemKind::Import(_) | ItemKind::Test(_) | ItemKind::Law(_) => Value::Error,
        }
    }

    fn not_a_value(&mut self, name: &str, what: &str, span: Span) -> Value {
        let title = format!("`{name}` is not a value");
        self.error(Diagnostic::error(
            "E0323",
            title,
            span,
            format!("this is {what}"),
        ))
    }

    fn array_literal(&mut self, items: &[Expr], env: &Env, span: Span) -> Value {
        let values: Vec<Value> = items.iter().map(|i| self.expr(i, env)).collect();
        if values.iter().any(Value::is_error) {
            return Value::Error;
        }
        let constants: Option<Vec<Const>> = values
            .iter()
            .map(|v| match v {
                Value::Const(c) => Some(c.clone()),
                _ => None,
            })
            .collect();
        if let Some(constants) = constants {
            let list = Const::List(constants);
            if list.shape().is_none() {
                let title = "this array is ragged";
                let label = "its rows have different lengths";
                return self.error(Diagnostic::error("E0308", title, span, label));
            }
            return Value::Const(list);
        }
        // Every element takes the type of the first that has one.
        let Some(ty) = values.iter().find_map(Value::ty) else {
            let title = "an array holds numbers";
            let label = format!("this is {}", values[0].describe());
            return self.error(Diagnostic::error("E0324", title, span, label));
        };
        let Ty::Array(kind, shape) = &ty else {
            let title = "an array holds numbers";
            return self.error(Diagnostic::error(
                "E0324",
                title,
                span,
                format!("this is `{ty}`"),
            ));
        };
        let one = [vec![Size::constant(1)], shape.clone()].concat();
        let mut rows: Vec<Arr> = Vec::new();
        for (value, item) in values.into_iter().zip(items) {
            let Value::Array(a) = self.coerce(value, &ty, item.span) else {
                return Value::Error;
            };
            let row = one.clone();
            rows.push(self.array(
                kind.clone(),
                one.clone(),
                |e| Prim::Reshape(e.numbers(&row)),
                &[&a],
            ));
        }
        let whole = [vec![Size::constant(rows.len() as i128)], shape.clone()].concat();
        let refs: Vec<&Arr> = rows.iter().collect();
        Value::Array(self.array(kind.clone(), whole, |_| Prim::Concat(0), &refs))
    }

    fn record(&mut self, fields: &[(ast::Ident, Expr)], env: &Env) -> Value {
        let mut out: Vec<(Rc<str>, Value)> = Vec::new();
        for (name, e) in fields {
            let value = self.expr(e, env);
            if out.iter().any(|(n, _)| **n == *name.text) {
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
        Value::Record(out)
    }

    fn field(&mut self, base: Value, name: &ast::Ident, span: Span) -> Value {
        match &base {
            Value::Error => Value::Error,
            Value::Record(fields) => {
                if let Some((_, value)) = fields.iter().find(|(n, _)| **n == *name.text) {
                    return value.clone();
                }
                // A path prefix selects the part of a parameter space below it.
                let prefix = format!("{}.", name.text);
                let below: Vec<(Rc<str>, Value)> = fields
                    .iter()
                    .filter_map(|(n, v)| Some((Rc::from(n.strip_prefix(&prefix)?), v.clone())))
                    .collect();
                if !below.is_empty() {
                    return Value::Record(below);
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
            other => {
                let title = format!("there is no field `{}`", name.text);
                let label = format!("this is {}", other.describe());
                self.error(Diagnostic::error("E0326", title, span, label))
            }
        }
    }

    fn statement(&mut self, statement: &Statement, env: &Env) -> Env {
        match statement {
            Statement::Let(pattern, e) => {
                let value = self.expr(e, env);
                self.bind_pattern(pattern, value, env, e.span)
            }
            // The submodels of a model are bound with their parameters before its body runs.
            Statement::Use(name, e) => match env.get(&name.text) {
                Some(Value::Model(_)) => env.clone(),
                _ => {
                    let title = "`use` stands at the top of a model's body only";
                    self.error(Diagnostic::error(
                        "E0401",
                        title,
                        e.span,
                        "not a model's own body",
                    ));
                    env.bind(name.text.as_str(), Value::Error)
                }
            },
        }
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

    fn if_(&mut self, c: &Expr, a: &Expr, b: &Expr, env: &Env) -> Value {
        if let Some((name, kind)) = self.carrier_question(c, env) {
            return self.by_carrier(&name, &kind, a, b, env);
        }
        let condition = self.expr(c, env);
        self.cond(condition, c.span, &mut |e| e.expr(a, env), &mut |e| {
            e.expr(b, env)
        })
    }

    /// `K == Real`, where `K` is a carrier parameter: decided at compile time.
    fn carrier_question(&mut self, c: &Expr, env: &Env) -> Option<(Rc<str>, (Kind, Kind))> {
        let ExprKind::Binary(ast::BinaryOp::Eq, left, right) = &c.kind else {
            return None;
        };
        let ExprKind::Name(name) = &left.kind else {
            return None;
        };
        let Some(Value::Kind(left)) = env.get(name) else {
            return None;
        };
        let left = left.clone();
        match self.dry(|e| e.expr(right, env)) {
            Value::Kind(right) => Some((name.as_str().into(), (left, right))),
            _ => None,
        }
    }

    fn by_carrier(
        &mut self,
        name: &Rc<str>,
        (left, right): &(Kind, Kind),
        a: &Expr,
        b: &Expr,
        env: &Env,
    ) -> Value {
        if left == right {
            return self.expr(a, env);
        }
        if let Kind::Var(..) = left {
            // The first arm is checked as if the carrier were the one asked for.
            let refined = env.bind(name.clone(), Value::Kind(right.clone()));
            if self.expr(a, &refined).is_error() {
                return Value::Error;
            }
        }
        self.expr(b, env)
    }

    fn bracket(&mut self, base: &Expr, items: &[Expr], env: &Env, span: Span) -> Value {
        if let ExprKind::Name(name) = &base.kind
            && env.get(name).is_none()
        {
            if matches!(name.as_str(), "Mod" | "Category") {
                return match self.kind_with(name, items, span, env) {
                    Some(kind) => Value::Kind(kind),
                    None => Value::Error,
                };
            }
            if let Some(def) = self.modules.lookup(env.module, name) {
                let statics = self.static_args(items, env);
                return match statics {
                    Some(statics) => self.definition(def, Some(statics), span),
                    None => Value::Error,
                };
            }
        }
        let value = self.expr(base, env);
        match value {
            Value::Error => Value::Error,
            Value::Array(a) => self.index(a, items, env, span),
            Value::Const(c @ Const::List(_)) => {
                let kind = Self::default_kind(&c);
                match self.constant(&c, &kind, None, base.span) {
                    Value::Array(a) => self.index(a, items, env, span),
                    _ => Value::Error,
                }
            }
            Value::Func(f) => match &*f {
                Func::Builtin {
                    name,
                    statics: None,
                } => match self.static_args(items, env) {
                    Some(statics) => Value::Func(Rc::new(Func::Builtin {
                        name,
                        statics: Some(statics),
                    })),
                    None => Value::Error,
                },
                _ => self.no_brackets(&Value::Func(f.clone()), span),
            },
            other => self.no_brackets(&other, span),
        }
    }

    fn no_brackets(&mut self, value: &Value, span: Span) -> Value {
        let title = "brackets have no meaning here";
        let label = format!("this is {}", value.describe());
        self.error(Diagnostic::error("E0328", title, span, label))
    }

    fn static_args(&mut self, items: &[Expr], env: &Env) -> Option<Vec<Value>> {
        let mut out = Vec::new();
        for item in items {
            let is_carrier = match &item.kind {
                ExprKind::Name(name) => match env.get(name) {
                    Some(Value::Kind(_)) => true,
                    Some(_) => false,
                    None => simple_kind(name).is_some(),
                },
                ExprKind::Bracket(base, _) => {
                    matches!(&base.kind, ExprKind::Name(n) if n == "Mod" || n == "Category")
                }
                _ => false,
            };
            let value = if is_carrier {
                self.expr(item, env)
            } else {
                Value::Const(Const::Int(self.size(item, env)?))
            };
            if value.is_error() {
                return None;
            }
            out.push(value);
        }
        Some(out)
    }

    /// The factors of a chain of one operator, with their labels.
    fn factors(&mut self, op: ast::BinaryOp, e: &Expr, env: &Env) -> Vec<Factor> {
        // The chain leans to the left, and may be long: walk it, do not recurse.
        let mut operands = Vec::new();
        let mut rest = e;
        while let ExprKind::Binary(found, a, b) = &rest.kind {
            if *found != op {
                break;
            }
            operands.push(&**b);
            rest = a;
        }
        operands.push(rest);
        operands.reverse();
        operands
            .into_iter()
            .map(|operand| match &operand.kind {
                ExprKind::Labelled(name, inner) => Factor {
                    segment: Some(name.text.as_str().into()),
                    model: self.expr(inner, env),
                    span: operand.span,
                },
                _ => Factor {
                    segment: segment_of(operand),
                    model: self.expr(operand, env),
                    span: operand.span,
                },
            })
            .collect()
    }
}

/// The path segment of an unlabelled factor: its definition's name.
fn segment_of(e: &Expr) -> Option<Rc<str>> {
    match &e.kind {
        ExprKind::Name(name) => Some(name.as_str().into()),
        ExprKind::Bracket(base, _) => segment_of(base),
        ExprKind::Call(function, _) => segment_of(function),
        _ => None,
    }
}
