//! Names that can be written: made of what things are called, and different from each other.

use std::collections::{HashMap, HashSet};

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
#[derive(Debug)]
pub(super) struct Names {
    taken: HashSet<String>,
    /// For a name that was wanted before, a number below which every number behind it is taken.
    numbers: HashMap<String, u64>,
    /// The names in the order in which they were taken, since what began last.
    recent: Vec<String>,
}

impl Names {
    pub(super) fn new() -> Names {
        Names::without(KEYWORDS.iter().chain(RESERVED))
    }

    /// Labels of a record hide nothing.
    pub(super) fn labels() -> Names {
        Names::without(KEYWORDS.iter())
    }

    fn without<'w>(words: impl Iterator<Item = &'w &'w str>) -> Names {
        Names {
            taken: words.map(ToString::to_string).collect(),
            numbers: HashMap::new(),
            recent: Vec::new(),
        }
    }

    /// Begins something whose names nothing after it sees.
    pub(super) fn begin(&mut self) {
        self.recent.clear();
    }

    /// Ends it: the names that were taken since are free again.
    pub(super) fn end(&mut self) {
        for name in std::mem::take(&mut self.recent) {
            self.release(&name);
        }
    }

    /// A path or another name as one that can be written: `hidden.w` is `hidden_w`.
    pub(super) fn path(&mut self, path: &str) -> String {
        let wanted = written(path);
        self.take(if wanted.is_empty() { "x" } else { &wanted })
    }

    /// A name that is taken by nothing else: as wanted, or with the least number behind it.
    pub(super) fn take(&mut self, wanted: &str) -> String {
        if self.is_new(wanted) {
            return wanted.to_string();
        }
        let mut number = self.numbers.get(wanted).copied().unwrap_or(2);
        let between = if ends_with_digit(wanted) { "_" } else { "" };
        let name = loop {
            let name = format!("{wanted}{between}{number}");
            number += 1;
            if self.is_new(&name) {
                break name;
            }
        };
        self.numbers.insert(wanted.to_string(), number);
        name
    }

    /// The name of an index, to be given back with [`Names::release`].
    pub(super) fn index(&mut self) -> String {
        self.first_of(INDICES).unwrap_or_else(|| self.take("i"))
    }

    /// A name for what has no name of its own: the next letter.
    pub(super) fn letter(&mut self) -> String {
        self.first_of(LETTERS).unwrap_or_else(|| self.take("a"))
    }

    fn first_of(&mut self, names: &[&str]) -> Option<String> {
        let free = names.iter().find(|name| !self.taken.contains(**name))?;
        self.is_new(free).then(|| (*free).to_string())
    }

    /// Takes a name unless it is taken.
    fn is_new(&mut self, name: &str) -> bool {
        let new = !self.taken.contains(name);
        if new {
            self.taken.insert(name.to_string());
            self.recent.push(name.to_string());
        }
        new
    }

    pub(super) fn release(&mut self, name: &str) {
        self.taken.remove(name);
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let number = name[stem.len()..].parse().unwrap_or(u64::MAX);
        let wanted = stem.strip_suffix('_').unwrap_or(stem);
        if let Some(least) = self.numbers.get_mut(wanted) {
            *least = number.min(*least);
        }
    }

    /// Takes back a name that was given back.
    pub(super) fn retake(&mut self, name: &str) {
        self.is_new(name);
    }
}

fn ends_with_digit(name: &str) -> bool {
    name.ends_with(|c: char| c.is_ascii_digit())
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

    #[test]
    fn the_least_number_that_is_free_is_taken() {
        let mut names = Names::new();
        let all: Vec<String> = (0..4).map(|_| names.take("i")).collect();
        assert_eq!(all, ["i", "i2", "i3", "i4"]);
        names.release("i4");
        names.release("i3");
        assert_eq!(names.take("i"), "i3");
        assert_eq!(names.take("i"), "i4");
        assert_eq!(names.take("i"), "i5");
        assert_eq!(names.take("x1"), "x1");
        assert_eq!(names.take("x1"), "x1_2");
        assert_eq!(names.take("x1"), "x1_3");
        names.release("x1_2");
        assert_eq!(names.take("x1"), "x1_2");
    }

    #[test]
    fn what_has_ended_hides_nothing() {
        let mut names = Names::new();
        assert_eq!(names.take("u"), "u");
        for _ in 0..2 {
            names.begin();
            assert_eq!(names.take("u"), "u2");
            assert_eq!(names.letter(), "a");
            assert_eq!(names.take("u"), "u3");
            names.end();
        }
        assert_eq!(names.take("u"), "u2");
    }
}
