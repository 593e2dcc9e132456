//! Prints how long it takes to compile some programs, and to run them once.
//!
//! `cargo run --release -p lentil-jit --example step_time`; with `parts` after it, also how long each step of
//! the first program takes in its place: its time is what the program takes longer if it ends after it.

use std::time::Instant;

use lentil_jit::{Instance, Options, compile, compile_program};
use lentil_unary::{Array, Region, Type};

use programs::{chain, gates, mlp};

mod programs;

fn main() {
    if std::env::args().any(|a| a == "parts") {
        parts(&mlp(150, 4, 16, 3));
    }
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
        let best = best(|| {
            instance.step().expect("a run without a trap");
            for k in 0..states.saturating_sub(1) {
                instance.feed_back(k, first + k);
            }
        });
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

/// The least time that something takes, in seconds, of several times many runs.
fn best(mut what: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    let mut runs = 1;
    for _ in 0..15 {
        let start = Instant::now();
        for _ in 0..runs {
            what();
        }
        let elapsed = start.elapsed().as_secs_f64();
        best = best.min(elapsed / f64::from(runs));
        if elapsed < 0.01 {
            runs *= 4;
        }
    }
    best
}

/// Prints the steps of a program in loop form, each with its time.
fn parts(region: &Region) {
    let whole = compile(region, &Options::default()).expect("a program that compiles");
    let mut before = 0.0;
    let steps = whole.program().entry().body.len();
    for end in 1..=steps {
        let mut program = whole.program().clone();
        let Some(entry) = program.functions.last_mut() else {
            return;
        };
        entry.body.truncate(end);
        let step = format!("{:?}", entry.body[end - 1]);
        let compiled = compile_program(program).expect("a program that compiles");
        let mut instance: Instance = compiled.instance();
        for (k, ty) in region.params().iter().enumerate() {
            instance.set_input(k, &varied(ty));
        }
        let time = best(|| instance.step().expect("a run without a trap"));
        let text: String = step.chars().take(100).collect();
        println!("{:.3} µs  {text}", (time - before) * 1e6);
        before = time;
    }
}
