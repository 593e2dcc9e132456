//! Checks every definition once, for all sizes and carriers.

use std::collections::BTreeSet;
use std::sync::Arc;

use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{self, Expr, ItemKind, ModelParam};

use crate::elaborate::{Elaborator, Mode, about_numbers, record_type, state_of, using};
use crate::module::{DefId, Modules};
use crate::recursion::{Recursion, recursion};
use crate::stack::deep;
use crate::supply::{Phase, Supply};
use crate::ty::{Kind, Ty};
use crate::value::{Env, Model, ParamDecl, Value};

/// Checks all definitions of all modules; diagnostics in source order, one for a place and a code.
pub fn check(modules: &Modules) -> Vec<Diagnostic> {
    deep(|| check_all(modules))
}

fn check_all(modules: &Modules) -> Vec<Diagnostic> {
    let mut elaborator = Elaborator::new(modules, Mode::Check);
    check_from(modules, 0, &mut elaborator);
    let mut diagnostics = elaborator.finish();
    if diagnostics.is_empty() {
        let reason = crate::tangents::Reason::default().with(modules, 0);
        diagnostics = crate::tangents::check(modules, 0, reason);
    }
    in_order(diagnostics)
}

/// Checks the definitions of the modules from `first` on; those before are good.
pub(crate) fn check_from(modules: &Modules, first: usize, elaborator: &mut Elaborator<'_>) {
    let Recursion {
        cyclic,
        types,
        diagnostics,
    } = recursion(modules, first);
    elaborator.unusable = cyclic;
    elaborator.diagnostics = diagnostics;
    let mut check = |def| {
        let item = modules.item(def);
        elaborator.begin_item(crate::module::item_name(item).map_or(item.span, |n| n.span));
        elaborator.check_item(def, &item.kind);
    };
    // A type that is wrong in itself is known to be before it is used.
    types.into_iter().for_each(&mut check);
    for (def, _) in modules.items(first).filter(|(_, i)| !is_type(i)) {
        check(def);
    }
}

fn is_type(item: &ast::Item) -> bool {
    matches!(item.kind, ItemKind::Type(_))
}

/// Diagnostics in source order. What is said twice of one place is said once: a mistake inside an
/// anonymous function or a composite shows at each of its uses.
pub(crate) fn in_order(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    fn key(d: &Diagnostic) -> (Span, &str, &str) {
        (d.span(), d.code, &d.title)
    }
    diagnostics.sort_by(|a, b| key(a).cmp(&key(b)));
    diagnostics.dedup_by(|a, b| key(a) == key(b));
    diagnostics
}

