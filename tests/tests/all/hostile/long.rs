//! Long files, long lines, long names, and errors without end.

use lentil::Program;

use super::{lines, refused, value};

#[test]
fn ten_thousand_definitions() {
    let functions = lines(10_000, |k| format!("fn f{k}(x: Real) -> Real = x + {k}"));
    assert_eq!(value(&functions, "f10000(1)"), "10001.0");
    let types = lines(10_000, |k| format!("type T{k} = Real[{k}]"));
    assert_eq!(refused(&types), "nothing");
    let tests = lines(10_000, |k| format!("test \"t{k}\" {{ {k} == {k} }}"));
    assert_eq!(refused(&tests), "nothing");
    let same = lines(10_000, |_| "fn f(x: Real) -> Real = x".to_string());
    assert_eq!(refused(&same), "E0203");
}

#[test]
fn ten_thousand_parts_of_one_definition() {
    let names = lines(10_000, |k| format!("let a{k} = a{} + x", k - 1));
    let program = format!("fn f(x: Real) -> Real = {{\nlet a0 = x\n{names}a10000\n}}");
    assert_eq!(refused(&program), "nothing");
    let parameters: Vec<String> = (0..10_000).map(|k| format!("a{k}: Real")).collect();
    let program = format!("fn f({}) -> Real = a9999", parameters.join(", "));
    assert_eq!(refused(&program), "nothing");
    let fields: Vec<String> = (0..10_000).map(|k| format!("a{k}: x")).collect();
    let program = format!("fn f(x: Real) -> Real = {{{}}}.a9999", fields.join(", "));
    assert_eq!(refused(&program), "nothing");
    let numbers = ["1"; 10_000].join(", ");
    let program = format!("fn f() -> Int = sum([{numbers}])");
    assert_eq!(value(&program, "f()"), "10000");
}

#[test]
fn ten_thousand_errors() {
    let unknown = lines(10_000, |k| format!("fn f{k}(x: Nothing) -> Real = 1"));
    let error = Program::from_source(&unknown).expect_err("no such type");
    assert_eq!(error.diagnostics().len(), 10_000);
    assert!(error.diagnostics().iter().all(|d| d.code == "E0301"));
    let names = lines(10_000, |k| format!("let a{k} = y{k}"));
    let program = format!("fn f(x: Real) -> Real = {{\n{names}x\n}}");
    let error = Program::from_source(&program).expect_err("no such names");
    assert_eq!(error.diagnostics().len(), 10_000);
    for wrong in [")", "$", "\"", "= ", "fn ", "model m = ", "'", "\\"] {
        assert_ne!(refused(&wrong.repeat(100_000)), "nothing", "{wrong}");
    }
}

#[test]
fn long_lines_and_names() {
    let long = "a".repeat(1_000_000);
    assert_eq!(
        refused(&format!("fn f({long}: Real) -> Real = {long}")),
        "nothing"
    );
    assert_eq!(
        refused(&format!("fn {long}(x: Real) -> Real = b{long}")),
        "E0206"
    );
    assert_eq!(
        refused(&format!("fn f(x: Real) -> Real = \"{long}")),
        "E0103"
    );
    assert_eq!(
        refused(&format!("// {long}\nfn f(x: Real) -> Real = x")),
        "nothing"
    );
    let spaces = " ".repeat(1_000_000);
    assert_eq!(
        refused(&format!("fn f(x: Real) -> Real ={spaces}y")),
        "E0206"
    );
    assert_eq!(refused(&format!("import {long}.f")), "E0201");
}
