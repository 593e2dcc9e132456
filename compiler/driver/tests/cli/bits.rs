//! Iris over bits: a circuit that is learnt, run 64 samples a word, and written.

use lentil_circuit::{Verdict, aiger, equivalent};

use crate::support::Folder;

#[test]
fn the_circuit_learns_what_was_published() {
    let folder = Folder::with_examples("bits_train");
    let out = folder.ok(&["train", "iris_bits.lentil"]);
    assert!(
        out.contains("test   loss 0.373333  exact 73.3 % (55 of 75)\n"),
        "{out}"
    );
}

#[test]
fn words_of_samples_predict_as_single_samples_do() {
    let folder = Folder::with_examples("bits_predict");
    folder.ok(&["train", "iris_bits.lentil"]);
    // 150 rows: two whole words and a part of one.
    let words = folder.ok(&["predict", "iris_bits.lentil", "data/iris_uci.csv"]);
    assert_eq!(words.lines().count(), 151);
    let single = folder.ok(&[
        "predict",
        "iris_bits.lentil",
        "data/iris_uci.csv",
        "--evaluator",
    ]);
    assert_eq!(words, single);
}

#[test]
fn a_model_that_decides_by_a_bit_predicts_sample_by_sample() {
    let folder = Folder::with_examples("bits_decide");
    let source = String::from_utf8(folder.read("iris_bits.lentil")).expect("a text");
    let (head, tail) = source.split_once("learner ").expect("a learner");
    let program = format!(
        "{head}\nmodel either(b: Bit[2] ~ ones; x: Bit[4]) -> Bit[2] =\n  \
         [ if x[i] == 1 then x[i + 1] * b[i] else 1 - x[0] for i < 2 ]\n\nlearner {tail}"
    );
    let model = tail.split_once("model").expect("a setting").1;
    let model = model.split_once(',').expect("an end").0;
    let program = program.replace(&format!("model{model},"), "model = either,");
    folder.write("either.lentil", program);
    folder.ok(&["train", "either.lentil", "--epochs", "1"]);
    let predict = ["predict", "either.lentil", "data/iris_uci.csv"];
    let code = folder.ok(&predict);
    let slow = folder.ok(&[&predict[..], &["--evaluator"]].concat());
    assert_eq!(code, slow);
}

#[test]
fn the_circuit_is_written_in_every_format() {
    let folder = Folder::with_examples("bits_export");
    folder.ok(&["train", "iris_bits.lentil"]);
    let export = |format: &str, out: &str| {
        let args = [
            "export",
            "iris_bits.lentil",
            "iris_circuit",
            "--format",
            format,
            "--out",
            out,
        ];
        folder.ok(&args);
        folder.read(out)
    };
    let binary = aiger::read(&export("aiger", "c.aig")).expect("a circuit");
    let ascii = aiger::read(&export("aiger-ascii", "c.aag")).expect("a circuit");
    assert_eq!((binary.inputs().len(), binary.outputs().len()), (4, 2));
    assert!(matches!(equivalent(&binary, &ascii), Ok(Verdict::Equal)));
    assert!(export("blif", "c.blif").starts_with(b".model iris_circuit\n"));
    assert!(export("verilog", "c.v").starts_with(b"module iris_circuit("));
    let default = folder.run(&["export", "iris_bits.lentil", "--format", "aiger"]);
    assert!(
        default
            .err
            .starts_with("iris_circuit.aig: 4 inputs, 2 outputs, "),
        "{}",
        default.err
    );
    assert_eq!(folder.read("iris_circuit.aig"), folder.read("c.aig"));
    let out = folder.ok(&[
        "export",
        "iris_bits.lentil",
        "--format",
        "aiger-ascii",
        "--out",
        "-",
    ]);
    assert_eq!(out.as_bytes(), folder.read("c.aag"));
}

#[test]
fn the_written_circuit_is_the_model_on_all_inputs() {
    let folder = Folder::with_examples("bits_equal");
    folder.ok(&["train", "iris_bits.lentil"]);
    folder.ok(&["export", "iris_bits.lentil", "--format", "aiger"]);
    let circuit = aiger::read(&folder.read("iris_circuit.aig")).expect("a circuit");
    let program = lentil::Program::from_file(folder.at("iris_bits.lentil")).expect("a program");
    let learner = program.learner(None).expect("a learner");
    let trained = learner
        .restore(&folder.at("iris_circuit.safetensors"))
        .expect("parameters");
    let model = program.function("circuit").expect("a model");
    for row in 0..16u64 {
        let bits: Vec<u64> = (0..4).map(|k| row >> k & 1).collect();
        let input: Vec<f64> = bits.iter().map(|&bit| bit as f64).collect();
        let mut args: Vec<lentil::Value> = trained.params.iter().cloned().map(Into::into).collect();
        args.push(input.into());
        let wanted = model.call(&args).expect("a value").numbers();
        let words = circuit.eval_words(&bits);
        let found: Vec<f64> = words.iter().map(|word| (word & 1) as f64).collect();
        assert_eq!(found, wanted, "input {bits:?}");
    }
}

#[test]
fn a_model_over_the_reals_is_no_circuit() {
    let folder = Folder::with_examples("bits_real");
    folder.ok(&["train", "iris.lentil", "--epochs", "1"]);
    let why = folder.refused(&["export", "iris.lentil", "--format", "blif"]);
    assert!(why.starts_with("[E0904] Error: "), "{why}");
    assert!(why.contains("only models over `Bit`"), "{why}");
}
