//! Sizes of files, and words and places that do not belong into them.

use lentil_tests::files::{text, tracked};

/// More lines than this need a reason.
const LONG: usize = 600;

/// More lines than this are never one thought.
const TOO_LONG: usize = 1000;

/// The long files, each with its reason.
const REASONS: &[(&str, &str)] = &[];

fn sources(endings: &[&str]) -> Vec<(String, String)> {
    let all = tracked().into_iter();
    all.filter(|p| endings.iter().any(|e| p.ends_with(e)))
        .map(|p| (p.clone(), text(&p)))
        .collect()
}

#[test]
fn a_file_is_one_thought() {
    let mut long = Vec::new();
    for (path, text) in sources(&[".rs", ".lalrpop", ".lentil"]) {
        let lines = text.lines().count();
        assert!(lines <= TOO_LONG, "{path} has {lines} lines");
        if lines > LONG {
            let reason = REASONS.iter().find(|(p, _)| *p == path);
            assert!(reason.is_some(), "{path} has {lines} lines and no reason");
            long.push(path);
        }
    }
    for (path, _) in REASONS {
        assert!(
            long.iter().any(|p| p == path),
            "{path} is not long (any more): take its reason away"
        );
    }
}

/// The lint `unsafe_code` is denied in the workspace, so who needs it must say so.
#[test]
fn only_machine_code_and_memory_are_unsafe() {
    let allowance = ["allow(", "unsafe_code)"].concat();
    let mut allowed = 0;
    for (path, text) in sources(&[".rs"]) {
        if !text.contains(&allowance) {
            continue;
        }
        allowed += 1;
        let fits = path.starts_with("compiler/jit/") || path.starts_with("runtime/");
        assert!(fits, "{path} allows what only jit and runtime may");
    }
    assert!(allowed > 0, "the allowances were not found");
}

#[test]
fn everything_unsafe_says_why_it_is_not() {
    let mut found = 0;
    for (path, text) in sources(&[".rs"]) {
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let opens = |what: &str| code.contains(&["unsafe", what].concat());
            if !(opens(" {") || opens(" impl")) {
                continue;
            }
            found += 1;
            let before = &lines[at.saturating_sub(6)..at];
            assert!(
                before.iter().any(|l| l.contains("SAFETY:")),
                "{path}:{}: no reason is given",
                at + 1
            );
        }
    }
    assert!(found > 0, "the blocks were not found");
}

/// A test that reads the clock fails on a busy machine.
#[test]
fn tests_read_no_clock() {
    let clocks = [["Inst", "ant"].concat(), ["System", "Time"].concat()];
    for (path, text) in sources(&[".rs"]) {
        if path.starts_with("tests/") || path.contains("/tests/") {
            for clock in &clocks {
                assert!(!text.contains(clock.as_str()), "{path} knows {clock}");
            }
        }
    }
}

/// What was only tried out, and what is about some machine and not about the language.
/// Each word is in two parts here, so that this file does not hold it.
const STRANGE: &[[&str; 2]] = &[
    ["/ho", "me/"],
    ["/ro", "ot/"],
    ["/Use", "rs/"],
    ["/wo", "rk/"],
    ["/tm", "p/"],
    ["db", "g!("],
    ["to", "do!("],
    ["unimple", "mented!("],
    ["FIX", "ME"],
    ["work", "tree"],
    ["sub-", "agent"],
    ["sub", "agent"],
    ["crates", ".io"],
    ["py", "pi"],
];

#[test]
fn no_strange_words() {
    let endings = [".rs", ".toml", ".md", ".lentil", ".lalrpop", ".snap", ".sh"];
    let mut strange = Vec::new();
    for (path, text) in sources(&endings) {
        for (number, line) in text.lines().enumerate() {
            let lower = line.to_lowercase();
            for word in STRANGE {
                let word = word.concat();
                let hit = match word.chars().all(|c| c.is_ascii_lowercase() || c == '-') {
                    true => lower.contains(&word),
                    false => line.contains(&word),
                };
                if hit {
                    strange.push(format!("{path}:{}: {word}", number + 1));
                }
            }
        }
    }
    assert!(strange.is_empty(), "{}", strange.join("\n"));
}
