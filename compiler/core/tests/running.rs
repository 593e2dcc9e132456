//! Models that are more than maps: with a key, a mode, a state.

mod common;
use common::{errors, lowered, refused, said, value};

const PROGRAM: &str = "
    import nn.{dense, relu, residual, dropout, batch_norm}
    model noise[n](using key; x: Real[n]) -> Real[n] = x + random.uniform[n](key)
    model loud(using mode; x: Real) -> Real = if mode == train then 100 * x else x
    model counting(state count: Real ~ zeros; x: Real[3]) -> Real[3] {
      state count = count + sum(x)
      x - count
    }
    model nested(; x: Real[3]) -> Real[3] {
      use first = counting
      use second = counting
      second(first(x))
    }
    model unused(; x: Real[3]) -> Real[3] {
      use first = counting
      x
    }
    model two_noises[n](; x: Real[n]) -> Real[n] {
      use a = noise
      use b = noise
      a(b(x))
    }
    model one_noise[n](; x: Real[n]) -> (Real[n], Real[n]) {
      use a = noise
      (a(x), a(x))
    }
    model looped(; x: Real[4]) -> Real[4] {
      use a = noise
      [ a([x[i]])[0] for i ]
    }
    fn uniforms(k: Key) -> Real[3] = random.uniform[3](k)";

fn numbers(expr: &str) -> Vec<f64> {
    value(PROGRAM, expr)
}

#[test]
fn a_key_is_given_by_hand() {
    let k = "random.key(5)";
    let drawn = numbers(&format!("uniforms({k})"));
    assert_eq!(numbers(&format!("noise([0, 0, 0], key: {k})")), drawn);
    assert_eq!(numbers(&format!("noise[3](key: {k}, x: [0, 0, 0])")), drawn);
    // Predictions draw too, unless the model asks for the mode.
    assert_eq!(
        numbers(&format!("noise([0, 0, 0], key: {k}, mode: train)")),
        drawn
    );
    assert_eq!(numbers("dropout(0.5)([1, 2])"), [1.0, 2.0]);
}

#[test]
fn a_key_follows_the_path_and_nothing_else() {
    let k = "key: random.key(5)";
    let x = "[0, 0, 0]";
    let alone = numbers(&format!("(id >> a: noise[3])({x}, {k})"));
    let before = numbers(&format!(
        "(relu >> (fn(x) => x) >> a: noise[3] >> relu)({x}, {k})"
    ));
    assert_eq!(alone, before, "other layers change nothing");
    let grouped = numbers(&format!("(relu >> (a: noise[3] >> relu))({x}, {k})"));
    assert_eq!(alone, grouped, "parentheses change nothing");
    let renamed = numbers(&format!("(id >> b: noise[3])({x}, {k})"));
    assert_ne!(alone, renamed);
    // In a body, the name of the submodel is the path.
    let both = numbers(&format!("two_noises({x}, {k})"));
    let sum: Vec<f64> = alone.iter().zip(&renamed).map(|(a, b)| a + b).collect();
    for (x, y) in both.iter().zip(sum) {
        assert!((x - y).abs() < 1e-6, "{x} is not {y}");
    }
    // One submodel is one map, whatever it is called with.
    let twice = numbers(&format!("one_noise({x}, {k})"));
    assert_eq!(twice[..3], twice[3..]);
}

#[test]
fn layers_and_elements_have_keys_of_their_own() {
    let k = "key: random.key(5)";
    let tied = numbers(&format!("tied[2](noise[1])([0], {k})"))[0];
    let once = numbers(&format!("noise([0], {k})"))[0];
    assert!((tied - 2.0 * once).abs() > 1e-3);
    for expr in [
        format!("each(noise[1])([[0], [0], [0], [0]], {k})"),
        format!("looped([0, 0, 0, 0], {k})"),
        format!("repeat[4](noise[1])([0], {k})"),
    ] {
        let mut drawn = numbers(&expr);
        drawn.sort_by(f64::total_cmp);
        let all = drawn.len();
        drawn.dedup();
        assert_eq!(drawn.len(), all, "{expr}");
    }
}

