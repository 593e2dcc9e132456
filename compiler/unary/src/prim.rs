//! **The** table of primitives.
//!
//! Every primitive is one variant of [`Prim`]; its typing rule stands in `typing`, its meaning in `eval`,
//! its reverse and forward rows in the crate `lentil-reverse`.
//! A test walks [`Prim::table`], so that none can be forgotten.

use std::sync::Arc;

use lentil_linalg::LinalgOp;

use crate::carrier::{Carrier, Literal};
use crate::syntax::Site;

/// Pointwise functions of one argument; the result has the argument's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)] // the names say it
pub enum UnaryOp {
    Neg,
    Abs,
    /// -1, 0 or 1; NaN for NaN.
    Sign,
    Floor,
    Ceil,
    /// To the nearest integer, ties to even.
    Round,
    /// To the integer next in the direction of zero.
    Trunc,
    Exp,
    Exp2,
    Expm1,
    Log,
    Log2,
    Log10,
    Log1p,
    Sqrt,
    Cbrt,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    Asinh,
    Acosh,
    Atanh,
    /// 1 / (1 + exp(-x)), without overflow.
    Sigmoid,
    Erf,
    /// 1 - erf(x), exact where that is small.
    Erfc,
    /// The inverse of `Erf` on [-1, 1].
    Erfinv,
    /// log |Γ(x)|.
    Lgamma,
    /// Negation of a `Bool`.
    Not,
}

/// Pointwise functions of two arguments of one type; the result has that type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    /// Field division over the reals; over `Int`, floor division by a divisor that the core has proved nonzero.
    Div,
    /// The remainder of floor division, with the divisor's sign; over `Int` by a divisor that the core has
    /// proved nonzero.
    Rem,
    Pow,
    Max,
    Min,
    /// `atan2(y, x)`.
    Atan2,
    /// √(x² + y²), without overflow.
    Hypot,
    /// The `n`-th derivative of the digamma function at `x`; `n` is a whole number, given as a real one,
    /// and has no derivative.
    Polygamma,
    And,
    Or,
}

/// Pointwise comparisons; the result is `Bool` of the same shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum CompareOp {
    Eq,
    Ne,
    Lt,
    Le,
}

/// The monoids that reductions and scans fold with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fold {
    /// Addition, from zero (every ring, and `Int`).
    Sum,
    /// Multiplication, from one (every ring, and `Int`).
    Prod,
    /// Maximum, from the least value (minus infinity over the reals; `Int`).
    Max,
    /// Minimum, from the greatest value.
    Min,
    /// log Σ exp, computed with the maximum taken out (reals only).
    LogSumExp,
    /// Conjunction, from `true`.
    All,
    /// Disjunction, from `false`.
    Any,
}

impl Fold {
    /// What it starts from: the monoid's unit.
    pub fn unit(self, carrier: Carrier) -> Literal {
        let extreme = |real: f64, int: i64| match carrier {
            Carrier::F32 | Carrier::F64 => Literal::real(carrier, real),
            Carrier::Bit | Carrier::Mod(_) | Carrier::Int | Carrier::Bool => {
                Literal::integer(carrier, int)
            }
        };
        match self {
            Fold::Sum | Fold::Any => Literal::zero(carrier),
            Fold::Prod | Fold::All => Literal::one(carrier),
            Fold::Max | Fold::LogSumExp => extreme(f64::NEG_INFINITY, i64::MIN),
            Fold::Min => extreme(f64::INFINITY, i64::MAX),
        }
    }

    /// The operation that takes one element in; none for `LogSumExp`, which takes its elements twice.
    pub fn step(self) -> Option<BinaryOp> {
        match self {
            Fold::Sum => Some(BinaryOp::Add),
            Fold::Prod => Some(BinaryOp::Mul),
            Fold::Max => Some(BinaryOp::Max),
            Fold::Min => Some(BinaryOp::Min),
            Fold::All => Some(BinaryOp::And),
            Fold::Any => Some(BinaryOp::Or),
            Fold::LogSumExp => None,
        }
    }
}

