//! Small programs for every error that no page of the manual shows, and for limits.

mod common;
use std::collections::BTreeSet;
use std::path::Path;

use common::{EXACT, Files, errors, failed, load, refused, said, told, try_value};
use lentil_core::Program;

/// A program, or an expression of it, for every code whose page shows no wrong program.
fn provoked() -> Vec<(&'static str, String)> {
    let files = [
        ("a.lentil", "import ./b.{g}\nfn f(x: Real) -> Real = x"),
        ("b.lentil", "import ./a.{f}\nfn g(x: Real) -> Real = x"),
        ("c.lentil", "local fn h(x: Real) -> Real = x"),
    ];
    let with = |text: &str| {
        let (program, diagnostics) = Program::load("test", text, &Files(&files));
        told(program.sources(), &diagnostics)
    };
    let learner = load("").learner(None, &EXACT).map(|_| ());
    let chain = (1..5000).map(|i| format!("fn f{i}(x: Real) -> Real = f{}(x)\n", i - 1));
    let chain = "fn f0(x: Real) -> Real = x\n".to_string() + &chain.collect::<String>();
    let doubled = (1..40).map(|i| format!("model m{i} = m{0} >> m{0}\n", i - 1));
    let doubled = "model m0 = id\n".to_string() + &doubled.collect::<String>();
    vec![
        ("E0202", with("import ./a.{f}")),
        ("E0204", with("import ./c.{h}")),
        ("E0339", refused("", "id")),
        ("E0434", failed(&learner.expect_err("no learner"))),
        ("E0501", refused(&chain, "f4999(1)")),
        ("E0502", errors(&doubled)),
    ]
}

#[test]
fn every_code_is_provoked() {
    let provoked = provoked();
    for (code, why) in &provoked {
        assert!(
            why.starts_with(code) && why.lines().count() == 1,
            "{code}: {why}"
        );
    }
    // The wrong programs of the other pages are tried where the pages are.
    let shown = lentil_diag::codes::pages().iter();
    let shown = shown
        .filter(|p| p.text.contains("\nWrong:\n"))
        .map(|p| p.code);
    let here: BTreeSet<&str> = provoked
        .iter()
        .map(|(code, _)| *code)
        .chain(shown)
        .collect();
    let mut named = BTreeSet::new();
    codes_in(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut named,
    );
    assert!(named.len() > 70, "the codes were not found: {named:?}");
    let missing: Vec<_> = named
        .iter()
        .filter(|c| !here.contains(c.as_str()))
        .collect();
    assert!(missing.is_empty(), "no program gives {missing:?}");
}

/// The codes that the sources in a folder name.
fn codes_in(folder: &Path, codes: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry of it").path();
        if path.is_dir() {
            codes_in(&path, codes);
        } else {
            let text = std::fs::read_to_string(&path).expect("a source");
            let quoted = text
                .split('"')
                .filter(|s| s.len() == 5 && s.starts_with("E0"));
            codes.extend(quoted.map(String::from));
        }
    }
}

#[test]
fn a_test_is_something_that_can_be_true() {
    said(
        &errors("test \"t\" { 3 }"),
        "E0340",
        "3",
        "something that can be true",
    );
    said(
        &errors("law \"l\" (x: Real) { x }"),
        "E0340",
        "x",
        "this is `Real`",
    );
    assert_eq!(errors("test \"t\" { ([1, 2] == [1, 2], 1 < 2) }"), "");
}

#[test]
fn arguments_are_counted_and_named() {
    let program = "fn f[n](x: Real[n], y: Real[n]) -> Real = dot(x, y)";
    for (expr, code, place, words) in [
        ("f(y: [1.0])", "E0333", "y", "the argument `x` is missing"),
        ("f(y: [1.0], y: [2])", "E0329", "y", "given twice"),
        ("f(z: [1.0], y: [2])", "E0330", "z", "did you mean `x`?"),
        ("f(x: [1.0], [2])", "E0329", "[2]", "give its name"),
        (
            "f([1.0], [2], [3])",
            "E0333",
            "f([1.0], [2], [3])",
            "3 given, 2 wanted",
        ),
        ("exp[3](1)", "E0335", "exp[3](1)", "takes no brackets"),
        ("max(1, 2, 3)", "E0333", "max(1, 2, 3)", "3 given"),
        ("\"a\"", "E0339", "\"a\"", "a text"),
        ("1 + \"a\"", "E0302", "1 + \"a\"", "do not go together"),
        (
            "(1, 2) + (3, 4, 5)",
            "E0302",
            "(1, 2) + (3, 4, 5)",
            "a tuple of 3",
        ),
        (
            "{a: 1} + {b: 2}",
            "E0302",
            "{a: 1} + {b: 2}",
            "a record of `a`",
        ),
        ("{a: 1}.b", "E0326", "b", "did you mean `a`?"),
        ("{a: 1, a: 2}", "E0325", "a", "given twice"),
        ("[id]", "E0324", "[id]", "a function"),
        ("3[0]", "E0328", "3[0]", "a number"),
        ("{ let (a, b) = 3; a }", "E0327", "3", "not a tuple of 2"),
        ("fn(x, x) => x", "E0208", "x", "declared twice"),
        (
            "reshape[2, 3]([1, 2])",
            "E0310",
            "reshape[2, 3]([1, 2])",
            "keeps the number",
        ),
        ("concat([1, 2], 3)", "E0310", "3", "one after the other"),
        ("transpose([1, 2])", "E0340", "[1, 2]", "only a matrix"),
        (
            "one_hot[Bool, 3](1)",
            "E0335",
            "one_hot[Bool, 3](1)",
            "no zero and one",
        ),
        (
            "random.uniform[2](3)",
            "E0342",
            "random.uniform[2](3)",
            "a random key",
        ),
        ("3 @ 4", "E0319", "3 @ 4", "matrices and vectors"),
        (
            "true and 1",
            "E0309",
            "true and 1",
            "not an element of `Bool`",
        ),
    ] {
        said(&refused(program, expr), code, place, words);
    }
}

