//! Functions of floating-point numbers, at both widths.

use super::special;
use crate::prim::{BinaryOp, UnaryOp};

/// Writes a function from the library twice: at `f32` and at `f64`.
macro_rules! from_libm {
    ($($op:ident: $f32:ident = $lib32:ident, $f64:ident = $lib64:ident;)*) => {$(
        #[doc = concat!("[`UnaryOp::", stringify!($op), "`] at `f32`.")]
        pub extern "C" fn $f32(x: f32) -> f32 { libm::$lib32(x) }
        #[doc = concat!("[`UnaryOp::", stringify!($op), "`] at `f64`.")]
        pub extern "C" fn $f64(x: f64) -> f64 { libm::$lib64(x) }
    )*};
}

from_libm! {
    Abs: abs_f32 = fabsf, abs_f64 = fabs;
    Floor: floor_f32 = floorf, floor_f64 = floor;
    Ceil: ceil_f32 = ceilf, ceil_f64 = ceil;
    Round: round_f32 = roundevenf, round_f64 = roundeven;
    Trunc: trunc_f32 = truncf, trunc_f64 = trunc;
    Exp: exp_f32 = expf, exp_f64 = exp;
    Exp2: exp2_f32 = exp2f, exp2_f64 = exp2;
    Expm1: expm1_f32 = expm1f, expm1_f64 = expm1;
    Log: log_f32 = logf, log_f64 = log;
    Log2: log2_f32 = log2f, log2_f64 = log2;
    Log10: log10_f32 = log10f, log10_f64 = log10;
    Log1p: log1p_f32 = log1pf, log1p_f64 = log1p;
    Sqrt: sqrt_f32 = sqrtf, sqrt_f64 = sqrt;
    Cbrt: cbrt_f32 = cbrtf, cbrt_f64 = cbrt;
    Sin: sin_f32 = sinf, sin_f64 = sin;
    Cos: cos_f32 = cosf, cos_f64 = cos;
    Tan: tan_f32 = tanf, tan_f64 = tan;
    Asin: asin_f32 = asinf, asin_f64 = asin;
    Acos: acos_f32 = acosf, acos_f64 = acos;
    Atan: atan_f32 = atanf, atan_f64 = atan;
    Sinh: sinh_f32 = sinhf, sinh_f64 = sinh;
    Cosh: cosh_f32 = coshf, cosh_f64 = cosh;
    Tanh: tanh_f32 = tanhf, tanh_f64 = tanh;
    Asinh: asinh_f32 = asinhf, asinh_f64 = asinh;
    Acosh: acosh_f32 = acoshf, acosh_f64 = acosh;
    Atanh: atanh_f32 = atanhf, atanh_f64 = atanh;
    Erf: erf_f32 = erff, erf_f64 = erf;
    Erfc: erfc_f32 = erfcf, erfc_f64 = erfc;
    Lgamma: lgamma_f32 = lgammaf, lgamma_f64 = lgamma;
}

