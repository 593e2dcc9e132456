//! Machine code over bits runs 64 samples a word, and gives each what it gets alone.

use lentil_jit::{Options, Refusal, compile};
use lentil_tests::passes::plain;
use lentil_tests::program::{load, lower, lower_reverse};
use lentil_tests::{files, near::same_array};
use lentil_unary::dice::Dice;
use lentil_unary::eval::eval;
use lentil_unary::generate::{self, generate};
use lentil_unary::{Array, Carrier, Region};

/// Whether the program can run with lanes; if it can, it must agree on every lane.
fn lanes_agree(what: &str, region: &Region, dice: &mut Dice) -> bool {
    let options = Options {
        lanes: true,
        ..Options::default()
    };
    let code = match compile(region, &options) {
        Ok(code) => code,
        Err(Refusal::Lanes(_)) => return false,
        Err(other) => panic!("{what}: {other}\n{region}"),
    };
    // Numbers that are no bits are the same for all samples.
    let common = dice.arrays(region.params());
    let mut samples = vec![common.clone(); 64];
    let mut instance = code.instance();
    for (k, ty) in region.params().iter().enumerate() {
        match ty.carrier {
            Carrier::Bit => {
                let column: Vec<Array> = (0..64).map(|_| dice.array(ty)).collect();
                instance.set_lanes(k, &column);
                for (sample, array) in samples.iter_mut().zip(column) {
                    sample[k] = array;
                }
            }
            _ => instance.set_input(k, &common[k]),
        }
    }
    instance.step().expect("no trap");
    for (lane, sample) in samples.iter().enumerate() {
        let expected = eval(region, sample).expect("no trap");
        for (k, expected) in expected.iter().enumerate() {
            let found = instance.output_lane(k, lane);
            assert!(
                same_array(&found, expected),
                "{what}, lane {lane}: {found:?} is not {expected:?}\n{region}"
            );
        }
    }
    true
}

#[test]
fn generated_programs_in_lanes() {
    let mut dice = Dice::new(6);
    let run = (0..120).filter(|&seed| {
        let region = generate(seed, &generate::Options::over(Carrier::Bit));
        lanes_agree(&format!("seed {seed}"), &region, &mut dice)
    });
    // Many ask one bit for all samples, in a condition or an index, and are refused.
    let run = run.count();
    assert!(run >= 20, "only {run} of 120 could run with lanes");
}

#[test]
fn functions_over_bits_in_lanes() {
    let program = load(&files::text("tests/programs/ring.lentil"));
    let mut dice = Dice::new(7);
    for item in program.items() {
        let name = format!("{}[Bit]", item.name);
        let value = plain(&lower(&program, &name).region);
        assert!(lanes_agree(&name, &value, &mut dice), "{name} is refused");
        let reverse = plain(&lower_reverse(&program, &name).region);
        assert!(
            lanes_agree(&name, &reverse, &mut dice),
            "R[{name}] is refused"
        );
    }
}
