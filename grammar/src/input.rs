//! What is typed in a session: definitions, or `let`s and an expression; and whether more must follow.
//!
//! Whether an input is complete is the parser's own answer: an input that only lacks something at its end
//! is incomplete, whatever it is. So nothing has to be said twice about brackets, operators or `=`.

use crate::ast::{Expr, ExprKind, File, Statement};
use crate::brackets::{check_brackets, check_depth};
use crate::error;
use crate::grammar::WholeExprParser;
use crate::layout;
use crate::lex::{Lexed, lex};
use crate::parse::{check_size, in_order, parse};
use crate::token::{Spanned, Token};
use lentil_diag::{Diagnostic, SourceId};

/// An input of a session.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// White space and comments.
    Nothing,
    /// Definitions and imports.
    Items(File),
    /// `let`s, and an expression; at least one of the two.
    Statements(Vec<Statement>, Option<Expr>),
}

/// What a text is to a session.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// An input.
    Complete(Input),
    /// The beginning of one; what is wrong with it if nothing follows.
    Incomplete(Vec<Diagnostic>),
    /// None, whatever follows.
    Wrong(Vec<Diagnostic>),
}

/// Reads an input of a session.
pub fn parse_input(source: SourceId, text: &str) -> Reading {
    if let Err(error) = check_size(source, text) {
        return Reading::Wrong(vec![error]);
    }
    let Lexed { tokens, errors, .. } = lex(source, text);
    if !errors.is_empty() {
        return Reading::Wrong(errors);
    }
    if tokens.iter().all(|t| matches!(t.token, Token::FileDoc(_))) {
        return Reading::Complete(Input::Nothing);
    }
    if begins_items(&tokens) {
        return items(source, text, &tokens);
    }
    statements(source, text, &tokens)
}

