//! What goes out: results to the standard output, the rest to the standard error.

use std::io::{self, IsTerminal, Write};

use lentil::Error;
use lentil::render::{self, Style};

/// Writes a result. Unlike `print!`, it does not panic if nobody listens.
pub fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Writes an error, in colour on a terminal.
pub fn complain(error: &Error) {
    let text = render::all(error.diagnostics(), error.sources(), style());
    // There is no other place to complain.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Writes a line beside the results.
pub fn remark(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Whether the standard error shows colours.
fn style() -> Style {
    match io::stderr().is_terminal() && coloured() {
        true => Style::Colour,
        false => Style::Plain,
    }
}

/// Whether a terminal may show colours.
pub fn coloured() -> bool {
    let asked_not_to = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    !asked_not_to && !dumb
}

/// A panic is a defect of the compiler, whatever the user wrote; it is said so, in one line.
pub fn report_defects() {
    std::panic::set_hook(Box::new(|info| {
        let what = info.payload_as_str().unwrap_or("unknown");
        let place = info
            .location()
            .map(|place| format!(" ({}:{})", place.file(), place.line()));
        let place = place.unwrap_or_default();
        remark(&format!("internal error: {what}{place}"));
        remark(
            "This is a defect of lentil, not of your program. Please report it with the program.",
        );
    }));
}
