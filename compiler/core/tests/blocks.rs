//! Jacobians and Hessians of maps from and to products: a block for each part of the result and each
//! argument.

mod common;
use common::{errors, said, value};

const PROGRAM: &str = "
    fn f(x: Real[2], y: Real) -> Real = x[0] ^ 2 * y + x[1] * y ^ 3
    fn g(x: Real[2]) -> (Real, Real[3]) = (x[0] * x[1], [x[0], 2 * x[1], x[1] ^ 2])
    fn h(p: {a: Real, b: Real[2]}) -> Real = p.a ^ 2 * p.b[0] * p.b[1]
    fn k(x: Real[2], y: Real) -> {u: Real[2], v: Real} = { u: x * y, v: y * sum(x) }
    fn wide(x: Real[5]) -> (Real, Real) = (sum(x), dot(x, x))
    model line(w: Real[2], b: Real; x: Real[2]) -> Real = dot(w, x) ^ 2 + b * x[0]";

#[test]
fn hessians_of_several_arguments_are_blocks() {
    let at = |part: &str| {
        let all = "{ let ((xx, xy), (yx, yy)) = hessian(f)([3, 5], 2)\n PART }";
        value(PROGRAM, &all.replace("PART", part))
    };
    assert_eq!(at("xx"), [4.0, 0.0, 0.0, 0.0]);
    assert_eq!(at("xy"), [6.0, 12.0]);
    assert_eq!(at("yx"), at("xy"));
    assert_eq!(at("yy"), [60.0]);
    let of_record = |part: &str| {
        value(
            PROGRAM,
            &format!("hessian(h)({{ a: 3, b: [5, 2] }}).{part}"),
        )
    };
    assert_eq!(of_record("a.a"), [20.0]);
    assert_eq!(of_record("a.b"), [12.0, 30.0]);
    assert_eq!(of_record("b.a"), [12.0, 30.0]);
    assert_eq!(of_record("b.b"), [0.0, 9.0, 9.0, 0.0]);
}

#[test]
fn jacobians_of_maps_to_products_are_blocks() {
    // By columns, which are fewer, and by rows.
    assert_eq!(
        value(PROGRAM, "jacobian(g)([3, 5])"),
        [5.0, 3.0, 1.0, 0.0, 0.0, 2.0, 0.0, 10.0]
    );
    let x = [1.0, 2.0, 3.0, 4.0, 5.0];
    let wide = value(PROGRAM, "jacobian(wide)([1, 2, 3, 4, 5])");
    assert_eq!(wide[..5], [1.0; 5]);
    assert_eq!(wide[5..], x.map(|x| 2.0 * x));
    let part = |part: &str| {
        let all = "{ let (ux, uy) = jacobian(k)([3, 5], 2).u\n let (vx, vy) = jacobian(k)([3, 5], 2).v\n PART }";
        value(PROGRAM, &all.replace("PART", part))
    };
    assert_eq!(part("ux"), [2.0, 0.0, 0.0, 2.0]);
    assert_eq!(part("uy"), [3.0, 5.0]);
    assert_eq!(part("vx"), [2.0, 2.0]);
    assert_eq!(part("vy"), [8.0]);
}

#[test]
fn blocks_differentiate_and_go_through_parameters() {
    // d/dx of x² y + … twice, then once more: the derivative of a block.
    let third = "grad(fn(y) => { let ((xx, _), _) = hessian(f)([3, 5], y)\n xx[0, 0] })(2)";
    assert_eq!(value(PROGRAM, third), [2.0]);
    let block = |part: &str| {
        value(
            PROGRAM,
            &format!("{{ let (p, x) = hessian(line)([1, 2], 3; [5, 7])\n {part} }}"),
        )
    };
    // ∂²/∂w² (w · x)² = 2 x xᵀ, and the slope of b x[0] in x is (b, 0), in b then x it is (1, 0).
    assert_eq!(
        block("{ let (pp, _) = p.w\n pp.w }"),
        [50.0, 70.0, 70.0, 98.0]
    );
    assert_eq!(block("{ let (pp, _) = p.b\n pp.w }"), [0.0, 0.0]);
    assert_eq!(block("{ let (_, px) = p.b\n px }"), [1.0, 0.0]);
    assert_eq!(block("{ let (_, xx) = x\n xx }"), [2.0, 4.0, 4.0, 8.0]);
}

#[test]
fn what_has_no_changes_has_no_jacobian() {
    let why = errors("fn f(x: Real) -> Real = jacobian(fn(x) => (x * x, x > 0))(x)");
    said(
        &why,
        "E0355",
        "jacobian(fn(x) => (x * x, x > 0))(x)",
        "(Real, Bool)",
    );
}
