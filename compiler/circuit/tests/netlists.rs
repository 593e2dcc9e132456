//! Netlists are simplified as they are built, and the simplified ones compute the same.

mod common;

use lentil_circuit::netlist::check;
use lentil_circuit::{
    Builder, Counterexample, Gate, Netlist, Output, Undecided, Verdict, Wire, equivalent,
};
use lentil_unary::dice::Dice;

fn named(n: usize) -> Vec<String> {
    (0..n).map(|i| format!("x{i}")).collect()
}

/// Random gates over few inputs meet every rule many times; each wire's truth table is known on the way.
#[test]
fn simplified_gates_keep_their_truth_tables() {
    for seed in 0..200 {
        let mut dice = Dice::new(seed);
        let mut b = Builder::new(named(4));
        let tables = [0xaaaa_u64, 0xcccc, 0xf0f0, 0xff00];
        let mut wires: Vec<(Wire, u64)> = (0..4).map(|i| (b.input(i), tables[i])).collect();
        wires.push((Wire::FALSE, 0));
        for _ in 0..40 {
            let mut pick = || {
                let (wire, table) = wires[dice.below(wires.len())];
                if dice.word() & 1 == 1 {
                    (!wire, !table & 0xffff)
                } else {
                    (wire, table)
                }
            };
            let ((x, tx), (y, ty), (z, tz)) = (pick(), pick(), pick());
            let made = match dice.below(4) {
                0 => (b.and(x, y), tx & ty),
                1 => (b.xor(x, y), tx ^ ty),
                2 => (b.or(x, y), tx | ty),
                _ => (b.mux(x, y, z), (tx & ty) | (!tx & tz)),
            };
            wires.push(made);
        }
        let outputs = wires
            .iter()
            .enumerate()
            .map(|(i, (w, _))| (format!("y{i}"), *w));
        let netlist = b.finish(outputs.collect());
        check(&netlist).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
        let values = netlist.eval_words(&tables);
        for (value, (_, table)) in values.iter().zip(&wires) {
            assert_eq!(value & 0xffff, *table, "seed {seed}");
        }
    }
}

