//! `lentil train`

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lentil::train::Figures;
use lentil::{Error, Learner};
use lentil_runtime::interrupt::Interrupt;
use lentil_runtime::params::ParameterFile;
use lentil_runtime::report::Ending;
use lentil_runtime::{RuntimeError, atomic};

use super::progress::Watcher;
use super::terminal::{remark, say};
use super::{Outcome, Stop, compile};

/// Train a learner and save what it learnt
///
/// Reads the learner's data, trains on one part of it, reports on both parts, and writes the parameters,
/// the optimizer's state and what the encoders learnt to a `.safetensors` file. The same seed gives the
/// same file, bit for bit. Ctrl-C stops after the epoch and saves it; a second ctrl-C stops at once.
/// A long training is saved now and then, and `--resume` goes on from there as if it had not stopped.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  lentil train iris.lentil
  lentil train iris.lentil iris_net --epochs 10 --seed 3 --out small.safetensors
  lentil train iris.lentil --init other.safetensors
  lentil train iris.lentil --resume iris_net.safetensors --epochs 200
  lentil train iris.lentil --set learner.epochs=10")]
pub struct Args {
    /// The program
    file: PathBuf,
    /// The learner; may be left out if there is only one
    learner: Option<String>,
    /// Where the parameters go; `<learner>.safetensors` in this folder otherwise
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How often to go through the data
    #[arg(long, value_name = "N")]
    epochs: Option<usize>,
    /// The seed of initial parameters and of the order of examples
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Start from the parameters in a file that have the same paths and shapes
    #[arg(long, value_name = "FILE")]
    init: Option<PathBuf>,
    /// Go on after the last epoch in a file that this learner has saved, up to all its epochs
    #[arg(long, value_name = "FILE", conflicts_with = "init")]
    resume: Option<PathBuf>,
    /// Save after an epoch if the last time is so long ago
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    save_every: u64,
    /// Override a setting: `learner.epochs=N`, `learner.seed=N`
    #[arg(long, value_name = "SETTING=VALUE", value_parser = setting)]
    set: Vec<Setting>,
    #[command(flatten)]
    compile: compile::Args,
}

#[derive(Clone, Copy)]
enum Setting {
    Epochs(usize),
    Seed(u64),
}

fn setting(text: &str) -> Result<Setting, String> {
    let (name, value) = text
        .split_once('=')
        .ok_or("write it as `learner.epochs=10`")?;
    let whole = |why: std::num::ParseIntError| format!("`{value}` is no whole number: {why}");
    match name {
        "learner.epochs" => value.parse().map(Setting::Epochs).map_err(whole),
        "learner.seed" => value.parse().map(Setting::Seed).map_err(whole),
        _ => Err(format!(
            "`{name}` cannot be set; `learner.epochs` and `learner.seed` can"
        )),
    }
}

pub fn run(args: &Args) -> Outcome {
    let learning = Arc::new(AtomicBool::new(false));
    let stop = interrupt(learning.clone())?;
    let program = args.compile.program(&args.file)?;
    let mut learner = program.learner(args.learner.as_deref())?;
    for setting in &args.set {
        match setting {
            Setting::Epochs(epochs) => learner.epochs = *epochs,
            Setting::Seed(seed) => learner.seed = *seed,
        }
    }
    learner.epochs = args.epochs.unwrap_or(learner.epochs);
    learner.seed = args.seed.unwrap_or(learner.seed);
    let default = PathBuf::from(format!("{}.safetensors", learner.name));
    let path = args.out.as_ref().unwrap_or(&default);

    free_for_parameters(path)?;
    let mut training = learner
        .training()
        .checkpoints(path, Duration::from_secs(args.save_every));
    let (start, stopped);
    if let Some(file) = &args.init {
        start = learner.start_from(file)?;
        remark(&format!("{}: {start}", file.display()));
        training = training.start(&start);
    }
    if let Some(file) = &args.resume {
        stopped = learner.restore_all(file)?;
        training = training.resume(&stopped);
    }
    let outcome = training.run(&mut Watcher::new(learning), &stop)?;
    if outcome.ending == Ending::Interrupted && outcome.losses.is_empty() {
        remark("stopped before the first epoch was finished; nothing is saved");
        return Err(Stop::Interrupted);
    }
    outcome.trained.save(&learner, path)?;
    let mut text = String::new();
    text.push_str(&row("train", &learner, &outcome.train));
    if let Some(test) = &outcome.test {
        text.push_str(&row("test", &learner, test));
    }
    text.push_str(&format!("saved  {}\n", path.display()));
    text.push_str(&format!(
        "read in {}, compiled in {}, trained in {}\n",
        time(outcome.reading),
        time(outcome.compiling),
        time(outcome.learning)
    ));
    let said = say(&text);
    if outcome.ending == Ending::Interrupted {
        let (done, all) = (outcome.trained.epochs, learner.epochs);
        remark(&format!(
            "stopped after epoch {done} of {all}; what it learnt is saved"
        ));
        return Err(Stop::Interrupted);
    }
    Ok(said?)
}

/// Whether parameters can be written there, seen before anything is learnt: the name is free, or an
/// older parameter file's.
fn free_for_parameters(path: &Path) -> Result<(), Error> {
    let unwritable = |cause: String| RuntimeError::Unwritable {
        path: path.to_path_buf(),
        cause,
    };
    let target = atomic::writable(path).map_err(|error| unwritable(error.to_string()))?;
    match ParameterFile::read(&target) {
        Err(RuntimeError::NotParameters { .. }) => {
            let cause = "it is there already, and is no parameter file";
            Err(unwritable(cause.to_string()).into())
        }
        _ => Ok(()),
    }
}

/// A line with loss and report on some examples.
pub fn row(name: &str, learner: &Learner, figures: &Figures) -> String {
    let mut text = format!("{name:<5}  loss {:.6}", figures.loss);
    if let (Some(name), Some(report)) = (&learner.report, figures.report) {
        text.push_str(&match figures.right {
            Some(right) => {
                format!(
                    "  {name} {:.1} % ({right} of {})",
                    100.0 * report,
                    figures.rows
                )
            }
            None => format!("  {name} {report:.6}"),
        });
    }
    text.push('\n');
    text
}

/// A flag that ctrl-C raises, or a signal to end (SIGTERM, SIGHUP); the second time, or before anything is learnt, it ends the process.
fn interrupt(learning: Arc<AtomicBool>) -> Result<Interrupt, Error> {
    let stop = Interrupt::new();
    let raised = stop.clone();
    let handler = move || {
        if !learning.load(Ordering::Relaxed) {
            remark("stopped before the first epoch; nothing is saved");
            std::process::exit(130);
        }
        if raised.request() {
            std::process::exit(130);
        }
        remark("stopping after this epoch; press ctrl-C again to stop at once");
    };
    ctrlc::set_handler(handler).map_err(|error| {
        Error::plain("E0903", format!("ctrl-C cannot be handled: {error}"), None)
    })?;
    Ok(stop)
}

fn time(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match seconds {
        s if s < 1.0 => format!("{:.1} ms", 1000.0 * s),
        s if s < 120.0 => format!("{s:.2} s"),
        s => format!("{:.1} min", s / 60.0),
    }
}
