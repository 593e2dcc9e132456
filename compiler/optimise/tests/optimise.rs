//! Optimised programs are equal to what they were, never dearer, and always the same.

mod common;

use std::sync::Arc;

use common::{Numbers, close, contractions, count, run, same};
use lentil_optimise::{Arithmetic, Derivatives, Options, optimise, optimise_reported, region_cost};
use lentil_unary::check::check;
use lentil_unary::{
    BinaryOp, Builder, Carrier, CompareOp, Fold, Function, Literal, Op, Prim, Region, Site, Slot,
    Type, UnaryOp,
};

fn exact() -> Options {
    Options {
        arithmetic: Arithmetic::Exact,
        ..Options::default()
    }
}

fn real(shape: &[usize]) -> Type {
    Type::array(Carrier::F64, shape)
}

/// Optimises under real and exact arithmetic and compares.
fn agrees(f: &Region) -> Region {
    check(f).expect("a well-formed program");
    let args = Numbers(0x2545F4914F6CDD1D).arrays(f.params());
    let expected = run(f, &args);
    let (g, report) = optimise_reported(f, &exact());
    check(&g).expect("a well-formed result");
    assert!(same(&run(&g, &args), &expected), "exactly {g:?}");
    assert!(report.after <= report.before && report.clashes == 0);
    let (g, report) = optimise_reported(f, &Options::default());
    check(&g).expect("a well-formed result");
    assert!(close(&run(&g, &args), &expected, 1e-9), "{f:?} {g:?}");
    assert!(report.after <= report.before && report.clashes == 0);
    assert_eq!(report.after, region_cost(&g));
    assert_eq!(g, optimise(f, &Options::default()), "the same every time");
    g
}

/// A straight program of random steps on matrices, vectors and scalars.
fn random_program(seed: u64, carrier: Carrier) -> Region {
    let mut numbers = Numbers(seed);
    let types: Vec<Type> = [&[2, 2][..], &[2, 2], &[2], &[]]
        .map(|shape| Type::array(carrier, shape))
        .to_vec();
    let mut b = Builder::new(types);
    let mut slots = b.param_slots();
    for _ in 0..14 {
        let x = slots[numbers.next() as usize % slots.len()];
        let alike: Vec<Slot> = (slots.iter().copied())
            .filter(|&s| b.ty(s) == b.ty(x))
            .collect();
        let y = alike[numbers.next() as usize % alike.len()];
        let rank = b.ty(x).rank();
        let shape = b.ty(x).shape.clone();
        let next = match numbers.next() % 14 {
            0 | 1 => b.add(x, y),
            2 | 3 => b.mul(x, y),
            4 => b.sub(x, y),
            5 => b.neg(x),
            6 if rank == 2 => b.transpose(x, &[1, 0]),
            7 | 8 if rank == 2 => b.contract(x, y, &[], &[(1, 0)]),
            9 if rank > 0 => b.sum(x, &[0]),
            10 if rank == 1 => b.broadcast(x, &[2, 2], &[(numbers.next() % 2) as usize]),
            10 if rank == 0 => b.stretch(x, &[2, 2]),
            11 => b.full(Literal::integer(carrier, numbers.next() as i64 % 3), &shape),
            12 if carrier.is_real() => b.unary(UnaryOp::Tanh, x),
            13 if carrier.is_real() => b.unary(UnaryOp::Exp, x),
            _ => b.contract(x, y, &[], &(0..rank).map(|a| (a, a)).collect::<Vec<_>>()),
        };
        slots.push(next);
    }
    let results = slots[slots.len() - 3..].to_vec();
    b.finish(results)
}

#[test]
fn random_programs_keep_their_meaning() {
    for seed in 1..25 {
        let carrier = [Carrier::Mod(101), Carrier::Int, Carrier::Bit][seed as usize % 3];
        agrees(&random_program(seed * 7919, carrier));
    }
}

