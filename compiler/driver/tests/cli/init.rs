//! Training that starts from what another training has learnt.

use std::collections::BTreeMap;

use lentil_runtime::params::ParameterFile;
use lentil_unary::value::Array;

use crate::support::Folder;

fn saved(folder: &Folder, name: &str) -> BTreeMap<String, Array> {
    let file = ParameterFile::read(&folder.at(name)).expect("a parameter file");
    file.tensors
}

#[test]
fn what_fits_is_taken_and_the_rest_is_told() {
    let folder = Folder::with_examples("init_partly");
    folder.ok(&[
        "train",
        "iris.lentil",
        "--epochs",
        "2",
        "--out",
        "old.safetensors",
    ]);
    let text = String::from_utf8(folder.read("iris.lentil")).expect("a text");
    let other = text.replace(
        "relu >> out: dense[16, 3]",
        "relu >> middle: dense[16, 8] >> out: dense[8, 3]",
    );
    assert_ne!(other, text);
    folder.write("other.lentil", other);
    let args = [
        "train",
        "other.lentil",
        "--epochs",
        "0",
        "--init",
        "old.safetensors",
    ];
    let run = folder.run(&[&args[..], &["--out", "new.safetensors"]].concat());
    assert_eq!(run.code, 0, "{}", run.err);
    let told = "old.safetensors: 3 of 6 parameters; not there: `middle.w`, `middle.b`; \
                `out.w` is `f32[3, 16]` there, `f32[3, 8]` here";
    assert!(run.err.contains(told), "{}", run.err);
    let (old, new) = (
        saved(&folder, "old.safetensors"),
        saved(&folder, "new.safetensors"),
    );
    for name in ["hidden.w", "hidden.b", "out.b"] {
        assert_eq!(old[name], new[name], "{name}");
    }
    // The rest starts as if there were no file.
    folder.ok(&[
        "train",
        "other.lentil",
        "--epochs",
        "0",
        "--out",
        "fresh.safetensors",
    ]);
    let fresh = saved(&folder, "fresh.safetensors");
    assert_eq!(fresh["middle.w"], new["middle.w"]);
    assert_ne!(fresh["hidden.w"], new["hidden.w"]);
}

#[test]
fn a_file_with_nothing_that_fits_is_refused() {
    let folder = Folder::with_examples("init_nothing");
    folder.ok(&[
        "train",
        "iris.lentil",
        "--epochs",
        "0",
        "--out",
        "old.safetensors",
    ]);
    let text = String::from_utf8(folder.read("iris.lentil")).expect("a text");
    let other = text
        .replace("hidden: ", "first: ")
        .replace("out: ", "last: ");
    folder.write("other.lentil", other);
    let why = folder.refused(&["train", "other.lentil", "--init", "old.safetensors"]);
    let wanted = "[E0909] Error: old.safetensors: no parameter of `iris_net` is there";
    assert!(
        why.contains(wanted) && why.contains("not used: `hidden.b`, `hidden.w`"),
        "{why}"
    );
    let why = folder.refused(&["train", "iris.lentil", "--init", "absent.safetensors"]);
    assert!(why.contains("absent.safetensors"), "{why}");
}

#[test]
fn real_numbers_of_the_other_precision_are_converted() {
    let folder = Folder::with_examples("init_precision");
    let train = |real: &str, more: &[&str]| {
        let args = ["train", "iris.lentil", "--real", real, "--epochs"];
        let run = folder.run(&[&args[..], more].concat());
        assert_eq!(run.code, 0, "{}", run.err);
        run.err
    };
    train("f64", &["1", "--out", "double.safetensors"]);
    let single = [
        "0",
        "--init",
        "double.safetensors",
        "--out",
        "single.safetensors",
    ];
    let told = train("f32", &single);
    assert!(
        told.contains("double.safetensors: 4 of 4 parameters"),
        "{told}"
    );
    let back = [
        "0",
        "--init",
        "single.safetensors",
        "--out",
        "back.safetensors",
    ];
    train("f64", &back);
    let (double, single, back) = (
        saved(&folder, "double.safetensors"),
        saved(&folder, "single.safetensors"),
        saved(&folder, "back.safetensors"),
    );
    for name in ["hidden.w", "hidden.b", "out.w", "out.b"] {
        let rounded = double[name]
            .to_f64()
            .into_iter()
            .map(|x| f64::from(x as f32));
        assert_eq!(single[name].to_f64(), rounded.collect::<Vec<_>>(), "{name}");
        assert_eq!(back[name].to_f64(), single[name].to_f64(), "{name}");
    }
}
