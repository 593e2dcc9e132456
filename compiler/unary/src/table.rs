//! The rows of the table of primitives, and an example of each.

use lentil_linalg::LinalgOp;

use crate::carrier::{Carrier, Literal, Type};
use crate::prim::{BinaryOp, CompareOp, Fold, Linearity, Prim, Row, UnaryOp};
use crate::syntax::{Op, Site};
use crate::typing::{infer, key_type};

use Linearity::{Bilinear, Discrete, Linear, Nonlinear};

/// A primitive with argument types that it fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The primitive.
    pub prim: Prim,
    /// The types of its arguments.
    pub args: Vec<Type>,
}

impl Prim {
    /// What the table says of it.
    pub fn row(&self) -> Row {
        let row = |name, linear, doc| Row {
            name,
            linear,
            traps: matches!(
                self,
                Prim::Gather { .. } | Prim::ScatterAdd { .. } | Prim::Trace(_)
            ),
            doc,
        };
        match self {
            Prim::Literal(_) => row("literal", Discrete, "a scalar constant"),
            Prim::Iota(_) => row("iota", Discrete, "0, 1, …, n-1"),
            Prim::Unary(op) => {
                let (name, linear, doc) = op.row();
                row(name, linear, doc)
            }
            Prim::Binary(op) => {
                let (name, linear, doc) = op.row();
                row(name, linear, doc)
            }
            Prim::Compare(op) => {
                let (name, doc) = op.row();
                row(name, Discrete, doc)
            }
            Prim::Select => row("select", Linear, "one of two elements, by a condition"),
            Prim::Convert(to) => {
                let linear = if to.differentiable() {
                    Linear
                } else {
                    Discrete
                };
                row("convert", linear, "the same elements in another carrier")
            }
            Prim::Broadcast { .. } => row("broadcast", Linear, "repetition along new axes"),
            Prim::Transpose(_) => row("transpose", Linear, "a permutation of axes"),
            Prim::Reshape(_) => row("reshape", Linear, "the same elements in another shape"),
            Prim::Slice { .. } => row("slice", Linear, "every step-th element of a range"),
            Prim::Pad { .. } => row("pad", Linear, "zeros before, between and after"),
            Prim::Concat(_) => row("concat", Linear, "arrays one after another along an axis"),
            Prim::Flip(_) => row("flip", Linear, "axes reversed"),
            Prim::Reduce { fold, .. } => {
                let (name, linear, doc) = fold.reduce_row();
                row(name, linear, doc)
            }
            Prim::ArgMax(_) => row("argmax", Discrete, "the first index of the greatest"),
            Prim::ArgMin(_) => row("argmin", Discrete, "the first index of the least"),
            Prim::ArgSort { .. } => row(
                "argsort",
                Discrete,
                "the indices in the order of the elements",
            ),
            Prim::Scan { fold, .. } => {
                let (name, linear, doc) = fold.scan_row();
                row(name, linear, doc)
            }
            Prim::Contract { .. } => row("contract", Bilinear, "products, summed over axes"),
            Prim::Gather { .. } => row("gather", Linear, "reading at indices"),
            Prim::ScatterAdd { .. } => row("scatter_add", Linear, "adding at indices"),
            Prim::RandomBits(_) => row("random_bits", Discrete, "32 random bits each"),
            Prim::RandomSplit(_) => row("random_split", Discrete, "independent keys"),
            Prim::RandomFold => row("random_fold", Discrete, "a key for a numbered use"),
            Prim::Linalg(op) => row(op.name(), Nonlinear, linalg_doc(*op)),
            Prim::Trace(_) => row("trace", Linear, "the same, shown on the way"),
        }
    }

