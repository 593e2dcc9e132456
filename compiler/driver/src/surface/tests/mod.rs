//! Texts of regions, and that they mean what the regions mean.

mod golden;
mod round_trip;

use lentil_core::{Loader, Options, Program};
use lentil_diag::Sources;
use lentil_unary::Region;

use super::{Unprintable, print};

/// No other modules.
struct Alone;

impl Loader for Alone {
    fn standard(&self, _: &str) -> Option<String> {
        None
    }

    fn beside(&self, from: &str, _: &[&str]) -> Result<(String, String), String> {
        Err(format!("nothing is beside {from}"))
    }

    fn exports(&self) -> Vec<(String, String)> {
        Vec::new()
    }
}

fn numbered(letter: &str, count: usize) -> Vec<String> {
    (0..count).map(|k| format!("{letter}{k}")).collect()
}

/// The text of a region as the function `f`.
fn text(region: &Region) -> Result<String, Unprintable> {
    let params = numbered("x", region.params().len());
    let results = numbered("y", region.results().len());
    print("f", region, &params, &results)
}

/// The region that the function `f` of a text is.
fn read(text: &str) -> Region {
    let mut sources = Sources::new();
    let source = sources.add("printed.lentil", text);
    let (_, problems) = lentil_grammar::parse(source, text);
    assert!(problems.is_empty(), "{text}\n{problems:#?}");
    let (program, problems) = Program::load("printed.lentil", text, &Alone);
    assert!(problems.is_empty(), "{text}\n{problems:#?}");
    match program.lower("f", &Options::default()) {
        Ok(lowered) => lowered.region,
        Err(failure) => panic!("{text}\n{:#?}", failure.diagnostics),
    }
}
