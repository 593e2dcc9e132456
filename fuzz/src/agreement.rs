//! Generated programs and their derivatives: whatever runs them gives the same.

use lentil_tests::agree::all_agree;
use lentil_tests::rig::{forward, reverse};
use lentil_unary::dice::{Dice, hash};
use lentil_unary::generate::{Options, generate};
use lentil_unary::{Carrier, Region};

/// Makes a program of the bytes, and perhaps a derivative of it, and runs that in all ways. Every input
/// is as good as any other.
pub fn agreement(data: &[u8]) -> bool {
    let mut dice = Dice::new(hash(data));
    let (options, tolerance) = match dice.below(8) {
        0 => (Options::over(Carrier::Bit), 0.0),
        1 => (Options::over(Carrier::Mod(5)), 0.0),
        2 => (Options::over(Carrier::Mod(4_294_967_291)), 0.0),
        3 => (Options::smooth(Carrier::F32), 2e-3),
        _ => (Options::smooth(Carrier::F64), 1e-8),
    };
    let options = Options {
        steps: 1 + dice.below(20),
        depth: dice.below(4),
        ..options
    };
    let f = generate(dice.word(), &options);
    let nested: &[fn(&Region) -> Region] = match dice.below(8) {
        0 | 1 => &[],
        2 | 3 => &[reverse],
        4 => &[forward],
        5 => &[reverse, reverse],
        6 => &[reverse, forward],
        _ => &[forward, reverse],
    };
    let mut program = f;
    for derivative in nested {
        program = derivative(&program);
    }
    let what = format!("{options:?}, {} derivatives", nested.len());
    let args = Dice::new(dice.word()).arrays(program.params());
    all_agree(&what, &program, &args, tolerance);
    false
}
