//! Data sets: their types, and what is wrong with them.

mod common;
use common::{errors, said};

fn data(columns: &str, rest: &str) -> String {
    errors(&format!(
        "data d = csv(\"d.csv\") {{ columns = {{ {columns} }}, {rest} }}"
    ))
}

const COLUMNS: &str = "a: Real, b: Real, n: Int, k: Bit, t: Bool, c: Category[\"x\", \"y\", \"z\"]";

#[test]
fn encoders_that_fit_are_accepted() {
    for settings in [
        "input = [a, b], target = a",
        "input = standardize([a, b]), target = one_hot(c)",
        "input = concat([a, b], min_max([a]), real([n])), target = one_hot[Bit](c)",
        "input = threshold(min_max([a, b]), 0.5), target = binary(c)",
        "input = real(n), target = index(c), split = ordered(0.5), seed = 3, fit = all",
        "input = a, target = c, split = stratified(c, 0.5), only = c[\"x\", \"y\"]",
        "input = [k], target = t, split = first_of_each(c, 25)",
    ] {
        assert_eq!(data(COLUMNS, settings), "", "{settings}");
    }
}

#[test]
fn a_column_may_have_a_type_with_a_name() {
    let program = "
        type Species = Category[\"x\", \"y\"]
        type Kind = Species
        type Length = Real
        type Pair = Real[2]
        data d = csv(\"d.csv\") {
          columns = { a: Length, c: Kind },
          input   = [a],
          target  = one_hot(c),
          only    = c[\"x\"],
        }";
    assert_eq!(errors(program), "");
    let why = errors(&program.replace("a: Length", "a: Pair"));
    said(&why, "E0423", "Pair", "no type of a column");
}

#[test]
fn encoders_that_do_not_fit_are_refused_where_they_stand() {
    for (input, code, place, words) in [
        (
            "standardise([a])",
            "E0425",
            "standardise([a])",
            "this is no encoder",
        ),
        (
            "standardize([a, c])",
            "E0425",
            "standardize([a, c])",
            "a list of `Real` and `Category",
        ),
        ("[a, n]", "E0425", "[a, n]", "a list of `Real` and `Int`"),
        (
            "standardize(n)",
            "E0425",
            "standardize(n)",
            "write `real(…)`",
        ),
        ("[a, bb]", "E0424", "bb", "did you mean"),
        ("one_hot(a)", "E0425", "one_hot(a)", "takes a category"),
        (
            "one_hot[Int](c)",
            "E0425",
            "one_hot[Int](c)",
            "this is no encoder",
        ),
        (
            "threshold(a)",
            "E0425",
            "threshold(a)",
            "columns and a limit",
        ),
        ("concat(a, [a])", "E0425", "concat(a, [a])", "vectors"),
        ("[[a]]", "E0425", "[[a]]", "single numbers"),
        ("real(c)", "E0425", "real(c)", "a category is no number"),
        ("3", "E0425", "3", "this is no encoder"),
    ] {
        let why = data(COLUMNS, &format!("input = {input}, target = a"));
        said(&why, code, place, words);
        assert_eq!(why.lines().count(), 1, "{why}");
        // The target is read the same way, and both are reported.
        let why = data(COLUMNS, &format!("input = {input}, target = {input}"));
        assert_eq!(why.lines().count(), 2, "{why}");
    }
}

#[test]
fn settings_that_are_wrong_are_all_reported() {
    let why = data(
        COLUMNS,
        "input = a, target = a, split = 1.5, seed = -3, fit = some, only = c[\"w\"], splitt = 3, input = a",
    );
    said(&why, "E0426", "1.5", "not between 0 and 1");
    said(&why, "E0422", "-3", "a whole number");
    said(&why, "E0422", "some", "`train` or on `all`");
    said(&why, "E0426", "\"w\"", "no such class");
    said(&why, "E0420", "splitt", "did you mean `split`?");
    said(&why, "E0420", "input", "set twice");
    for (rest, place) in [
        ("split = stratified(a, 0.5)", "a"),
        ("split = foo(1)", "foo(1)"),
        ("split = 0", "0"),
        ("only = c", "c"),
        ("only = c[\"x\", \"x\"]", "\"x\""),
    ] {
        let why = data(COLUMNS, &format!("input = a, target = a, {rest}"));
        said(&why, "E0426", place, "");
    }
}

#[test]
fn columns_that_are_wrong_are_all_reported() {
    let why = data(
        "a: Real, a: Foo, b: Category[\"x\", 3], c: Category[\"x\", \"x\"]",
        "input = a, target = a",
    );
    said(&why, "E0423", "a", "declared twice");
    said(&why, "E0423", "Foo", "no type of a column");
    said(&why, "E0423", "Category[\"x\", 3]", "no type of a column");
    said(&why, "E0423", "\"x\"", "named twice");
    let why = errors("data d = json(\"d.csv\") { foo = 4 }");
    said(&why, "E0422", "json(\"d.csv\")", "csv(\"file.csv\")");
    for missing in ["columns", "input", "target"] {
        said(&why, "E0421", "d", &format!("has no `{missing}`"));
    }
    said(
        &errors("data d = csv(\"d.csv\") { columns = 3, input = a, target = a }"),
        "E0422",
        "3",
        "a record",
    );
    let used = "data d = csv(\"d.csv\") { columns = { a: Real }, input = a, target = a }
        fn f(x: Real) -> Real = d";
    said(&errors(used), "E0323", "d", "a data set");
}
