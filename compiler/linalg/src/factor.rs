//! Factorizations without iteration: Cholesky's and QR.

use faer::linalg::cholesky::llt::factor as llt;
use faer::linalg::householder;
use faer::linalg::qr::no_pivoting::factor as qr_factor;
use faer::{Auto, Conj, Par, Spec};

use crate::real::{Columns, Real, with_room};

/// `L Lᵀ` is the symmetric part of `a`; whether there is such an L.
pub(crate) fn cholesky<T: Real>(n: usize, a: &[T], l: &mut [T]) -> bool {
    let mut work = Columns::symmetric(n, a);
    let params: Spec<llt::LltParams, T> = Spec::new(Auto::<T>::auto());
    let room = llt::cholesky_in_place_scratch::<T>(n, Par::Seq, params);
    let positive = with_room(room, |stack| {
        let plain = llt::LltRegularization::default();
        llt::cholesky_in_place(work.as_mut(), plain, Par::Seq, stack, params).is_ok()
    });
    for j in 0..n {
        work.column(j)[..j].fill(T::ZERO);
    }
    work.write(l);
    positive && l.iter().all(|x| x.finite())
}

/// `A = Q R` by reflections, with the signs of R's rows chosen so that its diagonal is not negative.
pub(crate) fn qr<T: Real>(m: usize, n: usize, a: &[T], q: &mut [T], r: &mut [T]) {
    let k = m.min(n);
    if k == 0 {
        return;
    }
    let mut work = Columns::of(m, n, a);
    let params: Spec<qr_factor::QrParams, T> = Spec::new(Auto::<T>::auto());
    let block = qr_factor::recommended_block_size::<T>(m, n);
    let mut factors = Columns::zero(block, k);
    let room = qr_factor::qr_in_place_scratch::<T>(m, n, block, Par::Seq, params);
    with_room(room, |stack| {
        qr_factor::qr_in_place(work.as_mut(), factors.as_mut(), Par::Seq, stack, params)
    });
    let mut thin = Columns::zero(m, k);
    for j in 0..k {
        *thin.at(j, j) = T::ONE;
    }
    let room = householder::apply_block_householder_sequence_on_the_left_in_place_scratch::<T>(
        m, block, k,
    );
    with_room(room, |stack| {
        householder::apply_block_householder_sequence_on_the_left_in_place_with_conj(
            work.as_ref().subcols(0, k),
            factors.as_ref(),
            Conj::No,
            thin.as_mut(),
            Par::Seq,
            stack,
        );
    });
    for i in 0..k {
        let flips = work.get(i, i) < T::ZERO;
        let signed = |x: T| if flips { x.negative() } else { x };
        for j in 0..n {
            r[i * n + j] = if j < i {
                T::ZERO
            } else {
                signed(work.get(i, j))
            };
        }
        for x in thin.column(i) {
            *x = signed(*x);
        }
    }
    thin.write(q);
}
