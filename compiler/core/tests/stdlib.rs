//! The standard library: every test of it holds, every public item is documented and tried.

use std::collections::BTreeSet;

mod common;
use common::{Files, errors, failed, load, run};
use lentil_core::{ItemClass, Loader, Options};
use lentil_grammar::ast::ItemKind;
use lentil_unary::Carrier;

/// The names of the library's modules.
fn modules() -> BTreeSet<String> {
    let modules: BTreeSet<String> = Files(&[]).exports().into_iter().map(|(_, m)| m).collect();
    assert!(modules.contains("nn"));
    modules
}

fn text(module: &str) -> String {
    Files(&[]).standard(module).expect("a standard module")
}

#[test]
fn every_test_holds_in_single_and_in_double_precision() {
    for module in modules() {
        let program = load(&text(&module));
        for (index, title) in program.tests().iter().enumerate() {
            for real in [Carrier::F32, Carrier::F64] {
                let lowered = match program.lower_test(index, &Options { real }) {
                    Ok(lowered) => lowered,
                    Err(failure) => panic!("{module}: {title}: {}", failed(&failure)),
                };
                let holds = run(&lowered.region, &[]).expect("it runs")[0].to_f64();
                assert_eq!(holds, [1.0], "{module}: {title}, over {real}");
            }
        }
    }
}

/// The public items of a module.
fn public(module: &str) -> Vec<lentil_core::ItemInfo> {
    let text = text(module);
    let items = load(&text).items().into_iter();
    items
        .filter(|i| !matches!(i.class, ItemClass::Test | ItemClass::Law))
        .filter(|i| !text.contains(&format!("local fn {}", i.name)))
        .collect()
}

#[test]
fn every_public_item_is_documented_and_tried() {
    for module in modules() {
        let words = tried(&text(&module));
        for item in public(&module) {
            let name = &item.name;
            assert!(
                !item.docs.is_empty(),
                "{module}.{name} has no documentation"
            );
            assert!(
                words.contains(name),
                "no test and no law tries {module}.{name}"
            );
        }
    }
}

/// The words in the conditions of a module's tests and laws.
fn tried(text: &str) -> BTreeSet<String> {
    let (file, _) = lentil_grammar::parse(lentil_diag::SourceId::default(), text);
    let conditions = file.items.iter().filter_map(|item| match &item.kind {
        ItemKind::Test(test) => Some(test.body.span),
        ItemKind::Law(law) => Some(law.body.span),
        _ => None,
    });
    let word = |c: char| c == '_' || c.is_alphanumeric();
    conditions
        .flat_map(|span| text[span.range()].split(move |c| !word(c)))
        .map(str::to_string)
        .collect()
}

#[test]
fn a_name_that_is_not_imported_is_told_from_where() {
    for module in modules() {
        // The trace of a matrix hides that of values where it is imported.
        let own = |name: &str| (module.as_str(), name) == ("linalg", "trace");
        for item in public(&module).into_iter().filter(|item| !own(&item.name)) {
            let why = errors(&format!("fn f(x: Real) -> Real = {}", item.name));
            let hint = format!("(`import {module}.{}`)", item.name);
            assert!(why.contains(&hint), "{why}");
        }
    }
}
