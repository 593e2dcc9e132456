//! Random well-typed programs keep their meaning through every pass.

mod common;

use common::{close, example, same, stack};
use lentil_optimise::{
    Arithmetic, Derivatives, Options, VectoriseOptions, batch, optimise_reported, vectorise,
};
use lentil_unary::check::check;
use lentil_unary::eval::eval;
use lentil_unary::generate::{self, arguments, generate};
use lentil_unary::{Array, Carrier, Region};

const CARRIERS: [Carrier; 5] = [
    Carrier::F64,
    Carrier::F32,
    Carrier::Bit,
    Carrier::Mod(4_294_967_291),
    Carrier::Int,
];

/// Programs over each carrier, with arguments and results.
fn programs(count: u64) -> impl Iterator<Item = (Region, Vec<Array>, Vec<Array>)> {
    CARRIERS.into_iter().flat_map(move |carrier| {
        (0..count).map(move |seed| {
            let region = generate(seed, &generate::Options::over(carrier));
            let args = arguments(seed, &region);
            let results = eval(&region, &args).expect("no trap");
            (region, args, results)
        })
    })
}

fn exactly(region: &Region, args: &[Array], expected: &[Array], of: &Region) {
    check(region).unwrap_or_else(|why| panic!("{why} in {region:?}"));
    let results = eval(region, args).expect("no trap");
    assert!(
        same(&results, expected),
        "{of:?}\n\n{region:?}\n\n{results:?}\n{expected:?}"
    );
}

#[test]
fn a_batch_is_its_examples_side_by_side() {
    let n = 3;
    let options = VectoriseOptions::default();
    for (region, args, expected) in programs(60) {
        for alternate in 0..3 {
            let count = args.len();
            let batched: Vec<bool> = (0..count)
                .map(|k| alternate == 2 || k % 2 == alternate)
                .collect();
            let g = batch(&region, n, &batched, &options);
            check(&g).unwrap_or_else(|why| panic!("{why} in {g:?}"));
            // The middle example is the program's own arguments, between two others.
            let others = [
                arguments(1000, &region),
                args.clone(),
                arguments(2000, &region),
            ];
            let stacked: Vec<Array> = (0..count)
                .map(|k| {
                    if batched[k] {
                        stack(&[&others[0][k], &others[1][k], &others[2][k]])
                    } else {
                        args[k].clone()
                    }
                })
                .collect();
            let results = eval(&g, &stacked).expect("no trap");
            let mine: Vec<Array> = results.iter().map(|r| example(r, 1)).collect();
            assert!(same(&mine, &expected), "{region:?}\n{g:?}");
        }
    }
}

#[test]
fn vectorised_programs_are_equal_bit_for_bit_under_exact_arithmetic() {
    let options = VectoriseOptions {
        arithmetic: Arithmetic::Exact,
        ..VectoriseOptions::default()
    };
    for (region, args, expected) in programs(60) {
        exactly(&vectorise(&region, &options), &args, &expected, &region);
        if !args[0].ty().carrier.is_real() {
            let real = vectorise(&region, &VectoriseOptions::default());
            exactly(&real, &args, &expected, &region);
        }
    }
}

#[test]
fn optimised_programs_are_equal_bit_for_bit_under_exact_arithmetic() {
    for (region, args, expected) in programs(15) {
        for derivatives in [Derivatives::Ahead, Derivatives::Taken] {
            let options = Options {
                arithmetic: Arithmetic::Exact,
                derivatives,
                node_limit: 300,
                ..Options::default()
            };
            let (g, report) = optimise_reported(&region, &options);
            exactly(&g, &args, &expected, &region);
            assert!(report.after <= report.before && report.clashes == 0);
        }
    }
}

#[test]
fn programs_optimised_in_pieces_are_equal_bit_for_bit_under_exact_arithmetic() {
    for (region, args, expected) in programs(15) {
        for piece in [1, 2, 7] {
            let options = Options {
                arithmetic: Arithmetic::Exact,
                piece,
                node_limit: 100,
                ..Options::default()
            };
            let (g, report) = optimise_reported(&region, &options);
            exactly(&g, &args, &expected, &region);
            assert!(report.after <= report.before && report.clashes == 0);
            assert!(report.graphs >= region.steps().len().div_ceil(piece).max(1));
        }
    }
}

#[test]
fn smooth_programs_over_the_reals_stay_close() {
    for seed in 0..30 {
        let region = generate(seed, &generate::Options::smooth(Carrier::F64));
        let args = arguments(seed, &region);
        let expected = eval(&region, &args).expect("no trap");
        let straight = vectorise(&region, &VectoriseOptions::default());
        let options = Options {
            node_limit: 300,
            ..Options::default()
        };
        let (g, report) = optimise_reported(&straight, &options);
        check(&g).expect("a well-formed result");
        let results = eval(&g, &args).expect("no trap");
        assert!(
            close(&results, &expected, 1e-9),
            "{region:?}\n{g:?}\n{results:?}\n{expected:?}"
        );
        assert!(report.after <= report.before && report.clashes == 0);
    }
}
