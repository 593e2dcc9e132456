//! The irises that are shipped, and the data side of a published experiment with them.

use std::collections::BTreeMap;

use lentil_runtime::encode::Encoder;
use lentil_runtime::metrics::{Agreement, Score, score};
use lentil_runtime::split::{Rule, split};
use lentil_runtime::table::Column;
use lentil_unary::carrier::{Carrier, Type};
use lentil_unary::value::{Array, Data};

use crate::support::{MEASURES, irises, strings};

#[test]
fn the_irises_are_fishers() {
    let table = irises("iris.csv");
    assert_eq!(table.rows, 150);
    let Column::Category(species) = &table.columns["species"] else {
        panic!("not a category")
    };
    assert!(
        (0..150).all(|row| species[row] == row as u32 / 50),
        "sorted by species, 50 of each"
    );
    // The summary that is printed with the data: least, greatest, mean.
    let summary = [
        (4.3, 7.9, 5.84),
        (2.0, 4.4, 3.05),
        (1.0, 6.9, 3.76),
        (0.1, 2.5, 1.20),
    ];
    for (name, (least, greatest, mean)) in MEASURES.into_iter().zip(summary) {
        let Column::Real(values) = &table.columns[name] else {
            panic!("not real")
        };
        assert_eq!(values.iter().copied().fold(f64::INFINITY, f64::min), least);
        assert_eq!(values.iter().copied().fold(0.0, f64::max), greatest);
        let found = values.iter().sum::<f64>() / 150.0;
        assert!((found - mean).abs() < 0.0075, "{name}: {found}");
    }
}

#[test]
fn the_two_versions_differ_in_two_rows() {
    let (fisher, uci) = (irises("iris.csv"), irises("iris_uci.csv"));
    let mut differences = Vec::new();
    for name in MEASURES {
        let (Column::Real(a), Column::Real(b)) = (&fisher.columns[name], &uci.columns[name]) else {
            panic!("not real")
        };
        let rows = (0..150).filter(|&row| a[row] != b[row]);
        differences.extend(rows.map(|row| (name, row, a[row], b[row])));
    }
    let expected = [
        ("sepal_width", 37, 3.6, 3.1),
        ("petal_length", 37, 1.4, 1.5),
        ("petal_width", 34, 0.2, 0.1),
    ];
    assert_eq!(differences, expected);
    assert_eq!(fisher.columns["species"], uci.columns["species"]);
}

/// Reverse Derivative Ascent (Wilson and Zanasi), on the circuit `eval`: one table of 16 bits per
/// output, in which a step sets the entry of its input to the target. The circuit and its derivative
/// are the compiler's matter; here the table stands in for them, so that encoders and split are
/// held against the published figures.
fn lookup_tables(file: &str, species: &[&str], target: &Encoder) -> Score {
    let table = irises(file)
        .of_classes("species", &strings(species))
        .unwrap();
    let measures = MEASURES
        .map(|name| Encoder::Column(name.to_string()))
        .to_vec();
    let scaled = Encoder::MinMax(Box::new(Encoder::List(measures)));
    let input = Encoder::Threshold(Box::new(scaled), 0.5);
    let rule = Rule::FirstOfEach {
        column: "species".to_string(),
        count: 25,
    };
    let rows = split(&table, &rule).unwrap();
    // The experiment scales by all rows of the selected species, not only by those it learns from.
    let every: Vec<usize> = (0..table.rows).collect();
    let input = input.fit(&table, &every, Carrier::F32).unwrap();
    let target = target.fit(&table, &every, Carrier::F32).unwrap();
    let rows_of = |array: Array| {
        let width = array.ty().shape[1];
        let Data::Byte(bits) = array.into_data() else {
            panic!("not bits")
        };
        bits.chunks(width).map(<[u8]>::to_vec).collect::<Vec<_>>()
    };
    let encode = |rows: &[usize]| {
        let x = rows_of(input.apply(&table, rows).unwrap());
        let y = rows_of(target.apply(&table, rows).unwrap());
        (x, y)
    };
    let (x, y) = encode(&rows.train);
    let learnt: BTreeMap<Vec<u8>, Vec<u8>> = x.into_iter().zip(y).collect();
    let (x, y) = encode(&rows.test);
    let width = y[0].len();
    let predicted = x
        .iter()
        .map(|x| learnt.get(x).cloned().unwrap_or_else(|| vec![0; width]));
    let array = |rows: Vec<Vec<u8>>| {
        Array::new(
            Type::array(Carrier::Bit, [rows.len(), width]),
            Data::Byte(rows.concat()),
        )
    };
    score(Agreement::Exact, &array(predicted.collect()), &array(y))
}

#[test]
fn lookup_tables_learn_irises_as_published() {
    let species = || Box::new(Encoder::Column("species".to_string()));
    for target in [
        Encoder::Binary(species()),
        Encoder::OneHot(species(), Carrier::Bit),
    ] {
        let two = ["setosa", "versicolor"];
        let three = ["setosa", "versicolor", "virginica"];
        let figure = |file: &str, names: &[&str]| lookup_tables(file, names, &target);
        assert_eq!(figure("iris_uci.csv", &two), Score { right: 49, of: 50 });
        assert_eq!(figure("iris_uci.csv", &three), Score { right: 55, of: 75 });
        assert_eq!(figure("iris.csv", &two), Score { right: 49, of: 50 });
        assert_eq!(figure("iris.csv", &three), Score { right: 56, of: 75 });
    }
}
