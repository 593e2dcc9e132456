//! Names that can be written: made of what things are called, and different from each other.

use std::collections::BTreeSet;

/// What is no name at all.
const KEYWORDS: &[&str] = &[
    "fn", "let", "use", "if", "then", "else", "for", "and", "or", "not", "true", "false", "import",
    "where",
];

/// What a name of the printed text must not hide: carriers, and functions that it calls.
const RESERVED: &[&str] = &[
    "Real",
    "Real64",
    "Bit",
    "Mod",
    "Int",
    "Bool",
    "Category",
    "Key",
    "abs",
    "sign",
    "floor",
    "ceil",
    "round",
    "exp",
    "expm1",
    "log",
    "log1p",
    "sqrt",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "sigmoid",
    "erf",
    "atan2",
    "max",
    "min",
    "sum",
    "prod",
    "all",
    "any",
    "logsumexp",
    "argmax",
    "argmin",
    "cumsum",
    "cumprod",
    "transpose",
    "reshape",
    "concat",
    "iota",
    "real",
    "int",
    "fold",
    "scan",
    "iterate",
];

/// The names of indices, in the order in which they are taken.
const INDICES: &[&str] = &["i", "j", "k", "l", "m", "n"];

/// The names of values, in the order in which they are taken.
const LETTERS: &[&str] = &[
    "a", "b", "c", "d", "e", "f", "g", "h", "o", "p", "q", "r", "t", "u", "v", "w",
];

/// The names that are taken.
#[derive(Clone, Debug)]
pub(super) struct Names {
    taken: BTreeSet<String>,
}

impl Names {
    pub(super) fn new() -> Names {
        Names {
            taken: KEYWORDS
                .iter()
                .chain(RESERVED)
                .map(ToString::to_string)
                .collect(),
        }
    }

    /// Labels of a record hide nothing.
    pub(super) fn labels() -> Names {
        Names {
            taken: KEYWORDS.iter().map(ToString::to_string).collect(),
        }
    }

    /// A path or another name as one that can be written: `hidden.w` is `hidden_w`.
    pub(super) fn path(&mut self, path: &str) -> String {
        let wanted = written(path);
        self.take(if wanted.is_empty() { "x" } else { &wanted })
    }

    /// A name that is taken by nothing else: as wanted, or with a number behind it.
    pub(super) fn take(&mut self, wanted: &str) -> String {
        if self.taken.insert(wanted.to_string()) {
            return wanted.to_string();
        }
        let digit = wanted.ends_with(|c: char| c.is_ascii_digit());
        let mut count: u64 = 2;
        loop {
            let numbered = match digit {
                true => format!("{wanted}_{count}"),
                false => format!("{wanted}{count}"),
            };
            if self.taken.insert(numbered.clone()) {
                return numbered;
            }
            count += 1;
        }
    }

    /// The name of an index, to be given back with [`Names::release`].
    pub(super) fn index(&mut self) -> String {
        for name in INDICES {
            if self.taken.insert((*name).to_string()) {
                return (*name).to_string();
            }
        }
        self.take("i")
    }

    /// A name for what has no name of its own: the next letter.
    pub(super) fn letter(&mut self) -> String {
        for name in LETTERS {
            if self.taken.insert((*name).to_string()) {
                return (*name).to_string();
            }
        }
        self.take("a")
    }

    pub(super) fn release(&mut self, name: &str) {
        self.taken.remove(name);
    }

    /// Takes back a name that was given back.
    pub(super) fn retake(&mut self, name: &str) {
        self.taken.insert(name.to_string());
    }
}

/// Letters, digits and single underscores; empty if there are none.
fn written(path: &str) -> String {
    let mut out = String::new();
    for c in path.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
    }
    let out = out.trim_end_matches('_');
    match out.starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("x{out}"),
        false => out.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_names() {
        let mut names = Names::new();
        assert_eq!(names.path("hidden.w"), "hidden_w");
        assert_eq!(names.path("hidden_w"), "hidden_w2");
        assert_eq!(names.path("sum"), "sum2");
        assert_eq!(names.path("dense layer.put"), "dense_layer_put");
        assert_eq!(names.path("2nd"), "x2nd");
        assert_eq!(names.path("…"), "x");
    }

    #[test]
    fn indices_are_given_back() {
        let mut names = Names::new();
        names.take("j");
        assert_eq!(names.index(), "i");
        assert_eq!(names.index(), "k");
        names.release("i");
        assert_eq!(names.index(), "i");
    }
}
