//! What the parser could not take, in the user's words.

use crate::habit::Around;
use crate::layout;
use crate::token::{Spanned, Token};
use lalrpop_util::ParseError;
use lentil_diag::{Diagnostic, SourceId, Span};
use std::convert::Infallible;

/// The diagnostic for a parse error of a chunk.
pub fn translate(
    source: SourceId,
    text: &str,
    tokens: &[Spanned],
    error: &ParseError<usize, Token, Infallible>,
) -> Diagnostic {
    let start = location(error);
    let expected = match error {
        ParseError::UnrecognizedToken { expected, .. }
        | ParseError::UnrecognizedEof { expected, .. } => expected.as_slice(),
        ParseError::ExtraToken { .. } | ParseError::InvalidToken { .. } => &[],
        ParseError::User { error } => match *error {},
    };
    let at = tokens.partition_point(|t| t.start < start);
    let place = Place {
        source,
        text,
        tokens,
        at,
        expected: expected.iter().map(|e| e.trim_matches('"')).collect(),
    };
    place.special().unwrap_or_else(|| place.general())
}

/// The first byte of what did not fit; beyond every text if the text ended too early.
pub fn location(error: &ParseError<usize, Token, Infallible>) -> usize {
    match error {
        ParseError::UnrecognizedToken {
            token: (start, _, _),
            ..
        }
        | ParseError::ExtraToken {
            token: (start, _, _),
        } => *start,
        ParseError::InvalidToken { location } => *location,
        ParseError::UnrecognizedEof { .. } => usize::MAX,
        ParseError::User { error } => match *error {},
    }
}

/// Where the parser stopped, and what it would have taken.
struct Place<'a, 's> {
    source: SourceId,
    text: &'a str,
    tokens: &'a [Spanned<'s>],
    /// The index of the token that did not fit; the number of tokens if they ended too early.
    at: usize,
    expected: Vec<&'a str>,
}

impl Place<'_, '_> {
    fn special(&self) -> Option<Diagnostic> {
        let found = self.token(self.at);
        let before = self.before(1);
        if matches!(found, Some(Token::Doc(_))) {
            return Some(
                self.error("E0117", "This documents nothing", "no definition follows")
                    .hint("`///` stands before a definition; a comment begins with `//`."),
            );
        }
        if let Some(number) = self.split_number() {
            return Some(number);
        }
        if found.is_some_and(Token::is_reserved) && self.wants("name") && !self.wants("number") {
            let word = self.slice(self.at);
            return Some(
                self.error(
                    "E0108",
                    format!("`{word}` cannot be a name"),
                    "this word is reserved",
                )
                .hint(format!("Choose another name, such as `{word}_`.")),
            );
        }
        if found == Some(Token::RightBrace)
            && layout::in_block(self.tokens, self.at)
            && (self.wants(";") || self.wants("let"))
        {
            let statement = self.tokens[..self.at].iter().rev();
            let minus = statement
                .take_while(|t| !matches!(t.token, Token::Let | Token::Use | Token::Semicolon))
                .any(|t| t.token == Token::Minus && t.first_on_line);
            let error = self.error(
                "E0112",
                "This block has no result",
                "an expression was expected before this `}`",
            );
            return Some(error.hint(if minus {
                "A line that begins with `-` continues the one before; end that one with `;`."
            } else {
                "End the block with the value it stands for: `{ let h = w @ x; relu(h) }`."
            }));
        }
        let part_ends = match found {
            None | Some(Token::Comma | Token::Semicolon | Token::Let | Token::Use) => true,
            Some(t) => t.closes(),
        };
        if self.wants("else") && part_ends {
            return Some(
                self.error(
                    "E0113",
                    "This `if` has no `else`",
                    "`else` was expected here",
                )
                .hint("Every `if` has a value both ways: `if c then a else b`."),
            );
        }
        let word = self
            .tokens
            .iter()
            .map(|t| t.token)
            .find(|&t| t.begins_item() && t != Token::Local);
        if found == Some(Token::RightParen)
            && self.wants(";")
            && matches!(word, Some(Token::Model | Token::Lens | Token::Optimizer))
        {
            let hint = if word == Some(Token::Optimizer) {
                "Rates stand left of the `;`, what is learnt right of it: `(rate: Real; p: P)`."
            } else {
                "Parameters stand left of the `;`, inputs right of it: `(w: Real; x: Real)`, or `(; x: Real)` without parameters."
            };
            return Some(
                self.error(
                    "E0115",
                    "This signature has no `;`",
                    "`;` was expected before this",
                )
                .hint(hint),
            );
        }
        if word == Some(Token::Import) && self.wants(".") {
            return Some(
                self.error(
                    "E0118",
                    "This import names nothing",
                    "`.` and what is imported were expected here",
                )
                .hint("Write `import nn.{dense, relu}` or `import nn.dense`."),
            );
        }
        if self.wants("=") && !self.wants("number") && before != Some(Token::RightParen) {
            let error = self.error("E0109", "`=` is missing", "`=` was expected here");
            return Some(match found {
                Some(Token::EqualsEquals) => error.hint("`=` defines, `==` compares."),
                Some(Token::Colon) if self.before(2) == Some(Token::Let) => {
                    error.hint("A `let` has no type: write `let name = value`.")
                }
                Some(Token::Colon) => error.hint("Write `name = value` here."),
                _ => match self.habit() {
                    Some(hint) => error.hint(hint),
                    None => error,
                },
            });
        }
        None
    }

