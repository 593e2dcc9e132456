//! The promise of cheap gradients, counted: a gradient costs a small multiple of its program, whatever
//! the sizes, the depth of nesting, the number of live values and the size of a state.

mod support;

use std::sync::Arc;

use lentil_unary::dice::Dice;
use lentil_unary::eval::{Counts, eval_counted};
use lentil_unary::{
    Array, Builder, Carrier, CompareOp, Data, Fold, Function, LinalgOp, Literal, Op, Prim, Region,
    Site, Slot, Type, UnaryOp,
};
use support::{array, int, real};

/// What R may cost beyond the program itself: four times as much for each.
const PROMISE: f64 = 4.0;

fn gather(b: &mut Builder, x: Slot, index: Slot) -> Slot {
    let site = Site(1);
    b.prim(Prim::Gather { axes: 1, site }, &[x, index])
}

fn body(params: &[Type], make: impl FnOnce(&mut Builder, &[Slot]) -> Vec<Slot>) -> Region {
    let mut b = Builder::new(params.to_vec());
    let slots = b.param_slots();
    let results = make(&mut b, &slots);
    b.finish(results)
}

fn random(types: &[Type]) -> Vec<Array> {
    let mut dice = Dice::new(1);
    types.iter().map(|t| dice.array(t)).collect()
}

fn counts(f: &Region, args: &[Array]) -> Counts {
    eval_counted(f, args).unwrap().1
}

/// Everything that was done, constants included.
fn all(counts: Counts) -> u64 {
    counts.total() + counts.fills
}

/// The costs of a program and of its reverse derivative.
fn both(f: &Region, args: &[Array]) -> (u64, u64) {
    let reverse = lentil_reverse::reverse(f, &vec![true; f.params().len()]);
    let mut given = args.to_vec();
    given.extend(random(&reverse.params()[args.len()..]));
    (counts(f, args).total(), counts(&reverse, &given).total())
}

fn ratio(f: &Region, args: &[Array]) -> f64 {
    let (forwards, backwards) = both(f, args);
    backwards as f64 / forwards as f64
}

/// `[sin(a[ids[i]]) for i < n]` with `m` elements in `a`.
fn reading(n: usize, m: usize) -> (Region, Vec<Array>) {
    let inner = body(&[int(&[]), real(&[m]), int(&[])], |b, p| {
        let x = gather(b, p[1], p[2]);
        vec![b.unary(UnaryOp::Sin, x)]
    });
    let f = body(&[real(&[m]), int(&[n])], |b, p| {
        b.for_loop(n, false, &[p[0]], &[p[1]], &[], inner)
    });
    let mut args = random(f.params());
    args[1] = support::ints(&(0..n).map(|i| (i * 7 % m) as i64).collect::<Vec<i64>>());
    (f, args)
}

#[test]
fn a_map_reading_by_index_costs_both_sizes_added() {
    let cost = |n: usize, m: usize| {
        let (f, args) = reading(n, m);
        let reverse = lentil_reverse::reverse(&f, &[true, false]);
        let given = [args, vec![array(&[n], &vec![1.0; n])]].concat();
        all(counts(&reverse, &given))
    };
    let small = cost(10, 10);
    assert_eq!(
        cost(10, 1010),
        small + 1000,
        "each element of the array once"
    );
    let each = cost(11, 10) - small;
    assert_eq!(cost(1010, 10), small + 1000 * each, "each read the same");
    assert!(each <= 12, "{each} for each read");
}

/// `exp(sin(a[i]) * s)` in `depth` loops of 3, where `a` is a free array of `m`.
fn nest(depth: usize, m: usize) -> Region {
    let captures = [real(&[m]), real(&[])];
    let inside = [&[int(&[])], &captures[..]].concat();
    let mut region = body(&inside, |b, p| {
        let x = gather(b, p[1], p[0]);
        let sin = b.unary(UnaryOp::Sin, x);
        let t = b.mul(sin, p[2]);
        vec![b.unary(UnaryOp::Exp, t)]
    });
    for level in 1..=depth {
        let params = if level < depth {
            &inside
        } else {
            &captures[..]
        };
        region = body(params, |b, p| {
            let captures = &p[p.len() - 2..];
            b.for_loop(3, false, captures, &[], &[], region)
        });
    }
    region
}

