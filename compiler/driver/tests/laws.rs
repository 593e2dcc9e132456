//! Laws as a program tries them: what holds, what does not, and what is told of that.

use lentil::law::{Counterexample, LawOptions, LawReport};
use lentil::{Carrier, Options, Program};

fn program(source: &str) -> Program {
    Program::from_source(source).unwrap_or_else(|why| panic!("{why}"))
}

fn tried(source: &str, options: &LawOptions) -> LawReport {
    let report = program(source).try_law(0, options);
    report.unwrap_or_else(|why| panic!("{source}\n{why}"))
}

fn holds(source: &str) -> LawReport {
    let report = tried(source, &LawOptions::default());
    if let Some(found) = report.counterexample {
        panic!("{}\n{}", found.test, found.error);
    }
    report
}

/// The smallest counterexample of a seed. As a test of the same program it fails too.
fn fails_with(source: &str, seed: u64) -> Counterexample {
    let options = LawOptions {
        seed,
        ..LawOptions::default()
    };
    let report = tried(source, &options);
    let found = report.counterexample.unwrap_or_else(|| panic!("{source}"));
    let pasted = program(&format!("{source}\n{}", found.test));
    match pasted.hold_test(0) {
        Ok(()) => panic!("it holds:\n{}", found.test),
        Err(why) => {
            let code = |e: &lentil::Error| e.diagnostics()[0].code;
            assert_eq!(code(&why), code(&found.error), "{}", found.test);
        }
    }
    found
}

fn fails(source: &str) -> Counterexample {
    fails_with(source, 1)
}

fn arguments(source: &str) -> Vec<String> {
    let arguments = fails(source).arguments.into_iter();
    arguments
        .map(|(name, text)| format!("{name} = {text}"))
        .collect()
}

