//! What is printed reads back, and what is no program is refused.

use super::*;
use crate::Builder;
use crate::carrier::Literal;
use crate::prim::Prim;
use crate::print::print;

fn reads_back(region: &Region) {
    let text = print(region);
    assert_eq!(parse(&text).as_ref(), Ok(region), "{text}");
}

#[test]
fn every_primitive_reads_back() {
    for example in Prim::examples() {
        let mut b = Builder::new(example.args);
        let args = b.param_slots();
        let result = b.prim(example.prim, &args);
        reads_back(&b.finish(vec![result]));
    }
}

#[test]
fn what_many_keys_draw_reads_back() {
    for batch in [vec![], vec![3], vec![0, 2]] {
        let keys = Type::array(Carrier::Int, [&batch[..], &[2]].concat());
        let numbers = Type::array(Carrier::Int, batch);
        let mut b = Builder::new(vec![keys, numbers]);
        let (keys, numbers) = (b.param(0), b.param(1));
        let folded = b.prim(Prim::RandomFold, &[keys, numbers]);
        let results = [
            b.prim(Prim::RandomBits(vec![4, 2]), &[folded]),
            b.prim(Prim::RandomBits(Vec::new()), &[folded]),
            b.prim(Prim::RandomSplit(5), &[folded]),
        ];
        reads_back(&b.finish(results.to_vec()));
    }
}

#[test]
fn every_literal_reads_back() {
    let mut b = Builder::new(Vec::new());
    let reals = [
        0.0,
        -0.0,
        1e-45,
        0.1,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        -f64::NAN,
    ];
    let mut slots: Vec<Slot> = Vec::new();
    for x in reals {
        slots.push(b.literal(Literal::real(Carrier::F64, x)));
        slots.push(b.literal(Literal::from_f32(x as f32)));
    }
    slots.push(b.int(i64::MIN));
    slots.push(b.literal(Literal::integer(Carrier::Mod(4_294_967_291), -1)));
    reads_back(&b.finish(slots));
}

#[test]
fn functions_of_one_name_are_told_apart() {
    let cell = Type::scalar(Carrier::F64);
    let function = |name: &str, twice: bool| {
        let mut b = Builder::new(vec![cell.clone()]);
        let x = b.param(0);
        let y = if twice { b.add(x, x) } else { b.mul(x, x) };
        let name = name.to_string();
        Arc::new(Function {
            name,
            region: b.finish(vec![y]),
        })
    };
    let mut b = Builder::new(vec![cell.clone()]);
    let mut x = b.param(0);
    for f in [
        function("f", true),
        function("f", false),
        function("two words\u{1}\"", false),
        function("", true),
    ] {
        x = b.call(&f, &[x])[0];
        x = b.emit(Op::Reverse(f.clone()), &[x, x])[0];
        x = b.emit(Op::Forward(f), &[x, x])[0];
    }
    let region = b.finish(vec![x]);
    assert!(print(&region).contains("function @f#2("));
    reads_back(&region);
}

#[test]
fn bad_text_is_refused_with_its_line() {
    let cases = [
        ("", "line 1: \"entry\" is missing"),
        (
            "entry() {\n    yield %0\n}",
            "line 2: %0 is read before it is made",
        ),
        (
            "entry(%0: f64) {\n    %1: f64 = mull %0\n",
            "line 2: no primitive is named mull",
        ),
        ("entry(%0: f64) {\n    %1: f32 = neg %0\n", "another type"),
        (
            "entry(%0: f64[9, 4294967295, 4294967295]) {",
            "more elements",
        ),
        ("entry(%0: mod1) {", "modulus"),
        ("entry() { yield } entry", "text after"),
        ("entry() { call @f() }", "missing"),
    ];
    for (text, expected) in cases {
        let why = parse(text).unwrap_err();
        assert!(why.contains(expected), "{why}");
    }
}
