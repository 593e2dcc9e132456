//! Sessions: a program that grows input by input.
//!
//! Every input is a module of its own, which sees what was bound before it. Nothing is ever changed:
//! binding a name anew leaves what was defined with its old meaning, and an input with an error binds
//! nothing. So each definition is checked once and, for each combination of static arguments, lowered
//! once, however many inputs follow.

mod describe;
mod evaluate;
mod scope;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lentil_diag::{Diagnostic, Severity, SourceId, Sources};
use lentil_grammar::ast::{self, Expr, Item, ItemKind, Statement};
use lentil_grammar::{Input, Reading};

use crate::check::{check_from, in_order};
use crate::elaborate::{Elaborator, Memory, Mode};
use crate::module::{DefId, Known, Loader, Module, ModuleId, Modules, item_name, load_more};
use crate::program::{Failure, ItemInfo, info};
use crate::stack::deep;
use crate::tangents::{self, Reason};

pub use crate::elaborate::bindings::Given;
pub use describe::Described;
pub use evaluate::{Binding, Evaluated, Named, SessionProgram};
pub(crate) use scope::Scope;

/// A program that grows.
#[derive(Debug, Default)]
pub struct Session {
    sources: Sources,
    modules: Modules,
    known: Known,
    memory: Memory,
    /// An input without definitions, in whose scope expressions are evaluated, if it sees everything.
    here: Option<ModuleId>,
    /// Whether forward derivatives are looked for that do not exist.
    reason: Reason,
    /// The definitions that use a definition directly.
    users: BTreeMap<DefId, BTreeSet<DefId>>,
}

/// What an input is.
#[derive(Debug)]
pub enum Entry {
    /// White space and comments.
    Nothing,
    /// Definitions and imports, which are bound now; tests; and the titles of laws.
    Defined(Vec<Defined>, Vec<DefId>, Vec<String>),
    /// What is still to be evaluated.
    Statements(Vec<Statement>, Option<Expr>),
}

/// A name that an input has bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defined {
    /// What it is.
    pub info: ItemInfo,
    /// Whether it is defined here, and not imported.
    pub own: bool,
    /// Whether the name had a meaning before.
    pub anew: bool,
    /// The definitions that go on with the meaning the name had before.
    pub kept_by: Vec<String>,
}

/// How far a session is, to go back to.
#[derive(Clone, Copy, Debug)]
pub struct Mark(usize);

impl Session {
    /// A session in which nothing is bound.
    pub fn new() -> Session {
        Session::default()
    }

    /// All that was typed and read.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Takes an input: binds its definitions, or gives its statements. `name` is what places in it are
    /// shown with.
    ///
    /// # Errors
    /// All that is wrong with it; then nothing is bound.
    pub fn enter(&mut self, name: &str, text: &str, loader: &dyn Loader) -> Result<Entry, Failure> {
        self.modules.know_exports(loader);
        let source = self.sources.add(name, text);
        match lentil_grammar::parse_input(source, text) {
            Reading::Complete(Input::Nothing) => Ok(Entry::Nothing),
            Reading::Complete(Input::Items(_)) => {
                let (module, defined) = self.define(source, true, loader)?;
                let (tests, laws) = (self.tests_in(module), self.laws_in(module));
                Ok(Entry::Defined(defined, tests, laws))
            }
            Reading::Complete(Input::Statements(lets, e)) => Ok(Entry::Statements(lets, e)),
            Reading::Incomplete(diagnostics) | Reading::Wrong(diagnostics) => {
                Err(self.failure(diagnostics))
            }
        }
    }

    /// Takes a file: binds all its names, the imported ones too.
    ///
    /// # Errors
    /// All that is wrong with it; then nothing is bound.
    pub fn load(
        &mut self,
        name: &str,
        text: &str,
        loader: &dyn Loader,
    ) -> Result<Vec<Defined>, Failure> {
        let source = self.sources.add(name, text);
        // It may have been read before, and be another now.
        self.known.retain(|known, _| known.starts_with("std:"));
        let (_, defined) = self.define(source, false, loader)?;
        Ok(defined)
    }

