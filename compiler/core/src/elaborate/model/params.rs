//! Parameter spaces: paths, types and initialisers.

use crate::elaborate::Elaborator;
use crate::module::DefId;
use crate::ty::Ty;
use crate::value::{Env, Model, ParamDecl, Value};
use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{self, Expr, ExprKind, ItemKind, ModelParam, Statement};
use std::rc::Rc;

/// A path below a segment.
pub fn join_path(segment: Option<&str>, path: &str) -> Rc<str> {
    match segment {
        Some(segment) => format!("{segment}.{path}").into(),
        None => path.into(),
    }
}

impl Elaborator<'_> {
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

    pub(crate) fn model_def(
        &self,
        def: DefId,
    ) -> Option<(&'_ ast::ModelDef, &'_ ast::ModelSignature)> {
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

    /// Parameters as a record of paths.
    pub(crate) fn param_record(
        &mut self,
        model: &Value,
        params: Vec<Value>,
        span: Span,
    ) -> Option<Value> {
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

fn trainable(ty: &Ty) -> bool {
    match ty {
        Ty::Array(kind, _) => kind.differentiable(),
        Ty::Tuple(parts) => parts.iter().all(trainable),
        Ty::Record(fields) => fields.iter().all(|(_, t)| trainable(t)),
        Ty::Space(..) => true,
        Ty::Key | Ty::Arrow(..) => false,
    }
}
