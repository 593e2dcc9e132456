//! Rows of linear algebra. Below, `X̄` is the cotangent of `X`, and products are those of matrices, one for each
//! matrix of a batch.
//!
//! Sources: Giles, *Collected Matrix Derivative Results for Forward and Reverse Mode Algorithmic Differentiation*
//! (2008), for systems, determinants and eigenvalues; Murray, *Differentiation of the Cholesky decomposition* (arXiv
//! 1602.07527); Townsend, *Differentiating the Singular Value Decomposition* (2016); Walter and Lehmann, *Algorithmic
//! Differentiation of Linear Algebra Functions with Application in Optimum Experimental Design* (2010), for QR, and
//! Roberts and Roberts, *QR and LQ Decomposition Matrix Backpropagation Algorithms for Square, Wide, and Deep Matrices*
//! (arXiv 2009.10071), for wide matrices.
//!
//! Eigenvectors of equal eigenvalues, and singular vectors of equal singular values, have no derivative: the rows divide
//! by the gap, and the cotangent is not finite. Where only eigenvalues or singular values have a cotangent, there is no
//! gap to divide by.

use lentil_unary::{CompareOp, LinalgOp, Prim};

use super::index::along;
use super::{At, Change};
use crate::term::Term;

/// The row of an operation for its argument `k`.
pub(super) fn linalg<'b>(op: LinalgOp, k: usize, at: &At<'b>) -> Change {
    let dx = match op {
        LinalgOp::Cholesky => {
            at.dys[0].map(|dl| at.ys[0].apply(of(LinalgOp::CholeskyReverse), &[dl]))
        }
        LinalgOp::CholeskyForward => at.dys[0].map(|dl| {
            let (l, da) = (at.args[0], at.args[1]);
            let back = l.apply(of(LinalgOp::CholeskyReverse), &[dl]);
            match k {
                0 => of_factor(l, [da, at.ys[0]], [dl, back]),
                _ => back,
            }
        }),
        LinalgOp::CholeskyReverse => at.dys[0].map(|da| {
            let (l, dl) = (at.args[0], at.args[1]);
            let there = l.apply(of(LinalgOp::CholeskyForward), &[da]);
            match k {
                0 => of_factor(l, [da, there], [dl, at.ys[0]]),
                _ => there,
            }
        }),
        LinalgOp::SolveTriangular { upper } => {
            let back = LinalgOp::SolveTriangular { upper: !upper };
            let side = if upper { Part::Upper } else { Part::Lower };
            at.dys[0].map(|dx| match k {
                0 => part(side, system(back, at, dx, k)),
                _ => system(back, at, dx, k),
            })
        }
        LinalgOp::Solve => at.dys[0].map(|dx| system(op, at, dx, k)),
        LinalgOp::Det => det(at),
        LinalgOp::Eigh => eigh(at),
        LinalgOp::Svd => svd(at),
        LinalgOp::Qr => qr(at),
    };
    dx.map_or(Change::Zero, |dx| Change::Dense(dx.slot()))
}

fn of(op: LinalgOp) -> Prim {
    Prim::Linalg(op)
}

/// The two changes of a Cholesky factor are each other's transposes, so `⟨L̄, forward(L, Ȧ)⟩ = ⟨Ȧ, reverse(L, L̄)⟩`, and
/// both have the derivative of this number in L. With `L̇ = forward(L, Ȧ) = L Φ`, `Ā = reverse(L, L̄)` and the symmetric
/// part Ṡ of Ȧ it is the lower triangle of `L̄ Φᵀ - 2 Ā Ṡ L⁻ᵀ`.
fn of_factor<'b>(l: Term<'b>, [da, dl]: [Term<'b>; 2], [cl, ca]: [Term<'b>; 2]) -> Term<'b> {
    let under = of(LinalgOp::SolveTriangular { upper: false });
    let phi = l.apply(under.clone(), &[dl]);
    let direct = product(part(Part::Lower, cl), flipped(phi));
    let inner = product(da + flipped(da), ca);
    let turned = flipped(l.apply(under, &[inner]));
    part(Part::Lower, direct - turned)
}

/// `A X = B`: `B̄ = A⁻ᵀ X̄` and `Ā = -B̄ Xᵀ`; `back` is the operation with the transposed matrix.
fn system<'b>(back: LinalgOp, at: &At<'b>, dx: Term<'b>, k: usize) -> Term<'b> {
    let db = flipped(at.args[0]).apply(Prim::Linalg(back), &[dx]);
    match k {
        0 => -product(db, flipped(at.ys[0])),
        _ => db,
    }
}

