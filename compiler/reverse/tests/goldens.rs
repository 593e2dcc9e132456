//! Derivations whose result is known as syntax.

mod support;

use lentil_unary::print::print;
use lentil_unary::{Builder, Fold, Prim, Region, Slot, Type};
use support::{int, real};

fn body(params: &[Type], make: impl FnOnce(&mut Builder, &[Slot]) -> Vec<Slot>) -> Region {
    let mut b = Builder::new(params.to_vec());
    let slots = b.param_slots();
    let results = make(&mut b, &slots);
    b.finish(results)
}

fn assert_reverse(f: &Region, wanted: &[bool], golden: &str) {
    let printed = print(&lentil_reverse::reverse(f, wanted));
    let squeeze = |s: &str| s.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(squeeze(&printed), squeeze(golden), "\n{printed}");
}

/// R[Σ] replicates.
#[test]
fn sum() {
    let f = body(&[real(&[3])], |b, p| vec![b.sum(p[0], &[0])]);
    assert_reverse(
        &f,
        &[true],
        "entry(%0: f64[3], %1: f64) {
            %2: f64[3] = broadcast{axes=[]} %1
            yield %2
        }",
    );
}

/// R[Π] is two exclusive scans and a product.
#[test]
fn product() {
    let f = body(&[real(&[3])], |b, p| vec![b.reduce(Fold::Prod, p[0], &[0])]);
    assert_reverse(
        &f,
        &[true],
        "entry(%0: f64[3], %1: f64) {
            %2: f64[3] = scan_prod{axis=0, exclusive=true, reverse=false} %0
            %3: f64[3] = scan_prod{axis=0, exclusive=true, reverse=true} %0
            %4: f64[3] = mul %2, %3
            %5: f64[3] = broadcast{axes=[]} %1
            %6: f64[3] = mul %5, %4
            yield %6
        }",
    );
}

/// R of A·B in A is B, times the cotangent.
#[test]
fn dot() {
    let f = body(&[real(&[3]), real(&[3])], |b, p| {
        vec![b.contract(p[0], p[1], &[], &[(0, 0)])]
    });
    assert_reverse(
        &f,
        &[true, false],
        "entry(%0: f64[3], %1: f64[3], %2: f64) {
            %3: f64[3] = broadcast{axes=[]} %2
            %4: f64[3] = mul %3, %1
            yield %4
        }",
    );
}

/// R of A B in both: dC Bᵀ and Aᵀ dC.
#[test]
fn matrix_product() {
    let f = body(&[real(&[2, 3]), real(&[3, 4])], |b, p| {
        vec![b.contract(p[0], p[1], &[], &[(1, 0)])]
    });
    assert_reverse(
        &f,
        &[true, true],
        "entry(%0: f64[2, 3], %1: f64[3, 4], %2: f64[2, 4]) {
            %3: f64[2, 3] = contract{batch=[], sum=[1:1]} %2, %1
            %4: f64[4, 3] = contract{batch=[], sum=[0:0]} %2, %0
            %5: f64[3, 4] = transpose{perm=[1, 0]} %4
            yield %3, %5
        }",
    );
}

/// R of x1 x2 x1 is (x2 x1 + x2 x1, x1 x1), times the cotangent.
#[test]
fn polynomial() {
    let f = body(&[real(&[]), real(&[])], |b, p| {
        let t = b.mul(p[0], p[1]);
        vec![b.mul(t, p[0])]
    });
    assert_reverse(
        &f,
        &[true, true],
        "entry(%0: f64, %1: f64, %2: f64) {
            %3: f64 = mul %0, %1
            %4: f64 = mul %2, %0
            %5: f64 = mul %2, %3
            %6: f64 = mul %4, %1
            %7: f64 = add %5, %6
            %8: f64 = mul %4, %0
            yield %7, %8
        }",
    );
}