#[test]
fn equality_is_of_what_is_rounded() {
    fails(r#"law "associativity" (x: Real, y: Real, z: Real) { (x + y) + z == x + (y + z) }"#);
    fails(r#"law "thirds" (x: Real) { 2 * (x / 3) * 1.5 == x }"#);
    holds(r#"law "associativity" (x: Real, y: Real, z: Real) { (x + y) + z ~= x + (y + z) }"#);
}

#[test]
fn laws_that_hold() {
    holds(r#"law "of numbers" (x: Real, y: Real) { x + y == y + x and x * y == y * x }"#);
    holds(r#"law "of arrays" (x: Real[2, 3]) { transpose(transpose(x)) == x }"#);
    holds(r#"law "of integers" (i: Int) { i % 2 == 0 or i % 2 == 1 }"#);
    holds(r#"law "of keys" (k: Key) { random.uniform[3](k) >= 0 }"#);
    holds(
        r#"law "of records" (r: {a: Real, b: (Bit, Bool)}) { { let (c, d) = r.b; c + c == 0 } }"#,
    );
    holds(r#"law "of functions" (f: Real -> Real, x: Real) { (f >> f)(x) == f(f(x)) }"#);
    holds(
        r#"law "of two arguments" (f: (Real, Real[2]) -> Real, x: Real, y: Real[2], dx: Real) {
        fwd(fn(x) => f(x, y))(x, dx) ~= grad(fn(x) => f(x, y))(x) * dx
    }"#,
    );
    holds(
        r#"law "for all sizes" [n, m] (x: Real[n], y: Real[m]) {
        sum(concat(x, y)) ~= sum(x) + sum(y)
    }"#,
    );
    holds(
        r#"law "with conditions" [n, m] (x: Real[n]) where n >= m + 1 { sum(x[m..n]) ~= sum([ x[i + m] for i < n - m ]) }"#,
    );
    holds(r#"law "over rings" [K: Ring] (x: K, y: K) { (x + y) * (x - y) ~= x * x - y * y }"#);
    holds(r#"law "over fields" [K: Field, n] (x: K[n]) { x - x == 0 * x }"#);
    holds(r#"law "of spaces" [P: Space[Real]] (f: P -> P, p: P) { norm(f(p) - f(p)) == 0 }"#);
}

#[test]
fn few_cases_are_all_tried() {
    let all = |source, cases| {
        let report = holds(source);
        assert_eq!((report.cases, report.exhaustive), (cases, true), "{source}");
    };
    all(r#"law "" (x: Bit[3], y: Bool) { x + x == zeros }"#, 16);
    all(r#"law "" (x: Mod[5], y: Mod[7]) { x - x == 0 }"#, 35);
    all(r#"law "" (x: Real[0], y: Bit) { sum(x) == 0 }"#, 2);
    all(r#"law "" () { 1 == 1 }"#, 1);
    let report = holds(r#"law "" (x: Bit[64]) { x + x == zeros }"#);
    assert_eq!((report.cases, report.exhaustive), (100, false));
}

#[test]
fn counterexamples_are_small() {
    let small = |source: &str, wanted: &[&str]| assert_eq!(arguments(source), wanted, "{source}");
    small(
        r#"law "cubes add" (x: Real, y: Real) { (x + y) ^ 3 ~= x ^ 3 + y ^ 3 }"#,
        &["x = Real(1.0)", "y = Real(1.0)"],
    );
    small(
        r#"law "all are alike" (x: Real[3]) { x[0] == x[2] }"#,
        &["x = Real([0.0, 0.0, 1.0])"],
    );
    small(
        r#"law "integers are small" (i: Int) { i < 6 }"#,
        &["i = int(6.0)"],
    );
    small(
        r#"law "conjunction is no product" (x: Bit[4]) { x[1] * x[3] == 0 }"#,
        &["x = Bit([0, 1, 0, 1])"],
    );
    small(
        r#"law "six has no divisors" (x: Mod[6], y: Mod[6]) { x * y != 0 or x == 0 or y == 0 }"#,
        &["x = Mod[6](3)", "y = Mod[6](2)"],
    );
    small(
        r#"law "products commute" [n] (a: Real[n, n], b: Real[n, n]) { a @ b ~= b @ a }"#,
        &[
            "n = 2",
            "a = Real([[0.0, 0.0], [0.0, 1.0]])",
            "b = Real([[0.0, 0.0], [1.0, 0.0]])",
        ],
    );
    small(
        r#"law "shares sum to one" [n] (x: Real[n]) { sum(exp(x - logsumexp(x))) ~= 1 }"#,
        &["n = 0", "x = Real([])"],
    );
    small(
        r#"law "maps are odd" (f: Real -> Real, x: Real) { f(0 - x) ~= 0 - f(x) }"#,
        &["f = fn(x: Real) => Real(1.0)", "x = Real(0.0)"],
    );
    small(
        r#"law "maps keep zero" [K: Ring, n] (f: K[n] -> K) where n >= 1 { f(zeros) == 0 }"#,
        &["K = Bit", "n = 1", "f = fn(x: Bit[1]) => Bit(1)"],
    );
}

#[test]
fn what_stops_is_a_counterexample_with_its_place() {
    let found = fails(r#"law "in range" (x: Real[3], i: Int) { x[i] == x[i] }"#);
    assert_eq!(found.arguments[1].1, "int(-1.0)");
    let said = found.error.to_string();
    assert!(said.contains("[E0901]") && said.contains(":1:39"), "{said}");
}

#[test]
fn both_sides_are_shown() {
    let found = fails(
        r#"law "squares add" (x: Real, y: Real) { { let z = x + y; z * z ~= x * x + y * y } }"#,
    );
    let sides = found.failing[0].sides.as_ref().expect("a comparison");
    assert_eq!(
        (sides.left.number(), sides.right.number()),
        (Some(4.0), Some(2.0))
    );
    let said = found.error.to_string();
    assert!(said.contains("left is 4.0, right is 2.0"), "{said}");
}

#[test]
fn a_lack_of_precision_is_called_so() {
    let found = fails(r#"law "seven digits" (x: Real) { (x + 100000000) - 100000000 ~= x }"#);
    let said = found.error.to_string();
    assert!(said.contains("`--real f64`"), "{said}");
}

#[test]
fn a_seed_gives_the_same_cases() {
    let source = r#"law "lengths" (f: Real[2] -> Real[3], x: Real[2]) { norm(f(x)) < 2 }"#;
    let (a, b) = (fails_with(source, 5), fails_with(source, 5));
    assert_eq!((a.case, &a.test), (b.case, &b.test));
    let cases: Vec<usize> = (0..8).map(|seed| fails_with(source, seed).case).collect();
    assert!(cases.iter().any(|case| *case != a.case), "{cases:?}");
}

#[test]
fn names_of_the_file_do_not_change_what_is_drawn() {
    // Functions that are drawn use none of these.
    let hiding: String = ["sum", "tanh", "sin", "max", "fold", "dot"]
        .map(|name| format!("fn {name}(x: Real) -> Bool = x > 0\n"))
        .concat();
    for seed in 0..10 {
        let law = r#"law "finite" (exp: Real[3] -> Real, x: Real[3]) { abs(exp(x)) < 1000000 }"#;
        let options = LawOptions {
            seed,
            ..LawOptions::default()
        };
        assert!(
            tried(&format!("{hiding}{law}"), &options)
                .counterexample
                .is_none()
        );
    }
}

/// Every function that is drawn is a program of its type, whatever the type, and gives numbers of an
/// ordinary size, so that a law fails for its own reasons only.
#[test]
fn functions_of_every_type_are_well_typed_and_tame() {
    let types = [
        ("Real", "Real", "Real"),
        ("Real[3]", "Real[2]", "Real"),
        ("Real[2, 3]", "Real[2, 2, 2]", "Real"),
        ("(Real[3], Real)", "Real[3]", "Real"),
        ("((Real, Real[2]), Int)", "(Real, Real[2])", "Real"),
        (
            "{w: Real[2], b: {c: Real}}",
            "{a: Real, b: Real[2]}",
            "Real",
        ),
        ("(Bool[2], Real64)", "Real64", "Real"),
        ("Real[0]", "Real[2, 0]", "Real"),
        ("Bit[3]", "Bit[2, 2]", "Bit"),
        ("(Mod[5][2], Mod[5])", "Mod[5][3]", "Mod[5]"),
        ("(Int[3], Key)", "Int", "Int"),
    ];
    for (from, to, kind) in types {
        let size = match kind {
            "Real" => "norm(y) < 1000000",
            _ => "y == y",
        };
        let inner = from.trim_start_matches('(').trim_end_matches(')');
        let several = from.starts_with('(') && !from.starts_with("((");
        let params: Vec<String> = match several {
            true => split(inner),
            false if from.starts_with("((") => vec!["(Real, Real[2])".into(), "Int".into()],
            false => vec![from.to_string()],
        };
        let declared: Vec<String> = (0..params.len())
            .map(|k| format!("x{k}: {}", params[k]))
            .collect();
        let given: Vec<String> = (0..params.len()).map(|k| format!("x{k}")).collect();
        let source = format!(
            "law \"{from} to {to}\" (f: {from} -> {to}, {}) {{\n  let y = f({})\n  {size}\n}}",
            declared.join(", "),
            given.join(", ")
        );
        for seed in 0..3 {
            let options = LawOptions {
                seed,
                ..LawOptions::default()
            };
            let report = tried(&source, &options);
            assert!(
                report.counterexample.is_none(),
                "{}",
                report.counterexample.map(|c| c.test).unwrap_or_default()
            );
        }
    }
}

/// At commas outside of brackets.
fn split(text: &str) -> Vec<String> {
    let (mut out, mut depth) = (vec![String::new()], 0);
    for c in text.chars() {
        depth += i32::from(c == '[') - i32::from(c == ']');
        match (c, depth) {
            (',', 0) => out.push(String::new()),
            (' ', 0) => {}
            _ => out.last_mut().expect("a part").push(c),
        }
    }
    out
}

#[test]
fn laws_hold_in_double_precision_with_many_more_cases() {
    let source = r#"law "R is functorial" (f: Real[2] -> Real[2], g: Real[2] -> Real[2], x: Real[2], dy: Real[2]) {
        rev(f >> g)(x, dy) ~= rev(f)(x, rev(g)(f(x), dy))
    }"#;
    let options = Options {
        real: Carrier::F64,
        ..Options::default()
    };
    for seed in 0..5 {
        let options_of = LawOptions {
            seed,
            ..LawOptions::default()
        };
        let report = program(source)
            .with_options(options.clone())
            .try_law(0, &options_of);
        let found = report.unwrap_or_else(|why| panic!("{why}")).counterexample;
        assert!(
            found.is_none(),
            "{}",
            found.map(|c| c.test).unwrap_or_default()
        );
    }
}
