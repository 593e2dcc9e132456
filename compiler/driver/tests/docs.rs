//! What the manual and the book show is what the program does.
//!
//! A page is a program: its `lentil` blocks, in order, are one file, which has to check, to stand in
//! the one style and to pass its own tests. Of its other blocks
//!
//! - `lentil wrong` is a program of its own that is refused, with the `text` block after it as the reason;
//! - `lentil NAME` is a program of its own, in the file `NAME.lentil`;
//! - `console` holds commands after `$ `, run beside the page's file, each with what it prints.
//!
//! `INSTA_UPDATE=always` writes what the program prints into the pages.

#[path = "cli/support.rs"]
#[allow(dead_code)] // the sessions of the command use more of it
mod support;

use std::fs;
use std::path::{Path, PathBuf};

use support::Folder;

/// A part of a page: running text, or a fenced block with its language and contents.
enum Part {
    Text(String),
    Block { language: String, body: String },
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

fn pages(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(docs().join(folder)).expect("a folder of pages");
    let mut pages: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).collect();
    pages.retain(|p| p.extension().is_some_and(|e| e == "md"));
    pages.sort();
    pages
}

fn parts(page: &str) -> Vec<Part> {
    let mut parts = vec![Part::Text(String::new())];
    for line in page.split_inclusive('\n') {
        let fence = line.strip_prefix("```").map(str::trim_end);
        match (parts.last_mut().expect("a part"), fence) {
            (Part::Block { .. }, Some("")) => parts.push(Part::Text(String::new())),
            (Part::Text(_), Some(language)) => parts.push(Part::Block {
                language: language.to_string(),
                body: String::new(),
            }),
            (Part::Text(body) | Part::Block { body, .. }, _) => body.push_str(line),
        }
    }
    parts
}

fn written(parts: &[Part]) -> String {
    let one = |part: &Part| match part {
        Part::Text(body) => body.clone(),
        Part::Block { language, body } => format!("```{language}\n{body}```\n"),
    };
    parts.iter().map(one).collect()
}

/// Runs every block of a page; gives the page with what was printed in it.
fn run(page: &Path) -> String {
    let text = fs::read_to_string(page).expect("a page");
    let name = page.file_stem().expect("a name").to_string_lossy();
    // A page's file is named by its subject, without its number.
    let name = name.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_');
    let folder = Folder::with_examples(&format!("docs-{name}"));
    let file = format!("{name}.lentil");
    let mut parts = parts(&text);
    program(&parts, &folder, &file);
    let mut wrong = None;
    for part in &mut parts {
        let Part::Block { language, body } = part else {
            continue;
        };
        match language.as_str() {
            "lentil wrong" => {
                folder.write("wrong.lentil", &*body);
                wrong = Some(folder.refused(&["check", "wrong.lentil"]));
            }
            "text" => {
                if let Some(complaint) = wrong.take() {
                    *body = trimmed(&complaint);
                }
            }
            "lentil" => {
                folder.write("block.lentil", &*body);
                folder.ok(&["fmt", "block.lentil"]);
                *body = String::from_utf8(folder.read("block.lentil")).expect("text");
            }
            "console" => *body = console(body, &folder),
            other => {
                if let Some(name) = other.strip_prefix("lentil ") {
                    folder.write(&format!("{name}.lentil"), &*body);
                    folder.ok(&["fmt", "--check", &format!("{name}.lentil")]);
                }
            }
        }
    }
    assert!(wrong.is_none(), "{name}: a wrong program without its error");
    written(&parts)
}

/// The page's blocks as one program.
fn program(parts: &[Part], folder: &Folder, file: &str) {
    let blocks = parts.iter().filter_map(|part| match part {
        Part::Block { language, body } if language == "lentil" => Some(body.as_str()),
        Part::Block { .. } | Part::Text(_) => None,
    });
    let text = blocks.collect::<Vec<_>>().join("\n");
    if text.is_empty() {
        return;
    }
    folder.write(file, &text);
    folder.ok(&["check", file]);
    if text
        .lines()
        .any(|l| l.starts_with("test ") || l.starts_with("law "))
    {
        folder.ok(&["test", file]);
    }
}

/// Runs the lines after `$ `; gives the block with what they print.
fn console(body: &str, folder: &Folder) -> String {
    let mut out = String::new();
    for line in body.lines().filter(|l| l.starts_with("$ ")) {
        let words = words(&line[2..]);
        assert_eq!(words[0], "lentil", "{line}");
        let args: Vec<&str> = words[1..].iter().map(String::as_str).collect();
        let run = folder.run(&args);
        out.push_str(line);
        out.push('\n');
        out.push_str(&trimmed(&(run.out + &run.err)));
    }
    out
}

/// The words of a command line, in which quotes hold words together.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(q), _) if q == c => quote = None,
            (None, ' ') => words.push(String::new()),
            (None | Some(_), _) => words.last_mut().expect("a word").push(c),
        }
    }
    words
}

/// Without blanks at the ends of lines and without what differs from run to run, which is times;
/// with one line break at the end.
fn trimmed(text: &str) -> String {
    let lines = text.trim_end().lines().map(str::trim_end);
    let lines: Vec<&str> = lines.filter(|l| !l.starts_with("read in ")).collect();
    lines.join("\n") + "\n"
}

fn all_pages_of(folder: &str) {
    let pages = pages(folder);
    assert!(!pages.is_empty());
    let mut different = Vec::new();
    for page in pages {
        let (old, new) = (fs::read_to_string(&page).expect("a page"), run(&page));
        if old != new {
            if std::env::var("INSTA_UPDATE").is_ok_and(|v| v == "always") {
                fs::write(&page, &new).expect("a page");
            } else {
                let lines = old.lines().zip(new.lines());
                let first = lines
                    .filter(|(a, b)| a != b)
                    .map(|(a, b)| format!("-{a}\n+{b}"));
                let first = first.take(8).collect::<Vec<_>>().join("\n");
                different.push(format!("{}:\n{first}", page.display()));
            }
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n\n"));
}

#[test]
fn the_manual_shows_what_the_program_does() {
    all_pages_of("manual");
}

#[test]
fn the_book_shows_what_the_program_does() {
    all_pages_of("book");
}
