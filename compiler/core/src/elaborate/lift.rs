//! Scalar functions where arrays arrive, and `each`: application element by element.

use std::sync::Arc;

use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast::{self, StaticParam, TypeExpr, TypeKind};
use lentil_unary::Prim;

use crate::elaborate::Elaborator;
use crate::elaborate::alias::unfolded;
use crate::elaborate::define::MapDef;
use crate::elaborate::place::Place;
use crate::elaborate::statics::is_space;
use crate::module::DefId;
use crate::size::Size;
use crate::supply::Supply;
use crate::ty::{Kind, Ty};
use crate::value::{Arr, Const, Env, Func, Model, Value};

impl Elaborator<'_> {
    /// Over the leading axis of every argument that has axes; a scalar is the same each time.
    pub(crate) fn each(
        &mut self,
        args: Vec<Value>,
        at: impl Into<Place>,
        f: &mut dyn FnMut(&mut Self, Vec<Value>) -> Value,
    ) -> Value {
        let at = at.into();
        let mut n: Option<(Size, usize)> = None;
        let mut running = Vec::new();
        let mut kept = Vec::new();
        for (k, arg) in args.into_iter().enumerate() {
            if matches!(&arg, Value::Const(c) if c.shape().is_none_or(|s| s.is_empty())) {
                kept.push(Some(arg));
                continue;
            }
            let arg = self.settle(arg, at.arg(k));
            let Some(ty) = arg.ty() else {
                if !arg.is_error() {
                    let title = "`each` runs over arrays";
                    let label = format!("this is {}", arg.describe());
                    self.error(Diagnostic::error("E0332", title, at.arg(k), label));
                }
                return Value::Error;
            };
            if matches!(&ty, Ty::Array(_, shape) if shape.is_empty()) {
                kept.push(Some(arg));
                continue;
            }
            let Some(m) = self.leading_size(&ty) else {
                let title = "`each` runs over the leading axis of arrays";
                let label = format!("`{ty}` has no leading axis that all its parts share");
                return self.error(Diagnostic::error("E0332", title, at.arg(k), label));
            };
            match &n {
                Some((n, first)) if !self.same_size(n, &m) => {
                    let title = "these have different sizes";
                    let label = format!("this runs over `{m}`");
                    return self.error(
                        Diagnostic::error("E0310", title, at.arg(k), label)
                            .label(at.arg(*first), format!("this runs over `{n}`")),
                    );
                }
                Some(_) => {}
                None => n = Some((m, k)),
            }
            running.push(arg);
            kept.push(None);
        }
        let Some((n, _)) = n else {
            let title = "`each` needs an array to run over";
            let label = "no argument has an axis";
            return self.error(Diagnostic::error("E0332", title, at.span, label));
        };
        self.map_over(&n, &Value::Tuple(running), at.span, |e, _, x| {
            f(e, with_kept(&kept, x))
        })
    }

    /// Constants as the function they are given to wants them, where its parameters' types say so, and
    /// where it is applied to the elements of what it is given: the types say nothing of the axes.
    pub(crate) fn settle_elements(
        &mut self,
        function: &Value,
        args: Vec<Value>,
        at: &Place,
    ) -> Vec<Value> {
        self.settle_inputs(function, args, at, &mut |e, c, ty, span| match ty {
            Ty::Array(kind, _) => e.constant(&c, kind, None, span),
            _ => Value::Const(c),
        })
    }

    /// The same where it is applied to what it is given: `zeros` takes its whole type from there. Other
    /// constants keep their shape, for a function of scalars is applied element by element.
    pub(crate) fn settle_arguments(
        &mut self,
        function: &Value,
        args: Vec<Value>,
        at: &Place,
    ) -> Vec<Value> {
        self.settle_inputs(function, args, at, &mut |e, c, ty, span| match (c, ty) {
            (fill @ Const::Fill(_), ty) => e.coerce(Value::Const(fill), ty, span),
            (c, Ty::Array(kind, _)) => e.constant(&c, kind, None, span),
            (c, _) => Value::Const(c),
        })
    }

    fn settle_inputs(
        &mut self,
        function: &Value,
        args: Vec<Value>,
        at: &Place,
        constant: &mut dyn FnMut(&mut Self, Const, &Ty, Span) -> Value,
    ) -> Vec<Value> {
        let wanted = self.dry(|e| e.input_types(function)).unwrap_or_default();
        let settled = args
            .into_iter()
            .enumerate()
            .map(|(k, arg)| match wanted.get(k) {
                Some(ty) => self.settle_as(arg, ty, at.arg(k), constant),
                None => arg,
            });
        settled.collect()
    }

    fn settle_as(
        &mut self,
        value: Value,
        ty: &Ty,
        span: Span,
        constant: &mut dyn FnMut(&mut Self, Const, &Ty, Span) -> Value,
    ) -> Value {
        match (value, ty) {
            (Value::Const(c), ty) => constant(self, c, ty, span),
            (Value::Tuple(parts), Ty::Tuple(types)) if parts.len() == types.len() => {
                let parts = parts.into_iter().zip(types);
                let settled = parts.map(|(v, ty)| self.settle_as(v, ty, span, constant));
                Value::Tuple(settled.collect())
            }
            (Value::Record(fields), Ty::Record(types)) => {
                let settled = fields.into_iter().map(|(name, value)| {
                    match types.iter().find(|(own, _)| *own == name) {
                        Some((_, ty)) => (name, self.settle_as(value, ty, span, constant)),
                        None => (name, value),
                    }
                });
                Value::Record(settled.collect())
            }
            (value, _) => value,
        }
    }

    /// A function over scalars, applied where arrays arrive: element by element.
    pub(crate) fn lift(
        &mut self,
        def: DefId,
        f: &MapDef<'_>,
        statics: Option<&[Value]>,
        args: &[Value],
        at: &Place,
    ) -> Option<Value> {
        let types = self.scalar_types(def, f.statics, f.params)?;
        let product = |v: &Value| matches!(v, Value::Tuple(_) | Value::Record(_) | Value::Space(_));
        if !args.iter().any(|v| is_wide(v) || product(v)) {
            return None;
        }
        // The carrier that a constant takes: the one declared, or the one another argument has.
        let beside = args.iter().find_map(|v| match v {
            Value::Array(a) => Some(a.kind.clone()),
            _ => None,
        });
        let module = Env::module(def.module);
        let mut carrier = |t: &TypeExpr| match &t.kind {
            TypeKind::Name { name, .. } if f.statics.iter().any(|s| s.name.text == name.text) => {
                None
            }
            _ => self.dry(|e| e.input_ty(t, &module)?.kind()),
        };
        let carriers = types.iter().map(|t| carrier(t).or_else(|| beside.clone()));
        let carriers: Vec<Option<Kind>> = carriers.collect();
        let function = Value::Func(Arc::new(Func::Def {
            def,
            statics: statics.map(<[Value]>::to_vec),
        }));
        Some(match args {
            [Value::Tuple(_) | Value::Record(_) | Value::Space(_)] => {
                self.map_value(args[0].clone(), at.span, &mut |e, a| {
                    e.lifted(&function, vec![Value::Array(a)], &carriers, at)
                })
            }
            [a, b]
                if [a, b]
                    .iter()
                    .any(|v| !matches!(v, Value::Array(_) | Value::Const(_))) =>
            {
                self.zip(a.clone(), b.clone(), at.span, &mut |e, a, b| {
                    e.lifted(&function, vec![a, b], &carriers, at)
                })
            }
            _ => self.lifted(&function, args.to_vec(), &carriers, at),
        })
    }

    /// A model over scalars, applied where arrays arrive: element by element, with one set of parameters.
    pub(crate) fn lift_model(
        &mut self,
        def: DefId,
        (statics, params): (&[StaticParam], &[ast::Param]),
        env: &Env,
        supply: &Supply,
        inputs: &[Value],
        at: &Place,
    ) -> Option<Value> {
        let types = self.scalar_types(def, statics, params)?;
        if !inputs.iter().any(is_wide) {
            return None;
        }
        let carriers = types
            .iter()
            .map(|t| self.dry(|e| e.input_ty(t, env)?.kind()));
        let carriers: Vec<Option<Kind>> = carriers.collect();
        let Some((shape, flat)) = self.flattened(inputs.to_vec(), &carriers, at) else {
            return Some(Value::Error);
        };
        let env = env.clone();
        let model = Value::Model(Arc::new(Model::Def { def, env }));
        let out = self.apply_each(&model, supply, flat, at);
        Some(self.in_shape(out, &shape, at))
    }

    /// The types of parameters that are single numbers, all of them.
    fn scalar_types<'t>(
        &self,
        def: DefId,
        statics: &[StaticParam],
        params: &'t [ast::Param],
    ) -> Option<Vec<&'t TypeExpr>> {
        let types: Option<Vec<&TypeExpr>> = params.iter().map(|p| p.ty.as_ref()).collect();
        let scalar = |t: &&TypeExpr| {
            let unfolded = unfolded(self.modules, def.module, t, statics);
            unfolded.axes == 0 && is_scalar(unfolded.ty, unfolded.statics)
        };
        types.filter(|types| types.iter().all(scalar))
    }

    /// A scalar function at arrays of one shape and at scalars.
    fn lifted(
        &mut self,
        function: &Value,
        args: Vec<Value>,
        carriers: &[Option<Kind>],
        at: &Place,
    ) -> Value {
        let Some((shape, flat)) = self.flattened(args, carriers, at) else {
            return Value::Error;
        };
        if shape.is_empty() {
            return self.apply(function, flat, at);
        }
        let out = self.each(flat, at, &mut |e, x| e.apply(function, x, at));
        self.in_shape(out, &shape, at)
    }

    /// Arrays of one shape as vectors, beside scalars as they are; no sizes if all are scalars.
    fn flattened(
        &mut self,
        args: Vec<Value>,
        carriers: &[Option<Kind>],
        at: &Place,
    ) -> Option<(Vec<Size>, Vec<Value>)> {
        let mut shape: Option<(Vec<Size>, usize)> = None;
        let mut flat = Vec::new();
        for (k, value) in args.into_iter().enumerate() {
            let value = match (value, carriers.get(k)) {
                (Value::Const(c), Some(Some(kind))) if !matches!(c, Const::Fill(_)) => {
                    self.constant(&c, kind, None, at.arg(k))
                }
                (Value::Const(c @ Const::List(_)), _) => self.settle(Value::Const(c), at.arg(k)),
                (other, _) => other,
            };
            match value {
                Value::Error => return None,
                Value::Array(a) if !a.shape.is_empty() => {
                    match &shape {
                        Some((first, place)) if !self.same_sizes(first, &a.shape) => {
                            let title = "these have different sizes";
                            let label = format!("this is `{}`", a.ty());
                            let other = Ty::Array(a.kind, first.clone());
                            self.error(
                                Diagnostic::error("E0310", title, at.arg(k), label)
                                    .label(at.arg(*place), format!("and this `{other}`")),
                            );
                            return None;
                        }
                        Some(_) => {}
                        None => shape = Some((a.shape.clone(), k)),
                    }
                    let total = a.shape.iter().fold(Size::constant(1), |p, n| p.mul(n));
                    flat.push(Value::Array(self.reshaped(&a, vec![total])));
                }
                other => flat.push(other),
            }
        }
        Some((shape.map_or(Vec::new(), |(shape, _)| shape), flat))
    }

    /// What was made of vectors, in the shape that these had.
    fn in_shape(&mut self, out: Value, shape: &[Size], at: &Place) -> Value {
        self.map_value(out, at.span, &mut |e, a| {
            let shape = [shape, &a.shape[1..]].concat();
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

    /// The leading size that all arrays of a product share.
    pub(crate) fn leading_size(&self, ty: &Ty) -> Option<Size> {
        let all = |types: Vec<&Ty>| {
            let sizes: Option<Vec<Size>> = types.iter().map(|t| self.leading_size(t)).collect();
            let sizes = sizes?;
            let first = sizes.first()?.clone();
            let same = sizes.iter().all(|n| self.same_size(n, &first));
            same.then_some(first)
        };
        match ty {
            Ty::Array(_, shape) => shape.first().cloned(),
            Ty::Tuple(parts) => all(parts.iter().collect()),
            Ty::Record(fields) => all(fields.iter().map(|(_, t)| t).collect()),
            Ty::Key | Ty::Arrow(..) | Ty::Space(_) => None,
        }
    }
}

/// All arguments in their order: those that are kept, and the elements of those that run.
fn with_kept(kept: &[Option<Value>], running: Value) -> Vec<Value> {
    let mut parts = match running {
        Value::Tuple(parts) => parts,
        other => vec![other],
    }
    .into_iter();
    kept.iter()
        .map(|k| k.clone().or_else(|| parts.next()).unwrap_or(Value::Error))
        .collect()
}

/// Whether a value is numbers along axes.
fn is_wide(value: &Value) -> bool {
    match value {
        Value::Array(a) => !a.shape.is_empty(),
        Value::Const(c) => c.shape().is_some_and(|s| !s.is_empty()),
        _ => false,
    }
}

/// Whether a written type is a single number.
fn is_scalar(ty: &TypeExpr, statics: &[StaticParam]) -> bool {
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
