//! The tests that are written in the language hold, whatever runs them.

use std::num::NonZeroUsize;
use std::path::Path;

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

/// Laws are tried on fewer cases in each way: what is tried differs, so that all see many.
#[test]
fn laws_in_the_language() {
    let mut tried = 0;
    let files = [
        files_in("stdlib", ".lentil"),
        files_in("examples", ".lentil"),
    ];
    for path in files.concat() {
        let program = Program::from_file(Path::new("..").join(&path));
        let program = program.unwrap_or_else(|why| panic!("{path}\n{why}"));
        for (seed, (how, options)) in (1..).zip(ways()) {
            let program = program.with_options(options);
            let options = LawOptions {
                seed,
                cases: const { NonZeroUsize::new(6).unwrap() },
            };
            for (index, title) in program.laws().iter().enumerate() {
                let report = program.try_law(index, &options);
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
