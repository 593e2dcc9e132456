//! Derivatives are expressions, resolved later on unary form.
//!
//! Every one of them takes arguments in the same form: what the map takes, the parameters of a model left
//! of the `;`, then what the derivative wants besides. Parameters are one argument, the first, and a record.
//!
//! ```text
//! rev(f)(p; x…, dy)             cotangents of p and of each x
//! fwd(f)(p; x…, dp, dx…)        the tangent of the result
//! grad(f)(p; x…)                cotangents of p and of each x, of a single number
//! value_and_grad(f)(p; x…)      that number, and the same
//! hvp(f)(p; x…, dp, dx…)        the tangent of `grad(f)`
//! jacobian(f)(p; x…)            one array for each of p and x…
//! linearize(f)(p; x…)           the result, and a map from dp, dx… to its tangent
//! ```
//!
//! One argument gives its cotangent, several a tuple in their order.

use std::sync::Arc;

use lentil_diag::{Diagnostic, Span};
use lentil_unary::{Function, Op};

use super::Elaborator;
use super::model::Extras;
use super::place::Place;
use crate::supply::Supply;
use crate::ty::Ty;
use crate::value::{Arr, At, Func, Value};

/// What a derivative is taken of: a map, and what it is given if it is a model's.
#[derive(Clone, Debug)]
pub struct Target {
    map: Value,
    given: Option<Given>,
}

/// What a model is given besides its inputs.
#[derive(Clone, Debug)]
struct Given {
    /// Its weights.
    weights: Value,
    /// A key, a mode, states, as they are written.
    extras: Extras,
    /// The model with all it is applied with; `None` for a derivative of one, which is applied by hand.
    direct: Option<(Value, Supply)>,
}

impl Target {
    /// Whether its first argument is the parameters of a model.
    pub(crate) fn has_params(&self) -> bool {
        self.given.is_some()
    }
}

/// A body over arguments, as a function of unary form.
pub(crate) struct Body {
    /// The types of the arguments.
    pub(crate) types: Vec<Ty>,
    pub(crate) args: Vec<Value>,
    /// What the body makes of them.
    pub(crate) value: Value,
    pub(crate) result: Ty,
    /// Only while lowering.
    pub(crate) function: Option<(Arc<Function>, Vec<At>)>,
}