#[test]
fn the_arm_of_another_mode_does_not_exist() {
    assert_eq!(numbers("loud(2)"), [2.0]);
    assert_eq!(numbers("loud(2, mode: predict)"), [2.0]);
    assert_eq!(numbers("loud(2, mode: train)"), [200.0]);
    assert_eq!(numbers("(loud >> loud)(2, mode: train)"), [20000.0]);
    let predicted = lowered(PROGRAM, "dropout[3](0.5)").region.to_string();
    assert!(
        !predicted.contains("random") && !predicted.contains("cond"),
        "{predicted}"
    );
    let slope = "grad(fn(x: Real) => loud(x, mode: train))(3)";
    assert_eq!(numbers(slope), [100.0]);
}

#[test]
fn states_are_threaded() {
    assert_eq!(
        numbers("counting([1, 2, 3], state: {count: 1})"),
        [0.0, 1.0, 2.0]
    );
    assert_eq!(
        numbers("counting([1, 2, 3], state: {count: 1}, mode: train)"),
        [0.0, 1.0, 2.0, 7.0]
    );
    // The second sees what the first makes: 6 - 3·1 = 3, and 10 + 3.
    assert_eq!(
        numbers("nested([1, 2, 3], state: {first: {count: 1}, second: {count: 10}}, mode: train)"),
        [-10.0, -9.0, -8.0, 7.0, 13.0]
    );
    assert_eq!(
        numbers("(a: counting >> counting)([1, 2, 3], state: zeros, mode: train)"),
        [1.0, 2.0, 3.0, 6.0, 6.0]
    );
    // What is not touched stays.
    assert_eq!(
        numbers("unused([1, 2, 3], state: {first: {count: 4}}, mode: train)"),
        [1.0, 2.0, 3.0, 4.0]
    );
}

#[test]
fn a_state_has_no_cotangent() {
    let program = format!(
        "{PROGRAM}
        model scaled(w: Real ~ ones, state s: Real ~ ones; x: Real) -> Real {{
          state s = w * x
          w * s * x
        }}"
    );
    let both = value(&program, "rev(scaled)(3; 5, 1, state: {s: 2})");
    assert_eq!(both, [10.0, 6.0]);
    let both = value(&program, "rev(scaled)(3; 5, 1, state: {s: 2}, mode: train)");
    assert_eq!(both, [10.0, 6.0]);
    let lowered = lowered(&program, "scaled");
    let names: Vec<&str> = lowered.params.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["w", "s", "x"]);
    let options = lentil_core::Options::default();
    let reverse = common::load(&program).lower_reverse("scaled", &options);
    let reverse = reverse.expect("a derivative");
    assert_eq!(reverse.result.to_string(), "{w: Real, x: Real}");
    assert_eq!(reverse.region.result_types().len(), 2);
}

#[test]
fn sizes_of_inputs_stay_open() {
    for rows in ["[[1, 2]]", "[[1, 2], [3, 4], [5, 6]]"] {
        let expr = format!(
            "(batch_norm[2] >> batch_norm[2])(ones, zeros, ones, zeros; {rows}, state: ones)"
        );
        assert_eq!(numbers(&expr).len(), rows.matches('[').count() * 2 - 2);
    }
}

