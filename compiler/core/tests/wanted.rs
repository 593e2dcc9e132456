//! Numbers without a carrier take the one that is wanted of them.

mod common;
use common::{errors, load, refused, run, said, value};
use lentil_core::Options;

#[test]
fn states_that_no_step_changes_stay_numbers() {
    for (expr, want) in [
        ("2.5 * fold([1.0, 2], 3, fn(s, x) => s)", vec![7.5]),
        ("[1, 2, 3][fold([1.0, 2], 1, fn(s, x) => s)]", vec![2.0]),
        ("Bit(1) + iterate[3](1, fn(x) => x)", vec![0.0]),
        (
            "0.5 * until(1, fn(x) => true, fn(x) => x, max: 3)",
            vec![0.5],
        ),
        (
            "{ let (a, b) = fold([1.0, 2], (3, 0), fn(s, x) => { let (a, b) = s; (a, b + x * a) }); b / a }",
            vec![3.0],
        ),
        (
            "{ let s = fold([1.0, 2], {a: 3, b: 0}, fn(s, x) => {b: s.b + x, a: s.a}); [s.b, s.a] }",
            vec![3.0, 3.0],
        ),
        (
            "{ let (s, out) = fold_map([1.0, 2], 3, fn(s, x) => (s, x * s)); out / s }",
            vec![1.0, 2.0],
        ),
        // A part that follows another one is no constant.
        (
            "fold([1, 2, 3], (0, 0), fn(s, x) => { let (a, b) = s; (b, b + 1) })",
            vec![2.0, 3.0],
        ),
        ("1 / fold([1], -0.0, fn(s, x) => -s)", vec![f64::INFINITY]),
        ("fold([x for x < 0], 4, fn(s, x) => s)", vec![4.0]),
        (
            "fold([1.0], zeros, fn(s, x) => s) + cumsum([1.0, 1])",
            vec![1.0, 2.0],
        ),
        (
            "grad(fn(x) => x * fold([1.0, 2], 3, fn(s, y) => s))(2.0)",
            vec![3.0],
        ),
        ("scan([1.0, 2], 3, fn(s, x) => s)", vec![3.0, 3.0]),
    ] {
        assert_eq!(value("", expr), want, "{expr}");
    }
    let text = "fn f[n](x: Real[n]) -> Real = x[0] + fold(x, 0, fn(s, y) => s)";
    let text = text.replace("[n]) -> Real = x[0]", "[n]) -> Real = sum(x)");
    assert_eq!(value(&text, "f([1.0, 2])"), [3.0]);
    // What is wrong with a step is said though nothing of it is needed.
    let why = errors(
        "fn f(x: Real[3]) -> Real = fold(x, 0, fn(s, y) => { let z = y + [1.0, 2, 3, 4] @ y; s })",
    );
    assert!(!why.is_empty());
}

