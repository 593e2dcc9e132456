//! Every map is a lens whose backward half is its derivative, and lenses compose: the forward halves
//! in order, the backward halves against it.

use lentil_tests::program::load;

use super::equal;

const MAPS: &str = "
fn first(x: Real[3]) -> Real[3] = sin(x) + 0.5 * x
fn second(x: Real[3]) -> Real[3] = x * x[1]
fn third(x: Real[3]) -> Real[3] = exp(0.3 * x) * sum(x)
";

fn laws(cases: &[(&str, &str)]) {
    let mut text = MAPS.to_string();
    for (k, (left, right)) in cases.iter().enumerate() {
        text += &format!("fn left{k}(x: Real[3], dy: Real[3]) -> Real[3] = {left}\n");
        text += &format!("fn right{k}(x: Real[3], dy: Real[3]) -> Real[3] = {right}\n");
    }
    let program = load(&text);
    for k in 0..cases.len() {
        equal(&program, &format!("left{k}"), &format!("right{k}"));
    }
}

#[test]
fn lenses_compose() {
    laws(&[
        (
            "rev(first >> second)(x, dy)",
            "rev(first)(x, rev(second)(first(x), dy))",
        ),
        (
            "rev(first >> second >> third)(x, dy)",
            "rev(first)(x, rev(second)(first(x), rev(third)(second(first(x)), dy)))",
        ),
        ("(first >> second)(x) + dy", "second(first(x)) + dy"),
    ]);
}

#[test]
fn composition_of_lenses_is_associative() {
    laws(&[
        (
            "rev((first >> second) >> third)(x, dy)",
            "rev(first >> (second >> third))(x, dy)",
        ),
        (
            "((first >> second) >> third)(x) + dy",
            "(first >> (second >> third))(x) + dy",
        ),
    ]);
}

#[test]
fn the_identity_lens_is_a_unit() {
    laws(&[
        ("rev(second >> id)(x, dy)", "rev(second)(x, dy)"),
        ("rev(id >> second)(x, dy)", "rev(second)(x, dy)"),
        ("rev(id)(x, dy)", "dy"),
    ]);
}
