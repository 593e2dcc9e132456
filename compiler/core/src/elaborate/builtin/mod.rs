//! The functions that the language has from the start: one row each, with its parameters' names,
//! its documentation and its rule.

mod array;
mod combine;
mod loops;
mod pointwise;
mod random;
mod reduce;

use crate::elaborate::Elaborator;
use crate::elaborate::builtin::combine::wrap;
use crate::elaborate::place::Place;
use crate::size::Size;
use crate::ty::Kind;
use crate::value::{Const, Func, Value};
use lentil_diag::Diagnostic;
use lentil_unary::{BinaryOp, Fold, UnaryOp};
use std::sync::Arc;

/// A builtin function.
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// What stands in its brackets, if it takes any.
    pub brackets: &'static str,
    /// Its parameters' names.
    pub params: &'static [&'static str],
    /// What it is.
    pub doc: &'static str,
    rule: Rule,
}

impl Elaborator<'_> {
    pub(crate) fn apply_builtin(
        &mut self,
        name: &'static str,
        statics: Option<&[Value]>,
        args: Vec<Value>,
        at: &Place,
    ) -> Value {
        let Some(row) = row(name) else {
            return Value::Error;
        };
        if row.brackets.is_empty() && statics.is_some() {
            let title = format!("`{name}` takes no brackets");
            return self.error(Diagnostic::error(
                "E0335",
                title,
                at.span,
                "nothing to give there",
            ));
        }
        let variadic = matches!(name, "max" | "min") && args.len() == 1;
        if !variadic && !self.right_count(row.params.len(), args.len(), at.span) {
            return Value::Error;
        }
        (row.rule)(
            self,
            Call {
                name: row.name,
                statics: statics.unwrap_or(&[]),
                args,
                at: at.clone(),
            },
        )
    }
}

/// A call of a builtin.
pub(crate) struct Call<'c> {
    name: &'static str,
    statics: &'c [Value],
    args: Vec<Value>,
    at: Place,
}

impl Call<'_> {
    /// The last argument that is left.
    fn pop(&mut self) -> Value {
        self.args.pop().unwrap_or(Value::Error)
    }
}

type Rule = fn(&mut Elaborator<'_>, Call<'_>) -> Value;

macro_rules! table {
    ($($name:literal $([$brackets:literal])? ($($param:literal),*) $rule:expr, $doc:literal;)*) => {
        /// All builtin functions.
        pub static TABLE: &[Row] = &[
            $(Row {
                name: $name,
                brackets: concat!($($brackets)?),
                params: &[$($param),*],
                doc: $doc,
                rule: $rule,
            }),*
        ];
    };
}

