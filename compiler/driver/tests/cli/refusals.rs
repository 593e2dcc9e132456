//! What is wrong is said in the user's words, with an exit code of 1, and nothing is left behind.

use std::fs;

use crate::support::Folder;

#[test]
fn programs_that_cannot_be_read() {
    let folder = Folder::new("refuse_sources");
    folder.write("net.lentil", "");
    folder.write("bad.lentil", b"fn f(x: Real) -> Real = x\n// \xff\n");
    fs::create_dir(folder.at("folder")).expect("a folder");
    let why = folder.refused(&["check", "net"]);
    let wanted = "[E0902] Error: `net` does not exist\n  Help: did you mean `net.lentil`?\n";
    assert_eq!(why, wanted);
    let why = folder.refused(&["check", "folder"]);
    assert_eq!(why, "[E0902] Error: `folder` is a folder, not a file\n");
    let why = folder.refused(&["check", "bad.lentil"]);
    assert_eq!(
        why,
        "[E0902] Error: `bad.lentil` is not text in UTF-8 (line 2)\n"
    );
    assert_eq!(
        folder.ok(&["check", "net.lentil"]),
        "net.lentil: no definitions, no errors\n"
    );
    for command in ["train", "fmt", "test", "eval"] {
        let why = folder.refused(&[command, "absent.lentil"]);
        assert_eq!(why, "[E0902] Error: `absent.lentil` does not exist\n");
    }
}

#[test]
fn all_errors_of_all_files_are_shown() {
    let folder = Folder::new("refuse_errors");
    folder.write(
        "a.lentil",
        "fn f(x: Real) -> Real = y\n\nfn g(x: Real) -> Real = z\n",
    );
    folder.write("b.lentil", "fn good(x: Real) -> Real = x\n");
    folder.write("c.lentil", "fn bad(\n");
    let run = folder.run(&["check", "a.lentil", "b.lentil", "c.lentil"]);
    assert_eq!(run.code, 1);
    assert_eq!(run.out, "b.lentil: 1 definition, no errors\n");
    for place in ["a.lentil:1:25", "a.lentil:3:25", "c.lentil:1"] {
        assert!(run.err.contains(place), "{place} in {}", run.err);
    }
}

#[test]
fn learners_that_are_not_there() {
    let folder = Folder::with_examples("refuse_learners");
    let why = folder.refused(&["train", "iris.lentil", "iris_nett"]);
    assert!(
        why.contains("there is no learner `iris_nett`") && why.contains("iris_net"),
        "{why}"
    );
    folder.write("empty.lentil", "");
    let why = folder.refused(&["train", "empty.lentil"]);
    assert!(why.contains("this file has no learner"), "{why}");
}

#[test]
fn data_that_is_missing_or_wrong() {
    let folder = Folder::with_examples("refuse_data");
    fs::rename(folder.at("data/iris.csv"), folder.at("iris.csv")).expect("moved");
    let why = folder.refused(&["train", "iris.lentil"]);
    assert!(why.starts_with("[E0601] Error: "), "{why}");
    assert!(
        why.contains("the data comes from here") && why.contains("iris.lentil:"),
        "{why}"
    );
    let text = String::from_utf8(folder.read("iris.csv")).expect("text");
    folder.write("data/iris.csv", text.replacen("5.1,", "five,", 1));
    let why = folder.refused(&["train", "iris.lentil"]);
    assert!(
        why.starts_with("[E0603] Error: ") && why.contains("five"),
        "{why}"
    );
    folder.write("data/iris.csv", "");
    assert!(
        folder
            .refused(&["train", "iris.lentil"])
            .starts_with("[E0604]")
    );
    assert!(!folder.files().contains(&"iris_net.safetensors".to_string()));
}

