//! Calls of definitions: each is lowered once for each combination of static arguments.

use crate::elaborate::Elaborator;
use crate::module::DefId;
use crate::ty::Ty;
use crate::value::{Const, Env, Func, Value};
use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{self, ItemKind, StaticParam, TypeExpr};
use lentil_unary::{Function, Op};
use std::rc::Rc;
use std::sync::Arc;

impl Elaborator<'_> {
    pub(crate) fn apply_def(
        &mut self,
        def: DefId,
        statics: Option<&[Value]>,
        args: Vec<Value>,
        span: Span,
    ) -> Value {
        let modules = self.modules;
        match &modules.item(def).kind {
            ItemKind::Fn(f) => self.apply_fn(def, f, statics, args, None, span),
            ItemKind::Model(m) if m.signature.as_ref().is_some_and(|s| s.params.is_empty()) => {
                let model = Value::Func(Rc::new(Func::Def {
                    def,
                    statics: statics.map(<[Value]>::to_vec),
                }));
                self.apply_model(&model, Vec::new(), args, span)
            }
            ItemKind::Model(m) => {
                let title = format!("`{}` has parameters", m.name.text);
                self.error(
                    Diagnostic::error("E0402", title, span, "called without them").hint(format!(
                        "give them before a `;`, or take it in with `use f = {}[…]`",
                        m.name.text
                    )),
                )
            }
            _ => self.error(Diagnostic::error(
                "E0331",
                "this cannot be called",
                span,
                "not a map",
            )),
        }
    }

    /// A function where a result type is wanted, which may determine static arguments
    /// (an initialiser's sizes).
    pub(crate) fn apply_expecting(
        &mut self,
        function: &Value,
        args: Vec<Value>,
        wanted: &Ty,
        span: Span,
    ) -> Value {
        let modules = self.modules;
        if let Value::Func(f) = function
            && let Func::Def { def, statics } = &**f
            && let ItemKind::Fn(d) = &modules.item(*def).kind
        {
            let statics = statics.clone();
            return self.deeper(span, |e| {
                e.apply_fn(*def, d, statics.as_deref(), args, Some(wanted), span)
            });
        }
        self.apply(function, args, span)
    }

    fn apply_fn(
        &mut self,
        def: DefId,
        f: &ast::FnDef,
        statics: Option<&[Value]>,
        args: Vec<Value>,
        wanted: Option<&Ty>,
        span: Span,
    ) -> Value {
        if !self.right_count(f.params.len(), args.len(), span) {
            return Value::Error;
        }
        if let Some(lifted) = self.lift(def, f, statics, &args, span) {
            return lifted;
        }
        let types: Vec<&TypeExpr> = f.params.iter().filter_map(|p| p.ty.as_ref()).collect();
        let module = Env::module(def.module);
        let mut patterns = types.clone();
        let mut samples = args.clone();
        if let (Some(result), Some(wanted)) = (&f.result, wanted) {
            patterns.push(result);
            samples.push(self.unknown(wanted));
        }
        let Some(env) = self.infer_statics(&f.statics, &module, statics, &patterns, &samples, span)
        else {
            return Value::Error;
        };
        if !self.wheres_hold(&f.wheres, &env, span) {
            return Value::Error;
        }
        let Some((types, args)) = self.coerce_args(&types, &env, args, span) else {
            return Value::Error;
        };
        let result = match &f.result {
            Some(ty) => match self.dry(|e| e.ty(ty, &env)) {
                Some(ty) => Some(ty),
                None => return Value::Error,
            },
            None => None,
        };
        let bound = |args: Vec<Value>| {
            let mut inner = env.clone();
            for (param, value) in f.params.iter().zip(args) {
                inner = inner.bind(param.name.text.as_str(), value);
            }
            inner
        };
        if !self.lowering() {
            return match result {
                Some(ty) => self.unknown(&ty),
                // Errors of the body are reported where it is checked.
                None => self.dry(|e| e.expr(&f.body, &bound(args))),
            };
        }
        if !args.iter().all(Value::is_first_order) {
            let value = self.expr(&f.body, &bound(args));
            return match result {
                Some(ty) => self.coerce(value, &ty, span),
                None => value,
            };
        }
        let key = memo_key(def, &f.statics, &env, &types);
        let body = |e: &mut Self, args: Vec<Value>| {
            let value = e.expr(&f.body, &bound(args));
            match &result {
                Some(ty) => e.coerce(value, ty, f.body.span),
                None => value,
            }
        };
        self.call_lowered(key, &f.name.text, &types, args, body)
    }

    /// Calls a definition that is lowered once for each key.
    pub(crate) fn call_lowered(
        &mut self,
        key: MemoKey,
        name: &str,
        types: &[Ty],
        args: Vec<Value>,
        body: impl FnOnce(&mut Self, Vec<Value>) -> Value,
    ) -> Value {
        let packed = Ty::Tuple(types.to_vec());
        let lowered = match self.memo.get(&key) {
            Some(lowered) => lowered.clone(),
            None => {
                // A body that yields functions or bare constants stays a compile-time value.
                let mut kept = None;
                let closed = self.closed_region(&packed, |e, packed| {
                    let Value::Tuple(parts) = packed else {
                        return Value::Error;
                    };
                    let value = body(e, parts);
                    if !value.is_first_order() {
                        kept = Some(value.clone());
                    }
                    value
                });
                if let Some(value) = kept {
                    return match value {
                        Value::Const(_) | Value::Text(_) => value,
                        Value::Error => Value::Error,
                        other if other.is_error() => Value::Error,
                        other => self.settle_constant_product(other),
                    };
                }
                let Some((finished, result)) = closed else {
                    return Value::Error;
                };
                assert!(
                    finished.captures.is_empty(),
                    "a definition captures nothing"
                );
                let function = self.function(name, finished.region);
                let lowered = Lowered { function, result };
                self.memo.insert(key, lowered.clone());
                lowered
            }
        };
        let args = self.leaves(&Value::Tuple(args));
        let results = self.frames.emit(Op::Call(lowered.function), &args);
        self.value_of(&lowered.result, &mut results.into_iter())
    }

    fn settle_constant_product(&mut self, value: Value) -> Value {
        // Products that mix constants with arrays of a closed region cannot leave it.
        let title = "the result type of this definition is needed";
        let span = Span::default();
        if value.ty().is_none() && holds_arrays(&value) {
            return self.error(
                Diagnostic::error("E0334", title, span, "it returns numbers beside arrays")
                    .hint("write `-> T` behind its parameters"),
            );
        }
        value
    }

    /// Arguments at the parameters' types.
    fn coerce_args(
        &mut self,
        types: &[&TypeExpr],
        env: &Env,
        args: Vec<Value>,
        span: Span,
    ) -> Option<(Vec<Ty>, Vec<Value>)> {
        let mut tys = Vec::new();
        let mut out = Vec::new();
        for (ty, value) in types.iter().zip(args) {
            let ty = self.ty(ty, env)?;
            let value = self.coerce(value, &ty, span);
            if value.is_error() {
                return None;
            }
            tys.push(ty);
            out.push(value);
        }
        Some((tys, out))
    }
}

