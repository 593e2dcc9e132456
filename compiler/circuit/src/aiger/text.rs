//! Walks through the bytes of a file and knows where it is, for the errors.

use std::fmt;

/// Why a file cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// The line, counted from 1, if the place is in a part that has lines.
    pub line: Option<usize>,
    /// The byte, counted from 0.
    pub byte: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => write!(f, "byte {}: {}", self.byte, self.message),
        }
    }
}

impl std::error::Error for ReadError {}

/// Where something stands in a file.
#[derive(Clone, Copy)]
pub(super) struct Place {
    // `None` once binary data has been met, for then lines mean nothing.
    line: Option<usize>,
    byte: usize,
}

impl Place {
    /// An error about what stands here.
    pub(super) fn error<T>(self, message: impl Into<String>) -> Result<T, ReadError> {
        Err(ReadError {
            line: self.line,
            byte: self.byte,
            message: message.into(),
        })
    }
}

/// A file that is read from front to back.
pub(super) struct Text<'a> {
    bytes: &'a [u8],
    at: usize,
    // Where the line or number that was read last began: what an error points to.
    last: Place,
}

impl<'a> Text<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Text<'a> {
        Text {
            bytes,
            at: 0,
            last: Place {
                line: Some(0),
                byte: 0,
            },
        }
    }

    /// How many bytes are left.
    pub(super) fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// An error about what was read last.
    pub(super) fn error<T>(&self, message: impl Into<String>) -> Result<T, ReadError> {
        self.last.error(message)
    }

    /// Where what was read last stands.
    pub(super) fn place(&self) -> Place {
        self.last
    }

    /// The next line without its end; the last one need not have an end.
    pub(super) fn line(&mut self, wanted: &str) -> Result<&'a [u8], ReadError> {
        self.last = Place {
            line: self.last.line.map(|n| n + 1),
            byte: self.at,
        };
        let rest = &self.bytes[self.at..];
        if rest.is_empty() {
            return self.error(format!("the file ends where {wanted} should stand"));
        }
        let end = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
        self.at += (end + 1).min(rest.len());
        Ok(&rest[..end])
    }

    /// The next line as exactly `N` numbers.
    pub(super) fn numbers<const N: usize>(&mut self, wanted: &str) -> Result<[u64; N], ReadError> {
        let line = self.line(wanted)?;
        let numbers = self.split(line)?;
        match <[u64; N]>::try_from(numbers) {
            Ok(numbers) => Ok(numbers),
            Err(other) => self.error(format!(
                "{} number{} where {wanted} should stand",
                other.len(),
                if other.len() == 1 { "" } else { "s" }
            )),
        }
    }

    /// Decimal numbers separated by single spaces.
    pub(super) fn split(&self, line: &[u8]) -> Result<Vec<u64>, ReadError> {
        let mut numbers = Vec::new();
        for word in line.split(|&b| b == b' ') {
            let number = std::str::from_utf8(word)
                .ok()
                .filter(|w| w.bytes().all(|b| b.is_ascii_digit()))
                .and_then(|w| w.parse().ok());
            match number {
                Some(number) => numbers.push(number),
                None => {
                    let word = String::from_utf8_lossy(&word[..word.len().min(20)]).into_owned();
                    return self.error(format!("{word:?} is no number"));
                }
            }
        }
        Ok(numbers)
    }

    /// A number in the binary part: seven bits a byte, the lowest first, the top bit set in all but the last.
    pub(super) fn delta(&mut self) -> Result<u64, ReadError> {
        self.last = Place {
            line: None,
            byte: self.at,
        };
        let mut value = 0u64;
        for shift in (0..63).step_by(7) {
            let Some(&byte) = self.bytes.get(self.at) else {
                return self.error("the file ends inside a gate");
            };
            self.at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        self.error("a number of more than nine bytes")
    }
}
