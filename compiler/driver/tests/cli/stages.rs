//! Every form of a program can be seen.

use lentil_unary::parse::parse;
use lentil_unary::{Op, Prim, Step};

use crate::support::Folder;

#[test]
fn unary_forms_read_back() {
    let folder = Folder::with_examples("stages_unary");
    for stage in ["core", "unary", "reverse", "batched", "optimised"] {
        for name in [
            &["classifier"][..],
            &["classifier", "--derivative"],
            &["iris_net"],
        ] {
            let args = [&["emit", "--stage", stage, "iris.lentil"], name].concat();
            let text = folder.ok(&args);
            let region = parse(&text).unwrap_or_else(|why| panic!("{args:?}: {why:?}"));
            assert_eq!(lentil_unary::print::print(&region), text, "{args:?}");
        }
    }
}

#[test]
fn derivatives_are_single_operations_until_they_are_resolved() {
    let folder = Folder::with_examples("stages_reverse");
    let emit = |stage: &str| {
        folder.ok(&[
            "emit",
            "--stage",
            stage,
            "--derivative",
            "iris.lentil",
            "classifier",
        ])
    };
    assert!(
        emit("core").contains("reverse @classifier"),
        "{}",
        emit("core")
    );
    assert!(
        emit("unary").contains("reverse @classifier"),
        "{}",
        emit("unary")
    );
    assert!(
        !emit("reverse").contains("reverse @classifier"),
        "{}",
        emit("reverse")
    );
}

#[test]
fn a_batch_is_matrix_products() {
    let folder = Folder::with_examples("stages_batch");
    let text = folder.ok(&["emit", "--stage", "optimised", "iris.lentil", "iris_net"]);
    // Two layers: forwards one product each, backwards one for the weights each, and one for the
    // inputs of the second.
    let region = parse(&text).unwrap_or_else(|why| panic!("{why:?}"));
    let is_product = |step: &&Step| match &step.op {
        Op::Prim(Prim::Contract { sum, .. }) => !sum.is_empty() && step.types[0].rank() == 2,
        _ => false,
    };
    assert_eq!(
        region.steps().iter().filter(is_product).count(),
        5,
        "{text}"
    );
    assert!(!text.contains(" loop "), "{text}");
}

#[test]
fn machine_forms_are_shown() {
    let folder = Folder::with_examples("stages_machine");
    for (stage, part) in [
        ("loops", "function main"),
        ("clif", "block0("),
        ("asm", "block0:"),
    ] {
        let text = folder.ok(&["emit", "--stage", stage, "iris.lentil", "classifier"]);
        assert!(text.contains(part), "{stage}: {text}");
    }
    for part in ["initial", "step", "model", "predict", "evaluate"] {
        let args = [
            "emit",
            "--stage",
            "loops",
            "--part",
            part,
            "iris.lentil",
            "iris_net",
        ];
        assert!(folder.ok(&args).contains("function main"), "{part}");
    }
}

#[test]
fn gates_are_shown_with_and_without_parameters() {
    let folder = Folder::with_examples("stages_netlist");
    let open = folder.ok(&["emit", "--stage", "netlist", "iris_bits.lentil", "circuit"]);
    assert!(
        open.contains("= table[1][15]\n") && open.contains("= x[3]\n"),
        "{open}"
    );
    folder.ok(&["train", "iris_bits.lentil"]);
    let args = [
        "emit",
        "--stage",
        "netlist",
        "iris_bits.lentil",
        "iris_circuit",
    ];
    let fixed = folder.ok(&[&args[..], &["--params", "iris_circuit.safetensors"]].concat());
    assert!(
        fixed.contains("= x[3]\n") && !fixed.contains("table"),
        "{fixed}"
    );
}
