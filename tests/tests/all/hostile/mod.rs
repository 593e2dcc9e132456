//! What nobody writes by accident: it works or it is refused, and the compiler comes to an end with little
//! memory. A test that fails here may never end.

mod derivatives;
mod doubling;
mod long;
mod nesting;
mod numbers;
mod sizes;
mod texts;

use lentil::{Error, Program};

/// The first code of an error. It can be told, whatever it is about.
fn code(error: &Error) -> &'static str {
    assert!(!error.to_string().is_empty());
    error.diagnostics()[0].code
}

/// The code of what is wrong with a program.
fn refused(source: &str) -> &'static str {
    match Program::from_source(source) {
        Ok(_) => "nothing",
        Err(error) => code(&error),
    }
}

/// The value of an expression as it is printed, or the code of what is wrong with it.
fn value(source: &str, expression: &str) -> String {
    let program = match Program::from_source(source) {
        Ok(program) => program,
        Err(error) => panic!("{error}"),
    };
    match program.evaluate(expression) {
        Ok(value) => value.to_string(),
        Err(error) => code(&error).to_string(),
    }
}

/// Lines that are made of their numbers, from one on.
fn lines(n: usize, line: impl Fn(usize) -> String) -> String {
    (1..=n).map(|k| line(k) + "\n").collect()
}
