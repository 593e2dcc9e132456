//! Sizes: checked once for all, inferred at each use.

mod common;
use common::{errors, lowered, refused, said, value};

#[test]
fn sizes_are_inferred_from_arguments() {
    let program = "
        fn both[n, m](x: Real[n], y: Real[n + m]) -> Real[m] = y[n..]
        fn halves[n](x: Real[2 * n]) -> Real[n] = [x[2 * i] + x[2 * i + 1] for i]
        fn first[n](x: Real[n + 1]) -> Real = x[0]";
    let program = program.replace("for i]", "for i < n]");
    assert_eq!(value(&program, "both([1.0], [1, 2, 3])"), [2.0, 3.0]);
    assert_eq!(value(&program, "halves([1.0, 2, 3, 4])"), [3.0, 7.0]);
    assert_eq!(value(&program, "first([7.0])"), [7.0]);
    let why = refused(&program, "halves([1.0, 2, 3])");
    said(
        &why,
        "E0337",
        "[1.0, 2, 3]",
        "no `n` makes `2 * n` equal to `3`",
    );
    let why = refused(&program, "first(zeros)");
    said(&why, "E0337", "first(zeros)", "no argument determines it");
    let why = refused(&program, "first([])");
    said(&why, "E0337", "[]", "`n` would be `-1`");
}

#[test]
fn a_map_given_as_an_argument_says_what_it_makes() {
    let program = "fn at[n, m](f: Real[n] -> Real[m], x: Real[n]) -> Real[m] = f(x)";
    let twice = "at(fn(x) => concat(x, x), [1.0, 2])";
    assert_eq!(value(program, twice), [1.0, 2.0, 1.0, 2.0]);
    let why = refused(program, "at(fn(x) => sum(x), [1.0, 2])");
    said(&why, "E0337", "fn(x) => sum(x)", "it has 0 axes");
}

#[test]
fn unequal_sizes_are_shown_in_the_users_words() {
    let why = errors(
        "fn add[n](x: Real[n], y: Real[n]) -> Real[n] = x + y
         fn use_it[n, m](x: Real[n], y: Real[m]) -> Real[n] = add(x, y)",
    );
    said(
        &why,
        "E0302",
        "y",
        "this is `Real[m]`, but `Real[n]` is wanted",
    );
    assert_eq!(why.lines().count(), 1, "{why}");
    let why = errors("fn f[n, m](x: Real[n], y: Real[m]) -> Real[n] = x + y");
    said(
        &why,
        "E0310",
        "x + y",
        "the left is `Real[n]`, the right is `Real[m]`",
    );
    let why = errors("fn f[n](w: Real[n, 3], x: Real[n]) -> Real[n] = w @ x");
    said(&why, "E0310", "w @ x", "`3` is not `n`");
}

#[test]
fn polynomials_are_equal_by_their_normal_form() {
    let right = "
        fn square[n, m](x: Real[(n + m) * (n + m)]) -> Real[n * n + 2 * n * m + m * m] = x
        fn flat[n, m](x: Real[n, m]) -> Real[m * n] = reshape[n * m](x)";
    assert_eq!(errors(right), "");
    let why = errors("fn f[n](x: Real[n * n]) -> Real[n + n] = x");
    said(
        &why,
        "E0302",
        "x",
        "this is `Real[n * n]`, but `Real[2 * n]` is wanted",
    );
}

#[test]
fn conditions_prove_what_subtraction_needs() {
    let conv = "
        fn conv[n, k](w: Real[k], x: Real[n]) -> Real[n - k + 1] where n >= k =
          [ sum(w[j] * x[i + j] for j) for i < n - k + 1 ]";
    assert_eq!(value(conv, "conv([1.0, 1], [1.0, 2, 3])"), [3.0, 5.0]);
    let why = refused(conv, "conv([1.0, 1], [1.0])");
    said(&why, "E0338", "conv([1.0, 1], [1.0])", "it is short by 1");
    let through =
        format!("{conv}\n fn again[n](x: Real[n]) -> Real[n - 1] where n >= 2 = conv([1.0, 1], x)");
    assert_eq!(errors(&through), "");
    let through =
        format!("{conv}\n fn again[n](x: Real[n]) -> Real[n - 1] where n >= 1 = conv([1.0, 1], x)");
    said(
        &errors(&through),
        "E0338",
        "conv([1.0, 1], x)",
        "`n - 2 >= 0` is not proved",
    );
    let why = errors("fn f[n](x: Real[n]) -> Real[n - 5] = [x[i] for i < n - 5]");
    said(&why, "E0504", "Real[n - 5]", "`n - 5` might be negative");
    said(&why, "E0504", "n - 5", "`where n - 5 >= 0`");
    let equal = "fn f[n, m](x: Real[n], y: Real[m]) -> Real[n] where n == m = x + y";
    assert_eq!(errors(equal), "");
    assert_eq!(
        errors("fn f[n](x: Real[n - 3]) -> Real[n - 3] = [x[i] for i < n - 3]"),
        ""
    );
}

