//! Programs of the language, loaded and lowered.

use lentil_core::{Failure, Learner, Loader, Lowered, Options, Program};
use lentil_diag::{Diagnostic, Sources};
use lentil_unary::Carrier;

use crate::files;

/// Imports from the standard library of this repository.
#[derive(Clone, Copy, Debug)]
pub struct Standard;

impl Loader for Standard {
    fn standard(&self, path: &str) -> Option<String> {
        let path = files::root().join(format!("stdlib/{path}.lentil"));
        std::fs::read_to_string(path).ok()
    }

    fn beside(&self, _: &str, _: &[&str]) -> Result<(String, String), String> {
        Err("this text is in no file".to_string())
    }

    fn exports(&self) -> Vec<(String, String)> {
        Vec::new()
    }
}

/// `Real` in double precision.
pub const DOUBLE: Options = Options { real: Carrier::F64 };

/// A program without errors.
///
/// # Panics
/// If it has any.
pub fn load(text: &str) -> Program {
    let (program, diagnostics) = Program::load("test.lentil", text, &Standard);
    assert!(
        diagnostics.is_empty(),
        "{}\n{text}",
        brief(&diagnostics, program.sources())
    );
    program
}

/// A map or a model that an expression names, over double precision.
///
/// # Panics
/// If it cannot be lowered.
pub fn lower(program: &Program, expression: &str) -> Lowered {
    must(expression, program.lower(expression, &DOUBLE))
}

/// Its reverse derivative.
///
/// # Panics
/// If it cannot be lowered.
pub fn lower_reverse(program: &Program, expression: &str) -> Lowered {
    must(expression, program.lower_reverse(expression, &DOUBLE))
}

/// The only learner of a program.
///
/// # Panics
/// If there is none, or more.
pub fn learner<'p>(program: &'p Program, options: &Options) -> Learner<'p> {
    must("the learner", program.learner(None, options))
}

/// What was lowered.
///
/// # Panics
/// If it was refused.
pub fn must<T>(what: &str, lowered: Result<T, Failure>) -> T {
    lowered.unwrap_or_else(|failure| {
        let why = brief(&failure.diagnostics, &failure.sources);
        panic!("{what} is refused:\n{why}")
    })
}

/// Diagnostics, a line each.
pub fn brief(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let line = |d: &Diagnostic| {
        let (line, column) = sources.line_column(d.span().source, d.span().start);
        let name = &sources.get(d.span().source).name;
        let labels: Vec<&str> = d.labels.iter().map(|l| l.text.as_str()).collect();
        let labels = labels.join("; ");
        format!("{name}:{line}:{column}: {}: {} ({labels})", d.code, d.title)
    };
    let lines: Vec<String> = diagnostics.iter().map(line).collect();
    lines.join("\n")
}
