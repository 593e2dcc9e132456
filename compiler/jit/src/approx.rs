//! Emits exponentials and their kin as polynomials on vectors of reals, where results need not be exact.
//!
//! Each is within a few units in the last place of the evaluator's function (the tests say how many), and
//! treats infinities and NaN alike. The polynomials are Chebyshev fits of the functions named beside them.

use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::{Endianness, InstBuilder, MemFlagsData, Type, Value, types};
use cranelift_frontend::FunctionBuilder;
use lentil_unary::{Carrier, UnaryOp};

/// Whether a function has an approximation.
pub fn has(op: UnaryOp) -> bool {
    matches!(op, UnaryOp::Exp | UnaryOp::Tanh | UnaryOp::Sigmoid)
}

/// A function of a vector; `None` if it has no approximation.
pub fn emit(
    builder: &mut FunctionBuilder,
    carrier: Carrier,
    op: UnaryOp,
    x: Value,
) -> Option<Value> {
    let mut vector = Vector {
        builder,
        real: if carrier == Carrier::F32 { &F32 } else { &F64 },
    };
    match op {
        UnaryOp::Exp => Some(vector.exp(x)),
        UnaryOp::Tanh => Some(vector.tanh(x)),
        UnaryOp::Sigmoid => Some(vector.sigmoid(x)),
        _ => None,
    }
}

/// What depends on the format of a real.
struct Real {
    ty: Type,
    bits: Type,
    /// Bits of the fraction, and the exponent of one.
    fraction: i64,
    bias: i64,
    /// Added to a number of moderate size, it leaves the nearest integer in the low bits: 1.5 · 2^fraction.
    magic: f64,
    /// Beyond these the exponential is zero or infinite.
    low: f64,
    high: f64,
    /// ln 2 in two parts; multiples of the first are exact.
    ln2: [f64; 2],
    /// (e^r - 1 - r) / r² for |r| ≤ ln 2 / 2, highest power first.
    exp: &'static [f64],
    /// (tanh x / x - 1) / x² as a polynomial in x², for |x| ≤ 0.625, highest power first.
    tanh: &'static [f64],
}

const F32: Real = Real {
    ty: types::F32X4,
    bits: types::I32X4,
    fraction: 23,
    bias: 127,
    magic: 12_582_912.0,
    low: -104.0,
    high: 89.0,
    ln2: [0.691_406_25, 0.001_740_930_559_945_309_4],
    exp: &[
        0.001_392_692_661_402_190_7,
        0.008_363_773_874_405_574,
        0.041_666_550_110_305_12,
        0.166_665_733_819_008_45,
        0.5,
    ],
    tanh: &[
        -0.006_096_714_165_908_197,
        0.020_997_178_999_074_75,
        -0.053_850_909_578_513_58,
        0.133_327_697_369_763_27,
        -0.333_333_289_441_342_55,
    ],
};

