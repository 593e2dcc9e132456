//! Text, read again, computes what the region computes.

use lentil_unary::eval::eval;
use lentil_unary::generate::{Options, arguments, generate};
use lentil_unary::{Array, Builder, Carrier, Region, Type, UnaryOp};

use super::{read, text};

/// Equal, over the reals but for rounding: a sum may be taken in another order.
fn close(a: &Array, b: &Array) -> bool {
    let epsilon = match a.ty().carrier {
        _ if a.ty() != b.ty() => return false,
        Carrier::F32 => 1e-4,
        Carrier::F64 => 1e-10,
        Carrier::Bit | Carrier::Mod(_) | Carrier::Int | Carrier::Bool => return a == b,
    };
    let near = |(x, y): (&f64, &f64)| {
        x == y || x.is_nan() && y.is_nan() || (x - y).abs() <= epsilon * (1.0 + x.abs())
    };
    a.to_f64().iter().zip(&b.to_f64()).all(near)
}

/// Compares a region with its text on random arguments.
pub(super) fn compare(region: &Region, text: &str, seed: u64) {
    let again = read(text);
    let args = arguments(seed, region);
    let want = eval(region, &args).expect("the region runs");
    let have = eval(&again, &args).expect("its text runs");
    let same = want.len() == have.len() && want.iter().zip(&have).all(|(a, b)| close(a, b));
    assert!(same, "{text}\n{region}\n{want:?}\n{have:?}");
}

#[test]
fn generated_programs_mean_what_their_texts_say() {
    for carrier in [Carrier::F32, Carrier::F64, Carrier::Bit, Carrier::Mod(7)] {
        for seed in 0..120 {
            let region = generate(seed, &Options::over(carrier));
            match text(&region) {
                Ok(text) => compare(&region, &text, seed),
                Err(why) => panic!("{why}: seed {seed} over {carrier}"),
            }
        }
    }
}

#[test]
fn derivatives_of_generated_programs_mean_what_their_texts_say() {
    for seed in 0..60 {
        let region = generate(seed, &Options::smooth(Carrier::F64));
        let wanted: Vec<bool> = region.params().iter().map(Type::differentiable).collect();
        let reverse = lentil_unary::simplify::simplify(&lentil_reverse::reverse(&region, &wanted));
        match text(&reverse) {
            Ok(text) => compare(&reverse, &text, seed),
            Err(why) => panic!("{why}: seed {seed}"),
        }
    }
}

#[test]
fn long_programs_are_taken_apart() {
    let ty = Type::array(Carrier::F32, [3]);
    let mut b = Builder::new(vec![ty]);
    let mut x = b.param(0);
    for _ in 0..5000 {
        x = b.unary(UnaryOp::Sin, x);
    }
    let region = b.finish(vec![x]);
    compare(&region, &text(&region).unwrap(), 1);
}