#[test]
fn a_long_list_of_conditions_is_no_trouble() {
    let names: Vec<String> = (0..20).map(|i| format!("n{i}")).collect();
    let chain: Vec<String> = (1..20).map(|i| format!("n{} >= n{i}", i - 1)).collect();
    let program = format!(
        "fn f[{}](x: Real[n0], y: Real[n19]) -> Real[n0 - n3] where {} = x[n3..]
         fn g[{}](x: Real[n0], y: Real[n19]) -> Real where {} = x[n0 - n19 + 1]",
        names.join(", "),
        chain.join(", "),
        names.join(", "),
        chain.join(", "),
    );
    let program = program.replace("y: Real[n19]", "y: Real[n1], z: Real[n2], a: Real[n3]");
    // Some sizes are in no argument, which is said at a use, not here.
    assert_eq!(errors(&program), "");
}

#[test]
fn sizes_can_be_given_and_are_numbers_in_expressions() {
    let program = "
        fn mean[n](x: Real[n]) -> Real = sum(x) / n
        fn middle[n](x: Real[n]) -> Real = x[n / 2]
        fn half[n]() = [n / 2, 1]";
    assert_eq!(value(program, "mean([1.0, 2, 6])"), [3.0]);
    assert_eq!(value(program, "middle([1.0, 2, 3, 4])"), [3.0]);
    // Its type does not depend on whether two divides the size.
    assert_eq!(lowered_type(program, "half[4]"), "Real[2]");
    assert_eq!(lowered_type(program, "half[5]"), "Real[2]");
    let why = refused(program, "mean[2]([1.0])");
    said(&why, "E0302", "[1.0]", "`Real[2]` is wanted");
    said(
        &refused(program, "mean[2, 3]([1.0])"),
        "E0335",
        "mean[2, 3]([1.0])",
        "`[n]` is wanted",
    );
    said(
        &refused(program, "mean[-1](zeros)"),
        "E0303",
        "-1",
        "not a size",
    );
    said(
        &refused(program, "mean[1 - 2](zeros)"),
        "E0504",
        "1 - 2",
        "the size `-1` is negative",
    );
}

fn lowered_type(program: &str, expr: &str) -> String {
    lowered(program, expr).result.to_string()
}

#[test]
fn huge_and_impossible_sizes_are_refused() {
    let why = errors(
        "fn a(x: Real[1_000_000_000_000]) -> Real = x[0]
         fn b(x: Real) -> Real = sum([x for i < 1_000_000_000_000])
         fn c(x: Real) -> Real = sum(x for i < 1_000_000, j < 1_000_000)
         fn d(x: Real) -> Real[9_999_999_999_999_999] = zeros
         fn e[n](x: Real[n]) -> Real[n / 0] = x
         fn f(x: Real[n]) -> Real = sum(x)
         fn g(x: Real[1.5]) -> Real = sum(x)
         fn h(x: Int) -> Real[x] = zeros
         fn i() -> Int = sum(iota[1_000_000_000_000]())",
    );
    let codes: Vec<&str> = why.lines().map(|l| &l[..5]).collect();
    let wanted = [
        "E0503", "E0503", "E0503", "E0503", "E0303", "E0303", "E0303", "E0303", "E0503",
    ];
    assert_eq!(codes, wanted, "{why}");
}

#[test]
fn a_result_that_is_too_large_for_these_sizes_only_is_refused_too() {
    let program = "fn countdown[n]() -> Int[n] = [ n - i for i < n ]";
    let why = refused(program, "sum(countdown[1000000000000]())");
    said(&why, "E0503", "Int", "this is `Int[1000000000000]`");
    let use_of_it = "fn sizes() -> Int = sum(countdown[1000000000000]())";
    let why = errors(&format!("{program}\n{use_of_it}"));
    said(&why, "E0503", "Int", "this is `Int[1000000000000]`");
}

#[test]
fn empty_arrays_have_their_sums_and_no_indices() {
    let program = "fn none(x: Real[0]) -> Real = sum(x)
        fn most(x: Real[0]) -> Real = max(x)";
    assert_eq!(value(program, "none([])"), [0.0]);
    assert_eq!(value(program, "most([])"), [f64::NEG_INFINITY]);
    assert_eq!(value(program, "[i for i < 0]"), []);
    said(
        &refused(program, "argmax([])"),
        "E0341",
        "[]",
        "its size is 0",
    );
    said(
        &refused(program, "max([])"),
        "E0341",
        "max([])",
        "its size is 0",
    );
    let why = errors("fn f(x: Real[0]) -> Int = argmax(x)");
    said(&why, "E0341", "x", "its size is 0");
}
