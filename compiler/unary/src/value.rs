//! Arrays as the evaluators, compiled code and the embedding program exchange them.

use crate::carrier::{Carrier, Literal, Type};
use crate::syntax::Site;

/// The elements of an array in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Elements of [`Carrier::F32`].
    F32(Vec<f32>),
    /// Elements of [`Carrier::F64`].
    F64(Vec<f64>),
    /// Elements of [`Carrier::Int`].
    Int(Vec<i64>),
    /// Elements of [`Carrier::Mod`], each below the modulus.
    Mod(Vec<u32>),
    /// Elements of [`Carrier::Bit`] (0 or 1) and [`Carrier::Bool`] (0 for false, 1 for true).
    Byte(Vec<u8>),
}

impl Data {
    /// Number of elements.
    pub fn len(&self) -> usize {
        match self {
            Data::F32(v) => v.len(),
            Data::F64(v) => v.len(),
            Data::Int(v) => v.len(),
            Data::Mod(v) => v.len(),
            Data::Byte(v) => v.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A value of a slot: an array type with its elements.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    ty: Type,
    data: Data,
}

impl Array {
    /// An array from its parts.
    ///
    /// # Panics
    /// If the number or the kind of the elements is not the type's.
    pub fn new(ty: Type, data: Data) -> Array {
        assert_eq!(ty.len(), data.len(), "elements of {ty}");
        let fits = match (&data, ty.carrier) {
            (Data::F32(_), Carrier::F32)
            | (Data::F64(_), Carrier::F64)
            | (Data::Int(_), Carrier::Int)
            | (Data::Byte(_), Carrier::Bit | Carrier::Bool) => true,
            (Data::Mod(v), Carrier::Mod(n)) => v.iter().all(|&x| x < n),
            _ => false,
        };
        assert!(fits, "elements of another carrier than {ty}");
        Array { ty, data }
    }

    /// An array of a carrier from real numbers, each rounded or mapped into the carrier
    /// (`Int`, `Bit`, `Mod` and `Bool` take the truncated integer's image).
    pub fn from_f64(ty: Type, values: &[f64]) -> Array {
        let integers = || {
            values
                .iter()
                .map(|&x| Literal::integer(ty.carrier, x as i64).bits())
        };
        let data = match ty.carrier {
            Carrier::F32 => Data::F32(values.iter().map(|&x| x as f32).collect()),
            Carrier::F64 => Data::F64(values.to_vec()),
            Carrier::Int => Data::Int(integers().map(|b| b as i64).collect()),
            Carrier::Mod(_) => Data::Mod(integers().map(|b| b as u32).collect()),
            Carrier::Bit | Carrier::Bool => Data::Byte(integers().map(|b| b as u8).collect()),
        };
        Array::new(ty, data)
    }

    /// An array filled with one constant.
    pub fn full(literal: Literal, shape: &[usize]) -> Array {
        let ty = Type::array(literal.carrier(), shape);
        let n = ty.len();
        let data = match ty.carrier {
            Carrier::F32 => Data::F32(vec![f32::from_bits(literal.bits() as u32); n]),
            Carrier::F64 => Data::F64(vec![f64::from_bits(literal.bits()); n]),
            Carrier::Int => Data::Int(vec![literal.bits() as i64; n]),
            Carrier::Mod(_) => Data::Mod(vec![literal.bits() as u32; n]),
            Carrier::Bit | Carrier::Bool => Data::Byte(vec![literal.bits() as u8; n]),
        };
        Array { ty, data }
    }

    /// The zero of a type.
    pub fn zeros(ty: &Type) -> Array {
        Array::full(Literal::zero(ty.carrier), &ty.shape)
    }

    /// The type.
    pub fn ty(&self) -> &Type {
        &self.ty
    }

    /// The elements.
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// The elements, to be changed in place.
    pub fn data_mut(&mut self) -> &mut Data {
        &mut self.data
    }

    /// The elements, given away.
    pub fn into_data(self) -> Data {
        self.data
    }

    /// The elements as real numbers.
    pub fn to_f64(&self) -> Vec<f64> {
        match &self.data {
            Data::F32(v) => v.iter().map(|&x| f64::from(x)).collect(),
            Data::F64(v) => v.clone(),
            Data::Int(v) => v.iter().map(|&x| x as f64).collect(),
            Data::Mod(v) => v.iter().map(|&x| f64::from(x)).collect(),
            Data::Byte(v) => v.iter().map(|&x| f64::from(x)).collect(),
        }
    }

    /// One element, by its position in row-major order.
    pub fn literal(&self, position: usize) -> Literal {
        let carrier = self.ty.carrier;
        match &self.data {
            Data::F32(v) => Literal::from_f32(v[position]),
            Data::F64(v) => Literal::real(carrier, v[position]),
            Data::Int(v) => Literal::integer(carrier, v[position]),
            Data::Mod(v) => Literal::integer(carrier, i64::from(v[position])),
            Data::Byte(v) => Literal::integer(carrier, i64::from(v[position])),
        }
    }
}

/// Why a run stopped: an index out of range, at a place in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trap {
    /// The place.
    pub site: Site,
    /// The index that was asked for.
    pub index: i64,
    /// The size of the axis it does not fit.
    pub size: usize,
}