#[test]
fn states_and_arms_take_what_is_wanted() {
    let program = "
        fn count[n](x: Real[n]) -> Real = fold(x, 0, fn(s, y) => if y > 0 then s + 1 else s)
        fn mixed[n](x: Real[n]) -> (Real, Int) =
          fold(x, (0, 0), fn(s, y) => { let (a, b) = s; (a + 1, b + 1) })
        fn named[n](x: Real[n]) -> {a: Real, b: Bit} =
          fold(x, {b: 0, a: 0}, fn(s, y) => {a: s.a + 1, b: s.b + 1})
        fn steps(n: Real) -> Real = iterate[4](1, fn(k) => 2 * k)
        fn found(n: Real) -> Real = until(1, fn(k) => real(k) > 10, fn(k) => 2 * k, max: 9)
        fn all_counts[n](x: Real[n]) -> Real[n] = scan(x, 0, fn(s, y) => s + 1)
        fn both[n](x: Real[n]) -> (Real, Real[n]) = fold_map(x, 0, fn(s, y) => (s + 1, if y > 0 then 1 else 0))
        fn pair(x: Real) -> (Real, Real) = (if x > 0 then 1 else 0, 2)
        fn record(x: Real) -> {a: Real, b: Mod[5]} = {b: if x > 0 then 7 else 0, a: if x > 0 then 1 else 0}
        fn ones_of[n]() -> Real[n] = [ 1 for i < n ]
        fn unit[n]() -> Real[n, n] = [ if i == j then 1 else 0 for i < n, j < n ]
        fn share[n](x: Real[n]) -> Real = sum(if x[i] > 0 then 1 else 0 for i) / n
        fn heaviside[n](x: Real[n]) -> Real[n] = each(fn(y) => if y > 0 then 1 else 0)(x)
        fn negated(x: Real) -> Real = -(if x > 0 then 1 else 2)
        fn power(x: Real) -> Real = (if x > 0 then 3 else 2) ^ 2
        fn list(x: Real) -> Real[2] = [if x > 0 then 1 else 0, 4]
        fn turned() -> Real[2, 2] = transpose([[0, 1], [2, 3]])
        fn total() -> Real = sum([1, 2])
        fn piped[n](x: Real[n]) -> Real[n] = x |> each(fn(y) => if y > 0 then 1 else 0)
        fn at_a(x: Real) -> Real = x
        fn argument(x: Real) -> Real = at_a(if x > 0 then 1 else 0)
        fn bits(x: Real) -> Bit = if x > 0 then 1 else 0
        fn started(x: Real[2]) -> Real = fold(x, 0.0, fn(s, y) => if y > 0 then 1 else 0)
        model counted(w: Real[2]; x: Real[2]) -> Real[2] = [ if w[i] > x[i] then 1 else 0 for i ]";
    for (expr, want) in [
        ("count([1.0, -1, 2])", vec![2.0]),
        ("mixed([1.0, -1, 2])", vec![3.0, 3.0]),
        ("named([1.0, -1, 2])", vec![3.0, 1.0]),
        ("steps(0)", vec![16.0]),
        ("found(0)", vec![16.0]),
        ("all_counts([5.0, 5])", vec![1.0, 2.0]),
        ("both([5.0, -5])", vec![2.0, 1.0, 0.0]),
        ("pair(1)", vec![1.0, 2.0]),
        ("record(1)", vec![1.0, 2.0]),
        ("ones_of[2]()", vec![1.0, 1.0]),
        ("unit[2]()", vec![1.0, 0.0, 0.0, 1.0]),
        ("share([1.0, -1, 2, 3])", vec![0.75]),
        ("heaviside([1.0, -1])", vec![1.0, 0.0]),
        ("negated(-1)", vec![-2.0]),
        ("power(1)", vec![9.0]),
        ("list(1)", vec![1.0, 4.0]),
        ("turned()", vec![0.0, 2.0, 1.0, 3.0]),
        ("total()", vec![3.0]),
        ("piped([1.0, -1])", vec![1.0, 0.0]),
        ("argument(1)", vec![1.0]),
        ("bits(1)", vec![1.0]),
        ("started([1.0, -1])", vec![0.0]),
        ("counted([1, 2]; [0, 3])", vec![1.0, 0.0]),
        ("{ let x = 2.0; x * (if x > 0 then 1 else 0) }", vec![2.0]),
        ("{ let x = 2.0; (if x > 0 then 1 else 0) * x }", vec![2.0]),
        (
            "{ let x = 2.0; [if x > 0 then 1 else 0, x] }",
            vec![1.0, 2.0],
        ),
        (
            "{ let x = 2.0; (if x > 0 then 1 else 0) + [x, 3 * x] }",
            vec![3.0, 7.0],
        ),
        (
            "{ let b = Bit(1); b + (if b == 1 then 1 else 0) }",
            vec![0.0],
        ),
        ("fixpoint(fn(x) => x / 2 + 1, 0)", vec![2.0]),
        ("fixpoint(fn(x) => 3, 0)", vec![3.0]),
        // Where nothing is wanted, whole numbers are whole numbers.
        ("(if true then 7 else 8) / 2", vec![3.0]),
        ("fold([1.0, 2], 0, fn(s, x) => s + 1) / 2", vec![1.0]),
    ] {
        let got = value(program, expr);
        let near = got.iter().zip(&want).all(|(a, b)| (a - b).abs() < 1e-9);
        assert!(near && got.len() == want.len(), "{expr}: {got:?}");
    }
    // No whole number becomes a real one.
    let why = errors("fn f(k: Int) -> Real = k");
    said(&why, "E0302", "k", "`Real` is wanted (`real(x)`");
    let why = errors("fn f(k: Int) -> Real = if k > 0 then k else 0");
    said(&why, "E0302", "if k > 0 then k else 0", "`Real` is wanted");
    let why = errors("fn f(k: Real) -> Int = if k > 0 then 1.5 else 0");
    said(&why, "E0302", "if k > 0 then 1.5 else 0", "`Int` is wanted");
}

