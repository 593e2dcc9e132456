//! Random well-typed programs, with loops, conditionals, calls and indices.

mod support;

use lentil_unary::Carrier;
use lentil_unary::check::check_accumulators;
use lentil_unary::eval::{eval, eval_counted};
use lentil_unary::generate::{Options, arguments, generate};
use lentil_unary::simplify::simplify;

/// Smooth ones, against complex steps, and the dot test.
#[test]
fn smooth_programs() {
    for seed in 0..60 {
        let f = generate(seed, &Options::smooth(Carrier::F64));
        support::check_derivatives(&format!("seed {seed}"), &f, &arguments(seed, &f));
    }
}

/// The derivatives of their derivatives.
#[test]
fn smooth_programs_twice() {
    let options = Options {
        steps: 8,
        ..Options::smooth(Carrier::F64)
    };
    for seed in 1000..1012 {
        let f = generate(seed, &options);
        support::check_second(&format!("seed {seed}"), &f, &arguments(seed, &f));
    }
}

/// All programs over finite rings, exactly. Conversions forget directions on both sides.
#[test]
fn programs_over_finite_rings() {
    for (carrier, n) in [
        (Carrier::Bit, 2),
        (Carrier::Mod(3), 3),
        (Carrier::Mod(5), 5),
    ] {
        for seed in 0..40 {
            let f = generate(seed, &Options::over(carrier));
            support::check_exact(&format!("seed {seed}"), &f, &arguments(seed, &f), n);
        }
    }
}

/// What R makes changes its accumulators in place.
#[test]
fn accumulators_are_used_once() {
    let mut tried = 0;
    for seed in 0..60 {
        let f = generate(seed, &Options::over(Carrier::F64));
        // A program that reads a state again after adding to it does so in R of it, too.
        if check_accumulators(&f).is_err() {
            continue;
        }
        let r = lentil_reverse::reverse(&f, &vec![true; f.params().len()]);
        check_accumulators(&r).unwrap_or_else(|why| panic!("seed {seed}: {why}\n{f}\n{r}"));
        tried += 1;
    }
    assert!(tried > 50, "{tried} programs of 60 were tried");
}

/// R costs a small multiple of its program.
#[test]
fn ratios() {
    let (mut forwards, mut backwards, mut worst) = (0, 0, (0.0, 0));
    for seed in 0..100 {
        let f = generate(seed, &Options::smooth(Carrier::F64));
        let r = lentil_reverse::reverse(&f, &vec![true; f.params().len()]);
        // The program without what no result needs.
        let live = lentil_reverse::value_and_reverse(&f, &vec![false; f.params().len()]);
        let once = eval_counted(&live, &arguments(seed, &live))
            .unwrap()
            .1
            .total();
        let back = eval_counted(&r, &arguments(seed, &r)).unwrap().1.total();
        forwards += once;
        backwards += back;
        let ratio = back as f64 / once.max(1) as f64;
        if ratio > worst.0 {
            worst = (ratio, seed);
        }
    }
    println!(
        "together {}, worst {worst:?}",
        backwards as f64 / forwards as f64
    );
    assert!(worst.0 <= 8.0, "{worst:?}");
    assert!(backwards <= 4 * forwards, "{backwards} {forwards}");
}

/// R is friendly to simplification: the same values, and the promise holds between simplified programs.
#[test]
fn simplified() {
    let (mut forwards, mut backwards) = (0, 0);
    for seed in 0..60 {
        let f = simplify(&generate(seed, &Options::smooth(Carrier::F64)));
        let r = lentil_reverse::reverse(&f, &vec![true; f.params().len()]);
        let args = arguments(seed, &r);
        let short = simplify(&r);
        let (results, counts) = eval_counted(&short, &args).unwrap();
        let what = format!("seed {seed}\n{r}\n{short}");
        let want = support::flat(&eval(&r, &args).unwrap());
        support::assert_near(&what, &support::flat(&results), &want, 0.0);
        check_accumulators(&short).unwrap_or_else(|why| panic!("{why} in {what}"));
        forwards += eval_counted(&f, &arguments(seed, &f)).unwrap().1.total();
        backwards += counts.total();
    }
    println!("together {}", backwards as f64 / forwards as f64);
    assert!(backwards <= 4 * forwards, "{backwards} {forwards}");
}
