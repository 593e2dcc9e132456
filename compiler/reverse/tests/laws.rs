//! The axioms of reverse derivative categories, exactly, over finite rings and for all arguments.

mod support;

use lentil_unary::dice::Dice;
use lentil_unary::{Array, Builder, Carrier, Region, Slot, Type};
use support::{check_exact, run};

const RINGS: [(Carrier, u32); 3] = [
    (Carrier::Bit, 2),
    (Carrier::Mod(3), 3),
    (Carrier::Mod(4), 4),
];

/// A random polynomial map of pairs to pairs.
fn polynomial(carrier: Carrier, seed: u64) -> Region {
    let mut dice = Dice::new(seed);
    let mut b = Builder::new(vec![Type::scalar(carrier); 2]);
    let mut slots = b.param_slots();
    slots.push(b.literal(lentil_unary::Literal::one(carrier)));
    for _ in 0..7 {
        let pick = |dice: &mut Dice| slots[(dice.word() % slots.len() as u64) as usize];
        let (x, y) = (pick(&mut dice), pick(&mut dice));
        let z = match dice.word() % 5 {
            0 => b.add(x, y),
            1 => b.sub(x, y),
            2 => b.neg(x),
            _ => b.mul(x, y),
        };
        slots.push(z);
    }
    let last = slots.len();
    b.finish(vec![slots[last - 1], slots[last - 2]])
}

/// One program after another.
fn compose(f: &Region, g: &Region) -> Region {
    let mut b = Builder::new(f.params().to_vec());
    let params = b.param_slots();
    let middle = b.inline(f, &params);
    let results = b.inline(g, &middle);
    b.finish(results)
}

fn both(
    f: &Region,
    g: &Region,
    join: impl Fn(&mut Builder, &[Slot], &[Slot]) -> Vec<Slot>,
) -> Region {
    let mut b = Builder::new(f.params().to_vec());
    let params = b.param_slots();
    let (one, two) = (b.inline(f, &params), b.inline(g, &params));
    let results = join(&mut b, &one, &two);
    b.finish(results)
}

/// All tuples of `count` elements of the integers modulo `n`.
fn tuples(n: u32, count: usize) -> Vec<Vec<f64>> {
    let total = (n as usize).pow(count as u32);
    let digit = |mut t: usize, k: usize| {
        t /= (n as usize).pow(k as u32);
        (t % n as usize) as f64
    };
    (0..total)
        .map(|t| (0..count).map(|k| digit(t, k)).collect())
        .collect()
}

fn at(region: &Region, carrier: Carrier, values: &[f64]) -> Vec<f64> {
    let scalar = Type::scalar(carrier);
    let args: Vec<Array> = values
        .iter()
        .map(|&v| Array::from_f64(scalar.clone(), &[v]))
        .collect();
    run("a law", region, &args)
}

fn sum(n: u32, x: &[f64], y: &[f64]) -> Vec<f64> {
    x.iter()
        .zip(y)
        .map(|(x, y)| (x + y) % f64::from(n))
        .collect()
}

fn reverse(f: &Region) -> Region {
    lentil_reverse::reverse(f, &vec![true; f.params().len()])
}

fn every(mut law: impl FnMut(Carrier, u32, u64)) {
    for (carrier, n) in RINGS {
        for seed in 0..12 {
            law(carrier, n, seed);
        }
    }
}

/// R is the formal derivative, at every point.
#[test]
fn derivatives_of_polynomials() {
    every(|carrier, n, seed| {
        let f = polynomial(carrier, seed);
        for x in tuples(n, 2) {
            let args: Vec<Array> = x
                .iter()
                .map(|&v| Array::from_f64(Type::scalar(carrier), &[v]))
                .collect();
            check_exact("a polynomial", &f, &args, n);
        }
    });
}

