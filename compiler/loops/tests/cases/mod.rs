//! Programs by hand, at least one for each primitive, and how two runs are compared.
#![allow(dead_code)] // each test that includes this file uses some of it

pub mod control;
pub mod windows;

use lentil_unary::{
    Array, BinaryOp, Builder, Carrier, CompareOp, Data, Fold, LinalgOp, Literal, Op, Prim, Region,
    Site, Trap, Type, UnaryOp,
};

/// A program with arguments.
pub struct Case {
    pub name: String,
    pub region: Region,
    pub args: Vec<Array>,
}

/// Whether two outcomes agree bit for bit; which NaN a NaN is, is open.
pub fn same(x: &Result<Vec<Array>, Trap>, y: &Result<Vec<Array>, Trap>) -> bool {
    match (x, y) {
        (Ok(x), Ok(y)) => x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same_array(x, y)),
        (Err(x), Err(y)) => x == y,
        (Ok(_), Err(_)) | (Err(_), Ok(_)) => false,
    }
}

fn same_array(x: &Array, y: &Array) -> bool {
    if x.ty() != y.ty() {
        return false;
    }
    match (x.data(), y.data()) {
        (Data::F32(x), Data::F32(y)) => x
            .iter()
            .zip(y)
            .all(|(x, y)| x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan()),
        (Data::F64(x), Data::F64(y)) => x
            .iter()
            .zip(y)
            .all(|(x, y)| x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan()),
        (x, y) => x == y,
    }
}

/// Numbers that tell apart what is easily confused: signs, zeros, halves, a NaN and infinities last.
pub fn array(carrier: Carrier, shape: &[usize]) -> Array {
    let ty = Type::array(carrier, shape);
    let awkward = [
        1.5, -2.25, 0.0, -0.0, 3.0, -0.5, 7.75, 0.25, -1.0, 2.5, 100.0, -3.5,
    ];
    let values: Vec<f64> = (0..ty.len())
        .map(|i| awkward[(i * 5 + 3) % awkward.len()] + (i / awkward.len()) as f64)
        .collect();
    Array::from_f64(ty, &values)
}

fn case(name: &str, args: Vec<Array>, prim: Prim) -> Case {
    let mut b = Builder::new(args.iter().map(|a| a.ty().clone()).collect());
    let slots = b.param_slots();
    let results = b.emit(Op::Prim(prim), &slots);
    let region = b.finish(results);
    Case {
        name: name.to_string(),
        region,
        args,
    }
}

/// Wraps the arguments and the result of a case in pointwise functions, so that there is something to fuse.
fn wrapped(plain: &Case) -> Case {
    let mut b = Builder::new(plain.region.params().to_vec());
    let mut args = b.param_slots();
    for arg in &mut args {
        if b.ty(*arg).carrier.is_real() {
            *arg = b.unary(UnaryOp::Exp, *arg);
            *arg = b.neg(*arg);
        }
    }
    let mut results = b.inline(&plain.region, &args);
    for k in 0..results.len() {
        let r = results[k];
        if b.ty(r).carrier.is_real() {
            let square = b.mul(r, r);
            let sum = b.add(square, r);
            results.push(sum);
            results.push(sum);
        }
    }
    Case {
        name: format!("{} in pointwise functions", plain.name),
        region: b.finish(results),
        args: plain.args.clone(),
    }
}

pub const CARRIERS: [Carrier; 7] = [
    Carrier::F32,
    Carrier::F64,
    Carrier::Bit,
    Carrier::Mod(7),
    Carrier::Mod(4_294_967_291),
    Carrier::Int,
    Carrier::Bool,
];

