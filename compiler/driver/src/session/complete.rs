//! What a word that is being typed may become.

use std::path::Path;

use super::commands::COMMANDS;
use super::settings::SETTINGS;
use super::{Session, describe, docs};
use crate::stage::Stage;
use crate::stdlib;

/// What may stand in place of a part of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Where that part begins, in bytes; it ends at the cursor.
    pub start: usize,
    /// The words, in order.
    pub words: Vec<String>,
}

/// Words with a meaning of their own.
const KEYWORDS: &[&str] = &[
    "and",
    "data",
    "else",
    "false",
    "fn",
    "for",
    "if",
    "import",
    "law",
    "learner",
    "lens",
    "let",
    "local",
    "model",
    "not",
    "optimizer",
    "or",
    "test",
    "then",
    "true",
    "type",
    "use",
    "where",
];

/// Carriers and spaces.
const TYPES: &[&str] = &[
    "Bit", "Bool", "Category", "Field", "Int", "Key", "Mod", "Real", "Ring", "Space",
];

impl Session {
    /// What the word before a place in a line may become.
    pub fn complete(&self, line: &str, cursor: usize) -> Completion {
        let before = line.get(..cursor).unwrap_or(line);
        if let Some(command) = before.strip_prefix(':') {
            return self.in_command(before, command);
        }
        let is_import = before.trim_start().starts_with("import ");
        if is_import {
            return in_import(before);
        }
        self.word(before)
    }

    fn in_command(&self, before: &str, command: &str) -> Completion {
        let Some((name, args)) = command.split_once(char::is_whitespace) else {
            let names = COMMANDS.iter().map(|c| format!(":{}", c.name));
            return matching(before, 0, names);
        };
        let start = before.len() - args.len();
        match name {
            "load" | "l" => files(before, start + (args.len() - args.trim_start().len())),
            "help" | "h" => {
                let names = COMMANDS.iter().map(|c| c.name.to_string());
                matching(before, start, names)
            }
            "set" => match args.split_once(char::is_whitespace) {
                Some((name, value)) => {
                    let values = SETTINGS.iter().filter(|s| s.name == name);
                    let values = values.flat_map(|s| s.values.map(str::to_string));
                    matching(before, before.len() - value.len(), values)
                }
                None => {
                    let names = SETTINGS.iter().map(|s| s.name.to_string());
                    matching(before, start, names)
                }
            },
            "emit" if !args.contains(char::is_whitespace) => {
                matching(before, start, Stage::names().into_iter())
            }
            "doc" => {
                let at = word_start(before).max(start);
                matching(before, at, docs::known(self).into_iter())
            }
            _ => self.word(before),
        }
    }

    /// A name in scope, a builtin or a keyword.
    fn word(&self, before: &str) -> Completion {
        let start = word_start(before);
        if start == before.len() {
            let words = Vec::new();
            return Completion { start, words };
        }
        let names = self.names().into_iter().map(|(name, _)| name);
        let builtins = describe::builtins().map(str::to_string);
        let words = KEYWORDS.iter().chain(TYPES).map(|w| (*w).to_string());
        matching(before, start, names.chain(builtins).chain(words))
    }
}

/// A module of the library, a name in one, or a file.
fn in_import(before: &str) -> Completion {
    let at = before.find("import ").map_or(0, |at| at + "import ".len());
    let path = before[at..].trim_start();
    let start = before.len() - path.len();
    if path.starts_with("./") {
        let mut files = files(before, start);
        for word in &mut files.words {
            if let Some(stem) = word.strip_suffix(".lentil") {
                *word = format!("{stem}.");
            }
        }
        return files;
    }
    match path.split_once('.') {
        Some((module, _)) => {
            let word = word_start_after(before, &['.', '{', ',', ' ']);
            let file = stdlib::module(module).map(docs::parsed);
            let names: Vec<String> = match &file {
                Some(file) => docs::items(file).map(|(n, _)| n.to_string()).collect(),
                None => Vec::new(),
            };
            matching(before, word, names.into_iter())
        }
        None => {
            let modules = stdlib::MODULES.iter().map(|(name, _)| format!("{name}."));
            matching(before, start, modules)
        }
    }
}

/// The words that begin with what stands at a place.
fn matching(before: &str, start: usize, words: impl Iterator<Item = String>) -> Completion {
    let begun = &before[start..];
    let mut words: Vec<String> = words.filter(|w| w.starts_with(begun)).collect();
    words.sort();
    words.dedup();
    Completion { start, words }
}

/// Files and folders whose path begins so.
fn files(before: &str, start: usize) -> Completion {
    let begun = &before[start..];
    let (folder, stem) = match begun.rfind('/') {
        Some(at) => begun.split_at(at + 1),
        None => ("", begun),
    };
    let place = if folder.is_empty() { "." } else { folder };
    let mut words = Vec::new();
    // A folder that cannot be read has nothing to offer.
    for entry in Path::new(place).read_dir().into_iter().flatten().flatten() {
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let is_folder = entry.path().is_dir();
        let fits = is_folder || name.ends_with(".lentil");
        let hidden = name.starts_with('.') && !stem.starts_with('.');
        if fits && !hidden && name.starts_with(stem) {
            let slash = if is_folder { "/" } else { "" };
            words.push(format!("{folder}{name}{slash}"));
        }
    }
    words.sort();
    Completion { start, words }
}

/// Where the name, with its dots, before the end begins.
fn word_start(before: &str) -> usize {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    before.rfind(|c| !part(c)).map_or(0, |at| {
        at + before[at..].chars().next().map_or(1, char::len_utf8)
    })
}

fn word_start_after(before: &str, marks: &[char]) -> usize {
    before.rfind(marks).map_or(0, |at| at + 1)
}
