//! How the Cholesky factor changes with its matrix: the derivative of `A = L Lᵀ`, both ways.
//!
//! Source: Murray, *Differentiation of the Cholesky decomposition* (arXiv 1602.07527). The factorization is taken as
//! the recursion over two halves, `[L₁ 0; B L₂]` of `[A₁ · ; C A₂]`,
//!
//! ```text
//! L₁ = cholesky(A₁)      B = C L₁⁻ᵀ      L₂ = cholesky(A₂ - B Bᵀ)
//! ```
//!
//! and each of its steps is differentiated. Nearly all is then products of halves, and either way costs two
//! factorizations; the closed form `L⁻ᵀ Φ(Lᵀ L̄) L⁻¹` costs twelve.

use faer::linalg::matmul::triangular::{BlockStructure, matmul};
use faer::linalg::triangular_solve::{
    solve_lower_triangular_in_place, solve_upper_triangular_in_place,
};
use faer::prelude::{Reborrow, ReborrowMut};
use faer::{Accum, MatMut, MatRef, Par};

use crate::real::{Columns, Real};

use BlockStructure::{Rectangular, TriangularLower, TriangularUpper};

/// Up to this size halves are not halved again: products of smaller matrices cost more than they do.
const SMALL: usize = 12;

/// From the factor L and a change of A the change of L; whether there is one.
/// Of the change of A the symmetric part counts, as of A.
pub(crate) fn cholesky_forward<T: Real>(n: usize, l: &[T], da: &[T], dl: &mut [T]) -> bool {
    let Some(l) = factor(n, l) else {
        return false;
    };
    let mut work = Columns::symmetric(n, da);
    for j in 0..n {
        work.column(j)[..j].fill(T::ZERO);
    }
    forward(l.as_ref(), work.as_mut());
    work.write(dl);
    true
}

/// From the factor L and its cotangent the symmetric cotangent of A; whether there is one.
/// Above the diagonal L does not vary, and what comes back to it says nothing.
pub(crate) fn cholesky_reverse<T: Real>(n: usize, l: &[T], dl: &[T], da: &mut [T]) -> bool {
    let (Some(l), Some(mut work)) = (factor(n, l), lower(n, dl)) else {
        return false;
    };
    reverse(l.as_ref(), work.as_mut());
    // What came back is the cotangent of the lower triangle alone: half of it goes to the other one.
    for i in 0..n {
        da[i * n + i] = work.get(i, i);
        for j in 0..i {
            let half = work.get(i, j).mean(T::ZERO);
            da[i * n + j] = half;
            da[j * n + i] = half;
        }
    }
    true
}

/// A lower triangle that has an inverse.
fn factor<T: Real>(n: usize, l: &[T]) -> Option<Columns<T>> {
    lower(n, l).filter(|l| (0..n).all(|i| l.get(i, i) != T::ZERO))
}

/// The lower triangle, if it is made of numbers; the rest is not read.
fn lower<T: Real>(n: usize, from: &[T]) -> Option<Columns<T>> {
    let mut made = Columns::zero(n, n);
    for i in 0..n {
        for j in 0..=i {
            let x = from[i * n + j];
            if !x.finite() {
                return None;
            }
            *made.at(i, j) = x;
        }
    }
    Some(made)
}

/// Turns a change of the lower triangle of A into that of L.
fn forward<T: Real>(l: MatRef<'_, T>, da: MatMut<'_, T>) {
    let n = l.nrows();
    if n <= SMALL {
        return forward_small(l, da);
    }
    let (l1, _, b, l2) = l.split_at(n / 2, n / 2);
    let (mut d1, _, mut db, mut d2) = da.split_at_mut(n / 2, n / 2);
    forward(l1, d1.rb_mut());
    // Ḃ = (Ċ - B L̇₁ᵀ) L₁⁻ᵀ
    less(
        db.rb_mut(),
        Rectangular,
        b,
        Rectangular,
        d1.rb().transpose(),
        TriangularUpper,
    );
    solve_lower_triangular_in_place(l1, db.rb_mut().transpose_mut(), Par::Seq);
    // Ȧ₂ less the changes of B Bᵀ
    let (b, db) = ([b, b.transpose()], [db.rb(), db.rb().transpose()]);
    less(
        d2.rb_mut(),
        TriangularLower,
        db[0],
        Rectangular,
        b[1],
        Rectangular,
    );
    less(
        d2.rb_mut(),
        TriangularLower,
        b[0],
        Rectangular,
        db[1],
        Rectangular,
    );
    forward(l2, d2);
}

