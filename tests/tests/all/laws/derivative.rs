//! The axioms RD.1 to RD.7 of a reverse derivative category (Cockett et al. 2020, as numbered in
//! Cruttwell et al. 2021), on generated programs: over the reals to a tolerance, over `Bit` and
//! `Mod[5]` exactly.
//!
//! The programs have loops, conditionals, calls and data-dependent indices. Where a program over a
//! finite ring is no polynomial (it compares, or counts), its derivative is that of the path it takes,
//! and the axioms hold on each path.

use lentil_tests::near::close;
use lentil_tests::rig::{self, changes, forward, pair, region, reverse, run};
use lentil_unary::dice::Dice;
use lentil_unary::generate::{Options, generate};
use lentil_unary::{Array, Carrier, Region, Type};

const CARRIERS: [Carrier; 3] = [Carrier::F64, Carrier::Bit, Carrier::Mod(5)];

fn options(carrier: Carrier) -> Options {
    match carrier.is_real() {
        true => Options::smooth(carrier),
        false => Options::over(carrier),
    }
}

/// Runs a law on programs over each carrier.
fn programs(count: u64, mut law: impl FnMut(&Region, &mut Dice)) {
    for carrier in CARRIERS {
        for seed in 0..count {
            law(&generate(seed, &options(carrier)), &mut Dice::new(seed));
        }
    }
}

fn agree(what: &str, x: &[Array], y: &[Array], f: &Region) {
    assert!(
        close(&Ok(x.to_vec()), &Ok(y.to_vec()), 1e-8),
        "{what}\n{x:?}\n{y:?}\n{f}"
    );
}

fn zeros(types: &[Type]) -> Vec<Array> {
    types.iter().map(Array::zeros).collect()
}

/// RD.1: `R[f + g] = R[f] + R[g]` and `R[0] = 0`.
#[test]
fn rd1_r_is_additive_in_the_map() {
    programs(40, |f, dice| {
        // A second map of the same type: the first at other constants.
        let shifted = shifted(f);
        let sum = region(f.params(), |b, s| {
            let (x, y) = (b.inline(f, s), b.inline(&shifted, s));
            x.iter().zip(y).map(|(&x, y)| b.add(x, y)).collect()
        });
        let x = dice.arrays(f.params());
        let dy = dice.arrays(&f.result_types());
        let args = [&x[..], &dy].concat();
        let apart = rig::add(&run(&reverse(f), &args), &run(&reverse(&shifted), &args));
        agree("sum", &run(&reverse(&sum), &args), &apart, f);

        let zero = region(f.params(), |b, _| {
            f.result_types().iter().map(|ty| b.zeros(ty)).collect()
        });
        let none = run(&reverse(&zero), &args);
        agree("zero", &none, &zeros(&changes(f.params())), f);
    });
}

/// A map of the same type: `f` after the pointwise square of its arguments.
fn shifted(f: &Region) -> Region {
    region(f.params(), |b, s| {
        let mut args = s.to_vec();
        for arg in &mut args {
            if b.ty(*arg).differentiable() {
                *arg = b.mul(*arg, *arg);
            }
        }
        b.inline(f, &args)
    })
}

/// RD.2: `R[f](x, -)` is additive.
#[test]
fn rd2_r_is_additive_in_the_cotangent() {
    programs(60, |f, dice| {
        let r = reverse(f);
        let x = dice.arrays(f.params());
        let (a, b) = (
            dice.arrays(&f.result_types()),
            dice.arrays(&f.result_types()),
        );
        let at = |dy: &[Array]| run(&r, &[&x[..], dy].concat());
        agree(
            "sum",
            &at(&rig::add(&a, &b)),
            &rig::add(&at(&a), &at(&b)),
            f,
        );
        let none = at(&zeros(&f.result_types()));
        agree("zero", &none, &zeros(&changes(f.params())), f);
    });
}

/// RD.3: R of the identity hands the cotangent back, R of a projection puts zeros beside it.
#[test]
fn rd3_r_of_wires() {
    for carrier in CARRIERS {
        let types = [Type::array(carrier, [3]), Type::array(carrier, [2, 2])];
        let mut dice = Dice::new(9);
        let x = dice.arrays(&types);
        let dy = dice.arrays(&types);
        let id = region(&types, |_, s| s.to_vec());
        agree("id", &run(&reverse(&id), &[&x[..], &dy].concat()), &dy, &id);
        for k in 0..2 {
            let projection = region(&types, |_, s| vec![s[k]]);
            let mut wanted = zeros(&types);
            wanted[k] = dy[k].clone();
            let args = [&x[..], &dy[k..=k]].concat();
            agree(
                "projection",
                &run(&reverse(&projection), &args),
                &wanted,
                &id,
            );
        }
    }
}