/// What makes a result of arguments.
pub(crate) type Map<'f> = &'f mut dyn FnMut(&mut Elaborator<'_>, Vec<Value>) -> Value;

impl Elaborator<'_> {
    /// A derivative of a map, at arguments.
    pub(crate) fn apply_derivative(&mut self, f: &Func, args: Vec<Value>, at: &Place) -> Value {
        let Some(map) = derived(f) else {
            return Value::Error;
        };
        let target = Target {
            map: map.clone(),
            given: None,
        };
        self.derive(f, &target, args, at)
    }

    /// A derivative of a model, at parameters and inputs.
    pub(crate) fn apply_model_derivative(
        &mut self,
        f: &Func,
        params: Vec<Value>,
        args: Vec<Value>,
        extras: &Extras,
        at: &Place,
    ) -> Value {
        let Some(map) = derived(f) else {
            return Value::Error;
        };
        // A derivative of a derivative has the parameters of what both are taken of.
        let mut base = map;
        while let Value::Func(f) = base
            && let Some(inner) = derived(f)
        {
            base = inner;
        }
        let Some(model) = self.as_model(base.clone(), at.span) else {
            return Value::Error;
        };
        let Some(weights) = self.param_record(&model, params, at) else {
            return Value::Error;
        };
        let direct = match std::ptr::eq(base, map) && !matches!(f, Func::Each(_)) {
            true => match self.supply_by_hand(&model, &weights, extras, at) {
                Some((supply, _)) => Some((model, supply)),
                None => return Value::Error,
            },
            false => None,
        };
        let target = Target {
            map: map.clone(),
            given: Some(Given {
                weights,
                extras: extras.clone(),
                direct,
            }),
        };
        self.derive(f, &target, args, at)
    }

    fn derive(&mut self, f: &Func, target: &Target, args: Vec<Value>, at: &Place) -> Value {
        match f {
            Func::Rev(_) => self.apply_reverse(target, args, at),
            Func::Grad(_) => match self.target_body(target, args, at) {
                Some(body) => self.gradient(&body, at.span),
                None => Value::Error,
            },
            Func::ValueAndGrad(_) => match self.target_body(target, args, at) {
                Some(body) => self.value_and_gradient(&body, at.span),
                None => Value::Error,
            },
            Func::Fwd(_) => self.apply_forward(target, args, at),
            Func::Jacobian(_) => self.apply_jacobian(target, args, at),
            Func::Linearize(_) => self.apply_linearize(target, args, at),
            Func::Checkpoint(_) => self.apply_checkpoint(target, args, at),
            Func::Each(map) => {
                let args = self.settle_elements(map, args, at);
                self.each(args, at, &mut |e, element| match &target.given {
                    None => e.apply(map, element, at.span),
                    Some(given) => {
                        let weights = vec![given.weights.clone()];
                        e.apply_model_with(map, weights, element, &given.extras, at.span)
                    }
                })
            }
            Func::Def { .. }
            | Func::Builtin { .. }
            | Func::Lambda { .. }
            | Func::Declared(..)
            | Func::Typed(..)
            | Func::Linear(..) => Value::Error,
        }
    }

    /// What is derived, at arguments of which the first is the parameters if there are some.
    pub(crate) fn at_target(&mut self, target: &Target, mut args: Vec<Value>, at: &Place) -> Value {
        let Some(given) = &target.given else {
            return self.apply(&target.map, args, at.clone());
        };
        let weights = args.remove(0);
        match &given.direct {
            Some((model, supply)) => {
                self.apply_closed(model, &supply.learning(&weights), args, at.span)
            }
            None => {
                let weights = vec![weights];
                self.apply_model_with(&target.map, weights, args, &given.extras, at.span)
            }
        }
    }

    /// All arguments, the parameters first, and where they are written.
    pub(crate) fn target_args(
        &mut self,
        target: &Target,
        args: Vec<Value>,
        at: &Place,
    ) -> (Vec<Value>, Place) {
        let mut args = match self.dry(|e| e.as_model(target.map.clone(), at.span)) {
            Some(model) => self.settle_arguments(&model, args, at),
            None => args,
        };
        let Some(given) = &target.given else {
            return (args, at.clone());
        };
        let mut spans = vec![at.param(0)];
        // With that of a cotangent, which follows the arguments.
        spans.extend((0..=args.len()).map(|k| at.arg(k)));
        args.insert(0, given.weights.clone());
        (args, Place::new(at.span, Vec::new(), spans))
    }

    /// What is derived, as a body over all arguments.
    pub(crate) fn target_body(
        &mut self,
        target: &Target,
        args: Vec<Value>,
        at: &Place,
    ) -> Option<Body> {
        let (args, at) = self.target_args(target, args, at);
        self.body_over(args, &at, &mut |e, xs| e.at_target(target, xs, &at))
    }

    fn apply_reverse(&mut self, target: &Target, mut args: Vec<Value>, at: &Place) -> Value {
        let title = "`rev(f)` takes the arguments of `f`, then a cotangent of its result";
        let Some(dy) = args.pop() else {
            return self.error(Diagnostic::error("E0333", title, at.span, "none is given"));
        };
        let wanted = self.input_count(&target.map);
        if let Some(n) = wanted.filter(|&n| n != args.len()) {
            let label = format!("{} given, {} wanted", args.len() + 1, n + 1);
            return self.error(Diagnostic::error("E0333", title, at.span, label));
        }
        let (args, at) = self.target_args(target, args, at);
        let body = &mut |e: &mut Elaborator<'_>, xs| e.at_target(target, xs, &at);
        self.reverse_of(args, &at, dy, body)
    }

    /// The cotangents of arguments, of a body whose result is a single number.
    pub(crate) fn gradient_of(&mut self, args: Vec<Value>, at: &Place, body: Map<'_>) -> Value {
        match self.body_over(args, at, body) {
            Some(body) => self.gradient(&body, at.span),
            None => Value::Error,
        }
    }

    fn gradient(&mut self, body: &Body, span: Span) -> Value {
        if !self.single_number(body, span) {
            return Value::Error;
        }
        self.reversed(body, Value::int(1), span)
    }

    /// The number, and the cotangents of the arguments.
    fn value_and_gradient(&mut self, body: &Body, span: Span) -> Value {
        if !self.single_number(body, span) {
            return Value::Error;
        }
        let value = self.value_of_body(body);
        let gradient = self.reversed(body, Value::int(1), span);
        if gradient.is_error() {
            return Value::Error;
        }
        Value::Tuple(vec![value, gradient])
    }

    /// Whether the result is one; refused with a place if not.
    fn single_number(&mut self, body: &Body, span: Span) -> bool {
        let ty = &body.result;
        let single =
            matches!(ty, Ty::Array(kind, shape) if shape.is_empty() && kind.differentiable());
        if !single {
            let title = "only a map to a single number has a gradient";
            let label = format!("this one's result is `{ty}`");
            self.error(
                Diagnostic::error("E0350", title, span, label)
                    .hint("`rev(f)(x, dy)` takes a cotangent of any result"),
            );
        }
        single
    }

    /// The cotangents of arguments, given the cotangent of the result of a body over them.
    /// One argument gives its cotangent, several give a tuple.
    pub(crate) fn reverse_of(
        &mut self,
        args: Vec<Value>,
        at: &Place,
        dy: Value,
        body: Map<'_>,
    ) -> Value {
        let dy_span = at.arg(args.len());
        match self.body_over(args, at, body) {
            Some(body) => self.reversed(&body, dy, dy_span),
            None => Value::Error,
        }
    }

    /// The cotangents of a body's arguments.
    pub(crate) fn reversed(&mut self, body: &Body, dy: Value, dy_span: Span) -> Value {
        let dy = self.coerce(dy, &body.result.changes(), dy_span);
        if dy.is_error() {
            return Value::Error;
        }
        let packed = Ty::Tuple(body.types.clone());
        let Some((function, args)) = &body.function else {
            return self.unknown(&unpacked(packed.changes()));
        };
        let args = [args.clone(), self.leaves(&dy)].concat();
        let results = self.frames.emit(Op::Reverse(function.clone()), &args);
        self.changes_of(&unpacked(packed), &mut results.into_iter())
    }

    /// The value of a body at its arguments.
    pub(crate) fn value_of_body(&mut self, body: &Body) -> Value {
        let Some((function, args)) = &body.function else {
            return body.value.clone();
        };
        if self.leaves(&body.value).is_empty() {
            return body.value.clone();
        }
        let results = self.frames.emit(Op::Call(function.clone()), args);
        self.refilled(&body.value, &mut results.into_iter())
    }

    /// A body over arguments, whose numbers are real where nothing says what they are.
    pub(crate) fn body_over(
        &mut self,
        args: Vec<Value>,
        at: &Place,
        body: Map<'_>,
    ) -> Option<Body> {
        let (types, args) = self.derivative_args(args, at)?;
        let span = at.span;
        let mut wrapped = |e: &mut Self, packed: Value| {
            let Value::Tuple(parts) = packed else {
                return Value::Error;
            };
            e.derived += 1;
            let value = body(e, parts);
            e.derived -= 1;
            e.settle_real(value, span)
        };
        if !self.lowering() {
            let value = wrapped(self, Value::Tuple(args.clone()));
            let result = self.derivable(&value, span)?;
            return Some(Body {
                types,
                args,
                value,
                result,
                function: None,
            });
        }
        let packed = Ty::Tuple(types.clone());
        let (finished, value) = self.region_of(&packed, wrapped);
        let result = self.derivable(&value, span)?;
        let slots = [self.leaves(&Value::Tuple(args.clone())), finished.captures].concat();
        let function = self.function("body", finished.region);
        Some(Body {
            types,
            args,
            value,
            result,
            function: Some((function, slots)),
        })
    }

    /// Where a derivative is taken, numbers are real.
    fn settle_reals(&mut self, args: Vec<Value>, at: &Place) -> Vec<Value> {
        let args = args.into_iter().enumerate();
        args.map(|(k, a)| self.settle_real(a, at.arg(k))).collect()
    }

    fn derivative_args(&mut self, args: Vec<Value>, at: &Place) -> Option<(Vec<Ty>, Vec<Value>)> {
        let args = self.settle_reals(args, at);
        let mut types = Vec::new();
        for (k, arg) in args.iter().enumerate() {
            match arg.ty() {
                Some(ty) => types.push(ty),
                None => {
                    if !arg.is_error() {
                        let title = "a derivative is taken at values";
                        let label = format!("an argument is {}", arg.describe());
                        self.error(Diagnostic::error("E0351", title, at.arg(k), label));
                    }
                    return None;
                }
            }
        }
        Some((types, args))
    }

    fn derivable(&mut self, value: &Value, span: Span) -> Option<Ty> {
        if value.is_error() {
            return None;
        }
        let ty = value.ty();
        if ty.is_none() {
            let title = "only a map between values has a derivative";
            let label = format!("this one's result is {}", value.describe());
            self.error(Diagnostic::error("E0351", title, span, label));
        }
        ty
    }

    /// The array that a value is, for callers that have checked it.
    pub(crate) fn as_array(value: Value) -> Option<Arr> {
        match value {
            Value::Array(a) => Some(a),
            _ => None,
        }
    }
}

/// What a derivative, or something that goes along with one, is taken of.
pub(crate) fn derived(f: &Func) -> Option<&Value> {
    match f {
        Func::Rev(f)
        | Func::Fwd(f)
        | Func::Grad(f)
        | Func::ValueAndGrad(f)
        | Func::Jacobian(f)
        | Func::Linearize(f)
        | Func::Checkpoint(f)
        | Func::Each(f) => Some(f),
        Func::Def { .. }
        | Func::Builtin { .. }
        | Func::Lambda { .. }
        | Func::Declared(..)
        | Func::Typed(..)
        | Func::Linear(..) => None,
    }
}

/// A tuple of one is its only part.
pub(crate) fn unpacked(ty: Ty) -> Ty {
    match ty {
        Ty::Tuple(mut parts) if parts.len() == 1 => parts.remove(0),
        other => other,
    }
}
