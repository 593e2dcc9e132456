//! Every error that the sources can give has a page, and every page is of such an error.

use std::collections::{BTreeMap, BTreeSet};

use lentil_tests::files::{files_in, text, tracked};

/// The codes that the sources name as text, each with a file that does.
fn emitted() -> BTreeMap<String, String> {
    let mut codes = BTreeMap::new();
    for path in tracked() {
        let source = path.contains("/src/") && !path.starts_with("tests/");
        if !(source && (path.ends_with(".rs") || path.ends_with(".lalrpop"))) {
            continue;
        }
        let text = text(&path);
        // Tests at a file's end may name codes that do not exist.
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (at, _) in code.match_indices("\"E") {
            let found: String = code[at + 1..].chars().take_while(|&c| c != '"').collect();
            if is_code(&found) {
                codes.insert(found, path.clone());
            }
        }
    }
    codes
}

fn is_code(text: &str) -> bool {
    let digits = text.strip_prefix('E').unwrap_or_default();
    digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit())
}

fn pages() -> BTreeSet<String> {
    let files = files_in("docs/errors", ".md").into_iter();
    files
        .map(|path| {
            let name = path.rsplit('/').next().unwrap_or_default();
            name.trim_end_matches(".md").to_string()
        })
        .filter(|name| is_code(name))
        .collect()
}

#[test]
fn every_error_has_a_page() {
    let pages = pages();
    let emitted = emitted();
    assert!(emitted.len() > 100, "the codes were not found: {emitted:?}");
    let missing: Vec<_> = emitted
        .iter()
        .filter(|(code, _)| !pages.contains(*code))
        .collect();
    assert!(missing.is_empty(), "no page in docs/errors for {missing:?}");
}

#[test]
fn every_page_is_of_an_error() {
    let emitted = emitted();
    let unused: Vec<String> = pages()
        .into_iter()
        .filter(|code| !emitted.contains_key(code))
        .collect();
    assert!(unused.is_empty(), "no source gives {unused:?}");
}
