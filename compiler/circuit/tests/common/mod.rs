//! What several tests of circuits share.
#![allow(dead_code)] // each test file is a crate of its own and uses a part

use lentil_circuit::netlist::check;
use lentil_circuit::{Netlist, Refusal, lower};
use lentil_unary::dice::Dice;
use lentil_unary::eval::eval;
use lentil_unary::{Array, Carrier, Data, Region, Type};

pub fn bits(shape: &[usize]) -> Type {
    Type::array(Carrier::Bit, shape)
}

pub fn array(ty: &Type, bytes: Vec<u8>) -> Array {
    Array::new(ty.clone(), Data::Byte(bytes))
}

pub fn bytes(array: &Array) -> &[u8] {
    match array.data() {
        Data::Byte(bytes) => bytes,
        other => panic!("no bits: {other:?}"),
    }
}

/// Lowers a region and compares the netlist with the evaluator of unary form: on all inputs up to ten,
/// on 512 random ones beyond.
pub fn agrees(region: &Region, fixed: &[Option<Array>]) -> Result<Netlist, Refusal> {
    let netlist = lower(region, fixed)?;
    check(&netlist).unwrap_or_else(|why| panic!("{why}\n{netlist}"));
    let width = netlist.inputs().len();
    let mut dice = Dice::new(7);
    let samples = if width <= 10 { 1 << width } else { 512 };
    let mut packed = Vec::new();
    let mut wanted = Vec::new();
    for k in 0..samples {
        let sample: Vec<u8> = match width {
            0..=10 => (0..width).map(|i| (k >> i & 1) as u8).collect(),
            _ => (0..width).map(|_| dice.below(2) as u8).collect(),
        };
        let mut rest = sample.as_slice();
        let args: Vec<Array> = region
            .params()
            .iter()
            .zip(fixed)
            .map(|(ty, given)| match given {
                Some(array) => array.clone(),
                None => {
                    let (mine, others) = rest.split_at(ty.len());
                    rest = others;
                    array(ty, mine.to_vec())
                }
            })
            .collect();
        for result in eval(region, &args).expect("no index of these programs is out of range") {
            wanted.extend_from_slice(bytes(&result));
        }
        packed.extend(sample);
    }
    assert_eq!(
        netlist.predict(samples, &packed),
        wanted,
        "{region:?}\n{netlist}"
    );
    Ok(netlist)
}
