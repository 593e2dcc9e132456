//! Words, numbers and quotations.

use super::{Parsed, Parser};

impl Parser<'_> {
    /// A name in quotation marks, with the escapes of Rust's debug format.
    pub(super) fn quoted(&mut self) -> Parsed<String> {
        self.expect("\"")?;
        let mut name = String::new();
        loop {
            match self.character()? {
                '"' => return Ok(name),
                '\\' => name.push(self.escape()?),
                c => name.push(c),
            }
        }
    }

    pub(super) fn escape(&mut self) -> Parsed<char> {
        match self.character()? {
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            '0' => Ok('\0'),
            'u' => {
                self.expect("{")?;
                let digits = self.word(|c| c.is_ascii_hexdigit())?;
                self.expect("}")?;
                let code = u32::from_str_radix(&digits, 16).ok();
                code.and_then(char::from_u32)
                    .ok_or_else(|| "no character".to_string())
            }
            c => Ok(c),
        }
    }

    pub(super) fn character(&mut self) -> Parsed<char> {
        let c = self.rest().chars().next().ok_or("an open quotation")?;
        self.at += c.len_utf8();
        Ok(c)
    }

    /// A size, an index or a number; below 2^32, so that sums and products of two do not overflow.
    pub(super) fn number(&mut self) -> Parsed<usize> {
        let word = self.word(|c| c.is_ascii_digit())?;
        let number: u32 = word.parse().map_err(|_| format!("the number {word}"))?;
        Ok(number as usize)
    }

    pub(super) fn word(&mut self, part: fn(char) -> bool) -> Parsed<String> {
        self.space();
        let rest = self.rest();
        let end = rest.find(|c| !part(c)).unwrap_or(rest.len());
        if end == 0 {
            let next: String = rest.chars().take(10).collect();
            return Err(format!("a word is missing before {next:?}"));
        }
        let word = rest[..end].to_string();
        self.at += end;
        Ok(word)
    }

    pub(super) fn expect(&mut self, text: &str) -> Parsed<()> {
        if self.eat(text) {
            Ok(())
        } else {
            Err(format!("{text:?} is missing"))
        }
    }

    pub(super) fn eat(&mut self, text: &str) -> bool {
        self.space();
        let there = self.rest().starts_with(text);
        if there {
            self.at += text.len();
        }
        there
    }

    pub(super) fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    pub(super) fn rest(&self) -> &str {
        &self.text[self.at..]
    }
}
