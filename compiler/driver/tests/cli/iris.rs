//! Iris: from the source to predictions.

use std::io::{BufRead, BufReader};

use crate::support::{Folder, Run, signal};

/// The share of right predictions in a line such as `test   loss 0.07  accuracy 96.7 % (29 of 30)`.
fn share(out: &str, part: &str) -> f64 {
    let line = out.lines().find(|line| line.starts_with(part));
    let line = line.unwrap_or_else(|| panic!("no {part} in {out}"));
    let before = line.split(" %").next().expect("a share");
    before
        .rsplit(' ')
        .next()
        .and_then(|x| x.parse().ok())
        .expect("a number")
}

#[test]
fn training_reports_saves_and_repeats_itself() {
    let folder = Folder::with_examples("iris_train");
    let out = folder.ok(&["train", "iris.lentil"]);
    assert!(
        out.starts_with("iris_net: 120 examples to learn from, 30 held out, 8 steps an epoch\n")
    );
    assert_eq!(
        out.lines()
            .filter(|line| line.starts_with("epoch "))
            .count(),
        60
    );
    assert!(
        share(&out, "train") >= 93.0 && share(&out, "test") >= 93.0,
        "{out}"
    );
    assert!(
        out.contains("saved  iris_net.safetensors\n") && out.contains(", compiled in "),
        "{out}"
    );
    let first = folder.read("iris_net.safetensors");
    folder.ok(&[
        "train",
        "iris.lentil",
        "iris_net",
        "--out",
        "again.safetensors",
    ]);
    assert_eq!(
        folder.read("again.safetensors"),
        first,
        "the same seed gives the same bits"
    );
    folder.ok(&[
        "train",
        "iris.lentil",
        "--seed",
        "8",
        "--out",
        "other.safetensors",
    ]);
    assert_ne!(folder.read("other.safetensors"), first);
}

#[test]
fn machine_and_evaluator_learn_the_same_bits() {
    let folder = Folder::with_examples("iris_exact");
    let train = |out: &str, flag: &[&str]| {
        let args = [
            "train",
            "iris.lentil",
            "--exact",
            "--epochs",
            "3",
            "--out",
            out,
        ];
        folder.ok(&[&args[..], flag].concat());
        folder.read(out)
    };
    let machine = train("machine", &[]);
    assert_eq!(train("evaluator", &["--evaluator"]), machine);
}

#[test]
fn settings_can_be_overridden() {
    let folder = Folder::with_examples("iris_set");
    let by_set = folder.ok(&["train", "iris.lentil", "--set", "learner.epochs=2"]);
    assert!(
        by_set.contains("epoch 2/2") && !by_set.contains("epoch 3"),
        "{by_set}"
    );
    let wrong = folder.run(&["train", "iris.lentil", "--set", "adam.rate=1"]);
    assert_eq!(wrong.code, 2);
    assert!(
        wrong.err.contains("`adam.rate` cannot be set"),
        "{}",
        wrong.err
    );
}

#[test]
fn predictions_are_classes_by_name() {
    let folder = Folder::with_examples("iris_predict");
    folder.ok(&["train", "iris.lentil"]);
    let eval = folder.ok(&["eval", "iris.lentil"]);
    assert!(share(&eval, "test") >= 93.0, "{eval}");
    // The species is not needed, nor is the order of the columns.
    folder.write(
        "new.csv",
        "petal_width,petal_length,sepal_width,sepal_length\n0.2,1.4,3.5,5.1\n2.3,6.9,2.6,7.7\n",
    );
    let args = [
        "predict",
        "iris.lentil",
        "--params",
        "iris_net.safetensors",
        "new.csv",
    ];
    assert_eq!(folder.ok(&args), "species\nsetosa\nvirginica\n");
    assert_eq!(
        folder.ok(&[&args[..], &["--evaluator"]].concat()),
        "species\nsetosa\nvirginica\n"
    );
    let all = folder.ok(&["eval", "iris.lentil", "data/iris.csv"]);
    assert!(share(&all, "all") >= 93.0, "{all}");
}

#[test]
fn ctrl_c_keeps_what_finished_epochs_learnt() {
    stopped_by("-INT", "iris_interrupt");
}

#[test]
fn a_signal_to_end_does_too() {
    stopped_by("-TERM", "iris_terminate");
}

fn stopped_by(sign: &str, folder: &str) {
    let folder = Folder::with_examples(folder);
    let mut child = folder.started(&["train", "iris.lentil", "--epochs", "100000000"]);
    let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    while !line.contains("epoch ") {
        line.clear();
        assert!(
            out.read_line(&mut line).expect("a line") > 0,
            "it ended by itself"
        );
    }
    signal(&child, sign);
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut out, &mut rest).expect("the rest");
    let Run { code, err, .. } = Run::of(child.wait_with_output().expect("it ends"));
    assert_eq!(code, 130, "{err}");
    assert!(err.contains("stopping after this epoch") && err.contains("what it learnt is saved"));
    assert!(
        rest.contains("saved  iris_net.safetensors"),
        "the end of the output"
    );
    folder.ok(&["eval", "iris.lentil"]);
}