/// All special values of a carrier against each other.
fn specials(carrier: Carrier) -> Vec<f64> {
    match carrier {
        Carrier::F32 | Carrier::F64 => vec![
            0.0,
            -0.0,
            1.0,
            -1.0,
            0.5,
            -0.5,
            1.5,
            2.5,
            -2.5,
            0.3,
            -0.7,
            20.0,
            -20.0,
            1e10,
            -1e10,
            3e9,
            1e300,
            -1e19,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            1e-40,
        ],
        Carrier::Int => vec![
            0.0,
            1.0,
            -1.0,
            2.0,
            -2.0,
            7.0,
            -7.0,
            9e18,
            i64::MIN as f64,
            i64::MAX as f64,
        ],
        Carrier::Mod(_) => vec![0.0, 1.0, -1.0, 2.0, 3.0, -2.0],
        Carrier::Bit | Carrier::Bool => vec![0.0, 1.0],
    }
}

fn pointwise(cases: &mut Vec<Case>) {
    for carrier in CARRIERS {
        let values = specials(carrier);
        let n = values.len();
        let one = Array::from_f64(Type::array(carrier, [n]), &values);
        let left: Vec<f64> = (0..n * n).map(|k| values[k / n]).collect();
        let right: Vec<f64> = (0..n * n).map(|k| values[k % n]).collect();
        let square = Type::array(carrier, [n, n]);
        let pair = vec![
            Array::from_f64(square.clone(), &left),
            Array::from_f64(square.clone(), &right),
        ];
        for op in UnaryOp::ALL {
            if lentil_unary::typing::unary_fits(op, carrier) {
                let name = format!("{op:?} {carrier}");
                cases.push(case(&name, vec![one.clone()], Prim::Unary(op)));
            }
        }
        for op in BinaryOp::ALL {
            if lentil_unary::typing::binary_fits(op, carrier) {
                cases.push(case(
                    &format!("{op:?} {carrier}"),
                    pair.clone(),
                    Prim::Binary(op),
                ));
            }
        }
        for op in CompareOp::ALL {
            cases.push(case(
                &format!("{op:?} {carrier}"),
                pair.clone(),
                Prim::Compare(op),
            ));
        }
        for to in CARRIERS {
            let name = format!("{carrier} to {to}");
            cases.push(case(&name, vec![one.clone()], Prim::Convert(to)));
        }
        let condition = array(Carrier::Bool, &[n, n]);
        let args = [vec![condition], pair.clone()].concat();
        cases.push(case(&format!("Select {carrier}"), args, Prim::Select));
        cases.push(case(
            &format!("Literal {carrier}"),
            vec![],
            Prim::Literal(Literal::integer(carrier, 3)),
        ));
    }
    cases.push(case("Iota", vec![], Prim::Iota(5)));
    cases.push(case("Iota 0", vec![], Prim::Iota(0)));
}

fn structure(cases: &mut Vec<Case>, carrier: Carrier) {
    let mut push = |name: &str, shapes: &[&[usize]], prim: Prim| {
        let args = shapes.iter().map(|s| array(carrier, s)).collect();
        let plain = case(&format!("{name} {carrier}"), args, prim);
        cases.push(wrapped(&plain));
        cases.push(plain);
    };
    let broadcast = |shape: &[usize], axes: &[usize]| Prim::Broadcast {
        shape: shape.to_vec(),
        axes: axes.to_vec(),
    };
    push("Broadcast scalar", &[&[]], broadcast(&[2, 3], &[]));
    push("Broadcast rows", &[&[3]], broadcast(&[2, 3, 2], &[1]));
    push("Broadcast to none", &[&[3]], broadcast(&[0, 3], &[1]));
    push("Transpose", &[&[2, 3, 4]], Prim::Transpose(vec![2, 0, 1]));
    push("Reshape", &[&[2, 6]], Prim::Reshape(vec![3, 4]));
    push("Reshape split", &[&[6, 2]], Prim::Reshape(vec![2, 3, 1, 2]));
    push("Reshape join", &[&[2, 3, 2]], Prim::Reshape(vec![12]));
    push("Reshape to a scalar", &[&[1, 1]], Prim::Reshape(vec![]));
    push("Reshape none", &[&[0, 3]], Prim::Reshape(vec![5, 0]));
    let slice = Prim::Slice {
        start: vec![1, 0],
        len: vec![2, 2],
        step: vec![1, 2],
    };
    push("Slice", &[&[4, 3]], slice);
    let empty = Prim::Slice {
        start: vec![4, 0],
        len: vec![0, 3],
        step: vec![1, 1],
    };
    push("Slice none", &[&[4, 3]], empty);
    let pad = Prim::Pad {
        before: vec![1, 0],
        after: vec![0, 2],
        between: vec![2, 1],
    };
    push("Pad", &[&[3, 2]], pad.clone());
    push("Pad none", &[&[0, 2]], pad);
    push("Concat", &[&[2, 1], &[2, 3], &[2, 0]], Prim::Concat(1));
    push("Concat leading", &[&[2, 2], &[1, 2]], Prim::Concat(0));
    push("Trace", &[&[3, 2]], Prim::Trace("x".into()));
    push("Trace nothing", &[&[0, 2]], Prim::Trace("x".into()));
    push("Flip", &[&[3, 2]], Prim::Flip(vec![0, 1]));
    push("Flip none", &[&[0, 2]], Prim::Flip(vec![0]));
}

