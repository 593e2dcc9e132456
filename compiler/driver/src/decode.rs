//! Outputs of a model as columns of a table: the target's encoder, the other way round.

use std::collections::BTreeMap;

use lentil_runtime::encode::{Encoder, Fitted};
use lentil_runtime::table::{ColumnType, Schema};
use lentil_unary::carrier::Carrier;
use lentil_unary::value::Array;

/// A column of predictions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// A value for each row, as text; empty where the outputs stand for none.
    pub values: Vec<String>,
}

/// Below which path the target's encoder is asked for what it learnt.
const ROOT: &str = "target";

/// The columns that outputs, along the first axis, stand for.
///
/// Classes are named: of outputs over the reals the greatest counts, of others all must fit.
/// What was scaled is scaled back. Outputs of another length than the target's are given as they are.
pub fn decode(target: &Fitted, schema: &Schema, outputs: &Array) -> Vec<Column> {
    let rows = outputs.ty().shape.first().copied().unwrap_or(1);
    let width = outputs.ty().len().checked_div(rows).unwrap_or(0);
    let decoder = Decoder {
        learnt: target.tensors(ROOT),
        schema,
        carrier: outputs.ty().carrier,
    };
    let encoder = match target.encoder() {
        // A number for each class stands for a class as well as its number does.
        Encoder::Index(of) if width > 1 && width == decoder.classes(of).len() => {
            &Encoder::OneHot(of.clone(), outputs.ty().carrier)
        }
        other => other,
    };
    let numbers = outputs.to_f64();
    let text = |row: usize| {
        let numbers = &numbers[row * width..(row + 1) * width];
        if decoder.width(encoder) == width {
            decoder.values(encoder, &format!("{ROOT}."), numbers)
        } else {
            numbers.iter().map(|x| decoder.number(*x)).collect()
        }
    };
    let names = if decoder.width(encoder) == width {
        decoder.names(encoder)
    } else {
        (0..width).map(|i| format!("output_{i}")).collect()
    };
    let mut columns: Vec<Column> = names
        .into_iter()
        .map(|name| Column {
            name,
            values: Vec::with_capacity(rows),
        })
        .collect();
    for row in 0..rows {
        for (column, value) in columns.iter_mut().zip(text(row)) {
            column.values.push(value);
        }
    }
    columns
}

struct Decoder<'a> {
    learnt: BTreeMap<String, Array>,
    schema: &'a Schema,
    /// What the outputs are.
    carrier: Carrier,
}

