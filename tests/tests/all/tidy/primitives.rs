//! Every primitive has a row that says what it is, and a derivative.

use std::collections::BTreeSet;

use lentil_tests::passes::plain;
use lentil_tests::rig::{changes, region, reverse};
use lentil_unary::dice::Dice;
use lentil_unary::eval::eval;
use lentil_unary::prim::Linearity;
use lentil_unary::{Array, Carrier, Op, Prim, Type};

#[test]
fn every_primitive_has_a_row() {
    let table = Prim::table();
    assert!(table.len() > 60, "the table of primitives");
    for prim in table {
        let row = prim.row();
        let name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        assert!(
            !row.name.is_empty() && row.name.chars().all(name),
            "{prim:?}"
        );
        assert!(!row.doc.is_empty(), "{prim:?} says nothing of itself");
    }
}

/// The derivative exists, is well-formed and runs; one that the table calls discrete is zero.
#[test]
fn every_primitive_has_a_derivative() {
    let mut seen = BTreeSet::new();
    let mut dice = Dice::new(11);
    for example in Prim::examples() {
        let f = region(&example.args, |b, s| {
            b.emit(Op::Prim(example.prim.clone()), s)
        });
        let r = reverse(&f);
        let args: Vec<Array> = r
            .params()
            .iter()
            .map(|ty| argument(&mut dice, ty))
            .collect();
        let cotangents = eval(&plain(&r), &args).unwrap_or_else(|t| panic!("{t:?} in {r}"));
        let types: Vec<Type> = cotangents.iter().map(|a| a.ty().clone()).collect();
        assert_eq!(types, changes(&example.args), "{:?}", example.prim);
        if example.prim.row().linear == Linearity::Discrete {
            for c in &cotangents {
                assert!(c.to_f64().iter().all(|&x| x == 0.0), "{:?}", example.prim);
            }
        }
        seen.insert(example.prim.row().name);
    }
    let all: BTreeSet<&str> = Prim::table().iter().map(|p| p.row().name).collect();
    assert_eq!(seen, all);
}

/// Whole numbers are small, so that they are good indices.
fn argument(dice: &mut Dice, ty: &Type) -> Array {
    match ty.carrier {
        Carrier::Int => {
            let values: Vec<f64> = (0..ty.len()).map(|_| dice.below(2) as f64).collect();
            Array::from_f64(ty.clone(), &values)
        }
        Carrier::F32 | Carrier::F64 | Carrier::Bit | Carrier::Mod(_) | Carrier::Bool => {
            dice.array(ty)
        }
    }
}