#[test]
fn rows_to_predict_may_come_on_the_standard_input() {
    let folder = Folder::with_examples("iris_input");
    folder.ok(&["train", "iris.lentil", "--epochs", "1"]);
    let rows = "sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,1.4,0.2\n";
    folder.write("rows.csv", rows);
    let of_file = folder.ok(&["predict", "iris.lentil", "rows.csv"]);
    let run = folder.given(&["predict", "iris.lentil", "-"], rows);
    assert_eq!((run.code, &run.out), (0, &of_file), "{}", run.err);
    let run = folder.given(&["predict", "iris.lentil", "-"], "sepal_length\n5.1\n");
    assert_eq!(run.code, 1);
    assert!(run.err.starts_with("[E0602] Error: -: "), "{}", run.err);
}

#[test]
fn a_model_over_a_batch_has_a_derivative_once_its_input_is_said() {
    let folder = Folder::with_examples("iris_batch");
    let why = folder.refused(&["grad", "iris_deep.lentil", "classifier"]);
    let said = "(fn(x: Real[8, 4]) => x) >> classifier";
    assert!(why.contains(&format!("`{said}`")), "{why}");
    let shown = folder.ok(&["grad", "iris_deep.lentil", said]);
    assert!(
        shown.contains("x: Real[8, 4],\n  dy: Real[8, 3],"),
        "{shown}"
    );
    let counted = folder.ok(&["bench", "--count", "iris_deep.lentil", said]);
    assert!(counted.contains(said), "{counted}");
}

#[test]
fn parameters_of_another_model_are_told_in_short() {
    let folder = Folder::with_examples("iris_other");
    folder.ok(&["train", "iris.lentil", "--epochs", "1"]);
    let why = folder.refused(&[
        "predict",
        "iris_deep.lentil",
        "--params",
        "iris_net.safetensors",
        "data/iris.csv",
    ]);
    assert_eq!(why.matches("Error: ").count(), 6, "{why}");
    assert!(
        why.contains("more parameters are not as the program has them"),
        "{why}"
    );
}

#[test]
fn training_goes_on_if_nobody_listens() {
    let folder = Folder::with_examples("iris_closed");
    folder.unread(&["train", "iris.lentil"]);
    folder.ok(&["eval", "iris.lentil"]);
}

/// What stands under the name is seen before anything is learnt, and is as it was.
#[test]
fn only_a_free_name_or_an_older_parameter_file_is_written_over() {
    let folder = Folder::with_examples("iris_out");
    let program = folder.read("iris.lentil");
    folder.write("folder/inside", "");
    for out in ["iris.lentil", "folder", "nowhere/net.safetensors"] {
        let run = folder.run(&["train", "iris.lentil", "--epochs", "2", "--out", out]);
        assert_eq!(run.code, 1, "{out}: {run:?}");
        assert!(run.err.contains("E0708"), "{out}: {run:?}");
        assert!(!run.out.contains("epoch"), "{out}: {run:?}");
    }
    assert_eq!(folder.read("iris.lentil"), program);
    for _ in 0..2 {
        folder.ok(&["train", "iris.lentil", "--epochs", "2", "--out", "net"]);
    }
}

/// Columns in another order have the same shapes and mean something else.
#[test]
fn inputs_made_in_another_way_are_refused() {
    let folder = Folder::with_examples("iris_columns");
    folder.ok(&["train", "iris.lentil", "--epochs", "2"]);
    let program = String::from_utf8(folder.read("iris.lentil")).expect("text");
    let swapped = program.replace("[sepal_length, sepal_width", "[sepal_width, sepal_length");
    assert_ne!(program, swapped);
    folder.write("swapped.lentil", swapped);
    let saved = ["--params", "iris_net.safetensors", "data/iris.csv"];
    let refused = folder.refused(&[&["eval", "swapped.lentil"], &saved[..]].concat());
    assert!(refused.contains("E0907"), "{refused}");
    folder.ok(&[&["eval", "iris.lentil"], &saved[..]].concat());
}

/// The mean over an epoch is over its examples, whatever the size of the last batch.
#[test]
fn the_loss_of_an_epoch_does_not_depend_on_the_batch() {
    let folder = Folder::with_examples("iris_batches");
    let program = String::from_utf8(folder.read("iris.lentil")).expect("text");
    let still = program.replace("adam(rate: 0.01)", "adam(rate: 0)");
    assert_ne!(program, still);
    let losses = ["1", "7", "16", "120", "1000"].map(|batch| {
        folder.write(
            "still.lentil",
            still.replace("= 16,", &format!("= {batch},")),
        );
        let out = folder.ok(&["train", "still.lentil", "--epochs", "1"]);
        let line = out.lines().find(|line| line.starts_with("epoch "));
        let loss = line.and_then(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
        loss.unwrap_or_else(|| panic!("no loss in {out}"))
    });
    for loss in losses {
        assert!((loss / losses[0] - 1.0).abs() < 1e-5, "{losses:?}");
    }
}
