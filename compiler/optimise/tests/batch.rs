//! A batch is the examples side by side: every primitive, every choice of batched arguments.

mod common;

use std::sync::Arc;

use common::{Numbers, count, example, loops, run, same};
use lentil_optimise::{VectoriseOptions, batch};
use lentil_unary::check::check;
use lentil_unary::{
    BinaryOp, Builder, Carrier, CompareOp, Fold, Function, LinalgOp, Literal, Op, Prim, Region,
    Site, Type, UnaryOp,
};

const N: usize = 3;

fn real(shape: &[usize]) -> Type {
    Type::array(Carrier::F64, shape)
}

fn int(shape: &[usize]) -> Type {
    Type::array(Carrier::Int, shape)
}

/// Compares a batch with its examples for every choice of batched parameters.
fn agrees(f: &Region, options: &VectoriseOptions) {
    check(f).expect("a well-formed program");
    let mut numbers = Numbers(88172645463325252);
    let count = f.params().len();
    for mask in 0..1_u32 << count {
        let batched: Vec<bool> = (0..count).map(|k| mask >> k & 1 == 1).collect();
        let g = batch(f, N, &batched, options);
        check(&g).unwrap_or_else(|why| panic!("{why} after batching {f:?}"));
        let args = numbers.arrays(g.params());
        let results = run(&g, &args);
        for e in 0..N {
            let own: Vec<_> = (args.iter().zip(&batched))
                .map(|(a, &b)| if b { example(a, e) } else { a.clone() })
                .collect();
            let mine: Vec<_> = results.iter().map(|r| example(r, e)).collect();
            assert!(
                same(&run(f, &own), &mine),
                "{batched:?} example {e} of {f:?}"
            );
        }
    }
}

fn prim(prim: Prim, params: &[Type]) -> Region {
    let mut b = Builder::new(params.to_vec());
    let slots = b.param_slots();
    let result = b.prim(prim, &slots);
    b.finish(vec![result])
}

/// One program for each primitive, at types that make it interesting.
fn programs() -> Vec<Region> {
    let m = real(&[2, 4]);
    let bools = Type::array(Carrier::Bool, [2, 4]);
    let site = Site(7);
    let key = int(&[2]);
    let contract = |batch: &[(usize, usize)], sum: &[(usize, usize)], a: &[usize], b: &[usize]| {
        let (batch, sum) = (batch.to_vec(), sum.to_vec());
        prim(Prim::Contract { batch, sum }, &[real(a), real(b)])
    };
    let scan = |fold, exclusive, reverse| Prim::Scan {
        fold,
        axis: 1,
        exclusive,
        reverse,
    };
    let one = std::slice::from_ref(&m);
    vec![
        prim(Prim::Literal(Literal::real(Carrier::F64, 1.5)), &[]),
        prim(Prim::Iota(4), &[]),
        prim(Prim::Unary(UnaryOp::Tanh), one),
        prim(Prim::Binary(BinaryOp::Sub), &[m.clone(), m.clone()]),
        prim(Prim::Compare(CompareOp::Lt), &[m.clone(), m.clone()]),
        prim(Prim::Select, &[bools, m.clone(), m.clone()]),
        prim(Prim::Convert(Carrier::Int), one),
        prim(
            Prim::Broadcast {
                shape: vec![2, 5, 4],
                axes: vec![0, 2],
            },
            one,
        ),
        prim(Prim::Transpose(vec![1, 0]), one),
        prim(Prim::Reshape(vec![4, 2]), one),
        prim(
            Prim::Slice {
                start: vec![1, 0],
                len: vec![1, 2],
                step: vec![1, 2],
            },
            one,
        ),
        prim(
            Prim::Pad {
                before: vec![1, 0],
                after: vec![0, 2],
                between: vec![1, 1],
            },
            one,
        ),
        prim(Prim::Concat(1), &[m.clone(), real(&[2, 1])]),
        prim(Prim::Flip(vec![1]), one),
        prim(
            Prim::Reduce {
                fold: Fold::LogSumExp,
                axes: vec![1],
            },
            one,
        ),
        prim(
            Prim::Reduce {
                fold: Fold::Sum,
                axes: vec![0, 1],
            },
            one,
        ),
        prim(Prim::ArgMax(1), one),
        prim(Prim::ArgMin(0), one),
        prim(Prim::ArgSort { descending: false }, one),
        prim(Prim::Trace("x".into()), one),
        prim(scan(Fold::Prod, true, true), one),
        prim(scan(Fold::Max, false, false), one),
        contract(&[], &[(1, 0)], &[2, 4], &[4]),
        contract(&[], &[(1, 0)], &[2, 4], &[4, 3]),
        contract(&[(0, 1)], &[(1, 0)], &[2, 4, 3], &[4, 2, 5]),
        contract(&[(1, 0)], &[], &[3, 2], &[2, 4]),
        prim(Prim::Gather { axes: 1, site }, &[real(&[2, 3]), int(&[4])]),
        prim(
            Prim::Gather { axes: 2, site },
            &[real(&[2, 3, 2]), int(&[]), int(&[])],
        ),
        prim(
            Prim::ScatterAdd { axes: 1, site },
            &[real(&[2, 3]), int(&[4]), real(&[4, 3])],
        ),
        prim(Prim::RandomBits(vec![2, 2]), std::slice::from_ref(&key)),
        prim(Prim::RandomSplit(3), std::slice::from_ref(&key)),
        prim(Prim::RandomFold, &[key, int(&[])]),
        linalg(LinalgOp::Cholesky, &[real(&[3, 3])]),
        linalg(LinalgOp::CholeskyForward, &[real(&[3, 3]), real(&[3, 3])]),
        linalg(LinalgOp::CholeskyReverse, &[real(&[3, 3]), real(&[3, 3])]),
        linalg(
            LinalgOp::CholeskyReverse,
            &[real(&[2, 3, 3]), real(&[2, 3, 3])],
        ),
        linalg(LinalgOp::Solve, &[real(&[3, 3]), real(&[3, 2])]),
        linalg(LinalgOp::Solve, &[real(&[2, 3, 3]), real(&[2, 3, 2])]),
        linalg(
            LinalgOp::SolveTriangular { upper: true },
            &[real(&[3, 3]), real(&[3, 0])],
        ),
        linalg(LinalgOp::Det, &[real(&[2, 2])]),
        linalg(LinalgOp::Eigh, &[real(&[2, 3, 3])]),
        linalg(LinalgOp::Svd, &[real(&[3, 2])]),
        linalg(LinalgOp::Qr, &[real(&[2, 3])]),
    ]
}

