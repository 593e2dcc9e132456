//! The command line: what may be asked, and how it ends.

mod bench;
mod check;
mod compile;
mod emit;
mod eval;
mod explain;
mod export;
mod fmt;
mod grad;
mod predict;
mod progress;
mod repl;
mod run;
mod terminal;
mod test;
mod train;

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};

use lentil::{Error, watch};
use terminal::{complain, remark};

/// How a command may stop before its end.
pub enum Stop {
    /// What the user asked for cannot be done.
    Refused(Error),
    /// The same, and everything about it is said.
    Failed,
    /// Interrupted from the keyboard; everything about it is said.
    Interrupted,
    /// The output cannot be written.
    Output(io::Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Refused(error)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        Stop::Output(error)
    }
}

type Outcome = Result<(), Stop>;

/// A language of parametrised lenses: programs that run forwards to predict and backwards to learn.
#[derive(Parser)]
#[command(name = "lentil", version, about, propagate_version = true)]
#[command(after_help = "Exit codes: 0 done, 1 refused, 2 wrong usage, 130 interrupted.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Train(train::Args),
    Predict(predict::Args),
    Eval(eval::Args),
    Check(check::Args),
    Fmt(fmt::Args),
    Run(run::Args),
    Repl(repl::Args),
    Test(test::Args),
    Grad(grad::Args),
    Bench(bench::Args),
    Emit(emit::Args),
    Export(export::Args),
    Explain(explain::Args),
}

/// Does what the arguments of the process say.
pub fn main() -> ExitCode {
    terminal::report_defects();
    watch::set(Some(Arc::new(|name, value| {
        remark(&watch::line(name, value));
    })));
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(usage) => {
            // A terminal that is gone has nothing to be told.
            let _ = usage.print();
            return ExitCode::from(usage.exit_code() as u8);
        }
    };
    let outcome = match cli.command {
        Command::Train(args) => train::run(&args),
        Command::Predict(args) => predict::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Fmt(args) => fmt::run(&args),
        Command::Run(args) => run::run(&args),
        Command::Repl(args) => repl::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Grad(args) => grad::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Emit(args) => emit::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Explain(args) => explain::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::Refused(error)) => {
            complain(&error);
            ExitCode::from(1)
        }
        Err(Stop::Failed) => ExitCode::from(1),
        Err(Stop::Interrupted) => ExitCode::from(130),
        // Whoever reads has seen enough, as in `lentil emit … | head`.
        Err(Stop::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Stop::Output(error)) => {
            let title = format!("the output cannot be written: {error}");
            complain(&Error::plain("E0708", title, None));
            ExitCode::from(1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_commands_are_well_formed() {
        Cli::command().debug_assert();
    }
}
