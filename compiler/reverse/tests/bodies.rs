//! Loops, conditionals and calls, nested in each other, and derivatives inside of what is differentiated.

mod support;

use std::sync::Arc;

use lentil_unary::dice::Dice;
use lentil_unary::{
    Array, Builder, Carrier, CompareOp, Function, Op, Prim, Region, Site, Slot, Type, UnaryOp,
};
use support::{array, check_second, int, ints, real};

fn gather(b: &mut Builder, x: Slot, indices: &[Slot]) -> Slot {
    let prim = Prim::Gather {
        axes: indices.len(),
        site: Site(1),
    };
    b.prim(prim, &[&[x], indices].concat())
}

fn body(params: &[Type], make: impl FnOnce(&mut Builder, &[Slot]) -> Vec<Slot>) -> Region {
    let mut b = Builder::new(params.to_vec());
    let slots = b.param_slots();
    let results = make(&mut b, &slots);
    b.finish(results)
}

fn random(region: &Region, seed: u64) -> Vec<Array> {
    let mut dice = Dice::new(seed);
    region.params().iter().map(|t| dice.array(t)).collect()
}

fn check_program(what: &str, region: &Region) {
    check_second(what, region, &random(region, 11));
}

/// `[tanh(x[i] * c) + c for i]`
#[test]
fn map_with_a_captured_scalar() {
    let inner = body(&[int(&[]), real(&[]), real(&[])], |b, p| {
        let t = b.mul(p[2], p[1]);
        let t = b.unary(UnaryOp::Tanh, t);
        vec![b.add(t, p[1])]
    });
    let f = body(&[real(&[4]), real(&[])], |b, p| {
        b.for_loop(4, false, &[p[1]], &[p[0]], &[], inner)
    });
    check_program("a map", &f);
}

/// `[sin(a[ids[i]]) * a[i] for i]`, both reads by index from a free array.
fn indexed_map() -> Region {
    let params = [int(&[]), real(&[5]), int(&[])];
    let inner = body(&params, |b, p| {
        let one = gather(b, p[1], &[p[2]]);
        let two = gather(b, p[1], &[p[0]]);
        let sin = b.unary(UnaryOp::Sin, one);
        vec![b.mul(sin, two)]
    });
    body(&[real(&[5]), int(&[4])], |b, p| {
        b.for_loop(4, false, &[p[0]], &[p[1]], &[], inner)
    })
}

#[test]
fn map_reading_by_index() {
    let mut args = random(&indexed_map(), 3);
    args[1] = ints(&[4, 0, 0, 2]);
    check_second("a map reading by index", &indexed_map(), &args);
}

/// A fold, forwards and backwards: s' = sin(s x[i] + c), with the outputs s².
#[test]
fn fold_and_scan() {
    for backward in [false, true] {
        let inner = body(&[int(&[]), real(&[]), real(&[2]), real(&[2])], |b, p| {
            let t = b.mul(p[3], p[2]);
            let c = b.stretch(p[1], &[2]);
            let t = b.add(t, c);
            let next = b.unary(UnaryOp::Sin, t);
            vec![next, b.mul(p[3], p[3])]
        });
        let f = body(&[real(&[]), real(&[3, 2]), real(&[2])], |b, p| {
            b.for_loop(3, backward, &[p[0]], &[p[1]], &[p[2]], inner)
        });
        check_program("a fold with outputs", &f);
    }
}

/// Two states that feed each other, an `int` state that counts, one that nothing reads.
#[test]
fn states_of_all_kinds() {
    let inner = body(
        &[int(&[]), real(&[]), int(&[]), real(&[]), real(&[])],
        |b, p| {
            let one = b.int(1);
            let count = b.add(p[2], one);
            let weight = b.convert(p[2], Carrier::F64);
            let t = b.mul(p[1], weight);
            let t = b.add(t, p[3]);
            let u = b.unary(UnaryOp::Cos, p[1]);
            let dead = b.mul(p[4], p[1]);
            vec![t, count, u, dead]
        },
    );
    let f = body(&[real(&[]), int(&[]), real(&[]), real(&[])], |b, p| {
        let r = b.for_loop(4, false, &[], &[], p, inner);
        vec![r[0], r[2]]
    });
    check_program("states of all kinds", &f);
}