/// Writes the functions that are ours, at one width.
macro_rules! our_own {
    ($real:ty, $neg:ident, $sign:ident, $sigmoid:ident, $exp:ident, $add:ident, $sub:ident,
     $mul:ident, $div:ident, $max:ident, $min:ident, $pow:ident = $libpow:ident,
     $atan2:ident = $libatan2:ident, $hypot:ident = $libhypot:ident,
     $rem:ident = $libfmod:ident, $erfinv:ident, $polygamma:ident) => {
        /// [`UnaryOp::Neg`]: the sign flipped, also of a zero.
        pub extern "C" fn $neg(x: $real) -> $real {
            -x
        }

        /// [`UnaryOp::Sign`]: -1, 0 or 1, and NaN for NaN. Both zeros give +0.
        pub extern "C" fn $sign(x: $real) -> $real {
            if x > 0.0 {
                1.0
            } else if x < 0.0 {
                -1.0
            } else if x == 0.0 {
                0.0
            } else {
                x
            }
        }

        /// [`UnaryOp::Sigmoid`]: the exponential is only taken of what is not positive.
        pub extern "C" fn $sigmoid(x: $real) -> $real {
            if x >= 0.0 {
                1.0 / (1.0 + $exp(-x))
            } else {
                let e = $exp(x);
                e / (1.0 + e)
            }
        }

        /// [`BinaryOp::Add`].
        pub extern "C" fn $add(x: $real, y: $real) -> $real {
            x + y
        }

        /// [`BinaryOp::Sub`].
        pub extern "C" fn $sub(x: $real, y: $real) -> $real {
            x - y
        }

        /// [`BinaryOp::Mul`].
        pub extern "C" fn $mul(x: $real, y: $real) -> $real {
            x * y
        }

        /// [`BinaryOp::Div`].
        pub extern "C" fn $div(x: $real, y: $real) -> $real {
            x / y
        }

        /// [`BinaryOp::Max`]: NaN if either is NaN; +0 is above -0.
        pub extern "C" fn $max(x: $real, y: $real) -> $real {
            if x > y {
                x
            } else if y > x {
                y
            } else if x == y {
                if x.is_sign_negative() { y } else { x }
            } else {
                x + y // one of them is NaN
            }
        }

        /// [`BinaryOp::Min`]: NaN if either is NaN; -0 is below +0.
        pub extern "C" fn $min(x: $real, y: $real) -> $real {
            if x < y {
                x
            } else if y < x {
                y
            } else if x == y {
                if x.is_sign_negative() { x } else { y }
            } else {
                x + y // one of them is NaN
            }
        }

        /// [`BinaryOp::Pow`].
        pub extern "C" fn $pow(x: $real, y: $real) -> $real {
            libm::$libpow(x, y)
        }

        /// [`BinaryOp::Atan2`]: the angle of the point `(x, y)`.
        pub extern "C" fn $atan2(y: $real, x: $real) -> $real {
            libm::$libatan2(y, x)
        }

        /// [`BinaryOp::Hypot`].
        pub extern "C" fn $hypot(x: $real, y: $real) -> $real {
            libm::$libhypot(x, y)
        }

        /// [`BinaryOp::Rem`]: with the divisor's sign; NaN by zero.
        pub extern "C" fn $rem(x: $real, y: $real) -> $real {
            let rest = libm::$libfmod(x, y);
            if rest != 0.0 && (rest < 0.0) != (y < 0.0) {
                rest + y
            } else {
                rest
            }
        }

        /// [`UnaryOp::Erfinv`], by way of double precision.
        pub extern "C" fn $erfinv(x: $real) -> $real {
            special::erfinv(f64::from(x)) as $real
        }

        /// [`BinaryOp::Polygamma`], by way of double precision.
        pub extern "C" fn $polygamma(n: $real, x: $real) -> $real {
            special::polygamma(f64::from(n), f64::from(x)) as $real
        }
    };
}

our_own!(
    f32,
    neg_f32,
    sign_f32,
    sigmoid_f32,
    exp_f32,
    add_f32,
    sub_f32,
    mul_f32,
    div_f32,
    max_f32,
    min_f32,
    pow_f32 = powf,
    atan2_f32 = atan2f,
    hypot_f32 = hypotf,
    rem_f32 = fmodf,
    erfinv_f32,
    polygamma_f32
);
our_own!(
    f64,
    neg_f64,
    sign_f64,
    sigmoid_f64,
    exp_f64,
    add_f64,
    sub_f64,
    mul_f64,
    div_f64,
    max_f64,
    min_f64,
    pow_f64 = pow,
    atan2_f64 = atan2,
    hypot_f64 = hypot,
    rem_f64 = fmod,
    erfinv_f64,
    polygamma_f64
);

/// Writes the choice of a function by its operation, at one width.
macro_rules! choose {
    ($real:ty, $unary:ident, $binary:ident,
     { $($u:ident => $uf:ident,)* }, { $($b:ident => $bf:ident,)* }) => {
        /// The function of an operation; `None` for one that the reals lack.
        pub fn $unary(op: UnaryOp) -> Option<extern "C" fn($real) -> $real> {
            match op {
                $(UnaryOp::$u => Some($uf),)*
                UnaryOp::Not => None,
            }
        }

        /// The function of an operation; `None` for one that the reals lack.
        pub fn $binary(op: BinaryOp) -> Option<extern "C" fn($real, $real) -> $real> {
            match op {
                $(BinaryOp::$b => Some($bf),)*
                BinaryOp::And | BinaryOp::Or => None,
            }
        }
    };
}