    /// A number that was cut apart at its point: `1.`, `.5`, `1.2.3`.
    fn split_number(&self) -> Option<Diagnostic> {
        let is_number = |i: usize| matches!(self.token(i), Some(Token::Number(_)));
        let adjacent = |i: usize| self.tokens[i].end == self.tokens[i + 1].start;
        let (from, to) = if self.token(self.at) == Some(Token::Dot)
            && is_number(self.at + 1)
            && adjacent(self.at)
        {
            (self.at, self.at + 1)
        } else if self.at >= 2
            && self.token(self.at - 1) == Some(Token::Dot)
            && is_number(self.at - 2)
            && adjacent(self.at - 2)
        {
            let whole = is_number(self.at) && adjacent(self.at - 1);
            (self.at - 2, if whole { self.at } else { self.at - 1 })
        } else {
            return None;
        };
        let span = Span::new(self.source, self.tokens[from].start, self.tokens[to].end);
        let raw = &self.text[span.range()];
        let error = Diagnostic::error(
            "E0105",
            format!("`{raw}` is not a number"),
            span,
            "digits stand on both sides of the one point of a number",
        );
        Some(match (raw.starts_with('.'), raw.ends_with('.')) {
            (true, _) => error.hint(format!("Write `0{raw}`.")),
            (_, true) => error.hint(format!("Write `{raw}0`.")),
            _ => error,
        })
    }

