//! Every error as the user sees it: `tests/errors/E0xxx_name.lentil` is a program that gives it, and
//! beside it stands the rendered text.
//!
//! A program whose error comes only when something is asked of it says so in its first line: `// lower:`
//! or `// call:` and a map, `// value:` and an expression, `// netlist:` and a map over bits, `// train`,
//! `// test`.

use std::collections::BTreeSet;
use std::path::Path;

use lentil::law::LawOptions;
use lentil::{Error, Program};
use lentil_diag::codes;
use lentil_runtime::interrupt::Interrupt;
use lentil_runtime::report::Silent;
use lentil_tests::files::{files_in, text};
use lentil_tests::golden::golden;

/// Errors that no single program shows, and the test that does.
const ELSEWHERE: &[(&str, &str)] = &[
    ("E0114", "grammar/tests/limits.rs"),
    ("E0501", "tests/tests/all/errors.rs"),
    ("E0502", "tests/tests/all/hostile/doubling.rs"),
    ("E0611", "runtime/tests/it/csv.rs"),
    ("E0612", "runtime/tests/it/csv.rs"),
    ("E0614", "runtime/tests/it/encode.rs"),
    ("E0701", "runtime/tests/it/params.rs"),
    ("E0702", "runtime/tests/it/params.rs"),
    ("E0703", "runtime/tests/it/params.rs"),
    ("E0704", "runtime/tests/it/params.rs"),
    ("E0705", "runtime/tests/it/params.rs"),
    ("E0706", "runtime/tests/it/params.rs"),
    ("E0707", "runtime/tests/it/params.rs"),
    ("E0708", "runtime/tests/it/params.rs"),
    ("E0709", "runtime/tests/it/params.rs"),
    ("E0710", "runtime/tests/it/params.rs"),
    ("E0711", "runtime/tests/it/params.rs"),
    ("E0802", "compiler/driver/tests/cli/refusals.rs"),
    ("E0902", "compiler/driver/tests/cli/refusals.rs"),
    ("E0907", "compiler/driver/tests/cli/refusals.rs"),
    ("E0909", "compiler/driver/tests/cli/init.rs"),
    ("E0912", "compiler/driver/tests/cli/resume.rs"),
    ("E0920", "compiler/driver/tests/interrupting.rs"),
    ("E0921", "tests/repl/commands.snap"),
    ("E0922", "tests/repl/commands.snap"),
    ("E0923", "tests/repl/commands.snap"),
    ("E0924", "tests/repl/definitions.snap"),
];

/// Errors that no test shows, and why.
const UNSHOWN: &[(&str, &str)] = &[
    ("E0119", "it takes a text of 4 GiB"),
    ("E0906", "it is about a command, not about a program"),
    ("E0908", "it is about how one command shows a program"),
];

fn inputs() -> Vec<String> {
    files_in("tests/errors", ".lentil")
}

fn name_of(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.trim_end_matches(".lentil")
}

/// What a program that is wrong gives.
fn error(path: &str, source: &str) -> Option<Error> {
    // Tests run in the folder `tests`, so that the texts name files from there.
    let short = path.trim_start_matches("tests/");
    let program = match Program::from_file(Path::new(short)) {
        Ok(program) => program,
        Err(error) => return Some(error),
    };
    let first = source.lines().next().unwrap_or_default();
    let (how, what) = first
        .strip_prefix("// ")
        .map(|directive| directive.split_once(": ").unwrap_or((directive, "")))?;
    match how {
        "lower" => program.function(what).err(),
        "call" => program.function(what).and_then(|f| f.call(&[])).err(),
        "value" => program.evaluate(what).err(),
        "netlist" => program.netlist(what).err(),
        "train" => program
            .learner(None)
            .and_then(|l| l.train(&mut Silent, &Interrupt::new()))
            .err(),
        "test" => failing(&program),
        _ => None,
    }
}

/// What is wrong with the first test or law that does not hold.
fn failing(program: &Program) -> Option<Error> {
    let tests = 0..program.tests().len();
    let laws = 0..program.laws().len();
    let mut found = tests
        .filter_map(|k| program.hold_test(k).err())
        .chain(
            laws.filter_map(|k| match program.try_law(k, &LawOptions::default()) {
                Ok(report) => report.counterexample.map(|found| found.error),
                Err(error) => Some(error),
            }),
        );
    found.next()
}

#[test]
fn errors_are_told_as_recorded() {
    for path in inputs() {
        let (name, source) = (name_of(&path), text(&path));
        let Some(error) = error(&path, &source) else {
            println!("NO ERROR {path}");
            continue;
        };
        // The error that the file is named after comes first, or is the only one of its kind.
        let codes: BTreeSet<&str> = error.diagnostics().iter().map(|d| d.code).collect();
        let code = name.split('_').next().unwrap_or(name);
        assert!(codes.contains(code), "{path} gives {codes:?}\n{error}");
        golden("tests/errors", name, &error.to_string());
    }
}

#[test]
fn every_error_is_shown() {
    let shown: BTreeSet<String> = inputs()
        .iter()
        .map(|path| {
            name_of(path)
                .split('_')
                .next()
                .unwrap_or_default()
                .to_string()
        })
        .collect();
    for page in codes::pages() {
        let by_file = shown.contains(page.code);
        let by_test = ELSEWHERE.iter().find(|(code, _)| *code == page.code);
        if let Some((code, test)) = by_test {
            assert!(
                !by_file,
                "{code} is shown by a file: it needs no other test"
            );
            assert!(text(test).contains(code), "{test} does not name {code}");
        } else {
            let unshown = UNSHOWN.iter().any(|(code, _)| *code == page.code);
            assert!(by_file != unshown, "{}: a program shows it", page.code);
        }
    }
}

#[test]
fn programs_that_nest_too_deeply_are_refused() {
    let mut source = String::from("fn f0(x: Real) -> Real = x\n");
    for k in 1..600 {
        source += &format!("fn f{k}(x: Real) -> Real = f{}(x) + 1\n", k - 1);
    }
    let program = Program::from_source(&source).unwrap_or_else(|why| panic!("{why}"));
    let error = program.function("f599").err().expect("too deep");
    assert_eq!(error.diagnostics()[0].code, "E0501");
    assert!(program.function("f100").is_ok());
}