/// What is computed does not depend on the depth at all. What is moved does a little: each level stacks
/// the outputs of the level below once more, forwards as backwards.
#[test]
fn the_ratio_is_flat_in_the_depth_of_nesting() {
    for depth in 1..=5 {
        let f = nest(depth, 5);
        let args = random(f.params());
        let reverse = lentil_reverse::reverse(&f, &[true, true]);
        let given = random(reverse.params());
        let (once, back) = (counts(&f, &args), counts(&reverse, &given));
        // exp, sin and a product; then those, their reverse, and two accumulations
        assert_eq!(
            3 * back.arithmetic,
            10 * once.arithmetic,
            "at depth {depth}"
        );
        assert!(ratio(&f, &args) <= PROMISE + 0.25, "at depth {depth}");
    }
    // Nor does the size of the free array matter at any depth.
    let cost = |m: usize| {
        let f = nest(4, m);
        let reverse = lentil_reverse::reverse(&f, &[true, true]);
        let args = random(reverse.params());
        all(counts(&reverse, &args))
    };
    assert!(cost(1005) <= cost(5) + 1000, "{} {}", cost(5), cost(1005));
}

/// s' = tanh(s * w + x[i]) on a state of `size`.
fn fold(size: usize, n: usize) -> Region {
    let inner = body(
        &[int(&[]), real(&[size]), real(&[size]), real(&[size])],
        |b, p| {
            let t = b.mul(p[3], p[1]);
            let t = b.add(t, p[2]);
            vec![b.unary(UnaryOp::Tanh, t)]
        },
    );
    body(&[real(&[size]), real(&[n, size]), real(&[size])], |b, p| {
        b.for_loop(n, false, &[p[0]], &[p[1]], &[p[2]], inner)
    })
}

#[test]
fn the_ratio_is_flat_in_the_size_of_a_state() {
    let ratios: Vec<f64> = [1, 4, 16, 64]
        .map(|size| {
            let f = fold(size, 5);
            ratio(&f, &random(f.params()))
        })
        .to_vec();
    println!("size of a state: {ratios:?}");
    assert!(ratios.iter().all(|r| *r <= PROMISE), "{ratios:?}");
    assert!(ratios[3] <= ratios[0] * 1.05, "{ratios:?}");
}

/// A state of which one element is read and one changed: neither costs its size.
#[test]
fn a_state_changed_in_place_costs_what_is_changed() {
    let cost = |size: usize, n: usize| {
        let inner = body(&[int(&[]), real(&[size])], |b, p| {
            let x = gather(b, p[1], p[0]);
            let t = b.mul(x, x);
            let one = b.int(1);
            let at = b.add(p[0], one);
            let prim = Prim::ScatterAdd {
                axes: 1,
                site: Site(2),
            };
            vec![b.prim(prim, &[p[1], at, t])]
        });
        let f = body(&[real(&[size])], |b, p| {
            b.for_loop(n, false, &[], &[], p, inner)
        });
        let reverse = lentil_reverse::reverse(&f, &[true]);
        all(counts(&reverse, &random(reverse.params())))
    };
    let once = cost(100, 11) - cost(100, 10);
    assert!(once <= 20, "{once} for each iteration");
    assert_eq!(cost(1100, 11) - cost(1100, 10), once);
}

/// The other arm holds a loop of a thousand iterations.
#[test]
fn an_untaken_arm_costs_nothing() {
    let cost = |n: usize| {
        let step = body(&[int(&[]), real(&[])], |b, p| {
            vec![b.unary(UnaryOp::Sin, p[1])]
        });
        let then = body(&[real(&[])], |b, p| b.for_loop(n, false, &[], &[], p, step));
        let otherwise = body(&[real(&[])], |b, p| vec![b.mul(p[0], p[0])]);
        let f = body(&[real(&[])], |b, p| {
            let zero = b.zeros(&real(&[]));
            let positive = b.compare(CompareOp::Lt, zero, p[0]);
            b.cond(positive, p, then, otherwise)
        });
        let reverse = lentil_reverse::reverse(&f, &[true]);
        let args = [array(&[], &[-2.0]), array(&[], &[1.0])];
        counts(&reverse, &args).total()
    };
    assert_eq!(cost(1000), cost(1));
    assert!(cost(1) <= 10, "{}", cost(1));
}

/// min over `k` elements, `n` times: k for the index, and one element changed.
#[test]
fn a_minimum_costs_its_elements_once() {
    let (n, k) = (7, 50);
    let prim = Prim::Reduce {
        fold: Fold::Min,
        axes: vec![1],
    };
    let f = body(&[real(&[n, k])], |b, p| vec![b.prim(prim, p)]);
    let (forwards, backwards) = both(&f, &random(f.params()));
    assert_eq!(forwards, (n * k) as u64);
    assert!(backwards <= (n * k + 8 * n) as u64, "{backwards}");

    // The same as a map over rows of a captured matrix: what is saved is one number a row.
    let inner = body(&[int(&[]), real(&[k])], |b, p| {
        let sin = b.unary(UnaryOp::Sin, p[1]);
        let prim = Prim::Reduce {
            fold: Fold::Min,
            axes: vec![0],
        };
        vec![b.prim(prim, &[sin])]
    });
    let f = body(&[real(&[n, k])], |b, p| {
        b.for_loop(n, false, &[], &[p[0]], &[], inner)
    });
    let saved = lentil_reverse::residuals(&f, &[true]);
    let types: Vec<String> = saved.iter().map(|s| s.ty.to_string()).collect();
    assert_eq!(types, ["int[7]"]);
}

