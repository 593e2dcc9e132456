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

/// A checkpoint is the map itself, also where it is applied for many indices or examples to arguments of
/// which the map reads some, or none.
#[test]
fn a_checkpoint_changes_no_derivative() {
    let held = |body: &str| body.replace("HELD", "checkpoint");
    let plain = |body: &str| body.replace("HELD", "");
    let bodies = [
        "sum(HELD(fn(s: Real) => x[1])(x[i]) for i < 3)",
        "sum(HELD(fn(s: Real, t: Real) => sin(t))(x[i], x[1]) for i < 3)",
        "sum(HELD(fn(s: Real, t: Real) => s * sin(t))(x[i], x[1]) for i < 3)",
        "sum(HELD(fn(s: Real) => 2.0)(x[i]) * x[i] for i < 3)",
        "sum(HELD(fn(s: Real, t: Real) => t)(x[i], x[1]) * x[i] for i < 3)",
        "sum(HELD(fn(y: Real[3], k: Int) => y[1] * y[1])(x, i) * x[i] for i < 3)",
        "sum(each(fn(s) => HELD(fn(s: Real) => x[0] * x[0])(s))(x))",
        "fold(x, 1.0, fn(s, y) => s + HELD(fn(a: Real, b: Real) => b * x[0])(s, y))",
        "sum(sum(HELD(fn(a: Real, b: Real, c: Real) => b * b)(x[i], x[j], x[0]) for j < 3) for i < 3)",
        "sum(if x[i] > 0 then HELD(fn(a: Real) => x[0] * x[0])(x[i]) else x[i] for i < 3)",
    ];
    for body in bodies {
        let rest = "(x: Real[3], dy: Real[3]) -> Real[3]";
        let text: String = [("left", held(body)), ("right", plain(body))]
            .iter()
            .map(|(name, body)| {
                let f = format!("(fn(x: Real[3]) => {body})");
                format!(
                    "fn {name}1{rest} = grad{f}(x) + 0 * dy\n\
                     fn {name}2{rest} = hvp{f}(x, dy)\n\
                     fn {name}3{rest} = x * fwd{f}(x, dy)\n"
                )
            })
            .collect();
        let program = load(&text);
        for order in 1..=3 {
            equal(&program, &format!("left{order}"), &format!("right{order}"));
        }
    }
}

/// A lens is answered for each index by itself, whatever its forward half reads.
#[test]
fn a_lens_in_a_comprehension_is_applied_once_for_each_index() {
    let text = "
        import lens.scaled
        fn left(x: Real[3], dy: Real[3]) -> Real[3] =
          grad(fn(x: Real[3]) => sum(sin(dy[i] + scaled(x[i], x[1])) for i))(x)
        fn right(x: Real[3], dy: Real[3]) -> Real[3] =
          grad(fn(x: Real[3]) =>
            sin(dy[0] + scaled(x[0], x[1])) + sin(dy[1] + scaled(x[1], x[1])) + sin(dy[2] + scaled(x[2], x[1])))(x)
    ";
    equal(&load(text), "left", "right");
}

/// So it is of models: with their parameters, keys and layers.
#[test]
fn a_checkpoint_of_a_model_changes_no_derivative() {
    let net = |held: &str| {
        format!(
            "d: {held}(hidden: dense[3, 3] >> relu >> dropout(0.5)) \
             >> o: tied[2]({held}(dense[3, 3])) \
             >> r: repeat[2]({held}(dense[3, 3] >> dropout(0.5)))"
        )
    };
    let apply = |name: &str, net: &str| {
        format!(
            "model {name} = {net}
             fn of_{name}(x: Real[3], dy: Real[3]) -> Real[3] = {{
               let f = fn(x: Real[3]) => dot(dy, {name}(at(x); x, key: random.key(3), mode: train))
               grad(f)(x) + fwd(grad(f))(x, dy)
             }}\n"
        )
    };
    let text = format!(
        "import nn.{{dense, dropout, relu}}
         fn layer(x: Real[3], s: Real) = {{ w: [ sin(x[i] + s * x[j]) for i, j ], b: s * x }}
         fn at(x: Real[3]) = {{
           d: {{ hidden: layer(x, 2.0) }},
           o: layer(x, 0.5),
           r: {{ layer: {{ dense: layer(x, 1.0) }}, layer_2: {{ dense: layer(x, 0.3) }} }},
         }}\n{}{}",
        apply("held", &net("checkpoint")),
        apply("plain", &net("")),
    );
    let program = load(&text);
    equal(&program, "of_held", "of_plain");
}
