//! `lentil check`

use std::path::PathBuf;

use lentil::Program;

use super::terminal::{complain, say};
use super::{Outcome, Stop};

/// Check programs: syntax, names, types and sizes
///
/// All independent errors of a file are shown, in the order of its text.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  lentil check iris.lentil
  lentil check examples/*.lentil
  lentil check - < iris.lentil")]
pub struct Args {
    /// The programs; `-` is the standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub fn run(args: &Args) -> Outcome {
    let mut good = true;
    for file in &args.files {
        match Program::from_file(file) {
            Ok(program) => {
                complain(&program.warnings());
                let text = match program.items().len() {
                    0 => "no definitions".to_string(),
                    1 => "1 definition".to_string(),
                    n => format!("{n} definitions"),
                };
                say(&format!("{}: {text}, no errors\n", file.display()))?;
            }
            Err(error) => {
                complain(&error);
                good = false;
            }
        }
    }
    if good { Ok(()) } else { Err(Stop::Failed) }
}
