//! The standard library, which is part of the compiler's binary.

/// The name and the text of every module, in order of their names; the build script lists them.
pub const MODULES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/modules.rs"));

/// The names that the modules define, each with its module.
const EXPORTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/exports.rs"));

/// The text of a module (`nn`, `optim`).
pub fn module(name: &str) -> Option<&'static str> {
    let at = MODULES
        .binary_search_by_key(&name, |&(name, _)| name)
        .ok()?;
    Some(MODULES[at].1)
}

/// The names that the modules define, each with its module.
pub fn exports() -> Vec<(String, String)> {
    let owned = |&(name, module): &(&str, &str)| (name.to_string(), module.to_string());
    EXPORTS.iter().map(owned).collect()
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

    #[test]
    fn every_public_item_is_an_export() {
        for (name, text) in MODULES {
            let (file, _) = lentil_grammar::parse(lentil_diag::SourceId::default(), text);
            for item in &file.items {
                let Some(defined) = lentil_core::module::item_name(item) else {
                    continue;
                };
                let exported = EXPORTS.contains(&(&defined.text, name));
                assert_eq!(exported, !item.local, "{name}.{}", defined.text);
            }
        }
    }
}
