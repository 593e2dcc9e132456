//! What is true of every input, however strange: functions of bytes that panic if it is not.
//!
//! They are run on inputs that were kept (`cargo test -p lentil-fuzz`), on mutated ones for as long as
//! wanted (`cargo run --release -p lentil-fuzz -- parser --seconds 3600`), or by libFuzzer, whose entry
//! is `libfuzzer_sys::fuzz_target!(|data: &[u8]| lentil_fuzz::parser(data))`.

mod agreement;
mod bare;
mod checker;
pub mod minimise;
pub mod mutate;
mod parser;
pub mod seeds;

pub use agreement::agreement;
pub use checker::checker;
pub use parser::parser;

/// Something that is true of every input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Texts: they parse or are refused, and what parses is printed as what it is.
    Parser,
    /// Programs: they check or are refused, and what checks lowers to well-formed unary form.
    Checker,
    /// Generated programs and their derivatives: whatever runs them gives the same.
    Agreement,
}

impl Target {
    /// All of them.
    pub const ALL: [Target; 3] = [Target::Parser, Target::Checker, Target::Agreement];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Target::Parser => "parser",
            Target::Checker => "checker",
            Target::Agreement => "agreement",
        }
    }

    /// Runs it; panics if the input shows a defect. Whether the input is worth changing further.
    pub fn run(self, data: &[u8]) -> bool {
        match self {
            Target::Parser => parser(data),
            Target::Checker => checker(data),
            Target::Agreement => agreement(data),
        }
    }
}
