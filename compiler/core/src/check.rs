//! Checks every definition once, for all sizes and carriers.

use crate::elaborate::{Elaborator, Mode};
use crate::module::{DefId, Modules};
use crate::recursion::recursion;
use crate::ty::{Kind, Ty};
use crate::value::{Env, Value};
use lentil_diag::Diagnostic;
use lentil_grammar::ast::{self, ItemKind};

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