choose!(f32, unary_f32, binary_f32, {
    Neg => neg_f32, Abs => abs_f32, Sign => sign_f32,
    Floor => floor_f32, Ceil => ceil_f32, Round => round_f32, Trunc => trunc_f32,
    Exp => exp_f32, Exp2 => exp2_f32, Expm1 => expm1_f32, Log => log_f32, Log2 => log2_f32,
    Log10 => log10_f32, Log1p => log1p_f32, Sqrt => sqrt_f32, Cbrt => cbrt_f32,
    Sin => sin_f32, Cos => cos_f32, Tan => tan_f32,
    Asin => asin_f32, Acos => acos_f32, Atan => atan_f32,
    Sinh => sinh_f32, Cosh => cosh_f32, Tanh => tanh_f32,
    Asinh => asinh_f32, Acosh => acosh_f32, Atanh => atanh_f32,
    Sigmoid => sigmoid_f32, Erf => erf_f32, Erfc => erfc_f32, Erfinv => erfinv_f32,
    Lgamma => lgamma_f32,
}, {
    Add => add_f32, Sub => sub_f32, Mul => mul_f32, Div => div_f32,
    Pow => pow_f32, Max => max_f32, Min => min_f32, Atan2 => atan2_f32,
    Hypot => hypot_f32, Rem => rem_f32, Polygamma => polygamma_f32,
});
choose!(f64, unary_f64, binary_f64, {
    Neg => neg_f64, Abs => abs_f64, Sign => sign_f64,
    Floor => floor_f64, Ceil => ceil_f64, Round => round_f64, Trunc => trunc_f64,
    Exp => exp_f64, Exp2 => exp2_f64, Expm1 => expm1_f64, Log => log_f64, Log2 => log2_f64,
    Log10 => log10_f64, Log1p => log1p_f64, Sqrt => sqrt_f64, Cbrt => cbrt_f64,
    Sin => sin_f64, Cos => cos_f64, Tan => tan_f64,
    Asin => asin_f64, Acos => acos_f64, Atan => atan_f64,
    Sinh => sinh_f64, Cosh => cosh_f64, Tanh => tanh_f64,
    Asinh => asinh_f64, Acosh => acosh_f64, Atanh => atanh_f64,
    Sigmoid => sigmoid_f64, Erf => erf_f64, Erfc => erfc_f64, Erfinv => erfinv_f64,
    Lgamma => lgamma_f64,
}, {
    Add => add_f64, Sub => sub_f64, Mul => mul_f64, Div => div_f64,
    Pow => pow_f64, Max => max_f64, Min => min_f64, Atan2 => atan2_f64,
    Hypot => hypot_f64, Rem => rem_f64, Polygamma => polygamma_f64,
});

/// log Σ exp at `f32`: the maximum is taken out, so that no exponential overflows.
/// The maximum itself if it is infinite or NaN (minus infinity for no elements).
pub fn log_sum_exp_f32(elements: impl Iterator<Item = f32> + Clone) -> f32 {
    let top = elements
        .clone()
        .fold(f32::NEG_INFINITY, |x, y| max_f32(x, y));
    if !top.is_finite() {
        return top;
    }
    top + log_f32(elements.fold(0.0, |sum, x| sum + exp_f32(x - top)))
}

/// log Σ exp at `f64`; see [`log_sum_exp_f32`].
pub fn log_sum_exp_f64(elements: impl Iterator<Item = f64> + Clone) -> f64 {
    let top = elements
        .clone()
        .fold(f64::NEG_INFINITY, |x, y| max_f64(x, y));
    if !top.is_finite() {
        return top;
    }
    top + log_f64(elements.fold(0.0, |sum, x| sum + exp_f64(x - top)))
}
