//! Files, their imports and their names.
//!
//! *Before*: source texts. *After*: parsed modules in an order in which every import comes first,
//! each with a table from names to definitions. *Size*: linear.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lentil_diag::{Diagnostic, SourceId, Sources, Span};
use lentil_grammar::ast::{self, Item, ItemKind};
use petgraph::algo::{tarjan_scc, toposort};
use petgraph::graph::{DiGraph, NodeIndex};

use crate::session::Scope;

/// A module's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleId(pub u32);

/// A definition: an item of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DefId {
    /// The module.
    pub module: ModuleId,
    /// The item's position.
    pub item: u32,
}

/// Where sources come from.
pub trait Loader {
    /// The text of a module of the standard library, by its path (`nn`, `optim`).
    fn standard(&self, path: &str) -> Option<String>;

    /// A file beside another: the name under which it is shown and its text, or why not.
    /// `from` is the name of the importing source, `path` the segments after `./`.
    fn beside(&self, from: &str, path: &[&str]) -> Result<(String, String), String>;

    /// What modules of the standard library define, each name with its module, to hint at imports.
    fn exports(&self) -> Vec<(String, String)>;
}

/// A parsed file with its names.
#[derive(Debug)]
pub struct Module {
    /// Its source.
    pub source: SourceId,
    /// What it says.
    pub file: ast::File,
    /// Its own and its imported names.
    pub names: BTreeMap<Arc<str>, DefId>,
    /// Names that it imports and that could not be found, which has been said.
    pub missing: BTreeSet<Arc<str>>,
    /// Whether it is an input of a session, which sees what the inputs before it have defined.
    pub interactive: bool,
}

/// All modules of a program, or of a session so far.
#[derive(Debug, Default)]
pub struct Modules {
    list: Vec<Module>,
    broken: bool,
    exports: BTreeMap<String, String>,
    /// Of a session.
    scope: Scope,
}

impl Modules {
    /// A module.
    pub fn get(&self, id: ModuleId) -> &Module {
        &self.list[id.0 as usize]
    }

    /// All modules; the root is the first.
    pub fn iter(&self) -> impl Iterator<Item = (ModuleId, &Module)> {
        self.list
            .iter()
            .enumerate()
            .map(|(i, m)| (ModuleId(i as u32), m))
    }

    /// The items of the modules from `first` on.
    pub fn items(&self, first: usize) -> impl Iterator<Item = (DefId, &Item)> {
        self.iter().skip(first).flat_map(|(module, m)| {
            let numbered = (0..).zip(&m.file.items);
            numbered.map(move |(item, i)| (DefId { module, item }, i))
        })
    }

    /// The item of a definition.
    pub fn item(&self, def: DefId) -> &Item {
        &self.get(def.module).file.items[def.item as usize]
    }

    /// Whether files could not be parsed or import each other in a circle: then most of what could
    /// be said of their definitions would only follow from that.
    pub fn broken(&self) -> bool {
        self.broken
    }

    /// A name visible in a module.
    pub fn lookup(&self, module: ModuleId, name: &str) -> Option<DefId> {
        let here = self.get(module);
        let own = here.names.get(name).copied();
        own.or_else(|| self.scope.lookup(module, name).filter(|_| here.interactive))
    }

    /// All names visible in a module.
    pub fn visible(&self, module: ModuleId) -> impl Iterator<Item = &Arc<str>> {
        let here = self.get(module);
        let before = here.interactive.then(|| self.scope.names());
        here.names.keys().chain(before.into_iter().flatten())
    }

    /// What a session has bound and computed so far.
    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The same, to be added to.
    pub(crate) fn scope_mut(&mut self) -> &mut Scope {
        &mut self.scope
    }

    /// Adds a module that is made, not read.
    pub(crate) fn add(&mut self, module: Module) -> ModuleId {
        self.list.push(module);
        ModuleId(self.list.len() as u32 - 1)
    }

    /// How many modules there are.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// Learns what the standard library defines, unless it is known.
    pub(crate) fn know_exports(&mut self, loader: &dyn Loader) {
        if self.exports.is_empty() {
            self.exports = loader.exports().into_iter().collect();
        }
    }

    /// The module of the standard library that defines a name.
    pub fn exporter(&self, name: &str) -> Option<&str> {
        self.exports.get(name).map(String::as_str)
    }

    /// The same for a name that is written as elsewhere, `LayerNorm`: the module and its name for it.
    pub fn exporter_of_plain(&self, name: &str) -> Option<(&str, &str)> {
        let plain = crate::spelling::plain(name);
        let mut exports = self.exports.iter();
        let (own, module) = exports.find(|(own, _)| crate::spelling::plain(own) == plain)?;
        Some((module, own))
    }

    /// The file that was asked for.
    pub fn root(&self) -> ModuleId {
        ModuleId(0)
    }
}