impl Decoder<'_> {
    /// How many numbers an encoder makes of a row.
    fn width(&self, encoder: &Encoder) -> usize {
        match encoder {
            Encoder::Column(_) | Encoder::Index(_) => 1,
            Encoder::List(parts) | Encoder::Concat(parts) => {
                parts.iter().map(|part| self.width(part)).sum()
            }
            Encoder::Real(of)
            | Encoder::Standardize(of)
            | Encoder::MinMax(of)
            | Encoder::Threshold(of, _) => self.width(of),
            Encoder::OneHot(of, _) => self.classes(of).len(),
            Encoder::Binary(of) => {
                // As many bits as the greatest number needs, but at least one.
                let greatest = self.classes(of).len().saturating_sub(1).max(1);
                (usize::BITS - greatest.leading_zeros()) as usize
            }
        }
    }

    /// The columns it reads, in its order.
    fn names(&self, encoder: &Encoder) -> Vec<String> {
        match encoder {
            Encoder::Column(name) => vec![name.clone()],
            Encoder::List(parts) | Encoder::Concat(parts) => {
                parts.iter().flat_map(|part| self.names(part)).collect()
            }
            Encoder::Real(of)
            | Encoder::Standardize(of)
            | Encoder::MinMax(of)
            | Encoder::OneHot(of, _)
            | Encoder::Index(of)
            | Encoder::Binary(of) => self.names(of),
            Encoder::Threshold(of, _) => self
                .names(of)
                .into_iter()
                .map(|name| format!("threshold({name})"))
                .collect(),
        }
    }

    /// What these numbers stand for; `at` is where the encoder keeps what it learnt.
    fn values(&self, encoder: &Encoder, at: &str, numbers: &[f64]) -> Vec<String> {
        match encoder {
            Encoder::Column(_) | Encoder::Index(_) => {
                let classes = self.classes(encoder);
                numbers
                    .iter()
                    .map(|x| self.class_or_number(&classes, *x))
                    .collect()
            }
            Encoder::List(parts) | Encoder::Concat(parts) => {
                let (mut out, mut rest) = (Vec::new(), numbers);
                for (i, part) in parts.iter().enumerate() {
                    let (own, others) = rest.split_at(self.width(part));
                    out.extend(self.values(part, &format!("{at}{i}."), own));
                    rest = others;
                }
                out
            }
            Encoder::Real(of) => self.values(of, at, numbers),
            Encoder::Standardize(of) => {
                let back = |x: f64, [mean, deviation]: [f64; 2]| x * deviation + mean;
                self.unscaled(of, at, ["mean", "std"], numbers, back)
            }
            Encoder::MinMax(of) => {
                let back = |x: f64, [least, greatest]: [f64; 2]| x * (greatest - least) + least;
                self.unscaled(of, at, ["min", "max"], numbers, back)
            }
            Encoder::Threshold(..) => numbers.iter().map(|x| self.number(*x)).collect(),
            Encoder::OneHot(of, _) => vec![self.hot(&self.classes(of), numbers)],
            Encoder::Binary(of) => {
                let number = numbers.iter().fold(0.0, |n, bit| 2.0 * n + bit);
                vec![class(&self.classes(of), number).unwrap_or_default()]
            }
        }
    }

    fn unscaled(
        &self,
        of: &Encoder,
        at: &str,
        names: [&str; 2],
        numbers: &[f64],
        back: impl Fn(f64, [f64; 2]) -> f64,
    ) -> Vec<String> {
        let learnt = names.map(|name| {
            self.learnt
                .get(&format!("{at}{name}"))
                .map(Array::to_f64)
                .unwrap_or_default()
        });
        let position = |i: usize| {
            learnt
                .each_ref()
                .map(|l| l.get(i).copied().unwrap_or(f64::NAN))
        };
        let numbers: Vec<f64> = numbers
            .iter()
            .enumerate()
            .map(|(i, x)| back(*x, position(i)))
            .collect();
        self.values(of, &format!("{at}of."), &numbers)
    }

    /// The class of the greatest number, or of the only one that is not zero.
    fn hot(&self, classes: &[String], numbers: &[f64]) -> String {
        if numbers.iter().any(|x| x.is_nan()) {
            return String::new();
        }
        let greatest = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let real = self.carrier.is_real();
        let counts = |x: f64| if real { x == greatest } else { x != 0.0 };
        let found: Vec<usize> = (0..numbers.len()).filter(|&i| counts(numbers[i])).collect();
        match found[..] {
            // Of equal numbers over the reals the first counts, as it does in figures of merit.
            [first, ..] if real => classes.get(first).cloned().unwrap_or_default(),
            [only] => classes.get(only).cloned().unwrap_or_default(),
            _ => String::new(),
        }
    }

    /// The classes of the column that an encoder is applied to.
    fn classes(&self, encoder: &Encoder) -> Vec<String> {
        let names = self.names(encoder);
        match names.first().and_then(|name| self.schema.columns.get(name)) {
            Some(ColumnType::Category(classes)) => classes.clone(),
            Some(ColumnType::Real | ColumnType::Int | ColumnType::Bit | ColumnType::Bool)
            | None => Vec::new(),
        }
    }

    fn class_or_number(&self, classes: &[String], x: f64) -> String {
        class(classes, x).unwrap_or_else(|| self.number(x))
    }

    /// A number as text, with as many digits as it has at the outputs' precision.
    fn number(&self, x: f64) -> String {
        match self.carrier {
            Carrier::F32 => (x as f32).to_string(),
            Carrier::F64 | Carrier::Bit | Carrier::Mod(_) | Carrier::Int | Carrier::Bool => {
                x.to_string()
            }
        }
    }
}

fn class(classes: &[String], number: f64) -> Option<String> {
    let whole = number >= 0.0 && number.fract() == 0.0;
    whole
        .then(|| classes.get(number as usize).cloned())
        .flatten()
}
