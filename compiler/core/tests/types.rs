//! Names for types: what they stand for, where they stand, and what is refused.

mod common;
use common::{Files, errors, load, lowered, refused, said, told, value};
use lentil_core::Program;

const POSES: &str = "
    /// A place and a turn.
    type Pose[n] = {at: Real[n], turn: Real[3]}
    type Pair[K: Ring] = (K, K)
    type Vec3 = Real[3]
    type Pixel = Mod[256]
    type Grid[K: Ring, n, m] = K[n, m]
    type Step[n] = (Real[n], Real) -> Real[n]
    type Moment[P: Space[Real]] = {mean: P, spread: P}
    type Path[n] = Pose[n + 1]
";

#[test]
fn a_name_is_what_it_stands_for() {
    let program = format!(
        "{POSES}
        fn moved[n](p: Pose[n], by: Real[n]) -> Pose[n] = {{at: p.at + by, turn: p.turn}}
        fn plain(p: {{at: Real[2], turn: Real[3]}}) -> Real = sum(p.at)
        fn named(p: Pose[2]) -> Real = plain(p) + plain(moved(p, [1, 1]))
        fn swapped[K: Ring](p: Pair[K]) -> Pair[K] = {{ let (a, b) = p; (b, a) }}
        fn long[n](x: Path[n]) -> Real[n] = x.at[1..]"
    );
    let pose = "{at: [1.0, 2], turn: [0, 0, 0]}";
    assert_eq!(value(&program, &format!("named({pose})")), [8.0]);
    assert_eq!(
        value(&program, &format!("moved({pose}, [1, 1]).at")),
        [2.0, 3.0]
    );
    assert_eq!(value(&program, "swapped((1.0, 2.0))"), [2.0, 1.0]);
    assert_eq!(value(&program, "swapped((Bit(1), Bit(0)))"), [0.0, 1.0]);
    assert_eq!(value(&program, &format!("long({pose})")), [2.0]);
    // Fields in the type's order, whatever order they are written in.
    assert_eq!(
        value(&program, "plain({turn: [0, 0, 0], at: [1, 2]})"),
        [3.0]
    );
}

#[test]
fn sizes_and_carriers_are_inferred_through_names() {
    let program = format!(
        "{POSES}
        fn dim[n](p: Pose[n]) -> Real = n
        fn rows[K: Ring, n, m](g: Grid[K, n, m]) -> K[n] = [ sum(g[i, j] for j) for i ]
        fn points[n](x: Vec3[n]) -> Real[n] = [ norm(x[i]) for i ]
        fn centre[P: Space[Real]](m: Moment[P]) -> P = m.mean - m.spread
        fn run[n](f: Step[n], x: Real[n]) -> Real[n] = f(x, 2)
        fn less[n](p: Path[n]) -> Real = n"
    );
    assert_eq!(
        value(&program, "dim({at: [1.0, 2, 3], turn: [0, 0, 0]})"),
        [3.0]
    );
    assert_eq!(
        value(&program, "less({at: [1.0, 2, 3], turn: [0, 0, 0]})"),
        [2.0]
    );
    assert_eq!(value(&program, "rows([[1.0, 2], [3, 4]])"), [3.0, 7.0]);
    assert_eq!(value(&program, "rows([[Bit(1), 1], [1, 0]])"), [0.0, 1.0]);
    assert_eq!(
        value(&program, "points([[3.0, 4, 0], [0, 0, 1]])"),
        [5.0, 1.0]
    );
    assert_eq!(value(&program, "points([[3, 4, 0]])"), [5.0]);
    assert_eq!(
        value(
            &program,
            "centre({mean: {w: [3.0, 4]}, spread: {w: [1.0, 1]}})"
        ),
        [2.0, 3.0]
    );
    assert_eq!(
        value(&program, "run(fn(x, t) => t * x, [1.0, 2])"),
        [2.0, 4.0]
    );
    let why = refused(&program, "points([1.0, 2])");
    said(&why, "E0302", "[1.0, 2]", "an array of 2 numbers");
    let why = refused(&program, "points(1.0)");
    said(&why, "E0337", "points(1.0)", "no argument determines it");
}

