//! Parameter spaces: paths, types and initialisers.

use crate::elaborate::place::Place;
use crate::elaborate::{Elaborator, MAX_MODELS, MAX_PARTS, Mode};
use crate::module::DefId;
use crate::supply::Supply;
use crate::ty::Ty;
use crate::value::{Env, Model, ParamDecl, Value};
use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{self, Expr, ExprKind, ItemKind, ModelParam, Statement};
use std::sync::Arc;

/// A path below a segment.
pub fn join_path(segment: Option<&str>, path: &str) -> Arc<str> {
    match segment {
        Some(segment) => format!("{segment}.{path}").into(),
        None => path.into(),
    }
}

impl Elaborator<'_> {
    /// The parameters and the states of a model: paths, types and initialisers, in order.
    pub(crate) fn params(&mut self, model: &Value) -> Option<Vec<ParamDecl>> {
        self.space(model).map(|space| space.decls)
    }

    /// What a model is made of, and what it depends on besides its inputs.
    pub(crate) fn space(&mut self, model: &Value) -> Option<Space> {
        let Value::Model(m) = model else {
            return Some(Space::default());
        };
        let place = self.item_place();
        if !self.spend(1, place) {
            return None;
        }
        match &**m {
            Model::Map(_) | Model::Bound(..) => Some(Space::default()),
            Model::Def { def, env } => {
                let alone = env.is_module() && self.mode == Mode::Check;
                if alone && let Some(space) = self.spaces.get(def) {
                    return space.clone();
                }
                let space = self.def_space(*def, env);
                // What is wrong with it has been said, unless it is evaluated for a type only.
                if alone && (self.dry == 0 || space.is_some()) {
                    self.spaces.insert(*def, space.clone());
                }
                space
            }
            Model::Then(factors) | Model::Beside(factors) => {
                let mut out = Space::default();
                for factor in factors {
                    let inner = self.space(&factor.model)?;
                    self.take_in(&mut out, factor.segment.as_deref(), inner, factor.span)?;
                }
                Some(out)
            }
            Model::Tied(_, inner)
            | Model::Open(inner, _)
            | Model::Each(inner)
            | Model::Checkpoint(inner)
            | Model::Typed(inner, ..) => self.space(inner),
            Model::Frozen(inner) => {
                let mut space = self.space(inner)?;
                space.decls.iter_mut().for_each(|d| d.frozen = true);
                Some(space)
            }
            Model::Given(inner, _) => {
                let mut space = self.space(inner)?;
                space.decls.retain(|d| d.running);
                Some(space)
            }
        }
    }

    pub(crate) fn model_def(
        &self,
        def: DefId,
    ) -> Option<(&'_ ast::ModelDef, &'_ ast::ModelSignature)> {
        match &self.modules.item(def).kind {
            ItemKind::Model(d) => Some((d, d.signature.as_ref()?)),
            _ => None,
        }
    }

    /// A learnt parameter as it is declared.
    pub(crate) fn weight(&mut self, w: &ast::Weight, env: &Env) -> Option<ParamDecl> {
        let ty = self.ty(&w.ty, env)?;
        if !trainable(&ty) {
            let hint = "make it an input, right of the `;`, or a `state`";
            return self.not_kept(w, &ty, "learnt", "has no changes", hint);
        }
        Some(declared(w, ty, env, false))
    }

    fn def_space(&mut self, def: DefId, env: &Env) -> Option<Space> {
        let modules = self.modules;
        let d = match &modules.item(def).kind {
            ItemKind::Model(d) => d,
            ItemKind::Lens(l) => {
                let decls = self.lens_params(l, env)?;
                return Some(Space {
                    decls,
                    ..Space::default()
                });
            }
            _ => return None,
        };
        let signature = d.signature.as_ref()?;
        let mut out = Space::default();
        for param in &signature.params {
            match param {
                ModelParam::Weight(w) => out.decls.push(self.weight(w, env)?),
                // What fills the slot has parameters below its name.
                ModelParam::Use(p) => {
                    if let Some(Value::Model(m)) = env.get(&p.name.text) {
                        let inner = self.space(&Value::Model(m.clone()))?;
                        self.take_in(&mut out, Some(&p.name.text), inner, p.name.span)?;
                    }
                }
                ModelParam::State(w) => {
                    let ty = self.ty(&w.ty, env)?;
                    if !crate::elaborate::region::is_stackable(&ty) {
                        let hint = "a state is made of numbers";
                        return self.not_kept(w, &ty, "kept", "is no array of numbers", hint);
                    }
                    out.decls.push(declared(w, ty, env, true));
                }
                ModelParam::Using(_) => {}
            }
        }
        let (key, mode) = using(signature);
        out.moded |= mode;
        out.key = out.key.max(match (key, mode) {
            (true, true) => Need::Train,
            (true, false) => Need::Always,
            (false, _) => Need::Never,
        });
        // A submodel may be made of the slots and of the submodels before it, whose parameters are
        // there already.
        let given = Supply::predicting(self.unknown(&record_type(&out.decls)));
        let mut scope = self.slots_bound(d, signature, env, &given)?;
        for (name, e) in uses(&d.body) {
            let value = self.expr(e, &scope);
            let model = self.as_model(value, e.span)?;
            let inner = self.space(&model)?;
            let record = self.unknown(&record_type(&inner.decls));
            let bound = Model::Bound(model, Arc::new(Supply::predicting(record)));
            scope = scope.bind(name.text.as_str(), Value::Model(Arc::new(bound)));
            self.take_in(&mut out, Some(&name.text), inner, e.span)?;
        }
        Some(out)
    }

    /// What a part of a space is made of, below a segment; `None` if that is too much.
    fn take_in(
        &mut self,
        space: &mut Space,
        segment: Option<&str>,
        part: Space,
        place: Span,
    ) -> Option<()> {
        space.depth = space.depth.max(part.depth + 1);
        if space.depth > MAX_MODELS {
            let title = "these models nest too deeply";
            let label = format!("more than {MAX_MODELS} models inside each other");
            let hint = "layers in sequence stand in one composite: `f >> g >> h`";
            self.error(Diagnostic::error("E0501", title, place, label).hint(hint));
            return None;
        }
        let parts = space.decls.len() + part.decls.len();
        let few = self.has_few_parts(parts, MAX_PARTS, "parameter space", place);
        if !few || !self.spend(part.decls.len(), place) {
            return None;
        }
        space
            .decls
            .extend(part.decls.into_iter().map(|d| ParamDecl {
                path: join_path(segment, &d.path),
                ..d
            }));
        space.key = space.key.max(part.key);
        space.moded |= part.moded;
        Some(())
    }

    fn not_kept<T>(
        &mut self,
        w: &ast::Weight,
        ty: &Ty,
        how: &str,
        why: &str,
        hint: &str,
    ) -> Option<T> {
        let title = format!("`{}` cannot be {how}", w.name.text);
        let label = format!("`{ty}` {why}");
        self.error(Diagnostic::error("E0405", title, w.ty.span, label).hint(hint));
        None
    }

    /// Parameters as a record of paths: given as a record, which may be nested, or one by one.
    pub(crate) fn param_record(
        &mut self,
        model: &Value,
        params: Vec<Value>,
        at: &Place,
    ) -> Option<Value> {
        let mut decls = self.params(model)?;
        decls.retain(|d| !d.running);
        if let [record @ Value::Record(fields)] = &params[..] {
            let named = |p: &ParamDecl| by_path(record, &p.path).is_some();
            // A single parameter that is a record itself may be given as it is.
            if decls.len() != 1 || decls.iter().any(named) {
                return self.named_params(&decls, record, fields, at);
            }
        }
        if params.len() != decls.len() {
            let paths: Vec<&str> = decls.iter().map(|p| &*p.path).collect();
            self.wrong_params(params.len(), &paths, at.span);
            return None;
        }
        let mut fields = Vec::new();
        for (k, (value, decl)) in params.into_iter().zip(&decls).enumerate() {
            let value = self.coerce(value, &decl.ty, at.param(k));
            fields.push((decl.path.clone(), value));
        }
        let record = Value::Record(fields.into());
        (!record.is_error()).then_some(record)
    }

    fn named_params(
        &mut self,
        decls: &[ParamDecl],
        record: &Value,
        given: &[(Arc<str>, Value)],
        at: &Place,
    ) -> Option<Value> {
        for (name, _) in given {
            let below = format!("{name}.");
            if !decls
                .iter()
                .any(|p| p.path == *name || p.path.starts_with(&below))
            {
                let title = format!("there is no parameter `{name}`");
                let paths: Vec<&str> = decls.iter().map(|p| &*p.path).collect();
                let mut d = Diagnostic::error("E0402", title, at.param(0), "not a parameter");
                d = match paths.is_empty() {
                    true => d.hint("it has no parameters"),
                    false => d.hint(format!("it has `{}`", paths.join("`, `"))),
                };
                self.error(d);
                return None;
            }
        }
        let mut fields = Vec::new();
        for decl in decls {
            let Some(value) = by_path(record, &decl.path) else {
                let title = format!("the parameter `{}` is missing", decl.path);
                let label = format!("it is `{}`", decl.ty);
                self.error(Diagnostic::error("E0402", title, at.param(0), label));
                return None;
            };
            let value = self.coerce(value.clone(), &decl.ty, at.param(0));
            fields.push((decl.path.clone(), value));
        }
        let record = Value::Record(fields.into());
        (!record.is_error()).then_some(record)
    }

    pub(crate) fn wrong_params(&mut self, given: usize, wanted: &[&str], span: Span) {
        let title = "a wrong number of parameters";
        let label = match wanted.is_empty() {
            true => format!("{given} given, none wanted"),
            false => format!("{given} given; wanted are `{}`", wanted.join("`, `")),
        };
        self.error(Diagnostic::error("E0402", title, span, label));
    }
}

