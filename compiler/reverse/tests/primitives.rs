//! Every primitive of the table has a row, and the row is right.

mod support;

use lentil_unary::dice::Dice;
use lentil_unary::{
    Array, BinaryOp, Builder, Carrier, Fold, LinalgOp, Op, Prim, Region, Type, UnaryOp, typing,
};
use support::{check_derivatives, check_exact, check_second};

/// A region that is one primitive, at arguments for which it is smooth.
fn alone(prim: &Prim, types: &[Type], seed: u64) -> (Region, Vec<Array>) {
    let mut b = Builder::new(types.to_vec());
    let params = b.param_slots();
    let ys = b.emit(Op::Prim(prim.clone()), &params);
    let region = b.finish(ys);
    let mut dice = Dice::new(seed);
    let args = types
        .iter()
        .enumerate()
        .map(|(k, ty)| arg(prim, k, ty, &mut dice))
        .collect();
    (region, args)
}

fn arg(prim: &Prim, k: usize, ty: &Type, dice: &mut Dice) -> Array {
    if ty.carrier.is_real() {
        // Away from where the primitive is not smooth.
        let values: Vec<f64> = (0..ty.len())
            .map(|i| {
                let x = dice.real();
                let (row, column) = match ty.shape.last() {
                    Some(&n) => (i / n % ty.shape[ty.rank().max(2) - 2], i % n),
                    None => (0, 0),
                };
                match prim {
                    // Matrices with an answer, and with values that lie apart.
                    Prim::Linalg(_) if k == 0 && row == column => 4.0 * (1.0 + row as f64) + x,
                    Prim::Unary(
                        UnaryOp::Log
                        | UnaryOp::Log2
                        | UnaryOp::Log10
                        | UnaryOp::Sqrt
                        | UnaryOp::Cbrt
                        | UnaryOp::Lgamma,
                    ) => 0.1 + x.abs(),
                    Prim::Unary(UnaryOp::Acosh) => 1.1 + x.abs(),
                    Prim::Binary(BinaryOp::Polygamma) if k == 0 => {
                        f64::from(dice.word() as u32 % 3)
                    }
                    Prim::Binary(BinaryOp::Polygamma | BinaryOp::Hypot | BinaryOp::Rem) => {
                        0.3 + x.abs()
                    }
                    Prim::Unary(_) => 0.9 * x + 0.01,
                    Prim::Binary(BinaryOp::Div | BinaryOp::Atan2) if k == 1 => 0.5 + x.abs(),
                    Prim::Binary(BinaryOp::Pow) if k == 0 => 0.2 + x.abs(),
                    _ => x,
                }
            })
            .collect();
        return Array::from_f64(ty.clone(), &values);
    }
    // Indices that stand in range, also for the second of two axes of length 3.
    if let (Prim::Gather { .. } | Prim::ScatterAdd { .. }, Carrier::Int) = (prim, ty.carrier) {
        let values: Vec<f64> = (0..ty.len()).map(|_| (dice.word() % 2) as f64).collect();
        return Array::from_f64(ty.clone(), &values);
    }
    dice.array(ty)
}

#[test]
fn every_primitive_over_the_reals() {
    for example in Prim::examples() {
        if example.args.iter().any(|t| t.carrier == Carrier::F32) {
            continue;
        }
        let real = |t: &Type| t.carrier == Carrier::F64 || !t.differentiable();
        if !example.args.iter().all(real) {
            continue;
        }
        // Rounding and conversions into rings have their own test below.
        let elsewhere = [Carrier::F32, Carrier::Bit, Carrier::Mod(7)].map(Prim::Convert);
        if elsewhere.contains(&example.prim) {
            continue;
        }
        for seed in 0..3 {
            let (f, args) = alone(&example.prim, &example.args, seed);
            check_second(&format!("{:?}", example.prim), &f, &args);
        }
    }
}

#[test]
fn every_primitive_over_finite_rings() {
    for example in Prim::examples() {
        let ring = |t: &Type| matches!(t.carrier, Carrier::Bit | Carrier::Mod(_));
        if !example.args.iter().any(ring) {
            continue;
        }
        if matches!(&example.prim, Prim::Convert(to) if to.is_real()) {
            continue;
        }
        for n in [2, 3, 5] {
            let types: Vec<Type> = example
                .args
                .iter()
                .map(|t| {
                    if ring(t) {
                        t.with_carrier(ring_of(n))
                    } else {
                        t.clone()
                    }
                })
                .collect();
            let prim = match &example.prim {
                Prim::Convert(Carrier::Bit | Carrier::Mod(_)) => Prim::Convert(ring_of(n)),
                other => other.clone(),
            };
            for seed in 0..3 {
                let (f, args) = alone(&prim, &types, seed);
                check_exact(&format!("{prim:?} modulo {n}"), &f, &args, n);
            }
        }
    }
}

fn ring_of(n: u32) -> Carrier {
    if n == 2 {
        Carrier::Bit
    } else {
        Carrier::Mod(n)
    }
}

