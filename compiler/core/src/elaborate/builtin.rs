//! The functions that the language has from the start: one row each, with its parameters' names,
//! its documentation and its rule.

use std::rc::Rc;

use lentil_diag::{Diagnostic, Span};
use lentil_unary::{BinaryOp, Fold, Literal, Op, Prim, UnaryOp};

use super::Elaborator;
use crate::size::Size;
use crate::ty::{Kind, Ty};
use crate::value::{Arr, Const, Func, Value};

/// A call of a builtin.
struct Call<'c> {
    name: &'static str,
    statics: &'c [Value],
    args: Vec<Value>,
    span: Span,
}

type Rule = fn(&mut Elaborator<'_>, Call<'_>) -> Value;

/// A builtin function.
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// Its parameters' names.
    pub params: &'static [&'static str],
    /// What it is.
    pub doc: &'static str,
    rule: Rule,
}

macro_rules! table {
    ($($name:literal ($($param:literal),*) $rule:expr, $doc:literal;)*) => {
        /// All builtin functions.
        pub static TABLE: &[Row] = &[
            $(Row { name: $name, params: &[$($param),*], doc: $doc, rule: $rule }),*
        ];
    };
}

table! {
    "abs" ("x") pointwise, "the absolute value";
    "sign" ("x") pointwise, "-1, 0 or 1";
    "floor" ("x") pointwise, "the greatest whole number that is not greater";
    "ceil" ("x") pointwise, "the least whole number that is not less";
    "round" ("x") pointwise, "the nearest whole number, ties to even";
    "exp" ("x") pointwise, "the exponential";
    "expm1" ("x") pointwise, "exp(x) - 1, exact near zero";
    "log" ("x") pointwise, "the natural logarithm";
    "log1p" ("x") pointwise, "log(1 + x), exact near zero";
    "sqrt" ("x") pointwise, "the square root";
    "sin" ("x") pointwise, "the sine";
    "cos" ("x") pointwise, "the cosine";
    "tan" ("x") pointwise, "the tangent";
    "asin" ("x") pointwise, "the inverse sine";
    "acos" ("x") pointwise, "the inverse cosine";
    "atan" ("x") pointwise, "the inverse tangent";
    "sinh" ("x") pointwise, "the hyperbolic sine";
    "cosh" ("x") pointwise, "the hyperbolic cosine";
    "tanh" ("x") pointwise, "the hyperbolic tangent";
    "sigmoid" ("x") pointwise, "1 / (1 + exp(-x))";
    "erf" ("x") pointwise, "the error function";
    "atan2" ("y", "x") |e, c| e.two(BinaryOp::Atan2, c), "the angle of the point (x, y)";
    "max" ("x", "y") |e, c| e.extremum(BinaryOp::Max, Fold::Max, c), "the greater of two, or the greatest of an array";
    "min" ("x", "y") |e, c| e.extremum(BinaryOp::Min, Fold::Min, c), "the lesser of two, or the least of an array";
    "sum" ("x") |e, c| e.fold_all(Fold::Sum, c), "the sum of all elements";
    "prod" ("x") |e, c| e.fold_all(Fold::Prod, c), "the product of all elements";
    "all" ("x") |e, c| e.fold_all(Fold::All, c), "whether all hold";
    "any" ("x") |e, c| e.fold_all(Fold::Any, c), "whether some hold";
    "logsumexp" ("x") |e, c| e.fold_all(Fold::LogSumExp, c), "log of the sum of exponentials, without overflow";
    "argmax" ("x") |e, c| e.arg_extremum(true, c), "the index of the greatest element of a vector, the lowest on a tie";
    "argmin" ("x") |e, c| e.arg_extremum(false, c), "the index of the least element of a vector, the lowest on a tie";
    "cumsum" ("x") |e, c| e.cumulate(Fold::Sum, c), "sums of the elements up to each one, along the leading axis";
    "cumprod" ("x") |e, c| e.cumulate(Fold::Prod, c), "products of the elements up to each one, along the leading axis";
    "dot" ("x", "y") |e, c| e.inner(c), "the inner product of two arrays, or of two parameter spaces";
    "norm" ("x") |e, c| e.norm(c), "the Euclidean norm of an array, or of a parameter space";
    "transpose" ("x") |e, c| e.transpose(c), "a matrix with its axes exchanged";
    "reshape" ("x") |e, c| e.reshape(c), "reshape[n, m](x): the same elements in another shape";
    "concat" ("x", "y") |e, c| e.concat(c), "two arrays one after the other, along the leading axis";
    "iota" () |e, c| e.iota(c), "iota[n](): 0, 1, …, n - 1";
    "one_hot" ("i") |e, c| e.one_hot(c), "one_hot[n](i): one at index i of n, else zero; one_hot[K, n](i) over another carrier";
    "real" ("x") |e, c| e.convert(Kind::Real, c), "a whole number, a bit or a condition as a Real";
    "int" ("x") |e, c| e.convert(Kind::Int, c), "a Real with its fraction dropped, or a bit or a condition, as an Int";
    "bit" ("a", "j") |e, c| e.bit(c), "the j-th binary digit of a whole number, as an Int";
    "fold" ("xs", "init", "f") |e, c| e.fold(c), "f(f(f(init, xs[0]), xs[1]), …)";
    "scan" ("xs", "init", "f") |e, c| e.scan(c), "all states of a fold, without the first";
    "iterate" ("init", "f") |e, c| e.iterate(c), "iterate[n](init, f): f applied n times";
    "rev" ("f") |_, c| wrap(c, Func::Rev), "the reverse derivative: rev(f)(x, dy)";
    "fwd" ("f") |_, c| wrap(c, Func::Fwd), "the forward derivative: fwd(f)(x, dx)";
    "grad" ("f") |_, c| wrap(c, Func::Grad), "the gradient of a map to a scalar: grad(f)(x)";
    "each" ("f") |e, c| e.each_of(c), "a map or model over a leading axis";
    "repeat" ("f") |e, c| e.repeat(c), "repeat[k](f): k copies in sequence, each with parameters of its own";
    "tied" ("f") |e, c| e.tied(c), "tied[k](f): k times in sequence with the same parameters";
    "id" ("x") |_, mut c| c.args.pop().unwrap_or(Value::Error), "the identity";
    "copy" ("x") |_, c| Value::Tuple([&c.args[..], &c.args[..]].concat()), "a value twice";
    "drop" ("x") |_, _| Value::unit(), "nothing";
    "swap" ("p") |e, c| e.swap(c), "a pair the other way round";
    "random.uniform" ("key") |e, c| e.uniform(c), "random.uniform[n, m](key): from 0 (inclusive) to 1 (exclusive)";
    "random.normal" ("key") |e, c| e.normal(c), "random.normal[n, m](key): of mean 0 and deviation 1";
    "random.split" ("key") |e, c| e.random_split(c), "random.split[n](key): n independent keys, as a tuple";
    "random.fold" ("key", "i") |e, c| e.random_fold(c), "a key for the i-th use of a key";
}