/// The type of a parameter space.
pub(crate) fn record_type(params: &[ParamDecl]) -> Ty {
    Ty::Record(
        params
            .iter()
            .map(|p| (p.path.clone(), p.ty.clone()))
            .collect(),
    )
}

/// What a model is made of, and what it depends on besides its inputs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Space {
    /// Its parameters and its states.
    pub(crate) decls: Vec<ParamDecl>,
    /// When it wants a key.
    pub(crate) key: Need,
    /// Whether it depends on the mode.
    pub(crate) moded: bool,
    /// How many models are inside each other.
    depth: usize,
}

/// When a model wants a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    /// It draws no random numbers.
    #[default]
    Never,
    /// While it learns: `using key, using mode`.
    Train,
    /// Whenever it runs: `using key`.
    Always,
}

fn declared(w: &ast::Weight, ty: Ty, env: &Env, running: bool) -> ParamDecl {
    ParamDecl {
        path: w.name.text.as_str().into(),
        ty,
        running,
        frozen: false,
        init: w.init.clone().map(|e| (Arc::new(e), env.clone())),
        span: w.name.span,
    }
}

/// Whether a model has `using key`, and `using mode`.
pub(crate) fn using(signature: &ast::ModelSignature) -> (bool, bool) {
    let has = |word: &str| {
        signature
            .params
            .iter()
            .any(|p| matches!(p, ModelParam::Using(name) if name.text == word))
    };
    (has("key"), has("mode"))
}

