//! Expressions.

use super::list::{Last, Padding};
use super::trivia::word_start;
use super::types::param_span;
use super::{Doc, INDENT, Printer};
use crate::ast::{BinaryOp, Binder, CallArgs, Expr, ExprKind, Param, Pattern, Statement, UnaryOp};
use lentil_diag::Span;
use pretty::DocAllocator;

// How tightly an expression binds; as an operand it needs parentheses if that is less than asked.
const OPEN: u8 = 0;
const PIPE: u8 = 1;
const COMPOSE: u8 = 2;
const OPERAND: u8 = 3;
const OR: u8 = 4;
const AND: u8 = 5;
const COMPARE: u8 = 6;
/// What a bound or the end of a range needs.
pub(super) const SUM: u8 = 7;
const PRODUCT: u8 = 8;
const UNARY: u8 = 9;
const POWER: u8 = 10;
const POSTFIX: u8 = 11;

impl<'a> Printer<'a> {
    /// An expression where one is expected that binds at least as tightly as `tight`.
    pub(super) fn expr(&mut self, e: &'a Expr, tight: u8) -> Doc<'a> {
        if level(e) < tight {
            let lead = self.leading(e.span.start);
            return lead.append(self.bare(e, OPEN).parens());
        }
        let lead = self.leading(first_place(e));
        lead.append(self.bare(e, tight))
    }

    /// An expression after `=` or `=>`: on the same line, or on the next.
    pub(super) fn after(&mut self, e: &'a Expr) -> Doc<'a> {
        let a = self.arena;
        let hugs = matches!(
            e.kind,
            ExprKind::Block(..) | ExprKind::Record(_) | ExprKind::Array(_)
        );
        if hugs && !self.pending(e.span.start) {
            a.space().append(self.expr(e, OPEN))
        } else {
            a.line().append(self.expr(e, OPEN)).nest(INDENT).group()
        }
    }

    /// `{ let a = b; c }`; `broken` is nil or breaks it into lines.
    pub(super) fn block(
        &mut self,
        statements: &'a [Statement],
        result: &'a Expr,
        end: u32,
        broken: Doc<'a>,
    ) -> Doc<'a> {
        let a = self.arena;
        let mut content = broken;
        for (at, statement) in statements.iter().enumerate() {
            let (word, start, e) = match statement {
                Statement::Let(pattern, e) => ("let", pattern_span(pattern).start, e),
                Statement::Use(name, e) => ("use", name.span.start, e),
                Statement::State(name, e) => ("state", name.span.start, e),
            };
            if at > 0 {
                let place = word_start(self.text, start, word);
                content = content.append(a.line()).append(self.blank(place));
            }
            let lead = self.leading(start);
            let name = match statement {
                Statement::Let(pattern, _) => self.pattern(pattern),
                Statement::Use(name, _) | Statement::State(name, _) => a.text(&name.text),
            };
            content = content
                .append(lead)
                .append(word)
                .append(" ")
                .append(name)
                .append(" =");
            content = content.append(self.after(e));
            // A line that begins with `-` would continue this one.
            let is_last = at + 1 == statements.len();
            content = content.append(if is_last && begins_with_minus(result) {
                a.text(";")
            } else {
                a.nil().flat_alt(a.text(";"))
            });
            content = content.append(self.trailing(e.span.end));
        }
        if !statements.is_empty() {
            content = content
                .append(a.line())
                .append(self.blank(result.span.start));
        }
        content = content.append(self.expr(result, OPEN));
        content = content.append(self.trailing(result.span.end));
        self.bracketed("{", content, end, "}", Padding::Space)
    }

    fn bare(&mut self, e: &'a Expr, tight: u8) -> Doc<'a> {
        let a = self.arena;
        let end = e.span.end;
        match &e.kind {
            ExprKind::Name(name) => a.text(name),
            ExprKind::Number(digits) => a.text(digits),
            ExprKind::Text(text) => a.text(quoted(text)),
            ExprKind::Bool(true) => a.text("true"),
            ExprKind::Bool(false) => a.text("false"),
            ExprKind::Tuple(list) => self.exprs("(", list, end, ")"),
            ExprKind::Array(list) => self.exprs("[", list, end, "]"),
            ExprKind::Comprehension(body, binders) => self.comprehension(body, binders, end),
            ExprKind::Record(_) => self.record(e),
            ExprKind::Block(statements, result) => {
                let nothing = a.nil();
                self.block(statements, result, end, nothing)
            }
            ExprKind::If(..) => self.conditional(e),
            ExprKind::Lambda(params, body) => self.lambda(params, body),
            ExprKind::Call(..)
            | ExprKind::Reduction(..)
            | ExprKind::Bracket(..)
            | ExprKind::Field(..) => self.postfix(e),
            ExprKind::Range(from, to) => self.range(from.as_deref(), to.as_deref()),
            ExprKind::Unary(op, operand) => self.unary(*op, operand),
            ExprKind::Binary(op, left, right) => self.binary(*op, left, right),
            ExprKind::Labelled(name, operand) => {
                let tight = if tight == OPEN && level(operand) == OPEN {
                    OPEN
                } else {
                    OPERAND
                };
                a.text(&name.text)
                    .append(": ")
                    .append(self.expr(operand, tight))
            }
            ExprKind::Error => a.text("<error>"),
        }
    }

    fn comprehension(&mut self, body: &'a Expr, binders: &'a [Binder], end: u32) -> Doc<'a> {
        let content = self.comprehended(body, binders);
        self.bracketed("[", content, end, "]", Padding::Space)
    }

    fn comprehended(&mut self, body: &'a Expr, binders: &'a [Binder]) -> Doc<'a> {
        let a = self.arena;
        let body = self.expr(body, OPEN).append(self.trailing(body.span.end));
        body.append(a.line()).append(self.binders(binders))
    }