#[test]
fn parameters_that_do_not_fit() {
    let folder = Folder::with_examples("refuse_params");
    let why = folder.refused(&["predict", "iris.lentil", "iris.lentil"]);
    assert!(
        why.starts_with("[E0601] Error: ") && why.contains("train the learner first"),
        "{why}"
    );
    folder.ok(&["train", "iris.lentil", "--epochs", "1"]);
    let source = String::from_utf8(folder.read("iris.lentil")).expect("text");
    folder.write(
        "wide.lentil",
        source
            .replace("[4, 16]", "[4, 32]")
            .replace("[16, 3]", "[32, 3]"),
    );
    let why = folder.refused(&["predict", "wide.lentil", "data/iris.csv"]);
    // All parameters that differ are named by their paths.
    for path in ["hidden.w", "hidden.b", "out.w"] {
        assert!(why.contains(path), "{path} in {why}");
    }
    assert_eq!(why.matches("[E0703] Error: ").count(), 3, "{why}");
    let other = source.replace("\"setosa\", \"versicolor\"", "\"versicolor\", \"setosa\"");
    folder.write("order.lentil", other);
    let why = folder.refused(&["predict", "order.lentil", "data/iris.csv"]);
    assert!(why.starts_with("[E0907] Error: "), "{why}");
    folder.write("junk.safetensors", "not a parameter file");
    let args = [
        "predict",
        "iris.lentil",
        "--params",
        "junk.safetensors",
        "data/iris.csv",
    ];
    assert!(folder.refused(&args).starts_with("[E0706]"));
}

#[test]
fn a_loss_that_is_not_finite_stops_training() {
    let folder = Folder::with_examples("refuse_nan");
    let source = String::from_utf8(folder.read("iris.lentil")).expect("text");
    let source = source.replace("optim.adam", "optim.descent");
    folder.write(
        "iris.lentil",
        source.replace("adam(rate: 0.01)", "descent(rate: 1e30)"),
    );
    let why = folder.refused(&["train", "iris.lentil"]);
    assert!(why.starts_with("[E0801] Error: epoch 1, step "), "{why}");
    assert!(why.contains("Help: lower the rate"), "{why}");
    assert!(!folder.files().contains(&"iris_net.safetensors".to_string()));
}

#[test]
fn parameters_that_are_not_finite_are_not_saved() {
    let folder = Folder::with_examples("refuse_nan_parameters");
    folder.ok(&["train", "iris.lentil", "--epochs", "1"]);
    let good = folder.read("iris_net.safetensors");
    let source = String::from_utf8(folder.read("iris.lentil")).expect("text");
    let source = source
        .replace("optim.adam", "optim.descent")
        .replace("adam(rate: 0.01)", "descent(rate: 1e38)")
        .replace("relu >> ", "(fn(x: Real[16]) => 100 * x) >> ")
        .replace("batch     = 16", "batch     = 120");
    folder.write("iris.lentil", source);
    // The one step begins with a loss that is fine.
    let why = folder.refused(&["train", "iris.lentil", "--epochs", "1"]);
    assert!(why.starts_with("[E0802] Error: after epoch 1: `"), "{why}");
    assert_eq!(folder.read("iris_net.safetensors"), good);
}

#[test]
fn an_index_out_of_range_names_its_place() {
    let folder = Folder::new("refuse_index");
    folder.write(
        "pick.lentil",
        "fn pick(x: Real[3], i: Int) -> Real =\n  x[i]\n",
    );
    assert_eq!(
        folder.ok(&["run", "pick.lentil", "pick", "[1, 2, 3]", "2"]),
        "3.0\n"
    );
    for flags in [&[][..], &["--evaluator"]] {
        let args = ["run", "pick.lentil", "pick", "[1, 2, 3]", "7"];
        let why = folder.refused(&[&args[..], flags].concat());
        assert!(
            why.starts_with("[E0901] Error: the index 7 is out of range\n"),
            "{why}"
        );
        assert!(why.contains("pick.lentil:2:"), "{why}");
        assert!(
            why.contains("there are 3 elements here, from 0 to 2"),
            "{why}"
        );
    }
}

#[test]
fn files_that_cannot_be_written() {
    let folder = Folder::with_examples("refuse_write");
    let args = [
        "train",
        "iris.lentil",
        "--epochs",
        "1",
        "--out",
        "none/net.safetensors",
    ];
    assert!(folder.refused(&args).starts_with("[E0708]"));
}

#[test]
fn all_rows_may_be_learnt_from() {
    let folder = Folder::with_examples("split_all");
    let source = String::from_utf8(folder.read("iris.lentil")).expect("text");
    let whole = source.replace("split   = 0.8", "split   = 1");
    assert_ne!(whole, source);
    folder.write("whole.lentil", whole);
    let said = folder.ok(&["train", "whole.lentil", "--epochs", "1"]);
    assert!(
        said.contains("150 examples to learn from, 0 held out"),
        "{said}"
    );
    assert!(
        said.contains("of 150)") && !said.contains("\ntest"),
        "{said}"
    );
}
