//! Linear algebra, by the very functions that compiled code calls.

use std::rc::Rc;

use lentil_linalg::{LinalgOp, Real, run as run_over};

use crate::carrier::{Carrier, Type};
use crate::value::Data;

use super::element::Element;
use super::{Counts, Value};

/// The results of an operation that fits its arguments.
pub(super) fn run(
    op: LinalgOp,
    types: &[&Type],
    args: &[Value],
    counts: &mut Counts,
) -> Vec<Value> {
    match types[0].carrier {
        Carrier::F32 => over::<f32>(op, types, args, counts),
        Carrier::F64 => over::<f64>(op, types, args, counts),
        Carrier::Bit | Carrier::Mod(_) | Carrier::Int | Carrier::Bool => {
            unreachable!("the typing rules allow reals only")
        }
    }
}

fn over<T: Element + Real>(
    op: LinalgOp,
    types: &[&Type],
    args: &[Value],
    counts: &mut Counts,
) -> Vec<Value> {
    let shapes: Vec<&[usize]> = types.iter().map(|t| t.shape.as_slice()).collect();
    let sizes = op.sizes(&shapes).expect("the typing rules allow the sizes");
    counts.arithmetic += op.flops(sizes);
    let args: Vec<&[T]> = args.iter().map(|a| T::of(a)).collect();
    let made = sizes.elements(op).1;
    let mut results: Vec<Vec<T>> = made
        .iter()
        .map(|n| vec![T::ZERO; n * sizes.count])
        .collect();
    let mut views: Vec<&mut [T]> = results.iter_mut().map(Vec::as_mut_slice).collect();
    run_over(op, sizes, &args, &mut views);
    let data = |values: Vec<T>| -> Data { T::data(values) };
    results.into_iter().map(|r| Rc::new(data(r))).collect()
}
