//! Definitions that use themselves: there is no recursion but the loops.
//!
//! *Before*: bound modules. *After*: a diagnostic for each cycle of definitions. *Size*: linear in the names used.

use crate::module::{DefId, Modules};
use lentil_diag::Diagnostic;
use lentil_grammar::ast::{self, ItemKind};

/// Definitions that use themselves: there is no recursion but the loops.
pub(crate) fn recursion(modules: &Modules) -> Vec<Diagnostic> {
    use petgraph::graph::DiGraph;
    use std::collections::BTreeMap;
    let mut graph: DiGraph<DefId, lentil_diag::Span> = DiGraph::new();
    let mut nodes = BTreeMap::new();
    for (id, module) in modules.iter() {
        for (i, _) in module.file.items.iter().enumerate() {
            let def = DefId {
                module: id,
                item: i as u32,
            };
            nodes.insert(def, graph.add_node(def));
        }
    }
    for (&def, &node) in &nodes {
        let mut names = Vec::new();
        for e in bodies(&modules.item(def).kind) {
            names_in(e, &mut names);
        }
        for (name, span) in names {
            if let Some(target) = modules.lookup(def.module, &name)
                && !is_parameter(&modules.item(def).kind, &name)
            {
                graph.add_edge(node, nodes[&target], span);
            }
        }
    }
    let mut out = Vec::new();
    for component in petgraph::algo::tarjan_scc(&graph) {
        let inside: Vec<_> = graph
            .edge_indices()
            .filter(|&e| {
                graph
                    .edge_endpoints(e)
                    .is_some_and(|(a, b)| component.contains(&a) && component.contains(&b))
            })
            .collect();
        let Some(&first) = inside.first() else {
            continue;
        };
        let Some((from, _)) = graph.edge_endpoints(first) else {
            continue;
        };
        let name = crate::module::item_name(modules.item(graph[from]));
        let name = name.map_or("this", |n| n.text.as_str());
        let span = graph[first];
        out.push(
            Diagnostic::error(
                "E0207",
                format!("`{name}` is defined by itself"),
                span,
                "it leads back to its own definition here",
            )
            .hint("repetition is written with `fold`, `scan`, `iterate` or a comprehension"),
        );
    }
    out
}

pub(crate) fn bodies(kind: &ItemKind) -> Vec<&ast::Expr> {
    match kind {
        ItemKind::Fn(f) => vec![&f.body],
        ItemKind::Model(m) => vec![&m.body],
        ItemKind::Lens(l) => vec![&l.get, &l.put],
        ItemKind::Optimizer(o) => vec![&o.get, &o.put],
        ItemKind::Import(_)
        | ItemKind::Data(_)
        | ItemKind::Learner(_)
        | ItemKind::Test(_)
        | ItemKind::Law(_) => Vec::new(),
    }
}

fn is_parameter(kind: &ItemKind, name: &str) -> bool {
    let params: Vec<&str> = match kind {
        ItemKind::Fn(f) => f.params.iter().map(|p| p.name.text.as_str()).collect(),
        ItemKind::Model(m) => m.signature.as_ref().map_or(Vec::new(), |s| {
            let weights = s.params.iter().map(|p| match p {
                ast::ModelParam::Weight(w) | ast::ModelParam::State(w) => w.name.text.as_str(),
                ast::ModelParam::Use(p) => p.name.text.as_str(),
                ast::ModelParam::Using(name) => name.text.as_str(),
            });
            weights
                .chain(s.inputs.iter().map(|p| p.name.text.as_str()))
                .collect()
        }),
        ItemKind::Lens(_)
        | ItemKind::Import(_)
        | ItemKind::Optimizer(_)
        | ItemKind::Data(_)
        | ItemKind::Learner(_)
        | ItemKind::Test(_)
        | ItemKind::Law(_) => Vec::new(),
    };
    params.contains(&name)
}

/// Names that an expression uses freely (those it binds itself are left out).
fn names_in(e: &ast::Expr, out: &mut Vec<(String, lentil_diag::Span)>) {
    use ast::ExprKind;
    let bound: Vec<String> = match &e.kind {
        ExprKind::Name(name) => {
            out.push((name.clone(), e.span));
            return;
        }
        ExprKind::Comprehension(_, binders) | ExprKind::Reduction(_, _, binders) => {
            binders.iter().map(|b| b.name.text.clone()).collect()
        }
        ExprKind::Lambda(params, _) => params.iter().map(|p| p.name.text.clone()).collect(),
        ExprKind::Block(statements, _) => {
            let mut bound = Vec::new();
            for s in statements {
                match s {
                    ast::Statement::Let(pattern, _) => pattern_names(pattern, &mut bound),
                    ast::Statement::Use(name, _) => bound.push(name.text.clone()),
                }
            }
            bound
        }
        _ => Vec::new(),
    };
    let before = out.len();
    crate::elaborate::for_children(e, &mut |child| names_in(child, out));
    let mut inner = out.split_off(before);
    inner.retain(|(name, _)| !bound.contains(name));
    out.extend(inner);
}

fn pattern_names(pattern: &ast::Pattern, out: &mut Vec<String>) {
    match pattern {
        ast::Pattern::Name(name) => out.push(name.text.clone()),
        ast::Pattern::Tuple(parts, _) => parts.iter().for_each(|p| pattern_names(p, out)),
    }
}
