//! One source, many carriers.

mod common;
use common::{errors, lowered, refused, said, value};

#[test]
fn a_layer_is_one_source_over_every_ring() {
    let program = "import nn.{dense, lookup}";
    let at = |k: &str| format!("dense[{k}2, 2]([[1, 2], [3, 4]], [5, 6]; [1, 1])");
    assert_eq!(value(program, &at("")), [8.0, 13.0]);
    assert_eq!(value(program, &at("Real, ")), [8.0, 13.0]);
    assert_eq!(value(program, &at("Mod[7], ")), [1.0, 6.0]);
    assert_eq!(value(program, &at("Bit, ")), [0.0, 1.0]);
    let table = "lookup[Mod[7], 2, 4, 1]([[1, 2, 3, 4]]; [1, 0])";
    assert_eq!(value(program, table), [2.0]);
    let table = "lookup[Bit, 2, 4, 1]([[0, 1, 1, 0]]; [1, 1])";
    assert_eq!(value(program, table), [0.0]);
    for (carrier, name) in [("Bit", "bit"), ("Mod[7]", "mod7"), ("Real64", "f64")] {
        let text = lowered(program, &format!("dense[{carrier}, 4, 3]")).region;
        let text = common::compiled(&text).to_string().to_lowercase();
        assert!(text.contains("contract"), "{text}");
        assert!(
            text.contains(&format!("{name}[3]")) || name == "mod7",
            "{text}"
        );
    }
}

#[test]
fn carriers_are_inferred_and_bounded() {
    let program = "fn squares[K: Ring, n](x: K[n]) -> K = sum(x * x)
        fn ratio[K: Real](x: K, y: K) -> K = exp(x) / y
        fn keep[K: Field](x: K) -> K = x";
    assert_eq!(value(program, "squares([1.0, 2])"), [5.0]);
    assert_eq!(value(program, "squares[Bit]([1, 1, 1])"), [1.0]);
    assert_eq!(value(program, "squares([Bit(1), 1, 0])"), [0.0]);
    // A large modulus is tried for primality without trouble.
    assert_eq!(value(program, "keep[Mod[4_294_967_291]](3)"), [3.0]);
    said(
        &refused(program, "keep[Mod[6]](3)"),
        "E0336",
        "keep[Mod[6]](3)",
        "is not a `Field`",
    );
    said(
        &refused(program, "squares[Bool]([1])"),
        "E0336",
        "squares[Bool]([1])",
        "is not a `Ring`",
    );
    said(
        &refused(program, "ratio(Bit(1), 1)"),
        "E0336",
        "ratio(Bit(1), 1)",
        "`Bit` is not a `Real`",
    );
}

#[test]
fn what_a_carrier_has_not_is_refused_in_the_definition() {
    let why = errors(
        "fn a(x: Bit) -> Bit = exp(x)
         fn b(x: Bit) -> Bool = x < x
         fn c(x: Bit, y: Real) -> Bit = x + y
         fn d(x: Bool) -> Bool = x + x
         fn e[K: Ring](x: K) -> K = exp(x)
         fn f[K: Ring](x: K) -> K = x / x
         fn g[K: Field](x: K) -> K = x / x
         fn h[K: Odd](x: K) -> K = x
         fn i[K: Ring](x: K) -> K = 0.5 * x
         fn j(x: Real) -> Real = not x
         fn k(x: Bool) -> Bool = 1
         fn l(x: Int) -> Int = 5 / x
         fn m(x: Int) -> Real = x
         fn n(x: Mod[0]) -> Mod[1] = x",
    );
    let codes: Vec<&str> = why.lines().map(|l| &l[..5]).collect();
    let wanted = [
        "E0314", "E0314", "E0302", "E0314", "E0314", "E0314", "E0306", "E0309", "E0314", "E0309",
        "E0313", "E0302", "E0304", "E0304",
    ];
    assert_eq!(codes, wanted, "{why}");
    said(
        &why,
        "E0302",
        "x",
        "`real(x)` makes a whole number a `Real`",
    );
}

#[test]
fn a_composite_modulus_is_no_field() {
    let field = "fn f[K: Field](x: K) -> K = 1 / x";
    assert_eq!(value(field, "f[Mod[7]](3)"), [5.0]);
    said(
        &refused(field, "f[Mod[6]](5)"),
        "E0336",
        "f[Mod[6]](5)",
        "`Field`",
    );
    let why = errors("fn g(x: Mod[6]) -> Mod[6] = 1 / x");
    said(&why, "E0314", "1 / x", "a carrier with division");
}

