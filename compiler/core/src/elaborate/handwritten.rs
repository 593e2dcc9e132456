//! Lenses whose backward half is written by hand: `lens l(w: P; x: A) -> B { get = …  put(dy) = … }`.
//!
//! A use of one is a use of its `get` that keeps its `put` beside it, down to where derivatives are
//! resolved. `put` sees the parameters, the inputs and the cotangent of the result, and gives a cotangent
//! for each parameter and each input: the value if there is one of them, else a tuple in the signature's
//! order, or a record with their names.

use std::sync::Arc;

use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{self, LensDef, ModelParam};
use lentil_unary::{Builder, Lens, Op, Region, Slot, Type, linear};

use super::Elaborator;
use super::bindings::Given;
use super::define::{DefCall, Lowered, memo_key};
use super::model::record_type;
use super::place::Place;
use super::region::field;
use crate::check::tail;
use crate::frame::Finished;
use crate::module::DefId;
use crate::ty::Ty;
use crate::value::{At, Const, Env, Func, Model, ParamDecl, Value};

impl Elaborator<'_> {
    /// A lens with parameters, with what stands in its brackets.
    pub(crate) fn lens_value(
        &mut self,
        def: DefId,
        lens: &LensDef,
        statics: Option<Vec<Value>>,
        span: Span,
    ) -> Value {
        let env = Env::module(def.module);
        if statics.is_none() && !lens.statics.is_empty() {
            return Value::Func(Arc::new(Func::Def { def, statics }));
        }
        match self.bind_statics(&lens.statics, &env, statics.as_deref(), span) {
            Some(env) if self.wheres_hold(&lens.signature.wheres, &env, span) => {
                Value::Model(Arc::new(Model::Def { def, env }))
            }
            _ => Value::Error,
        }
    }

    /// The parameters of a lens.
    pub(crate) fn lens_params(&mut self, lens: &LensDef, env: &Env) -> Option<Vec<ParamDecl>> {
        weights(lens).map(|w| self.weight(w, env)).collect()
    }

    /// A lens whose static arguments are still to be inferred: `scale(w; x)`.
    pub(crate) fn apply_open_lens(
        &mut self,
        def: DefId,
        lens: &LensDef,
        statics: Option<&[Value]>,
        params: Vec<Value>,
        inputs: Vec<Value>,
        at: &Place,
    ) -> Value {
        let names: Vec<&str> = weights(lens).map(|w| w.name.text.as_str()).collect();
        let mut values = match &params[..] {
            [record @ Value::Record(_)] => {
                let of = |name: &&str| field(record, name).cloned().unwrap_or(Value::Error);
                names.iter().map(of).collect()
            }
            params if params.len() == names.len() => params.to_vec(),
            params => {
                self.wrong_params(params.len(), &names, at.span);
                return Value::Error;
            }
        };
        values.extend(inputs.iter().cloned());
        let written = lens.signature.inputs.iter().filter_map(|p| p.ty.as_ref());
        let types: Vec<_> = weights(lens).map(|w| &w.ty).chain(written).collect();
        let module = Env::module(def.module);
        let env = self.infer_statics(&lens.statics, &module, statics, &types, &values, at);
        let Some(env) = env else {
            return Value::Error;
        };
        let model = Value::Model(Arc::new(Model::Def { def, env }));
        self.apply_model(&model, params, inputs, at)
    }

    /// A lens at the record of its parameters.
    pub(crate) fn apply_lens(
        &mut self,
        def: DefId,
        lens: &LensDef,
        env: &Env,
        params: &Value,
        inputs: Vec<Value>,
        at: &Place,
    ) -> Value {
        let signature = &lens.signature;
        if !self.right_count(signature.inputs.len(), inputs.len(), at.span)
            || !self.wheres_hold(&signature.wheres, env, at.span)
        {
            return Value::Error;
        }
        let Some(param_ty) = params.ty() else {
            return Value::Error;
        };
        let given = vec![(param_ty, params.clone())];
        let Some((types, args, result)) = self.at_signature(signature, env, given, inputs, at)
        else {
            return Value::Error;
        };
        let call = DefCall {
            key: memo_key(def, &lens.statics, env, &types),
            name: &lens.name.text,
            types: &types,
            args,
            filled: false,
        };
        self.call_lens(call, lens, env, result.as_ref(), at)
    }

    /// A lens at arguments of its types: the record of its parameters if it has some, then its inputs.
    pub(crate) fn call_lens(
        &mut self,
        call: DefCall<'_>,
        lens: &LensDef,
        env: &Env,
        result: Option<&Ty>,
        at: &Place,
    ) -> Value {
        let get = |e: &mut Self, args: Vec<Value>| e.lens_get(lens, env, args, result);
        if !self.lowering() {
            return self.call_typed(call, result, &get);
        }
        if let Some(Lowered::Lens(known, value, givens)) = self.memo.get(&call.key) {
            let (known, value, givens) = (known.clone(), value.clone(), givens.clone());
            return self.emit_call(Op::Lens(known), &value, &givens, call);
        }
        let Some((made, value, givens)) = self.lower_lens(&call, lens, env, result, at.span) else {
            return Value::Error;
        };
        self.lens_places.insert(made.clone(), lens.name.span);
        let lowered = Lowered::Lens(made.clone(), value.clone(), givens.clone());
        self.memo.insert(call.key.clone(), lowered);
        self.emit_call(Op::Lens(made), &value, &givens, call)
    }

    /// Both halves as functions of unary form, what the result is, and what they take of a session.
    fn lower_lens(
        &mut self,
        call: &DefCall<'_>,
        lens: &LensDef,
        env: &Env,
        result: Option<&Ty>,
        span: Span,
    ) -> Option<(Arc<Lens>, Value, Vec<Given>)> {
        let args = Ty::Tuple(call.types.to_vec());
        let (get, value) = self.region_of(&args, |e, packed| match packed {
            Value::Tuple(args) => e.lens_get(lens, env, args, result),
            _ => Value::Error,
        });
        let Some(ty) = value.ty() else {
            if !value.is_error() {
                self.not_values(&value.describe(), span);
            }
            return None;
        };
        let packed = Ty::Tuple([call.types, &[ty.changes()]].concat());
        let (put, cotangents) = self.region_of(&packed, |e, packed| match packed {
            Value::Tuple(mut args) => {
                let dy = args.pop().unwrap_or(Value::Error);
                let wanted = e.lens_changes(lens, call.types);
                e.lens_put(lens, env, args, dy, &wanted)
            }
            _ => Value::Error,
        });
        if cotangents.is_error() {
            return None;
        }
        let (get, put, places) = halves(&get, &put);
        let get = self.function(call.name, get);
        let put = self.function(&format!("{}.put", call.name), put);
        let made = Lens::new(get, put);
        Some((Arc::new(made), value, self.givens_at(&places)))
    }

    /// The scope of both halves: arguments by their names, parameters first.
    fn lens_scope(lens: &LensDef, env: &Env, mut args: Vec<Value>) -> Env {
        let mut inner = env.clone();
        if !lens.signature.params.is_empty()
            && !args.is_empty()
            && let Value::Record(fields) = args.remove(0)
        {
            for (name, value) in fields {
                inner = inner.bind(name, value);
            }
        }
        for (param, value) in lens.signature.inputs.iter().zip(args) {
            inner = inner.bind(param.name.text.as_str(), value);
        }
        inner
    }

    fn lens_get(
        &mut self,
        lens: &LensDef,
        env: &Env,
        args: Vec<Value>,
        result: Option<&Ty>,
    ) -> Value {
        let scope = Self::lens_scope(lens, env, args);
        let value = self.expr_over(&lens.get, &scope, result);
        let span = tail(&lens.get).span;
        match result {
            Some(ty) => self.coerce(value, ty, span),
            None => self.settle_real(value, span),
        }
    }

    /// The cotangents that `put` gives, as a tuple.
    fn lens_put(
        &mut self,
        lens: &LensDef,
        env: &Env,
        args: Vec<Value>,
        dy: Value,
        wanted: &[(Arc<str>, Ty)],
    ) -> Value {
        let mut scope = Self::lens_scope(lens, env, args);
        match (&lens.put_params[..], dy) {
            ([name], dy) => scope = scope.bind(name.text.as_str(), dy),
            (names, Value::Tuple(parts)) if parts.len() == names.len() => {
                for (name, part) in names.iter().zip(parts) {
                    scope = scope.bind(name.text.as_str(), part);
                }
            }
            (names, dy) => {
                let title = "`put` takes the cotangent of the result";
                let label = format!("{} names, and it is {}", names.len(), dy.describe());
                let span = names.first().map_or(lens.name.span, |n| n.span);
                return self.error(
                    Diagnostic::error("E0353", title, span, label)
                        .hint("one name, or one for each part of a result that is a tuple"),
                );
            }
        }
        let all = match wanted {
            [(_, one)] => one.clone(),
            several => Ty::Tuple(several.iter().map(|(_, ty)| ty.clone()).collect()),
        };
        let value = self.expr_over(&lens.put, &scope, Some(&all));
        self.cotangents(value, wanted, tail(&lens.put).span)
    }

    /// The name of each parameter and input with the type of its changes.
    fn lens_changes(&self, lens: &LensDef, types: &[Ty]) -> Vec<(Arc<str>, Ty)> {
        let (params, inputs) = match types {
            [Ty::Record(fields), inputs @ ..] if !lens.signature.params.is_empty() => {
                (fields.clone(), inputs)
            }
            inputs => (Vec::new(), inputs),
        };
        let names = lens.signature.inputs.iter();
        let inputs = names
            .zip(inputs)
            .map(|(p, ty)| (Arc::from(p.name.text.as_str()), ty.clone()));
        let all = params.into_iter().chain(inputs);
        all.map(|(name, ty)| (name, ty.changes())).collect()
    }

    /// One cotangent for each that is wanted, from what `put` gives.
    fn cotangents(&mut self, value: Value, wanted: &[(Arc<str>, Ty)], span: Span) -> Value {
        let parts = match (value, wanted) {
            (Value::Error, _) => return Value::Error,
            (value, [_]) => vec![value],
            (Value::Tuple(parts), _) if parts.len() == wanted.len() => parts,
            (Value::Record(fields), _) => {
                let extra = fields
                    .iter()
                    .find(|(n, _)| wanted.iter().all(|(m, _)| m != n));
                if let Some((name, _)) = extra {
                    let title = format!("`put` gives a cotangent of `{name}`, which it has not");
                    return self.wrong_cotangents(title, wanted, "not there", span);
                }
                let mut parts = Vec::new();
                for (name, ty) in wanted {
                    let given = fields.iter().find(|(n, _)| n == name);
                    match given {
                        Some((_, value)) => parts.push(value.clone()),
                        None if *ty == Ty::unit() => parts.push(Value::unit()),
                        None => {
                            let title = format!("`put` gives no cotangent of `{name}`");
                            return self.wrong_cotangents(title, wanted, "missing here", span);
                        }
                    }
                }
                parts
            }
            (fill @ Value::Const(Const::Fill(_)), _) => {
                wanted.iter().map(|_| fill.clone()).collect()
            }
            (value, _) => {
                let title = "`put` gives one cotangent for each parameter and input".to_string();
                let label = format!("this is {}", value.describe());
                return self.wrong_cotangents(title, wanted, &label, span);
            }
        };
        let mut out = Vec::new();
        for (part, (name, ty)) in parts.into_iter().zip(wanted) {
            if part.is_error() {
                return Value::Error;
            }
            let fits =
                self.lowering() || !self.dry(|e| e.coerce(part.clone(), ty, span)).is_error();
            if !fits {
                let title = format!("the cotangent of `{name}` has another type");
                let label = format!("this is {}, but `{ty}` is wanted", part.describe());
                let mut d = Diagnostic::error("E0353", title, span, label);
                if matches!(&part, Value::Const(Const::Int(n)) if n.as_constant() == Some(0)) {
                    d = d.hint("`zeros` is zero of any type");
                }
                return self.error(d);
            }
            out.push(self.coerce(part, ty, span));
        }
        Value::Tuple(out)
    }

    fn wrong_cotangents(
        &mut self,
        title: String,
        wanted: &[(Arc<str>, Ty)],
        label: &str,
        span: Span,
    ) -> Value {
        let names: Vec<&str> = wanted.iter().map(|(n, _)| &**n).collect();
        let hint = match &names[..] {
            [] => "it has no inputs: `put(dy) = ()`".to_string(),
            names => format!(
                "a tuple in this order, or a record: `{}`",
                names.join("`, `")
            ),
        };
        self.error(Diagnostic::error("E0353", title, span, label).hint(hint))
    }

    fn not_values(&mut self, what: &str, span: Span) -> Value {
        let title = "a lens takes weights and values only";
        let label = format!("this is {what}");
        self.error(Diagnostic::error("E0354", title, span, label))
    }

    /// Refuses a forward derivative in the marked parameters that goes through a lens which has none.
    pub(crate) fn has_tangent(&mut self, region: &Region, marked: &[bool], span: Span) -> bool {
        let Some((lens, why)) = linear::without_tangent(region, marked) else {
            return true;
        };
        let place = self.lens_places.get(&lens).copied().unwrap_or(span);
        self.no_tangent(&lens.get.name, &why, place, span);
        false
    }

    fn no_tangent(&mut self, name: &str, why: &str, place: Span, span: Span) {
        let title = format!("there is no forward derivative through `{name}`");
        let label = "this goes forwards through it";
        self.error(
            Diagnostic::error("E0352", title, span, label)
                .label(
                    place,
                    format!("its `put` is not linear in the cotangent: {why}"),
                )
                .hint("`rev` and `grad` use `put` as it is; `fwd` needs its transpose"),
        );
    }

    /// Checks both halves, for all sizes and carriers.
    pub(crate) fn check_lens(&mut self, def: DefId, l: &LensDef, module: &Env) {
        let signature = &l.signature;
        for param in &signature.params {
            let (what, name) = match param {
                ModelParam::Weight(_) => continue,
                ModelParam::Use(p) => ("a submodel", &p.name),
                ModelParam::State(w) => ("a running state", &w.name),
                ModelParam::Using(name) => ("what a model takes in by `using`", name),
            };
            self.not_values(what, name.span);
            return;
        }
        let names = l.statics.iter().map(|s| &s.name);
        let names = names.chain(weights(l).map(|w| &w.name));
        let inputs = signature.inputs.iter().map(|p| &p.name);
        self.refuse_twins(names.chain(inputs).chain(&l.put_params));
        let env = self.rigid(&l.statics, module);
        self.assume(&signature.wheres, &env);
        let scope = self.check_params(&signature.inputs, &env);
        let mut args = Vec::new();
        for param in &signature.inputs {
            let value = scope.get(&param.name.text).cloned().unwrap_or(Value::Error);
            if !value.is_first_order() && !value.is_error() {
                self.not_values(&value.describe(), param.name.span);
                return;
            }
            args.push(value);
        }
        if !signature.params.is_empty() {
            let model = Value::Model(Arc::new(Model::Def {
                def,
                env: env.clone(),
            }));
            let Some(params) = self.params(&model) else {
                return;
            };
            self.check_own_initials(signature, &params);
            args.insert(0, self.unknown(&record_type(&params)));
        }
        let types: Option<Vec<Ty>> = args.iter().map(Value::ty).collect();
        let Some(types) = types else { return };
        let result = match &signature.result {
            Some(ty) => match self.ty(ty, &env) {
                Some(ty) => Some(ty),
                None => return,
            },
            None => None,
        };
        self.in_function = true;
        let value = self.lens_get(l, &env, args.clone(), result.as_ref());
        self.in_function = false;
        if value.is_error() && result.is_none() {
            return;
        }
        let Some(ty) = result.or_else(|| value.ty()) else {
            self.not_values(&value.describe(), tail(&l.get).span);
            return;
        };
        let dy = self.unknown(&ty.changes());
        let wanted = self.lens_changes(l, &types);
        self.lens_put(l, &env, args, dy, &wanted);
    }
}

