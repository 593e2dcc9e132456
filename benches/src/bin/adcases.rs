//! Holds the programs of `examples/gradbench` to a folder of cases, and times them.
//!
//! `cargo run --release -p lentil-benches --bin adcases -- DIR [PART-OF-A-NAME…]` prints a line for each function of each
//! case, and fails if a result is not within 1e-9 of the expected one. Times are the least of a few
//! runs, arguments copied in and results copied out.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use lentil::{Carrier, Options};
use lentil_examples::gradbench::{Case, Outcome, check};

/// Runs of which the shortest counts.
const RUNS: usize = 5;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let Some(folder) = args.next() else {
        eprintln!("usage: adcases DIR [PART-OF-A-NAME…]");
        return ExitCode::from(2);
    };
    let parts: Vec<String> = args.collect();
    let cases = match cases(PathBuf::from(&folder), &parts) {
        Ok(cases) if !cases.is_empty() => cases,
        Ok(_) => return complain(&format!("{folder}: no such case")),
        Err(why) => return complain(&format!("{folder}: {why}")),
    };
    println!(
        "{:<44} {:>8} {:>8} {:>11} {:>11}  function",
        "case", "error", "worst", "compile", "run"
    );
    let mut good = true;
    for path in cases {
        good &= one(&path);
    }
    match good {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn cases(folder: PathBuf, parts: &[String]) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let wanted = parts.is_empty() || parts.iter().any(|part| name.contains(part));
        if wanted && name.ends_with(".json") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn one(path: &Path) -> bool {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let options = Options {
        real: Carrier::F64,
        ..Options::default()
    };
    match Case::read(path).and_then(|case| check(&case, &options)) {
        Ok(outcomes) => {
            for outcome in &outcomes {
                line(&name, outcome);
            }
            outcomes.iter().all(Outcome::holds)
        }
        Err(why) => {
            println!("{name:<44} {why}");
            false
        }
    }
}

fn line(name: &str, outcome: &Outcome) {
    let times = (0..RUNS).filter_map(|_| outcome.again.time().ok());
    let run = times.min().unwrap_or_default();
    let mark = if outcome.holds() { "" } else { "  WRONG" };
    println!(
        "{name:<44} {:>8.1e} {:>8.1e} {:>8.1} ms {:>8.3} ms  {}{mark}",
        outcome.error,
        outcome.worst,
        millis(outcome.compile),
        millis(run),
        outcome.function,
    );
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn complain(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::FAILURE
}