/// The same, column by column.
fn forward_small<T: Real>(l: MatRef<'_, T>, da: MatMut<'_, T>) {
    let (n, mut d) = (l.nrows(), da);
    for j in 0..n {
        for k in 0..j {
            for i in j..n {
                let both = d[(i, k)].times(l[(j, k)]).plus(l[(i, k)].times(d[(j, k)]));
                d[(i, j)] = d[(i, j)].plus(both.negative());
            }
        }
        let pivot = l[(j, j)];
        let dpivot = d[(j, j)].mean(T::ZERO).over(pivot);
        d[(j, j)] = dpivot;
        for i in j + 1..n {
            let change = d[(i, j)].plus(l[(i, j)].times(dpivot).negative());
            d[(i, j)] = change.over(pivot);
        }
    }
}

/// Turns a cotangent of L into that of the lower triangle of A.
fn reverse<T: Real>(l: MatRef<'_, T>, dl: MatMut<'_, T>) {
    let n = l.nrows();
    if n <= SMALL {
        return reverse_small(l, dl);
    }
    let (l1, _, b, l2) = l.split_at(n / 2, n / 2);
    let (mut d1, _, mut db, mut d2) = dl.split_at_mut(n / 2, n / 2);
    reverse(l2, d2.rb_mut());
    // B̄ less (Ā₂ + Ā₂ᵀ) B
    let back = [
        (d2.rb(), TriangularLower),
        (d2.rb().transpose(), TriangularUpper),
    ];
    for (d2, side) in back {
        less(db.rb_mut(), Rectangular, d2, side, b, Rectangular);
    }
    // C̄ = B̄ L₁⁻¹
    solve_upper_triangular_in_place(l1.transpose(), db.rb_mut().transpose_mut(), Par::Seq);
    less(
        d1.rb_mut(),
        TriangularLower,
        db.rb().transpose(),
        Rectangular,
        b,
        Rectangular,
    );
    reverse(l1, d1);
}

/// The same, column by column from the last one.
fn reverse_small<T: Real>(l: MatRef<'_, T>, dl: MatMut<'_, T>) {
    let (n, mut d) = (l.nrows(), dl);
    for j in (0..n).rev() {
        let pivot = l[(j, j)];
        let mut dpivot = d[(j, j)];
        for i in j + 1..n {
            let change = d[(i, j)].over(pivot);
            d[(i, j)] = change;
            dpivot = dpivot.plus(change.times(l[(i, j)]).negative());
        }
        let dpivot = dpivot.mean(T::ZERO).over(pivot);
        d[(j, j)] = dpivot;
        for k in 0..j {
            let mut row = dpivot.plus(dpivot).times(l[(j, k)]);
            for i in j + 1..n {
                row = row.plus(d[(i, j)].times(l[(i, k)]));
                d[(i, k)] = d[(i, k)].plus(d[(i, j)].times(l[(j, k)]).negative());
            }
            d[(j, k)] = d[(j, k)].plus(row.negative());
        }
    }
}

/// `to - x y`, where some of the matrices are triangles.
fn less<T: Real>(
    to: MatMut<'_, T>,
    part: BlockStructure,
    x: MatRef<'_, T>,
    of_x: BlockStructure,
    y: MatRef<'_, T>,
    of_y: BlockStructure,
) {
    let minus = T::ONE.negative();
    matmul(to, part, Accum::Add, x, of_x, y, of_y, minus, Par::Seq);
}
