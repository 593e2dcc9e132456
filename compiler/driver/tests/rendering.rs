//! Diagnostics become the same text everywhere, whatever places they name.

use lentil::render::{Style, all, one};
use lentil_diag::{Diagnostic, SourceId, Sources, Span};

fn source(text: &str) -> (Sources, SourceId) {
    let mut sources = Sources::new();
    let id = sources.add("net.lentil", text);
    (sources, id)
}

fn rendered(text: &str, start: usize, end: usize) -> String {
    let (sources, id) = source(text);
    let span = Span::new(id, start, end);
    let diagnostic = Diagnostic::error("E0301", "sizes differ", span, "this is 3");
    one(&diagnostic, &sources, Style::Plain)
}

#[test]
fn a_line_without_end_is_named_and_not_shown() {
    let text = format!("fn f(x: Real) -> Real =\n  {}y", "x + ".repeat(100_000));
    let end = text.len();
    let wanted = "[E0301] Error: sizes differ\n  net.lentil:2:400003: this is 3\n";
    assert_eq!(rendered(&text, end - 1, end), wanted);
}

#[test]
fn of_very_many_diagnostics_the_first_are_shown() {
    let (sources, id) = source("x\n");
    let error = Diagnostic::error("E0301", "sizes differ", Span::new(id, 0, 1), "this is 3");
    let text = all(&vec![error; 1234], &sources, Style::Plain);
    assert_eq!(text.matches("[E0301]").count(), 100);
    assert!(text.ends_with("\nand 1134 more\n"), "{text}");
}

#[test]
fn a_diagnostic_shows_its_places_and_its_hint() {
    let (sources, id) = source("fn f(x: Real[3]) -> Real =\n  x + y\n");
    let diagnostic = Diagnostic::error("E0301", "sizes differ", Span::new(id, 33, 34), "this is 4")
        .label(Span::new(id, 5, 6), "this is 3")
        .hint("write `y[..3]`");
    let wanted = "\
[E0301] Error: sizes differ
   ╭─[ net.lentil:2:7 ]
   │
 1 │ fn f(x: Real[3]) -> Real =
   │      ┬
   │      ╰── this is 3
 2 │   x + y
   │       ┬
   │       ╰── this is 4
   │
   │ Help: write `y[..3]`
───╯
";
    assert_eq!(one(&diagnostic, &sources, Style::Plain), wanted);
}

#[test]
fn columns_count_characters_and_not_bytes() {
    let text = rendered("let größe = größe + 1", 14, 21);
    assert!(text.contains("net.lentil:1:13"), "{text}");
    assert!(
        text.contains("      │             ──┬──") || text.contains("──┬──"),
        "{text}"
    );
}

#[test]
fn places_at_the_end_of_a_text_are_shown() {
    let text = "model m = dense\n";
    // The end of the line, past the end of the text, and a place inside of nothing.
    for (start, end) in [(10, 16), (16, 16), (15, 15), (99, 120), (3, 1)] {
        let shown = rendered(text, start, end);
        assert!(
            shown.starts_with("[E0301] Error: sizes differ\n"),
            "{shown}"
        );
        assert!(shown.contains("net.lentil:"), "{start}..{end}: {shown}");
    }
    let shown = rendered("a\r\nb\r\n", 0, 3);
    assert!(
        shown.contains("net.lentil:1:1") && !shown.contains('\r'),
        "{shown}"
    );
}

#[test]
fn a_place_inside_a_character_is_widened() {
    let shown = rendered("ü = 1", 1, 1);
    assert!(shown.contains("net.lentil:1:1"), "{shown}");
}

#[test]
fn an_empty_text_has_nothing_to_show() {
    assert_eq!(rendered("", 0, 0), "[E0301] Error: sizes differ\n");
}

#[test]
fn several_diagnostics_are_set_apart() {
    let (sources, id) = source("x");
    let make = |title: &str| Diagnostic::error("E0301", title, Span::new(id, 0, 1), "here");
    let text = all(&[make("one"), make("two")], &sources, Style::Plain);
    assert!(text.contains("───╯\n\n[E0301] Error: two\n"), "{text}");
    assert!(text.lines().all(|line| line == line.trim_end()), "{text}");
}

#[test]
fn colour_is_there_if_it_is_asked_for() {
    let (sources, id) = source("x");
    let placed = Diagnostic::error("E0301", "t", Span::new(id, 0, 1), "here").hint("h");
    let placeless = Diagnostic {
        labels: Vec::new(),
        ..placed.clone()
    };
    for diagnostic in [placed, placeless] {
        assert!(one(&diagnostic, &sources, Style::Colour).contains('\x1b'));
        assert!(!one(&diagnostic, &sources, Style::Plain).contains('\x1b'));
    }
}

#[test]
fn each_source_is_shown_once_and_the_main_one_first() {
    let mut sources = Sources::new();
    let library = sources.add("std:nn", "fn f(x: Real) -> Real = x");
    let own = sources.add("net.lentil", "f(\n  1,\n  2)");
    let diagnostic = Diagnostic::error("E0333", "t", Span::new(own, 10, 11), "two")
        .label(Span::new(library, 3, 4), "here")
        .label(Span::new(own, 5, 6), "one");
    let text = one(&diagnostic, &sources, Style::Plain);
    let at = |part: &str| {
        text.find(part)
            .unwrap_or_else(|| panic!("{part} in {text}"))
    };
    assert!(
        at("net.lentil:3:3") < at("one") && at("one") < at("two") && at("two") < at("std:nn:1:4")
    );
    assert_eq!(text.matches("net.lentil").count(), 1, "{text}");
}