#[test]
fn an_arm_for_one_carrier_knows_it() {
    let program = "fn soft[K: Ring](x: K) -> K = if K == Real then tanh(x) else x
        fn start[K: Ring, n]() -> K[n] = if K == Real then [0.5 for i < n] else zeros";
    assert_eq!(value(program, "soft(0.0)"), [0.0]);
    assert_eq!(value(program, "soft[Bit](1)"), [1.0]);
    assert_eq!(value(program, "start[Real, 2]()"), [0.5, 0.5]);
    assert_eq!(value(program, "start[Bit, 2]()"), [0.0, 0.0]);
    let why = errors("fn f[K: Ring](x: K) -> K = if K == Real then tanh(x) else exp(x)");
    said(&why, "E0314", "exp(x)", "`K`");
    let why = errors("fn f[K: Ring](x: K) -> K = if K == Real then [x] else x");
    said(
        &why,
        "E0302",
        "if K == Real then [x] else x",
        "different types",
    );
}

#[test]
fn scalar_functions_apply_pointwise() {
    let program = "fn relu(x: Real) -> Real = if x > 0 then x else 0
        fn mix(x: Real, y: Real) -> Real = x * y
        fn flip(x: Bit) -> Bit = 1 + x
        fn next[K: Ring](x: K) -> K = x + 1";
    assert_eq!(
        value(program, "relu([[1.0, -2], [3, -4]])"),
        [1.0, 0.0, 3.0, 0.0]
    );
    assert_eq!(
        value(program, "relu({a: 1.0, b: [2.0, -2]})"),
        [1.0, 2.0, 0.0]
    );
    assert_eq!(value(program, "relu((1.0, [2.0, -2]))"), [1.0, 2.0, 0.0]);
    assert_eq!(value(program, "mix([1.0, 2], 3)"), [3.0, 6.0]);
    assert_eq!(value(program, "mix(2, [3, 4])"), [6.0, 8.0]);
    assert_eq!(value(program, "mix([1.0, 2], [3, 4])"), [3.0, 8.0]);
    // Numbers take the carrier that the function wants.
    assert_eq!(value(program, "flip([1, 0])"), [0.0, 1.0]);
    assert_eq!(value(program, "relu([1, -2])"), [1.0, 0.0]);
    assert_eq!(value(program, "next([Bit(1), 0])"), [0.0, 1.0]);
    let why = refused(program, "mix([1.0, 2], [3.0, 4, 5])");
    said(&why, "E0310", "[3.0, 4, 5]", "this is `Real[3]`");
    said(
        &refused(program, "relu(Bit(1))"),
        "E0302",
        "Bit(1)",
        "this is `Bit`, but `Real` is wanted",
    );
}

#[test]
fn numbers_take_the_carrier_of_their_context() {
    for (expr, want) in [
        ("7 / 2", 3.5),
        ("2 ^ 3", 8.0),
        ("-5 % 3", 1.0),
        ("sum([1, 2] * [3, 4])", 11.0),
        ("sum([7] / 2)", 3.5),
        ("Mod[5](7) * 3", 1.0),
        ("real(3) / 2", 1.5),
        ("abs(-3)", 3.0),
        ("if 1 < 2 then 1 else 0.5", 1.0),
        ("max(1, 2.5)", 2.5),
        ("1 / 0", f64::INFINITY),
    ] {
        assert_eq!(value("", expr), [want], "{expr}");
    }
    said(&refused("", "2 ^ 64"), "E0309", "2 ^ 64", "beyond 64 bits");
    said(&refused("", "1e999"), "E0309", "1e999", "too large");
    said(
        &refused("", "[1, [2, 3]]"),
        "E0308",
        "[1, [2, 3]]",
        "ragged",
    );
    said(&refused("", "zeros"), "E0307", "zeros", "shape");
    let whole = "fn f(x: Int) -> Int = abs(-3) * x + 2 ^ 3";
    assert_eq!(value(whole, "f(2)"), [14.0]);
}

#[test]
fn a_number_that_single_precision_lacks_is_no_infinity() {
    let program = common::load(
        "fn big(x: Real) -> Real = x * 1e39
        fn wide(x: Real64) -> Real64 = x * 1e39",
    );
    let single = lentil_core::Options::default();
    let failure = program.lower_value("big(0)", &single).unwrap_err();
    said(
        &common::failed(&failure),
        "E0309",
        "x * 1e39",
        "infinite in 32 bits",
    );
    assert!(program.lower_value("wide(1)", &single).is_ok());
    let double = lentil_core::Options {
        real: lentil_unary::Carrier::F64,
    };
    assert!(program.lower_value("big(0)", &double).is_ok());
}

#[test]
fn a_parameter_space_is_any_product_over_its_carrier() {
    let program = "fn ahead[P: Space[Real]](p: P, v: P) -> P = p + 2 * v";
    let records = "ahead({a: 1.0, b: [2.0, 3]}, {a: 1.0, b: [1, 1.0]})";
    assert_eq!(value(program, records), [3.0, 4.0, 5.0]);
    assert_eq!(value(program, "ahead(1, 2)"), [5.0]);
    let why = refused(program, "ahead(Bit(1), Bit(1))");
    said(
        &why,
        "E0336",
        "ahead(Bit(1), Bit(1))",
        "not in a space over `Real`",
    );
    let why = refused(program, "ahead({a: 1}, {b: 1})");
    said(&why, "E0302", "{b: 1}", "`{a: Real}` is wanted");
}
