//! Products of small matrices: blocks of rows in registers, nothing allocated.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{__m256, __m256d, __m512, __m512d};

use super::vector::{Level, Vector};

/// A matrix in memory: its first element and the distances from row to row and from column to column.
#[derive(Clone, Copy)]
pub struct Matrix<T> {
    /// The first element.
    pub start: *mut T,
    /// From row to row.
    pub row: isize,
    /// From column to column.
    pub column: isize,
}

impl<T> Matrix<T> {
    fn transposed(self) -> Matrix<T> {
        Matrix {
            row: self.column,
            column: self.row,
            ..self
        }
    }

    /// Where an element is.
    fn at(self, row: usize, column: usize) -> *mut T {
        let down = (row as isize).wrapping_mul(self.row);
        let across = (column as isize).wrapping_mul(self.column);
        self.start.wrapping_offset(down.wrapping_add(across))
    }
}

/// The sizes and the three matrices of a product `c = a · b`, `a: [m, k]`, `b: [k, n]`.
#[derive(Clone, Copy)]
pub struct Product<T> {
    /// Rows of `a`.
    pub m: usize,
    /// Columns of `b`.
    pub n: usize,
    /// Columns of `a`.
    pub k: usize,
    /// The left factor; it is only read.
    pub a: Matrix<T>,
    /// The right factor; it is only read.
    pub b: Matrix<T>,
    /// The product.
    pub c: Matrix<T>,
}

/// Rows that are computed at once.
const ROWS: usize = 8;
/// Bytes of the columns of `b` that are put side by side.
const PANEL: usize = 16 << 10;

/// How many rows of `b` a panel holds; longer sums are added up from parts.
const DEPTH: usize = PANEL / 64;

/// Memory as aligned as the widest vector.
#[repr(C, align(64))]
struct Panel([std::mem::MaybeUninit<u8>; PANEL]);

