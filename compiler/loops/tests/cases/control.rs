//! Programs with loops, conditionals, calls and accumulators.

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

fn case(name: &str, region: Region, args: Vec<Array>) -> Case {
    Case {
        name: name.to_string(),
        region,
        args,
    }
}

fn ints(shape: &[usize], values: &[f64]) -> Array {
    Array::from_f64(Type::array(Carrier::Int, shape), values)
}

/// Two states that change places: neither may be overwritten before the other has read it.
fn exchange(ty: &Type, n: usize) -> Case {
    let mut body = Builder::new(vec![int(), ty.clone(), ty.clone()]);
    let [i, x, y] = [0, 1, 2].map(|k| body.param(k));
    let sum = body.add(x, y);
    let i = body.convert(i, REAL);
    let i = body.stretch(i, &ty.shape);
    let next = body.add(sum, i);
    let body = body.finish(vec![y, next, x, sum]);
    let mut b = Builder::new(vec![ty.clone(), ty.clone()]);
    let [x, y] = [0, 1].map(|k| b.param(k));
    let results = b.for_loop(n, false, &[], &[], &[x, y], body);
    let args = vec![array(REAL, &ty.shape), array(REAL, &ty.shape)];
    case(&format!("exchange {ty} {n}"), b.finish(results), args)
}

/// A state that is replaced by a rearrangement of itself.
fn rearranged() -> Case {
    let ty = reals(&[3, 3]);
    let mut body = Builder::new(vec![int(), ty.clone()]);
    let x = body.param(1);
    let turned = body.transpose(x, &[1, 0]);
    let next = body.add(turned, x);
    let body = body.finish(vec![next, turned]);
    let mut b = Builder::new(vec![ty.clone()]);
    let x = b.param(0);
    let results = b.for_loop(3, true, &[], &[], &[x], body);
    case(
        "a state turned",
        b.finish(results),
        vec![array(REAL, &[3, 3])],
    )
}

/// The state is read after its successor has been made.
fn late_reader() -> Case {
    let ty = reals(&[5]);
    let mut body = Builder::new(vec![int(), ty.clone()]);
    let x = body.param(1);
    let next = body.unary(UnaryOp::Sin, x);
    let total = body.sum(next, &[0]);
    let total = body.stretch(total, &[5]);
    let output = body.mul(total, x);
    let body = body.finish(vec![next, output]);
    let mut b = Builder::new(vec![ty.clone()]);
    let x = b.param(0);
    let results = b.for_loop(4, false, &[], &[], &[x], body);
    case(
        "a state read late",
        b.finish(results),
        vec![array(REAL, &[5])],
    )
}

/// A loop over the elements of arrays, backwards, with a captured value and two outputs.
fn elements(n: usize) -> Case {
    let mut body = Builder::new(vec![int(), reals(&[2]), reals(&[2]), reals(&[])]);
    let [i, c, x, s] = [0, 1, 2, 3].map(|k| body.param(k));
    let cx = body.mul(c, x);
    let part = body.sum(cx, &[0]);
    let i = body.convert(i, REAL);
    let part = body.add(part, i);
    let next = body.add(s, part);
    let body = body.finish(vec![next, cx, s]);
    let mut b = Builder::new(vec![reals(&[2]), reals(&[2, n]), reals(&[])]);
    let [c, x, s] = [0, 1, 2].map(|k| b.param(k));
    let x = b.transpose(x, &[1, 0]);
    let results = b.for_loop(n, true, &[c], &[x], &[s], body);
    let args = vec![array(REAL, &[2]), array(REAL, &[2, n]), array(REAL, &[])];
    case(&format!("elements {n}"), b.finish(results), args)
}

/// Loops in loops, with an accumulator that all of them add to at places that are data.
pub fn accumulate(n: usize, m: usize) -> Case {
    let scatter = Prim::ScatterAdd {
        axes: 1,
        site: Site(1),
    };
    let size = int();
    let mut inner = Builder::new(vec![int(), int(), reals(&[]), reals(&[m])]);
    let [j, i, x, acc] = [0, 1, 2, 3].map(|k| inner.param(k));
    let at = inner.binary(BinaryOp::Mul, i, j);
    let m_slot = inner.int(m as i64);
    let at = inner.binary(BinaryOp::Rem, at, m_slot);
    let acc = inner.prim(scatter, &[acc, at, x]);
    let inner = inner.finish(vec![acc]);
    let mut outer = Builder::new(vec![size, reals(&[]), reals(&[m])]);
    let [i, x, acc] = [0, 1, 2].map(|k| outer.param(k));
    let acc = outer.for_loop(n, false, &[i, x], &[], &[acc], inner);
    let outer = outer.finish(acc);
    let mut b = Builder::new(vec![reals(&[n])]);
    let x = b.param(0);
    let zeros = b.zeros(&reals(&[m]));
    let results = b.for_loop(n, false, &[], &[x], &[zeros], outer);
    case(
        &format!("accumulate {n} {m}"),
        b.finish(results),
        vec![array(REAL, &[n])],
    )
}

