//! The functions that the language has from the start: one row each, with its parameters' names,
//! its documentation and its rule.

mod array;
mod combine;
mod descend;
mod early;
mod linalg;
mod loops;
mod order;
mod pointwise;
mod random;
mod rearrange;
mod reduce;
mod scatter;
mod trace;

use crate::elaborate::Elaborator;
use crate::elaborate::builtin::combine::{hessian, hvp, per_example, wrap};
use crate::elaborate::place::Place;
use crate::elaborate::wanted::carrier;
use crate::size::Size;
use crate::ty::{Kind, Ty};
use crate::value::{Const, Func, Value};
use lentil_diag::Diagnostic;
use lentil_unary::{BinaryOp, Fold, LinalgOp, UnaryOp};
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
    /// What the last parameters are if they are not given.
    defaults: &'static [Default],
    rule: Rule,
}

type Default = fn(&Elaborator<'_>) -> Value;

impl Row {
    /// What a parameter is if it is not given, for those that may be left out.
    pub(crate) fn default(&self, e: &Elaborator<'_>, k: usize) -> Option<Value> {
        let first = self.params.len() - self.defaults.len();
        let default = self.defaults.get(k.checked_sub(first)?)?;
        Some(default(e))
    }
}

impl Elaborator<'_> {
    pub(crate) fn apply_builtin(
        &mut self,
        name: &'static str,
        statics: Option<&[Value]>,
        mut args: Vec<Value>,
        at: &Place,
        wanted: Option<&Ty>,
    ) -> Value {
        let Some(row) = row(name) else {
            return Value::Error;
        };
        let rest = args.len()..row.params.len();
        if args.len() + row.defaults.len() >= row.params.len() {
            args.extend(rest.filter_map(|k| row.default(self, k)));
        }
        if row.brackets.is_empty() && statics.is_some() {
            let title = format!("`{name}` takes no brackets");
            return self.error(Diagnostic::error(
                "E0335",
                title,
                at.span,
                "nothing to give there",
            ));
        }
        if KEEPING.contains(&name)
            && let Some(kind) = wanted.and_then(carrier)
        {
            let wanted = Some(Ty::scalar(kind));
            let settled = args.into_iter().enumerate().map(|(k, arg)| match arg {
                Value::Const(c) if !matches!(c, Const::Fill(_)) => {
                    self.settle_over(Value::Const(c), wanted.as_ref(), at.arg(k))
                }
                arg => arg,
            });
            args = settled.collect();
        }
        // `max` of one array; and where `…` stands, any number from none on.
        let least = row.params.len() - usize::from(row.params.last() == Some(&"…"));
        let fits = matches!(name, "max" | "min") && args.len() == 1
            || least < row.params.len() && args.len() >= least;
        if !fits && !self.right_count(row.params.len(), args.len(), at.span) {
            return Value::Error;
        }
        (row.rule)(
            self,
            Call {
                name: row.name,
                statics: statics.unwrap_or(&[]),
                args,
                at: at.clone(),
                wanted: wanted.cloned(),
            },
        )
    }
}

/// Functions of arrays whose result has the carrier of their arguments: numbers that they are given take
/// the one that is wanted of it.
const KEEPING: [&str; 16] = [
    "concat",
    "cummax",
    "cummin",
    "cumprod",
    "cumsum",
    "dot",
    "flip",
    "pad",
    "prod",
    "reshape",
    "sort",
    "stack",
    "stride",
    "sum",
    "transpose",
    "window",
];

/// A call of a builtin.
#[derive(Clone)]
pub(crate) struct Call<'c> {
    name: &'static str,
    statics: &'c [Value],
    args: Vec<Value>,
    pub(crate) at: Place,
    /// What is wanted of its result.
    wanted: Option<Ty>,
}

impl Call<'_> {
    /// The last argument that is left.
    pub(crate) fn pop(&mut self) -> Value {
        self.args.pop().unwrap_or(Value::Error)
    }
}

type Rule = fn(&mut Elaborator<'_>, Call<'_>) -> Value;

