//! Small cases by hand, and what is counted.

use super::*;
use crate::syntax::Site;
use crate::{BinaryOp, Builder, Carrier, CompareOp, Fold, UnaryOp};

fn real(shape: &[usize], values: &[f64]) -> Array {
    Array::from_f64(Type::array(Carrier::F64, shape), values)
}

fn int(shape: &[usize], values: &[f64]) -> Array {
    Array::from_f64(Type::array(Carrier::Int, shape), values)
}

/// One primitive at arguments.
fn run(prim: Prim, args: &[Array]) -> Result<Array, Trap> {
    let mut b = Builder::new(args.iter().map(|a| a.ty().clone()).collect());
    let slots = b.param_slots();
    let result = b.prim(prim, &slots);
    let region = b.finish(vec![result]);
    crate::check::check(&region).unwrap();
    Ok(eval(&region, args)?.remove(0))
}

/// The elements that one primitive makes.
fn values(prim: Prim, args: &[Array]) -> Vec<f64> {
    run(prim, args).unwrap().to_f64()
}

fn six() -> Array {
    real(&[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
}

#[test]
fn constants() {
    assert_eq!(
        values(Prim::Literal(Literal::real(Carrier::F64, 2.5)), &[]),
        [2.5]
    );
    assert_eq!(values(Prim::Iota(3), &[]), [0.0, 1.0, 2.0]);
    assert!(values(Prim::Iota(0), &[]).is_empty());
}

#[test]
fn pointwise_over_every_carrier() {
    let pair = |carrier, x, y| {
        let ty = Type::scalar(carrier);
        [Array::from_f64(ty.clone(), &[x]), Array::from_f64(ty, &[y])]
    };
    let two = |op, carrier, x, y| values(Prim::Binary(op), &pair(carrier, x, y))[0];
    assert_eq!(two(BinaryOp::Add, Carrier::F32, 0.5, 0.25), 0.75);
    assert_eq!(two(BinaryOp::Pow, Carrier::F64, 2.0, 10.0), 1024.0);
    assert_eq!(two(BinaryOp::Add, Carrier::Bit, 1.0, 1.0), 0.0);
    assert_eq!(two(BinaryOp::Sub, Carrier::Mod(7), 2.0, 5.0), 4.0);
    assert_eq!(
        two(BinaryOp::Mul, Carrier::Mod(4_294_967_291), -1.0, -1.0),
        1.0
    );
    assert_eq!(two(BinaryOp::Div, Carrier::Int, -7.0, 2.0), -4.0);
    assert_eq!(two(BinaryOp::Rem, Carrier::Int, -7.0, 2.0), 1.0);
    assert_eq!(two(BinaryOp::Or, Carrier::Bool, 0.0, 1.0), 1.0);
    assert!(two(BinaryOp::Max, Carrier::F64, f64::NAN, 1.0).is_nan());
    assert!(two(BinaryOp::Min, Carrier::F32, 1.0, f64::NAN).is_nan());
    assert_eq!(two(BinaryOp::Atan2, Carrier::F64, 0.0, 1.0), 0.0);

    let one = |op, carrier, x| values(Prim::Unary(op), &[pair(carrier, x, x)[0].clone()])[0];
    assert_eq!(one(UnaryOp::Neg, Carrier::Mod(5), 0.0), 0.0);
    assert_eq!(one(UnaryOp::Neg, Carrier::Mod(5), 2.0), 3.0);
    assert_eq!(one(UnaryOp::Neg, Carrier::Bit, 1.0), 1.0);
    assert_eq!(one(UnaryOp::Not, Carrier::Bool, 1.0), 0.0);
    assert_eq!(one(UnaryOp::Round, Carrier::F64, 2.5), 2.0);
    assert_eq!(one(UnaryOp::Sigmoid, Carrier::F64, -1000.0), 0.0);
    assert_eq!(one(UnaryOp::Sigmoid, Carrier::F32, 0.0), 0.5);
    assert!(one(UnaryOp::Sign, Carrier::F64, f64::NAN).is_nan());
}

#[test]
fn comparisons_and_choice() {
    let (x, y) = (
        real(&[3], &[1.0, 2.0, f64::NAN]),
        real(&[3], &[2.0, 2.0, 0.0]),
    );
    let table = [
        (CompareOp::Eq, [0.0, 1.0, 0.0]),
        (CompareOp::Ne, [1.0, 0.0, 1.0]),
        (CompareOp::Lt, [1.0, 0.0, 0.0]),
        (CompareOp::Le, [1.0, 1.0, 0.0]),
    ];
    for (op, expected) in table {
        assert_eq!(values(Prim::Compare(op), &[x.clone(), y.clone()]), expected);
    }
    let c = Array::from_f64(Type::array(Carrier::Bool, [3]), &[1.0, 0.0, 0.0]);
    assert_eq!(values(Prim::Select, &[c, x, y]), [1.0, 2.0, 0.0]);
}

#[test]
fn conversions() {
    let x = real(&[4], &[-1.5, 2.9, 1e300, f64::NAN]);
    let to = |carrier, x: &Array| run(Prim::Convert(carrier), std::slice::from_ref(x)).unwrap();
    assert_eq!(
        to(Carrier::Int, &x).data(),
        &Data::Int(vec![-1, 2, i64::MAX, 0])
    );
    let i = int(&[3], &[-1.0, 2.0, 3.0]);
    assert_eq!(to(Carrier::Mod(5), &i).to_f64(), [4.0, 2.0, 3.0]);
    assert_eq!(to(Carrier::Bit, &i).to_f64(), [1.0, 0.0, 1.0]);
    assert_eq!(to(Carrier::Bool, &i).to_f64(), [1.0, 1.0, 1.0]);
    assert_eq!(to(Carrier::F32, &i).to_f64(), [-1.0, 2.0, 3.0]);
}

#[test]
fn structure() {
    let x = six();
    let args = std::slice::from_ref(&x);
    let column = real(&[2], &[1.0, 2.0]);
    let broadcast = Prim::Broadcast {
        shape: vec![2, 2],
        axes: vec![0],
    };
    assert_eq!(values(broadcast, &[column]), [1.0, 1.0, 2.0, 2.0]);
    let transposed = values(Prim::Transpose(vec![1, 0]), args);
    assert_eq!(transposed, [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    assert_eq!(values(Prim::Reshape(vec![3, 2]), args), x.to_f64());
    let slice = Prim::Slice {
        start: vec![1, 0],
        len: vec![1, 2],
        step: vec![1, 2],
    };
    assert_eq!(values(slice, args), [4.0, 6.0]);
    let pad = Prim::Pad {
        before: vec![0, 1],
        after: vec![0, 0],
        between: vec![1, 0],
    };
    let padded = [0.0, 1.0, 2.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 4.0, 5.0, 6.0];
    assert_eq!(values(pad, args), padded);
    let right = real(&[2, 1], &[7.0, 8.0]);
    let joined = [1.0, 2.0, 3.0, 7.0, 4.0, 5.0, 6.0, 8.0];
    assert_eq!(values(Prim::Concat(1), &[x.clone(), right]), joined);
    assert_eq!(
        values(Prim::Flip(vec![1]), args),
        [3.0, 2.0, 1.0, 6.0, 5.0, 4.0]
    );
    assert_eq!(
        values(Prim::Flip(vec![0, 1]), args),
        [6.0, 5.0, 4.0, 3.0, 2.0, 1.0]
    );
}

#[test]
fn reductions() {
    let reduce = |fold, axes: &[usize], x: &Array| {
        let axes = axes.to_vec();
        values(Prim::Reduce { fold, axes }, std::slice::from_ref(x))
    };
    let x = six();
    assert_eq!(reduce(Fold::Sum, &[0], &x), [5.0, 7.0, 9.0]);
    assert_eq!(reduce(Fold::Prod, &[1], &x), [6.0, 120.0]);
    assert_eq!(reduce(Fold::Max, &[0, 1], &x), [6.0]);
    assert_eq!(reduce(Fold::Min, &[1], &x), [1.0, 4.0]);
    let far = real(&[2], &[1000.0, 1000.0]);
    assert_eq!(reduce(Fold::LogSumExp, &[0], &far), [1000.0 + 2f64.ln()]);
    let none = real(&[0, 2], &[]);
    assert_eq!(reduce(Fold::Sum, &[0], &none), [0.0, 0.0]);
    assert_eq!(reduce(Fold::Max, &[0], &none), [f64::NEG_INFINITY; 2]);
    assert_eq!(reduce(Fold::LogSumExp, &[0], &none), [f64::NEG_INFINITY; 2]);
    let flags = Array::from_f64(Type::array(Carrier::Bool, [2]), &[1.0, 0.0]);
    assert_eq!(reduce(Fold::All, &[0], &flags), [0.0]);
    assert_eq!(reduce(Fold::Any, &[0], &flags), [1.0]);
    let single = |values: &[f64]| Array::from_f64(Type::array(Carrier::F32, [3]), values);
    // In f32, from left to right: 2^24 + 1 is not representable.
    assert_eq!(
        reduce(Fold::Sum, &[0], &single(&[16777216.0, 1.0, 1.0])),
        [16777216.0]
    );
    assert_eq!(
        reduce(Fold::Sum, &[0], &single(&[1.0, 1.0, 16777216.0])),
        [16777218.0]
    );
}

#[test]
fn positions_of_extremes() {
    let x = real(&[2, 3], &[1.0, 3.0, 3.0, f64::NAN, 0.0, f64::NAN]);
    let args = std::slice::from_ref(&x);
    assert_eq!(values(Prim::ArgMax(1), args), [1.0, 0.0]);
    assert_eq!(values(Prim::ArgMin(1), args), [0.0, 0.0]);
    assert_eq!(values(Prim::ArgMax(0), args), [1.0, 0.0, 1.0]);
}

#[test]
fn scans() {
    let scan = |fold, exclusive, reverse| {
        let prim = Prim::Scan {
            fold,
            axis: 1,
            exclusive,
            reverse,
        };
        values(prim, &[six()])
    };
    assert_eq!(
        scan(Fold::Sum, false, false),
        [1.0, 3.0, 6.0, 4.0, 9.0, 15.0]
    );
    assert_eq!(scan(Fold::Sum, true, false), [0.0, 1.0, 3.0, 0.0, 4.0, 9.0]);
    assert_eq!(
        scan(Fold::Prod, true, true),
        [6.0, 3.0, 1.0, 30.0, 6.0, 1.0]
    );
    assert_eq!(scan(Fold::Max, false, true), [3.0, 3.0, 3.0, 6.0, 6.0, 6.0]);
}

#[test]
fn contractions() {
    let contract = |batch: &[(usize, usize)], sum: &[(usize, usize)], a: &Array, b: &Array| {
        let prim = Prim::Contract {
            batch: batch.to_vec(),
            sum: sum.to_vec(),
        };
        run(prim, &[a.clone(), b.clone()]).unwrap()
    };
    let (a, b) = (six(), real(&[3, 2], &[1.0, 0.0, 0.0, 1.0, 1.0, 1.0]));
    let product = contract(&[], &[(1, 0)], &a, &b);
    assert_eq!(product, real(&[2, 2], &[4.0, 5.0, 10.0, 11.0]));
    let rows = contract(&[(0, 0)], &[(1, 1)], &a, &a);
    assert_eq!(rows, real(&[2], &[14.0, 77.0]));
    let outer = contract(&[(1, 0)], &[], &a, &b);
    assert_eq!(outer.ty().shape, [3, 2, 2]);
    assert_eq!(outer.to_f64()[..4], [1.0, 0.0, 4.0, 0.0]);
}

#[test]
fn indexing() {
    let site = Site(7);
    let rows = Prim::Gather { axes: 1, site };
    let picked = run(rows.clone(), &[six(), int(&[3], &[1.0, 0.0, 1.0])]).unwrap();
    assert_eq!(picked.ty().shape, [3, 3]);
    assert_eq!(picked.to_f64()[..6], [4.0, 5.0, 6.0, 1.0, 2.0, 3.0]);
    let cells = Prim::Gather { axes: 2, site };
    let cell = run(cells, &[six(), int(&[], &[1.0]), int(&[], &[2.0])]).unwrap();
    assert_eq!(cell, real(&[], &[6.0]));
    let trap = |index, size| Err(Trap { site, index, size });
    let out = run(rows.clone(), &[six(), int(&[2], &[0.0, 2.0])]);
    assert_eq!(out, trap(2, 2));
    assert_eq!(run(rows, &[six(), int(&[1], &[-1.0])]), trap(-1, 2));

    let add = Prim::ScatterAdd { axes: 1, site };
    let sums = [
        real(&[2], &[10.0, 20.0]),
        int(&[3], &[1.0, 0.0, 1.0]),
        real(&[3], &[1.0, 2.0, 3.0]),
    ];
    assert_eq!(values(add.clone(), &sums), [12.0, 24.0]);
    let out = run(
        add,
        &[real(&[0], &[]), int(&[1], &[0.0]), real(&[1], &[1.0])],
    );
    assert_eq!(out, trap(0, 0));
}

#[test]
fn random_numbers() {
    let key = int(&[2], &[0.0, 0.0]);
    let split = values(Prim::RandomSplit(2), std::slice::from_ref(&key));
    assert_eq!(
        split,
        [4146024105.0, 967050713.0, 2718843009.0, 1272950319.0]
    );
    let bits = values(Prim::RandomBits(vec![2, 2]), std::slice::from_ref(&key));
    assert_eq!(bits, split);
    let folded = values(Prim::RandomFold, &[key, int(&[], &[5.0])]);
    assert_eq!(folded, crate::random::fold_in([0, 0], 5).map(f64::from));
}

/// Each key of a batch draws what it draws alone.
#[test]
fn random_numbers_of_many_keys() {
    let own = [[0.0, 0.0], [1.0, 2.0], [4_000_000_000.0, 7.0]];
    let numbers = [5.0, -1.0, 0.0];
    let keys = int(&[3, 2], &own.concat());
    for shape in [vec![], vec![5], vec![2, 3], vec![0]] {
        let prim = Prim::RandomBits(shape);
        let alone = own.map(|key| values(prim.clone(), &[int(&[2], &key)]));
        assert_eq!(values(prim, std::slice::from_ref(&keys)), alone.concat());
    }
    let alone = own.map(|key| values(Prim::RandomSplit(3), &[int(&[2], &key)]));
    assert_eq!(
        values(Prim::RandomSplit(3), std::slice::from_ref(&keys)),
        alone.concat()
    );
    let alone = [0, 1, 2].map(|k| {
        values(
            Prim::RandomFold,
            &[int(&[2], &own[k]), int(&[], &numbers[k..=k])],
        )
    });
    let folded = values(Prim::RandomFold, &[keys, int(&[3], &numbers)]);
    assert_eq!(folded, alone.concat());
}

/// Adds `x[i]` to a state, and puts out the sum so far.
fn running_sum(n: usize, backward: bool) -> Region {
    let cell = Type::scalar(Carrier::F64);
    let mut body = Builder::new(vec![Type::scalar(Carrier::Int), cell.clone(), cell.clone()]);
    let sum = body.add(Slot(2), Slot(1));
    let body = body.finish(vec![sum, sum]);
    let mut b = Builder::new(vec![Type::array(Carrier::F64, [n]), cell]);
    let results = b.for_loop(n, backward, &[], &[Slot(0)], &[Slot(1)], body);
    b.finish(results)
}

#[test]
fn loops_both_ways_and_of_no_length() {
    let x = real(&[3], &[1.0, 2.0, 4.0]);
    let forward = eval(&running_sum(3, false), &[x.clone(), real(&[], &[0.5])]).unwrap();
    assert_eq!(forward[0].to_f64(), [7.5]);
    assert_eq!(forward[1].to_f64(), [1.5, 3.5, 7.5]);
    let backward = eval(&running_sum(3, true), &[x, real(&[], &[0.5])]).unwrap();
    assert_eq!(backward[1].to_f64(), [7.5, 6.5, 4.5]);
    let none = eval(
        &running_sum(0, false),
        &[real(&[0], &[]), real(&[], &[0.5])],
    )
    .unwrap();
    assert_eq!(none, [real(&[], &[0.5]), real(&[0], &[])]);
}

#[test]
fn a_conditional_computes_one_arm() {
    let cell = Type::scalar(Carrier::F64);
    let arm = |twice: bool| {
        let mut b = Builder::new(vec![cell.clone()]);
        let x = b.param(0);
        let y = if twice { b.add(x, x) } else { x };
        b.finish(vec![y])
    };
    let mut b = Builder::new(vec![Type::scalar(Carrier::Bool), cell.clone()]);
    let out = b.cond(Slot(0), &[Slot(1)], arm(true), arm(false));
    let f = b.finish(out);
    for (holds, value, arithmetic) in [(1.0, 6.0, 1), (0.0, 3.0, 0)] {
        let c = Array::from_f64(Type::scalar(Carrier::Bool), &[holds]);
        let (out, counts) = eval_counted(&f, &[c, real(&[], &[3.0])]).unwrap();
        assert_eq!(out[0].to_f64(), [value]);
        assert_eq!(counts.arithmetic, arithmetic);
    }
}

/// `n` iterations that each add one to element `i % m` of an accumulator of `m` elements.
fn histogram(n: usize, m: usize, keep: bool) -> Region {
    let (cells, count) = (Type::array(Carrier::F64, [m]), Type::scalar(Carrier::Int));
    let mut body = Builder::new(vec![count, cells.clone()]);
    let size = body.int(m as i64);
    let at = body.binary(BinaryOp::Rem, Slot(0), size);
    let one = body.full(Literal::one(Carrier::F64), &[]);
    let add = Prim::ScatterAdd {
        axes: 1,
        site: Site(0),
    };
    let next = body.prim(add, &[Slot(1), at, one]);
    let results = if keep {
        vec![next, Slot(1)]
    } else {
        vec![next]
    };
    let body = body.finish(results);
    let mut b = Builder::new(Vec::new());
    let zeros = b.zeros(&cells);
    let out = b.for_loop(n, false, &[], &[], &[zeros], body);
    b.finish(vec![out[0]])
}

#[test]
fn an_accumulator_is_changed_in_place() {
    let (out, counts) = eval_counted(&histogram(100, 1000, false), &[]).unwrap();
    assert_eq!(out[0].to_f64()[..100], [1.0; 100]);
    assert_eq!(counts.arithmetic, 200); // a remainder and an addition each
    assert_eq!(counts.moves, 0);
    assert!(crate::check::check_accumulators(&histogram(3, 4, false)).is_ok());
}

#[test]
fn an_accumulator_that_is_kept_is_copied() {
    let (_, counts) = eval_counted(&histogram(10, 1000, true), &[]).unwrap();
    // Every iteration copies it, and stacks it as an output.
    assert_eq!(counts.moves, 20 * 1000);
    assert!(crate::check::check_accumulators(&histogram(3, 4, true)).is_err());
}

#[test]
fn a_gather_of_one_is_one_move() {
    let mut b = Builder::new(vec![
        Type::array(Carrier::F64, [1000]),
        Type::scalar(Carrier::Int),
    ]);
    let site = Site(0);
    let x = b.prim(Prim::Gather { axes: 1, site }, &[Slot(0), Slot(1)]);
    let f = b.finish(vec![x]);
    let args = [real(&[1000], &[1.0; 1000]), int(&[], &[3.0])];
    let (_, counts) = eval_counted(&f, &args).unwrap();
    assert_eq!((counts.arithmetic, counts.moves), (0, 1));
}