    /// Reads an expression that is part of a command.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn expression(&mut self, name: &str, text: &str) -> Result<Expr, Failure> {
        let source = self.sources.add(name, text);
        let (expr, diagnostics) = lentil_grammar::parse_expr(source, text);
        match diagnostics.is_empty() {
            true => Ok(expr),
            false => Err(self.failure(diagnostics)),
        }
    }

    /// The definition that a name has now.
    pub fn item(&self, name: &str) -> Option<&Item> {
        Some(self.modules.item(self.lookup(name)?))
    }

    /// All names that have a meaning now, in order, and what they are.
    pub fn names(&self) -> Vec<(String, ItemInfo)> {
        let names = self.modules.scope().names();
        let known = |name: &Arc<str>| Some((name.to_string(), info(self.item(name)?)?));
        names.filter_map(known).collect()
    }

    /// The name that a definition binds.
    pub fn name_of(&self, def: DefId) -> &str {
        item_name(self.modules.item(def)).map_or("", |n| n.text.as_str())
    }

    /// How far it is.
    pub fn mark(&self) -> Mark {
        Mark(self.modules.scope().count())
    }

    /// Forgets what was bound since then.
    pub fn go_back(&mut self, Mark(count): Mark) {
        self.modules.scope_mut().truncate(count);
        self.here = None;
    }

    /// How many definitions have been lowered so far, each use with sizes of its own counted.
    pub fn lowered_definitions(&self) -> usize {
        self.memory.lowered()
    }

    /// How much was evaluated so far, to check and to lower.
    pub fn evaluations(&self) -> usize {
        self.memory.evaluations()
    }

    /// The tests of a module.
    fn tests_in(&self, module: ModuleId) -> Vec<DefId> {
        let items = (0..).zip(&self.modules.get(module).file.items);
        let tests = items.filter(|(_, i)| matches!(i.kind, ItemKind::Test(_)));
        tests.map(|(item, _)| DefId { module, item }).collect()
    }

    /// The titles of a module's laws.
    fn laws_in(&self, module: ModuleId) -> Vec<String> {
        let items = self.modules.get(module).file.items.iter();
        let title = |item: &Item| match &item.kind {
            ItemKind::Law(law) => Some(law.title.clone()),
            _ => None,
        };
        items.filter_map(title).collect()
    }

    fn lookup(&self, name: &str) -> Option<DefId> {
        let after_all = ModuleId(u32::MAX);
        self.modules.scope().lookup(after_all, name)
    }

    /// Reads and checks a source, and binds what it defines.
    fn define(
        &mut self,
        source: SourceId,
        interactive: bool,
        loader: &dyn Loader,
    ) -> Result<(ModuleId, Vec<Defined>), Failure> {
        let first = self.modules.len();
        let known = self.known.clone();
        let (root, mut diagnostics) = load_more(
            &mut self.modules,
            &mut self.known,
            source,
            interactive,
            &mut self.sources,
            loader,
        );
        if !self.modules.broken() {
            let (modules, memory) = (&self.modules, &mut self.memory);
            let reason = self.reason.with(modules, first);
            let clean = diagnostics.is_empty();
            diagnostics.extend(deep(|| {
                let mut e = Elaborator::resume(modules, Mode::Check, memory);
                check_from(modules, first, &mut e);
                let said = e.pause(memory);
                match said.is_empty() && clean {
                    true => tangents::check(modules, first, reason),
                    false => said,
                }
            }));
        }
        let diagnostics = in_order(diagnostics);
        if diagnostics.iter().any(|d| d.severity == Severity::Error) {
            // Files with errors are read again when they are asked for again.
            self.known = known;
            return Err(self.failure(diagnostics));
        }
        self.reason = self.reason.with(&self.modules, first);
        for id in first..self.modules.len() {
            self.note_uses(ModuleId(id as u32));
        }
        let names = self.modules.get(root).names.clone();
        let mut bound = self.bind_all(root, names);
        // Imports first, then definitions as they are written.
        bound.sort_by_key(|(def, _)| (def.module == root, *def));
        let defined = bound.into_iter().map(|(_, defined)| defined).collect();
        Ok((root, defined))
    }

    fn note_uses(&mut self, module: ModuleId) {
        for item in 0..self.modules.get(module).file.items.len() {
            let item = item as u32;
            let def = DefId { module, item };
            for used in crate::recursion::used(&self.modules, def) {
                self.users.entry(used).or_default().insert(def);
            }
        }
    }

    /// Binds the names of a module, for all inputs after it.
    fn bind_all(
        &mut self,
        module: ModuleId,
        names: BTreeMap<Arc<str>, DefId>,
    ) -> Vec<(DefId, Defined)> {
        let mut out = Vec::new();
        for (name, def) in &names {
            let before = self.lookup(name);
            self.modules.scope_mut().bind(module, name.clone(), *def);
            let Some(mut info) = info(self.modules.item(*def)) else {
                continue;
            };
            info.name = name.to_string();
            let defined = Defined {
                info,
                own: def.module == module,
                anew: before.is_some_and(|old| old != *def),
                kept_by: Vec::new(),
            };
            out.push((*def, before, defined));
        }
        self.here = None;
        // Now that all are bound: those that still mean what uses the old ones.
        out.into_iter()
            .map(|(def, before, mut defined)| {
                if let Some(old) = before.filter(|_| defined.anew) {
                    defined.kept_by = self.visible_users(old);
                }
                (def, defined)
            })
            .collect()
    }

    fn visible_users(&self, def: DefId) -> Vec<String> {
        let users = self.users.get(&def).into_iter().flatten();
        let names = users.map(|&user| (user, self.name_of(user)));
        let visible = names.filter(|&(user, name)| self.lookup(name) == Some(user));
        visible.map(|(_, name)| name.to_string()).collect()
    }

    /// The scope in which expressions are evaluated now.
    fn here(&mut self) -> ModuleId {
        if let Some(here) = self.here {
            return here;
        }
        let here = self.modules.add(made(Vec::new()));
        self.here = Some(here);
        here
    }

    fn failure(&self, diagnostics: Vec<Diagnostic>) -> Failure {
        Failure {
            diagnostics,
            sources: self.sources.clone(),
        }
    }
}

/// An input that is made, not read.
fn made(items: Vec<Item>) -> Module {
    Module {
        source: SourceId::default(),
        file: ast::File {
            docs: Vec::new(),
            items,
            comments: Vec::new(),
            span: lentil_diag::Span::default(),
        },
        names: BTreeMap::new(),
        missing: BTreeSet::new(),
        interactive: true,
    }
}