macro_rules! table {
    ($($name:literal $([$brackets:literal])?
       ($($param:literal),* $(; $($option:literal = $default:expr),*)?) $rule:expr, $doc:literal;)*) => {
        /// All builtin functions.
        pub static TABLE: &[Row] = &[
            $(Row {
                name: $name,
                brackets: concat!($($brackets)?),
                params: &[$($param,)* $($($option,)*)?],
                doc: $doc,
                defaults: &[$($($default),*)?],
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
    "trunc" ("x") |e, c| e.one(UnaryOp::Trunc, c), "the nearest whole number in the direction of zero";
    "exp" ("x") |e, c| e.one(UnaryOp::Exp, c), "the exponential";
    "exp2" ("x") |e, c| e.one(UnaryOp::Exp2, c), "2 to the power of x";
    "expm1" ("x") |e, c| e.one(UnaryOp::Expm1, c), "exp(x) - 1, exact near zero";
    "log" ("x") |e, c| e.one(UnaryOp::Log, c), "the natural logarithm";
    "log2" ("x") |e, c| e.one(UnaryOp::Log2, c), "the logarithm to base 2";
    "log10" ("x") |e, c| e.one(UnaryOp::Log10, c), "the logarithm to base 10";
    "log1p" ("x") |e, c| e.one(UnaryOp::Log1p, c), "log(1 + x), exact near zero";
    "sqrt" ("x") |e, c| e.one(UnaryOp::Sqrt, c), "the square root";
    "cbrt" ("x") |e, c| e.one(UnaryOp::Cbrt, c), "the cube root";
    "sin" ("x") |e, c| e.one(UnaryOp::Sin, c), "the sine";
    "cos" ("x") |e, c| e.one(UnaryOp::Cos, c), "the cosine";
    "tan" ("x") |e, c| e.one(UnaryOp::Tan, c), "the tangent";
    "asin" ("x") |e, c| e.one(UnaryOp::Asin, c), "the inverse sine";
    "acos" ("x") |e, c| e.one(UnaryOp::Acos, c), "the inverse cosine";
    "atan" ("x") |e, c| e.one(UnaryOp::Atan, c), "the inverse tangent";
    "sinh" ("x") |e, c| e.one(UnaryOp::Sinh, c), "the hyperbolic sine";
    "cosh" ("x") |e, c| e.one(UnaryOp::Cosh, c), "the hyperbolic cosine";
    "tanh" ("x") |e, c| e.one(UnaryOp::Tanh, c), "the hyperbolic tangent";
    "asinh" ("x") |e, c| e.one(UnaryOp::Asinh, c), "the inverse hyperbolic sine";
    "acosh" ("x") |e, c| e.one(UnaryOp::Acosh, c), "the inverse hyperbolic cosine";
    "atanh" ("x") |e, c| e.one(UnaryOp::Atanh, c), "the inverse hyperbolic tangent";
    "sigmoid" ("x") |e, c| e.one(UnaryOp::Sigmoid, c), "1 / (1 + exp(-x))";
    "erf" ("x") |e, c| e.one(UnaryOp::Erf, c), "the error function";
    "erfc" ("x") |e, c| e.one(UnaryOp::Erfc, c), "1 - erf(x), exact where that is small";
    "erfinv" ("x") |e, c| e.one(UnaryOp::Erfinv, c), "the inverse of the error function, from -1 to 1";
    "lgamma" ("x") |e, c| e.one(UnaryOp::Lgamma, c), "the logarithm of the gamma function's absolute value";
    "digamma" ("x") |e, c| e.digamma(c), "the derivative of lgamma";
    "polygamma" ("n", "x") |e, c| e.polygamma(c), "the n-th derivative of digamma, for a whole number n from 0 to 150";
    "atan2" ("y", "x") |e, c| e.two(BinaryOp::Atan2, c), "the angle of the point (x, y)";
    "hypot" ("x", "y") |e, c| e.two(BinaryOp::Hypot, c), "sqrt(x * x + y * y), without overflow";
    "clamp" ("x", "low", "high") |e, c| e.clamp(c), "x, but low if it is less and high if it is greater";
    "quotient" ("x", "y") |e, c| e.divided(BinaryOp::Div, c), "x / y rounded down, and 0 where y is 0, of whole numbers";
    "remainder" ("x", "y") |e, c| e.divided(BinaryOp::Rem, c), "x - y * quotient(x, y), of whole numbers";
    "max" ("x", "y") |e, c| e.extremum(BinaryOp::Max, Fold::Max, c), "the greater of two, or the greatest of an array (-∞ of no reals)";
    "min" ("x", "y") |e, c| e.extremum(BinaryOp::Min, Fold::Min, c), "the lesser of two, or the least of an array (∞ of no reals)";
    "sum" ("x") |e, c| e.fold_all(Fold::Sum, c), "the sum of all elements";
    "prod" ("x") |e, c| e.fold_all(Fold::Prod, c), "the product of all elements";
    "all" ("x") |e, c| e.fold_all(Fold::All, c), "whether all hold";
    "any" ("x") |e, c| e.fold_all(Fold::Any, c), "whether some hold";
    "logsumexp" ("x") |e, c| e.fold_all(Fold::LogSumExp, c), "log of the sum of exponentials, without overflow";
    "argmax" ("x") |e, c| e.arg_extremum(true, c), "the index of the greatest element of a vector, the lowest on a tie";
    "argmin" ("x") |e, c| e.arg_extremum(false, c), "the index of the least element of a vector, the lowest on a tie";
    "cumsum" ["axis"] ("x") |e, c| e.cumulate(Fold::Sum, c), "sums of the elements up to each one, along the leading axis or the one that brackets name";
    "cumprod" ["axis"] ("x") |e, c| e.cumulate(Fold::Prod, c), "products of the elements up to each one, along the leading axis or the one that brackets name";
    "cummax" ["axis"] ("x") |e, c| e.cumulate(Fold::Max, c), "the greatest of the elements up to each one, along the leading axis or the one that brackets name";
    "cummin" ["axis"] ("x") |e, c| e.cumulate(Fold::Min, c), "the least of the elements up to each one, along the leading axis or the one that brackets name";
    "sort" ["axis"] ("x") |e, c| e.sort(c), "the elements in order, the least first and NaN last, along the leading axis or the one that brackets name";
    "argsort" ["axis"] ("x") |e, c| e.argsort(c), "the indices that sort, the lowest first on a tie, along the leading axis or the one that brackets name";
    "top_k" ["k, axis"] ("x") |e, c| e.top_k(c), "top_k[k](x): the k greatest elements, the greatest first and NaN before it, and their indices, along the leading axis; top_k[k, axis](x) along another";
    "equal" ("x", "y") |e, c| e.equal(c), "whether two values are equal in all their numbers, as one condition: arrays, products, points of a parameter space";
    "dot" ("x", "y") |e, c| e.inner(c), "the inner product of two arrays, or of two parameter spaces";
    "norm" ("x") |e, c| e.norm(c), "the Euclidean norm of an array, or of a parameter space";
    "transpose" ["axes"] ("x") |e, c| e.transpose(c), "a matrix with its axes exchanged; transpose[2, 0, 1](x): axis 2 of x becomes axis 0, and so on";
    "reshape" ["n, m, …"] ("x") |e, c| e.reshape(c), "reshape[n, m](x): the same elements in another shape";
    "concat" ["axis"] ("x", "…") |e, c| e.concat(c), "arrays one after the other, along the leading axis or the one that brackets name";
    "stack" ["axis"] ("x", "…") |e, c| e.stack(c), "arrays of one shape as an array of them, along a new leading axis or the one that brackets name";
    "flip" ["axis"] ("x") |e, c| e.flip(c), "the last first, along the leading axis or the one that brackets name";
    "stride" ["s, …"] ("x") |e, c| e.stride(c), "stride[2](x): every second element along the leading axis; stride[2, 3](x): and every third along the next";
    "pad" ["before, after, …"] ("x", "fill") |e, c| e.pad(c), "pad[1, 2](x, 0): one zero before and two after, along the leading axis; two sizes more for each further axis";
    "window" ["k, s"] ("x") |e, c| e.window(c), "window[k](x): all runs of k neighbours along the leading axis; window[k, s](x): every s-th of them";
    "scatter_add" ("x", "at", "values") |e, c| e.scatter_add(c), "x with each value added at its index; a tuple of index arrays for several axes";
    "cholesky" ("a") |e, c| e.factorized(LinalgOp::Cholesky, c), "the lower triangular L with positive diagonal and L Lᵀ = (a + aᵀ) / 2; NaN if that is not positive definite";
    "cholesky_forward" ("l", "da") |e, c| e.changed(LinalgOp::CholeskyForward, c), "how the factor l = cholesky(a) changes when a changes by da, of which the symmetric part counts";
    "cholesky_reverse" ("l", "dl") |e, c| e.changed(LinalgOp::CholeskyReverse, c), "the cotangent of a from the cotangent dl of l = cholesky(a), of which the lower triangle is read";
    "solve" ("a", "b") |e, c| e.solved(LinalgOp::Solve, c), "the x with a x = b, for a vector b or for each column of a matrix; NaN if a is singular";
    "solve_lower" ("l", "b") |e, c| e.solved(LinalgOp::SolveTriangular { upper: false }, c), "the x with l x = b, reading the lower triangle of l alone";
    "solve_upper" ("u", "b") |e, c| e.solved(LinalgOp::SolveTriangular { upper: true }, c), "the x with u x = b, reading the upper triangle of u alone";
    "det" ("a") |e, c| e.det(c), "the determinant of a square matrix";
    "slogdet" ("a") |e, c| e.slogdet(c), "the sign (-1, 0 or 1) of the determinant, and the logarithm of its absolute value";
    "eigh" ("a") |e, c| e.factorized(LinalgOp::Eigh, c), "(w, v): the eigenvalues of (a + aᵀ) / 2, ascending, and its eigenvectors as columns";
    "svd" ("a") |e, c| e.factorized(LinalgOp::Svd, c), "(u, s, w) with a = u diag(s) w: singular values descending, left singular vectors as columns, right ones as rows";
    "qr" ("a") |e, c| e.factorized(LinalgOp::Qr, c), "(q, r) with a = q r: orthonormal columns, and an upper triangle with a diagonal that is not negative";
    "iota" ["n"] () |e, c| e.iota(c), "iota[n](): 0, 1, …, n - 1";
    "one_hot" ["n"] ("i") |e, c| e.one_hot(c), "one_hot[n](i): one at index i of n, else zero (all zero if there is no such index); one_hot[K, n](i) over another carrier";
    "real" ("x") |e, c| e.convert(Kind::Real, c), "a whole number, a bit or a condition as a Real";
    "int" ("x") |e, c| e.convert(Kind::Int, c), "a Real with its fraction dropped, or a bit or a condition, as an Int";
    "bit" ("a", "j") |e, c| e.bit(c), "the j-th binary digit of a whole number, as an Int";
    "fold" ("xs", "init", "f") |e, c| e.fold(c), "f(f(f(init, xs[0]), xs[1]), …)";
    "scan" ("xs", "init", "f") |e, c| e.scan(c), "all states of a fold, without the first";
    "fold_map" ("xs", "init", "f") |e, c| e.fold_map(c), "a fold whose f(s, x) gives (next state, output): the last state, and all outputs";
    "iterate" ["n"] ("init", "f") |e, c| e.iterate(c), "iterate[n](init, f): f applied n times";
    "until" ("init", "done", "step", "max") |e, c| e.until(c), "until(x, done, step, max: n): step applied until done holds, at most n times";
    "fixpoint" ("f", "init"; "tolerance" = |e| e.default_tolerance(), "max" = |_| Value::int(1000))
        |e, c| e.fixpoint(c), "fixpoint(f, x): the x with x = f(x), searched for by f itself; it differentiates as the solution of that equation";
    "rev" ("f") |_, c| wrap(c, Func::Rev), "the reverse derivative: rev(f)(x, dy)";
    "fwd" ("f") |_, c| wrap(c, Func::Fwd), "the forward derivative: fwd(f)(x, dx)";
    "grad" ("f") |_, c| wrap(c, Func::Grad), "the gradient of a map to a scalar: grad(f)(x)";
    "optimizer.start" ("o", "p") |e, c| e.optimizer_start(c), "the states that an optimizer starts with at parameters p, as a record";
    "optimizer.get" ("o", "states", "p") |e, c| e.optimizer_seen(c), "the forward half of an optimizer: what a model sees";
    "optimizer.put" ("o", "states", "p", "dp") |e, c| e.optimizer_step(c), "the backward half of an optimizer: the next states and parameters, given the gradient dp";
    "minimize" ["n"] ("o", "f", "p") |e, c| e.minimize(c), "minimize[n](o, f, p): where n steps of an optimizer lead from p, by the gradient of f";
    "value_and_grad" ("f") |_, c| wrap(c, Func::ValueAndGrad), "a map to a scalar together with its gradient: value_and_grad(f)(x)";
    "hvp" ("f") |_, c| hvp(c), "the gradient's derivative along a direction, the Hessian times a vector: hvp(f)(x, dx)";
    "jacobian" ("f") |_, c| wrap(c, Func::Jacobian), "all partial derivatives, the axes of the result first: jacobian(f)(x)";
    "hessian" ("f") |_, c| hessian(c), "all second partial derivatives of a map to a scalar: hessian(f)(x)";
    "linearize" ("f") |_, c| wrap(c, Func::Linearize), "the value and the linear map that the derivative is: let (y, push) = linearize(f)(x)";
    "per_example" ("f") |_, c| per_example(c), "the gradient of each example by itself, with the same parameters: per_example(f)(p; xs)";
    "checkpoint" ("f") |e, c| e.checkpoint(c), "the same map; its derivative keeps the arguments only and computes the rest again";
    "each" ["n"] ("f") |e, c| e.each_of(c), "a map or model over a leading axis; each[n](f): over one of this size";
    "repeat" ["k"] ("f") |e, c| e.repeat(c), "repeat[k](f): k copies in sequence, each with parameters of its own";
    "frozen" ("f") |e, c| e.frozen(c), "frozen(f): f with parameters that no learner changes";
    "tied" ["k"] ("f") |e, c| e.tied(c), "tied[k](f): k times in sequence with the same parameters";
    "id" ("x") |_, mut c| c.pop(), "the identity";
    "copy" ("x") |_, c| Value::Tuple([&c.args[..], &c.args[..]].concat()), "a value twice";
    "drop" ("x") |_, _| Value::unit(), "nothing";
    "swap" ("p") |e, c| e.swap(c), "a pair the other way round";
    "trace" ("name", "x") |e, c| e.trace(c), "trace(\"h\", h): h, whose value is shown under the name each time it is computed";
    "random.bits" ["n, m, …"] ("key") |e, c| e.random_bits(c), "random.bits[n, m](key): whole numbers of 32 random bits, from 0 to 2^32 - 1";
    "random.uniform" ["n, m, …"] ("key") |e, c| e.uniform(c), "random.uniform[n, m](key): from 0 (inclusive) to 1 (exclusive)";
    "random.normal" ["n, m, …"] ("key") |e, c| e.normal(c), "random.normal[n, m](key): of mean 0 and deviation 1";
    "random.split" ["n"] ("key") |e, c| e.random_split(c), "random.split[n](key): n independent keys, as a tuple";
    "random.key" ("seed") |e, c| e.random_key(c), "a key from a whole number, such as a seed, or from its two words";
    "random.words" ("key") |e, c| e.random_words(c), "the two words of a key, each of 32 bits";
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

/// The row of a value that is a builtin function.
pub(crate) fn row_of(value: &Value) -> Option<&'static Row> {
    match value {
        Value::Func(f) => match &**f {
            Func::Builtin { name, .. } => row(name),
            _ => None,
        },
        _ => None,
    }
}

pub(crate) fn row(name: &str) -> Option<&'static Row> {
    TABLE.iter().find(|r| r.name == name)
}
