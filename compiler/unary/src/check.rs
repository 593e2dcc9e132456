//! The invariants of unary form. They hold after every pass.
//!
//! 1. A step reads parameters and results of earlier steps only.
//! 2. The types a step appends are those that its typing rule infers: arities, carriers, shapes and axes
//!    fit, a loop's body fits its arguments, the arms of a conditional agree, a call fits its function.
//! 3. The results are slots that exist.
//! 4. Bodies of loops, arms of conditionals and functions are themselves well-formed.
//! 5. A modulus is at least 2, and no type has more elements than a signed index can count.
//!
//! [`check_resolved`] asks for one more, which holds once derivatives are resolved:
//!
//! 6. There is no `Reverse`, no `Forward` and no `Lens`.
//!
//! [`check_accumulators`] asks for one that makes in-place update free of copies. It is no condition of
//! meaning (evaluators copy an accumulator that is still needed), but of cost:
//!
//! 7. An accumulator is used once in each path: a loop state that the body scatters into, itself or in a
//!    body, an arm or a function it is handed to, is not read after that, neither by a later step nor
//!    as a result.

use std::collections::HashSet;

use crate::carrier::{Carrier, Type};
use crate::prim::Prim;
use crate::syntax::{Op, Region, Slot, Step};
use crate::typing::infer;

/// Whether a region keeps invariants 1 to 5, or in words what is wrong.
pub fn check(region: &Region) -> Result<(), String> {
    every_region(region, &mut HashSet::new(), &mut check_one)
}

/// Whether a region keeps invariant 6, in all its bodies and functions.
pub fn check_resolved(region: &Region) -> Result<(), String> {
    every_region(region, &mut HashSet::new(), &mut |region| {
        for step in region.steps() {
            if let Op::Reverse(f) | Op::Forward(f) = &step.op {
                return Err(format!("the derivative of {} is not resolved", f.name));
            }
            if let Op::Lens(l) = &step.op {
                return Err(format!("the lens {} is not resolved", l.get.name));
            }
        }
        Ok(())
    })
}

/// Whether a region keeps invariant 7, in all its bodies and functions.
pub fn check_accumulators(region: &Region) -> Result<(), String> {
    every_region(region, &mut HashSet::new(), &mut |region| {
        for step in region.steps() {
            if let Op::Loop(l) = &step.op {
                let first = 1 + l.consts + l.xs;
                for state in first..first + l.states {
                    used_once(&l.body, Slot(state as u32))?;
                }
            }
        }
        Ok(())
    })
}

/// Visits each region once, inner ones first.
fn every_region(
    region: &Region,
    seen: &mut HashSet<*const Region>,
    visit: &mut dyn FnMut(&Region) -> Result<(), String>,
) -> Result<(), String> {
    if !seen.insert(std::ptr::from_ref(region)) {
        return Ok(());
    }
    for step in region.steps() {
        for body in step.op.bodies() {
            every_region(body, seen, visit)?;
        }
    }
    visit(region)
}

fn check_one(region: &Region) -> Result<(), String> {
    for (slot, ty) in region.slots().iter().enumerate() {
        check_type(ty).map_err(|why| format!("%{slot}: {why}"))?;
    }
    for (first, step) in region.numbered() {
        check_step(region, first, step).map_err(|why| format!("{first}: {why}"))?;
    }
    for result in region.results() {
        if result.index() >= region.slots().len() {
            return Err(format!("the result {result} does not exist"));
        }
    }
    Ok(())
}

fn check_step(region: &Region, first: Slot, step: &Step) -> Result<(), String> {
    if let Some(late) = step.args.iter().find(|arg| **arg >= first) {
        return Err(format!("{late} is read before it is made"));
    }
    let args: Vec<&Type> = step.args.iter().map(|&a| region.ty(a)).collect();
    let types = infer(&step.op, &args)?;
    if types != step.types {
        return Err(format!(
            "types {:?} where {types:?} are inferred",
            step.types
        ));
    }
    Ok(())
}

/// Whether a type keeps invariant 5.
pub(crate) fn check_type(ty: &Type) -> Result<(), String> {
    if let Carrier::Mod(n) = ty.carrier
        && n < 2
    {
        return Err(format!("the modulus {n}"));
    }
    let count = |size: usize, axis: &usize| size.checked_mul(*axis);
    match ty.shape.iter().try_fold(1, count) {
        Some(n) if isize::try_from(n).is_ok() => Ok(()),
        Some(_) | None => Err("more elements than can be counted".to_string()),
    }
}

/// Whether nothing reads the slot after something scatters into it.
fn used_once(region: &Region, slot: Slot) -> Result<(), String> {
    let mut scattered = false;
    for (first, step) in region.numbered() {
        let uses = step.args.iter().filter(|a| **a == slot).count();
        if scattered && uses > 0 || uses > 1 && scatters(step, slot) {
            return Err(format!("the accumulator {slot} is read again by {first}"));
        }
        scattered |= scatters(step, slot);
    }
    if scattered && region.results().contains(&slot) {
        return Err(format!("the accumulator {slot} is read again as a result"));
    }
    Ok(())
}

/// Whether a step adds into a slot, itself or in a body that it hands the slot to.
fn scatters(step: &Step, slot: Slot) -> bool {
    let handed = |region: &Region, skip: usize, shift: usize| {
        let args = step.args.iter().enumerate().skip(skip);
        args.filter(|(_, a)| **a == slot)
            .any(|(i, _)| scatters_into(region, Slot((i - skip + shift) as u32)))
    };
    match &step.op {
        Op::Prim(Prim::ScatterAdd { .. }) => step.args.first() == Some(&slot),
        Op::Prim(_) | Op::Reverse(_) | Op::Forward(_) => false,
        Op::Loop(l) => handed(&l.body, l.consts + l.xs, 1 + l.consts + l.xs),
        Op::Cond { then, otherwise } => handed(then, 1, 0) || handed(otherwise, 1, 0),
        Op::Call(f) => handed(&f.region, 0, 0),
        Op::Lens(l) => handed(&l.get.region, 0, 0),
    }
}

fn scatters_into(region: &Region, param: Slot) -> bool {
    region.steps().iter().any(|step| scatters(step, param))
}