    fn record(&mut self, e: &'a Expr) -> Doc<'a> {
        let ExprKind::Record(fields) = &e.kind else {
            return self.arena.nil();
        };
        let content = self.sequence(
            fields,
            Last::Comma,
            |(name, e)| name.span.to(e.span),
            |p, (name, e)| p.arena.text(&name.text).append(":").append(p.after(e)),
        );
        self.bracketed("{", content, e.span.end, "}", Padding::Space)
    }

    fn conditional(&mut self, e: &'a Expr) -> Doc<'a> {
        let a = self.arena;
        let mut doc = a.nil();
        let mut rest = e;
        while let ExprKind::If(condition, then, other) = &rest.kind {
            doc = doc
                .append("if ")
                .append(self.expr(condition, OPEN))
                .append(" then");
            doc = doc
                .append(self.branch(then))
                .append(a.line())
                .append("else");
            rest = other;
            // An `else if` stays on its line, if no comment comes between the two words.
            if matches!(rest.kind, ExprKind::If(..)) && !self.pending(rest.span.start) {
                doc = doc.append(" ");
            } else {
                break;
            }
        }
        let last = a.line().append(self.expr(rest, OPEN)).nest(INDENT);
        doc.append(last).group()
    }

    fn branch(&mut self, e: &'a Expr) -> Doc<'a> {
        let a = self.arena;
        let doc = a.line().append(self.expr(e, OPEN));
        doc.append(self.trailing(e.span.end)).nest(INDENT)
    }

    fn lambda(&mut self, params: &'a [Param], body: &'a Expr) -> Doc<'a> {
        let content = self.sequence(params, Last::Comma, param_span, Self::param);
        let end = self.closing(params.last().map(param_span));
        let params = self.bracketed("(", content, end, ")", Padding::None);
        let head = self.arena.text("fn").append(params).append(" =>");
        head.append(self.after(body))
    }

    /// Calls, brackets and fields one after another.
    fn postfix(&mut self, e: &'a Expr) -> Doc<'a> {
        let mut steps = Vec::new();
        let mut head = e;
        while let ExprKind::Call(inner, _)
        | ExprKind::Reduction(inner, ..)
        | ExprKind::Bracket(inner, _)
        | ExprKind::Field(inner, _) = &head.kind
        {
            steps.push(head);
            head = inner;
        }
        let mut doc = self.expr(head, POSTFIX);
        for step in steps.into_iter().rev() {
            doc = doc.append(self.step(step));
        }
        doc
    }

    fn step(&mut self, e: &'a Expr) -> Doc<'a> {
        let end = e.span.end;
        match &e.kind {
            ExprKind::Call(_, args) => self.arguments(args, end),
            ExprKind::Reduction(_, body, binders) => {
                let content = self.comprehended(body, binders);
                self.bracketed("(", content, end, ")", Padding::None)
            }
            ExprKind::Bracket(_, list) => self.exprs("[", list, end, "]"),
            ExprKind::Field(_, name) => self.arena.text(".").append(&name.text),
            _ => self.arena.nil(),
        }
    }

    fn arguments(&mut self, args: &'a CallArgs, end: u32) -> Doc<'a> {
        let place = |e: &Expr| e.span;
        let print = |p: &mut Self, e: &'a Expr| p.expr(e, OPEN);
        let Some(params) = &args.params else {
            if let [only] = args.args.as_slice()
                && matches!(
                    only.kind,
                    ExprKind::Array(_)
                        | ExprKind::Record(_)
                        | ExprKind::Block(..)
                        | ExprKind::Comprehension(..)
                )
                && !self.pending(only.span.start)
                && !self.comment_within(only.span.end, end)
            {
                return self.expr(only, OPEN).parens();
            }
            return self.exprs("(", &args.args, end, ")");
        };
        let left = self.sequence(params, Last::Semicolon, place, print);
        let both = self.halves(left, &args.args, place, print);
        self.bracketed("(", both, end, ")", Padding::None)
    }

    fn range(&mut self, from: Option<&'a Expr>, to: Option<&'a Expr>) -> Doc<'a> {
        let a = self.arena;
        let from = from.map_or(a.nil(), |e| self.expr(e, SUM));
        let to = to.map_or(a.nil(), |e| self.expr(e, SUM));
        from.append("..").append(to)
    }

    fn unary(&mut self, op: UnaryOp, operand: &'a Expr) -> Doc<'a> {
        let sign = match op {
            UnaryOp::Neg => "-",
            UnaryOp::Not => "not ",
        };
        self.arena.text(sign).append(self.expr(operand, UNARY))
    }

    fn binary(&mut self, op: BinaryOp, left: &'a Expr, right: &'a Expr) -> Doc<'a> {
        let a = self.arena;
        let (own, to_left, to_right) = levels(op);
        // What continues to the left without parentheses is laid out as one chain.
        let mut first = left;
        let mut links = vec![(op, right)];
        while let ExprKind::Binary(inner, l, r) = &first.kind
            && levels(*inner).0 == own
            && to_left == own
            && continues(*inner, op)
        {
            links.push((*inner, r));
            first = l;
        }
        let mixed = matches!(first.kind, ExprKind::Binary(inner, ..) if !continues(inner, op));
        let tight = if mixed { OPERAND } else { to_left };
        let head = self
            .expr(first, tight)
            .append(self.trailing(first.span.end));
        let mut tail = a.nil();
        let last = links.len() - 1;
        for (at, (op, e)) in links.into_iter().rev().enumerate() {
            let lead = self.leading(first_place(e));
            tail = tail
                .append(a.line())
                .append(lead)
                .append(symbol(op))
                .append(" ");
            tail = tail.append(self.expr(e, to_right));
            if at < last {
                tail = tail.append(self.trailing(e.span.end));
            }
        }
        head.append(tail.nest(INDENT)).group()
    }

    fn pattern(&mut self, pattern: &'a Pattern) -> Doc<'a> {
        match pattern {
            Pattern::Name(name) => self.arena.text(&name.text),
            Pattern::Tuple(list, span) => {
                let content = self.sequence(list, Last::Comma, pattern_span, Self::pattern);
                self.bracketed("(", content, span.end, ")", Padding::None)
            }
        }
    }
}

/// A text as it is written.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\0' => out.push_str("\\0"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => out.push_str(&format!("\\u{{{:x}}}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// An operator as it is written.
pub(super) fn symbol(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::Rem => "%",
        BinaryOp::Pow => "^",
        BinaryOp::MatMul => "@",
        BinaryOp::Eq => "==",
        BinaryOp::Ne => "!=",
        BinaryOp::Lt => "<",
        BinaryOp::Le => "<=",
        BinaryOp::Gt => ">",
        BinaryOp::Ge => ">=",
        BinaryOp::Approx => "~=",
        BinaryOp::And => "and",
        BinaryOp::Or => "or",
        BinaryOp::Then => ">>",
        BinaryOp::Beside => "|",
        BinaryOp::Pipe => "|>",
    }
}

/// How tightly an operation binds, and what it needs on its left and on its right.
fn levels(op: BinaryOp) -> (u8, u8, u8) {
    match op {
        BinaryOp::Pipe => (PIPE, PIPE, COMPOSE),
        BinaryOp::Then | BinaryOp::Beside => (COMPOSE, COMPOSE, OPERAND),
        BinaryOp::Or => (OR, OR, AND),
        BinaryOp::And => (AND, AND, COMPARE),
        BinaryOp::Eq
        | BinaryOp::Ne
        | BinaryOp::Lt
        | BinaryOp::Le
        | BinaryOp::Gt
        | BinaryOp::Ge
        | BinaryOp::Approx => (COMPARE, SUM, SUM),
        BinaryOp::Add | BinaryOp::Sub => (SUM, SUM, PRODUCT),
        BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem | BinaryOp::MatMul => {
            (PRODUCT, PRODUCT, UNARY)
        }
        BinaryOp::Pow => (POWER, POSTFIX, UNARY),
    }
}

/// Whether `a inner b op c` may stand without parentheses, both binding equally.
fn continues(inner: BinaryOp, op: BinaryOp) -> bool {
    let composes = |op| matches!(op, BinaryOp::Then | BinaryOp::Beside);
    !(composes(inner) && composes(op)) || inner == op
}

fn level(e: &Expr) -> u8 {
    match &e.kind {
        ExprKind::If(..) | ExprKind::Lambda(..) => OPEN,
        ExprKind::Binary(op, ..) => levels(*op).0,
        ExprKind::Labelled(..) => OPERAND,
        ExprKind::Unary(..) => UNARY,
        ExprKind::Name(_)
        | ExprKind::Number(_)
        | ExprKind::Text(_)
        | ExprKind::Bool(_)
        | ExprKind::Tuple(_)
        | ExprKind::Array(_)
        | ExprKind::Comprehension(..)
        | ExprKind::Record(_)
        | ExprKind::Block(..)
        | ExprKind::Call(..)
        | ExprKind::Reduction(..)
        | ExprKind::Bracket(..)
        | ExprKind::Range(..)
        | ExprKind::Field(..)
        | ExprKind::Error => POSTFIX,
    }
}

/// The place before which a comment is printed before an expression. What has no parts of its own
/// has been in parentheses, which are not printed, if a comment is within it.
pub(super) fn first_place(e: &Expr) -> u32 {
    let mut e = e;
    loop {
        match &e.kind {
            ExprKind::Name(_) | ExprKind::Number(_) | ExprKind::Text(_) | ExprKind::Bool(_) => {
                return e.span.end;
            }
            ExprKind::Binary(op, left, _) if level(left) >= levels(*op).1 => e = left,
            ExprKind::Call(inner, _)
            | ExprKind::Reduction(inner, ..)
            | ExprKind::Bracket(inner, _)
            | ExprKind::Field(inner, _)
                if level(inner) >= POSTFIX =>
            {
                e = inner;
            }
            _ => return e.span.start,
        }
    }
}

/// Whether the first token of an expression, as printed, is `-`.
fn begins_with_minus(e: &Expr) -> bool {
    let mut e = e;
    loop {
        match &e.kind {
            ExprKind::Unary(UnaryOp::Neg, _) => return true,
            ExprKind::Binary(op, left, _) if level(left) >= levels(*op).1 => e = left,
            _ => return false,
        }
    }
}

fn pattern_span(pattern: &Pattern) -> Span {
    match pattern {
        Pattern::Name(name) => name.span,
        Pattern::Tuple(_, span) => *span,
    }
}
