//! What each operation promises, over both carriers and over sizes on both sides of `faer`'s thresholds.

use lentil_linalg::{LinalgOp, Real, Sizes, run};

/// Numbers between -1 and 1, the same in every run.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }

    fn matrix(&mut self, m: usize, n: usize) -> Vec<f64> {
        (0..m * n).map(|_| self.next()).collect()
    }
}

fn product(a: &[f64], b: &[f64], [m, k, n]: [usize; 3]) -> Vec<f64> {
    let mut c = vec![0.0; m * n];
    for i in 0..m {
        for j in 0..n {
            c[i * n + j] = (0..k).map(|p| a[i * k + p] * b[p * n + j]).sum();
        }
    }
    c
}

fn transposed(a: &[f64], m: usize, n: usize) -> Vec<f64> {
    (0..m * n).map(|p| a[p % m * n + p / m]).collect()
}

fn identity(n: usize) -> Vec<f64> {
    (0..n * n)
        .map(|p| f64::from(u8::from(p / n == p % n)))
        .collect()
}

fn near(a: &[f64], b: &[f64], tolerance: f64) {
    assert_eq!(a.len(), b.len());
    let scale = b.iter().fold(1.0, |s: f64, x| s.max(x.abs()));
    for (x, y) in a.iter().zip(b) {
        assert!((x - y).abs() <= tolerance * scale, "{x} is not {y}");
    }
}

/// An operation on one matrix, by way of a carrier.
trait Carrier: Real {
    const TOLERANCE: f64;
    fn of(x: f64) -> Self;
    fn back(self) -> f64;
}

impl Carrier for f64 {
    const TOLERANCE: f64 = 1e-11;
    fn of(x: f64) -> f64 {
        x
    }
    fn back(self) -> f64 {
        self
    }
}

impl Carrier for f32 {
    const TOLERANCE: f64 = 2e-3;
    fn of(x: f64) -> f32 {
        x as f32
    }
    fn back(self) -> f64 {
        f64::from(self)
    }
}

fn at<T: Carrier>(op: LinalgOp, sizes: [usize; 3], args: &[&[f64]]) -> Vec<Vec<f64>> {
    let [count, rows, columns] = sizes;
    let sizes = Sizes {
        count,
        rows,
        columns,
    };
    let args: Vec<Vec<T>> = args
        .iter()
        .map(|a| a.iter().map(|&x| T::of(x)).collect())
        .collect();
    let args: Vec<&[T]> = args.iter().map(Vec::as_slice).collect();
    let lengths = sizes.elements(op).1;
    let mut results: Vec<Vec<T>> = lengths.iter().map(|n| vec![T::NAN; n * count]).collect();
    let mut views: Vec<&mut [T]> = results.iter_mut().map(Vec::as_mut_slice).collect();
    run(op, sizes, &args, &mut views);
    let back = |r: Vec<T>| r.into_iter().map(Carrier::back).collect();
    results.into_iter().map(back).collect()
}

const SIZES: [usize; 6] = [0, 1, 2, 5, 17, 70];

