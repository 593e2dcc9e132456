//! Where the elements of row-major arrays lie, and the primitives that only move them.

use crate::carrier::Type;
use crate::value::Data;

/// The same expression for whichever vector the data holds, wrapped again.
macro_rules! same_kind {
    ($data:expr, $v:ident => $body:expr) => {
        match $data {
            Data::F32($v) => Data::F32($body),
            Data::F64($v) => Data::F64($body),
            Data::Int($v) => Data::Int($body),
            Data::Mod($v) => Data::Mod($body),
            Data::Byte($v) => Data::Byte($body),
        }
    };
}
pub(super) use same_kind;

/// How far two neighbours along each axis lie apart.
pub(super) fn strides(shape: &[usize]) -> Vec<isize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis] as isize;
    }
    strides
}

/// The places `base + Σ i·stride` for all indices `i` below the lengths, in row-major order.
pub(super) fn places(base: isize, axes: &[(usize, isize)]) -> Vec<usize> {
    let count = axes.iter().map(|&(len, _)| len).product();
    let mut places = Vec::with_capacity(count);
    if count == 0 {
        return places;
    }
    let mut index = vec![0; axes.len()];
    let mut at = base;
    'next: loop {
        places.push(at as usize);
        for (axis, &(len, stride)) in axes.iter().enumerate().rev() {
            index[axis] += 1;
            at += stride;
            if index[axis] < len {
                continue 'next;
            }
            at -= stride * len as isize;
            index[axis] = 0;
        }
        return places;
    }
}

/// The places of some axes of a shape, in the order they are named.
pub(super) fn places_of(shape: &[usize], axes: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let strides = strides(shape);
    let axes: Vec<(usize, isize)> = axes.into_iter().map(|a| (shape[a], strides[a])).collect();
    places(0, &axes)
}

/// The elements at places.
pub(super) fn pick(data: &Data, places: &[usize]) -> Data {
    same_kind!(data, v => places.iter().map(|&p| v[p]).collect())
}

/// A run of neighbouring elements.
pub(super) fn part(data: &Data, start: usize, len: usize) -> Data {
    same_kind!(data, v => v[start..start + len].to_vec())
}

/// Writes a run of neighbouring elements.
pub(super) fn put(whole: &mut Data, start: usize, values: &Data) {
    let run = start..start + values.len();
    match (whole, values) {
        (Data::F32(w), Data::F32(v)) => w[run].copy_from_slice(v),
        (Data::F64(w), Data::F64(v)) => w[run].copy_from_slice(v),
        (Data::Int(w), Data::Int(v)) => w[run].copy_from_slice(v),
        (Data::Mod(w), Data::Mod(v)) => w[run].copy_from_slice(v),
        (Data::Byte(w), Data::Byte(v)) => w[run].copy_from_slice(v),
        _ => panic!("elements of another kind"),
    }
}

/// Where each element of a broadcast comes from.
pub(super) fn broadcast(ty: &Type, shape: &[usize], axes: &[usize]) -> Vec<usize> {
    let from = strides(&ty.shape);
    let mut walk: Vec<(usize, isize)> = shape.iter().map(|&len| (len, 0)).collect();
    for (&axis, stride) in axes.iter().zip(from) {
        walk[axis].1 = stride;
    }
    places(0, &walk)
}

/// Where each element of a slice comes from.
pub(super) fn slice(ty: &Type, start: &[usize], len: &[usize], step: &[usize]) -> Vec<usize> {
    let strides = strides(&ty.shape);
    let base = strides
        .iter()
        .zip(start)
        .map(|(s, &i)| s * i as isize)
        .sum();
    let walk: Vec<(usize, isize)> = (0..ty.rank())
        .map(|a| (len[a], strides[a] * step[a] as isize))
        .collect();
    places(base, &walk)
}

/// Where each element of a pad's argument goes in its result.
pub(super) fn pad(ty: &Type, result: &Type, before: &[usize], between: &[usize]) -> Vec<usize> {
    let step: Vec<usize> = between.iter().map(|b| b + 1).collect();
    slice(result, before, &ty.shape, &step)
}

/// Where each element of a flip comes from.
pub(super) fn flip(ty: &Type, axes: &[usize]) -> Vec<usize> {
    let mut walk: Vec<(usize, isize)> = ty.shape.iter().copied().zip(strides(&ty.shape)).collect();
    let mut base = 0;
    for &axis in axes {
        let (len, stride) = &mut walk[axis];
        base += *stride * (*len as isize - 1).max(0);
        *stride = -*stride;
    }
    places(base, &walk)
}

/// Arrays one after another along an axis.
pub(super) fn concat(parts: &[&Data], types: &[&Type], axis: usize, result: &mut Data) {
    let shape = &types[0].shape;
    let rows: usize = shape[..axis].iter().product();
    let widths: Vec<usize> = types
        .iter()
        .map(|t| t.shape[axis..].iter().product())
        .collect();
    let mut at = 0;
    for row in 0..rows {
        for (data, width) in parts.iter().zip(&widths) {
            put(result, at, &part(data, row * width, *width));
            at += width;
        }
    }
}