const F64: Real = Real {
    ty: types::F64X2,
    bits: types::I64X2,
    fraction: 52,
    bias: 1023,
    magic: 6_755_399_441_055_744.0,
    low: -746.0,
    high: 710.0,
    ln2: [0.693_146_705_627_441_4, 4.749_325_039_031_672_6e-7],
    exp: &[
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
    tanh: &[
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
};

struct Vector<'a, 'b> {
    builder: &'a mut FunctionBuilder<'b>,
    real: &'static Real,
}

impl Vector<'_, '_> {
    fn constant(&mut self, x: f64) -> Value {
        let scalar = if self.real.ty == types::F32X4 {
            self.builder.ins().f32const(x as f32)
        } else {
            self.builder.ins().f64const(x)
        };
        self.builder.ins().splat(self.real.ty, scalar)
    }

    fn integers(&mut self, n: i64) -> Value {
        let lane = self.real.bits.lane_type();
        let scalar = self.builder.ins().iconst(lane, n);
        self.builder.ins().splat(self.real.bits, scalar)
    }

    fn add(&mut self, x: Value, y: Value) -> Value {
        self.builder.ins().fadd(x, y)
    }

    fn sub(&mut self, x: Value, y: Value) -> Value {
        self.builder.ins().fsub(x, y)
    }

    fn mul(&mut self, x: Value, y: Value) -> Value {
        self.builder.ins().fmul(x, y)
    }

    fn bits(&mut self, x: Value) -> Value {
        self.cast(self.real.bits, x)
    }

    fn reals(&mut self, x: Value) -> Value {
        self.cast(self.real.ty, x)
    }

    fn cast(&mut self, ty: Type, x: Value) -> Value {
        let flags = MemFlagsData::new().with_endianness(Endianness::Little);
        self.builder.ins().bitcast(ty, flags, x)
    }

    /// `x` where a comparison holds, else `y`.
    fn choose(&mut self, mask: Value, x: Value, y: Value) -> Value {
        let (x, y) = (self.bits(x), self.bits(y));
        let chosen = self.builder.ins().bitselect(mask, x, y);
        self.reals(chosen)
    }

    /// Horner's scheme, highest power first.
    fn polynomial(&mut self, coefficients: &[f64], x: Value) -> Value {
        let mut sum = self.constant(coefficients[0]);
        for &c in &coefficients[1..] {
            let (product, c) = (self.mul(sum, x), self.constant(c));
            sum = self.add(product, c);
        }
        sum
    }

    /// e^x = 2^k · e^r, with k the nearest integer to x / ln 2.
    fn exp(&mut self, x: Value) -> Value {
        let (low, high) = (self.constant(self.real.low), self.constant(self.real.high));
        // A NaN is below and above nothing, so it stays.
        let below = self.builder.ins().fcmp(FloatCC::LessThan, x, low);
        let x = self.choose(below, low, x);
        let above = self.builder.ins().fcmp(FloatCC::LessThan, high, x);
        let x = self.choose(above, high, x);
        let (magic, log2e) = (self.constant(self.real.magic), std::f64::consts::LOG2_E);
        let log2e = self.constant(log2e);
        let scaled = self.mul(x, log2e);
        let shifted = self.add(scaled, magic);
        let k = self.sub(shifted, magic);
        let mut r = x;
        for part in self.real.ln2 {
            let part = self.constant(part);
            let whole = self.mul(k, part);
            r = self.sub(r, whole);
        }
        let p = self.polynomial(self.real.exp, r);
        let square = self.mul(r, r);
        let tail = self.mul(square, p);
        let tail = self.add(tail, r);
        let one = self.constant(1.0);
        let y = self.add(tail, one);
        // 2^k in two factors: k itself may lie outside of the exponents, and the result be subnormal.
        let (shifted, magic) = (self.bits(shifted), self.bits(magic));
        let k = self.builder.ins().isub(shifted, magic);
        let half = self.shift_right_one(k);
        let rest = self.builder.ins().isub(k, half);
        let first = self.power_of_two(half);
        let second = self.power_of_two(rest);
        let y = self.mul(y, first);
        self.mul(y, second)
    }

    fn shift_right_one(&mut self, x: Value) -> Value {
        let one = self.builder.ins().iconst(types::I32, 1);
        self.builder.ins().sshr(x, one)
    }

    fn power_of_two(&mut self, k: Value) -> Value {
        let bias = self.integers(self.real.bias);
        let exponent = self.builder.ins().iadd(k, bias);
        let by = self.builder.ins().iconst(types::I32, self.real.fraction);
        let bits = self.builder.ins().ishl(exponent, by);
        self.reals(bits)
    }

    /// Near zero a polynomial, elsewhere 1 - 2 / (e^2|x| + 1), with the sign of `x`.
    fn tanh(&mut self, x: Value) -> Value {
        let size = self.builder.ins().fabs(x);
        let square = self.mul(x, x);
        let p = self.polynomial(self.real.tanh, square);
        let tail = self.mul(square, p);
        let tail = self.mul(tail, size);
        let near = self.add(size, tail);
        let double = self.add(size, size);
        let e = self.exp(double);
        let (one, two) = (self.constant(1.0), self.constant(2.0));
        let sum = self.add(e, one);
        let part = self.builder.ins().fdiv(two, sum);
        let far = self.sub(one, part);
        let limit = self.constant(0.625);
        let small = self.builder.ins().fcmp(FloatCC::LessThan, size, limit);
        let chosen = self.choose(small, near, far);
        self.with_sign(chosen, x)
    }

    /// What is not negative, with the sign of another.
    fn with_sign(&mut self, size: Value, sign: Value) -> Value {
        let (size, sign) = (self.bits(size), self.bits(sign));
        let mask = if self.real.ty == types::F32X4 {
            1 << 31
        } else {
            i64::MIN
        };
        let mask = self.integers(mask);
        let sign = self.builder.ins().band(sign, mask);
        let both = self.builder.ins().bor(size, sign);
        self.reals(both)
    }

    /// 1 / (1 + e^-|x|), times e^-|x| where `x` is negative.
    fn sigmoid(&mut self, x: Value) -> Value {
        let size = self.builder.ins().fabs(x);
        let minus = self.builder.ins().fneg(size);
        let e = self.exp(minus);
        let (zero, one) = (self.constant(0.0), self.constant(1.0));
        let sum = self.add(one, e);
        let negative = self.builder.ins().fcmp(FloatCC::LessThan, x, zero);
        let above = self.choose(negative, e, one);
        self.builder.ins().fdiv(above, sum)
    }
}
