//! What is known of a slot while a region is lowered.

use lentil_unary::{Array, Data, Type};

use super::is_logic;
use crate::netlist::Wire;

/// The value of a slot: a wire for each bit or condition, or numbers that depend on no input.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// Elements of `Bit` and `Bool`, constants included.
    Wires(Type, Vec<Wire>),
    /// Elements of any other carrier.
    Fixed(Array),
}

impl Value {
    /// The value of an array.
    pub(super) fn constant(array: Array) -> Value {
        if !is_logic(array.ty().carrier) {
            return Value::Fixed(array);
        }
        let ty = array.ty().clone();
        let wires = (0..ty.len())
            .map(|i| Wire::constant(array.literal(i).is_one()))
            .collect();
        Value::Wires(ty, wires)
    }

    /// The array, unless it depends on an input.
    pub(super) fn known(&self) -> Option<Array> {
        match self {
            Value::Fixed(array) => Some(array.clone()),
            Value::Wires(ty, wires) => {
                let bytes: Option<Vec<u8>> =
                    wires.iter().map(|w| w.value().map(u8::from)).collect();
                Some(Array::new(ty.clone(), Data::Byte(bytes?)))
            }
        }
    }

    pub(super) fn ty(&self) -> &Type {
        match self {
            Value::Wires(ty, _) => ty,
            Value::Fixed(array) => array.ty(),
        }
    }

    /// Element `i` along the leading axis, of type `ty`.
    pub(super) fn element(&self, i: usize, ty: &Type) -> Value {
        let range = i * ty.len()..(i + 1) * ty.len();
        match self {
            Value::Wires(_, wires) => Value::Wires(ty.clone(), wires[range].to_vec()),
            Value::Fixed(array) => {
                let data = match array.data() {
                    Data::F32(v) => Data::F32(v[range].to_vec()),
                    Data::F64(v) => Data::F64(v[range].to_vec()),
                    Data::Int(v) => Data::Int(v[range].to_vec()),
                    Data::Mod(v) => Data::Mod(v[range].to_vec()),
                    Data::Byte(v) => Data::Byte(v[range].to_vec()),
                };
                Value::Fixed(Array::new(ty.clone(), data))
            }
        }
    }

    /// Values of type `ty`, stacked along a new leading axis.
    pub(super) fn stack(parts: &[&Value], ty: &Type) -> Value {
        let stacked = ty.stacked(parts.len());
        if is_logic(ty.carrier) {
            let wires = parts.iter().flat_map(|part| match part {
                Value::Wires(_, wires) => wires.as_slice(),
                Value::Fixed(_) => &[],
            });
            return Value::Wires(stacked, wires.copied().collect());
        }
        let mut data = Array::zeros(&ty.stacked(0)).into_data();
        for part in parts {
            if let Value::Fixed(array) = part {
                match (&mut data, array.data()) {
                    (Data::F32(to), Data::F32(from)) => to.extend(from),
                    (Data::F64(to), Data::F64(from)) => to.extend(from),
                    (Data::Int(to), Data::Int(from)) => to.extend(from),
                    (Data::Mod(to), Data::Mod(from)) => to.extend(from),
                    (Data::Byte(to), Data::Byte(from)) => to.extend(from),
                    // `Array::new` below would find elements missing.
                    (Data::F32(_) | Data::F64(_) | Data::Int(_), _) => {}
                    (Data::Mod(_) | Data::Byte(_), _) => {}
                }
            }
        }
        Value::Fixed(Array::new(stacked, data))
    }
}

/// Whether two arrays are the same to the bit: 0.0 and -0.0 are not.
pub(super) fn same(a: &Array, b: &Array) -> bool {
    a.ty() == b.ty() && (0..a.ty().len()).all(|i| a.literal(i) == b.literal(i))
}

/// Number of elements of a type, if it can be counted.
pub(super) fn size(ty: &Type) -> Option<usize> {
    ty.shape.iter().try_fold(1usize, |n, &m| n.checked_mul(m))
}