/// Over all axes and directions, not only those of the table.
#[test]
fn folds_along_every_axis() {
    let ty = support::real(&[2, 3, 2]);
    let reductions = [Fold::Sum, Fold::Prod, Fold::Max, Fold::Min, Fold::LogSumExp];
    let axes: [&[usize]; 7] = [&[], &[0], &[1], &[2], &[0, 1], &[0, 2], &[0, 1, 2]];
    for fold in reductions {
        for axes in axes {
            let prim = Prim::Reduce {
                fold,
                axes: axes.to_vec(),
            };
            let (f, args) = alone(&prim, std::slice::from_ref(&ty), 3);
            check_second(&format!("{prim:?}"), &f, &args);
        }
    }
    for fold in [Fold::Sum, Fold::Prod, Fold::Max, Fold::Min] {
        for axis in 0..3 {
            for (exclusive, reverse) in [(false, false), (false, true), (true, false), (true, true)]
            {
                let prim = Prim::Scan {
                    fold,
                    axis,
                    exclusive,
                    reverse,
                };
                let (f, args) = alone(&prim, std::slice::from_ref(&ty), 4);
                let exclusive_extreme = exclusive && matches!(fold, Fold::Max | Fold::Min);
                if !exclusive_extreme {
                    check_second(&format!("{prim:?}"), &f, &args);
                    continue;
                }
                // Its first element is infinite: look at the others.
                let mut b = Builder::new(vec![ty.clone()]);
                let x = b.param(0);
                let y = b.prim(prim.clone(), &[x]);
                let (mut start, mut len) = (vec![0; 3], ty.shape.clone());
                len[axis] -= 1;
                start[axis] = usize::from(!reverse);
                let rest = b.prim(
                    Prim::Slice {
                        start,
                        len,
                        step: vec![1; 3],
                    },
                    &[y],
                );
                let f = b.finish(vec![rest]);
                check_second(&format!("{prim:?}"), &f, &args);
            }
        }
    }
}

/// Linear algebra over tall, wide, single and batched matrices.
#[test]
fn matrices_of_every_shape() {
    for op in LinalgOp::ALL {
        for (batch, n, m) in [(&[][..], 1, 1), (&[], 3, 2), (&[], 2, 3), (&[2, 1], 2, 2)] {
            let matrix = |m: usize, n: usize| support::real(&[batch, &[m, n]].concat());
            let types = match op {
                LinalgOp::Svd | LinalgOp::Qr => vec![matrix(n, m)],
                LinalgOp::Cholesky | LinalgOp::Det | LinalgOp::Eigh => vec![matrix(n, n)],
                LinalgOp::SolveTriangular { .. } | LinalgOp::Solve => {
                    vec![matrix(n, n), matrix(n, m)]
                }
                LinalgOp::CholeskyForward | LinalgOp::CholeskyReverse => vec![matrix(n, n); 2],
            };
            let (f, args) = alone(&Prim::Linalg(op), &types, 1);
            check_second(&format!("{op:?} of {types:?}"), &f, &args);
            // Each result alone: the others' cotangents are nothing, not arrays of zeros.
            for (k, &result) in f.results().iter().enumerate() {
                let f = Region::new(f.params().to_vec(), f.steps().to_vec(), vec![result]);
                let what = format!("result {k} of {op:?} of {types:?}");
                check_derivatives(&what, &f, &args);
            }
        }
    }
}

/// Zeros among the factors, and equal elements: the lowest index takes all.
#[test]
fn zeros_and_ties() {
    let ty = support::real(&[5]);
    let args = [Array::from_f64(ty.clone(), &[2.0, 0.0, 3.0, 0.0, 5.0])];
    for reverse in [false, true] {
        for exclusive in [false, true] {
            let prim = Prim::Scan {
                fold: Fold::Prod,
                axis: 0,
                exclusive,
                reverse,
            };
            let (f, _) = alone(&prim, std::slice::from_ref(&ty), 0);
            check_second("a scan of zeros", &f, &args);
        }
    }
    for values in [[2.0, 0.0, 3.0, 4.0, 5.0], [2.0, 0.0, 3.0, 0.0, 5.0]] {
        let prim = Prim::Reduce {
            fold: Fold::Prod,
            axes: vec![0],
        };
        let (f, _) = alone(&prim, std::slice::from_ref(&ty), 0);
        check_second(
            "a product of zeros",
            &f,
            &[Array::from_f64(ty.clone(), &values)],
        );
    }
    for fold in [Fold::Max, Fold::Min] {
        let tied = Array::from_f64(ty.clone(), &[1.0, 1.0, 1.0, 1.0, 1.0]);
        let (f, _) = alone(
            &Prim::Reduce {
                fold,
                axes: vec![0],
            },
            std::slice::from_ref(&ty),
            0,
        );
        let r = lentil_reverse::reverse(&f, &[true]);
        let dy = support::array(&[], &[7.0]);
        assert_eq!(
            support::run("a tie", &r, &[tied.clone(), dy]),
            [7.0, 0.0, 0.0, 0.0, 0.0]
        );
        let scan = Prim::Scan {
            fold,
            axis: 0,
            exclusive: false,
            reverse: false,
        };
        let (f, _) = alone(&scan, std::slice::from_ref(&ty), 0);
        let r = lentil_reverse::reverse(&f, &[true]);
        let dy = support::array(&[5], &[1.0; 5]);
        assert_eq!(
            support::run("ties", &r, &[tied, dy]),
            [5.0, 0.0, 0.0, 0.0, 0.0]
        );
    }
    for (op, x, y, dx) in [
        (BinaryOp::Max, 1.0, 1.0, [1.0, 0.0]),
        (BinaryOp::Min, 1.0, 1.0, [1.0, 0.0]),
        (BinaryOp::Pow, 0.0, 0.0, [0.0, 0.0]),
        (BinaryOp::Pow, 0.0, 2.0, [0.0, 0.0]),
        (BinaryOp::Pow, 0.0, 1.0, [1.0, 0.0]),
        (BinaryOp::Pow, 3.0, 0.0, [0.0, 3f64.ln()]),
    ] {
        let scalar = support::real(&[]);
        let (f, _) = alone(&Prim::Binary(op), &[scalar.clone(), scalar], 0);
        let r = lentil_reverse::reverse(&f, &[true, true]);
        let args = [x, y, 1.0].map(|x| support::array(&[], &[x]));
        let what = format!("{op:?} at {x}, {y}");
        support::assert_near(&what, &support::run(&what, &r, &args), &dx, 1e-15);
    }
}

