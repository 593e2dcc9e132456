//! Colours for what is being typed.

use std::fmt::Write;

use lentil_diag::SourceId;
use lentil_grammar::lex::lex;
use lentil_grammar::token::Token;

/// Words that define, bind or choose.
const WORD: &str = "35";
/// Numbers and texts.
const LITERAL: &str = "36";
/// Remarks and commands.
const REMARK: &str = "2";
/// The bracket that belongs to the one at the cursor.
const PARTNER: &str = "1;34";

/// A line with its colours; the brackets at the cursor stand out.
pub fn line(text: &str, cursor: usize) -> String {
    if text.starts_with(':') {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        return format!("\x1b[{REMARK}m{}\x1b[0m{}", &text[..end], &text[end..]);
    }
    let lexed = lex(SourceId::default(), text);
    let mut marks: Vec<(usize, usize, &str)> = Vec::new();
    for comment in &lexed.comments {
        let place = comment.span.range();
        marks.push((place.start, place.end, REMARK));
    }
    let mut open: Vec<usize> = Vec::new();
    for t in &lexed.tokens {
        match t.token {
            Token::Number(_) | Token::Text(_) => marks.push((t.start, t.end, LITERAL)),
            Token::Doc(_) | Token::FileDoc(_) => marks.push((t.start, t.end, REMARK)),
            word if word.is_reserved() || word.begins_item() => {
                marks.push((t.start, t.end, WORD));
            }
            b if b.closer().is_some() => open.push(t.start),
            b if b.closes() => {
                if let Some(left) = open.pop()
                    && [left, t.start]
                        .iter()
                        .any(|&at| at == cursor || at + 1 == cursor)
                {
                    marks.push((left, left + 1, PARTNER));
                    marks.push((t.start, t.end, PARTNER));
                }
            }
            _ => {}
        }
    }
    marks.sort_unstable();
    let (mut out, mut at) = (String::with_capacity(text.len() * 2), 0);
    for (start, end, colour) in marks {
        if start < at {
            continue;
        }
        out.push_str(&text[at..start]);
        let _ = write!(out, "\x1b[{colour}m{}\x1b[0m", &text[start..end]);
        at = end;
    }
    out.push_str(&text[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::line;

    /// Without its colours a line is what it was, wherever the cursor stands.
    #[test]
    fn colours_change_no_letter() {
        let lines = [
            "fn f(x: Real) -> Real = if x > 0 then [1.5, x][0] else \"é\" // ü",
            ":type f(1)",
            "§ ) ( ]",
            "",
        ];
        for text in lines {
            for cursor in 0..=text.len() {
                let shown = line(text, cursor);
                let mut plain = String::new();
                let mut rest = shown.as_str();
                while let Some((before, after)) = rest.split_once('\x1b') {
                    plain.push_str(before);
                    rest = after.split_once('m').map_or("", |(_, after)| after);
                }
                plain.push_str(rest);
                assert_eq!(plain, text);
            }
        }
    }

    #[test]
    fn the_partner_of_a_bracket_stands_out() {
        assert!(line("f(x)", 4).contains("\x1b[1;34m(\x1b[0mx\x1b[1;34m)"));
        assert!(!line("f(x)", 0).contains("1;34"));
    }
}
