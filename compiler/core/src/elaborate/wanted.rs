//! What is wanted of an expression: the carriers that its numbers take where nothing else says them.
//!
//! It is a type of which the carriers count and the sizes do not, handed down from a declared result, a
//! declared parameter or the other operand to the `if`s, loops, arrays and products that make the value.
//! It turns no value of a carrier into one of another: only numbers without a carrier take it.

use lentil_diag::Span;
use lentil_grammar::ast::{self, Expr, ExprKind, StaticParam, TypeExpr};

use super::Elaborator;
use super::define::MapDef;
use crate::module::DefId;
use crate::ty::{Kind, Ty};
use crate::value::{Const, Env, Func, Value};

impl Elaborator<'_> {
    /// The value of an expression of which something is wanted.
    pub(crate) fn expr_over(&mut self, e: &Expr, env: &Env, wanted: Option<&Ty>) -> Value {
        self.wanted = wanted.cloned();
        self.expr(e, env)
    }

    /// A map at arguments, where something is wanted of its result.
    pub(crate) fn apply_over(
        &mut self,
        function: &Value,
        args: Vec<Value>,
        at: impl Into<super::place::Place>,
        wanted: Option<&Ty>,
    ) -> Value {
        self.wanted_of_result = wanted.cloned();
        self.apply(function, args, at)
    }

    /// A value with its constants given carriers: the wanted ones, or those they have by default.
    pub(crate) fn settle_over(&mut self, value: Value, wanted: Option<&Ty>, span: Span) -> Value {
        match value {
            Value::Const(c) => self.constant(&c, &kind_of(&c, wanted), None, span),
            Value::Tuple(parts) => {
                let settled = parts.into_iter().enumerate();
                let settled = settled.map(|(k, v)| self.settle_over(v, part(wanted, k), span));
                Value::Tuple(settled.collect())
            }
            Value::Record(fields) => Value::Record(
                fields
                    .into_iter()
                    .enumerate()
                    .map(|(k, (n, v))| {
                        let v = self.settle_over(v, named(wanted, k, &n), span);
                        (n, v)
                    })
                    .collect(),
            ),
            other => other,
        }
    }

    /// What a map wants of its arguments, as far as its definition says so.
    pub(crate) fn wanted_of_args(&mut self, function: &Value) -> Vec<Option<Ty>> {
        match function {
            Value::Func(f) => match &**f {
                Func::Def { def, .. } => {
                    let modules = self.modules;
                    match MapDef::of(&modules.item(*def).kind) {
                        Some(d) => {
                            let types = d.params.iter().map(|p| p.ty.as_ref());
                            self.wanted_by(*def, d.statics, types)
                        }
                        None => Vec::new(),
                    }
                }
                Func::Declared(from, _) | Func::Typed(_, from, _) => {
                    from.iter().map(|t| closed(t.clone())).collect()
                }
                Func::Builtin { .. }
                | Func::Lambda { .. }
                | Func::Rev(_)
                | Func::Fwd(_)
                | Func::Grad(_)
                | Func::ValueAndGrad(_)
                | Func::Jacobian(_)
                | Func::Linearize(_)
                | Func::Linear(..)
                | Func::Checkpoint(_)
                | Func::Each(_) => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    fn wanted_by<'t>(
        &mut self,
        def: DefId,
        statics: &[StaticParam],
        types: impl Iterator<Item = Option<&'t TypeExpr>>,
    ) -> Vec<Option<Ty>> {
        self.dry(|e| {
            let env = e.rigid(statics, &Env::module(def.module));
            types.map(|ty| closed(e.input_ty(ty?, &env)?)).collect()
        })
    }
}

/// The carrier of a constant of which something is wanted.
pub(crate) fn kind_of(c: &Const, wanted: Option<&Ty>) -> Kind {
    match wanted.and_then(carrier) {
        Some(kind) if kind.is_ring() && (c.is_integral() || kind.is_real()) => kind,
        _ => Elaborator::default_kind(c),
    }
}

/// The one carrier that all parts of a type have.
pub(crate) fn carrier(ty: &Ty) -> Option<Kind> {
    fn of_all<'t>(mut types: impl Iterator<Item = &'t Ty>) -> Option<Kind> {
        let first = carrier(types.next()?)?;
        types
            .all(|t| carrier(t).as_ref() == Some(&first))
            .then_some(first)
    }
    match ty {
        Ty::Array(kind, _) => Some(kind.clone()),
        Ty::Tuple(parts) => of_all(parts.iter()),
        Ty::Record(fields) => of_all(fields.iter().map(|(_, t)| t)),
        Ty::Space(space) => Some(space.kind()),
        Ty::Key | Ty::Arrow(..) => None,
    }
}

