//! `lentil predict`

use std::path::PathBuf;

use lentil::decode::Column;

use super::terminal::say;
use super::{Outcome, compile};

/// Predict every row of a CSV file with saved parameters
///
/// The file needs the columns that the learner's input is made of, no others. What comes out is CSV with
/// the columns of the target: classes by their names, numbers scaled back. Outputs over bits that are the
/// code of no class give an empty value. A model over bits runs 64 rows at a time.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  lentil predict iris.lentil new.csv
  lentil predict iris.lentil --params small.safetensors new.csv > predicted.csv")]
pub struct Args {
    /// The program
    file: PathBuf,
    /// The rows to predict; `-` is the standard input
    data: PathBuf,
    #[command(flatten)]
    saved: Saved,
    #[command(flatten)]
    compile: compile::Args,
}

/// Which learner's parameters, from where.
#[derive(clap::Args)]
#[group(skip)]
pub struct Saved {
    /// The learner; may be left out if there is only one
    #[arg(long, value_name = "NAME")]
    learner: Option<String>,
    /// The parameter file; `<learner>.safetensors` in this folder otherwise
    #[arg(long, value_name = "FILE")]
    params: Option<PathBuf>,
}

impl Saved {
    /// The learner and its parameters.
    pub fn restore(
        &self,
        program: &lentil::Program,
    ) -> Result<(lentil::Learner, lentil::trained::Trained), lentil::Error> {
        let learner = program.learner(self.learner.as_deref())?;
        let default = PathBuf::from(format!("{}.safetensors", learner.name));
        let trained = learner.restore(self.params.as_ref().unwrap_or(&default))?;
        Ok((learner, trained))
    }
}

pub fn run(args: &Args) -> Outcome {
    let program = args.compile.program(&args.file)?;
    let (learner, trained) = args.saved.restore(&program)?;
    let columns = learner.predict(&trained, &args.data)?;
    Ok(say(&csv(&columns))?)
}

/// The columns as comma-separated text, with a header.
fn csv(columns: &[Column]) -> String {
    let mut text = line(columns.iter().map(|column| column.name.as_str()));
    let rows = columns
        .iter()
        .map(|column| column.values.len())
        .min()
        .unwrap_or(0);
    for row in 0..rows {
        text.push_str(&line(
            columns.iter().map(|column| column.values[row].as_str()),
        ));
    }
    text
}

fn line<'a>(values: impl Iterator<Item = &'a str>) -> String {
    let values: Vec<String> = values.map(quoted).collect();
    values.join(",") + "\n"
}

fn quoted(value: &str) -> String {
    // A line of nothing would be no row, so a value that is missing is quoted too.
    if value.is_empty() || value.contains(['"', ',', '\n', '\r']) || value.trim() != value {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_with_commas_quotes_and_nothing_are_quoted() {
        let column = |name: &str, values: [&str; 2]| Column {
            name: name.to_string(),
            values: values.map(str::to_string).to_vec(),
        };
        let columns = [column("a", ["x", ""]), column("b,c", ["say \"y\"", "1"])];
        assert_eq!(csv(&columns), "a,\"b,c\"\nx,\"say \"\"y\"\"\"\n\"\",1\n");
    }
}
