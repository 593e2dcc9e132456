//! Lowering agrees with the evaluator of unary form on generated programs over bits.

mod common;

use common::agrees;
use lentil_circuit::{Refusal, lower};
use lentil_unary::eval::eval;
use lentil_unary::generate::{Options, arguments, generate};
use lentil_unary::{Carrier, Region, Slot};

const PROGRAMS: u64 = 100;

/// Generated programs, with every slot of bits and conditions as a result: the last ones alone are often constant.
fn programs() -> impl Iterator<Item = (u64, Region)> {
    let options = Options {
        steps: 30,
        ..Options::over(Carrier::Bit)
    };
    (0..PROGRAMS).map(move |seed| {
        let program = generate(seed, &options);
        let slots = (0..program.slots().len() as u32).map(Slot);
        let logic = |s: &Slot| matches!(program.ty(*s).carrier, Carrier::Bit | Carrier::Bool);
        let results = slots.filter(logic).collect();
        let all = Region::new(program.params().to_vec(), program.steps().to_vec(), results);
        (seed, all)
    })
}

/// Bits are inputs, numbers are fixed. No generated program computes a number from bits, so none is refused.
#[test]
fn on_all_inputs() {
    let mut gates = 0;
    for (seed, program) in programs() {
        let fixed: Vec<_> = arguments(seed, &program)
            .into_iter()
            .map(|array| (array.ty().carrier != Carrier::Bit).then_some(array))
            .collect();
        let netlist = agrees(&program, &fixed).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
        let statistics = netlist.statistics();
        gates += statistics.ands + statistics.xors;
    }
    // The comparison means nothing if all became constants.
    assert!(
        gates as u64 > 2 * PROGRAMS,
        "{gates} gates in {PROGRAMS} programs"
    );
}

/// With everything fixed nothing depends on an input, so that nothing is refused but what stops the run.
#[test]
fn with_everything_fixed() {
    for (seed, program) in programs() {
        let args = arguments(seed, &program);
        let fixed: Vec<_> = args.iter().cloned().map(Some).collect();
        match (lower(&program, &fixed), eval(&program, &args)) {
            (Ok(netlist), Ok(results)) => {
                let wanted: Vec<u8> = results
                    .iter()
                    .flat_map(|r| common::bytes(r).to_vec())
                    .collect();
                assert_eq!(netlist.predict(1, &[]), wanted, "seed {seed}");
                assert_eq!(netlist.gates().len(), 1, "seed {seed}");
            }
            (Err(Refusal::Trap(found)), Err(trap)) => assert_eq!(found, trap, "seed {seed}"),
            (found, wanted) => panic!("seed {seed}: {found:?} and {wanted:?}"),
        }
    }
}
