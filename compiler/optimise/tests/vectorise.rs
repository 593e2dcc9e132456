//! Loops become array code, with the same results.

mod common;

use common::{Numbers, close, contractions, count, loops, run, same};
use lentil_optimise::{Arithmetic, VectoriseOptions, vectorise};
use lentil_unary::check::check;
use lentil_unary::{Builder, Carrier, Fold, Literal, Op, Prim, Region, Site, Slot, Type, UnaryOp};

fn real(shape: &[usize]) -> Type {
    Type::array(Carrier::F64, shape)
}

fn int() -> Type {
    Type::scalar(Carrier::Int)
}

fn exact() -> VectoriseOptions {
    VectoriseOptions {
        arithmetic: Arithmetic::Exact,
        ..VectoriseOptions::default()
    }
}

/// Vectorises, and compares with the original on random arguments: closely, and exactly under `Exact`.
fn agrees(f: &Region) -> Region {
    check(f).expect("a well-formed program");
    let mut numbers = Numbers(1442695040888963407);
    let args = numbers.arrays(f.params());
    let expected = run(f, &args);
    let g = vectorise(f, &exact());
    check(&g).expect("a well-formed result");
    assert!(same(&run(&g, &args), &expected), "exactly {g:?}");
    let g = vectorise(f, &VectoriseOptions::default());
    check(&g).expect("a well-formed result");
    assert!(close(&run(&g, &args), &expected, 1e-12), "{g:?}");
    g
}

fn read(b: &mut Builder, data: Slot, indices: &[Slot]) -> Slot {
    let (axes, site) = (indices.len(), Site(3));
    let slots = [&[data], indices].concat();
    b.prim(Prim::Gather { axes, site }, &slots)
}

/// `[ sum(a[i,k] * b[k,j] for k) for i, j ]`, as loops with reads at the loops' numbers.
fn product_of_matrices(rows: usize, inner: usize, columns: usize) -> Region {
    let (a, c) = (real(&[rows, inner]), real(&[inner, columns]));
    let mut term = Builder::new(vec![int(), a.clone(), c.clone(), int(), int()]);
    let p = term.param_slots();
    let x = read(&mut term, p[1], &[p[3], p[0]]);
    let y = read(&mut term, p[2], &[p[0], p[4]]);
    let product = term.mul(x, y);
    let term = term.finish(vec![product]);

    let mut cell = Builder::new(vec![int(), a.clone(), c.clone(), int()]);
    let p = cell.param_slots();
    let terms = cell.for_loop(inner, false, &[p[1], p[2], p[3], p[0]], &[], &[], term);
    let total = cell.sum(terms[0], &[0]);
    let cell = cell.finish(vec![total]);

    let mut row = Builder::new(vec![int(), a.clone(), c.clone()]);
    let p = row.param_slots();
    let cells = row.for_loop(columns, false, &[p[1], p[2], p[0]], &[], &[], cell);
    let row = row.finish(cells);

    let mut b = Builder::new(vec![a, c]);
    let p = b.param_slots();
    let results = b.for_loop(rows, false, &p, &[], &[], row);
    b.finish(results)
}

#[test]
fn a_comprehension_of_sums_of_products_is_one_contraction() {
    let g = agrees(&product_of_matrices(2, 3, 4));
    assert_eq!((contractions(&g), g.steps().len()), (1, 1), "{g:?}");
    // Large enough that an array of all the products would be refused.
    let g = vectorise(
        &product_of_matrices(1000, 1000, 1000),
        &VectoriseOptions::default(),
    );
    assert_eq!((contractions(&g), g.steps().len()), (1, 1));
}

/// The reverse derivative of the above in its first argument, as a loop would have it: every product adds to
/// one element of an accumulator.
#[test]
fn accumulations_in_nested_loops_are_one_contraction() {
    let (rows, inner, columns) = (2, 3, 4);
    let (a, c, d) = (
        real(&[rows, inner]),
        real(&[inner, columns]),
        real(&[rows, columns]),
    );
    let mut term = Builder::new(vec![int(), c.clone(), d.clone(), int(), int(), a.clone()]);
    let p = term.param_slots();
    let y = read(&mut term, p[1], &[p[0], p[4]]);
    let dz = read(&mut term, p[2], &[p[3], p[4]]);
    let product = term.mul(dz, y);
    let (axes, site) = (2, Site(4));
    let grown = term.prim(
        Prim::ScatterAdd { axes, site },
        &[p[5], p[3], p[0], product],
    );
    let term = term.finish(vec![grown]);

    let mut cell = Builder::new(vec![int(), c.clone(), d.clone(), int(), a.clone()]);
    let p = cell.param_slots();
    let grown = cell.for_loop(inner, true, &[p[1], p[2], p[3], p[0]], &[], &[p[4]], term);
    let cell = cell.finish(grown);

    let mut row = Builder::new(vec![int(), c.clone(), d.clone(), a.clone()]);
    let p = row.param_slots();
    let grown = row.for_loop(columns, true, &[p[1], p[2], p[0]], &[], &[p[3]], cell);
    let row = row.finish(grown);

    let mut b = Builder::new(vec![c, d, a]);
    let p = b.param_slots();
    let results = b.for_loop(rows, true, &[p[0], p[1]], &[], &[p[2]], row);
    let g = agrees(&b.finish(results));
    assert_eq!(
        (contractions(&g), loops(&g), g.steps().len()),
        (1, 0, 2),
        "{g:?}"
    );
}

