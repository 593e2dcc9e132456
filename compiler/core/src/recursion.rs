//! Definitions that use themselves: there is no recursion but the loops.
//!
//! *Before*: bound modules, of which those from `first` on are new. *After*: a diagnostic for each cycle of definitions. *Size*: linear in the names used.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{self, ItemKind};
use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

use crate::module::{DefId, Modules};

/// What uses what, as far as it matters for checking.
pub(crate) struct Recursion {
    /// Definitions that use themselves.
    pub(crate) cyclic: BTreeSet<DefId>,
    /// The types, each after those that it is made of.
    pub(crate) types: Vec<DefId>,
    /// What is said about the former.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// See the module's header.
pub(crate) fn recursion(modules: &Modules, first: usize) -> Recursion {
    let mut graph: DiGraph<DefId, Span> = DiGraph::new();
    let mut nodes = BTreeMap::new();
    for (def, _) in modules.items(first) {
        nodes.insert(def, graph.add_node(def));
    }
    for (&def, &node) in &nodes {
        let kind = &modules.item(def).kind;
        let own = parameters(kind);
        let mut names = Vec::new();
        for e in bodies(kind) {
            names_in(e, &mut names);
        }
        if let ItemKind::Type(t) = kind {
            names_in_type(&t.ty, &mut names);
        }
        for (name, span) in names {
            // What was there before cannot lead back to what is new.
            if let Some(target) = modules.lookup(def.module, name)
                && let Some(&target) = nodes.get(&target)
                && !own.contains(name)
            {
                graph.add_edge(node, target, span);
            }
        }
    }
    let mut component_of = vec![0; graph.node_count()];
    let mut types = Vec::new();
    // What is used comes before what uses it.
    for (k, component) in tarjan_scc(&graph).into_iter().enumerate() {
        for node in component {
            component_of[node.index()] = k;
            let is_type = matches!(modules.item(graph[node]).kind, ItemKind::Type(_));
            types.extend(is_type.then_some(graph[node]));
        }
    }
    let mut cyclic = BTreeSet::new();
    let mut reported = BTreeSet::new();
    let mut out = Vec::new();
    for edge in graph.raw_edges() {
        let component = component_of[edge.source().index()];
        if component != component_of[edge.target().index()] {
            continue;
        }
        cyclic.extend([graph[edge.source()], graph[edge.target()]]);
        if !reported.insert(component) {
            continue;
        }
        let item = modules.item(graph[edge.source()]);
        let name = crate::module::item_name(item).map_or("this", |n| n.text.as_str());
        let title = format!("`{name}` is defined by itself");
        let label = "it leads back to its own definition here";
        let hint = match item.kind {
            ItemKind::Type(_) => "types are made of numbers, arrays and products of these",
            _ => "repetition is written with `fold`, `scan`, `iterate` or a comprehension",
        };
        out.push(Diagnostic::error("E0207", title, edge.weight, label).hint(hint));
    }
    Recursion {
        cyclic,
        types,
        diagnostics: out,
    }
}

/// The definitions that a definition uses, in the order of their use.
pub(crate) fn used(modules: &Modules, def: DefId) -> Vec<DefId> {
    let kind = &modules.item(def).kind;
    let settings = match kind {
        ItemKind::Learner(l) => l.fields.as_slice(),
        _ => &[],
    };
    let mut names = Vec::new();
    for e in bodies(kind)
        .into_iter()
        .chain(settings.iter().map(|s| &s.value))
    {
        names_in(e, &mut names);
    }
    for ty in types(kind) {
        names_in_type(ty, &mut names);
    }
    let own = parameters(kind);
    let free = names.into_iter().filter(|(n, _)| !own.contains(n));
    free.filter_map(|(name, _)| modules.lookup(def.module, name))
        .collect()
}

fn bodies(kind: &ItemKind) -> Vec<&ast::Expr> {
    match kind {
        ItemKind::Fn(f) => vec![&f.body],
        ItemKind::Model(m) => {
            let params = m.signature.iter().flat_map(|s| &s.params);
            let inits = params.filter_map(|p| match p {
                ast::ModelParam::Weight(w) | ast::ModelParam::State(w) => w.init.as_ref(),
                ast::ModelParam::Use(_) | ast::ModelParam::Using(_) => None,
            });
            inits.chain([&m.body]).collect()
        }
        ItemKind::Lens(l) => vec![&l.get, &l.put],
        ItemKind::Optimizer(o) => {
            let inits = o.hyper.iter().chain(&o.states);
            let inits = inits.filter_map(|w| w.init.as_ref());
            inits.chain([&o.get, &o.put]).collect()
        }
        // A session's name is bound after what it stands for is looked at.
        ItemKind::Import(_)
        | ItemKind::Data(_)
        | ItemKind::Learner(_)
        | ItemKind::Test(_)
        | ItemKind::Law(_)
        | ItemKind::Type(_)
        | ItemKind::Let(_) => Vec::new(),
    }
}

/// The types that are written in a definition, but for those of anonymous functions.
fn types(kind: &ItemKind) -> Vec<&ast::TypeExpr> {
    fn of_params(params: &[ast::Param]) -> impl Iterator<Item = &ast::TypeExpr> {
        params.iter().filter_map(|p| p.ty.as_ref())
    }
    fn of_signature(s: &ast::ModelSignature) -> impl Iterator<Item = &ast::TypeExpr> {
        let left = s.params.iter().filter_map(|p| match p {
            ast::ModelParam::Weight(w) | ast::ModelParam::State(w) => Some(&w.ty),
            ast::ModelParam::Use(p) => p.ty.as_ref(),
            ast::ModelParam::Using(_) => None,
        });
        left.chain(of_params(&s.inputs)).chain(&s.result)
    }
    match kind {
        ItemKind::Fn(f) => of_params(&f.params).chain(&f.result).collect(),
        ItemKind::Model(m) => m.signature.iter().flat_map(of_signature).collect(),
        ItemKind::Lens(l) => of_signature(&l.signature).collect(),
        ItemKind::Optimizer(o) => {
            let numbers = o.hyper.iter().chain(&o.states).map(|w| &w.ty);
            numbers.chain(&o.p.ty).collect()
        }
        ItemKind::Law(l) => of_params(&l.params).collect(),
        ItemKind::Type(t) => vec![&t.ty],
        ItemKind::Import(_)
        | ItemKind::Data(_)
        | ItemKind::Learner(_)
        | ItemKind::Test(_)
        | ItemKind::Let(_) => Vec::new(),
    }
}

/// The names of a definition's own parameters, which hide those of definitions.
fn parameters(kind: &ItemKind) -> HashSet<&str> {
    let mut names: Vec<&ast::Ident> = Vec::new();
    match kind {
        ItemKind::Fn(f) => {
            names.extend(f.statics.iter().map(|s| &s.name));
            names.extend(f.params.iter().map(|p| &p.name));
        }
        ItemKind::Model(m) => {
            names.extend(m.statics.iter().map(|s| &s.name));
            names.extend(m.signature.iter().flat_map(signed));
        }
        ItemKind::Lens(l) => {
            names.extend(l.statics.iter().map(|s| &s.name));
            names.extend(signed(&l.signature));
            names.extend(&l.put_params);
        }
        ItemKind::Optimizer(o) => {
            names.extend(o.statics.iter().map(|s| &s.name));
            names.extend(o.hyper.iter().chain(&o.states).map(|w| &w.name));
            names.extend([&o.p.name, &o.put_param]);
        }
        ItemKind::Type(t) => names.extend(t.statics.iter().map(|s| &s.name)),
        ItemKind::Import(_)
        | ItemKind::Data(_)
        | ItemKind::Learner(_)
        | ItemKind::Test(_)
        | ItemKind::Law(_)
        | ItemKind::Let(_) => {}
    }
    names.into_iter().map(|name| name.text.as_str()).collect()
}

/// The names that a signature declares.
fn signed(signature: &ast::ModelSignature) -> impl Iterator<Item = &ast::Ident> {
    let params = signature.params.iter().map(|p| match p {
        ast::ModelParam::Weight(w) | ast::ModelParam::State(w) => &w.name,
        ast::ModelParam::Use(p) => &p.name,
        ast::ModelParam::Using(name) => name,
    });
    params.chain(signature.inputs.iter().map(|p| &p.name))
}

/// Names that an expression uses freely (those it binds itself are left out).
pub(crate) fn names_in<'e>(e: &'e ast::Expr, out: &mut Vec<(&'e str, Span)>) {
    free_names(e, &mut Bound::new(), out);
}

/// How many of the expressions around bind a name.
type Bound<'e> = HashMap<&'e str, usize>;

fn free_names<'e>(e: &'e ast::Expr, around: &mut Bound<'e>, out: &mut Vec<(&'e str, Span)>) {
    if let ast::ExprKind::Name(name) = &e.kind {
        if around.get(name.as_str()).is_none_or(|&count| count == 0) {
            out.push((name, e.span));
        }
        return;
    }
    let bound = names_bound(e);
    for name in &bound {
        *around.entry(name).or_insert(0) += 1;
    }
    crate::elaborate::for_children(e, &mut |child| free_names(child, around, out));
    for name in &bound {
        around.entry(name).and_modify(|count| *count -= 1);
    }
}