/// For d = det A and l = log |d|: `Ā = (d d̄ + l̄) A⁻ᵀ`.
fn det<'b>(at: &At<'b>) -> Option<Term<'b>> {
    let (a, d) = (at.args[0], at.ys[0]);
    let scale = sum(at.dys[0].map(|dd| d * dd), at.dys[2])?;
    let one = part(Part::Diagonal, a.one());
    let inverse = flipped(a).apply(Prim::Linalg(LinalgOp::Solve), &[one]);
    let batch: Vec<usize> = (0..a.shape().len() - 2).collect();
    Some(inverse * scale.broadcast(&a.shape(), &batch))
}

/// `A = V diag(w) Vᵀ`: `Ā = V (diag(w̄) + X / gap) Vᵀ` with X the antisymmetric part of `Vᵀ V̄` and
/// `gap[i, j] = w[j] - w[i]`.
fn eigh<'b>(at: &At<'b>) -> Option<Term<'b>> {
    let (w, v) = (at.ys[0], at.ys[1]);
    let (dw, dv) = (at.dys[0], at.dys[1]);
    if let (Some(dw), None) = (dw, dv) {
        return Some(product(columns_times(v, dw), flipped(v)));
    }
    let turn = dv.map(|dv| {
        let inner = product(flipped(v), dv);
        let apart = across(w, v) - down(w, v);
        halved(inner - flipped(inner)) / off_diagonal(apart)
    });
    let inner = sum(turn, dw.map(|dw| diagonal(dw, v)))?;
    Some(product(product(v, inner), flipped(v)))
}

/// `A = U diag(s) W`. With `gap[i, j] = s[j]² - s[i]²`, `G = Uᵀ Ū` and `H = W W̄ᵀ`,
/// `Ā = U ((G - Gᵀ) / gap diag(s) + diag(s) (H - Hᵀ) / gap + diag(s̄)) W`, and what lies outside of the spaces that U
/// and W span: `(Ū - U G) diag(s)⁻¹ W` and `U diag(s)⁻¹ (W̄ - Hᵀ W)`.
fn svd<'b>(at: &At<'b>) -> Option<Term<'b>> {
    let (u, s, w) = (at.ys[0], at.ys[1], at.ys[2]);
    let (du, ds, dw) = (at.dys[0], at.dys[1], at.dys[2]);
    if let (None, Some(ds), None) = (du, ds, dw) {
        return Some(product(columns_times(u, ds), w));
    }
    let (rank, shape) = (u.shape().len(), at.args[0].shape());
    let (m, n) = (shape[rank - 2], shape[rank - 1]);
    let g = du.map(|du| product(flipped(u), du));
    let h = dw.map(|dw| product(w, flipped(dw)));
    let square = g.or(h);
    let gap = square.map(|like| {
        let (right, left) = (across(s, like), down(s, like));
        off_diagonal((right - left) * (right + left))
    });
    let turn = |x: Term<'b>| gap.map(|gap| (x - flipped(x)) / gap);
    let left = g.and_then(turn).map(|x| columns_times(x, s));
    let right = h.and_then(turn).map(|x| down(s, x) * x);
    let of_s = ds.zip(square).map(|(ds, like)| diagonal(ds, like));
    let inner = sum(sum(left, right), of_s);
    let mut before = inner.map(|inner| product(u, inner));
    if let (Some(du), Some(g), true) = (du, g, m > n) {
        let outside = du - product(u, g);
        before = sum(before, Some(outside / across(s, outside)));
    }
    let mut whole = before.map(|before| product(before, w));
    if let (Some(dw), Some(h), true) = (dw, h, n > m) {
        let outside = dw - product(flipped(h), w);
        whole = sum(whole, Some(product(u, outside / down(s, outside))));
    }
    whole
}

/// `A = Q R`, a block at a time: of a wide A the first square block X has its own QR factorization `X = Q U`, and the
/// rest is `Y = Q V`, so that `Ȳ = Q V̄` and Q̄ grows by `Y V̄ᵀ`.
fn qr<'b>(at: &At<'b>) -> Option<Term<'b>> {
    let (a, q, r) = (at.args[0], at.ys[0], at.ys[1]);
    let (dq, dr) = (at.dys[0], at.dys[1]);
    let shape = a.shape();
    let rank = shape.len();
    let (m, n) = (shape[rank - 2], shape[rank - 1]);
    if n <= m {
        return qr_tall(q, r, dq, dr);
    }
    let block = |x: Term<'b>, from: usize, to: usize| {
        let (mut start, mut len) = (vec![0; rank], x.shape());
        (start[rank - 1], len[rank - 1]) = (from, to - from);
        x.slice(&start, &len, &vec![1; rank])
    };
    let dv = dr.map(|dr| block(dr, m, n));
    let more = dv.map(|dv| product(block(a, m, n), flipped(dv)));
    let du = dr.map(|dr| block(dr, 0, m));
    let dx = qr_tall(q, block(r, 0, m), sum(dq, more), du)?;
    let dy = match dv {
        Some(dv) => product(q, dv),
        None => block(a, m, n).zero(),
    };
    Some(dx.apply(Prim::Concat(rank - 1), &[dy]))
}

