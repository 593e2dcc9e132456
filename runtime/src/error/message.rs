//! What happened and where, in one line.

use std::fmt;

use super::{Cell, RuntimeError};

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cell {
            path,
            line,
            row,
            column,
        } = self;
        write!(
            f,
            "{}, line {line} (row {row}), column `{column}`",
            path.display()
        )
    }
}

impl fmt::Display for RuntimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = self.path()
            && !self.names_its_cell()
        {
            write!(f, "{}", path.display())?;
        }
        match self {
            RuntimeError::NotFound { .. } => write!(f, ": there is no such file"),
            RuntimeError::MissingColumn { column, header, .. } => {
                write!(
                    f,
                    ": there is no column `{column}`; the columns are {}",
                    names(header)
                )
            }
            RuntimeError::BadValue {
                cell,
                found,
                wanted,
            } => {
                write!(f, "{cell}: `{}` is not {wanted}", clip(found))
            }
            RuntimeError::Empty { header: false, .. } => write!(f, ": the file is empty"),
            RuntimeError::Empty { header: true, .. } => {
                write!(f, ": there is a header, but no row of data below it")
            }
            RuntimeError::Ragged {
                line,
                row,
                found,
                wanted,
                ..
            } => {
                let found = count(*found, "value");
                let wanted = count(*wanted, "column");
                write!(
                    f,
                    ", line {line} (row {row}): {found} where the header names {wanted}"
                )
            }
            RuntimeError::NotUtf8 { line, column, .. } => {
                write!(
                    f,
                    ", line {line}, column `{}`: not text in UTF-8",
                    clip(column)
                )
            }
            RuntimeError::UnknownCategory {
                cell,
                found,
                classes,
            } => {
                let (found, classes) = (clip(found), names(classes));
                write!(f, "{cell}: `{found}` is none of the categories {classes}")
            }
            RuntimeError::NotFinite { cell, found } => {
                write!(f, "{cell}: `{}` is not a finite number", clip(found))
            }
            RuntimeError::MissingValue { cell, wanted } => {
                write!(f, "{cell}: nothing stands where {wanted} is wanted")
            }
            RuntimeError::DuplicateColumn {
                column,
                positions: (first, second),
                ..
            } => {
                write!(
                    f,
                    ": columns {first} and {second} are both named `{column}`"
                )
            }
            RuntimeError::Unreadable { cause, .. } => write!(f, ": {cause}"),
            RuntimeError::TooLarge { what, limit, .. } => {
                write!(f, ": more than {limit} {what}")
            }
            RuntimeError::OutOfRange {
                encoder, carrier, ..
            } => {
                write!(f, ": a value of `{encoder}` does not fit {carrier}")
            }
            RuntimeError::IllTyped { encoder, reason } => write!(f, "`{encoder}`: {reason}"),
            RuntimeError::BadSplit { reason, .. } => write!(f, ": {reason}"),
            RuntimeError::TooFewOfClass {
                class,
                found,
                wanted,
                ..
            } => {
                let found = count(*found, "row");
                write!(
                    f,
                    ": class `{class}` has {found}, and {wanted} of each class are wanted"
                )
            }
            RuntimeError::MissingParameter { name, .. } => {
                write!(f, ": parameter `{name}` is missing")
            }
            RuntimeError::ExtraParameter { name, .. } => {
                write!(f, ": the program has no parameter `{}`", clip(name))
            }
            RuntimeError::MoreParameters { more, .. } => {
                write!(
                    f,
                    ": {more} more parameters are not as the program has them"
                )
            }
            RuntimeError::WrongShape {
                name,
                found,
                wanted,
                ..
            } => {
                write!(
                    f,
                    ": `{name}` has shape {found:?}, the program wants {wanted:?}"
                )
            }
            RuntimeError::WrongCarrier {
                name,
                found,
                wanted,
                ..
            } => {
                write!(f, ": `{name}` is over {found}, the program wants {wanted}")
            }
            RuntimeError::Corrupt { cause, .. } | RuntimeError::NotParameters { cause, .. } => {
                write!(f, ": {}", clip(cause))
            }
            RuntimeError::UnsupportedStorage { name, found, .. } => {
                write!(
                    f,
                    ": `{}` is stored as {found}, which no carrier is",
                    clip(name)
                )
            }
            RuntimeError::Unwritable { cause, .. } => write!(f, ": {cause}"),
            RuntimeError::BadElement {
                name,
                position,
                reason,
                ..
            } => {
                write!(f, ": element {position} of `{}` is {reason}", clip(name))
            }
            RuntimeError::ReservedPath { name, .. } => {
                write!(f, ": no parameter can be saved under the path `{name}`")
            }
            RuntimeError::LaterFormat { found, known, .. } => {
                write!(
                    f,
                    ": format {found}, but only formats up to {known} are understood"
                )
            }
            RuntimeError::LossNotFinite { epoch, step, loss } => {
                write!(f, "epoch {epoch}, step {step}: the loss is {loss}")
            }
            RuntimeError::ParameterNotFinite { epoch, name, found } => {
                write!(f, "after epoch {epoch}: `{name}` is {found}")
            }
        }
    }
}

impl RuntimeError {
    /// Whether its message begins with a cell, which names the file itself.
    fn names_its_cell(&self) -> bool {
        matches!(
            self,
            RuntimeError::BadValue { .. }
                | RuntimeError::UnknownCategory { .. }
                | RuntimeError::NotFinite { .. }
                | RuntimeError::MissingValue { .. }
        )
    }
}

/// Names in backquotes; of many, the first ones.
fn names(names: &[String]) -> String {
    const SHOWN: usize = 12;
    let mut shown: Vec<String> = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("`{}`", clip(name)))
        .collect();
    if names.len() > SHOWN {
        shown.push(format!("and {} more", names.len() - SHOWN));
    }
    shown.join(", ")
}

/// Foreign text, without control characters and not longer than a line bears.
fn clip(text: &str) -> String {
    const SHOWN: usize = 80;
    let clean = |c: char| {
        if c.is_control() {
            char::REPLACEMENT_CHARACTER
        } else {
            c
        }
    };
    let mut shown: String = text.chars().take(SHOWN).map(clean).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

fn count(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}
