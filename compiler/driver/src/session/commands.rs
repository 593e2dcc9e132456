//! The commands of a session: a line that begins with `:`.

use std::path::Path;

use lentil_core::session::{Described, Evaluated};
use lentil_grammar::ast::Expr;
use lentil_runtime::interrupt::Interrupt;

use super::{Answer, LAST, Past, Session, describe, docs, settings, show};
use crate::error::Error;
use crate::pipeline::{resolved, stages};
use crate::stage::Stage;
use crate::surface;

/// A command.
pub struct Command {
    /// Its name, without the colon.
    pub name: &'static str,
    /// What it takes.
    pub args: &'static str,
    /// What it does, in a line.
    pub doc: &'static str,
    /// What else there is to say, a line each.
    pub more: &'static [&'static str],
    run: Run,
}

type Run = fn(&mut Session, Args<'_>) -> Result<String, Error>;

/// What a command is given.
struct Args<'a> {
    text: &'a str,
    stop: &'a Interrupt,
    answer: &'a mut Answer,
}

/// All commands.
pub const COMMANDS: &[Command] = &[
    Command {
        name: "help",
        args: "[COMMAND]",
        doc: "the commands, or one of them at length",
        more: &[],
        run: |_, args| help(args.text),
    },
    Command {
        name: "type",
        args: "E",
        doc: "the type of an expression; nothing is computed",
        more: &["Of a map: its inputs and its result. Of a model: its parameters by path, too."],
        run: |session, args| session.type_of(args.text),
    },
    Command {
        name: "grad",
        args: "F",
        doc: "the reverse derivative of a map, in the language",
        more: &["F is any expression that is a map: `relu`, `dense[4, 16]`, `f >> g`."],
        run: |session, args| session.gradient_of(args.text),
    },
    Command {
        name: "emit",
        args: "STAGE F",
        doc: "a map in one of its forms on the way to machine code",
        more: &[
            "The stages are core, unary, reverse, batched, optimised, loops, clif, asm and netlist.",
        ],
        run: |session, args| session.emit(args.text),
    },
    Command {
        name: "doc",
        args: "NAME",
        doc: "what a name is: yours, a builtin, a module or an item of the library",
        more: &[
            "Items of the library need not be imported: `:doc dense`, `:doc nn.dense`, `:doc nn`.",
        ],
        run: |session, args| docs::doc(session, args.text),
    },
    Command {
        name: "time",
        args: "E",
        doc: "the value of an expression, and how long compiling and running take",
        more: &["The value is bound to `it`, as if the expression had been typed."],
        run: |session, args| session.time(args.text, args.stop),
    },
    Command {
        name: "params",
        args: "MODEL",
        doc: "the parameters of a model by path, and how many numbers they are",
        more: &[],
        run: |session, args| session.params(args.text),
    },
    Command {
        name: "names",
        args: "",
        doc: "what is defined and imported here",
        more: &[],
        run: |session, _| Ok(session.list()),
    },
    Command {
        name: "load",
        args: "FILE",
        doc: "bind all names of a file, its imports and local names too",
        more: &["Names that have a meaning already get a new one."],
        run: |session, args| session.load(args.text),
    },
    Command {
        name: "reload",
        args: "",
        doc: "read the loaded files again, and compute again what was typed after them",
        more: &["If anything fails the session stays as it was."],
        run: |session, args| session.reload(args.stop, args.answer),
    },
    Command {
        name: "set",
        args: "[NAME [VALUE]]",
        doc: "how programs are compiled: real, exact, vectorise, rewrite, evaluator, verify",
        more: &["Without a value it shows the setting; without a name, all of them."],
        run: |session, args| session.set(args.text),
    },
    Command {
        name: "explain",
        args: "CODE",
        doc: "an error code at length",
        more: &[],
        run: |_, args| docs::explain(args.text),
    },
    Command {
        name: "quit",
        args: "",
        doc: "end the session; ctrl-D does it too",
        more: &[],
        run: |_, args| {
            args.answer.over = true;
            Ok(String::new())
        },
    },
];

impl Session {
    /// Runs a command, given without its colon.
    pub(super) fn command(
        &mut self,
        line: &str,
        stop: &Interrupt,
        answer: &mut Answer,
    ) -> Result<(), Error> {
        let (name, text) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let command = find(name)?;
        let text = text.trim();
        if text.is_empty() && !command.args.is_empty() && !command.args.starts_with('[') {
            let title = format!("`:{}` needs {}", command.name, command.args);
            let hint = format!("`:help {}` says more", command.name);
            return Err(Error::plain("E0921", title, Some(&hint)));
        }
        if !text.is_empty() && command.args.is_empty() {
            let title = format!("`:{}` stands alone", command.name);
            return Err(Error::plain("E0921", title, None));
        }
        let args = Args { text, stop, answer };
        let said = (command.run)(self, args)?;
        answer.say(said);
        Ok(())
    }

    fn parsed(&mut self, text: &str) -> Result<Expr, Error> {
        let (name, text) = (self.source_name(), text.to_string());
        self.ask(move |core, _| core.expression(&name, &text))
    }

    fn type_of(&mut self, text: &str) -> Result<String, Error> {
        let expr = self.parsed(text)?;
        let described = self.ask(move |core, _| core.describe(&expr))?;
        Ok(describe::described(&described))
    }

