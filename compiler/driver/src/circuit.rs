//! Models over bits as circuits.

use lentil_circuit::{Netlist, Options, Refusal, lower_with};
use lentil_unary::syntax::Region;
use lentil_unary::value::Array;

use crate::draft::{Draft, Places};
use crate::error::Error;
use crate::learner::Learner;
use crate::program::Program;
use crate::trained::Trained;

impl Learner {
    /// The circuit of the model; with parameters, these are part of it, otherwise they are inputs.
    ///
    /// # Errors
    /// If the model is not one over bits.
    pub fn netlist(&self, trained: Option<&Trained>) -> Result<Netlist, Error> {
        let (region, places) = self.model()?;
        let mut names: Vec<String> = self.params.iter().map(|(name, _)| name.clone()).collect();
        names.push("x".to_string());
        let mut fixed: Vec<Option<Array>> = match trained {
            Some(trained) => trained.params.iter().cloned().map(Some).collect(),
            None => vec![None; self.params.len()],
        };
        fixed.push(None);
        netlist(&region, &fixed, names, &places)
    }
}

impl Program {
    /// The circuit of a function or a model over bits; parameters are inputs.
    ///
    /// # Errors
    /// If there is no such map, or if it is not one over bits.
    pub fn netlist(&self, expression: &str) -> Result<Netlist, Error> {
        let draft = self.draft(expression)?;
        let region = self.resolved(&draft);
        let Draft { inputs, places, .. } = draft;
        let leaf = |name: &str, k: usize, of: usize| match of {
            1 => name.to_string(),
            _ => format!("{name}.{k}"),
        };
        let names: Vec<String> = inputs
            .iter()
            .flat_map(|input| {
                let of = input.leaves.len();
                (0..of).map(move |k| leaf(&input.name, k, of))
            })
            .collect();
        netlist(&region, &vec![None; region.params().len()], names, &places)
    }
}

fn netlist(
    region: &Region,
    fixed: &[Option<Array>],
    parameters: Vec<String>,
    places: &Places,
) -> Result<Netlist, Error> {
    let results = match region.results().len() {
        1 => vec!["y".to_string()],
        n => (0..n).map(|k| format!("y{k}")).collect(),
    };
    let options = Options {
        parameters,
        results,
        ..Options::default()
    };
    lower_with(region, fixed, &options).map_err(|refusal| match refusal {
        Refusal::Trap(trap) => places.trap(trap),
        Refusal::Arguments(_)
        | Refusal::Parameter { .. }
        | Refusal::Result { .. }
        | Refusal::Depends { .. }
        | Refusal::Derivative(_)
        | Refusal::TooLarge(_) => {
            let hint = "only models over `Bit` become circuits";
            Error::plain("E0904", refusal.to_string(), Some(hint))
        }
    })
}