/// `loss(w, x, t) = logsumexp(y) - y[t]` with `y = w2 tanh(w1 x + b1) + b2`, and its gradient in the weights,
/// for one example, as the reverse derivative is written by hand.
fn gradient(inputs: usize, hidden: usize, classes: usize) -> (Vec<Type>, Region) {
    let weights = vec![
        real(&[hidden, inputs]),
        real(&[hidden]),
        real(&[classes, hidden]),
        real(&[classes]),
    ];
    let mut params = vec![int()];
    params.extend(weights.iter().cloned());
    params.extend([real(&[inputs]), int()]);
    params.extend(weights.iter().cloned());
    let mut b = Builder::new(params);
    let p = b.param_slots();
    let (w1, b1, w2, b2, x, t, sums) = (p[1], p[2], p[3], p[4], p[5], p[6], &p[7..]);
    let u = b.contract(w1, x, &[], &[(1, 0)]);
    let u = b.add(u, b1);
    let h = b.unary(UnaryOp::Tanh, u);
    let y = b.contract(w2, h, &[], &[(1, 0)]);
    let y = b.add(y, b2);
    let total = b.reduce(Fold::LogSumExp, y, &[0]);
    let right = read(&mut b, y, &[t]);
    let loss = b.sub(total, right);
    // dy = exp(y - total) - one at t
    let spread = b.stretch(total, &[classes]);
    let centred = b.sub(y, spread);
    let softmax = b.unary(UnaryOp::Exp, centred);
    let minus = b.literal(Literal::real(Carrier::F64, -1.0));
    let scatter = Prim::ScatterAdd {
        axes: 1,
        site: Site(5),
    };
    let dy = b.prim(scatter, &[softmax, t, minus]);
    let dw2 = b.contract(dy, h, &[], &[]);
    let dh = b.contract(dy, w2, &[], &[(0, 0)]);
    let square = b.mul(h, h);
    let ones = b.ones(&real(&[hidden]));
    let slope = b.sub(ones, square);
    let du = b.mul(dh, slope);
    // The other way in which an outer product can be written.
    let left = b.broadcast(du, &[hidden, inputs], &[0]);
    let right = b.broadcast(x, &[hidden, inputs], &[1]);
    let dw1 = b.mul(left, right);
    let mut results = Vec::new();
    for (&sum, d) in sums.iter().zip([dw1, du, dw2, dy]) {
        results.push(b.add(sum, d));
    }
    results.push(loss);
    (weights, b.finish(results))
}

fn learner(batch: usize, inputs: usize, hidden: usize, classes: usize) -> Region {
    let (weights, body) = gradient(inputs, hidden, classes);
    let mut params = weights.clone();
    params.extend([real(&[batch, inputs]), Type::array(Carrier::Int, [batch])]);
    let mut b = Builder::new(params);
    let p = b.param_slots();
    let zeros: Vec<Slot> = weights.iter().map(|ty| b.zeros(ty)).collect();
    let results = b.for_loop(batch, true, &p[..4], &p[4..], &zeros, body);
    b.finish(results)
}

#[test]
fn the_gradient_of_two_dense_layers_over_a_batch_is_one_product_forwards_and_two_backwards_each() {
    let g = agrees(&learner(5, 4, 3, 2));
    // Each layer: one forwards, one backwards for its weights, and the second one for its input.
    assert_eq!((contractions(&g), loops(&g)), (5, 0), "{g:?}");
    let transposes = |op: &Op| matches!(op, Op::Prim(Prim::Transpose(_)));
    assert_eq!(count(&g, transposes), 0, "{g:?}");
    // No array holds one weight gradient for each example, nor are the products made before the sum.
    let g = vectorise(&learner(256, 784, 128, 10), &VectoriseOptions::default());
    let largest = g.slots().iter().map(Type::len).max();
    assert_eq!(largest, Some(256 * 784));
    assert_eq!((contractions(&g), loops(&g)), (5, 0));
}