/// Where the first input of a text ends, after the end of its line; `None` if more lines must follow.
///
/// A line that can only continue the one before (`>> relu`, `then …`) belongs to its input.
pub fn first_input(text: &str) -> Option<usize> {
    let source = SourceId::default();
    let tokens = |line| lex(source, line).tokens;
    let (mut end, mut depth) = (0, 0usize);
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        end += line.len();
        for t in tokens(line) {
            match t.token {
                t if t.closer().is_some() => depth += 1,
                t if t.closes() => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        let next = lines
            .peek()
            .and_then(|next| tokens(next).first().map(|t| t.token));
        // Only to save work: the parser would say the same.
        if depth > 0 || next.is_some_and(Token::continues) {
            continue;
        }
        match parse_input(source, &text[..end]) {
            Reading::Complete(_) | Reading::Wrong(_) => return Some(end),
            Reading::Incomplete(_) => {}
        }
    }
    None
}

/// Whether definitions begin here, and not an expression.
fn begins_items(tokens: &[Spanned]) -> bool {
    let is_doc = |t: &&Spanned| matches!(t.token, Token::Doc(_) | Token::FileDoc(_));
    let docs = tokens.iter().take_while(is_doc).count();
    let next = |k: usize| tokens.get(docs + k).map(|t| t.token);
    let name = |t: Token| matches!(t, Token::Name(_)) || t.is_soft();
    let Some(first) = next(0) else { return true };
    match first {
        Token::Import | Token::Local => true,
        // `fn(x) => e` is an expression.
        Token::Fn => next(1) != Some(Token::LeftParen),
        Token::Test | Token::Law => matches!(next(1), Some(Token::Text(_))),
        word if word.begins_item() => next(1).is_some_and(name),
        _ => docs > 0,
    }
}

fn items(source: SourceId, text: &str, tokens: &[Spanned]) -> Reading {
    let (file, errors) = parse(source, text);
    if errors.is_empty() && !file.items.is_empty() {
        return Reading::Complete(Input::Items(file));
    }
    // Only the last definition can be incomplete.
    let last = layout::chunks(tokens, text).pop().unwrap_or_default();
    let start = last.first().map_or(0, |t| t.start);
    let before = errors.iter().any(|e| (e.span().start as usize) < start);
    if !before && ends_too_early(source, last) && !is_import(last) {
        return Reading::Incomplete(errors);
    }
    Reading::Wrong(errors)
}

/// `import nn` is complete, and wrong.
fn is_import(chunk: &[Spanned]) -> bool {
    let open = chunk.iter().any(|t| t.token == Token::LeftBrace);
    let trails = chunk.last().is_some_and(|t| {
        matches!(
            t.token,
            Token::Dot | Token::Slash | Token::Comma | Token::Import
        )
    });
    chunk.first().is_some_and(|t| t.token == Token::Import) && !open && !trails
}

/// Whether a chunk of definitions is right as far as it goes, and goes not far enough.
fn ends_too_early(source: SourceId, chunk: &[Spanned]) -> bool {
    if check_depth(source, chunk).is_err() {
        return false;
    }
    let mut errors = Vec::new();
    let tokens = layout::separated(chunk);
    let documentation = chunk.iter().all(|t| matches!(t.token, Token::Doc(_)));
    let parsed = crate::grammar::ChunkParser::new().parse(source, &mut errors, tokens);
    let early = parsed.is_err_and(|e| error::location(&e) == usize::MAX);
    errors.is_empty() && (early || documentation)
}

/// `let`s and an expression are what stands in a block, so they are parsed in the braces of one.
fn statements(source: SourceId, text: &str, tokens: &[Spanned]) -> Reading {
    let end = tokens.last().map_or(0, |t| t.end);
    let lets = matches!(tokens[0].token, Token::Let | Token::Use);
    let attempts: &[Tail] = match lets {
        // Without an expression at the end, or with one.
        true => &[Tail::Hole, Tail::Expression],
        false => &[Tail::Expression],
    };
    let mut wrong: Option<(usize, Vec<Diagnostic>)> = None;
    for tail in attempts {
        let (at, errors) = match attempt(source, text, tokens, lets, tail) {
            Ok(input) => return Reading::Complete(input),
            Err(failure) => failure,
        };
        // The attempt that gets further is the one that was meant.
        if wrong.as_ref().is_none_or(|(best, _)| at > *best) {
            wrong = Some((at, errors));
        }
    }
    let (at, mut errors) = wrong.unwrap_or_default();
    in_order(&mut errors);
    if at >= end {
        return Reading::Incomplete(errors);
    }
    Reading::Wrong(errors)
}

/// What follows the `let`s.
enum Tail {
    /// Nothing: a hole stands for it.
    Hole,
    /// An expression.
    Expression,
}

/// The input, or where it is wrong and why; at the end of the text or beyond if it is only incomplete.
fn attempt(
    source: SourceId,
    text: &str,
    tokens: &[Spanned],
    lets: bool,
    tail: &Tail,
) -> Result<Input, (usize, Vec<Diagnostic>)> {
    let end = tokens.last().map_or(0, |t| t.end);
    let mark = |token, at| Spanned {
        token,
        start: at,
        end: at,
        first_on_line: false,
    };
    let mut all = Vec::with_capacity(tokens.len() + 4);
    if lets {
        all.push(mark(Token::LeftBrace, tokens[0].start));
    }
    all.extend_from_slice(tokens);
    if let Tail::Hole = tail {
        let ended = tokens.last().is_some_and(|t| t.token == Token::Semicolon);
        all.extend((!ended).then(|| mark(Token::Semicolon, end)));
        all.push(mark(Token::Hole, end));
    }
    if lets {
        all.push(mark(Token::RightBrace, end));
    }
    let open = match check_brackets(source, tokens) {
        Err(error) if !is_open(&error) => return Err((0, vec![error])),
        Err(error) => Some(error),
        Ok(()) => None,
    };
    check_depth(source, tokens).map_err(|error| (0, vec![error]))?;
    let mut errors = Vec::new();
    let parsed = WholeExprParser::new().parse(source, &mut errors, layout::separated(&all));
    match parsed {
        Ok(_) if !errors.is_empty() => Err((0, errors)),
        Ok(expr) => Ok(match (expr.kind, tail) {
            (ExprKind::Block(statements, _), Tail::Hole) => Input::Statements(statements, None),
            (ExprKind::Block(statements, last), Tail::Expression) if lets => {
                Input::Statements(statements, Some(*last))
            }
            (kind, _) => {
                let span = expr.span;
                Input::Statements(Vec::new(), Some(Expr { kind, span }))
            }
        }),
        Err(error) => {
            let at = error::location(&error);
            let said = match open {
                Some(open) if at >= end => open,
                _ => error::translate(source, text, tokens, &error),
            };
            Err((at, vec![said]))
        }
    }
}

/// Whether all that is wrong with the brackets is that some are still open at the end.
fn is_open(error: &Diagnostic) -> bool {
    error
        .labels
        .last()
        .is_some_and(|at| at.span.start == at.span.end)
}
