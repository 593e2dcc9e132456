//! The reverse derivative of a loss over a batch, as the compiler derives it, ends as matrix products.

mod common;

use common::{Numbers, close, contractions, loops, run};
use lentil_optimise::{Options, VectoriseOptions, optimise_reported, vectorise};
use lentil_reverse::value_and_reverse;
use lentil_unary::check::check;
use lentil_unary::simplify::simplify;
use lentil_unary::{Builder, Carrier, Fold, Literal, Prim, Region, Site, Slot, Type, UnaryOp};

fn real(shape: &[usize]) -> Type {
    Type::array(Carrier::F64, shape)
}

/// How the loss of one example multiplies a matrix and a vector.
#[derive(Clone, Copy)]
enum Dense {
    /// As one contraction.
    Contraction,
    /// As a comprehension `[ sum(w[i,k] * x[k] for k) for i ]`: loops that read at their numbers.
    Loops,
}

fn read(b: &mut Builder, data: Slot, indices: &[Slot]) -> Slot {
    let (axes, site) = (indices.len(), Site(3));
    b.prim(Prim::Gather { axes, site }, &[&[data], indices].concat())
}

fn dense(b: &mut Builder, how: Dense, w: Slot, x: Slot) -> Slot {
    let (wt, xt) = (b.ty(w).clone(), b.ty(x).clone());
    match how {
        Dense::Contraction => b.contract(w, x, &[], &[(1, 0)]),
        Dense::Loops => {
            let int = Type::scalar(Carrier::Int);
            let mut term = Builder::new(vec![int.clone(), wt.clone(), xt.clone(), int.clone()]);
            let p = term.param_slots();
            let left = read(&mut term, p[1], &[p[3], p[0]]);
            let right = read(&mut term, p[2], &[p[0]]);
            let product = term.mul(left, right);
            let term = term.finish(vec![product]);
            let mut cell = Builder::new(vec![int, wt.clone(), xt.clone()]);
            let p = cell.param_slots();
            let consts = [p[1], p[2], p[0]];
            let terms = cell.for_loop(xt.shape[0], false, &consts, &[], &[], term);
            let total = cell.sum(terms[0], &[0]);
            let cell = cell.finish(vec![total]);
            b.for_loop(wt.shape[0], false, &[w, x], &[], &[], cell)[0]
        }
    }
}

/// The mean over a batch of `logsumexp(y) - y[t]`, `y = w2 tanh(w1 x + b1) + b2`.
fn loss(how: Dense, batch: usize, inputs: usize, hidden: usize, classes: usize) -> Region {
    let weights = [
        real(&[hidden, inputs]),
        real(&[hidden]),
        real(&[classes, hidden]),
        real(&[classes]),
    ];
    let mut params = vec![Type::scalar(Carrier::Int)];
    params.extend(weights.iter().cloned());
    params.extend([real(&[inputs]), Type::scalar(Carrier::Int)]);
    let mut b = Builder::new(params);
    let p = b.param_slots();
    let u = dense(&mut b, how, p[1], p[5]);
    let u = b.add(u, p[2]);
    let h = b.unary(UnaryOp::Tanh, u);
    let y = dense(&mut b, how, p[3], h);
    let y = b.add(y, p[4]);
    let total = b.reduce(Fold::LogSumExp, y, &[0]);
    let right = read(&mut b, y, &[p[6]]);
    let loss = b.sub(total, right);
    let one = b.finish(vec![loss]);

    let mut params = weights.to_vec();
    params.extend([real(&[batch, inputs]), Type::array(Carrier::Int, [batch])]);
    let mut b = Builder::new(params);
    let p = b.param_slots();
    let losses = b.for_loop(batch, false, &p[..4], &p[4..], &[], one);
    let total = b.sum(losses[0], &[0]);
    let n = b.literal(Literal::integer(Carrier::F64, batch as i64));
    let mean = b.div(total, n);
    b.finish(vec![mean])
}

/// The passes as a compiler runs them.
fn compiled(f: &Region) -> (Region, Region) {
    let wanted = [true, true, true, true, false, false];
    let step = value_and_reverse(f, &wanted);
    let straight = simplify(&vectorise(&simplify(&step), &VectoriseOptions::default()));
    let (best, report) = optimise_reported(&straight, &Options::default());
    assert_eq!(report.clashes, 0);
    assert!(report.after <= report.before);
    (step, best)
}

fn is_matrix_products(how: Dense) {
    let (step, best) = compiled(&loss(how, 5, 4, 3, 2));
    check(&best).expect("well-formed");
    let args = Numbers(31).arrays(step.params());
    assert!(close(&run(&best, &args), &run(&step, &args), 1e-12));
    let text = lentil_unary::print::print(&best);
    assert_eq!(loops(&best), 0, "{text}");
    // Each layer: one forwards, one backwards for its weights, and the second one for its input.
    assert_eq!(contractions(&best), 5, "{text}");
    // At a size that matters no array is larger than the data.
    let (_, best) = compiled(&loss(how, 64, 784, 100, 10));
    let largest = best.slots().iter().map(Type::len).max();
    assert_eq!(
        largest,
        Some(784 * 100),
        "{}",
        lentil_unary::print::print(&best)
    );
    assert_eq!((loops(&best), contractions(&best)), (0, 5));
}

#[test]
fn the_derivative_of_dense_layers_is_one_product_forwards_and_two_backwards() {
    is_matrix_products(Dense::Contraction);
}

#[test]
fn so_it_is_for_layers_written_as_comprehensions() {
    is_matrix_products(Dense::Loops);
}
