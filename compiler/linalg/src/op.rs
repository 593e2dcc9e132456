//! What can be asked, the shapes it has, and what it costs.

/// An operation on matrices; all take and give batches, whose axes stand before the two of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LinalgOp {
    /// `A[n, n] -> L[n, n]`: the lower triangular L with positive diagonal and `L Lᵀ = (A + Aᵀ) / 2`.
    Cholesky,
    /// `L[n, n], Ȧ[n, n] -> L̇[n, n]`: how the factor L of A changes with A, `L Φ(L⁻¹ Ṡ L⁻ᵀ)` where Ṡ is the symmetric
    /// part of Ȧ and Φ the lower triangle with its diagonal halved. Reads the lower triangle of L alone.
    CholeskyForward,
    /// `L[n, n], L̄[n, n] -> Ā[n, n]`: the transpose of that in its second argument, the symmetric part of
    /// `L⁻ᵀ Φ(Lᵀ L̄) L⁻¹`. Reads the lower triangles alone.
    CholeskyReverse,
    /// `T[n, n], B[n, m] -> X[n, m]`: `T X = B`, reading one triangle of T with its diagonal.
    SolveTriangular {
        /// Whether it is the upper triangle that is read.
        upper: bool,
    },
    /// `A[n, n], B[n, m] -> X[n, m]`: `A X = B`, by elimination with row exchanges.
    Solve,
    /// `A[n, n] -> d, s, l`: the determinant, its sign (-1, 0 or 1), and the logarithm of its absolute value.
    Det,
    /// `A[n, n] -> w[n], V[n, n]`: the eigenvalues of `(A + Aᵀ) / 2`, ascending, and its eigenvectors as columns of an
    /// orthogonal matrix. In each the first element of greatest magnitude is positive.
    Eigh,
    /// `A[m, n] -> U[m, k], s[k], W[k, n]` with `k = min(m, n)`: `A = U diag(s) W`, singular values descending,
    /// orthonormal columns of U and rows of W. In each column of U the first element of greatest magnitude is positive.
    Svd,
    /// `A[m, n] -> Q[m, k], R[k, n]` with `k = min(m, n)`: `A = Q R`, orthonormal columns of Q, R upper triangular with
    /// a diagonal that is not negative.
    Qr,
}

/// How large: a number of matrices, and the size of each.
/// `columns` are those of the right-hand side where there is one, and else those of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sizes {
    /// How many matrices.
    pub count: usize,
    /// Rows of each.
    pub rows: usize,
    /// Columns of each, or of its right-hand side.
    pub columns: usize,
}