#[test]
fn deep_programs_are_computed_or_refused() {
    let chain = |n: usize| {
        let next = |i: usize| format!("fn f{i}(x: Real) -> Real = f{}(x) + 1\n", i - 1);
        "fn f0(x: Real) -> Real = x\n".to_string() + &(1..n).map(next).collect::<String>()
    };
    let program = load(&chain(300));
    assert_eq!(try_value(&program, "f299(1)"), Ok(vec![300.0]));
    let ifs = "if x > 1 then 1 else ".repeat(150) + "x";
    let program = load(&format!("fn f(x: Real) -> Real = {ifs}"));
    assert_eq!(try_value(&program, "f(0.5)"), Ok(vec![0.5]));
    let sum = vec!["x"; 400].join(" + ");
    let program = load(&format!("fn f(x: Real) -> Real = {sum}"));
    assert_eq!(try_value(&program, "f(1)"), Ok(vec![400.0]));
}

#[test]
fn functions_as_arguments_are_specialised_while_that_ends() {
    let doubled = (1..40).map(|i| {
        format!(
            "fn t{i}(f: Real -> Real, x: Real) -> Real = t{}(fn(y) => f(f(y)), x)\n",
            i - 1
        )
    });
    let base = "fn t0(f: Real -> Real, x: Real) -> Real = f(x)\n".to_string();
    let program = load(&(base + &doubled.collect::<String>()));
    assert_eq!(try_value(&program, "t3(fn(x) => x + 1, 0)"), Ok(vec![8.0]));
    let why = try_value(&program, "t39(fn(x) => x + 1, 0)").expect_err("too large");
    assert!(why.starts_with("E0502"), "{why}");
}

#[test]
fn definitions_without_a_result_type_are_looked_at_once() {
    // Each uses the one before it twice: looked at again and again, this would not end.
    let next = |i: usize| format!("fn f{i}(x: Real) = f{0}(x) + f{0}(x)\n", i - 1);
    let text = "fn f0(x: Real) = x\n".to_string() + &(1..60).map(next).collect::<String>();
    let program = load(&text);
    assert_eq!(try_value(&program, "f59(1)"), Ok(vec![2f64.powi(59)]));
}

#[test]
fn thousands_of_definitions_are_no_trouble() {
    let one = |i: usize| {
        let before = if i.is_multiple_of(10) {
            String::new()
        } else {
            format!(" + f{}(x)", i - 1)
        };
        format!("/// Adds.\nfn f{i}(x: Real[3]) -> Real = sum(x) + {i}{before}\n")
    };
    let text: String = (0..3000).map(one).collect();
    let program = load(&text);
    assert_eq!(program.items().len(), 3000);
    assert_eq!(try_value(&program, "f1(ones)"), Ok(vec![7.0]));
}

#[test]
fn functions_are_values_until_they_are_applied() {
    let program = "fn add(x: Real) = fn(y: Real) => x + y
        fn pair(x: Real[2]) = (x, 1)
        fn twice(f: Real -> Real, x: Real) -> Real = f(f(x))
        fn both(x: Real[2]) = { let (a, b) = pair(x); a + b }";
    let value = |expr: &str| common::value(program, expr);
    assert_eq!(value("add(1)(2)"), [3.0]);
    assert_eq!(value("grad(fn(x) => add(x)(x * x))(3)"), [7.0]);
    assert_eq!(value("twice(add(10), 1)"), [21.0]);
    assert_eq!(value("both([1, 2])"), [2.0, 3.0]);
    assert_eq!(value("each(add(1))([1, 2])"), [2.0, 3.0]);
    let why = refused(program, "twice(fn(x, y) => x, 3)");
    said(&why, "E0333", "fn(x, y) => x", "1 given, 2 wanted");
    said(
        &refused(program, "twice(3, 3)"),
        "E0302",
        "3",
        "`Real -> Real` is wanted",
    );
}

#[test]
fn nothing_is_lowered_of_a_program_with_errors() {
    let (program, diagnostics) = Program::load("test", "fn f(x: Real) -> Real = y", &Files(&[]));
    assert_eq!(diagnostics.len(), 1);
    assert!(program.lower("f", &EXACT).is_err());
    assert!(program.learner(None, &EXACT).is_err());
}
