//! Lentil inside a Rust program: compile a text, call a function of it, and follow its gradient.
//!
//! `cargo run --example embed` prints where the descent ends.

use lentil::{Error, Program, Value};

/// Rosenbrock's valley, whose lowest point is at (1, 1).
const VALLEY: &str = "
fn rosenbrock(x: Real[2]) -> Real =
  (1 - x[0]) ^ 2 + 100 * (x[1] - x[0] ^ 2) ^ 2
";

fn main() -> Result<(), Error> {
    println!("{}", descended(20_000)?);
    Ok(())
}

/// Where so many steps down the valley lead.
fn descended(steps: usize) -> Result<Value, Error> {
    let program = Program::from_source(VALLEY)?;
    let slope = program.function("rosenbrock")?.gradient()?;
    let mut x = [-1.2, 1.0];
    for _ in 0..steps {
        let dx = slope.call(&[x.into()])?.numbers();
        x = [x[0] - 0.001 * dx[0], x[1] - 0.001 * dx[1]];
    }
    Ok(x.into())
}

#[test]
fn the_descent_ends_at_the_lowest_point() {
    let end = descended(20_000).unwrap_or_else(|error| panic!("{error}"));
    let distance: f64 = end.numbers().iter().map(|x| (x - 1.0).abs()).sum();
    assert!(distance < 0.01, "{end}");
}
