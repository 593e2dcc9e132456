//! The forms that a program takes on its way, as text.

use clap::ValueEnum;
use lentil_unary::print::print;

use crate::draft::refusal;
use crate::error::Error;
use crate::pipeline::{Options, Stages, loops};

/// The forms, in the order in which a program takes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// As it is lowered; derivatives are single operations
    Core,
    /// Unary form, simplified
    Unary,
    /// With derivatives resolved
    Reverse,
    /// With operations on whole arrays
    Batched,
    /// Rewritten by equations
    Optimised,
    /// As loops over buffers
    Loops,
    /// As the code generator's input
    Clif,
    /// As machine code
    Asm,
    /// As gates, for programs over bits
    Netlist,
}

impl Stage {
    /// The form of this name.
    pub fn named(name: &str) -> Option<Stage> {
        Stage::from_str(name, false).ok()
    }

    /// The names of all forms.
    pub fn names() -> Vec<String> {
        let values = Stage::value_variants()
            .iter()
            .filter_map(Stage::to_possible_value);
        values.map(|v| v.get_name().to_string()).collect()
    }

    /// A program in this form.
    ///
    /// # Errors
    /// If it needs too much memory, or is none of bits where gates are asked for.
    pub fn text(self, stages: &Stages, options: &Options) -> Result<String, Error> {
        let machine = |how: fn(&lentil_loops::Program) -> Result<String, lentil_loops::Refusal>| {
            let program = loops(&stages.optimised, options);
            program
                .and_then(|program| how(&program))
                .map_err(|why| refusal(&why))
        };
        match self {
            Stage::Core => Ok(print(&stages.core)),
            Stage::Unary => Ok(print(&stages.unary)),
            Stage::Reverse => Ok(print(&stages.reverse)),
            Stage::Batched => Ok(print(&stages.batched)),
            Stage::Optimised => Ok(print(&stages.optimised)),
            Stage::Loops => machine(|program| Ok(lentil_loops::print::print(program))),
            Stage::Clif => machine(lentil_jit::clif_text),
            Stage::Asm => machine(lentil_jit::asm_text),
            Stage::Netlist => {
                let fixed = vec![None; stages.reverse.params().len()];
                let netlist = lentil_circuit::lower(&stages.reverse, &fixed);
                netlist.map(|n| n.to_string()).map_err(|why| {
                    Error::plain(
                        "E0904",
                        why.to_string(),
                        Some("only programs over `Bit` become circuits"),
                    )
                })
            }
        }
    }
}