fn weights(lens: &LensDef) -> impl Iterator<Item = &ast::Weight> {
    lens.signature.params.iter().filter_map(|p| match p {
        ModelParam::Weight(w) => Some(w),
        ModelParam::Use(_) | ModelParam::State(_) | ModelParam::Using(_) => None,
    })
}

/// Both halves, with all that either takes of a session as further arguments, and what that is.
/// `put` speaks of the arguments only, so those have the cotangent zero.
fn halves(get: &Finished, put: &Finished) -> (Region, Region, Vec<At>) {
    let own = |half: &Finished| half.region.params().len() - half.origins.len();
    let (args, count) = (&get.region.params()[..own(get)], own(get));
    let dys = &put.region.params()[count..own(put)];
    let mut places: Vec<At> = Vec::new();
    let mut types: Vec<Type> = Vec::new();
    for half in [get, put] {
        let captured = &half.region.params()[own(half)..];
        for (place, ty) in half.origins.iter().zip(captured) {
            if !places.contains(place) {
                places.push(*place);
                types.push(ty.clone());
            }
        }
    }
    let captures = |half: &Finished, slots: &[Slot]| -> Vec<Slot> {
        let at = |place| places.iter().position(|p| p == place);
        half.origins
            .iter()
            .filter_map(at)
            .map(|k| slots[count + k])
            .collect()
    };

    let mut forward = Builder::new([args, &types[..]].concat());
    let slots = forward.param_slots();
    let read = [&slots[..count], &captures(get, &slots)[..]].concat();
    let results = forward.inline(&get.region, &read);

    let mut backward = Builder::new([args, &types[..], dys].concat());
    let slots = backward.param_slots();
    let changes = &slots[count + types.len()..];
    let read = [&slots[..count], changes, &captures(put, &slots)[..]].concat();
    let mut cotangents = backward.inline(&put.region, &read);
    let held = types.iter().filter(|ty| ty.differentiable());
    cotangents.extend(held.map(|ty| backward.zeros(ty)));
    (forward.finish(results), backward.finish(cotangents), places)
}
