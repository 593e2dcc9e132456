//! Every code of this crate has a page, whose wrong program gives the code and whose right one none.

use std::collections::BTreeSet;
use std::path::Path;

use lentil_core::{ItemClass, Loader, Options, Program};
use lentil_diag::codes;

/// The standard library, and no other files.
struct Library;

impl Loader for Library {
    fn standard(&self, path: &str) -> Option<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stdlib");
        std::fs::read_to_string(folder.join(path).with_extension("lentil")).ok()
    }

    fn beside(&self, from: &str, _: &[&str]) -> Result<(String, String), String> {
        Err(format!("nothing is beside {from}"))
    }

    fn exports(&self) -> Vec<(String, String)> {
        Vec::new()
    }
}

/// The codes that checking a program gives, or else lowering what it defines.
fn found(text: &str) -> BTreeSet<&'static str> {
    let (program, problems) = Program::load("page.lentil", text, &Library);
    let mut codes: BTreeSet<&'static str> = problems.iter().map(|p| p.code).collect();
    if !codes.is_empty() {
        return codes;
    }
    for item in program.items() {
        if matches!(item.class, ItemClass::Fn | ItemClass::Model)
            && let Err(failure) = program.lower(&item.name, &Options::default())
        {
            // A definition whose sizes or slots are open is not lowered by itself.
            let closed = failure
                .diagnostics
                .iter()
                .map(|d| d.code)
                .filter(|c| !["E0337", "E0440"].contains(c));
            codes.extend(closed);
        }
    }
    codes
}

fn pages() -> impl Iterator<Item = &'static codes::Page> {
    let own = |code: &str| {
        ["E02", "E03", "E04", "E05"]
            .iter()
            .any(|p| code.starts_with(p))
    };
    codes::pages().iter().filter(move |p| own(p.code))
}

#[test]
fn pages_show_what_they_say() {
    let mut wrongs = 0;
    let mut failures = String::new();
    for page in pages() {
        if let Some(wrong) = program(page.text, "Wrong") {
            wrongs += 1;
            let codes = found(wrong);
            if codes != BTreeSet::from([page.code]) {
                failures += &format!("the wrong program of {} gives {codes:?}\n", page.code);
            }
        }
        if let Some(right) = program(page.text, "Right") {
            let codes = found(right);
            if !codes.is_empty() {
                failures += &format!("the right program of {} gives {codes:?}\n", page.code);
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");
    assert!(wrongs > 70, "only {wrongs} pages show a wrong program");
}

#[test]
fn every_code_has_a_page() {
    let mut used = BTreeSet::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    collect(&source, &mut used);
    let written: BTreeSet<String> = pages().map(|p| p.code.to_string()).collect();
    assert_eq!(used, written);
}

/// The codes that the files of a folder name.
fn collect(folder: &Path, codes: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry of it").path();
        if path.is_dir() {
            collect(&path, codes);
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a source");
        let quoted = text
            .split('"')
            .filter(|s| s.len() == 5 && s.starts_with("E0"));
        codes.extend(quoted.map(String::from));
    }
}

fn program<'t>(page: &'t str, heading: &str) -> Option<&'t str> {
    let start = format!("{heading}:\n\n```lentil\n");
    let (_, rest) = page.split_once(&start)?;
    rest.split_once("```").map(|(program, _)| program)
}
