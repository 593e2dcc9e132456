//! Exponentials and their kin on arrays, where results need not be exact.
//!
//! Each element's result depends on that element alone: arrays and single numbers run through the same
//! code, and its fused products are fused at any width of vector. The results are within a few units in
//! the last place of the evaluator's functions, and infinities and NaN are treated alike.

use lentil_unary::{Carrier, UnaryOp};

use super::vector::Level;

/// A function of all elements of an array, in place, and of one number.
pub struct Pointwise {
    /// Takes where the array starts and how many elements it has.
    pub array: *const u8,
    /// Takes and returns a number.
    pub one: *const u8,
}

/// The kernel of an operation; `None` if it has none.
pub fn pointwise(op: UnaryOp, carrier: Carrier) -> Option<Pointwise> {
    match carrier {
        Carrier::F32 => f32s::kernel(op),
        Carrier::F64 => f64s::kernel(op),
        Carrier::Bit | Carrier::Mod(_) | Carrier::Int | Carrier::Bool => None,
    }
}

/// How many elements run through the code together.
const WIDTH: usize = 16;

macro_rules! kernels {
    ($module:ident, $real:ty, $int:ty, $bits:ty, fraction $fraction:literal, bias $bias:literal,
     range $low:literal to $high:literal, ln2 $ln2:expr, grow $grow:literal,
     exp $exp:expr, tanh $tanh:expr, log $log:literal) => {
        mod $module {
            use super::{Level, Pointwise, UnaryOp, WIDTH};

            /// Added to a number of moderate size, it leaves the nearest integer in the low bits.
            const MAGIC: $real = 1.5 * (1_u64 << $fraction) as $real;
            /// ln 2 in two parts; multiples of the first are exact.
            const LN2: [$real; 2] = $ln2;
            /// (e^r - 1 - r) / r² for |r| ≤ ln 2 / 2, highest power first.
            const EXP: &[$real] = &$exp;
            /// (tanh x / x - 1) / x² as a polynomial in x², for |x| ≤ 0.625, highest power first.
            const TANH: &[$real] = &$tanh;
            /// The power of two that makes subnormal numbers normal.
            const GROW: $int = $grow;

            /// `x · y + z`, rounded once where the machine can.
            #[inline(always)]
            fn fused<const FUSED: bool>(x: $real, y: $real, z: $real) -> $real {
                if FUSED { x.mul_add(y, z) } else { x * y + z }
            }

            /// Horner's scheme, highest power first.
            #[inline(always)]
            fn polynomial<const FUSED: bool>(coefficients: &[$real], x: $real) -> $real {
                let mut sum = coefficients[0];
                for &c in &coefficients[1..] {
                    sum = fused::<FUSED>(sum, x, c);
                }
                sum
            }

            #[inline(always)]
            fn power_of_two(k: $int) -> $real {
                <$real>::from_bits((k.wrapping_add($bias) << $fraction) as $bits)
            }

            /// e^x = 2^k · e^r, with k the nearest integer to x / ln 2.
            #[inline(always)]
            fn exp<const FUSED: bool>(x: $real) -> $real {
                // A NaN is below and above nothing, so it stays.
                let x = if x < $low { $low } else { x };
                let x = if x > $high { $high } else { x };
                let shifted = fused::<FUSED>(x, std::f64::consts::LOG2_E as $real, MAGIC);
                let k = shifted - MAGIC;
                let r = fused::<FUSED>(-k, LN2[0], x);
                let r = fused::<FUSED>(-k, LN2[1], r);
                let tail = fused::<FUSED>(r * r, polynomial::<FUSED>(EXP, r), r);
                // 2^k in two factors: k itself may lie outside of the exponents, and the result be subnormal.
                let k = shifted.to_bits().wrapping_sub(MAGIC.to_bits()) as $int;
                let half = k >> 1;
                (tail + 1.0) * power_of_two(half) * power_of_two(k.wrapping_sub(half))
            }

            /// Near zero a polynomial, elsewhere 1 - 2 / (e^2|x| + 1), with the sign of `x`.
            #[inline(always)]
            fn tanh<const FUSED: bool>(x: $real) -> $real {
                let (size, square) = (x.abs(), x * x);
                let tail = square * polynomial::<FUSED>(TANH, square);
                let near = fused::<FUSED>(tail, size, size);
                let far = 1.0 - 2.0 / (exp::<FUSED>(size + size) + 1.0);
                (if size < 0.625 { near } else { far }).copysign(x)
            }

            /// 1 / (1 + e^-|x|), times e^-|x| where `x` is negative.
            #[inline(always)]
            fn sigmoid<const FUSED: bool>(x: $real) -> $real {
                let e = exp::<FUSED>(-x.abs());
                let above = if x < 0.0 { e } else { 1.0 };
                above / (1.0 + e)
            }

            /// log x = k · ln 2 + 2 artanh s, with x = 2^k · (1 + s) / (1 - s) and √½ ≤ x / 2^k < √2.
            #[inline(always)]
            fn log<const FUSED: bool>(x: $real) -> $real {
                let subnormal = x < <$real>::MIN_POSITIVE;
                let grown = if subnormal { x * power_of_two(GROW) } else { x };
                let root = std::f64::consts::FRAC_1_SQRT_2 as $real;
                let above = grown.to_bits().wrapping_sub(root.to_bits()) as $int;
                let k = above >> $fraction;
                let m = <$real>::from_bits(grown.to_bits().wrapping_sub((k << $fraction) as $bits));
                let k = k.wrapping_sub(if subnormal { GROW } else { 0 }) as $real;
                let f = m - 1.0;
                let s = f / (m + 1.0);
                let z = s * s;
                let mut series = 2.0 / (2 * $log + 3) as $real;
                for j in (0..$log).rev() {
                    series = fused::<FUSED>(series, z, 2.0 / (2 * j + 3) as $real);
                }
                // 2 artanh s - f = s · (z · series - f), without the rounding of 2 s.
                let rest = s * fused::<FUSED>(z, series, -f);
                let rest = fused::<FUSED>(k, LN2[1], rest);
                let y = fused::<FUSED>(k, LN2[0], rest + f);
                let y = if x == 0.0 { <$real>::NEG_INFINITY } else { y };
                let y = if x < 0.0 { <$real>::NAN } else { y };
                // Infinity and NaN are their own logarithms.
                if x < <$real>::INFINITY { y } else { x }
            }

            /// Applies a function to all elements; the last few run in a full row of their own.
            #[inline(always)]
            fn all(elements: &mut [$real], f: impl Fn($real) -> $real) {
                let mut rows = elements.chunks_exact_mut(WIDTH);
                for row in &mut rows {
                    row.iter_mut().for_each(|x| *x = f(*x));
                }
                let rest = rows.into_remainder();
                if !rest.is_empty() {
                    let mut row = [1.0; WIDTH];
                    row[..rest.len()].copy_from_slice(rest);
                    row.iter_mut().for_each(|x| *x = f(*x));
                    rest.copy_from_slice(&row[..rest.len()]);
                }
            }

            macro_rules! function {
                        ($function:ident) => {{
                            #[cfg(target_arch = "x86_64")]
                            #[target_feature(enable = "avx2,fma")]
                            fn avx2(elements: &mut [$real]) {
                                all(elements, $function::<true>);
                            }
                            #[cfg(target_arch = "x86_64")]
                            #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,fma")]
                            fn avx512(elements: &mut [$real]) {
                                all(elements, $function::<true>);
                            }
                            #[cfg(target_arch = "x86_64")]
                            #[target_feature(enable = "fma")]
                            fn one_fused(x: $real) -> $real {
                                $function::<true>(x)
                            }
                            extern "C" fn array(start: *mut $real, n: usize) {
                                // SAFETY: compiled code passes where an array starts and how many elements it has;
                                // the level says which instructions there are.
                                unsafe {
                                    let elements = std::slice::from_raw_parts_mut(start, n);
                                    match Level::here() {
                                        Level::Base => all(elements, $function::<BASE_FUSED>),
                                        #[cfg(target_arch = "x86_64")]
                                        Level::Avx2 => avx2(elements),
                                        #[cfg(target_arch = "x86_64")]
                                        Level::Avx512 => avx512(elements),
                                    }
                                }
                            }
                            extern "C" fn one(x: $real) -> $real {
                                match Level::here() {
                                    Level::Base => $function::<BASE_FUSED>(x),
                                    // SAFETY: these levels have fused products.
                                    #[cfg(target_arch = "x86_64")]
                                    Level::Avx2 | Level::Avx512 => unsafe { one_fused(x) },
                                }
                            }
                            Some(Pointwise {
                                array: array as *const u8,
                                one: one as *const u8,
                            })
                        }};
                    }

            /// Whether every machine of this kind has fused products.
            const BASE_FUSED: bool = cfg!(target_arch = "aarch64");

            pub fn kernel(op: UnaryOp) -> Option<Pointwise> {
                match op {
                    UnaryOp::Exp => function!(exp),
                    UnaryOp::Log => function!(log),
                    UnaryOp::Tanh => function!(tanh),
                    UnaryOp::Sigmoid => function!(sigmoid),
                    UnaryOp::Neg
                    | UnaryOp::Abs
                    | UnaryOp::Sign
                    | UnaryOp::Floor
                    | UnaryOp::Ceil
                    | UnaryOp::Round
                    | UnaryOp::Trunc
                    | UnaryOp::Exp2
                    | UnaryOp::Sqrt
                    | UnaryOp::Cbrt
                    | UnaryOp::Expm1
                    | UnaryOp::Log2
                    | UnaryOp::Log10
                    | UnaryOp::Log1p
                    | UnaryOp::Sin
                    | UnaryOp::Cos
                    | UnaryOp::Tan
                    | UnaryOp::Asin
                    | UnaryOp::Acos
                    | UnaryOp::Atan
                    | UnaryOp::Sinh
                    | UnaryOp::Cosh
                    | UnaryOp::Asinh
                    | UnaryOp::Acosh
                    | UnaryOp::Atanh
                    | UnaryOp::Erf
                    | UnaryOp::Erfc
                    | UnaryOp::Erfinv
                    | UnaryOp::Lgamma
                    | UnaryOp::Not => None,
                }
            }
        }
    };
}

