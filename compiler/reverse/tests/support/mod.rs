//! What the tests of this crate share: an independent oracle, and the comparisons with it.
#![allow(dead_code)] // each test file uses its part

pub mod matrices;
pub mod number;
pub mod oracle;
pub mod tape;

use lentil_unary::check::{check, check_resolved};
use lentil_unary::dice::Dice;
use lentil_unary::eval::eval;
use lentil_unary::{Array, Carrier, Data, Region, Type};

use number::{Complex, Dual, Number, STEP};
use oracle::Value;

pub fn real(shape: &[usize]) -> Type {
    Type::array(Carrier::F64, shape)
}

pub fn int(shape: &[usize]) -> Type {
    Type::array(Carrier::Int, shape)
}

pub fn array(shape: &[usize], values: &[f64]) -> Array {
    Array::from_f64(real(shape), values)
}

pub fn ints(values: &[i64]) -> Array {
    Array::new(int(&[values.len()]), Data::Int(values.to_vec()))
}

/// Types of the changes of a list of types.
pub fn changes(types: &[Type]) -> Vec<Type> {
    types
        .iter()
        .filter(|t| t.differentiable())
        .cloned()
        .collect()
}

fn value<N: Number>(array: &Array, make: impl Fn(usize, f64) -> N) -> Value<N> {
    if array.ty().differentiable() {
        let values = array.to_f64();
        Value::Numbers(
            values
                .iter()
                .enumerate()
                .map(|(i, &x)| make(i, x))
                .collect(),
        )
    } else {
        let data = (0..array.ty().len()).map(|i| array.literal(i).as_i64());
        Value::Integers(data.collect())
    }
}

/// Runs a region at every unit direction of every differentiable argument.
/// Entry `[p][i]` holds the directions of all differentiable results, one after the other.
fn directions<N: Number>(
    f: &Region,
    args: &[Array],
    make: impl Fn(&Type, f64, bool) -> N,
    direction: impl Fn(N) -> f64,
) -> Vec<Vec<Vec<f64>>> {
    let mut all = Vec::new();
    for (p, arg) in args.iter().enumerate() {
        if !arg.ty().differentiable() {
            continue;
        }
        let mut columns = Vec::new();
        for i in 0..arg.ty().len() {
            let values = args
                .iter()
                .enumerate()
                .map(|(q, a)| value(a, |j, x| make(a.ty(), x, p == q && i == j)));
            let results = oracle::run(f, values.collect());
            let mut column = Vec::new();
            for (ty, result) in f.result_types().iter().zip(&results) {
                if ty.differentiable() {
                    column.extend(result.numbers().iter().map(|&n| direction(n)));
                }
            }
            columns.push(column);
        }
        all.push(columns);
    }
    all
}

/// The Jacobian by complex steps.
pub fn complex_jacobian(f: &Region, args: &[Array]) -> Vec<Vec<Vec<f64>>> {
    let make = |_: &Type, re: f64, step: bool| Complex {
        re,
        im: if step { STEP } else { 0.0 },
    };
    directions(f, args, make, |z: Complex| z.im / STEP)
}

/// The formal Jacobian of a polynomial program modulo `n`.
pub fn dual_jacobian(f: &Region, args: &[Array], n: u32) -> Vec<Vec<Vec<f64>>> {
    let make = |_: &Type, x: f64, step: bool| Dual {
        n: u64::from(n),
        value: x as u64,
        direction: u64::from(step),
    };
    directions(f, args, make, |d: Dual| d.direction as f64)
}

/// All elements, one after the other.
pub fn flat(arrays: &[Array]) -> Vec<f64> {
    arrays.iter().flat_map(Array::to_f64).collect()
}

/// Whether two vectors agree, relative to their size as a whole.
pub fn assert_near(what: &str, have: &[f64], want: &[f64], tolerance: f64) {
    assert_eq!(have.len(), want.len(), "{what}");
    let norm = |v: &mut dyn Iterator<Item = f64>| v.map(|x| x * x).sum::<f64>().sqrt();
    let size = norm(&mut want.iter().copied().filter(|x| x.is_finite()));
    // Equal infinities differ by nothing.
    let gap = |(a, b): (&f64, &f64)| if a == b { 0.0 } else { a - b };
    let error = norm(&mut have.iter().zip(want).map(gap));
    assert!(
        error <= tolerance * size.max(1e-6),
        "{what}: relative error {}\nhave {have:?}\nwant {want:?}",
        error / size
    );
}