/// The builtin value of a name.
pub(crate) fn value(name: &str) -> Option<Value> {
    match name {
        "zeros" => {
            return Some(Value::Const(Const::Fill(Box::new(Const::Int(
                Size::constant(0),
            )))));
        }
        "ones" => {
            return Some(Value::Const(Const::Fill(Box::new(Const::Int(
                Size::constant(1),
            )))));
        }
        "pi" => return Some(Value::Const(Const::Real(std::f64::consts::PI))),
        _ => {}
    }
    let row = row(name)?;
    Some(Value::Func(Rc::new(Func::Builtin {
        name: row.name,
        statics: None,
    })))
}

/// All builtin names.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|r| r.name).chain(["zeros", "ones", "pi"])
}

pub(crate) fn parameter_names(name: &str) -> Option<Vec<String>> {
    Some(row(name)?.params.iter().map(|p| (*p).to_string()).collect())
}

fn row(name: &str) -> Option<&'static Row> {
    TABLE.iter().find(|r| r.name == name)
}

fn wrap(mut c: Call<'_>, make: fn(Value) -> Func) -> Value {
    match c.args.pop() {
        Some(f) => Value::Func(Rc::new(make(f))),
        None => Value::Error,
    }
}

fn pointwise(e: &mut Elaborator<'_>, mut c: Call<'_>) -> Value {
    let op = match c.name {
        "abs" => UnaryOp::Abs,
        "sign" => UnaryOp::Sign,
        "floor" => UnaryOp::Floor,
        "ceil" => UnaryOp::Ceil,
        "round" => UnaryOp::Round,
        "exp" => UnaryOp::Exp,
        "expm1" => UnaryOp::Expm1,
        "log" => UnaryOp::Log,
        "log1p" => UnaryOp::Log1p,
        "sqrt" => UnaryOp::Sqrt,
        "sin" => UnaryOp::Sin,
        "cos" => UnaryOp::Cos,
        "tan" => UnaryOp::Tan,
        "asin" => UnaryOp::Asin,
        "acos" => UnaryOp::Acos,
        "atan" => UnaryOp::Atan,
        "sinh" => UnaryOp::Sinh,
        "cosh" => UnaryOp::Cosh,
        "tanh" => UnaryOp::Tanh,
        "sigmoid" => UnaryOp::Sigmoid,
        "erf" => UnaryOp::Erf,
        other => unreachable!("`{other}` is not pointwise"),
    };
    let x = c.args.pop().unwrap_or(Value::Error);
    e.unary(op, x, c.span)
}

