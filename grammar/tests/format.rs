//! What is printed parses to the same tree, printing it again changes nothing, and no comment is
//! lost.

#[allow(dead_code)]
mod common;
#[path = "common/random.rs"]
mod random;

use common::{bare, programs, render, snapshot};
use lentil_diag::SourceId;
use lentil_grammar::ast::File;
use lentil_grammar::lex::lex;
use lentil_grammar::{
    MAX_BRACKETS, MAX_DEPTH, expr_to_string, format, item_to_string, parse, parse_expr,
};
use proptest::prelude::*;

const SOURCE: SourceId = SourceId(0);

#[test]
fn programs_are_formatted_as_recorded() {
    for (path, text) in programs("programs") {
        let file = parsed(&text);
        let once = format(&file, &text);
        check(&file, &once);
        snapshot(&path, "format", once);
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn printed_files_parse_to_the_same_tree(file in random::file()) {
        let once = format(&file, "");
        check(&file, &once);
    }

    #[test]
    fn printed_expressions_parse_to_the_same_tree(expr in random::expr()) {
        let once = expr_to_string(&expr);
        let (again, errors) = parse_expr(SOURCE, &once);
        prop_assert!(errors.is_empty(), "{}\n{}", once, render(&once, &errors));
        prop_assert_eq!(bare(&format!("{expr:?}")), bare(&format!("{again:?}")), "{}", once);
        prop_assert_eq!(expr_to_string(&again), once);
    }

    #[test]
    fn printed_items_are_whole_files(file in random::file()) {
        for item in &file.items {
            let once = item_to_string(item);
            let again = parsed(&once);
            prop_assert_eq!(again.items.len(), 1);
            prop_assert_eq!(bare(&format!("{item:?}")), bare(&format!("{:?}", again.items[0])));
        }
    }

    #[test]
    fn comments_survive_anywhere(file in random::file(), seed in any::<u64>()) {
        let text = sprinkled(&format(&file, ""), seed);
        prop_assume!(parse(SOURCE, &text).1.is_empty());
        let file = parsed(&text);
        let once = format(&file, &text);
        check(&file, &once);
    }
}

#[test]
fn comments_survive_anywhere_in_programs() {
    let mut tried = 0;
    for (_, text) in programs("programs") {
        for seed in 0..200 {
            let text = sprinkled(&text, seed);
            let (file, errors) = parse(SOURCE, &text);
            if errors.is_empty() {
                tried += 1;
                check(&file, &format(&file, &text));
            }
        }
    }
    assert!(tried > 1_000, "{tried}");
}

#[test]
fn the_deepest_trees_can_be_printed() {
    let (n, brackets) = (MAX_DEPTH - 1, MAX_BRACKETS);
    for text in [
        "-".repeat(n) + "x",
        "a: ".repeat(n) + "x",
        "x".to_string() + &" ^ x".repeat(n),
        "x".to_string() + &" + x".repeat(n),
        "if c then x else ".repeat(n) + "x",
        "if ".repeat(n) + "x" + &" then x else x".repeat(n),
        "fn(x) => ".repeat(n) + "x",
        "f".to_string() + &"(x)".repeat(n),
        "f(".repeat(brackets) + "x" + &")".repeat(brackets),
        "{ let a = ".repeat(brackets) + "x" + &"; a }".repeat(brackets),
    ] {
        let (expr, errors) = parse_expr(SOURCE, &text);
        assert!(errors.is_empty(), "{}", render(&text, &errors));
        let once = expr_to_string(&expr);
        let (again, errors) = parse_expr(SOURCE, &once);
        assert!(errors.is_empty(), "{}", render(&once, &errors));
        assert!(bare(&format!("{expr:?}")) == bare(&format!("{again:?}")));
    }
}

/// The same cases in every run; the environment can ask for more.
fn config() -> ProptestConfig {
    let mut config = ProptestConfig::with_cases(120);
    if let Some(cases) = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|n| n.parse().ok())
    {
        config.cases = cases;
    }
    config.rng_seed = proptest::test_runner::RngSeed::Fixed(0x1e47);
    config.failure_persistence = None;
    config
}

/// That a formatted text has the tree it was made from, and is in its final form.
fn check(file: &File, once: &str) {
    let again = parsed(once);
    let tree = |f: &File| bare(&format!("{:?} {:?}", f.docs, f.items));
    assert_eq!(tree(file), tree(&again), "{once}");
    let comments =
        |f: &File| -> Vec<String> { f.comments.iter().map(|c| c.text.clone()).collect() };
    assert_eq!(comments(file), comments(&again), "{once}");
    let twice = format(&again, once);
    let differ = |(a, b): &(&str, &str)| a != b;
    let first = once.lines().zip(twice.lines()).find(differ);
    assert!(once == twice, "{first:?} in\n{once}");
    for line in once.lines() {
        assert_eq!(line, line.trim_end());
    }
}

fn parsed(text: &str) -> File {
    let (file, errors) = parse(SOURCE, text);
    assert!(errors.is_empty(), "{text}\n{}", render(text, &errors));
    file
}

/// A text with some comments and blank lines put in between tokens.
fn sprinkled(text: &str, seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut random = |n: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % n
    };
    let mut out = String::new();
    let mut end = 0;
    let tokens = lex(SOURCE, text).tokens;
    let rate = 2 + tokens.len() as u64 / 4;
    for (at, token) in tokens.iter().enumerate() {
        out.push_str(&text[end..token.start]);
        match random(rate) {
            0 => out.push_str(&format!(" // c{at}\n")),
            1 => out.push_str(&format!("\n\n// c{at}\n\n")),
            2 => out.push_str(&format!("\n// c{at}\n//d\n")),
            3 => out.push_str("\n\n\n"),
            _ => {}
        }
        out.push_str(&text[token.start..token.end]);
        end = token.end;
    }
    out.push_str(&text[end..]);
    out
}