/// A state that begins at a constant, one that never varies, a loop that does not run.
#[test]
fn constant_beginnings_and_no_iterations() {
    let inner = || {
        body(&[int(&[]), real(&[]), real(&[]), real(&[])], |b, p| {
            let t = b.mul(p[2], p[3]);
            let t = b.add(t, p[1]);
            let two = b.full(lentil_unary::Literal::real(Carrier::F64, 2.0), &[]);
            let u = b.mul(p[3], two);
            vec![t, u, t]
        })
    };
    for n in [0, 1, 3] {
        let f = body(&[real(&[])], |b, p| {
            let zero = b.zeros(&real(&[]));
            let one = b.ones(&real(&[]));
            b.for_loop(n, false, &[p[0]], &[], &[zero, one], inner())
        });
        check_program("constant beginnings", &f);
        let f = body(&[real(&[]), real(&[])], |b, p| {
            b.for_loop(n, false, &[p[0]], &[], &[p[1], p[0]], inner())
        });
        check_program("a slot captured and a state", &f);
    }
}

/// A matrix product as three nested loops over captured matrices read by index.
#[test]
fn nested_loops_reading_by_index() {
    let (m, n, k) = (2, 3, 4);
    let innermost = body(
        &[
            int(&[]),
            real(&[m, k]),
            real(&[k, n]),
            int(&[]),
            int(&[]),
            real(&[]),
        ],
        |b, p| {
            let x = gather(b, p[1], &[p[3], p[0]]);
            let y = gather(b, p[2], &[p[0], p[4]]);
            let t = b.mul(x, y);
            vec![b.add(p[5], t)]
        },
    );
    let middle = body(
        &[int(&[]), real(&[m, k]), real(&[k, n]), int(&[])],
        |b, p| {
            let zero = b.zeros(&real(&[]));
            b.for_loop(k, false, &[p[1], p[2], p[3], p[0]], &[], &[zero], innermost)
        },
    );
    let outer = body(&[int(&[]), real(&[m, k]), real(&[k, n])], |b, p| {
        b.for_loop(n, false, &[p[1], p[2], p[0]], &[], &[], middle)
    });
    let f = body(&[real(&[m, k]), real(&[k, n])], |b, p| {
        b.for_loop(m, false, p, &[], &[], outer)
    });
    check_program("a matrix product", &f);
    let mut args = random(&f, 1);
    args.push(Dice::new(2).array(&real(&[m, n])));
    let product = body(&[real(&[m, k]), real(&[k, n])], |b, p| {
        vec![b.contract(p[0], p[1], &[], &[(1, 0)])]
    });
    let both = [true, true];
    let by_loops = support::run("by loops", &lentil_reverse::reverse(&f, &both), &args);
    let by_product = support::run(
        "by product",
        &lentil_reverse::reverse(&product, &both),
        &args,
    );
    support::assert_near("a matrix product", &by_loops, &by_product, 1e-12);
}

/// Invariants, views and repeated values inside a loop; the same slot captured twice.
#[test]
fn invariants_and_views() {
    let inner = body(&[int(&[]), real(&[6]), real(&[6]), real(&[])], |b, p| {
        let view = b.reshape(p[1], &[2, 3]);
        let turned = b.transpose(view, &[1, 0]);
        let zero = b.int(0);
        let x = gather(b, turned, &[p[0], zero]);
        let exp = b.unary(UnaryOp::Exp, p[2]);
        let y = gather(b, exp, &[p[0]]);
        let t = b.mul(x, y);
        let t = b.mul(t, p[3]);
        let sum = b.sum(exp, &[0]);
        vec![b.unary(UnaryOp::Sin, t), sum]
    });
    let f = body(&[real(&[6]), real(&[])], |b, p| {
        b.for_loop(3, false, &[p[0], p[0]], &[], &[p[1]], inner)
    });
    check_program("invariants", &f);
}

/// An array changed in place, one element an iteration, and read again.
#[test]
fn array_states() {
    let inner = body(&[int(&[]), real(&[4]), real(&[4])], |b, p| {
        let x = gather(b, p[2], &[p[0]]);
        let c = gather(b, p[1], &[p[0]]);
        let t = b.mul(x, c);
        let one = b.int(1);
        let at = b.add(p[0], one);
        let prim = Prim::ScatterAdd {
            axes: 1,
            site: Site(2),
        };
        vec![b.prim(prim, &[p[2], at, t])]
    });
    let f = body(&[real(&[4]), real(&[4])], |b, p| {
        b.for_loop(3, false, &[p[0]], &[], &[p[1]], inner)
    });
    check_program("an array state", &f);
}

/// Both arms, with different needs, in a loop; conditions on reals; results that only one arm varies.
fn conditional_loop() -> Region {
    let captures = [real(&[3]), real(&[]), int(&[])];
    let then = body(&captures, |b, p| {
        let x = gather(b, p[0], &[p[2]]);
        let t = b.unary(UnaryOp::Exp, x);
        let t = b.mul(t, p[1]);
        let u = b.unary(UnaryOp::Tanh, t);
        vec![u, p[1]]
    });
    let otherwise = body(&captures, |b, p| {
        let t = b.mul(p[1], p[1]);
        let s = b.unary(UnaryOp::Sin, p[0]);
        let s = b.sum(s, &[0]);
        let one = b.ones(&real(&[]));
        let t = b.unary(UnaryOp::Sin, t);
        vec![b.mul(s, t), one]
    });
    let inner = body(&[int(&[]), real(&[3]), real(&[])], |b, p| {
        let half = b.full(lentil_unary::Literal::real(Carrier::F64, 0.1), &[]);
        let condition = b.compare(CompareOp::Lt, half, p[2]);
        b.cond(condition, &[p[1], p[2], p[0]], then, otherwise)
    });
    body(&[real(&[3]), real(&[])], |b, p| {
        b.for_loop(3, false, &[p[0]], &[], &[p[1]], inner)
    })
}

