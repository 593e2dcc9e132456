//! Models: parameters by path, composition, sharing, and what is wrong with them.

mod common;
use common::{errors, lowered, refused, said, value};

const NN: &str = "import nn.{dense, relu}\n";

/// Parameters and inputs by name and type, and the result.
fn signature(program: &str, expr: &str) -> String {
    let lowered = lowered(program, expr);
    let params: Vec<String> = lowered
        .params
        .iter()
        .map(|p| format!("{}: {}", p.name, p.ty))
        .collect();
    format!("{} -> {}", params.join(", "), lowered.result)
}

#[test]
fn parameters_have_paths() {
    let program = format!(
        "{NN}
        model labelled = hidden: dense[2, 3] >> relu >> out: dense[3, 1]
        model twice = dense[2, 2] >> dense[2, 2]
        model beside = dense[2, 2] | dense[3, 1]
        model layers = repeat[2](dense[2, 2])
        model shared = tied[3](dense[2, 2])
        model outer = first: labelled >> fn(y) => y * 2
        model mlp[n, h](; x: Real[n]) -> Real[n] {{
          use hidden = dense[n, h]
          use out = dense[h, n]
          out(relu(hidden(x)))
        }}
        model both[n](; x: Real[n]) -> Real[n] {{
          use f = dense[n, n]
          f(f(x))
        }}"
    );
    for (expr, want) in [
        (
            "labelled",
            "hidden.w: Real[3, 2], hidden.b: Real[3], out.w: Real[1, 3], out.b: Real[1], x: Real[2] -> Real[1]",
        ),
        (
            "twice",
            "dense.w: Real[2, 2], dense.b: Real[2], dense_2.w: Real[2, 2], dense_2.b: Real[2], x: Real[2] -> Real[2]",
        ),
        (
            "beside",
            "dense.w: Real[2, 2], dense.b: Real[2], dense_2.w: Real[1, 3], dense_2.b: Real[1], x0: Real[2], x1: Real[3] -> (Real[2], Real[1])",
        ),
        (
            "layers",
            "layer.w: Real[2, 2], layer.b: Real[2], layer_2.w: Real[2, 2], layer_2.b: Real[2], x: Real[2] -> Real[2]",
        ),
        ("shared", "w: Real[2, 2], b: Real[2], x: Real[2] -> Real[2]"),
        (
            "outer",
            "first.hidden.w: Real[3, 2], first.hidden.b: Real[3], first.out.w: Real[1, 3], first.out.b: Real[1], x: Real[2] -> Real[1]",
        ),
        (
            "mlp[2, 3]",
            "hidden.w: Real[3, 2], hidden.b: Real[3], out.w: Real[2, 3], out.b: Real[2], x: Real[2] -> Real[2]",
        ),
        (
            "both[2]",
            "f.w: Real[2, 2], f.b: Real[2], x: Real[2] -> Real[2]",
        ),
        ("dense[2, 1]([[1, 2]], [3];)", "x: Real[2] -> Real[1]"),
    ] {
        assert_eq!(signature(&program, expr), want, "{expr}");
    }
}

#[test]
fn composition_is_associative_and_labels_decide_the_paths() {
    let program = format!(
        "{NN}
        model left = (a: dense[2, 2] >> b: dense[2, 2]) >> c: dense[2, 2]
        model right = a: dense[2, 2] >> (b: dense[2, 2] >> c: dense[2, 2])"
    );
    assert_eq!(signature(&program, "left"), signature(&program, "right"));
    let (left, right) = (lowered(&program, "left"), lowered(&program, "right"));
    assert_eq!(
        common::compiled(&left.region).to_string(),
        common::compiled(&right.region).to_string()
    );
}

#[test]
fn parameters_are_given_by_order_or_by_name() {
    let program = format!("{NN} model net = hidden: dense[2, 2] >> out: dense[2, 1]");
    let eye = "[[1, 0], [0, 1]]";
    for given in [
        format!("net({eye}, [1, 1], [[1, 10]], [5]; [1, 2])"),
        format!("net({{out: {{b: [5], w: [[1, 10]]}}, hidden: {{w: {eye}, b: [1, 1]}}}}; [1, 2])"),
        format!("net({eye}, [1, 1], [[1, 10]], [5];)([1, 2])"),
        format!("(dense({eye}, [1, 1];) >> dense([[1, 10]], [5];))([1, 2])"),
        format!("dense([[1, 10]], [5]; dense({{w: {eye}, b: ones}}; [1, 2]))"),
    ] {
        assert_eq!(value(&program, &given), [37.0], "{given}");
    }
    for (expr, code, place, words) in [
        (
            "net([[1]]; [1, 2])",
            "E0402",
            "net([[1]]; [1, 2])",
            "1 given; wanted are `hidden.w`",
        ),
        (
            "net({hidden: {w: zeros}}; [1, 2])",
            "E0402",
            "{hidden: {w: zeros}}",
            "`hidden.b` is missing",
        ),
        (
            "net({hiden: 1}; [1, 2])",
            "E0402",
            "{hiden: 1}",
            "there is no parameter `hiden`",
        ),
        (
            "dense([[1, 0]]; [1, 2])",
            "E0402",
            "dense([[1, 0]]; [1, 2])",
            "wanted are `w`, `b`",
        ),
        (
            "dense([1, 2])",
            "E0402",
            "dense([1, 2])",
            "`dense` has parameters",
        ),
        ("net([1, 2])", "E0402", "net([1, 2])", "0 given"),
        ("relu(1; 2)", "E0406", "1", "no parameters to give"),
        (
            "net(zeros, zeros, zeros, zeros; [1, 2], 3)",
            "E0333",
            "net(zeros, zeros, zeros, zeros; [1, 2], 3)",
            "2 given, 1 wanted",
        ),
        (
            "dense[2, 2](zeros, [1]; [1, 2])",
            "E0302",
            "[1]",
            "`Real[2]` is wanted",
        ),
    ] {
        said(&refused(&program, expr), code, place, words);
    }
}