fn folds(cases: &mut Vec<Case>, carrier: Carrier) {
    let all = [
        Fold::Sum,
        Fold::Prod,
        Fold::Max,
        Fold::Min,
        Fold::LogSumExp,
        Fold::All,
        Fold::Any,
    ];
    for fold in all {
        if !lentil_unary::typing::fold_fits(fold, carrier) {
            continue;
        }
        let mut push = |name: String, shape: &[usize], prim: Prim| {
            let plain = case(&name, vec![array(carrier, shape)], prim);
            cases.push(wrapped(&plain));
            cases.push(plain);
        };
        let shapes: [&[usize]; 5] = [&[4, 3, 5], &[2, 0, 3], &[1, 7, 1], &[3, 1, 4], &[0, 2, 3]];
        for shape in shapes {
            for axes in [vec![], vec![0], vec![1], vec![2], vec![0, 2], vec![0, 1, 2]] {
                let name = format!("{fold:?} {carrier} {shape:?} over {axes:?}");
                push(name, shape, Prim::Reduce { fold, axes });
            }
        }
        if !matches!(fold, Fold::Sum | Fold::Prod | Fold::Max | Fold::Min) {
            continue;
        }
        for (exclusive, reverse) in [(false, false), (false, true), (true, false), (true, true)] {
            for axis in 0..2 {
                let name = format!("Scan {fold:?} {carrier} {axis} {exclusive} {reverse}");
                let prim = Prim::Scan {
                    fold,
                    axis,
                    exclusive,
                    reverse,
                };
                push(name, &[3, 4], prim);
            }
        }
    }
    if carrier.is_real() || carrier == Carrier::Int {
        let mut values = array(carrier, &[3, 4]).to_f64();
        values[5] = f64::NAN;
        values[6] = f64::NAN;
        values[3] = f64::INFINITY;
        let x = Array::from_f64(Type::array(carrier, [3, 4]), &values);
        for axis in 0..2 {
            let name = format!("{carrier} {axis}");
            cases.push(case(
                &format!("ArgMax {name}"),
                vec![x.clone()],
                Prim::ArgMax(axis),
            ));
            cases.push(case(
                &format!("ArgMin {name}"),
                vec![x.clone()],
                Prim::ArgMin(axis),
            ));
        }
        for descending in [false, true] {
            cases.push(case(
                &format!("ArgSort {carrier} {descending}"),
                vec![x.clone()],
                Prim::ArgSort { descending },
            ));
        }
    }
}

