//! `lentil run`

use std::path::PathBuf;

use super::terminal::say;
use super::{Outcome, compile};

/// Compute a value
///
/// NAME is a function or any expression over the program's definitions; arguments are expressions.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  lentil run program.lentil softplus 1.5
  lentil run program.lentil inner '[1, 2, 3]' '[0.5, 0, 1]'
  lentil run program.lentil 'grad(softplus)(0)'")]
pub struct Args {
    /// The program
    file: PathBuf,
    /// A function, or an expression
    name: String,
    /// Its arguments
    #[arg(allow_negative_numbers = true)]
    args: Vec<String>,
    #[command(flatten)]
    compile: compile::Args,
}

pub fn run(args: &Args) -> Outcome {
    let program = args.compile.program(&args.file)?;
    let expression = match args.args[..] {
        [] => args.name.clone(),
        _ => format!("({})({})", args.name, args.args.join(", ")),
    };
    let value = program.evaluate(&expression)?;
    Ok(say(&format!("{value}\n"))?)
}
