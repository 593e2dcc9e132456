//! Every code of this crate has a page, whose wrong program gives the code and whose right one
//! parses.

use lentil_diag::{SourceId, codes};
use lentil_grammar::parse;
use std::collections::BTreeSet;

#[test]
fn pages_show_what_they_say() {
    for page in codes::pages().iter().filter(|p| p.code.starts_with("E01")) {
        let found = |text: &str| -> Vec<_> {
            let (_, errors) = parse(SourceId(0), text);
            errors.iter().map(|e| e.code).collect()
        };
        if let Some(wrong) = program(page.text, "Wrong") {
            assert_eq!(
                found(wrong),
                [page.code],
                "the wrong program of {}",
                page.code
            );
        }
        if let Some(right) = program(page.text, "Right") {
            assert!(
                found(right).is_empty(),
                "the right program of {}",
                page.code
            );
        }
    }
}

#[test]
fn every_code_has_a_page() {
    let sources = [
        include_str!("../src/lex.rs"),
        include_str!("../src/layout.rs"),
        include_str!("../src/brackets.rs"),
        include_str!("../src/parse.rs"),
        include_str!("../src/error.rs"),
        include_str!("../src/action.rs"),
    ];
    let used: BTreeSet<&str> = sources
        .iter()
        .flat_map(|s| s.split('"'))
        .filter(|s| s.len() == 5 && s.starts_with("E0"))
        .collect();
    let pages: BTreeSet<&str> = codes::pages()
        .iter()
        .map(|p| p.code)
        .filter(|c| c.starts_with("E01"))
        .collect();
    assert_eq!(used, pages);
}

fn program<'t>(page: &'t str, heading: &str) -> Option<&'t str> {
    let start = format!("{heading}:\n\n```lentil\n");
    let (_, rest) = page.split_once(&start)?;
    rest.split_once("```").map(|(program, _)| program)
}
