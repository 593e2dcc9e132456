//! Text to tokens.
//!
//! White space, line breaks included, only separates tokens; `//` comments are set aside for the
//! formatter; `///` and `//!` lines are tokens, since they belong to what follows them. What cannot
//! be read is reported once and left out of the stream, or replaced by something of its kind, so
//! that the rest can still be parsed.

use crate::ast::Comment;
use crate::token::{Spanned, Token};
use lentil_diag::{Diagnostic, SourceId, Span};
use logos::Logos;

/// What a text consists of.
#[derive(Clone, Debug, Default)]
pub struct Lexed<'s> {
    /// The tokens that could be read.
    pub tokens: Vec<Spanned<'s>>,
    /// The comments.
    pub comments: Vec<Comment>,
    /// What could not be read, in order.
    pub errors: Vec<Diagnostic>,
}

/// Cuts a text into tokens.
pub fn lex(source: SourceId, text: &str) -> Lexed<'_> {
    let mut out = Lexed::default();
    let mut unknown: Option<std::ops::Range<usize>> = None;
    let mut last_end = 0;
    for (token, range) in Token::lexer(text).spanned() {
        let span = Span::new(source, range.start, range.end);
        let Ok(token) = token else {
            unknown = Some(match unknown {
                Some(before) if before.end == range.start => before.start..range.end,
                before => {
                    report_unknown(source, text, before, &mut out.errors);
                    range
                }
            });
            continue;
        };
        report_unknown(source, text, unknown.take(), &mut out.errors);
        let token = match token {
            Token::Comment(raw) => {
                let raw = raw.trim_end();
                out.comments.push(Comment {
                    text: raw[2..].to_string(),
                    span: Span::new(source, range.start, range.start + raw.len()),
                });
                continue;
            }
            Token::BadNumber => {
                out.errors.push(bad_number(span, &text[range.clone()]));
                Token::Number("0")
            }
            Token::OpenText => {
                out.errors.push(
                    Diagnostic::error(
                        "E0103",
                        "This text is not closed",
                        span,
                        "a text ends on the line it begins on",
                    )
                    .hint("Close it with `\"`; a line break inside a text is written `\\n`."),
                );
                Token::Text("\"\"")
            }
            Token::Text(raw) => {
                check_escapes(source, range.start, raw, &mut out.errors);
                token
            }
            _ => token,
        };
        let gap = &text[last_end..range.start];
        out.tokens.push(Spanned {
            token,
            start: range.start,
            end: range.end,
            first_on_line: out.tokens.is_empty() || gap.contains('\n'),
        });
        last_end = range.end;
    }
    report_unknown(source, text, unknown, &mut out.errors);
    out
}

/// The text of a documentation line: without the marker, one following space and what trails.
pub fn doc_text(raw: &str) -> String {
    let line = &raw[3..];
    line.strip_prefix(' ')
        .unwrap_or(line)
        .trim_end()
        .to_string()
}

/// The meaning of a text literal, given with its quotes. Escapes that mean nothing are kept as
/// they are; [`lex`] has reported them.
pub fn unescape(raw: &str) -> String {
    let mut out = String::new();
    for piece in escapes(raw) {
        match piece {
            Piece::Plain(c) | Piece::Escape(c) => out.push(c),
            Piece::Bad(range) => out.push_str(&raw[range]),
        }
    }
    out
}

enum Piece {
    Plain(char),
    Escape(char),
    Bad(std::ops::Range<usize>),
}

fn escapes(raw: &str) -> Vec<Piece> {
    let inner_end = raw.len() - 1;
    let mut out = Vec::new();
    let mut at = 1;
    while at < inner_end {
        let rest = &raw[at..inner_end];
        let mut chars = rest.chars();
        let first = chars.next().unwrap_or('\\');
        if first != '\\' {
            out.push(Piece::Plain(first));
            at += first.len_utf8();
            continue;
        }
        let second = chars.next().unwrap_or('\\');
        let simple = match second {
            'n' => Some('\n'),
            't' => Some('\t'),
            'r' => Some('\r'),
            '0' => Some('\0'),
            '"' => Some('"'),
            '\\' => Some('\\'),
            _ => None,
        };
        if let Some(c) = simple {
            out.push(Piece::Escape(c));
            at += 2;
            continue;
        }
        let unicode = rest
            .strip_prefix("\\u{")
            .and_then(|tail| tail.split_once('}'))
            .filter(|(digits, _)| digits.len() <= 6)
            .and_then(|(digits, _)| Some((digits.len(), u32::from_str_radix(digits, 16).ok()?)))
            .and_then(|(length, code)| Some((length, char::from_u32(code)?)));
        if let Some((length, c)) = unicode {
            out.push(Piece::Escape(c));
            at += length + 4;
        } else {
            let length = 1 + second.len_utf8();
            out.push(Piece::Bad(at..at + length));
            at += length;
        }
    }
    out
}

