//! Programs against their recorded trees, and broken programs against their recorded errors.

#[allow(dead_code)]
mod common;

use common::{programs, render, snapshot, tree};
use lentil_diag::SourceId;
use lentil_grammar::ast::{Item, ItemKind};
use lentil_grammar::lex::lex;
use lentil_grammar::parse;
use std::fmt::Write;

#[test]
fn programs_parse_to_their_trees() {
    for (path, text) in programs("programs") {
        let (file, errors) = parse(SourceId(0), &text);
        assert!(
            errors.is_empty(),
            "{}:\n{}",
            path.display(),
            render(&text, &errors)
        );
        snapshot(&path, "tree", tree(&format!("{file:?}")));
    }
}

#[test]
fn broken_programs_are_explained() {
    for (path, text) in programs("errors") {
        let (file, errors) = parse(SourceId(0), &text);
        assert!(!errors.is_empty(), "{} is not broken", path.display());
        let whole: Vec<_> = file
            .items
            .iter()
            .filter(|i| !is_placeholder(i))
            .map(name)
            .collect();
        let rest: Vec<_> = file
            .items
            .iter()
            .filter(|i| is_placeholder(i))
            .map(name)
            .collect();
        let mut out = render(&text, &errors);
        writeln!(out, "whole: {}", whole.join(", ")).expect("text can be written");
        writeln!(out, "names of broken ones: {}", rest.join(", ")).expect("text can be written");
        snapshot(&path, "errors", out);
    }
}

#[test]
fn tokens_are_cut_as_recorded() {
    let text = "/// doc\nmodel m2 = a>>b|c // note\n|>1_0.5e-3..2..x.y!=~= \"q\\\"\\u{41}\"\n//// rule\n//!";
    let lexed = lex(SourceId(0), text);
    assert!(lexed.errors.is_empty());
    let mut out = String::new();
    for t in &lexed.tokens {
        let first = if t.first_on_line { "^" } else { " " };
        writeln!(out, "{first} {:2}..{:2} {:?}", t.start, t.end, t.token)
            .expect("text can be written");
    }
    for c in &lexed.comments {
        writeln!(out, "comment {:?}", c.text).expect("text can be written");
    }
    insta::assert_snapshot!(out);
}

fn is_placeholder(item: &Item) -> bool {
    format!("{item:?}").contains("kind: Error")
}

fn name(item: &Item) -> String {
    match &item.kind {
        ItemKind::Import(i) => {
            let names: Vec<_> = i.names.iter().map(|n| n.text.as_str()).collect();
            format!("import {}", names.join(" "))
        }
        ItemKind::Fn(d) => d.name.text.clone(),
        ItemKind::Model(d) => d.name.text.clone(),
        ItemKind::Lens(d) => d.name.text.clone(),
        ItemKind::Optimizer(d) => d.name.text.clone(),
        ItemKind::Data(d) => d.name.text.clone(),
        ItemKind::Learner(d) => d.name.text.clone(),
        ItemKind::Test(d) => d.title.clone(),
        ItemKind::Law(d) => d.title.clone(),
        ItemKind::Type(d) => d.name.text.clone(),
        ItemKind::Let(d) => d.name.text.clone(),
    }
}
