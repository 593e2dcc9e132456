//! Programs whose steps are measured.

use lentil_unary::{BinaryOp, Builder, Carrier, Fold, Literal, Region, Slot, Type, UnaryOp};

/// A learning step: softmax cross-entropy of a network with one hidden layer, and gradient descent.
/// Parameters: inputs, targets, then `w1 b1 w2 b2` and a last input that is the rate.
/// Results: the new `w1 b1 w2 b2`, and the loss.
pub fn mlp(batch: usize, inputs: usize, hidden: usize, outputs: usize) -> Region {
    let f32s = |shape: &[usize]| Type::array(Carrier::F32, shape);
    let mut b = Builder::new(vec![
        f32s(&[batch, inputs]),
        f32s(&[batch, outputs]),
        f32s(&[inputs, hidden]),
        f32s(&[hidden]),
        f32s(&[hidden, outputs]),
        f32s(&[outputs]),
        f32s(&[]),
    ]);
    let [x, y, w1, b1, w2, b2, rate] = [0, 1, 2, 3, 4, 5, 6].map(|i| b.param(i));
    let layer = |b: &mut Builder, x: Slot, w: Slot, bias: Slot| {
        let product = b.contract(x, w, &[], &[(1, 0)]);
        let shape = b.ty(product).shape.clone();
        let bias = b.broadcast(bias, &shape, &[1]);
        b.add(product, bias)
    };
    let pre = layer(&mut b, x, w1, b1);
    let h = b.unary(UnaryOp::Tanh, pre);
    let z = layer(&mut b, h, w2, b2);
    let shape = [batch, outputs];
    let total = b.reduce(Fold::LogSumExp, z, &[1]);
    let total = b.broadcast(total, &shape, &[0]);
    let log_p = b.sub(z, total);
    let p = b.unary(UnaryOp::Exp, log_p);
    let terms = b.mul(y, log_p);
    let sum = b.sum(terms, &[0, 1]);
    let scale = b.literal(Literal::real(Carrier::F32, -1.0 / batch as f64));
    let loss = b.mul(sum, scale);
    let part = b.literal(Literal::real(Carrier::F32, 1.0 / batch as f64));
    let part = b.stretch(part, &shape);
    let difference = b.sub(p, y);
    let dz = b.mul(difference, part);
    let dw2 = b.contract(h, dz, &[], &[(0, 0)]);
    let db2 = b.sum(dz, &[0]);
    let dh = b.contract(dz, w2, &[], &[(1, 1)]);
    let one = b.full(Literal::one(Carrier::F32), &[batch, hidden]);
    let square = b.mul(h, h);
    let slope = b.sub(one, square);
    let dpre = b.mul(dh, slope);
    let dw1 = b.contract(x, dpre, &[], &[(0, 0)]);
    let db1 = b.sum(dpre, &[0]);
    let mut results = Vec::new();
    for (p, dp) in [(w1, dw1), (b1, db1), (w2, dw2), (b2, db2)] {
        let shape = b.ty(p).shape.clone();
        let rate = b.stretch(rate, &shape);
        let change = b.mul(rate, dp);
        results.push(b.sub(p, change));
    }
    results.push(loss);
    b.finish(results)
}

/// The gradient of Σ tanh(a·x + b) · exp(-x²) by x.
pub fn chain(n: usize) -> Region {
    let f32s = |shape: &[usize]| Type::array(Carrier::F32, shape);
    let mut b = Builder::new(vec![f32s(&[n]), f32s(&[]), f32s(&[])]);
    let [x, a, c] = [0, 1, 2].map(|i| b.param(i));
    let (a, c) = (b.stretch(a, &[n]), b.stretch(c, &[n]));
    let ax = b.mul(a, x);
    let inner = b.add(ax, c);
    let t = b.unary(UnaryOp::Tanh, inner);
    let square = b.mul(x, x);
    let minus = b.neg(square);
    let e = b.unary(UnaryOp::Exp, minus);
    let one = b.full(Literal::one(Carrier::F32), &[n]);
    let tt = b.mul(t, t);
    let slope = b.sub(one, tt);
    let slope = b.mul(slope, a);
    let left = b.mul(slope, e);
    let two = b.full(Literal::real(Carrier::F32, -2.0), &[n]);
    let factor = b.mul(two, x);
    let right = b.mul(factor, e);
    let right = b.mul(right, t);
    let gradient = b.add(left, right);
    b.finish(vec![gradient])
}

/// A straight line of gates over bits, each of two earlier ones.
pub fn gates(n: usize) -> Region {
    let inputs = 64;
    let mut b = Builder::new(vec![Type::scalar(Carrier::Bit); inputs]);
    let mut slots = b.param_slots();
    let mut state = 1_u64;
    let mut random = move |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for k in 0..n {
        let near = slots.len() - 1 - random(slots.len().min(500));
        let far = random(slots.len());
        let op = if k % 2 == 0 {
            BinaryOp::Mul
        } else {
            BinaryOp::Add
        };
        let gate = b.binary(op, slots[near], slots[far]);
        slots.push(gate);
    }
    b.finish(slots[slots.len() - 32..].to_vec())
}
