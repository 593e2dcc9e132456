//! Encoders learn from the rows they are given, and encode what they say.

use std::collections::BTreeMap;
use std::path::Path;

use lentil_runtime::encode::{Encoder, Fitted};
use lentil_runtime::split::{Rule, split};
use lentil_runtime::table::{ColumnType, Schema, Table};
use lentil_unary::carrier::{Carrier, Type};
use lentil_unary::value::Array;
use proptest::prelude::*;

use crate::support::{MEASURES, array, category, irises, parse, tensors, told};

fn table() -> Table {
    let schema = Schema::new([
        ("x", ColumnType::Real),
        ("y", ColumnType::Real),
        ("n", ColumnType::Int),
        ("b", ColumnType::Bit),
        ("t", ColumnType::Bool),
        ("k", category(&["p", "q", "r"])),
    ]);
    parse(
        "x,y,n,b,t,k\n1,0.1,10,0,true,r\n3,0.1,20,1,false,p\n2,0.1,30,1,true,q\n100,7,9007199254740993,0,true,r\n",
        &schema,
    )
    .unwrap()
}

fn column(name: &str) -> Encoder {
    Encoder::Column(name.to_string())
}

fn list(names: &[&str]) -> Encoder {
    Encoder::List(names.iter().map(|name| column(name)).collect())
}

fn standardize(of: Encoder) -> Encoder {
    Encoder::Standardize(Box::new(of))
}

fn min_max(of: Encoder) -> Encoder {
    Encoder::MinMax(Box::new(of))
}

fn threshold(of: Encoder, level: f64) -> Encoder {
    Encoder::Threshold(Box::new(of), level)
}

fn one_hot(of: Encoder, carrier: Carrier) -> Encoder {
    Encoder::OneHot(Box::new(of), carrier)
}

/// Fitted to the first three rows.
fn fitted(encoder: &Encoder) -> Fitted {
    encoder.fit(&table(), &[0, 1, 2], Carrier::F64).unwrap()
}

fn encoded(encoder: &Encoder) -> Array {
    fitted(encoder).apply(&table(), &[0, 1, 2]).unwrap()
}

#[test]
fn columns_stand_for_themselves() {
    assert_eq!(
        encoded(&column("x")),
        array(Carrier::F64, &[3], &[1.0, 3.0, 2.0])
    );
    assert_eq!(
        encoded(&column("b")),
        array(Carrier::Bit, &[3], &[0.0, 1.0, 1.0])
    );
    assert_eq!(
        encoded(&column("t")),
        array(Carrier::Bool, &[3], &[1.0, 0.0, 1.0])
    );
    assert_eq!(
        encoded(&column("k")),
        array(Carrier::Int, &[3], &[2.0, 0.0, 1.0])
    );
    assert_eq!(
        encoded(&list(&["x", "y"])),
        array(Carrier::F64, &[3, 2], &[1.0, 0.1, 3.0, 0.1, 2.0, 0.1])
    );
    // Whole numbers pass unrounded.
    let last = fitted(&column("n")).apply(&table(), &[3]).unwrap();
    assert_eq!(last.literal(0).as_i64(), 9_007_199_254_740_993);
}

#[test]
fn rows_come_in_the_order_asked_for() {
    let encoder = fitted(&list(&["x", "y"]));
    let found = encoder.apply(&table(), &[3, 0, 3]).unwrap();
    assert_eq!(
        found,
        array(Carrier::F64, &[3, 2], &[100.0, 7.0, 1.0, 0.1, 100.0, 7.0])
    );
    assert_eq!(
        encoder.apply(&table(), &[]).unwrap(),
        array(Carrier::F64, &[0, 2], &[])
    );
}

