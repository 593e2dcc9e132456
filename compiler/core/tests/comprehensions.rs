//! Comprehensions, reductions, indices, slices and loops.

mod common;
use common::{errors, load, refused, said, try_value, value};

#[test]
fn bounds_are_inferred_from_what_is_indexed() {
    let program = "
        fn transposed(a: Real[2, 3]) -> Real[3, 2] = [a[i, j] for j, i]
        fn product(a: Real[2, 3], b: Real[3, 2]) -> Real[2, 2] =
          [sum(a[i, k] * b[k, j] for k) for i, j]
        fn shadowed(x: Real[3]) -> Real[2] = [sum(x[i] for i) for i < 2]
        fn inner(x: Real[3]) -> Real[3] = [{ let y = x[i] * 2; y } for i]";
    let a = "[[1.0, 2, 3], [4, 5, 6]]";
    assert_eq!(
        value(program, &format!("transposed({a})")),
        [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]
    );
    let b = "[[1.0, 0], [0, 1], [1, 1]]";
    assert_eq!(
        value(program, &format!("product({a}, {b})")),
        [4.0, 5.0, 10.0, 11.0]
    );
    assert_eq!(value(program, "shadowed([1.0, 2, 3])"), [6.0, 6.0]);
    assert_eq!(value(program, "inner([1.0, 2, 3])"), [2.0, 4.0, 6.0]);
    assert_eq!(value("", "sum([1, 2][i] for i)"), [3.0]);
    assert_eq!(
        value("", "[i * j for i < 2, j < 3]"),
        [0.0, 0.0, 0.0, 0.0, 1.0, 2.0]
    );
}

#[test]
fn bounds_that_cannot_be_inferred_are_said() {
    let why = errors("fn f(x: Real[3]) -> Real[3] = [1.0 for i]");
    said(&why, "E0320", "i", "`for i < n`");
    // An inner index of the same name says nothing about the outer one.
    let why = errors("fn f(x: Real[3]) -> Real[3] = [sum(x[i] for i) for i]");
    said(&why, "E0320", "i", "is not known");
    // What is wrong with the array is said, not what follows from it.
    let why = errors("fn f(x: Real[3]) -> Real[3] = [y[i] for i]");
    assert!(
        why.starts_with("E0206 ") && why.lines().count() == 1,
        "{why}"
    );
    let why = errors("fn f(x: Real[3]) -> Real[3] = [{ let y = x; y[i] } for i]");
    said(&why, "E0320", "i", "is not known");
}

#[test]
fn constant_and_affine_indices_are_checked() {
    let why = errors(
        "fn a(x: Real[5]) -> Real = x[5]
         fn b(x: Real[5]) -> Real = x[0 - 1]
         fn c(x: Real[5]) -> Real = x[1.5]
         fn d(x: Real[5]) -> Real = x[0, 0]
         fn e(x: Real[5]) -> Real[2] = x[4..6]
         fn f[n](x: Real[n]) -> Real[2] = x[..2]
         fn g[n](x: Real[n]) -> Real[n] = [x[i + 1] for i < n]
         fn h(x: Real[5]) -> Real[2] = x[[1, 5]]
         fn i(x: Real) -> Real = x[0]",
    );
    said(&why, "E0318", "5", "index `5` of an axis of size `5`");
    said(&why, "E0318", "0 - 1", "index `-1`");
    said(&why, "E0317", "1.5", "an index is an `Int`");
    said(&why, "E0315", "x[0, 0]", "more indices than axes");
    said(&why, "E0316", "4..6", "of an axis of size `5`");
    said(&why, "E0316", "..2", "`where n >= 2`");
    said(
        &why,
        "E0318",
        "i + 1",
        "from `1` to `n`, of an axis of size `n`",
    );
    said(&why, "E0318", "[1, 5]", "from `1` to `5`");
    said(&why, "E0315", "x[0]", "this is `Real`");
    let program = "fn window[n](x: Real[n]) -> Real[n - 2] where n >= 2 =
        [x[i] + x[i + 1] + x[i + 2] for i < n - 2]
        fn padded[n](x: Real[n]) -> Real[n] = [if i > 0 then x[i - 1] else 0 for i < n]
        fn sixth[n](x: Real[n]) -> Real = if n > 5 then x[5] else 0";
    assert_eq!(value(program, "window([1.0, 2, 3, 4])"), [6.0, 9.0]);
    assert_eq!(value(program, "padded([1.0, 2, 3])"), [0.0, 1.0, 2.0]);
    // An arm that is not taken may be impossible for the sizes at hand.
    assert_eq!(value(program, "sixth([1.0, 2, 3])"), [0.0]);
}

#[test]
fn indices_from_data_are_checked_when_the_program_runs() {
    let program = load(
        "fn pick(x: Real[3], i: Int) -> Real = x[i]
         fn picks(x: Real[3], i: Int[2]) -> Real[2] = x[i]",
    );
    let at = |expr: &str| try_value(&program, expr);
    assert_eq!(at("pick([1.0, 2, 3], 2)"), Ok(vec![3.0]));
    assert_eq!(at("picks([1.0, 2, 3], [2, 0])"), Ok(vec![3.0, 1.0]));
    for wrong in [
        "pick([1.0, 2, 3], 3)",
        "pick([1.0, 2, 3], -1)",
        "picks([1.0, 2, 3], [0, 9])",
    ] {
        let trap = at(wrong).expect_err("out of range");
        assert!(trap.contains("size: 3"), "{trap}");
    }
}