/// A second derivative at the border, where a NaN that was selected away would come back.
#[test]
fn powers_at_zero_have_all_derivatives() {
    let scalar = support::real(&[]);
    let (f, _) = alone(
        &Prim::Binary(BinaryOp::Pow),
        &[scalar.clone(), scalar.clone()],
        0,
    );
    let first = lentil_reverse::reverse(&f, &[true, false]);
    let second = lentil_reverse::reverse(&first, &[true, false, false]);
    let third = lentil_reverse::reverse(&second, &[true, false, false, false]);
    for (p, want) in [
        (0.0, [0.0, 0.0, 0.0]),
        (1.0, [1.0, 0.0, 0.0]),
        (2.0, [0.0, 2.0, 0.0]),
        (3.0, [0.0, 0.0, 6.0]),
    ] {
        for (r, want) in [&first, &second, &third].into_iter().zip(want) {
            let mut args = vec![support::array(&[], &[0.0]), support::array(&[], &[p])];
            args.resize(r.params().len(), support::array(&[], &[1.0]));
            assert_eq!(support::run("a power", r, &args), [want], "0^{p}");
        }
    }
}

/// Rounding between the reals passes cotangents; a conversion to a ring or from one stops them.
#[test]
fn conversions() {
    let carriers = [
        Carrier::F32,
        Carrier::F64,
        Carrier::Bit,
        Carrier::Mod(5),
        Carrier::Int,
        Carrier::Bool,
    ];
    for from in carriers {
        for to in carriers {
            let ty = Type::array(from, [2]);
            let prim = Prim::Convert(to);
            assert!(typing::infer(&Op::Prim(prim.clone()), &[&ty]).is_ok());
            let (f, args) = alone(&prim, std::slice::from_ref(&ty), 1);
            if !from.differentiable() || !to.differentiable() {
                continue;
            }
            let r = lentil_reverse::reverse(&f, &[true]);
            let one = Array::from_f64(Type::array(to, [2]), &[1.0, 1.0]);
            let passes = from == to || from.is_real() && to.is_real();
            let want = if passes { [1.0, 1.0] } else { [0.0, 0.0] };
            let have = support::run("a conversion", &r, &[args, vec![one]].concat());
            assert_eq!(have, want, "{from} to {to}");
        }
    }
}

/// Contractions with axes in every order.
#[test]
fn contractions() {
    type Pairs = &'static [(usize, usize)];
    let cases: [(&[usize], &[usize], Pairs, Pairs); 7] = [
        (&[3], &[3], &[], &[(0, 0)]),
        (&[3], &[2], &[], &[]),
        (&[2, 3], &[3], &[], &[(1, 0)]),
        (&[2, 3, 4], &[4, 2, 3], &[(0, 1)], &[(2, 0)]),
        (&[2, 3, 4], &[4, 3, 2], &[(1, 1)], &[(2, 0), (0, 2)]),
        (&[4, 2, 3, 2], &[3, 5, 4], &[(0, 2)], &[(2, 0)]),
        (&[2, 3], &[3, 2], &[], &[(0, 1), (1, 0)]),
    ];
    for (a, b, batch, sum) in cases {
        let prim = Prim::Contract {
            batch: batch.to_vec(),
            sum: sum.to_vec(),
        };
        let (f, args) = alone(&prim, &[support::real(a), support::real(b)], 2);
        check_derivatives(&format!("{prim:?}"), &f, &args);
    }
}
