//! Products of matrices with any strides, on one thread.
//!
//! Small products allocate nothing. Large ones are the crate `gemm`'s, which allocates room for packed factors.

use gemm::Parallelism;

use super::small::{Matrix, Product, small_f32, small_f64};
use super::vector::Level;

/// Up to how many multiply-adds a product is small: beyond, packed factors win.
const SMALL: usize = 1 << 16;

macro_rules! product {
    ($name:ident, $small:ident, $real:ty) => {
        /// `c = a · b` for `a: [m, k]`, `b: [k, n]`, `c: [m, n]`.
        /// Strides count elements: from row to row, then from column to column.
        ///
        /// # Safety
        /// Each matrix lies in memory that may be read, and `c` in memory that may be written;
        /// `c` overlaps neither `a` nor `b`, and no two of its elements share a place.
        pub unsafe extern "C" fn $name(
            m: usize,
            n: usize,
            k: usize,
            a: *const $real,
            a_row: isize,
            a_column: isize,
            b: *const $real,
            b_row: isize,
            b_column: isize,
            c: *mut $real,
            c_row: isize,
            c_column: isize,
        ) {
            if m.saturating_mul(n).saturating_mul(k) <= SMALL {
                let matrix = |start, row, column| Matrix { start, row, column };
                let product = Product {
                    m,
                    n,
                    k,
                    a: matrix(a.cast_mut(), a_row, a_column),
                    b: matrix(b.cast_mut(), b_row, b_column),
                    c: matrix(c, c_row, c_column),
                };
                // SAFETY: the caller promises the matrices; the machine has the level that it is said to have.
                return unsafe { $small(Level::here(), product) };
            }
            // SAFETY: the caller promises what the crate asks for.
            unsafe {
                gemm::gemm(
                    m,
                    n,
                    k,
                    c,
                    c_column,
                    c_row,
                    false,
                    a,
                    a_column,
                    a_row,
                    b,
                    b_column,
                    b_row,
                    0.0,
                    1.0,
                    false,
                    false,
                    false,
                    Parallelism::None,
                );
            }
        }
    };
}

product!(gemm_f32, small_f32, f32);
product!(gemm_f64, small_f64, f64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strides_transpose() {
        let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]; // [2, 3], or [3, 2] transposed
        let b = [1.0, 0.0, 2.0, 1.0]; // [2, 2]
        let mut c = [f64::NAN; 6];
        // SAFETY: the strides stay inside of the arrays.
        unsafe {
            gemm_f64(
                3,
                2,
                2,
                a.as_ptr(),
                1,
                3,
                b.as_ptr(),
                2,
                1,
                c.as_mut_ptr(),
                2,
                1,
            );
        }
        assert_eq!(c, [9.0, 4.0, 12.0, 5.0, 15.0, 6.0]);
    }

    #[test]
    fn nothing_summed_is_zero() {
        let mut c = [f32::NAN; 4];
        let none = std::ptr::NonNull::dangling().as_ptr();
        // SAFETY: no element of the factors is read.
        unsafe {
            gemm_f32(2, 2, 0, none, 0, 1, none, 2, 1, c.as_mut_ptr(), 2, 1);
        }
        assert_eq!(c, [0.0; 4]);
    }
}
