//! `lentil emit`

use std::path::PathBuf;

use clap::ValueEnum;
use lentil::learner::{Learner, Part};
use lentil::pipeline::{Stages, loops};
use lentil::{Error, Program, draft};
use lentil_core::ItemClass;
use lentil_unary::print::print;

use super::terminal::say;
use super::{Outcome, compile};

/// Show a program in one of its forms on the way to machine code
///
/// NAME is a function, a model, an expression for one (`dense[4, 16]`), or a learner, of which a part is
/// shown.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  lentil emit --stage unary iris.lentil classifier
  lentil emit --stage reverse --derivative iris.lentil classifier
  lentil emit --stage optimised iris.lentil iris_net
  lentil emit --stage netlist iris_bits.lentil circuit")]
pub struct Args {
    /// The form
    #[arg(long, value_enum)]
    stage: Stage,
    /// The program
    file: PathBuf,
    /// What of it
    name: String,
    /// Of a map: its reverse derivative
    #[arg(long)]
    derivative: bool,
    /// Of a learner: which part
    #[arg(long, value_enum, default_value_t = LearnerPart::Step)]
    part: LearnerPart,
    /// Of a learner, as a netlist: with the parameters of this file fixed
    #[arg(long, value_name = "FILE")]
    params: Option<PathBuf>,
    #[command(flatten)]
    compile: compile::Args,
}

/// The forms, in the order in which a program takes them.
#[derive(Clone, Copy, ValueEnum)]
enum Stage {
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

#[derive(Clone, Copy, ValueEnum)]
enum LearnerPart {
    /// Initial parameters and states
    Initial,
    /// A step on one batch
    Step,
    /// The model, on one example
    Model,
    /// The model, on one batch
    Predict,
    /// Loss and report of one batch
    Evaluate,
}

pub fn run(args: &Args) -> Outcome {
    let program = args.compile.program(&args.file)?;
    let is_learner =
        |item: &lentil_core::ItemInfo| item.class == ItemClass::Learner && item.name == args.name;
    let text = if program.items().iter().any(is_learner) {
        of_learner(args, &program.learner(Some(&args.name))?)?
    } else {
        of_map(args, &program)?
    };
    Ok(say(&text)?)
}

fn of_learner(args: &Args, learner: &Learner) -> Result<String, Error> {
    if let Stage::Netlist = args.stage {
        let trained = args
            .params
            .as_ref()
            .map(|path| learner.restore(path))
            .transpose()?;
        return Ok(learner.netlist(trained.as_ref())?.to_string());
    }
    let part = match args.part {
        LearnerPart::Initial => Part::Initial,
        LearnerPart::Step => Part::Step(learner.batch),
        LearnerPart::Model => Part::Model,
        LearnerPart::Predict => Part::Predict(learner.batch),
        LearnerPart::Evaluate => Part::Evaluate(learner.batch),
    };
    text(args.stage, &learner.stages(part)?, learner.program())
}

fn of_map(args: &Args, program: &Program) -> Result<String, Error> {
    if let Stage::Netlist = args.stage
        && !args.derivative
    {
        return Ok(program.netlist(&args.name)?.to_string());
    }
    let draft = match args.derivative {
        true => program.draft_reverse(&args.name)?,
        false => program.draft(&args.name)?,
    };
    text(args.stage, &program.stages(&draft), program)
}

fn text(stage: Stage, stages: &Stages, program: &Program) -> Result<String, Error> {
    let machine = |how: fn(&lentil_loops::Program) -> Result<String, lentil_loops::Refusal>| {
        let program = loops(&stages.optimised, program.options());
        program
            .and_then(|program| how(&program))
            .map_err(|why| draft::refusal(&why))
    };
    match stage {
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