#[test]
fn names_stand_wherever_types_do() {
    let program = format!(
        "{POSES}
        import nn.dense
        model shift[n](by: Pose[n] ~ zeros; p: Pose[n]) -> Pose[n] = p + by
        model around[n](use f: Step[n]; x: Real[n]) -> Real[n] = f(x, 1)
        lens half(; p: Pair[Real]) -> Pair[Real] {{
          get     = p
          put(a, b) = (a, b)
        }}
        optimizer still[P: Space[Real]](by: Vec3; p: P) {{
          state m: Moment[P] ~ zeros
          get     = p
          put(dp) = {{m: m, p: p - sum(by) * dp}}
        }}
        fn graded(p: Pixel) -> Pixel = 2 * p
        fn layer(x: Pixel[2]) -> Pixel = sum(x)
        fn with_lambda(x: Vec3) -> Real = (fn(y: Vec3) => sum(y))(x)
        test \"a law of poses\" {{ true }}
        law \"shifting by nothing\" [n] (p: Pose[n], q: Pair[Pixel]) where n <= 3 {{
          shift[n]({{by: {{at: zeros, turn: zeros}}}}; p).at == p.at
        }}"
    );
    load(&program);
    assert_eq!(value(&program, "graded(200)"), [144.0]);
    assert_eq!(value(&program, "layer([200, 100])"), [44.0]);
    assert_eq!(value(&program, "graded([200, 3])"), [144.0, 6.0]);
    assert_eq!(value(&program, "Pixel(300)"), [44.0]);
    assert_eq!(value(&program, "one_hot[Pixel, 3](1)"), [0.0, 1.0, 0.0]);
    assert_eq!(value(&program, "with_lambda([1, 2, 3])"), [6.0]);
    let of = "around(fn(x, t) => x + t)([1.0, 2])";
    assert_eq!(value(&program, of), [2.0, 3.0]);
    let dense = lowered(&program, "dense[Pixel, 2, 3]");
    let types: Vec<String> = dense.params.iter().map(|p| p.ty.to_string()).collect();
    assert_eq!(types, ["Mod[256][3, 2]", "Mod[256][3]", "Mod[256][2]"]);
}

#[test]
fn names_are_imported_unless_they_are_local() {
    let files = [(
        "a.lentil",
        "local type Inner = Real[2]
         type Outer[n] = {x: Inner, y: Real[n]}
         fn f(o: Outer[1]) -> Real = sum(o.x) + sum(o.y)",
    )];
    let with = |text: &str| {
        let (program, diagnostics) = Program::load("test", text, &Files(&files));
        told(program.sources(), &diagnostics)
    };
    // `Inner` is what it is in its own file, whatever that name means here.
    let fine = "import ./a.{Outer, f}
         type Inner = Bit
         fn g(o: Outer[1], b: Inner) -> Real = f(o)";
    assert_eq!(with(fine), "");
    said(
        &with("import ./a.{Inner}"),
        "E0204",
        "Inner",
        "cannot be imported",
    );
    let why = with("import ./a.{Outr}\nfn g(o: Outr[1], p: Oute) -> Real = 1");
    said(&why, "E0205", "Outr", "not found (did you mean `Outer`?)");
    said(&why, "E0301", "Oute", "not found");
    assert_eq!(why.lines().count(), 2, "{why}");
}

#[test]
fn what_has_no_end_is_refused_once() {
    let why = errors(
        "type Tree = {value: Real, children: (Tree, Tree)}
         type A = (B, Real)
         type B = A[3]
         type C = Moment[C]
         type Moment[P: Space[Real]] = (P, P)
         fn f(t: Tree, a: A, b: B[2], c: C) -> Tree = t",
    );
    said(&why, "E0207", "Tree", "`Tree` is defined by itself");
    said(&why, "E0207", "B", "types are made of numbers");
    said(&why, "E0207", "C", "`C` is defined by itself");
    assert_eq!(why.lines().count(), 3, "{why}");
}

#[test]
fn brackets_fit() {
    let with = |text: &str| errors(&format!("{POSES}\n{text}"));
    let why = with("fn f(p: Pose[2, 3]) -> Real = 1");
    said(&why, "E0335", "Pose", "`[n]` is wanted");
    let why = with("fn f(p: Pose) -> Real = 1");
    said(&why, "E0337", "Pose", "the value of `n` is not known here");
    let why = with("fn f(p: Pose[Bit]) -> Real = 1");
    said(&why, "E0335", "Pose", "`[n]` is wanted");
    let why = with("fn f(p: Pose[2][3]) -> Real = 1");
    said(&why, "E0324", "Pose", "{at: Real[2], turn: Real[3]}");
    let why = with("fn f(p: Pair[Int]) -> Real = 1");
    said(&why, "E0336", "Pair", "`Int` is not a `Ring`");
    let why = with("fn f(p: Moment[Int[3]]) -> Real = 1");
    said(
        &why,
        "E0336",
        "Moment",
        "`Int` is not in a space over `Real`",
    );
    let why = with("fn f(p: Pose[m]) -> Real = 1");
    said(&why, "E0303", "m", "there is no size `m`");
    let why = with("fn f(k: Key[3]) -> Real = 1");
    said(&why, "E0324", "Key", "an array holds numbers");
    let why = with("fn f(k: Vec3[2][2]) -> Real = 1");
    said(&why, "E0301", "2", "too many brackets");
    let why = with("fn f(x: Real) -> Real = Pose[2](x)");
    said(
        &why,
        "E0331",
        "Pose[2](x)",
        "the type `{at: Real[2], turn: Real[3]}`",
    );
    // Of a carrier that is left out, the reals.
    assert_eq!(
        with("fn f(p: Pair) -> Real = { let (a, b) = p; a + b }"),
        ""
    );
    let space = "fn f(p: Moment[{w: Real[2], b: Real}]) -> Real = p.mean.b";
    assert_eq!(with(space), "");
}

