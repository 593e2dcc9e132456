//! Programs that read at indices of all kinds: affine ones, clamped ones, and such as are data.

use std::sync::Arc;

use lentil_unary::{
    Array, BinaryOp, Builder, Carrier, CompareOp, Function, Literal, Prim, Region, Site, Slot,
    Type, UnaryOp,
};

use super::{Case, array};

const REAL: Carrier = Carrier::F64;

fn reals(shape: &[usize]) -> Type {
    Type::array(REAL, shape)
}

fn int() -> Type {
    Type::scalar(Carrier::Int)
}

/// A read (or addition) at indices along the leading axes.
fn read(b: &mut Builder, x: Slot, indices: &[Slot]) -> Slot {
    let (axes, site) = (indices.len(), Site(4));
    b.prim(Prim::Gather { axes, site }, &[&[x], indices].concat())
}

fn add_at(b: &mut Builder, acc: Slot, index: Slot, values: Slot) -> Slot {
    let (axes, site) = (1, Site(5));
    b.prim(Prim::ScatterAdd { axes, site }, &[acc, index, values])
}

fn iota(b: &mut Builder, n: usize) -> Slot {
    b.prim(Prim::Iota(n), &[])
}

fn with(b: &mut Builder, op: BinaryOp, x: Slot, y: i64) -> Slot {
    let shape = b.ty(x).shape.clone();
    let y = b.full(Literal::integer(Carrier::Int, y), &shape);
    b.prim(Prim::Binary(op), &[x, y])
}

/// `step i + k` for `i < n` and `k < m`.
fn windows(b: &mut Builder, n: usize, m: usize, step: i64) -> Slot {
    let (i, k) = (iota(b, n), iota(b, m));
    let i = with(b, BinaryOp::Mul, i, step);
    let i = b.broadcast(i, &[n, m], &[0]);
    let k = b.broadcast(k, &[n, m], &[1]);
    b.add(i, k)
}

/// A program of arrays of these shapes, and how many checks it has left.
struct Listed {
    cases: Vec<(Case, usize)>,
}

impl Listed {
    fn add(
        &mut self,
        name: &str,
        shapes: &[&[usize]],
        checks: usize,
        make: impl FnOnce(&mut Builder, &[Slot]) -> Vec<Slot>,
    ) {
        let mut b = Builder::new(shapes.iter().map(|s| reals(s)).collect());
        let params = b.param_slots();
        let results = make(&mut b, &params);
        let region = b.finish(results);
        let args: Vec<Array> = shapes.iter().map(|s| array(REAL, s)).collect();
        let name = name.to_string();
        self.cases.push((Case { name, region, args }, checks));
    }
}

/// All of them, and how many checks are left of each.
pub fn programs() -> Vec<(Case, usize)> {
    let mut list = Listed { cases: Vec::new() };
    views(&mut list);
    products(&mut list);
    lookups(&mut list);
    loops(&mut list);
    conditionals(&mut list);
    list.cases
}

