//! Cases of the rules that hold in every ring.

use lentil_unary::Fold;

use super::case::{Case, case, columns, matmul, number, one, stretched};

pub fn ring() -> Vec<Case> {
    vec![
        case(
            "zeros",
            &[
                |b, c, p| {
                    let k = number(b, c, 0);
                    b.add(p[0], k)
                },
                |b, c, p| {
                    let k = number(b, c, 0);
                    b.sub(k, p[0])
                },
                |b, c, p| {
                    let k = number(b, c, 0);
                    b.mul(p[0], k)
                },
                |b, _, p| b.sub(p[0], p[0]),
            ],
            &[|b, c, p| {
                let k = one(b, c);
                b.add(p[0], k)
            }],
        ),
        case(
            "associate",
            &[
                |b, _, p| {
                    let s = b.add(p[0], p[1]);
                    b.add(s, p[2])
                },
                |b, _, p| {
                    let s = b.mul(p[0], p[1]);
                    b.mul(s, p[2])
                },
            ],
            &[|b, _, p| {
                let s = b.add(p[0], p[1]);
                b.mul(s, p[2])
            }],
        ),
        case(
            "factor",
            &[
                |b, _, p| {
                    let (s, t) = (b.mul(p[0], p[1]), b.mul(p[0], p[2]));
                    b.add(s, t)
                },
                |b, _, p| {
                    let (s, t) = (b.mul(p[0], p[1]), b.mul(p[0], p[2]));
                    b.sub(s, t)
                },
                |b, _, p| {
                    let s = b.mul(p[0], p[1]);
                    b.sub(s, p[0])
                },
            ],
            &[|b, _, p| {
                let (s, t) = (b.mul(p[0], p[1]), b.mul(p[2], p[2]));
                b.add(s, t)
            }],
        ),
        case(
            "negated sums",
            &[
                |b, _, p| {
                    let s = b.sub(p[0], p[1]);
                    b.neg(s)
                },
                |b, _, p| {
                    let n = b.neg(p[0]);
                    b.add(n, p[1])
                },
                |b, _, p| {
                    let n = b.neg(p[0]);
                    b.sub(n, p[1])
                },
            ],
            &[|b, _, p| {
                let s = b.mul(p[0], p[1]);
                b.neg(s)
            }],
        ),
        case(
            "two is zero",
            &[
                |b, _, p| b.add(p[0], p[0]),
                |b, _, p| b.neg(p[0]),
                |b, _, p| b.sub(p[0], p[1]),
            ],
            &[|b, _, p| b.add(p[0], p[1])],
        ),
        case(
            "sum of a product",
            &[
                |b, _, p| {
                    let m = b.mul(p[0], p[1]);
                    b.sum(m, &[1])
                },
                |b, _, p| {
                    let (x, y) = (columns(b, p[4]), p[0]);
                    let m = b.mul(x, y);
                    b.sum(m, &[0])
                },
                |b, _, p| {
                    let (x, y) = (columns(b, p[4]), p[0]);
                    let m = b.mul(x, y);
                    b.sum(m, &[1])
                },
                |b, _, p| {
                    let x = b.broadcast(p[0], &[2, 2, 2], &[0, 1]);
                    let y = b.broadcast(p[1], &[2, 2, 2], &[1, 2]);
                    let m = b.mul(x, y);
                    b.sum(m, &[1])
                },
            ],
            &[|b, _, p| {
                let m = b.add(p[0], p[1]);
                b.sum(m, &[1])
            }],
        ),
        case(
            "sum of a contraction",
            &[
                |b, _, p| {
                    let m = b.contract(p[0], p[1], &[(0, 0)], &[]);
                    b.sum(m, &[0])
                },
                |b, _, p| {
                    let m = matmul(b, p[0], p[1]);
                    b.sum(m, &[0])
                },
                |b, _, p| {
                    let m = matmul(b, p[0], p[1]);
                    b.sum(m, &[0, 1])
                },
            ],
            &[|b, _, p| {
                let m = matmul(b, p[0], p[1]);
                b.reduce(Fold::Prod, m, &[0])
            }],
        ),
        case(
            "contract a repeated array",
            &[
                |b, _, p| {
                    let v = columns(b, p[4]);
                    matmul(b, v, p[0])
                },
                |b, _, p| {
                    let v = columns(b, p[4]);
                    matmul(b, p[0], v)
                },
                |b, _, p| {
                    let v = columns(b, p[4]);
                    b.contract(v, p[0], &[(0, 1)], &[])
                },
            ],
            &[|b, _, p| matmul(b, p[0], p[1])],
        ),
        case(
            "sum twice",
            &[|b, _, p| {
                let r = b.sum(p[0], &[0]);
                b.sum(r, &[0])
            }],
            &[|b, _, p| {
                let r = b.reduce(Fold::Prod, p[0], &[0]);
                b.sum(r, &[0])
            }],
        ),
        case(
            "sum of repetitions",
            &[
                |b, _, p| {
                    let v = columns(b, p[4]);
                    b.sum(v, &[0])
                },
                |b, _, p| {
                    let v = stretched(b, p[3]);
                    b.sum(v, &[0, 1])
                },
            ],
            &[|b, _, p| {
                let v = columns(b, p[4]);
                b.sum(v, &[1])
            }],
        ),
        case(
            "sum of zeros",
            &[
                |b, c, _| {
                    let k = number(b, c, 0);
                    b.sum(k, &[0])
                },
                |b, c, p| {
                    let k = number(b, c, 0);
                    matmul(b, p[0], k)
                },
            ],
            &[|b, c, p| {
                let k = one(b, c);
                matmul(b, p[0], k)
            }],
        ),
        case(
            "factors out of sums",
            &[
                |b, _, p| {
                    let c = stretched(b, p[3]);
                    let m = b.mul(c, p[0]);
                    b.sum(m, &[1])
                },
                |b, _, p| {
                    let c = columns(b, p[4]);
                    let m = b.mul(c, p[0]);
                    b.sum(m, &[0])
                },
                |b, _, p| {
                    let n = b.neg(p[0]);
                    b.sum(n, &[0])
                },
            ],
            &[|b, _, p| {
                let c = columns(b, p[4]);
                let m = b.mul(c, p[0]);
                b.sum(m, &[1])
            }],
        ),
        case(
            "factors out of contractions",
            &[
                |b, _, p| {
                    let c = stretched(b, p[3]);
                    let m = b.mul(c, p[0]);
                    matmul(b, m, p[1])
                },
                |b, _, p| {
                    let n = b.neg(p[1]);
                    matmul(b, p[0], n)
                },
            ],
            &[|b, _, p| {
                let c = columns(b, p[4]);
                let m = b.mul(c, p[0]);
                matmul(b, m, p[1])
            }],
        ),
        case(
            "sums together",
            &[|b, _, p| {
                let v = columns(b, p[4]);
                let m = b.add(p[0], v);
                b.sum(m, &[0])
            }],
            &[|b, _, p| {
                let m = b.add(p[0], p[1]);
                b.sum(m, &[0])
            }],
        ),
        case(
            "contractions together",
            &[
                |b, _, p| {
                    let (s, t) = (matmul(b, p[0], p[1]), matmul(b, p[0], p[2]));
                    b.add(s, t)
                },
                |b, _, p| {
                    let (s, t) = (matmul(b, p[1], p[0]), matmul(b, p[2], p[0]));
                    b.sub(s, t)
                },
            ],
            &[|b, _, p| {
                let (s, t) = (
                    matmul(b, p[0], p[1]),
                    b.contract(p[0], p[2], &[], &[(0, 0)]),
                );
                b.add(s, t)
            }],
        ),
        case(
            "associate contractions",
            &[
                |b, _, p| {
                    let m = matmul(b, p[0], p[1]);
                    matmul(b, m, p[2])
                },
                |b, _, p| {
                    let m = matmul(b, p[0], p[1]);
                    matmul(b, m, p[4])
                },
                |b, _, p| {
                    let m = b.contract(p[0], p[1], &[(0, 0)], &[]);
                    b.contract(m, p[2], &[(0, 0)], &[(2, 1)])
                },
                |b, _, p| {
                    let m = matmul(b, p[0], p[1]);
                    b.contract(m, p[2], &[], &[(0, 0), (1, 1)])
                },
            ],
            &[|b, _, p| {
                let m = b.mul(p[0], p[1]);
                matmul(b, m, p[2])
            }],
        ),
    ]
}