#[test]
fn functions_have_the_types_that_are_wanted_of_them() {
    let program = "
        fn table(f: Real -> Real) -> Real[3] = { let t = [ f(real(i)) for i < 3 ]; 2.5 * t }
        fn twice(f: Real -> Real, x: Real) -> Real = f(f(x)) / 2
        fn at_two(f: Real -> Real) -> Real = { let y = f(2); sum([ y for i < 2 ]) }
        fn slope(f: Real -> Real, x: Real) -> Real = grad(f)(x)
        fn pair(f: Real -> (Real, Int)) -> Real = { let (a, n) = f(1.0); [a][n] }
        fn choose(c: Bool) -> Real -> Real = fn(x) => if c then 1 else 2
        fn over(f: (Real -> Real) -> Real) -> Real = f(fn(x) => 1)";
    for (expr, want) in [
        ("table(fn(x) => 1)", vec![2.5, 2.5, 2.5]),
        (
            "table(fn(x) => if x > 0 then 1 else 0)",
            vec![0.0, 2.5, 2.5],
        ),
        ("twice(fn(x) => 3, 1)", vec![1.5]),
        ("at_two(fn(n) => n)", vec![4.0]),
        ("slope(fn(x) => 1, 2)", vec![0.0]),
        ("slope(fn(x) => x * x, 2)", vec![4.0]),
        ("grad(fn(x) => 1)(2.0)", vec![0.0]),
        ("rev(fn(x) => 1)(2.0, 3)", vec![0.0]),
        ("fwd(fn(x) => 1)(2.0, 3)", vec![0.0]),
        ("grad(fn(x, y) => 1)(2.0, [1.0, 2])", vec![0.0, 0.0, 0.0]),
        ("jacobian(fn(x) => 1)([2.0, 3])", vec![0.0, 0.0]),
        ("pair(fn(x) => (7, 0))", vec![7.0]),
        ("2.5 * choose(true)(0)", vec![2.5]),
        ("over(fn(g) => g(1) / 2)", vec![0.5]),
    ] {
        assert_eq!(value(program, expr), want, "{expr}");
    }
    let why = refused(program, "table(fn(x) => true)");
    said(&why, "E0302", "fn(x) => true", "`Real` is wanted");
}

#[test]
fn what_is_wanted_is_lowered_as_it_is_checked() {
    let program = load(
        "fn f[n](x: Real[n]) -> (Real, Real[n]) = {
           let (s, t) = fold(x, (0, 1), fn(s, y) => { let (a, b) = s; (a + y * b, b) })
           (s, [ if y_of(x[i]) > 0 then t else 0 for i ])
         }
         fn y_of(x: Real) -> Real = x",
    );
    let lowered = program
        .lower("f[3]", &Options::default())
        .expect("it lowers");
    let args = [lentil_unary::Array::from_f64(
        lowered.params[0].leaves[0].clone(),
        &[1.0, -1.0, 4.0],
    )];
    let results = run(&lowered.region, &args).expect("it runs");
    let numbers: Vec<f64> = results.iter().flat_map(|a| a.to_f64()).collect();
    assert_eq!(numbers, [4.0, 1.0, 0.0, 1.0]);
    // Nothing is carried but what changes.
    let text = lowered.region.to_string();
    let fold = text
        .lines()
        .find(|l| l.contains("loop") || l.contains("fold"));
    assert!(fold.is_some(), "{text}");
}

