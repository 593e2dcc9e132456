//! Factorizations and linear systems: the evaluator's own functions, at addresses.

use lentil_unary::linalg::{LinalgOp, Real, Sizes, run};

macro_rules! kernel {
    ($name:ident, $real:ty) => {
        /// Runs an operation, by its place in [`LinalgOp::ALL`], on `count` matrices of `rows` and `columns` (those
        /// of [`Sizes`]). `args` and `results` point to as many arrays as the operation has; others are not read.
        ///
        /// # Safety
        /// `op` is such a place. Each array holds as many elements as [`Sizes::elements`] says for `count` matrices;
        /// the arguments may be read, the results may be written and overlap nothing else.
        pub unsafe extern "C" fn $name(
            op: usize,
            count: usize,
            rows: usize,
            columns: usize,
            first: *const $real,
            second: *const $real,
            x: *mut $real,
            y: *mut $real,
            z: *mut $real,
        ) {
            let op = LinalgOp::ALL[op];
            let sizes = Sizes {
                count,
                rows,
                columns,
            };
            // SAFETY: the caller promises what is asked for.
            unsafe { at(op, sizes, [first, second], [x, y, z]) }
        }
    };
}

kernel!(linalg_f32, f32);
kernel!(linalg_f64, f64);

/// # Safety
/// As that of the kernels.
unsafe fn at<T: Real>(op: LinalgOp, sizes: Sizes, args: [*const T; 2], results: [*mut T; 3]) {
    let (taken, made) = sizes.elements(op);
    let mut sources: Vec<&[T]> = Vec::with_capacity(taken.len());
    for (pointer, len) in args.into_iter().zip(taken) {
        let len = len * sizes.count;
        sources.push(if len == 0 {
            &[]
        } else {
            // SAFETY: the caller promises so many elements, and that nobody writes them meanwhile.
            unsafe { std::slice::from_raw_parts(pointer, len) }
        });
    }
    let mut targets: Vec<&mut [T]> = Vec::with_capacity(made.len());
    for (pointer, len) in results.into_iter().zip(made) {
        let len = len * sizes.count;
        targets.push(if len == 0 {
            &mut []
        } else {
            // SAFETY: the caller promises so many elements, and that they overlap nothing else.
            unsafe { std::slice::from_raw_parts_mut(pointer, len) }
        });
    }
    run(op, sizes, &sources, &mut targets);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_is_the_operation() {
        let a = [4.0, 2.0, 2.0, 5.0, 1.0, 0.0, 0.0, 9.0];
        let mut l = [f64::NAN; 8];
        let none = std::ptr::null_mut();
        // SAFETY: two matrices of four elements each, and room for as many.
        unsafe {
            linalg_f64(
                LinalgOp::Cholesky.code(),
                2,
                2,
                2,
                a.as_ptr(),
                none,
                l.as_mut_ptr(),
                none,
                none,
            );
        }
        assert_eq!(l, [2.0, 0.0, 1.0, 2.0, 1.0, 0.0, 0.0, 3.0]);
    }

    #[test]
    fn nothing_needs_no_place() {
        let none = std::ptr::null_mut();
        for op in LinalgOp::ALL {
            // SAFETY: no element is read or written.
            unsafe { linalg_f32(op.code(), 0, 3, 3, none, none, none, none, none) };
        }
    }
}
