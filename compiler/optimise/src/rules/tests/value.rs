//! Cases of the rules on bits and on real numbers.

use lentil_unary::{BinaryOp, Fold, Literal, UnaryOp};

use super::case::{Case, case, columns, number, one};

pub fn bit() -> Vec<Case> {
    vec![
        case(
            "square",
            &[|b, _, p| b.mul(p[0], p[0])],
            &[|b, _, p| b.mul(p[0], p[1])],
        ),
        case(
            "square in a product",
            &[|b, _, p| {
                let m = b.mul(p[0], p[1]);
                b.mul(p[0], m)
            }],
            &[|b, _, p| {
                let m = b.add(p[0], p[1]);
                b.mul(p[0], m)
            }],
        ),
        case(
            "opposite",
            &[|b, c, p| {
                let k = one(b, c);
                let n = b.add(p[0], k);
                b.mul(p[0], n)
            }],
            &[|b, c, p| {
                let k = one(b, c);
                let n = b.add(p[0], k);
                b.mul(p[1], n)
            }],
        ),
        case(
            "absorb",
            &[|b, _, p| {
                let n = b.add(p[0], p[1]);
                b.mul(p[0], n)
            }],
            &[|b, _, p| {
                let n = b.add(p[2], p[1]);
                b.mul(p[0], n)
            }],
        ),
    ]
}

pub fn real() -> Vec<Case> {
    vec![
        case(
            "log of exp",
            &[|b, _, p| {
                let e = b.unary(UnaryOp::Exp, p[0]);
                b.unary(UnaryOp::Log, e)
            }],
            &[|b, _, p| {
                let e = b.unary(UnaryOp::Log, p[0]);
                b.unary(UnaryOp::Exp, e)
            }],
        ),
        case(
            "products of exp",
            &[
                |b, _, p| {
                    let (x, y) = (b.unary(UnaryOp::Exp, p[0]), b.unary(UnaryOp::Exp, p[1]));
                    b.mul(x, y)
                },
                |b, _, p| {
                    let (x, y) = (b.unary(UnaryOp::Exp, p[0]), b.unary(UnaryOp::Exp, p[1]));
                    b.div(x, y)
                },
                |b, c, p| {
                    let (k, y) = (one(b, c), b.unary(UnaryOp::Exp, p[1]));
                    b.div(k, y)
                },
            ],
            &[|b, _, p| {
                let (x, y) = (b.unary(UnaryOp::Exp, p[0]), b.unary(UnaryOp::Exp, p[1]));
                b.add(x, y)
            }],
        ),
        case(
            "divide by a constant",
            &[|b, c, p| {
                let k = number(b, c, 3);
                b.div(p[0], k)
            }],
            &[
                |b, c, p| {
                    let k = number(b, c, 0);
                    b.div(p[0], k)
                },
                |b, c, p| {
                    let k = b.full(Literal::real(c, 1e-320), &[2, 2]);
                    b.div(p[0], k)
                },
            ],
        ),
        case(
            "divide by a repeated",
            &[|b, _, p| {
                let v = columns(b, p[4]);
                b.div(p[0], v)
            }],
            &[|b, _, p| {
                let v = columns(b, p[4]);
                b.div(v, p[0])
            }],
        ),
        case(
            "quotients",
            &[
                |b, _, p| {
                    let q = b.div(p[0], p[1]);
                    b.div(q, p[2])
                },
                |b, c, p| {
                    let k = one(b, c);
                    let q = b.div(k, p[1]);
                    b.mul(p[0], q)
                },
                |b, _, p| {
                    let q = b.div(p[1], p[2]);
                    b.mul(p[0], q)
                },
            ],
            &[|b, _, p| {
                let q = b.div(p[0], p[1]);
                b.add(q, p[2])
            }],
        ),
        case(
            "log of a sum of exp",
            &[|b, _, p| {
                let e = b.unary(UnaryOp::Exp, p[0]);
                let s = b.sum(e, &[1]);
                b.unary(UnaryOp::Log, s)
            }],
            &[|b, _, p| {
                let e = b.unary(UnaryOp::Exp, p[0]);
                let s = b.reduce(Fold::Max, e, &[1]);
                b.unary(UnaryOp::Log, s)
            }],
        ),
        case(
            "sigmoid",
            &[
                |b, c, p| {
                    let n = b.neg(p[0]);
                    let e = b.unary(UnaryOp::Exp, n);
                    let k = one(b, c);
                    let s = b.add(e, k);
                    b.div(k, s)
                },
                |b, c, p| {
                    let s = b.unary(UnaryOp::Sigmoid, p[0]);
                    let k = one(b, c);
                    b.sub(k, s)
                },
            ],
            &[|b, c, p| {
                let e = b.unary(UnaryOp::Exp, p[0]);
                let k = one(b, c);
                let s = b.add(e, k);
                b.div(k, s)
            }],
        ),
        case(
            "tanh",
            &[
                |b, c, p| {
                    let (two, k) = (number(b, c, 2), one(b, c));
                    let x = b.mul(p[0], two);
                    let s = b.unary(UnaryOp::Sigmoid, x);
                    let s = b.mul(s, two);
                    b.sub(s, k)
                },
                |b, _, p| {
                    let n = b.neg(p[0]);
                    b.unary(UnaryOp::Tanh, n)
                },
            ],
            &[|b, _, p| {
                let n = b.unary(UnaryOp::Tanh, p[0]);
                b.neg(n)
            }],
        ),
        case(
            "small arguments",
            &[
                |b, c, p| {
                    let (e, k) = (b.unary(UnaryOp::Exp, p[0]), one(b, c));
                    b.sub(e, k)
                },
                |b, c, p| {
                    let k = one(b, c);
                    let q = b.unary(UnaryOp::Abs, p[0]);
                    let s = b.add(q, k);
                    b.unary(UnaryOp::Log, s)
                },
            ],
            &[|b, c, p| {
                let (e, k) = (b.unary(UnaryOp::Exp, p[0]), number(b, c, 2));
                b.sub(e, k)
            }],
        ),
        case(
            "powers",
            &[
                |b, c, p| {
                    let k = number(b, c, 0);
                    b.binary(BinaryOp::Pow, p[0], k)
                },
                |b, c, p| {
                    let k = one(b, c);
                    b.binary(BinaryOp::Pow, p[0], k)
                },
                |b, c, p| {
                    let k = number(b, c, 2);
                    b.binary(BinaryOp::Pow, p[0], k)
                },
                |b, c, p| {
                    let k = number(b, c, -1);
                    b.binary(BinaryOp::Pow, p[0], k)
                },
            ],
            &[|b, c, p| {
                let k = number(b, c, 3);
                b.binary(BinaryOp::Pow, p[0], k)
            }],
        ),
        case(
            "greatest of greatest",
            &[|b, _, p| {
                let r = b.reduce(Fold::Max, p[0], &[1]);
                b.reduce(Fold::Max, r, &[0])
            }],
            &[|b, _, p| {
                let r = b.reduce(Fold::Max, p[0], &[1]);
                b.reduce(Fold::Min, r, &[0])
            }],
        ),
    ]
}