/// R and the forward derivative of `f` at arguments, against complex steps; and the dot test.
pub fn check_derivatives(what: &str, f: &Region, args: &[Array]) {
    let f = &lentil_reverse::resolve(f);
    check_resolved(f).unwrap();
    let make = |x: f64| Complex { re: x, im: 0.0 };
    let plain = args.iter().map(|a| value(a, |_, x| make(x)));
    let plain = oracle::run(f, plain.collect());
    assert_near(
        &format!("{what}, the oracle's values\n{f}"),
        &plain.iter().flat_map(Value::reals).collect::<Vec<f64>>(),
        &flat(&eval(f, args).unwrap()),
        1e-9,
    );
    let jacobian = complex_jacobian(f, args);
    let mut dice = Dice::new(args.len() as u64 + 7);
    let cotangents: Vec<Array> = changes(&f.result_types())
        .iter()
        .map(|t| dice.array(t))
        .collect();
    let tangents: Vec<Array> = changes(f.params()).iter().map(|t| dice.array(t)).collect();
    let (u, v) = (flat(&cotangents), flat(&tangents));

    let mut want = Vec::new();
    for column in jacobian.iter().flatten() {
        want.push(column.iter().zip(&u).map(|(a, b)| a * b).sum::<f64>());
    }
    let wanted = vec![true; f.params().len()];
    let reverse = lentil_reverse::reverse(f, &wanted);
    let given = [args, &cotangents].concat();
    let backwards = run(what, &reverse, &given);
    assert_near(
        &format!("{what}, reverse\n{f}\n{reverse}"),
        &backwards,
        &want,
        1e-9,
    );

    let both = lentil_reverse::value_and_reverse(f, &wanted);
    let mut values = flat(&eval(f, args).unwrap());
    values.extend(&want);
    assert_near(
        &format!("{what}, with values"),
        &run(what, &both, &given),
        &values,
        1e-9,
    );

    let mut pushed = vec![0.0; u.len()];
    for (column, v) in jacobian.iter().flatten().zip(&v) {
        for (sum, x) in pushed.iter_mut().zip(column) {
            *sum += x * v;
        }
    }
    let forward = lentil_reverse::forward(f);
    let given = [args, &tangents].concat();
    let forwards = run(what, &forward, &given);
    assert_near(
        &format!("{what}, forward\n{f}\n{forward}"),
        &forwards,
        &pushed,
        1e-9,
    );
    let with_values = run(what, &lentil_reverse::value_and_forward(f), &given);
    let mut values = flat(&eval(f, args).unwrap());
    values.extend(&pushed);
    assert_near(
        &format!("{what}, forward with values"),
        &with_values,
        &values,
        1e-9,
    );

    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let sizes = dot(&forwards, &forwards).sqrt() * dot(&u, &u).sqrt();
    let gap = dot(&forwards, &u) - dot(&backwards, &v);
    assert!(
        gap.abs() <= 1e-9 * sizes.max(1e-6),
        "{what}: the dot test misses by {gap}"
    );

    // Each parameter alone: what is not wanted is not computed, and changes nothing else.
    let mut start = 0;
    for (p, ty) in f
        .params()
        .iter()
        .enumerate()
        .filter(|(_, t)| t.differentiable())
    {
        let mut only = vec![false; f.params().len()];
        only[p] = true;
        let one = run(
            what,
            &lentil_reverse::reverse(f, &only),
            &[args, &cotangents].concat(),
        );
        let range = start..start + ty.len();
        assert_near(
            &format!("{what}, parameter {p}"),
            &one,
            &want[range.clone()],
            1e-9,
        );
        start = range.end;
    }
}

/// The same for the derivatives of the derivatives.
pub fn check_second(what: &str, f: &Region, args: &[Array]) {
    check_derivatives(what, f, args);
    let wanted = vec![true; f.params().len()];
    let mut dice = Dice::new(99);
    for (name, first) in [
        ("reverse", lentil_reverse::reverse(f, &wanted)),
        ("forward", lentil_reverse::forward(f)),
    ] {
        let mut given = args.to_vec();
        given.extend(first.params()[args.len()..].iter().map(|t| dice.array(t)));
        check_derivatives(&format!("{what}, of its {name} derivative"), &first, &given);
    }
}

/// R over a finite ring equals the formal derivative, exactly.
pub fn check_exact(what: &str, f: &Region, args: &[Array], n: u32) {
    let f = &lentil_reverse::resolve(f);
    let jacobian = dual_jacobian(f, args, n);
    let mut dice = Dice::new(5);
    let cotangents: Vec<Array> = changes(&f.result_types())
        .iter()
        .map(|t| dice.array(t))
        .collect();
    let tangents: Vec<Array> = changes(f.params()).iter().map(|t| dice.array(t)).collect();
    let (u, v) = (flat(&cotangents), flat(&tangents));
    let n = f64::from(n);
    let columns = jacobian.iter().flatten();
    let want: Vec<f64> = columns
        .map(|column| column.iter().zip(&u).map(|(a, b)| a * b).sum::<f64>() % n)
        .collect();
    let reverse = lentil_reverse::reverse(f, &vec![true; f.params().len()]);
    let have = run(what, &reverse, &[args, &cotangents].concat());
    assert_eq!(have, want, "{what}, reverse\n{f}\n{reverse}");
    let mut pushed = vec![0.0; u.len()];
    for (column, v) in jacobian.iter().flatten().zip(&v) {
        for (sum, x) in pushed.iter_mut().zip(column) {
            *sum = (*sum + x * v) % n;
        }
    }
    let forward = lentil_reverse::forward(f);
    let have = run(what, &forward, &[args, &tangents].concat());
    assert_eq!(have, pushed, "{what}, forward\n{f}\n{forward}");
}

/// Checks a region's invariants, evaluates it and flattens the results.
pub fn run(what: &str, region: &Region, args: &[Array]) -> Vec<f64> {
    check(region).unwrap_or_else(|why| panic!("{what}: {why}\n{region}"));
    check_resolved(region).unwrap_or_else(|why| panic!("{what}: {why}\n{region}"));
    flat(&eval(region, args).unwrap_or_else(|trap| panic!("{what}: {trap:?}\n{region}")))
}
