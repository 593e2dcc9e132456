//! `lentil test`

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use lentil::law::{LawOptions, LawReport};
use lentil::{Error, Program};

use super::terminal::{complain, say};
use super::{Outcome, Stop, compile};

/// Run the tests and the laws of programs
///
/// A law is tried on cases that are drawn from a seed; where there are few of them, on all. The first
/// case in which it does not hold is made small and shown as a test of the language.
/// Tests and laws of imported files are not run.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  lentil test iris.lentil
  lentil test --filter softmax --cases 10000 --seed 7 src")]
pub struct Args {
    /// The programs; of a folder, all that are in it
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only the tests and laws with this in their titles
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// What the cases of laws depend on
    #[arg(long, value_name = "NUMBER", default_value_t = LawOptions::default().seed)]
    seed: u64,
    /// How many cases a law is tried on
    #[arg(long, value_name = "NUMBER", default_value_t = LawOptions::default().cases)]
    cases: NonZeroUsize,
    #[command(flatten)]
    compile: compile::Args,
}

#[derive(Default)]
struct Tally {
    tests: usize,
    laws: usize,
    cases: usize,
    failed: usize,
    /// Files with errors.
    refused: usize,
}

pub fn run(args: &Args) -> Outcome {
    let mut files = Vec::new();
    for path in &args.files {
        match path.is_dir() {
            true => programs_in(path, &mut files)?,
            false => files.push(path.clone()),
        }
    }
    let mut tally = Tally::default();
    for file in &files {
        match args.compile.program(file) {
            Ok(program) => {
                if files.len() > 1 {
                    say(&format!("{}\n", file.display()))?;
                }
                tally.tests(args, &program)?;
                tally.laws(args, &program)?;
            }
            Err(error) => {
                complain(&error);
                tally.refused += 1;
            }
        }
    }
    say(&tally.summary(args, files.len()))?;
    match tally.failed + tally.refused {
        0 => Ok(()),
        _ => Err(Stop::Failed),
    }
}

/// The programs in a folder and the folders in it, in the order of their names.
fn programs_in(folder: &Path, out: &mut Vec<PathBuf>) -> Outcome {
    let unread = |error: std::io::Error| {
        let title = format!("the folder `{}` cannot be read: {error}", folder.display());
        Stop::Refused(Error::plain("E0902", title, None))
    };
    let entries = fs::read_dir(folder).map_err(unread)?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(unread)?.path());
    }
    paths.sort();
    for path in paths {
        // A link may lead back to a folder that it is in.
        if path.is_dir() && !path.is_symlink() {
            programs_in(&path, out)?;
        } else if path.extension().is_some_and(|ending| ending == "lentil") {
            out.push(path);
        }
    }
    Ok(())
}

impl Tally {
    fn tests(&mut self, args: &Args, program: &Program) -> Outcome {
        for (index, title) in program.tests().into_iter().enumerate() {
            if !args.asks_for(&title) {
                continue;
            }
            self.tests += 1;
            match program.hold_test(index) {
                Ok(()) => say(&format!("ok      {title}\n"))?,
                Err(error) => self.fail(&title, &error)?,
            }
        }
        Ok(())
    }

    fn laws(&mut self, args: &Args, program: &Program) -> Outcome {
        let options = LawOptions {
            seed: args.seed,
            cases: args.cases,
        };
        for (index, title) in program.laws().into_iter().enumerate() {
            if !args.asks_for(&title) {
                continue;
            }
            self.laws += 1;
            match program.try_law(index, &options) {
                Ok(report) => {
                    self.cases += report.cases;
                    self.law(args, &title, &report)?;
                }
                Err(error) => self.fail(&title, &error)?,
            }
        }
        Ok(())
    }

    fn law(&mut self, args: &Args, title: &str, report: &LawReport) -> Outcome {
        let Some(found) = &report.counterexample else {
            let text = format!("ok      {title} ({})\n", tried(report));
            return Ok(say(&text)?);
        };
        self.fail(title, &found.error)?;
        let (case, seed) = (found.case, args.seed);
        say(&format!(
            "case {case} of seed {seed}, made small:\n{}\n",
            found.test
        ))?;
        Ok(())
    }

    fn fail(&mut self, title: &str, error: &Error) -> Outcome {
        self.failed += 1;
        say(&format!("FAILED  {title}\n"))?;
        complain(error);
        Ok(())
    }

    fn summary(&self, args: &Args, files: usize) -> String {
        if self.refused > 0 && self.tests + self.laws == 0 {
            return format!("{} not run\n", counted(self.refused, "file", "files"));
        }
        let mut parts = Vec::new();
        if self.tests > 0 {
            parts.push(counted(self.tests, "test", "tests"));
        }
        if self.laws > 0 {
            let cases = counted(self.cases, "case", "cases");
            parts.push(format!("{} in {cases}", counted(self.laws, "law", "laws")));
        }
        if parts.is_empty() {
            let about = match &args.filter {
                Some(text) => format!(" with {text:?} in their titles"),
                None => String::new(),
            };
            let place = counted(files, "file", "files");
            return format!("no tests and no laws{about} in {place}\n");
        }
        let failed = match self.failed {
            0 => "all hold".to_string(),
            n => format!("{n} failed"),
        };
        let mut text = format!("{}: {failed}", parts.join(", "));
        if self.refused > 0 {
            text += &format!("; {} not run", counted(self.refused, "file", "files"));
        }
        text + "\n"
    }
}

impl Args {
    fn asks_for(&self, title: &str) -> bool {
        self.filter.as_ref().is_none_or(|text| title.contains(text))
    }
}

/// How far a law was tried.
fn tried(report: &LawReport) -> String {
    let cases = counted(report.cases, "case", "cases");
    match (report.exhaustive, report.programs) {
        (true, _) if report.cases == 1 => "the only case".to_string(),
        (true, _) => format!("all {cases}"),
        (false, 1) => cases,
        (false, n) => format!("{cases} in {n} programs"),
    }
}

fn counted(n: usize, one: &str, more: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { more })
}
