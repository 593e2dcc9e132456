//! Files, imports and names.

mod common;
use common::{Files, errors, said, told};
use lentil_core::Program;

fn with_files(text: &str, files: &[(&str, &str)]) -> String {
    let (program, diagnostics) = Program::load("test", text, &Files(files));
    told(program.sources(), &diagnostics)
}

#[test]
fn imports_find_their_definitions() {
    let files = [
        ("a.lentil", "import ./b.{g}\nfn f(x: Real) -> Real = g(x)"),
        (
            "b.lentil",
            "import nn.relu\nfn g(x: Real) -> Real = relu(x)",
        ),
    ];
    assert_eq!(
        with_files("import ./a.{f}\nfn h(x: Real) -> Real = f(x)", &files),
        ""
    );
}

#[test]
fn what_is_not_there_is_said_once_and_the_rest_is_checked() {
    let why = with_files(
        "import nn.{rellu, relu}
         import nope.x
         import ./missing.{y}
         fn f(a: Real) -> Real = rellu(a) + x(a) + y(a) + relu(a)
         fn g(a: Real) -> Real = z",
        &[],
    );
    said(&why, "E0205", "rellu", "did you mean `relu`?");
    said(&why, "E0201", "import nope.x", "no module `nope`");
    said(
        &why,
        "E0201",
        "import ./missing.{y}",
        "no file `missing.lentil`",
    );
    said(&why, "E0206", "z", "there is no `z`");
    assert_eq!(why.lines().count(), 4, "{why}");
}

#[test]
fn circles_locals_and_twins_are_refused() {
    let circle = [
        ("a.lentil", "import ./b.{g}\nfn f(x: Real) -> Real = x"),
        ("b.lentil", "import ./a.{f}\nfn g(x: Real) -> Real = x"),
    ];
    let why = with_files("import ./a.{f}", &circle);
    assert!(why.starts_with("E0202 a.lentil:1:1"), "{why}");
    let private = [(
        "c.lentil",
        "local fn h(x: Real) -> Real = x\nfn k(x: Real) -> Real = h(x)",
    )];
    said(
        &with_files("import ./c.{h}", &private),
        "E0204",
        "h",
        "local to its file",
    );
    let why = with_files("import ./c.{k}\nfn k(x: Real) -> Real = x", &private);
    said(&why, "E0203", "k", "defined twice");
    let why = errors("fn f(x: Real) -> Real = x\nmodel f = id");
    said(&why, "E0203", "f", "defined again here");
}

#[test]
fn recursion_is_refused_once_for_each_circle() {
    let why = errors(
        "fn f(x: Real) = g(x)
         fn g(x: Real) = f(x)
         fn h(x: Real) -> Real = h(x)
         model m = m >> m
         model n(w: Real ~ n; x: Real) -> Real = x
         fn uses(x: Real) -> Real = f(x) + h(x)
         fn hides(hides: Real) -> Real = hides
         test \"t\" { f(1) == 1 }",
    );
    let codes: Vec<&str> = why.lines().map(|l| &l[..5]).collect();
    assert_eq!(codes, ["E0207"; 4], "{why}");
}

#[test]
fn names_hide_builtins_and_are_spelt_right() {
    let program = "fn sum(x: Real) -> Real = x + 100
        fn mine(x: Real) -> Real = sum(x)
        fn inner(exp: Real, random: Real) -> Real = exp * random";
    assert_eq!(common::value(program, "mine(1) + inner(2, 3)"), [107.0]);
    for (text, place, words) in [
        ("exq(x)", "exq", "did you mean `exp`?"),
        ("dense(x)", "dense", "`import nn.dense`"),
        (
            "random.unifrm(x)",
            "random.unifrm",
            "did you mean `random.uniform`?",
        ),
        ("quux(x)", "quux", "not found"),
    ] {
        let why = errors(&format!("fn f(x: Real) -> Real = {text}"));
        said(&why, "E0206", place, words);
    }
    let why = errors("fn f(x: Reel) -> Real = x\nfn g(x: Foo) -> Real = 1");
    said(&why, "E0301", "Reel", "did you mean `Real`?");
    said(&why, "E0301", "Foo", "the types are");
}

#[test]
fn errors_come_in_source_order_and_once() {
    let why = errors(
        "fn a(x: Real) -> Real = one
         fn b(x: Real) = two + three
         fn c(x: Real) -> Real = b(x) + b(x)
         model d = id >> (fn(x) => four)
         model e = d >> d
         test \"t\" { five }
         law \"l\" (x: Real) { six }",
    );
    let names: Vec<&str> = why.lines().filter_map(|l| l.split('"').nth(1)).collect();
    assert_eq!(
        names,
        ["one", "two", "three", "four", "five", "six"],
        "{why}"
    );
}
