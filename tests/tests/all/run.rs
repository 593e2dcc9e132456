//! The tests that are written in the language hold, whatever runs them.

use std::num::NonZeroUsize;

use lentil::law::LawOptions;
use lentil::pipeline::{Options, Switch, Target};
use lentil::{Carrier, Program};
use lentil_optimise::Arithmetic;
use lentil_tests::files::{files_in, text};

fn ways() -> Vec<(&'static str, Options)> {
    let usual = Options::default();
    let with = |change: fn(&mut Options)| {
        let mut options = usual.clone();
        change(&mut options);
        options
    };
    vec![
        ("as usual", usual.clone()),
        ("in double precision", with(|o| o.real = Carrier::F64)),
        ("by the evaluator", with(|o| o.target = Target::Evaluator)),
        (
            "with every bit kept",
            with(|o| o.arithmetic = Arithmetic::Exact),
        ),
        ("without array code", with(|o| o.vectorise = Switch::Off)),
        ("without equations", with(|o| o.rewrite = Switch::Off)),
    ]
}

#[test]
fn tests_in_the_language() {
    let mut run = 0;
    for path in [
        files_in("stdlib", ".lentil"),
        files_in("tests/run", ".lentil"),
    ]
    .concat()
    {
        let program = Program::from_source(&text(&path));
        let program = program.unwrap_or_else(|why| panic!("{path}\n{why}"));
        for (how, options) in ways() {
            let program = program.with_options(options);
            for (index, title) in program.tests().iter().enumerate() {
                let holds = program.run_test(index);
                let holds = holds.unwrap_or_else(|why| panic!("{path}, {title}, {how}\n{why}"));
                assert!(holds, "{path}: {title}, {how}");
                run += 1;
            }
        }
    }
    assert!(run > 100, "{run} tests were found");
}

/// Every law as usual, and in one of the other ways in turn, each time from another seed.
#[test]
fn laws_in_the_language() {
    let mut tried = 0;
    let ways = ways();
    let (usual, others) = ways.split_first().expect("several ways");
    let mut others = others.iter().cycle();
    let mut seed = 0;
    let files = [
        files_in("stdlib", ".lentil"),
        vec!["examples/laws.lentil".to_string()],
    ];
    for path in files.concat() {
        let program = Program::from_source(&text(&path));
        let program = program.unwrap_or_else(|why| panic!("{path}\n{why}"));
        for (index, title) in program.laws().iter().enumerate() {
            for (how, options) in [Some(usual), others.next()].into_iter().flatten() {
                seed += 1;
                let law_options = LawOptions {
                    seed,
                    cases: const { NonZeroUsize::new(6).unwrap() },
                };
                let program = program.with_options(options.clone());
                let report = program.try_law(index, &law_options);
                let report = report.unwrap_or_else(|why| panic!("{path}, {title}, {how}\n{why}"));
                if let Some(found) = report.counterexample {
                    panic!("{path}, {title}, {how}\n{}\n{}", found.test, found.error);
                }
                tried += report.cases;
            }
        }
    }
    assert!(tried > 2000, "{tried} cases were tried");
}
