//! Which crate may know which. Cargo forbids cycles; this forbids short cuts.

use std::collections::BTreeMap;

use lentil_tests::files::{text, tracked};

/// For each crate, the crates of this repository that it may use.
const EDGES: &[(&str, &[&str])] = &[
    ("lentil-linalg", &[]),
    ("lentil-unary", &["lentil-linalg"]),
    ("lentil-diag", &[]),
    ("lentil-grammar", &["lentil-diag"]),
    (
        "lentil-core",
        &["lentil-diag", "lentil-grammar", "lentil-unary"],
    ),
    ("lentil-reverse", &["lentil-unary"]),
    ("lentil-optimise", &["lentil-unary"]),
    ("lentil-loops", &["lentil-unary"]),
    ("lentil-runtime", &["lentil-unary"]),
    (
        "lentil-jit",
        &["lentil-loops", "lentil-runtime", "lentil-unary"],
    ),
    ("lentil-circuit", &["lentil-loops", "lentil-unary"]),
    ("lentil-export", &["lentil-unary"]),
];

/// These see everything.
const ABOVE: &[&str] = &[
    "lentil",
    "lentil-examples",
    "lentil-tests",
    "lentil-benches",
    "lentil-fuzz",
];

/// What only some crates may know of the outside world.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("egg", &["lentil-optimise", "lentil-circuit"]),
    ("cranelift", &["lentil-jit"]),
    ("ariadne", &["lentil"]),
    ("clap", &["lentil"]),
    ("indicatif", &["lentil"]),
    ("ctrlc", &["lentil"]),
    ("rustyline", &["lentil"]),
    ("csv", &["lentil-runtime", "lentil"]),
    ("safetensors", &["lentil-runtime", "lentil"]),
    ("gemm", &["lentil-runtime"]),
    ("faer", &["lentil-linalg"]),
    ("lalrpop", &["lentil-grammar"]),
    ("logos", &["lentil-grammar"]),
];

/// A manifest: the crate's name, and what it depends on.
struct Manifest {
    path: String,
    name: String,
    dependencies: Vec<String>,
    /// What only its tests use.
    for_tests: Vec<String>,
    text: String,
}

fn manifests() -> Vec<Manifest> {
    let paths = tracked().into_iter();
    let paths = paths.filter(|p| p.ends_with("/Cargo.toml"));
    paths.map(read).collect()
}

fn read(path: String) -> Manifest {
    let text = text(&path);
    let mut section = "";
    let mut name = String::new();
    let mut dependencies = Vec::new();
    let mut for_tests = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        if let Some(head) = line.strip_prefix('[') {
            section = head.trim_end_matches(']');
        } else if let Some((key, value)) = line.split_once('=') {
            let key = key.trim().split('.').next().unwrap_or_default();
            if section == "package" && key == "name" {
                name = value.trim().trim_matches('"').to_string();
            } else if section == "dev-dependencies" {
                for_tests.push(key.to_string());
            } else if section.ends_with("dependencies") {
                dependencies.push(key.to_string());
            }
        }
    }
    Manifest {
        path,
        name,
        dependencies,
        for_tests,
        text,
    }
}

#[test]
fn crates_use_only_what_stands_below_them() {
    let edges: BTreeMap<&str, &[&str]> = EDGES.iter().copied().collect();
    for m in manifests() {
        if ABOVE.contains(&m.name.as_str()) {
            continue;
        }
        let Some(allowed) = edges.get(m.name.as_str()) else {
            panic!(
                "{} has no place in the house: say which crates it may use",
                m.path
            );
        };
        for used in m.dependencies.iter().filter(|d| d.starts_with("lentil")) {
            assert!(
                allowed.contains(&used.as_str()),
                "{} must not use {used}",
                m.name
            );
        }
        // A crate's tests may meet what stands beside it, but nothing that stands above everything.
        for used in &m.for_tests {
            assert!(
                !ABOVE.contains(&used.as_str()),
                "{} must not test with {used}",
                m.name
            );
        }
    }
}

#[test]
fn the_outside_world_is_known_where_it_is_needed() {
    for m in manifests() {
        for (outside, knowing) in OUTSIDE {
            let of = |d: &&String| *d == outside || d.starts_with(&format!("{outside}-"));
            if let Some(used) = m.dependencies.iter().chain(&m.for_tests).find(of) {
                assert!(
                    knowing.contains(&m.name.as_str()),
                    "{} must not use {used}",
                    m.name
                );
            }
        }
    }
}

#[test]
fn every_crate_is_seen() {
    let seen: Vec<String> = manifests().into_iter().map(|m| m.name).collect();
    for needed in ["lentil", "lentil-tests", "lentil-core", "lentil-jit"] {
        assert!(seen.iter().any(|n| n == needed), "{needed} in {seen:?}");
    }
    let members = text("Cargo.toml");
    let members = members.lines().filter(|l| l.starts_with("    \"")).count();
    assert_eq!(
        seen.len(),
        members,
        "the members of the workspace: {seen:?}"
    );
}

#[test]
fn every_crate_keeps_the_lints_of_the_workspace() {
    for m in manifests() {
        assert!(
            m.text.contains("[lints]\nworkspace = true"),
            "{} has lints of its own",
            m.path
        );
    }
}
