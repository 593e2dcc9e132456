//! Cases of the rules that hold bit for bit.

use lentil_unary::{BinaryOp, Carrier, Fold, Literal, Prim, UnaryOp};

use super::case::{Case, case, columns, matmul, number, one};

pub fn exact() -> Vec<Case> {
    vec![
        case(
            "commute",
            &[|b, _, p| b.add(p[0], p[1]), |b, _, p| b.mul(p[0], p[1])],
            &[|b, _, p| b.sub(p[0], p[1])],
        ),
        case(
            "negate twice",
            &[|b, _, p| {
                let n = b.neg(p[0]);
                b.neg(n)
            }],
            &[|b, _, p| b.neg(p[0])],
        ),
        case(
            "subtract a negative",
            &[
                |b, _, p| {
                    let n = b.neg(p[1]);
                    b.sub(p[0], n)
                },
                |b, _, p| {
                    let n = b.neg(p[1]);
                    b.add(p[0], n)
                },
            ],
            &[|b, _, p| {
                let n = b.neg(p[1]);
                b.sub(n, p[0])
            }],
        ),
        case(
            "signs of products",
            &[|b, _, p| {
                let n = b.neg(p[0]);
                b.mul(n, p[1])
            }],
            &[|b, _, p| {
                let n = b.neg(p[0]);
                b.add(n, p[1])
            }],
        ),
        case(
            "product units",
            &[
                |b, c, p| {
                    let k = one(b, c);
                    b.mul(p[0], k)
                },
                |b, c, p| {
                    let k = number(b, c, -1);
                    b.mul(p[0], k)
                },
            ],
            &[|b, c, p| {
                let k = one(b, c);
                b.add(p[0], k)
            }],
        ),
        case(
            "take away nothing",
            &[
                |b, c, p| {
                    // The zero that adds nothing: over the reals the negative one.
                    let zero = if c.is_real() {
                        Literal::real(c, -0.0)
                    } else {
                        Literal::zero(c)
                    };
                    let k = b.full(zero, &[2, 2]);
                    b.add(p[0], k)
                },
                |b, c, p| {
                    let k = number(b, c, 0);
                    b.sub(p[0], k)
                },
            ],
            &[|b, c, p| {
                let k = number(b, c, 0);
                b.sub(k, p[0])
            }],
        ),
        case(
            "choose",
            &[
                |b, _, p| b.select(p[5], p[0], p[0]),
                |b, _, p| {
                    let n = b.unary(UnaryOp::Not, p[5]);
                    b.select(n, p[0], p[1])
                },
                |b, _, p| {
                    let yes = number(b, Carrier::Bool, 1);
                    b.select(yes, p[0], p[1])
                },
                |b, _, p| {
                    let no = number(b, Carrier::Bool, 0);
                    b.select(no, p[0], p[1])
                },
            ],
            &[|b, _, p| b.select(p[5], p[0], p[1])],
        ),
        case(
            "idempotent",
            &[
                |b, _, p| b.binary(BinaryOp::And, p[5], p[5]),
                |b, _, p| {
                    let no = number(b, Carrier::Bool, 0);
                    b.binary(BinaryOp::Or, p[5], no)
                },
            ],
            &[|b, _, p| {
                let n = b.unary(UnaryOp::Not, p[5]);
                b.binary(BinaryOp::And, p[5], n)
            }],
        ),
        case(
            "absolute of a sign",
            &[
                |b, _, p| {
                    let n = b.neg(p[0]);
                    b.unary(UnaryOp::Abs, n)
                },
                |b, _, p| {
                    let n = b.unary(UnaryOp::Abs, p[0]);
                    b.unary(UnaryOp::Abs, n)
                },
            ],
            &[|b, _, p| {
                let n = b.unary(UnaryOp::Abs, p[0]);
                b.neg(n)
            }],
        ),
    ]
}

