//! Learners from Rust: what is learnt, kept and told.

use std::fs;
use std::path::{Path, PathBuf};

use lentil::{Learner, Program};
use lentil_runtime::interrupt::Interrupt;
use lentil_runtime::report::{Ending, History};

/// A line, to be learnt from ten points on it.
const LINE: &str = r#"
import nn.dense
import optim.descent

fn distance[n](y: Real[n], t: Real[n]) -> Real = sum((y - t) ^ 2)

data points = csv("points.csv") {
  columns = { x: Real, y: Real },
  input   = standardize([x]),
  target  = standardize([y]),
  split   = SPLIT,
}

learner line = {
  model     = dense[1, 1],
  loss      = distance,
  optimizer = descent(rate: 0.1),
  data      = points,
  batch     = 4,
  epochs    = 60,
}
"#;

fn folder(name: &str, split: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    let rows: String = (0..10).map(|x| format!("{x},{}\n", 3 * x + 100)).collect();
    fs::write(folder.join("points.csv"), format!("x,y\n{rows}")).expect("a file");
    fs::write(folder.join("line.lentil"), LINE.replace("SPLIT", split)).expect("a file");
    folder
}

fn learner(folder: &Path) -> Learner {
    let program = Program::from_file(folder.join("line.lentil"));
    let learner = program.and_then(|program| program.learner(None));
    learner.unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn numbers_are_predicted_in_their_own_units() {
    let folder = folder("learning_units", "0.8");
    let learner = learner(&folder);
    let outcome = learner
        .train(&mut History::default(), &Interrupt::new())
        .expect("it learns");
    assert_eq!(outcome.ending, Ending::Finished);
    fs::write(folder.join("new.csv"), "x\n2\n20\n").expect("a file");
    let columns = learner
        .predict(&outcome.trained, &folder.join("new.csv"))
        .expect("predictions");
    assert_eq!(columns[0].name, "y");
    for (found, wanted) in columns[0].values.iter().zip([106.0, 160.0]) {
        let found: f64 = found.parse().expect("a number");
        assert!((found - wanted).abs() < 0.01, "{found} {wanted}");
    }
}

#[test]
fn the_last_batch_may_be_smaller_and_nothing_held_out() {
    let folder = folder("learning_whole", "0.99");
    let learner = learner(&folder);
    let mut history = History::default();
    let outcome = learner
        .train(&mut history, &Interrupt::new())
        .expect("it learns");
    let plan = history.plan.expect("a plan");
    assert_eq!((plan.steps, plan.train_rows, plan.test_rows), (3, 10, 0));
    assert_eq!(
        (history.epochs.len(), history.ending),
        (60, Some(Ending::Finished))
    );
    assert_eq!(outcome.test, None);
    assert!(
        outcome.train.loss < 1e-6 && outcome.train.report.is_none(),
        "{:?}",
        outcome.train
    );
}

#[test]
fn a_wish_to_stop_is_heard_before_the_first_epoch() {
    let folder = folder("learning_stop", "0.8");
    let (mut history, stop) = (History::default(), Interrupt::new());
    stop.request();
    let outcome = learner(&folder)
        .train(&mut history, &stop)
        .expect("it stops");
    assert_eq!(
        (outcome.ending, outcome.losses.len()),
        (Ending::Interrupted, 0)
    );
    assert_eq!(history.ending, Some(Ending::Interrupted));
}

#[test]
fn what_was_learnt_is_restored() {
    let folder = folder("learning_restore", "0.8");
    let learner = learner(&folder);
    let outcome = learner
        .train(&mut History::default(), &Interrupt::new())
        .expect("it learns");
    let path = folder.join("line.safetensors");
    outcome.trained.save(&learner, &path).expect("it is saved");
    let restored = learner.restore(&path).expect("it is restored");
    assert_eq!(restored.params, outcome.trained.params);
    assert_eq!(
        (restored.input, restored.target),
        (outcome.trained.input, outcome.trained.target)
    );
    assert_eq!(restored.epochs, 60);
}

#[test]
fn programs_can_be_used_from_any_thread() {
    let program = Program::from_source("fn f(x: Real) -> Real = x * x").expect("a program");
    let values: Vec<Option<f64>> = std::thread::scope(|scope| {
        let run = |x: f64| {
            let program = &program;
            scope.spawn(move || program.function("f")?.call(&[x.into()]))
        };
        let threads: Vec<_> = [1.0, 2.0, 3.0].map(run).into();
        let value = |thread: std::thread::ScopedJoinHandle<'_, _>| {
            let value: Result<lentil::Value, lentil::Error> = thread.join().expect("no panic");
            value.expect("a value").number()
        };
        threads.into_iter().map(value).collect()
    });
    assert_eq!(values, [Some(1.0), Some(4.0), Some(9.0)]);
}

#[test]
fn arguments_that_do_not_fit_are_refused() {
    let program = Program::from_source("fn f(x: Real[2], n: Int) -> Real = x[0] + real(n)");
    let f = program
        .and_then(|program| program.function("f"))
        .expect("a function");
    let refusal = |args: &[lentil::Value]| f.call(args).expect_err("refused").to_string();
    let signature = "  Help: it takes `x: Real[2], n: Int`\n";
    let few = "[E0905] Error: `f` takes 2 arguments, not 1\n";
    assert_eq!(refusal(&[1.0.into()]), format!("{few}{signature}"));
    let shape = "[E0905] Error: the argument for `x: Real[2]` does not fit\n";
    assert_eq!(
        refusal(&[1.0.into(), 1.into()]),
        format!("{shape}{signature}")
    );
    let part = "[E0905] Error: the argument for `n: Int` does not fit\n";
    assert_eq!(
        refusal(&[[1.0, 2.0].into(), 0.5.into()]),
        format!("{part}{signature}")
    );
    assert_eq!(
        f.call(&[[1.0, 2.0].into(), 3.0.into()])
            .expect("fits")
            .number(),
        Some(4.0)
    );
}
