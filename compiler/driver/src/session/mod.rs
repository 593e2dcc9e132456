//! Interactive sessions: inputs go in, what there is to say comes out.
//!
//! This is the read-eval-print loop without its terminal, so that it can be embedded and tested:
//!
//! ```
//! let mut session = lentil::Session::new(lentil::Options::default())?;
//! let mut say = |input: &str| session.enter(input, &Default::default()).text();
//! assert_eq!(say("fn square(x: Real) -> Real = x * x"), "fn square(x: Real) -> Real\n");
//! assert_eq!(say("grad(square)([1.5, 2][1])"), "4.0 : Real\n");
//! assert_eq!(say("it / 2"), "2.0 : Real\n");
//! # Ok::<(), lentil::Error>(())
//! ```

mod commands;
mod complete;
mod compute;
mod describe;
mod docs;
mod reload;
mod settings;
pub(crate) mod show;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use lentil_core::module::DefId;
use lentil_core::session::{Binding, Defined, Described, Entry, Evaluated, Named};
use lentil_core::{Failure, ItemClass, ItemInfo};
use lentil_diag::Sources;
use lentil_grammar::ast::{Expr, Item, Statement};
use lentil_grammar::{Reading, first_input, parse_input};
use lentil_runtime::interrupt::Interrupt;
use lentil_unary::value::Array;

use crate::error::Error;
use crate::loader::Files;
use crate::pipeline::Options;
use crate::value::Value;
use crate::worker::Worker;

pub use commands::{COMMANDS, Command};
pub use complete::Completion;

/// The name to which the value of an expression is bound.
pub const LAST: &str = "it";

/// A session.
pub struct Session {
    worker: Worker<RefCell<lentil_core::Session>>,
    options: Options,
    /// The leaves of what was computed.
    values: BTreeMap<DefId, Vec<Array>>,
    /// What it takes to come here again: see `:reload`.
    history: Vec<Past>,
    /// How many inputs there were.
    count: usize,
}

/// What bound names.
#[derive(Clone)]
enum Past {
    /// A file that was loaded.
    File(String),
    /// An input, as it was typed.
    Input(String),
}

/// What there is to say to an input.
#[derive(Debug, Default)]
pub struct Answer {
    /// In order.
    pub said: Vec<Said>,
    /// Whether the session is over.
    pub over: bool,
}

/// A part of an answer.
#[derive(Debug)]
pub enum Said {
    /// A result; it ends with a line end.
    Text(String),
    /// What is wrong.
    Error(Error),
}

/// Whether a text is an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// It is.
    Complete,
    /// Something is missing at its end.
    Incomplete,
}

impl Session {
    /// A session in which nothing is bound.
    ///
    /// # Errors
    /// If the compiler cannot have a thread.
    pub fn new(options: Options) -> Result<Session, Error> {
        let (worker, ()) = Worker::start(|| (RefCell::default(), ())).map_err(|error| {
            let title = format!("the compiler cannot have a thread: {error}");
            Error::plain("E0903", title, None)
        })?;
        Ok(Session {
            worker,
            options,
            values: BTreeMap::new(),
            history: Vec::new(),
            count: 0,
        })
    }

    /// How programs are compiled.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Whether a text is an input, or only its beginning. Commands are one line.
    pub fn completeness(text: &str) -> Completeness {
        if text.trim_start().starts_with(':') {
            return Completeness::Complete;
        }
        match parse_input(lentil_diag::SourceId::default(), text) {
            Reading::Complete(_) | Reading::Wrong(_) => Completeness::Complete,
            Reading::Incomplete(_) => Completeness::Incomplete,
        }
    }

    /// Cuts a text of several lines into inputs; the last one may be incomplete.
    pub fn inputs(text: &str) -> Vec<&str> {
        let mut out = Vec::new();
        let mut rest = text;
        while !rest.trim().is_empty() {
            let line = rest.find('\n').map_or(rest.len(), |at| at + 1);
            let end = match rest.trim_start().starts_with(':') {
                true => rest.len() - rest.trim_start().len() + line_end(rest.trim_start()),
                false => first_input(rest).unwrap_or(rest.len()).max(line),
            };
            out.push(&rest[..end]);
            rest = &rest[end..];
        }
        out
    }