    fn general(&self) -> Diagnostic {
        let wanted = self.wanted();
        let Some(found) = self.token(self.at) else {
            let title = match self.defined() {
                Some(name) => format!("`{name}` is not complete"),
                None => "This is not complete".to_string(),
            };
            return self.error("E0101", title, format!("{wanted} expected after this"));
        };
        let title = match found {
            Token::Text(_) => "This text was not expected here".to_string(),
            _ => format!("`{}` was not expected here", self.slice(self.at)),
        };
        let error = self.error("E0101", title, format!("{wanted} expected here"));
        match self.habit().or_else(|| self.hint(found)) {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    /// How Lentil writes what other languages write like this.
    fn habit(&self) -> Option<String> {
        let tokens: Vec<Token> = self.tokens.iter().map(|t| t.token).collect();
        let first_on_line: Vec<bool> = self.tokens.iter().map(|t| t.first_on_line).collect();
        let expression = self.wants("number");
        let operator = self.wants("+");
        Around {
            tokens: &tokens,
            first_on_line: &first_on_line,
            at: self.at,
            between_items: self.wants("import"),
            wants_expression: expression,
            wants_operator: operator,
            wants_then: self.wants("then"),
            in_type: !expression && !operator && (self.wants("->") || self.wants("{")),
        }
        .hint()
    }

    fn hint(&self, found: Token) -> Option<String> {
        let before = self.before(1)?;
        let name = match before {
            Token::Name(name) => Some(name),
            _ => None,
        };
        match (before, found) {
            (Token::Bar, Token::Bar) => Some("`or` is written as a word.".to_string()),
            (Token::Star, Token::Star) => Some("A power is written `x ^ 2`.".to_string()),
            (_, Token::Equals) if self.wants(":") => {
                let opens = |t| matches!(t, Token::LeftParen | Token::LeftBrace | Token::Comma);
                match name {
                    Some(name) if self.before(2).is_some_and(opens) => {
                        Some(format!("Write `{name}: …` here."))
                    }
                    _ => Some("To compare, write `==`.".to_string()),
                }
            }
            (_, Token::Equals) if self.wants("==") => Some("To compare, write `==`.".to_string()),
            (_, Token::RightParen | Token::Comma) if self.wants(":") && !self.wants("+") => {
                name.map(|name| format!("A parameter has a type: `{name}: Real`."))
            }
            (_, found)
                if before.ends_expression()
                    && found.begins_expression()
                    && layout::in_block(self.tokens, self.at) =>
            {
                Some("Put this on a line of its own, or a `;` before it.".to_string())
            }
            _ => None,
        }
    }

    /// What would have been taken, as the beginning of "… expected here".
    fn wanted(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        if self.wants("import") {
            parts.push("a definition, such as `fn` or `model`,".to_string());
        } else if self.wants("number") {
            parts.push("an expression".to_string());
        } else if self.wants("name") {
            let is_type = self.wants("(") && self.wants("{");
            let is_parameter = self.wants("using") && self.wants("use");
            parts.push(if is_type {
                "a type".to_string()
            } else if is_parameter {
                "a parameter".to_string()
            } else {
                "a name".to_string()
            });
        } else if self.wants("text") {
            parts.push("a title in quotes".to_string());
        }
        if self.wants("+") {
            parts.push("an operator".to_string());
        }
        let marks = [
            "->", "=>", ":", "~", "=", "then", "else", ",", ";", ")", "]", "}",
        ];
        if !self.wants("number") && !self.wants("import") {
            let fits = |mark: &&str| {
                self.wants(mark)
                    && (!self.wants("+")
                        || matches!(*mark, "then" | "else" | "," | ";" | ")" | "]" | "}"))
            };
            parts.extend(marks.iter().filter(|m| fits(m)).map(|m| format!("`{m}`")));
            if self.wants("{") && !self.wants("name") {
                parts.push("`{`".to_string());
            }
            if self.wants("(") && !self.wants("+") && !self.wants("name") {
                parts.push("`(`".to_string());
            }
        }
        match parts.as_slice() {
            [] => "something else was".to_string(),
            [one] => format!("{one} was"),
            [init @ .., last] => format!("{} or {last} was", init.join(", ")),
        }
    }

    /// The name of what the chunk defines.
    fn defined(&self) -> Option<&str> {
        let word = self
            .tokens
            .iter()
            .position(|t| t.token.begins_item() && t.token != Token::Local)?;
        match self.token(word + 1)? {
            Token::Name(name) => Some(name),
            _ => None,
        }
    }

    fn wants(&self, terminal: &str) -> bool {
        self.expected.contains(&terminal)
    }

    fn token(&self, at: usize) -> Option<Token<'_>> {
        self.tokens.get(at).map(|t| t.token)
    }

    fn before(&self, steps: usize) -> Option<Token<'_>> {
        self.token(self.at.checked_sub(steps)?)
    }

    fn slice(&self, at: usize) -> &str {
        self.tokens
            .get(at)
            .map_or("", |t| &self.text[t.start..t.end])
    }

    /// An error at the token that did not fit, or after the last one.
    fn error(
        &self,
        code: &'static str,
        title: impl Into<String>,
        label: impl Into<String>,
    ) -> Diagnostic {
        let span = match self.tokens.get(self.at) {
            Some(t) => Span::new(self.source, t.start, t.end),
            None => match self.tokens.last() {
                Some(t) => Span::new(self.source, t.start, t.end),
                None => Span::new(self.source, 0, self.text.len()),
            },
        };
        Diagnostic::error(code, title, span, label)
    }
}