#[test]
fn wrong_calls_are_refused() {
    for (expr, code, place, words) in [
        ("noise([1, 2])", "E0443", "noise([1, 2])", "wants a key"),
        (
            "noise([1, 2], mode: train)",
            "E0443",
            "noise([1, 2], mode: train)",
            "wants a key",
        ),
        (
            "dropout(0.5)([1, 2], mode: train)",
            "E0443",
            "dropout(0.5)([1, 2], mode: train)",
            "wants a key",
        ),
        ("noise([1, 2], key: 3)", "E0302", "3", "`Key` is wanted"),
        (
            "noise([1, 2], kay: 3)",
            "E0330",
            "kay",
            "no parameter `kay`",
        ),
        (
            "loud(2, mode: learn)",
            "E0446",
            "learn",
            "`train` or `predict`",
        ),
        (
            "loud(2, mode: train, mode: train)",
            "E0329",
            "mode",
            "given twice",
        ),
        (
            "relu(2, mode: train)",
            "E0330",
            "mode",
            "no parameter `mode`",
        ),
        (
            "counting([1, 2, 3])",
            "E0448",
            "counting([1, 2, 3])",
            "it has `count`",
        ),
        (
            "counting([1, 2, 3], state: {})",
            "E0448",
            "{}",
            "`count` is missing",
        ),
        (
            "counting([1, 2, 3], state: {count: [1]})",
            "E0302",
            "{count: [1]}",
            "`Real` is wanted",
        ),
        ("loud(2, state: {})", "E0448", "{}", "has no state"),
        (
            "each(counting)([[1, 2, 3]], state: zeros, mode: train)",
            "E0444",
            "each(counting)([[1, 2, 3]], state: zeros, mode: train)",
            "inside a loop",
        ),
        (
            "tied[2](counting)([1, 2, 3], state: zeros, mode: train)",
            "E0444",
            "tied[2](counting)([1, 2, 3], state: zeros, mode: train)",
            "two next values",
        ),
    ] {
        said(&refused(PROGRAM, expr), code, place, words);
    }
}

#[test]
fn wrong_definitions_are_refused() {
    let why = errors(
        "import nn.dropout
         model a(using mood; x: Real) -> Real = x
         model b(using mode; x: Real) -> Real = if mode == 3 then x else 2 * x
         model c(using mode; x: Real) -> Real = if mode < train then x else 2 * x
         model d(using mode; x: Real) -> Real { let t = mode == train; x }
         model e(using mode; x: Real) -> Real = mode * x
         model f[n](using key, using mode; x: Real[n]) -> Real[n] = x + random.normal[n](key)
         model g(state s: Real ~ zeros; x: Real) -> Real = x
         model h(state s: Real ~ zeros; x: Real) -> Real {
           state s = x
           state s = x
           x
         }
         model i(; x: Real) -> Real {
           state s = x
           x
         }
         model j(state s: Real ~ zeros; x: Real) -> Real {
           state s = [x]
           x
         }
         model k(state s: Real ~ zeros; x: Real) -> Real = if x > 0 then {
           state s = x
           x
         } else x
         model l(state s: Key; x: Real) -> Real = x
         model m[n](; x: Real[n]) -> Real[n] = dropout(0.5)(x)
         model o[n](; x: Real[2, n]) -> Real[2, n] {
           use f = q
           [ f(x[i])[j] for i, j ]
         }
         model p[n](; x: Real[n]) -> Real[n] {
           use f = q
           if x == zeros then x else f(x)
         }
         model q[n](state s: Real ~ zeros; x: Real[n]) -> Real[n] {
           state s = sum(x)
           x
         }
         model r(state s: Real ~ [1]; x: Real) -> Real {
           state s = x
           x
         }",
    );
    for (code, place, words) in [
        ("E0442", "mood", "no `using mood`"),
        ("E0446", "3", "`train` or `predict`"),
        ("E0446", "mode < train", "`==` or `!=`"),
        ("E0446", "mode == train", "outside of a condition"),
        ("E0446", "mode * x", "outside of a condition"),
        ("E0443", "key", "in `train` only"),
        ("E0445", "s", "no next value"),
        ("E0445", "s", "two next values"),
        ("E0445", "s", "there is no state `s`"),
        ("E0302", "[x]", "`Real` is wanted"),
        ("E0401", "x", "top of a model's body"),
        ("E0405", "Key", "cannot be kept"),
        ("E0447", "dropout(0.5)(x)", "with `use`"),
        ("E0444", "f(x[i])", "inside a loop"),
        ("E0302", "[1]", "`Real` is wanted"),
    ] {
        said(&why, code, place, words);
    }
}
