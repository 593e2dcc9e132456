//! Sizes that are none, that overflow, or that no machine has memory for.

use super::{refused, value};

/// The code of what is wrong with an argument of a size.
fn array(sizes: &str) -> &'static str {
    refused(&format!("fn f(x: Real[{sizes}]) -> Real = 1"))
}

#[test]
fn negative() {
    assert_eq!(array("3 - 5"), "E0504");
    assert_eq!(array("4, 2 - 3"), "E0504");
    assert_eq!(array("0 - 0"), "nothing");
    assert_eq!(
        refused("fn f(x: (Real, {a: Real[3 - 5]})) -> Real = 1"),
        "E0504"
    );
    assert_eq!(refused("fn f(x: Real) -> Real[2 - 3] = zeros"), "E0504");
    assert_eq!(refused("type T = Real[2 - 3]"), "E0504");
    assert_eq!(
        refused("type T[n] = Real[n - 3]\nfn f(x: T[2]) -> Real = 1"),
        "E0504"
    );
    assert_eq!(
        refused("model m(w: Real[2 - 3]; x: Real) -> Real = x"),
        "E0504"
    );
    assert_eq!(
        refused("fn f(x: Real) -> Real = sum(x for i < 2 - 3)"),
        "E0504"
    );
    assert_eq!(
        value("fn f[n](x: Real[n - 3]) -> Real = sum(x)", "f[2]([])"),
        "E0504"
    );
}

#[test]
fn beyond_all_memory() {
    assert_eq!(array("9223372036854775807"), "E0503");
    assert_eq!(array("9223372036854775808"), "E0503");
    assert_eq!(array(&"9".repeat(100_000)), "E0503");
    assert_eq!(array("100000000, 100000000"), "E0503");
    assert_eq!(array(&["100000"; 50].join(", ")), "E0503");
    assert_eq!(array(&["100000"; 50].join(" * ")), "E0503");
    assert_eq!(array(&["100000"; 50].join(" + ")), "nothing");
    let names = ["i", "j", "k", "l"].map(|i| format!("{i} < 1000000"));
    let sum = format!("fn f(x: Real) -> Real = sum(x for {})", names.join(", "));
    assert_eq!(refused(&sum), "E0503");
    let table = "fn f(x: Real[1000000]) -> Real[1000000, 1000000] = [ x[i] * x[j] for i, j ]";
    assert_eq!(refused(table), "E0503");
    assert_eq!(
        refused("fn f() -> Int = sum(iota[1000000000000]())"),
        "E0503"
    );
    assert_eq!(
        refused("model m(w: Real[1000000, 1000000]; x: Real) -> Real = x"),
        "E0503"
    );
}

#[test]
fn beyond_the_memory_of_a_program() {
    let source = "fn table[n]() -> Int[n, n] = [ i * j for i < n, j < n ]";
    assert_eq!(value(source, "table[200000]()"), "E0903");
    assert_eq!(value(source, "iota[30000000000]()"), "E0903");
}

#[test]
fn too_many_layers() {
    let source = "model scale(w: Real; x: Real) -> Real = w * x\n";
    for count in ["1000000000", "9223372036854775808"] {
        for word in ["repeat", "tied"] {
            let found = refused(&format!("{source}model m = {word}[{count}](scale)"));
            assert!(
                ["E0403", "E0503"].contains(&found),
                "{word} {count}: {found}"
            );
        }
    }
}

#[test]
fn moduli_and_indices() {
    assert_eq!(refused("fn f(x: Mod[4294967296]) -> Real = 1"), "E0304");
    assert_eq!(refused("fn f(x: Mod[0]) -> Real = 1"), "E0304");
    assert_eq!(
        refused("fn f(x: Real[3]) -> Real = x[9223372036854775808]"),
        "E0309"
    );
    assert_eq!(
        refused("fn f(x: Real[3]) -> Real = sum(x[0..1000000000000])"),
        "E0316"
    );
    assert_eq!(
        value(
            "fn f(x: Real[3], i: Int) -> Real = x[i]",
            "f([1, 2, 3], 9223372036854775807)"
        ),
        "E0901"
    );
    assert_eq!(
        value(
            "fn f(x: Real[3], i: Int) -> Real = x[i]",
            "f([1, 2, 3], -9223372036854775808)"
        ),
        "E0901"
    );
}
