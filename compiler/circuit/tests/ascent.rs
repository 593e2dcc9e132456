//! Reverse derivative ascent (Wilson and Zanasi, arXiv 2101.10488): the mathematics of its experiments.
//!
//! The model is the lookup circuit `eval(p, x)[o] = Σ_a p[o, a] Π_j (x_j + a_j + 1)` over Z2, linear in `p`;
//! so `R[eval]_p(p, x, dy)[o, a] = dy[o] Π_j (x_j + a_j + 1)`, written by hand here.
//! A step is `p + R[eval]_p(p, x, y + eval(p, x))`, one example after another, from zero.

mod common;

use common::{array, bits, bytes};
use lentil_circuit::aiger::{read, write_ascii, write_binary};
use lentil_circuit::netlist::check;
use lentil_circuit::{Netlist, Options, Verdict, equivalent, lower_with};
use lentil_unary::eval::eval;
use lentil_unary::{Array, BinaryOp, Builder, Carrier, Fold, Literal, Prim, Region, Slot, Type};

/// `Π_j (x_j + a_j + 1)` for each address `a`: one where `a` is `x`, zero elsewhere.
fn hits(b: &mut Builder, x: Slot) -> Slot {
    let n = b.ty(x).shape[0];
    let shape = [1 << n, n];
    let powers: Vec<Slot> = (0..n)
        .map(|j| b.full(Literal::integer(Carrier::Int, 1 << j), &[1]))
        .collect();
    let powers = b.prim(Prim::Concat(0), &powers);
    let powers = b.broadcast(powers, &shape, &[1]);
    let address = b.prim(Prim::Iota(1 << n), &[]);
    let address = b.broadcast(address, &shape, &[0]);
    let shifted = b.binary(BinaryOp::Div, address, powers);
    let a = b.convert(shifted, Carrier::Bit); // by value, so modulo two
    let x = b.broadcast(x, &shape, &[1]);
    let sum = b.add(x, a);
    let one = b.ones(&bits(&shape));
    let equal = b.add(sum, one);
    b.reduce(Fold::Prod, equal, &[1])
}

/// The model: `p: bit[outputs, 2^n], x: bit[n] -> bit[outputs]`.
fn model(n: usize, outputs: usize) -> Region {
    let mut b = Builder::new(vec![bits(&[outputs, 1 << n]), bits(&[n])]);
    let hits = hits(&mut b, Slot(1));
    let y = b.contract(Slot(0), hits, &[], &[(1, 0)]);
    b.finish(vec![y])
}

/// One pass of ascent: `p, xs: bit[examples, n], ys: bit[examples, outputs] -> p`.
fn ascent(n: usize, outputs: usize, examples: usize) -> Region {
    let p = bits(&[outputs, 1 << n]);
    let mut step = Builder::new(vec![
        Type::scalar(Carrier::Int),
        bits(&[n]),
        bits(&[outputs]),
        p.clone(),
    ]);
    let [x, y, params] = [1, 2, 3].map(Slot);
    let guess = step.inline(&model(n, outputs), &[params, x])[0];
    let dy = step.add(y, guess);
    let hits = hits(&mut step, x);
    let dp = step.contract(dy, hits, &[], &[]);
    let next = step.add(params, dp);
    let step = step.finish(vec![next]);

    let mut b = Builder::new(vec![p, bits(&[examples, n]), bits(&[examples, outputs])]);
    let last = b.for_loop(examples, false, &[], &[Slot(1), Slot(2)], &[Slot(0)], step);
    b.finish(last)
}

/// The parameters after one pass from zero.
fn train(n: usize, outputs: usize, examples: &[Example]) -> Array {
    let columns = |of: fn(&Example) -> &[u8], width| {
        let all = examples.iter().flat_map(|e| of(e).to_vec()).collect();
        array(&bits(&[examples.len(), width]), all)
    };
    let args = [
        Array::zeros(&bits(&[outputs, 1 << n])),
        columns(|e| &e.x, n),
        columns(|e| &e.y, outputs),
    ];
    eval(&ascent(n, outputs, examples.len()), &args)
        .expect("nothing stops")
        .remove(0)
}

