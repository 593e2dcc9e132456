//! Which loops become one, and that they compute what both did.

use crate::Builder;
use crate::carrier::{Carrier, Literal, Type};
use crate::eval::{eval, eval_counted};
use crate::generate::arguments;
use crate::prim::{Prim, UnaryOp};
use crate::simplify::simplify;
use crate::syntax::{Ends, Op, Region, Site, Slot};

fn real(shape: &[usize]) -> Type {
    Type::array(Carrier::F64, shape)
}

fn int() -> Type {
    Type::scalar(Carrier::Int)
}

fn region(params: &[Type], make: impl FnOnce(&mut Builder, &[Slot]) -> Vec<Slot>) -> Region {
    let mut b = Builder::new(params.to_vec());
    let slots = b.param_slots();
    let results = make(&mut b, &slots);
    b.finish(results)
}

fn loops(region: &Region) -> usize {
    region
        .steps()
        .iter()
        .filter(|s| matches!(s.op, Op::Loop(_)))
        .count()
}

/// Simplifies, compares, and counts the loops that are left.
fn left(f: &Region) -> usize {
    let g = simplify(f);
    crate::check::check(&g).unwrap_or_else(|why| panic!("{why}\n{g}"));
    let args = arguments(1, f);
    let ((expected, before), (found, after)) = (
        eval_counted(f, &args).unwrap(),
        eval_counted(&g, &args).unwrap(),
    );
    assert_eq!(expected, found, "{g}");
    assert!(after.total() <= before.total(), "{before:?} {after:?}");
    loops(&g)
}

/// One step of `s ↦ sin(w s + x)`; what it was and the cosine there are saved if that is asked for.
fn step(save: bool) -> Region {
    region(&[int(), real(&[]), real(&[]), real(&[])], |b, p| {
        let product = b.mul(p[1], p[3]);
        let inner = b.add(product, p[2]);
        let next = b.unary(UnaryOp::Sin, inner);
        let mut results = vec![next];
        if save {
            results.extend([p[3], b.unary(UnaryOp::Cos, inner)]);
        }
        results
    })
}

const N: usize = 6;

/// A value by one loop, and what another saves on the same way, with whatever is put between.
fn twice(between: impl FnOnce(&mut Builder, &[Slot], Slot) -> [Slot; 3]) -> Region {
    region(&[real(&[]), real(&[N]), real(&[])], |b, p| {
        let value = b.for_loop(N, false, &[p[0]], &[p[1]], &[p[2]], step(false));
        let [w, x, s] = between(b, p, value[0]);
        let saved = b.for_loop(N, false, &[w], &[x], &[s], step(true));
        [value, saved].concat()
    })
}

#[test]
fn a_value_comes_from_the_loop_that_saves() {
    assert_eq!(left(&twice(|_, p, _| [p[0], p[1], p[2]])), 1);
    // The one that saves may stand first.
    let f = region(&[real(&[]), real(&[N]), real(&[])], |b, p| {
        let saved = b.for_loop(N, false, &[p[0]], &[p[1]], &[p[2]], step(true));
        let value = b.for_loop(N, false, &[p[0]], &[p[1]], &[p[2]], step(false));
        [value, saved].concat()
    });
    assert_eq!(left(&f), 1);
    // What is counted is one run, and what is saved on it.
    let args = arguments(1, &f);
    let arithmetic = eval_counted(&simplify(&f), &args).unwrap().1.arithmetic;
    assert_eq!(arithmetic, 4 * N as u64);
}

#[test]
fn other_loops_stay() {
    // Other constants, other elements, another beginning, the end of the other one.
    assert_eq!(left(&twice(|_, p, _| [p[2], p[1], p[2]])), 2);
    assert_eq!(
        left(&twice(|b, p, _| [p[0], b.unary(UnaryOp::Abs, p[1]), p[2]])),
        2
    );
    assert_eq!(left(&twice(|_, p, _| [p[0], p[1], p[0]])), 2);
    assert_eq!(left(&twice(|_, p, value| [p[0], p[1], value])), 2);
    assert_eq!(
        left(&twice(|b, p, value| [b.add(value, p[0]), p[1], p[2]])),
        2
    );
    // Backward, and one iteration more.
    let f = |n: usize, backward: bool| {
        region(&[real(&[]), real(&[N]), real(&[]), real(&[n])], |b, p| {
            let one = b.for_loop(N, false, &[p[0]], &[p[1]], &[p[2]], step(false));
            let two = b.for_loop(n, backward, &[p[0]], &[p[3]], &[p[2]], step(true));
            [one, two].concat()
        })
    };
    assert_eq!(left(&f(N + 1, false)), 2);
    let f = region(&[real(&[]), real(&[N]), real(&[])], |b, p| {
        let one = b.for_loop(N, false, &[p[0]], &[p[1]], &[p[2]], step(false));
        let two = b.for_loop(N, true, &[p[0]], &[p[1]], &[p[2]], step(true));
        [one, two].concat()
    });
    assert_eq!(left(&f), 2);
}

