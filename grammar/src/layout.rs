//! From the tokens of a text to chunks that can be parsed on their own.
//!
//! *Chunks.* A file is cut before every word that can only begin an item: outside of brackets,
//! where the token before has completed an expression or the word stands first on its line and a
//! name or title follows; within brackets, only at the very beginning of a line, since there a
//! bracket has been left open. An error in one chunk leaves the others whole.
//!
//! *Line breaks.* They mean nothing but in a block, that is within `{` `}` that begin with `let`
//! or `use`. There, where a line ends with a complete expression and the next one does not go on
//! with an operator, `.`, `,`, `then`, `else`, … a `;` is understood. So a line of a block that
//! begins with `(` or `[` begins a new expression, and one that begins with `-` continues the one
//! before. Before `let` and `use` a `;` is understood also within a line.
//!
//! *Depth.* Brackets nest at most [`MAX_BRACKETS`] deep and a tree gets at most [`MAX_DEPTH`]
//! levels, so that no later pass, however it recurses, can run out of stack.

use crate::lex::doc_text;
use crate::token::{Spanned, Token};
use lentil_diag::{Diagnostic, SourceId, Span};

/// How deep brackets may nest.
pub const MAX_BRACKETS: usize = 128;

/// How many levels a syntax tree may have, counted from above: every bracket, operator, `if`,
/// label and call of a chain counts one.
pub const MAX_DEPTH: usize = 500;

/// Cuts the tokens of a file before every item.
pub fn chunks<'t, 's>(tokens: &'t [Spanned<'s>], text: &str) -> Vec<&'t [Spanned<'s>]> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut depth = 0usize;
    for at in 0..tokens.len() {
        if at > start && begins_chunk(tokens, at, depth, text) {
            let mut cut = at;
            while cut > start && matches!(tokens[cut - 1].token, Token::Doc(_)) {
                cut -= 1;
            }
            if cut > start {
                out.push(&tokens[start..cut]);
                start = cut;
            }
            depth = 0;
        }
        match tokens[at].token {
            t if t.closer().is_some() => depth += 1,
            t if t.closes() => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    if start < tokens.len() {
        out.push(&tokens[start..]);
    }
    out
}

/// Takes the `//!` lines from the head of a file, and what documents nothing from the rest.
pub fn take_documentation(
    source: SourceId,
    tokens: &mut Vec<Spanned>,
    errors: &mut Vec<Diagnostic>,
) -> Vec<String> {
    let is_head = |t: &Spanned| matches!(t.token, Token::FileDoc(_));
    let head = tokens.iter().take_while(|t| is_head(t)).count();
    let mut next_begins_item = false;
    let mut keep = vec![true; tokens.len()];
    for (at, t) in tokens.iter().enumerate().skip(head).rev() {
        let hint = match t.token {
            Token::Doc(_) if next_begins_item => continue,
            Token::Doc(_) => "`///` stands before a definition; a comment begins with `//`.",
            Token::FileDoc(_) => "`//!` stands at the head of a file; a comment begins with `//`.",
            _ => {
                next_begins_item = t.token.begins_item();
                continue;
            }
        };
        keep[at] = false;
        let span = Span::new(source, t.start, t.end);
        errors.push(
            Diagnostic::error(
                "E0117",
                "This documents nothing",
                span,
                "no definition follows",
            )
            .hint(hint),
        );
    }
    let docs = tokens[..head].iter().filter_map(|t| match t.token {
        Token::FileDoc(raw) => Some(doc_text(raw)),
        _ => None,
    });
    let docs = docs.collect();
    let mut at = 0;
    tokens.retain(|_| {
        at += 1;
        at > head && keep[at - 1]
    });
    docs
}

fn begins_chunk(tokens: &[Spanned], at: usize, depth: usize, text: &str) -> bool {
    let here = tokens[at];
    let before = tokens[at - 1].token;
    if !here.token.begins_item() || before == Token::Local {
        return false;
    }
    let next = tokens.get(at + 1);
    let fits = match (here.token, next.map(|t| t.token)) {
        (Token::Import, Some(next)) => {
            next == Token::Dot || next.is_soft() || matches!(next, Token::Name(_))
        }
        (Token::Local, _) => true,
        (Token::Test | Token::Law, Some(next)) => matches!(next, Token::Text(_)),
        (_, Some(Token::Name(_))) => true,
        // `x +` and on the next lines `data` and `local …`: the word is an operand.
        (_, Some(word)) if !before.ends_expression() && next.is_some_and(|n| n.first_on_line) => {
            word.is_soft() && !word.begins_item()
        }
        (_, Some(word)) => word.is_soft(),
        (_, None) => false,
    };
    if depth > 0 {
        let at_margin = here.start == 0 || text.as_bytes()[here.start - 1] == b'\n';
        return fits && at_margin;
    }
    let complete = before.ends_expression() && !before.is_soft();
    let after_docs = matches!(before, Token::Doc(_));
    complete || after_docs || (fits && here.first_on_line)
}

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

/// The tokens of a chunk with the `;` that line breaks stand for, as the parser takes them.
pub fn separated<'s>(tokens: &[Spanned<'s>]) -> Vec<(usize, Token<'s>, usize)> {
    let mut out: Vec<(usize, Token, usize)> = Vec::with_capacity(tokens.len());
    let mut blocks: Vec<bool> = Vec::new();
    for (at, t) in tokens.iter().enumerate() {
        if let Some(&(_, before, end)) = out.last()
            && blocks.last() == Some(&true)
            && before.ends_expression()
            && (matches!(t.token, Token::Let | Token::Use)
                || (t.first_on_line && t.token.begins_expression()))
        {
            out.push((end, Token::Semicolon, end));
        }
        if t.token.closer().is_some() {
            let next = tokens.get(at + 1).map(|t| t.token);
            blocks
                .push(t.token == Token::LeftBrace && matches!(next, Some(Token::Let | Token::Use)));
        } else if t.token.closes() {
            blocks.pop();
        }
        out.push((t.start, t.token, t.end));
    }
    out
}

/// Whether the innermost bracket open before the token at `at` is that of a block.
pub fn in_block(tokens: &[Spanned], at: usize) -> bool {
    let mut depth = 0;
    for (i, t) in tokens[..at].iter().enumerate().rev() {
        if t.token.closes() {
            depth += 1;
        } else if t.token.closer().is_some() {
            if depth == 0 {
                return t.token == Token::LeftBrace
                    && matches!(
                        tokens.get(i + 1).map(|t| t.token),
                        Some(Token::Let | Token::Use)
                    );
            }
            depth -= 1;
        }
    }
    false
}

fn unclosed(at: Span, token: Token) -> Diagnostic {
    let title = format!("`{}` is not closed", bracket(token));
    Diagnostic::error("E0106", title, at, "opened here")
}

fn deepens(token: Token) -> bool {
    matches!(
        token,
        Token::Plus
            | Token::Minus
            | Token::Star
            | Token::Slash
            | Token::Percent
            | Token::At
            | Token::Caret
            | Token::EqualsEquals
            | Token::NotEquals
            | Token::Less
            | Token::LessEquals
            | Token::Greater
            | Token::GreaterEquals
            | Token::TildeEquals
            | Token::ThenArrow
            | Token::Bar
            | Token::Pipe
            | Token::And
            | Token::Or
            | Token::Not
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