fn views(list: &mut Listed) {
    list.add("windows, used", &[&[7]], 0, |b, p| {
        let at = windows(b, 5, 3, 1);
        let x = read(b, p[0], &[at]);
        vec![b.unary(UnaryOp::Sin, x)]
    });
    list.add("windows, themselves", &[&[9]], 0, |b, p| {
        let at = windows(b, 4, 3, 2);
        vec![read(b, p[0], &[at])]
    });
    list.add("turned round", &[&[5]], 0, |b, p| {
        let i = iota(b, 5);
        let four = b.full(Literal::integer(Carrier::Int, 4), &[5]);
        let at = b.sub(four, i);
        let x = read(b, p[0], &[at]);
        vec![b.add(x, p[0])]
    });
    list.add("one element, often", &[&[5]], 0, |b, p| {
        let i = iota(b, 6);
        let at = with(b, BinaryOp::Mul, i, 0);
        let at = with(b, BinaryOp::Add, at, 3);
        vec![read(b, p[0], &[at])]
    });
    list.add(
        "windows in two axes, with rows",
        &[&[4, 5, 2]],
        0,
        |b, p| {
            let [rows, columns] = [(3, 2, [0, 2]), (4, 2, [1, 3])].map(|(n, m, axes)| {
                let at = windows(b, n, m, 1);
                b.broadcast(at, &[3, 4, 2, 2], &axes)
            });
            let x = read(b, p[0], &[rows, columns]);
            let x = b.transpose(x, &[4, 0, 2, 1, 3]);
            vec![b.sum(x, &[2, 4]), x]
        },
    );
    list.add("windows of windows", &[&[8]], 0, |b, p| {
        let at = windows(b, 4, 5, 1);
        let outer = read(b, p[0], &[at]);
        let diagonal = iota(b, 3);
        let next = with(b, BinaryOp::Add, diagonal, 1);
        let inner = read(b, outer, &[diagonal, next]);
        let all = b.reshape(outer, &[20]);
        vec![inner, all]
    });
    list.add("windows of what is computed", &[&[6]], 0, |b, p| {
        let x = b.unary(UnaryOp::Sin, p[0]);
        let at = windows(b, 4, 3, 1);
        let x = read(b, x, &[at]);
        let low = b.sum(x, &[1]);
        let y = b.unary(UnaryOp::Cos, x);
        vec![low, y]
    });
    list.add("windows of a constant", &[&[3]], 0, |b, p| {
        let one = b.ones(&reals(&[5]));
        let at = windows(b, 3, 3, 1);
        let x = read(b, one, &[at]);
        let x = b.sum(x, &[1]);
        vec![b.mul(x, p[0])]
    });
    list.add("no windows", &[&[2]], 0, |b, p| {
        let at = windows(b, 0, 3, 1);
        let x = read(b, p[0], &[at]);
        vec![b.sum(x, &[0]), x]
    });
    list.add("one too many", &[&[6]], 1, |b, p| {
        let at = windows(b, 5, 3, 1);
        vec![read(b, p[0], &[at])]
    });
}

fn products(list: &mut Listed) {
    // Small enough for a nest, and large enough for a kernel.
    for (n, m, c) in [(5, 3, 2), (40, 9, 8)] {
        list.add(
            "a convolution of rows",
            &[&[m, c], &[n + m - 1]],
            0,
            |b, p| {
                let at = windows(b, n, m, 1);
                let x = read(b, p[1], &[at]);
                let y = b.contract(x, p[0], &[], &[(1, 0)]);
                let z = b.contract(p[0], x, &[], &[(0, 1)]);
                vec![y, z]
            },
        );
        list.add("its transpose", &[&[n, m], &[n + m - 1]], 0, |b, p| {
            let at = windows(b, n, m, 1);
            vec![add_at(b, p[1], at, p[0])]
        });
        list.add(
            "looked up rows times a matrix",
            &[&[m, c], &[n, m]],
            0,
            |b, p| {
                let i = iota(b, 2 * n);
                let at = with(b, BinaryOp::Rem, i, n as i64);
                let x = read(b, p[1], &[at]);
                vec![b.contract(x, p[0], &[], &[(1, 0)])]
            },
        );
    }
}

fn lookups(list: &mut Listed) {
    list.add("clamped", &[&[5]], 0, |b, p| {
        let i = iota(b, 9);
        let below = with(b, BinaryOp::Sub, i, 2);
        let at = with(b, BinaryOp::Max, below, 0);
        let at = with(b, BinaryOp::Min, at, 4);
        let x = read(b, p[0], &[at]);
        let y = b.unary(UnaryOp::Neg, x);
        vec![y, x]
    });
    list.add("in a ring, rows", &[&[5, 3]], 0, |b, p| {
        let i = iota(b, 5);
        let next = with(b, BinaryOp::Add, i, 1);
        let at = with(b, BinaryOp::Rem, next, 5);
        let x = read(b, p[0], &[at]);
        vec![b.sub(x, p[0])]
    });
    list.add("an order", &[&[6]], 0, |b, p| {
        let order = b.prim(Prim::ArgSort { descending: false }, &[p[0]]);
        let x = read(b, p[0], &[order]);
        let ranks = b.prim(Prim::ArgSort { descending: true }, &[order]);
        let y = read(b, x, &[ranks]);
        vec![b.add(x, y)]
    });
    list.add(
        "where numbers say, and there again",
        &[&[4], &[5]],
        1,
        |b, p| {
            let at = b.convert(p[0], Carrier::Int);
            let rest = with(b, BinaryOp::Rem, at, 5);
            let known = read(b, p[1], &[rest]);
            let open = with(b, BinaryOp::Min, at, 4);
            let x = read(b, p[1], &[open]);
            vec![b.mul(known, x)]
        },
    );
}

