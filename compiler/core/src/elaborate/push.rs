//! Derivatives that go forwards: `fwd`, `linearize`, and `jacobian`, which goes the cheaper way;
//! and `checkpoint`, which computes again instead of keeping.

use std::sync::Arc;

use lentil_diag::{Diagnostic, Span};
use lentil_unary::{Builder, CompareOp, Lens, Literal, Op, Prim, Type};

use super::Elaborator;
use super::derive::{Body, Target, unpacked};
use super::place::Place;
use super::region::under_axes;
use crate::size::Size;
use crate::ty::{Kind, Ty};
use crate::value::{Arr, At, Func, Value};

impl Elaborator<'_> {
    /// `fwd(f)(p; x…, dp, dx…)`.
    pub(crate) fn apply_forward(
        &mut self,
        target: &Target,
        mut args: Vec<Value>,
        at: &Place,
    ) -> Value {
        let extra = usize::from(target.has_params());
        if args.len() + extra == 0 || args.len() % 2 != extra {
            let title = "`fwd(f)` takes the arguments of `f`, then a tangent for each";
            let label = match extra {
                0 => format!("{} arguments", args.len()),
                _ => format!(
                    "{} inputs and tangents; the parameters have one too",
                    args.len()
                ),
            };
            return self.error(Diagnostic::error("E0333", title, at.span, label));
        }
        let n = args.len() / 2;
        let tangents = args.split_off(n);
        let spans: Vec<Span> = (0..tangents.len()).map(|k| at.arg(n + k)).collect();
        match self.target_body(target, args, at) {
            Some(body) => self.pushed(&body, tangents, &spans, at.span),
            None => Value::Error,
        }
    }

    /// The tangent of a body's result, given those of its arguments.
    fn pushed(&mut self, body: &Body, dxs: Vec<Value>, spans: &[Span], span: Span) -> Value {
        let mut given = Vec::new();
        for ((dx, ty), &span) in dxs.into_iter().zip(&body.types).zip(spans) {
            given.push(self.coerce(dx, &ty.changes(), span));
        }
        if given.iter().any(Value::is_error) {
            return Value::Error;
        }
        if body.function.is_none() {
            return self.unknown(&body.result.changes());
        }
        if !self.goes_forwards(body, span) {
            return Value::Error;
        }
        self.emit_push(body, &Value::Tuple(given))
    }

    /// Whether a body has a forward derivative in its arguments; refused with a place if not.
    fn goes_forwards(&mut self, body: &Body, span: Span) -> bool {
        let Some((function, slots)) = &body.function else {
            return true;
        };
        let own = self.leaves(&Value::Tuple(body.args.clone())).len();
        let marked: Vec<bool> = (0..slots.len()).map(|p| p < own).collect();
        self.has_tangent(&function.region, &marked, span)
    }

    fn emit_push(&mut self, body: &Body, tangents: &Value) -> Value {
        let Some((function, slots)) = &body.function else {
            return Value::Error;
        };
        let own = self.leaves(&Value::Tuple(body.args.clone())).len();
        // Captures are constants here: their tangents are zero.
        let mut zeros = Vec::new();
        for &capture in &slots[own..] {
            let ty = self.frames.ty(capture);
            if ty.differentiable() {
                zeros.push(self.zeros_at(&ty));
            }
        }
        let args = [slots.clone(), self.leaves(tangents), zeros].concat();
        let results = self.frames.emit(Op::Forward(function.clone()), &args);
        self.changes_of(&body.result, &mut results.into_iter())
    }

    fn zeros_at(&mut self, ty: &Type) -> At {
        let literal = Prim::Literal(Literal::zero(ty.carrier));
        let scalar = self.frames.emit(Op::Prim(literal), &[])[0];
        if ty.shape.is_empty() {
            return scalar;
        }
        let stretch = Prim::Broadcast {
            shape: ty.shape.clone(),
            axes: Vec::new(),
        };
        self.frames.emit(Op::Prim(stretch), &[scalar])[0]
    }

    /// `linearize(f)(p; x…)`: the value, and the linear map that the derivative there is.
    pub(crate) fn apply_linearize(
        &mut self,
        target: &Target,
        args: Vec<Value>,
        at: &Place,
    ) -> Value {
        let Some(body) = self.target_body(target, args, at) else {
            return Value::Error;
        };
        if !self.goes_forwards(&body, at.span) {
            return Value::Error;
        }
        let value = self.value_of_body(&body);
        let linear = Func::Linear(Arc::new(target.clone()), body.args);
        Value::Tuple(vec![value, Value::Func(Arc::new(linear))])
    }

    /// The linear map that a derivative is, at tangents.
    pub(crate) fn apply_linear(
        &mut self,
        target: &Target,
        args: &[Value],
        tangents: Vec<Value>,
        at: &Place,
    ) -> Value {
        if !self.right_count(args.len(), tangents.len(), at.span) {
            return Value::Error;
        }
        let spans: Vec<Span> = (0..tangents.len()).map(|k| at.arg(k)).collect();
        let inner = Place::from(at.span);
        let body = &mut |e: &mut Elaborator<'_>, xs| e.at_target(target, xs, &inner);
        match self.body_over(args.to_vec(), &inner, body) {
            Some(body) => self.pushed(&body, tangents, &spans, at.span),
            None => Value::Error,
        }
    }

    /// `jacobian(f)(p; x…)`: for each array of the result and each argument an array whose leading axes
    /// are the result's. By rows (backwards) or by columns (forwards), whichever are fewer.
    pub(crate) fn apply_jacobian(
        &mut self,
        target: &Target,
        args: Vec<Value>,
        at: &Place,
    ) -> Value {
        let Some(body) = self.target_body(target, args, at) else {
            return Value::Error;
        };
        let kind = first_kind(&body.result).filter(Kind::differentiable);
        let Some(kind) = kind.filter(|kind| all_over(&body.result, kind)) else {
            return self.no_jacobian("its result", &body.result, at.span);
        };
        if let Some(ty) = body.types.iter().find(|ty| !all_over(ty, &kind)) {
            return self.no_jacobian("an argument", &ty.clone(), at.span);
        }
        let packed = unpacked(Ty::Tuple(body.types.clone()));
        if !self.lowering() {
            let shape = by_array(&body.result, &mut |rows| under_axes(&packed, rows));
            return self.unknown(&shape);
        }
        let result = body.result.clone();
        if let [Ty::Array(_, columns)] = &body.types[..] {
            let (width, count) = (count_of(columns), numbers_in(&result));
            let sides = self.numbers(&[width.clone(), count]);
            let forwards = sides[0] <= sides[1];
            let probe = self.diagnostics.len();
            if forwards && self.goes_forwards(&body, at.span) {
                let columns = columns.clone();
                let stacked = self.map_over(&width, &Value::unit(), at.span, |e, i, _| {
                    let dx = e.unit_array(&i, &kind, &columns, &width);
                    e.emit_push(&body, &Value::Tuple(vec![dx]))
                });
                return self.by_columns(stacked, &result, &columns);
            }
            // Backwards any lens will do.
            self.diagnostics.truncate(probe);
        }
        let mut place = 0;
        self.by_rows(&body, &result, &packed, &mut place, at.span)
    }

    /// Of each array of the result, its rows; `place` is the number of arrays before it.
    fn by_rows(
        &mut self,
        body: &Body,
        result: &Ty,
        packed: &Ty,
        place: &mut usize,
        span: Span,
    ) -> Value {
        match result {
            Ty::Array(kind, rows) => {
                let (here, count) = (*place, count_of(rows));
                *place += 1;
                let stacked = self.map_over(&count, &Value::unit(), span, |e, i, _| {
                    let row = e.unit_array(&i, kind, rows, &count);
                    let dy = e.only(&body.result, here, &row, &mut 0);
                    e.reversed(body, dy, span)
                });
                self.reshaped_to(stacked, &under_axes(packed, rows))
            }
            Ty::Tuple(parts) => {
                let parts = parts.iter();
                Value::Tuple(
                    parts
                        .map(|t| self.by_rows(body, t, packed, place, span))
                        .collect(),
                )
            }
            Ty::Record(fields) => {
                let fields = fields.iter();
                let row = |(n, t): &(Arc<str>, Ty)| {
                    (n.clone(), self.by_rows(body, t, packed, place, span))
                };
                Value::Record(fields.map(row).collect())
            }
            Ty::Key | Ty::Arrow(..) | Ty::Space(_) => Value::Error,
        }
    }

    /// The product that has a value as its array of this number, and zeros elsewhere.
    fn only(&mut self, ty: &Ty, number: usize, value: &Value, next: &mut usize) -> Value {
        match ty {
            Ty::Array(kind, shape) => {
                *next += 1;
                if *next == number + 1 {
                    return value.clone();
                }
                let zero = self.literal(kind, 0);
                Value::Array(self.stretch(&zero, shape))
            }
            Ty::Tuple(parts) => {
                let parts = parts.iter();
                Value::Tuple(parts.map(|t| self.only(t, number, value, next)).collect())
            }
            Ty::Record(fields) => {
                let fields = fields.iter();
                let part = |(n, t): &(Arc<str>, Ty)| (n.clone(), self.only(t, number, value, next));
                Value::Record(fields.map(part).collect())
            }
            Ty::Key | Ty::Arrow(..) | Ty::Space(_) => Value::Error,
        }
    }

    /// Tangents of the result for each number of the argument, whose axes go last.
    fn by_columns(&mut self, stacked: Value, result: &Ty, columns: &[Size]) -> Value {
        match (stacked, result) {
            (Value::Array(stacked), Ty::Array(kind, rows)) => {
                let turned = [&rows[..], &[count_of(columns)]].concat();
                let rank = rows.len();
                let perm: Vec<usize> = (1..=rank).chain([0]).collect();
                let turned = match rank {
                    0 => stacked,
                    _ => self.array(kind.clone(), turned, |_| Prim::Transpose(perm), &[&stacked]),
                };
                Value::Array(self.reshaped(&turned, [rows, columns].concat()))
            }
            (Value::Tuple(parts), Ty::Tuple(types)) => {
                let parts = parts.into_iter().zip(types);
                Value::Tuple(parts.map(|(v, t)| self.by_columns(v, t, columns)).collect())
            }
            (Value::Record(fields), Ty::Record(types)) => {
                let types = types.iter().map(|(_, t)| t);
                let fields = fields.into_iter().zip(types);
                let fields = fields.map(|((n, v), t)| (n, self.by_columns(v, t, columns)));
                Value::Record(fields.collect())
            }
            _ => Value::Error,
        }
    }

    /// The array of a shape that is one at the i-th of its elements and zero elsewhere.
    fn unit_array(&mut self, i: &Value, kind: &Kind, shape: &[Size], count: &Size) -> Value {
        let Value::Array(i) = i else {
            return Value::Error;
        };
        let flat = vec![count.clone()];
        let all = self.array(
            Kind::Int,
            flat.clone(),
            |e| Prim::Iota(e.numbers(std::slice::from_ref(count))[0]),
            &[],
        );
        let wide = self.stretch(i, &flat);
        let compare = Prim::Compare(CompareOp::Eq);
        let hit = self.array(Kind::Bool, flat.clone(), |_| compare, &[&all, &wide]);
        let convert = |e: &mut Self| Prim::Convert(kind.carrier(e.real()).unwrap_or(e.real()));
        let unit: Arr = self.array(kind.clone(), flat, convert, &[&hit]);
        Value::Array(self.reshaped(&unit, shape.to_vec()))
    }

    fn reshaped_to(&mut self, value: Value, ty: &Ty) -> Value {
        match (value, ty) {
            (Value::Array(a), Ty::Array(_, shape)) => {
                Value::Array(self.reshaped(&a, shape.clone()))
            }
            (Value::Tuple(parts), Ty::Tuple(types)) => Value::Tuple(
                parts
                    .into_iter()
                    .zip(types)
                    .map(|(v, t)| self.reshaped_to(v, t))
                    .collect(),
            ),
            (Value::Record(fields), Ty::Record(types)) => Value::Record(
                fields
                    .into_iter()
                    .zip(types)
                    .map(|((n, v), (_, t))| (n, self.reshaped_to(v, t)))
                    .collect(),
            ),
            _ => Value::Error,
        }
    }

    fn no_jacobian(&mut self, what: &str, ty: &Ty, span: Span) -> Value {
        let title = "a Jacobian is of a map between arrays over one carrier";
        let label = format!("{what} is `{ty}`");
        self.error(
            Diagnostic::error("E0355", title, span, label)
                .hint("`rev(f)(x, dy)` and `fwd(f)(x, dx)` take any values"),
        )
    }

    /// `checkpoint(f)(p; x…)`: `f`, of which nothing is kept for its derivative but its arguments. What
    /// that needs is computed again from them: `get` is `f` and `put` is R of `f`.
    pub(crate) fn apply_checkpoint(
        &mut self,
        target: &Target,
        args: Vec<Value>,
        at: &Place,
    ) -> Value {
        let (args, at) = self.target_args(target, args, at);
        self.checkpointed(args, &at, &mut |e, xs| e.at_target(target, xs, &at))
    }

    /// What is made of arguments, as a lens whose backward half makes it again. What it reads from around
    /// is an argument too.
    pub(crate) fn checkpointed(
        &mut self,
        args: Vec<Value>,
        at: &Place,
        body: &mut dyn FnMut(&mut Elaborator<'_>, Vec<Value>) -> Value,
    ) -> Value {
        let Some(body) = self.body_over(args, at, body) else {
            return Value::Error;
        };
        let Some((get, slots)) = &body.function else {
            return body.value;
        };
        let results = get.region.result_types();
        if !get.region.params().iter().any(Type::differentiable)
            || !results.iter().any(Type::differentiable)
        {
            return self.value_of_body(&body);
        }
        let cotangents = results.iter().filter(|t| t.differentiable()).cloned();
        let params = get.region.params().iter().cloned().chain(cotangents);
        let mut b = Builder::new(params.collect());
        let given = b.param_slots();
        let back = b.emit(Op::Reverse(get.clone()), &given);
        let put = self.function("body.put", b.finish(back));
        let lens = Lens::new(get.clone(), put);
        let results = self.frames.emit(Op::Lens(Arc::new(lens)), slots);
        self.refilled(&body.value, &mut results.into_iter())
    }
}

