//! `:reload`: the files again, and what was typed after them.
//!
//! The language has no effects, so computing everything again in the same order gives the same session,
//! but for what has changed in the files. What an expression gave is computed again only if something
//! typed later speaks of `it`, and at the end.

use lentil_diag::SourceId;
use lentil_grammar::{Input, Reading, parse_input};
use lentil_runtime::interrupt::Interrupt;

use super::{Answer, LAST, Past, Said, Session};
use crate::error::Error;

impl Session {
    pub(super) fn reload(
        &mut self,
        stop: &Interrupt,
        answer: &mut Answer,
    ) -> Result<String, Error> {
        let mut again = Session::new(self.options.clone())?;
        let mut text = String::new();
        let mut failed = Vec::new();
        let past = needed(&self.history);
        let typed = past.iter().filter(|p| matches!(p, Past::Input(_))).count();
        for past in past {
            match past {
                Past::File(path) => text.push_str(&again.load_quietly(&path)?),
                Past::Input(input) => {
                    let mut once = Answer::default();
                    again.input(&input, stop, &mut once)?;
                    // Values have been seen; tests may fail now.
                    let failures = once.said.into_iter();
                    failed.extend(failures.filter(|s| matches!(s, Said::Error(_))));
                }
            }
        }
        again.history = std::mem::take(&mut self.history);
        // Places go on from where they were.
        again.count = self.count;
        *self = again;
        answer.said.extend(failed);
        let plural = if typed == 1 { "input" } else { "inputs" };
        Ok(format!("{text}{typed} {plural} again\n"))
    }
}

/// What has to be done again: an expression alone only if its value is used.
fn needed(history: &[Past]) -> Vec<Past> {
    let mut out = Vec::new();
    let mut used = true;
    for past in history.iter().rev() {
        let keep = match past {
            Past::File(_) => true,
            Past::Input(text) => !is_expression(text) || used,
        };
        if let Past::Input(text) = past {
            if is_expression(text) {
                used = false;
            }
            used |= keep && speaks_of_last(text);
        }
        if keep {
            out.push(past.clone());
        }
    }
    out.reverse();
    out
}

fn is_expression(text: &str) -> bool {
    match parse_input(SourceId::default(), text) {
        Reading::Complete(Input::Statements(lets, Some(_))) => lets.is_empty(),
        Reading::Complete(_) | Reading::Incomplete(_) | Reading::Wrong(_) => false,
    }
}

fn speaks_of_last(text: &str) -> bool {
    let tokens = lentil_grammar::lex::lex(SourceId::default(), text).tokens;
    let is_last = |t: &lentil_grammar::token::Spanned| &text[t.start..t.end] == LAST;
    tokens.iter().any(is_last)
}
