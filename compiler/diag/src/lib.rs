//! Places in sources and diagnostics as data. Rendering is the driver's.

pub mod codes;
pub mod diagnostic;
pub mod source;

pub use diagnostic::{Diagnostic, Label, Severity};
pub use source::{Source, SourceId, Sources, Span};