/// The name that an item defines, if it defines one.
pub fn item_name(item: &Item) -> Option<&ast::Ident> {
    match &item.kind {
        ItemKind::Fn(d) => Some(&d.name),
        ItemKind::Model(d) => Some(&d.name),
        ItemKind::Lens(d) => Some(&d.name),
        ItemKind::Optimizer(d) => Some(&d.name),
        ItemKind::Data(d) => Some(&d.name),
        ItemKind::Learner(d) => Some(&d.name),
        ItemKind::Type(d) => Some(&d.name),
        ItemKind::Let(d) => Some(&d.name),
        ItemKind::Import(_) | ItemKind::Test(_) | ItemKind::Law(_) => None,
    }
}

/// The modules that are read from sources, by the names of these.
pub(crate) type Known = BTreeMap<String, ModuleId>;

/// Reads a file and everything it imports.
pub fn load(
    root: SourceId,
    sources: &mut Sources,
    loader: &dyn Loader,
) -> (Modules, Vec<Diagnostic>) {
    let mut modules = Modules::default();
    let mut known = Known::new();
    let (_, diagnostics) = load_more(&mut modules, &mut known, root, false, sources, loader);
    (modules, diagnostics)
}

/// Reads one more file, or input of a session, and what it imports that is not there yet.
pub(crate) fn load_more(
    modules: &mut Modules,
    known: &mut Known,
    root: SourceId,
    interactive: bool,
    sources: &mut Sources,
    loader: &dyn Loader,
) -> (ModuleId, Vec<Diagnostic>) {
    modules.broken = false;
    modules.know_exports(loader);
    let first = modules.len();
    let mut load = Load {
        first,
        modules,
        diagnostics: Vec::new(),
        known,
        graph: DiGraph::new(),
        edges: BTreeMap::new(),
    };
    let root = load.file(root, interactive, sources);
    let mut next = first;
    while next < load.modules.list.len() {
        load.imports(ModuleId(next as u32), sources, loader);
        next += 1;
    }
    load.refuse_cycles();
    load.bind();
    (root, load.diagnostics)
}

struct Load<'m> {
    /// The modules from here on are being read.
    first: usize,
    modules: &'m mut Modules,
    diagnostics: Vec<Diagnostic>,
    known: &'m mut Known,
    graph: DiGraph<ModuleId, Span>,
    /// For each module, where it imports which.
    edges: BTreeMap<ModuleId, Vec<(ast::Import, ModuleId)>>,
}

