//! What several test files need.

use lentil_diag::{Diagnostic, Sources};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The `.lentil` files of a folder beside the tests, in order of their names.
pub fn programs(folder: &str) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder);
    let mut found: Vec<_> = std::fs::read_dir(&folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("its entries can be read").path())
        .filter(|path| path.extension().is_some_and(|e| e == "lentil"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a program can be read");
            (path, text)
        })
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no programs in {}", folder.display());
    found
}

/// Compares with the snapshot beside a program.
pub fn snapshot(path: &Path, kind: &str, content: String) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(path.parent().expect("a program is in a folder"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let stem = path
        .file_stem()
        .expect("a program has a name")
        .to_string_lossy();
    settings.bind(|| insta::assert_snapshot!(format!("{stem}.{kind}"), content));
}

/// Diagnostics as text, with the places they name.
pub fn render(text: &str, errors: &[Diagnostic]) -> String {
    let mut sources = Sources::new();
    let id = sources.add("test", text);
    let mut out = String::new();
    for e in errors {
        writeln!(out, "{}: {}", e.code, e.title).expect("text can be written");
        for label in &e.labels {
            let (line, column) = sources.line_column(id, label.span.start);
            let slice = sources.text(label.span);
            writeln!(out, "  {line}:{column} {slice:?}: {}", label.text)
                .expect("text can be written");
        }
        if let Some(hint) = &e.hint {
            writeln!(out, "  hint: {hint}").expect("text can be written");
        }
    }
    out
}

/// The debug form of a tree, with places as `3..7`, in lines of up to 100 characters.
pub fn tree(debug: &str) -> String {
    let mut out = String::new();
    lay_out(&places(debug, true), 0, &mut out);
    out
}

/// The debug form of a tree without places.
pub fn bare(debug: &str) -> String {
    places(debug, false)
}

fn places(debug: &str, keep: bool) -> String {
    let mut out = String::new();
    let mut rest = debug;
    while let Some(at) = rest.find("Span {") {
        out.push_str(&rest[..at]);
        let end = at + rest[at..].find('}').expect("a place is closed");
        let numbers: Vec<&str> = rest[at..end]
            .split(|c: char| !c.is_ascii_digit())
            .filter(|n| !n.is_empty())
            .collect();
        if keep {
            write!(out, "{}..{}", numbers[1], numbers[2]).expect("text can be written");
        }
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    out
}

/// Breaks the outermost brackets of a text that is too long, one part a line.
fn lay_out(text: &str, indent: usize, out: &mut String) {
    let pad = "  ".repeat(indent);
    let first = text.find(['(', '[', '{']);
    let (Some(open), true) = (first, text.len() + pad.len() > 100) else {
        writeln!(out, "{pad}{}", text.trim()).expect("text can be written");
        return;
    };
    writeln!(out, "{pad}{}", text[..=open].trim()).expect("text can be written");
    let (mut depth, mut start, mut quoted, mut escaped) = (0usize, open + 1, false, false);
    for (at, c) in text.char_indices().skip_while(|&(at, _)| at <= open) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            ')' | ']' | '}' if depth == 0 => {
                if !text[start..at].trim().is_empty() {
                    lay_out(text[start..at].trim(), indent + 1, out);
                }
                writeln!(out, "{pad}{}", text[at..].trim()).expect("text can be written");
                return;
            }
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                lay_out(text[start..=at].trim(), indent + 1, out);
                start = at + 1;
            }
            _ => {}
        }
    }
}
