//! Forward and reverse derivatives are each other's transpose: `<D[f](x, v), u> = <v, R[f](x, u)>`.

use lentil_tests::near::error;
use lentil_tests::rig::{changes, forward, inner, reverse, run};
use lentil_unary::Carrier;
use lentil_unary::dice::Dice;
use lentil_unary::generate::{Options, generate};

#[test]
fn forward_and_reverse_are_transposes() {
    let exact = [Carrier::Bit, Carrier::Mod(5)].map(Options::over);
    let [bit, modulo] = exact;
    for options in [Options::smooth(Carrier::F64), bit, modulo] {
        for seed in 0..80 {
            let f = generate(seed, &options);
            let mut dice = Dice::new(seed);
            let x = dice.arrays(f.params());
            let v = dice.arrays(&changes(f.params()));
            let u = dice.arrays(&changes(&f.result_types()));
            let dy = run(&forward(&f), &[&x[..], &v].concat());
            let dx = run(&reverse(&f), &[&x[..], &u].concat());
            let left = inner(&dy, &u).expect("a program has a result");
            let right = inner(&v, &dx).expect("a program has a parameter");
            assert!(
                match options.carrier.is_real() {
                    true => error(&left.to_f64(), &right.to_f64()) < 1e-9,
                    false => left == right,
                },
                "seed {seed}: {left:?} is not {right:?}\n{f}"
            );
        }
    }
}