#[test]
fn random_programs_over_the_reals_keep_their_meaning_bit_for_bit_or_closely() {
    for seed in 1..25 {
        let f = random_program(seed * 104729, Carrier::F64);
        let args = Numbers(99).arrays(f.params());
        let expected = run(&f, &args);
        let g = optimise(&f, &exact());
        assert!(same(&run(&g, &args), &expected), "{f:?} {g:?}");
        let (g, report) = optimise_reported(&f, &Options::default());
        assert!(report.after <= report.before);
        let bounded = |a: &lentil_unary::Array| a.to_f64().iter().all(|v| v.abs() < 1e9);
        if expected.iter().all(bounded) {
            assert!(close(&run(&g, &args), &expected, 1e-8), "{f:?} {g:?}");
        }
    }
}

#[test]
fn a_chain_of_matrices_begins_with_the_cheap_product() {
    let n = 50;
    let mut b = Builder::new(vec![real(&[n, n]), real(&[n, n]), real(&[n])]);
    let p = b.param_slots();
    let product = b.contract(p[0], p[1], &[], &[(1, 0)]);
    let result = b.contract(product, p[2], &[], &[(1, 0)]);
    let f = b.finish(vec![result]);
    let (g, report) = optimise_reported(&f, &Options::default());
    assert_eq!(contractions(&g), 2);
    assert!(report.after * 10 < report.before, "{report:?}");
    assert!(g.slots()[3..].iter().all(|ty| ty.rank() == 1), "{g:?}");
    agrees(&f);
    // Under exact arithmetic the order of the sums is what it was.
    assert_eq!(optimise(&f, &exact()), f);
}

#[test]
fn a_common_factor_is_taken_out_whichever_side_it_stands_on() {
    let m = real(&[40]);
    let mut b = Builder::new(vec![m.clone(), m.clone(), m]);
    let p = b.param_slots();
    let (left, right) = (b.mul(p[1], p[0]), b.mul(p[0], p[2]));
    let sum = b.add(left, right);
    let g = agrees(&b.finish(vec![sum]));
    let products = |op: &Op| *op == Op::Prim(Prim::Binary(BinaryOp::Mul));
    assert_eq!((count(&g, products), g.steps().len()), (1, 2));
}

#[test]
fn two_products_with_one_matrix_are_one() {
    let (m, v) = (real(&[30, 30]), real(&[30]));
    let mut b = Builder::new(vec![m, v.clone(), v]);
    let p = b.param_slots();
    let x = b.contract(p[0], p[1], &[], &[(1, 0)]);
    let y = b.contract(p[2], p[0], &[], &[(0, 1)]);
    let sum = b.add(x, y);
    let g = agrees(&b.finish(vec![sum]));
    assert_eq!(contractions(&g), 1, "{g:?}");
}

#[test]
fn log_softmax_through_exp_is_stable_and_short() {
    let mut b = Builder::new(vec![real(&[20])]);
    let x = b.param(0);
    let e = b.unary(UnaryOp::Exp, x);
    let total = b.sum(e, &[0]);
    let log = b.unary(UnaryOp::Log, total);
    let g = agrees(&b.finish(vec![log]));
    let fold = Fold::LogSumExp;
    let stable = |op: &Op| {
        *op == Op::Prim(Prim::Reduce {
            fold,
            axes: vec![0],
        })
    };
    assert_eq!((count(&g, stable), g.steps().len()), (1, 1));
}

#[test]
fn functions_on_bits_use_their_values_only_after_differentiation() {
    let mut b = Builder::new(vec![Type::array(Carrier::Bit, [8])]);
    let x = b.param(0);
    let square = b.mul(x, x);
    let f = b.finish(vec![square]);
    assert_eq!(agrees(&f).steps().len(), 1);
    let after = Options {
        derivatives: Derivatives::Taken,
        ..Options::default()
    };
    assert_eq!(optimise(&f, &after).steps().len(), 0);
}

