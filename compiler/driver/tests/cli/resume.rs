//! Training that stops and goes on.

use lentil_runtime::params::ParameterFile;

use crate::support::Folder;

/// Trains in a folder with the examples; what is left in the file, byte by byte.
fn trained(folder: &Folder, program: &str, args: &[&str]) -> Vec<u8> {
    let out = ["--out", "out.safetensors"];
    folder.ok(&[&["train", program][..], args, &out[..]].concat());
    folder.read("out.safetensors")
}

#[test]
fn epochs_after_a_stop_are_the_epochs_without_it() {
    let folder = Folder::with_examples("resume_iris");
    // Noise in each step: its key knows how many steps there were.
    let text = String::from_utf8(folder.read("iris.lentil")).expect("a text");
    let noisy = text
        .replace("import nn.{", "import nn.{dropout, ")
        .replace("relu >> out:", "relu >> dropout(0.25) >> out:");
    assert_ne!(noisy, text);
    folder.write("noisy.lentil", noisy);
    for (program, real) in [("iris.lentil", "f32"), ("noisy.lentil", "f64")] {
        let real = ["--real", real];
        let whole = trained(&folder, program, &[&["--epochs", "7"][..], &real].concat());
        trained(&folder, program, &[&["--epochs", "3"][..], &real].concat());
        for epochs in ["4", "7"] {
            let args = ["--epochs", epochs, "--resume", "out.safetensors"];
            trained(&folder, program, &[&args[..], &real].concat());
        }
        assert_eq!(folder.read("out.safetensors"), whole, "{program}");
    }
}

#[test]
fn a_training_goes_on_only_where_it_stopped() {
    let folder = Folder::with_examples("resume_refused");
    trained(&folder, "iris.lentil", &["--epochs", "2"]);
    let again = |more: &[&str]| {
        let args = ["train", "iris.lentil", "--resume", "out.safetensors"];
        folder.refused(&[&args[..], more].concat())
    };
    let why = again(&["--epochs", "2"]);
    assert!(why.contains("E0912"), "{why}");
    assert!(why.contains("has learnt 2 epochs of 2"), "{why}");
    let why = again(&["--epochs", "4", "--seed", "77"]);
    assert!(why.contains("E0912") && why.contains("--seed"), "{why}");
    let both = ["--resume", "out.safetensors", "--init", "out.safetensors"];
    let run = folder.run(&[&["train", "iris.lentil"][..], &both].concat());
    assert_eq!(run.code, 2, "{}", run.err);

    let text = String::from_utf8(folder.read("iris.lentil")).expect("a text");
    let other = text.replace(
        "optimizer = adam(rate: 0.01)",
        "optimizer = momentum(rate: 0.01)",
    );
    let other = other.replace("optim.adam", "optim.momentum");
    assert_ne!(other, text);
    folder.write("other.lentil", other);
    let resume = ["--resume", "out.safetensors", "--epochs", "4"];
    let why = folder.refused(&[&["train", "other.lentil"][..], &resume].concat());
    assert!(why.contains("optimizer.m.hidden.w"), "{why}");

    // A row less, and the means are others.
    let data = String::from_utf8(folder.read("data/iris.csv")).expect("a text");
    let less = data.trim_end().rsplit_once('\n').expect("rows").0;
    folder.write("data/iris.csv", format!("{less}\n"));
    let why = again(&["--epochs", "4"]);
    assert!(why.contains("E0912"), "{why}");
    assert!(why.contains("is not what it was"), "{why}");
}

#[test]
fn finished_epochs_are_kept_while_others_run() {
    let folder = Folder::with_examples("resume_checkpoints");
    // The third epoch leaves the numbers; what two have learnt is there.
    let text = String::from_utf8(folder.read("iris.lentil")).expect("a text");
    let wild = text
        .replace("optimizer = adam(rate: 0.01)", "optimizer = wild")
        .replace("import optim.adam\n", "");
    let wild = format!(
        "{wild}\noptimizer wild[P: Space[Real]](; p: P) {{\n  state s: Real ~ 1.0\n  get = p\n  \
         put(dp) = {{ s: 10 * s, p: p - s * dp }}\n}}\n"
    );
    folder.write("wild.lentil", wild);
    let why = folder.refused(&[
        "train",
        "wild.lentil",
        "--save-every",
        "0",
        "--epochs",
        "50",
    ]);
    assert!(why.contains("E0801"), "{why}");
    let file = ParameterFile::read(&folder.at("iris_net.safetensors")).expect("a parameter file");
    let epoch = file.about.expect("where it is from").epoch;
    assert!(
        why.contains(&format!("epoch {}", epoch + 1)),
        "{epoch}: {why}"
    );
}
