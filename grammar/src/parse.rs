//! Tokens to syntax tree.

use crate::ast::{Expr, ExprKind, File, Item};
use crate::brackets;
use crate::error;
use crate::grammar::{ChunkParser, WholeExprParser};
use crate::layout;
use crate::lex::{Lexed, lex};
use crate::placeholder;
use crate::repair;
use crate::token::Spanned;
use lentil_diag::{Diagnostic, SourceId, Span};
use std::collections::BTreeSet;

/// How many errors of one item are reported at most.
const MAX_ERRORS: usize = 20;

/// Parses a file. Whatever is wrong with one item leaves the other items whole. In a broken item,
/// [`ExprKind::Error`] stands for values that could not be parsed; if more than values is broken
/// and the name can be read, `model name = error` remains. Diagnostics are in source order.
pub fn parse(source: SourceId, text: &str) -> (File, Vec<Diagnostic>) {
    let mut file = File {
        docs: Vec::new(),
        items: Vec::new(),
        comments: Vec::new(),
        span: Span::new(source, 0, text.len()),
    };
    if let Err(error) = check_size(source, text) {
        return (file, vec![error]);
    }
    let Lexed {
        mut tokens,
        comments,
        errors: lexical,
    } = lex(source, text);
    file.comments = comments;
    let mut errors = Vec::new();
    file.docs = layout::take_documentation(source, &mut tokens, &mut errors);
    let chunks = layout::chunks(&tokens, text);
    for (at, &chunk) in chunks.iter().enumerate() {
        let (items, found) = parse_chunk(source, text, chunk);
        file.items.extend(items);
        // After what could not be read, more errors are likely its consequences.
        let start = if at == 0 { 0 } else { start_of(chunk) };
        let end = chunks.get(at + 1).map_or(text.len(), |next| start_of(next));
        let clean = |e: &Diagnostic| !(start..end).contains(&(e.span().start as usize));
        if lexical.iter().all(clean) {
            errors.extend(found);
        }
    }
    errors.extend(lexical);
    in_order(&mut errors);
    (file, errors)
}

/// Parses one expression.
pub fn parse_expr(source: SourceId, text: &str) -> (Expr, Vec<Diagnostic>) {
    let nothing = Expr {
        kind: ExprKind::Error,
        span: Span::new(source, 0, text.len()),
    };
    if let Err(error) = check_size(source, text) {
        return (nothing, vec![error]);
    }
    let Lexed {
        tokens, mut errors, ..
    } = lex(source, text);
    let mut found = Vec::new();
    let parsed = check(source, &tokens).and_then(|()| {
        WholeExprParser::new()
            .parse(source, &mut found, layout::separated(&tokens))
            .map_err(|e| error::translate(source, text, &tokens, &e))
    });
    let expr = parsed.unwrap_or_else(|error| {
        found.push(error);
        nothing
    });
    if errors.is_empty() {
        errors = found;
    }
    in_order(&mut errors);
    (expr, errors)
}

/// The items of a chunk, and what is wrong with it. Where values have errors, the rest is kept.
fn parse_chunk(source: SourceId, text: &str, chunk: &[Spanned]) -> (Vec<Item>, Vec<Diagnostic>) {
    let remains = || placeholder::item(source, chunk).into_iter().collect();
    if let Err(error) = check(source, chunk) {
        return (remains(), vec![error]);
    }
    let mut tokens = layout::separated(chunk);
    let mut errors = Vec::new();
    let mut places = BTreeSet::new();
    loop {
        let mut found = Vec::new();
        let parsed = ChunkParser::new().parse(source, &mut found, tokens.iter().copied());
        let error = match parsed {
            Ok(items) => {
                errors.extend(found);
                return (items, errors);
            }
            Err(error) => error,
        };
        let place = error::location(&error);
        let is_new = places.insert(place) && !repair::follows_hole(&tokens, place);
        if is_new {
            errors.push(error::translate(source, text, chunk, &error));
        }
        let next = repair::repaired(&tokens, place);
        tokens = match next {
            Some(next) if is_new && places.len() < MAX_ERRORS => next,
            _ => return (remains(), errors),
        };
    }
}

fn check(source: SourceId, tokens: &[Spanned]) -> Result<(), Diagnostic> {
    brackets::check_brackets(source, tokens)?;
    brackets::check_depth(source, tokens)
}

fn start_of(chunk: &[Spanned]) -> usize {
    chunk.first().map_or(0, |t| t.start)
}

pub(crate) fn in_order(errors: &mut [Diagnostic]) {
    errors.sort_by_key(|e| (e.span().start, e.span().end));
}

/// Places are counted in 32 bits.
pub(crate) fn check_size(source: SourceId, text: &str) -> Result<(), Diagnostic> {
    if u32::try_from(text.len()).is_ok() {
        return Ok(());
    }
    Err(Diagnostic::error(
        "E0119",
        "This file is larger than 4 GiB",
        Span::new(source, 0, 0),
        "a program of this size is not taken",
    ))
}
