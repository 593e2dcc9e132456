//! AIGER files are read and written; broken ones are refused with the place.

mod common;

use lentil_circuit::aiger::{count_ands, read, write_ascii, write_binary};
use lentil_circuit::netlist::check;
use lentil_circuit::{Builder, Netlist, Verdict, Wire, equivalent};
use lentil_unary::dice::Dice;

/// The files, with the conjunctions that their headers count.
const FILES: &[(&str, &[u8], usize)] = &[
    ("c17", include_bytes!("data/c17.aig"), 6),
    ("c432", include_bytes!("data/c432.aig"), 208),
    ("c499", include_bytes!("data/c499.aig"), 398),
    ("ctrl", include_bytes!("data/ctrl.aig"), 174),
    ("int2float", include_bytes!("data/int2float.aig"), 260),
    ("cavlc", include_bytes!("data/cavlc.aig"), 693),
];

#[test]
fn benchmark_files_are_read() {
    for (name, bytes, ands) in FILES {
        let netlist = read(bytes).unwrap_or_else(|why| panic!("{name}: {why}"));
        check(&netlist).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert!(
            count_ands(&netlist) <= *ands,
            "{name} grew to {}",
            count_ands(&netlist)
        );
    }
}

/// A file of the binary format evaluated literally, gate by gate: what the reader must agree with.
fn plain(bytes: &[u8], inputs: &[u64]) -> Vec<u64> {
    let mut lines = bytes.split(|&b| b == b'\n');
    let number = |b: &[u8]| -> usize { std::str::from_utf8(b).unwrap().parse().unwrap() };
    let header = lines.next().unwrap();
    let counts: Vec<usize> = header.split(|&b| b == b' ').skip(1).map(number).collect();
    let outputs: Vec<&[u8]> = lines.take(counts[3]).collect();
    let mut at = header.len() + 1 + outputs.iter().map(|o| o.len() + 1).sum::<usize>();
    let mut values = vec![0];
    values.extend(inputs);
    let get = |values: &[u64], literal: usize| {
        values[literal / 2] ^ if literal % 2 == 1 { u64::MAX } else { 0 }
    };
    for _ in 0..counts[4] {
        let mut literal = 2 * values.len();
        let mut product = u64::MAX;
        for _ in 0..2 {
            let mut shift = 0;
            loop {
                literal -= ((bytes[at] & 127) as usize) << shift;
                at += 1;
                shift += 7;
                if bytes[at - 1] < 128 {
                    break;
                }
            }
            product &= get(&values, literal);
        }
        values.push(product);
    }
    outputs.iter().map(|o| get(&values, number(o))).collect()
}

#[test]
fn benchmark_files_mean_what_they_say() {
    let mut dice = Dice::new(1);
    for (name, bytes, _) in FILES {
        let netlist = read(bytes).expect("a circuit");
        for _ in 0..16 {
            let inputs: Vec<u64> = netlist.inputs().iter().map(|_| dice.word()).collect();
            assert_eq!(netlist.eval_words(&inputs), plain(bytes, &inputs), "{name}");
        }
    }
}

#[test]
fn symbols_are_kept() {
    let netlist = read(FILES[0].1).expect("c17");
    assert_eq!(netlist.inputs(), ["G1", "G3", "G2", "G4", "G5"]);
    let outputs: Vec<&str> = netlist.outputs().iter().map(|o| o.name.as_str()).collect();
    assert_eq!(outputs, ["G16", "G17"]);
    let unnamed = read(b"aag 1 1 0 1 0\n2\n3\n").expect("an inverter");
    assert_eq!(
        (
            unnamed.inputs()[0].as_str(),
            unnamed.outputs()[0].name.as_str()
        ),
        ("i0", "o0")
    );
}

/// A netlist of random gates.
fn random(seed: u64, inputs: usize, gates: usize) -> Netlist {
    let mut dice = Dice::new(seed);
    let mut b = Builder::new((0..inputs).map(|i| format!("x[{i}]")).collect());
    let mut wires: Vec<Wire> = (0..inputs).map(|i| b.input(i)).collect();
    wires.push(Wire::FALSE);
    for _ in 0..gates {
        let mut pick = || wires[dice.below(wires.len())].inverted_if(dice.word() & 1 == 1);
        let (x, y) = (pick(), pick());
        let wire = if dice.word() & 1 == 1 {
            b.and(x, y)
        } else {
            b.xor(x, y)
        };
        wires.push(wire);
    }
    let outputs = wires.iter().rev().take(5).enumerate();
    b.finish(outputs.map(|(i, w)| (format!("y {i}"), *w)).collect())
}

