//! One thing inside the other, ten thousand deep; and definitions that lead on to each other.

use std::path::Path;

use lentil::Program;

use super::{code, lines, refused, value};

const DEEP: usize = 10_000;

/// An expression that so much stands around.
fn around(before: &str, after: &str) -> String {
    format!("{}x{}", before.repeat(DEEP), after.repeat(DEEP))
}

#[test]
fn expressions() {
    let nested = [
        ("(", ")"),
        ("[", "]"),
        ("{a: ", "}"),
        ("{", "}"),
        ("f(", ")"),
        ("sum(", ")"),
        ("{ let y = ", "; y }"),
        ("fn(y) => ", ""),
        ("-", ""),
        ("not ", ""),
        ("if x > 0 then x else ", ""),
        ("if ", " then x else x"),
        ("x + ", ""),
        ("x ^ ", ""),
        ("", " + x"),
        ("", " @ x"),
        ("", " >> x"),
        ("", " | x"),
        ("", " |> sin"),
        ("", "[0]"),
        ("", "(x)"),
        ("", ".a"),
        ("sum(x for i < ", ")"),
        ("[x for i < ", "]"),
    ];
    for (before, after) in nested {
        let e = around(before, after);
        let found = refused(&format!("fn f(x: Real) -> Real = {e}"));
        assert_eq!(found, "E0114", "{before}x{after}");
    }
}

#[test]
fn types() {
    for (before, after) in [
        ("(", ")"),
        ("{a: ", "}"),
        ("Real -> ", ""),
        ("(Real, ", ")"),
    ] {
        let ty = format!("{}Real{}", before.repeat(DEEP), after.repeat(DEEP));
        let found = refused(&format!("fn f(x: {ty}) -> Real = 1"));
        assert_eq!(found, "E0114", "{before}Real{after}");
    }
    let names = lines(DEEP, |k| format!("type T{k} = T{}", k - 1));
    assert_eq!(refused(&format!("type T0 = Real\n{names}")), "nothing");
}

#[test]
fn brackets_that_are_never_closed() {
    for open in ["(", "[", "{", "f(", "fn(", "sum(", "if ", "let "] {
        let program = format!("fn f(x: Real) -> Real = {}", open.repeat(DEEP));
        assert_ne!(refused(&program), "nothing", "{open}");
    }
    for close in [")", "]", "}"] {
        let program = format!("fn f(x: Real) -> Real = x{}", close.repeat(DEEP));
        assert_ne!(refused(&program), "nothing", "{close}");
    }
}

/// Functions of which each calls the one before.
fn calls() -> String {
    let calls = lines(DEEP, |k| {
        format!("fn f{k}(x: Real) -> Real = f{}(x) + 1", k - 1)
    });
    format!("fn f0(x: Real) -> Real = x\n{calls}")
}

#[test]
fn calls_of_calls() {
    let program = Program::from_source(&calls()).unwrap_or_else(|why| panic!("{why}"));
    let said = program
        .evaluate(&format!("f{DEEP}(1)"))
        .map_err(|e| code(&e));
    assert_eq!(said.err(), Some("E0501"));
    let value = program.evaluate("f100(1)").expect("a hundred is few");
    assert_eq!(value.to_string(), "101.0");
}

#[test]
fn models_of_models() {
    let first = "model scale(w: Real; x: Real) -> Real = w * x\nmodel m0 = scale\n";
    let chain = |next: fn(usize) -> String| {
        first.to_string() + &lines(DEEP, |k| format!("model m{k}{}", next(k - 1)))
    };
    assert_eq!(refused(&chain(|k| format!(" = m{k} >> scale"))), "E0501");
    assert_eq!(refused(&chain(|k| format!(" = scale >> m{k}"))), "E0501");
    assert_eq!(refused(&chain(|k| format!(" = m{k} >> tanh"))), "E0501");
    let uses = chain(|k| format!("(; x: Real) -> Real = {{\nuse a = m{k}\na(x)\n}}"));
    assert_eq!(refused(&uses), "E0501");
    // Each before what it is made of.
    let backwards: Vec<String> = (1..=DEEP)
        .rev()
        .map(|k| format!("model m{k} = m{} >> scale", k - 1))
        .collect();
    assert_eq!(refused(&(backwards.join("\n") + "\n" + first)), "E0501");
}

#[test]
fn definitions_that_lead_back() {
    let circle = |line: fn(usize, usize) -> String| {
        let next = |k| if k == DEEP { 1 } else { k + 1 };
        lines(DEEP, |k| line(k, next(k)))
    };
    let functions = circle(|k, next| format!("fn f{k}(x: Real) -> Real = f{next}(x)"));
    assert_eq!(refused(&functions), "E0207");
    let models = circle(|k, next| format!("model m{k} = m{next} >> tanh"));
    assert_eq!(refused(&models), "E0207");
    let types = circle(|k, next| format!("type T{k} = (T{next}, Real)"));
    assert_eq!(refused(&types), "E0207");
    assert_eq!(value("fn f(x: Real) -> Real = x", "f(f(f(1)))"), "1.0");
}

#[test]
fn files_that_import_each_other() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("importing");
    std::fs::create_dir_all(&folder).expect("a folder");
    let files = 300;
    for k in 0..files {
        let next = (k + 1) % files;
        let text = format!("import ./m{next}.{{f{next}}}\nfn f{k}(x: Real) -> Real = f{next}(x)\n");
        std::fs::write(folder.join(format!("m{k}.lentil")), text).expect("a file");
    }
    let error = Program::from_file(folder.join("m0.lentil")).expect_err("a circle");
    assert_eq!(code(&error), "E0202");
}