#[test]
fn what_comes_between_may_be_needed() {
    // A constant that is made after the first loop: what is free is made inside, other things before.
    let wide = |save: bool| {
        let ty = real(&[2]);
        region(&[int(), ty.clone(), ty.clone()], move |b, p| {
            let product = b.mul(p[1], p[2]);
            let next = b.unary(UnaryOp::Sin, product);
            if save { vec![next, p[2]] } else { vec![next] }
        })
    };
    let f = region(&[real(&[]), real(&[2])], |b, p| {
        let inner = region(&[int(), real(&[]), real(&[2])], |b, q| {
            let w = b.stretch(q[1], &[2]);
            let product = b.mul(w, q[2]);
            vec![b.unary(UnaryOp::Sin, product)]
        });
        let value = b.for_loop(N, false, &[p[0]], &[], &[p[1]], inner);
        let w = b.stretch(p[0], &[2]);
        let saved = b.for_loop(N, false, &[w], &[], &[p[1]], wide(true));
        [value, saved].concat()
    });
    assert_eq!(left(&f), 1);
    let f = region(&[real(&[]), real(&[2])], |b, p| {
        let first = b.unary(UnaryOp::Exp, p[1]);
        let w = b.unary(UnaryOp::Cos, p[1]);
        let value = b.for_loop(N, false, &[w], &[], &[first], wide(false));
        let shift = b.unary(UnaryOp::Tanh, p[0]);
        let inner = region(&[int(), real(&[2]), real(&[]), real(&[2])], |b, q| {
            let product = b.mul(q[1], q[3]);
            let next = b.unary(UnaryOp::Sin, product);
            let shift = b.stretch(q[2], &[2]);
            vec![next, b.add(next, shift)]
        });
        let saved = b.for_loop(N, false, &[w, shift], &[], &[first], inner);
        [value, saved].concat()
    });
    assert_eq!(left(&f), 1);
}

/// States that begin alike are told apart by how they go on.
#[test]
fn states_that_begin_alike() {
    let pair = |swapped: bool, save: bool| {
        region(&[int(), real(&[]), real(&[])], move |b, p| {
            let (x, y) = if swapped { (p[2], p[1]) } else { (p[1], p[2]) };
            let (next_x, next_y) = (b.unary(UnaryOp::Cos, x), b.add(y, x));
            let mut results = if swapped {
                vec![next_y, next_x]
            } else {
                vec![next_x, next_y]
            };
            if save {
                results.push(x);
            }
            results
        })
    };
    let f = region(&[], |b, _| {
        let zero = b.zeros(&real(&[]));
        let init = [zero, zero];
        let one = b.for_loop(N, false, &[], &[], &init, pair(false, false));
        let two = b.for_loop(N, false, &[], &[], &init, pair(true, true));
        [one, two].concat()
    });
    assert_eq!(left(&f), 1);
    // One of three states alone.
    let f = region(&[real(&[])], |b, p| {
        let zero = b.zeros(&real(&[]));
        let single = region(&[int(), real(&[])], |b, q| {
            vec![b.unary(UnaryOp::Cos, q[1])]
        });
        let one = b.for_loop(N, false, &[], &[], &[zero], single);
        let three = region(&[int(), real(&[]), real(&[]), real(&[])], |b, q| {
            vec![
                b.unary(UnaryOp::Sin, q[1]),
                b.unary(UnaryOp::Cos, q[2]),
                b.mul(q[3], q[2]),
            ]
        });
        let two = b.for_loop(N, false, &[], &[], &[zero, zero, p[0]], three);
        [one, two].concat()
    });
    assert_eq!(left(&f), 1);
}

/// A loop that ends early is one with another if both end at the same time.
#[test]
fn loops_that_end_early() {
    let until = |least: f64, save: bool| {
        region(&[int(), int(), real(&[])], move |b, p| {
            let next = b.unary(UnaryOp::Cos, p[2]);
            let least = b.literal(Literal::real(Carrier::F64, least));
            let done = b.compare(crate::prim::CompareOp::Lt, next, least);
            let one = b.int(1);
            let now = b.add(p[0], one);
            let limit = b.select(done, now, p[1]);
            if save {
                vec![limit, next, p[2]]
            } else {
                vec![limit, next]
            }
        })
    };
    let f = |least: f64| {
        region(&[real(&[])], |b, p| {
            let limit = b.int(9);
            let arrays = [&[][..], &[], &[limit, p[0]]];
            let one = b.loop_that(Ends::Limited, 9, false, arrays, until(0.7, false));
            let two = b.loop_that(Ends::Limited, 9, false, arrays, until(least, true));
            [one, two].concat()
        })
    };
    assert_eq!(left(&f(0.7)), 1);
    assert_eq!(left(&f(0.8)), 2);
}

/// A run stops where it did: what the second loop alone could stop at does not come before the rest of it.
#[test]
fn a_run_stops_where_it_did() {
    let reading = |site: Option<u32>| {
        region(&[int(), real(&[2]), real(&[])], move |b, p| {
            let next = b.unary(UnaryOp::Sin, p[2]);
            let mut results = vec![next];
            results.extend(site.map(|site| {
                let (axes, site) = (1, Site(site));
                b.prim(Prim::Gather { axes, site }, &[p[1], p[0]])
            }));
            results
        })
    };
    let f = |first: Option<u32>, second: Option<u32>| {
        region(&[real(&[2]), real(&[]), int()], |b, p| {
            let one = b.for_loop(N, false, &[p[0]], &[], &[p[1]], reading(first));
            let (axes, site) = (1, Site(3));
            let between = b.prim(Prim::Gather { axes, site }, &[p[0], p[2]]);
            let two = b.for_loop(N, false, &[p[0]], &[], &[p[1]], reading(second));
            [one, vec![between], two].concat()
        })
    };
    for (first, second, left) in [
        (None, None, 1),
        (Some(1), Some(1), 1),
        (Some(1), None, 1),
        (None, Some(2), 2),
        (Some(1), Some(2), 2),
    ] {
        let f = f(first, second);
        let g = simplify(&f);
        assert_eq!(loops(&g), left, "{g}");
        for seed in 0..20 {
            let args = arguments(seed, &f);
            assert_eq!(eval(&f, &args), eval(&g, &args), "{g}");
        }
    }
}
