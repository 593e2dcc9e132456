//! Layers of layers: slots and what fills them, sharing, and what does not fit.

mod common;
use common::{errors, lowered, refused, said, value};

const PROGRAM: &str = "
    import nn.{dense, relu, residual}
    model twice[n](use f: Real[n] -> Real[n]; x: Real[n]) -> Real[n] = f(f(x))
    model gated[n](g: Real[n] ~ zeros, use f: Real[n] -> Real[n]; x: Real[n]) -> Real[n] = g * f(x)
    model between[n, m](use down: Real[n] -> Real[m], use up: Real[m] -> Real[n]; x: Real[n]) -> Real[n] =
      up(relu(down(x)))
    model scaled(use factor: Real, use f: Real -> Real; x: Real) -> Real = factor * f(x)
    model scale(a: Real ~ ones; x: Real) -> Real = a * x
    model cell[h, n](w: Real[h, n] ~ zeros; s: Real[h], x: Real[n]) -> Real[h] = tanh(s + w @ x)
    model unrolled[h, n, t](use step: (Real[h], Real[n]) -> Real[h]; xs: Real[t, n]) -> Real[h] =
      fold(xs, zeros, fn(s, x) => step(s, x))
    model inside[n](use f: Real[n] -> Real[n]; x: Real[n]) -> Real[n] {
      use first = residual(f)
      use second = gated(first)
      f(second(x))
    }
    model both[n](; x: Real[n]) -> Real[n] {
      use f = dense[n, n]
      use g = residual(f)
      g(f(x))
    }";

/// Parameters and inputs by name and type, and the result.
fn signature(expr: &str) -> String {
    let lowered = lowered(PROGRAM, expr);
    let params: Vec<String> = lowered
        .params
        .iter()
        .map(|p| format!("{}: {}", p.name, p.ty))
        .collect();
    format!("{} -> {}", params.join(", "), lowered.result)
}

#[test]
fn what_fills_a_slot_has_its_parameters_below_the_slot() {
    for (expr, want) in [
        (
            "residual(dense[4, 4] >> tanh)",
            "f.dense.w: Real[4, 4], f.dense.b: Real[4], x: Real[4] -> Real[4]",
        ),
        (
            "residual(f: dense[2, 2])",
            "f.w: Real[2, 2], f.b: Real[2], x: Real[2] -> Real[2]",
        ),
        ("residual[Real[3]](relu)", "x: Real[3] -> Real[3]"),
        (
            "residual(dense[2, 2]) >> residual(dense[2, 2])",
            "residual.f.w: Real[2, 2], residual.f.b: Real[2], residual_2.f.w: Real[2, 2], residual_2.f.b: Real[2], x: Real[2] -> Real[2]",
        ),
        (
            "repeat[2](residual(gated(dense[1, 1])))",
            "layer.f.g: Real[1], layer.f.f.w: Real[1, 1], layer.f.f.b: Real[1], layer_2.f.g: Real[1], layer_2.f.f.w: Real[1, 1], layer_2.f.f.b: Real[1], x: Real[1] -> Real[1]",
        ),
        (
            "tied[3](residual(dense[2, 2]))",
            "f.w: Real[2, 2], f.b: Real[2], x: Real[2] -> Real[2]",
        ),
        (
            "between(up: dense[2, 3], down: dense[3, 2])",
            "down.w: Real[2, 3], down.b: Real[2], up.w: Real[3, 2], up.b: Real[3], x: Real[3] -> Real[3]",
        ),
        ("scaled(2, scale)", "f.a: Real, x: Real -> Real"),
        (
            "unrolled[2, 3, 4](cell[2, 3])",
            "step.w: Real[2, 3], xs: Real[4, 3] -> Real[2]",
        ),
        // One slot is one submodel, however it is passed on.
        (
            "inside(dense[2, 2])",
            "f.w: Real[2, 2], f.b: Real[2], second.g: Real[2], x: Real[2] -> Real[2]",
        ),
        (
            "both[2]",
            "f.w: Real[2, 2], f.b: Real[2], x: Real[2] -> Real[2]",
        ),
    ] {
        assert_eq!(signature(expr), want, "{expr}");
    }
}