/// What distinguishes two lowerings of one definition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct MemoKey {
    def: DefId,
    statics: String,
    args: String,
}

/// A lowered definition.
#[derive(Clone, Debug)]
pub(crate) struct Lowered {
    function: Arc<Function>,
    result: Ty,
}

/// What names a lowering: static arguments and argument types in words.
pub(crate) fn memo_key(def: DefId, params: &[StaticParam], env: &Env, types: &[Ty]) -> MemoKey {
    let statics: Vec<String> = params
        .iter()
        .map(|p| match env.get(&p.name.text) {
            Some(Value::Const(Const::Int(n))) => n.to_string(),
            Some(Value::Kind(k)) => k.to_string(),
            Some(Value::Type(t)) => t.to_string(),
            _ => String::new(),
        })
        .collect();
    let args: Vec<String> = types.iter().map(Ty::to_string).collect();
    MemoKey {
        def,
        statics: statics.join(","),
        args: args.join(","),
    }
}

fn holds_arrays(value: &Value) -> bool {
    match value {
        Value::Array(_) | Value::Key(_) => true,
        Value::Tuple(parts) => parts.iter().any(holds_arrays),
        Value::Record(fields) => fields.iter().any(|(_, v)| holds_arrays(v)),
        _ => false,
    }
}
