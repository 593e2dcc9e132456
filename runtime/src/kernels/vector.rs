//! Vectors of reals as wide as a machine has them, and what the machine that this runs on has.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::*;

/// Which vector instructions there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// What every machine of this kind has.
    Base,
    /// 256 bits, and products fused with sums.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// 512 bits.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Level {
    /// That of the machine this runs on.
    pub fn here() -> Level {
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512bw")
            {
                return Level::Avx512;
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                return Level::Avx2;
            }
        }
        Level::Base
    }
}

/// A vector of reals. Its operations may only be run where the machine has its instructions.
pub trait Vector: Copy {
    /// A lane.
    type Real: Copy + Default;
    /// How many lanes it has.
    const WIDTH: usize;

    /// The same in all lanes.
    ///
    /// # Safety
    /// The machine has the vector's instructions.
    unsafe fn splat(x: Self::Real) -> Self;

    /// Lanes from memory.
    ///
    /// # Safety
    /// As many elements may be read, and the machine has the vector's instructions.
    unsafe fn load(from: *const Self::Real) -> Self;

    /// Lanes to memory.
    ///
    /// # Safety
    /// As many elements may be written, and the machine has the vector's instructions.
    unsafe fn store(self, to: *mut Self::Real);

    /// `self + x · y`.
    ///
    /// # Safety
    /// The machine has the vector's instructions.
    unsafe fn plus_product(self, x: Self, y: Self) -> Self;

    /// `self + x`.
    ///
    /// # Safety
    /// The machine has the vector's instructions.
    unsafe fn plus(self, x: Self) -> Self;
}

#[cfg(target_arch = "x86_64")]
macro_rules! machine_vector {
    ($vector:ty, $real:ty, $width:literal, $splat:ident, $load:ident, $store:ident, $fma:ident, $add:ident) => {
        impl Vector for $vector {
            type Real = $real;
            const WIDTH: usize = $width;

            #[inline(always)]
            unsafe fn splat(x: $real) -> Self {
                // SAFETY: the caller promises the instruction.
                unsafe { $splat(x) }
            }

            #[inline(always)]
            unsafe fn load(from: *const $real) -> Self {
                // SAFETY: the caller promises the instruction and the memory.
                unsafe { $load(from) }
            }

            #[inline(always)]
            unsafe fn store(self, to: *mut $real) {
                // SAFETY: the caller promises the instruction and the memory.
                unsafe { $store(to, self) }
            }

            #[inline(always)]
            unsafe fn plus_product(self, x: Self, y: Self) -> Self {
                // SAFETY: the caller promises the instruction.
                unsafe { $fma(x, y, self) }
            }

            #[inline(always)]
            unsafe fn plus(self, x: Self) -> Self {
                // SAFETY: the caller promises the instruction.
                unsafe { $add(self, x) }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
machine_vector!(
    __m512,
    f32,
    16,
    _mm512_set1_ps,
    _mm512_loadu_ps,
    _mm512_storeu_ps,
    _mm512_fmadd_ps,
    _mm512_add_ps
);
#[cfg(target_arch = "x86_64")]
machine_vector!(
    __m512d,
    f64,
    8,
    _mm512_set1_pd,
    _mm512_loadu_pd,
    _mm512_storeu_pd,
    _mm512_fmadd_pd,
    _mm512_add_pd
);
#[cfg(target_arch = "x86_64")]
machine_vector!(
    __m256,
    f32,
    8,
    _mm256_set1_ps,
    _mm256_loadu_ps,
    _mm256_storeu_ps,
    _mm256_fmadd_ps,
    _mm256_add_ps
);
#[cfg(target_arch = "x86_64")]
machine_vector!(
    __m256d,
    f64,
    4,
    _mm256_set1_pd,
    _mm256_loadu_pd,
    _mm256_storeu_pd,
    _mm256_fmadd_pd,
    _mm256_add_pd
);

macro_rules! plain_vector {
    ($real:ty, $width:literal) => {
        impl Vector for [$real; $width] {
            type Real = $real;
            const WIDTH: usize = $width;

            #[inline(always)]
            unsafe fn splat(x: $real) -> Self {
                [x; $width]
            }

            #[inline(always)]
            unsafe fn load(from: *const $real) -> Self {
                // SAFETY: the caller promises the memory; an array is as aligned as its elements.
                unsafe { *from.cast() }
            }

            #[inline(always)]
            unsafe fn store(self, to: *mut $real) {
                // SAFETY: the caller promises the memory; an array is as aligned as its elements.
                unsafe { *to.cast() = self }
            }

            #[inline(always)]
            unsafe fn plus_product(self, x: Self, y: Self) -> Self {
                std::array::from_fn(|i| self[i] + x[i] * y[i])
            }

            #[inline(always)]
            unsafe fn plus(self, x: Self) -> Self {
                std::array::from_fn(|i| self[i] + x[i])
            }
        }
    };
}

plain_vector!(f32, 4);
plain_vector!(f64, 2);