impl Elaborator<'_> {
    pub(crate) fn apply_builtin(
        &mut self,
        name: &'static str,
        statics: Option<&[Value]>,
        args: Vec<Value>,
        span: Span,
    ) -> Value {
        let Some(row) = row(name) else {
            return Value::Error;
        };
        let variadic = matches!(name, "max" | "min") && args.len() == 1;
        if !variadic && !self.right_count(row.params.len(), args.len(), span) {
            return Value::Error;
        }
        (row.rule)(
            self,
            Call {
                name: row.name,
                statics: statics.unwrap_or(&[]),
                args,
                span,
            },
        )
    }

    /// A reduction over the leading axes that a comprehension has made.
    pub(crate) fn reduction(
        &mut self,
        function: &Value,
        array: Value,
        axes: usize,
        span: Span,
    ) -> Value {
        let fold = match function {
            Value::Func(f) => match &**f {
                Func::Builtin { name, .. } => fold_named(name),
                _ => None,
            },
            Value::Error => return Value::Error,
            _ => None,
        };
        match fold {
            Some(fold) => self.map_value(array, span, &mut |e, a| e.reduce(fold, &a, axes, span)),
            // Any other function takes the array that the comprehension is.
            None => self.apply(function, vec![array], span),
        }
    }

    fn reduce(&mut self, fold: Fold, a: &Arr, axes: usize, span: Span) -> Value {
        let fits = match fold {
            Fold::Sum | Fold::Prod => a.kind.is_ring(),
            Fold::Max | Fold::Min => a.kind.is_real() || a.kind == Kind::Int,
            Fold::LogSumExp => a.kind.is_real(),
            Fold::All | Fold::Any => a.kind == Kind::Bool,
        };
        if !fits {
            let title = format!("this is not defined over `{}`", a.kind);
            return self.error(Diagnostic::error(
                "E0314",
                title,
                span,
                format!("of `{}`", a.ty()),
            ));
        }
        let over: Vec<usize> = (0..axes).collect();
        let shape = a.shape[axes..].to_vec();
        Value::Array(self.array(
            a.kind.clone(),
            shape,
            |_| Prim::Reduce { fold, axes: over },
            &[a],
        ))
    }

    fn fold_all(&mut self, fold: Fold, mut c: Call<'_>) -> Value {
        let x = c.args.pop().unwrap_or(Value::Error);
        match self.array_arg(x, c.span) {
            Some(a) => self.reduce(fold, &a, a.shape.len(), c.span),
            None => Value::Error,
        }
    }

    /// An argument that must be an array; constants take their default carrier.
    fn array_arg(&mut self, value: Value, span: Span) -> Option<Arr> {
        match self.settle(value, span) {
            Value::Array(a) => Some(a),
            Value::Error => None,
            other => {
                let title = "an array is expected here";
                let label = format!("this is {}", other.describe());
                self.error(Diagnostic::error("E0340", title, span, label));
                None
            }
        }
    }

    fn two(&mut self, op: BinaryOp, mut c: Call<'_>) -> Value {
        let b = c.args.pop().unwrap_or(Value::Error);
        let a = c.args.pop().unwrap_or(Value::Error);
        self.binary(op, a, b, c.span)
    }

    fn extremum(&mut self, op: BinaryOp, fold: Fold, c: Call<'_>) -> Value {
        if c.args.len() == 2 {
            self.two(op, c)
        } else {
            self.fold_all(fold, c)
        }
    }

    fn arg_extremum(&mut self, greatest: bool, mut c: Call<'_>) -> Value {
        let x = c.args.pop().unwrap_or(Value::Error);
        let Some(a) = self.array_arg(x, c.span) else {
            return Value::Error;
        };
        let ordered = a.kind.is_real() || a.kind == Kind::Int;
        if a.shape.len() != 1 || !ordered {
            let title = "this takes a vector of ordered elements";
            let label = format!("this is `{}`", a.ty());
            return self.error(Diagnostic::error("E0340", title, c.span, label));
        }
        if a.shape[0].as_constant() == Some(0) {
            let title = "an empty vector has no greatest or least element";
            return self.error(Diagnostic::error("E0341", title, c.span, "its size is 0"));
        }
        let prim = if greatest {
            Prim::ArgMax(0)
        } else {
            Prim::ArgMin(0)
        };
        let mut out = self.array(Kind::Int, Vec::new(), |_| prim, &[&a]);
        out.range = Some((Size::constant(0), a.shape[0].sub(&Size::constant(1))));
        Value::Array(out)
    }

    fn cumulate(&mut self, fold: Fold, mut c: Call<'_>) -> Value {
        let x = c.args.pop().unwrap_or(Value::Error);
        let Some(a) = self.array_arg(x, c.span) else {
            return Value::Error;
        };
        if a.shape.is_empty() || !a.kind.is_ring() {
            let title = "this takes an array over a ring";
            let label = format!("this is `{}`", a.ty());
            return self.error(Diagnostic::error("E0340", title, c.span, label));
        }
        let prim = Prim::Scan {
            fold,
            axis: 0,
            exclusive: false,
            reverse: false,
        };
        Value::Array(self.array(a.kind.clone(), a.shape.clone(), |_| prim, &[&a]))
    }

    fn inner(&mut self, mut c: Call<'_>) -> Value {
        let b = c.args.pop().unwrap_or(Value::Error);
        let a = c.args.pop().unwrap_or(Value::Error);
        self.inner_product(a, b, c.span)
    }

    fn inner_product(&mut self, a: Value, b: Value, span: Span) -> Value {
        let product = self.binary(BinaryOp::Mul, a, b, span);
        self.total(product, span)
    }

    /// The sum of all elements of all arrays of a product.
    fn total(&mut self, value: Value, span: Span) -> Value {
        match value {
            Value::Error => Value::Error,
            Value::Space(..) => Value::Array(Arr {
                kind: Kind::Real,
                shape: Vec::new(),
                at: None,
                range: None,
            }),
            Value::Tuple(parts) => self.total_of(parts, span),
            Value::Record(fields) => {
                self.total_of(fields.into_iter().map(|(_, v)| v).collect(), span)
            }
            other => match self.array_arg(other, span) {
                Some(a) => self.reduce(Fold::Sum, &a, a.shape.len(), span),
                None => Value::Error,
            },
        }
    }

    fn total_of(&mut self, parts: Vec<Value>, span: Span) -> Value {
        let mut sum: Option<Value> = None;
        for part in parts {
            let part = self.total(part, span);
            sum = Some(match sum {
                None => part,
                Some(sum) => self.binary(BinaryOp::Add, sum, part, span),
            });
        }
        sum.unwrap_or_else(|| Value::int(0))
    }

    fn norm(&mut self, mut c: Call<'_>) -> Value {
        let x = c.args.pop().unwrap_or(Value::Error);
        let x = self.settle_real(x, c.span);
        let square = self.inner_product(x.clone(), x, c.span);
        self.unary(UnaryOp::Sqrt, square, c.span)
    }

    fn transpose(&mut self, mut c: Call<'_>) -> Value {
        let x = c.args.pop().unwrap_or(Value::Error);
        let Some(a) = self.array_arg(x, c.span) else {
            return Value::Error;
        };
        if a.shape.len() != 2 {
            let title = "only a matrix is transposed";
            let label = format!("this is `{}`", a.ty());
            return self.error(Diagnostic::error("E0340", title, c.span, label));
        }
        let shape = vec![a.shape[1].clone(), a.shape[0].clone()];
        Value::Array(self.array(
            a.kind.clone(),
            shape,
            |_| Prim::Transpose(vec![1, 0]),
            &[&a],
        ))
    }

    fn sizes(&mut self, c: &Call<'_>) -> Option<Vec<Size>> {
        let sizes: Option<Vec<Size>> = c
            .statics
            .iter()
            .map(|v| match v {
                Value::Const(Const::Int(n)) => Some(n.clone()),
                _ => None,
            })
            .collect();
        if sizes.is_none() {
            let title = format!("`{}` takes sizes in its brackets", c.name);
            self.error(Diagnostic::error("E0335", title, c.span, "not sizes"));
        }
        sizes
    }

    fn one_size(&mut self, c: &Call<'_>) -> Option<Size> {
        let sizes = self.sizes(c)?;
        if let [n] = &sizes[..] {
            if n.as_constant().is_none_or(|n| n >= 0) {
                return Some(n.clone());
            }
        }
        let title = format!("`{}` takes one size in brackets", c.name);
        let hint = format!("write `{}[n](…)`", c.name);
        self.error(
            Diagnostic::error("E0335", title, c.span, "no size, or more than one").hint(hint),
        );
        None
    }

    fn reshape(&mut self, mut c: Call<'_>) -> Value {
        let Some(shape) = self.sizes(&c) else {
            return Value::Error;
        };
        let x = c.args.pop().unwrap_or(Value::Error);
        let Some(a) = self.array_arg(x, c.span) else {
            return Value::Error;
        };
        let count = |s: &[Size]| s.iter().fold(Size::constant(1), |p, n| p.mul(n));
        if count(&shape) != count(&a.shape) {
            let title = "a reshape keeps the number of elements";
            let label = format!("`{}` has `{}` of them", a.ty(), count(&a.shape));
            let hint = format!("the new shape has `{}`", count(&shape));
            return self.error(Diagnostic::error("E0310", title, c.span, label).hint(hint));
        }
        Value::Array(self.reshaped(&a, shape))
    }

    fn concat(&mut self, mut c: Call<'_>) -> Value {
        let b = c.args.pop().unwrap_or(Value::Error);
        let a = c.args.pop().unwrap_or(Value::Error);
        let (a, b) = match (a, b) {
            (Value::Array(a), Value::Const(k)) => {
                let b = self.constant(&k, &a.kind.clone(), None, c.span);
                (Value::Array(a), b)
            }
            (Value::Const(k), Value::Array(b)) => {
                let a = self.constant(&k, &b.kind.clone(), None, c.span);
                (a, Value::Array(b))
            }
            other => other,
        };
        let (Some(a), Some(b)) = (self.array_arg(a, c.span), self.array_arg(b, c.span)) else {
            return Value::Error;
        };
        if a.kind != b.kind || a.shape.is_empty() || a.shape.get(1..) != b.shape.get(1..) {
            let title = "these cannot be put one after the other";
            let label = format!("the first is `{}`, the second is `{}`", a.ty(), b.ty());
            return self.error(Diagnostic::error("E0310", title, c.span, label));
        }
        let mut shape = a.shape.clone();
        shape[0] = shape[0].add(&b.shape[0]);
        Value::Array(self.array(a.kind.clone(), shape, |_| Prim::Concat(0), &[&a, &b]))
    }

    fn iota(&mut self, c: Call<'_>) -> Value {
        let Some(n) = self.one_size(&c) else {
            return Value::Error;
        };
        let shape = vec![n];
        let numbers = shape.clone();
        Value::Array(self.array(
            Kind::Int,
            shape,
            |e| Prim::Iota(e.numbers(&numbers)[0]),
            &[],
        ))
    }

    fn one_hot(&mut self, mut c: Call<'_>) -> Value {
        let kind = match c.statics {
            [Value::Kind(kind), ..] => kind.clone(),
            _ => Kind::Real,
        };
        let statics: Vec<Value> = c
            .statics
            .iter()
            .filter(|v| !matches!(v, Value::Kind(_)))
            .cloned()
            .collect();
        let sizes = Call {
            name: c.name,
            statics: &statics,
            args: Vec::new(),
            span: c.span,
        };
        let Some(n) = self.one_size(&sizes) else {
            return Value::Error;
        };
        let i = c.args.pop().unwrap_or(Value::Error);
        let Some(i) = self.array_arg(i, c.span) else {
            return Value::Error;
        };
        if !matches!(i.kind, Kind::Int | Kind::Category(_)) || !i.shape.is_empty() {
            let title = "`one_hot` takes an `Int` or a `Category`";
            return self.error(Diagnostic::error(
                "E0340",
                title,
                c.span,
                format!("this is `{}`", i.ty()),
            ));
        }
        let shape = vec![n];
        let numbers = shape.clone();
        let all = self.array(
            Kind::Int,
            shape.clone(),
            |e| Prim::Iota(e.numbers(&numbers)[0]),
            &[],
        );
        let here = Arr {
            kind: Kind::Int,
            ..i
        };
        let wide = self.stretch(&here, &shape);
        let hit = self.array(
            Kind::Bool,
            shape,
            |_| Prim::Compare(lentil_unary::CompareOp::Eq),
            &[&all, &wide],
        );
        Value::Array(self.converted(&hit, &kind))
    }

    /// The same elements in another carrier.
    fn converted(&mut self, a: &Arr, kind: &Kind) -> Arr {
        let carrier = kind.carrier(self.real());
        let same = carrier.is_some() && carrier == a.kind.carrier(self.real());
        if same {
            return Arr {
                kind: kind.clone(),
                range: None,
                ..a.clone()
            };
        }
        let at = carrier.and_then(|c| self.emit(|_| Op::Prim(Prim::Convert(c)), &[a]));
        Arr {
            kind: kind.clone(),
            shape: a.shape.clone(),
            at,
            range: None,
        }
    }

    fn convert(&mut self, kind: Kind, mut c: Call<'_>) -> Value {
        let x = c.args.pop().unwrap_or(Value::Error);
        if let (Value::Const(Const::Int(_) | Const::Real(_) | Const::Unknown), Kind::Real) =
            (&x, &kind)
        {
            let Value::Const(constant) = &x else {
                return Value::Error;
            };
            return self.constant(constant, &Kind::Real, None, c.span);
        }
        self.map_value(x, c.span, &mut |e, a| Value::Array(e.converted(&a, &kind)))
    }

    /// A carrier called like a function: `Bit(x)`, `Mod[7](x)`, `Real64(0.5)`.
    pub(crate) fn in_carrier(&mut self, kind: &Kind, mut args: Vec<Value>, span: Span) -> Value {
        if !self.right_count(1, args.len(), span) {
            return Value::Error;
        }
        match args.pop().unwrap_or(Value::Error) {
            Value::Const(c @ (Const::Int(_) | Const::Real(_) | Const::Unknown))
                if c.is_integral() || kind.is_real() =>
            {
                self.constant(&c, kind, None, span)
            }
            x => self.map_value(x, span, &mut |e, a| Value::Array(e.converted(&a, kind))),
        }
    }

    fn bit(&mut self, mut c: Call<'_>) -> Value {
        let j = c.args.pop().unwrap_or(Value::Error);
        let a = c.args.pop().unwrap_or(Value::Error);
        let (Some(a), Some(j)) = (self.array_arg(a, c.span), self.array_arg(j, c.span)) else {
            return Value::Error;
        };
        let scalar = |x: &Arr| x.kind == Kind::Int && x.shape.is_empty();
        if !scalar(&a) || !scalar(&j) {
            let title = "`bit` takes two whole numbers";
            let label = format!("these are `{}` and `{}`", a.ty(), j.ty());
            return self.error(Diagnostic::error("E0340", title, c.span, label));
        }
        // The powers of two, read by j: out of range stops the run with this place.
        let shape = vec![Size::constant(63)];
        let base = self.literal(&Kind::Int, 2);
        let base = self.stretch(&base, &shape);
        let prefix = Prim::Scan { fold: Fold::Prod, axis: 0, exclusive: true, reverse: false };
        let table = self.array(Kind::Int, shape, |_| prefix, &[&base]);
        let site = self.site(c.span);
        let power = self.array(
            Kind::Int,
            Vec::new(),
            |_| Prim::Gather { axes: 1, site },
            &[&table, &j],
        );
        let shifted = self.array(
            Kind::Int,
            Vec::new(),
            |_| Prim::Binary(BinaryOp::Div),
            &[&a, &power],
        );
        let two = self.literal(&Kind::Int, 2);
        let mut out = self.array(
            Kind::Int,
            Vec::new(),
            |_| Prim::Binary(BinaryOp::Rem),
            &[&shifted, &two],
        );
        out.range = Some((Size::constant(0), Size::constant(1)));
        Value::Array(out)
    }

    fn loop_args(&mut self, c: &mut Call<'_>) -> Option<(Value, Value, Value, Size)> {
        let f = c.args.pop()?;
        let init = c.args.pop()?;
        let xs = c.args.pop()?;
        let xs = self.settle_real(xs, c.span);
        let init = self.settle_real(init, c.span);
        if xs.is_error() || init.is_error() {
            return None;
        }
        let n = match xs.ty() {
            Some(Ty::Array(_, shape)) if !shape.is_empty() => shape[0].clone(),
            _ => {
                let title = "this runs over an array";
                let label = format!("this is {}", xs.describe());
                self.error(Diagnostic::error("E0340", title, c.span, label));
                return None;
            }
        };
        Some((xs, init, f, n))
    }

    fn fold(&mut self, mut c: Call<'_>) -> Value {
        let Some((xs, init, f, n)) = self.loop_args(&mut c) else {
            return Value::Error;
        };
        let (state, _) = self.loop_over(&n, &xs, init, c.span, |e, _, x, s| {
            (e.apply(&f, vec![s, x], c.span), Value::unit())
        });
        state
    }

    fn scan(&mut self, mut c: Call<'_>) -> Value {
        let Some((xs, init, f, n)) = self.loop_args(&mut c) else {
            return Value::Error;
        };
        let Some(ty) = init.ty() else {
            return Value::Error;
        };
        let (_, states) = self.loop_over(&n, &xs, init, c.span, |e, _, x, s| {
            let next = e.apply(&f, vec![s, x], c.span);
            let next = e.coerce(next, &ty, c.span);
            (next.clone(), next)
        });
        states
    }

    fn iterate(&mut self, mut c: Call<'_>) -> Value {
        let Some(n) = self.one_size(&c) else {
            return Value::Error;
        };
        let f = c.args.pop().unwrap_or(Value::Error);
        let init = c.args.pop().unwrap_or(Value::Error);
        let init = self.settle_real(init, c.span);
        if init.is_error() {
            return init;
        }
        let (state, _) = self.loop_over(&n, &Value::unit(), init, c.span, |e, _, _, s| {
            (e.apply(&f, vec![s], c.span), Value::unit())
        });
        state
    }

    fn swap(&mut self, mut c: Call<'_>) -> Value {
        match c.args.pop() {
            Some(Value::Tuple(mut parts)) if parts.len() == 2 => {
                parts.swap(0, 1);
                Value::Tuple(parts)
            }
            other => {
                let title = "`swap` takes a pair";
                let label = format!("this is {}", other.unwrap_or(Value::Error).describe());
                self.error(Diagnostic::error("E0340", title, c.span, label))
            }
        }
    }

    fn key_arg(&mut self, value: Value, span: Span) -> Option<Arr> {
        match value {
            // A key is two words of 32 bits; as an array it can be an argument of the primitives.
            Value::Key(at) => Some(Arr {
                kind: Kind::Int,
                shape: vec![Size::constant(2)],
                at,
                range: None,
            }),
            Value::Error => None,
            other => {
                let title = "a random key is expected here";
                let label = format!("this is {}", other.describe());
                self.error(Diagnostic::error("E0342", title, span, label));
                None
            }
        }
    }

    fn uniform(&mut self, mut c: Call<'_>) -> Value {
        let Some(shape) = self.sizes(&c) else {
            return Value::Error;
        };
        let key = c.args.pop().unwrap_or(Value::Error);
        let Some(key) = self.key_arg(key, c.span) else {
            return Value::Error;
        };
        self.uniform_of(&key, &shape, c.span)
    }

    /// The upper 23 of 32 random bits, as a multiple of 2^-23: exact in f32.
    fn uniform_of(&mut self, key: &Arr, shape: &[Size], span: Span) -> Value {
        let sizes = shape.to_vec();
        let bits = self.array(
            Kind::Int,
            shape.to_vec(),
            |e| Prim::RandomBits(e.numbers(&sizes)),
            &[key],
        );
        let divisor = self.literal(&Kind::Int, 512);
        let divisor = self.stretch(&divisor, shape);
        let upper = self.array(
            Kind::Int,
            shape.to_vec(),
            |_| Prim::Binary(BinaryOp::Div),
            &[&bits, &divisor],
        );
        let upper = self.converted(&upper, &Kind::Real);
        let unit = Value::Const(Const::Real(1.0 / f64::from(1 << 23)));
        self.binary(BinaryOp::Mul, Value::Array(upper), unit, span)
    }

    /// By the method of Box and Muller from two uniform numbers.
    fn normal(&mut self, mut c: Call<'_>) -> Value {
        let Some(shape) = self.sizes(&c) else {
            return Value::Error;
        };
        let key = c.args.pop().unwrap_or(Value::Error);
        let Some(key) = self.key_arg(key, c.span) else {
            return Value::Error;
        };
        let keys = self.split_key(&key, 2);
        let span = c.span;
        let u = self.uniform_of(&keys[0], &shape, span);
        let v = self.uniform_of(&keys[1], &shape, span);
        // 1 - u is never zero, so the logarithm is finite.
        let one = Value::int(1);
        let rest = self.binary(BinaryOp::Sub, one, u, span);
        let log = self.unary(UnaryOp::Log, rest, span);
        let scaled = self.binary(BinaryOp::Mul, log, Value::int(-2), span);
        let radius = self.unary(UnaryOp::Sqrt, scaled, span);
        let turn = Value::Const(Const::Real(2.0 * std::f64::consts::PI));
        let angle = self.binary(BinaryOp::Mul, v, turn, span);
        let cosine = self.unary(UnaryOp::Cos, angle, span);
        self.binary(BinaryOp::Mul, radius, cosine, span)
    }

    fn split_key(&mut self, key: &Arr, n: usize) -> Vec<Arr> {
        let two = Size::constant(2);
        let shape = vec![Size::constant(n as i128), two.clone()];
        let all = self.array(Kind::Int, shape, |_| Prim::RandomSplit(n), &[key]);
        let site = self.site(Span::default());
        (0..n)
            .map(|k| {
                let i = self.literal(&Kind::Int, k as i64);
                self.array(
                    Kind::Int,
                    vec![two.clone()],
                    |_| Prim::Gather { axes: 1, site },
                    &[&all, &i],
                )
            })
            .collect()
    }

    fn random_split(&mut self, mut c: Call<'_>) -> Value {
        let Some(n) = self.one_size(&c) else {
            return Value::Error;
        };
        let key = c.args.pop().unwrap_or(Value::Error);
        let Some(key) = self.key_arg(key, c.span) else {
            return Value::Error;
        };
        let Some(n @ 1..=1024) = n.as_constant() else {
            let title = "a key is split into a known number of keys, from 1 to 1024";
            return self.error(Diagnostic::error("E0342", title, c.span, format!("`{n}`")));
        };
        let keys = self.split_key(&key, n as usize);
        Value::Tuple(keys.into_iter().map(|k| Value::Key(k.at)).collect())
    }

    fn random_fold(&mut self, mut c: Call<'_>) -> Value {
        let i = c.args.pop().unwrap_or(Value::Error);
        let key = c.args.pop().unwrap_or(Value::Error);
        let Some(key) = self.key_arg(key, c.span) else {
            return Value::Error;
        };
        let Some(i) = self.array_arg(i, c.span) else {
            return Value::Error;
        };
        if i.kind != Kind::Int || !i.shape.is_empty() {
            let title = "a use of a key is numbered by an `Int`";
            let label = format!("this is `{}`", i.ty());
            return self.error(Diagnostic::error("E0342", title, c.span, label));
        }
        Value::Key(self.emit(|_| Op::Prim(Prim::RandomFold), &[&key, &i]))
    }

    /// A key that depends on a number known at compile time.
    pub(crate) fn fold_key(&mut self, key: &Value, number: u32) -> Value {
        let Some(key) = self.key_arg(key.clone(), Span::default()) else {
            return Value::Error;
        };
        let literal = Literal::integer(lentil_unary::Carrier::Int, i64::from(number));
        let at = self.emit(|_| Op::Prim(Prim::Literal(literal)), &[]);
        let i = Arr {
            kind: Kind::Int,
            shape: Vec::new(),
            at,
            range: None,
        };
        Value::Key(self.emit(|_| Op::Prim(Prim::RandomFold), &[&key, &i]))
    }

    fn each_of(&mut self, mut c: Call<'_>) -> Value {
        match c.args.pop() {
            Some(Value::Model(m)) => {
                Value::Model(Rc::new(crate::value::Model::Each(Value::Model(m))))
            }
            Some(f @ Value::Func(_)) => Value::Func(Rc::new(Func::Each(f))),
            other => self.not_a_map(&other.unwrap_or(Value::Error), c.span),
        }
    }

    pub(crate) fn not_a_map(&mut self, value: &Value, span: Span) -> Value {
        if value.is_error() {
            return Value::Error;
        }
        let title = "a map or a model is expected here";
        let label = format!("this is {}", value.describe());
        self.error(Diagnostic::error("E0331", title, span, label))
    }

    fn copies(&mut self, c: &Call<'_>) -> Option<usize> {
        let n = self.one_size(c)?;
        match n.as_constant() {
            Some(n @ 1..=10_000) => Some(n as usize),
            _ => {
                let title = "the number of layers is a known number from 1 to 10000";
                self.error(Diagnostic::error(
                    "E0403",
                    title,
                    c.span,
                    format!("this is `{n}`"),
                ));
                None
            }
        }
    }

    fn repeat(&mut self, mut c: Call<'_>) -> Value {
        let Some(k) = self.copies(&c) else {
            return Value::Error;
        };
        let model = c.args.pop().unwrap_or(Value::Error);
        let layer = |_| crate::value::Factor {
            segment: Some("layer".into()),
            model: model.clone(),
            span: c.span,
        };
        let factors = (0..k).map(layer).collect();
        self.compose(factors, true, c.span)
    }

    fn tied(&mut self, mut c: Call<'_>) -> Value {
        let Some(k) = self.copies(&c) else {
            return Value::Error;
        };
        let model = c.args.pop().unwrap_or(Value::Error);
        match self.as_model(model, c.span) {
            Some(model) => Value::Model(Rc::new(crate::value::Model::Tied(k, model))),
            None => Value::Error,
        }
    }
}

fn fold_named(name: &str) -> Option<Fold> {
    match name {
        "sum" => Some(Fold::Sum),
        "prod" => Some(Fold::Prod),
        "max" => Some(Fold::Max),
        "min" => Some(Fold::Min),
        "all" => Some(Fold::All),
        "any" => Some(Fold::Any),
        "logsumexp" => Some(Fold::LogSumExp),
        _ => None,
    }
}