#[test]
fn maps_and_products_compose() {
    for (expr, want) in [
        ("(id >> id)(3)", vec![3.0]),
        ("(id | id)(3, 4)", vec![3.0, 4.0]),
        ("((id | id) >> swap)((3, 4))", vec![4.0, 3.0]),
        ("(copy >> (id | fn(x) => x * 2))(3)", vec![3.0, 6.0]),
        ("(copy >> fn(x, y) => x * y)(3)", vec![9.0]),
        ("tied[3](fn(x) => x * 2)(1)", vec![8.0]),
        ("repeat[3](fn(x) => x * 2)(1)", vec![8.0]),
        ("3 |> fn(x) => x + 1 |> fn(x) => x * 2", vec![8.0]),
        ("drop(3)", vec![]),
    ] {
        let expr = expr.replace(
            "3 |> fn(x) => x + 1 |> fn(x) => x * 2",
            "3 |> (fn(x) => x + 1) |> (fn(x) => x * 2)",
        );
        assert_eq!(value("", &expr), want, "{expr}");
    }
    said(
        &refused("", "(id | id)(3)"),
        "E0407",
        "(id | id)(3)",
        "one input for each side",
    );
    said(&refused("", "swap(1)"), "E0340", "swap(1)", "a pair");
    said(
        &refused("", "repeat[10001](id)"),
        "E0403",
        "repeat[10001](id)",
        "these are `10001`",
    );
    said(
        &refused("", "repeat(id)"),
        "E0335",
        "repeat(id)",
        "one size in brackets",
    );
    said(&refused("", "3 >> id"), "E0331", "3", "a map or a model");
}

#[test]
fn wrong_models_are_refused() {
    let why = errors(
        "import nn.{dense, relu}
         model a = dense[2, 3] >> dense[4, 1]
         model b = dense >> dense
         model c = dense[2, 3] >> fo
         model d = 3
         model e = (m | m) >> m
         model f = p: m >> p_2: m >> p: m
         model m(w: Real[2] ~ zeros; x: Real[2]) -> Real[2] = w * x
         model g(w: Real[2] ~ [1, 2, 3]; x: Real[2]) -> Real[2] = w * x
         model h(w: Int[2] ~ zeros; x: Real[2]) -> Real[2] = x
         model i(w: Real[2] ~ zeros; x: Real[2]) -> Real[3] = x
         model j(use f: Real[2] -> Real[2]; x: Real[2]) -> Real[2] = f(x)
         model k(state s: Real[2] ~ zeros; x: Real[2]) -> Real[2] = x
         model l(using key; x: Real[2]) -> Real[2] = x
         model n[s](w: Real[s - 1] ~ zeros; x: Real[s]) -> Real[s] = x
         model o(; x: Real[2]) -> Real[2] = { let y = { use f = id; f(x) }; y }
         model p(w: Real ~ zeros; w: Real) -> Real = w
         model q = x: y: relu
         fn r(x: Real[2]) -> Real[2] { use g = id; g(x) }",
    );
    said(
        &why,
        "E0302",
        "dense[4, 1]",
        "`Real[3]`, but `Real[4]` is wanted",
    );
    said(&why, "E0337", "dense", "the value of `n`");
    said(&why, "E0206", "fo", "there is no `fo`");
    said(&why, "E0331", "3", "a number");
    said(
        &why,
        "E0302",
        "m",
        "this is `(Real[2], Real[2])`, but `Real[2]` is wanted",
    );
    said(
        &why,
        "E0404",
        "p: m >> p_2: m >> p: m",
        "two parameters are called `p_2.w`",
    );
    said(&why, "E0302", "[1, 2, 3]", "`Real[2]` is wanted");
    said(&why, "E0405", "Int[2]", "cannot be learnt");
    said(&why, "E0302", "x", "`Real[3]` is wanted");
    said(&why, "E0445", "s", "`s` is given no next value");
    said(&why, "E0504", "Real[s - 1]", "might be negative");
    said(&why, "E0401", "id", "top of a model's body");
    said(&why, "E0208", "w", "declared twice");
    said(&why, "E0322", "x: y: relu", "labels nothing here");
    assert_eq!(why.lines().count(), 15, "{why}");
}

#[test]
fn what_has_open_inputs_is_not_lowered() {
    let program = common::load(&format!("{NN} model e = each(dense[2, 2])"));
    for (expr, code) in [
        ("e", "E0337"),
        ("dense", "E0337"),
        ("fn(x) => x", "E0337"),
        ("3", "E0331"),
        ("fn(x: Real) => fn(y) => x", "E0339"),
        ("nothing", "E0206"),
    ] {
        let failure = program.lower(expr, &common::EXACT).expect_err(expr);
        let said = common::failed(&failure);
        assert!(said.starts_with(code), "{expr}: {said}");
    }
}