/// x ↦ x * x thirty times: a graph of 30 nodes, a tree of 2^30.
#[test]
fn a_shared_value_is_differentiated_once() {
    let f = body(&[real(&[])], |b, p| {
        let mut x = p[0];
        for _ in 0..30 {
            x = b.mul(x, x);
        }
        vec![x]
    });
    let (forwards, backwards) = both(&f, &[array(&[], &[1.0])]);
    assert_eq!(forwards, 30);
    assert!(backwards <= PROMISE as u64 * 30, "{backwards}");
}

/// Parts of one array, each read alone: not each costs the whole.
#[test]
fn many_small_parts_cost_what_they_are() {
    let cost = |n: usize| {
        let f = body(&[real(&[n])], |b, p| {
            let mut sum = b.zeros(&real(&[1]));
            for i in 0..n {
                let part = b.prim(
                    Prim::Slice {
                        start: vec![i],
                        len: vec![1],
                        step: vec![1],
                    },
                    &[p[0]],
                );
                let t = b.mul(part, part);
                sum = b.add(sum, t);
            }
            vec![sum]
        });
        let reverse = lentil_reverse::reverse(&f, &[true]);
        all(counts(&reverse, &random(reverse.params())))
    };
    let (small, large) = (cost(20), cost(200));
    assert!(large <= 11 * small, "{small} {large}");
}

/// Each primitive alone, at a size where what is constant does not count.
#[test]
fn each_primitive_costs_a_constant() {
    let mut dear: Vec<(String, f64)> = Vec::new();
    for example in Prim::examples() {
        let smooth = |t: &Type| t.carrier == Carrier::F64;
        // What a factorization costs shows beside the rest only for larger matrices: below.
        let elsewhere = matches!(example.prim, Prim::Convert(_) | Prim::Linalg(_));
        if !example.args.iter().any(smooth) || elsewhere {
            continue;
        }
        let f = body(&example.args, |b, p| vec![b.prim(example.prim.clone(), p)]);
        if !f.result_types()[0].differentiable() {
            continue;
        }
        let mut args = random(f.params());
        for arg in args.iter_mut().filter(|a| a.ty().carrier == Carrier::Int) {
            *arg = Array::full(Literal::integer(Carrier::Int, 1), &arg.ty().shape);
        }
        let (forwards, backwards) = both(&f, &args);
        let ratio = backwards as f64 / forwards.max(1) as f64;
        dear.push((format!("{:?}", example.prim), ratio));
    }
    dear.sort_by(|a, b| b.1.total_cmp(&a.1));
    for (name, ratio) in &dear[..12] {
        println!("{ratio:6.2} {name}");
    }
    assert!(dear[0].1 <= 13.0, "{:?}", dear[0]);
}

/// The gradients of linear algebra are other linear algebra of the same size: counted against a bound for each, and
/// not growing with the size. The operation itself is run again and counted; so is what is below the leading order.
#[test]
fn linear_algebra_costs_a_constant() {
    for (op, only, bound) in [
        // The change of a factor is two factorizations, either way.
        (LinalgOp::Cholesky, None, 3.05),
        (LinalgOp::CholeskyForward, None, 11.7),
        (LinalgOp::CholeskyReverse, None, 11.7),
        (LinalgOp::SolveTriangular { upper: false }, None, 4.2),
        (LinalgOp::Solve, None, 2.9),
        (LinalgOp::Det, None, 5.3),
        (LinalgOp::Eigh, None, 1.8),
        (LinalgOp::Eigh, Some(0), 1.3),
        (LinalgOp::Svd, None, 1.5),
        (LinalgOp::Svd, Some(1), 1.15),
        (LinalgOp::Qr, None, 3.8),
    ] {
        let of = |n: usize| {
            let square = real(&[n, n]);
            let f = body(&vec![square; op.arguments()], |b, p| {
                let results = b.emit(Op::Prim(Prim::Linalg(op)), p);
                only.map_or(results.clone(), |k| vec![results[k]])
            });
            let mut args = random(f.params());
            if let Data::F64(values) = args[0].data_mut() {
                (0..n).for_each(|i| values[i * n + i] += 2.0 * (n + i) as f64);
            }
            ratio(&f, &args)
        };
        let (small, large) = (of(24), of(72));
        println!("{op:?} {only:?}: {small:.2} {large:.2}");
        assert!(large <= bound, "{op:?} {only:?}: {large}");
        assert!(large <= small * 1.05, "{op:?} {only:?}: {small} to {large}");
    }
}

