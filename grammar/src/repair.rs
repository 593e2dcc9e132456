//! Going on after an error within an item: the value around it, from the `=` before to the end of
//! the setting, statement, clause or item, becomes a hole, or a setting without value is left out;
//! then the rest is parsed again.

use crate::layout;
use crate::token::Token;

/// A token with its first byte and one past its last.
pub type Placed<'s> = (usize, Token<'s>, usize);

/// The tokens without the error at a place; none if it is in no value or setting.
pub fn repaired<'s>(tokens: &[Placed<'s>], location: usize) -> Option<Vec<Placed<'s>>> {
    let at = tokens.partition_point(|t| t.0 < location);
    without_setting(tokens, at).or_else(|| with_hole(tokens, at))
}

/// Whether an error comes right after a hole, so that it is a consequence of the error there.
pub fn follows_hole(tokens: &[Placed], location: usize) -> bool {
    let at = tokens.partition_point(|t| t.0 < location);
    let mut before = tokens[..at].iter().rev().map(|t| t.1);
    before.find(|&t| t != Token::Semicolon) == Some(Token::Hole)
}

fn with_hole<'s>(tokens: &[Placed<'s>], at: usize) -> Option<Vec<Placed<'s>>> {
    let (equals, enclosed) = equals_before(tokens, at)?;
    let start = equals + 1;
    let end = if enclosed {
        end_of_value(tokens, start)
    } else {
        tokens.len()
    };
    if matches!(tokens.get(start..end), Some([(_, Token::Hole, _)])) {
        return None;
    }
    let from = tokens[equals].2;
    let to = if end > start { tokens[end - 1].2 } else { from };
    let mut out = tokens[..start].to_vec();
    out.push((from, Token::Hole, to));
    out.extend_from_slice(&tokens[end..]);
    Some(out)
}

/// Leaves out the setting of a learner or a data set whose name or `=` is wrong.
fn without_setting<'s>(tokens: &[Placed<'s>], at: usize) -> Option<Vec<Placed<'s>>> {
    let mut depth = 0usize;
    let mut start = at;
    let mut comma = None;
    let open = loop {
        let i = start.checked_sub(1)?;
        match tokens[i].1 {
            t if t.closes() => depth += 1,
            t if t.closer().is_some() && depth > 0 => depth -= 1,
            t if t.closer().is_some() => break i,
            Token::Comma if depth == 0 => comma = comma.or(Some(i)),
            Token::Equals if depth == 0 && comma.is_none() => return None,
            _ => {}
        }
        start = i;
    };
    let before = |steps: usize| open.checked_sub(steps).map(|i| tokens[i].1);
    let of_learner = before(1) == Some(Token::Equals) && before(3) == Some(Token::Learner);
    let of_data = before(1).is_some_and(Token::ends_expression);
    if tokens[open].1 != Token::LeftBrace || !(of_learner || of_data) {
        return None;
    }
    let from = comma.unwrap_or(open) + 1;
    let mut to = end_of_value(tokens, from);
    if tokens.get(to).is_some_and(|t| t.1 == Token::Comma) {
        to += 1;
    }
    if to <= from {
        return None;
    }
    let mut out = tokens[..from].to_vec();
    out.extend_from_slice(&tokens[to..]);
    Some(out)
}

/// The `=` or `~` whose value contains a token, and whether it is within brackets.
fn equals_before(tokens: &[Placed], at: usize) -> Option<(usize, bool)> {
    let mut depth = 0usize;
    let mut separated = false;
    for (i, (_, token, _)) in tokens[..at].iter().enumerate().rev() {
        match token {
            t if t.closes() => depth += 1,
            t if t.closer().is_some() && depth > 0 => depth -= 1,
            t if t.closer().is_some() => separated = false,
            _ if depth > 0 => {}
            Token::Comma | Token::Semicolon => separated = true,
            // The error is not in a value, but in what should have been a name.
            Token::Let | Token::Use => return None,
            Token::Equals | Token::Tilde if separated => return None,
            Token::Equals | Token::Tilde => {
                let opened = tokens[..i]
                    .iter()
                    .filter(|t| t.1.closer().is_some())
                    .count();
                let closed = tokens[..i].iter().filter(|t| t.1.closes()).count();
                return Some((i, opened > closed));
            }
            _ => {}
        }
    }
    None
}

fn end_of_value(tokens: &[Placed], start: usize) -> usize {
    let mut depth = 0usize;
    for (i, (_, token, _)) in tokens.iter().enumerate().skip(start) {
        match token {
            t if t.closer().is_some() => depth += 1,
            t if t.closes() && depth > 0 => depth -= 1,
            t if t.closes() => return i,
            _ if depth > 0 => {}
            Token::Comma | Token::Semicolon | Token::Let | Token::Use => return i,
            Token::State | Token::Get | Token::Put
                if layout::begins_clause(|steps| tokens.get(i + steps).map(|t| t.1)) =>
            {
                return i;
            }
            _ => {}
        }
    }
    tokens.len()
}
