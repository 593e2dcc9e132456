//! Every primitive means in loop form what it means in unary form, bit for bit.

mod cases;

use std::collections::BTreeSet;

use lentil_loops::{Options, check::check, eval::eval, lower};
use lentil_unary::{Op, Prim, eval as unary};

fn exact() -> Options {
    Options {
        exact: true,
        ..Options::default()
    }
}

#[test]
fn primitives_agree_with_unary_form() {
    for case in cases::primitives() {
        let program = lower(&case.region, &exact()).unwrap();
        check(&program).unwrap_or_else(|why| panic!("{}: {why}", case.name));
        let expected = unary::eval(&case.region, &case.args);
        let found = eval(&program, &case.args);
        assert!(
            cases::same(&found, &expected),
            "{}\n{expected:?}\n{found:?}\n{}",
            case.name,
            lentil_loops::print::print(&program)
        );
    }
}

#[test]
fn every_primitive_has_a_case() {
    let mut names = BTreeSet::new();
    for case in cases::primitives() {
        for step in case.region.steps() {
            if let Op::Prim(prim) = &step.op {
                names.insert(prim.row().name);
            }
        }
    }
    for prim in Prim::table() {
        assert!(names.contains(prim.row().name), "no case for {prim:?}");
    }
}