/// The trained model as gates.
fn netlist(n: usize, outputs: usize, params: Array) -> Netlist {
    let options = Options {
        parameters: vec!["p".into(), "x".into()],
        results: vec!["y".into()],
        ..Options::default()
    };
    let netlist = lower_with(&model(n, outputs), &[Some(params), None], &options).expect("gates");
    check(&netlist).unwrap_or_else(|why| panic!("{why}"));
    netlist
}

#[derive(Clone, Debug)]
struct Example {
    x: Vec<u8>,
    y: Vec<u8>,
}

/// A row: four lengths and the class.
type Row = ([f64; 4], usize);

/// The rows of a table in file order, which is sorted by class.
fn rows(text: &str) -> Vec<Row> {
    let row = |line: &str| {
        let mut cells = line.split(',');
        let lengths = [0; 4].map(|_| cells.next().and_then(|c| c.parse().ok()).expect("a length"));
        let class = match cells.next() {
            Some("setosa") => 0,
            Some("versicolor") => 1,
            Some("virginica") => 2,
            other => panic!("no species: {other:?}"),
        };
        (lengths, class)
    };
    text.lines().skip(1).map(row).collect()
}

/// Fisher's figures.
fn fisher() -> Vec<Row> {
    rows(include_str!("../../../examples/data/iris.csv"))
}

/// The file of the UCI repository, which the paper used: it differs from Fisher's in two rows.
fn uci() -> Vec<Row> {
    let rows = rows(include_str!("../../../examples/data/iris_uci.csv"));
    let differ = (0..150).filter(|&i| rows[i] != fisher()[i]);
    assert_eq!(differ.collect::<Vec<_>>(), [34, 37]);
    rows
}

#[derive(Clone, Copy, Debug)]
enum Coding {
    Binary,
    OneHot,
}

/// The first `classes` classes as bits: each length scaled to 0..1 over these rows, then whether it is
/// above one half. The first 25 of each class train, the last 25 test.
fn examples(rows: &[Row], classes: usize, coding: Coding) -> [Vec<Example>; 2] {
    let rows: Vec<&Row> = rows.iter().filter(|row| row.1 < classes).collect();
    let column = |j: usize| rows.iter().map(move |row| row.0[j]);
    let least = [0, 1, 2, 3].map(|j| column(j).fold(f64::INFINITY, f64::min));
    let most = [0, 1, 2, 3].map(|j| column(j).fold(f64::NEG_INFINITY, f64::max));
    let mut sets = [Vec::new(), Vec::new()];
    let mut seen = vec![0; classes];
    for (lengths, class) in rows {
        let x = (0..4).map(|j| u8::from((lengths[j] - least[j]) / (most[j] - least[j]) > 0.5));
        let y = match coding {
            Coding::Binary => (0..=(classes - 1).ilog2())
                .map(|k| (class >> k & 1) as u8)
                .collect(),
            Coding::OneHot => (0..classes).map(|k| u8::from(k == *class)).collect(),
        };
        sets[usize::from(seen[*class] >= 25)].push(Example { x: x.collect(), y });
        seen[*class] += 1;
    }
    sets
}