fn loops(list: &mut Listed) {
    // x[i + j] for the number j of the iteration; and a state that is read in windows of itself.
    list.add(
        "windows at the number of the iteration",
        &[&[7], &[3]],
        0,
        |b, p| {
            let mut body = Builder::new(vec![int(), reals(&[7]), reals(&[3])]);
            let q = body.param_slots();
            let i = iota(&mut body, 3);
            let j = body.broadcast(q[0], &[3], &[]);
            let at = body.add(i, j);
            let x = read(&mut body, q[1], &[at]);
            let s = body.mul(q[2], x);
            let body = body.finish(vec![s, x]);
            b.for_loop(5, true, &[p[0]], &[], &[p[1]], body)
        },
    );
    for shift in [0, 1] {
        list.add("a state beside itself", &[&[6]], 0, |b, p| {
            let mut body = Builder::new(vec![int(), reals(&[6])]);
            let q = body.param_slots();
            let i = iota(&mut body, 6);
            let next = with(&mut body, BinaryOp::Add, i, shift);
            let at = with(&mut body, BinaryOp::Min, next, 5);
            let x = read(&mut body, q[1], &[at]);
            let s = body.add(q[1], x);
            let body = body.finish(vec![s]);
            b.for_loop(4, false, &[], &[], p, body)
        });
    }
    list.add("a state in windows of itself", &[&[6]], 0, |b, p| {
        let mut body = Builder::new(vec![int(), reals(&[6])]);
        let q = body.param_slots();
        let at = windows(&mut body, 4, 3, 1);
        let x = read(&mut body, q[1], &[at]);
        let x = body.sum(x, &[1]);
        let ends = vec![(0, 1), (5, 1)].into_iter().map(|(start, len)| {
            let (start, len, step) = (vec![start], vec![len], vec![1]);
            body.prim(Prim::Slice { start, len, step }, &[q[1]])
        });
        let ends: Vec<Slot> = ends.collect();
        let s = body.prim(Prim::Concat(0), &[ends[0], x, ends[1]]);
        let body = body.finish(vec![s]);
        b.for_loop(4, false, &[], &[], p, body)
    });
    list.add(
        "windows taken one by one, and passed on",
        &[&[8]],
        0,
        |b, p| {
            let at = windows(b, 4, 3, 1);
            let x = read(b, p[0], &[at]);
            let mut body = Builder::new(vec![int(), reals(&[3]), reals(&[])]);
            let q = body.param_slots();
            let part = body.sum(q[1], &[0]);
            let s = body.add(q[2], part);
            let body = body.finish(vec![s, q[1]]);
            let zero = b.zeros(&reals(&[]));
            let mut results = b.for_loop(4, false, &[], &[x], &[zero], body);
            let mut f = Builder::new(vec![reals(&[4, 3])]);
            let y = f.param(0);
            let y = f.unary(UnaryOp::Tanh, y);
            let f = f.finish(vec![y]);
            let f = Arc::new(Function {
                name: "f".to_string(),
                region: f,
            });
            results.extend(b.call(&f, &[x]));
            results
        },
    );
}

fn conditionals(list: &mut Listed) {
    // if j < 5 then x[j] else x[j - 5], for a number j of an iteration below 10, and below 11.
    for (n, checks) in [(10, 0), (11, 1)] {
        list.add("either half", &[&[5]], checks, |b, p| {
            let mut body = Builder::new(vec![int(), reals(&[5])]);
            let q = body.param_slots();
            let five = body.int(5);
            let low = body.compare(CompareOp::Lt, q[0], five);
            let arm = |by: i64| -> Region {
                let mut arm = Builder::new(vec![int(), reals(&[5])]);
                let r = arm.param_slots();
                let at = with(&mut arm, BinaryOp::Sub, r[0], by);
                let x = read(&mut arm, r[1], &[at]);
                arm.finish(vec![x])
            };
            let x = body.cond(low, &q, arm(0), arm(5));
            let body = body.finish(x);
            b.for_loop(n, false, p, &[], &[], body)
        });
    }
}