/// The names that an expression binds within itself.
fn names_bound(e: &ast::Expr) -> Vec<&str> {
    use ast::ExprKind;
    match &e.kind {
        ExprKind::Comprehension(_, binders) | ExprKind::Reduction(_, _, binders) => {
            binders.iter().map(|b| b.name.text.as_str()).collect()
        }
        ExprKind::Lambda(params, _) => params.iter().map(|p| p.name.text.as_str()).collect(),
        ExprKind::Block(statements, _) => {
            let mut bound = Vec::new();
            for s in statements {
                match s {
                    ast::Statement::Let(pattern, _) => pattern_names(pattern, &mut bound),
                    ast::Statement::Use(name, _) => bound.push(&name.text),
                    ast::Statement::State(..) => {}
                }
            }
            bound
        }
        _ => Vec::new(),
    }
}

/// Names that a written type uses.
pub(crate) fn names_in_type<'e>(ty: &'e ast::TypeExpr, out: &mut Vec<(&'e str, Span)>) {
    match &ty.kind {
        ast::TypeKind::Name { name, brackets } => {
            out.push((&name.text, name.span));
            brackets.iter().flatten().for_each(|e| names_in(e, out));
        }
        ast::TypeKind::Tuple(parts) => parts.iter().for_each(|t| names_in_type(t, out)),
        ast::TypeKind::Record(fields) => fields.iter().for_each(|(_, t)| names_in_type(t, out)),
        ast::TypeKind::Arrow(from, to) => {
            names_in_type(from, out);
            names_in_type(to, out);
        }
    }
}

fn pattern_names<'e>(pattern: &'e ast::Pattern, out: &mut Vec<&'e str>) {
    match pattern {
        ast::Pattern::Name(name) => out.push(&name.text),
        ast::Pattern::Tuple(parts, _) => parts.iter().for_each(|p| pattern_names(p, out)),
    }
}
