//! A checked program, and what can be made of it.

mod claim;
mod law;
mod learner;
pub(crate) mod lower;

pub use claim::{Claim, Explained};
pub use law::{Arguments, Choice, Law, LawStatic, StaticClass};
pub use learner::Learner;

use lentil_diag::{Diagnostic, Severity, Sources, Span};
use lentil_grammar::ast::{Item, ItemKind};
use lentil_unary::{Carrier, Region, Type};

use crate::check::in_order;
use crate::elaborate::{Elaborator, Mode};
use crate::module::{DefId, Loader, ModuleId, Modules, item_name};
use crate::stack::deep;
use crate::ty::Ty;
use crate::value::Env;

/// A parsed, bound and checked program.
#[derive(Debug)]
pub struct Program {
    sources: Sources,
    modules: Modules,
    good: bool,
}

/// How a program is lowered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// What `Real` is: [`Carrier::F32`] or [`Carrier::F64`].
    pub real: Carrier,
}

impl Default for Options {
    fn default() -> Options {
        Options { real: Carrier::F32 }
    }
}

/// Why a program, or an expression in it, could not be lowered.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What is wrong, in source order.
    pub diagnostics: Vec<Diagnostic>,
    /// The sources the places are in.
    pub sources: Sources,
}

/// Something in unary form. It may still hold derivatives to be resolved.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// The program.
    pub region: Region,
    /// What its parameters are, in order.
    pub params: Vec<Param>,
    /// What its results are.
    pub result: Ty,
    /// The place of each run-time check, by its site's number.
    pub sites: Vec<Span>,
}

/// A parameter of a lowered program.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name, or its path.
    pub name: String,
    /// Its type.
    pub ty: Ty,
    /// The slots it takes.
    pub leaves: Vec<Type>,
    /// What it is for.
    pub role: Role,
}

/// What a parameter of a lowered program is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A learnt parameter.
    Weight,
    /// A running value of a model, which is kept but not learnt.
    State,
    /// An input.
    Input,
    /// A cotangent of the result.
    Cotangent,
    /// A value that a session has computed and that the program uses.
    Given,
}

/// An item of the root file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemInfo {
    /// Its name; the title of a test or a law.
    pub name: String,
    /// What it is.
    pub class: ItemClass,
    /// Its documentation.
    pub docs: Vec<String>,
}

/// The kinds of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ItemClass {
    Fn,
    Model,
    Lens,
    Optimizer,
    Data,
    Learner,
    Test,
    Law,
    Type,
    Let,
}

/// What an item is; imports are none.
pub(crate) fn info(item: &Item) -> Option<ItemInfo> {
    let (class, title) = match &item.kind {
        ItemKind::Import(_) => return None,
        ItemKind::Fn(_) => (ItemClass::Fn, None),
        ItemKind::Model(_) => (ItemClass::Model, None),
        ItemKind::Lens(_) => (ItemClass::Lens, None),
        ItemKind::Optimizer(_) => (ItemClass::Optimizer, None),
        ItemKind::Data(_) => (ItemClass::Data, None),
        ItemKind::Learner(_) => (ItemClass::Learner, None),
        ItemKind::Test(t) => (ItemClass::Test, Some(t.title.clone())),
        ItemKind::Law(l) => (ItemClass::Law, Some(l.title.clone())),
        ItemKind::Type(_) => (ItemClass::Type, None),
        ItemKind::Let(_) => (ItemClass::Let, None),
    };
    let name = title.or_else(|| item_name(item).map(|n| n.text.clone()))?;
    Some(ItemInfo {
        name,
        class,
        docs: item.docs.clone(),
    })
}

impl Program {
    /// Parses, binds and checks a program. It exists even with errors, but then nothing is lowered.
    /// Diagnostics come in source order.
    pub fn load(name: &str, text: &str, loader: &dyn Loader) -> (Program, Vec<Diagnostic>) {
        let mut sources = Sources::new();
        let root = sources.add(name, text);
        let (modules, mut diagnostics) = crate::module::load(root, &mut sources, loader);
        if !modules.broken() {
            diagnostics.extend(crate::check::check(&modules));
        }
        let diagnostics = in_order(diagnostics);
        let good = diagnostics.iter().all(|d| d.severity != Severity::Error);
        (
            Program {
                sources,
                modules,
                good,
            },
            diagnostics,
        )
    }

    /// All sources, the root first.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The items of the root file.
    pub fn items(&self) -> Vec<ItemInfo> {
        let root = self.modules.get(self.modules.root());
        root.file.items.iter().filter_map(info).collect()
    }

