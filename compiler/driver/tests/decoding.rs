//! Outputs are told in the columns that the target was made of.

use std::path::Path;

use lentil::decode::decode;
use lentil::{Array, Carrier, Type};
use lentil_runtime::csv::{Limits, read_from};
use lentil_runtime::encode::{Encoder, Fitted};
use lentil_runtime::table::{ColumnType, Schema};

fn schema() -> Schema {
    let classes = ["p", "q", "r"].map(str::to_string).to_vec();
    Schema::new([
        ("x", ColumnType::Real),
        ("y", ColumnType::Real),
        ("k", ColumnType::Category(classes)),
    ])
}

fn column(name: &str) -> Box<Encoder> {
    Box::new(Encoder::Column(name.to_string()))
}

fn fitted(encoder: &Encoder) -> (Fitted, Array) {
    // Means and deviations that floating-point numbers have.
    let text = "x,y,k\n1,10,r\n1,30,p\n3,10,q\n3,30,p\n";
    let limits = Limits::default();
    let table = read_from(text.as_bytes(), Path::new("t.csv"), &schema(), &limits).unwrap();
    let fitted = encoder.fit(&table, &[0, 1, 2, 3], Carrier::F32).unwrap();
    let encoded = fitted.apply(&table, &[0, 1, 2, 3]).unwrap();
    (fitted, encoded)
}

/// What outputs stand for, line by line with the header first.
fn told(encoder: &Encoder, outputs: Option<Array>) -> Vec<String> {
    let (fitted, encoded) = fitted(encoder);
    let columns = decode(&fitted, &schema(), &outputs.unwrap_or(encoded));
    let names: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
    let mut lines = vec![names.join(",")];
    for row in 0..columns[0].values.len() {
        let values: Vec<&str> = columns.iter().map(|c| c.values[row].as_str()).collect();
        lines.push(values.join(","));
    }
    lines
}

fn array(carrier: Carrier, shape: &[usize], values: &[f64]) -> Array {
    Array::from_f64(Type::array(carrier, shape), values)
}

#[test]
fn the_target_itself_is_told_as_it_was_read() {
    let list = || Box::new(Encoder::List(vec![*column("x"), *column("y")]));
    let numbers = ["x,y", "1,10", "1,30", "3,10", "3,30"];
    let encoders = [
        *list(),
        Encoder::Standardize(list()),
        Encoder::MinMax(list()),
    ];
    for encoder in encoders {
        assert_eq!(told(&encoder, None), numbers, "{encoder}");
    }
    assert_eq!(
        told(
            &Encoder::MinMax(Box::new(Encoder::Standardize(list()))),
            None
        ),
        numbers
    );
    let classes = ["k", "r", "p", "q", "p"];
    for encoder in [
        *column("k"),
        Encoder::OneHot(column("k"), Carrier::F32),
        Encoder::OneHot(column("k"), Carrier::Bit),
        Encoder::Index(column("k")),
        Encoder::Binary(column("k")),
    ] {
        assert_eq!(told(&encoder, None), classes, "{encoder}");
    }
    let both = Encoder::Concat(vec![
        Encoder::Standardize(column("y")),
        Encoder::OneHot(column("k"), Carrier::F32),
    ]);
    assert_eq!(told(&both, None), ["y,k", "10,r", "30,p", "10,q", "30,p"]);
}

#[test]
fn of_real_outputs_the_greatest_decides() {
    let outputs = [0.1, 0.7, 0.2, 5.0, -1.0, 5.0, f64::NAN, 1.0, 2.0];
    let outputs = array(Carrier::F32, &[3, 3], &outputs);
    for encoder in [
        Encoder::OneHot(column("k"), Carrier::F32),
        Encoder::Index(column("k")),
    ] {
        assert_eq!(
            told(&encoder, Some(outputs.clone())),
            ["k", "q", "p", ""],
            "{encoder}"
        );
    }
}

#[test]
fn of_bits_that_are_no_code_nothing_is_told() {
    let hot = array(Carrier::Bit, &[3, 3], &[0., 0., 1., 1., 0., 1., 0., 0., 0.]);
    let encoder = Encoder::OneHot(column("k"), Carrier::Bit);
    assert_eq!(told(&encoder, Some(hot)), ["k", "r", "", ""]);
    let code = array(Carrier::Bit, &[3, 2], &[0., 1., 1., 1., 0., 0.]);
    assert_eq!(
        told(&Encoder::Binary(column("k")), Some(code)),
        ["k", "q", "", "p"]
    );
}

#[test]
fn outputs_of_another_length_are_told_as_they_are() {
    let outputs = array(Carrier::F32, &[2, 2], &[0.5, 1.5, 2.5, 3.5]);
    let wanted = ["output_0,output_1", "0.5,1.5", "2.5,3.5"];
    assert_eq!(told(&column("x"), Some(outputs)), wanted);
}
