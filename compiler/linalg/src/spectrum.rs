//! Factorizations by iteration: eigenvalues of symmetric matrices, and singular values.

use faer::diag::DiagMut;
use faer::linalg::evd::{self, ComputeEigenvectors, SelfAdjointEvdParams};
use faer::linalg::svd::{self, ComputeSvdVectors, SvdParams};
use faer::{Auto, Par, Spec};

use crate::real::{Columns, Real, points_down, with_room};

/// The eigenvalues and eigenvectors of the symmetric part of `a`; whether they were found.
pub(crate) fn eigh<T: Real>(n: usize, a: &[T], values: &mut [T], vectors: &mut [T]) -> bool {
    if n == 0 {
        return true;
    }
    let work = Columns::symmetric(n, a);
    let mut made = Columns::zero(n, n);
    let params: Spec<SelfAdjointEvdParams, T> = Spec::new(Auto::<T>::auto());
    let room = evd::self_adjoint_evd_scratch::<T>(n, ComputeEigenvectors::Yes, Par::Seq, params);
    let found = with_room(room, |stack| {
        let values = DiagMut::from_slice_mut(values);
        let vectors = Some(made.as_mut());
        evd::self_adjoint_evd(work.as_ref(), values, vectors, Par::Seq, stack, params)
    });
    for j in 0..n {
        if points_down(made.column(j)) {
            negate(made.column(j));
        }
    }
    made.write(vectors);
    found.is_ok()
}

/// The thin singular value decomposition; whether it was found. The right singular vectors are rows.
pub(crate) fn svd<T: Real>(
    m: usize,
    n: usize,
    a: &[T],
    u: &mut [T],
    s: &mut [T],
    vt: &mut [T],
) -> bool {
    let k = m.min(n);
    if k == 0 {
        return true;
    }
    let work = Columns::of(m, n, a);
    let (mut left, mut right) = (Columns::zero(m, k), Columns::zero(n, k));
    let params: Spec<SvdParams, T> = Spec::new(Auto::<T>::auto());
    let thin = ComputeSvdVectors::Thin;
    let room = svd::svd_scratch::<T>(m, n, thin, thin, Par::Seq, params);
    let found = with_room(room, |stack| {
        let values = DiagMut::from_slice_mut(s);
        let (left, right) = (Some(left.as_mut()), Some(right.as_mut()));
        svd::svd(work.as_ref(), values, left, right, Par::Seq, stack, params)
    });
    for j in 0..k {
        if points_down(left.column(j)) {
            negate(left.column(j));
            negate(right.column(j));
        }
    }
    left.write(u);
    vt.copy_from_slice(&right.data);
    found.is_ok()
}

fn negate<T: Real>(column: &mut [T]) {
    for x in column {
        *x = x.negative();
    }
}