pub fn structure() -> Vec<Case> {
    vec![
        case(
            "views of views",
            &[
                |b, _, p| {
                    let t = b.transpose(p[0], &[1, 0]);
                    b.transpose(t, &[1, 0])
                },
                |b, _, p| {
                    let t = columns(b, p[4]);
                    b.transpose(t, &[1, 0])
                },
                |b, _, p| {
                    let t = b.transpose(p[0], &[1, 0]);
                    b.broadcast(t, &[2, 3, 2], &[0, 2])
                },
            ],
            &[|b, _, p| b.transpose(p[0], &[1, 0])],
        ),
        case(
            "identities",
            &[
                |b, _, p| b.prim(Prim::Transpose(vec![0, 1]), &[p[0]]),
                |b, _, p| b.prim(Prim::Concat(0), &[p[0]]),
                |b, _, p| {
                    let f = b.prim(Prim::Flip(vec![0]), &[p[0]]);
                    b.prim(Prim::Flip(vec![0]), &[f])
                },
                |b, _, p| {
                    b.prim(
                        Prim::Slice {
                            start: vec![0, 0],
                            len: vec![2, 2],
                            step: vec![1, 1],
                        },
                        &[p[0]],
                    )
                },
            ],
            &[|b, _, p| {
                let f = b.prim(Prim::Flip(vec![0]), &[p[0]]);
                b.prim(Prim::Flip(vec![1]), &[f])
            }],
        ),
        case(
            "reshape twice",
            &[|b, _, p| {
                let r = b.reshape(p[0], &[4]);
                b.reshape(r, &[1, 4])
            }],
            &[|b, _, p| b.reshape(p[0], &[4])],
        ),
        case(
            "functions below views",
            &[
                |b, _, p| {
                    let v = columns(b, p[4]);
                    b.neg(v)
                },
                |b, c, p| {
                    let (v, k) = (columns(b, p[4]), one(b, c));
                    b.add(v, k)
                },
                |b, _, p| {
                    let (x, y) = (b.transpose(p[0], &[1, 0]), b.transpose(p[1], &[1, 0]));
                    b.mul(x, y)
                },
            ],
            &[|b, _, p| {
                let v = columns(b, p[4]);
                b.add(v, p[0])
            }],
        ),
        case(
            "contract a transposed array",
            &[
                |b, _, p| {
                    let t = b.transpose(p[0], &[1, 0]);
                    matmul(b, t, p[1])
                },
                |b, _, p| {
                    let t = b.transpose(p[1], &[1, 0]);
                    matmul(b, p[0], t)
                },
                |b, _, p| {
                    let t = b.transpose(p[0], &[1, 0]);
                    b.contract(t, p[1], &[], &[])
                },
                |b, _, p| {
                    let t = b.transpose(p[1], &[1, 0]);
                    b.contract(p[0], t, &[], &[])
                },
                |b, _, p| {
                    let t = b.transpose(p[0], &[1, 0]);
                    b.contract(t, p[1], &[(1, 1)], &[])
                },
            ],
            &[|b, _, p| {
                let m = matmul(b, p[0], p[1]);
                b.transpose(m, &[1, 0])
            }],
        ),
        case(
            "contract the other way round",
            &[
                |b, _, p| matmul(b, p[0], p[1]),
                |b, _, p| b.contract(p[0], p[1], &[(0, 1)], &[]),
            ],
            &[|b, _, p| b.mul(p[0], p[1])],
        ),
        case(
            "fold twice",
            &[|b, _, p| {
                let r = b.reduce(Fold::Any, p[5], &[1]);
                b.reduce(Fold::Any, r, &[0])
            }],
            &[
                |b, _, p| {
                    let r = b.sum(p[0], &[1]);
                    b.sum(r, &[0])
                },
                |b, _, p| {
                    let r = b.reduce(Fold::Any, p[5], &[1]);
                    b.reduce(Fold::All, r, &[0])
                },
            ],
        ),
    ]
}