#[test]
fn standardized_columns_have_mean_zero_and_deviation_one() {
    let encoder = fitted(&standardize(list(&["x", "y"])));
    let third: f64 = 2.0 / 3.0;
    let expected = tensors([
        ("data.input.mean", array(Carrier::F64, &[2], &[2.0, 0.1])),
        // The constant column's deviation is taken for 1.
        (
            "data.input.std",
            array(Carrier::F64, &[2], &[third.sqrt(), 1.0]),
        ),
    ]);
    assert_eq!(encoder.tensors("data.input"), expected);
    let side = 1.0 / third.sqrt();
    assert_eq!(
        encoder.apply(&table(), &[0, 1, 2]).unwrap(),
        array(Carrier::F64, &[3, 2], &[-side, 0.0, side, 0.0, 0.0, 0.0])
    );
}

#[test]
fn min_max_takes_bounds_to_zero_and_one() {
    let encoder = fitted(&min_max(list(&["x", "y"])));
    let expected = tensors([
        ("p.max", array(Carrier::F64, &[2], &[3.0, 0.1])),
        ("p.min", array(Carrier::F64, &[2], &[1.0, 0.1])),
    ]);
    assert_eq!(encoder.tensors("p"), expected);
    assert_eq!(
        encoder.apply(&table(), &[0, 1, 2, 3]).unwrap(),
        array(
            Carrier::F64,
            &[4, 2],
            &[0.0, 0.0, 1.0, 0.0, 0.5, 0.0, 49.5, 6.9]
        )
    );
}

#[test]
fn thresholds_give_bits() {
    let whole = Encoder::Real(Box::new(column("n")));
    let bits = threshold(min_max(Encoder::List(vec![column("x"), whole])), 0.5);
    // A half is not greater than a half.
    assert_eq!(
        encoded(&bits),
        array(Carrier::Bit, &[3, 2], &[0.0, 0.0, 1.0, 0.0, 0.0, 1.0])
    );
    assert_eq!(
        fitted(&bits).example_type(),
        &Type::array(Carrier::Bit, [2])
    );
}

