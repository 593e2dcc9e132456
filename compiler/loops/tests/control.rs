//! Loops, conditionals and calls mean in loop form what they mean in unary form, and the plan of the
//! buffers holds what it promises.

mod cases;

use lentil_loops::syntax::{Affine, Expr, Place, Program, Step, Stmt};
use lentil_loops::{Options, Refusal, check::check, eval::eval, lower};
use lentil_unary::{Builder, Carrier, CompareOp, Type, UnaryOp, eval as unary};

fn exact() -> Options {
    Options {
        exact: true,
        ..Options::default()
    }
}

#[test]
fn programs_agree_with_unary_form() {
    for case in cases::control::programs() {
        let program = lower(&case.region, &exact()).unwrap();
        let text = lentil_loops::print::print(&program);
        check(&program).unwrap_or_else(|why| panic!("{}: {why}\n{text}", case.name));
        let expected = unary::eval(&case.region, &case.args);
        let found = eval(&program, &case.args);
        assert!(
            cases::same(&found, &expected),
            "{}\n{expected:?}\n{found:?}\n{text}",
            case.name
        );
    }
}

/// How many elements all nests of some steps write, each loop taken as often as it runs.
fn writes(steps: &[Step]) -> usize {
    fn in_stmts(stmts: &[Stmt]) -> usize {
        let of = |s: &Stmt| match s {
            Stmt::Store(..) => 1,
            Stmt::For(count, body) => count.n * in_stmts(body),
            Stmt::Let(..) | Stmt::Cell(..) | Stmt::Set(..) | Stmt::Check { .. } => 0,
        };
        stmts.iter().map(of).sum()
    }
    let of = |s: &Step| match s {
        Step::Nest(nest) => in_stmts(&nest.body),
        Step::Loop { count, body, .. } => count.n * writes(body),
        Step::Cond {
            then, otherwise, ..
        } => writes(then) + writes(otherwise),
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

#[test]
fn an_accumulator_is_never_copied() {
    // 10 · 10 additions to an accumulator of 1000: filled once, and every addition and index is one write.
    let case = cases::control::accumulate(10, 1000);
    let program = lower(&case.region, &exact()).unwrap();
    let written = writes(&program.entry().body);
    assert!(written <= 1000 + 2 * 100, "{written} elements are written");
}

#[test]
fn a_state_is_updated_in_place() {
    let ty = Type::array(Carrier::F32, [100]);
    let mut body = Builder::new(vec![Type::scalar(Carrier::Int), ty.clone()]);
    let x = body.param(1);
    let y = body.unary(UnaryOp::Tanh, x);
    let next = body.add(x, y);
    let body = body.finish(vec![next]);
    let mut b = Builder::new(vec![ty]);
    let x = b.param(0);
    let results = b.for_loop(1000, false, &[], &[], &[x], body);
    let program = lower(&b.finish(results), &exact()).unwrap();
    assert_eq!(program.entry().frame, 0);
    assert_eq!(writes(&program.entry().body), 100 + 1000 * 100);
}

#[test]
fn temporaries_share_memory() {
    // Each step needs its predecessor only: two buffers do for any number of steps.
    let ty = Type::array(Carrier::F64, [8, 8]);
    let mut b = Builder::new(vec![ty.clone()]);
    let mut x = b.param(0);
    for _ in 0..20 {
        x = b.contract(x, x, &[], &[(1, 0)]);
    }
    let program = lower(&b.finish(vec![x]), &exact()).unwrap();
    assert_eq!(program.entry().frame, 2 * 8 * 8 * 8);
}

#[test]
fn a_pointwise_chain_is_one_nest() {
    let ty = Type::array(Carrier::F64, [4, 5]);
    let mut b = Builder::new(vec![ty.clone(), Type::array(Carrier::F64, [5])]);
    let [x, row] = [0, 1].map(|k| b.param(k));
    let row = b.broadcast(row, &[4, 5], &[1]);
    let sum = b.add(x, row);
    let t = b.unary(UnaryOp::Tanh, sum);
    let square = b.mul(t, t);
    let both = b.add(square, t);
    let turned = b.transpose(both, &[1, 0]);
    let total = b.sum(turned, &[1]);
    let program = lower(&b.finish(vec![total]), &exact()).unwrap();
    assert_eq!(
        program.entry().body.len(),
        1,
        "{}",
        lentil_loops::print::print(&program)
    );
    assert_eq!(program.entry().frame, 0);
}

#[test]
fn what_needs_too_much_memory_is_refused() {
    let options = Options {
        memory_limit: 1 << 20,
        ..exact()
    };
    let big = Type::array(Carrier::F64, [1 << 18]);
    let b = Builder::new(vec![big.clone()]);
    let x = b.param(0);
    let refused = lower(&b.finish(vec![x]), &options);
    let bytes = Some((2 * 8) << 18);
    let limit = 1 << 20;
    assert_eq!(refused, Err(Refusal::Memory { bytes, limit }));

    let mut b = Builder::new(vec![Type::scalar(Carrier::F32)]);
    let x = b.param(0);
    let huge = b.stretch(x, &[1 << 40, 1 << 30]);
    let total = b.sum(huge, &[0, 1]);
    let refused = lower(&b.finish(vec![total]), &options);
    assert_eq!(refused, Err(Refusal::Memory { bytes: None, limit }));
}

#[test]
fn lanes_allow_no_question_about_one_sample() {
    let options = Options {
        lanes: true,
        ..exact()
    };
    let bit = Type::scalar(Carrier::Bit);
    let mut b = Builder::new(vec![bit.clone(), bit.clone()]);
    let [x, y] = [0, 1].map(|k| b.param(k));
    let equal = b.compare(CompareOp::Eq, x, y);
    let refused = lower(&b.finish(vec![equal]), &options);
    assert!(matches!(refused, Err(Refusal::Lanes(_))));

    let mut b = Builder::new(vec![bit]);
    let x = b.param(0);
    let number = b.convert(x, Carrier::Int);
    let refused = lower(&b.finish(vec![number]), &options);
    assert!(matches!(refused, Err(Refusal::Lanes(_))));
}

fn small() -> Program {
    let ty = Type::array(Carrier::F64, [3]);
    let mut b = Builder::new(vec![ty]);
    let x = b.param(0);
    let y = b.unary(UnaryOp::Exp, x);
    lower(&b.finish(vec![y]), &exact()).unwrap()
}

#[test]
fn the_checker_finds_what_is_wrong() {
    assert_eq!(check(&small()), Ok(()));
    let broken = |change: fn(&mut Program)| {
        let mut program = small();
        change(&mut program);
        check(&program).is_err()
    };
    fn inner(program: &mut Program) -> &mut Vec<Stmt> {
        match &mut program.functions[0].body[0] {
            Step::Nest(nest) => match &mut nest.body[0] {
                Stmt::For(_, body) => body,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }
    // A load beyond the end.
    assert!(broken(|p| match &mut inner(p)[0] {
        Stmt::Let(_, Expr::Load(at)) => {
            at.index = at.index.clone().plus(&Affine::constant(1), 1);
        }
        other => panic!("{other:?}"),
    }));
    // A variable that is read before it is bound.
    assert!(broken(|p| inner(p).swap(0, 1)));
    // A parameter that is written.
    assert!(broken(|p| match &mut inner(p)[2] {
        Stmt::Store(at, _) => at.buffer.0 = 0,
        other => panic!("{other:?}"),
    }));
    // A buffer outside of the frame.
    assert!(broken(|p| p.functions[0].buffers[1].place = Place::Frame(8)));
    // Another carrier.
    assert!(broken(|p| p.functions[0].vars[2] = Carrier::F32));
}