/// How many numbers an array of a shape has.
fn count_of(shape: &[Size]) -> Size {
    shape.iter().fold(Size::constant(1), |p, n| p.mul(n))
}

/// How many numbers a product of arrays has.
fn numbers_in(ty: &Ty) -> Size {
    let all = |types: &mut dyn Iterator<Item = &Ty>| {
        types.fold(Size::constant(0), |sum, ty| sum.add(&numbers_in(ty)))
    };
    match ty {
        Ty::Array(_, shape) => count_of(shape),
        Ty::Tuple(parts) => all(&mut parts.iter()),
        Ty::Record(fields) => all(&mut fields.iter().map(|(_, t)| t)),
        Ty::Key | Ty::Arrow(..) | Ty::Space(_) => Size::constant(0),
    }
}

/// The carrier of the first array of a product.
fn first_kind(ty: &Ty) -> Option<Kind> {
    match ty {
        Ty::Array(kind, _) => Some(kind.clone()),
        Ty::Tuple(parts) => parts.iter().find_map(first_kind),
        Ty::Record(fields) => fields.iter().find_map(|(_, t)| first_kind(t)),
        Ty::Key | Ty::Arrow(..) | Ty::Space(_) => None,
    }
}

/// The product with something made of the axes of each array in its place.
fn by_array(ty: &Ty, of: &mut dyn FnMut(&[Size]) -> Ty) -> Ty {
    match ty {
        Ty::Array(_, shape) => of(shape),
        Ty::Tuple(parts) => Ty::Tuple(parts.iter().map(|t| by_array(t, of)).collect()),
        Ty::Record(fields) => {
            let fields = fields.iter();
            Ty::Record(fields.map(|(n, t)| (n.clone(), by_array(t, of))).collect())
        }
        Ty::Key | Ty::Arrow(..) | Ty::Space(_) => ty.clone(),
    }
}

/// Whether a type is made of arrays over one carrier.
fn all_over(ty: &Ty, kind: &Kind) -> bool {
    match ty {
        Ty::Array(k, _) => k == kind,
        Ty::Tuple(parts) => parts.iter().all(|t| all_over(t, kind)),
        Ty::Record(fields) => fields.iter().all(|(_, t)| all_over(t, kind)),
        Ty::Key | Ty::Arrow(..) | Ty::Space(_) => false,
    }
}