#[test]
fn classes_are_encoded_three_ways() {
    let hot = [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
    for carrier in [
        Carrier::F32,
        Carrier::F64,
        Carrier::Bit,
        Carrier::Int,
        Carrier::Mod(5),
    ] {
        let found = encoded(&one_hot(column("k"), carrier));
        assert_eq!(found, array(carrier, &[3, 3], &hot));
    }
    let number = Encoder::Index(Box::new(column("k")));
    assert_eq!(
        encoded(&number),
        array(Carrier::Int, &[3], &[2.0, 0.0, 1.0])
    );
    let binary = Encoder::Binary(Box::new(column("k")));
    assert_eq!(
        encoded(&binary),
        array(Carrier::Bit, &[3, 2], &[1.0, 0.0, 0.0, 0.0, 0.0, 1.0])
    );
}

#[test]
fn parts_are_joined_and_learn_under_their_numbers() {
    let encoder = Encoder::Concat(vec![
        standardize(column("x")),
        one_hot(column("k"), Carrier::F64),
        min_max(standardize(list(&["n", "x"]))),
        Encoder::Real(Box::new(column("b"))),
    ]);
    // A list of whole and real numbers is refused; each alone is fine.
    assert_eq!(
        encoder
            .fit(&table(), &[0], Carrier::F64)
            .unwrap_err()
            .code(),
        "E0614"
    );
    let Encoder::Concat(mut parts) = encoder else {
        unreachable!()
    };
    parts[2] = min_max(standardize(list(&["y", "x"])));
    let encoder = Encoder::Concat(parts);
    let fitted = fitted(&encoder);
    assert_eq!(fitted.example_type(), &Type::array(Carrier::F64, [7]));
    let learnt = fitted.tensors("data.input");
    let paths: Vec<&str> = learnt.keys().map(String::as_str).collect();
    let expected = [
        "data.input.0.mean",
        "data.input.0.std",
        "data.input.2.max",
        "data.input.2.min",
        "data.input.2.of.mean",
        "data.input.2.of.std",
    ];
    assert_eq!(paths, expected);
    let types: BTreeMap<String, Type> = learnt
        .iter()
        .map(|(path, array)| (path.clone(), array.ty().clone()))
        .collect();
    assert_eq!(
        types,
        encoder.state_types("data.input", &table().schema).unwrap()
    );
    let all = fitted.apply(&table(), &[0, 1, 2]).unwrap();
    let one = fitted.apply(&table(), &[1]).unwrap();
    assert_eq!(all.to_f64()[7..14], one.to_f64());
    assert_eq!(one.to_f64()[1..4], [1.0, 0.0, 0.0]);
    assert_eq!(one.to_f64()[5..7], [1.0, 1.0]);
}

#[test]
fn fitting_looks_at_the_rows_to_learn_from_only() {
    let names: Vec<&str> = MEASURES.to_vec();
    let encoder = standardize(list(&names));
    let table = irises("iris.csv");
    let rows = split(
        &table,
        &Rule::Shuffled {
            train: 0.8,
            seed: 7,
        },
    )
    .unwrap();
    let fitted = encoder.fit(&table, &rows.train, Carrier::F32).unwrap();
    // The same rows alone, and the same rows beside quite different ones.
    let alone = table.select(&rows.train);
    let every: Vec<usize> = (0..alone.rows).collect();
    assert_eq!(encoder.fit(&alone, &every, Carrier::F32).unwrap(), fitted);
    let mut spoilt = table.clone();
    for column in spoilt.columns.values_mut() {
        if let lentil_runtime::table::Column::Real(values) = column {
            for &row in &rows.test {
                values[row] = 1e6;
            }
        }
    }
    assert_eq!(
        encoder.fit(&spoilt, &rows.train, Carrier::F32).unwrap(),
        fitted
    );
    assert_ne!(
        encoder.fit(&spoilt, &rows.test, Carrier::F32).unwrap(),
        fitted
    );
}

#[test]
fn a_restored_encoder_encodes_as_before() {
    let encoder = Encoder::Concat(vec![standardize(list(&["x", "y"])), min_max(column("x"))]);
    let fitted = fitted(&encoder);
    let saved = fitted.tensors("data.input");
    let path = Path::new("net.safetensors");
    // The target's column is not needed.
    let schema = table().schema.only(&encoder.columns());
    let restored = encoder
        .restore(path, "data.input", &saved, &schema, Carrier::F64)
        .unwrap();
    assert_eq!(restored, fitted);
    let error = |name: &str, array: Option<Array>| {
        let mut saved = saved.clone();
        saved.remove(name);
        saved.extend(array.map(|array| (name.to_string(), array)));
        told(
            &encoder
                .restore(path, "data.input", &saved, &schema, Carrier::F64)
                .unwrap_err(),
        )
    };
    assert_eq!(
        error("data.input.0.std", None),
        "E0701: net.safetensors: parameter `data.input.0.std` is missing / \
         the file was saved by another model; train this one again"
    );
    assert_eq!(
        error(
            "data.input.0.std",
            Some(array(Carrier::F64, &[3], &[1.0; 3]))
        ),
        "E0703: net.safetensors: `data.input.0.std` has shape [3], the program wants [2] / \
         use the sizes that the file was trained with, or train again"
    );
    let hint = "train again, or correct the file";
    assert_eq!(
        error(
            "data.input.0.std",
            Some(array(Carrier::F64, &[2], &[1.0, 0.0]))
        ),
        format!(
            "E0709: net.safetensors: element 1 of `data.input.0.std` is 0.0, which is no \
             deviation / {hint}"
        )
    );
    assert_eq!(
        error(
            "data.input.0.mean",
            Some(array(Carrier::F64, &[2], &[f64::NAN, 0.0]))
        ),
        format!(
            "E0709: net.safetensors: element 0 of `data.input.0.mean` is NaN, which is not \
             finite / {hint}"
        )
    );
    assert_eq!(
        error("data.input.1.max", Some(array(Carrier::F64, &[], &[-1.0]))),
        format!(
            "E0709: net.safetensors: element 0 of `data.input.1.max` is -1.0, which is less than \
             the least value / {hint}"
        )
    );
}

#[test]
fn encoders_that_do_not_fit_their_columns() {
    let error = |encoder: Encoder| {
        let fitted = encoder.fit(&table(), &[0], Carrier::F32).unwrap_err();
        let typed = encoder
            .example_type(&table().schema, Carrier::F32)
            .unwrap_err();
        assert_eq!(fitted, typed);
        told(&fitted)
    };
    assert_eq!(
        error(column("z")),
        "E0614: `z`: no column of this name is declared"
    );
    assert_eq!(
        error(standardize(column("k"))),
        "E0614: `standardize(k)`: real or whole numbers are wanted"
    );
    assert_eq!(
        error(threshold(column("b"), 0.5)),
        "E0614: `threshold(b, 0.5)`: real or whole numbers are wanted"
    );
    assert_eq!(
        error(one_hot(column("x"), Carrier::Bit)),
        "E0614: `one_hot(x)`: a category column is wanted"
    );
    assert_eq!(
        error(Encoder::Binary(Box::new(list(&["k", "k"])))),
        "E0614: `binary([k, k])`: a category column is wanted"
    );
    assert_eq!(
        error(Encoder::Real(Box::new(column("k")))),
        "E0614: `real(k)`: a class is no number; use `one_hot` or `index`"
    );
    assert_eq!(
        error(list(&["x", "n"])),
        "E0614: `[x, n]`: `x` is over f32, but `n` is over int"
    );
    assert_eq!(
        error(Encoder::List(vec![column("x"), list(&["x"])])),
        "E0614: `[x, [x]]`: `[x]` is a vector; join vectors with `concat`"
    );
    assert_eq!(
        error(Encoder::List(Vec::new())),
        "E0614: `[]`: there is nothing in it"
    );
}

#[test]
fn a_table_of_another_schema_is_refused() {
    let encoder = fitted(&one_hot(column("k"), Carrier::Bit));
    let other = parse("k\nq\n", &Schema::new([("k", category(&["q"]))])).unwrap();
    assert_eq!(
        told(&encoder.apply(&other, &[0]).unwrap_err()),
        "E0614: `one_hot(k)`: fitted as bit[3], but the table gives bit[1]"
    );
}

#[test]
fn numbers_that_do_not_fit() {
    let schema = Schema::new([("x", ColumnType::Real)]);
    let table = parse("x\n1e300\n-1e308\n1.7e308\n1.7e308\n", &schema).unwrap();
    let hint = "compile over f64, or bring the column into range";
    let plain = column("x").fit(&table, &[0], Carrier::F32).unwrap();
    assert_eq!(
        told(&plain.apply(&table, &[0]).unwrap_err()),
        format!("E0613: t.csv: a value of `x` does not fit f32 / {hint}")
    );
    assert_eq!(
        told(
            &standardize(column("x"))
                .fit(&table, &[0, 1, 2, 3], Carrier::F64)
                .unwrap_err()
        ),
        format!("E0613: t.csv: a value of `standardize(x)` does not fit f64 / {hint}")
    );
}

#[test]
fn nothing_is_learnt_from_nothing() {
    assert_eq!(
        column("x")
            .fit(&table(), &[], Carrier::F32)
            .unwrap_err()
            .to_string(),
        "t.csv: there are no rows to fit the encoders to"
    );
}

proptest! {
    #[test]
    fn standardized_rows_are_standard(values in prop::collection::vec(-1e6..1e6f64, 2..40)) {
        let text: String = values.iter().map(|x| format!("{x:?}\n")).collect();
        let table = parse(format!("x\n{text}"), &Schema::new([("x", ColumnType::Real)])).unwrap();
        let rows: Vec<usize> = (0..table.rows).collect();
        let fitted = standardize(column("x")).fit(&table, &rows, Carrier::F64).unwrap();
        let found = fitted.apply(&table, &rows).unwrap().to_f64();
        let count = found.len() as f64;
        let mean = found.iter().sum::<f64>() / count;
        let square = found.iter().map(|x| x * x).sum::<f64>() / count;
        prop_assert!(mean.abs() < 1e-6, "mean {mean}");
        let constant = values.iter().all(|x| *x == values[0]);
        prop_assert!((square - if constant { 0.0 } else { 1.0 }).abs() < 1e-6, "square {square}");
    }
}
