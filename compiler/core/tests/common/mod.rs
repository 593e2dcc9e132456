//! What the tests share: programs with the real standard library, their diagnostics, their values.
#![allow(dead_code)] // every test file uses a part

use lentil_core::{Failure, Loader, Lowered, Options, Program};
use lentil_diag::{Diagnostic, Sources};
use lentil_unary::{Array, Carrier, Region};

/// The standard library of this repository, and files given by name.
pub struct Files<'f>(pub &'f [(&'f str, &'f str)]);

impl Loader for Files<'_> {
    fn standard(&self, path: &str) -> Option<String> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../stdlib");
        std::fs::read_to_string(format!("{folder}/{path}.lentil")).ok()
    }

    fn beside(&self, _: &str, path: &[&str]) -> Result<(String, String), String> {
        let name = format!("{}.lentil", path.join("/"));
        match self.0.iter().find(|(n, _)| *n == name) {
            Some((_, text)) => Ok((name, (*text).to_string())),
            None => Err(format!("there is no file `{name}`")),
        }
    }

    fn exports(&self) -> Vec<(String, String)> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../stdlib");
        let mut exports = Vec::new();
        for entry in std::fs::read_dir(folder).expect("the library") {
            let path = entry.expect("a file").path();
            let text = std::fs::read_to_string(&path).expect("a text");
            let module = path.file_stem().expect("a name").to_string_lossy();
            let (file, _) = lentil_grammar::parse(lentil_diag::SourceId::default(), &text);
            let public = file.items.iter().filter(|item| !item.local);
            let names = public.filter_map(lentil_core::module::item_name);
            exports.extend(names.map(|n| (n.text.clone(), module.to_string())));
        }
        exports
    }
}

/// A program that must be right.
pub fn load(text: &str) -> Program {
    let (program, diagnostics) = Program::load("test", text, &Files(&[]));
    let said = told(program.sources(), &diagnostics);
    assert!(said.is_empty(), "{said}\n{text}");
    program
}

/// What is said about a program: `E0310 2:5 "text at the place": title; label`, a line each.
pub fn errors(text: &str) -> String {
    let (program, diagnostics) = Program::load("test", text, &Files(&[]));
    told(program.sources(), &diagnostics)
}

/// Diagnostics, a line each.
pub fn told(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let line = |d: &Diagnostic| {
        let span = d.span();
        let (line, column) = sources.line_column(span.source, span.start);
        let place = sources.text(span);
        let file = match sources.get(span.source).name.as_str() {
            "test" => String::new(),
            name => format!("{name}:"),
        };
        let hint = d.hint.as_ref().map_or(String::new(), |h| format!(" ({h})"));
        let label = d.labels.first().map_or("", |l| l.text.as_str());
        format!(
            "{} {file}{line}:{column} {place:?}: {}; {label}{hint}",
            d.code, d.title
        )
    };
    diagnostics.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Real numbers in f64, so that values can be compared closely.
pub const EXACT: Options = Options { real: Carrier::F64 };

/// An expression's value in a program: all numbers of all its arrays.
pub fn value(program: &str, expr: &str) -> Vec<f64> {
    match try_value(&load(program), expr) {
        Ok(value) => value,
        Err(why) => panic!("{expr}: {why}"),
    }
}

/// The same, or what is wrong.
pub fn try_value(program: &Program, expr: &str) -> Result<Vec<f64>, String> {
    let lowered = program.lower_value(expr, &EXACT).map_err(|f| failed(&f))?;
    let results = run(&lowered.region, &[]).map_err(|t| format!("{t:?}"))?;
    Ok(results.iter().flat_map(Array::to_f64).collect())
}

/// Why an expression cannot be evaluated in a program.
pub fn refused(program: &str, expr: &str) -> String {
    match try_value(&load(program), expr) {
        Ok(value) => panic!("{expr} is {value:?}"),
        Err(why) => why,
    }
}

/// Whether a line of what is said has this code, this place and these words.
#[track_caller]
pub fn said(all: &str, code: &str, place: &str, words: &str) {
    let place = format!(" {place:?}: ");
    let found = all
        .lines()
        .any(|l| l.starts_with(code) && l.contains(&place) && l.contains(words));
    assert!(found, "{code} at{place}with {words:?} is not in\n{all}");
}

/// What a failure says.
pub fn failed(failure: &Failure) -> String {
    let said = told(&failure.sources, &failure.diagnostics);
    assert!(!said.is_empty(), "a failure without a word");
    said
}

/// Resolved and simplified.
pub fn compiled(region: &Region) -> Region {
    let region = lentil_unary::simplify::simplify(region);
    let region = lentil_reverse::resolve(&region);
    lentil_unary::simplify::simplify(&region)
}

/// The results of a program at arguments; checked before and after.
pub fn run(region: &Region, args: &[Array]) -> Result<Vec<Array>, lentil_unary::Trap> {
    lentil_unary::check::check(region).expect("well-typed as lowered");
    let region = compiled(region);
    lentil_unary::check::check(&region).expect("well-typed as compiled");
    lentil_unary::eval::eval(&region, args)
}

/// The unary form of a map or a model.
pub fn lowered(program: &str, expr: &str) -> Lowered {
    match load(program).lower(expr, &EXACT) {
        Ok(lowered) => lowered,
        Err(f) => panic!("{expr}: {}", failed(&f)),
    }
}