#[test]
fn what_is_written_reads_back() {
    let mut netlists: Vec<Netlist> = FILES
        .iter()
        .map(|(_, bytes, _)| read(bytes).unwrap())
        .collect();
    netlists.extend((0..40).map(|seed| random(seed, 1 + seed as usize % 9, 60)));
    netlists.push(Builder::new(vec![]).finish(vec![("one".into(), Wire::TRUE)]));
    netlists.push(Builder::new(vec!["unused".into()]).finish(vec![]));
    let mut dice = Dice::new(2);
    for netlist in &netlists {
        for bytes in [write_ascii(netlist).into_bytes(), write_binary(netlist)] {
            let again = read(&bytes).unwrap_or_else(|why| panic!("{why}"));
            check(&again).unwrap_or_else(|why| panic!("{why}"));
            assert_eq!(again.inputs(), netlist.inputs());
            let names = |n: &Netlist| {
                n.outputs()
                    .iter()
                    .map(|o| o.name.clone())
                    .collect::<Vec<_>>()
            };
            assert_eq!(names(&again), names(netlist));
            if netlist.inputs().len() <= 12 {
                assert_eq!(equivalent(netlist, &again), Ok(Verdict::Equal));
            }
            let inputs: Vec<u64> = netlist.inputs().iter().map(|_| dice.word()).collect();
            assert_eq!(again.eval_words(&inputs), netlist.eval_words(&inputs));
        }
    }
}

#[test]
fn an_exclusive_or_uses_products_that_are_there() {
    let adder = |inverted: bool| {
        let mut b = Builder::new(vec!["x".into(), "y".into()]);
        let (x, y) = (b.input(0), b.input(1));
        let (sum, carry) = (b.xor(x, y), b.and(x, y.inverted_if(inverted)));
        b.finish(vec![("sum".into(), sum), ("carry".into(), carry)])
    };
    assert_eq!(count_ands(&adder(false)), 3);
    assert_eq!(count_ands(&adder(true)), 3);
    assert_eq!(
        write_ascii(&adder(false)),
        "aag 5 2 0 2 3\n2\n4\n10\n6\n6 4 2\n8 5 3\n10 9 7\ni0 x\ni1 y\no0 sum\no1 carry\n"
    );
}

#[test]
fn gates_in_any_order_are_read() {
    // The exclusive or of two inputs, its last gate first.
    let netlist =
        read(b"aag 9 2 0 1 3\n4\n2\n11\n10 7 9\n6 2 5\n8 3 4\nc\nanything \xff\n").expect("xor");
    assert_eq!(netlist.eval_words(&[0b1100, 0b1010])[0] & 15, 0b0110);
    assert_eq!(netlist.statistics().xors, 1);
}

#[test]
fn long_chains_need_no_stack() {
    let n = 50_000;
    let mut text = format!("aag {} 2 0 1 {n}\n2\n4\n{}\n", n + 2, 2 * (n + 2));
    for k in (0..n).rev() {
        // Each gate reads the one before it, which stands after it in the file.
        let before = if k == 0 { 2 } else { 2 * (k + 2) + 1 };
        text += &format!(
            "{} {before} {}\n",
            2 * (k + 3),
            if k % 2 == 0 { 4 } else { 2 }
        );
    }
    let netlist = read(text.as_bytes()).expect("a chain");
    assert_eq!(netlist.outputs().len(), 1);
}

