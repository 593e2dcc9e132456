//! Brackets and depth, checked before parsing.
//!
//! Brackets nest at most [`MAX_BRACKETS`] deep and a tree gets at most [`MAX_DEPTH`] levels, so
//! that no later pass, however it recurses, can run out of stack.

use crate::token::{Spanned, Token};
use lentil_diag::{Diagnostic, SourceId, Span};

/// How deep brackets may nest.
pub const MAX_BRACKETS: usize = 128;

/// How many levels a syntax tree may have, counted from above: every bracket, operator, `if`,
/// label and call of a chain counts one.
pub const MAX_DEPTH: usize = 500;

/// Checks that the brackets of a chunk match.
pub fn check_brackets(source: SourceId, tokens: &[Spanned]) -> Result<(), Diagnostic> {
    let mut open: Vec<&Spanned> = Vec::new();
    let span = |t: &Spanned| Span::new(source, t.start, t.end);
    for token in tokens {
        if token.token.closer().is_some() {
            open.push(token);
        } else if token.token.closes() {
            match open.pop() {
                Some(left) if left.token.closer() == Some(token.token) => {}
                // What closes an outer bracket shows that the inner one was forgotten.
                Some(left) if open.iter().any(|o| o.token.closer() == Some(token.token)) => {
                    let want = left.token.closer().map_or("", bracket);
                    let expected = format!("`{want}` was expected before this");
                    return Err(unclosed(span(left), left.token).label(span(token), expected));
                }
                Some(left) => {
                    let (l, r) = (bracket(left.token), bracket(token.token));
                    let want = left.token.closer().map_or("", bracket);
                    return Err(Diagnostic::error(
                        "E0106",
                        format!("`{l}` is closed by `{r}`"),
                        span(token),
                        format!("`{want}` was expected here"),
                    )
                    .label(span(left), format!("this `{l}` is open")));
                }
                None => {
                    let r = bracket(token.token);
                    return Err(Diagnostic::error(
                        "E0107",
                        format!("`{r}` closes nothing"),
                        span(token),
                        "no bracket is open here",
                    ));
                }
            }
        }
    }
    match (open.pop(), tokens.last()) {
        (Some(left), Some(last)) => {
            let want = left.token.closer().map_or("", bracket);
            let end = Span::new(source, last.end, last.end);
            let missing = format!("`{want}` is missing, here at the latest");
            Err(unclosed(span(left), left.token).label(end, missing))
        }
        _ => Ok(()),
    }
}

/// Checks how deep the tree of a chunk with matching brackets can get at most.
pub fn check_depth(source: SourceId, tokens: &[Spanned]) -> Result<(), Diagnostic> {
    // Of every open bracket: the operators since the last comma, the greatest depth within, and
    // the greatest depth of any part before that comma.
    let mut stack = vec![Level::default()];
    let mut before: Option<Token> = None;
    let mut outer = 0;
    for t in tokens {
        let at = Span::new(source, t.start, t.end);
        let Some(top) = stack.last_mut() else { break };
        if t.token.closer().is_some() {
            if before.is_some_and(Token::ends_expression) {
                top.operators += 1;
            }
            outer += top.operators + 1;
            stack.push(Level::default());
            if stack.len() > MAX_BRACKETS + 1 {
                return Err(Diagnostic::error(
                    "E0114",
                    format!("Brackets are nested more than {MAX_BRACKETS} deep"),
                    at,
                    "this one is too deep",
                )
                .hint("Name the parts with `let`."));
            }
        } else if t.token.closes() {
            let inner = 1 + top.depth();
            stack.pop();
            if let Some(top) = stack.last_mut() {
                outer -= top.operators + 1;
                top.inner = top.inner.max(inner);
            }
        } else {
            match t.token {
                Token::Comma | Token::Semicolon | Token::Let | Token::Use => top.next(),
                t if deepens(t) => top.operators += 1,
                _ => {}
            }
        }
        if stack
            .last()
            .is_some_and(|top| outer + top.depth() > MAX_DEPTH)
        {
            return Err(Diagnostic::error(
                "E0114",
                format!("This is nested more than {MAX_DEPTH} levels deep"),
                at,
                "operators, brackets and calls up to here are one expression",
            )
            .hint("Name the parts with `let`, or use `sum`, `fold` or `repeat`."));
        }
        before = Some(t.token);
    }
    Ok(())
}

#[derive(Default)]
struct Level {
    operators: usize,
    inner: usize,
    earlier: usize,
}

impl Level {
    fn depth(&self) -> usize {
        self.earlier.max(self.operators + self.inner)
    }

    fn next(&mut self) {
        *self = Level {
            earlier: self.depth(),
            ..Level::default()
        };
    }
}

fn unclosed(at: Span, token: Token) -> Diagnostic {
    let title = format!("`{}` is not closed", bracket(token));
    Diagnostic::error("E0106", title, at, "opened here")
}

fn deepens(token: Token) -> bool {
    token.is_infix()
        || matches!(
            token,
            Token::Not
                | Token::If
                | Token::Fn
                | Token::Colon
                | Token::Arrow
                | Token::Dot
                | Token::DotDot
        )
}

fn bracket(token: Token) -> &'static str {
    match token {
        Token::LeftParen => "(",
        Token::RightParen => ")",
        Token::LeftBracket => "[",
        Token::RightBracket => "]",
        Token::LeftBrace => "{",
        Token::RightBrace => "}",
        _ => "",
    }
}
