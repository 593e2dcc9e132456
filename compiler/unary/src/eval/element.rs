//! The kinds of elements, so that folds and contractions are written once for all of them.

use crate::carrier::{Carrier, Literal};
use crate::math;
use crate::prim::{BinaryOp, UnaryOp};
use crate::value::Data;

/// A kind of element; the carrier says which ring or order it stands for.
pub(super) trait Element: Copy + PartialOrd {
    fn of(data: &Data) -> &[Self];
    fn of_mut(data: &mut Data) -> &mut [Self];
    fn data(values: Vec<Self>) -> Data;
    fn literal(literal: Literal) -> Self;
    /// The function of an operation, which the typing rules have allowed.
    fn unary(op: UnaryOp, carrier: Carrier) -> impl Fn(Self) -> Self;
    /// The function of an operation, which the typing rules have allowed.
    fn binary(op: BinaryOp, carrier: Carrier) -> impl Fn(Self, Self) -> Self;
    /// Comes before the other in the search for the greatest: NaN is above all.
    fn above(self, other: Self) -> bool {
        self > other
    }
    /// Comes before the other in the search for the least: NaN is below all.
    fn below(self, other: Self) -> bool {
        self < other
    }
}

const TYPED: &str = "the typing rules allow the operation";

macro_rules! kind {
    ($variant:ident) => {
        fn of(data: &Data) -> &[Self] {
            match data {
                Data::$variant(v) => v,
                _ => panic!("elements of another kind"),
            }
        }
        fn of_mut(data: &mut Data) -> &mut [Self] {
            match data {
                Data::$variant(v) => v,
                _ => panic!("elements of another kind"),
            }
        }
        fn data(values: Vec<Self>) -> Data {
            Data::$variant(values)
        }
    };
}

macro_rules! real {
    ($real:ty, $variant:ident, $unary:path, $binary:path, $literal:expr) => {
        impl Element for $real {
            kind!($variant);
            fn literal(literal: Literal) -> Self {
                $literal(literal.bits())
            }
            fn unary(op: UnaryOp, _: Carrier) -> impl Fn(Self) -> Self {
                let f = $unary(op).expect(TYPED);
                move |x| f(x)
            }
            fn binary(op: BinaryOp, _: Carrier) -> impl Fn(Self, Self) -> Self {
                let f = $binary(op).expect(TYPED);
                move |x, y| f(x, y)
            }
            fn above(self, other: Self) -> bool {
                self > other || (self.is_nan() && !other.is_nan())
            }
            fn below(self, other: Self) -> bool {
                self < other || (self.is_nan() && !other.is_nan())
            }
        }
    };
}

real!(f32, F32, math::unary_f32, math::binary_f32, |bits| {
    f32::from_bits(bits as u32)
});
real!(f64, F64, math::unary_f64, math::binary_f64, f64::from_bits);

impl Element for i64 {
    kind!(Int);
    fn literal(literal: Literal) -> Self {
        literal.bits() as i64
    }
    fn unary(op: UnaryOp, _: Carrier) -> impl Fn(Self) -> Self {
        math::unary_int(op).expect(TYPED)
    }
    fn binary(op: BinaryOp, _: Carrier) -> impl Fn(Self, Self) -> Self {
        math::binary_int(op).expect(TYPED)
    }
}

impl Element for u32 {
    kind!(Mod);
    fn literal(literal: Literal) -> Self {
        literal.bits() as u32
    }
    fn unary(op: UnaryOp, carrier: Carrier) -> impl Fn(Self) -> Self {
        assert_eq!(op, UnaryOp::Neg, "{TYPED}");
        let subtract = Self::binary(BinaryOp::Sub, carrier);
        move |x| subtract(0, x)
    }
    fn binary(op: BinaryOp, carrier: Carrier) -> impl Fn(Self, Self) -> Self {
        let f = math::binary_mod(op).expect(TYPED);
        let Carrier::Mod(n) = carrier else {
            panic!("{TYPED}")
        };
        move |x, y| f(x, y, n)
    }
}

impl Element for u8 {
    kind!(Byte);
    fn literal(literal: Literal) -> Self {
        literal.bits() as u8
    }
    fn unary(op: UnaryOp, carrier: Carrier) -> impl Fn(Self) -> Self {
        // The negation of a condition flips it; that of a bit is the bit itself.
        let flip = u8::from(op == UnaryOp::Not);
        assert_eq!(flip == 1, carrier == Carrier::Bool, "{TYPED}");
        move |x| x ^ flip
    }
    fn binary(op: BinaryOp, _: Carrier) -> impl Fn(Self, Self) -> Self {
        math::binary_byte(op).expect(TYPED)
    }
}

/// The elements in another carrier; see [`crate::Prim::Convert`].
pub(super) fn convert(data: &Data, to: Carrier) -> Data {
    match data {
        Data::F32(v) => match to {
            Carrier::F32 => Data::F32(v.clone()),
            Carrier::F64 => Data::F64(v.iter().map(|&x| f64::from(x)).collect()),
            Carrier::Bit | Carrier::Mod(_) | Carrier::Int | Carrier::Bool => {
                from_int(v.iter().map(|&x| x as i64), to)
            }
        },
        Data::F64(v) => match to {
            Carrier::F32 => Data::F32(v.iter().map(|&x| x as f32).collect()),
            Carrier::F64 => Data::F64(v.clone()),
            Carrier::Bit | Carrier::Mod(_) | Carrier::Int | Carrier::Bool => {
                from_int(v.iter().map(|&x| x as i64), to)
            }
        },
        Data::Int(v) => from_int(v.iter().copied(), to),
        Data::Mod(v) => from_int(v.iter().map(|&x| i64::from(x)), to),
        Data::Byte(v) => from_int(v.iter().map(|&x| i64::from(x)), to),
    }
}

fn from_int(values: impl Iterator<Item = i64>, to: Carrier) -> Data {
    let image = |x| Literal::integer(to, x).bits();
    match to {
        Carrier::F32 => Data::F32(values.map(|x| x as f32).collect()),
        Carrier::F64 => Data::F64(values.map(|x| x as f64).collect()),
        Carrier::Int => Data::Int(values.collect()),
        Carrier::Mod(_) => Data::Mod(values.map(|x| image(x) as u32).collect()),
        Carrier::Bit | Carrier::Bool => Data::Byte(values.map(|x| image(x) as u8).collect()),
    }
}