/// RD.4: `R[<f, g>](x, (a, b)) = R[f](x, a) + R[g](x, b)`.
#[test]
fn rd4_r_of_a_pair() {
    programs(40, |f, dice| {
        let g = shifted(f);
        let x = dice.arrays(f.params());
        let (a, b) = (
            dice.arrays(&f.result_types()),
            dice.arrays(&f.result_types()),
        );
        let both = run(&reverse(&pair(f, &g)), &[&x[..], &a, &b].concat());
        let apart = rig::add(
            &run(&reverse(f), &[&x[..], &a].concat()),
            &run(&reverse(&g), &[&x[..], &b].concat()),
        );
        agree("pair", &both, &apart, f);
    });
}

/// RD.5: `R[f >> g](x, dz) = R[f](x, R[g](f(x), dz))`. The second map takes whatever the first gives:
/// products of all pairs of elements.
#[test]
fn rd5_the_chain_rule() {
    programs(60, |f, dice| {
        let g = region(&f.result_types(), |b, s| {
            let product = |&x: &lentil_unary::Slot| b.contract(x, x, &[], &[]);
            s.iter().map(product).collect()
        });
        let x = dice.arrays(f.params());
        let dz = dice.arrays(&g.result_types());
        let whole = rig::compose(f, &g);
        let whole = run(&reverse(&whole), &[&x[..], &dz].concat());
        let y = run(f, &x);
        let dy = run(&reverse(&g), &[&y[..], &dz].concat());
        let parts = run(&reverse(f), &[&x[..], &dy].concat());
        agree("chain rule", &whole, &parts, f);
    });
}

/// The forward derivative that R alone defines: `D[f](x, v)` is the cotangent of `dy` in
/// `R[R[f]](x, 0; v)`.
fn by_reversing_twice(f: &Region) -> Region {
    let r = reverse(f);
    let rr = reverse(&r);
    let own = changes(f.params());
    let params = [f.params(), &own[..]].concat();
    region(&params, |b, s| {
        let (x, v) = s.split_at(f.params().len());
        let dy: Vec<_> = f.result_types().iter().map(|ty| b.zeros(ty)).collect();
        let all = b.inline(&rr, &[x, &dy, v].concat());
        all[own.len()..].to_vec()
    })
}

/// RD.6: the derivative of `R[f](x, -)` in a direction is `R[f](x, -)` of the direction, wherever it
/// is taken; and so the forward derivative does not depend on the cotangent it is read off at.
#[test]
fn rd6_r_is_linear_in_the_cotangent() {
    programs(30, |f, dice| {
        let r = reverse(f);
        let x = dice.arrays(f.params());
        let (at, v) = (
            dice.arrays(&f.result_types()),
            dice.arrays(&f.result_types()),
        );
        let still = zeros(&changes(f.params()));
        let args = [&x[..], &at, &still, &v].concat();
        let direct = run(&r, &[&x[..], &v].concat());
        agree("forward", &run(&forward(&r), &args), &direct, f);
        agree("reverse", &run(&by_reversing_twice(&r), &args), &direct, f);
    });
}

/// RD.7: mixed second derivatives are symmetric.
#[test]
fn rd7_second_derivatives_are_symmetric() {
    programs(30, |f, dice| {
        let own = changes(f.params());
        let x = dice.arrays(f.params());
        let (u, v) = (dice.arrays(&own), dice.arrays(&own));
        let still = zeros(&own);
        let by = |d: &dyn Fn(&Region) -> Region, u: &[Array], v: &[Array]| {
            run(&d(&d(f)), &[&x[..], u, v, &still].concat())
        };
        agree("forward", &by(&forward, &u, &v), &by(&forward, &v, &u), f);
        let twice: &dyn Fn(&Region) -> Region = &by_reversing_twice;
        agree("reverse", &by(twice, &u, &v), &by(twice, &v, &u), f);
    });
}
