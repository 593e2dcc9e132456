//! Carriers (the scalar domains), array types over them, and literals.

use std::fmt;

/// A scalar domain, concrete after specialisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Carrier {
    /// IEEE 754 binary32, read as a real number.
    F32,
    /// IEEE 754 binary64, read as a real number.
    F64,
    /// The field Z2: `+` is exclusive or, `*` is conjunction.
    Bit,
    /// The integers modulo `n`, with `2 <= n < 2^32`, as representatives `0..n`.
    Mod(u32),
    /// A 64-bit two's-complement integer that wraps: a label, a count or an index.
    Int,
    /// A condition.
    Bool,
}

impl Carrier {
    /// The carrier of changes: itself for rings, `None` (the unit type) for `Int` and `Bool`.
    pub fn changes(self) -> Option<Carrier> {
        match self {
            Carrier::F32 | Carrier::F64 | Carrier::Bit | Carrier::Mod(_) => Some(self),
            Carrier::Int | Carrier::Bool => None,
        }
    }

    /// Whether values of this carrier have nontrivial changes.
    pub fn differentiable(self) -> bool {
        self.changes().is_some()
    }

    /// Whether the carrier is a floating-point stand-in for the reals.
    pub fn is_real(self) -> bool {
        matches!(self, Carrier::F32 | Carrier::F64)
    }

    /// Bytes of one element in an ordinary buffer.
    pub fn bytes(self) -> usize {
        match self {
            Carrier::F32 => 4,
            Carrier::F64 | Carrier::Int => 8,
            Carrier::Mod(_) => 4,
            Carrier::Bit | Carrier::Bool => 1,
        }
    }
}

impl fmt::Display for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Carrier::F32 => write!(f, "f32"),
            Carrier::F64 => write!(f, "f64"),
            Carrier::Bit => write!(f, "bit"),
            Carrier::Mod(n) => write!(f, "mod{n}"),
            Carrier::Int => write!(f, "int"),
            Carrier::Bool => write!(f, "bool"),
        }
    }
}

/// The type of a slot: an array over a carrier; a scalar has the empty shape. Row-major.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Type {
    /// What the elements are.
    pub carrier: Carrier,
    /// The length of each axis, outermost first.
    pub shape: Vec<usize>,
}

impl Type {
    /// An array type.
    pub fn array(carrier: Carrier, shape: impl Into<Vec<usize>>) -> Type {
        Type {
            carrier,
            shape: shape.into(),
        }
    }

    /// A scalar type.
    pub fn scalar(carrier: Carrier) -> Type {
        Type {
            carrier,
            shape: Vec::new(),
        }
    }

    /// Number of axes.
    pub fn rank(&self) -> usize {
        self.shape.len()
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether some axis has length zero.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same shape over another carrier.
    pub fn with_carrier(&self, carrier: Carrier) -> Type {
        Type {
            carrier,
            shape: self.shape.clone(),
        }
    }

    /// The type of `n` stacked copies, along a new leading axis.
    pub fn stacked(&self, n: usize) -> Type {
        let mut shape = Vec::with_capacity(self.rank() + 1);
        shape.push(n);
        shape.extend_from_slice(&self.shape);
        Type {
            carrier: self.carrier,
            shape,
        }
    }

    /// The type of one element along the leading axis; `None` for a scalar.
    pub fn element(&self) -> Option<Type> {
        let (_, rest) = self.shape.split_first()?;
        Some(Type {
            carrier: self.carrier,
            shape: rest.to_vec(),
        })
    }

    /// Whether the type of changes is not the unit type.
    pub fn differentiable(&self) -> bool {
        self.carrier.differentiable()
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.carrier)?;
        if !self.shape.is_empty() {
            let sizes: Vec<String> = self.shape.iter().map(usize::to_string).collect();
            write!(f, "[{}]", sizes.join(", "))?;
        }
        Ok(())
    }
}

/// A scalar constant: its carrier and the bits of its representation, so that it can be hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Literal {
    carrier: Carrier,
    bits: u64,
}

