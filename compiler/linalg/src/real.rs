//! The two real carriers, and matrices over them in the order that `faer` works in.

use faer::dyn_stack::{MemBuffer, MemStack, StackReq};
use faer::traits::RealField;
use faer::{MatMut, MatRef};

/// A real number of the machine: `f32` or `f64`.
pub trait Real: RealField + Copy + PartialOrd {
    /// What stands where there is no answer.
    const NAN: Self;
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// Whether it is neither infinite nor NaN.
    fn finite(self) -> bool;
    /// The magnitude.
    fn magnitude(self) -> Self;
    /// The natural logarithm.
    fn log(self) -> Self;
    /// The product.
    fn times(self, other: Self) -> Self;
    /// The quotient.
    fn over(self, other: Self) -> Self;
    /// The sum.
    fn plus(self, other: Self) -> Self;
    /// The mean of two numbers.
    fn mean(self, other: Self) -> Self;
    /// The negative.
    fn negative(self) -> Self;
}

macro_rules! real {
    ($real:ident, $log:path) => {
        impl Real for $real {
            const NAN: Self = $real::NAN;
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            fn finite(self) -> bool {
                self.is_finite()
            }
            fn magnitude(self) -> Self {
                self.abs()
            }
            fn log(self) -> Self {
                $log(self)
            }
            fn times(self, other: Self) -> Self {
                self * other
            }
            fn over(self, other: Self) -> Self {
                self / other
            }
            fn plus(self, other: Self) -> Self {
                self + other
            }
            fn mean(self, other: Self) -> Self {
                0.5 * self + 0.5 * other
            }
            fn negative(self) -> Self {
                -self
            }
        }
    };
}

// As everywhere, functions come from `libm`, so that they do not depend on the platform.
real!(f32, libm::logf);
real!(f64, libm::log);

/// A matrix by columns.
pub(crate) struct Columns<T> {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) data: Vec<T>,
}

impl<T: Real> Columns<T> {
    pub(crate) fn zero(rows: usize, columns: usize) -> Columns<T> {
        Columns {
            rows,
            columns,
            data: vec![T::ZERO; rows * columns],
        }
    }

    /// From rows one after the other.
    pub(crate) fn of(rows: usize, columns: usize, from: &[T]) -> Columns<T> {
        let mut made = Columns::zero(rows, columns);
        for i in 0..rows {
            for j in 0..columns {
                *made.at(i, j) = from[i * columns + j];
            }
        }
        made
    }

    /// The symmetric part of a square matrix.
    pub(crate) fn symmetric(n: usize, from: &[T]) -> Columns<T> {
        let mut made = Columns::zero(n, n);
        for i in 0..n {
            for j in 0..n {
                *made.at(i, j) = from[i * n + j].mean(from[j * n + i]);
            }
        }
        made
    }

    pub(crate) fn at(&mut self, i: usize, j: usize) -> &mut T {
        &mut self.data[j * self.rows + i]
    }

    pub(crate) fn get(&self, i: usize, j: usize) -> T {
        self.data[j * self.rows + i]
    }

    pub(crate) fn column(&mut self, j: usize) -> &mut [T] {
        &mut self.data[j * self.rows..(j + 1) * self.rows]
    }

    /// Written as rows.
    pub(crate) fn write(&self, to: &mut [T]) {
        for i in 0..self.rows {
            for j in 0..self.columns {
                to[i * self.columns + j] = self.get(i, j);
            }
        }
    }

    pub(crate) fn as_mut(&mut self) -> MatMut<'_, T> {
        MatMut::from_column_major_slice_mut(&mut self.data, self.rows, self.columns)
    }

    pub(crate) fn as_ref(&self) -> MatRef<'_, T> {
        MatRef::from_column_major_slice(&self.data, self.rows, self.columns)
    }
}

/// Runs something that needs room.
pub(crate) fn with_room<R>(room: StackReq, run: impl FnOnce(&mut MemStack) -> R) -> R {
    run(MemStack::new(&mut MemBuffer::new(room)))
}

/// Whether the first element of greatest magnitude is negative: the sign that a column is freed of.
pub(crate) fn points_down<T: Real>(column: &[T]) -> bool {
    let mut best = T::ZERO;
    for &x in column {
        if x.magnitude() > best.magnitude() {
            best = x;
        }
    }
    best < T::ZERO
}