/// `Ā = (Q̄ + Q C) R⁻ᵀ`, where C is symmetric with the lower triangle of `R R̄ᵀ - Q̄ᵀ Q`.
fn qr_tall<'b>(
    q: Term<'b>,
    r: Term<'b>,
    dq: Option<Term<'b>>,
    dr: Option<Term<'b>>,
) -> Option<Term<'b>> {
    // Below the diagonal R does not vary.
    let of_r = dr.map(|dr| product(r, flipped(part(Part::Upper, dr))));
    let of_q = dq.map(|dq| -product(flipped(dq), q));
    let inner = sum(of_r, of_q)?;
    let lower = mask(Part::Lower, inner);
    let turn = product(q, lower.select(inner, flipped(inner)));
    let whole = sum(dq, Some(turn))?;
    let back = Prim::Linalg(LinalgOp::SolveTriangular { upper: true });
    Some(flipped(r.apply(back, &[flipped(whole)])))
}

// Matrices, on the last two axes ----------------------------------------------------------------

/// Which elements of a matrix.
#[derive(Clone, Copy)]
enum Part {
    /// On the diagonal and below.
    Lower,
    /// On the diagonal and above.
    Upper,
    /// On the diagonal.
    Diagonal,
}

/// Whether an element belongs to a part, for matrices of some shape.
fn mask<'b>(part: Part, like: Term<'b>) -> Term<'b> {
    let shape = like.shape();
    let rank = shape.len();
    let [row, column] = [rank - 2, rank - 1].map(|axis| along(like, &shape, axis, 0, 1));
    match part {
        Part::Lower => column.compare(CompareOp::Le, row),
        Part::Upper => row.compare(CompareOp::Le, column),
        Part::Diagonal => row.compare(CompareOp::Eq, column),
    }
}

/// A part, and zero elsewhere.
fn part<'b>(part: Part, x: Term<'b>) -> Term<'b> {
    mask(part, x).select(x, x.zero())
}

/// Gaps with 1 on the diagonal, where they are 0 and what is divided by them is too.
fn off_diagonal<'b>(gap: Term<'b>) -> Term<'b> {
    gap + part(Part::Diagonal, gap.one())
}

/// The transpose.
fn flipped<'b>(x: Term<'b>) -> Term<'b> {
    let rank = x.shape().len();
    let mut perm: Vec<usize> = (0..rank).collect();
    perm.swap(rank - 2, rank - 1);
    x.transpose(&perm)
}

fn product<'b>(x: Term<'b>, y: Term<'b>) -> Term<'b> {
    let rank = x.shape().len();
    let batch: Vec<(usize, usize)> = (0..rank - 2).map(|a| (a, a)).collect();
    x.build(|b| b.contract(x.slot(), y.slot(), &batch, &[(rank - 1, rank - 2)]))
}

fn halved<'b>(x: Term<'b>) -> Term<'b> {
    x * x.constant(0.5)
}

/// A vector along the columns of matrices: element `j` in column `j`.
fn across<'b>(x: Term<'b>, like: Term<'b>) -> Term<'b> {
    along_axis(x, like, 1)
}

/// A vector along the rows of matrices: element `i` in row `i`.
fn down<'b>(x: Term<'b>, like: Term<'b>) -> Term<'b> {
    along_axis(x, like, 2)
}

fn along_axis<'b>(x: Term<'b>, like: Term<'b>, from_last: usize) -> Term<'b> {
    let shape = like.shape();
    let mut axes: Vec<usize> = (0..shape.len() - 2).collect();
    axes.push(shape.len() - from_last);
    x.broadcast(&shape, &axes)
}

/// `X diag(s)`.
fn columns_times<'b>(x: Term<'b>, s: Term<'b>) -> Term<'b> {
    x * across(s, x)
}

/// `diag(x)`, of the shape of `like`.
fn diagonal<'b>(x: Term<'b>, like: Term<'b>) -> Term<'b> {
    part(Part::Diagonal, across(x, like))
}

fn sum<'b>(x: Option<Term<'b>>, y: Option<Term<'b>>) -> Option<Term<'b>> {
    match (x, y) {
        (Some(x), Some(y)) => Some(x + y),
        (one, None) | (None, one) => one,
    }
}
