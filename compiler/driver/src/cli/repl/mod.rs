//! `lentil repl`

mod colour;
mod editor;
mod history;

use std::io::{self, BufRead, IsTerminal};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use lentil::session::{Completeness, Said};
use lentil::{Error, Session};
use lentil_runtime::interrupt::Interrupt;

use super::terminal::{complain, say};
use super::{Outcome, Stop, compile};

/// Type definitions and expressions, and see what they are
///
/// Names of FILE are there from the start. `:help` lists the commands of a session; ctrl-C gives up what
/// is being computed, ctrl-D ends the session. Where the input is no terminal, nothing but results goes
/// to the output, and the exit code is 1 if any input was refused.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  lentil repl
  lentil repl iris.lentil
  echo 'grad(tanh)(0.5)' | lentil repl")]
pub struct Args {
    /// A program whose names are known from the start
    file: Option<PathBuf>,
    #[command(flatten)]
    compile: compile::Args,
}

pub fn run(args: &Args) -> Outcome {
    let mut session = Session::new(args.compile.options())?;
    let keyboard = Keyboard::listen()?;
    let loaded = match &args.file {
        Some(file) => Some(session.load(&file.display().to_string())?),
        None => None,
    };
    if io::stdin().is_terminal() && io::stdout().is_terminal() {
        return editor::run(session, &keyboard, loaded.as_deref());
    }
    piped(&mut session, &keyboard)
}

/// Takes inputs line by line, as at a terminal.
fn piped(session: &mut Session, keyboard: &Keyboard) -> Outcome {
    let mut input = String::new();
    let mut good = true;
    let mut lines = io::stdin().lock();
    loop {
        let mut bytes = Vec::new();
        if lines.read_until(b'\n', &mut bytes).map_err(unreadable)? == 0 {
            break;
        }
        let Ok(line) = String::from_utf8(bytes) else {
            complain(&no_text());
            good = false;
            continue;
        };
        let line = line.trim_end_matches(['\n', '\r']);
        let blank = line.trim().is_empty();
        input.push_str(line);
        input.push('\n');
        if !blank && Session::completeness(&input) == Completeness::Incomplete {
            continue;
        }
        let Entered { fine, over } = enter(session, &std::mem::take(&mut input), keyboard)?;
        good &= fine;
        if over {
            break;
        }
    }
    good &= enter(session, &input, keyboard)?.fine;
    if good { Ok(()) } else { Err(Stop::Failed) }
}

fn unreadable(error: io::Error) -> Error {
    let title = format!("the input cannot be read: {error}");
    Error::plain("E0902", title, None)
}

fn no_text() -> Error {
    let title = "this line cannot be read".to_string();
    Error::plain("E0902", title, Some("inputs are text in UTF-8"))
}

/// How an input went.
struct Entered {
    fine: bool,
    over: bool,
}

/// Takes an input and says what there is to say.
fn enter(session: &mut Session, input: &str, keyboard: &Keyboard) -> io::Result<Entered> {
    let answer = session.enter(input, &keyboard.attend());
    keyboard.ignore();
    let fine = !answer.failed();
    for said in answer.said {
        match said {
            Said::Text(text) => say(&text)?,
            Said::Error(error) => complain(&error),
        }
    }
    let over = answer.over;
    Ok(Entered { fine, over })
}

/// Ctrl-C, outside of the line editor.
struct Keyboard {
    /// What it gives up, while something is computed.
    current: Arc<Mutex<Option<Interrupt>>>,
}

impl Keyboard {
    fn listen() -> Result<Keyboard, Error> {
        let current: Arc<Mutex<Option<Interrupt>>> = Arc::default();
        let shared = current.clone();
        let handler = move || {
            let current = shared.lock().unwrap_or_else(PoisonError::into_inner);
            match &*current {
                Some(interrupt) => {
                    interrupt.request();
                }
                // Nothing to give up but the session.
                None => std::process::exit(130),
            }
        };
        ctrlc::set_handler(handler).map_err(|error| {
            Error::plain("E0903", format!("ctrl-C cannot be handled: {error}"), None)
        })?;
        Ok(Keyboard { current })
    }

    /// From here on, ctrl-C raises this flag.
    fn attend(&self) -> Interrupt {
        let interrupt = Interrupt::new();
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(interrupt.clone());
        interrupt
    }

    /// From here on, it ends the session.
    fn ignore(&self) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