#[test]
fn products_are_equal_as_a_whole() {
    let program = "
        fn same[P: Space[Real]](p: P, q: P) -> Bool = equal(p, q)
        fn moved[P: Space[Real]](p: P, q: P) -> Bool = not equal(p, q)
        fn both[P: Space[Real]](p: P, q: P) -> Bool = (p, 1) == (q, 1)
        fn is_zero[P: Space[Real]](p: P) -> Bool = equal(p, 0) and equal(0, p)
        fn until_settled[P: Space[Real]](p: P) -> P =
          until(p, fn(p) => equal(p * 0.5, p), fn(p) => p * 0.5, max: 5000)
        law \"a space is itself\" [P: Space[Real]] (p: P, q: P) {
          p == p and p ~= p and (p, q) == (p, q)
        }";
    let p = "{w: [1.0, 2], b: 3.0}";
    for (expr, want) in [
        (format!("same({p}, {p})"), 1.0),
        (format!("same({p}, {p} + 1)"), 0.0),
        (format!("moved({p}, {p})"), 0.0),
        (format!("moved({p}, {{w: [1.0, 2], b: 4.0}})"), 1.0),
        ("same([1.0, 2], [1, 2])".into(), 1.0),
        ("same([1.0, 2], [1, 3])".into(), 0.0),
        ("both([1.0, 2], [1, 2])".into(), 1.0),
        (format!("both({p}, {p} + 1)"), 0.0),
        ("equal([1, 2], [1, 2])".into(), 1.0),
        ("equal(Bit(1), 1)".into(), 1.0),
        ("(1.0, [2.0]) ~= (1.0 + 1e-14, [2.0])".into(), 1.0),
        ("(1.0, [2.0]) ~= (1.0 + 1e-3, [2.0])".into(), 0.0),
        (format!("is_zero({p} - {p})"), 1.0),
        (format!("is_zero({p})"), 0.0),
        ("(1, [2.0, 3]) == (1, [2.0, 3])".into(), 1.0),
        ("(1, [2.0, 3]) == (1, [2.0, 4])".into(), 0.0),
        ("(1, [2.0, 3]) != (1, [2.0, 4])".into(), 1.0),
        ("((1, true), Bit(1)) == ((1, true), 1)".into(), 1.0),
        ("{a: 1, b: 2.0} == {b: 2.0, a: 1}".into(), 1.0),
        ("() == ()".into(), 1.0),
        ("{} != {}".into(), 0.0),
        ("(0.0 / 0, 1) == (0.0 / 0, 1)".into(), 0.0),
        ("(0.0 / 0, 1) != (0.0 / 0, 1)".into(), 1.0),
        ("if (1, 2) == (1, 2) then 5 else 6".into(), 5.0),
        ("sum(until_settled([1.0, 2]))".into(), 0.0),
        ("([x for x < 0], 1) == ([x for x < 0], 1)".into(), 1.0),
    ] {
        assert_eq!(value(program, &expr), [want], "{expr}");
    }
    // Arrays are compared element by element.
    assert_eq!(value("", "[1, 2] == [1, 3]"), [1.0, 0.0]);
    for (expr, code, place) in [
        ("(1, 2) == (1, 2, 3)", "E0302", "(1, 2) == (1, 2, 3)"),
        ("{a: 1} == {b: 1}", "E0302", "{a: 1} == {b: 1}"),
        ("{a: 1} == (1, 2)", "E0302", "{a: 1} == (1, 2)"),
        (
            "([1.0], 1) == ([1.0, 2], 1)",
            "E0310",
            "([1.0], 1) == ([1.0, 2], 1)",
        ),
        ("(1.0, id) == (1.0, id)", "E0302", "(1.0, id) == (1.0, id)"),
    ] {
        said(&refused("", expr), code, place, "");
    }
    let why = errors("fn f[P: Space[Real], Q: Space[Real]](p: P, q: Q) -> Bool = p == q");
    said(&why, "E0302", "p == q", "these do not go together");
    let why = errors("fn f[P: Space[Real]](p: P, q: P) -> Bool = p == q");
    said(&why, "E0314", "p == q", "`equal(p, q)` is one `Bool`");
    let why = errors("fn f[P: Space[Real]](p: P, q: P) -> Bool = equal(p, sum)");
    said(&why, "E0302", "equal(p, sum)", "these do not go together");
}