#[test]
fn slices_take_parts() {
    let a = "[[1, 2], [3, 4], [5, 6]]";
    for (bracket, want) in [
        ("[1]", vec![3.0, 4.0]),
        ("[.., 1]", vec![2.0, 4.0, 6.0]),
        ("[1..]", vec![3.0, 4.0, 5.0, 6.0]),
        ("[..1, 0]", vec![1.0]),
        ("[[2, 0]]", vec![5.0, 6.0, 1.0, 2.0]),
        ("[[2, 0], 1]", vec![6.0, 2.0]),
        ("[3..]", vec![]),
    ] {
        assert_eq!(value("", &format!("{a}{bracket}")), want, "{bracket}");
    }
    said(
        &refused("", "[1, 2, 3][2..1]"),
        "E0316",
        "2..1",
        "of an axis of size `3`",
    );
}

#[test]
fn a_loops_state_has_the_type_of_a_step() {
    for (expr, want) in [
        ("fold([1.0, 2, 3], 0, fn(s, x) => s + x)", vec![6.0]),
        (
            "fold([1.0, 2, 3], zeros, fn(s, x) => s + [x, 2 * x])",
            vec![6.0, 12.0],
        ),
        ("fold([1, 2, 3], 0, fn(s, x) => s + x)", vec![6.0]),
        (
            "fold([0.5, 1.5], (0, 1), fn(s, x) => { let (a, b) = s; (a + 1, b * x) })",
            vec![2.0, 0.75],
        ),
        (
            "fold([0.5, 1.5], (0, 0), fn(s, x) => { let (a, b) = s; (b, a + x) })",
            vec![0.5, 1.5],
        ),
        (
            "fold(([1.0, 2], [3.0, 4]), 0, fn(s, p) => { let (x, y) = p; s + x * y })",
            vec![11.0],
        ),
        ("scan([1, 2, 3], 0, fn(s, x) => s + x)", vec![1.0, 3.0, 6.0]),
        ("iterate[5](2, fn(x) => x * 2)", vec![64.0]),
        ("iterate[2](1, fn(x) => x / 2)", vec![0.25]),
        (
            "iterate[3]({a: 1, b: 0.0}, fn(s) => {a: s.a + 1, b: s.b + 1})",
            vec![4.0, 3.0],
        ),
    ] {
        assert_eq!(value("", expr), want, "{expr}");
    }
    let why = refused("", "fold([1.0], 0.5, fn(s, x) => [s, x])");
    said(&why, "E0302", "0.5", "`Real[2]` is wanted");
    let why = refused("", "fold([1.0], id, fn(s, x) => s)");
    said(&why, "E0312", "id", "a loop's state is made of numbers");
    said(
        &refused("", "fold(3, 0, fn(s, x) => s)"),
        "E0340",
        "3",
        "this runs over arrays",
    );
    said(
        &refused("", "[id for i < 3]"),
        "E0312",
        "[id for i < 3]",
        "a function",
    );
    said(
        &refused("", "[\"a\" for i < 3]"),
        "E0312",
        "[\"a\" for i < 3]",
        "a text",
    );
}

#[test]
fn each_runs_over_what_has_an_axis() {
    for (expr, want) in [
        ("each(fn(x) => sum(x))([[1, 2], [3, 4]])", vec![3.0, 7.0]),
        ("each(fn(x, y) => x * y)([1.5, 2], 3)", vec![4.5, 6.0]),
        (
            "each(fn(x, y) => x * y)([1.0, 2], [3.0, 4])",
            vec![3.0, 8.0],
        ),
        (
            "each(fn(p) => p.a * p.b)({a: [1.0, 2], b: [3.0, 4]})",
            vec![3.0, 8.0],
        ),
    ] {
        assert_eq!(value("", expr), want, "{expr}");
    }
    let typed = "fn half(x: Real) -> Real = x / 2";
    assert_eq!(value(typed, "each(half)([1, 3])"), [0.5, 1.5]);
    let why = refused("", "each(fn(x, y) => x)([1.0, 2], [1.0, 2, 3])");
    said(&why, "E0310", "[1.0, 2, 3]", "this runs over `3`");
    said(
        &refused("", "each(fn(x) => x)(3)"),
        "E0332",
        "each(fn(x) => x)(3)",
        "no argument has an axis",
    );
    said(
        &refused("", "each(3)"),
        "E0331",
        "each(3)",
        "this is a number",
    );
    let why = refused("", "each(fn(p) => p.a)({a: [1.0, 2], b: [3.0]})");
    said(&why, "E0332", "{a: [1.0, 2], b: [3.0]}", "no leading axis");
}

#[test]
fn conditionals_take_one_arm() {
    let program = "fn f(x: Real) -> Real = if x > 0 then log(x) else if x < 0 then -1 else 0";
    assert_eq!(value(program, "f([1.0, -3, 0])"), [0.0, -1.0, 0.0]);
    let arms = "if 1 > 0 then (1, 2.5) else (3, 4)";
    assert_eq!(value("", arms), [1.0, 2.5]);
    let why = refused("", "if [true] then 1 else 2");
    said(
        &why,
        "E0311",
        "[true]",
        "put the `if` into a `fn` over scalars",
    );
    let why = refused("", "if true then 2 else (1, 2)");
    said(
        &why,
        "E0302",
        "if true then 2 else (1, 2)",
        "different types",
    );
    said(
        &refused("", "if true then [1, 2] else 3"),
        "E0302",
        "3",
        "`Int[2]` is wanted",
    );
    let wrong = errors("fn f(x: Real) -> Real = if x > 0 then y else z");
    assert_eq!(wrong.lines().count(), 2, "{wrong}");
}