    /// Takes an input: definitions, `let`s, an expression, or a command. An error changes nothing.
    /// When the flag is raised, what is being computed is given up.
    pub fn enter(&mut self, text: &str, stop: &Interrupt) -> Answer {
        let mut answer = Answer::default();
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return answer;
        }
        let outcome = match trimmed.strip_prefix(':') {
            Some(command) => self.command(command, stop, &mut answer),
            None => self.input(text, stop, &mut answer),
        };
        if let Err(error) = outcome {
            answer.said.push(Said::Error(error));
        }
        answer
    }

    fn input(&mut self, text: &str, stop: &Interrupt, answer: &mut Answer) -> Result<(), Error> {
        let name = self.source_name();
        let source = text.to_string();
        let entry = self.ask(move |core, _| core.enter(&name, &source, &Files))?;
        match entry {
            Entry::Nothing => Ok(()),
            Entry::Defined(defined, tests, laws) => {
                self.history.push(Past::Input(text.to_string()));
                for d in &defined {
                    answer.say(self.announced(d));
                }
                for test in tests {
                    self.test(test, stop, answer)?;
                }
                for title in laws {
                    answer.say(format!(
                        "// the law {title:?} is checked for its types; `lentil test` tries the laws of a file\n"
                    ));
                }
                Ok(())
            }
            Entry::Statements(lets, last) => {
                let mark = self.look(|core| core.mark());
                let held = self.values.len();
                let outcome = self.statements(text, &lets, last.as_ref(), stop, answer);
                if outcome.is_err() {
                    self.look(move |core| core.go_back(mark));
                    // Later definitions have later numbers.
                    while self.values.len() > held {
                        self.values.pop_last();
                    }
                }
                outcome
            }
        }
    }

    fn statements(
        &mut self,
        text: &str,
        lets: &[Statement],
        last: Option<&Expr>,
        stop: &Interrupt,
        answer: &mut Answer,
    ) -> Result<(), Error> {
        let mut out = Answer::default();
        for statement in lets {
            let Statement::Let(pattern, expr) = statement else {
                return Err(self.not_in_a_session(statement));
            };
            let (pattern, expr) = (pattern.clone(), expr.clone());
            let (program, binding) =
                self.ask(move |core, options| core.bind_later(&pattern, &expr, options))?;
            let parts = match program {
                Some(program) => self.compute(program, stop)?,
                None => Value::Tuple(Vec::new()),
            };
            self.bind(binding, parts, &mut out);
        }
        if let Some(expr) = last {
            let expr = expr.clone();
            match self.ask(move |core, options| core.evaluate(&expr, LAST, options))? {
                Evaluated::Value(program, binding) => {
                    let value = self.compute(program, stop)?;
                    let ty = binding.named.first().map(|n| n.is.clone());
                    if let Some(Ok(ty)) = ty {
                        out.say(show::value(&value, &ty.to_string()));
                    }
                    self.bind(binding, value, &mut Answer::default());
                }
                Evaluated::Described(described) => out.say(describe::described(&described)),
            }
        }
        self.history.push(Past::Input(text.to_string()));
        answer.said.extend(out.said);
        Ok(())
    }

    /// Runs a test, as soon as it is typed.
    fn test(&mut self, test: DefId, stop: &Interrupt, answer: &mut Answer) -> Result<(), Error> {
        let (title, program) = self.ask(move |core, options| core.lower_test(test, options))?;
        let holds = self.holds(program, stop)?;
        match holds {
            true => answer.say(format!("ok {title}\n")),
            false => {
                let title = format!("the test {title:?} fails");
                answer
                    .said
                    .push(Said::Error(Error::plain("E0924", title, None)));
            }
        }
        Ok(())
    }

    /// Binds names to the parts of a value, and says so.
    fn bind(&mut self, binding: Binding, value: Value, out: &mut Answer) {
        let named = binding.named.clone();
        let computed = named.iter().filter(|n| n.is.is_ok()).count();
        let mut parts = match value {
            Value::Tuple(parts) if computed != 1 => parts,
            one => vec![one],
        }
        .into_iter();
        let bound = self.look(move |core| core.bind(binding));
        for ((def, defined), Named { name, is }) in bound.into_iter().zip(named) {
            match is {
                Ok(ty) => {
                    let Some(part) = parts.next() else { continue };
                    out.say(show::bound(&name, &part, &ty.to_string()));
                    self.values.insert(def, part.into_leaves());
                }
                Err(described) => out.say(describe::abbreviation(&name, &described)),
            }
            out.say(kept(&defined));
        }
    }

    /// A name in the list of names.
    fn line_of(&self, name: &str, info: &ItemInfo) -> String {
        match (info.class, self.item(name)) {
            (ItemClass::Let, _) => {
                let owned = name.to_string();
                match self.ask(move |core, _| core.describe_name(&owned)) {
                    Ok(Described::Value(ty)) => format!("{name} : {ty}\n"),
                    Ok(other) => describe::abbreviation(name, &other),
                    Err(_) => format!("{name}\n"),
                }
            }
            (_, Some(item)) => describe::headline(&item),
            (_, None) => format!("{name}\n"),
        }
    }

    /// A line on what a definition binds.
    fn announced(&self, d: &Defined) -> String {
        let mut text = match self.item(&d.info.name) {
            Some(item) => describe::headline(&item),
            None => String::new(),
        };
        text.push_str(&kept(d));
        text
    }

    fn not_in_a_session(&self, statement: &Statement) -> Error {
        let (word, span) = match statement {
            Statement::Let(_, e) => ("let", e.span),
            Statement::Use(_, e) => ("use", e.span),
            Statement::State(_, e) => ("state", e.span),
        };
        let title = format!("`{word}` stands at the top of a model's body only");
        let d = lentil_diag::Diagnostic::error("E0401", title, span, "not a model's own body");
        Error::new(vec![d], self.sources())
    }

    /// What the next source is called.
    fn source_name(&mut self) -> String {
        self.count += 1;
        format!("repl:{}", self.count)
    }

    fn sources(&self) -> Arc<Sources> {
        Arc::new(self.look(|core| core.sources().clone()))
    }

    fn item(&self, name: &str) -> Option<Item> {
        let name = name.to_string();
        self.look(move |core| core.item(&name).cloned())
    }

    fn names(&self) -> Vec<(String, ItemInfo)> {
        self.look(|core| core.names())
    }

    /// Asks the compiler for something that it may refuse.
    fn ask<R: Send + 'static>(
        &self,
        job: impl FnOnce(&mut lentil_core::Session, &lentil_core::Options) -> Result<R, Failure>
        + Send
        + 'static,
    ) -> Result<R, Error> {
        let options = lentil_core::Options {
            real: self.options.real,
        };
        Ok(self.look(move |core| job(core, &options))?)
    }

    /// Asks the compiler.
    fn look<R: Send + 'static>(
        &self,
        job: impl FnOnce(&mut lentil_core::Session) -> R + Send + 'static,
    ) -> R {
        self.worker.ask(move |core| job(&mut core.borrow_mut()))
    }
}