fn laws<T: Carrier>() {
    let mut dice = Dice(3);
    let tolerance = T::TOLERANCE;
    for n in SIZES {
        let a = dice.matrix(n, n);
        let square = product(&a, &transposed(&a, n, n), [n, n, n]);
        let one = identity(n);
        let positive: Vec<f64> = square.iter().zip(&one).map(|(x, i)| x + i).collect();

        let l = &at::<T>(LinalgOp::Cholesky, [1, n, n], &[&positive])[0];
        near(
            &product(l, &transposed(l, n, n), [n, n, n]),
            &positive,
            tolerance,
        );
        assert!((0..n * n).all(|p| p % n <= p / n || l[p] == 0.0));
        assert!((0..n).all(|i| l[i * n + i] > 0.0));

        let b = dice.matrix(n, 3);
        let x = &at::<T>(LinalgOp::Solve, [1, n, 3], &[&positive, &b])[0];
        near(&product(&positive, x, [n, n, 3]), &b, tolerance);
        let x = &at::<T>(
            LinalgOp::SolveTriangular { upper: false },
            [1, n, 3],
            &[l, &b],
        )[0];
        near(&product(l, x, [n, n, 3]), &b, tolerance);
        let u = transposed(l, n, n);
        let x = &at::<T>(
            LinalgOp::SolveTriangular { upper: true },
            [1, n, 3],
            &[&u, &b],
        )[0];
        near(&product(&u, x, [n, n, 3]), &b, tolerance);

        let logs: f64 = (0..n).map(|i| l[i * n + i].ln()).sum();
        let det = at::<T>(LinalgOp::Det, [1, n, n], &[&positive]);
        near(&det[2], &[2.0 * logs], tolerance);
        assert_eq!(det[1], [1.0]);

        let symmetric: Vec<f64> = (0..n * n)
            .map(|p| a[p] + a[p % n.max(1) * n + p / n.max(1)])
            .collect();
        let [w, v] = &at::<T>(LinalgOp::Eigh, [1, n, n], &[&symmetric])[..] else {
            panic!("two results")
        };
        assert!(w.is_sorted());
        near(
            &product(&transposed(v, n, n), v, [n, n, n]),
            &one,
            tolerance,
        );
        let scaled: Vec<f64> = (0..n * n).map(|p| v[p] * w[p % n]).collect();
        near(
            &product(&scaled, &transposed(v, n, n), [n, n, n]),
            &symmetric,
            tolerance,
        );
    }
    for (m, n) in [
        (0, 3),
        (3, 0),
        (1, 4),
        (6, 2),
        (2, 6),
        (5, 5),
        (40, 9),
        (9, 40),
        (70, 66),
    ] {
        let k = m.min(n);
        let a = dice.matrix(m, n);
        let one = identity(k);
        let [u, s, w] = &at::<T>(LinalgOp::Svd, [1, m, n], &[&a])[..] else {
            panic!("three results")
        };
        assert!(s.windows(2).all(|p| p[0] >= p[1]) && s.iter().all(|&x| x >= 0.0));
        near(
            &product(&transposed(u, m, k), u, [k, m, k]),
            &one,
            tolerance,
        );
        near(
            &product(w, &transposed(w, k, n), [k, n, k]),
            &one,
            tolerance,
        );
        let scaled: Vec<f64> = (0..m * k).map(|p| u[p] * s[p % k]).collect();
        near(&product(&scaled, w, [m, k, n]), &a, tolerance);

        let [q, r] = &at::<T>(LinalgOp::Qr, [1, m, n], &[&a])[..] else {
            panic!("two results")
        };
        near(
            &product(&transposed(q, m, k), q, [k, m, k]),
            &one,
            tolerance,
        );
        near(&product(q, r, [m, k, n]), &a, tolerance);
        assert!((0..k * n).all(|p| p / n <= p % n || r[p] == 0.0));
        assert!((0..k).all(|i| r[i * n + i] >= 0.0));
    }
}

#[test]
fn laws_in_double_precision() {
    laws::<f64>();
}

#[test]
fn laws_in_single_precision() {
    laws::<f32>();
}