/// Each rule on its own: the gates that are left when only the last wire is wanted.
#[test]
fn rules_fire() {
    type Make = fn(&mut Builder, Wire, Wire, Wire) -> Wire;
    let table: &[(&str, Make, usize)] = &[
        ("a*0", |b, x, _, _| b.and(x, Wire::FALSE), 0),
        ("a*1", |b, x, _, _| b.and(Wire::TRUE, x), 0),
        ("a*a", |b, x, _, _| b.and(x, x), 0),
        ("a*!a", |b, x, _, _| b.and(x, !x), 0),
        ("a+a", |b, x, _, _| b.xor(x, x), 0),
        ("a+!a", |b, x, _, _| b.xor(x, !x), 0),
        ("a+1", |b, x, _, _| b.xor(x, Wire::TRUE), 0),
        (
            "a*(a*b)",
            |b, x, y, _| {
                let p = b.and(x, y);
                b.and(x, p)
            },
            1,
        ),
        (
            "!a*(a*b)",
            |b, x, y, _| {
                let p = b.and(x, y);
                b.and(!x, p)
            },
            0,
        ),
        (
            "!a*!(a*b)",
            |b, x, y, _| {
                let p = b.and(x, y);
                b.and(!x, !p)
            },
            0,
        ),
        (
            "a*!(a*b)",
            |b, x, y, _| {
                let p = b.and(x, y);
                b.and(x, !p)
            },
            1,
        ),
        (
            "a*(a+b)",
            |b, x, y, _| {
                let p = b.xor(x, y);
                b.and(x, p)
            },
            1,
        ),
        (
            "a|(a*b)",
            |b, x, y, _| {
                let p = b.and(x, y);
                b.or(x, p)
            },
            0,
        ),
        (
            "(a*b)*(!a*c)",
            |b, x, y, z| {
                let p = b.and(x, y);
                let q = b.and(!x, z);
                b.and(p, q)
            },
            0,
        ),
        (
            "(a*b)*(a*c)",
            |b, x, y, z| {
                let p = b.and(x, y);
                let q = b.and(x, z);
                b.and(p, q)
            },
            2,
        ),
        (
            "(a*b)|(a*!b)",
            |b, x, y, _| {
                let p = b.and(x, y);
                let q = b.and(x, !y);
                b.or(p, q)
            },
            0,
        ),
        (
            "(a*!b)|(!a*b)",
            |b, x, y, _| {
                let p = b.and(x, !y);
                let q = b.and(!x, y);
                b.or(p, q)
            },
            1,
        ),
        (
            "(a*b)*!(!a*c)",
            |b, x, y, z| {
                let p = b.and(x, y);
                let q = b.and(!x, z);
                b.and(p, !q)
            },
            1,
        ),
        (
            "(a*b)*!(a*c)",
            |b, x, y, z| {
                let p = b.and(x, y);
                let q = b.and(x, z);
                b.and(p, !q)
            },
            2,
        ),
        (
            "a+(a+b)",
            |b, x, y, _| {
                let p = b.xor(x, y);
                b.xor(x, p)
            },
            0,
        ),
        (
            "(a+b)+(a+c)",
            |b, x, y, z| {
                let p = b.xor(x, y);
                let q = b.xor(x, z);
                b.xor(p, q)
            },
            1,
        ),
        (
            "a+a*b",
            |b, x, y, _| {
                let p = b.and(x, y);
                b.xor(x, p)
            },
            1,
        ),
        (
            "a+!a*b",
            |b, x, y, _| {
                let p = b.and(!x, y);
                b.xor(x, p)
            },
            1,
        ),
        (
            "a*b+a*!b",
            |b, x, y, _| {
                let p = b.and(x, y);
                let q = b.and(x, !y);
                b.xor(p, q)
            },
            0,
        ),
        ("mux(a, b, b)", |b, x, y, _| b.mux(x, y, y), 0),
        ("mux(a, 1, b)", |b, x, y, _| b.mux(x, Wire::TRUE, y), 1),
        ("mux(a, b, !b)", |b, x, y, _| b.mux(x, y, !y), 1),
        ("mux(a, b, c)", |b, x, y, z| b.mux(x, y, z), 3),
    ];
    for (name, make, wanted) in table {
        let mut b = Builder::new(named(3));
        let [x, y, z] = [0, 1, 2].map(|i| b.input(i));
        let wire = make(&mut b, x, y, z);
        let netlist = b.finish(vec![("y".into(), wire)]);
        let s = netlist.statistics();
        assert_eq!(s.ands + s.xors, *wanted, "{name}:\n{netlist}");
    }
}

#[test]
fn printed_with_its_size() {
    let mut b = Builder::new(named(3));
    let [x, y, z] = [0, 1, 2].map(|i| b.input(i));
    let sum = b.xor(x, y);
    let carry = b.and(x, !y);
    b.and(y, z); // needed by no output
    let total = b.xor(sum, !z);
    let outputs = [("sum", total), ("carry", !carry), ("one", Wire::TRUE)];
    let netlist = b.finish(
        outputs
            .map(|(name, wire)| (name.to_string(), wire))
            .to_vec(),
    );
    let text = "input  %1 = x0\ninput  %2 = x1\ninput  %3 = x2\n\
                xor    %4 = %1 %2\nand    %5 = %1 !%2\nxor    %6 = %3 %4\n\
                output sum = !%6\noutput carry = !%5\noutput one = 1\n";
    assert_eq!(netlist.to_string(), text);
    assert_eq!(
        netlist.statistics().to_string(),
        "inputs 3, outputs 3, ands 1, xors 2, depth 2"
    );
}

