//! `lentil explain`

use lentil::Error;
use lentil_diag::codes::{page, pages};

use super::Outcome;
use super::terminal::say;

/// Explain an error code at length
#[derive(clap::Args)]
#[command(after_help = "Examples:
  lentil explain E0110
  lentil explain")]
pub struct Args {
    /// The code; without one, all codes are listed
    code: Option<String>,
}

pub fn run(args: &Args) -> Outcome {
    let Some(code) = &args.code else {
        let list: String = pages()
            .iter()
            .map(|page| format!("{}  {}\n", page.code, page.title))
            .collect();
        return Ok(say(&list)?);
    };
    let digits = code.trim_start_matches(['e', 'E']);
    match page(&format!("E{digits:0>4}")) {
        Some(page) => Ok(say(page.text)?),
        None => {
            let title = format!("there is no error code `{code}`");
            let hint = "`lentil explain` lists all codes";
            Err(Error::plain("E0906", title, Some(hint)).into())
        }
    }
}
