//! Values with their types, laid out for a screen.
//!
//! What fits on a line stands on one. Of large arrays the middle is left out: `…` stands for it.

use lentil_unary::value::Array;

use crate::value::Value;

/// The columns of a screen.
const WIDTH: usize = 80;

/// Arrays of more elements are shown in part.
const MOST: usize = 64;

/// How many elements are shown at each end of an axis.
const ENDS: usize = 3;

/// A value and its type.
pub fn value(value: &Value, ty: &str) -> String {
    after("", value, ty)
}

/// A name, its value and its type.
pub fn bound(name: &str, value: &Value, ty: &str) -> String {
    after(&format!("{name} = "), value, ty)
}

fn after(head: &str, value: &Value, ty: &str) -> String {
    let shown = Shown::of(value);
    let room = WIDTH.saturating_sub(head.len() + 3 + ty.len());
    let flat = shown.flat();
    let text = match width(&flat) <= room {
        true => flat,
        false => shown.broken(head.len(), WIDTH),
    };
    let last = text.rsplit('\n').next().unwrap_or_default();
    match width(last) + 3 + ty.len() <= WIDTH || text.contains('\n') {
        true => format!("{head}{text} : {ty}\n"),
        false => format!("{head}{text}\n  : {ty}\n"),
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// A value as a tree of texts.
enum Shown {
    Leaf(String),
    /// An array's axis. Its elements are of one kind, so that their columns can be aligned.
    Axis(Vec<Shown>),
    Tuple(Vec<Shown>),
    Record(Vec<(String, Shown)>),
}

impl Shown {
    fn of(value: &Value) -> Shown {
        match value {
            Value::Array(array) => {
                let text = |at: usize| array.literal(at).to_string();
                axis(&array.ty().shape, 0, array.ty().len() > MOST, &text)
            }
            Value::Classes(array, names) => {
                let text = |at: usize| class(array, names, at);
                axis(&array.ty().shape, 0, array.ty().len() > MOST, &text)
            }
            Value::Tuple(parts) => Shown::Tuple(parts.iter().map(Shown::of).collect()),
            Value::Record(fields) => {
                let shown = fields.iter().map(|(n, v)| (n.clone(), Shown::of(v)));
                Shown::Record(shown.collect())
            }
        }
    }

    /// On one line.
    fn flat(&self) -> String {
        let list = |items: &[Shown]| {
            let texts: Vec<String> = items.iter().map(Shown::flat).collect();
            texts.join(", ")
        };
        match self {
            Shown::Leaf(text) => text.clone(),
            Shown::Axis(items) => format!("[{}]", list(items)),
            Shown::Tuple(items) => format!("({})", list(items)),
            Shown::Record(fields) if fields.is_empty() => "{}".to_string(),
            Shown::Record(fields) => {
                let texts: Vec<String> = fields
                    .iter()
                    .map(|(n, v)| format!("{n}: {}", v.flat()))
                    .collect();
                format!("{{ {} }}", texts.join(", "))
            }
        }
    }

    /// On several lines, the first of which begins at a column.
    fn broken(&self, column: usize, width: usize) -> String {
        match self {
            Shown::Leaf(text) => text.clone(),
            Shown::Axis(items) if items.iter().all(|i| matches!(i, Shown::Leaf(_))) => {
                filled(&self.columns(), column, width)
            }
            Shown::Axis(items) => {
                let rows = aligned(items);
                let indent = " ".repeat(column + 1);
                let rows: Vec<String> = match rows {
                    Some(rows) => rows,
                    None => items.iter().map(|i| i.broken(column + 1, width)).collect(),
                };
                format!("[{}]", rows.join(&format!(",\n{indent}")))
            }
            Shown::Tuple(items) => {
                let parts = items.iter().map(|item| (String::new(), item));
                listed('(', ')', parts, width)
            }
            Shown::Record(fields) => {
                let parts = fields.iter().map(|(n, item)| (format!("{n}: "), item));
                listed('{', '}', parts, width)
            }
        }
    }

    /// The texts of an axis of leaves.
    fn columns(&self) -> Vec<String> {
        match self {
            Shown::Axis(items) => items.iter().map(Shown::flat).collect(),
            Shown::Leaf(_) | Shown::Tuple(_) | Shown::Record(_) => vec![self.flat()],
        }
    }
}

/// The parts of a product, each on lines of its own.
fn listed<'s>(
    open: char,
    close: char,
    parts: impl Iterator<Item = (String, &'s Shown)>,
    width: usize,
) -> String {
    let mut text = format!("{open}\n");
    for (head, part) in parts {
        let flat = part.flat();
        let shown = match 2 + head.len() + flat.chars().count() < width {
            true => flat,
            false => part.broken(2 + head.len(), width),
        };
        // Products inside products are indented as a whole; arrays have counted their column.
        let shown = match part {
            Shown::Tuple(_) | Shown::Record(_) => shown.replace('\n', "\n  "),
            Shown::Leaf(_) | Shown::Axis(_) => shown,
        };
        text.push_str(&format!("  {head}{shown},\n"));
    }
    text.push(close);
    text
}

/// Texts in brackets, as many on a line as fit.
fn filled(texts: &[String], column: usize, width: usize) -> String {
    let mut out = String::from("[");
    let mut at = column + 1;
    for (k, text) in texts.iter().enumerate() {
        let more = if k + 1 < texts.len() { 2 } else { 1 };
        let len = text.chars().count();
        if k > 0 && at + len + more > width {
            out.truncate(out.trim_end().len());
            out.push('\n');
            out.push_str(&" ".repeat(column + 1));
            at = column + 1;
        }
        out.push_str(text);
        out.push_str(if k + 1 < texts.len() { ", " } else { "" });
        at += len + 2;
    }
    out.push(']');
    out
}

/// The rows of a matrix with their columns aligned.
fn aligned(rows: &[Shown]) -> Option<Vec<String>> {
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| match row {
            Shown::Axis(items) if items.iter().all(|i| matches!(i, Shown::Leaf(_))) => {
                Some(row.columns())
            }
            // The rows that are left out.
            Shown::Leaf(text) => Some(vec![text.clone()]),
            Shown::Axis(_) | Shown::Tuple(_) | Shown::Record(_) => None,
        })
        .collect::<Option<_>>()?;
    let longest = rows.iter().map(Vec::len).max().unwrap_or(0);
    let of = |k: usize| {
        let whole = rows.iter().filter(|row| row.len() == longest);
        whole.map(|row| width(&row[k])).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..longest).map(of).collect();
    let row = |texts: &Vec<String>| match texts.len() == longest && texts[..] != ["…"] {
        true => {
            let cells = texts.iter().zip(&widths);
            let cells: Vec<String> = cells.map(|(t, w)| format!("{t:>w$}")).collect();
            format!("[{}]", cells.join(", "))
        }
        false => texts.join(", "),
    };
    Some(rows.iter().map(row).collect())
}

/// An array from its element `start` on.
fn axis(shape: &[usize], start: usize, elide: bool, text: &dyn Fn(usize) -> String) -> Shown {
    let Some((&n, rest)) = shape.split_first() else {
        return Shown::Leaf(text(start));
    };
    let size: usize = rest.iter().product();
    let item = |i: usize| axis(rest, start + i * size, elide, text);
    if elide && n > 2 * ENDS + 1 {
        let mut items: Vec<Shown> = (0..ENDS).map(item).collect();
        items.push(Shown::Leaf("…".to_string()));
        items.extend((n - ENDS..n).map(item));
        return Shown::Axis(items);
    }
    Shown::Axis((0..n).map(item).collect())
}

fn class(array: &Array, names: &[String], at: usize) -> String {
    let literal = array.literal(at);
    let name = usize::try_from(literal.as_i64())
        .ok()
        .and_then(|k| names.get(k));
    name.map_or(literal.to_string(), |name| format!("{name:?}"))
}
