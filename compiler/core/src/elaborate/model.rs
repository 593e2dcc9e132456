//! Models: parametrised maps, their parameter spaces, and composition in Para.

use std::rc::Rc;

use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{self, Expr, ExprKind, ItemKind, ModelParam, Statement};

use super::Elaborator;
use super::call::memo_key;
use crate::module::DefId;
use crate::ty::Ty;
use crate::value::{Env, Factor, Func, Model, ParamDecl, Value};

/// A path below a segment.
pub fn join_path(segment: Option<&str>, path: &str) -> Rc<str> {
    match segment {
        Some(segment) => format!("{segment}.{path}").into(),
        None => path.into(),
    }
}

impl Elaborator<'_> {
    /// A map or model as a model value.
    pub(crate) fn as_model(&mut self, value: Value, span: Span) -> Option<Value> {
        match &value {
            Value::Model(_) => Some(value),
            Value::Func(f) => match &**f {
                Func::Def { def, statics: None } if self.is_model(*def) => {
                    // A model whose sizes are missing: carriers alone may be left out.
                    match self.definition(*def, Some(Vec::new()), span) {
                        Value::Model(m) => Some(Value::Model(m)),
                        _ => None,
                    }
                }
                _ => Some(Value::Model(Rc::new(Model::Map(value)))),
            },
            other => {
                self.not_a_map(&other.clone(), span);
                None
            }
        }
    }

    fn is_model(&self, def: DefId) -> bool {
        matches!(&self.modules.item(def).kind, ItemKind::Model(_))
    }

    /// `f >> g >> …` or `f | g | …`.
    pub(crate) fn compose(&mut self, factors: Vec<Factor>, in_sequence: bool, span: Span) -> Value {
        if factors.iter().any(|f| f.model.is_error()) {
            return Value::Error;
        }
        let mut out: Vec<Factor> = Vec::new();
        let mut counts: Vec<(Rc<str>, usize)> = Vec::new();
        for factor in factors {
            let labelled = factor.segment.clone();
            let Some(model) = self.as_model(factor.model, factor.span) else {
                return Value::Error;
            };
            // A second factor of one name gets a number, so that paths stay apart.
            let segment = labelled.map(|name| {
                let count = match counts.iter_mut().find(|(n, _)| *n == name) {
                    Some((_, count)) => {
                        *count += 1;
                        *count
                    }
                    None => {
                        counts.push((name.clone(), 1));
                        1
                    }
                };
                if count == 1 {
                    name
                } else {
                    format!("{name}_{count}").into()
                }
            });
            out.push(Factor {
                segment,
                model,
                span: factor.span,
            });
        }
        let model = if in_sequence {
            Model::Then(out)
        } else {
            Model::Beside(out)
        };
        let value = Value::Model(Rc::new(model));
        // Two paths that coincide would be one parameter by accident.
        if let Some(params) = self.params(&value, span) {
            for (i, p) in params.iter().enumerate() {
                if params[..i].iter().any(|q| q.path == p.path) {
                    let title = format!("two parameters are called `{}`", p.path);
                    return self.error(
                        Diagnostic::error("E0404", title, span, "in this composite")
                            .hint("label the factors: `first: f >> second: g`"),
                    );
                }
            }
        } else {
            return Value::Error;
        }
        value
    }

    /// The parameter space of a model: paths, types and initialisers, in order.
    pub(crate) fn params(&mut self, model: &Value, span: Span) -> Option<Vec<ParamDecl>> {
        let Value::Model(m) = model else {
            return Some(Vec::new());
        };
        match &**m {
            Model::Map(_) | Model::Given(..) => Some(Vec::new()),
            Model::Def { def, env } => self.def_params(*def, env),
            Model::Then(factors) | Model::Beside(factors) => {
                let mut out = Vec::new();
                for factor in factors {
                    let inner = self.params(&factor.model, span)?;
                    let segment = factor.segment.as_deref();
                    out.extend(inner.into_iter().map(|p| ParamDecl {
                        path: join_path(segment, &p.path),
                        ..p
                    }));
                }
                Some(out)
            }
            Model::Tied(_, inner) | Model::Each(inner) => self.params(inner, span),
        }
    }

    fn model_def(&self, def: DefId) -> Option<(&'_ ast::ModelDef, &'_ ast::ModelSignature)> {
        match &self.modules.item(def).kind {
            ItemKind::Model(d) => Some((d, d.signature.as_ref()?)),
            _ => None,
        }
    }

    fn def_params(&mut self, def: DefId, env: &Env) -> Option<Vec<ParamDecl>> {
        let modules = self.modules;
        let ItemKind::Model(d) = &modules.item(def).kind else {
            return None;
        };
        let signature = d.signature.as_ref()?;
        let mut out = Vec::new();
        for param in &signature.params {
            match param {
                ModelParam::Weight(w) => {
                    let ty = self.ty(&w.ty, env)?;
                    if !trainable(&ty) {
                        let title = format!("`{}` cannot be learnt", w.name.text);
                        let label = format!("`{ty}` has no changes");
                        self.error(
                            Diagnostic::error("E0405", title, w.ty.span, label)
                                .hint("make it an input, right of the `;`"),
                        );
                        return None;
                    }
                    out.push(ParamDecl {
                        path: w.name.text.as_str().into(),
                        ty,
                        init: w.init.clone().map(|e| (Rc::new(e), env.clone())),
                        span: w.name.span,
                    });
                }
                ModelParam::Use(p) => return self.not_yet("a submodel as an argument", &p.name),
                ModelParam::State(w) => return self.not_yet("a running state", &w.name),
                ModelParam::Using(name) => return self.not_yet("`using`", name),
            }
        }
        for (name, e) in uses(&d.body) {
            let value = self.expr(e, env);
            let model = self.as_model(value, e.span)?;
            for p in self.params(&model, e.span)? {
                out.push(ParamDecl {
                    path: join_path(Some(&name.text), &p.path),
                    ..p
                });
            }
        }
        Some(out)
    }

    fn not_yet<T>(&mut self, what: &str, name: &ast::Ident) -> Option<T> {
        let title = format!("{what} is not available in models yet");
        let label = format!("`{}` is parsed, not yet compiled", name.text);
        self.error(Diagnostic::error("E0590", title, name.span, label));
        None
    }

    /// A model at parameters (a record of all paths, or one value for each weight in order) and inputs.
    pub(crate) fn apply_model(
        &mut self,
        model: &Value,
        params: Vec<Value>,
        inputs: Vec<Value>,
        span: Span,
    ) -> Value {
        if params.iter().chain(&inputs).any(Value::is_error) {
            return Value::Error;
        }
        match model {
            Value::Func(f) => match &**f {
                Func::Def { def, statics } if self.is_model(*def) => {
                    self.apply_open_model(*def, statics.as_deref(), params, inputs, span)
                }
                Func::Rev(inner) => self.reverse_model(inner, params, inputs, span),
                _ if params.is_empty() => self.apply(model, inputs, span),
                _ => self.no_params(span),
            },
            Value::Model(m) => {
                if let Model::Given(inner, given) = &**m {
                    if !params.is_empty() {
                        return self.no_params(span);
                    }
                    return self.apply_closed(inner, given, inputs, span);
                }
                let Some(record) = self.param_record(model, params, span) else {
                    return Value::Error;
                };
                if inputs.is_empty() && !record_is_empty(&record) {
                    // `f(p;)`: the parameters alone.
                    return Value::Model(Rc::new(Model::Given(model.clone(), Rc::new(record))));
                }
                self.apply_closed(model, &record, inputs, span)
            }
            other => self.not_a_map(&other.clone(), span),
        }
    }

    fn no_params(&mut self, span: Span) -> Value {
        let title = "this has no parameters to give";
        self.error(Diagnostic::error("E0406", title, span, "left of the `;`"))
    }

    /// Parameters as a record of paths.
    fn param_record(&mut self, model: &Value, params: Vec<Value>, span: Span) -> Option<Value> {
        let decls = self.params(model, span)?;
        let ty = Ty::Record(
            decls
                .iter()
                .map(|p| (p.path.clone(), p.ty.clone()))
                .collect(),
        );
        if let [Value::Record(_)] = &params[..]
            && let Some(record) = params.first()
        {
            let value = self.coerce(record.clone(), &ty, span);
            return (!value.is_error()).then_some(value);
        }
        if params.len() != decls.len() {
            let paths: Vec<&str> = decls.iter().map(|p| &*p.path).collect();
            let title = "a wrong number of parameters";
            let label = match paths.is_empty() {
                true => format!("{} given, none wanted", params.len()),
                false => format!(
                    "{} given; wanted are `{}`",
                    params.len(),
                    paths.join("`, `")
                ),
            };
            self.error(Diagnostic::error("E0402", title, span, label));
            return None;
        }
        let mut fields = Vec::new();
        for (value, decl) in params.into_iter().zip(&decls) {
            let value = self.coerce(value, &decl.ty, span);
            if value.is_error() {
                return None;
            }
            fields.push((decl.path.clone(), value));
        }
        Some(Value::Record(fields))
    }

    /// A model whose static arguments are still to be inferred: `dense(w, b; x)`.
    fn apply_open_model(
        &mut self,
        def: DefId,
        statics: Option<&[Value]>,
        params: Vec<Value>,
        inputs: Vec<Value>,
        span: Span,
    ) -> Value {
        let Some((d, signature)) = self.model_def(def) else {
            return Value::Error;
        };
        let (d, signature) = (d.clone(), signature.clone());
        if !self.right_count(signature.inputs.len(), inputs.len(), span) {
            return Value::Error;
        }
        let weights: Vec<&ast::TypeExpr> = signature
            .params
            .iter()
            .filter_map(|p| match p {
                ModelParam::Weight(w) => Some(&w.ty),
                _ => None,
            })
            .collect();
        let mut types: Vec<&ast::TypeExpr> = Vec::new();
        let mut values = Vec::new();
        if weights.len() == params.len() {
            types.extend(&weights);
            values.extend(params.iter().cloned());
        }
        types.extend(signature.inputs.iter().filter_map(|p| p.ty.as_ref()));
        values.extend(inputs.iter().cloned());
        let module = Env::module(def.module);
        let Some(env) = self.infer_statics(&d.statics, &module, statics, &types, &values, span)
        else {
            return Value::Error;
        };
        let model = Value::Model(Rc::new(Model::Def { def, env }));
        self.apply_model(&model, params, inputs, span)
    }

    /// A model at the record of its parameters.
    pub(crate) fn apply_closed(
        &mut self,
        model: &Value,
        params: &Value,
        inputs: Vec<Value>,
        span: Span,
    ) -> Value {
        if params.is_error() || inputs.iter().any(Value::is_error) {
            return Value::Error;
        }
        let Value::Model(m) = model else {
            return self.apply(model, inputs, span);
        };
        let m = m.clone();
        self.deeper(span, |e| match &*m {
            Model::Map(f) => {
                let inputs = e.spread(f, inputs);
                e.apply(f, inputs, span)
            }
            Model::Def { def, env } => {
                let inputs = e.spread(model, inputs);
                e.apply_def_model(*def, env, params, inputs, span)
            }
            Model::Given(inner, given) => e.apply_closed(inner, given, inputs, span),
            Model::Then(factors) => {
                let mut values = inputs;
                for factor in factors {
                    let part = part_of(params, factor.segment.as_deref());
                    let out = e.apply_closed(&factor.model, &part, values, factor.span);
                    values = vec![out];
                }
                values.pop().unwrap_or(Value::Error)
            }
            Model::Beside(factors) => {
                let values = match &inputs[..] {
                    [Value::Tuple(parts)] if parts.len() == factors.len() => parts.clone(),
                    _ => inputs,
                };
                if values.len() != factors.len() {
                    let title = "`|` takes one input for each side";
                    let label = format!("{} inputs, {} sides", values.len(), factors.len());
                    return e.error(Diagnostic::error("E0407", title, span, label));
                }
                let mut out = Vec::new();
                for (factor, value) in factors.iter().zip(values) {
                    let part = part_of(params, factor.segment.as_deref());
                    out.push(e.apply_closed(&factor.model, &part, vec![value], factor.span));
                }
                Value::Tuple(out)
            }
            Model::Tied(k, inner) => {
                let mut values = inputs;
                for _ in 0..*k {
                    values = vec![e.apply_closed(inner, params, values, span)];
                }
                values.pop().unwrap_or(Value::Error)
            }
            Model::Each(inner) => e.each(inputs, span, &mut |e, x| {
                e.apply_closed(inner, params, x, span)
            }),
        })
    }

    /// One tuple for a map of several arguments becomes those arguments.
    fn spread(&self, function: &Value, inputs: Vec<Value>) -> Vec<Value> {
        let wanted = self.input_count(function);
        match &inputs[..] {
            [Value::Tuple(parts)] if wanted.is_some_and(|n| n > 1 && n == parts.len()) => {
                parts.clone()
            }
            _ => inputs,
        }
    }

    fn input_count(&self, function: &Value) -> Option<usize> {
        match function {
            Value::Func(f) => match &**f {
                Func::Def { def, .. } => match &self.modules.item(*def).kind {
                    ItemKind::Fn(d) => Some(d.params.len()),
                    ItemKind::Model(d) => d.signature.as_ref().map(|s| s.inputs.len()),
                    _ => None,
                },
                Func::Lambda { params, .. } => Some(params.len()),
                Func::Builtin { name, .. } => {
                    super::builtin::parameter_names(name).map(|names| names.len())
                }
                Func::Declared(from, _) => Some(from.len()),
                _ => None,
            },
            Value::Model(m) => match &**m {
                Model::Def { def, .. } => self.model_def(*def).map(|(_, s)| s.inputs.len()),
                Model::Map(f) => self.input_count(f),
                _ => None,
            },
            _ => None,
        }
    }

    fn apply_def_model(
        &mut self,
        def: DefId,
        env: &Env,
        params: &Value,
        inputs: Vec<Value>,
        span: Span,
    ) -> Value {
        let modules = self.modules;
        let ItemKind::Model(d) = &modules.item(def).kind else {
            return Value::Error;
        };
        let Some(signature) = &d.signature else {
            return Value::Error;
        };
        if !self.right_count(signature.inputs.len(), inputs.len(), span)
            || !self.wheres_hold(&signature.wheres, env, span)
        {
            return Value::Error;
        }
        let mut types = Vec::new();
        let mut args = Vec::new();
        for (param, value) in signature.inputs.iter().zip(inputs) {
            let Some(ty) = param.ty.as_ref().and_then(|t| self.ty(t, env)) else {
                return Value::Error;
            };
            let value = self.coerce(value, &ty, span);
            if value.is_error() {
                return Value::Error;
            }
            types.push(ty);
            args.push(value);
        }
        let result = match &signature.result {
            Some(ty) => match self.dry(|e| e.ty(ty, env)) {
                Some(ty) => Some(ty),
                None => return Value::Error,
            },
            None => None,
        };
        if !self.lowering() {
            return match result {
                Some(ty) => self.unknown(&ty),
                None => self.dry(|e| e.model_body(d, signature, env, params, args)),
            };
        }
        let Some(param_ty) = params.ty() else {
            return Value::Error;
        };
        types.insert(0, param_ty);
        args.insert(0, params.clone());
        let key = memo_key(def, &d.statics, env, &types);
        if !args.iter().all(Value::is_first_order) {
            return self.model_body(d, signature, env, params, args.split_off(1));
        }
        self.call_lowered(key, &d.name.text, &types, args, |e, mut args| {
            let params = args.remove(0);
            let value = e.model_body(d, signature, env, &params, args);
            match &result {
                Some(ty) => e.coerce(value, ty, d.body.span),
                None => value,
            }
        })
    }

    /// The body of a model with everything it names bound.
    pub(crate) fn model_body(
        &mut self,
        d: &ast::ModelDef,
        signature: &ast::ModelSignature,
        env: &Env,
        params: &Value,
        inputs: Vec<Value>,
    ) -> Value {
        let mut inner = env.clone();
        for param in &signature.params {
            if let ModelParam::Weight(w) = param {
                let value = super::region::field(params, &w.name.text).cloned();
                inner = inner.bind(w.name.text.as_str(), value.unwrap_or(Value::Error));
            }
        }
        for (name, e) in uses(&d.body) {
            let value = self.expr(e, env);
            let Some(model) = self.as_model(value, e.span) else {
                return Value::Error;
            };
            let part = part_of(params, Some(&name.text));
            let given = Value::Model(Rc::new(Model::Given(model, Rc::new(part))));
            inner = inner.bind(name.text.as_str(), given);
        }
        for (param, value) in signature.inputs.iter().zip(inputs) {
            inner = inner.bind(param.name.text.as_str(), value);
        }
        self.expr(&d.body, &inner)
    }

    /// `rev(m)(p; x…, dy)`: the cotangents of the parameters and of the inputs.
    fn reverse_model(
        &mut self,
        model: &Value,
        params: Vec<Value>,
        mut args: Vec<Value>,
        span: Span,
    ) -> Value {
        let Some(model) = self.as_model(model.clone(), span) else {
            return Value::Error;
        };
        let Some(dy) = args.pop() else {
            self.right_count(1, 0, span);
            return Value::Error;
        };
        let Some(record) = self.param_record(&model, params, span) else {
            return Value::Error;
        };
        args.insert(0, record);
        self.reverse_of(args, span, dy, &mut |e, mut xs| {
            let params = xs.remove(0);
            e.apply_closed(&model, &params, xs, span)
        })
    }

    /// The names of a model's inputs, as far as they are known.
    pub(crate) fn input_names(&self, model: &Value) -> Vec<String> {
        match model {
            Value::Model(m) => match &**m {
                Model::Then(factors) => factors
                    .first()
                    .map_or(Vec::new(), |f| self.input_names(&f.model)),
                Model::Map(inner) | Model::Given(inner, _) | Model::Tied(_, inner) => {
                    self.input_names(inner)
                }
                Model::Def { .. } => self.parameter_names(model).unwrap_or_default(),
                Model::Beside(_) | Model::Each(_) => Vec::new(),
            },
            _ => self.parameter_names(model).unwrap_or_default(),
        }
    }

    /// The types of a model's inputs, where they are known from it alone.
    pub(crate) fn input_types(&mut self, model: &Value) -> Option<Vec<Ty>> {
        match model {
            Value::Func(f) => match &**f {
                Func::Def { def, statics } => match &self.modules.item(*def).kind {
                    ItemKind::Fn(d) if d.statics.is_empty() || statics.is_some() => {
                        let d = d.clone();
                        let module = Env::module(def.module);
                        let statics = statics.clone();
                        let span = d.name.span;
                        let env =
                            self.bind_statics(&d.statics, &module, statics.as_deref(), span)?;
                        d.params
                            .iter()
                            .map(|p| self.ty(p.ty.as_ref()?, &env))
                            .collect()
                    }
                    _ => None,
                },
                Func::Lambda { params, env, .. } => {
                    let (params, env) = (params.clone(), env.clone());
                    params
                        .iter()
                        .map(|p| self.ty(p.ty.as_ref()?, &env))
                        .collect()
                }
                Func::Declared(from, _) => Some(from.clone()),
                _ => None,
            },
            Value::Model(m) => match &**m {
                Model::Map(f) => self.input_types(f),
                Model::Given(inner, _) | Model::Tied(_, inner) => self.input_types(inner),
                Model::Each(_) => None,
                Model::Def { def, env } => {
                    let (_, signature) = self.model_def(*def)?;
                    let inputs = signature.inputs.clone();
                    inputs
                        .iter()
                        .map(|p| self.ty(p.ty.as_ref()?, env))
                        .collect()
                }
                Model::Then(factors) => self.input_types(&factors.first()?.model),
                Model::Beside(factors) => {
                    let mut out = Vec::new();
                    for factor in factors {
                        match &self.input_types(&factor.model)?[..] {
                            [one] => out.push(one.clone()),
                            many => out.push(Ty::Tuple(many.to_vec())),
                        }
                    }
                    Some(out)
                }
            },
            _ => None,
        }
    }
}

/// The submodels that a model's body takes in.
pub(crate) fn uses(body: &Expr) -> Vec<(&ast::Ident, &Expr)> {
    match &body.kind {
        ExprKind::Block(statements, _) => statements
            .iter()
            .filter_map(|s| match s {
                Statement::Use(name, e) => Some((name, e)),
                Statement::Let(..) => None,
            })
            .collect(),
        _ => Vec::new(),
    }
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
            .filter_map(|(n, v)| Some((Rc::from(n.strip_prefix(&prefix)?), v.clone())))
            .collect(),
    )
}

fn record_is_empty(value: &Value) -> bool {
    matches!(value, Value::Record(fields) if fields.is_empty())
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