    /// One example of each variant, with every operation and every fold.
    pub fn table() -> Vec<Prim> {
        let mut table = vec![
            Prim::Literal(Literal::real(Carrier::F64, 0.5)),
            Prim::Iota(3),
        ];
        table.extend(UnaryOp::ALL.map(Prim::Unary));
        table.extend(BinaryOp::ALL.map(Prim::Binary));
        table.extend(CompareOp::ALL.map(Prim::Compare));
        table.push(Prim::Select);
        table.extend(CARRIERS.map(Prim::Convert));
        table.extend([
            Prim::Broadcast {
                shape: vec![2, 4, 3],
                axes: vec![0, 2],
            },
            Prim::Transpose(vec![1, 0]),
            Prim::Reshape(vec![3, 2]),
            Prim::Slice {
                start: vec![1, 0],
                len: vec![1, 2],
                step: vec![1, 2],
            },
            Prim::Pad {
                before: vec![1, 0],
                after: vec![0, 2],
                between: vec![1, 0],
            },
            Prim::Concat(0),
            Prim::Flip(vec![1]),
        ]);
        for fold in Fold::ALL {
            let axes = vec![1];
            table.push(Prim::Reduce { fold, axes });
        }
        table.extend([
            Prim::ArgMax(1),
            Prim::ArgMin(0),
            Prim::ArgSort { descending: true },
        ]);
        for (fold, exclusive, reverse) in [
            (Fold::Sum, false, false),
            (Fold::Prod, true, false),
            (Fold::Max, false, true),
            (Fold::Min, true, true),
        ] {
            table.push(Prim::Scan {
                fold,
                axis: 1,
                exclusive,
                reverse,
            });
        }
        let site = Site(1);
        table.extend([
            Prim::Contract {
                batch: vec![(0, 0)],
                sum: vec![(1, 1)],
            },
            Prim::Gather { axes: 1, site },
            Prim::ScatterAdd { axes: 1, site },
            Prim::RandomBits(vec![3]),
            Prim::RandomSplit(2),
            Prim::RandomFold,
        ]);
        table.extend(LinalgOp::ALL.map(Prim::Linalg));
        table.push(Prim::Trace("x".into()));
        table
    }

    /// Every primitive of the table, at every carrier that it fits.
    pub fn examples() -> Vec<Example> {
        let mut examples = Vec::new();
        for prim in Prim::table() {
            for carrier in CARRIERS {
                let args = prim.example_args(carrier);
                let fits = infer(&Op::Prim(prim.clone()), &args.iter().collect::<Vec<_>>()).is_ok();
                let example = Example {
                    prim: prim.clone(),
                    args,
                };
                if fits && !examples.contains(&example) {
                    examples.push(example);
                }
            }
        }
        examples
    }

    /// Argument types for the example in the table, if the carrier fits.
    fn example_args(&self, carrier: Carrier) -> Vec<Type> {
        let matrix = Type::array(carrier, [2, 3]);
        let indices = Type::array(Carrier::Int, [2]);
        match self {
            Prim::Literal(_) | Prim::Iota(_) => Vec::new(),
            Prim::Unary(_)
            | Prim::Convert(_)
            | Prim::Broadcast { .. }
            | Prim::Transpose(_)
            | Prim::Reshape(_)
            | Prim::Slice { .. }
            | Prim::Pad { .. }
            | Prim::Flip(_)
            | Prim::Reduce { .. }
            | Prim::ArgMax(_)
            | Prim::ArgMin(_)
            | Prim::ArgSort { .. }
            | Prim::Scan { .. }
            | Prim::Trace(_) => vec![matrix],
            Prim::Binary(_) | Prim::Compare(_) | Prim::Contract { .. } => {
                vec![matrix.clone(), matrix]
            }
            Prim::Concat(_) => vec![matrix, Type::array(carrier, [1, 3])],
            Prim::Select => vec![matrix.with_carrier(Carrier::Bool), matrix.clone(), matrix],
            Prim::Gather { .. } => vec![matrix, indices],
            Prim::ScatterAdd { .. } => vec![matrix.clone(), indices, matrix],
            Prim::RandomBits(_) | Prim::RandomSplit(_) => vec![key_type()],
            Prim::RandomFold => vec![key_type(), Type::scalar(Carrier::Int)],
            Prim::Linalg(op) => match op {
                LinalgOp::Svd | LinalgOp::Qr => vec![matrix],
                LinalgOp::Cholesky | LinalgOp::Det | LinalgOp::Eigh => {
                    vec![Type::array(carrier, [2, 2])]
                }
                LinalgOp::SolveTriangular { .. } | LinalgOp::Solve => {
                    vec![Type::array(carrier, [2, 2]), matrix]
                }
                LinalgOp::CholeskyForward | LinalgOp::CholeskyReverse => {
                    vec![Type::array(carrier, [2, 2]); 2]
                }
            },
        }
    }
}

