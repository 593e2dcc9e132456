//! `lentil eval`

use std::path::PathBuf;

use super::predict::Saved;
use super::terminal::say;
use super::train::row;
use super::{Outcome, compile};

/// Report the loss of saved parameters
///
/// Without a data file, on the two parts of the learner's own data; with one, on all of its rows.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  lentil eval iris.lentil
  lentil eval iris.lentil --params small.safetensors more.csv")]
pub struct Args {
    /// The program
    file: PathBuf,
    /// Rows with all columns of the learner's data
    data: Option<PathBuf>,
    #[command(flatten)]
    saved: Saved,
    #[command(flatten)]
    compile: compile::Args,
}

pub fn run(args: &Args) -> Outcome {
    let program = args.compile.program(&args.file)?;
    let (learner, trained) = args.saved.restore(&program)?;
    let mut text = String::new();
    match &args.data {
        Some(path) => text.push_str(&row("all", &learner, &learner.evaluate(&trained, path)?)),
        None => {
            let (train, test) = learner.evaluate_own(&trained)?;
            text.push_str(&row("train", &learner, &train));
            if let Some(test) = &test {
                text.push_str(&row("test", &learner, test));
            }
        }
    }
    Ok(say(&text)?)
}
