//! Calls of definitions: each is lowered once for each combination of static arguments.

use std::sync::Arc;

use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{self, ItemKind, StaticParam, TypeExpr};
use lentil_unary::{Function, Op};

use crate::elaborate::Elaborator;
use crate::elaborate::bindings::Given;
use crate::elaborate::place::Place;
use crate::module::DefId;
use crate::size::Size;
use crate::supply::Phase;
use crate::ty::{Kind, Ty};
use crate::value::{Const, Env, Func, Value};

/// What distinguishes two uses of one definition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct MemoKey {
    def: DefId,
    statics: Vec<Static>,
    args: Vec<Ty>,
    /// Of a model: what it is applied for, and whether next values of its states are wanted.
    run: Option<(Phase, bool)>,
}

impl MemoKey {
    /// The key of a model that is applied for something.
    pub(crate) fn run(mut self, phase: Phase, keeps: bool) -> MemoKey {
        self.run = Some((phase, keeps));
        self
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Static {
    Size(Size),
    Kind(Kind),
    Type(Ty),
    Nothing,
}

/// A lowered definition.
#[derive(Clone, Debug)]
pub(crate) enum Lowered {
    /// A function of unary form, and what its result is: arrays wait for the call's results,
    /// constants stay what they are. After its arguments it takes what a session has computed.
    Function(Arc<Function>, Value, Vec<Given>),
    /// The same of a lens whose backward half is given.
    Lens(Arc<lentil_unary::Lens>, Value, Vec<Given>),
    /// Its result holds functions, so its body is evaluated at each call.
    Inline,
}

/// A definition of a map: a `fn`, or a lens without parameters.
pub(crate) struct MapDef<'m> {
    pub(crate) name: &'m ast::Ident,
    pub(crate) statics: &'m [StaticParam],
    pub(crate) params: &'m [ast::Param],
    pub(crate) result: Option<&'m TypeExpr>,
    wheres: &'m [ast::Where],
    half: Half<'m>,
}

/// Where the backward half of a map comes from.
#[derive(Clone, Copy)]
enum Half<'m> {
    /// R makes it of this body.
    Derived(&'m ast::Expr),
    /// It is written by hand.
    Given(&'m ast::LensDef),
}

impl<'m> MapDef<'m> {
    /// The map that an item defines, if it does.
    pub(crate) fn of(kind: &'m ItemKind) -> Option<MapDef<'m>> {
        match kind {
            ItemKind::Fn(f) => Some(MapDef::of_fn(f)),
            ItemKind::Lens(l) if l.signature.params.is_empty() => Some(MapDef::of_lens(l)),
            ItemKind::Lens(_)
            | ItemKind::Import(_)
            | ItemKind::Model(_)
            | ItemKind::Optimizer(_)
            | ItemKind::Data(_)
            | ItemKind::Learner(_)
            | ItemKind::Let(_)
            | ItemKind::Type(_)
            | ItemKind::Test(_)
            | ItemKind::Law(_) => None,
        }
    }

    fn of_fn(f: &'m ast::FnDef) -> MapDef<'m> {
        MapDef {
            name: &f.name,
            statics: &f.statics,
            params: &f.params,
            result: f.result.as_ref(),
            wheres: &f.wheres,
            half: Half::Derived(&f.body),
        }
    }

    fn of_lens(l: &'m ast::LensDef) -> MapDef<'m> {
        MapDef {
            name: &l.name,
            statics: &l.statics,
            params: &l.signature.inputs,
            result: l.signature.result.as_ref(),
            wheres: &l.signature.wheres,
            half: Half::Given(l),
        }
    }
}

/// A call of a definition whose arguments have their types.
pub(crate) struct DefCall<'c> {
    pub(crate) key: MemoKey,
    pub(crate) name: &'c str,
    pub(crate) types: &'c [Ty],
    pub(crate) args: Vec<Value>,
    /// Whether its body sees models and numbers that its key does not tell apart.
    pub(crate) filled: bool,
}

impl Elaborator<'_> {
    pub(crate) fn apply_def(
        &mut self,
        def: DefId,
        statics: Option<&[Value]>,
        args: Vec<Value>,
        at: &Place,
    ) -> Value {
        let modules = self.modules;
        match &modules.item(def).kind {
            ItemKind::Fn(f) => self.apply_map(def, &MapDef::of_fn(f), statics, args, None, at),
            ItemKind::Lens(l) if l.signature.params.is_empty() => {
                self.apply_map(def, &MapDef::of_lens(l), statics, args, None, at)
            }
            ItemKind::Lens(l) => self.parameters_missing(&l.name.text, &args, at),
            ItemKind::Model(_) if self.unfilled(&open_model(def)).is_some() => {
                self.not_filled(def, at.span)
            }
            ItemKind::Model(m) if m.signature.as_ref().is_some_and(has_no_weights) => {
                let model = Value::Func(Arc::new(Func::Def {
                    def,
                    statics: statics.map(<[Value]>::to_vec),
                }));
                self.apply_model(&model, Vec::new(), args, at)
            }
            ItemKind::Model(m) => self.parameters_missing(&m.name.text, &args, at),
            _ => {
                let title = "this cannot be called";
                self.error(Diagnostic::error("E0331", title, at.span, "not a map"))
            }
        }
    }

    fn parameters_missing(&mut self, name: &str, args: &[Value], at: &Place) -> Value {
        let title = format!("`{name}` has parameters");
        let sizes = args.iter().map(|arg| match arg {
            Value::Const(Const::Int(size)) => Some(size.to_string()),
            _ => None,
        });
        let hint = match sizes.collect::<Option<Vec<String>>>() {
            Some(sizes) if !sizes.is_empty() => {
                format!("sizes stand in brackets: `{name}[{}]`", sizes.join(", "))
            }
            _ => format!("give them before a `;`, or take it in with `use f = {name}[…]`"),
        };
        let label = "called without them";
        self.error(Diagnostic::error("E0402", title, at.span, label).hint(hint))
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
            && let Some(d) = MapDef::of(&modules.item(*def).kind)
        {
            let at = Place::from(span);
            return self.deeper(span, |e| {
                e.apply_map(*def, &d, statics.as_deref(), args, Some(wanted), &at)
            });
        }
        self.apply(function, args, span)
    }

    fn apply_map(
        &mut self,
        def: DefId,
        f: &MapDef<'_>,
        statics: Option<&[Value]>,
        args: Vec<Value>,
        wanted: Option<&Ty>,
        at: &Place,
    ) -> Value {
        if !self.right_count(f.params.len(), args.len(), at.span) {
            return Value::Error;
        }
        if let Some(lifted) = self.lift(def, f, statics, &args, at) {
            return lifted;
        }
        let module = Env::module(def.module);
        let mut patterns: Vec<&TypeExpr> = f.params.iter().filter_map(|p| p.ty.as_ref()).collect();
        let count = patterns.len();
        let mut samples = args.clone();
        if let (Some(result), Some(wanted)) = (f.result, wanted) {
            patterns.push(result);
            samples.push(self.unknown(wanted));
        }
        let env = self.infer_statics(f.statics, &module, statics, &patterns, &samples, at);
        let Some(env) = env else {
            return Value::Error;
        };
        if !self.wheres_hold(f.wheres, &env, at.span) {
            return Value::Error;
        }
        let Some((types, args)) = self.coerce_args(&patterns[..count], &env, args, at) else {
            return Value::Error;
        };
        let result = match f.result {
            // It may be good for most sizes and too large, or negative, for these.
            Some(ty) => match self.input_ty(ty, &env) {
                Some(ty) => Some(ty),
                None => return Value::Error,
            },
            None => None,
        };
        let call = DefCall {
            key: memo_key(def, f.statics, &env, &types),
            name: &f.name.text,
            types: &types,
            args,
            filled: false,
        };
        let body = match f.half {
            Half::Derived(body) => body,
            Half::Given(lens) => return self.call_lens(call, lens, &env, result.as_ref(), at),
        };
        let body = |e: &mut Self, args: Vec<Value>| {
            let mut inner = env.clone();
            for (param, value) in f.params.iter().zip(args) {
                inner = inner.bind(param.name.text.as_str(), value);
            }
            let value = e.expr_over(body, &inner, result.as_ref());
            match &result {
                Some(ty) => e.coerce(value, ty, body.span),
                None => value,
            }
        };
        self.call_typed(call, result.as_ref(), &body)
    }

    /// A definition at arguments of its types: only its result's type while checking; while
    /// lowering, a call of its lowered body.
    pub(crate) fn call_typed(
        &mut self,
        call: DefCall<'_>,
        result: Option<&Ty>,
        body: &dyn Fn(&mut Self, Vec<Value>) -> Value,
    ) -> Value {
        let plain = !call.filled && call.args.iter().all(Value::is_first_order);
        match (self.lowering(), result) {
            (true, _) if plain => self.call_lowered(call, body),
            (true, _) => body(self, call.args),
            (false, Some(ty)) => self.unknown(ty),
            (false, None) if plain => {
                if let Some(value) = self.results.get(&call.key) {
                    return value.clone();
                }
                // Errors of the body are reported where it is checked.
                let args = call.types.iter().map(|t| self.unknown(t)).collect();
                let value = self.dry(|e| body(e, args));
                self.results.insert(call.key, value.clone());
                value
            }
            (false, None) => self.dry(|e| body(e, call.args)),
        }
    }

    /// Calls a definition that is lowered once for each key.
    fn call_lowered(
        &mut self,
        call: DefCall<'_>,
        body: &dyn Fn(&mut Self, Vec<Value>) -> Value,
    ) -> Value {
        let lowered = match self.memo.get(&call.key) {
            Some(lowered) => lowered.clone(),
            None => {
                let packed = Ty::Tuple(call.types.to_vec());
                let (finished, value) = self.region_of(&packed, |e, packed| match packed {
                    Value::Tuple(parts) => body(e, parts),
                    _ => Value::Error,
                });
                if value.is_error() {
                    return Value::Error;
                }
                let lowered = if holds_functions(&value) {
                    Lowered::Inline
                } else {
                    let givens = self.givens_at(&finished.origins);
                    Lowered::Function(self.function(call.name, finished.region), value, givens)
                };
                self.memo.insert(call.key.clone(), lowered.clone());
                lowered
            }
        };
        match lowered {
            Lowered::Inline => body(self, call.args),
            Lowered::Function(function, value, givens) => {
                self.emit_call(Op::Call(function), &value, &givens, call)
            }
            Lowered::Lens(lens, value, givens) => {
                self.emit_call(Op::Lens(lens), &value, &givens, call)
            }
        }
    }

    /// A call whose result is that value, with other slots for its arrays.
    pub(crate) fn emit_call(
        &mut self,
        op: Op,
        value: &Value,
        givens: &[Given],
        call: DefCall<'_>,
    ) -> Value {
        if self.leaves(value).is_empty() {
            return value.clone();
        }
        let mut args = self.leaves(&Value::Tuple(call.args));
        args.extend(givens.iter().map(|&given| self.given_at(given)));
        let results = self.frames.emit(op, &args);
        self.refilled(value, &mut results.into_iter())
    }

    /// Arguments at the parameters' types.
    fn coerce_args(
        &mut self,
        types: &[&TypeExpr],
        env: &Env,
        args: Vec<Value>,
        at: &Place,
    ) -> Option<(Vec<Ty>, Vec<Value>)> {
        let mut tys = Vec::new();
        let mut out = Vec::new();
        for (k, (ty, value)) in types.iter().zip(args).enumerate() {
            let ty = self.input_ty(ty, env)?;
            out.push(self.coerce(value, &ty, at.arg(k)));
            tys.push(ty);
        }
        (!out.iter().any(Value::is_error)).then_some((tys, out))
    }

    /// The inputs of a signature at its types, behind what else a call is given, and the type of its result.
    pub(crate) fn at_signature(
        &mut self,
        signature: &ast::ModelSignature,
        env: &Env,
        given: Vec<(Ty, Value)>,
        inputs: Vec<Value>,
        at: &Place,
    ) -> Option<(Vec<Ty>, Vec<Value>, Option<Ty>)> {
        let (mut types, mut args): (Vec<Ty>, Vec<Value>) = given.into_iter().unzip();
        let patterns: Option<Vec<&TypeExpr>> =
            signature.inputs.iter().map(|p| p.ty.as_ref()).collect();
        let (input_types, inputs) = self.coerce_args(&patterns?, env, inputs, at)?;
        types.extend(input_types);
        args.extend(inputs);
        if args.iter().any(Value::is_error) {
            return None;
        }
        let result = match &signature.result {
            // What is wrong with it is said where it is defined.
            Some(ty) => Some(self.dry(|e| e.input_ty(ty, env))?),
            None => None,
        };
        Some((types, args, result))
    }

    /// Refuses two parameters of one name.
    pub(crate) fn refuse_twins<'n>(&mut self, names: impl Iterator<Item = &'n ast::Ident>) -> bool {
        let mut seen: std::collections::BTreeMap<&str, Span> = std::collections::BTreeMap::new();
        let mut apart = true;
        for name in names.filter(|n| n.text != "_") {
            if let Some(&first) = seen.get(name.text.as_str()) {
                let title = format!("`{}` is declared twice", name.text);
                self.error(
                    Diagnostic::error("E0208", title, name.span, "declared again here")
                        .label(first, "first declared here"),
                );
                apart = false;
            }
            seen.insert(&name.text, name.span);
        }
        apart
    }
}

/// What names a use: static arguments and argument types.
pub(crate) fn memo_key(def: DefId, params: &[StaticParam], env: &Env, types: &[Ty]) -> MemoKey {
    let of = |p: &StaticParam| match env.get(&p.name.text) {
        Some(Value::Const(Const::Int(n))) => Static::Size(n.clone()),
        Some(Value::Kind(k)) => Static::Kind(k.clone()),
        Some(Value::Type(t)) => Static::Type((**t).clone()),
        _ => Static::Nothing,
    };
    MemoKey {
        def,
        statics: params.iter().map(of).collect(),
        args: types.to_vec(),
        run: None,
    }
}

fn has_no_weights(signature: &ast::ModelSignature) -> bool {
    let weight = |p: &ast::ModelParam| matches!(p, ast::ModelParam::Weight(_));
    !signature.params.iter().any(weight)
}

fn open_model(def: DefId) -> Value {
    Value::Func(Arc::new(Func::Def { def, statics: None }))
}

fn holds_functions(value: &Value) -> bool {
    match value {
        Value::Func(_) | Value::Model(_) | Value::Optimizer(_) => true,
        Value::Tuple(parts) => parts.iter().any(holds_functions),
        Value::Record(fields) => fields.iter().any(|(_, v)| holds_functions(v)),
        Value::Array(_)
        | Value::Const(_)
        | Value::Key(_)
        | Value::Text(_)
        | Value::Space(_)
        | Value::Kind(_)
        | Value::Type(_)
        | Value::Phase(_)
        | Value::NoKey
        | Value::Error => false,
    }
}
