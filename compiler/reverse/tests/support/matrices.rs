//! Linear algebra as in a first textbook, over any kind of number: elimination, Gram and Schmidt, Jacobi's rotations.
//! A rotation is a smooth function of the elements that it brings to zero, so that directions converge with the values.
#![allow(clippy::needless_range_loop)] // indices are what the formulas have

use lentil_unary::{LinalgOp, Type};

use super::number::Number;
use super::oracle::Value;

/// A matrix as a list of rows.
type Matrix<N> = Vec<Vec<N>>;

/// How often all pairs are rotated; convergence is quadratic.
const SWEEPS: usize = 12;

/// The results of an operation, one matrix of a batch after the other.
pub fn values<N: Number>(op: LinalgOp, args: &[Value<N>], types: &[&Type]) -> Vec<Value<N>> {
    let shapes: Vec<&[usize]> = types.iter().map(|t| t.shape.as_slice()).collect();
    let sizes = op.sizes(&shapes).expect("matrices that fit");
    let mut results = vec![Vec::new(); op.results()];
    for matrix in 0..sizes.count {
        let own = args.iter().zip(&shapes).map(|(a, shape)| {
            let [m, n] = shape[shape.len() - 2..] else {
                panic!("a matrix")
            };
            let row = |i: usize| a.numbers()[(matrix * m + i) * n..][..n].to_vec();
            (0..m).map(row).collect::<Vec<Vec<N>>>()
        });
        let own: Vec<Vec<Vec<N>>> = own.collect();
        let made = linalg(op, &own, [sizes.rows, sizes.columns]);
        for (all, one) in results.iter_mut().zip(made) {
            all.extend(one);
        }
    }
    results.into_iter().map(Value::Numbers).collect()
}

/// The results of an operation on one matrix; row-major.
pub fn linalg<N: Number>(
    op: LinalgOp,
    args: &[Matrix<N>],
    [rows, columns]: [usize; 2],
) -> Vec<Vec<N>> {
    match op {
        LinalgOp::Cholesky => vec![cholesky(&symmetric(&args[0])).concat()],
        LinalgOp::CholeskyForward => {
            // L Φ(L⁻¹ Ȧ L⁻ᵀ)
            let l = lower(&args[0]);
            let left = eliminate(&l, &symmetric(&args[1])).0;
            let inner = eliminate(&l, &transposed(&left, rows)).0;
            vec![product(&l, &phi(&inner)).concat()]
        }
        LinalgOp::CholeskyReverse => {
            // L⁻ᵀ Φ(Lᵀ L̄) L⁻¹
            let [l, dl] = [0, 1].map(|k| lower(&args[k]));
            let lt = transposed(&l, rows);
            let right = eliminate(&lt, &phi(&product(&lt, &dl))).0;
            let whole = eliminate(&lt, &transposed(&right, rows)).0;
            vec![symmetric(&whole).concat()]
        }
        LinalgOp::SolveTriangular { upper } => {
            let kept = |i: usize, j: usize| if upper { i <= j } else { j <= i };
            let t = matrix(rows, rows, |i, j| {
                if kept(i, j) {
                    args[0][i][j]
                } else {
                    N::real(0.0)
                }
            });
            vec![eliminate(&t, &args[1]).0.concat()]
        }
        LinalgOp::Solve => vec![eliminate(&args[0], &args[1]).0.concat()],
        LinalgOp::Det => {
            let det = eliminate(&args[0], &vec![Vec::new(); rows]).1;
            let sign = if det.order() < 0.0 { -1.0 } else { 1.0 };
            vec![
                vec![det],
                vec![N::real(sign)],
                vec![det.apply("abs").apply("log")],
            ]
        }
        LinalgOp::Eigh => {
            let (values, vectors) = eigh(&symmetric(&args[0]));
            vec![values, transposed(&vectors, rows).concat()]
        }
        LinalgOp::Svd if rows < columns => {
            let (v, s, u) = svd(&transposed(&args[0], columns), rows);
            // The signs are the left vectors'.
            let (u, v) = (transposed(&u, rows), transposed(&v, rows));
            let (mut left, mut right) = (Vec::new(), Vec::new());
            for (u, v) in u.into_iter().zip(v) {
                let flips = points_down(&u);
                left.push(signed(u, flips));
                right.push(signed(v, flips));
            }
            vec![transposed(&left, rows).concat(), s, right.concat()]
        }
        LinalgOp::Svd => {
            let (u, s, v) = svd(&args[0], columns);
            vec![u.concat(), s, transposed(&v, columns).concat()]
        }
        LinalgOp::Qr => {
            let (q, r) = qr(&args[0], rows, columns);
            vec![q.concat(), r.concat()]
        }
    }
}

