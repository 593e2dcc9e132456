//! A reader that knows where lines end, and that does not let one row grow without bound.

use std::collections::VecDeque;
use std::io::{self, Read};

/// Passes bytes through, and remembers the line ends among them until they are asked about.
///
/// The parser of records counts lines too, but counts blank lines to the record that follows them
/// and a line end of two bytes to the record that it ends or to the next, as it falls.
pub(super) struct Lines<R> {
    inner: R,
    /// Bytes passed through.
    passed: u64,
    /// Offsets of the line feeds passed through that `line_of` has not gone beyond.
    ahead: VecDeque<u64>,
    /// How many it has gone beyond.
    behind: u64,
    /// Bytes that may still be passed through for the current row.
    budget: u64,
    row_bytes: u64,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(inner: R, row_bytes: u64) -> Lines<R> {
        Lines {
            inner,
            passed: 0,
            ahead: VecDeque::new(),
            behind: 0,
            budget: row_bytes,
            row_bytes,
        }
    }

    /// From now on the budget is that of a new row.
    pub(super) fn begin_row(&mut self) {
        self.budget = self.row_bytes;
    }

    /// Whether the current row has used up its budget.
    pub(super) fn exhausted(&self) -> bool {
        self.budget == 0
    }

    /// The line, from 1, of the byte at an offset; offsets must not decrease.
    pub(super) fn line_of(&mut self, offset: u64) -> u64 {
        while self.ahead.front().is_some_and(|&end| end < offset) {
            self.ahead.pop_front();
            self.behind += 1;
        }
        self.behind + 1
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.budget == 0 {
            return Err(io::Error::other("a row without end"));
        }
        let room = usize::try_from(self.budget)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let count = self.inner.read(&mut buffer[..room])?;
        let bytes = buffer[..count].iter().enumerate();
        let ends = bytes.filter(|&(_, &byte)| byte == b'\n');
        self.ahead.extend(ends.map(|(i, _)| self.passed + i as u64));
        self.passed += count as u64;
        self.budget -= count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_by_their_ends() {
        let mut lines = Lines::new(&b"ab\n\ncd"[..], 100);
        io::copy(&mut lines, &mut io::sink()).unwrap();
        let found: Vec<u64> = (0..6).map(|offset| lines.line_of(offset)).collect();
        assert_eq!(found, [1, 1, 1, 2, 3, 3]);
    }

    #[test]
    fn a_budget_bounds_what_is_read() {
        let mut lines = Lines::new(io::repeat(b'x'), 10);
        assert!(io::copy(&mut lines, &mut io::sink()).is_err());
        assert!(lines.exhausted());
        lines.begin_row();
        assert!(!lines.exhausted());
    }
}
