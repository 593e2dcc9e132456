//! From the tokens of a text to chunks that can be parsed on their own.
//!
//! *Chunks.* A file is cut before every word that can only begin an item: outside of brackets,
//! where the token before has completed an expression or the word stands first on its line and a
//! name or title follows; within brackets, only at the very beginning of a line, since there a
//! bracket has been left open. An error in one chunk leaves the others whole.
//!
//! *Line breaks.* They mean nothing but in blocks, that is within `{` `}` that begin with `let` or
//! `use`, and in bodies. In a block, where a line ends with a complete expression and the next one does not go on
//! with an operator, `.`, `,`, `then`, `else`, … a `;` is understood. So a line of a block that
//! begins with `(` or `[` begins a new expression, and one that begins with `-` continues the one
//! before. Before `let` and `use` a `;` is understood also within a line. In the body of a lens or
//! an optimizer, a `;` is understood before a line that begins with `state`, `get =` or `put(…) =`.

use crate::lex::doc_text;
use crate::token::{Spanned, Token};
use lentil_diag::{Diagnostic, SourceId, Span};

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

/// The tokens of a chunk with the `;` that line breaks stand for, as the parser takes them.
pub fn separated<'s>(tokens: &[Spanned<'s>]) -> Vec<(usize, Token<'s>, usize)> {
    let mut out: Vec<(usize, Token, usize)> = Vec::with_capacity(tokens.len());
    let mut open: Vec<Bracket> = Vec::new();
    for (at, t) in tokens.iter().enumerate() {
        if let Some(&(_, before, end)) = out.last() {
            let ends = match open.last() {
                Some(Bracket::Block) => {
                    let begins = matches!(t.token, Token::Let | Token::Use)
                        || (t.first_on_line && t.token.begins_expression());
                    begins && before.ends_expression()
                }
                Some(Bracket::Clauses) => {
                    let begins = t.first_on_line && begins_clause(following(tokens, at));
                    let separate =
                        matches!(before, Token::LeftBrace | Token::Semicolon | Token::Comma);
                    begins && !separate
                }
                Some(Bracket::Other) | None => false,
            };
            if ends {
                out.push((end, Token::Semicolon, end));
            }
        }
        if t.token.closer().is_some() {
            open.push(Bracket::at(tokens, at));
        } else if t.token.closes() {
            open.pop();
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
                return matches!(Bracket::at(tokens, i), Bracket::Block);
            }
            depth -= 1;
        }
    }
    false
}

/// Whether `state v: …`, `get = …` or `put(…) = …` begins, given the tokens by their distance.
pub fn begins_clause<'s>(next: impl Fn(usize) -> Option<Token<'s>>) -> bool {
    match next(0) {
        Some(Token::State) => {
            let named = |t: Token| t.is_soft() || matches!(t, Token::Name(_));
            next(1).is_some_and(named) && next(2) == Some(Token::Colon)
        }
        Some(Token::Get) => next(1) == Some(Token::Equals),
        Some(Token::Put) if next(1) == Some(Token::LeftParen) => {
            let names = |t| matches!(t, Token::Name(_) | Token::Comma) || Token::is_soft(t);
            let close = (2..).find(|&i| !next(i).is_some_and(names));
            close.is_some_and(|i| {
                next(i) == Some(Token::RightParen) && next(i + 1) == Some(Token::Equals)
            })
        }
        _ => false,
    }
}

/// What stands in a bracket.
enum Bracket {
    /// `let`, `use` and `state`, and a result.
    Block,
    /// `state`, `get` and `put`.
    Clauses,
    /// Anything else.
    Other,
}

impl Bracket {
    fn at(tokens: &[Spanned], at: usize) -> Bracket {
        let next = following(tokens, at);
        match (next(0), next(1)) {
            (Some(Token::LeftBrace), Some(Token::Let | Token::Use)) => Bracket::Block,
            (Some(Token::LeftBrace), Some(Token::State)) if next(3) == Some(Token::Equals) => {
                Bracket::Block
            }
            (Some(Token::LeftBrace), _) if begins_clause(following(tokens, at + 1)) => {
                Bracket::Clauses
            }
            _ => Bracket::Other,
        }
    }
}

fn following<'t, 's>(tokens: &'t [Spanned<'s>], at: usize) -> impl Fn(usize) -> Option<Token<'s>> {
    move |steps| tokens.get(at + steps).map(|t| t.token)
}
