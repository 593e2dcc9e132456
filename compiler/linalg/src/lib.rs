//! Factorizations of dense matrices, and the systems they solve: what the evaluator and compiled code share.
//!
//! Matrices are row-major slices; a batch is matrices one after the other, each treated by itself.
//! The numerical work is the crate `faer`'s, on one thread, so that results are the same in every run on a machine
//! (between processors of different vector widths their last bits may differ).
//!
//! Nothing here stops a run. A matrix that has no answer has NaN in every element of its answer, as a number that has
//! no logarithm has: one that is not positive definite (`Cholesky`), one that is singular (`Solve`,
//! `SolveTriangular`, and the factor whose changes are asked for), one with an element that is not finite (all but
//! `SolveTriangular`; only elements that are read), and one whose iteration does not converge (`Eigh`, `Svd`).
//! The determinant of a singular matrix is an answer: zero.

mod change;
mod factor;
mod op;
mod real;
mod spectrum;
mod system;

pub use op::{LinalgOp, Sizes};
pub use real::Real;

/// Runs an operation on a batch of matrices. The arguments are [`LinalgOp::arguments`] arrays, the results as many as
/// [`LinalgOp::results`] says, each with as many elements for each matrix as [`Sizes::elements`] says.
///
/// # Panics
/// If an array has another length.
pub fn run<T: Real>(op: LinalgOp, sizes: Sizes, args: &[&[T]], results: &mut [&mut [T]]) {
    let (taken, made) = sizes.elements(op);
    let whole = |each: &[usize]| each.iter().map(|n| n * sizes.count).collect::<Vec<_>>();
    let lengths: Vec<usize> = args.iter().map(|a| a.len()).collect();
    assert_eq!(lengths, whole(&taken), "the arguments of {}", op.name());
    let lengths: Vec<usize> = results.iter().map(|r| r.len()).collect();
    assert_eq!(lengths, whole(&made), "the results of {}", op.name());
    for matrix in 0..sizes.count {
        let args: Vec<&[T]> = args
            .iter()
            .zip(&taken)
            .map(|(a, n)| &a[matrix * n..(matrix + 1) * n])
            .collect();
        let mut results: Vec<&mut [T]> = results
            .iter_mut()
            .zip(&made)
            .map(|(r, n)| &mut r[matrix * n..(matrix + 1) * n])
            .collect();
        one(op, sizes, &args, &mut results);
    }
}

/// One matrix.
fn one<T: Real>(op: LinalgOp, sizes: Sizes, args: &[&[T]], results: &mut [&mut [T]]) {
    let Sizes { rows, columns, .. } = sizes;
    // A triangle is read alone, and right-hand sides column by column: what is not finite there goes where it goes.
    let whole = match op {
        LinalgOp::SolveTriangular { .. } => true,
        // The factors look at their triangles themselves.
        LinalgOp::CholeskyReverse => true,
        LinalgOp::CholeskyForward => args[1].iter().all(|x| x.finite()),
        LinalgOp::Solve
        | LinalgOp::Cholesky
        | LinalgOp::Det
        | LinalgOp::Eigh
        | LinalgOp::Svd
        | LinalgOp::Qr => args[0].iter().all(|x| x.finite()),
    };
    let done = whole
        && match (op, args, &mut results[..]) {
            (LinalgOp::Cholesky, [a], [l]) => factor::cholesky(rows, a, l),
            (LinalgOp::SolveTriangular { upper }, [t, b], [x]) => {
                system::solve_triangular(upper, rows, columns, t, b, x)
            }
            (LinalgOp::Solve, [a, b], [x]) => system::solve(rows, columns, a, b, x),
            (LinalgOp::Det, [a], [det, sign, log]) => {
                [det[0], sign[0], log[0]] = system::det(rows, a);
                true
            }
            (LinalgOp::CholeskyForward, [l, da], [dl]) => change::cholesky_forward(rows, l, da, dl),
            (LinalgOp::CholeskyReverse, [l, dl], [da]) => change::cholesky_reverse(rows, l, dl, da),
            (LinalgOp::Eigh, [a], [values, vectors]) => spectrum::eigh(rows, a, values, vectors),
            (LinalgOp::Svd, [a], [u, s, vt]) => spectrum::svd(rows, columns, a, u, s, vt),
            (LinalgOp::Qr, [a], [q, r]) => {
                factor::qr(rows, columns, a, q, r);
                true
            }
            _ => unreachable!("the numbers of arguments and results were checked"),
        };
    if !done {
        for result in results {
            result.fill(T::NAN);
        }
    }
}
