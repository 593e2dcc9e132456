//! `lentil test`

use std::path::PathBuf;

use lentil_core::ItemClass;

use super::terminal::{complain, say};
use super::{Outcome, Stop, compile};

/// Run the tests of a program
#[derive(clap::Args)]
#[command(after_help = "Examples:
  lentil test iris.lentil")]
pub struct Args {
    /// The programs
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    compile: compile::Args,
}

pub fn run(args: &Args) -> Outcome {
    let (mut passed, mut failed, mut laws) = (0, 0, 0);
    for file in &args.files {
        let program = args.compile.program(file)?;
        laws += program
            .items()
            .iter()
            .filter(|item| item.class == ItemClass::Law)
            .count();
        for (index, title) in program.tests().into_iter().enumerate() {
            let result = program.run_test(index);
            let word = match &result {
                Ok(true) => "ok",
                Ok(false) => "FAILED",
                Err(_) => "STOPPED",
            };
            say(&format!("{word:<7} {title}\n"))?;
            match result {
                Ok(true) => passed += 1,
                Ok(false) => failed += 1,
                Err(error) => {
                    failed += 1;
                    complain(&error);
                }
            }
        }
    }
    let mut text = format!("{passed} passed, {failed} failed");
    if laws > 0 {
        text.push_str(&format!(", {laws} laws not run: they cannot be yet"));
    }
    say(&format!("{text}\n"))?;
    if failed == 0 {
        Ok(())
    } else {
        Err(Stop::Failed)
    }
}