#[test]
fn conditionals() {
    let f = conditional_loop();
    for seed in 0..6 {
        check_second("a conditional", &f, &random(&f, seed));
    }
}

/// log is infinite where the arm is not taken: no NaN comes of it.
#[test]
fn an_untaken_arm_leaks_nothing() {
    let then = body(&[real(&[])], |b, p| vec![b.unary(UnaryOp::Log, p[0])]);
    let otherwise = body(&[real(&[])], |b, p| vec![b.mul(p[0], p[0])]);
    let f = body(&[real(&[])], |b, p| {
        let zero = b.zeros(&real(&[]));
        let positive = b.compare(CompareOp::Lt, zero, p[0]);
        b.cond(positive, p, then, otherwise)
    });
    let r = lentil_reverse::reverse(&f, &[true]);
    for (x, want) in [(0.0, 0.0), (-3.0, -6.0), (2.0, 0.5)] {
        let args = [array(&[], &[x]), array(&[], &[1.0])];
        assert_eq!(support::run("log or square", &r, &args), [want]);
    }
}

fn function(name: &str, region: Region) -> Arc<Function> {
    Arc::new(Function {
        name: name.to_string(),
        region,
    })
}

/// A function called twice in a chain, in a loop, with an array that it reads by index.
#[test]
fn calls() {
    let g = function(
        "g",
        body(&[real(&[3]), real(&[]), int(&[])], |b, p| {
            let x = gather(b, p[0], &[p[2]]);
            let t = b.mul(x, p[1]);
            let t = b.unary(UnaryOp::Exp, t);
            vec![b.unary(UnaryOp::Sin, t), t]
        }),
    );
    let inner = body(&[int(&[]), real(&[3]), real(&[])], |b, p| {
        let one = b.call(&g, &[p[1], p[2], p[0]]);
        let two = b.call(&g, &[p[1], one[0], p[0]]);
        vec![two[0], two[1]]
    });
    let f = body(&[real(&[3]), real(&[])], |b, p| {
        b.for_loop(3, false, &[p[0]], &[], &[p[1]], inner)
    });
    check_program("calls", &f);
}

/// An inner gradient step inside of what is differentiated: y = loss(p - ∇loss(p)).
#[test]
fn a_derivative_inside() {
    let loss = function(
        "loss",
        body(&[real(&[3]), real(&[])], |b, p| {
            let sin = b.unary(UnaryOp::Sin, p[0]);
            let scale = b.stretch(p[1], &[3]);
            let t = b.mul(sin, scale);
            let t = b.mul(t, p[0]);
            vec![b.sum(t, &[0])]
        }),
    );
    let f = body(&[real(&[3]), real(&[])], |b, p| {
        let one = b.ones(&real(&[]));
        let r = b.emit(Op::Reverse(loss.clone()), &[p[0], p[1], one]);
        let next = b.sub(p[0], r[0]);
        let fwd = b.emit(Op::Forward(loss.clone()), &[p[0], p[1], r[0], r[1]]);
        let end = b.call(&loss, &[next, p[1]]);
        vec![end[0], fwd[0]]
    });
    check_program("a derivative inside", &f);
}

/// Everything in everything: a derivative of a loop with a conditional, inside a loop.
#[test]
fn a_derivative_inside_a_loop() {
    let g = function("g", conditional_loop());
    // conditional_loop has the results of a state and a stacked output: give both cotangents.
    let results = conditional_loop().result_types();
    assert_eq!(results, [real(&[]), real(&[3])]);
    let inner = body(&[int(&[]), real(&[3]), real(&[])], |b, p| {
        let r = b.emit(Op::Reverse(g.clone()), &[p[1], p[2], p[2], p[1]]);
        let s = b.sum(r[0], &[0]);
        let s = b.unary(UnaryOp::Sin, s);
        vec![b.add(s, r[1])]
    });
    let f = body(&[real(&[3]), real(&[])], |b, p| {
        b.for_loop(2, true, &[p[0]], &[], &[p[1]], inner)
    });
    for seed in 0..3 {
        support::check_derivatives("a derivative in a loop", &f, &random(&f, seed));
    }
}
