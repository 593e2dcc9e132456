//! Derivatives inside each other.

use super::{lines, value};

/// The derivative of a function, taken so often.
fn nth(function: &str, n: usize) -> String {
    let calls = format!("{}f{}", "grad(".repeat(n), ")".repeat(n));
    format!("fn f(x: Real) -> Real = {function}\nfn g(x: Real) -> Real = {calls}(x)")
}

fn at_one(function: &str, n: usize) -> String {
    value(&nth(function, n), "g(1)")
}

fn near(text: &str, wanted: f64) {
    let found: f64 = text.parse().unwrap_or_else(|_| panic!("{text}"));
    assert!(
        (found - wanted).abs() <= 1e-5 * wanted.abs(),
        "{found}, not {wanted}"
    );
}

#[test]
fn of_polynomials_end_at_zero() {
    assert_eq!(at_one("x * x * x", 2), "6.0");
    assert_eq!(at_one("x * x * x", 3), "6.0");
    assert_eq!(at_one("x * x * x", 10), "0.0");
    assert_eq!(at_one("x * x * x", 100), "0.0");
    assert_eq!(at_one("x ^ 7", 7), "5040.0");
    assert_eq!(at_one("x ^ 7", 100), "0.0");
}

#[test]
fn ten_inside_each_other() {
    // The tenth derivative of sin(x) exp(x) is 32 exp(x) cos(x).
    near(
        &at_one("sin(x) * exp(x)", 10),
        32.0 * 1_f64.exp() * 1_f64.cos(),
    );
    // That of 1 / (1 + x) is 10! / (1 + x)^11.
    near(&at_one("1 / (1 + x)", 10), 3_628_800.0 / 2048.0);
}

#[test]
fn a_hundred_inside_each_other_grow_too_large() {
    for function in ["1 / (1 + x)", "tanh(x)"] {
        assert_eq!(at_one(function, 100), "E0502", "{function}");
    }
}

#[test]
fn in_definition_after_definition() {
    let derivatives = lines(20, |k| {
        format!("fn f{k}(x: Real) -> Real = grad(f{0})(x) + f{0}(x)", k - 1)
    });
    let square = format!("fn f0(x: Real) -> Real = x * x\n{derivatives}");
    // (1 + d/dx)^12 of x^2 at 1
    near(&value(&square, "f12(1)"), 1.0 + 24.0 + 132.0);
    let tanh = format!("fn f0(x: Real) -> Real = tanh(x)\n{derivatives}");
    assert_eq!(value(&tanh, "f20(1)"), "E0502");
}