/// An accumulator through a conditional: one arm adds to it, the other leaves it.
fn accumulate_sometimes() -> Case {
    let ty = reals(&[6]);
    let scatter = Prim::ScatterAdd {
        axes: 1,
        site: Site(1),
    };
    let arm = |adds: bool| {
        let mut b = Builder::new(vec![int(), ty.clone()]);
        let [i, acc] = [0, 1].map(|k| b.param(k));
        let value = b.literal(Literal::real(REAL, 0.5));
        let changed = if adds {
            b.prim(scatter.clone(), &[acc, i, value])
        } else {
            acc
        };
        b.finish(vec![changed])
    };
    let mut body = Builder::new(vec![int(), ty.clone()]);
    let [i, acc] = [0, 1].map(|k| body.param(k));
    let two = body.int(2);
    let low = body.binary(BinaryOp::Rem, i, two);
    let zero = body.int(0);
    let even = body.compare(CompareOp::Eq, low, zero);
    let acc = body.cond(even, &[i, acc], arm(true), arm(false));
    let body = body.finish(acc);
    let mut b = Builder::new(vec![ty.clone()]);
    let x = b.param(0);
    let results = b.for_loop(6, false, &[], &[], &[x], body);
    case(
        "accumulate sometimes",
        b.finish(results),
        vec![array(REAL, &[6])],
    )
}

/// An accumulator whose old value is still wanted: it must be copied.
fn accumulate_and_keep() -> Case {
    let scatter = Prim::ScatterAdd {
        axes: 1,
        site: Site(1),
    };
    let ty = reals(&[4]);
    let mut b = Builder::new(vec![ty.clone()]);
    let x = b.param(0);
    let old = b.unary(UnaryOp::Exp, x);
    let (one, value) = (b.int(1), b.literal(Literal::real(REAL, 2.0)));
    let once = b.prim(scatter.clone(), &[old, one, value]);
    let twice = b.prim(scatter, &[once, one, value]);
    let sum = b.add(old, twice);
    case(
        "accumulate and keep",
        b.finish(vec![sum, twice]),
        vec![array(REAL, &[4])],
    )
}

/// A conditional whose arms share a captured array; one arm is out of range and must not run.
fn chosen(condition: bool, index: f64) -> Case {
    let mut then = Builder::new(vec![reals(&[4]), int()]);
    let [x, at] = [0, 1].map(|k| then.param(k));
    let gather = Prim::Gather {
        axes: 1,
        site: Site(9),
    };
    let found = then.prim(gather, &[x, at]);
    let then = then.finish(vec![found, x]);
    let mut otherwise = Builder::new(vec![reals(&[4]), int()]);
    let x = otherwise.param(0);
    let total = otherwise.sum(x, &[0]);
    let twice = otherwise.add(x, x);
    let otherwise = otherwise.finish(vec![total, twice]);
    let bool_ = Type::scalar(Carrier::Bool);
    let mut b = Builder::new(vec![bool_.clone(), reals(&[4]), int()]);
    let [c, x, at] = [0, 1, 2].map(|k| b.param(k));
    let shifted = b.unary(UnaryOp::Exp, x);
    let results = b.cond(c, &[shifted, at], then, otherwise);
    let args = vec![
        Array::from_f64(bool_, &[f64::from(u8::from(condition))]),
        array(REAL, &[4]),
        ints(&[], &[index]),
    ];
    case(
        &format!("chosen {condition} {index}"),
        b.finish(results),
        args,
    )
}

