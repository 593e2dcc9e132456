//! What a reverse derivative keeps from its forward half until the backward half needs it.

use lentil_unary::{Op, Region, Slot, Type};

use crate::hoist::hoist;
use crate::joint::joint;
use crate::memo::Memo;
use crate::split::saved_slots;

/// A value that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Its slot in the joint program, and what made it: `%7 tanh`.
    pub name: String,
    /// Its type; one that a loop keeps has a leading axis for the iterations.
    pub ty: Type,
    /// Its size.
    pub bytes: usize,
}

/// The values that R of `f` keeps, its parameters aside, in the order in which they are made.
///
/// # Panics
/// If `wanted` has not one entry for each parameter.
pub fn residuals(f: &Region, wanted: &[bool]) -> Vec<Saved> {
    assert_eq!(
        wanted.len(),
        f.params().len(),
        "one wish for each parameter"
    );
    let mut memo = Memo::default();
    let f = hoist(&crate::resolve::resolve(&mut memo, f));
    let wishes = crate::reverse_wishes(&f, wanted);
    let made = joint(&mut memo, &f, &wishes);
    let (whole, slots) = saved_slots(&made, &wishes.available);
    let describe = |slot: Slot| {
        let ty = whole.ty(slot).clone();
        Saved {
            name: format!("{slot} {}", maker(&whole, slot)),
            bytes: ty.len() * ty.carrier.bytes(),
            ty,
        }
    };
    slots.into_iter().map(describe).collect()
}

/// The name of the operation that made a slot.
fn maker(region: &Region, slot: Slot) -> String {
    let made = region
        .numbered()
        .find(|(first, step)| (first.0..first.0 + step.types.len() as u32).contains(&slot.0));
    match made.map(|(_, step)| &step.op) {
        None => "parameter".to_string(),
        Some(Op::Prim(prim)) => prim.row().name.to_string(),
        Some(Op::Loop(_)) => "loop".to_string(),
        Some(Op::Cond { .. }) => "cond".to_string(),
        Some(Op::Call(f)) => format!("call @{}", f.name),
        Some(Op::Reverse(f)) => format!("reverse @{}", f.name),
        Some(Op::Forward(f)) => format!("forward @{}", f.name),
        Some(Op::Lens(l)) => format!("lens @{}", l.get.name),
    }
}