#[test]
fn filled_models_compute() {
    for (expr, want) in [
        (
            "residual(dense[2, 2])([[1, 2], [3, 4]], [10, 20]; [1, 1])",
            vec![14.0, 28.0],
        ),
        (
            "residual(dense[2, 2]([[1, 2], [3, 4]], [10, 20];))([1, 1])",
            vec![14.0, 28.0],
        ),
        ("residual[Real[2]](relu)([-1, 3])", vec![-1.0, 6.0]),
        ("residual(relu)([-1, 3])", vec![-1.0, 6.0]),
        (
            "residual[Real[2]](fn(x) => zeros)([-1, 3])",
            vec![-1.0, 3.0],
        ),
        ("twice(dense[1, 1])([[2]], [1]; [3])", vec![15.0]),
        ("tied[2](residual(dense[1, 1]))([[2]], [0]; [1])", vec![9.0]),
        ("scaled(3, scale)(2; 5)", vec![30.0]),
        (
            "(scaled(3, scale) >> scaled(0.5, scale))(2, 4; 5)",
            vec![60.0],
        ),
        ("each(scaled(3, scale))(2; [5, 1])", vec![30.0, 6.0]),
        (
            "unrolled(cell[1, 1])({step: {w: zeros}}; [[1], [2]])",
            vec![0.0],
        ),
        (
            "gated(dense[1, 1])({g: [3], f: {w: [[2]], b: [1]}}; [1])",
            vec![9.0],
        ),
        // f(g · (f(x) + x)) with f(x) = 2x and g = 3.
        ("inside(dense[1, 1])([[2]], [0], [3]; [1])", vec![18.0]),
        // The two calls share w: f(x) = 2x, then y + 2y.
        ("both[1]([[2]], [0]; [1])", vec![6.0]),
    ] {
        assert_eq!(value(PROGRAM, expr), want, "{expr}");
    }
}

#[test]
fn shared_slots_add_their_gradients() {
    // f(f(x)) = w²x at w = 2, x = 3: dw = 2wx.
    let expr = "grad(fn(w: Real[1, 1]) => twice(dense[1, 1])(w, [0]; [3])[0])([[2]])";
    assert_eq!(value(PROGRAM, expr), [12.0]);
    // x + wx: dw = x, dx = 1 + w.
    let expr = "rev(residual(dense[1, 1]))([[2]], [0]; [3], [1])";
    assert_eq!(value(PROGRAM, expr), [3.0, 1.0, 3.0]);
}

#[test]
fn two_fillings_of_one_layer_stay_apart() {
    let program =
        format!("{PROGRAM}\n model two = residual(dense[1, 1]) >> residual(dense[1, 1] >> relu)");
    // 1 + (2·1) = 3, then 3 + relu(-1·3) = 3.
    assert_eq!(value(&program, "two([[2]], [0], [[-1]], [0]; [1])"), [3.0]);
}

