//! The options of compilation that commands share.

use std::path::Path;

use clap::ValueEnum;
use lentil::pipeline::{Switch, Target};
use lentil::{Carrier, Error, Options, Program};
use lentil_optimise::Arithmetic;

#[derive(clap::Args)]
#[group(skip)]
#[command(next_help_heading = "Compilation")]
pub struct Args {
    /// The precision of `Real`
    #[arg(long, value_enum, default_value_t = Real::F32)]
    real: Real,
    /// Keep every bit: no floating-point sum is rearranged
    #[arg(long)]
    exact: bool,
    /// Keep loops over elements as they are
    #[arg(long)]
    no_vectorise: bool,
    /// Do not rewrite by equations
    #[arg(long)]
    no_rewrite: bool,
    /// Interpret instead of making machine code (slow)
    #[arg(long)]
    evaluator: bool,
    /// Check the invariants of the program after each pass
    #[arg(long)]
    verify: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Real {
    F32,
    F64,
}

impl Args {
    /// The program in a file, to be compiled with these options; its warnings are shown.
    pub fn program(&self, file: &Path) -> Result<Program, Error> {
        let program = Program::from_file(file)?.with_options(self.options());
        super::complain(&program.warnings());
        Ok(program)
    }

    /// How programs are compiled with these options.
    pub fn options(&self) -> Options {
        let default = Options::default();
        Options {
            real: match self.real {
                Real::F32 => Carrier::F32,
                Real::F64 => Carrier::F64,
            },
            arithmetic: if self.exact {
                Arithmetic::Exact
            } else {
                Arithmetic::Real
            },
            vectorise: Switch::of(!self.no_vectorise),
            rewrite: Switch::of(!self.no_rewrite),
            target: if self.evaluator {
                Target::Evaluator
            } else {
                Target::Machine
            },
            verify: if self.verify {
                Switch::On
            } else {
                default.verify
            },
            ..default
        }
    }
}