/// A primitive arrow without a body; one result, but for [`Prim::Linalg`]. Types are row-major arrays; *leading* is the outermost axis.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Prim {
    /// `() -> K`: a scalar constant.
    Literal(Literal),
    /// `() -> int[n]`: 0, 1, …, n-1.
    Iota(usize),
    /// `K[s] -> K[s]`, element by element.
    Unary(UnaryOp),
    /// `K[s], K[s] -> K[s]`, element by element. No broadcasting.
    Binary(BinaryOp),
    /// `K[s], K[s] -> bool[s]`, element by element.
    Compare(CompareOp),
    /// `bool[s], K[s], K[s] -> K[s]`: the second where the condition holds, else the third.
    /// Both are computed; a conditional that must not compute an arm is [`crate::Op::Cond`].
    Select,
    /// `J[s] -> K[s]`: `Bool`, `Bit`, `Mod` and `Int` to anything by value (into a ring by the map from Z);
    /// between reals by rounding; a real to `Int` by truncation towards zero, saturating, NaN to 0.
    Convert(Carrier),
    /// `K[s] -> K[shape]`: argument axis `i` becomes result axis `axes[i]` (strictly increasing),
    /// every other result axis repeats.
    Broadcast {
        /// The result's shape.
        shape: Vec<usize>,
        /// Where each argument axis goes.
        axes: Vec<usize>,
    },
    /// `K[s] -> K[s permuted]`: result axis `i` is argument axis `perm[i]`.
    Transpose(Vec<usize>),
    /// `K[s] -> K[shape]` with the same number of elements in the same row-major order.
    Reshape(Vec<usize>),
    /// `K[s] -> K[…]`: per axis, elements `start, start+step, …` of which there are `len`.
    Slice {
        /// Per axis, the first index.
        start: Vec<usize>,
        /// Per axis, how many are taken.
        len: Vec<usize>,
        /// Per axis, the distance between two taken ones (at least 1).
        step: Vec<usize>,
    },
    /// `K[s] -> K[…]`: per axis, zeros before, between neighbours and after. The transpose of `Slice`.
    Pad {
        /// Per axis, zeros before the first.
        before: Vec<usize>,
        /// Per axis, zeros after the last.
        after: Vec<usize>,
        /// Per axis, zeros between two neighbours.
        between: Vec<usize>,
    },
    /// `K[…], K[…], … -> K[…]`: along one axis, in order; the other axes agree.
    Concat(usize),
    /// `K[s] -> K[s]` with the given axes reversed.
    Flip(Vec<usize>),
    /// `K[s] -> K[s less axes]`: folds over the given axes (strictly increasing), in row-major order.
    Reduce {
        /// The monoid.
        fold: Fold,
        /// The axes that vanish.
        axes: Vec<usize>,
    },
    /// `K[s] -> int[s less axis]`: the index of the greatest element, the lowest index on a tie.
    /// The axis is not empty. NaN counts as the greatest.
    ArgMax(usize),
    /// `K[s] -> int[s less axis]`: the index of the least element, the lowest index on a tie.
    /// The axis is not empty. NaN counts as the least.
    ArgMin(usize),
    /// `K[s, n] -> int[s, n]`: along the last axis, the indices of the elements in order: a stable sort.
    /// NaN counts as the greatest, and both zeros are equal.
    ArgSort {
        /// Whether the greatest comes first (else the least); on a tie the lowest index does, either way.
        descending: bool,
    },
    /// `K[s] -> K[s]`: prefix folds along an axis.
    Scan {
        /// `Sum`, `Prod`, `Max` or `Min`.
        fold: Fold,
        /// The axis.
        axis: usize,
        /// Whether element `i` folds those strictly before `i` (else including `i`).
        exclusive: bool,
        /// Whether it runs from the end (suffix folds).
        reverse: bool,
    },
    /// `K[a], K[b] -> K[batch, rest of a, rest of b]`: the tensor contraction.
    /// `batch` and `sum` pair an axis of `a` with an equally long axis of `b`;
    /// result axes are the batch pairs in the order given, then the free axes of `a`, then those of `b`.
    Contract {
        /// Axes that both share and the result keeps.
        batch: Vec<(usize, usize)>,
        /// Axes that are multiplied and summed over.
        sum: Vec<(usize, usize)>,
    },
    /// `K[n1, …, nk, r], int[s] × k -> K[s, r]`: reads along the `k = axes` leading axes.
    /// An index out of range stops the run at `site`.
    Gather {
        /// How many leading axes are indexed (at least 1).
        axes: usize,
        /// The place in the source that the trap names.
        site: Site,
    },
    /// `K[n1, …, nk, r], int[s] × k, K[s, r] -> K[n1, …, nk, r]`: the first argument (an *accumulator*)
    /// with every value added at its index. Indices may repeat. The transpose of `Gather`.
    ScatterAdd {
        /// How many leading axes are indexed (at least 1).
        axes: usize,
        /// The place in the source that the trap names.
        site: Site,
    },
    /// `int[batch, 2] -> int[batch, shape]`: 32 random bits each, by threefry 2x32 in counter mode; for each key
    /// of a batch by itself.
    RandomBits(Vec<usize>),
    /// `int[batch, 2] -> int[batch, n, 2]`: `n` independent keys, of each.
    RandomSplit(usize),
    /// `int[batch, 2], int[batch] -> int[batch, 2]`: a key for one of many numbered uses, of each.
    RandomFold,
    /// A factorization of matrices over the reals, or the solution of a linear system; see [`LinalgOp`].
    /// The axes before the matrix's two are a batch. The only primitive that may have several results.
    /// A matrix that has no answer has NaN there.
    Linalg(LinalgOp),
    /// `K[s] -> K[s]`: what it is given, which is shown on the way under this name; see [`crate::watch`].
    Trace(Arc<str>),
}

