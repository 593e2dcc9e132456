//! Nothing that can be written makes the parser panic or run out of stack.

#[allow(dead_code)]
mod common;

use common::{programs, render};
use lentil_diag::SourceId;
use lentil_grammar::{MAX_BRACKETS, MAX_DEPTH, parse, parse_expr};

const SOURCE: SourceId = SourceId(0);

fn accepts(text: &str) {
    let (expr, errors) = parse_expr(SOURCE, text);
    assert!(errors.is_empty(), "{}", render(text, &errors));
    // Whatever goes through such a tree by recursion still fits on the stack of a test.
    let copy = expr.clone();
    assert_eq!(copy, expr);
    assert!(!format!("{copy:?}").is_empty());
}

fn refuses(text: &str) {
    let (_, errors) = parse_expr(SOURCE, text);
    let codes: Vec<_> = errors.iter().map(|e| e.code).collect();
    assert_eq!(codes, ["E0114"], "{}", &text[..40]);
}

fn both(n: usize, limit: usize, build: impl Fn(usize) -> String) {
    accepts(&build(limit));
    refuses(&build(limit + n));
    refuses(&build(10_000));
    refuses(&build(200_000));
}

#[test]
fn brackets_nest_up_to_a_limit() {
    both(1, MAX_BRACKETS, |n| "(".repeat(n) + "x" + &")".repeat(n));
    both(1, MAX_BRACKETS, |n| "[".repeat(n) + "x" + &"]".repeat(n));
    both(1, MAX_BRACKETS, |n| "f(".repeat(n) + "x" + &")".repeat(n));
    both(1, MAX_BRACKETS, |n| "{a: ".repeat(n) + "x" + &"}".repeat(n));
    both(1, MAX_BRACKETS, |n| {
        "{let a = ".repeat(n) + "x" + &"; a}".repeat(n)
    });
}

#[test]
fn operators_chain_up_to_a_limit() {
    for op in ["+", "@", ">>", "|", "|>", "and", "or", "^"] {
        both(1, MAX_DEPTH, |n| {
            "x".to_string() + &format!(" {op} x").repeat(n)
        });
    }
    both(1, MAX_DEPTH, |n| "-".repeat(n) + "x");
    both(1, MAX_DEPTH, |n| "not ".repeat(n) + "x");
    both(1, MAX_DEPTH, |n| "a: ".repeat(n) + "x");
    both(1, MAX_DEPTH, |n| "x".to_string() + &".a".repeat(n));
    both(1, MAX_DEPTH, |n| "if c then x else ".repeat(n) + "x");
    both(1, MAX_DEPTH, |n| {
        "if ".repeat(n) + "x" + &" then x else x".repeat(n)
    });
    // The brackets of a function or a call count too.
    both(2, MAX_DEPTH - 1, |n| "fn(x) => ".repeat(n) + "x");
    both(2, MAX_DEPTH - 1, |n| "f".to_string() + &"()".repeat(n));
    both(2, MAX_DEPTH - 1, |n| "f".to_string() + &"[1]".repeat(n));
    // Operators within brackets and after them add up.
    both(1, MAX_BRACKETS, |n| {
        "(".repeat(n) + "x" + &" + x)".repeat(n)
    });
    refuses(&("(".repeat(100) + "x" + &" + x + x + x + x + x)".repeat(100)));
    accepts(&format!("[{}x]", "x + x, ".repeat(100_000)));
}

#[test]
fn types_nest_up_to_a_limit() {
    let text = |n: usize| format!("fn f(g: {}Real) -> Real = 1", "Real -> ".repeat(n));
    assert!(parse(SOURCE, &text(MAX_DEPTH - 20)).1.is_empty());
    assert_eq!(parse(SOURCE, &text(MAX_DEPTH + 1)).1[0].code, "E0114");
    assert_eq!(parse(SOURCE, &text(200_000)).1[0].code, "E0114");
}

#[test]
fn many_items_are_no_depth() {
    let text = "fn f(x: Real) -> Real = x + 1\n".repeat(20_000);
    let (file, errors) = parse(SOURCE, &text);
    assert!(errors.is_empty());
    assert_eq!(file.items.len(), 20_000);
}

#[test]
fn damaged_programs_never_panic() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut texts: Vec<String> = programs("programs").into_iter().map(|(_, t)| t).collect();
    texts.extend(programs("errors").into_iter().map(|(_, t)| t));
    let pool = texts.join("\n");
    let words: Vec<&str> = pool.split_whitespace().collect();
    for round in 0..1_500 {
        let mut bytes = texts[round % texts.len()].clone().into_bytes();
        for _ in 0..=random.below(6) {
            let at = random.below(bytes.len() + 1);
            match random.below(5) {
                0 => bytes.insert(at, random.below(256) as u8),
                1 => bytes.truncate(at),
                2 if at < bytes.len() => drop(bytes.remove(at)),
                3 => {
                    let end = (at + random.below(30)).min(bytes.len());
                    drop(bytes.drain(at..end));
                }
                _ => {
                    let word = words[random.below(words.len())];
                    drop(bytes.splice(at..at, format!(" {word} ").into_bytes()));
                }
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        let (file, errors) = parse(SOURCE, &text);
        check_order(&text, &errors);
        check_places(
            &text,
            &file.items.iter().map(|i| i.span).collect::<Vec<_>>(),
        );
        check_order(&text, &parse_expr(SOURCE, &text).1);
    }
}

#[test]
fn random_words_never_panic() {
    let mut random = Random(7);
    let pool: String = programs("programs").into_iter().map(|(_, t)| t).collect();
    let words: Vec<&str> = pool
        .split_inclusive([' ', '\n', '(', ')', ',', '[', ']'])
        .collect();
    for _ in 0..1_500 {
        let text: String = (0..random.below(40))
            .map(|_| words[random.below(words.len())])
            .collect();
        check_order(&text, &parse(SOURCE, &text).1);
        check_order(&text, &parse_expr(SOURCE, &text).1);
    }
}

fn check_order(text: &str, errors: &[lentil_diag::Diagnostic]) {
    let starts: Vec<_> = errors.iter().map(|e| e.span().start).collect();
    assert!(starts.is_sorted(), "{text}");
    for error in errors {
        check_places(
            text,
            &error.labels.iter().map(|l| l.span).collect::<Vec<_>>(),
        );
    }
}

fn check_places(text: &str, places: &[lentil_diag::Span]) {
    for place in places {
        assert!(
            text.get(place.range()).is_some(),
            "{place:?} is no place in {text}"
        );
    }
}

/// A xorshift generator.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}