impl Elaborator<'_> {
    fn check_item(&mut self, def: DefId, kind: &ItemKind) {
        let module = Env::module(def.module);
        match kind {
            ItemKind::Import(_) => {}
            ItemKind::Fn(f) => self.check_fn(f, &module),
            ItemKind::Model(m) => self.check_model(def, m, &module),
            ItemKind::Lens(l) => self.check_lens(def, l, &module),
            ItemKind::Optimizer(o) => self.check_optimizer(def, o, &module),
            ItemKind::Data(d) => {
                let (_, diagnostics) = crate::data::read(d, self.modules, def.module);
                self.diagnostics.extend(diagnostics);
            }
            ItemKind::Learner(_) => {
                self.learner(def);
            }
            // A session looks at what it stands for when it is bound.
            ItemKind::Let(_) => {}
            ItemKind::Test(t) => {
                let value = self.claim(&t.body, &module);
                self.check_truth(value, t.body.span);
            }
            ItemKind::Law(l) => self.check_law(l, &module),
            ItemKind::Type(t) => self.check_type(def, t),
        }
    }

    fn check_law(&mut self, l: &ast::LawDef, module: &Env) {
        let statics = l.statics.iter().map(|s| &s.name);
        self.refuse_twins(statics.chain(l.params.iter().map(|p| &p.name)));
        let env = self.rigid(&l.statics, module);
        self.assume(&l.wheres, &env);
        let inner = self.check_params(&l.params, &env);
        for ty in l.params.iter().filter_map(|p| p.ty.as_ref()) {
            if let Some(meaning) = self.dry(|e| e.input_ty(ty, &env)) {
                self.check_drawable(&meaning, ty.span);
            }
        }
        let value = self.claim(&l.body, &inner);
        self.check_truth(value, l.body.span);
    }

    /// The condition of a test or a law.
    fn claim(&mut self, e: &Expr, env: &Env) -> Value {
        self.in_claim = true;
        let value = self.expr(e, env);
        self.in_claim = false;
        value
    }

    fn check_truth(&mut self, value: Value, span: Span) {
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

    pub(crate) fn assume(&mut self, wheres: &[ast::Where], env: &Env) {
        for w in wheres {
            if about_numbers(w, env) {
                for side in [&w.left, &w.right] {
                    let value = self.expr(side, env);
                    self.coerce(value, &Ty::scalar(Kind::Real), side.span);
                }
                continue;
            }
            if let Some((difference, equal)) = self.where_size(w, env) {
                if equal {
                    self.assumptions.push(difference.scale(-1));
                }
                self.assumptions.push(difference);
            }
        }
    }

    pub(crate) fn check_params(&mut self, params: &[ast::Param], env: &Env) -> Env {
        let mut inner = env.clone();
        for param in params {
            let value = match &param.ty {
                Some(ty) => match self.input_ty(ty, env) {
                    Some(ty) => {
                        self.assume_sizes(&ty);
                        self.unknown(&ty)
                    }
                    None => Value::Error,
                },
                // The parser has refused it.
                None => Value::Error,
            };
            inner = inner.bind(param.name.text.as_str(), value);
        }
        inner
    }

    /// Sizes of what is given are sizes of something that exists.
    fn assume_sizes(&mut self, ty: &Ty) {
        match ty {
            Ty::Array(_, shape) => {
                let open = shape.iter().filter(|s| !s.provably_nonnegative(&[]));
                self.assumptions.extend(open.cloned());
            }
            Ty::Tuple(parts) => parts.iter().for_each(|t| self.assume_sizes(t)),
            Ty::Record(fields) => fields.iter().for_each(|(_, t)| self.assume_sizes(t)),
            Ty::Key | Ty::Arrow(..) | Ty::Space(_) => {}
        }
    }

    /// A body at its result type.
    fn check_result(
        &mut self,
        value: Value,
        result: Option<&ast::TypeExpr>,
        body: &Expr,
        env: &Env,
    ) {
        if let Some(result) = result
            && let Some(ty) = self.ty(result, env)
        {
            self.coerce(value, &ty, tail(body).span);
        }
    }

    fn check_fn(&mut self, f: &ast::FnDef, module: &Env) {
        let statics = f.statics.iter().map(|s| &s.name);
        self.refuse_twins(statics.chain(f.params.iter().map(|p| &p.name)));
        let env = self.rigid(&f.statics, module);
        self.assume(&f.wheres, &env);
        let inner = self.check_params(&f.params, &env);
        let wanted = f.result.as_ref();
        let wanted = wanted.and_then(|ty| self.dry(|e| e.input_ty(ty, &env)));
        self.in_function = true;
        let value = self.expr_over(&f.body, &inner, wanted.as_ref());
        self.in_function = false;
        self.check_result(value, f.result.as_ref(), &f.body, &env);
    }

    fn check_model(&mut self, def: DefId, m: &ast::ModelDef, module: &Env) {
        let env = self.rigid(&m.statics, module);
        match &m.signature {
            Some(signature) => self.check_signed_model(def, m, signature, &env),
            None => self.check_composite(m, &env),
        }
    }

    /// `model m = f >> g`.
    fn check_composite(&mut self, m: &ast::ModelDef, env: &Env) {
        self.refuse_twins(m.statics.iter().map(|s| &s.name));
        let span = m.body.span;
        let value = self.expr(&m.body, env);
        if value.is_error() {
            return;
        }
        let Some(model) = self.as_model(value, span) else {
            return;
        };
        let Some(params) = self.params(&model) else {
            return;
        };
        // Where the first factor says what comes in, the whole composite is run through.
        if let Some(inputs) = self.input_types(&model) {
            let inputs = inputs.iter().map(|t| self.unknown(t)).collect();
            let record = self.unknown(&record_type(&params));
            let mut supply = self.any_training(record);
            supply.ledger = Some((self.open_ledger(), "".into()));
            self.apply_closed(&model, &supply, inputs, span);
            self.close_ledger();
        }
    }

    fn check_signed_model(
        &mut self,
        def: DefId,
        m: &ast::ModelDef,
        signature: &ast::ModelSignature,
        env: &Env,
    ) {
        let statics = m.statics.iter().map(|s| &s.name);
        let params = signature.params.iter().map(|p| match p {
            ModelParam::Weight(w) | ModelParam::State(w) => &w.name,
            ModelParam::Use(p) => &p.name,
            ModelParam::Using(name) => name,
        });
        let inputs = signature.inputs.iter().map(|p| &p.name);
        let uses = crate::elaborate::uses(&m.body).into_iter().map(|(n, _)| n);
        self.refuse_twins(statics.chain(params).chain(uses).chain(inputs));
        self.check_state(m, signature);
        let slots = self.dry(|e| e.declared_slots(signature, env));
        self.assume(&signature.wheres, slots.as_ref().unwrap_or(env));
        let inputs = self.check_params(&signature.inputs, env);
        // Whatever may fill a slot, nothing is known of it but its type.
        let Some(env) = &self.declared_slots(signature, env) else {
            return;
        };
        let env_of = env.clone();
        let model = Value::Model(Arc::new(Model::Def { def, env: env_of }));
        let Some(params) = self.params(&model) else {
            return;
        };
        self.check_own_initials(signature, &params);
        let record = self.unknown(&record_type(&params));
        let values: Vec<Value> = signature
            .inputs
            .iter()
            .map(|p| inputs.get(&p.name.text).cloned().unwrap_or(Value::Error))
            .collect();
        let (_, moded) = using(signature);
        let phases: &[Phase] = match moded {
            true => &[Phase::Train, Phase::Predict],
            false => &[Phase::Train],
        };
        for &phase in phases {
            // What depends on the mode has a key while it learns only.
            let mut supply = match phase {
                Phase::Train => self.any_training(record.clone()),
                Phase::Predict => Supply::predicting(record.clone()),
            };
            supply.ledger = Some((self.open_ledger(), "".into()));
            let value = self.model_body(m, signature, env, &supply, values.clone());
            self.close_ledger();
            self.check_result(value, signature.result.as_ref(), &m.body, env);
        }
    }

    /// What a model is applied with in some training.
    fn any_training(&self, params: Value) -> Supply {
        Supply {
            key: Some(self.source(Value::Key(None))),
            phase: Phase::Train,
            ..Supply::predicting(params)
        }
    }

    /// What a model may use, and whether each of its states has one next value.
    fn check_state(&mut self, m: &ast::ModelDef, signature: &ast::ModelSignature) {
        for param in &signature.params {
            if let ModelParam::Using(name) = param
                && !["key", "mode"].contains(&name.text.as_str())
            {
                let title = format!("there is no `using {}`", name.text);
                let label = "a model can use `key` and `mode`";
                self.error(Diagnostic::error("E0442", title, name.span, label));
            }
        }
        let mut given: Vec<&ast::Ident> = Vec::new();
        if let ast::ExprKind::Block(statements, _) = &m.body.kind {
            for statement in statements {
                let ast::Statement::State(name, _) = statement else {
                    continue;
                };
                let problem = match given.iter().any(|n| n.text == name.text) {
                    true => Some(format!("`{}` is given two next values", name.text)),
                    false if state_of(signature, name).is_none() => {
                        Some(format!("there is no state `{}`", name.text))
                    }
                    false => None,
                };
                given.push(name);
                if let Some(title) = problem {
                    let label = "this one is too much";
                    self.wrong_state(title, label, name.span, None);
                }
            }
        }
        for param in &signature.params {
            let ModelParam::State(w) = param else {
                continue;
            };
            if given.iter().all(|n| n.text != w.name.text) {
                let title = format!("`{}` is given no next value", w.name.text);
                let hint = format!("write `state {} = …` at the top of the body", w.name.text);
                self.wrong_state(
                    title,
                    "a state is kept from step to step",
                    w.name.span,
                    Some(hint),
                );
            }
        }
    }

    fn wrong_state(&mut self, title: String, label: &str, span: Span, hint: Option<String>) {
        let d = Diagnostic::error("E0445", title, span, label);
        self.error(match hint {
            Some(hint) => d.hint(hint),
            None => d,
        });
    }

    fn check_optimizer(&mut self, def: DefId, o: &ast::OptimizerDef, module: &Env) {
        let names = o.hyper.iter().chain(&o.states).map(|w| &w.name);
        let names = o.statics.iter().map(|s| &s.name).chain(names);
        self.refuse_twins(names.chain([&o.p.name, &o.put_param]));
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
        // What the model sees has the type of `p`, so its gradient has the type of `p`'s changes.
        self.optimizer_put(&optimizer, &scope, &states, &p, &dp);
    }

    /// Checks the initialisers that are written in a signature itself, with its sizes still open, against
    /// the types of what they initialise.
    pub(crate) fn check_own_initials(
        &mut self,
        signature: &ast::ModelSignature,
        params: &[ParamDecl],
    ) {
        let own = signature.params.iter().filter_map(|p| match p {
            ModelParam::Weight(w) | ModelParam::State(w) => Some(w.name.text.as_str()),
            ModelParam::Use(_) | ModelParam::Using(_) => None,
        });
        let own: BTreeSet<&str> = own.collect();
        for p in params.iter().filter(|p| own.contains(&*p.path)) {
            if let Some((init, env)) = &p.init {
                self.initial_value(init, env, &p.ty, &Value::Key(None), p.span);
            }
        }
    }
}

/// The expression that a body's value comes from.
pub(crate) fn tail(body: &ast::Expr) -> &ast::Expr {
    match &body.kind {
        ast::ExprKind::Block(_, result) => tail(result),
        _ => body,
    }
}