impl Prim {
    /// How many results it has.
    pub fn results(&self) -> usize {
        match self {
            Prim::Linalg(op) => op.results(),
            Prim::Literal(_)
            | Prim::Iota(_)
            | Prim::Unary(_)
            | Prim::Binary(_)
            | Prim::Compare(_)
            | Prim::Select
            | Prim::Convert(_)
            | Prim::Broadcast { .. }
            | Prim::Transpose(_)
            | Prim::Reshape(_)
            | Prim::Slice { .. }
            | Prim::Pad { .. }
            | Prim::Concat(_)
            | Prim::Flip(_)
            | Prim::Reduce { .. }
            | Prim::ArgMax(_)
            | Prim::ArgMin(_)
            | Prim::ArgSort { .. }
            | Prim::Scan { .. }
            | Prim::Contract { .. }
            | Prim::Gather { .. }
            | Prim::ScatterAdd { .. }
            | Prim::RandomBits(_)
            | Prim::RandomSplit(_)
            | Prim::RandomFold
            | Prim::Trace(_) => 1,
        }
    }
}

/// What the table says of a primitive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name in printed unary form.
    pub name: &'static str,
    /// In which arguments it is linear, jointly.
    pub linear: Linearity,
    /// Whether it can be noticed that it runs: it can stop the run, or shows what it is given.
    /// Then it does not run where the program does not run it.
    pub traps: bool,
    /// One line of documentation.
    pub doc: &'static str,
}

/// In which arguments a primitive is linear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linearity {
    /// Jointly linear in all differentiable arguments.
    Linear,
    /// Linear in each differentiable argument with the others held (a product).
    Bilinear,
    /// Neither.
    Nonlinear,
    /// Its result has no changes, it has no differentiable argument, or it is constant but for jumps:
    /// its derivative is zero.
    Discrete,
}
