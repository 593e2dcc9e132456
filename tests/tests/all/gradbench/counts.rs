//! What the programs and their derivatives cost, counted on what is compiled. Counts are exact, so that
//! every change of them is seen; the aims are promises.

use std::fmt::Write;

use lentil::Program;
use lentil_tests::files::root;
use lentil_tests::golden::golden;

use super::{PROGRAMS, machine};

/// A program, its primal, its derivative, and how many times the primal's arithmetic that may take.
const ROWS: &[(&str, &str, &str, f64)] = &[
    ("lse", "objective[1000]", "gradient[1000]", 2.5),
    ("llsq", "objective[64, 32]", "gradient[64, 32]", 2.5),
    ("kmeans", "cost[100, 10, 8]", "gradient[100, 10, 8]", 2.5),
    ("kmeans", "cost[100, 10, 8]", "direction[100, 10, 8]", 2.5),
    (
        "gmm",
        "objective[2, 5, 50, 0]",
        "gradient[2, 5, 50, 0]",
        5.0,
    ),
    (
        "gmm",
        "objective[8, 4, 50, 0]",
        "gradient[8, 4, 50, 0]",
        5.0,
    ),
    ("lstm", "objective[2, 14, 20]", "gradient[2, 14, 20]", 4.5),
    ("lstm", "objective[4, 14, 20]", "gradient[4, 14, 20]", 4.5),
    ("ode", "objective[16, 20]", "gradient[16, 20]", 4.5),
    ("det", "objective[5, 32]", "gradient[5, 32]", 2.5),
    ("ba", "objective[3, 10, 30]", "jacobian[3, 10, 30]", 12.0),
    (
        "ht",
        "objective[22, 40, 1, 10]",
        "jacobian[22, 40, 1, 10]",
        60.0,
    ),
    (
        "ht",
        "objective_within[22, 40, 20, 10]",
        "jacobian_within[22, 40, 20, 10]",
        60.0,
    ),
];

#[test]
fn derivatives_are_as_cheap_as_they_were() {
    let mut table = format!(
        "{:<8} {:<34} {:>10} {:>8} {:>11} {:>8} {:>6} {:>8}\n",
        "program", "primal", "arithmetic", "moves", "derivative", "moves", "ratio", "kept"
    );
    let mut dear = Vec::new();
    for &(name, primal, derivative, aim) in ROWS {
        let path = root().join(PROGRAMS).join(format!("{name}.lentil"));
        let program = Program::from_file(path).unwrap_or_else(|why| panic!("{why}"));
        let program = program.with_options(machine());
        let cost = |of: &str| {
            let draft = program.draft(of).unwrap_or_else(|why| panic!("{why}"));
            program
                .cost(&draft, 1)
                .unwrap_or_else(|why| panic!("{why}"))
        };
        let (value, by) = (cost(primal), cost(derivative));
        let ratio = by.counts.arithmetic as f64 / value.counts.arithmetic as f64;
        writeln!(
            table,
            "{name:<8} {primal:<34} {:>10} {:>8} {:>11} {:>8} {ratio:>6.2} {:>8}",
            value.counts.arithmetic,
            value.counts.moves,
            by.counts.arithmetic,
            by.counts.moves,
            by.saved_bytes(),
        )
        .expect("a string takes everything");
        if ratio > aim {
            dear.push(format!(
                "{derivative} of {name}: {ratio:.2}, but {aim} is promised"
            ));
        }
    }
    golden("tests/counts", "gradbench", &table);
    assert!(dear.is_empty(), "{}", dear.join("\n"));
}

/// What a gradient costs, in primals, is no matter of sizes.
#[test]
fn ratios_do_not_grow() {
    for (name, small, large) in [
        ("llsq", "[16, 16]", "[64, 64]"),
        ("lstm", "[2, 3, 4]", "[6, 3, 40]"),
        ("ode", "[4, 4]", "[16, 64]"),
        ("gmm", "[4, 3, 20, 0]", "[8, 8, 80, 3]"),
    ] {
        let path = root().join(PROGRAMS).join(format!("{name}.lentil"));
        let program = Program::from_file(path).unwrap_or_else(|why| panic!("{why}"));
        let ratio = |sizes: &str| {
            let of = |map: &str| {
                let draft = program.draft(&format!("{map}{sizes}"));
                let draft = draft.unwrap_or_else(|why| panic!("{why}"));
                let cost = program
                    .cost(&draft, 1)
                    .unwrap_or_else(|why| panic!("{why}"));
                cost.counts.arithmetic as f64
            };
            of("gradient") / of("objective")
        };
        let (small, large) = (ratio(small), ratio(large));
        assert!(large < 1.25 * small, "{name}: {small:.2}, then {large:.2}");
    }
}