/// A loop whose body, a conditional whose arms, and a function whose region have something to gain.
fn with_bodies() -> Region {
    let v = real(&[6]);
    let wasteful = |params: Vec<Type>, x: usize| {
        let mut b = Builder::new(params);
        let x = b.param(x);
        let zero = b.zeros(&real(&[6]));
        let nothing = b.mul(x, zero);
        let same = b.add(nothing, x);
        let exp = b.unary(UnaryOp::Exp, same);
        let log = b.unary(UnaryOp::Log, exp);
        b.finish(vec![log])
    };
    let mut b = Builder::new(vec![v.clone(), real(&[])]);
    let p = b.param_slots();
    let body = wasteful(vec![Type::scalar(Carrier::Int), v.clone()], 1);
    let looped = b.for_loop(3, false, &[], &[], &[p[0]], body);
    let zero = b.literal(Literal::real(Carrier::F64, 0.0));
    let positive = b.compare(CompareOp::Lt, zero, p[1]);
    let arm = wasteful(vec![v.clone()], 0);
    let chosen = b.cond(positive, &looped, arm.clone(), arm);
    let function = Arc::new(Function {
        name: "wasteful".to_string(),
        region: wasteful(vec![v], 0),
    });
    let called = b.call(&function, &chosen);
    b.finish(called)
}

#[test]
fn bodies_arms_and_functions_are_optimised_too() {
    let f = with_bodies();
    let g = agrees(&f);
    for step in g.steps() {
        match &step.op {
            Op::Loop(l) => assert_eq!(l.body.steps().len(), 0),
            Op::Cond { then, otherwise } => {
                assert_eq!(then.steps().len() + otherwise.steps().len(), 0);
            }
            Op::Call(f) => assert_eq!(f.region.steps().len(), 0),
            Op::Prim(_) | Op::Reverse(_) | Op::Forward(_) | Op::Lens(_) => {}
        }
    }
    let (_, report) = optimise_reported(&f, &Options::default());
    assert!(report.graphs >= 4 && report.nodes > 0 && !report.fired.is_empty());
}

#[test]
fn what_may_trap_keeps_its_order() {
    let mut b = Builder::new(vec![real(&[4]), Type::scalar(Carrier::Int)]);
    let p = b.param_slots();
    let mut read = |data, site| {
        let axes = 1;
        let site = Site(site);
        b.prim(Prim::Gather { axes, site }, &[data, p[1]])
    };
    let (x, y) = (read(p[0], 9), read(p[0], 8));
    let sum = b.add(y, x);
    let (left, right) = (b.mul(sum, x), b.mul(y, sum));
    let total = b.add(left, right);
    let f = b.finish(vec![total]);
    let g = agrees(&f);
    let mut args = Numbers(3).arrays(f.params());
    args[1] = lentil_unary::Array::from_f64(Type::scalar(Carrier::Int), &[17.0]);
    let trap = lentil_unary::eval::eval(&f, &args);
    assert_eq!(trap.as_ref().map_err(|t| t.site), Err(Site(9)));
    assert_eq!(lentil_unary::eval::eval(&g, &args), trap);
}

#[test]
fn everything_can_be_switched_off() {
    let f = with_bodies();
    let none = Options {
        iteration_limit: 0,
        annealing_steps: 0,
        ..Options::default()
    };
    let (g, report) = optimise_reported(&f, &none);
    assert!(report.fired.is_empty());
    let args = Numbers(11).arrays(f.params());
    assert!(same(&run(&g, &args), &run(&f, &args)));
    let off = Options {
        off: vec!["log of exp".to_string()],
        ..Options::default()
    };
    let logs = |op: &Op| matches!(op, Op::Loop(l) if !l.body.steps().is_empty());
    assert_eq!(count(&optimise(&f, &off), logs), 1);
}

#[test]
fn sharing_counts_once() {
    // x*y is there anyway: taking it apart to share with something else would not pay.
    let m = real(&[100]);
    let mut b = Builder::new(vec![m.clone(), m.clone(), m]);
    let p = b.param_slots();
    let xy = b.mul(p[0], p[1]);
    let sum = b.add(xy, p[2]);
    let exp = b.unary(UnaryOp::Exp, xy);
    let f = b.finish(vec![xy, sum, exp]);
    assert_eq!(
        region_cost(&optimise(&f, &Options::default())),
        region_cost(&f)
    );
}