/// Linear algebra, its first argument brought to where it has an answer.
fn linalg(op: LinalgOp, params: &[Type]) -> Region {
    let mut b = Builder::new(params.to_vec());
    let mut args = b.param_slots();
    let ty = b.ty(args[0]).clone();
    let rank = ty.rank();
    let [rows, columns] = [rank - 2, rank - 1].map(|axis| {
        let numbers = b.prim(Prim::Iota(ty.shape[axis]), &[]);
        b.broadcast(numbers, &ty.shape, &[axis])
    });
    let on = b.compare(CompareOp::Eq, rows, columns);
    let diagonal = b.convert(on, ty.carrier);
    let scale = b.convert(rows, ty.carrier);
    let ten = b.full(Literal::real(ty.carrier, 10.0), &ty.shape);
    let scale = b.add(scale, ten);
    let diagonal = b.mul(diagonal, scale);
    args[0] = b.add(args[0], diagonal);
    let results = b.emit(Op::Prim(Prim::Linalg(op)), &args);
    b.finish(results)
}

#[test]
fn a_batch_of_each_primitive_is_its_examples_side_by_side() {
    for program in programs() {
        agrees(&program, &VectoriseOptions::default());
    }
}

/// A number for each primitive: a new one does not compile here before it has a program above.
fn number(prim: &Prim) -> usize {
    match prim {
        Prim::Literal(_) => 0,
        Prim::Iota(_) => 1,
        Prim::Unary(_) => 2,
        Prim::Binary(_) => 3,
        Prim::Compare(_) => 4,
        Prim::Select => 5,
        Prim::Convert(_) => 6,
        Prim::Broadcast { .. } => 7,
        Prim::Transpose(_) => 8,
        Prim::Reshape(_) => 9,
        Prim::Slice { .. } => 10,
        Prim::Pad { .. } => 11,
        Prim::Concat(_) => 12,
        Prim::Flip(_) => 13,
        Prim::Reduce { .. } => 14,
        Prim::ArgMax(_) => 15,
        Prim::ArgMin(_) => 16,
        Prim::Scan { .. } => 17,
        Prim::Contract { .. } => 18,
        Prim::Gather { .. } => 19,
        Prim::ScatterAdd { .. } => 20,
        Prim::RandomBits(_) => 21,
        Prim::RandomSplit(_) => 22,
        Prim::RandomFold => 23,
        Prim::ArgSort { .. } => 24,
        Prim::Linalg(_) => 25,
        Prim::Trace(_) => 26,
    }
}

#[test]
fn the_programs_above_name_every_primitive() {
    let mut seen: Vec<usize> = (programs().iter())
        .map(|p| match &p.steps()[p.steps().len() - 1].op {
            Op::Prim(prim) => number(prim),
            other => panic!("no primitive: {other:?}"),
        })
        .collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen, (0..27).collect::<Vec<_>>());
}

#[test]
fn a_matrix_times_a_batch_of_vectors_is_one_product_without_a_transposition() {
    let f = prim(
        Prim::Contract {
            batch: vec![],
            sum: vec![(1, 0)],
        },
        &[real(&[5, 4]), real(&[4])],
    );
    let g = batch(&f, N, &[false, true], &VectoriseOptions::default());
    assert_eq!(g.steps().len(), 1);
    assert_eq!(g.result_types(), [real(&[N, 5])]);
}

