//! Training as it is watched: a bar on a terminal, a line for each epoch elsewhere
//! (for some of them if there are very many).

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressStyle};
use lentil_runtime::report::{Ending, Epoch, Plan, Progress};

use super::terminal::say;

/// A training of more epochs than this prints a line for some of them only.
const LINES: usize = 200;

/// A watcher for where the output goes: lines if it is kept somewhere, a bar if someone looks on.
pub struct Watcher {
    begun: Arc<AtomicBool>,
    bar: Option<ProgressBar>,
    lines: bool,
    epochs: usize,
}

impl Watcher {
    /// A watcher that has nothing to show yet, and sets this when there is.
    pub fn new(begun: Arc<AtomicBool>) -> Watcher {
        Watcher {
            begun,
            bar: None,
            lines: !io::stdout().is_terminal(),
            epochs: 0,
        }
    }

    fn line(&mut self, text: &str) {
        // Training goes on, and its file is written, whether or not anybody listens.
        if self.lines && say(&format!("{text}\n")).is_err() {
            self.lines = false;
        }
    }
}

impl Progress for Watcher {
    fn begin(&mut self, plan: &Plan) {
        self.begun.store(true, Ordering::Relaxed);
        self.epochs = plan.epochs;
        let Plan {
            learner,
            train_rows,
            test_rows,
            steps,
            ..
        } = plan;
        let noun = if *steps == 1 { "step" } else { "steps" };
        self.line(&format!(
            "{learner}: {train_rows} examples to learn from, {test_rows} held out, {steps} {noun} an epoch"
        ));
        if io::stderr().is_terminal() {
            let bar = ProgressBar::new(plan.epochs as u64);
            let template = "{prefix} {wide_bar} epoch {pos}/{len}  {msg}  {eta} left";
            let style = ProgressStyle::with_template(template);
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_prefix(learner.clone());
            self.bar = Some(bar);
        }
    }

    fn epoch(&mut self, epoch: &Epoch) {
        let width = self.epochs.to_string().len();
        let Epoch { number, loss, .. } = epoch;
        let distance = self.epochs.div_ceil(LINES).max(1);
        if *number == 1 || *number == self.epochs || number % distance == 0 {
            self.line(&format!(
                "epoch {number:>width$}/{}  loss {loss:.6}",
                self.epochs
            ));
        }
        if let Some(bar) = &self.bar {
            bar.set_message(format!("loss {loss:.4}"));
            bar.set_position(*number as u64);
        }
    }

    fn end(&mut self, ending: Ending) {
        if let Some(bar) = self.bar.take() {
            match ending {
                Ending::Finished => bar.finish_and_clear(),
                // What was reached stays to be seen, on a line of its own.
                Ending::Interrupted | Ending::Failed => {
                    bar.abandon();
                    eprintln!();
                }
            }
        }
    }
}