// The polynomials of `exp` and `tanh` are Chebyshev fits.
kernels!(
    f32s, f32, i32, u32, fraction 23, bias 127, range -104.0 to 89.0,
    ln2 [0.691_406_25, 0.001_740_930_6], grow 25,
    exp [
        0.001_392_692_7,
        0.008_363_774,
        0.041_666_55,
        0.166_665_73,
        0.5,
    ],
    tanh [
        -0.006_096_714,
        0.020_997_18,
        -0.053_850_91,
        0.133_327_7,
        -0.333_333_3,
    ],
    log 4
);
kernels!(
    f64s, f64, i64, u64, fraction 52, bias 1023, range -746.0 to 710.0,
    ln2 [0.693_146_705_627_441_4, 4.749_325_039_031_672_6e-7], grow 54,
    exp [
        2.091_544_229_778_011_6e-9,
        2.510_627_473_357_329_6e-8,
        2.755_727_181_021_98e-7,
        2.755_725_283_351_691e-6,
        2.480_158_732_700_718_7e-5,
        0.000_198_412_698_768_643_5,
        0.001_388_888_888_888_332_7,
        0.008_333_333_333_325_544,
        0.041_666_666_666_666_67,
        0.166_666_666_666_666_7,
        0.5,
    ],
    tanh [
        -1.724_487_449_484_433e-5,
        7.959_955_735_264_808e-5,
        -0.000_230_776_162_695_198_57,
        0.000_587_437_286_009_438_2,
        -0.001_455_309_297_534_642,
        0.003_592_058_977_473_455,
        -0.008_863_229_830_925_709,
        0.021_869_488_260_559_115,
        -0.053_968_253_961_395_57,
        0.133_333_333_333_266_58,
        -0.333_333_333_333_333_2,
    ],

    log 10
);
