//! Lowered programs compute what the evaluator of unary form computes; what cannot become gates is refused.

mod common;

use std::sync::Arc;

use common::{agrees, array, bits};
use lentil_circuit::{Options, Refusal, lower, lower_with};
use lentil_unary::{
    Array, BinaryOp, Builder, Carrier, CompareOp, Fold, Function, Literal, Op, Prim, Region, Site,
    Type, UnaryOp,
};

fn scalar(carrier: Carrier) -> Type {
    Type::scalar(carrier)
}

/// A region over parameters of the given types with the results that `body` makes.
fn region(
    params: &[Type],
    body: impl FnOnce(&mut Builder, &[lentil_unary::Slot]) -> Vec<lentil_unary::Slot>,
) -> Region {
    let mut b = Builder::new(params.to_vec());
    let slots = b.param_slots();
    let results = body(&mut b, &slots);
    b.finish(results)
}

fn check(
    params: &[Type],
    body: impl FnOnce(&mut Builder, &[lentil_unary::Slot]) -> Vec<lentil_unary::Slot>,
) {
    let region = region(params, body);
    let inputs = vec![None; params.len()];
    agrees(&region, &inputs).unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn pointwise_operations() {
    check(&[bits(&[2]), bits(&[2])], |b, s| {
        let [x, y] = [s[0], s[1]];
        let mut results = vec![b.add(x, y), b.sub(x, y), b.mul(x, y), b.neg(x)];
        let one = b.ones(&bits(&[2]));
        results.push(b.add(x, one));
        for op in [CompareOp::Eq, CompareOp::Ne, CompareOp::Lt, CompareOp::Le] {
            let c = b.compare(op, x, y);
            results.push(c);
            results.push(b.select(c, x, y));
            let not = b.unary(UnaryOp::Not, c);
            results.push(b.convert(not, Carrier::Bit));
        }
        let (p, q) = (b.convert(x, Carrier::Bool), b.convert(y, Carrier::Bool));
        results.push(b.binary(BinaryOp::And, p, q));
        results.push(b.binary(BinaryOp::Or, p, q));
        results.push(b.compare(CompareOp::Lt, p, q));
        results
    });
}

#[test]
fn structural_operations() {
    check(&[bits(&[2, 3]), bits(&[2])], |b, s| {
        let [x, y] = [s[0], s[1]];
        let wide = b.broadcast(y, &[2, 3], &[0]);
        vec![
            b.transpose(x, &[1, 0]),
            b.reshape(x, &[3, 2]),
            b.prim(
                Prim::Slice {
                    start: vec![0, 1],
                    len: vec![2, 1],
                    step: vec![1, 2],
                },
                &[x],
            ),
            b.prim(
                Prim::Pad {
                    before: vec![1, 0],
                    after: vec![0, 2],
                    between: vec![1, 1],
                },
                &[x],
            ),
            b.prim(Prim::Concat(1), &[x, wide, x]),
            b.prim(Prim::Flip(vec![1]), &[x]),
        ]
    });
}

#[test]
fn folds_and_contractions() {
    check(&[bits(&[2, 3]), bits(&[3, 2])], |b, s| {
        let [x, y] = [s[0], s[1]];
        let truth = b.convert(x, Carrier::Bool);
        let mut results = Vec::new();
        for axes in [vec![0], vec![1], vec![0, 1]] {
            results.push(b.reduce(Fold::Sum, x, &axes));
            results.push(b.reduce(Fold::Prod, x, &axes));
            results.push(b.reduce(Fold::All, truth, &axes));
            results.push(b.reduce(Fold::Any, truth, &axes));
        }
        for axis in [0, 1] {
            for exclusive in [false, true] {
                for reverse in [false, true] {
                    for fold in [Fold::Sum, Fold::Prod] {
                        let scan = Prim::Scan {
                            fold,
                            axis,
                            exclusive,
                            reverse,
                        };
                        results.push(b.prim(scan, &[x]));
                    }
                }
            }
        }
        results.push(b.contract(x, y, &[], &[(1, 0)]));
        results.push(b.contract(x, y, &[(0, 1)], &[(1, 0)]));
        results.push(b.contract(x, y, &[(1, 0)], &[]));
        results.push(b.contract(x, y, &[], &[]));
        results
    });
}

#[test]
fn empty_axes() {
    check(&[bits(&[0, 2]), bits(&[2])], |b, s| {
        let truth = b.convert(s[0], Carrier::Bool);
        let sum = b.sum(s[0], &[0]);
        let both = b.add(sum, s[1]);
        let product = b.contract(s[0], s[0], &[], &[(0, 0)]);
        vec![
            both,
            product,
            b.reduce(Fold::Prod, s[0], &[0]),
            b.reduce(Fold::All, truth, &[0]),
            b.reduce(Fold::Any, truth, &[0]),
        ]
    });
}

#[test]
fn known_indices() {
    let site = Site(3);
    check(&[bits(&[3, 2]), bits(&[4, 2])], |b, s| {
        let iota = b.prim(Prim::Iota(4), &[]);
        let three = b.full(Literal::integer(Carrier::Int, 3), &[4]);
        let index = b.binary(BinaryOp::Rem, iota, three);
        vec![
            b.prim(Prim::Gather { axes: 1, site }, &[s[0], index]),
            b.prim(Prim::ScatterAdd { axes: 1, site }, &[s[0], index, s[1]]),
        ]
    });
}

#[test]
fn known_numbers_decide() {
    check(&[bits(&[4])], |b, s| {
        let iota = b.prim(Prim::Iota(4), &[]);
        let two = b.full(Literal::integer(Carrier::Int, 2), &[4]);
        let low = b.compare(CompareOp::Lt, iota, two);
        let zero = b.zeros(&bits(&[4]));
        let parity = b.convert(iota, Carrier::Bit);
        let picked = b.select(low, s[0], zero);
        let reals = b.convert(iota, Carrier::F64);
        let half = b.full(Literal::real(Carrier::F64, 1.5), &[4]);
        let high = b.compare(CompareOp::Lt, half, reals);
        vec![picked, b.mul(parity, s[0]), high]
    });
}

/// A fold with a map inside it: states, outputs, captures, elements and the iteration number.
fn looping(backward: bool) -> Region {
    region(&[bits(&[2]), bits(&[3, 2]), bits(&[2])], |b, s| {
        let body = region(
            &[scalar(Carrier::Int), bits(&[2]), bits(&[2]), bits(&[2])],
            |b, s| {
                let [i, capture, x, state] = [s[0], s[1], s[2], s[3]];
                let one = b.int(1);
                let late = b.compare(CompareOp::Le, one, i);
                let late = b.stretch(late, &[2]);
                let product = b.mul(capture, x);
                let sum = b.add(product, state);
                let next = b.select(late, sum, state);
                let number = b.convert(i, Carrier::Bit);
                let number = b.stretch(number, &[2]);
                let output = b.add(next, number);
                vec![next, output, late]
            },
        );
        b.for_loop(3, backward, &[s[0]], &[s[1]], &[s[2]], body)
    })
}

#[test]
fn loops_are_unrolled() {
    for backward in [false, true] {
        agrees(&looping(backward), &[None, None, None]).expect("gates");
    }
}

#[test]
fn loops_without_iterations() {
    check(&[bits(&[2])], |b, s| {
        let body = region(&[scalar(Carrier::Int), bits(&[2])], |_, s| vec![s[1], s[1]]);
        b.for_loop(0, false, &[], &[], &[s[0]], body)
    });
}

#[test]
fn numbers_in_loop_outputs_stay_known() {
    check(&[bits(&[3])], |b, s| {
        let body = region(&[scalar(Carrier::Int)], |b, s| {
            let two = b.int(2);
            vec![b.sub(two, s[0])]
        });
        let index = b.for_loop(3, false, &[], &[], &[], body);
        let gather = Prim::Gather {
            axes: 1,
            site: Site(0),
        };
        vec![b.prim(gather, &[s[0], index[0]])]
    });
}

fn arms() -> [Region; 2] {
    [CompareOp::Eq, CompareOp::Lt].map(|op| {
        region(&[bits(&[2]), bits(&[2])], |b, s| {
            let c = b.compare(op, s[0], s[1]);
            vec![c, b.add(s[0], s[1]), b.int(5)]
        })
    })
}

#[test]
fn conditionals_on_inputs_compute_both_arms() {
    check(&[scalar(Carrier::Bool), bits(&[2]), bits(&[2])], |b, s| {
        let [then, otherwise] = arms();
        let results = b.cond(s[0], &s[1..], then, otherwise);
        // The arms give the same number, so it is known whichever is taken.
        let number = b.convert(results[2], Carrier::Bit);
        vec![results[0], results[1], number]
    });
}

#[test]
fn conditionals_that_are_known_take_one_arm() {
    let program = region(&[scalar(Carrier::Bool), bits(&[2]), bits(&[2])], |b, s| {
        let then = region(&[bits(&[2]), bits(&[2])], |b, s| {
            let index = b.full(Literal::integer(Carrier::Int, 9), &[2]);
            let gather = Prim::Gather {
                axes: 1,
                site: Site(4),
            };
            vec![b.prim(gather, &[s[0], index])]
        });
        let otherwise = region(&[bits(&[2]), bits(&[2])], |b, s| vec![b.mul(s[0], s[1])]);
        b.cond(s[0], &s[1..], then, otherwise)
    });
    let known = |value| Some(Array::full(Literal::integer(Carrier::Bool, value), &[]));
    // The arm that is not taken would stop the run.
    let netlist = agrees(&program, &[known(0), None, None]).expect("gates");
    assert_eq!(netlist.statistics().ands, 2);
    for condition in [known(1), None] {
        let refusal = lower(&program, &[condition, None, None]).expect_err("out of range");
        assert_eq!(refusal.site(), Some(Site(4)));
        assert_eq!(
            refusal.to_string(),
            "index 9 is out of range for an axis of length 2"
        );
    }
}

#[test]
fn calls_are_expanded() {
    let half_adder = Arc::new(Function {
        name: "half_adder".into(),
        region: region(&[bits(&[]), bits(&[])], |b, s| {
            vec![b.mul(s[0], s[1]), b.add(s[0], s[1])]
        }),
    });
    check(&[bits(&[]), bits(&[]), bits(&[])], |b, s| {
        let first = b.call(&half_adder, &[s[0], s[1]]);
        let second = b.call(&half_adder, &[first[1], s[2]]);
        vec![b.add(first[0], second[0]), second[1]]
    });
}

#[test]
fn fixed_parameters_become_constants() {
    let program = region(&[bits(&[3]), bits(&[3])], |b, s| {
        vec![b.contract(s[0], s[1], &[], &[(0, 0)])]
    });
    let weights = array(&bits(&[3]), vec![1, 0, 1]);
    let netlist = agrees(&program, &[Some(weights), None]).expect("gates");
    assert_eq!(netlist.inputs(), ["x1[0]", "x1[1]", "x1[2]"]);
    let statistics = netlist.statistics();
    assert_eq!((statistics.ands, statistics.xors), (0, 1));
}

#[test]
fn names_follow_the_shape() {
    let program = region(&[bits(&[]), bits(&[2, 2])], |b, s| {
        let x = b.stretch(s[0], &[2, 2]);
        vec![b.add(x, s[1]), s[0]]
    });
    let options = Options {
        parameters: vec!["bias".into(), "w".into()],
        results: vec!["y".into()],
        ..Options::default()
    };
    let netlist = lower_with(&program, &[None, None], &options).expect("gates");
    assert_eq!(
        netlist.inputs(),
        ["bias", "w[0][0]", "w[0][1]", "w[1][0]", "w[1][1]"]
    );
    let outputs: Vec<&str> = netlist.outputs().iter().map(|o| o.name.as_str()).collect();
    assert_eq!(outputs, ["y[0][0]", "y[0][1]", "y[1][0]", "y[1][1]", "y1"]);
}

#[test]
fn what_cannot_become_gates_is_refused() {
    let unresolved = Arc::new(Function {
        name: "f".into(),
        region: region(&[bits(&[])], |_, s| vec![s[0]]),
    });
    let table: Vec<(Region, &str)> = vec![
        (
            region(&[Type::array(Carrier::F32, [2])], |_, s| vec![s[0]]),
            "parameter 0 is f32[2]: only bit and bool become inputs of a circuit, others must be fixed",
        ),
        (
            region(&[], |b, _| vec![b.int(3)]),
            "result 0 is int: only bit and bool become outputs of a circuit",
        ),
        (
            region(&[bits(&[])], |b, s| {
                let number = b.convert(s[0], Carrier::F64);
                let half = b.literal(Literal::real(Carrier::F64, 0.5));
                vec![b.compare(CompareOp::Lt, half, number)]
            }),
            "gives f64 that depends on an input",
        ),
        (
            region(&[bits(&[]), bits(&[2])], |b, s| {
                let index = b.convert(s[0], Carrier::Int);
                let gather = Prim::Gather {
                    axes: 1,
                    site: Site(0),
                };
                vec![b.prim(gather, &[s[1], index])]
            }),
            "gives int that depends on an input",
        ),
        (
            region(&[scalar(Carrier::Bool), bits(&[2])], |b, s| {
                let (zero, one) = (b.int(0), b.int(1));
                let index = b.select(s[0], zero, one);
                let gather = Prim::Gather {
                    axes: 1,
                    site: Site(0),
                };
                vec![b.prim(gather, &[s[1], index])]
            }),
            "`select` gives int that depends on an input",
        ),
        (
            region(&[scalar(Carrier::Bool)], |b, s| {
                let [zero, one] = [0, 1].map(|n| region(&[], |b, _| vec![b.int(n)]));
                let number = b.cond(s[0], &[], zero, one)[0];
                vec![b.convert(number, Carrier::Bit)]
            }),
            "`cond` gives int that depends on an input",
        ),
        (
            // Equal as numbers, but 1/x tells them apart.
            region(&[scalar(Carrier::Bool)], |b, s| {
                let [plus, minus] = [0.0, -0.0].map(|x| b.literal(Literal::real(Carrier::F64, x)));
                let zero = b.select(s[0], plus, minus);
                let one = b.literal(Literal::one(Carrier::F64));
                let quotient = b.div(one, zero);
                vec![b.compare(CompareOp::Lt, zero, quotient)]
            }),
            "`select` gives f64 that depends on an input",
        ),
        (
            region(&[bits(&[]), bits(&[])], |b, s| {
                b.emit(Op::Reverse(unresolved), s)
            }),
            "the derivative of `f` must be resolved",
        ),
    ];
    for (program, why) in table {
        let refusal = lower(&program, &vec![None; program.params().len()]).expect_err(why);
        assert!(refusal.to_string().contains(why), "{refusal}");
    }
}

#[test]
fn arguments_that_do_not_fit_are_refused() {
    let program = region(&[bits(&[2])], |_, s| vec![s[0]]);
    let wrong = array(&bits(&[3]), vec![0; 3]);
    for fixed in [vec![], vec![Some(wrong)]] {
        let refusal = lower(&program, &fixed).expect_err("arguments");
        assert!(matches!(refusal, Refusal::Arguments(_)), "{refusal}");
    }
}

#[test]
fn large_programs_are_refused_before_memory_goes() {
    let wide = region(&[bits(&[])], |b, s| {
        let x = b.stretch(s[0], &[1 << 40]);
        vec![b.sum(x, &[0])]
    });
    let long = region(&[bits(&[])], |b, s| {
        let body = region(&[scalar(Carrier::Int), bits(&[])], |_, s| vec![s[1]]);
        b.for_loop(1 << 40, false, &[], &[], &[s[0]], body)
    });
    let product = region(&[bits(&[1 << 12])], |b, s| {
        let outer = b.contract(s[0], s[0], &[], &[]);
        vec![b.contract(outer, outer, &[], &[(0, 0)])]
    });
    let inputs = region(&[bits(&[1 << 40])], |b, s| vec![b.sum(s[0], &[0])]);
    let options = Options {
        limit: 1 << 20,
        ..Options::default()
    };
    for program in [wide, long, product, inputs] {
        let refusal = lower_with(&program, &[None], &options).expect_err("too large");
        assert_eq!(refusal, Refusal::TooLarge(1 << 20));
    }
    // The limit is what a program takes, no more.
    let program = region(&[bits(&[8])], |b, s| vec![b.add(s[0], s[0])]);
    for (limit, fits) in [(7, false), (8, true)] {
        let options = Options {
            limit,
            ..Options::default()
        };
        assert_eq!(
            lower_with(&program, &[None], &options).is_ok(),
            fits,
            "limit {limit}"
        );
    }
}
