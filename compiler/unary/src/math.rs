//! The scalar functions, one for each operation and carrier, shared by the evaluator and compiled code.
//!
//! The transcendental functions come from the crate `libm`, so that a result does not depend on the
//! platform's own library; addition, multiplication, division and square root are those of IEEE 754.
//! Nothing is contracted to a fused multiply-add and nothing is reassociated.
//! Two runs agree bit for bit, up to the payload and sign of a NaN, which IEEE 754 leaves open.
//!
//! The functions over reals have the C calling convention, so that compiled code can call these very ones.

use crate::prim::{BinaryOp, CompareOp, UnaryOp};

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
    Exp: exp_f32 = expf, exp_f64 = exp;
    Expm1: expm1_f32 = expm1f, expm1_f64 = expm1;
    Log: log_f32 = logf, log_f64 = log;
    Log1p: log1p_f32 = log1pf, log1p_f64 = log1p;
    Sqrt: sqrt_f32 = sqrtf, sqrt_f64 = sqrt;
    Sin: sin_f32 = sinf, sin_f64 = sin;
    Cos: cos_f32 = cosf, cos_f64 = cos;
    Tan: tan_f32 = tanf, tan_f64 = tan;
    Asin: asin_f32 = asinf, asin_f64 = asin;
    Acos: acos_f32 = acosf, acos_f64 = acos;
    Atan: atan_f32 = atanf, atan_f64 = atan;
    Sinh: sinh_f32 = sinhf, sinh_f64 = sinh;
    Cosh: cosh_f32 = coshf, cosh_f64 = cosh;
    Tanh: tanh_f32 = tanhf, tanh_f64 = tanh;
    Erf: erf_f32 = erff, erf_f64 = erf;
}

/// Writes the functions that are ours, at one width.
macro_rules! our_own {
    ($real:ty, $neg:ident, $sign:ident, $sigmoid:ident, $exp:ident, $add:ident, $sub:ident,
     $mul:ident, $div:ident, $max:ident, $min:ident, $pow:ident = $libpow:ident,
     $atan2:ident = $libatan2:ident) => {
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
    atan2_f32 = atan2f
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
    atan2_f64 = atan2
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
                BinaryOp::Rem | BinaryOp::And | BinaryOp::Or => None,
            }
        }
    };
}

choose!(f32, unary_f32, binary_f32, {
    Neg => neg_f32, Abs => abs_f32, Sign => sign_f32,
    Floor => floor_f32, Ceil => ceil_f32, Round => round_f32,
    Exp => exp_f32, Expm1 => expm1_f32, Log => log_f32, Log1p => log1p_f32, Sqrt => sqrt_f32,
    Sin => sin_f32, Cos => cos_f32, Tan => tan_f32,
    Asin => asin_f32, Acos => acos_f32, Atan => atan_f32,
    Sinh => sinh_f32, Cosh => cosh_f32, Tanh => tanh_f32,
    Sigmoid => sigmoid_f32, Erf => erf_f32,
}, {
    Add => add_f32, Sub => sub_f32, Mul => mul_f32, Div => div_f32,
    Pow => pow_f32, Max => max_f32, Min => min_f32, Atan2 => atan2_f32,
});
choose!(f64, unary_f64, binary_f64, {
    Neg => neg_f64, Abs => abs_f64, Sign => sign_f64,
    Floor => floor_f64, Ceil => ceil_f64, Round => round_f64,
    Exp => exp_f64, Expm1 => expm1_f64, Log => log_f64, Log1p => log1p_f64, Sqrt => sqrt_f64,
    Sin => sin_f64, Cos => cos_f64, Tan => tan_f64,
    Asin => asin_f64, Acos => acos_f64, Atan => atan_f64,
    Sinh => sinh_f64, Cosh => cosh_f64, Tanh => tanh_f64,
    Sigmoid => sigmoid_f64, Erf => erf_f64,
}, {
    Add => add_f64, Sub => sub_f64, Mul => mul_f64, Div => div_f64,
    Pow => pow_f64, Max => max_f64, Min => min_f64, Atan2 => atan2_f64,
});

/// Floor division over `Int`. Total, so that it may be computed where its result is not used:
/// a quotient by zero is 0, and the least integer by -1 wraps.
pub extern "C" fn div_int(x: i64, y: i64) -> i64 {
    if y == 0 {
        return 0;
    }
    let quotient = x.wrapping_div(y);
    let inexact = x.wrapping_rem(y) != 0;
    if inexact && (x < 0) != (y < 0) {
        quotient - 1
    } else {
        quotient
    }
}

