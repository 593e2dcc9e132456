//! Splits and orders: decided by the seed, and fair.

use std::collections::BTreeMap;

use lentil_runtime::split::{Rule, Split, epoch_order, permutation, split};
use lentil_runtime::table::{ColumnType, Schema, Table};
use proptest::prelude::*;

use crate::support::{category, irises, parse, told};

fn rows(count: usize) -> Table {
    let lines: String = (0..count)
        .map(|i| format!("{i},{}\n", ["a", "b"][i % 2]))
        .collect();
    let schema = Schema::new([("x", ColumnType::Int), ("k", category(&["a", "b"]))]);
    parse(format!("x,k\n{lines}"), &schema).unwrap()
}

#[test]
fn the_orders_of_a_seed_never_change() {
    // Saved results depend on them. They were computed apart from this code, from the definition.
    assert_eq!(permutation(10, [0, 0]), [8, 5, 7, 6, 9, 2, 3, 1, 4, 0]);
    assert_eq!(
        epoch_order(8, 7, 1).to_f64(),
        [3.0, 6.0, 5.0, 0.0, 4.0, 2.0, 1.0, 7.0]
    );
    assert_eq!(
        epoch_order(8, 7, 2).to_f64(),
        [1.0, 3.0, 0.0, 6.0, 2.0, 5.0, 7.0, 4.0]
    );
    let rule = Rule::Shuffled {
        train: 0.8,
        seed: 7,
    };
    let expected = Split {
        train: vec![8, 9, 6, 7, 0, 5, 2, 4],
        test: vec![3, 1],
    };
    assert_eq!(split(&rows(10), &rule).unwrap(), expected);
}

#[test]
fn epochs_and_seeds_have_orders_of_their_own() {
    let mut seen = Vec::new();
    for (seed, epoch) in [
        (0, 1),
        (0, 2),
        (1, 1),
        (1 << 32, 1),
        (0, 1 << 32),
        (0, 1 + (1 << 32)),
    ] {
        let order = epoch_order(50, seed, epoch);
        assert!(!seen.contains(&order), "seed {seed}, epoch {epoch}");
        assert_eq!(order, epoch_order(50, seed, epoch));
        seen.push(order);
    }
}

#[test]
fn all_permutations_are_equally_likely() {
    let mut counts: BTreeMap<Vec<usize>, u32> = BTreeMap::new();
    for key in 0..24_000 {
        *counts.entry(permutation(4, [0, key])).or_default() += 1;
    }
    assert_eq!(counts.len(), 24);
    // Six standard deviations of a count whose mean is 1000.
    assert!(
        counts.values().all(|&count| (815..1185).contains(&count)),
        "{counts:?}"
    );
}

#[test]
fn the_share_is_rounded_to_rows() {
    let sizes = |count: usize, train: f64| {
        let Split { train, test } = split(&rows(count), &Rule::Ordered { train }).unwrap();
        (train.len(), test.len())
    };
    assert_eq!(sizes(10, 0.8), (8, 2));
    assert_eq!(sizes(7, 0.5), (4, 3));
    assert_eq!(sizes(3, 1.0), (3, 0));
    let ordered = split(&rows(4), &Rule::Ordered { train: 0.5 }).unwrap();
    assert_eq!(
        ordered,
        Split {
            train: vec![0, 1],
            test: vec![2, 3]
        }
    );
}

#[test]
fn the_first_of_each_class() {
    let table = irises("iris.csv");
    let rule = |count| Rule::FirstOfEach {
        column: "species".to_string(),
        count,
    };
    let Split { train, test } = split(&table, &rule(25)).unwrap();
    let range = |start: usize| start..start + 25;
    let expected: Vec<usize> = range(0).chain(range(50)).chain(range(100)).collect();
    assert_eq!(train, expected);
    assert_eq!(test.len(), 75);
    assert!(test.iter().all(|row| row % 50 >= 25));
    assert_eq!(
        told(
            &split(
                &rows(5),
                &Rule::FirstOfEach {
                    column: "k".to_string(),
                    count: 3
                }
            )
            .unwrap_err()
        ),
        "E0616: t.csv: class `b` has 2 rows, and 3 of each class are wanted / \
         take at most 2 of each class"
    );
}

#[test]
fn a_share_of_each_class() {
    let table = irises("iris.csv");
    let rule = Rule::Stratified {
        column: "species".to_string(),
        train: 0.8,
        seed: 3,
    };
    let Split { train, test } = split(&table, &rule).unwrap();
    for class in 0..3 {
        let of = |rows: &[usize]| rows.iter().filter(|&row| row / 50 == class).count();
        assert_eq!((of(&train), of(&test)), (40, 10));
    }
    assert!(train.is_sorted() && test.is_sorted());
    let within = |class: usize| {
        train
            .iter()
            .filter(move |&row| row / 50 == class)
            .map(|row| row % 50)
    };
    assert!(!within(0).eq(within(1)), "classes are drawn independently");
}

#[test]
fn splits_that_cannot_be_made() {
    let hint = "a split is the share of the rows to learn from, such as 0.8";
    let error = |rule: Rule| told(&split(&rows(3), &rule).unwrap_err());
    assert_eq!(
        error(Rule::Ordered { train: 0.1 }),
        format!("E0615: t.csv: of 3 rows, none is left to learn from / {hint}")
    );
    for (train, shown) in [(0.0, "0"), (1.5, "1.5"), (f64::NAN, "NaN"), (-1.0, "-1")] {
        assert_eq!(
            error(Rule::Shuffled { train, seed: 1 }),
            format!("E0615: t.csv: {shown} is no share of the rows to learn from / {hint}")
        );
    }
    assert_eq!(
        error(Rule::FirstOfEach {
            column: "x".to_string(),
            count: 1
        }),
        format!("E0615: t.csv: `x` is no category column to split by / {hint}")
    );
}

proptest! {
    #[test]
    fn every_row_is_in_one_part(count in 1usize..60, train in 0.5..1.0f64, seed: u64) {
        let column = || "k".to_string();
        for rule in [
            Rule::Shuffled { train, seed },
            Rule::Ordered { train },
            Rule::Stratified { column: column(), train, seed },
            Rule::FirstOfEach { column: column(), count: count / 2 },
        ] {
            if let Ok(split) = split(&rows(count), &rule) {
                let mut all = [split.train, split.test].concat();
                all.sort_unstable();
                prop_assert!(all.into_iter().eq(0..count), "{:?}", rule);
            } else {
                prop_assert!(count < 2, "{:?}", rule);
            }
        }
    }
}