macro_rules! entry {
    ($name:ident, $real:ty, $base:ty, $avx2:ty, $avx512:ty) => {
        /// Computes a product.
        ///
        /// # Safety
        /// The elements of `a` and `b` may be read and those of `c` written; `c` overlaps neither.
        pub unsafe fn $name(level: Level, product: Product<$real>) {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            unsafe fn avx2(product: Product<$real>) {
                // SAFETY: as for the caller, which has found the instructions.
                unsafe { run::<$avx2>(product) }
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw")]
            unsafe fn avx512(product: Product<$real>) {
                // SAFETY: as for the caller, which has found the instructions.
                unsafe { run::<$avx512>(product) }
            }
            // SAFETY: the caller promises the memory, and the level the instructions.
            unsafe {
                match level {
                    Level::Base => run::<$base>(product),
                    #[cfg(target_arch = "x86_64")]
                    Level::Avx2 => avx2(product),
                    #[cfg(target_arch = "x86_64")]
                    Level::Avx512 => avx512(product),
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
entry!(small_f32, f32, [f32; 4], __m256, __m512);
#[cfg(target_arch = "x86_64")]
entry!(small_f64, f64, [f64; 2], __m256d, __m512d);
#[cfg(not(target_arch = "x86_64"))]
entry!(small_f32, f32, [f32; 4], (), ());
#[cfg(not(target_arch = "x86_64"))]
entry!(small_f64, f64, [f64; 2], (), ());

/// How long a product takes, about, in multiply-adds of one vector a step of the sum:
/// those of the blocks, and what it takes to put columns side by side.
fn cost<V: Vector>(rows: usize, columns: usize, along: bool) -> usize {
    let vectors = columns.div_ceil(V::WIDTH);
    rows * vectors + 2 * if along { vectors } else { columns }
}

#[inline(always)]
unsafe fn run<V: Vector>(product: Product<V::Real>) {
    let Product { m, n, k, a, b, c } = product;
    let plain = cost::<V>(m, n, b.column == 1);
    let turned = cost::<V>(n, m, a.row == 1);
    let product = if turned < plain {
        let (m, n) = (n, m);
        let (a, b, c) = (b.transposed(), a.transposed(), c.transposed());
        Product { m, n, k, a, b, c }
    } else {
        product
    };
    let mut panel = Panel([std::mem::MaybeUninit::uninit(); PANEL]);
    let panel = panel.0.as_mut_ptr().cast::<V::Real>();
    let mut column = 0;
    while column < product.n {
        let width = (product.n - column).min(V::WIDTH);
        let mut base = 0;
        loop {
            let depth = (k - base).min(DEPTH);
            // SAFETY: the panel has room for `DEPTH` vectors of 64 bytes; the rest is the caller's promise.
            unsafe { columns::<V>(&product, [base, depth], [column, width], panel) }
            base += depth;
            if base >= k {
                break;
            }
        }
        column += width;
    }
}

/// Adds a part of the sums, from `base` on, to up to a vector's width of columns.
#[inline(always)]
unsafe fn columns<V: Vector>(
    product: &Product<V::Real>,
    [base, depth]: [usize; 2],
    [column, width]: [usize; 2],
    panel: *mut V::Real,
) {
    let Product { m, b, .. } = *product;
    let (vectors, stride) = if b.column == 1 && width == V::WIDTH {
        (b.at(base, column).cast_const(), b.row)
    } else {
        let mut to = panel;
        for p in 0..depth {
            let from = b.at(base + p, column).cast_const();
            // SAFETY: columns within the width are elements of `b`; the panel has room for all lanes.
            unsafe {
                for j in 0..width {
                    to.add(j)
                        .write(*from.wrapping_offset((j as isize).wrapping_mul(b.column)));
                }
                for j in width..V::WIDTH {
                    to.add(j).write(V::Real::default());
                }
                to = to.add(V::WIDTH);
            }
        }
        (panel.cast_const(), V::WIDTH as isize)
    };
    let block = Block {
        base,
        depth,
        vectors,
        stride,
        column,
        width,
    };
    let mut row = 0;
    while row < m {
        let rows = (m - row).min(ROWS);
        // SAFETY: the rows are rows of `a` and of `c`.
        unsafe {
            match rows {
                1 => block.rows::<V, 1>(product, row),
                2 => block.rows::<V, 2>(product, row),
                3 => block.rows::<V, 3>(product, row),
                4 => block.rows::<V, 4>(product, row),
                5 => block.rows::<V, 5>(product, row),
                6 => block.rows::<V, 6>(product, row),
                7 => block.rows::<V, 7>(product, row),
                _ => block.rows::<V, ROWS>(product, row),
            }
        }
        row += rows;
    }
}

/// Columns of `b` side by side.
struct Block<T> {
    base: usize,
    depth: usize,
    vectors: *const T,
    stride: isize,
    column: usize,
    width: usize,
}

impl<T: Copy + Default> Block<T> {
    /// Computes some rows, with two sums a row so that additions need not wait for one another.
    #[inline(always)]
    unsafe fn rows<V: Vector<Real = T>, const R: usize>(&self, product: &Product<T>, row: usize) {
        // SAFETY: the caller names rows of `a` and `c`; `vectors` leads to `depth` vectors; the machine has
        // the instructions.
        unsafe {
            let zero = V::splat(T::default());
            let (mut even, mut odd) = ([zero; R], [zero; R]);
            let lefts: [*const T; R] =
                std::array::from_fn(|r| product.a.at(row + r, self.base).cast_const());
            let (along, down) = (product.a.column, self.stride);
            // Offsets are counted on: a product in this loop would cost as much as the arithmetic.
            let (mut at, mut vector) = (0_isize, self.vectors);
            for _ in 0..self.depth / 2 {
                let x = V::load(vector);
                let y = V::load(vector.wrapping_offset(down));
                let next = at.wrapping_add(along);
                for r in 0..R {
                    even[r] = even[r].plus_product(V::splat(*lefts[r].wrapping_offset(at)), x);
                    odd[r] = odd[r].plus_product(V::splat(*lefts[r].wrapping_offset(next)), y);
                }
                at = next.wrapping_add(along);
                vector = vector.wrapping_offset(down).wrapping_offset(down);
            }
            if self.depth % 2 == 1 {
                let x = V::load(vector);
                for r in 0..R {
                    even[r] = even[r].plus_product(V::splat(*lefts[r].wrapping_offset(at)), x);
                }
            }
            for r in 0..R {
                let mut sum = even[r].plus(odd[r]);
                let to = product.c.at(row + r, self.column);
                if self.width == V::WIDTH && product.c.column == 1 {
                    if self.base > 0 {
                        sum = sum.plus(V::load(to));
                    }
                    sum.store(to);
                    continue;
                }
                let across =
                    |j: usize| to.wrapping_offset((j as isize).wrapping_mul(product.c.column));
                // As wide as the widest vector.
                let mut lanes = [T::default(); 16];
                if self.base > 0 {
                    for (j, lane) in lanes.iter_mut().take(self.width).enumerate() {
                        *lane = *across(j);
                    }
                    sum = sum.plus(V::load(lanes.as_ptr()));
                }
                sum.store(lanes.as_mut_ptr());
                for (j, lane) in lanes.iter().take(self.width).enumerate() {
                    *across(j) = *lane;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All levels that this machine has.
    fn levels() -> Vec<Level> {
        let mut levels = vec![Level::Base];
        #[cfg(target_arch = "x86_64")]
        match Level::here() {
            Level::Base => {}
            Level::Avx2 => levels.push(Level::Avx2),
            Level::Avx512 => levels.extend([Level::Avx2, Level::Avx512]),
        }
        levels
    }

    /// Products of small whole numbers are exact in any order.
    #[test]
    fn every_shape_and_layout() {
        let sizes = [1, 2, 3, 7, 8, 9, 16, 17, 33];
        for level in levels() {
            for (m, n) in sizes.iter().flat_map(|&m| sizes.map(|n| (m, n))) {
                for k in [0, 1, 2, 5, 256, 300] {
                    for layout in 0..8 {
                        one(level, [m, n, k], layout);
                    }
                }
            }
        }
    }

    fn one(level: Level, [m, n, k]: [usize; 3], layout: usize) {
        let value = |i: usize| (i * 37 % 11) as f32 - 5.0;
        let mut a: Vec<f32> = (0..m * k).map(value).collect();
        let mut b: Vec<f32> = (0..k * n).map(|i| value(i + 3)).collect();
        let mut c = vec![f32::NAN; m * n];
        let matrix = |start: *mut f32, rows: usize, columns: usize, turned: bool| {
            let (row, column) = if turned { (1, rows) } else { (columns, 1) };
            Matrix {
                start,
                row: row as isize,
                column: column as isize,
            }
        };
        let product = Product {
            m,
            n,
            k,
            a: matrix(a.as_mut_ptr(), m, k, layout & 1 != 0),
            b: matrix(b.as_mut_ptr(), k, n, layout & 2 != 0),
            c: matrix(c.as_mut_ptr(), m, n, layout & 4 != 0),
        };
        // SAFETY: the strides stay inside of the vectors, and the machine has the level.
        unsafe { small_f32(level, product) };
        for (i, j) in (0..m).flat_map(|i| (0..n).map(move |j| (i, j))) {
            // SAFETY: as above.
            let (terms, found) = unsafe {
                let term = |p| *product.a.at(i, p) * *product.b.at(p, j);
                ((0..k).map(term).sum::<f32>(), *product.c.at(i, j))
            };
            assert_eq!(
                found, terms,
                "{level:?} [{m}, {n}, {k}] layout {layout} at {i}, {j}"
            );
        }
    }
}