/// RD.1: R[f + g] = R[f] + R[g].
#[test]
fn sums_of_maps() {
    every(|carrier, n, seed| {
        let (f, g) = (polynomial(carrier, seed), polynomial(carrier, seed + 100));
        let r = reverse(&both(&f, &g, |b, x, y| {
            vec![b.add(x[0], y[0]), b.add(x[1], y[1])]
        }));
        let (rf, rg) = (reverse(&f), reverse(&g));
        for x in tuples(n, 4) {
            assert_eq!(
                at(&r, carrier, &x),
                sum(n, &at(&rf, carrier, &x), &at(&rg, carrier, &x))
            );
        }
    });
}

/// RD.2: R[f] is additive in the cotangent, and zero at zero.
#[test]
fn additive_in_the_cotangent() {
    every(|carrier, n, seed| {
        let r = reverse(&polynomial(carrier, seed));
        for x in tuples(n, 2) {
            let at = |dy: &[f64]| at(&r, carrier, &[&x[..], dy].concat());
            assert_eq!(at(&[0.0, 0.0]), [0.0, 0.0]);
            for dy in tuples(n, 2) {
                let dz = [f64::from(n) - 1.0, 1.0];
                assert_eq!(at(&sum(n, &dy, &dz)), sum(n, &at(&dy), &at(&dz)));
            }
        }
    });
}

/// RD.4: R[⟨f, g⟩](x, (dy, dz)) = R[f](x, dy) + R[g](x, dz).
#[test]
fn pairs_of_maps() {
    every(|carrier, n, seed| {
        let (f, g) = (polynomial(carrier, seed), polynomial(carrier, seed + 100));
        let r = reverse(&both(&f, &g, |_, x, y| [x, y].concat()));
        let (rf, rg) = (reverse(&f), reverse(&g));
        for x in tuples(n, 4) {
            let dz = [1.0, f64::from(n) - 1.0];
            let have = at(&r, carrier, &[&x[..], &dz].concat());
            let two = at(&rg, carrier, &[x[0], x[1], dz[0], dz[1]]);
            assert_eq!(have, sum(n, &at(&rf, carrier, &x), &two));
        }
    });
}

/// RD.5, the composition of lenses: R[f ; g](x, dz) = R[f](x, R[g](f(x), dz)).
#[test]
fn composites() {
    every(|carrier, n, seed| {
        let (f, g) = (polynomial(carrier, seed), polynomial(carrier, seed + 100));
        let r = reverse(&compose(&f, &g));
        let (rf, rg) = (reverse(&f), reverse(&g));
        for x in tuples(n, 4) {
            let middle = at(&f, carrier, &x[..2]);
            let dy = at(&rg, carrier, &[&middle[..], &x[2..]].concat());
            let dx = at(&rf, carrier, &[&x[..2], &dy].concat());
            assert_eq!(at(&r, carrier, &x), dx);
        }
    });
}

/// RD.6: R of R[f] in the cotangent is the forward derivative, wherever the cotangent stands.
#[test]
fn reverse_of_reverse_in_the_cotangent_is_forward() {
    every(|carrier, n, seed| {
        let f = polynomial(carrier, seed);
        let twice = lentil_reverse::reverse(&reverse(&f), &[false, false, true, true]);
        let forward = lentil_reverse::forward(&f);
        for x in tuples(n, 4) {
            let have = at(&twice, carrier, &[x[0], x[1], 1.0, 0.0, x[2], x[3]]);
            assert_eq!(have, at(&forward, carrier, &x));
        }
    });
}

/// RD.7: second derivatives are symmetric.
#[test]
fn second_derivatives_are_symmetric() {
    every(|carrier, n, seed| {
        let twice = lentil_reverse::forward(&lentil_reverse::forward(&polynomial(carrier, seed)));
        for x in tuples(n, 4) {
            let (v, w) = ([x[2], x[3]], [1.0, f64::from(n) - 1.0]);
            let one = at(&twice, carrier, &[&x[..2], &v, &w, &[0.0, 0.0]].concat());
            let two = at(&twice, carrier, &[&x[..2], &w, &v, &[0.0, 0.0]].concat());
            assert_eq!(one, two);
        }
    });
}
