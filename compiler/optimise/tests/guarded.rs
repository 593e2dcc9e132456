//! Conditionals that keep an index in range become selections, and mean what they meant.

mod common;

use common::{loops, same};
use lentil_optimise::{VectoriseOptions, vectorise};
use lentil_unary::check::check;
use lentil_unary::eval::eval;
use lentil_unary::{
    Array, BinaryOp, Builder, Carrier, CompareOp, Op, Prim, Region, Site, Slot, Type,
};

fn real(shape: &[usize]) -> Type {
    Type::array(Carrier::F64, shape)
}

fn int() -> Type {
    Type::scalar(Carrier::Int)
}

type Make<'m> = &'m dyn Fn(&mut Builder, Slot) -> Slot;

/// `[ if c(i) then x[at(i)] else 0 for i < 8 ]`, for an `x` of 5 elements.
fn guarded(c: Make<'_>, at: Make<'_>) -> Region {
    let mut then = Builder::new(vec![int(), real(&[5])]);
    let p = then.param_slots();
    let index = at(&mut then, p[0]);
    let (axes, site) = (1, Site(7));
    let x = then.prim(Prim::Gather { axes, site }, &[p[1], index]);
    let then = then.finish(vec![x]);
    let mut otherwise = Builder::new(vec![int(), real(&[5])]);
    let zero = otherwise.zeros(&real(&[]));
    let otherwise = otherwise.finish(vec![zero]);
    let mut body = Builder::new(vec![int(), real(&[5])]);
    let p = body.param_slots();
    let holds = c(&mut body, p[0]);
    let results = body.cond(holds, &p, then, otherwise);
    let body = body.finish(results);
    let mut b = Builder::new(vec![real(&[5])]);
    let p = b.param_slots();
    let results = b.for_loop(8, false, &p, &[], &[], body);
    b.finish(results)
}

fn below(n: i64) -> impl Fn(&mut Builder, Slot) -> Slot {
    move |b, i| {
        let n = b.int(n);
        b.compare(CompareOp::Lt, i, n)
    }
}

fn plus(by: i64) -> impl Fn(&mut Builder, Slot) -> Slot {
    move |b, i| {
        let by = b.int(by);
        b.add(i, by)
    }
}

fn conditionals(region: &Region) -> usize {
    let steps = region.steps().iter();
    let of = |op: &Op| match op {
        Op::Cond { .. } => 1,
        Op::Loop(l) => conditionals(&l.body),
        _ => 0,
    };
    steps.map(|s| of(&s.op)).sum()
}

/// Vectorises, and runs both; whether array code is left.
fn straight(f: &Region) -> bool {
    check(f).expect("a well-formed program");
    let args: Vec<Array> = f.params().iter().map(numbered).collect();
    let g = vectorise(f, &VectoriseOptions::default());
    check(&g).expect("a well-formed result");
    match (eval(f, &args), eval(&g, &args)) {
        (Ok(x), Ok(y)) => assert!(same(&x, &y), "{x:?}\n{y:?}\n{g}"),
        // It stops in both, or in neither.
        (x, y) => assert_eq!(x, y, "{g}"),
    }
    loops(&g) + conditionals(&g) == 0
}

fn numbered(ty: &Type) -> Array {
    let values: Vec<f64> = (0..ty.len()).map(|k| 1.5 + k as f64).collect();
    Array::from_f64(ty.clone(), &values)
}

#[test]
fn a_condition_that_keeps_an_index_in_range_is_a_selection() {
    let same = |_: &mut Builder, i: Slot| i;
    assert!(straight(&guarded(&below(5), &same)));
    assert!(straight(&guarded(&below(4), &plus(1))));
    // i >= 2 and i < 7: x[i - 2].
    let between = |b: &mut Builder, i: Slot| {
        let two = b.int(2);
        let low = b.compare(CompareOp::Le, two, i);
        let high = below(7)(b, i);
        b.prim(Prim::Binary(BinaryOp::And), &[low, high])
    };
    assert!(straight(&guarded(&between, &plus(-2))));
    // What needs no condition.
    let half = |b: &mut Builder, i: Slot| {
        let two = b.int(2);
        b.prim(Prim::Binary(BinaryOp::Div), &[i, two])
    };
    assert!(straight(&guarded(&below(3), &half)));
}

#[test]
fn a_condition_that_does_not_stays_one() {
    let same = |_: &mut Builder, i: Slot| i;
    // Some of these stop the run, at the same place as before; some happen not to.
    assert!(!straight(&guarded(&below(6), &same)));
    assert!(!straight(&guarded(&below(5), &plus(1))));
    assert!(!straight(&guarded(&below(5), &plus(-1))));
    // In range for all that are read, which nobody can know: x[4 - 0 * (i / i)] with i > 0 divides by i.
    let divided = |b: &mut Builder, i: Slot| {
        let one = b.prim(Prim::Binary(BinaryOp::Div), &[i, i]);
        let zero = b.int(0);
        b.mul(one, zero)
    };
    let positive = |b: &mut Builder, i: Slot| {
        let zero = b.int(0);
        b.compare(CompareOp::Lt, zero, i)
    };
    assert!(!straight(&guarded(&positive, &divided)));
}

/// The condition of a conditional around this one is no condition of this one, once that is a selection.
#[test]
fn conditions_in_conditions() {
    let arm = |make: &dyn Fn(&mut Builder, &[Slot]) -> Vec<Slot>| {
        let mut b = Builder::new(vec![int(), real(&[5])]);
        let p = b.param_slots();
        let results = make(&mut b, &p);
        b.finish(results)
    };
    let zero = arm(&|b, _| vec![b.zeros(&real(&[]))]);
    let read = arm(&|b, p| {
        let at = plus(-2)(b, p[0]);
        let (axes, site) = (1, Site(7));
        vec![b.prim(Prim::Gather { axes, site }, &[p[1], at])]
    });
    // if i < 7 then (if 2 <= i then x[i - 2] else 0) else 0
    let inner = arm(&|b, p| {
        let two = b.int(2);
        let low = b.compare(CompareOp::Le, two, p[0]);
        b.cond(low, p, read.clone(), zero.clone())
    });
    let body = arm(&|b, p| {
        let high = below(7)(b, p[0]);
        b.cond(high, p, inner.clone(), zero.clone())
    });
    let mut b = Builder::new(vec![real(&[5])]);
    let p = b.param_slots();
    let results = b.for_loop(8, false, &p, &[], &[], body);
    assert!(straight(&b.finish(results)));
}
