//! Generated programs, and their derivatives.

use lentil_tests::rig::{forward, reverse};
use lentil_unary::Carrier;
use lentil_unary::dice::Dice;
use lentil_unary::generate::{Options, arguments, generate};

use super::all_agree;

fn kinds() -> [Options; 5] {
    [
        Options::smooth(Carrier::F64),
        Options::smooth(Carrier::F32),
        Options::over(Carrier::Bit),
        Options::over(Carrier::Mod(5)),
        Options::over(Carrier::Mod(4_294_967_291)),
    ]
}

fn tolerance(carrier: Carrier) -> f64 {
    match carrier {
        Carrier::F32 => 1e-3,
        Carrier::F64 => 1e-9,
        Carrier::Bit | Carrier::Mod(_) | Carrier::Int | Carrier::Bool => 0.0,
    }
}

#[test]
fn generated_programs() {
    for options in kinds() {
        for seed in 1000..1030 {
            let region = generate(seed, &options);
            let what = format!("{} {seed}", options.carrier);
            let args = arguments(seed, &region);
            all_agree(&what, &region, &args, tolerance(options.carrier));
        }
    }
}

#[test]
fn derivatives_of_generated_programs() {
    for options in kinds() {
        for seed in 2000..2015 {
            let f = generate(seed, &options);
            let mut dice = Dice::new(seed);
            for (name, region) in [("reverse", reverse(&f)), ("forward", forward(&f))] {
                let what = format!("{} {seed}, {name}", options.carrier);
                let args = dice.arrays(region.params());
                all_agree(&what, &region, &args, tolerance(options.carrier));
            }
        }
    }
}