/// `for t: h = tanh(w h + x[t]); dw += outer(h, x[t])`: the accumulator depends on the recurrence.
#[test]
fn an_accumulator_beside_a_recurrence_becomes_a_product_after_it() {
    let (steps, n) = (6, 3);
    let w = real(&[n, n]);
    let mut body = Builder::new(vec![int(), w.clone(), real(&[n]), real(&[n]), w.clone()]);
    let p = body.param_slots();
    let u = body.contract(p[1], p[3], &[], &[(1, 0)]);
    let u = body.add(u, p[2]);
    let h = body.unary(UnaryOp::Tanh, u);
    let outer = body.contract(h, p[2], &[], &[]);
    let dw = body.add(p[4], outer);
    let body = body.finish(vec![h, dw]);
    let mut b = Builder::new(vec![w.clone(), real(&[steps, n]), real(&[n]), w]);
    let p = b.param_slots();
    let results = b.for_loop(steps, false, &[p[0]], &[p[1]], &p[2..], body);
    let g = agrees(&b.finish(results));
    assert_eq!((contractions(&g), loops(&g)), (1, 1), "{g:?}");
}

/// A map whose body iterates `y -> tanh(y) - x` on a scalar.
#[test]
fn a_loop_that_runs_in_registers_stays() {
    let scalar = real(&[]);
    let mut inner = Builder::new(vec![int(), scalar.clone(), scalar.clone()]);
    let p = inner.param_slots();
    let bent = inner.unary(UnaryOp::Tanh, p[2]);
    let next = inner.sub(bent, p[1]);
    let inner = inner.finish(vec![next]);
    let mut outer = Builder::new(vec![int(), scalar]);
    let p = outer.param_slots();
    let result = outer.for_loop(10, false, &[p[1]], &[], &[p[1]], inner);
    let outer = outer.finish(result);
    let mut b = Builder::new(vec![real(&[7])]);
    let p = b.param_slots();
    let results = b.for_loop(7, false, &[], &p, &[], outer);
    let g = agrees(&b.finish(results));
    assert_eq!(loops(&g), 1);
}

#[test]
fn a_loop_stays_whose_array_code_would_take_too_much_memory() {
    // max over j of x[i] * y[j]: no contraction can take the place of the products.
    let n = 10;
    let mut body = Builder::new(vec![int(), real(&[n]), real(&[])]);
    let p = body.param_slots();
    let x = body.stretch(p[2], &[n]);
    let products = body.mul(x, p[1]);
    let most = body.reduce(Fold::Max, products, &[0]);
    let body = body.finish(vec![most]);
    let mut b = Builder::new(vec![real(&[n]), real(&[n])]);
    let p = b.param_slots();
    let results = b.for_loop(n, false, &[p[0]], &[p[1]], &[], body);
    let f = b.finish(results);
    assert_eq!(loops(&agrees(&f)), 0);
    let small = VectoriseOptions {
        element_limit: 99,
        ..VectoriseOptions::default()
    };
    assert_eq!(loops(&vectorise(&f, &small)), 1);
}

/// Reads with an offset and a distance are slices; a read that is out of range still traps.
#[test]
fn orderly_reads_are_slices_and_traps_stay() {
    let reading = |n: usize, times: i64, plus: i64| {
        let mut body = Builder::new(vec![int(), real(&[10])]);
        let p = body.param_slots();
        let (times, plus) = (body.int(times), body.int(plus));
        let scaled = body.mul(p[0], times);
        let index = body.add(scaled, plus);
        let x = read(&mut body, p[1], &[index]);
        let body = body.finish(vec![x]);
        let mut b = Builder::new(vec![real(&[10])]);
        let p = b.param_slots();
        let results = b.for_loop(n, false, &p, &[], &[], body);
        b.finish(results)
    };
    let is_slice = |op: &Op| matches!(op, Op::Prim(Prim::Slice { .. }));
    let g = agrees(&reading(4, 2, 3));
    assert_eq!((count(&g, is_slice), g.steps().len()), (1, 1), "{g:?}");
    let g = agrees(&reading(4, 2, 0));
    assert_eq!((count(&g, is_slice), g.steps().len()), (1, 1), "{g:?}");
    let f = reading(4, 2, 4);
    let g = vectorise(&f, &VectoriseOptions::default());
    assert_eq!(count(&g, is_slice), 0);
    let args = Numbers(5).arrays(f.params());
    let trap = lentil_unary::eval::eval(&f, &args);
    assert!(trap.is_err());
    assert_eq!(lentil_unary::eval::eval(&g, &args), trap);
}