impl Literal {
    /// The real `value` at carrier `F32` or `F64` (rounded to nearest).
    pub fn real(carrier: Carrier, value: f64) -> Literal {
        let bits = match carrier {
            Carrier::F32 => u64::from((value as f32).to_bits()),
            Carrier::F64 => value.to_bits(),
            Carrier::Bit | Carrier::Mod(_) | Carrier::Int | Carrier::Bool => {
                panic!("a real literal at carrier {carrier}")
            }
        };
        Literal { carrier, bits }
    }

    /// A number at carrier `F32`, with its very bits.
    pub fn from_f32(value: f32) -> Literal {
        Literal {
            carrier: Carrier::F32,
            bits: u64::from(value.to_bits()),
        }
    }

    /// The image of an integer in any carrier: the unique ring homomorphism from Z
    /// (`Bool`: whether it is not zero).
    pub fn integer(carrier: Carrier, value: i64) -> Literal {
        let bits = match carrier {
            Carrier::F32 | Carrier::F64 => return Literal::real(carrier, value as f64),
            Carrier::Bit => value.rem_euclid(2) as u64,
            Carrier::Mod(n) => value.rem_euclid(i64::from(n)) as u64,
            Carrier::Int => value as u64,
            Carrier::Bool => u64::from(value != 0),
        };
        Literal { carrier, bits }
    }

    /// The zero of a carrier (`false` for `Bool`).
    pub fn zero(carrier: Carrier) -> Literal {
        Literal::integer(carrier, 0)
    }

    /// The one of a carrier (`true` for `Bool`).
    pub fn one(carrier: Carrier) -> Literal {
        Literal::integer(carrier, 1)
    }

    /// The carrier.
    pub fn carrier(self) -> Carrier {
        self.carrier
    }

    /// The bits of the representation: of the float, or the integer itself.
    pub fn bits(self) -> u64 {
        self.bits
    }

    /// The value as a real number.
    pub fn as_f64(self) -> f64 {
        match self.carrier {
            Carrier::F32 => f64::from(f32::from_bits(self.bits as u32)),
            Carrier::F64 => f64::from_bits(self.bits),
            Carrier::Int => self.bits as i64 as f64,
            Carrier::Bit | Carrier::Mod(_) | Carrier::Bool => self.bits as f64,
        }
    }

    /// The value as an integer, for carriers that are not real.
    pub fn as_i64(self) -> i64 {
        debug_assert!(!self.carrier.is_real());
        self.bits as i64
    }

    /// Whether it is (positive) zero.
    pub fn is_zero(self) -> bool {
        self.bits == 0
    }

    /// Whether it is the one of its carrier.
    pub fn is_one(self) -> bool {
        self == Literal::one(self.carrier)
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.carrier {
            // `{:?}` prints the shortest text that reads back to the same float.
            Carrier::F32 => write!(f, "{:?}", f32::from_bits(self.bits as u32)),
            Carrier::F64 => write!(f, "{:?}", f64::from_bits(self.bits)),
            Carrier::Int => write!(f, "{}", self.bits as i64),
            Carrier::Bit | Carrier::Mod(_) => write!(f, "{}", self.bits),
            Carrier::Bool => write!(f, "{}", self.bits != 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_changes_are_changes() {
        let carriers = [
            Carrier::F32,
            Carrier::F64,
            Carrier::Bit,
            Carrier::Mod(7),
            Carrier::Int,
            Carrier::Bool,
        ];
        for c in carriers {
            let once = c.changes();
            assert_eq!(once.and_then(Carrier::changes), once, "{c}");
        }
    }

    #[test]
    fn integers_map_into_every_carrier() {
        assert_eq!(
            Literal::integer(Carrier::Bit, -1),
            Literal::one(Carrier::Bit)
        );
        assert_eq!(Literal::integer(Carrier::Mod(7), -1).as_i64(), 6);
        assert_eq!(Literal::integer(Carrier::F32, 3).as_f64(), 3.0);
    }
}