impl Load<'_> {
    fn file(&mut self, source: SourceId, interactive: bool, sources: &Sources) -> ModuleId {
        let name = sources.get(source).name.clone();
        let (file, diagnostics) = lentil_grammar::parse(source, &sources.get(source).text);
        self.modules.broken |= !diagnostics.is_empty();
        self.diagnostics.extend(diagnostics);
        let id = self.modules.add(Module {
            source,
            file,
            names: BTreeMap::new(),
            missing: BTreeSet::new(),
            interactive,
        });
        self.known.insert(name, id);
        self.graph.add_node(id);
        id
    }

    /// The node of a module that is being read.
    fn node(&self, id: ModuleId) -> Option<NodeIndex> {
        Some(NodeIndex::new((id.0 as usize).checked_sub(self.first)?))
    }

    fn imports(&mut self, id: ModuleId, sources: &mut Sources, loader: &dyn Loader) {
        let module = self.modules.get(id);
        let from = sources.get(module.source).name.clone();
        let imports: Vec<(ast::Import, Span)> = module
            .file
            .items
            .iter()
            .filter_map(|item| match &item.kind {
                ItemKind::Import(import) => Some((import.clone(), item.span)),
                _ => None,
            })
            .collect();
        for (import, span) in imports {
            let segments: Vec<&str> = import.path.iter().map(|i| i.text.as_str()).collect();
            let found = if import.relative {
                loader.beside(&from, &segments)
            } else {
                let path = segments.join(".");
                let missing = || format!("the standard library has no module `{path}`");
                loader
                    .standard(&path)
                    .map(|t| (format!("std:{path}"), t))
                    .ok_or_else(missing)
            };
            match found {
                Ok((name, text)) => {
                    let target = match self.known.get(&name) {
                        Some(&target) => target,
                        None => {
                            let source = sources.add(name, text);
                            self.file(source, false, sources)
                        }
                    };
                    if let (Some(from), Some(to)) = (self.node(id), self.node(target)) {
                        self.graph.add_edge(from, to, span);
                    }
                    self.edges.entry(id).or_default().push((import, target));
                }
                Err(why) => {
                    self.miss(id, import.names.iter().map(|n| n.text.as_str()));
                    self.diagnostics.push(
                        Diagnostic::error("E0201", "this module cannot be found", span, why)
                            .hint("a file beside this one is imported as `import ./name.{item}`"),
                    );
                }
            }
        }
    }

    fn miss<'n>(&mut self, id: ModuleId, names: impl Iterator<Item = &'n str>) {
        let module = &mut self.modules.list[id.0 as usize];
        module.missing.extend(names.map(Arc::from));
    }

    fn refuse_cycles(&mut self) {
        if toposort(&self.graph, None).is_ok() {
            return;
        }
        self.modules.broken = true;
        for component in tarjan_scc(&self.graph) {
            let inside = |n: &NodeIndex| component.contains(n);
            let edges: Vec<Span> = self
                .graph
                .edge_indices()
                .filter(|&e| {
                    self.graph
                        .edge_endpoints(e)
                        .is_some_and(|(a, b)| inside(&a) && inside(&b))
                })
                .filter_map(|e| self.graph.edge_weight(e).copied())
                .collect();
            if let Some((first, rest)) = edges.split_first() {
                let mut diagnostic = Diagnostic::error(
                    "E0202",
                    "these files import each other",
                    *first,
                    "this import is part of a cycle",
                );
                for span in rest {
                    diagnostic = diagnostic.label(*span, "and so is this");
                }
                self.diagnostics
                    .push(diagnostic.hint("move what both need into a file of its own"));
            }
        }
    }

    fn bind(&mut self) {
        // Own names first, so that imports can look them up in any order.
        let mut own: Vec<BTreeMap<Arc<str>, (DefId, Span)>> = Vec::new();
        for (id, module) in self.modules.iter().skip(self.first) {
            let mut names: BTreeMap<Arc<str>, (DefId, Span)> = BTreeMap::new();
            for (i, item) in module.file.items.iter().enumerate() {
                let Some(name) = item_name(item) else {
                    continue;
                };
                let def = DefId {
                    module: id,
                    item: i as u32,
                };
                if let Some((_, first)) = names.get(name.text.as_str()) {
                    self.diagnostics.push(
                        Diagnostic::error(
                            "E0203",
                            format!("`{}` is defined twice", name.text),
                            name.span,
                            "defined again here",
                        )
                        .label(*first, "first defined here"),
                    );
                    continue;
                }
                names.insert(name.text.as_str().into(), (def, name.span));
            }
            own.push(names);
        }
        let mut imported: Vec<BTreeMap<Arc<str>, DefId>> = vec![BTreeMap::new(); own.len()];
        let mut missing = Vec::new();
        for (id, edges) in std::mem::take(&mut self.edges) {
            let at = id.0 as usize - self.first;
            for (import, target) in &edges {
                // Of a module that was there before, what it defines is bound already.
                let theirs = (target.0 as usize).checked_sub(self.first);
                let bound = &self.modules.get(*target).names;
                let find = |name: &str| match theirs {
                    Some(k) => own[k].get(name).map(|&(def, _)| def),
                    None => bound.get(name).copied().filter(|d| d.module == *target),
                };
                for name in &import.names {
                    let slot = name.text.as_str();
                    let Some(def) = find(slot) else {
                        let known: Vec<&str> = match theirs {
                            Some(k) => own[k].keys().map(|k| &**k).collect(),
                            None => bound
                                .keys()
                                .map(|k| &**k)
                                .filter(|k| find(k).is_some())
                                .collect(),
                        };
                        self.diagnostics.push(unknown_import(name, &known));
                        missing.push((id, name.text.clone()));
                        continue;
                    };
                    if self.modules.item(def).local {
                        self.diagnostics.push(Diagnostic::error(
                            "E0204",
                            format!("`{slot}` is local to its file"),
                            name.span,
                            "it cannot be imported",
                        ));
                    }
                    if let Some((_, place)) = own[at].get(slot) {
                        self.diagnostics.push(
                            Diagnostic::error(
                                "E0203",
                                format!("`{slot}` is defined twice"),
                                *place,
                                "defined here",
                            )
                            .label(name.span, "and imported here"),
                        );
                    }
                    imported[at].insert(slot.into(), def);
                }
            }
        }
        for (id, name) in missing {
            self.miss(id, std::iter::once(name.as_str()));
        }
        for (module, (own, imported)) in self
            .modules
            .list
            .iter_mut()
            .skip(self.first)
            .zip(own.into_iter().zip(imported))
        {
            module.names = imported;
            module
                .names
                .extend(own.into_iter().map(|(name, (def, _))| (name, def)));
        }
    }
}

fn unknown_import(name: &ast::Ident, known: &[&str]) -> Diagnostic {
    let title = format!("this module has no `{}`", name.text);
    let diagnostic = Diagnostic::error("E0205", title, name.span, "not found");
    match crate::spelling::closest(&name.text, known.iter().copied()) {
        Some(close) => diagnostic.hint(format!("did you mean `{close}`?")),
        None => diagnostic,
    }
}