impl Answer {
    /// What it says, errors as they are shown without colour.
    pub fn text(&self) -> String {
        let text = |said: &Said| match said {
            Said::Text(text) => text.clone(),
            Said::Error(error) => error.to_string(),
        };
        self.said.iter().map(text).collect()
    }

    /// Whether something went wrong.
    pub fn failed(&self) -> bool {
        self.said.iter().any(|s| matches!(s, Said::Error(_)))
    }

    fn text_of(text: String) -> Option<Said> {
        (!text.is_empty()).then_some(Said::Text(text))
    }

    fn say(&mut self, text: String) {
        self.said.extend(Answer::text_of(text));
    }
}

/// What a name's new meaning does not change.
fn kept(defined: &Defined) -> String {
    match &defined.kept_by[..] {
        [] => String::new(),
        names => format!(
            "// `{}` is new; {} {} on with the one before\n",
            defined.info.name,
            listed(names),
            if names.len() == 1 { "goes" } else { "go" },
        ),
    }
}

fn listed(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    match &quoted[..] {
        [init @ .., last] if !init.is_empty() => format!("{} and {last}", init.join(", ")),
        _ => quoted.join(""),
    }
}

/// One past the end of the first line.
fn line_end(text: &str) -> usize {
    text.find('\n').map_or(text.len(), |at| at + 1)
}
