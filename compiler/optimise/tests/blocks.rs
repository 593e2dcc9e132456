//! Sums in blocks are the same sums, and nearer to the truth.

use lentil_optimise::blocks;
use lentil_unary::{Array, Builder, Carrier, Region, Type, check, eval::eval};

fn sum_of(carrier: Carrier, shape: &[usize], axes: &[usize]) -> Region {
    let mut b = Builder::new(vec![Type::array(carrier, shape.to_vec())]);
    let x = b.param(0);
    let sum = b.sum(x, axes);
    b.finish(vec![sum])
}

fn product(shapes: [&[usize]; 2], batch: &[(usize, usize)], sum: &[(usize, usize)]) -> Region {
    let ty = |shape: &[usize]| Type::array(Carrier::F32, shape.to_vec());
    let mut b = Builder::new(shapes.map(ty).to_vec());
    let product = b.contract(b.param(0), b.param(1), batch, sum);
    b.finish(vec![product])
}

/// Small whole numbers, whose sums are exact in any order.
fn numbers(ty: &Type, k: usize) -> Array {
    let of = |i: usize| ((5 * i + i / 7 + k) % 7) as f64 - 3.0;
    Array::from_f64(ty.clone(), &(0..ty.len()).map(of).collect::<Vec<f64>>())
}

#[track_caller]
fn same(region: &Region) {
    let made = blocks(region);
    check::check(&made).expect("well formed");
    assert_eq!(made.result_types(), region.result_types());
    assert_ne!(made.steps().len(), region.steps().len(), "nothing is done");
    let args: Vec<Array> = (region.params().iter().enumerate())
        .map(|(k, ty)| numbers(ty, k))
        .collect();
    assert_eq!(eval(&made, &args), eval(region, &args));
}

#[test]
fn sums_are_the_same() {
    for (shape, axes) in [
        (&[4097][..], &[0][..]),
        (&[10007], &[0]),
        (&[65536], &[0]),
        (&[70, 70], &[0, 1]),
        (&[3, 5000], &[1]),
        (&[5000, 3], &[0]),
        (&[2, 5003, 3, 2], &[1, 3]),
        (&[17, 17, 17], &[0, 1, 2]),
        (&[30, 2, 200], &[0, 2]),
    ] {
        same(&sum_of(Carrier::F32, shape, axes));
    }
}

#[test]
fn products_are_the_same() {
    same(&product([&[5003], &[5003]], &[], &[(0, 0)]));
    same(&product([&[3, 5000], &[5000]], &[], &[(1, 0)]));
    same(&product([&[5003], &[5003, 2]], &[], &[(0, 0)]));
    same(&product([&[70, 70], &[70, 70]], &[], &[(0, 1), (1, 0)]));
    same(&product([&[2, 5000], &[5000, 2, 3]], &[(0, 1)], &[(1, 0)]));
    same(&product(
        [&[4, 70, 70], &[70, 4, 70]],
        &[(0, 1)],
        &[(2, 0), (1, 2)],
    ));
    same(&product([&[9000, 2], &[2, 9000]], &[], &[(0, 1), (1, 0)]));
}

#[test]
fn what_is_short_or_precise_or_a_matrix_product_stays() {
    for region in [
        sum_of(Carrier::F32, &[4096], &[0]),
        sum_of(Carrier::F32, &[0, 9000], &[0]),
        sum_of(Carrier::F64, &[100_000], &[0]),
        sum_of(Carrier::Bit, &[100_000], &[0]),
        product([&[10, 9000], &[9000, 10]], &[], &[(1, 0)]),
    ] {
        assert_eq!(blocks(&region), region);
    }
}

#[test]
fn a_long_sum_is_near_the_truth() {
    let n = 3_000_000;
    let region = sum_of(Carrier::F32, &[n], &[0]);
    let tenths = Array::from_f64(region.params()[0].clone(), &vec![0.1; n]);
    let error = |region: &Region| {
        let sum = eval(region, std::slice::from_ref(&tenths)).expect("a sum")[0].to_f64()[0];
        (sum / (f64::from(0.1f32) * n as f64) - 1.0).abs()
    };
    assert!(error(&region) > 1e-3, "one after another");
    assert!(error(&blocks(&region)) < 1e-4, "in blocks");
}
