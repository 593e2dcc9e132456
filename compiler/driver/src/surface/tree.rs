//! Syntax trees without places, for text that nobody wrote.

use lentil_diag::Span;
use lentil_grammar::ast::{
    BinaryOp, Binder, CallArgs, Expr, ExprKind, FnDef, Ident, Item, ItemKind, Param, Pattern,
    Statement, TypeExpr, TypeKind, UnaryOp,
};
use lentil_unary::{Carrier, Type};

pub(super) fn ident(text: &str) -> Ident {
    Ident {
        text: text.to_string(),
        span: Span::default(),
    }
}

pub(super) fn expr(kind: ExprKind) -> Expr {
    Expr {
        kind,
        span: Span::default(),
    }
}

pub(super) fn name(text: &str) -> Expr {
    expr(ExprKind::Name(text.to_string()))
}

/// `prefix.word`.
pub(super) fn dotted(prefix: &str, word: &str) -> Expr {
    expr(ExprKind::Field(Box::new(name(prefix)), ident(word)))
}

/// A text.
pub(super) fn text(text: &str) -> Expr {
    expr(ExprKind::Text(text.to_string()))
}

/// A natural number.
pub(super) fn number(n: usize) -> Expr {
    expr(ExprKind::Number(n.to_string()))
}

pub(super) fn unary(op: UnaryOp, a: Expr) -> Expr {
    expr(ExprKind::Unary(op, Box::new(a)))
}

pub(super) fn binary(op: BinaryOp, a: Expr, b: Expr) -> Expr {
    expr(ExprKind::Binary(op, Box::new(a), Box::new(b)))
}

pub(super) fn if_(c: Expr, a: Expr, b: Expr) -> Expr {
    expr(ExprKind::If(Box::new(c), Box::new(a), Box::new(b)))
}

pub(super) fn call(function: &str, args: Vec<Expr>) -> Expr {
    call_of(name(function), args)
}

pub(super) fn call_of(function: Expr, args: Vec<Expr>) -> Expr {
    expr(ExprKind::Call(
        Box::new(function),
        CallArgs { params: None, args },
    ))
}

pub(super) fn bracket(base: Expr, items: Vec<Expr>) -> Expr {
    if items.is_empty() {
        return base;
    }
    expr(ExprKind::Bracket(Box::new(base), items))
}

/// `name: e`, as an argument.
pub(super) fn labelled(label: &str, e: Expr) -> Expr {
    expr(ExprKind::Labelled(ident(label), Box::new(e)))
}

pub(super) fn range(from: Option<usize>, to: Option<usize>) -> Expr {
    let end = |n: Option<usize>| n.map(|n| Box::new(number(n)));
    expr(ExprKind::Range(end(from), end(to)))
}

/// One expression as it is, any other number of them as a tuple.
pub(super) fn tuple(mut parts: Vec<Expr>) -> Expr {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            expr(ExprKind::Tuple(parts))
        }
    }
}

pub(super) fn array(items: Vec<Expr>) -> Expr {
    expr(ExprKind::Array(items))
}

pub(super) fn lambda(params: &[&str], body: Expr) -> Expr {
    let params = params
        .iter()
        .map(|p| Param {
            name: ident(p),
            ty: None,
        })
        .collect();
    expr(ExprKind::Lambda(params, Box::new(body)))
}

pub(super) fn let_(pattern: Pattern, value: Expr) -> Statement {
    Statement::Let(pattern, value)
}

/// A pattern for names; `None` binds nothing.
pub(super) fn pattern(names: &[Option<String>]) -> Pattern {
    let one = |n: &Option<String>| Pattern::Name(ident(n.as_deref().unwrap_or("_")));
    match names {
        [only] => one(only),
        _ => Pattern::Tuple(names.iter().map(one).collect(), Span::default()),
    }
}

/// An expression behind its `let`s, if there are any.
pub(super) fn block(lets: Vec<Statement>, result: Expr) -> Expr {
    if lets.is_empty() {
        return result;
    }
    expr(ExprKind::Block(lets, Box::new(result)))
}

/// `[body for binders]`; a body that is a comprehension itself is taken apart.
pub(super) fn comprehension(body: Expr, mut binders: Vec<Binder>) -> Expr {
    match body.kind {
        _ if binders.is_empty() => body,
        ExprKind::Comprehension(inner, more) => {
            binders.extend(more);
            expr(ExprKind::Comprehension(inner, binders))
        }
        kind => expr(ExprKind::Comprehension(Box::new(expr(kind)), binders)),
    }
}

/// `function(body for binders)`.
pub(super) fn reduction(function: &str, body: Expr, binders: Vec<Binder>) -> Expr {
    expr(ExprKind::Reduction(
        Box::new(name(function)),
        Box::new(body),
        binders,
    ))
}

pub(super) fn carrier(carrier: Carrier) -> Expr {
    match carrier {
        Carrier::F32 => name("Real"),
        Carrier::F64 => name("Real64"),
        Carrier::Bit => name("Bit"),
        Carrier::Mod(n) => bracket(name("Mod"), vec![number(n as usize)]),
        Carrier::Int => name("Int"),
        Carrier::Bool => name("Bool"),
    }
}

pub(super) fn ty(ty: &Type) -> TypeExpr {
    let (text, modulus) = match ty.carrier {
        Carrier::F32 => ("Real", None),
        Carrier::F64 => ("Real64", None),
        Carrier::Bit => ("Bit", None),
        Carrier::Mod(n) => ("Mod", Some(n)),
        Carrier::Int => ("Int", None),
        Carrier::Bool => ("Bool", None),
    };
    let mut brackets: Vec<Vec<Expr>> = modulus.iter().map(|&n| vec![number(n as usize)]).collect();
    if !ty.shape.is_empty() {
        brackets.push(ty.shape.iter().map(|&n| number(n)).collect());
    }
    type_expr(TypeKind::Name {
        name: ident(text),
        brackets,
    })
}

pub(super) fn type_expr(kind: TypeKind) -> TypeExpr {
    TypeExpr {
        kind,
        span: Span::default(),
    }
}

/// `fn name(params) -> result = body`.
pub(super) fn function(
    name: &str,
    params: Vec<(String, TypeExpr)>,
    result: TypeExpr,
    body: Expr,
) -> Item {
    let params = params.into_iter().map(|(n, ty)| Param {
        name: ident(&n),
        ty: Some(ty),
    });
    Item {
        docs: Vec::new(),
        local: false,
        kind: ItemKind::Fn(FnDef {
            name: ident(name),
            statics: Vec::new(),
            params: params.collect(),
            result: Some(result),
            wheres: Vec::new(),
            body,
        }),
        span: Span::default(),
    }
}
