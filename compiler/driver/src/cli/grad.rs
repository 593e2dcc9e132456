//! `lentil grad`

use std::path::PathBuf;

use lentil::draft::Draft;
use lentil::{Error, surface};
use lentil_core::Role;
use lentil_unary::carrier::Type;

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
    let region = program.stages(&draft).reverse;
    let (params, results) = names(&draft);
    let text = surface::print(&title(&args.name), &region, &params, &results);
    let text = text.map_err(|why| {
        Error::plain(
            "E0908",
            format!("the derivative cannot be shown: {why}"),
            None,
        )
    })?;
    Ok(say(&text)?)
}

/// What the derivative of an expression is called.
fn title(expression: &str) -> String {
    let head: String = expression
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    match head.as_str() {
        "" => "reverse".to_string(),
        _ => format!("{head}_reverse"),
    }
}

/// The names of the leaves of parameters, and those of the cotangents that come out.
fn names(draft: &Draft) -> (Vec<String>, Vec<String>) {
    let mut params = Vec::new();
    let mut results = Vec::new();
    for input in &draft.inputs {
        let leaves = input.leaves();
        for (k, ty) in leaves.iter().enumerate() {
            let name = match leaves.len() {
                1 => input.name.clone(),
                _ => format!("{}.{k}", input.name),
            };
            let asked = matches!(input.role, Role::Weight | Role::Input);
            if asked && Type::differentiable(ty) {
                results.push(format!("d{name}"));
            }
            params.push(name);
        }
    }
    (params, results)
}
