//! How the elements of each carrier are stored.

use std::borrow::Cow;
use std::path::Path;

use lentil_unary::carrier::{Carrier, Type};
use lentil_unary::value::{Array, Data};
use safetensors::tensor::{Dtype, TensorView, View};

use crate::error::RuntimeError;

/// An array as the format wants to see it.
pub(super) struct Stored<'a>(pub(super) &'a Array);

impl View for Stored<'_> {
    fn dtype(&self) -> Dtype {
        match self.0.ty().carrier {
            Carrier::F32 => Dtype::F32,
            Carrier::F64 => Dtype::F64,
            Carrier::Int => Dtype::I64,
            Carrier::Bool => Dtype::BOOL,
            Carrier::Bit => Dtype::U8,
            Carrier::Mod(_) => Dtype::U32,
        }
    }

    fn shape(&self) -> &[usize] {
        &self.0.ty().shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        match self.0.data() {
            Data::F32(v) => Cow::Owned(v.iter().flat_map(|x| x.to_le_bytes()).collect()),
            Data::F64(v) => Cow::Owned(v.iter().flat_map(|x| x.to_le_bytes()).collect()),
            Data::Int(v) => Cow::Owned(v.iter().flat_map(|x| x.to_le_bytes()).collect()),
            Data::Mod(v) => Cow::Owned(v.iter().flat_map(|x| x.to_le_bytes()).collect()),
            Data::Byte(v) => Cow::Borrowed(v),
        }
    }

    fn data_len(&self) -> usize {
        self.0.data().len() * self.0.ty().carrier.bytes()
    }
}

/// The array of a stored tensor. What the format does not say, the header's `carrier` does.
pub(super) fn load(
    path: &Path,
    name: &str,
    view: &TensorView,
    carrier: Option<Carrier>,
) -> Result<Array, RuntimeError> {
    let bytes = view.data();
    let (carrier, data) = match (view.dtype(), carrier) {
        (Dtype::F32, None) => (Carrier::F32, Data::F32(numbers(bytes, f32::from_le_bytes))),
        (Dtype::F64, None) => (Carrier::F64, Data::F64(numbers(bytes, f64::from_le_bytes))),
        (Dtype::I64, None) => (Carrier::Int, Data::Int(numbers(bytes, i64::from_le_bytes))),
        (Dtype::BOOL, None) => (Carrier::Bool, Data::Byte(bytes.to_vec())),
        (Dtype::U8, Some(Carrier::Bit)) => (Carrier::Bit, Data::Byte(bytes.to_vec())),
        (Dtype::U32, Some(Carrier::Mod(n))) => (
            Carrier::Mod(n),
            Data::Mod(numbers(bytes, u32::from_le_bytes)),
        ),
        (dtype, carrier) => {
            let (path, name) = (path.to_path_buf(), name.to_string());
            let found = match carrier {
                None => dtype.to_string(),
                Some(carrier) => format!("{dtype} and said to be over {carrier}"),
            };
            return Err(RuntimeError::UnsupportedStorage { path, name, found });
        }
    };
    if let Some((position, reason)) = impossible(carrier, &data) {
        let (path, name) = (path.to_path_buf(), name.to_string());
        return Err(RuntimeError::BadElement {
            path,
            name,
            position,
            reason,
        });
    }
    Ok(Array::new(Type::array(carrier, view.shape()), data))
}

/// The first element that the carrier does not have.
fn impossible(carrier: Carrier, data: &Data) -> Option<(usize, String)> {
    match (carrier, data) {
        (Carrier::Bit | Carrier::Bool, Data::Byte(v)) => {
            let position = v.iter().position(|&x| x > 1)?;
            Some((position, format!("{}, neither 0 nor 1", v[position])))
        }
        (Carrier::Mod(n), Data::Mod(v)) => {
            let position = v.iter().position(|&x| x >= n)?;
            Some((position, format!("{}, not below {n}", v[position])))
        }
        (
            Carrier::F32
            | Carrier::F64
            | Carrier::Int
            | Carrier::Bit
            | Carrier::Bool
            | Carrier::Mod(_),
            _,
        ) => None,
    }
}

fn numbers<T, const N: usize>(bytes: &[u8], number: fn([u8; N]) -> T) -> Vec<T> {
    let (chunks, _) = bytes.as_chunks::<N>();
    chunks.iter().map(|&chunk| number(chunk)).collect()
}