fn contractions(cases: &mut Vec<Case>, carrier: Carrier) {
    type Pairs = Vec<(usize, usize)>;
    let table: [(&[usize], &[usize], Pairs, Pairs); 11] = [
        (&[3, 4], &[4, 5], vec![], vec![(1, 0)]),
        (&[4, 3], &[4, 5], vec![], vec![(0, 0)]),
        (&[3, 4], &[5, 4], vec![], vec![(1, 1)]),
        (&[2, 3, 4], &[2, 4, 5], vec![(0, 0)], vec![(2, 1)]),
        (&[3], &[4], vec![], vec![]),
        (&[6], &[6], vec![], vec![(0, 0)]),
        (&[2, 3, 4], &[4, 3], vec![], vec![(1, 1), (2, 0)]),
        (&[3, 0], &[0, 5], vec![], vec![(1, 0)]),
        (&[0, 2], &[2, 5], vec![], vec![(1, 0)]),
        (&[20, 21], &[21, 22], vec![], vec![(1, 0)]),
        (
            &[2, 16, 3, 8],
            &[8, 3, 2, 17],
            vec![(0, 2)],
            vec![(3, 0), (2, 1)],
        ),
    ];
    for (a, b, batch, sum) in table {
        let name = format!("Contract {carrier} {a:?} {b:?} {batch:?} {sum:?}");
        let args = vec![array(carrier, a), array(carrier, b)];
        let plain = case(&name, args, Prim::Contract { batch, sum });
        cases.push(wrapped(&plain));
        cases.push(plain);
    }
}

fn indexed(cases: &mut Vec<Case>, carrier: Carrier) {
    let int =
        |shape: &[usize], values: &[f64]| Array::from_f64(Type::array(Carrier::Int, shape), values);
    let site = Site(7);
    let x = array(carrier, &[4, 3]);
    let rows = int(&[5], &[0.0, 3.0, 3.0, 1.0, 0.0]);
    let columns = int(&[5], &[2.0, 0.0, 0.0, 1.0, 2.0]);
    let wrong = int(&[5], &[2.0, 0.0, 4.0, -1.0, 2.0]);
    let mut gather = |name: &str, args: Vec<Array>| {
        let axes = args.len() - 1;
        let prim = Prim::Gather { axes, site };
        cases.push(case(&format!("Gather {name} {carrier}"), args, prim));
    };
    gather("rows", vec![x.clone(), rows.clone()]);
    gather("cells", vec![x.clone(), rows.clone(), columns.clone()]);
    gather("a scalar", vec![x.clone(), int(&[], &[2.0])]);
    gather("out of range", vec![x.clone(), wrong.clone()]);
    gather(
        "a column out of range",
        vec![x.clone(), rows.clone(), wrong.clone()],
    );
    gather("from nothing", vec![array(carrier, &[0, 3]), rows.clone()]);
    gather("nothing", vec![array(carrier, &[0, 3]), int(&[0], &[])]);
    if !lentil_unary::typing::fold_fits(Fold::Sum, carrier) {
        return;
    }
    let mut scatter = |name: &str, args: Vec<Array>| {
        let axes = args.len() - 2;
        let prim = Prim::ScatterAdd { axes, site };
        cases.push(case(&format!("ScatterAdd {name} {carrier}"), args, prim));
    };
    let row_values = array(carrier, &[5, 3]);
    let cell_values = array(carrier, &[5]);
    scatter("rows", vec![x.clone(), rows.clone(), row_values.clone()]);
    scatter("cells", vec![x.clone(), rows.clone(), columns, cell_values]);
    scatter("out of range", vec![x.clone(), wrong, row_values]);
    scatter(
        "a row",
        vec![x.clone(), int(&[], &[1.0]), array(carrier, &[3])],
    );
    scatter("nothing", vec![x, int(&[0], &[]), array(carrier, &[0, 3])]);
}