    /// The titles of the root file's tests.
    pub fn tests(&self) -> Vec<String> {
        self.items()
            .into_iter()
            .filter(|i| i.class == ItemClass::Test)
            .map(|i| i.name)
            .collect()
    }

    /// A learner of the root file; `None` is the only one there.
    pub fn learner(&self, name: Option<&str>, options: &Options) -> Result<Learner<'_>, Failure> {
        let root = self.modules.root();
        let items = &self.modules.get(root).file.items;
        let learners: Vec<(usize, &str, Span)> = items
            .iter()
            .enumerate()
            .filter_map(|(i, item)| match &item.kind {
                ItemKind::Learner(l) => Some((i, l.name.text.as_str(), l.name.span)),
                _ => None,
            })
            .collect();
        let file = self.modules.get(root).file.span;
        let head = Span {
            end: file.start,
            ..file
        };
        let chosen = match name {
            Some(name) => match learners.iter().find(|(_, n, _)| *n == name) {
                Some(found) => found,
                None => {
                    let title = format!("there is no learner `{name}`");
                    let mut d = Diagnostic::error("E0434", title, head, "not in this file");
                    let known: Vec<&str> = learners.iter().map(|(_, n, _)| *n).collect();
                    if !known.is_empty() {
                        d = d.hint(format!("it has `{}`", known.join("`, `")));
                    }
                    return Err(self.failure(vec![d]));
                }
            },
            None => match &learners[..] {
                [one] => one,
                [] => {
                    let title = "this file has no learner";
                    let d = Diagnostic::error("E0434", title, head, "nothing to train").hint(
                        "write `learner name = { model = …, loss = …, optimizer = …, data = … }`",
                    );
                    return Err(self.failure(vec![d]));
                }
                [first, rest @ ..] => {
                    let title = "this file has several learners";
                    let mut d = Diagnostic::error("E0434", title, first.2, "this is one");
                    for (_, _, span) in rest {
                        d = d.label(*span, "this is another");
                    }
                    let hint = format!("say which, for example `{}`", first.1);
                    return Err(self.failure(vec![d.hint(hint)]));
                }
            },
        };
        let def = DefId {
            module: root,
            item: chosen.0 as u32,
        };
        let spec = self.elaborate(options, chosen.2, |e| e.learner(def))?;
        Ok(Learner::new(self, spec, *options))
    }

    pub(super) fn failure(&self, diagnostics: Vec<Diagnostic>) -> Failure {
        Failure {
            diagnostics,
            sources: self.sources.clone(),
        }
    }

    pub(super) fn elaborate<T: Send>(
        &self,
        options: &Options,
        place: Span,
        f: impl FnOnce(&mut Elaborator<'_>) -> Option<T> + Send,
    ) -> Result<T, Failure> {
        if !self.good {
            return Err(self.failure(Vec::new()));
        }
        let real = options.real;
        let (out, mut diagnostics) = deep(|| {
            let mut e = Elaborator::new(&self.modules, Mode::Lower(real));
            let out = f(&mut e);
            (out, e.finish())
        });
        if out.is_none() && diagnostics.is_empty() {
            let title = "this cannot be made into a program of arrays";
            let label = "its result is no value that can be computed";
            diagnostics.push(Diagnostic::error("E0339", title, place, label));
        }
        match out {
            Some(out) if diagnostics.is_empty() => Ok(out),
            _ => Err(self.failure(diagnostics)),
        }
    }

    pub(super) fn with_expr<T: Send>(
        &self,
        text: &str,
        options: &Options,
        f: impl FnOnce(&mut Elaborator<'_>, &lentil_grammar::ast::Expr, &Env) -> Option<T> + Send,
    ) -> Result<T, Failure> {
        let mut sources = self.sources.clone();
        let source = sources.add("<expression>", text);
        let (expr, diagnostics) = lentil_grammar::parse_expr(source, text);
        if !diagnostics.is_empty() {
            return Err(Failure {
                diagnostics,
                sources,
            });
        }
        let env = Env::module(ModuleId(0));
        let fail = |diagnostics| Failure {
            diagnostics,
            sources: sources.clone(),
        };
        if self.good {
            // Checked like a definition, so that what is wrong is shown in the user's expression.
            let said = deep(|| {
                let mut checker = Elaborator::new(&self.modules, Mode::Check);
                checker.expr(&expr, &env);
                checker.finish()
            });
            if !said.is_empty() {
                return Err(fail(said));
            }
        }
        self.elaborate(options, expr.span, |e| f(e, &expr, &env))
            .map_err(|failure| fail(failure.diagnostics))
    }
}
