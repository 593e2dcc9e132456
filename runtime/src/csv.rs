//! Reading tables from comma-separated text.
//!
//! The first line names the columns; the declared ones are found by name, in any order, and others
//! are passed over. A byte order mark and white space around values are tolerated, nothing else is:
//! the first value that is not of its column's type stops the reading with its row, line and
//! column. The file is streamed: memory holds the declared columns and one row.

mod lines;
mod value;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use ::csv::{ByteRecord, Reader, ReaderBuilder};

use self::lines::Lines;
use crate::error::{Cell, Role, RuntimeError};
use crate::table::{Column, ColumnType, Schema, Table};

/// How much a file may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Rows of data.
    pub rows: u64,
    /// Columns in the header.
    pub columns: u64,
    /// Bytes of a single row; an unclosed quote makes one row of the rest of the file.
    pub row_bytes: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            rows: 100_000_000,
            columns: 65_536,
            row_bytes: 16 << 20,
        }
    }
}

/// Reads the declared columns of a file; of `-`, of what comes on the standard input.
pub fn read(path: &Path, schema: &Schema, limits: &Limits) -> Result<Table, RuntimeError> {
    if path == Path::new("-") {
        return read_from(io::stdin().lock(), path, schema, limits);
    }
    let file =
        File::open(path).map_err(|error| RuntimeError::not_opened(path, Role::Data, &error))?;
    read_from(file, path, schema, limits)
}

/// Reads the declared columns of a text; `path` is what messages call it.
pub fn read_from(
    text: impl Read,
    path: &Path,
    schema: &Schema,
    limits: &Limits,
) -> Result<Table, RuntimeError> {
    let text = Lines::new(text, limits.row_bytes);
    // Rows of wrong length are reported here, with what is known about them.
    let reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text);
    let mut rows = Rows {
        path,
        reader,
        record: ByteRecord::new(),
        row: 0,
        line: 0,
        end: 0,
        limits,
    };
    let header = rows.header()?;
    let mut wanted = Vec::new();
    for (name, ty) in &schema.columns {
        let position = position(path, &header, name)?;
        wanted.push((name, position, ty, Column::empty(ty)));
    }
    while rows.advance(header.len())? {
        for (name, position, ty, column) in &mut wanted {
            rows.value(name, *position, ty, column)?;
        }
    }
    let count = rows.row as usize;
    if count == 0 {
        return Err(RuntimeError::Empty {
            path: path.to_path_buf(),
            header: true,
        });
    }
    Ok(Table {
        path: path.to_path_buf(),
        rows: count,
        schema: schema.clone(),
        columns: wanted
            .into_iter()
            .map(|(name, _, _, column)| (name.clone(), column))
            .collect(),
    })
}

/// Where the header has a name, from 0.
fn position(path: &Path, header: &[String], name: &str) -> Result<usize, RuntimeError> {
    let mut found = header
        .iter()
        .enumerate()
        .filter(|(_, column)| *column == name);
    match (found.next(), found.next()) {
        (None, _) => Err(RuntimeError::MissingColumn {
            path: path.to_path_buf(),
            column: name.to_string(),
            header: header.to_vec(),
        }),
        (Some((position, _)), None) => Ok(position),
        (Some((first, _)), Some((second, _))) => Err(RuntimeError::DuplicateColumn {
            path: path.to_path_buf(),
            column: name.to_string(),
            positions: (first + 1, second + 1),
        }),
    }
}

/// The rows of a file, one after another.
struct Rows<'a, R> {
    path: &'a Path,
    reader: Reader<Lines<R>>,
    record: ByteRecord,
    /// The number of the row of data in `record`, from 1; 0 while that is the header.
    row: u64,
    /// The line where it begins.
    line: u64,
    /// The offset where it ends.
    end: u64,
    limits: &'a Limits,
}

impl<R: Read> Rows<'_, R> {
    fn header(&mut self) -> Result<Vec<String>, RuntimeError> {
        if !self.read()? {
            return Err(RuntimeError::Empty {
                path: self.path.to_path_buf(),
                header: false,
            });
        }
        if self.record.len() as u64 > self.limits.columns {
            return Err(self.too_large("columns".to_string(), self.limits.columns));
        }
        let name = |(i, field): (usize, &[u8])| match std::str::from_utf8(field) {
            Ok(name) => Ok(name.trim().to_string()),
            Err(_) => Err(self.not_utf8(&(i + 1).to_string())),
        };
        self.record.iter().enumerate().map(name).collect()
    }

    /// Goes to the next row of data, if there is one.
    fn advance(&mut self, width: usize) -> Result<bool, RuntimeError> {
        if !self.read()? {
            return Ok(false);
        }
        self.row += 1;
        if self.row > self.limits.rows {
            return Err(self.too_large("rows".to_string(), self.limits.rows));
        }
        if self.record.len() != width {
            return Err(RuntimeError::Ragged {
                path: self.path.to_path_buf(),
                line: self.line,
                row: self.row,
                found: self.record.len(),
                wanted: width,
            });
        }
        Ok(true)
    }

    /// Adds the value at a position of the row to a column.
    fn value(
        &self,
        name: &str,
        position: usize,
        ty: &ColumnType,
        column: &mut Column,
    ) -> Result<(), RuntimeError> {
        // The row has as many values as the header, where the position was found.
        let field = self.record.get(position).unwrap_or_default();
        let text = std::str::from_utf8(field).map_err(|_| self.not_utf8(name))?;
        let cell = || Cell {
            path: self.path.to_path_buf(),
            line: self.line,
            row: self.row,
            column: name.to_string(),
        };
        value::push(text.trim(), ty, column).map_err(|problem| problem.at(cell(), ty))
    }

    fn read(&mut self) -> Result<bool, RuntimeError> {
        self.reader.get_mut().begin_row();
        match self.reader.read_byte_record(&mut self.record) {
            Ok(false) => Ok(false),
            Ok(true) => {
                self.end = self.reader.position().byte();
                let breaks: usize = self
                    .record
                    .iter()
                    .map(|field| field.split(|&b| b == b'\n').count() - 1)
                    .sum();
                let last = self.reader.get_mut().line_of(self.end.saturating_sub(1));
                self.line = last - breaks as u64;
                Ok(true)
            }
            Err(_) if self.reader.get_ref().exhausted() => {
                // The byte after the last row's end may be the second half of its line end.
                let line = self.reader.get_mut().line_of(self.end + 1);
                let what = format!("bytes in the row at line {line}");
                Err(self.too_large(what, self.limits.row_bytes))
            }
            Err(error) => Err(RuntimeError::Unreadable {
                path: self.path.to_path_buf(),
                cause: error.to_string(),
            }),
        }
    }

    fn too_large(&self, what: String, limit: u64) -> RuntimeError {
        RuntimeError::TooLarge {
            path: self.path.to_path_buf(),
            what,
            limit,
        }
    }

    fn not_utf8(&self, column: &str) -> RuntimeError {
        RuntimeError::NotUtf8 {
            path: self.path.to_path_buf(),
            line: self.line,
            column: column.to_string(),
        }
    }
}