/// R[copy] adds and R[add] copies.
#[test]
fn copy_and_add() {
    let copy = body(&[real(&[])], |_, p| vec![p[0], p[0]]);
    assert_reverse(
        &copy,
        &[true],
        "entry(%0: f64, %1: f64, %2: f64) { %3: f64 = add %1, %2 yield %3 }",
    );
    let add = body(&[real(&[]), real(&[])], |b, p| vec![b.add(p[0], p[1])]);
    assert_reverse(
        &add,
        &[true, true],
        "entry(%0: f64, %1: f64, %2: f64) { yield %2, %2 }",
    );
    let id = body(&[real(&[])], |_, p| p.to_vec());
    assert_reverse(&id, &[true], "entry(%0: f64, %1: f64) { yield %1 }");
}

/// A map stays a map: its reverse has no state, saves nothing that it can recompute, reads each element once.
#[test]
fn map() {
    let square = body(&[int(&[]), real(&[])], |b, p| vec![b.mul(p[1], p[1])]);
    let f = body(&[real(&[5])], |b, p| {
        b.for_loop(5, false, &[], &[p[0]], &[], square)
    });
    assert_reverse(
        &f,
        &[true],
        "entry(%0: f64[5], %1: f64[5]) {
            %2: f64[5] = loop 5 (; %0, %1; ) body(%0: int, %1: f64, %2: f64) {
                %3: f64 = mul %2, %1
                %4: f64 = add %3, %3
                yield %4
            }
            yield %2
        }",
    );
    assert_eq!(lentil_reverse::residuals(&f, &[true]), []);
}

/// A linear fold saves nothing; its cotangent goes to every element.
#[test]
fn sum_as_a_fold() {
    let add = body(&[int(&[]), real(&[]), real(&[])], |b, p| {
        vec![b.add(p[2], p[1])]
    });
    let f = body(&[real(&[5]), real(&[])], |b, p| {
        b.for_loop(5, false, &[], &[p[0]], &[p[1]], add)
    });
    assert_reverse(
        &f,
        &[true, true],
        "entry(%0: f64[5], %1: f64, %2: f64) {
            %3: f64[5] = loop 5 backward (%2; ; ) body(%0: int, %1: f64) {
                yield %1
            }
            yield %3, %2
        }",
    );
    assert_eq!(lentil_reverse::residuals(&f, &[true, true]), []);
}

/// The derived forward rows are those of the books.
#[test]
fn forward_rows() {
    let forward = |prim: Prim, types: &[Type]| {
        let f = body(types, |b, p| vec![b.prim(prim, p)]);
        print(&lentil_reverse::forward(&f))
    };
    let all = [
        forward(Prim::Unary(lentil_unary::UnaryOp::Sin), &[real(&[2])]),
        forward(
            Prim::Binary(lentil_unary::BinaryOp::Mul),
            &[real(&[2]), real(&[2])],
        ),
        forward(
            Prim::Reduce {
                fold: Fold::Max,
                axes: vec![0],
            },
            &[real(&[2])],
        ),
        forward(
            Prim::Contract {
                batch: vec![],
                sum: vec![(1, 0)],
            },
            &[real(&[2, 3]), real(&[3])],
        ),
    ];
    let squeeze = |s: &str| s.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(
        squeeze(&all.concat()),
        squeeze(
            "entry(%0: f64[2], %1: f64[2]) {
            %2: f64[2] = cos %0
            %3: f64[2] = mul %1, %2
            yield %3
        }
        entry(%0: f64[2], %1: f64[2], %2: f64[2], %3: f64[2]) {
            %4: f64[2] = mul %3, %0
            %5: f64[2] = mul %2, %1
            %6: f64[2] = add %4, %5
            yield %6
        }
        entry(%0: f64[2], %1: f64[2]) {
            %2: int = argmax{axis=0} %0
            %3: f64 = gather{axes=1, site=0} %1, %2
            yield %3
        }
        entry(%0: f64[2, 3], %1: f64[3], %2: f64[2, 3], %3: f64[3]) {
            %4: f64[2] = contract{batch=[], sum=[0:1]} %3, %0
            %5: f64[2] = contract{batch=[], sum=[1:0]} %2, %1
            %6: f64[2] = add %4, %5
            yield %6
        }"
        ),
        "\n{}",
        all.concat()
    );
}
