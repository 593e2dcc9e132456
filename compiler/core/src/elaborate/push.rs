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

    /// `jacobian(f)(p; x…)`: for each argument an array whose leading axes are the result's. By rows
    /// (backwards) or by columns (forwards), whichever are fewer.
    pub(crate) fn apply_jacobian(
        &mut self,
        target: &Target,
        args: Vec<Value>,
        at: &Place,
    ) -> Value {
        let Some(body) = self.target_body(target, args, at) else {
            return Value::Error;
        };
        let Ty::Array(kind, rows) = body.result.clone() else {
            return self.no_jacobian("its result", &body.result, at.span);
        };
        if !kind.differentiable() {
            return self.no_jacobian("its result", &body.result, at.span);
        }
        if let Some(ty) = body.types.iter().find(|ty| !all_over(ty, &kind)) {
            return self.no_jacobian("an argument", &ty.clone(), at.span);
        }
        let packed = unpacked(Ty::Tuple(body.types.clone()));
        let shape = under_axes(&packed, &rows);
        if !self.lowering() {
            return self.unknown(&shape);
        }
        let sizes = |shape: &[Size]| shape.iter().fold(Size::constant(1), |p, n| p.mul(n));
        let count = sizes(&rows);
        if let [Ty::Array(_, columns)] = &body.types[..] {
            let width = sizes(columns);
            let sides = self.numbers(&[width.clone(), count.clone()]);
            let forwards = sides[0] <= sides[1];
            let probe = self.diagnostics.len();
            if forwards && self.goes_forwards(&body, at.span) {
                return self.by_columns(&body, &kind, &rows, &columns.clone(), &width, at.span);
            }
            // Backwards any lens will do.
            self.diagnostics.truncate(probe);
        }
        let stacked = self.map_over(&count, &Value::unit(), at.span, |e, i, _| {
            let dy = e.unit_array(&i, &kind, &rows, &count);
            e.reversed(&body, dy, at.span)
        });
        self.reshaped_to(stacked, &shape)
    }

    fn by_columns(
        &mut self,
        body: &Body,
        kind: &Kind,
        rows: &[Size],
        columns: &[Size],
        width: &Size,
        span: Span,
    ) -> Value {
        let stacked = self.map_over(width, &Value::unit(), span, |e, i, _| {
            let dx = e.unit_array(&i, kind, columns, width);
            e.emit_push(body, &Value::Tuple(vec![dx]))
        });
        let Value::Array(stacked) = stacked else {
            return Value::Error;
        };
        // The number of the column goes last, and becomes the argument's axes.
        let rank = rows.len();
        let turned = [rows, std::slice::from_ref(width)].concat();
        let perm: Vec<usize> = (1..=rank).chain([0]).collect();
        let turned = match rank {
            0 => stacked,
            _ => self.array(kind.clone(), turned, |_| Prim::Transpose(perm), &[&stacked]),
        };
        Value::Array(self.reshaped(&turned, [rows, columns].concat()))
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
        let Some(body) = self.target_body(target, args, at) else {
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

/// Whether a type is made of arrays over one carrier.
fn all_over(ty: &Ty, kind: &Kind) -> bool {
    match ty {
        Ty::Array(k, _) => k == kind,
        Ty::Tuple(parts) => parts.iter().all(|t| all_over(t, kind)),
        Ty::Record(fields) => fields.iter().all(|(_, t)| all_over(t, kind)),
        Ty::Key | Ty::Arrow(..) | Ty::Space(_) => false,
    }
}
