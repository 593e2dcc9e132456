//! Models over single numbers where arrays arrive, and `each` over so many rows.

mod common;
use common::{errors, lowered, refused, run, said, value};
use lentil_unary::Array;

const PARTS: &str = "
    import nn.{dense, relu, residual, dropout}
    model gain(a: Real ~ ones; x: Real) -> Real = a * x
    model blend(a: Real ~ ones; x: Real, y: Real) -> Real = a * x + (1 - a) * y
    model scaled[K: Ring](a: K; x: K) -> K = a * x
    model noisy(using key; x: Real) -> Real = x + random.uniform(key)
    model slot[n](use f: Real[n] -> Real[n]; x: Real[n]) -> Real[n] = f(x)
    model twice(; x: Real) -> (Real, Real) = (x, 2 * x)
";

#[test]
fn models_over_numbers_run_over_arrays() {
    for (expr, want) in [
        ("gain(2; [1.0, 2])", vec![2.0, 4.0]),
        ("gain(2; 3)", vec![6.0]),
        ("gain(2; [[1, 2], [3, 4]])", vec![2.0, 4.0, 6.0, 8.0]),
        ("blend(0.5; [1.0, 2], 4)", vec![2.5, 3.0]),
        ("blend(0.5; [1.0, 2], [3.0, 4])", vec![2.0, 3.0]),
        ("scaled(Bit(1); [Bit(1), 0])", vec![1.0, 0.0]),
        ("twice(; [1.0, 2])", vec![1.0, 2.0, 2.0, 4.0]),
        ("residual(gain)(2; [1.0, 2])", vec![3.0, 6.0]),
        ("residual(tanh)(; [0.0, 0])", vec![0.0, 0.0]),
        ("slot(relu >> gain)(2; [1.0, -2])", vec![2.0, 0.0]),
        (
            "(dense[2, 2] >> gain)([[1, 2], [3, 4]], [0, 0], 2; [1, 1])",
            vec![6.0, 14.0],
        ),
        ("grad(fn(a) => sum(gain(a; [1.0, 2])))(3.0)", vec![3.0]),
        ("grad(fn(x) => sum(gain(3; x)))([1.0, 2])", vec![3.0, 3.0]),
        ("gain(2; sort([real(x) for x < 0]))", vec![]),
        ("tied[2](gain)(3; [1.0, 2])", vec![9.0, 18.0]),
        ("repeat[2](gain)(3, 2; [1.0, 2])", vec![6.0, 12.0]),
    ] {
        let program = PARTS.to_string();
        assert_eq!(value(&program, expr), want, "{expr}");
    }
    // Each element has a key of its own.
    let drawn = value(PARTS, "noisy([0.0, 0, 0], key: random.key(1))");
    assert!(drawn[0] != drawn[1] && drawn[1] != drawn[2], "{drawn:?}");
    let why = refused(PARTS, "blend(0.5; [1.0, 2], [3.0])");
    said(&why, "E0310", "[3.0]", "this is `Real[1]`");
    let text = format!("{PARTS} model net = dense[3, 3] >> residual(gain)");
    let net = lowered(&text, "net");
    let names: Vec<&str> = net.params.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["dense.w", "dense.b", "residual.f.a", "x"]);
}

