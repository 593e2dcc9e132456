//! Lists the modules of the standard library and what they define, so that a module is there as soon
//! as its file is.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let variable = |name| env::var(name).map_err(io::Error::other);
    let folder = Path::new(&variable("CARGO_MANIFEST_DIR")?).join("../../stdlib");
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "lentil") {
            files.push(path);
        }
    }
    files.sort();
    let mut modules = String::from("&[\n");
    let mut exports = String::from("&[\n");
    for path in files {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let path = path.canonicalize()?;
        writeln!(modules, "    ({name:?}, include_str!({path:?})),").map_err(io::Error::other)?;
        for item in fs::read_to_string(&path)?.lines().filter_map(defined) {
            writeln!(exports, "    ({item:?}, {name:?}),").map_err(io::Error::other)?;
        }
    }
    let folder = variable("OUT_DIR")?;
    fs::write(Path::new(&folder).join("modules.rs"), modules + "]\n")?;
    fs::write(Path::new(&folder).join("exports.rs"), exports + "]\n")
}

/// The name that an item defines whose first line this is: in the library's style, items begin at
/// the beginning of a line.
fn defined(line: &str) -> Option<&str> {
    let (keyword, rest) = line.split_once(' ')?;
    let word = rest
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .next();
    word.filter(|_| matches!(keyword, "fn" | "model" | "lens" | "optimizer"))
}