fn matrix<N: Number>(m: usize, n: usize, at: impl Fn(usize, usize) -> N) -> Matrix<N> {
    (0..m).map(|i| (0..n).map(|j| at(i, j)).collect()).collect()
}

fn sub<N: Number>(x: N, y: N) -> N {
    x.add(y.neg())
}

fn dot<N: Number>(x: &[N], y: &[N]) -> N {
    x.iter()
        .zip(y)
        .fold(N::real(0.0), |s, (x, y)| s.add(x.mul(*y)))
}

/// The transpose of a matrix with `columns` columns.
fn transposed<N: Number>(a: &Matrix<N>, columns: usize) -> Matrix<N> {
    matrix(columns, a.len(), |i, j| a[j][i])
}

fn symmetric<N: Number>(a: &Matrix<N>) -> Matrix<N> {
    matrix(a.len(), a.len(), |i, j| {
        a[i][j].add(a[j][i]).mul(N::real(0.5))
    })
}

fn lower<N: Number>(a: &Matrix<N>) -> Matrix<N> {
    let kept = |i: usize, j: usize| if j <= i { a[i][j] } else { N::real(0.0) };
    matrix(a.len(), a.len(), kept)
}

/// The lower triangle, its diagonal halved.
fn phi<N: Number>(a: &Matrix<N>) -> Matrix<N> {
    let mut part = lower(a);
    for i in 0..a.len() {
        part[i][i] = part[i][i].mul(N::real(0.5));
    }
    part
}

/// The product of square matrices.
fn product<N: Number>(a: &Matrix<N>, b: &Matrix<N>) -> Matrix<N> {
    let columns = transposed(b, b.len());
    matrix(a.len(), a.len(), |i, j| dot(&a[i], &columns[j]))
}

fn cholesky<N: Number>(a: &Matrix<N>) -> Matrix<N> {
    let n = a.len();
    let mut l = matrix(n, n, |_, _| N::real(0.0));
    for j in 0..n {
        let pivot = sub(a[j][j], dot(&l[j][..j], &l[j][..j]));
        l[j][j] = pivot.apply("sqrt");
        for i in j + 1..n {
            l[i][j] = sub(a[i][j], dot(&l[i][..j], &l[j][..j])).div(l[j][j]);
        }
    }
    l
}

/// The solution of a linear system, and the matrix's determinant.
fn eliminate<N: Number>(a: &Matrix<N>, b: &Matrix<N>) -> (Matrix<N>, N) {
    let n = a.len();
    let (mut a, mut b) = (a.clone(), b.clone());
    let mut det = N::real(1.0);
    for k in 0..n {
        let size = |i: usize| a[i][k].order().abs();
        let best = (k..n).fold(k, |best, i| if size(i) > size(best) { i } else { best });
        if best != k {
            a.swap(k, best);
            b.swap(k, best);
            det = det.neg();
        }
        det = det.mul(a[k][k]);
        for i in (0..n).filter(|&i| i != k) {
            let factor = a[i][k].div(a[k][k]);
            for j in k..n {
                a[i][j] = sub(a[i][j], factor.mul(a[k][j]));
            }
            for j in 0..b[i].len() {
                b[i][j] = sub(b[i][j], factor.mul(b[k][j]));
            }
        }
    }
    for k in 0..n {
        for x in &mut b[k] {
            *x = x.div(a[k][k]);
        }
    }
    (b, det)
}

/// The cosine and sine that make `[[p, q], [q, r]]` diagonal.
fn rotation<N: Number>(p: N, q: N, r: N) -> [N; 2] {
    let apart = sub(r, p);
    let twice = q.add(q);
    let root = apart.mul(apart).add(twice.mul(twice)).apply("sqrt");
    let below = if apart.order() < 0.0 {
        sub(apart, root)
    } else {
        apart.add(root)
    };
    if below.order() == 0.0 {
        return [N::real(1.0), N::real(0.0)];
    }
    let t = twice.div(below);
    let c = N::real(1.0).div(N::real(1.0).add(t.mul(t)).apply("sqrt"));
    [c, t.mul(c)]
}

