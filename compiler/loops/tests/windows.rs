//! Reads at indices that are known not to leave their axis have no check, and windows are never written out.

mod cases;

use lentil_loops::syntax::{Program, Step, Stmt};
use lentil_loops::{Options, check::check, eval::eval, lower, print::print};
use lentil_unary::{Builder, Carrier, Prim, Site, Type, eval as unary};

fn checks(steps: &[Step]) -> usize {
    fn in_stmts(stmts: &[Stmt]) -> usize {
        let of = |s: &Stmt| match s {
            Stmt::Check { .. } => 1,
            Stmt::For(_, body) => in_stmts(body),
            Stmt::Let(..) | Stmt::Cell(..) | Stmt::Set(..) | Stmt::Store(..) => 0,
        };
        stmts.iter().map(of).sum()
    }
    let of = |s: &Step| match s {
        Step::Nest(nest) => in_stmts(&nest.body),
        Step::Loop { body, .. } => checks(body),
        Step::Cond {
            then, otherwise, ..
        } => checks(then) + checks(otherwise),
        Step::Gemm(_)
        | Step::Random(_)
        | Step::Sort(_)
        | Step::Map(_)
        | Step::Linalg(_)
        | Step::Show { .. }
        | Step::Call { .. } => 0,
    };
    steps.iter().map(of).sum()
}

fn all_checks(program: &Program) -> usize {
    program.functions.iter().map(|f| checks(&f.body)).sum()
}

#[test]
fn programs_agree_and_have_the_checks_that_they_need() {
    for (case, left) in cases::windows::programs() {
        for exact in [true, false] {
            let options = Options {
                exact,
                ..Options::default()
            };
            let program = lower(&case.region, &options).unwrap();
            let text = print(&program);
            check(&program).unwrap_or_else(|why| panic!("{}: {why}\n{text}", case.name));
            assert_eq!(all_checks(&program), left, "{}\n{text}", case.name);
            let expected = unary::eval(&case.region, &case.args);
            let found = eval(&program, &case.args);
            let agree = match (&expected, &found) {
                (Ok(x), Ok(y)) if !exact => x.iter().zip(y).all(|(x, y)| {
                    let near = |(x, y): (&f64, &f64)| (x - y).abs() <= 1e-12 * (1.0 + x.abs());
                    x.to_f64().iter().zip(&y.to_f64()).all(near)
                }),
                _ => cases::same(&found, &expected),
            };
            assert!(agree, "{}\n{expected:?}\n{found:?}\n{text}", case.name);
        }
    }
}

/// A convolution reads its argument where it lies: nothing but the result is written.
#[test]
fn a_window_takes_no_memory() {
    let real = |shape: &[usize]| Type::array(Carrier::F32, shape);
    let mut b = Builder::new(vec![real(&[100]), real(&[9, 16])]);
    let (x, w) = (b.param(0), b.param(1));
    let [i, k] = [(92, 0), (9, 1)].map(|(n, axis)| {
        let numbers = b.prim(Prim::Iota(n), &[]);
        b.broadcast(numbers, &[92, 9], &[axis])
    });
    let at = b.add(i, k);
    let site = Site(1);
    let windows = b.prim(Prim::Gather { axes: 1, site }, &[x, at]);
    let y = b.contract(windows, w, &[], &[(1, 0)]);
    let region = b.finish(vec![y]);
    let program = lower(&region, &Options::default()).unwrap();
    assert_eq!(program.entry().frame, 0, "{}", print(&program));
    assert!(matches!(program.entry().body[..], [Step::Gemm(_)]));
}