fn linalg_doc(op: LinalgOp) -> &'static str {
    match op {
        LinalgOp::Cholesky => "the lower triangular L with L Lᵀ the symmetric part of A",
        LinalgOp::CholeskyForward => "how the Cholesky factor L of A changes with A",
        LinalgOp::CholeskyReverse => "the cotangent of A from that of its Cholesky factor L",
        LinalgOp::SolveTriangular { upper: false } => "T⁻¹ B for the lower triangle T",
        LinalgOp::SolveTriangular { upper: true } => "T⁻¹ B for the upper triangle T",
        LinalgOp::Solve => "A⁻¹ B",
        LinalgOp::Det => "the determinant, its sign, and the log of its absolute value",
        LinalgOp::Eigh => "eigenvalues and eigenvectors of the symmetric part",
        LinalgOp::Svd => "A = U diag(s) W",
        LinalgOp::Qr => "A = Q R",
    }
}

const CARRIERS: [Carrier; 6] = [
    Carrier::F32,
    Carrier::F64,
    Carrier::Bit,
    Carrier::Mod(7),
    Carrier::Int,
    Carrier::Bool,
];

/// Lists all operations of an enum, in a table that a new one cannot escape.
macro_rules! rows {
    ($ops:ident, $count:literal, $row:ident -> ($($part:ty),*) { $($op:ident: $entry:expr;)* }) => {
        impl $ops {
            /// All of them.
            pub const ALL: [$ops; $count] = [$($ops::$op),*];

            fn $row(self) -> ($($part),*) {
                match self {
                    $($ops::$op => $entry,)*
                }
            }
        }
    };
}

#[rustfmt::skip]
rows! { UnaryOp, 34, row -> (&'static str, Linearity, &'static str) {
    Neg:     ("neg",     Linear,    "-x");
    Abs:     ("abs",     Nonlinear, "|x|");
    Sign:    ("sign",    Discrete,  "-1, 0 or 1");
    Floor:   ("floor",   Discrete,  "the greatest integer not above x");
    Ceil:    ("ceil",    Discrete,  "the least integer not below x");
    Round:   ("round",   Discrete,  "the nearest integer, ties to even");
    Trunc:   ("trunc",   Discrete,  "the integer next towards zero");
    Exp:     ("exp",     Nonlinear, "e^x");
    Exp2:    ("exp2",    Nonlinear, "2^x");
    Expm1:   ("expm1",   Nonlinear, "e^x - 1");
    Log:     ("log",     Nonlinear, "the natural logarithm");
    Log2:    ("log2",    Nonlinear, "the logarithm to base 2");
    Log10:   ("log10",   Nonlinear, "the logarithm to base 10");
    Log1p:   ("log1p",   Nonlinear, "log(1 + x)");
    Sqrt:    ("sqrt",    Nonlinear, "the square root");
    Cbrt:    ("cbrt",    Nonlinear, "the cube root");
    Sin:     ("sin",     Nonlinear, "the sine");
    Cos:     ("cos",     Nonlinear, "the cosine");
    Tan:     ("tan",     Nonlinear, "the tangent");
    Asin:    ("asin",    Nonlinear, "the inverse of the sine");
    Acos:    ("acos",    Nonlinear, "the inverse of the cosine");
    Atan:    ("atan",    Nonlinear, "the inverse of the tangent");
    Sinh:    ("sinh",    Nonlinear, "the hyperbolic sine");
    Cosh:    ("cosh",    Nonlinear, "the hyperbolic cosine");
    Tanh:    ("tanh",    Nonlinear, "the hyperbolic tangent");
    Asinh:   ("asinh",   Nonlinear, "the inverse of the hyperbolic sine");
    Acosh:   ("acosh",   Nonlinear, "the inverse of the hyperbolic cosine");
    Atanh:   ("atanh",   Nonlinear, "the inverse of the hyperbolic tangent");
    Sigmoid: ("sigmoid", Nonlinear, "1 / (1 + e^-x)");
    Erf:     ("erf",     Nonlinear, "the error function");
    Erfc:    ("erfc",    Nonlinear, "1 - erf(x)");
    Erfinv:  ("erfinv",  Nonlinear, "the inverse of the error function");
    Lgamma:  ("lgamma",  Nonlinear, "log |Γ(x)|");
    Not:     ("not",     Discrete,  "the negation of a condition");
}}

