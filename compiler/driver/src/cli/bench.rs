//! `lentil bench`

use std::fmt::Write;
use std::path::PathBuf;

use clap::CommandFactory;
use clap::error::ErrorKind;
use lentil::cost::Cost;

use super::terminal::say;
use super::{Outcome, compile};

/// Count what functions and their derivatives cost
///
/// For each NAME, the operations of one run and those of its derivative: the gradient of a map to a
/// number, otherwise the reverse derivative at a cotangent. The value is no result of a derivative; what
/// is needed of its computation is counted.
///
/// Operations are counted on the optimised program, element by element: `arithmetic`, and `moves` of
/// elements, most of which machine code never does. The ratio is that of arithmetic. `kept` is what the
/// derivative keeps from its forward half for its backward half.
///
/// Arguments are drawn: real numbers from -1 to 1; whole numbers and conditions are 0.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  lentil bench --count iris.lentil 'dense[4, 16]'
  lentil bench --count gmm.lentil 'objective[2, 5, 100, 0]' --derivative 'gradient[2, 5, 100, 0]'")]
pub struct Args {
    /// Count operations, which are the same on every machine
    #[arg(long, required = true)]
    count: bool,
    /// The program
    file: PathBuf,
    /// Functions, models, or expressions for them
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    /// Of a single NAME: the map that computes the derivative, such as a Jacobian
    #[arg(long, value_name = "MAP")]
    derivative: Option<String>,
    /// Where drawn arguments come from
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Show each value that is kept
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    compile: compile::Args,
}

pub fn run(args: &Args) -> Outcome {
    if args.derivative.is_some() && args.names.len() > 1 {
        let why = "--derivative is that of a single NAME";
        super::Cli::command()
            .error(ErrorKind::TooManyValues, why)
            .exit();
    }
    let program = args.compile.program(&args.file)?;
    let mut text = header();
    for name in &args.names {
        let map = program.draft(name)?;
        let derivative = match &args.derivative {
            Some(other) => program.draft(other)?,
            None if map.is_number() => program.draft_gradient(name)?,
            None => program.draft_reverse(name)?,
        };
        let value = program.cost(&map, args.seed)?;
        let derivative = program.cost(&derivative, args.seed)?;
        text.push_str(&row(name, &value, &derivative));
        for saved in derivative.saved.iter().filter(|_| args.list) {
            let _ = writeln!(
                text,
                "    keeps {}: {}, {} bytes",
                saved.name, saved.ty, saved.bytes
            );
        }
    }
    Ok(say(&text)?)
}

fn header() -> String {
    format!(
        "{:<36} {:>12} {:>12} {:>12} {:>12} {:>7} {:>12}\n",
        "map", "arithmetic", "moves", "derivative", "moves", "ratio", "kept, bytes"
    )
}

fn row(name: &str, value: &Cost, derivative: &Cost) -> String {
    let (of, by) = (value.counts, derivative.counts);
    format!(
        "{name:<36} {:>12} {:>12} {:>12} {:>12} {:>7.2} {:>12}\n",
        of.arithmetic,
        of.moves,
        by.arithmetic,
        by.moves,
        by.arithmetic as f64 / of.arithmetic as f64,
        derivative.saved_bytes(),
    )
}