/// The submodels that a model's body takes in.
pub(crate) fn uses(body: &Expr) -> Vec<(&ast::Ident, &Expr)> {
    match &body.kind {
        ExprKind::Block(statements, _) => statements
            .iter()
            .filter_map(|s| match s {
                Statement::Use(name, e) => Some((name, e)),
                Statement::Let(..) | Statement::State(..) => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The parts of a parameter record, taken in the order of the factors they belong to.
pub(crate) struct Parts<'p> {
    params: &'p Value,
    next: usize,
}

impl Parts<'_> {
    /// All parameters of a composite.
    pub(crate) fn of(params: &Value) -> Parts<'_> {
        Parts { params, next: 0 }
    }

    /// The parameters of the next factor.
    pub(crate) fn below(&mut self, segment: Option<&str>) -> Value {
        let (Some(segment), Value::Record(fields)) = (segment, self.params) else {
            return self.params.clone();
        };
        // In the order of declaration they come after those before them, so all parts together are
        // found by going through the record once.
        let prefix = format!("{segment}.");
        let rest = &fields[self.next..];
        let Some(skipped) = rest.iter().position(|(n, _)| n.starts_with(&prefix)) else {
            return part_of(self.params, Some(segment));
        };
        let part: Vec<(Arc<str>, Value)> = rest[skipped..]
            .iter()
            .map_while(|(n, v)| Some((Arc::from(n.strip_prefix(&prefix)?), v.clone())))
            .collect();
        self.next += skipped + part.len();
        Value::Record(part.into())
    }
}

/// A value of a record by its path, whose segments may be fields of fields.
pub(crate) fn by_path<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    let Value::Record(fields) = value else {
        return None;
    };
    if let Some(value) = fields.get(path) {
        return Some(value);
    }
    fields.iter().find_map(|(n, v)| {
        let rest = path.strip_prefix(&**n)?.strip_prefix('.')?;
        by_path(v, rest)
    })
}

/// The parameters below a segment; all of them if there is none.
pub(crate) fn part_of(params: &Value, segment: Option<&str>) -> Value {
    let (Some(segment), Value::Record(fields)) = (segment, params) else {
        return params.clone();
    };
    let prefix = format!("{segment}.");
    Value::Record(
        fields
            .iter()
            .filter_map(|(n, v)| Some((Arc::from(n.strip_prefix(&prefix)?), v.clone())))
            .collect(),
    )
}

fn trainable(ty: &Ty) -> bool {
    match ty {
        Ty::Array(kind, _) => kind.differentiable(),
        Ty::Tuple(parts) => parts.iter().all(trainable),
        Ty::Record(fields) => fields.iter().all(|(_, t)| trainable(t)),
        Ty::Space(..) => true,
        Ty::Key | Ty::Arrow(..) => false,
    }
}
