//! A session at a terminal: a line editor with completion, history and colours.

use std::borrow::Cow;
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use lentil::Session;
use lentil::session::Completeness;
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Editor, Helper};

use super::{Keyboard, Outcome, colour, enter, history};
use crate::cli::terminal::{coloured, remark, say};

const PROMPT: &str = "> ";

/// Runs a session until it ends.
pub fn run(session: Session, keyboard: &Keyboard, loaded: Option<&str>) -> Outcome {
    say(&format!(
        "Lentil {}. `:help` lists the commands, ctrl-D ends the session.\n{}",
        env!("CARGO_PKG_VERSION"),
        loaded.unwrap_or_default(),
    ))?;
    let session = Rc::new(RefCell::new(session));
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .bracketed_paste(true)
        .build();
    let mut editor: Editor<Assistant, DefaultHistory> =
        Editor::with_config(config).map_err(terminal)?;
    editor.set_helper(Some(Assistant {
        session: session.clone(),
    }));
    let history = history::file();
    if let Some(file) = &history {
        // There is none before the first session.
        let _ = editor.load_history(file);
    }
    let prompt = (PROMPT, format!("\x1b[1;32m{PROMPT}\x1b[0m"));
    loop {
        let text = match editor.readline(&prompt) {
            Ok(text) => text,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => return Ok(()),
            Err(error) => return Err(terminal(error)),
        };
        remember(&mut editor, &text, history.as_ref());
        for input in Session::inputs(&text) {
            let went = enter(&mut session.borrow_mut(), input, keyboard)?;
            if went.over {
                return Ok(());
            }
            // What follows in a pasted text likely depends on it.
            if !went.fine && input.len() < text.trim_end().len() {
                remark("the rest of this text is left out");
                break;
            }
        }
    }
}

fn remember(editor: &mut Editor<Assistant, DefaultHistory>, text: &str, file: Option<&PathBuf>) {
    let text = text.trim_end();
    if text.is_empty() {
        return;
    }
    // A history that cannot be written is no reason to stop.
    let _ = editor.add_history_entry(text);
    if let Some(file) = file {
        let _ = editor.append_history(file);
    }
}

fn terminal(error: ReadlineError) -> super::Stop {
    super::Stop::Output(std::io::Error::other(error))
}

/// What helps at the prompt.
struct Assistant {
    session: Rc<RefCell<Session>>,
}

impl Helper for Assistant {}

impl Hinter for Assistant {
    type Hint = String;
}

impl Completer for Assistant {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        cursor: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        let found = self.session.borrow().complete(line, cursor);
        Ok((found.start, found.words))
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, cursor: usize) -> Cow<'l, str> {
        match coloured() {
            true => Cow::Owned(colour::line(line, cursor)),
            false => Cow::Borrowed(line),
        }
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        kind != CmdKind::MoveCursor || coloured()
    }
}

impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let text = context.input();
        let given_up = text
            .rsplit_once('\n')
            .is_some_and(|(_, last)| last.trim().is_empty());
        let open = Session::inputs(text)
            .last()
            .is_some_and(|last| Session::completeness(last) == Completeness::Incomplete);
        Ok(match open && !given_up {
            true => ValidationResult::Incomplete,
            false => ValidationResult::Valid(None),
        })
    }
}
