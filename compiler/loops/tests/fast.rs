//! Programs whose results need not be exact: kernels for whole arrays take functions out of nests,
//! and what is computed stays the same but for the order of sums.

mod cases;

use lentil_loops::syntax::Step;
use lentil_loops::{Options, check::check, eval::eval, lower};
use lentil_unary::{Array, Builder, Carrier, Fold, Region, Type, UnaryOp, eval as unary, generate};

fn agrees(name: &str, region: &Region, args: &[Array]) -> Vec<Step> {
    let program = lower(region, &Options::default()).unwrap();
    let text = || lentil_loops::print::print(&program);
    check(&program).unwrap_or_else(|why| panic!("{name}: {why}\n{}", text()));
    match (unary::eval(region, args), eval(&program, args)) {
        (Ok(expected), Ok(found)) => {
            for (x, y) in expected.iter().zip(&found) {
                let near = |(x, y): (&f64, &f64)| {
                    x == y || (x.is_nan() && y.is_nan()) || (x - y).abs() <= 1e-9 * (1.0 + x.abs())
                };
                assert!(
                    x.to_f64().iter().zip(&y.to_f64()).all(near),
                    "{name}\n{}",
                    text()
                );
            }
        }
        (expected, found) => assert_eq!(expected, found, "{name}\n{}", text()),
    }
    program.entry().body.clone()
}

fn maps(steps: &[Step]) -> usize {
    let of = |s: &Step| match s {
        Step::Map(_) => 1,
        Step::Loop { body, .. } => maps(body),
        Step::Cond {
            then, otherwise, ..
        } => maps(then) + maps(otherwise),
        Step::Nest(_)
        | Step::Gemm(_)
        | Step::Random(_)
        | Step::Sort(_)
        | Step::Linalg(_)
        | Step::Show { .. }
        | Step::Call { .. } => 0,
    };
    steps.iter().map(of).sum()
}

#[test]
fn generated_programs_agree_but_for_rounding() {
    for seed in 0..150 {
        let region = generate::generate(seed, &generate::Options::over(Carrier::F64));
        let args = generate::arguments(seed, &region);
        agrees(&format!("seed {seed}"), &region, &args);
    }
}

#[test]
fn functions_leave_nests_of_any_size() {
    // Rows that are summed, columns that are summed, and what is both read and overwritten.
    for shape in [[2, 3], [600, 7], [3, 5_000], [1, 2_049], [5_000, 1]] {
        let ty = Type::array(Carrier::F64, shape);
        let mut b = Builder::new(vec![ty.clone()]);
        let x = b.param(0);
        let totals = b.reduce(Fold::LogSumExp, x, &[1]);
        let totals = b.broadcast(totals, &shape, &[0]);
        let logs = b.sub(x, totals);
        let p = b.unary(UnaryOp::Exp, logs);
        let t = b.unary(UnaryOp::Tanh, p);
        let turned = b.mul(t, logs);
        let columns = b.sum(turned, &[0]);
        let rows = b.sum(t, &[1]);
        let region = b.finish(vec![p, columns, rows]);
        let values: Vec<f64> = (0..ty.len()).map(|k| (k % 13) as f64 - 6.0).collect();
        let steps = agrees(
            &format!("{shape:?}"),
            &region,
            &[Array::from_f64(ty, &values)],
        );
        assert!(maps(&steps) >= 3, "{shape:?}: {} kernels", maps(&steps));
    }
}