/// `for i in 0..4 from s, t: (s, t) = (s * x[i] + c, t + 1); out s`: only `s` ever depends on a batch of `x`.
fn recurrence() -> Region {
    let scalar = real(&[]);
    let mut body = Builder::new(vec![
        int(&[]),
        scalar.clone(),
        scalar.clone(),
        scalar.clone(),
        scalar.clone(),
    ]);
    let p = body.param_slots();
    let product = body.mul(p[3], p[2]);
    let s = body.add(product, p[1]);
    let one = body.literal(Literal::one(Carrier::F64));
    let t = body.add(p[4], one);
    let body = body.finish(vec![s, t, s, t]);
    let mut b = Builder::new(vec![scalar.clone(), real(&[4]), scalar.clone(), scalar]);
    let p = b.param_slots();
    let results = b.for_loop(4, true, &[p[0]], &[p[1]], &p[2..], body);
    b.finish(results)
}

#[test]
fn a_loop_stays_a_loop_and_batches_only_the_states_that_differ() {
    let f = recurrence();
    agrees(&f, &VectoriseOptions::default());
    let g = batch(
        &f,
        N,
        &[false, true, false, false],
        &VectoriseOptions::default(),
    );
    assert_eq!(loops(&g), 1);
    let Some(Op::Loop(l)) = g
        .steps()
        .iter()
        .map(|s| &s.op)
        .find(|op| matches!(op, Op::Loop(_)))
    else {
        panic!("a loop");
    };
    assert_eq!(l.body.result_types()[..2], [real(&[N]), real(&[])]);
}

/// A conditional on whether `x` is below `y`, whose arms are `x * x` and the given one.
fn conditional(otherwise: Region) -> Region {
    let scalar = real(&[]);
    let mut then = Builder::new(vec![scalar.clone(), int(&[])]);
    let x = then.param(0);
    let square = then.mul(x, x);
    let then = then.finish(vec![square]);
    let mut b = Builder::new(vec![scalar.clone(), scalar, int(&[])]);
    let p = b.param_slots();
    let below = b.compare(CompareOp::Lt, p[0], p[1]);
    let results = b.cond(below, &[p[0], p[2]], then, otherwise);
    b.finish(results)
}

fn negated() -> Region {
    let mut b = Builder::new(vec![real(&[]), int(&[])]);
    let x = b.param(0);
    let y = b.neg(x);
    b.finish(vec![y])
}

#[test]
fn a_batched_condition_selects_between_cheap_arms_and_keeps_others_conditional() {
    let options = VectoriseOptions::default();
    let is_cond = |op: &Op| matches!(op, Op::Cond { .. });
    let is_select = |op: &Op| matches!(op, Op::Prim(Prim::Select));
    let cheap = conditional(negated());
    agrees(&cheap, &options);
    let g = batch(&cheap, N, &[true, false, false], &options);
    assert_eq!(
        (count(&g, is_select), count(&g, is_cond), loops(&g)),
        (1, 0, 0)
    );

    let never = VectoriseOptions {
        select_bound: 0,
        ..options.clone()
    };
    agrees(&cheap, &never);
    let g = batch(&cheap, N, &[true, false, false], &never);
    assert_eq!((count(&g, is_select), loops(&g)), (0, 1));

    // An arm that reads at an index must not run where the other is taken.
    let mut b = Builder::new(vec![real(&[]), int(&[])]);
    let p = b.param_slots();
    let table = b.full(Literal::real(Carrier::F64, 2.5), &[2]);
    let prim = Prim::Gather {
        axes: 1,
        site: Site(1),
    };
    let read = b.prim(prim, &[table, p[1]]);
    let trapping = conditional(b.finish(vec![read]));
    agrees(&trapping, &options);
    let g = batch(&trapping, N, &[true, false, false], &options);
    assert_eq!((count(&g, is_select), loops(&g)), (0, 1));
}

#[test]
fn a_call_calls_the_batched_function_made_once() {
    let function = Arc::new(Function {
        name: "recur".to_string(),
        region: recurrence(),
    });
    let mut b = Builder::new(function.region.params().to_vec());
    let p = b.param_slots();
    let once = b.call(&function, &p);
    let twice = b.call(&function, &[p[0], p[1], once[0], p[3]]);
    let f = b.finish(vec![once[0], twice[0], twice[3]]);
    agrees(&f, &VectoriseOptions::default());
    let g = batch(
        &f,
        N,
        &[true, true, true, true],
        &VectoriseOptions::default(),
    );
    let called: Vec<_> = (g.steps().iter())
        .filter_map(|s| match &s.op {
            Op::Call(f) => Some(f),
            _ => None,
        })
        .collect();
    assert_eq!(called.len(), 2);
    assert!(Arc::ptr_eq(called[0], called[1]));
}
