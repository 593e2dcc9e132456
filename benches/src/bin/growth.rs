//! How the time to compile grows with a program: near 2 for twice the program is near linear.
//!
//! `cargo run --release -p lentil-benches --bin growth`

use std::time::{Duration, Instant};

use lentil::{Error, Program};

/// Runs of which the shortest is taken.
const RUNS: usize = 3;

/// A kind of program, of any size, and what is asked of it.
struct Growth {
    what: &'static str,
    size: usize,
    source: fn(usize) -> String,
    /// A map to compile, or nothing but checking.
    compile: Option<&'static str>,
}

const GROWTHS: [Growth; 6] = [
    Growth {
        what: "definitions, checked",
        size: 10_000,
        source: definitions,
        compile: None,
    },
    Growth {
        what: "lets, checked",
        size: 10_000,
        source: lets,
        compile: None,
    },
    Growth {
        what: "lets, compiled",
        size: 1_000,
        source: lets,
        compile: Some("f"),
    },
    Growth {
        what: "lets, and their gradient",
        size: 500,
        source: lets,
        compile: Some("grad(f)"),
    },
    Growth {
        what: "layers, compiled",
        size: 50,
        source: layers,
        compile: Some("m"),
    },
    Growth {
        what: "numbers in an array, compiled",
        size: 5_000,
        source: numbers,
        compile: Some("f"),
    },
];

fn main() -> Result<(), Error> {
    println!(
        "{:<32} {:>7} {:>10} {:>10} {:>6}",
        "", "n", "n", "2 n", "ratio"
    );
    for growth in &GROWTHS {
        let (one, two) = (time(growth, growth.size)?, time(growth, 2 * growth.size)?);
        println!(
            "{:<32} {:>7} {:>7.1} ms {:>7.1} ms {:>6.2}",
            growth.what,
            growth.size,
            one.as_secs_f64() * 1e3,
            two.as_secs_f64() * 1e3,
            two.as_secs_f64() / one.as_secs_f64()
        );
    }
    Ok(())
}

fn time(growth: &Growth, n: usize) -> Result<Duration, Error> {
    let source = (growth.source)(n);
    let mut best = Duration::MAX;
    for _ in 0..RUNS {
        let start = Instant::now();
        let program = Program::from_source(&source)?;
        if let Some(name) = growth.compile {
            program.function(name)?;
        }
        best = best.min(start.elapsed());
    }
    Ok(best)
}

fn definitions(n: usize) -> String {
    (0..n)
        .map(|k| format!("fn f{k}(x: Real) -> Real = x + {k}\n"))
        .collect()
}

fn lets(n: usize) -> String {
    let mut text = "fn f(x: Real) -> Real {\n  let a0 = x\n".to_string();
    for k in 1..n {
        text += &format!("  let a{k} = a{} * sin(x)\n", k - 1);
    }
    text + &format!("  a{}\n}}\n", n - 1)
}

fn layers(n: usize) -> String {
    let layer = |k: usize| format!("l{k}: dense[4, 4]");
    let layers: Vec<String> = (0..n).map(layer).collect();
    format!("import nn.dense\nmodel m = {}\n", layers.join(" >> "))
}

fn numbers(n: usize) -> String {
    let numbers: Vec<String> = (0..n).map(|k| format!("{k}.5")).collect();
    format!("fn f() -> Real[{n}] = [{}]\n", numbers.join(", "))
}