/// The changes of a factor against their closed forms, on both sides of the size from which halves are halved.
fn changes<T: Carrier>() {
    let mut dice = Dice(11);
    for n in [0, 1, 2, 5, 12, 13, 25, 40, 71] {
        let shape = [1, n, n];
        let lower = |a: &[f64]| -> Vec<f64> {
            let kept = |p: usize| if p % n <= p / n { a[p] } else { 0.0 };
            (0..n * n).map(kept).collect()
        };
        let flip = |a: &[f64]| transposed(a, n, n);
        let times = |a: &[f64], b: &[f64]| product(a, b, [n, n, n]);
        let symmetric = |a: &[f64]| -> Vec<f64> {
            let both = a.iter().zip(flip(a)).map(|(x, y)| (x + y) / 2.0);
            both.collect()
        };
        let phi = |a: &[f64]| -> Vec<f64> {
            let half = |(p, x): (usize, f64)| if p % n == p / n { x / 2.0 } else { x };
            lower(a).into_iter().enumerate().map(half).collect()
        };
        let under = LinalgOp::SolveTriangular { upper: false };
        let solved = |l: &[f64], a: &[f64]| at::<f64>(under, shape, &[l, a]).swap_remove(0);
        let over = LinalgOp::SolveTriangular { upper: true };
        let back = |l: &[f64], a: &[f64]| at::<f64>(over, shape, &[&flip(l), a]).swap_remove(0);

        // What stands above the diagonal is not read, whatever it is.
        let mut l = dice.matrix(n, n);
        let mut dl = dice.matrix(n, n);
        let da = dice.matrix(n, n);
        for i in 0..n {
            l[i * n + i] = 2.0 + i as f64;
            for j in i + 1..n {
                l[i * n + j] = f64::NAN;
                dl[i * n + j] = f64::INFINITY;
            }
        }
        let kept = lower(&l);
        let there = &at::<T>(LinalgOp::CholeskyForward, shape, &[&l, &da])[0];
        let inner = solved(&kept, &flip(&solved(&kept, &symmetric(&da))));
        near(there, &times(&kept, &phi(&inner)), T::TOLERANCE);
        let here = &at::<T>(LinalgOp::CholeskyReverse, shape, &[&l, &dl])[0];
        let inner = phi(&times(&flip(&kept), &lower(&dl)));
        let whole = back(&kept, &flip(&back(&kept, &inner)));
        near(here, &symmetric(&whole), T::TOLERANCE);

        // Each is the other's transpose.
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
        let numbers = [dot(there, &lower(&dl)), dot(&da, here)];
        near(&numbers[..1], &numbers[1..], n as f64 * T::TOLERANCE);
    }
}

#[test]
fn changes_of_a_factor_in_double_precision() {
    changes::<f64>();
}

#[test]
fn changes_of_a_factor_in_single_precision() {
    changes::<f32>();
}

/// What the factor of a matrix that is changed a little is.
#[test]
fn a_factor_changes_as_its_matrix_does() {
    let n = 30;
    let mut dice = Dice(17);
    let a = dice.matrix(n, n);
    let mut a = product(&a, &transposed(&a, n, n), [n, n, n]);
    (0..n).for_each(|i| a[i * n + i] += 1.0);
    let da = dice.matrix(n, n);
    let factor = |by: f64| {
        let moved: Vec<f64> = a.iter().zip(&da).map(|(a, d)| a + by * d).collect();
        at::<f64>(LinalgOp::Cholesky, [1, n, n], &[&moved]).swap_remove(0)
    };
    let (more, less) = (factor(1e-5), factor(-1e-5));
    let differences: Vec<f64> = more
        .iter()
        .zip(&less)
        .map(|(m, l)| (m - l) / 2e-5)
        .collect();
    let change = &at::<f64>(LinalgOp::CholeskyForward, [1, n, n], &[&factor(0.0), &da])[0];
    near(change, &differences, 1e-8);
}

#[test]
fn determinants_have_signs() {
    let swapped = [0.0, 1.0, 1.0, 0.0];
    let [det, sign, log] = &at::<f64>(LinalgOp::Det, [1, 2, 2], &[&swapped])[..] else {
        panic!("three results")
    };
    assert_eq!((det[0], sign[0], log[0]), (-1.0, -1.0, 0.0));
    let flat = [1.0, 2.0, 2.0, 4.0];
    let singular = at::<f64>(LinalgOp::Det, [1, 2, 2], &[&flat]);
    assert_eq!(singular, [[0.0], [0.0], [f64::NEG_INFINITY]]);
    assert_eq!(
        at::<f64>(LinalgOp::Det, [1, 0, 0], &[&[]]),
        [[1.0], [1.0], [0.0]]
    );
    let zero = at::<f64>(LinalgOp::Det, [1, 3, 3], &[&[0.0; 9]]);
    assert_eq!(zero, [[0.0], [0.0], [f64::NEG_INFINITY]]);
}

