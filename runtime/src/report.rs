//! What a training loop tells to whoever watches it.

/// What is going to happen.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The learner's name.
    pub learner: String,
    /// The last epoch.
    pub epochs: usize,
    /// The first epoch to be run: 1, or more when training goes on from saved parameters.
    pub first_epoch: usize,
    /// Steps in an epoch.
    pub steps: usize,
    /// Examples to learn from.
    pub train_rows: usize,
    /// Examples held out.
    pub test_rows: usize,
}

/// An epoch that is finished.
#[derive(Clone, Debug, PartialEq)]
pub struct Epoch {
    /// Its number, from 1.
    pub number: usize,
    /// The mean loss of its steps.
    pub loss: f64,
    /// Figures of merit by name, such as `accuracy`, where they were taken.
    pub figures: Vec<(String, f64)>,
}

/// How training came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All epochs were run.
    Finished,
    /// Someone asked to stop; what finished epochs learnt is kept.
    Interrupted,
    /// Something went wrong, and is reported as an error.
    Failed,
}

/// Someone who watches.
///
/// The loop calls `begin` once, `epoch` after each epoch and `end` once, all from one thread. It
/// does not wait for what a watcher shows, so this had better be quick.
pub trait Progress {
    /// Training begins.
    fn begin(&mut self, plan: &Plan);
    /// An epoch is finished.
    fn epoch(&mut self, epoch: &Epoch);
    /// Training ends.
    fn end(&mut self, ending: Ending);
}

/// Nobody watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&mut self, _plan: &Plan) {}
    fn epoch(&mut self, _epoch: &Epoch) {}
    fn end(&mut self, _ending: Ending) {}
}

/// Keeps everything: for loss curves, and for programs that embed a learner.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// What was going to happen, once training has begun.
    pub plan: Option<Plan>,
    /// The epochs that are finished.
    pub epochs: Vec<Epoch>,
    /// How it ended, once it has.
    pub ending: Option<Ending>,
}

impl Progress for History {
    fn begin(&mut self, plan: &Plan) {
        self.plan = Some(plan.clone());
    }

    fn epoch(&mut self, epoch: &Epoch) {
        self.epochs.push(epoch.clone());
    }

    fn end(&mut self, ending: Ending) {
        self.ending = Some(ending);
    }
}
