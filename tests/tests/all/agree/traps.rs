//! An index out of range stops every evaluator alike, with the same place, index and size; and nothing
//! stops where it is not read.

use lentil_tests::program::{load, lower};
use lentil_tests::rig;
use lentil_unary::eval::eval;
use lentil_unary::{Array, Carrier, Type};

use super::all_agree;

const PROGRAM: &str = "
fn read(x: Real[4], i: Int) -> Real = x[i] * x[i]
fn row(x: Real[4, 3], i: Int) -> Real[3] = x[1, i] * x[i]
fn guarded(x: Real[4], i: Int) -> Real = if 0 <= i and i < 4 then x[i] * x[i] else x[0]
fn nested(x: Real[4], i: Int) -> Real =
  if i >= 0 then (if i < 4 then x[i] * x[i] else x[1]) else x[2]
fn many(x: Real[4], i: Int) -> Real[3] = [ if k == 2 then x[i + k] * x[k] else x[k] for k < 3 ]
fn batched(x: Real[4], i: Int) -> Real[2] = each(fn(k) => x[k] * x[k])([0, i])
fn batched_guarded(x: Real[4], i: Int) -> Real[2] =
  each(fn(k) => if 0 <= k and k < 4 then x[k] * x[k] else x[3])([1, i])
fn ended(x: Real[4], i: Int) -> Real =
  until((0, 0.0), fn(s) => { let (k, t) = s; k >= i }, fn(s) => { let (k, t) = s; (k + 1, t + x[k] * x[k]) }, max: 9)
    |> fn(s) => { let (k, t) = s; t }
fn each_ended(x: Real[4], i: Int) -> Real[2] = each(fn(i) => ended(x, i))([2, i])
fn untaken(x: Real[4], i: Int) -> Real = if x[0] > 100 then ended(x, i) else x[1] * x[1]
fn folded(x: Real[4], i: Int) -> Real = fold(iota[3](), 0.0, fn(s, k) => s + x[k + i] * x[k])
";

fn args(i: i64) -> Vec<Array> {
    let x = Type::array(Carrier::F64, [4]);
    let x = Array::from_f64(x, &[1.0, 2.0, 3.0, 4.0]);
    vec![x, Array::from_f64(Type::scalar(Carrier::Int), &[i as f64])]
}

/// The index and the size at which a function and its derivatives stop, if they do.
fn stops(name: &str, i: i64) -> Option<(i64, usize)> {
    let program = load(PROGRAM);
    let f = lower(&program, name).region;
    let mut args = args(i);
    if let Some(ty) = f.params().first().filter(|ty| ty.rank() > 1) {
        let values: Vec<f64> = (0..ty.len()).map(|k| k as f64).collect();
        args[0] = Array::from_f64(ty.clone(), &values);
    }
    let ones = |types: Vec<Type>| -> Vec<Array> {
        let one = |ty: Type| Array::from_f64(ty.clone(), &vec![1.0; ty.len()]);
        types.into_iter().map(one).collect()
    };
    let mut found = Vec::new();
    let pushed = ones(rig::changes(f.params()));
    let pulled = ones(rig::changes(&f.result_types()));
    for (how, region, more) in [
        ("value", f.clone(), Vec::new()),
        ("reverse", rig::reverse(&f), pulled),
        ("forward", rig::forward(&f), pushed),
    ] {
        let given = [&args[..], &more].concat();
        all_agree(&format!("{how} of {name} at {i}"), &region, &given, 1e-12);
        let outcome = eval(&lentil_tests::passes::plain(&region), &given);
        found.push(outcome.err().map(|trap| (trap.index, trap.size)));
    }
    assert!(
        found.iter().all(|f| *f == found[0]),
        "{name} at {i}: {found:?}"
    );
    found[0]
}

#[test]
fn what_is_read_out_of_range_stops_alike() {
    for (name, i, wanted) in [
        ("read", 4, (4, 4)),
        ("read", -1, (-1, 4)),
        ("read", 1 << 40, (1 << 40, 4)),
        ("row", 3, (3, 3)),
        ("many", 2, (4, 4)),
        ("batched", 7, (7, 4)),
        // Where several would be, which one is named may differ: of these, one is.
        ("ended", 5, (4, 4)),
        ("each_ended", 5, (4, 4)),
        ("folded", 2, (4, 4)),
        ("folded", -1, (-1, 4)),
    ] {
        assert_eq!(stops(name, i), Some(wanted), "{name} at {i}");
    }
}

#[test]
fn what_is_not_read_stops_nothing() {
    for (name, i) in [
        ("read", 3),
        ("row", 2),
        ("guarded", 4),
        ("guarded", -1),
        ("nested", 4),
        ("nested", -7),
        ("many", 1),
        ("batched_guarded", 9),
        ("batched_guarded", -1),
        ("ended", 4),
        ("ended", 0),
        ("each_ended", 3),
        ("untaken", 9),
        ("folded", 1),
    ] {
        assert_eq!(stops(name, i), None, "{name} at {i}");
    }
}
