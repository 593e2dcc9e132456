//! What conditions and loops say of sizes, and layers of which the number is a size.

mod common;
use common::{errors, load, said, value};

const PROGRAM: &str = "
    fn first_two[n](x: Real[n]) -> Real = if n >= 2 then sum(x[0..2]) else 0
    fn not_few[n](x: Real[n]) -> Real = if not (n < 2) then sum(x[2..n]) else 7
    fn either[n](x: Real[n]) -> Real = if n < 2 or x[0] > 0 then 0 else sum(x[1..n])
    fn turned[n](x: Real[n]) -> Real[n] =
      if n >= 2 and x[0] > 0 then concat(x[1..n], x[0..1]) else x
    fn square[n, m](x: Real[n, m]) -> Real = if n == m then sum(x @ x) else -1
    fn inside[n](x: Real[n]) -> Real =
      if n > 0 then (if n > 1 then sum(x[1..]) else x[0]) else -1
    fn next[n](x: Real[n]) -> Real[n] = [ x[(i + 1) % n] for i < n ]
    fn starts[n](x: Real[n]) -> Real = sum(sum(x[0..n - 1]) for i < n)";

#[test]
fn an_arm_knows_what_its_condition_says_of_sizes() {
    let at = |e: &str| value(PROGRAM, e);
    assert_eq!(at("first_two([1.0, 2, 4])"), [3.0]);
    assert_eq!(at("first_two([1.0])"), [0.0]);
    assert_eq!(at("not_few([1.0, 2, 4])"), [4.0]);
    assert_eq!(at("not_few(Real([]))"), [7.0]);
    assert_eq!(at("either([1.0])"), [0.0]);
    assert_eq!(at("either([-1.0, 2])"), [2.0]);
    assert_eq!(at("turned([1.0, 2])"), [2.0, 1.0]);
    assert_eq!(at("turned([-1.0, 2])"), [-1.0, 2.0]);
    assert_eq!(at("turned([1.0])"), [1.0]);
    assert_eq!(at("square([[1.0, 1], [0, 1]])"), [4.0]);
    assert_eq!(at("square([[1.0, 1]])"), [-1.0]);
    let inside = |x: &str| at(&format!("inside({x})"));
    assert_eq!(
        [inside("[3.0, 1]"), inside("[3.0]"), inside("Real([])")],
        [[1.0], [3.0], [-1.0]]
    );
}

#[test]
fn what_is_not_said_is_not_known() {
    let why = errors("fn f[n](x: Real[n]) -> Real = if n >= 2 then 0 else sum(x[0..2])");
    said(&why, "E0316", "0..2", "`0..2` of an axis of size `n`");
    let why =
        errors("fn f[n](x: Real[n]) -> Real = if n >= 2 or x[0] > 0 then sum(x[0..2]) else 0");
    said(&why, "E0316", "0..2", "`0..2` of an axis of size `n`");
    // Outside of the condition it is not known either.
    let why = errors("fn f[n](x: Real[n]) = if n >= 1 then x[0..n - 1] else x[0..n - 1]");
    said(&why, "E0316", "0..n - 1", "of an axis of size `n`");
    let why = errors("fn f[n](x: Real[n]) = [ x[0..n - 1] for i < n ]");
    said(
        &why,
        "E0504",
        "[ x[0..n - 1] for i < n ]",
        "sizes are natural numbers",
    );
    // A quotient is exact in a condition, and rounded down in a size.
    let why = errors("fn f[n](x: Real[n]) -> Real = if n / 2 >= 1 then sum(x[0..2]) else 0");
    said(&why, "E0316", "0..2", "`0..2` of an axis of size `n`");
}

#[test]
fn the_body_of_a_loop_knows_that_there_is_something_to_run_over() {
    assert_eq!(value(PROGRAM, "next([1.0, 2, 4])"), [2.0, 4.0, 1.0]);
    assert!(value(PROGRAM, "next(Real([]))").is_empty());
    assert_eq!(value(PROGRAM, "starts([1.0, 2])"), [2.0]);
    assert_eq!(value(PROGRAM, "starts(Real([]))"), [0.0]);
    let slope = value(
        PROGRAM,
        "grad(fn(x) => sum([1.0, 2, 4] * next(x)))([0.0, 0, 0])",
    );
    assert_eq!(slope, [4.0, 1.0, 2.0]);
}

