//! From syntax trees to unary form: names, types and sizes, models, lenses, learners.
//!
//! One evaluator does both halves of the work (see [`elaborate`]): over symbolic sizes it *checks*
//! every definition once; over numbers it *lowers* what is asked for. The design's separate typed
//! tree is not needed: what it would record, the evaluator knows when it gets there.

pub mod check;
pub mod data;
pub mod elaborate;
pub mod env;
pub mod frame;
pub mod module;
pub mod program;
mod recursion;
pub mod size;
pub mod spelling;
mod stack;
pub mod ty;
pub mod value;

pub use module::Loader;
pub use program::{Failure, ItemClass, ItemInfo, Learner, Lowered, Options, Param, Program, Role};

/// The standard module that has a well-known name, to hint at an import.
pub(crate) fn stdlib_module_of(name: &str) -> Option<&'static str> {
    match name {
        "dense" | "lookup" | "digit" | "relu" | "leaky_relu" | "gelu" | "softplus" | "softmax" => {
            Some("nn")
        }
        "softmax_cross_entropy" | "quadratic" | "difference" | "dot_product" => Some("loss"),
        "descent" | "momentum" | "nesterov" | "adagrad" | "adam" | "ascent" => Some("optim"),
        "glorot" | "he" => Some("init"),
        "accuracy" | "exact" => Some("metric"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use lentil_diag::SourceId;

    /// The hints and the library name the same things: nothing is hinted at that is not there, nothing
    /// public is forgotten.
    #[test]
    fn every_public_name_of_the_library_is_hinted_at() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stdlib");
        let mut public = BTreeSet::new();
        for entry in std::fs::read_dir(folder).expect("the library") {
            let path = entry.expect("a file").path();
            let module = path
                .file_stem()
                .and_then(|s| s.to_str())
                .expect("a name")
                .to_string();
            let text = std::fs::read_to_string(&path).expect("a text");
            let (file, _) = lentil_grammar::parse(SourceId::default(), &text);
            for item in file.items.iter().filter(|item| !item.local) {
                if let Some(name) = crate::module::item_name(item) {
                    assert_eq!(
                        super::stdlib_module_of(&name.text),
                        Some(&*module),
                        "{}",
                        name.text
                    );
                    public.insert(name.text.clone());
                }
            }
        }
        let listed = include_str!("lib.rs").split("fn stdlib_module_of").nth(1);
        let listed = listed
            .and_then(|rest| rest.split("_ => None").next())
            .expect("the list");
        let quoted = listed.split('"').skip(1).step_by(2);
        let modules = ["nn", "loss", "optim", "init", "metric"];
        for name in quoted.filter(|name| !modules.contains(name)) {
            assert!(public.contains(name), "`{name}` is hinted at and not there");
        }
    }
}