#[rustfmt::skip]
rows! { BinaryOp, 13, row -> (&'static str, Linearity, &'static str) {
    Add:   ("add",   Linear,    "x + y");
    Sub:   ("sub",   Linear,    "x - y");
    Mul:   ("mul",   Bilinear,  "x y");
    Div:   ("div",   Nonlinear, "x / y; over int, floor division");
    Rem:   ("rem",   Nonlinear, "the remainder of floor division");
    Pow:   ("pow",   Nonlinear, "x^y");
    Max:   ("max",   Nonlinear, "the greater; NaN if one is");
    Min:   ("min",   Nonlinear, "the lesser; NaN if one is");
    Atan2: ("atan2", Nonlinear, "the angle of the point (y, x)");
    Hypot: ("hypot", Nonlinear, "√(x² + y²)");
    Polygamma: ("polygamma", Nonlinear, "the n-th derivative of digamma at x");
    And:   ("and",   Discrete,  "both conditions");
    Or:    ("or",    Discrete,  "one of the conditions");
}}

#[rustfmt::skip]
rows! { CompareOp, 4, row -> (&'static str, &'static str) {
    Eq: ("eq", "x = y");
    Ne: ("ne", "x ≠ y");
    Lt: ("lt", "x < y");
    Le: ("le", "x ≤ y");
}}

#[rustfmt::skip]
rows! { Fold, 7, reduce_row -> (&'static str, Linearity, &'static str) {
    Sum:       ("reduce_sum",       Linear,    "the sum over axes");
    Prod:      ("reduce_prod",      Nonlinear, "the product over axes");
    Max:       ("reduce_max",       Nonlinear, "the greatest over axes");
    Min:       ("reduce_min",       Nonlinear, "the least over axes");
    LogSumExp: ("reduce_logsumexp", Nonlinear, "log Σ exp over axes");
    All:       ("reduce_all",       Discrete,  "whether all hold");
    Any:       ("reduce_any",       Discrete,  "whether one holds");
}}

impl Fold {
    fn scan_row(self) -> (&'static str, Linearity, &'static str) {
        match self {
            Fold::Sum => ("scan_sum", Linear, "prefix sums"),
            Fold::Prod => ("scan_prod", Nonlinear, "prefix products"),
            Fold::Max => ("scan_max", Nonlinear, "prefix maxima"),
            Fold::Min => ("scan_min", Nonlinear, "prefix minima"),
            Fold::LogSumExp => ("scan_logsumexp", Nonlinear, "no scan"),
            Fold::All => ("scan_all", Discrete, "no scan"),
            Fold::Any => ("scan_any", Discrete, "no scan"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_primitive_has_an_example_that_fits() {
        let examples = Prim::examples();
        for prim in Prim::table() {
            assert!(examples.iter().any(|e| e.prim == prim), "{prim:?}");
        }
    }

    #[test]
    fn names_are_those_of_one_operation() {
        // A conversion has one name for all its targets.
        let table = Prim::table();
        let names: BTreeSet<&str> = table.iter().map(|p| p.row().name).collect();
        assert_eq!(names.len(), table.len() - (CARRIERS.len() - 1));
    }

    #[test]
    fn only_indexing_and_showing_are_noticed() {
        let table = Prim::table();
        let traps: Vec<&str> = table
            .iter()
            .map(Prim::row)
            .filter(|r| r.traps)
            .map(|r| r.name)
            .collect();
        assert_eq!(traps, ["gather", "scatter_add", "trace"]);
    }
}
