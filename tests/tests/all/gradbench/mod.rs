//! The programs of `examples/gradbench`: their cases, in machine code and in the evaluator, and their own
//! tests.

mod counts;

use lentil::pipeline::{Switch, Target};
use lentil::{Carrier, Options, Program};
use lentil_diag::Sources;
use lentil_examples::gradbench::{Case, PROBLEMS, check, program_path};
use lentil_optimise::Arithmetic;
use lentil_tests::files::{files_in, root, text};

const PROGRAMS: &str = "examples/gradbench";
/// What programs share, and is no problem itself.
const SHARED: &str = "examples/gradbench/descent.lentil";
const CASES: &str = "examples/gradbench/cases";

fn machine() -> Options {
    Options {
        real: Carrier::F64,
        ..Options::default()
    }
}

/// As little as possible is done to a program here.
fn evaluator() -> Options {
    Options {
        target: Target::Evaluator,
        arithmetic: Arithmetic::Exact,
        vectorise: Switch::Off,
        rewrite: Switch::Off,
        ..machine()
    }
}

fn cases() -> Vec<(String, Case)> {
    let read = |path: String| {
        let case = Case::read(&root().join(&path)).unwrap_or_else(|why| panic!("{path}: {why}"));
        (path, case)
    };
    files_in(CASES, ".json").into_iter().map(read).collect()
}

fn hold(options: &Options) {
    for (path, case) in cases() {
        let outcomes = check(&case, options).unwrap_or_else(|why| panic!("{path}: {why}"));
        for outcome in outcomes {
            let (function, error) = (&outcome.function, outcome.error);
            assert!(outcome.holds(), "{path}: {function} is wrong by {error:e}");
        }
    }
}

#[test]
fn cases_hold_in_machine_code() {
    hold(&machine());
}

#[test]
fn cases_hold_in_the_evaluator() {
    hold(&evaluator());
}

/// What the tests above would miss if a case or a function of it were not run.
#[test]
fn every_problem_is_held_to_every_answer() {
    for problem in PROBLEMS {
        let of = |case: &Case| case.problem() == problem.name && (problem.fits)(case);
        let answered = |case: &Case| {
            let mut functions = problem.functions.iter();
            functions.all(|f| case.expected(f.expected).is_some())
        };
        let held = cases().iter().any(|(_, case)| of(case) && answered(case));
        assert!(held, "{} has no case with all answers", problem.name);
    }
}

#[test]
fn programs_hold_their_own_tests() {
    let mut of_them = 0;
    for path in files_in(PROGRAMS, ".lentil") {
        let program = Program::from_file(root().join(&path)).unwrap_or_else(|e| panic!("{e}"));
        let program = program.with_options(machine());
        for (k, title) in program.tests().iter().enumerate() {
            let holds = program.run_test(k).unwrap_or_else(|e| panic!("{e}"));
            assert!(holds, "{path}: {title}");
        }
        assert!(!program.tests().is_empty(), "{path} has no test");
        of_them += 1;
    }
    assert!(of_them > 0, "the programs were not found");
}

#[test]
fn programs_are_in_the_one_style_and_have_cases() {
    for path in files_in(PROGRAMS, ".lentil") {
        let text = text(&path);
        let source = Sources::new().add(path.clone(), text.clone());
        let (file, _) = lentil_grammar::parse(source, &text);
        assert_eq!(lentil_grammar::format(&file, &text), text, "{path}");
        let mut programs = PROBLEMS.iter().map(|p| program_path(p.name));
        let named = path == SHARED || programs.any(|p| p == root().join(&path));
        assert!(named, "{path} is held to nothing");
    }
}
