//! Derivatives are expressions, of any nesting.

mod common;
use common::{errors, refused, said, value};

#[test]
fn derivatives_nest() {
    let program = "fn cube(x: Real) -> Real = x ^ 3
        fn slope(x: Real) -> Real = grad(cube)(x)";
    for (expr, want) in [
        ("grad(cube)(2)", 12.0),
        ("grad(slope)(2)", 12.0),
        ("grad(fn(x) => grad(slope)(x))(2)", 6.0),
        ("fwd(cube)(2, 1)", 12.0),
        ("fwd(slope)(2, 1)", 12.0),
        ("grad(fn(x) => fwd(cube)(x, 1))(2)", 12.0),
        ("fwd(fn(x) => fwd(cube)(x, 1))(2, 1)", 12.0),
        ("sum(grad(fn(x) => sum(cube(x)))([1, 2]))", 15.0),
    ] {
        assert_eq!(value(program, expr), [want], "{expr}");
    }
}

#[test]
fn perturbations_are_not_confused() {
    // d/dx (x · d/dy (x + y)) = 1, not 2.
    assert_eq!(
        value("", "grad(fn(x) => x * grad(fn(y) => x + y)(1))(1)"),
        [1.0]
    );
    // d/dx (x · d/dy (x · y)) = 2x.
    assert_eq!(
        value("", "grad(fn(x) => x * grad(fn(y) => x * y)(1))(3)"),
        [6.0]
    );
    let nested = "fwd(fn(x) => x * fwd(fn(y) => x * y)(2, 1))(3, 1)";
    assert_eq!(value("", nested), [6.0]);
}

#[test]
fn loops_conditionals_and_captures_are_differentiated() {
    for (expr, want) in [
        (
            "rev(fn(x) => fold([1.0, 2, 3], x, fn(s, y) => s * y))(2, 1)",
            vec![6.0],
        ),
        (
            "grad(fn(x) => sum(scan([1.0, 2], x, fn(s, y) => s * y)))(3)",
            vec![3.0],
        ),
        (
            "grad(fn(x) => iterate[3](x, fn(y) => y * x))(2)",
            vec![32.0],
        ),
        (
            "rev(fn(x) => if x > 1 then x * x else 3 * x)(2, 1)",
            vec![4.0],
        ),
        (
            "rev(fn(x) => if x > 1 then x * x else 3 * x)(0.5, 1)",
            vec![3.0],
        ),
        ("grad(fn(x) => max([x, 2, 3 * x]))(2)", vec![3.0]),
        (
            "grad(fn(x) => sum([x, x * x][i] * real(i) for i))(3)",
            vec![6.0],
        ),
        (
            "grad(fn(x) => each(fn(y) => y * x)([1.0, 2])[1])(2)",
            vec![2.0],
        ),
        (
            "rev(fn(x, y) => (x * y, x + y))(3, 4, (1, 10))",
            vec![14.0, 13.0],
        ),
        ("grad(fn(p) => p.a * p.b)({a: 2, b: 3})", vec![3.0, 2.0]),
        ("grad(fn(x) => 3)(2)", vec![0.0]),
        ("rev(fn(x: Bit) => x * x + x)(1, 1)", vec![1.0]),
        ("grad(fn(x: Mod[7]) => x ^ 3)(2)", vec![5.0]),
    ] {
        assert_eq!(value("", expr), want, "{expr}");
    }
    // An arm that is not taken leaks nothing.
    let safe = "fn f(x: Real) -> Real = if x > 0 then sqrt(x) else 0";
    assert_eq!(value(safe, "grad(f)(0)"), [0.0]);
    assert_eq!(value(safe, "grad(fn(x) => sum(f(x)))([0, 4])"), [0.0, 0.25]);
}

#[test]
fn models_are_differentiated_in_parameters_and_inputs() {
    let program = "import nn.dense
        model line(a: Real, b: Real; x: Real) -> Real = a * x + b";
    let rev = "rev(dense[2, 2])([[1, 0], [0, 1]], [0, 0]; [1, 2], [1, 10])";
    assert_eq!(
        value(program, rev),
        [1.0, 2.0, 10.0, 20.0, 1.0, 10.0, 1.0, 10.0]
    );
    let given = "rev(dense[2, 2]([[1, 0], [0, 2]], [0, 0];))([1, 2], [1, 10])";
    assert_eq!(value(program, given), [1.0, 20.0]);
    assert_eq!(value(program, "grad(line)(3, 4; 5)"), [5.0, 1.0, 3.0]);
    assert_eq!(
        value(program, "grad(line)({a: 3, b: 4}; 5)"),
        [5.0, 1.0, 3.0]
    );
    assert_eq!(
        value(program, "fwd(line)(3, 4; 5, {a: 1, b: 10}, 2)"),
        [21.0]
    );
    let why = refused(program, "fwd(line)(3, 4; 5, 1)");
    said(
        &why,
        "E0333",
        "fwd(line)(3, 4; 5, 1)",
        "the parameters have one too",
    );
    said(
        &refused(program, "rev(line)(3, 4;)"),
        "E0333",
        "rev(line)(3, 4;)",
        "a cotangent",
    );
}

#[test]
fn what_has_no_derivative_is_refused() {
    for (expr, code, place, words) in [
        (
            "grad(fn(x) => [x, x])(1)",
            "E0350",
            "grad(fn(x) => [x, x])(1)",
            "`Real[2]`",
        ),
        (
            "grad(fn(x: Int) => x)(2)",
            "E0350",
            "grad(fn(x: Int) => x)(2)",
            "`Int`",
        ),
        (
            "grad(fn(x) => fn(y) => y)(1)",
            "E0351",
            "grad(fn(x) => fn(y) => y)(1)",
            "a function",
        ),
        ("grad(id)(\"a\")", "E0351", "\"a\"", "a text"),
        (
            "rev(fn(x) => x)(2)",
            "E0333",
            "rev(fn(x) => x)(2)",
            "1 given, 2 wanted",
        ),
        (
            "rev(fn(x) => (x, x))(2, 1)",
            "E0302",
            "1",
            "`(Real, Real)` is wanted",
        ),
        (
            "fwd(fn(x) => x)(2)",
            "E0333",
            "fwd(fn(x) => x)(2)",
            "then a tangent for each",
        ),
        ("rev(3)(2, 1)", "E0331", "rev(3)(2, 1)", "this is a number"),
    ] {
        said(&refused("", expr), code, place, words);
    }
    let why = errors("fn f(x: Real, y: Bit) -> Real = grad(fn(z) => z * y)(x)");
    said(&why, "E0302", "z * y", "different carriers");
}
