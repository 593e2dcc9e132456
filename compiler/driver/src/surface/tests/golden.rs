//! Texts as they are to be: `texts/NAME.unary` is printed as `texts/NAME.lentil`.

use lentil_core::{Options, Program};
use lentil_unary::parse::parse;
use lentil_unary::simplify::simplify;
use lentil_unary::{Builder, Carrier, Function, Op, Type};

use super::round_trip::compare;
use super::{Alone, Unprintable, print, text};

/// A region of some unary form has a text, and the two compute the same.
fn shows(unary: &str, lentil: &str, params: &str, results: &str) {
    let words = |list: &str| -> Vec<String> { list.split(' ').map(String::from).collect() };
    let region = parse(unary).unwrap();
    let text = print("f", &region, &words(params), &words(results)).unwrap();
    assert_eq!(text, lentil);
    compare(&region, &text, 1);
}

macro_rules! texts {
    ($($name:ident($params:literal -> $results:literal);)*) => {
        $(
            #[test]
            fn $name() {
                let unary = include_str!(concat!("texts/", stringify!($name), ".unary"));
                let lentil = include_str!(concat!("texts/", stringify!($name), ".lentil"));
                shows(unary, lentil, $params, $results);
            }
        )*
    };
}

texts! {
    bits("p q n" -> "sum less");
    calls("x y" -> "z");
    choice("x y" -> "z");
    concatenations("a b c d e" -> "ab pair de");
    conditional("x n" -> "y z");
    contraction("a b" -> "c");
    dense("w b x dy" -> "dw db dx");
    drawn("key i x" -> "bits keys one next");
    indices("x" -> "later even");
    layer("hidden.w hidden.b x dy" -> "dhidden.w dhidden.b dx");
    layout("x" -> "at turned flat");
    lookup("table ids dy" -> "rows dtable");
    loops("x y" -> "sum sine");
    modular("x p" -> "y");
    order("x y ids v" -> "sorted down rows added shares");
    paddings("dx" -> "wide spread");
    recurrence("x w" -> "last every");
    reductions("x" -> "rows columns one square");
    scans("x y" -> "after products greatest");
    slices("x" -> "rows every back");
    softmax("y t dl" -> "dy");
    traced("x y" -> "z");
    unproved("x" -> "y z");
}

/// What is derived of programs that draw, sort, cut and look up reads back and means the same.
#[test]
fn derivatives_check_as_they_stand() {
    for source in [
        "fn f(x: Real[6], key: Key) -> Real[6] = x * real(random.uniform[6](key) < 0.5)",
        "fn f(x: Real[6], key: Key) -> Real[6] {
          let (a, b) = random.split[2](key)
          x * random.normal[6](random.fold(b, 3)) + random.normal[6](a)
        }",
        "fn f(x: Real[6]) -> Real[3] = { let (v, i) = top_k[3](x); v * v }",
        "fn f(x: Real[6]) -> Real[2] = each(fn(w: Real[3]) => max(w))(window[3, 3](pad[0, 2](x, -1 / 0)[..6]))",
        "fn f(x: Real[6]) -> Real[6] = cummax(x) * flip(cumsum(flip(x)))",
        "fn f(t: Real[4], i: Int[6], x: Real[6]) -> Real[4] = scatter_add(t, i % 4, x * t[i % 4])",
        "fn f(x: Real[6]) -> Real[6] = lgamma(x + 5) + polygamma(1, x + 5) * erfinv(0.1 * sin(x))",
        "fn f(t: Bit[4], x: Bit[2]) -> Bit =
          sum(t[a] * prod(if bit(a, j) == 1 then x[j] else 1 - x[j] for j) for a)",
    ] {
        let (program, problems) = Program::load("source.lentil", source, &Alone);
        assert!(problems.is_empty(), "{source}\n{problems:#?}");
        let lowered = program.lower_reverse("f", &Options::default()).unwrap();
        let region = simplify(&lentil_reverse::resolve(&simplify(&lowered.region)));
        compare(&region, &text(&region).unwrap(), 3);
    }
}

/// The text of the reverse derivative of what a source defines as `f`.
fn derivative_of(source: &str) -> String {
    let (program, problems) = Program::load("source.lentil", source, &Alone);
    assert!(problems.is_empty(), "{problems:#?}");
    let lowered = program.lower_reverse("f", &Options::default()).unwrap();
    let region = simplify(&lentil_reverse::resolve(&simplify(&lowered.region)));
    let params: Vec<String> = lowered.params.iter().map(|p| p.name.clone()).collect();
    let results: Vec<String> = params[..region.results().len()]
        .iter()
        .map(|p| format!("d{p}"))
        .collect();
    print("f", &region, &params, &results).unwrap()
}

#[test]
fn the_derivative_of_a_layer_is_that_of_the_books() {
    let source =
        "model f(w: Real[3, 2] ~ zeros, b: Real[3] ~ zeros; x: Real[2]) -> Real[3] = w @ x + b";
    let expected = "\
fn f(w: Real[3, 2], b: Real[3], x: Real[2], dy: Real[3]) -> {
  dw: Real[3, 2],
  db: Real[3],
  dx: Real[2],
} = { dw: [ dy[i] * x[j] for i, j ], db: dy, dx: transpose(w) @ dy }
";
    assert_eq!(derivative_of(source), expected);
}

#[test]
fn what_cannot_be_printed_is_refused() {
    let scalar = Type::scalar(Carrier::F32);
    let mut b = Builder::new(vec![scalar.clone()]);
    let x = b.param(0);
    let y = b.mul(x, x);
    let square = b.finish(vec![y]);
    assert_eq!(
        print("f", &square, &[], &["y".to_string()]),
        Err(Unprintable::Malformed)
    );

    let function = std::sync::Arc::new(Function {
        name: "square".to_string(),
        region: square,
    });
    let mut b = Builder::new(vec![scalar]);
    let x = b.param(0);
    let dx = b.emit(Op::Reverse(function), &[x, x])[0];
    assert_eq!(text(&b.finish(vec![dx])), Err(Unprintable::Unresolved));
}