/// What a choice of numbers takes after the value that it meets.
pub(crate) fn met(value: &Value) -> Option<Ty> {
    let kind = match value {
        Value::Const(c) if c.is_integral() => return None,
        Value::Const(_) => Kind::Real,
        value => carrier(&value.ty()?)?,
    };
    Some(Ty::scalar(kind))
}

/// What is wanted of a part of a tuple.
pub(crate) fn part(wanted: Option<&Ty>, k: usize) -> Option<&Ty> {
    match wanted? {
        Ty::Tuple(parts) => parts.get(k),
        _ => None,
    }
}

/// What is wanted of a field of a record, which mostly stands in the same place.
pub(crate) fn named<'t>(wanted: Option<&'t Ty>, place: usize, name: &str) -> Option<&'t Ty> {
    let Ty::Record(fields) = wanted? else {
        return None;
    };
    let here = fields.get(place).filter(|(n, _)| &**n == name);
    let field = here.or_else(|| fields.iter().find(|(n, _)| &**n == name));
    field.map(|(_, t)| t)
}

/// What is wanted of the elements of an array, or of a product of arrays.
pub(crate) fn of_elements(wanted: &Ty) -> Ty {
    match wanted {
        Ty::Array(kind, shape) => Ty::Array(kind.clone(), shape.get(1..).unwrap_or(&[]).to_vec()),
        Ty::Tuple(parts) => Ty::Tuple(parts.iter().map(of_elements).collect()),
        Ty::Record(fields) => {
            let fields = fields.iter().map(|(n, t)| (n.clone(), of_elements(t)));
            Ty::Record(fields.collect())
        }
        Ty::Key | Ty::Arrow(..) | Ty::Space(_) => wanted.clone(),
    }
}

/// What is wanted of the next state, after one that is known as far as it has carriers.
pub(crate) fn of_next(state: &Value, wanted: Option<&Ty>) -> Ty {
    match state {
        Value::Tuple(parts) => {
            let parts = parts.iter().enumerate();
            Ty::Tuple(parts.map(|(k, v)| of_next(v, part(wanted, k))).collect())
        }
        Value::Record(fields) => {
            let fields = fields.iter().enumerate();
            let next = fields.map(|(k, (n, v))| (n.clone(), of_next(v, named(wanted, k, n))));
            Ty::Record(next.collect())
        }
        Value::Const(c) if c.is_integral() => match wanted {
            Some(wanted) => wanted.clone(),
            None => Ty::unit(),
        },
        Value::Const(c) => Ty::scalar(kind_of(c, wanted)),
        value => value.ty().unwrap_or(Ty::unit()),
    }
}

/// Whether an expression is a choice of numbers, which takes the carrier of what it meets.
pub(crate) fn is_choice(e: &Expr) -> bool {
    fn is_number(e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Number(_) => true,
            ExprKind::Unary(ast::UnaryOp::Neg, a) => is_number(a),
            _ => is_choice(e),
        }
    }
    match &e.kind {
        ExprKind::If(_, a, b) => is_number(a) && is_number(b),
        ExprKind::Unary(ast::UnaryOp::Neg, a) => is_choice(a),
        ExprKind::Block(_, result) => is_choice(result),
        _ => false,
    }
}

/// Whether what is wanted of an expression can matter for it.
pub(crate) fn listens(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Name(_)
        | ExprKind::Number(_)
        | ExprKind::Text(_)
        | ExprKind::Bool(_)
        | ExprKind::Lambda(..)
        | ExprKind::Range(..)
        | ExprKind::Error => false,
        ExprKind::Field(base, _) | ExprKind::Bracket(base, _) => listens(base),
        ExprKind::Unary(_, a) => listens(a),
        ExprKind::Binary(_, a, b) => listens(a) || listens(b),
        ExprKind::Tuple(items) | ExprKind::Array(items) => items.iter().any(listens),
        ExprKind::Record(fields) => fields.iter().any(|(_, e)| listens(e)),
        ExprKind::Labelled(_, e) => listens(e),
        ExprKind::Comprehension(..)
        | ExprKind::Block(..)
        | ExprKind::If(..)
        | ExprKind::Call(..)
        | ExprKind::Reduction(..) => true,
    }
}

/// A type whose carriers are known; others say nothing.
fn closed(ty: Ty) -> Option<Ty> {
    fn is_closed(ty: &Ty) -> bool {
        match ty {
            Ty::Array(kind, _) => !matches!(kind, Kind::Var(..)),
            Ty::Tuple(parts) => parts.iter().all(is_closed),
            Ty::Record(fields) => fields.iter().all(|(_, t)| is_closed(t)),
            Ty::Key => true,
            Ty::Arrow(..) | Ty::Space(_) => false,
        }
    }
    is_closed(&ty).then_some(ty)
}