table! {
    "abs" ("x") |e, c| e.one(UnaryOp::Abs, c), "the absolute value";
    "sign" ("x") |e, c| e.one(UnaryOp::Sign, c), "-1, 0 or 1";
    "floor" ("x") |e, c| e.one(UnaryOp::Floor, c), "the greatest whole number that is not greater";
    "ceil" ("x") |e, c| e.one(UnaryOp::Ceil, c), "the least whole number that is not less";
    "round" ("x") |e, c| e.one(UnaryOp::Round, c), "the nearest whole number, ties to even";
    "exp" ("x") |e, c| e.one(UnaryOp::Exp, c), "the exponential";
    "expm1" ("x") |e, c| e.one(UnaryOp::Expm1, c), "exp(x) - 1, exact near zero";
    "log" ("x") |e, c| e.one(UnaryOp::Log, c), "the natural logarithm";
    "log1p" ("x") |e, c| e.one(UnaryOp::Log1p, c), "log(1 + x), exact near zero";
    "sqrt" ("x") |e, c| e.one(UnaryOp::Sqrt, c), "the square root";
    "sin" ("x") |e, c| e.one(UnaryOp::Sin, c), "the sine";
    "cos" ("x") |e, c| e.one(UnaryOp::Cos, c), "the cosine";
    "tan" ("x") |e, c| e.one(UnaryOp::Tan, c), "the tangent";
    "asin" ("x") |e, c| e.one(UnaryOp::Asin, c), "the inverse sine";
    "acos" ("x") |e, c| e.one(UnaryOp::Acos, c), "the inverse cosine";
    "atan" ("x") |e, c| e.one(UnaryOp::Atan, c), "the inverse tangent";
    "sinh" ("x") |e, c| e.one(UnaryOp::Sinh, c), "the hyperbolic sine";
    "cosh" ("x") |e, c| e.one(UnaryOp::Cosh, c), "the hyperbolic cosine";
    "tanh" ("x") |e, c| e.one(UnaryOp::Tanh, c), "the hyperbolic tangent";
    "sigmoid" ("x") |e, c| e.one(UnaryOp::Sigmoid, c), "1 / (1 + exp(-x))";
    "erf" ("x") |e, c| e.one(UnaryOp::Erf, c), "the error function";
    "atan2" ("y", "x") |e, c| e.two(BinaryOp::Atan2, c), "the angle of the point (x, y)";
    "max" ("x", "y") |e, c| e.extremum(BinaryOp::Max, Fold::Max, c), "the greater of two, or the greatest of an array (-∞ of no reals)";
    "min" ("x", "y") |e, c| e.extremum(BinaryOp::Min, Fold::Min, c), "the lesser of two, or the least of an array (∞ of no reals)";
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
    "reshape" ["n, m, …"] ("x") |e, c| e.reshape(c), "reshape[n, m](x): the same elements in another shape";
    "concat" ("x", "y") |e, c| e.concat(c), "two arrays one after the other, along the leading axis";
    "iota" ["n"] () |e, c| e.iota(c), "iota[n](): 0, 1, …, n - 1";
    "one_hot" ["n"] ("i") |e, c| e.one_hot(c), "one_hot[n](i): one at index i of n, else zero (all zero if there is no such index); one_hot[K, n](i) over another carrier";
    "real" ("x") |e, c| e.convert(Kind::Real, c), "a whole number, a bit or a condition as a Real";
    "int" ("x") |e, c| e.convert(Kind::Int, c), "a Real with its fraction dropped, or a bit or a condition, as an Int";
    "bit" ("a", "j") |e, c| e.bit(c), "the j-th binary digit of a whole number, as an Int";
    "fold" ("xs", "init", "f") |e, c| e.fold(c), "f(f(f(init, xs[0]), xs[1]), …)";
    "scan" ("xs", "init", "f") |e, c| e.scan(c), "all states of a fold, without the first";
    "iterate" ["n"] ("init", "f") |e, c| e.iterate(c), "iterate[n](init, f): f applied n times";
    "rev" ("f") |_, c| wrap(c, Func::Rev), "the reverse derivative: rev(f)(x, dy)";
    "fwd" ("f") |_, c| wrap(c, Func::Fwd), "the forward derivative: fwd(f)(x, dx)";
    "grad" ("f") |_, c| wrap(c, Func::Grad), "the gradient of a map to a scalar: grad(f)(x)";
    "each" ("f") |e, c| e.each_of(c), "a map or model over a leading axis";
    "repeat" ["k"] ("f") |e, c| e.repeat(c), "repeat[k](f): k copies in sequence, each with parameters of its own";
    "tied" ["k"] ("f") |e, c| e.tied(c), "tied[k](f): k times in sequence with the same parameters";
    "id" ("x") |_, mut c| c.pop(), "the identity";
    "copy" ("x") |_, c| Value::Tuple([&c.args[..], &c.args[..]].concat()), "a value twice";
    "drop" ("x") |_, _| Value::unit(), "nothing";
    "swap" ("p") |e, c| e.swap(c), "a pair the other way round";
    "random.uniform" ["n, m, …"] ("key") |e, c| e.uniform(c), "random.uniform[n, m](key): from 0 (inclusive) to 1 (exclusive)";
    "random.normal" ["n, m, …"] ("key") |e, c| e.normal(c), "random.normal[n, m](key): of mean 0 and deviation 1";
    "random.split" ["n"] ("key") |e, c| e.random_split(c), "random.split[n](key): n independent keys, as a tuple";
    "random.key" ("seed") |e, c| e.random_key(c), "a key from a whole number, such as a seed";
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
    Some(Value::Func(Arc::new(Func::Builtin {
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

pub(crate) fn row(name: &str) -> Option<&'static Row> {
    TABLE.iter().find(|r| r.name == name)
}