#[test]
fn malformed_files_are_refused_with_the_place() {
    let table: &[(&[u8], &str)] = &[
        (b"", "line 1: the file ends where the header should stand"),
        (
            b"hello\n",
            "line 1: no AIGER file: it does not begin with `aag` or `aig`",
        ),
        (
            b"aag",
            "line 1: no AIGER file: it does not begin with `aag` or `aig`",
        ),
        (b"aag 1 1 0 1\n2\n2\n", "line 1: a header wants five counts"),
        (b"aag 1 1 0 1 x\n", "line 1: \"x\" is no number"),
        (b"aag 1 1 0  1 0\n", "line 1: \"\" is no number"),
        (b"aag 1 -1 0 1 0\n", "line 1: \"-1\" is no number"),
        (
            b"aag 1 99999999999999999999 0 1 0\n",
            "line 1: \"99999999999999999999\" is no number",
        ),
        (
            b"aag 2 1 1 1 0\n2\n4 2\n4\n",
            "line 1: 1 latches: only combinational circuits can be read",
        ),
        (
            b"aag 1 1 0 1 0 1\n2\n2\n2\n",
            "line 1: bad states, constraints, justice and fairness",
        ),
        (
            b"aag 1 1 0 1 0 0 0 0 0 0\n2\n2\n",
            "line 1: a header has at most nine counts",
        ),
        (
            b"aag 5000000000 1 0 1 0\n2\n2\n",
            "line 1: more than 2147483647 variables",
        ),
        (
            b"aig 2000000000 2000000000 0 0 0\n",
            "line 1: 2000000000 inputs; at most 1048576 can be read",
        ),
        (
            b"aag 1000000 1000000 0 0 0\n2\n",
            "line 1: the header counts more than the file holds",
        ),
        (
            b"aag 9 1 0 1000000000000 1\n2\n",
            "line 1: the header counts more than the file holds",
        ),
        (
            b"aag 9 1 0 18446744073709551615 1\n2\n",
            "line 1: the header counts more than the file holds",
        ),
        (
            b"aig 2000000001 1 0 1 2000000000\n2\n",
            "line 1: the header counts more than the file holds",
        ),
        (
            b"aag 1 1 0 0 1\n2\n4 2 2\n",
            "line 1: 1 variables are too few for 1 inputs and 1 ands",
        ),
        (
            b"aig 7 1 0 1 0\n2\n",
            "line 1: in the binary format the variables are the inputs and the ands",
        ),
        (
            b"aag 2 2 0 0 0\n2\n3\n",
            "line 3: literal 3 cannot be defined",
        ),
        (b"aag 1 1 0 0 0\n0\n", "line 2: literal 0 cannot be defined"),
        (
            b"aag 2 2 0 0 0\n2\n2\n",
            "line 3: variable 1 is defined twice",
        ),
        (
            b"aag 1 1 0 0 0\n4\n",
            "line 2: literal 4 is beyond the 1 variables of the header",
        ),
        (
            b"aag 1 1 0 1 0\n2 3\n2\n",
            "line 2: 2 numbers where an input should stand",
        ),
        (
            b"aag 2 1 0 1 0\n2\n4\n",
            "line 3: variable 2 is never defined",
        ),
        (
            b"aag 3 1 0 1 1\n2\n4\n4 2 6\n",
            "line 4: variable 3 is never defined",
        ),
        (
            b"aag 2 1 0 1 1\n2\n4\n4 2 4\n",
            "line 4: variable 2 depends on itself",
        ),
        (
            b"aag 3 1 0 1 2\n2\n4\n4 2 6\n6 2 5\n",
            "line 5: variable 3 depends on itself",
        ),
        (
            b"aag 2 1 0 1 1\n2\n4\n2 2 2\n",
            "line 4: variable 1 is defined twice",
        ),
        (
            b"aag 2 1 0 1 1\n2\n4\n4 2   \n",
            "line 4: \"\" is no number",
        ),
        (
            b"aag 1 1 0 1 0\n2\n2\nx0 name\n",
            "line 4: neither a symbol",
        ),
        (
            b"aag 1 1 0 1 0\n2\n2\ni0\n",
            "line 4: a symbol without a name",
        ),
        (b"aag 1 1 0 1 0\n2\n2\ni x\n", "line 4: \"\" is no number"),
        (
            b"aag 1 1 0 1 0\n2\n2\ni1 x\n",
            "line 4: there is no input 1 to name",
        ),
        (
            b"aag 1 1 0 1 0\n2\n2\no0 x\no0 y\n",
            "line 5: output 0 is named twice",
        ),
        (
            b"aag 1 1 0 1 0\n2\n2\ni0 \xff\n",
            "line 4: a name that is not UTF-8",
        ),
        (b"aag 1 1 0 1 0\n2\n2\n\n", "line 4: neither a symbol"),
        (
            b"aig 2 1 0 1 1\n4\n\x02\x00junk",
            "byte 18: neither a symbol",
        ),
        (
            b"aig 2 1 0 1 1\n4\n\x00\x00",
            "byte 16: gate 2 reads literal 4 - 0",
        ),
        (
            b"aig 2 1 0 1 1\n4\n\x05\x00",
            "byte 16: gate 2 reads literal 4 - 5",
        ),
        (
            b"aig 2 1 0 1 1\n4\n\x02\x03",
            "byte 17: gate 2 reads literal 2 - 3",
        ),
        (
            b"aig 2 1 0 1 1\n4\n\x82",
            "byte 16: the file ends inside a gate",
        ),
        (
            b"aig 2 1 0 1 1\n4\n\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00",
            "byte 16: a number of more than nine bytes",
        ),
    ];
    for (bytes, wanted) in table {
        let text = String::from_utf8_lossy(bytes);
        let error = read(bytes).expect_err(&text).to_string();
        assert!(error.starts_with(wanted), "{text}\n{error}");
    }
}

/// Every prefix and every change of one byte gives a netlist or an error, and never anything worse.
#[test]
fn damaged_files_do_no_harm() {
    let ascii = write_ascii(&read(FILES[0].1).unwrap()).into_bytes();
    for file in [FILES[0].1, &ascii] {
        for end in 0..file.len() {
            let _ = read(&file[..end]);
        }
        for at in 0..file.len() {
            for value in 0..=255 {
                let mut bytes = file.to_vec();
                bytes[at] = value;
                if let Ok(netlist) = read(&bytes) {
                    assert_eq!(check(&netlist), Ok(()));
                }
            }
        }
    }
}
