//! Text to syntax tree and back.

pub mod ast;
pub mod lex;
pub mod token;

mod action;
mod brackets;
mod error;
mod habit;
mod input;
mod layout;
mod parse;
mod placeholder;
mod print;
mod repair;

lalrpop_util::lalrpop_mod!(
    #[allow(clippy::all, clippy::pedantic, missing_docs, unused_qualifications)]
    #[rustfmt::skip]
    grammar
);

pub use brackets::{MAX_BRACKETS, MAX_DEPTH};
pub use input::{Input, Reading, first_input, parse_input};
pub use parse::{parse, parse_expr};
pub use print::{expr_to_string, format, item_to_string};