/// A function that is called in two places, and in a loop, and that calls another.
fn calls() -> Case {
    let mut inner = Builder::new(vec![reals(&[3])]);
    let x = inner.param(0);
    let y = inner.unary(UnaryOp::Tanh, x);
    let total = inner.sum(y, &[0]);
    let inner = Arc::new(Function {
        name: "inner".to_string(),
        region: inner.finish(vec![total, y]),
    });
    let mut outer = Builder::new(vec![reals(&[3]), reals(&[])]);
    let [x, s] = [0, 1].map(|k| outer.param(k));
    let first = outer.call(&inner, &[x]);
    let second = outer.call(&inner, &[first[1]]);
    let sum = outer.add(first[0], second[0]);
    let sum = outer.add(sum, s);
    let outer = Arc::new(Function {
        name: "outer".to_string(),
        region: outer.finish(vec![second[1], sum]),
    });
    let mut body = Builder::new(vec![int(), reals(&[3]), reals(&[])]);
    let [_, x, s] = [0, 1, 2].map(|k| body.param(k));
    let next = body.call(&outer, &[x, s]);
    let body = body.finish(next);
    let mut b = Builder::new(vec![reals(&[2, 3])]);
    let x = b.param(0);
    let start = Prim::Slice {
        start: vec![1, 0],
        len: vec![1, 3],
        step: vec![1, 1],
    };
    let row = b.prim(start, &[x]);
    let row = b.reshape(row, &[3]);
    let zero = b.literal(Literal::zero(REAL));
    let mut results = b.for_loop(4, false, &[], &[], &[row, zero], body);
    let again = b.call(&inner, &[row]);
    results.extend(again);
    case("calls", b.finish(results), vec![array(REAL, &[2, 3])])
}

/// A trap in the third iteration, inside of a call.
fn trapped() -> Case {
    let mut f = Builder::new(vec![reals(&[3]), int()]);
    let [x, at] = [0, 1].map(|k| f.param(k));
    let gather = Prim::Gather {
        axes: 1,
        site: Site(5),
    };
    let found = f.prim(gather, &[x, at]);
    let f = Arc::new(Function {
        name: "reads".to_string(),
        region: f.finish(vec![found]),
    });
    let mut body = Builder::new(vec![int(), reals(&[3])]);
    let [i, x] = [0, 1].map(|k| body.param(k));
    let one = body.int(1);
    let at = body.binary(BinaryOp::Add, i, one);
    let found = body.call(&f, &[x, at]);
    let body = body.finish(found);
    let mut b = Builder::new(vec![reals(&[3])]);
    let x = b.param(0);
    let results = b.for_loop(3, false, &[x], &[], &[], body);
    case("trapped", b.finish(results), vec![array(REAL, &[3])])
}

/// A trapping step whose result nobody wants still traps.
fn unused_trap() -> Case {
    let mut b = Builder::new(vec![reals(&[3]), int()]);
    let [x, at] = [0, 1].map(|k| b.param(k));
    let gather = Prim::Gather {
        axes: 1,
        site: Site(3),
    };
    b.prim(gather, &[x, at]);
    case(
        "an unused trap",
        b.finish(vec![x]),
        vec![array(REAL, &[3]), ints(&[], &[-1.0])],
    )
}

/// Results that are parameters, constants, repeated, and views of each other.
fn results() -> Case {
    let mut b = Builder::new(vec![reals(&[2, 3]), reals(&[])]);
    let [x, s] = [0, 1].map(|k| b.param(k));
    let turned = b.transpose(x, &[1, 0]);
    let flat = b.reshape(turned, &[6]);
    let zeros = b.zeros(&reals(&[2, 2]));
    let twice = b.add(flat, flat);
    let one = b.literal(Literal::one(REAL));
    let all: Vec<Slot> = vec![x, turned, flat, zeros, twice, twice, s, one, x];
    case(
        "results",
        b.finish(all),
        vec![array(REAL, &[2, 3]), array(REAL, &[])],
    )
}

/// A chain of single uses, far longer than one nest may be.
fn long_chain(n: usize) -> Case {
    let mut b = Builder::new(vec![reals(&[3])]);
    let mut x = b.param(0);
    let c = b.full(Literal::real(REAL, 1.0625), &[3]);
    for k in 0..n {
        x = if k % 3 == 0 { b.mul(x, c) } else { b.sub(c, x) };
    }
    case("a long chain", b.finish(vec![x]), vec![array(REAL, &[3])])
}

/// All programs.
pub fn programs() -> Vec<Case> {
    let mut programs = vec![
        rearranged(),
        late_reader(),
        accumulate(5, 7),
        accumulate_sometimes(),
        accumulate_and_keep(),
        chosen(true, 2.0),
        chosen(true, 4.0),
        chosen(false, 4.0),
        calls(),
        trapped(),
        unused_trap(),
        results(),
        long_chain(1500),
    ];
    for n in [0, 1, 5] {
        programs.push(exchange(&reals(&[]), n));
        programs.push(exchange(&reals(&[3]), n));
        programs.push(elements(n));
    }
    programs
}