#[test]
fn what_does_not_fit_is_refused() {
    for (expr, code, place, words) in [
        (
            "residual(dense[4, 3])",
            "E0441",
            "dense[4, 3]",
            "this is `Real[4] -> Real[3]`, but `Real[4] -> Real[4]` is wanted",
        ),
        (
            "residual[Real[2]](dense[3, 3])",
            "E0441",
            "dense[3, 3]",
            "this is `Real[3] -> Real[3]`, but `Real[2] -> Real[2]` is wanted",
        ),
        (
            "residual[Real[2]](fn(x) => sum(x))",
            "E0441",
            "fn(x) => sum(x)",
            "this is `Real[2] -> Real`, but `Real[2] -> Real[2]` is wanted",
        ),
        (
            "residual(dense[2, 3] >> dense[2, 2])",
            "E0302",
            "dense[2, 2]",
            "`Real[3]`, but `Real[2]` is wanted",
        ),
        (
            "residual(fn(x) => sum(x))([1, 2])",
            "E0441",
            "residual(fn(x) => sum(x))([1, 2])",
            "`Real[2] -> Real`",
        ),
        ("residual(3)", "E0331", "3", "a map or a model"),
        ("residual >> relu", "E0440", "residual", "residual(f)"),
        ("residual([1, 2])", "E0331", "[1, 2]", "a map or a model"),
        (
            "residual(relu; [1, 2])",
            "E0440",
            "residual(relu; [1, 2])",
            "is not given",
        ),
        (
            "between(dense[2, 2])",
            "E0333",
            "between(dense[2, 2])",
            "1 given, 2 wanted",
        ),
        ("between(relu, g: relu)", "E0330", "g", "no parameter `g`"),
        ("scaled(relu, relu)", "E0302", "relu", "`Real` is wanted"),
        (
            "residual(dense[2, 2])(1; [1, 2])",
            "E0402",
            "residual(dense[2, 2])(1; [1, 2])",
            "wanted are `f.w`, `f.b`",
        ),
        (
            "[1, 2] |> residual",
            "E0440",
            "[1, 2] |> residual",
            "is not given",
        ),
    ] {
        said(&refused(PROGRAM, expr), code, place, words);
    }
}

#[test]
fn a_definition_is_checked_for_all_fillings() {
    let why = errors(
        "model a[n](use f: Real[n] -> Real; x: Real[n]) -> Real[n] = f(x)
         model b[n](use f: Real[n] -> Real[n]; x: Real[n]) -> Real[n] = f(x, x)
         model c[n, m](use f: Real[m] -> Real[n]; x: Real[n]) -> Real[n] = f(x)
         model d(use f: Reel; x: Real) -> Real = x
         model e(use f: Real -> Real, use f: Real -> Real; x: Real) -> Real = f(x)
         model g[n](; x: Real[n]) -> Real[n] { let h = { use f = id; f }; h(x) }
         model k[n](use f: Real[n] -> Real[n]; x: Real[n]) -> Real[n] {
           use g = f
           let h = { use g = id; g(x) }
           g(h)
         }",
    );
    said(&why, "E0302", "f(x)", "`Real[n]` is wanted");
    said(&why, "E0333", "f(x, x)", "2 given, 1 wanted");
    said(&why, "E0302", "x", "`Real[n]`, but `Real[m]` is wanted");
    said(&why, "E0301", "Reel", "no type `Reel`");
    said(&why, "E0208", "f", "declared twice");
    said(&why, "E0401", "id", "top of a model's body");
    assert_eq!(why.lines().count(), 7, "{why}");
}

#[test]
fn a_number_that_fills_a_slot_satisfies_its_conditions() {
    let program = "
        import nn.dropout
        model scaled[n](use a: Real, use b: Real; x: Real[n]) -> Real[n] where a < b, n >= 1 = (b - a) * x
        model good = scaled(0.5, 1.5) >> dropout(0) >> dropout(0.25) >> dropout(1)
        fn computed(a: Real) -> Real[2] = scaled(a, 0.5)([1.0, 2])";
    assert_eq!(value(program, "scaled(0.5, 1.5)([1.0, 2])"), [1.0, 2.0]);
    assert_eq!(value(program, "computed(0)"), [0.5, 1.0]);
    for (model, words) in [
        ("dropout(1.5)", "`1.5 <= 1` is false"),
        ("dropout(0 - 0.5)", "`-0.5 >= 0` is false"),
        ("dropout(2)", "it is short by 1"),
        ("scaled(1.5, 0.5)", "`1.5 < 0.5` is false"),
    ] {
        let why = errors(&format!("{program}\nmodel bad = {model}"));
        said(&why, "E0338", model, words);
        assert_eq!(why.lines().count(), 1, "{why}");
    }
    let why = errors("model m(use a: Real; x: Real) -> Real where a >= c = a * x");
    said(&why, "E0206", "c", "not found");
}
