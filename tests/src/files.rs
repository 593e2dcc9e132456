//! Where things are.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("a crate lies in a folder").into()
}

/// The text of a file, by its path from the root.
///
/// # Panics
/// If it cannot be read.
pub fn text(path: &str) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// The files of a folder with an ending, by their paths from the root, in order.
///
/// # Panics
/// If the folder cannot be read.
pub fn files_in(folder: &str, ending: &str) -> Vec<String> {
    let entries = std::fs::read_dir(root().join(folder));
    let entries = entries.unwrap_or_else(|why| panic!("{folder}: {why}"));
    let names = entries.map(|e| e.expect("an entry").file_name().into_string());
    let mut files: Vec<String> = names
        .map(|n| n.expect("a name in Unicode"))
        .filter(|n| n.ends_with(ending))
        .map(|n| format!("{folder}/{n}"))
        .collect();
    files.sort();
    files
}

/// All files that belong to the project, by their paths from the root, in order: those that git
/// tracks, or all but build outputs where there is no git.
pub fn tracked() -> Vec<String> {
    let git = Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(root())
        .output();
    let mut files: Vec<String> = match git {
        Ok(out) if out.status.success() && !out.stdout.is_empty() => {
            let names = String::from_utf8(out.stdout).expect("paths in Unicode");
            let names = names.split('\0').filter(|n| !n.is_empty());
            // A tracked file may be deleted and not yet committed.
            let there = |n: &&str| root().join(n).is_file();
            names.filter(there).map(str::to_string).collect()
        }
        Ok(_) | Err(_) => {
            let mut files = Vec::new();
            walk(&root(), "", &mut files);
            files
        }
    };
    files.sort();
    files
}

fn walk(folder: &Path, prefix: &str, files: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the repository") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("a name in Unicode");
        let path = format!("{prefix}{name}");
        if entry.path().is_dir() {
            if name != "target" && name != ".git" {
                walk(&entry.path(), &format!("{path}/"), files);
            }
        } else {
            files.push(path);
        }
    }
}
