//! For each rule programs on which it fires, and programs on which it must not.

use lentil_unary::{Builder, Carrier, Literal, Slot, Type};

/// A rule's name, programs on which it fires, and programs on which it must not.
pub struct Case {
    pub name: &'static str,
    pub fires: Vec<Make>,
    pub silent: Vec<Make>,
}

pub type Make = fn(&mut Builder, Carrier, &[Slot]) -> Slot;

/// All programs read these: matrices `x`, `y`, `z` of 2 by 2, a scalar, a vector of 2, and a condition.
pub fn params(c: Carrier) -> Vec<Type> {
    let matrix = Type::array(c, [2, 2]);
    vec![
        matrix.clone(),
        matrix.clone(),
        matrix.clone(),
        Type::scalar(c),
        Type::array(c, [2]),
        matrix.with_carrier(Carrier::Bool),
    ]
}

pub fn one(b: &mut Builder, c: Carrier) -> Slot {
    number(b, c, 1)
}

pub fn number(b: &mut Builder, c: Carrier, value: i64) -> Slot {
    b.full(Literal::integer(c, value), &[2, 2])
}

/// The vector as the columns of a matrix: it repeats along the first axis.
pub fn columns(b: &mut Builder, v: Slot) -> Slot {
    b.broadcast(v, &[2, 2], &[1])
}

pub fn stretched(b: &mut Builder, scalar: Slot) -> Slot {
    b.stretch(scalar, &[2, 2])
}

pub fn matmul(b: &mut Builder, x: Slot, y: Slot) -> Slot {
    b.contract(x, y, &[], &[(1, 0)])
}

pub fn case(name: &'static str, fires: &[Make], silent: &[Make]) -> Case {
    Case {
        name,
        fires: fires.to_vec(),
        silent: silent.to_vec(),
    }
}
