//! Where the lines that were typed are kept. Nothing depends on it: what cannot be kept is forgotten.

use std::env::var_os;
use std::fs;
use std::path::PathBuf;

/// The file, in the folder that the system has for what programs remember.
pub fn file() -> Option<PathBuf> {
    let set = |name| {
        var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let state = match cfg!(windows) {
        true => set("LOCALAPPDATA"),
        // The XDG base directory specification.
        false => set("XDG_STATE_HOME").or_else(|| Some(set("HOME")?.join(".local/state"))),
    };
    let folder = state?.join("lentil");
    fs::create_dir_all(&folder).ok()?;
    Some(folder.join("repl_history"))
}
