//! `lentil emit`

use std::path::PathBuf;

use clap::ValueEnum;
use lentil::learner::{Learner, Part};
use lentil::stage::Stage;
use lentil::{Error, Program};
use lentil_core::ItemClass;

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
    args.stage
        .text(&learner.stages(part)?, learner.program().options())
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
    args.stage.text(&program.stages(&draft), program.options())
}
