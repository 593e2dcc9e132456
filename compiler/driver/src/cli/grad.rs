//! `lentil grad`

use std::path::PathBuf;

use lentil::surface;

use super::terminal::say;
use super::{Outcome, compile};

/// Show the reverse derivative of a function or a model, in the language
///
/// The text is a function: it takes the map's parameters and inputs and the cotangent `dy` of its result,
/// and gives the cotangents of parameters and inputs. It checks as it stands.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  lentil grad iris.lentil classifier
  lentil grad iris.lentil 'dense[4, 16]'")]
pub struct Args {
    /// The program
    file: PathBuf,
    /// A function, a model, or an expression for one
    name: String,
    #[command(flatten)]
    compile: compile::Args,
}

pub fn run(args: &Args) -> Outcome {
    let program = args.compile.program(&args.file)?;
    let draft = program.draft_reverse(&args.name)?;
    let region = program.resolved(&draft);
    Ok(say(&surface::derivative(
        &args.name,
        &draft.inputs,
        &region,
    )?)?)
}
