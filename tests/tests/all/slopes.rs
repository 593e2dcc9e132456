//! What derivatives cost that are expressions: operations are counted, not timed.

use lentil::Program;
use lentil_tests::files::text;
use lentil_unary::dice::Dice;
use lentil_unary::eval::{Counts, eval_counted};
use lentil_unary::{Carrier, Op, Region};

const NETS: &str = "
fn net[n](w: Real[n, n], x: Real[n]) -> Real[n] = tanh(w @ sin(w @ x))
fn long[n, k](x: Real[n]) -> Real[n] = iterate[k](x, fn(y) => sin(y) * y)
fn loss[n](x: Real[n]) -> Real = sum(exp(sin(x)) * x)
fn steps[n, k](x: Real[n]) -> Real = sum(iterate[k](x, fn(y) => sin(y) * y))
";

fn program() -> Program {
    Program::from_source(NETS).unwrap_or_else(|why| panic!("{why}"))
}

/// An expression with its derivatives resolved.
fn resolved(program: &Program, what: &str) -> Region {
    let draft = program
        .draft(what)
        .unwrap_or_else(|why| panic!("{what}: {why}"));
    program.stages(&draft).reverse
}

fn counts(region: &Region) -> Counts {
    let args = Dice::new(5).arrays(region.params());
    let run = eval_counted(region, &args);
    run.expect("no index out of range").1
}

fn ratio(program: &Program, derivative: &str, of: &str) -> f64 {
    let (d, f) = (
        counts(&resolved(program, derivative)),
        counts(&resolved(program, of)),
    );
    d.total() as f64 / f.total() as f64
}

/// What goes forwards saves nothing and runs once: the cost is a constant times the program's, whatever
/// its sizes and the length of its loops. A product of two values that both vary costs three operations
/// more, and a sine two; matrix products cost themselves again.
#[test]
fn forwards_costs_what_forwards_costs() {
    let program = program();
    for n in [4, 16, 64] {
        let own = format!("net[{n}]");
        let push = format!(
            "fn(w: Real[{n}, {n}], x: Real[{n}], dx: Real[{n}]) => fwd(fn(x) => net(w, x))(x, dx)"
        );
        let ratio = ratio(&program, &push, &own);
        assert!(ratio < 2.6, "net of {n}: {ratio}");
    }
    for (n, k) in [(4, 2), (4, 64), (64, 8)] {
        let own = format!("long[{n}, {k}]");
        let push = format!("fn(x: Real[{n}], dx: Real[{n}]) => fwd(long[{n}, {k}])(x, dx)");
        // `sin(y) * y`: two operations, and five more for its tangent.
        let ratio = ratio(&program, &push, &own);
        assert!((ratio - 3.5).abs() < 0.01, "{k} steps over {n}: {ratio}");
    }
}

/// The Hessian times a vector costs a constant times the gradient: it makes no matrix.
#[test]
fn a_hessian_times_a_vector_costs_a_few_gradients() {
    let program = program();
    for (f, n) in [
        ("loss[8]", 8),
        ("loss[128]", 128),
        ("steps[8, 4]", 8),
        ("steps[8, 64]", 8),
    ] {
        let gradient = format!("fn(x: Real[{n}]) => grad({f})(x)");
        let product = format!("fn(x: Real[{n}], v: Real[{n}]) => hvp({f})(x, v)");
        let ratio = ratio(&program, &product, &gradient);
        assert!(ratio < 3.5, "{f}: {ratio}");
    }
}

/// A checkpoint keeps its arguments only, and computes its map once more, no more.
#[test]
fn a_checkpoint_keeps_its_arguments() {
    let program = program();
    let bytes = |f: &str| {
        let draft = program.draft(f).unwrap_or_else(|why| panic!("{why}"));
        let core = program.stages(&draft).core;
        let saved = lentil_reverse::residuals(&core, &[true]);
        saved.iter().map(|s| s.bytes).sum::<usize>()
    };
    let plain = bytes("fn(x: Real[8]) => sum(sin(long[8, 32](x)))");
    let kept = bytes("fn(x: Real[8]) => sum(sin(checkpoint(long[8, 32])(x)))");
    let word = Carrier::F32.bytes();
    assert!(plain >= 32 * 8 * word, "{plain} bytes without a checkpoint");
    assert!(kept <= 8 * word, "{kept} bytes with one");

    let own = counts(&resolved(
        &program,
        "fn(x: Real[8]) => sum(sin(long[8, 32](x)))",
    ));
    let cost = |f: &str| {
        let what = format!("fn(x: Real[8]) => grad(fn(x) => sum(sin({f}(x))))(x)");
        counts(&resolved(&program, &what)).total()
    };
    let more = cost("checkpoint(long[8, 32])") as f64 - cost("long[8, 32]") as f64;
    let ratio = more / own.total() as f64;
    assert!(ratio < 1.05, "{ratio} times the map is computed again");
}

/// A Jacobian is a batch of rows or of columns, not a loop over them: the optimiser sees products of
/// matrices.
#[test]
fn a_jacobian_is_made_of_matrix_products() {
    fn loops(region: &Region) -> usize {
        let inner = |op: &Op| match op {
            Op::Loop(l) => 1 + loops(&l.body),
            Op::Cond { then, otherwise } => loops(then) + loops(otherwise),
            Op::Call(f) => loops(&f.region),
            Op::Prim(_) | Op::Reverse(_) | Op::Forward(_) | Op::Lens(_) => 0,
        };
        region.steps().iter().map(|s| inner(&s.op)).sum()
    }
    let program = program();
    for (rows, columns) in [(3, 16), (16, 3)] {
        let what = format!(
            "fn(a: Real[{rows}, {columns}], x: Real[{columns}]) => jacobian(fn(x) => tanh(a @ x))(x)"
        );
        let draft = program.draft(&what).unwrap_or_else(|why| panic!("{why}"));
        let stages = program.stages(&draft);
        assert_eq!(loops(&stages.optimised), 0, "{}", stages.optimised);
        // Each entry is one of the matrix, times a slope.
        let work = counts(&stages.optimised).total();
        let entries = (rows * columns) as u64;
        assert!(
            work < 2 * entries * rows.min(columns) as u64 + 20 * entries,
            "{work} operations"
        );
    }
}

/// What lenses say, composed: R of a composite is the composite of the backward halves, exactly over rings.
#[test]
fn backward_halves_compose() {
    let text = text("tests/run/lenses.lentil");
    let program = Program::from_source(&text).unwrap_or_else(|why| panic!("{why}"));
    for carrier in ["Bit", "Mod[7]"] {
        let left = format!(
            "fn(x: {carrier}[2], d: {carrier}[2]) => rev((fn(x) => x * x) >> doubling >> (fn(x) => x * x + x))(x, d)"
        );
        let right = format!(
            "fn(x: {carrier}[2], d: {carrier}[2]) => {{
  let back = rev(fn(x) => x * x + x)(x * x, d)
  rev(fn(x) => x * x)(x, rev(doubling)(x * x, back))
}}"
        );
        let (left, right) = (resolved(&program, &left), resolved(&program, &right));
        let mut dice = Dice::new(9);
        for _ in 0..40 {
            let args = dice.arrays(left.params());
            let value = |r: &Region| eval_counted(r, &args).expect("no index out of range").0;
            assert_eq!(value(&left), value(&right), "over {carrier}");
        }
    }
}