/// What has no answer is NaN in every element, and its neighbours in the batch are answered all the same.
#[test]
fn no_answer_is_nan() {
    let indefinite = [
        4.0, 2.0, 2.0, 3.0, /**/ 1.0, 2.0, 2.0, 1.0, /**/ 4.0, 2.0, 2.0, 3.0,
    ];
    let l = &at::<f64>(LinalgOp::Cholesky, [3, 2, 2], &[&indefinite])[0];
    assert!(l[4..8].iter().all(|x| x.is_nan()));
    near(&l[..4], &[2.0, 0.0, 1.0, 2.0_f64.sqrt()], 1e-15);
    assert_eq!(l[..4], l[8..]);

    let flat = [1.0, 2.0, 2.0, 4.0];
    let b = [1.0, 1.0];
    for op in [LinalgOp::CholeskyForward, LinalgOp::CholeskyReverse] {
        let made = at::<f64>(op, [1, 2, 2], &[&[1.0, 0.0, 3.0, 0.0], &flat]);
        assert!(made[0].iter().all(|x| x.is_nan()));
        // The other matrix has to be made of numbers as well.
        let made = at::<f64>(op, [1, 2, 2], &[&flat, &[1.0, 2.0, f64::NAN, 4.0]]);
        assert!(made[0].iter().all(|x| x.is_nan()));
    }
    for op in [LinalgOp::Solve, LinalgOp::SolveTriangular { upper: false }] {
        let a = if op == LinalgOp::Solve {
            flat
        } else {
            [1.0, 0.0, 3.0, 0.0]
        };
        assert!(
            at::<f64>(op, [1, 2, 1], &[&a, &b])[0]
                .iter()
                .all(|x| x.is_nan())
        );
    }
    let whole = |op: &LinalgOp| !matches!(op, LinalgOp::SolveTriangular { .. });
    for op in LinalgOp::ALL.into_iter().filter(whole) {
        for bad in [f64::NAN, f64::INFINITY] {
            let a = [bad, 1.0, 1.0, 3.0];
            let args: Vec<&[f64]> = [&a, &a][..op.arguments()].iter().map(|a| &a[..]).collect();
            for result in at::<f64>(op, [1, 2, 2], &args) {
                assert!(result.iter().all(|x| x.is_nan()), "{op:?}");
            }
        }
    }
}

#[test]
fn extremes_do_not_panic() {
    let mut dice = Dice(5);
    for scale in [1e-300, 1e300, 0.0] {
        let a: Vec<f64> = dice.matrix(5, 5).iter().map(|x| x * scale).collect();
        for op in LinalgOp::ALL {
            let args: Vec<&[f64]> = vec![&a; op.arguments()];
            at::<f64>(op, [1, 5, 5], &args);
        }
    }
}

#[test]
fn signs_are_chosen() {
    let mut dice = Dice(9);
    let a = dice.matrix(6, 6);
    let v = &at::<f64>(LinalgOp::Eigh, [1, 6, 6], &[&a])[1];
    let u = &at::<f64>(LinalgOp::Svd, [1, 6, 6], &[&a])[0];
    for vectors in [v, u] {
        for j in 0..6 {
            let column: Vec<f64> = (0..6).map(|i| vectors[i * 6 + j]).collect();
            let best = column
                .iter()
                .copied()
                .reduce(|b, x| if x.abs() > b.abs() { x } else { b });
            assert!(best > Some(0.0));
        }
    }
}