/// A tangent of a Cholesky factor costs what a cotangent does, and no reverse derivative of a reverse derivative.
#[test]
fn a_factor_moves_for_two_factorizations() {
    let n = 72;
    let f = body(&[real(&[n, n])], |b, p| {
        b.emit(Op::Prim(Prim::Linalg(LinalgOp::Cholesky)), p)
    });
    let mut args = random(f.params());
    if let Data::F64(values) = args[0].data_mut() {
        (0..n).for_each(|i| values[i * n + i] += 2.0 * (n + i) as f64);
    }
    let forward = lentil_reverse::forward(&f);
    let given = [args.clone(), random(&forward.params()[1..])].concat();
    let cost = |f: &Region, args: &[Array]| counts(f, args).total() as f64;
    let ratio = cost(&forward, &given) / cost(&f, &args);
    assert!(ratio <= 3.05, "{ratio}");
}

/// A value and a gradient at the same place, and a second gradient there: one run forwards.
#[test]
fn a_value_and_its_gradients_share_the_run_forwards() {
    let loss = Arc::new(Function {
        name: "loss".to_string(),
        region: {
            let step = body(&[int(&[]), real(&[])], |b, p| {
                vec![b.unary(UnaryOp::Sin, p[1])]
            });
            body(&[real(&[])], |b, p| {
                b.for_loop(100, false, &[], &[], p, step)
            })
        },
    });
    let f = body(&[real(&[]), real(&[]), real(&[])], |b, p| {
        let value = b.call(&loss, &p[..1]);
        let one = b.emit(Op::Reverse(loss.clone()), &[p[0], p[1]]);
        let two = b.emit(Op::Reverse(loss.clone()), &[p[0], p[2]]);
        vec![value[0], one[0], two[0]]
    });
    let resolved = lentil_reverse::resolve(&f);
    let args = random(f.params());
    // 100 sines; then 100 cosines and 100 products, twice.
    assert_eq!(counts(&resolved, &args).arithmetic, 500);
    let separately = body(&[real(&[]), real(&[])], |b, p| {
        b.emit(Op::Reverse(loss.clone()), p)
    });
    let separately = lentil_reverse::resolve(&separately);
    let alone = |k: usize| support::run("alone", &separately, &[args[0].clone(), args[k].clone()]);
    let together = support::run("together", &resolved, &args);
    assert_eq!(together[1..], [alone(1), alone(2)].concat());
    assert_eq!(
        together[0],
        support::run("value", &loss.region, &args[..1])[0]
    );
}

/// Functions each of which calls the one before twice: a tree of 2^depth calls.
fn tree_of_calls(depth: usize) -> Region {
    let scalar = [real(&[])];
    let mut f = Arc::new(Function {
        name: "f0".to_string(),
        region: body(&scalar, |b, p| vec![b.unary(UnaryOp::Sin, p[0])]),
    });
    for k in 1..=depth {
        let region = body(&scalar, |b, p| {
            let once = b.call(&f, p);
            b.call(&f, &once)
        });
        let name = format!("f{k}");
        f = Arc::new(Function { name, region });
    }
    body(&scalar, |b, p| b.call(&f, p))
}

/// Forty functions are made of forty, not 2^40; differentiated twice and in a loop as well.
#[test]
fn a_shared_function_is_differentiated_once() {
    let tree = tree_of_calls(40);
    let step = body(&[int(&[]), real(&[])], |b, p| b.inline(&tree, &p[1..]));
    let whole = body(&[real(&[])], |b, p| b.for_loop(3, false, &[], &[], p, step));
    let r = lentil_reverse::reverse(&whole, &[true]);
    let rr = lentil_reverse::reverse(&r, &[true, true]);
    let forward = lentil_reverse::forward(&whole);
    for made in [r, rr, forward] {
        let lines = lentil_unary::print::print(&made).lines().count();
        assert!(lines <= 50 * 40, "{lines}");
    }
}

/// A tree of calls that would save more values than a program can hand around runs its branches again:
/// once for every eight levels.
#[test]
fn a_tall_tree_of_calls_runs_again() {
    for (depth, most) in [(6, PROMISE), (10, PROMISE + 1.0), (13, PROMISE + 1.0)] {
        let f = tree_of_calls(depth);
        let args = [array(&[], &[0.7])];
        let ratio = ratio(&f, &args);
        assert!(ratio <= most, "{ratio} at depth {depth}");
        support::check_derivatives("a tree of calls", &f, &args);
    }
}