/// The remainder of floor division over `Int`, with the divisor's sign; `x` itself by zero.
pub extern "C" fn rem_int(x: i64, y: i64) -> i64 {
    if y == 0 {
        return x;
    }
    let remainder = x.wrapping_rem(y);
    if remainder != 0 && (remainder < 0) != (y < 0) {
        remainder + y
    } else {
        remainder
    }
}

/// An operation of one argument over `Int`, wrapping; `None` for one that `Int` lacks.
pub fn unary_int(op: UnaryOp) -> Option<fn(i64) -> i64> {
    match op {
        UnaryOp::Neg => Some(i64::wrapping_neg),
        UnaryOp::Abs => Some(i64::wrapping_abs),
        UnaryOp::Sign => Some(i64::signum),
        UnaryOp::Floor
        | UnaryOp::Ceil
        | UnaryOp::Round
        | UnaryOp::Exp
        | UnaryOp::Expm1
        | UnaryOp::Log
        | UnaryOp::Log1p
        | UnaryOp::Sqrt
        | UnaryOp::Sin
        | UnaryOp::Cos
        | UnaryOp::Tan
        | UnaryOp::Asin
        | UnaryOp::Acos
        | UnaryOp::Atan
        | UnaryOp::Sinh
        | UnaryOp::Cosh
        | UnaryOp::Tanh
        | UnaryOp::Sigmoid
        | UnaryOp::Erf
        | UnaryOp::Not => None,
    }
}

/// An operation of two arguments over `Int`, wrapping; `None` for one that `Int` lacks.
pub fn binary_int(op: BinaryOp) -> Option<fn(i64, i64) -> i64> {
    match op {
        BinaryOp::Add => Some(i64::wrapping_add),
        BinaryOp::Sub => Some(i64::wrapping_sub),
        BinaryOp::Mul => Some(i64::wrapping_mul),
        BinaryOp::Div => Some(|x, y| div_int(x, y)),
        BinaryOp::Rem => Some(|x, y| rem_int(x, y)),
        BinaryOp::Max => Some(|x, y| x.max(y)),
        BinaryOp::Min => Some(|x, y| x.min(y)),
        BinaryOp::Pow | BinaryOp::Atan2 | BinaryOp::And | BinaryOp::Or => None,
    }
}

/// An operation of two arguments modulo the last argument; `None` for one that the ring lacks.
pub fn binary_mod(op: BinaryOp) -> Option<fn(u32, u32, u32) -> u32> {
    match op {
        BinaryOp::Add => Some(|x, y, n| ((u64::from(x) + u64::from(y)) % u64::from(n)) as u32),
        BinaryOp::Sub => {
            Some(|x, y, n| ((u64::from(x) + u64::from(n) - u64::from(y)) % u64::from(n)) as u32)
        }
        BinaryOp::Mul => Some(|x, y, n| ((u64::from(x) * u64::from(y)) % u64::from(n)) as u32),
        BinaryOp::Div
        | BinaryOp::Rem
        | BinaryOp::Pow
        | BinaryOp::Max
        | BinaryOp::Min
        | BinaryOp::Atan2
        | BinaryOp::And
        | BinaryOp::Or => None,
    }
}

/// An operation of two arguments over `Bit` or `Bool`, as 0 or 1; `None` for one that both lack.
pub fn binary_byte(op: BinaryOp) -> Option<fn(u8, u8) -> u8> {
    match op {
        BinaryOp::Add | BinaryOp::Sub => Some(|x, y| x ^ y),
        BinaryOp::Mul | BinaryOp::And => Some(|x, y| x & y),
        BinaryOp::Or => Some(|x, y| x | y),
        BinaryOp::Div
        | BinaryOp::Rem
        | BinaryOp::Pow
        | BinaryOp::Max
        | BinaryOp::Min
        | BinaryOp::Atan2 => None,
    }
}

/// A comparison, by the order of numbers; with a NaN only `Ne` holds.
pub fn compare<T: PartialOrd>(op: CompareOp, x: T, y: T) -> bool {
    match op {
        CompareOp::Eq => x == y,
        CompareOp::Ne => x != y,
        CompareOp::Lt => x < y,
        CompareOp::Le => x <= y,
    }
}

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