#[test]
fn what_a_name_stands_for_is_checked_once_for_all_sizes() {
    let why = errors(
        "type T[n] = {x: Float[n], y: Real[k]}
         type U = T[3]
         type Clock[n] = Mod[n]
         type Less = Real[2 - 3]
         type Twice[n, n] = Real[n]
         fn f(t: T[3], u: U) -> Real = 1
         fn g(x: sin, y: f) -> Real = 1
         fn h[U](x: Real[U]) -> Real[U] = x",
    );
    said(&why, "E0301", "Float", "there is no type `Float`");
    said(&why, "E0303", "k", "there is no size `k`");
    said(&why, "E0304", "Mod", "is not a ring");
    said(&why, "E0504", "Real[2 - 3]", "is negative");
    said(&why, "E0208", "n", "`n` is declared twice");
    said(&why, "E0301", "sin", "there is no type `sin`");
    said(&why, "E0301", "f", "`f` is not a type");
    assert_eq!(why.lines().count(), 7, "{why}");
}

#[test]
fn what_the_language_calls_its_own_keeps_its_name() {
    let why = errors("type Real = Bit\ntype Key = Real\ntype Ring = Real\ntype sum = Real");
    for name in ["Real", "Key", "Ring"] {
        said(&why, "E0209", name, "has a meaning already");
    }
    assert_eq!(why.lines().count(), 3, "{why}");
    let why = errors("type Two = Real[2]\nfn Two(x: Real) -> Real = x");
    said(&why, "E0203", "Two", "`Two` is defined twice");
}

#[test]
fn what_is_given_may_be_too_much() {
    let why = errors(
        "type Square[n] = Real[n, n]
         fn f(x: Square[1000000]) -> Real = 1
         fn g[n](x: Square[n - 2]) -> Square[n - 2] = x
         fn h[n](x: Real[n]) -> Square[n - 2] = zeros",
    );
    said(&why, "E0503", "Real", "would not fit in memory");
    said(&why, "E0504", "Square[n - 2]", "might be negative");
    assert_eq!(why.lines().count(), 2, "{why}");
    // Names that double what they name, and names of names without end.
    let doubled = (1..60).map(|i| format!("type T{i} = (T{0}, T{0})\n", i - 1));
    let doubled = "type T0 = Real\n".to_string() + &doubled.collect::<String>();
    let why = errors(&doubled);
    assert!(why.starts_with("E0502"), "{why}");
    let chain = |n: usize| {
        let links = (1..n).map(|i| format!("type C{i} = C{}\n", i - 1));
        let last = format!("fn f(x: C{}) -> Real = x", n - 1);
        "type C0 = Real\n".to_string() + &links.collect::<String>() + &last
    };
    assert_eq!(errors(&chain(3000)), "");
    let wide: String = (0..2000)
        .map(|i| format!("type W{i} = Real[{i}]\n"))
        .collect();
    assert_eq!(errors(&wide), "");
}

#[test]
fn types_in_brackets_are_parameter_spaces() {
    let program = "
        type Weights = {w: Real[2], b: Real}
        fn zero[P: Space[Real]]() -> P = zeros
        fn squared[P: Space[Real]](p: P) -> Real = dot(p, p)";
    assert_eq!(value(program, "zero[Weights]()"), [0.0, 0.0, 0.0]);
    assert_eq!(value(program, "zero[Real[2]]()"), [0.0, 0.0]);
    assert_eq!(value(program, "zero[Real]()"), [0.0]);
    assert_eq!(
        value(program, "squared[Weights]({w: [1, 2], b: 3})"),
        [14.0]
    );
    let why = refused(program, "zero[Int[2]]()");
    said(&why, "E0336", "zero[Int[2]]()", "is not in a space");
}
