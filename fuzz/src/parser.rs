//! Texts: they parse or are refused, and what parses is printed as what it is.

use lentil_diag::{Diagnostic, SourceId};
use lentil_grammar::{Input, Reading, first_input, format, parse, parse_expr, parse_input};

use crate::bare::bare;

/// Reads any bytes as a file, as an expression and as an input of a session. Whether they are a file
/// that parses.
pub fn parser(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    let source = SourceId::default();
    let (_, errors) = parse_expr(source, &text);
    in_range(&errors, &text);
    session(&text);
    let (file, errors) = parse(source, &text);
    in_range(&errors, &text);
    if !errors.is_empty() {
        return false;
    }
    let once = format(&file, &text);
    let (again, errors) = parse(source, &once);
    assert!(
        errors.is_empty(),
        "does not parse when formatted: {errors:?}\n{once}"
    );
    let trees = [&file, &again].map(|file| bare(&format!("{:?}{:?}", file.docs, file.items)));
    assert_eq!(trees[0], trees[1], "another tree when formatted:\n{once}");
    let comments = [&file, &again].map(|f| {
        let mut texts: Vec<&str> = f.comments.iter().map(|c| c.text.trim()).collect();
        texts.sort_unstable();
        texts.concat()
    });
    assert_eq!(
        comments[0], comments[1],
        "other comments when formatted:\n{once}"
    );
    assert_eq!(format(&again, &once), once, "formatting twice changes it");
    true
}

/// Cuts a text into inputs of a session and reads each.
fn session(text: &str) {
    let mut rest = text;
    while !rest.is_empty() {
        let end = first_input(rest).unwrap_or(rest.len());
        assert!(end > 0, "an input without an end");
        let input = &rest[..end];
        match parse_input(SourceId::default(), input) {
            Reading::Complete(Input::Items(file)) => assert!(!file.items.is_empty()),
            Reading::Complete(Input::Statements(lets, last)) => {
                assert!(!lets.is_empty() || last.is_some());
            }
            Reading::Complete(Input::Nothing) => {}
            Reading::Incomplete(errors) | Reading::Wrong(errors) => {
                assert!(!errors.is_empty(), "refused without a reason: {input:?}");
                in_range(&errors, input);
            }
        }
        rest = &rest[end..];
    }
}

/// Places are in the text.
fn in_range(errors: &[Diagnostic], text: &str) {
    for label in errors.iter().flat_map(|e| &e.labels) {
        let range = label.span.range();
        let fits = range.start <= range.end && range.end <= text.len();
        assert!(fits, "{range:?} of {}: {errors:?}", text.len());
    }
}
