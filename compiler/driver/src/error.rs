//! What the user is told when something cannot be done.

use std::fmt;
use std::sync::Arc;

use lentil_core::Failure;
use lentil_diag::{Diagnostic, Severity, Sources};
use lentil_runtime::RuntimeError;

use crate::render::{self, Style};

/// One or more diagnostics, with the texts that they point into.
///
/// `Display` renders them as the command line does, without colour.
#[derive(Clone, Debug)]
pub struct Error {
    diagnostics: Vec<Diagnostic>,
    sources: Arc<Sources>,
}

impl Error {
    /// Diagnostics about sources.
    pub fn new(diagnostics: Vec<Diagnostic>, sources: Arc<Sources>) -> Error {
        Error {
            diagnostics,
            sources,
        }
    }

    /// A diagnostic that points nowhere.
    pub fn placeless(diagnostic: Diagnostic) -> Error {
        Error::new(vec![diagnostic], Arc::default())
    }

    /// An error that points nowhere, with what to do about it.
    pub fn plain(code: &'static str, title: impl Into<String>, hint: Option<&str>) -> Error {
        let hint = hint.map(str::to_string);
        let (severity, labels) = (Severity::Error, Vec::new());
        Error::placeless(Diagnostic {
            code,
            severity,
            title: title.into(),
            labels,
            hint,
        })
    }

    /// The diagnostics, in the order of their places.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// The texts that they point into.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&render::all(&self.diagnostics, &self.sources, Style::Plain))
    }
}

impl std::error::Error for Error {}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Error {
        Error::new(failure.diagnostics, Arc::new(failure.sources))
    }
}

impl From<RuntimeError> for Error {
    fn from(error: RuntimeError) -> Error {
        Error::placeless(outside(&error))
    }
}

impl From<Vec<RuntimeError>> for Error {
    fn from(errors: Vec<RuntimeError>) -> Error {
        Error::new(errors.iter().map(outside).collect(), Arc::default())
    }
}

/// What went wrong outside the compiler, as a diagnostic without a place in a source.
pub fn outside(error: &RuntimeError) -> Diagnostic {
    Diagnostic {
        code: error.code(),
        severity: Severity::Error,
        title: error.to_string(),
        labels: Vec::new(),
        hint: error.hint(),
    }
}
