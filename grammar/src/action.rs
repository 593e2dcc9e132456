//! What the grammar does beyond calling constructors.

use crate::ast::{
    BinaryOp, Expr, ExprKind, Ident, LensDef, ModelSignature, OptimizerDef, Param, StaticParam,
    Weight,
};
use lentil_diag::{Diagnostic, SourceId, Span};

/// An operator with its place.
pub type OpSpan = (BinaryOp, Span);

/// An expression and what follows it, operator by operator.
pub type Chain = (Expr, Vec<(OpSpan, Expr)>);

/// A part of the body of a lens or an optimizer.
pub enum Clause {
    /// `state v: P ~ zeros`
    State(Weight),
    /// `get = e`, with the place of the word.
    Get(Span, Expr),
    /// `put(dy) = e`, with the place of the word.
    Put(Span, Vec<Ident>, Expr),
}

/// An expression with its place.
pub fn expr(source: SourceId, start: usize, end: usize, kind: ExprKind) -> Expr {
    Expr {
        kind,
        span: Span::new(source, start, end),
    }
}

/// Two expressions with an operator between them.
pub fn binary(op: BinaryOp, left: Expr, right: Expr) -> Expr {
    Expr {
        span: left.span.to(right.span),
        kind: ExprKind::Binary(op, Box::new(left), Box::new(right)),
    }
}

/// A chain with one more link.
pub fn link(mut chain: Chain, op: OpSpan, next: Expr) -> Chain {
    chain.1.push((op, next));
    chain
}

/// A chain of `>>` or of `|`, from the left.
pub fn compose((first, rest): Chain, errors: &mut Vec<Diagnostic>) -> Expr {
    if let Some(((head, head_span), _)) = rest.first()
        && let Some(((_, other_span), _)) = rest.iter().find(|((op, _), _)| op != head)
    {
        errors.push(
            Diagnostic::error(
                "E0110",
                "`>>` and `|` are mixed without parentheses",
                *other_span,
                "which of the two comes first is not said",
            )
            .label(*head_span, "mixed with this one")
            .hint("Write `(f >> g) | h` or `f >> (g | h)`."),
        );
    }
    fold(first, rest)
}

/// One comparison.
pub fn compare((first, rest): Chain, errors: &mut Vec<Diagnostic>) -> Expr {
    if let [((_, one), _), ((_, two), _), ..] = rest.as_slice() {
        errors.push(
            Diagnostic::error(
                "E0111",
                "Comparisons do not chain",
                *two,
                "this would compare with the outcome of the first one",
            )
            .label(*one, "the first comparison")
            .hint("Write `a < b and b < c`."),
        );
    }
    fold(first, rest)
}

/// A lens from the parts of its body.
pub fn lens(
    name: Ident,
    statics: Vec<StaticParam>,
    signature: ModelSignature,
    (body, clauses): (Span, Vec<Clause>),
    errors: &mut Vec<Diagnostic>,
) -> LensDef {
    let parts = parts(&name, "lens", body, clauses, errors);
    if let Some(state) = parts.states.first() {
        errors.push(
            Diagnostic::error(
                "E0116",
                format!("The lens `{}` has a `state`", name.text),
                state.name.span,
                "only an optimizer keeps running values in its body",
            )
            .hint("Write it left of the `;` of the signature."),
        );
    }
    LensDef {
        name,
        statics,
        signature,
        get: parts.get,
        put_params: parts.put_params,
        put: parts.put,
    }
}

/// An optimizer from the parts of its body.
pub fn optimizer(
    name: Ident,
    statics: Vec<StaticParam>,
    hyper: Vec<Weight>,
    p: Param,
    (body, clauses): (Span, Vec<Clause>),
    errors: &mut Vec<Diagnostic>,
) -> OptimizerDef {
    let parts = parts(&name, "optimizer", body, clauses, errors);
    if parts.put_params.len() > 1 {
        errors.push(Diagnostic::error(
            "E0116",
            format!(
                "The `put` of the optimizer `{}` takes several arguments",
                name.text
            ),
            parts.put_params[1].span,
            "an optimizer receives one gradient",
        ));
    }
    let missing = Ident {
        text: "_".to_string(),
        span: name.span,
    };
    OptimizerDef {
        name,
        statics,
        hyper,
        p,
        states: parts.states,
        get: parts.get,
        put_param: parts.put_params.into_iter().next().unwrap_or(missing),
        put: parts.put,
    }
}

struct Parts {
    states: Vec<Weight>,
    get: Expr,
    put_params: Vec<Ident>,
    put: Expr,
}

fn parts(
    name: &Ident,
    what: &str,
    body: Span,
    clauses: Vec<Clause>,
    errors: &mut Vec<Diagnostic>,
) -> Parts {
    let mut states = Vec::new();
    let mut get: Option<(Span, Expr)> = None;
    let mut put: Option<(Span, Vec<Ident>, Expr)> = None;
    let twice = |word: &str, again: Span, first: Span| {
        Diagnostic::error(
            "E0116",
            format!("The {what} `{}` has two `{word}`", name.text),
            again,
            "the second one",
        )
        .label(first, "the first one")
    };
    let late = |word: &str, before: &str, at: Span, first: Span| {
        Diagnostic::error(
            "E0116",
            format!("`{word}` stands before `{before}`"),
            at,
            format!("move this up, before the `{before}`"),
        )
        .label(first, format!("the `{before}`"))
    };
    for clause in clauses {
        match clause {
            Clause::State(state) => {
                if let Some((at, _)) = &get {
                    errors.push(late("state", "get", state.name.span, *at));
                }
                states.push(state);
            }
            Clause::Get(at, e) => {
                if let Some((first, _)) = &get {
                    errors.push(twice("get", at, *first));
                } else if let Some((first, ..)) = &put {
                    errors.push(late("get", "put", at, *first));
                }
                get = Some((at, e));
            }
            Clause::Put(at, names, e) => {
                if let Some((first, ..)) = &put {
                    errors.push(twice("put", at, *first));
                }
                if names.is_empty() {
                    errors.push(
                        Diagnostic::error(
                            "E0116",
                            format!("The `put` of the {what} `{}` receives nothing", name.text),
                            at,
                            "the change of the result goes in here",
                        )
                        .hint("Name it: `put(dy) = …`."),
                    );
                }
                put = Some((at, names, e));
            }
        }
    }
    let mut missing = |word: &str, hint: &str| {
        errors.push(
            Diagnostic::error(
                "E0116",
                format!("The {what} `{}` has no `{word}`", name.text),
                name.span,
                format!("its body needs a `{word}`"),
            )
            .hint(hint),
        );
        Expr {
            kind: ExprKind::Error,
            span: body,
        }
    };
    let get = match get {
        Some((_, e)) => e,
        None => missing("get", "Add `get = …`, the forward half."),
    };
    let (put_params, put) = match put {
        Some((_, names, e)) => (names, e),
        None => (
            Vec::new(),
            missing("put", "Add `put(dy) = …`, the backward half."),
        ),
    };
    Parts {
        states,
        get,
        put_params,
        put,
    }
}

fn fold(first: Expr, rest: Vec<(OpSpan, Expr)>) -> Expr {
    rest.into_iter()
        .fold(first, |left, ((op, _), right)| binary(op, left, right))
}
