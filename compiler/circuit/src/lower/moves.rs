//! Operations that compute nothing and move elements: the evaluator moves the numbers of wires.
//!
//! What an element is does not matter to a transposition or a gather, so the evaluator of unary form,
//! applied to positions, tells where each wire goes. Only it knows how axes are counted.

use lentil_unary::eval::eval;
use lentil_unary::{Array, Carrier, Data, Prim, Type};

use super::refusal::Refusal;
use super::region::Lowering;
use super::value::Value;
use crate::netlist::Wire;

impl Lowering {
    /// A primitive that moves the elements of its arguments, or puts zeros between them.
    pub(super) fn moved(&self, prim: &Prim, args: &[&Value], ty: &Type) -> Result<Value, Refusal> {
        // Number 0 stands for the zeros of a pad.
        let mut pool = vec![Wire::FALSE];
        let numbers: Vec<Array> = args
            .iter()
            .map(|arg| match arg {
                Value::Fixed(array) => array.clone(),
                Value::Wires(ty, wires) => {
                    let start = pool.len();
                    pool.extend(wires);
                    count(ty, start)
                }
            })
            .collect();
        let placed = self.evaluate(prim, numbers)?;
        let wires = positions(&placed).map(|i| pool[i]).collect();
        Ok(Value::Wires(ty.clone(), wires))
    }

    /// A primitive at arguments that depend on no input.
    pub(super) fn evaluate(&self, prim: &Prim, args: Vec<Array>) -> Result<Array, Refusal> {
        Ok(evaluate(prim, args)?.swap_remove(0))
    }

    /// The wires of a value with the given axes moved to the end, in order.
    pub(super) fn to_end(
        &self,
        value: &Value,
        axes: &[usize],
    ) -> Result<(Vec<usize>, Vec<Wire>), Refusal> {
        let rank = value.ty().rank();
        let mut perm: Vec<usize> = (0..rank).filter(|a| !axes.contains(a)).collect();
        perm.extend(axes);
        let wires = self.permuted(value, &perm)?;
        Ok((perm, wires))
    }

    /// The wires of a value with its axes permuted as in [`Prim::Transpose`].
    pub(super) fn permuted(&self, value: &Value, perm: &[usize]) -> Result<Vec<Wire>, Refusal> {
        let shape: Vec<usize> = perm.iter().map(|&p| value.ty().shape[p]).collect();
        let ty = Type::array(value.ty().carrier, shape);
        match self.moved(&Prim::Transpose(perm.to_vec()), &[value], &ty)? {
            Value::Wires(_, wires) => Ok(wires),
            Value::Fixed(_) => unreachable!("moved wires are wires"),
        }
    }
}

/// The numbers from `start` on, in the shape of a type.
pub(super) fn count(ty: &Type, start: usize) -> Array {
    let numbers = (start..start + ty.len()).map(|i| i as i64).collect();
    Array::new(ty.with_carrier(Carrier::Int), Data::Int(numbers))
}

/// The elements of an array that came from [`count`].
pub(super) fn positions(array: &Array) -> impl Iterator<Item = usize> {
    let numbers: &[i64] = match array.data() {
        Data::Int(numbers) => numbers,
        Data::F32(_) | Data::F64(_) | Data::Mod(_) | Data::Byte(_) => &[],
    };
    numbers.iter().map(|&i| i as usize)
}

/// The results of a primitive at numbers.
pub(super) fn evaluate(prim: &Prim, args: Vec<Array>) -> Result<Vec<Array>, Refusal> {
    let types: Vec<Type> = args.iter().map(|a| a.ty().clone()).collect();
    let mut step = lentil_unary::Builder::new(types);
    let slots = step.param_slots();
    let results = step.emit(lentil_unary::Op::Prim(prim.clone()), &slots);
    let region = step.finish(results);
    eval(&region, &args).map_err(Refusal::Trap)
}