impl LinalgOp {
    /// Every operation.
    pub const ALL: [LinalgOp; 10] = [
        LinalgOp::Cholesky,
        LinalgOp::SolveTriangular { upper: false },
        LinalgOp::SolveTriangular { upper: true },
        LinalgOp::Solve,
        LinalgOp::Det,
        LinalgOp::Eigh,
        LinalgOp::Svd,
        LinalgOp::Qr,
        LinalgOp::CholeskyForward,
        LinalgOp::CholeskyReverse,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            LinalgOp::Cholesky => "cholesky",
            LinalgOp::SolveTriangular { upper: false } => "solve_lower",
            LinalgOp::SolveTriangular { upper: true } => "solve_upper",
            LinalgOp::Solve => "solve",
            LinalgOp::Det => "det",
            LinalgOp::Eigh => "eigh",
            LinalgOp::Svd => "svd",
            LinalgOp::Qr => "qr",
            LinalgOp::CholeskyForward => "cholesky_forward",
            LinalgOp::CholeskyReverse => "cholesky_reverse",
        }
    }

    /// How many arguments it takes.
    pub fn arguments(self) -> usize {
        match self {
            LinalgOp::SolveTriangular { .. }
            | LinalgOp::Solve
            | LinalgOp::CholeskyForward
            | LinalgOp::CholeskyReverse => 2,
            LinalgOp::Cholesky | LinalgOp::Det | LinalgOp::Eigh | LinalgOp::Svd | LinalgOp::Qr => 1,
        }
    }

    /// How many results it has.
    pub fn results(self) -> usize {
        match self {
            LinalgOp::Cholesky
            | LinalgOp::SolveTriangular { .. }
            | LinalgOp::Solve
            | LinalgOp::CholeskyForward
            | LinalgOp::CholeskyReverse => 1,
            LinalgOp::Eigh | LinalgOp::Qr => 2,
            LinalgOp::Det | LinalgOp::Svd => 3,
        }
    }

    /// The shapes of the results at shapes of arguments; `None` if they do not fit.
    pub fn shapes(self, args: &[&[usize]]) -> Option<Vec<Vec<usize>>> {
        let sizes = self.sizes(args)?;
        let batch = &args[0][..args[0].len() - 2];
        let own = self.own_shapes(sizes).1.into_iter();
        Some(own.map(|shape| [batch, &shape].concat()).collect())
    }

    /// How large arguments of these shapes are; `None` if they do not fit.
    pub fn sizes(self, args: &[&[usize]]) -> Option<Sizes> {
        if args.len() != self.arguments() {
            return None;
        }
        let last = args[args.len() - 1];
        let (first_batch, &[rows, own]) = args[0].split_last_chunk()?;
        let (last_batch, &[_, columns]) = last.split_last_chunk()?;
        let sizes = Sizes {
            count: first_batch.iter().product(),
            rows,
            columns,
        };
        let fits = first_batch == last_batch
            && match self {
                LinalgOp::Svd | LinalgOp::Qr => true,
                LinalgOp::Cholesky | LinalgOp::Det | LinalgOp::Eigh => rows == own,
                LinalgOp::SolveTriangular { .. } | LinalgOp::Solve => {
                    rows == own && last[last.len() - 2] == rows
                }
                LinalgOp::CholeskyForward | LinalgOp::CholeskyReverse => {
                    rows == own && args[0] == last
                }
            };
        fits.then_some(sizes)
    }

    /// The shapes of one matrix's arguments and results.
    fn own_shapes(self, sizes: Sizes) -> (Vec<Vec<usize>>, Vec<Vec<usize>>) {
        let (m, n) = (sizes.rows, sizes.columns);
        let k = m.min(n);
        match self {
            LinalgOp::Cholesky => (vec![vec![m, m]], vec![vec![m, m]]),
            LinalgOp::SolveTriangular { .. } | LinalgOp::Solve => {
                (vec![vec![m, m], vec![m, n]], vec![vec![m, n]])
            }
            LinalgOp::CholeskyForward | LinalgOp::CholeskyReverse => {
                (vec![vec![m, m]; 2], vec![vec![m, m]])
            }
            LinalgOp::Det => (vec![vec![m, m]], vec![vec![]; 3]),
            LinalgOp::Eigh => (vec![vec![m, m]], vec![vec![m], vec![m, m]]),
            LinalgOp::Svd => (vec![vec![m, n]], vec![vec![m, k], vec![k], vec![k, n]]),
            LinalgOp::Qr => (vec![vec![m, n]], vec![vec![m, k], vec![k, n]]),
        }
    }

    /// The usual count of floating-point operations: Golub and Van Loan, *Matrix Computations* (4th edition), sections
    /// 3.1.2, 3.2.9, 4.2.5, 5.2.9 (with Q formed), 8.3.3 (with eigenvectors) and 8.6.4 (all three factors);
    /// for the changes of Cholesky's factor two factorizations, as Murray counts.
    pub fn flops(self, sizes: Sizes) -> u64 {
        let count = sizes.count as u64;
        let (m, n) = (sizes.rows as u64, sizes.columns as u64);
        let (long, short) = (m.max(n), m.min(n));
        let times = |factors: &[u64]| factors.iter().fold(1, |p: u64, &f| p.saturating_mul(f));
        let each = match self {
            LinalgOp::Cholesky => times(&[m, m, m]) / 3,
            LinalgOp::SolveTriangular { .. } => times(&[m, m, n]),
            LinalgOp::CholeskyForward | LinalgOp::CholeskyReverse => times(&[2, m, m, m]) / 3,
            LinalgOp::Solve => (times(&[2, m, m, m]) / 3).saturating_add(times(&[2, m, m, n])),
            LinalgOp::Det => times(&[2, m, m, m]) / 3,
            LinalgOp::Eigh => times(&[9, m, m, m]),
            LinalgOp::Svd => {
                times(&[14, long, short, short]).saturating_add(times(&[8, short, short, short]))
            }
            LinalgOp::Qr => {
                let whole = times(&[4, m, n, short]);
                whole.saturating_sub(times(&[4, short, short, short]) / 3)
            }
        };
        count.saturating_mul(each)
    }

    /// Its place in [`LinalgOp::ALL`], by which compiled code names it.
    pub fn code(self) -> usize {
        match self {
            LinalgOp::Cholesky => 0,
            LinalgOp::SolveTriangular { upper: false } => 1,
            LinalgOp::SolveTriangular { upper: true } => 2,
            LinalgOp::Solve => 3,
            LinalgOp::Det => 4,
            LinalgOp::Eigh => 5,
            LinalgOp::Svd => 6,
            LinalgOp::Qr => 7,
            LinalgOp::CholeskyForward => 8,
            LinalgOp::CholeskyReverse => 9,
        }
    }
}

impl Sizes {
    /// How many elements each argument and each result has for one matrix.
    pub fn elements(self, op: LinalgOp) -> (Vec<usize>, Vec<usize>) {
        let (args, results) = op.own_shapes(self);
        let count = |shapes: Vec<Vec<usize>>| {
            shapes
                .into_iter()
                .map(|s| s.iter().product())
                .collect::<Vec<usize>>()
        };
        (count(args), count(results))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_place_in_the_table() {
        for (k, op) in LinalgOp::ALL.into_iter().enumerate() {
            assert_eq!(op.code(), k);
        }
    }

    #[test]
    fn shapes_must_fit() {
        let shapes = |op: LinalgOp, args: &[&[usize]]| op.shapes(args);
        assert_eq!(shapes(LinalgOp::Cholesky, &[&[2, 3]]), None);
        assert_eq!(shapes(LinalgOp::Cholesky, &[&[3]]), None);
        assert_eq!(shapes(LinalgOp::Solve, &[&[2, 2], &[3, 1]]), None);
        assert_eq!(shapes(LinalgOp::Solve, &[&[5, 2, 2], &[4, 2, 1]]), None);
        let unlike: &[&[usize]] = &[&[2, 2], &[2, 3]];
        assert_eq!(shapes(LinalgOp::CholeskyReverse, unlike), None);
        assert_eq!(shapes(LinalgOp::CholeskyForward, &unlike[1..]), None);
        let svd = shapes(LinalgOp::Svd, &[&[7, 4, 2]]);
        assert_eq!(svd, Some(vec![vec![7, 4, 2], vec![7, 2], vec![7, 2, 2]]));
        let det = shapes(LinalgOp::Det, &[&[5, 3, 3]]);
        assert_eq!(det, Some(vec![vec![5]; 3]));
    }
}
