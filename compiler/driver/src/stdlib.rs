//! The standard library, which is part of the compiler's binary.

/// The name and the text of every module, in order of their names; the build script lists them.
pub const MODULES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/stdlib.rs"));

/// The text of a module (`nn`, `optim`).
pub fn module(name: &str) -> Option<&'static str> {
    let at = MODULES
        .binary_search_by_key(&name, |&(name, _)| name)
        .ok()?;
    Some(MODULES[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_found_by_their_names() {
        assert!(MODULES.is_sorted());
        for (name, text) in MODULES {
            assert_eq!(module(name), Some(*text));
        }
        assert_eq!(module("no such module"), None);
    }
}
