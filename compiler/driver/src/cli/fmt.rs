//! `lentil fmt`

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lentil::{Error, loader};
use lentil_diag::Sources;

use super::terminal::{complain, say};
use super::{Outcome, Stop};

/// Write programs in the one style
///
/// Comments are kept. A file that does not parse is left as it is.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  lentil fmt iris.lentil
  lentil fmt --check examples/*.lentil")]
pub struct Args {
    /// The programs
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only say which files would change; exit code 1 if one would
    #[arg(long)]
    check: bool,
}

pub fn run(args: &Args) -> Outcome {
    let mut good = true;
    for file in &args.files {
        match formatted(file) {
            Ok((_, formatted)) if !args.check && file == Path::new(loader::STANDARD_INPUT) => {
                say(&formatted)?;
            }
            Ok((text, formatted)) if text == formatted => {}
            Ok(_) if args.check => {
                say(&format!("{}\n", file.display()))?;
                good = false;
            }
            Ok((_, formatted)) => loader::replace(file, formatted.as_bytes())?,
            Err(error) => {
                complain(&error);
                good = false;
            }
        }
    }
    if good { Ok(()) } else { Err(Stop::Failed) }
}

/// The text of a file, and what it would be in the one style.
fn formatted(file: &Path) -> Result<(String, String), Error> {
    let text = loader::source(file)?;
    let mut sources = Sources::new();
    let source = sources.add(file.display().to_string(), text.clone());
    let (parsed, diagnostics) = lentil_grammar::parse(source, &text);
    if !diagnostics.is_empty() {
        return Err(Error::new(diagnostics, Arc::new(sources)));
    }
    let formatted = lentil_grammar::format(&parsed, &text);
    Ok((text, formatted))
}