#[test]
fn broken_netlists_fail_the_check() {
    let wires = |i: usize| Wire::of(i);
    let output = |i: usize| {
        vec![Output {
            name: "y".into(),
            wire: wires(i),
        }]
    };
    let (x, y, z) = (wires(1), wires(2), wires(3));
    let with = |gates: &[Gate], out: usize| {
        let mut all = vec![Gate::False, Gate::Input, Gate::Input];
        all.extend(gates);
        check(&Netlist::new(all, named(2), output(out)))
    };
    assert_eq!(with(&[Gate::And(x, y)], 3), Ok(()));
    let table: &[(&[Gate], usize, &str)] = &[
        (
            &[Gate::And(x, wires(4)), Gate::And(x, y)],
            4,
            "not before it",
        ),
        (&[Gate::And(Wire::TRUE, y)], 3, "reads a constant"),
        (&[Gate::And(y, x)], 3, "out of order"),
        (&[Gate::And(x, !x)], 3, "out of order"),
        (&[Gate::Xor(x, !y)], 3, "of an inverted wire"),
        (
            &[Gate::And(x, y), Gate::And(x, y), Gate::And(z, wires(4))],
            5,
            "equals an earlier gate",
        ),
        (&[Gate::And(x, y)], 2, "not needed"),
        (&[Gate::And(x, y)], 9, "comes from no gate"),
        (&[Gate::Input], 3, "out of place"),
    ];
    for (gates, out, why) in table {
        let found = with(gates, *out).expect_err(why);
        assert!(found.contains(why), "{found}");
    }
    assert!(check(&Netlist::new(vec![Gate::False], named(2), vec![])).is_err());
}

fn parity(n: usize, twisted: bool) -> Netlist {
    let mut b = Builder::new(named(n));
    let wires = (0..n).map(|i| b.input(i)).collect();
    let mut sum = b.tree(wires, Wire::FALSE, Builder::xor);
    if twisted {
        // Wrong where all inputs are 1 and nowhere else.
        let wires = (0..n).map(|i| b.input(i)).collect();
        let all = b.tree(wires, Wire::TRUE, Builder::and);
        sum = b.xor(sum, all);
    }
    b.finish(vec![("parity".into(), sum)])
}

#[test]
fn equivalence_finds_the_one_input_that_differs() {
    for n in [1, 3, 6, 7, 13, 20] {
        assert_eq!(
            equivalent(&parity(n, false), &parity(n, false)),
            Ok(Verdict::Equal)
        );
        let first = n % 2 == 1;
        let wanted = Counterexample {
            inputs: named(n).into_iter().map(|name| (name, true)).collect(),
            output: "parity".into(),
            first,
        };
        let found = equivalent(&parity(n, false), &parity(n, true));
        assert_eq!(found, Ok(Verdict::Differ(wanted)), "{n} inputs");
    }
    let Ok(Verdict::Differ(found)) = equivalent(&parity(2, false), &parity(2, true)) else {
        panic!("they differ");
    };
    assert_eq!(
        found.to_string(),
        "output parity is 0 in the first and 1 in the second at x0=1 x1=1"
    );
}

/// Every input is tried: a difference at any single one is found, and told truly.
#[test]
fn equivalence_tries_every_input() {
    let n = 8;
    let zero = Builder::new(named(n)).finish(vec![("y".into(), Wire::FALSE)]);
    for point in 0..1 << n {
        let mut b = Builder::new(named(n));
        let values: Vec<bool> = (0..n).map(|i| point >> i & 1 == 1).collect();
        let wires = (0..n).map(|i| b.input(i).inverted_if(!values[i])).collect();
        let there = b.tree(wires, Wire::TRUE, Builder::and);
        let other = b.finish(vec![("y".into(), there)]);
        let wanted = Counterexample {
            inputs: named(n).into_iter().zip(values).collect(),
            output: "y".into(),
            first: false,
        };
        assert_eq!(equivalent(&zero, &other), Ok(Verdict::Differ(wanted)));
    }
}

#[test]
fn equivalence_knows_its_bounds() {
    let refused = equivalent(&parity(21, false), &parity(21, false));
    assert_eq!(refused, Err(Undecided::TooManyInputs(21)));
    let refused = equivalent(&parity(3, false), &parity(4, false));
    assert_eq!(
        refused.expect_err("different").to_string(),
        "the first circuit has 3 inputs and 1 outputs, the second 4 and 1"
    );
}