    fn params(&mut self, text: &str) -> Result<String, Error> {
        let expr = self.parsed(text)?;
        let model = self.ask(move |core, _| core.describe_as_map(&expr))?;
        Ok(match model {
            Described::Map { params, .. } => describe::params(&params, self.options.real),
            Described::Value(_)
            | Described::Definition(_)
            | Described::Builtin(_)
            | Described::Words(_) => describe::described(&model),
        })
    }

    fn gradient_of(&mut self, text: &str) -> Result<String, Error> {
        let expr = self.parsed(text)?;
        let owned = text.to_string();
        let program = self.ask(move |core, options| core.lower_reverse(&expr, &owned, options))?;
        let draft = self.draft(program.lowered)?;
        let (region, options) = (draft.region, self.options.clone());
        let resolved = self.worker.ask(move |_| resolved(&region, &options));
        let [.., region] = resolved;
        surface::derivative(text, &draft.inputs, &region)
    }

    fn emit(&mut self, text: &str) -> Result<String, Error> {
        let (stage, text) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let refused = |title: String| {
            let hint = format!("the stages are {}", Stage::names().join(", "));
            Error::plain("E0921", title, Some(&hint))
        };
        let stage =
            Stage::named(stage).ok_or_else(|| refused(format!("there is no stage `{stage}`")))?;
        if text.trim().is_empty() {
            return Err(refused("`:emit` needs STAGE F".to_string()));
        }
        let expr = self.parsed(text.trim())?;
        let program = self.ask(move |core, options| core.lower_map(&expr, options))?;
        let draft = self.draft(program.lowered)?;
        let (region, options) = (draft.region, self.options.clone());
        let text = self
            .worker
            .ask(move |_| stage.text(&stages(region, &options), &options))?;
        Ok(text.trim_end().to_string() + "\n")
    }

    fn time(&mut self, text: &str, stop: &Interrupt) -> Result<String, Error> {
        let expr = self.parsed(text)?;
        match self.ask(move |core, options| core.evaluate(&expr, LAST, options))? {
            Evaluated::Value(program, binding) => {
                let (value, times) = self.compute_timed(program, stop)?;
                let shown = match binding.named.first().map(|n| &n.is) {
                    Some(Ok(ty)) => show::value(&value, &ty.to_string()),
                    _ => String::new(),
                };
                self.history.push(Past::Input(text.to_string()));
                self.bind(binding, value, &mut Answer::default());
                let (compiling, running) = (times.compiling, times.running);
                Ok(format!(
                    "{shown}// compiled in {compiling:.1?}, ran in {running:.1?}\n"
                ))
            }
            Evaluated::Described(described) => Ok(describe::described(&described)),
        }
    }

    fn list(&self) -> String {
        let mut text = String::new();
        for (name, info) in self.names() {
            text.push_str(&self.line_of(&name, &info));
        }
        text
    }

    fn set(&mut self, text: &str) -> Result<String, Error> {
        if text.is_empty() {
            return Ok(settings::list(&self.options));
        }
        let (name, value) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        settings::set(&mut self.options, name, value.trim())
    }

    /// Binds all names of a file.
    ///
    /// # Errors
    /// If it cannot be read, or what is wrong with it; then nothing is bound.
    pub fn load(&mut self, path: &str) -> Result<String, Error> {
        let bound = self.load_quietly(path)?;
        self.history.push(Past::File(path.to_string()));
        Ok(bound)
    }

    pub(super) fn load_quietly(&mut self, path: &str) -> Result<String, Error> {
        let text = crate::loader::source(Path::new(path))?;
        let name = path.to_string();
        let defined = self.ask(move |core, _| core.load(&name, &text, &crate::loader::Files))?;
        let own = defined.iter().filter(|d| d.own).count();
        let kept: String = defined.iter().map(super::kept).collect();
        let plural = if own == 1 {
            "definition"
        } else {
            "definitions"
        };
        Ok(format!("{own} {plural} from `{path}`\n{kept}"))
    }
}

fn find(name: &str) -> Result<&'static Command, Error> {
    if let Some(exact) = COMMANDS.iter().find(|c| c.name == name) {
        return Ok(exact);
    }
    // The first one counts, as in `:t` for `:type`.
    let mut begun = COMMANDS.iter().filter(|c| c.name.starts_with(name));
    if let Some(command) = begun.next().filter(|_| !name.is_empty()) {
        return Ok(command);
    }
    let title = format!("there is no command `:{name}`");
    Err(Error::plain(
        "E0921",
        title,
        Some("`:help` lists the commands"),
    ))
}

fn help(name: &str) -> Result<String, Error> {
    let usage = |c: &Command| format!(":{} {}", c.name, c.args);
    if !name.is_empty() {
        let command = find(name.trim_start_matches(':'))?;
        let mut text = format!("{}\n  {}\n", usage(command).trim_end(), command.doc);
        for line in command.more {
            text.push_str(&format!("  {line}\n"));
        }
        return Ok(text);
    }
    let width = COMMANDS.iter().map(|c| usage(c).len()).max().unwrap_or(0);
    let mut text = String::from(
        "Type a definition, `let x = …`, an import or an expression; `it` is the last value.\n\
         What is unfinished goes on in the next line; an empty line gives it up.\n\n",
    );
    for c in COMMANDS {
        text.push_str(&format!("{:<width$}  {}\n", usage(c), c.doc));
    }
    text.push_str("\nA command may be shortened: `:t relu`.\n");
    Ok(text)
}
