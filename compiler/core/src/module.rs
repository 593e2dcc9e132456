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
}

/// All modules of a program.
#[derive(Debug, Default)]
pub struct Modules {
    list: Vec<Module>,
    broken: bool,
    exports: BTreeMap<String, String>,
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
        self.get(module).names.get(name).copied()
    }

    /// The module of the standard library that defines a name.
    pub fn exporter(&self, name: &str) -> Option<&str> {
        self.exports.get(name).map(String::as_str)
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
        ItemKind::Import(_) | ItemKind::Test(_) | ItemKind::Law(_) => None,
    }
}

/// Reads a file and everything it imports.
pub fn load(
    root: SourceId,
    sources: &mut Sources,
    loader: &dyn Loader,
) -> (Modules, Vec<Diagnostic>) {
    let mut load = Load {
        modules: Modules {
            exports: loader.exports().into_iter().collect(),
            ..Modules::default()
        },
        diagnostics: Vec::new(),
        by_name: BTreeMap::new(),
        graph: DiGraph::new(),
        edges: BTreeMap::new(),
    };
    let name = sources.get(root).name.clone();
    load.file(name, root, sources);
    let mut next = 0;
    while next < load.modules.list.len() {
        load.imports(ModuleId(next as u32), sources, loader);
        next += 1;
    }
    load.refuse_cycles();
    load.bind();
    (load.modules, load.diagnostics)
}

struct Load {
    modules: Modules,
    diagnostics: Vec<Diagnostic>,
    by_name: BTreeMap<String, ModuleId>,
    graph: DiGraph<ModuleId, Span>,
    /// For each module, where it imports which.
    edges: BTreeMap<ModuleId, Vec<(ast::Import, ModuleId)>>,
}

impl Load {
    fn file(&mut self, name: String, source: SourceId, sources: &Sources) -> ModuleId {
        let id = ModuleId(self.modules.list.len() as u32);
        let (file, diagnostics) = lentil_grammar::parse(source, &sources.get(source).text);
        self.modules.broken |= !diagnostics.is_empty();
        self.diagnostics.extend(diagnostics);
        self.modules.list.push(Module {
            source,
            file,
            names: BTreeMap::new(),
            missing: BTreeSet::new(),
        });
        self.by_name.insert(name, id);
        self.graph.add_node(id);
        id
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
                    let target = match self.by_name.get(&name) {
                        Some(&target) => target,
                        None => {
                            let source = sources.add(name.clone(), text);
                            self.file(name, source, sources)
                        }
                    };
                    self.graph.add_edge(node(id), node(target), span);
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
        for (id, module) in self.modules.iter() {
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
        for (id, edges) in std::mem::take(&mut self.edges) {
            for (import, target) in &edges {
                for name in &import.names {
                    let slot = name.text.as_str();
                    let Some(&(def, _)) = own[target.0 as usize].get(slot) else {
                        let known: Vec<&str> =
                            own[target.0 as usize].keys().map(|k| &**k).collect();
                        self.diagnostics.push(unknown_import(name, &known));
                        self.miss(id, std::iter::once(slot));
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
                    if let Some((_, place)) = own[id.0 as usize].get(slot) {
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
                    imported[id.0 as usize].insert(slot.into(), def);
                }
            }
        }
        for (module, (own, imported)) in self
            .modules
            .list
            .iter_mut()
            .zip(own.into_iter().zip(imported))
        {
            module.names = imported;
            module
                .names
                .extend(own.into_iter().map(|(name, (def, _))| (name, def)));
        }
    }
}

fn node(id: ModuleId) -> NodeIndex {
    NodeIndex::new(id.0 as usize)
}

fn unknown_import(name: &ast::Ident, known: &[&str]) -> Diagnostic {
    let title = format!("this module has no `{}`", name.text);
    let diagnostic = Diagnostic::error("E0205", title, name.span, "not found");
    match crate::spelling::closest(&name.text, known.iter().copied()) {
        Some(close) => diagnostic.hint(format!("did you mean `{close}`?")),
        None => diagnostic,
    }
}
