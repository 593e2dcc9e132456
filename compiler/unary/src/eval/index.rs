//! Reading and adding at indices that are data, with their bounds checked.

use std::rc::Rc;

use crate::carrier::{Carrier, Type};
use crate::prim::BinaryOp;
use crate::syntax::Site;
use crate::value::{Data, Trap};

use super::Value;
use super::element::Element;
use super::layout::same_kind;

/// For each position of the indices, the number of the row that they name; or the first index that
/// is out of range, positions in row-major order and axes from the outermost.
pub(super) fn rows(ty: &Type, indices: &[Value], site: Site) -> Result<Vec<usize>, Trap> {
    let columns: Vec<&[i64]> = indices.iter().map(|v| i64::of(v)).collect();
    let row = |position: usize| {
        let mut row = 0;
        for (column, &size) in columns.iter().zip(&ty.shape) {
            let index = column[position];
            match usize::try_from(index) {
                Ok(i) if i < size => row = row * size + i,
                _ => return Err(Trap { site, index, size }),
            }
        }
        Ok(row)
    };
    (0..columns[0].len()).map(row).collect()
}

/// Copies whole rows.
pub(super) fn gather(x: &Data, rows: &[usize], width: usize) -> Data {
    same_kind!(x, v => rows
        .iter()
        .flat_map(|row| &v[row * width..(row + 1) * width])
        .copied()
        .collect())
}

/// Adds whole rows, in place if the accumulator is held by nobody else; returns how many elements
/// had to be copied because it was.
pub(super) fn scatter_add<T: Element>(
    mut accumulator: Value,
    carrier: Carrier,
    rows: &[usize],
    width: usize,
    values: &Data,
) -> (Value, usize) {
    let copied = if Rc::get_mut(&mut accumulator).is_some() {
        0
    } else {
        accumulator.len()
    };
    let add = T::binary(BinaryOp::Add, carrier);
    let target = T::of_mut(Rc::make_mut(&mut accumulator));
    let values = T::of(values);
    for (k, row) in rows.iter().enumerate() {
        for j in 0..width {
            let cell = &mut target[row * width + j];
            *cell = add(*cell, values[k * width + j]);
        }
    }
    (accumulator, copied)
}