#[test]
fn each_over_so_many_rows_is_a_map_of_known_type() {
    let text = format!(
        "{PARTS} model rows = each[2](dense[2, 1]) >> relu\n fn all(x: Real[2]) -> Real[2] = each[2](tanh >> relu)(x)"
    );
    let rows = lowered(&text, "rows");
    let types: Vec<String> = rows.params.iter().map(|p| p.ty.to_string()).collect();
    assert_eq!(types, ["Real[1, 2]", "Real[1]", "Real[2, 2]"]);
    let args: Vec<Array> = [vec![1.0, 2.0], vec![0.5], vec![1.0, 1.0, -1.0, -1.0]]
        .into_iter()
        .zip(&rows.params)
        .map(|(numbers, p)| Array::from_f64(p.leaves[0].clone(), &numbers))
        .collect();
    let out = run(&rows.region, &args).expect("it runs");
    assert_eq!(out[0].to_f64(), [3.5, 0.0]);
    for (expr, want) in [
        ("each[2](fn(x: Real) => x * x)([1.0, 2])", vec![1.0, 4.0]),
        ("each[2](tanh)([0.0, 0])", vec![0.0, 0.0]),
        ("each[0](fn(x: Real) => x * x)([real(x) for x < 0])", vec![]),
        (
            "each[2](fn(x: Real, y: Real) => x * y)([1.0, 2], [3.0, 4])",
            vec![3.0, 8.0],
        ),
        (
            "grad(fn(x) => sum(each[2](fn(x: Real) => x * x)(x)))([1.0, 2])",
            vec![2.0, 4.0],
        ),
    ] {
        assert_eq!(value(&text, expr), want, "{expr}");
    }
    let why = refused(&text, "each[2](fn(x: Real) => x * x)([1.0, 2, 3])");
    said(&why, "E0302", "[1.0, 2, 3]", "`Real[2]` is wanted");
    let why = refused(&text, "each[2](fn(x) => x)([1.0, 2])");
    said(&why, "E0337", "fn(x) => x", "a map of any type");
    let why = refused(&text, "each[2, 3](gain)(1; [1.0, 2])");
    said(&why, "E0335", "each[2, 3](gain)", "one size");
    let why = refused(&text, "each[2](fn(x: Real) => id)([1.0, 2])");
    said(&why, "E0312", "fn(x: Real) => id", "a function");
    let why = errors(&format!(
        "{text} fn g[n](x: Real[n]) -> Real[n] = each[n + 1](relu)(x)"
    ));
    said(&why, "E0302", "x", "`Real[n + 1]` is wanted");
}

#[test]
fn a_function_says_for_what_it_calls_a_model() {
    let with = |text: &str| errors(&format!("{PARTS}\n{text}"));
    for wrong in [
        "fn f(x: Real[3]) -> Real[3] = dropout(0.5)(x)",
        "fn f(x: Real[2, 3]) -> Real[2, 3] = each(dropout(0.5))(x)",
        "fn f(x: Real[3]) -> Real[3] = x |> (relu >> dropout(0.5))",
        "fn f(x: Real[3]) -> Real[3] = iterate[2](x, fn(x) => dropout(0.5)(x))",
        "lens f(; x: Real[3]) -> Real[3] { get = dropout(0.5)(x)\n put(dy) = dy }",
    ] {
        let why = with(wrong);
        assert!(why.starts_with("E0447"), "{wrong}: {why}");
        assert_eq!(why.lines().count(), 1, "{why}");
    }
    for fine in [
        "fn f(x: Real[3]) -> Real[3] = dropout(0.5)(x, mode: predict)",
        "fn f(x: Real[3], k: Key) -> Real[3] = dropout(0.5)(x, mode: train, key: k)",
        "test \"of a prediction\" { dropout(0.5)([1, 2]) == [1, 2] }",
        "model m(; x: Real[3]) -> Real[3] { use thin = dropout(0.5)\n thin(x) }",
        "fn f(w: Real[2, 3], b: Real[2], x: Real[3]) -> Real[2] = dense(w, b; x)",
    ] {
        assert_eq!(with(fine), "", "{fine}");
    }
}

#[test]
fn what_has_no_written_type_is_told_apart() {
    let why = errors(
        "law \"l\" (f: Model, o: Optimizer) { true }\nfn g(m: Model[Real, Real]) -> Real = 1",
    );
    said(&why, "E0301", "Model", "a model takes one in as `use f");
    said(
        &why,
        "E0301",
        "Optimizer",
        "the type of an optimizer is not written",
    );
    assert_eq!(why.lines().count(), 3, "{why}");
}
