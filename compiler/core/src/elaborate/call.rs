//! Calls: static arguments are inferred from the arguments' types, scalar functions apply pointwise,
//! and a definition is lowered once for each combination of static arguments.

use std::rc::Rc;
use std::sync::Arc;

use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{self, Expr, ExprKind, ItemKind, StaticParam, TypeExpr, TypeKind};
use lentil_unary::{Function, Op, Prim};

use super::Elaborator;
use super::types::StaticBound;
use crate::module::DefId;
use crate::size::{Size, SizeVar};
use crate::ty::{Bound, Kind, Ty};
use crate::value::{Arr, Const, Env, Func, Model, Value};

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

impl Elaborator<'_> {
    /// A call as it is written, with named arguments and parameters left of a `;`.
    pub(crate) fn call_expr(
        &mut self,
        function: Value,
        args: &ast::CallArgs,
        env: &Env,
        span: Span,
    ) -> Value {
        if function.is_error() {
            // The arguments may have errors of their own.
            for arg in &args.args {
                self.expr(unlabelled(arg), env);
            }
            return Value::Error;
        }
        if let Value::Func(f) = &function
            && let Func::Def { def, .. } = &**f
            && let ItemKind::Optimizer(_) = &self.modules.item(*def).kind
        {
            return self.optimizer_value(*def, args, env, span);
        }
        let names = self.parameter_names(&function);
        let Some(values) = self.arguments(&args.args, names.as_deref(), env) else {
            return Value::Error;
        };
        match &args.params {
            None => self.apply(&function, values, span),
            Some(params) => {
                let params: Vec<Value> = params.iter().map(|p| self.expr(p, env)).collect();
                if params.iter().any(Value::is_error) {
                    return Value::Error;
                }
                self.apply_model(&function, params, values, span)
            }
        }
    }

    /// Arguments in the order of the parameters.
    fn arguments(
        &mut self,
        args: &[Expr],
        names: Option<&[String]>,
        env: &Env,
    ) -> Option<Vec<Value>> {
        let mut slots: Vec<Option<Value>> = Vec::new();
        let mut named = false;
        let mut failed = false;
        for arg in args {
            match &arg.kind {
                ExprKind::Labelled(name, e) => {
                    named = true;
                    let value = self.expr(e, env);
                    failed |= value.is_error();
                    let known = names.unwrap_or(&[]);
                    match known.iter().position(|n| *n == name.text) {
                        Some(k) => {
                            if slots.len() <= k {
                                slots.resize(k + 1, None);
                            }
                            if slots[k].is_some() {
                                let title = format!("`{}` is given twice", name.text);
                                self.error(Diagnostic::error("E0329", title, name.span, "again"));
                                failed = true;
                            }
                            slots[k] = Some(value);
                        }
                        None => {
                            let title = format!("there is no parameter `{}`", name.text);
                            let mut d =
                                Diagnostic::error("E0330", title, name.span, "not a parameter");
                            let close = crate::spelling::closest(
                                &name.text,
                                known.iter().map(String::as_str),
                            );
                            if let Some(close) = close {
                                d = d.hint(format!("did you mean `{close}`?"));
                            }
                            self.error(d);
                            failed = true;
                        }
                    }
                }
                _ => {
                    let value = self.expr(arg, env);
                    failed |= value.is_error();
                    if named {
                        let title = "an argument without a name follows one with a name";
                        self.error(Diagnostic::error("E0329", title, arg.span, "give its name"));
                        failed = true;
                    }
                    slots.push(Some(value));
                }
            }
        }
        if failed {
            return None;
        }
        // A hole is an argument that is missing; the callee says so.
        Some(slots.into_iter().map_while(|s| s).collect())
    }

    pub(crate) fn parameter_names(&self, function: &Value) -> Option<Vec<String>> {
        let named = |params: &[ast::Param]| params.iter().map(|p| p.name.text.clone()).collect();
        match function {
            Value::Func(f) => match &**f {
                Func::Def { def, .. } => match &self.modules.item(*def).kind {
                    ItemKind::Fn(d) => Some(named(&d.params)),
                    ItemKind::Model(d) => d.signature.as_ref().map(|s| named(&s.inputs)),
                    _ => None,
                },
                Func::Lambda { params, .. } => Some(named(params)),
                Func::Builtin { name, .. } => super::builtin::parameter_names(name),
                _ => None,
            },
            Value::Model(m) => match &**m {
                Model::Def { def, .. } => match &self.modules.item(*def).kind {
                    ItemKind::Model(d) => d.signature.as_ref().map(|s| named(&s.inputs)),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }

    /// A map, or a model without parameters, at arguments.
    pub(crate) fn apply(&mut self, function: &Value, args: Vec<Value>, span: Span) -> Value {
        if args.iter().any(Value::is_error) {
            return Value::Error;
        }
        self.deeper(span, |e| match function {
            Value::Error => Value::Error,
            Value::Func(f) => e.apply_func(f, args, span),
            Value::Model(_) => e.apply_model(function, Vec::new(), args, span),
            Value::Kind(kind) if !matches!(kind, Kind::Category(_)) => {
                e.in_carrier(kind, args, span)
            }
            other => {
                let title = "this cannot be called";
                let label = format!("this is {}", other.describe());
                e.error(Diagnostic::error("E0331", title, span, label))
            }
        })
    }

    fn apply_func(&mut self, f: &Rc<Func>, args: Vec<Value>, span: Span) -> Value {
        match &**f {
            Func::Def { def, statics } => self.apply_def(*def, statics.as_deref(), args, span),
            Func::Builtin { name, statics } => {
                self.apply_builtin(name, statics.as_deref(), args, span)
            }
            Func::Lambda { params, body, env } => {
                if !self.right_count(params.len(), args.len(), span) {
                    return Value::Error;
                }
                let mut inner = env.clone();
                for (param, value) in params.iter().zip(args) {
                    let value = match &param.ty {
                        Some(ty) => match self.ty(ty, env) {
                            Some(ty) => self.coerce(value, &ty, span),
                            None => Value::Error,
                        },
                        None => value,
                    };
                    inner = inner.bind(param.name.text.as_str(), value);
                }
                self.expr(body, &inner)
            }
            Func::Declared(from, to) => {
                if !self.right_count(from.len(), args.len(), span) {
                    return Value::Error;
                }
                let mut good = true;
                for (value, ty) in args.into_iter().zip(from) {
                    good &= !self.coerce(value, ty, span).is_error();
                }
                if good { self.unknown(to) } else { Value::Error }
            }
            Func::Rev(inner) => self.apply_reverse(inner, args, span),
            Func::Fwd(inner) => self.apply_forward(inner, args, span),
            Func::Grad(inner) => self.apply_gradient(inner, args, span),
            Func::Each(inner) => {
                let inner = inner.clone();
                self.each(args, span, &mut |e, element| e.apply(&inner, element, span))
            }
        }
    }

    /// Over a leading axis of every argument.
    pub(crate) fn each(
        &mut self,
        args: Vec<Value>,
        span: Span,
        f: &mut dyn FnMut(&mut Self, Vec<Value>) -> Value,
    ) -> Value {
        let args: Vec<Value> = args
            .into_iter()
            .map(|a| self.settle_real(a, span))
            .collect();
        let mut n: Option<Size> = None;
        for arg in &args {
            let leading = arg.ty().and_then(|t| leading_size(&t));
            match (leading, &n) {
                (None, _) => {
                    let title = "`each` runs over a leading axis";
                    let label = format!("an argument is {}", arg.describe());
                    return self.error(Diagnostic::error("E0332", title, span, label));
                }
                (Some(m), Some(n)) if m != *n => {
                    let title = "these have different sizes";
                    let label = format!("one runs over `{n}`, another over `{m}`");
                    return self.error(Diagnostic::error("E0310", title, span, label));
                }
                (Some(m), _) => n = Some(m),
            }
        }
        let Some(n) = n else {
            let title = "`each` needs an argument to run over";
            return self.error(Diagnostic::error("E0332", title, span, "no arguments"));
        };
        self.map_over(&n, &Value::Tuple(args), span, |e, _, x| match x {
            Value::Tuple(parts) => f(e, parts),
            _ => Value::Error,
        })
    }

    pub(crate) fn right_count(&mut self, wanted: usize, given: usize, span: Span) -> bool {
        if wanted != given {
            let title = "a wrong number of arguments";
            let label = format!("{given} given, {wanted} wanted");
            self.error(Diagnostic::error("E0333", title, span, label));
        }
        wanted == given
    }

    fn apply_def(
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

    /// A function over scalars, applied where arrays arrive: element by element.
    fn lift(
        &mut self,
        def: DefId,
        f: &ast::FnDef,
        statics: Option<&[Value]>,
        args: &[Value],
        span: Span,
    ) -> Option<Value> {
        let scalar_params = !f.params.is_empty()
            && f.params
                .iter()
                .all(|p| p.ty.as_ref().is_some_and(|t| is_scalar_type(t, &f.statics)));
        let arrays = |v: &Value| match v {
            Value::Array(a) => !a.shape.is_empty(),
            Value::Const(c) => c.shape().is_none_or(|s| !s.is_empty()),
            Value::Tuple(_) | Value::Record(_) | Value::Space(..) => true,
            _ => false,
        };
        if !scalar_params || !args.iter().any(arrays) {
            return None;
        }
        let function = Value::Func(Rc::new(Func::Def {
            def,
            statics: statics.map(<[Value]>::to_vec),
        }));
        if let [single] = args {
            return Some(self.map_value(single.clone(), span, &mut |e, a| {
                e.lift_arrays(&function, vec![Value::Array(a)], span)
            }));
        }
        if let [a, b] = args {
            return Some(self.zip(a.clone(), b.clone(), span, &mut |e, a, b| {
                e.lift_arrays(&function, vec![a, b], span)
            }));
        }
        Some(self.lift_arrays(&function, args.to_vec(), span))
    }

    fn lift_arrays(&mut self, function: &Value, args: Vec<Value>, span: Span) -> Value {
        let shape = args.iter().find_map(|v| match v {
            Value::Array(a) if !a.shape.is_empty() => Some(a.shape.clone()),
            Value::Const(c) => c
                .shape()
                .filter(|s| !s.is_empty())
                .map(|s| s.iter().map(|&n| Size::constant(n as i128)).collect()),
            _ => None,
        });
        let Some(shape) = shape else {
            return self.apply(function, args, span);
        };
        let total = shape.iter().fold(Size::constant(1), |p, n| p.mul(n));
        // Flat arrays run along; scalars are used again and again.
        let mut flat = Vec::new();
        let mut kept: Vec<Option<Value>> = Vec::new();
        for value in args {
            let value = match value {
                Value::Const(c) if c.shape().is_some_and(|s| !s.is_empty()) => {
                    self.settle_real(Value::Const(c), span)
                }
                other => other,
            };
            match value {
                Value::Error => return Value::Error,
                Value::Array(a) if !a.shape.is_empty() => {
                    if a.shape != shape {
                        let title = "these have different sizes";
                        let label = format!("this is `{}`", a.ty());
                        return self.error(Diagnostic::error("E0310", title, span, label));
                    }
                    flat.push(Value::Array(self.reshaped(&a, vec![total.clone()])));
                    kept.push(None);
                }
                other => kept.push(Some(other)),
            }
        }
        let out = self.map_over(&total, &Value::Tuple(flat), span, |e, _, x| {
            let Value::Tuple(parts) = x else {
                return Value::Error;
            };
            let mut parts = parts.into_iter();
            let args = kept
                .iter()
                .map(|k| k.clone().or_else(|| parts.next()).unwrap_or(Value::Error))
                .collect();
            e.apply(function, args, span)
        });
        self.map_value(out, span, &mut |e, a| {
            let shape = [&shape[..], &a.shape[1..]].concat();
            Value::Array(e.reshaped(&a, shape))
        })
    }

    pub(crate) fn reshaped(&mut self, a: &Arr, shape: Vec<Size>) -> Arr {
        if a.shape == shape {
            return a.clone();
        }
        let target = shape.clone();
        self.array(
            a.kind.clone(),
            shape,
            |e| Prim::Reshape(e.numbers(&target)),
            &[a],
        )
    }

    /// Static parameters bound to given arguments; missing carriers become `Real`, sizes must be there.
    pub(crate) fn bind_statics(
        &mut self,
        params: &[StaticParam],
        env: &Env,
        given: Option<&[Value]>,
        span: Span,
    ) -> Option<Env> {
        let assigned = self.assign_statics(params, given.unwrap_or(&[]), span)?;
        let mut env = env.clone();
        for (param, value) in params.iter().zip(assigned) {
            let value = match (value, &param.bound) {
                (Some(value), _) => value,
                (None, Some(_)) => Value::Kind(Kind::Real),
                (None, None) => {
                    self.cannot_infer(param, span);
                    return None;
                }
            };
            env = env.bind(param.name.text.as_str(), value);
        }
        Some(env)
    }

    /// Given static arguments, each at its parameter: carriers may be left out.
    fn assign_statics(
        &mut self,
        params: &[StaticParam],
        given: &[Value],
        span: Span,
    ) -> Option<Vec<Option<Value>>> {
        let mut out: Vec<Option<Value>> = Vec::new();
        let mut rest = given.iter().peekable();
        for param in params {
            let wants_carrier = param.bound.is_some();
            match rest.peek() {
                Some(Value::Kind(kind)) if wants_carrier => {
                    if let Some(StaticBound::Carrier(bound)) =
                        param.bound.as_ref().and_then(|b| self.bound(b))
                        && !kind.satisfies(bound)
                    {
                        self.unfit_carrier(kind, bound, param, span);
                        return None;
                    }
                    out.push(rest.next().cloned());
                }
                Some(Value::Type(_)) if wants_carrier => out.push(rest.next().cloned()),
                Some(Value::Const(_)) if !wants_carrier => out.push(rest.next().cloned()),
                _ => out.push(None),
            }
        }
        if rest.peek().is_some() {
            let names: Vec<&str> = params.iter().map(|p| p.name.text.as_str()).collect();
            let title = "these brackets do not fit";
            let label = format!("`[{}]` is wanted", names.join(", "));
            self.error(Diagnostic::error("E0335", title, span, label));
            return None;
        }
        Some(out)
    }

    fn unfit_carrier(&mut self, kind: &Kind, bound: Bound, param: &StaticParam, span: Span) {
        let title = format!("`{kind}` is not a `{bound}`");
        let label = format!("`{}` stands for a `{bound}`", param.name.text);
        self.error(Diagnostic::error("E0336", title, span, label));
    }

    fn cannot_infer(&mut self, param: &StaticParam, span: Span) {
        let name = &param.name.text;
        let title = format!("the value of `{name}` is not known here");
        self.error(
            Diagnostic::error("E0337", title, span, "no argument determines it")
                .label(param.name.span, "declared here")
                .hint("give it in brackets behind the name"),
        );
    }

    /// Static parameters from what is given and from the arguments' types.
    pub(crate) fn infer_statics(
        &mut self,
        params: &[StaticParam],
        env: &Env,
        given: Option<&[Value]>,
        types: &[&TypeExpr],
        args: &[Value],
        span: Span,
    ) -> Option<Env> {
        let mut known = self.assign_statics(params, given.unwrap_or(&[]), span)?;
        // Unknown sizes are variables in the patterns; matching solves for them, possibly in
        // several rounds because `n + m` needs one of the two first.
        let vars: Vec<SizeVar> = params
            .iter()
            .map(|p| SizeVar {
                id: self.fresh(),
                name: p.name.text.as_str().into(),
            })
            .collect();
        for round in 0..=params.len() {
            let mut inner = env.clone();
            for ((param, value), var) in params.iter().zip(&known).zip(&vars) {
                let value = value.clone().unwrap_or_else(|| match param.bound {
                    None => Value::Const(Const::Int(Size::var(var.clone()))),
                    Some(_) => Value::Kind(Kind::Var(var.id, var.name.clone(), Bound::Ring)),
                });
                inner = inner.bind(param.name.text.as_str(), value);
            }
            if known.iter().all(Option::is_some) || round == params.len() {
                break;
            }
            for (ty, arg) in types.iter().zip(args) {
                self.match_pattern(ty, arg, &inner, params, &vars, &mut known);
            }
        }
        for (param, value) in params.iter().zip(&mut known) {
            match (value.as_ref(), &param.bound) {
                (None, Some(bound)) => match self.bound(bound)? {
                    StaticBound::Carrier(_) => *value = Some(Value::Kind(Kind::Real)),
                    StaticBound::Space => {
                        self.cannot_infer(param, span);
                        return None;
                    }
                },
                (None, None) => {
                    self.cannot_infer(param, span);
                    return None;
                }
                (Some(Value::Kind(kind)), Some(bound)) => {
                    if let Some(StaticBound::Carrier(bound)) = self.bound(bound)
                        && !kind.satisfies(bound)
                    {
                        let kind = kind.clone();
                        self.unfit_carrier(&kind, bound, param, span);
                        return None;
                    }
                }
                _ => {}
            }
        }
        let mut env = env.clone();
        for (param, value) in params.iter().zip(known) {
            env = env.bind(param.name.text.as_str(), value.unwrap_or(Value::Error));
        }
        Some(env)
    }

    fn match_pattern(
        &mut self,
        pattern: &TypeExpr,
        arg: &Value,
        env: &Env,
        params: &[StaticParam],
        vars: &[SizeVar],
        known: &mut [Option<Value>],
    ) {
        match (&pattern.kind, arg) {
            (TypeKind::Name { name, brackets }, value) => {
                let position = params.iter().position(|p| p.name.text == name.text);
                if brackets.is_empty()
                    && let Some(k) = position
                    && known[k].is_none()
                    && matches!(&params[k].bound, Some(b) if is_space(b))
                {
                    if let Some(ty) = value.ty() {
                        known[k] = Some(Value::Type(Rc::new(ty)));
                    }
                    return;
                }
                let (kind, shape) = match value {
                    Value::Array(a) => (Some(a.kind.clone()), a.shape.clone()),
                    Value::Const(c) => match c.shape() {
                        Some(s) => (None, s.iter().map(|&n| Size::constant(n as i128)).collect()),
                        None => return,
                    },
                    _ => return,
                };
                if let (Some(k), Some(kind)) = (position, kind)
                    && known[k].is_none()
                {
                    known[k] = Some(Value::Kind(kind));
                }
                let sizes = match brackets.last() {
                    Some(sizes) if !(brackets.len() == 1 && name.text == "Mod") => sizes,
                    _ => return,
                };
                if sizes.len() != shape.len() {
                    return;
                }
                for (size, actual) in sizes.iter().zip(&shape) {
                    let Some(size) = self.dry(|e| e.size(size, env)) else {
                        continue;
                    };
                    let open: Vec<usize> = (0..vars.len())
                        .filter(|&k| known[k].is_none() && size.vars().contains(&vars[k]))
                        .collect();
                    if let [k] = open[..]
                        && let Some(solved) = size.solve_for(&vars[k], actual)
                    {
                        known[k] = Some(Value::Const(Const::Int(solved)));
                    }
                }
            }
            (TypeKind::Tuple(patterns), Value::Tuple(values)) => {
                for (p, v) in patterns.iter().zip(values) {
                    self.match_pattern(p, v, env, params, vars, known);
                }
            }
            (TypeKind::Record(patterns), Value::Record(values)) => {
                for (name, p) in patterns {
                    if let Some((_, v)) = values.iter().find(|(n, _)| **n == *name.text) {
                        self.match_pattern(p, v, env, params, vars, known);
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether what a definition demands of its sizes is proved here.
    pub(crate) fn wheres_hold(&mut self, wheres: &[ast::Where], env: &Env, span: Span) -> bool {
        let mut all = true;
        for w in wheres {
            let Some((difference, equal)) = self.where_size(w, env) else {
                return false;
            };
            let holds = match equal {
                true => difference == Size::constant(0),
                false => difference.provably_nonnegative(&self.assumptions),
            };
            if !holds {
                let title = "a condition on sizes does not hold here";
                let label = match difference.as_constant() {
                    Some(n) => format!("it is short by {}", n.unsigned_abs()),
                    None => format!("`{difference} >= 0` is not proved"),
                };
                let place = w.left.span.to(w.right.span);
                self.error(
                    Diagnostic::error("E0338", title, span, label).label(place, "demanded here"),
                );
                all = false;
            }
        }
        all
    }

    /// What a condition says is at least zero (or, if equal, is zero).
    pub(crate) fn where_size(&mut self, w: &ast::Where, env: &Env) -> Option<(Size, bool)> {
        let (a, b) = (self.size(&w.left, env)?, self.size(&w.right, env)?);
        let one = Size::constant(1);
        match w.op {
            ast::BinaryOp::Ge => Some((a.sub(&b), false)),
            ast::BinaryOp::Le => Some((b.sub(&a), false)),
            ast::BinaryOp::Gt => Some((a.sub(&b).sub(&one), false)),
            ast::BinaryOp::Lt => Some((b.sub(&a).sub(&one), false)),
            ast::BinaryOp::Eq => Some((a.sub(&b), true)),
            _ => {
                let title = "a condition on sizes compares them";
                self.error(Diagnostic::error(
                    "E0338",
                    title,
                    w.left.span,
                    "with `>=`, `<=` or `==`",
                ));
                None
            }
        }
    }

    /// Checks a function value against an arrow type, by applying it to unknown values.
    pub(crate) fn check_arrow(&mut self, value: &Value, from: &[Ty], to: &Ty, span: Span) {
        if self.lowering() {
            return;
        }
        let args: Vec<Value> = from.iter().map(|t| self.unknown(t)).collect();
        let result = self.apply(value, args, span);
        self.coerce(result, to, span);
    }
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

fn unlabelled(e: &Expr) -> &Expr {
    match &e.kind {
        ExprKind::Labelled(_, inner) => inner,
        _ => e,
    }
}

fn is_scalar_type(ty: &TypeExpr, statics: &[StaticParam]) -> bool {
    match &ty.kind {
        TypeKind::Name { name, brackets } => {
            let space = statics
                .iter()
                .any(|s| s.name.text == name.text && s.bound.as_ref().is_some_and(is_space));
            let plain = brackets.is_empty() && name.text != "Key" && !space;
            plain || name.text == "Mod" && brackets.len() == 1
        }
        TypeKind::Tuple(_) | TypeKind::Record(_) | TypeKind::Arrow(..) => false,
    }
}

fn is_space(bound: &TypeExpr) -> bool {
    matches!(&bound.kind, TypeKind::Name { name, .. } if name.text == "Space")
}

/// The common leading size of a product of arrays.
fn leading_size(ty: &Ty) -> Option<Size> {
    match ty {
        Ty::Array(_, shape) => shape.first().cloned(),
        Ty::Tuple(parts) => parts.iter().find_map(leading_size),
        Ty::Record(fields) => fields.iter().find_map(|(_, t)| leading_size(t)),
        Ty::Key | Ty::Arrow(..) | Ty::Space(..) => None,
    }
}