fn check_escapes(source: SourceId, start: usize, raw: &str, errors: &mut Vec<Diagnostic>) {
    for piece in escapes(raw) {
        if let Piece::Bad(range) = piece {
            errors.push(
                Diagnostic::error(
                    "E0104",
                    format!("`{}` means nothing in a text", &raw[range.clone()]),
                    Span::new(source, start + range.start, start + range.end),
                    "this is not an escape",
                )
                .hint("Escapes are `\\n`, `\\t`, `\\r`, `\\0`, `\\\"`, `\\\\` and `\\u{3b1}`; a backslash itself is `\\\\`."),
            );
        }
    }
}

fn bad_number(span: Span, raw: &str) -> Diagnostic {
    let digits = raw.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '_');
    let error = Diagnostic::error(
        "E0105",
        format!("`{raw}` is neither a number nor a name"),
        span,
        "a number ends with a digit, a name begins with a letter",
    );
    if raw.starts_with("0x") || raw.starts_with("0b") || raw.starts_with("0o") {
        error.hint("Numbers are written in base ten.")
    } else if raw.len() == digits.len() + 1 && raw.ends_with(['e', 'E']) {
        error.hint(format!("An exponent needs digits: `{raw}-3`."))
    } else if digits.bytes().all(|b| b.is_ascii_digit()) && !raw.ends_with('_') {
        let letters = &raw[digits.len()..];
        error.hint(format!("To multiply, write `{digits} * {letters}`."))
    } else {
        error.hint("Underscores stand between digits: `1_000`.")
    }
}

fn report_unknown(
    source: SourceId,
    text: &str,
    range: Option<std::ops::Range<usize>>,
    errors: &mut Vec<Diagnostic>,
) {
    let Some(range) = range else { return };
    let raw = &text[range.clone()];
    let hint = match raw {
        "&" | "&&" => Some("`and` is written as a word."),
        "!" => Some("`not` is written as a word."),
        "#" => Some("Comments begin with `//`."),
        "'" | "''" | "‘" | "’" | "“" | "”" => {
            Some("Texts stand between straight double quotes: `\"`.")
        }
        "?" => Some("A choice is written `if c then a else b`."),
        "\\" | "λ" => Some("A function without a name is written `fn(x) => e`."),
        "→" => Some("Write `->`."),
        "×" | "·" => Some("Write `*`, or `@` for a matrix product."),
        "−" | "–" => Some("Write `-`."),
        "≤" => Some("Write `<=`."),
        "≥" => Some("Write `>=`."),
        "≠" => Some("Write `!=`."),
        "≈" => Some("Write `~=`."),
        "∘" => Some("Composition is written in sequence: `f >> g` does `f` first."),
        _ => None,
    };
    let is_letter = raw.chars().all(char::is_alphanumeric);
    let label = if is_letter {
        "names are made of the letters a to z, digits and `_`"
    } else {
        "this has no meaning in Lentil"
    };
    let mut shown = String::new();
    for c in raw.chars().take(20) {
        match c {
            '\'' | '"' => shown.push(c),
            _ => shown.extend(c.escape_debug()),
        }
    }
    let plural = if raw.chars().count() == 1 {
        "character"
    } else {
        "characters"
    };
    let error = Diagnostic::error(
        "E0102",
        format!("Unknown {plural} `{shown}`"),
        Span::new(source, range.start, range.end),
        label,
    );
    errors.push(match hint {
        Some(hint) => error.hint(hint),
        None => error,
    });
}
