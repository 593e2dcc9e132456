//! Checks every definition once, for all sizes and carriers.

use lentil_diag::Diagnostic;
use lentil_grammar::ast::{self, ItemKind};

use crate::elaborate::{Elaborator, Mode};
use crate::module::{DefId, Modules};
use crate::ty::{Kind, Ty};
use crate::value::{Env, Value};

/// Checks all definitions of all modules; diagnostics in no particular order.
pub fn check(modules: &Modules) -> Vec<Diagnostic> {
    let mut elaborator = Elaborator::new(modules, Mode::Check);
    for (id, module) in modules.iter() {
        for (i, item) in module.file.items.iter().enumerate() {
            let def = DefId {
                module: id,
                item: i as u32,
            };
            elaborator.assumptions.clear();
            elaborator.check_item(def, &item.kind);
        }
    }
    let mut diagnostics = elaborator.diagnostics;
    diagnostics.extend(recursion(modules));
    diagnostics
}

impl Elaborator<'_> {
    fn check_item(&mut self, def: DefId, kind: &ItemKind) {
        let module = Env::module(def.module);
        match kind {
            ItemKind::Import(_) => {}
            ItemKind::Fn(f) => self.check_fn(f, &module),
            ItemKind::Model(m) => self.check_model(def, m, &module),
            // A lens is refused where it is used.
            ItemKind::Lens(_) => {}
            ItemKind::Optimizer(o) => self.check_optimizer(def, o, &module),
            ItemKind::Data(d) => {
                let (_, diagnostics) = crate::data::read(d);
                self.diagnostics.extend(diagnostics);
            }
            ItemKind::Learner(_) => {
                self.learner(def);
            }
            ItemKind::Test(t) => {
                let value = self.expr(&t.body, &module);
                self.check_truth(value, t.body.span);
            }
            ItemKind::Law(l) => {
                let mut env = module.clone();
                for param in &l.params {
                    let value = match param.ty.as_ref().and_then(|t| self.ty(t, &module)) {
                        Some(ty) => self.unknown(&ty),
                        None => Value::Error,
                    };
                    env = env.bind(param.name.text.as_str(), value);
                }
                let value = self.expr(&l.body, &env);
                self.check_truth(value, l.body.span);
            }
        }
    }

    fn check_truth(&mut self, value: Value, span: lentil_diag::Span) {
        fn is_truth(value: &Value) -> bool {
            match value {
                Value::Array(a) => a.kind == Kind::Bool,
                Value::Tuple(parts) => parts.iter().all(is_truth),
                Value::Record(fields) => fields.iter().all(|(_, v)| is_truth(v)),
                _ => false,
            }
        }
        if !value.is_error() && !is_truth(&value) {
            let title = "a test or a law says something that can be true";
            let label = format!("this is {}", value.describe());
            self.error(Diagnostic::error("E0340", title, span, label));
        }
    }

    fn assume(&mut self, wheres: &[ast::Where], env: &Env) {
        for w in wheres {
            if let Some((difference, equal)) = self.where_size(w, env) {
                if equal {
                    self.assumptions.push(difference.scale(-1));
                }
                self.assumptions.push(difference);
            }
        }
    }

    fn check_params(&mut self, params: &[ast::Param], env: &Env) -> Env {
        let mut inner = env.clone();
        for param in params {
            let value = match &param.ty {
                Some(ty) => match self.ty(ty, env) {
                    Some(ty) => self.unknown(&ty),
                    None => Value::Error,
                },
                None => {
                    let title = format!("`{}` has no type", param.name.text);
                    let label = "a definition's parameters have types";
                    self.error(Diagnostic::error("E0344", title, param.name.span, label))
                }
            };
            inner = inner.bind(param.name.text.as_str(), value);
        }
        inner
    }

    fn check_fn(&mut self, f: &ast::FnDef, module: &Env) {
        let env = self.rigid(&f.statics, module);
        self.assume(&f.wheres, &env);
        let inner = self.check_params(&f.params, &env);
        let value = self.expr(&f.body, &inner);
        if let Some(result) = &f.result
            && let Some(ty) = self.ty(result, &env)
        {
            self.coerce(value, &ty, tail(&f.body).span);
        }
    }

    fn check_model(&mut self, def: DefId, m: &ast::ModelDef, module: &Env) {
        let env = self.rigid(&m.statics, module);
        let Some(signature) = &m.signature else {
            let value = self.expr(&m.body, &env);
            if value.is_error() {
                return;
            }
            let Some(model) = self.as_model(value, m.body.span) else {
                return;
            };
            let Some(params) = self.params(&model, m.body.span) else {
                return;
            };
            let record = Ty::Record(
                params
                    .iter()
                    .map(|p| (p.path.clone(), p.ty.clone()))
                    .collect(),
            );
            // Where the first factor says what comes in, the whole composite is run through.
            if let Some(inputs) = self.input_types(&model) {
                let inputs = inputs.iter().map(|t| self.unknown(t)).collect();
                let record = self.unknown(&record);
                self.apply_closed(&model, &record, inputs, m.body.span);
            }
            return;
        };
        self.assume(&signature.wheres, &env);
        let model = Value::Model(std::rc::Rc::new(crate::value::Model::Def {
            def,
            env: env.clone(),
        }));
        let Some(params) = self.params(&model, m.name.span) else {
            return;
        };
        for p in &params {
            // An initialiser of this very definition is checked here, with its sizes still open.
            if let Some((init, init_env)) = &p.init
                && signature_declares(signature, &p.path)
            {
                self.check_initial(init, init_env, &p.ty, p.span);
            }
        }
        let record = Ty::Record(
            params
                .iter()
                .map(|p| (p.path.clone(), p.ty.clone()))
                .collect(),
        );
        let record = self.unknown(&record);
        let inputs = self.check_params(&signature.inputs, &env);
        let values: Vec<Value> = signature
            .inputs
            .iter()
            .map(|p| inputs.get(&p.name.text).cloned().unwrap_or(Value::Error))
            .collect();
        if values.iter().any(Value::is_error) {
            return;
        }
        let value = self.model_body(m, signature, &env, &record, values);
        if let Some(result) = &signature.result
            && let Some(ty) = self.ty(result, &env)
        {
            self.coerce(value, &ty, tail(&m.body).span);
        }
    }

    fn check_optimizer(&mut self, def: DefId, o: &ast::OptimizerDef, module: &Env) {
        let env = self.rigid(&o.statics, module);
        let mut scope = env.clone();
        for h in &o.hyper {
            let value = match self.ty(&h.ty, &env) {
                Some(ty) => {
                    if let Some(default) = &h.init {
                        let value = self.expr(default, module);
                        self.coerce(value, &ty, default.span);
                    }
                    self.unknown(&ty)
                }
                None => Value::Error,
            };
            scope = scope.bind(h.name.text.as_str(), value);
        }
        let Some(p_ty) = o.p.ty.as_ref().and_then(|t| self.ty(t, &env)) else {
            return;
        };
        let hyper = Vec::new();
        let optimizer = crate::value::Optimizer { def, hyper };
        let Some(states) = self.optimizer_states(&optimizer, &scope) else {
            return;
        };
        let states = Ty::Record(states.into_iter().map(|(n, t, _)| (n, t)).collect());
        let (states, p) = (self.unknown(&states), self.unknown(&p_ty));
        let dp = self.unknown(&p_ty.changes());
        self.optimizer_get(&optimizer, &scope, &states, &p);
        self.optimizer_put(&optimizer, &scope, &states, &p, &dp);
    }
}

fn signature_declares(signature: &ast::ModelSignature, path: &str) -> bool {
    signature
        .params
        .iter()
        .any(|p| matches!(p, ast::ModelParam::Weight(w) if w.name.text == path))
}

/// The expression that a body's value comes from.
fn tail(body: &ast::Expr) -> &ast::Expr {
    match &body.kind {
        ast::ExprKind::Block(_, result) => tail(result),
        _ => body,
    }
}

/// Definitions that use themselves: there is no recursion but the loops.
fn recursion(modules: &Modules) -> Vec<Diagnostic> {
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

fn bodies(kind: &ItemKind) -> Vec<&ast::Expr> {
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