/// Ascending eigenvalues, and eigenvectors as rows.
fn eigh<N: Number>(a: &Matrix<N>) -> (Vec<N>, Matrix<N>) {
    let n = a.len();
    let mut a = a.clone();
    let mut v = matrix(n, n, |i, j| N::real(f64::from(u8::from(i == j))));
    for _ in 0..SWEEPS {
        for p in 0..n {
            for q in p + 1..n {
                let [c, s] = rotation(a[p][p], a[p][q], a[q][q]);
                turn(&mut a, p, q, c, s);
                a = transposed(&a, n);
                turn(&mut a, p, q, c, s);
                turn(&mut v, p, q, c, s);
            }
        }
    }
    let mut pairs: Vec<(N, Vec<N>)> = (0..n).map(|i| (a[i][i], v[i].clone())).collect();
    pairs.sort_by(|x, y| x.0.order().total_cmp(&y.0.order()));
    let upright = |v: Vec<N>| {
        let flips = points_down(&v);
        signed(v, flips)
    };
    pairs.into_iter().map(|(w, v)| (w, upright(v))).unzip()
}

/// Rotates two rows.
fn turn<N: Number>(a: &mut Matrix<N>, p: usize, q: usize, c: N, s: N) {
    for j in 0..a[p].len() {
        let (x, y) = (a[p][j], a[q][j]);
        a[p][j] = sub(c.mul(x), s.mul(y));
        a[q][j] = s.mul(x).add(c.mul(y));
    }
}

fn points_down<N: Number>(v: &[N]) -> bool {
    let larger = |best: f64, x: &N| {
        if x.order().abs() > best.abs() {
            x.order()
        } else {
            best
        }
    };
    v.iter().fold(0.0, larger) < 0.0
}

fn signed<N: Number>(v: Vec<N>, flips: bool) -> Vec<N> {
    v.into_iter()
        .map(|x| if flips { x.neg() } else { x })
        .collect()
}

/// `U`, `s` and `V` of a matrix with no more columns than rows, by rotations that make columns orthogonal.
fn svd<N: Number>(a: &Matrix<N>, n: usize) -> (Matrix<N>, Vec<N>, Matrix<N>) {
    let m = a.len();
    let mut columns = transposed(a, n);
    let mut v = matrix(n, n, |i, j| N::real(f64::from(u8::from(i == j))));
    for _ in 0..SWEEPS {
        for p in 0..n {
            for q in p + 1..n {
                let (x, y) = (&columns[p], &columns[q]);
                let [c, s] = rotation(dot(x, x), dot(x, y), dot(y, y));
                turn(&mut columns, p, q, c, s);
                turn(&mut v, p, q, c, s);
            }
        }
    }
    let mut parts: Vec<(Vec<N>, N, Vec<N>)> = columns
        .into_iter()
        .zip(v)
        .map(|(column, v)| {
            let s = dot(&column, &column).apply("sqrt");
            let u: Vec<N> = column.iter().map(|x| x.div(s)).collect();
            let flips = points_down(&u);
            (signed(u, flips), s, signed(v, flips))
        })
        .collect();
    parts.sort_by(|x, y| y.1.order().total_cmp(&x.1.order()));
    let u = matrix(m, n, |i, j| parts[j].0[i]);
    let v = matrix(n, n, |i, j| parts[j].2[i]);
    (u, parts.into_iter().map(|p| p.1).collect(), v)
}

fn qr<N: Number>(a: &Matrix<N>, m: usize, n: usize) -> (Matrix<N>, Matrix<N>) {
    let k = m.min(n);
    let mut rest = transposed(a, n);
    let mut q: Matrix<N> = Vec::new();
    let mut r = matrix(k, n, |_, _| N::real(0.0));
    for i in 0..k {
        let norm = dot(&rest[i], &rest[i]).apply("sqrt");
        let unit: Vec<N> = rest[i].iter().map(|x| x.div(norm)).collect();
        for j in i..n {
            let along = dot(&unit, &rest[j]);
            r[i][j] = along;
            for (x, u) in rest[j].iter_mut().zip(&unit) {
                *x = sub(*x, along.mul(*u));
            }
        }
        q.push(unit);
    }
    (transposed(&q, m), r)
}