#[test]
fn long_chains_of_conditions_are_followed() {
    let names: Vec<char> = ('a'..='z').collect();
    let list = |f: &dyn Fn(usize) -> String, n: usize| (0..n).map(f).collect::<Vec<_>>().join(", ");
    let statics = list(&|k| names[k].to_string(), 26);
    let params = list(&|k| format!("x{0}: Real[{0}]", names[k]), 26);
    let wheres = list(&|k| format!("{} >= {}", names[k], names[k + 1]), 25);
    load(&format!(
        "fn f[{statics}]({params}) -> Real where {wheres} = sum(xa[0..z])"
    ));
}

const LAYERS: &str = "
    import nn.{batch_norm, dense, relu, residual}
    model tower[k, n](; x: Real[n]) -> Real[n] {
      use body = repeat[k](dense[n, n] >> relu)
      body(x)
    }
    model tied_up[k, n](use f: Real[n] -> Real[n]; x: Real[n]) -> Real[n] = tied[k](f)(x)
    model stack[k, n] = dense[n, n] >> repeat[k](residual(dense[n, n]))
    model shown = tower[2, 3] >> tower[0, 3] >> stack[2, 3]
    fn doubled[k](x: Real) -> Real = repeat[k](fn(x) => 2 * x)(x)";

#[test]
fn the_number_of_layers_may_be_a_size() {
    let at = |e: &str| value(LAYERS, e);
    assert_eq!(at("doubled[5](1)"), [32.0]);
    assert_eq!(at("doubled[0](1)"), [1.0]);
    assert_eq!(at("tower[0, 2](; [1, -2])"), [1.0, -2.0]);
    assert_eq!(
        at("tower[1, 2]([[1, 0], [0, 1]], [0, 1]; [1, -2])"),
        [1.0, 0.0]
    );
    let one = "{ dense: { w: [[1, 0], [0, 1]], b: [1, 1] } }";
    let two = format!("tower[2, 2]({{ body: {{ layer: {one}, layer_2: {one} }} }}; [1, 2])");
    assert_eq!(at(&two), [3.0, 4.0]);
    assert_eq!(at("tied_up[3](fn(x) => 2 * x)([1.0, 2])"), [8.0, 16.0]);
    assert_eq!(at("(repeat[0](dense[2, 3]))([1.0, 2])"), [1.0, 2.0]);
    // One set of parameters, whether anything is made with it or not.
    assert_eq!(at("tied[0](dense[2, 2])(ones, ones; [1.0, 2])"), [1.0, 2.0]);
}

#[test]
fn layers_of_an_open_number_keep_their_type() {
    let program = |layers: &str| {
        format!(
            "import nn.{{batch_norm, dense}}
             model m[k, n, b](; x: Real[b, n]) {{
               use f = {layers}
               f(x)
             }}"
        )
    };
    let why = errors(&program("repeat[k](each(dense[n, n + 1]))"));
    said(
        &why,
        "E0302",
        "f(x)",
        "`Real[b, n]` goes in, `Real[b, n + 1]` comes out",
    );
    let why = errors(&program("tied[k](batch_norm[n])"));
    said(&why, "E0444", "f(x)", "second time");
    load(&program("repeat[k](batch_norm[n])"));
}

#[test]
fn parameters_of_a_submodel_have_their_names() {
    let program = "
        import nn.{dense, relu}
        model autoencoder[n, h](; x: Real[n]) -> Real[n] {
          use code = inner: dense[n, h] >> relu
          transpose(code.inner.w) @ code(x)
        }";
    let at = "autoencoder[2, 1]({ code: { inner: { w: [[1, 2]], b: [1] } } }; [3, 4])";
    assert_eq!(value(program, at), [12.0, 24.0]);
    let slope = "grad(fn(w) => sum(autoencoder[2, 1]({ code: { inner: { w: w, b: [1] } } }; [3, 4])))([[1, 2]])";
    // y = sum(w) * (w · x + 1): w · x + 1 + sum(w) * x.
    assert_eq!(value(program, slope), [12.0 + 9.0, 12.0 + 12.0]);
    let why = errors(&program.replace("inner.w)", "inner.v)"));
    said(&why, "E0326", "v", "there is no field `v`");
}