/// How many test examples the model gets right in every output, predicted 64 a word.
fn hits_on_test(rows: &[Row], classes: usize, coding: Coding) -> (usize, usize) {
    let [training, test] = examples(rows, classes, coding);
    assert_eq!((training.len(), test.len()), (25 * classes, 25 * classes));
    let widths = match coding {
        Coding::Binary => [1, 2],
        Coding::OneHot => [2, 3],
    };
    let outputs = test[0].y.len();
    assert_eq!(outputs, widths[classes - 2]);
    let params = train(4, outputs, &training);
    let netlist = netlist(4, outputs, params.clone());

    // The netlist is the model on all inputs, and so are its files.
    for number in 0..16u8 {
        let x: Vec<u8> = (0..4).map(|j| number >> j & 1).collect();
        let args = [params.clone(), array(&bits(&[4]), x.clone())];
        let wanted = eval(&model(4, outputs), &args).expect("nothing stops");
        assert_eq!(netlist.predict(1, &x), bytes(&wanted[0]));
    }
    for file in [write_ascii(&netlist).into_bytes(), write_binary(&netlist)] {
        let again = read(&file).unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(equivalent(&netlist, &again), Ok(Verdict::Equal));
    }

    let xs: Vec<u8> = test.iter().flat_map(|e| e.x.clone()).collect();
    let predicted = netlist.predict(test.len(), &xs);
    let right = predicted
        .chunks(outputs)
        .zip(&test)
        .filter(|(y, e)| *y == e.y);
    (right.count(), test.len())
}

/// 98.0, 98.0, 73.3 and 73.3 percent.
#[test]
fn iris_of_the_paper() {
    assert_eq!(hits_on_test(&uci(), 2, Coding::Binary), (49, 50));
    assert_eq!(hits_on_test(&uci(), 2, Coding::OneHot), (49, 50));
    assert_eq!(hits_on_test(&uci(), 3, Coding::Binary), (55, 75));
    assert_eq!(hits_on_test(&uci(), 3, Coding::OneHot), (55, 75));
}

/// With Fisher's own figures three classes give 74.7 percent.
#[test]
fn iris_of_fisher() {
    assert_eq!(hits_on_test(&fisher(), 2, Coding::Binary), (49, 50));
    assert_eq!(hits_on_test(&fisher(), 2, Coding::OneHot), (49, 50));
    assert_eq!(hits_on_test(&fisher(), 3, Coding::Binary), (56, 75));
    assert_eq!(hits_on_test(&fisher(), 3, Coding::OneHot), (56, 75));
}

/// Any function of three bits is learnt in one pass over its inputs.
#[test]
fn every_truth_table_of_three_bits() {
    for table in 0..=255u8 {
        let examples: Vec<Example> = (0..8)
            .map(|a| Example {
                x: (0..3).map(|j| a >> j & 1).collect(),
                y: vec![table >> a & 1],
            })
            .collect();
        let netlist = netlist(3, 1, train(3, 1, &examples));
        let xs: Vec<u8> = examples.iter().flat_map(|e| e.x.clone()).collect();
        let ys: Vec<u8> = examples.iter().flat_map(|e| e.y.clone()).collect();
        assert_eq!(netlist.predict(8, &xs), ys, "table {table:08b}");
    }
}

/// The derivative that was written by hand is the boolean one: what changes when one parameter flips.
#[test]
fn the_derivative_is_the_boolean_difference() {
    let (n, outputs) = (2, 1);
    let f = model(n, outputs);
    let run = |p: Vec<u8>, x: Vec<u8>| {
        let args = [array(&bits(&[outputs, 4]), p), array(&bits(&[n]), x)];
        bytes(&eval(&f, &args).expect("nothing stops")[0])[0]
    };
    for number in 0..64u8 {
        let p: Vec<u8> = (0..4).map(|a| number >> a & 1).collect();
        let x: Vec<u8> = (4..6).map(|j| number >> j & 1).collect();
        // The step towards the opposite of the guess moves by R with dy = 1.
        let guess = run(p.clone(), x.clone());
        let example = Example {
            x: x.clone(),
            y: vec![1 - guess],
        };
        let args = [
            array(&bits(&[1, 4]), p.clone()),
            array(&bits(&[1, 2]), example.x),
            array(&bits(&[1, 1]), example.y),
        ];
        let moved = eval(&ascent(n, outputs, 1), &args)
            .expect("nothing stops")
            .remove(0);
        for a in 0..4 {
            let mut flipped = p.clone();
            flipped[a] ^= 1;
            let difference = run(flipped, x.clone()) ^ guess;
            assert_eq!(
                bytes(&moved)[a] ^ p[a],
                difference,
                "p {p:?}, x {x:?}, a {a}"
            );
        }
    }
}
