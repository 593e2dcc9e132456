//! Which rows to learn from, and in which order: decided by the rows' number and a seed alone.

use std::collections::BTreeMap;

use lentil_unary::carrier::{Carrier, Type};
use lentil_unary::random::{Key, fold_in, threefry2x32};
use lentil_unary::value::{Array, Data};

use crate::error::RuntimeError;
use crate::table::{Column, ColumnType, Table};

/// How the rows of a table are divided.
#[derive(Clone, Debug, PartialEq)]
pub enum Rule {
    /// A share of the rows, drawn by a seed; both parts in the order drawn.
    Shuffled {
        /// The share to learn from, above 0 and up to 1.
        train: f64,
        /// Decides which.
        seed: u64,
    },
    /// The first share of the rows, in the order of the file.
    Ordered {
        /// The share to learn from, above 0 and up to 1.
        train: f64,
    },
    /// The same share of every class of a category column, drawn by a seed; both parts in the order
    /// of the file.
    Stratified {
        /// The category column.
        column: String,
        /// The share to learn from, above 0 and up to 1.
        train: f64,
        /// Decides which.
        seed: u64,
    },
    /// The first rows of every class of a category column; both parts in the order of the file.
    FirstOfEach {
        /// The category column.
        column: String,
        /// How many of each class.
        count: usize,
    },
}

/// Rows, by their position in the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The rows to learn from; at least one.
    pub train: Vec<usize>,
    /// The others.
    pub test: Vec<usize>,
}

/// Divides the rows of a table.
pub fn split(table: &Table, rule: &Rule) -> Result<Split, RuntimeError> {
    let refuse = |reason: String| RuntimeError::BadSplit {
        path: table.path.clone(),
        reason,
    };
    let split = match rule {
        Rule::Shuffled { train, seed } => cut(
            permutation(table.rows, stream(*seed, Use::Split)),
            share(table, *train)?,
        ),
        Rule::Ordered { train } => cut((0..table.rows).collect(), share(table, *train)?),
        Rule::Stratified {
            column,
            train,
            seed,
        } => {
            let share = share(table, *train)?;
            let key = stream(*seed, Use::Split);
            let classes = by_class(table, column)?;
            in_file_order(classes.into_iter().enumerate().map(|(number, (_, rows))| {
                let order = permutation(rows.len(), fold_in(key, number as i64));
                cut(order.into_iter().map(|i| rows[i]).collect(), share)
            }))
        }
        Rule::FirstOfEach { column, count } => {
            let classes = by_class(table, column)?;
            if let Some((class, rows)) = classes.iter().find(|(_, rows)| rows.len() < *count) {
                return Err(RuntimeError::TooFewOfClass {
                    path: table.path.clone(),
                    class: class.clone(),
                    found: rows.len(),
                    wanted: *count,
                });
            }
            in_file_order(classes.into_iter().map(|(_, mut rows)| {
                let test = rows.split_off(*count);
                Split { train: rows, test }
            }))
        }
    };
    if split.train.is_empty() {
        return Err(refuse(format!(
            "of {} rows, none is left to learn from",
            table.rows
        )));
    }
    Ok(split)
}

/// The order in which an epoch (from 1) goes through `n` examples, as indices over `Int`; each
/// epoch's is its own, and can be known without those before it.
pub fn epoch_order(n: usize, seed: u64, epoch: u64) -> Array {
    let key = fold_in(
        fold_in(stream(seed, Use::Epoch), epoch as i64),
        (epoch >> 32) as i64,
    );
    let order = permutation(n, key).into_iter().map(|i| i as i64).collect();
    Array::new(Type::array(Carrier::Int, [n]), Data::Int(order))
}

/// A permutation of `0..n`, all equally likely over the keys: Fisher and Yates's, from the end.
pub fn permutation(n: usize, key: Key) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    let mut words = Words { key, next: 0 };
    for i in (1..n).rev() {
        let j = words.below(i as u64 + 1) as usize;
        order.swap(i, j);
    }
    order
}

/// What random numbers are for; each use has a stream of its own, so that none repeats another's.
#[derive(Clone, Copy)]
enum Use {
    Split,
    Epoch,
}

fn stream(seed: u64, purpose: Use) -> Key {
    let key = [(seed >> 32) as u32, seed as u32];
    // The words `SPLT` and `EPCH`: a program's own streams are numbered from 0.
    match purpose {
        Use::Split => fold_in(key, 0x5350_4c54),
        Use::Epoch => fold_in(key, 0x4550_4348),
    }
}

/// The generator's blocks of 64 bits, one after another.
struct Words {
    key: Key,
    next: u64,
}

impl Words {
    fn word(&mut self) -> u64 {
        let counter = [(self.next >> 32) as u32, self.next as u32];
        self.next += 1;
        let [high, low] = threefry2x32(self.key, counter);
        u64::from(high) << 32 | u64::from(low)
    }

    /// A number below `n`, all equally likely.
    fn below(&mut self, n: u64) -> u64 {
        // What is left over at the top of the range would favour small remainders.
        let rest = (u64::MAX % n + 1) % n;
        loop {
            let word = self.word();
            if word <= u64::MAX - rest {
                return word % n;
            }
        }
    }
}

fn share(table: &Table, train: f64) -> Result<f64, RuntimeError> {
    if train > 0.0 && train <= 1.0 {
        return Ok(train);
    }
    let reason = format!("{train} is no share of the rows to learn from");
    Err(RuntimeError::BadSplit {
        path: table.path.clone(),
        reason,
    })
}

/// The first share of some rows, rounded to the nearest number of them, and the rest.
fn cut(mut rows: Vec<usize>, share: f64) -> Split {
    let count = (share * rows.len() as f64).round() as usize;
    let test = rows.split_off(count.min(rows.len()));
    Split { train: rows, test }
}

/// The rows of every class, in the order of the classes.
fn by_class(table: &Table, column: &str) -> Result<Vec<(String, Vec<usize>)>, RuntimeError> {
    let (Some(ColumnType::Category(classes)), Some(Column::Category(values))) =
        (table.schema.columns.get(column), table.columns.get(column))
    else {
        let reason = format!("`{column}` is no category column to split by");
        return Err(RuntimeError::BadSplit {
            path: table.path.clone(),
            reason,
        });
    };
    let mut rows: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (row, class) in values.iter().enumerate() {
        rows.entry(*class).or_default().push(row);
    }
    let of = |number: usize| rows.get(&(number as u32)).cloned().unwrap_or_default();
    Ok(classes
        .iter()
        .enumerate()
        .map(|(number, class)| (class.clone(), of(number)))
        .collect())
}

fn in_file_order(parts: impl Iterator<Item = Split>) -> Split {
    let mut whole = Split {
        train: Vec::new(),
        test: Vec::new(),
    };
    for part in parts {
        whole.train.extend(part.train);
        whole.test.extend(part.test);
    }
    whole.train.sort_unstable();
    whole.test.sort_unstable();
    whole
}
