//! Systems of linear equations, and determinants.

use faer::linalg::lu::partial_pivoting::factor as lu;
use faer::linalg::triangular_solve::{
    solve_lower_triangular_in_place, solve_unit_lower_triangular_in_place,
    solve_upper_triangular_in_place,
};
use faer::{Auto, MatMut, Par, Spec};

use crate::real::{Columns, Real, with_room};

/// `T X = B` for a triangular T; whether there is one X.
pub(crate) fn solve_triangular<T: Real>(
    upper: bool,
    n: usize,
    m: usize,
    t: &[T],
    b: &[T],
    x: &mut [T],
) -> bool {
    let work = Columns::of(n, n, t);
    x.copy_from_slice(b);
    if (0..n).any(|i| work.get(i, i) == T::ZERO) {
        return false;
    }
    let right = MatMut::from_row_major_slice_mut(x, n, m);
    if upper {
        solve_upper_triangular_in_place(work.as_ref(), right, Par::Seq);
    } else {
        solve_lower_triangular_in_place(work.as_ref(), right, Par::Seq);
    }
    true
}

/// `A X = B`; whether there is one X.
pub(crate) fn solve<T: Real>(n: usize, m: usize, a: &[T], b: &[T], x: &mut [T]) -> bool {
    let Eliminated { lu, order, .. } = eliminate(n, a);
    if (0..n).any(|i| lu.get(i, i) == T::ZERO || !lu.get(i, i).finite()) {
        return false;
    }
    for (i, &from) in order.iter().enumerate() {
        x[i * m..(i + 1) * m].copy_from_slice(&b[from * m..(from + 1) * m]);
    }
    let mut right = MatMut::from_row_major_slice_mut(x, n, m);
    solve_unit_lower_triangular_in_place(lu.as_ref(), right.as_mut(), Par::Seq);
    solve_upper_triangular_in_place(lu.as_ref(), right, Par::Seq);
    true
}

/// The determinant, its sign, and the logarithm of its absolute value.
pub(crate) fn det<T: Real>(n: usize, a: &[T]) -> [T; 3] {
    let Eliminated { lu, odd, .. } = eliminate(n, a);
    let one = if odd { T::ONE.negative() } else { T::ONE };
    let (mut det, mut sign, mut log) = (one, one, T::ZERO);
    for i in 0..n {
        let pivot = lu.get(i, i);
        det = det.times(pivot);
        log = log.plus(pivot.magnitude().log());
        if pivot == T::ZERO {
            sign = T::ZERO;
        } else if pivot < T::ZERO {
            sign = sign.negative();
        }
    }
    // Once a pivot is zero, so is the determinant, whatever elimination makes of the rest.
    if sign == T::ZERO {
        det = T::ZERO;
        log = T::ZERO.log();
    }
    [det, sign, log]
}

/// `A`, its rows in another order, as a product of triangles.
struct Eliminated<T> {
    /// Both triangles; the lower one's diagonal is 1.
    lu: Columns<T>,
    /// Which row of `A` stands where.
    order: Vec<usize>,
    /// Whether the order is an odd permutation.
    odd: bool,
}

fn eliminate<T: Real>(n: usize, a: &[T]) -> Eliminated<T> {
    let mut work = Columns::of(n, n, a);
    let (mut order, mut back) = (vec![0_usize; n], vec![0_usize; n]);
    let params: Spec<lu::PartialPivLuParams, T> = Spec::new(Auto::<T>::auto());
    let room = lu::lu_in_place_scratch::<usize, T>(n, n, Par::Seq, params);
    let info = with_room(room, |stack| {
        let matrix = work.as_mut();
        lu::lu_in_place(matrix, &mut order, &mut back, Par::Seq, stack, params).0
    });
    Eliminated {
        lu: work,
        order,
        odd: info.transposition_count % 2 == 1,
    }
}
