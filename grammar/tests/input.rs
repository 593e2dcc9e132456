//! Inputs of a session: what they are, and whether more must follow.

use lentil_diag::SourceId;
use lentil_grammar::{Input, Reading, first_input, parse_input};

fn read(text: &str) -> Reading {
    parse_input(SourceId::default(), text)
}

/// What an input is, in one word.
fn kind(text: &str) -> &'static str {
    match read(text) {
        Reading::Complete(Input::Nothing) => "nothing",
        Reading::Complete(Input::Items(_)) => "items",
        Reading::Complete(Input::Statements(lets, None)) if !lets.is_empty() => "lets",
        Reading::Complete(Input::Statements(lets, Some(_))) if lets.is_empty() => "expression",
        Reading::Complete(Input::Statements(..)) => "lets and an expression",
        Reading::Incomplete(errors) if errors.is_empty() => "incomplete without a reason",
        Reading::Incomplete(_) => "incomplete",
        Reading::Wrong(errors) if errors.is_empty() => "wrong without a reason",
        Reading::Wrong(_) => "wrong",
    }
}

#[test]
fn inputs_are_told_apart() {
    let cases = [
        ("", "nothing"),
        ("  // only a remark", "nothing"),
        ("//! A file's head.", "nothing"),
        ("1 + 2", "expression"),
        ("relu", "expression"),
        ("data", "expression"),
        ("test", "expression"),
        ("model >> lens", "expression"),
        ("fn(x) => x", "expression"),
        ("{ let a = 1; a }", "expression"),
        ("{ a: 1 }", "expression"),
        ("let a = 1", "lets"),
        ("let a = 1;", "lets"),
        ("let (a, b) = f(1)", "lets"),
        ("let a = 1; let b = 2", "lets"),
        ("let a = 1\nlet b = 2", "lets"),
        ("let a = 1; a + 1", "lets and an expression"),
        ("let a = 1\na + 1", "lets and an expression"),
        ("fn f(x: Real) -> Real = x", "items"),
        ("/// Doc.\nfn f(x: Real) -> Real = x", "items"),
        ("import nn.dense", "items"),
        (
            "import nn.{dense, relu}\nmodel m = dense[4, 3] >> relu",
            "items",
        ),
        ("model m = relu", "items"),
        ("local fn f(x: Real) -> Real = x", "items"),
        ("test \"t\" { 1 == 1 }", "items"),
        ("data d = csv(\"a.csv\") {}", "items"),
    ];
    for (text, expected) in cases {
        assert_eq!(kind(text), expected, "{text:?}");
    }
}

/// Every proper beginning of an input that ends between tokens is an input or incomplete, never wrong.
#[test]
fn what_only_lacks_its_end_is_incomplete() {
    let incomplete = [
        "(",
        "[1,",
        "f(1 +",
        "1 +",
        "not",
        "if a",
        "if a then",
        "if a then b",
        "fn(x)",
        "fn(x) =>",
        "x |>",
        "x.",
        "f[",
        "{ let",
        "{ let a = 1",
        "let",
        "let a",
        "let a =",
        "let (a",
        "let a = (",
        "let a = 1; let b",
        "let a = 1; a +",
        "fn",
        "fn f",
        "fn f(",
        "fn f(x: Real)",
        "fn f(x: Real) ->",
        "fn f(x: Real) -> Real",
        "fn f(x: Real) -> Real =",
        "fn f(x: Real) -> Real {",
        "model m",
        "model m =",
        "model m = relu >>",
        "/// Doc.",
        "import",
        "import nn.",
        "import nn.{",
        "import nn.{dense,",
        "import ./",
        "test \"t\"",
        "test \"t\" {",
        "law \"l\" (",
        "local",
        "data d",
        "data d = csv(",
        "learner l = {",
        "optimizer o(rate: Real; p: P) {",
        "[ x for",
        "sum(x for i <",
    ];
    for text in incomplete {
        assert_eq!(kind(text), "incomplete", "{text:?}");
    }
}

#[test]
fn what_nothing_can_mend_is_wrong() {
    let wrong = [
        ")",
        "1 )",
        "(1]",
        "1 2",
        "let 1",
        "let a = 1 2",
        "f(1 2",
        "let a = (1 2",
        "§",
        "(§",
        "fn f(x: Real) -> Real = x x",
        "fn f(x x",
        "import nn",
        "import ./a",
        "1..2",
        "\"open",
        "fn f(x) =",
        "a >> b | c",
    ];
    for text in wrong {
        assert_eq!(kind(text), "wrong", "{text:?}");
    }
}

/// What is wrong with an unfinished input is said where it ends.
#[test]
fn an_unfinished_input_has_its_reason() {
    let reason = |text: &str| match read(text) {
        Reading::Incomplete(errors) => (errors[0].code, errors[0].title.clone()),
        other => panic!("{text:?}: {other:?}"),
    };
    assert_eq!(reason("f(1").0, "E0106");
    assert_eq!(reason("let a = f(1").0, "E0106");
    assert_eq!(reason("if a then b").0, "E0113");
    assert_eq!(reason("fn f(x: Real").0, "E0106");
    assert_eq!(reason("1 +"), ("E0101", "This is not complete".to_string()));
    let title = "`f` is not complete".to_string();
    assert_eq!(reason("fn f(x: Real) -> Real ="), ("E0101", title));
}

/// The inputs of a text, with what is left at its end.
fn inputs(mut text: &str) -> (Vec<&str>, &str) {
    let mut out = Vec::new();
    while let Some(end) = first_input(text) {
        out.push(&text[..end]);
        text = &text[end..];
    }
    (out, text)
}

#[test]
fn a_pasted_text_falls_into_its_inputs() {
    let text = "let a = 1\n\nfn f(x: Real) -> Real {\n  let y = x\n\n  y\n}\nf(a)\n";
    let fn_f = "fn f(x: Real) -> Real {\n  let y = x\n\n  y\n}\n";
    assert_eq!(
        inputs(text),
        (vec!["let a = 1\n", "\n", fn_f, "f(a)\n"], "")
    );
    let text = "model m = a\n  >> b\n  >> c\nx\n|> f\nif c\nthen 1\nelse 2\n(";
    let parts = vec![
        "model m = a\n  >> b\n  >> c\n",
        "x\n|> f\n",
        "if c\nthen 1\nelse 2\n",
    ];
    assert_eq!(inputs(text), (parts, "("));
    // An error is an input of its own.
    assert_eq!(inputs(")\n1\n"), (vec![")\n", "1\n"], ""));
}