fn randoms(cases: &mut Vec<Case>) {
    let key = Array::from_f64(Type::array(Carrier::Int, [2]), &[17.0, 4_000_000_000.0]);
    let number = Array::from_f64(Type::scalar(Carrier::Int), &[-3.0]);
    for shape in [vec![3, 5], vec![], vec![0, 2]] {
        cases.push(case(
            "RandomBits",
            vec![key.clone()],
            Prim::RandomBits(shape),
        ));
    }
    cases.push(case("RandomSplit", vec![key.clone()], Prim::RandomSplit(3)));
    cases.push(case("RandomFold", vec![key, number], Prim::RandomFold));
    // Of many keys, and of none.
    for batch in [vec![3], vec![2, 2], vec![0]] {
        let count: usize = batch.iter().product();
        let ints = |shape: Vec<usize>| {
            let ty = Type::array(Carrier::Int, shape);
            let values: Vec<f64> = (0..ty.len()).map(|k| (k * k * 77_777_777) as f64).collect();
            Array::from_f64(ty, &values)
        };
        let keys = ints([&batch[..], &[2]].concat());
        let numbers = ints(batch);
        for shape in [vec![3], vec![], vec![0, 2]] {
            let name = format!("RandomBits of {count}");
            cases.push(case(&name, vec![keys.clone()], Prim::RandomBits(shape)));
        }
        let name = format!("RandomSplit of {count}");
        cases.push(case(&name, vec![keys.clone()], Prim::RandomSplit(3)));
        let name = format!("RandomFold of {count}");
        cases.push(case(&name, vec![keys, numbers], Prim::RandomFold));
    }
}

/// Single matrices and batches, and none.
fn linear(cases: &mut Vec<Case>, carrier: Carrier) {
    for op in LinalgOp::ALL {
        for (batch, n, m) in [(&[][..], 3, 2), (&[2], 2, 3), (&[], 0, 2), (&[0], 2, 2)] {
            let columns = match op {
                LinalgOp::Svd | LinalgOp::Qr => m,
                LinalgOp::Cholesky
                | LinalgOp::SolveTriangular { .. }
                | LinalgOp::Solve
                | LinalgOp::Det
                | LinalgOp::Eigh
                | LinalgOp::CholeskyForward
                | LinalgOp::CholeskyReverse => n,
            };
            let sides = match op {
                LinalgOp::CholeskyForward | LinalgOp::CholeskyReverse => n,
                LinalgOp::SolveTriangular { .. }
                | LinalgOp::Solve
                | LinalgOp::Svd
                | LinalgOp::Qr
                | LinalgOp::Cholesky
                | LinalgOp::Det
                | LinalgOp::Eigh => m,
            };
            let shapes = [
                [batch, &[n, columns]].concat(),
                [batch, &[n, sides]].concat(),
            ];
            let args = shapes[..op.arguments()].iter().map(|shape| {
                let ty = Type::array(carrier, shape.clone());
                let last = shape[shape.len() - 1];
                let value = |k: usize| {
                    let diagonal = k / last % n.max(1) == k % last;
                    (k * 7 % 5) as f64 * 0.25 + if diagonal { 4.0 } else { 0.0 }
                };
                let values: Vec<f64> = (0..ty.len()).map(value).collect();
                Array::from_f64(ty, &values)
            });
            let args = args.collect();
            cases.push(case(op.name(), args, Prim::Linalg(op)));
        }
        // No number, no answer.
        let ty = Type::array(carrier, [2, 2]);
        let none = Array::from_f64(ty, &[1.0, f64::NAN, 0.0, 1.0]);
        let args = vec![none; op.arguments()];
        cases.push(case("no number", args, Prim::Linalg(op)));
    }
}

/// One case or more for each primitive.
pub fn primitives() -> Vec<Case> {
    let mut cases = Vec::new();
    pointwise(&mut cases);
    for carrier in CARRIERS {
        structure(&mut cases, carrier);
        folds(&mut cases, carrier);
        if lentil_unary::typing::fold_fits(Fold::Prod, carrier) {
            contractions(&mut cases, carrier);
        }
        indexed(&mut cases, carrier);
    }
    randoms(&mut cases);
    linear(&mut cases, Carrier::F32);
    linear(&mut cases, Carrier::F64);
    cases
}
