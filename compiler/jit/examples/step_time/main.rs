//! Prints how long it takes to compile some programs, and to run them once.
//!
//! `cargo run --release -p lentil-jit --example step_time`

use std::time::Instant;

use lentil_jit::{Options, compile};
use lentil_unary::{Array, Region, Type};

use programs::{chain, gates, mlp};

mod programs;

fn main() {
    report("iris 4-16-3 tanh, batch 150, SGD", &mlp(150, 4, 16, 3), 5);
    report("iris 4-16-3 tanh, batch 16, SGD", &mlp(16, 4, 16, 3), 5);
    report(
        "MLP 784-128-10 tanh, batch 32, SGD",
        &mlp(32, 784, 128, 10),
        5,
    );
    report(
        "MLP 784-128-10 tanh, batch 256, SGD",
        &mlp(256, 784, 128, 10),
        5,
    );
    report("chain, n = 1000", &chain(1_000), 0);
    report("chain, n = 100000", &chain(100_000), 0);
    report("50000 gates", &gates(50_000), 0);
}

/// Compiles a program and runs it; its first results are fed back as the inputs after `data`.
fn report(name: &str, region: &Region, states: usize) {
    for exact in [false, true] {
        let options = Options {
            exact,
            ..Options::default()
        };
        let start = Instant::now();
        let compiled = compile(region, &options).expect("a program that compiles");
        let compiling = start.elapsed();
        let mut instance = compiled.instance();
        for (k, ty) in region.params().iter().enumerate() {
            instance.set_input(k, &varied(ty));
        }
        let first = region.params().len() - states.min(region.params().len());
        let mut best = f64::INFINITY;
        let mut runs = 1;
        for _ in 0..15 {
            let start = Instant::now();
            for _ in 0..runs {
                instance.step().expect("a run without a trap");
                for k in 0..states.saturating_sub(1) {
                    instance.feed_back(k, first + k);
                }
            }
            let elapsed = start.elapsed().as_secs_f64();
            best = best.min(elapsed / f64::from(runs));
            if elapsed < 0.01 {
                runs *= 4;
            }
        }
        let how = if exact { "exact" } else { "fast" };
        println!(
            "{name}, {how}: {:.2} µs a run, compiled in {:.2} ms",
            best * 1e6,
            compiling.as_secs_f64() * 1e3
        );
    }
}

fn varied(ty: &Type) -> Array {
    let values: Vec<f64> = (0..ty.len())
        .map(|i| ((i * 37 % 101) as f64 - 50.0) / 100.0)
        .collect();
    Array::from_f64(ty.clone(), &values)
}
