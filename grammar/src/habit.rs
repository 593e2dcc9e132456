//! What people write who come from Python or Rust, and how Lentil writes it.

use crate::token::Token;

/// The tokens around the one that did not fit.
pub(crate) struct Around<'a, 's> {
    /// All tokens.
    pub(crate) tokens: &'a [Token<'s>],
    /// Whether each is the first on its line.
    pub(crate) first_on_line: &'a [bool],
    /// The index of the one that did not fit.
    pub(crate) at: usize,
    /// Whether an item could have begun there.
    pub(crate) between_items: bool,
    /// Whether an expression was wanted.
    pub(crate) wants_expression: bool,
    /// Whether an operator would have done: an expression stands before.
    pub(crate) wants_operator: bool,
    /// Whether `then` was wanted.
    pub(crate) wants_then: bool,
    /// Whether a type was wanted, or one stands before.
    pub(crate) in_type: bool,
}

impl Around<'_, '_> {
    /// The Lentil spelling of what was meant.
    pub(crate) fn hint(&self) -> Option<String> {
        let found = *self.tokens.get(self.at)?;
        self.between_items(found)
            .or_else(|| self.in_items(found))
            .or_else(|| self.in_expressions(found))
            .or_else(|| self.in_brackets(found))
    }

    fn before(&self, steps: usize) -> Option<Token<'_>> {
        self.tokens.get(self.at.checked_sub(steps)?).copied()
    }

    fn between_items(&self, found: Token) -> Option<String> {
        if !self.between_items {
            return None;
        }
        let hint = match found {
            Token::Name("def" | "func" | "function" | "fun" | "define") => {
                "A function is written `fn f(x: Real) -> Real = 2 * x`."
            }
            Token::Name("from" | "using" | "include" | "require") | Token::Use => {
                "Names are imported by `import nn.{dense, relu}`."
            }
            Token::Name("const" | "static" | "var" | "val") | Token::Let => {
                "A number with a name is a function of nothing: `fn size() -> Real = 3`."
            }
            Token::Name("class" | "struct" | "enum" | "trait" | "impl") => {
                "A record's type has a name by `type Point = {x: Real, y: Real}`; a layer is a `model`."
            }
            Token::Name("pub" | "export") => "What is not `local` is public: leave this word out.",
            Token::Semicolon => "A definition ends without a `;`.",
            _ => return None,
        };
        // After a definition's expression the same words may continue it.
        (found == Token::Semicolon || !self.wants_operator || self.first_on_line[self.at])
            .then(|| hint.to_string())
    }

    fn in_items(&self, found: Token) -> Option<String> {
        let hint = match (self.before(1)?, found) {
            (Token::Name(name), Token::Less) if self.before(2) == Some(Token::Fn) => {
                return Some(format!(
                    "Sizes and carriers stand in brackets: `fn {name}[n](…)`."
                ));
            }
            (Token::Name(_), Token::Less) if self.in_type => {
                "Sizes stand in brackets behind a carrier: `Real[n]` is an array of `n` numbers."
            }
            (_, Token::LeftBracket) if self.in_type => {
                "An array's sizes stand behind its carrier: `Real[3]`."
            }
            (Token::RightParen, Token::Colon) if self.in_type => {
                "The result's type stands behind an arrow: `fn f(x: Real) -> Real`."
            }
            (Token::Dot, Token::Star) => "What is imported is named: `import nn.{dense, relu}`.",
            _ => return None,
        };
        Some(hint.to_string())
    }

    fn in_expressions(&self, found: Token) -> Option<String> {
        let hint = match (self.before(1)?, found) {
            (Token::Dot, Token::Number(_)) => {
                "A tuple is taken apart by `let (a, b) = p`; a record's fields have names: `p.x`."
            }
            (Token::Name("mut"), _) if self.before(2) == Some(Token::Let) => {
                "Values do not change; `let` names one."
            }
            (Token::Name("return"), _) if self.begins_expression(found) => {
                "A block's value is its last expression: leave out `return`."
            }
            (Token::Name("lambda"), Token::Name(_)) => "A function is written `fn(x) => e`.",
            (_, Token::Bar) if self.wants_expression && self.before(1) != Some(Token::Bar) => {
                "A function is written `fn(x) => e`."
            }
            (Token::Name("match" | "switch"), _) if self.begins_expression(found) => {
                "Cases are told apart by `if x == 0 then a else b`."
            }
            (Token::Name("while" | "loop"), _) if self.begins_expression(found) => {
                "A loop is an expression: `until(x, done, step, max: n)`, or `iterate[n](x, step)`."
            }
            (_, Token::For) => {
                "A loop is an expression: `[e for i < n]`, `sum(e for i < n)`, or `fold(xs, start, fn(s, x) => e)`."
            }
            (Token::Name(i), Token::Name("in"))
                if self.before(2) == Some(Token::For) || self.before(2) == Some(Token::Comma) =>
            {
                return Some(format!(
                    "Indices run from 0: `for {i} < n`. The elements of an array are `x[{i}]`."
                ));
            }
            (_, Token::LeftBrace | Token::Colon) if self.wants_then => {
                "A choice is written `if c then a else b`."
            }
            (_, Token::If) if self.wants_operator => "A choice is written `if c then a else b`.",
            (_, Token::Name("as")) if self.wants_operator => {
                "`real(x)` and `int(x)` convert, `Bit(x)` and `Mod[7](x)` too."
            }
            (Token::Plus | Token::Minus | Token::Star | Token::Slash, Token::Equals) => {
                "Values do not change: `let y = x + 1` names another one."
            }
            (Token::Colon, Token::Equals) => "A value is named by `let y = e`.",
            (Token::Less, Token::Greater) => "`!=` is different.",
            (Token::EqualsEquals | Token::NotEquals, Token::Equals) => {
                "`==` is equal, `!=` is different."
            }
            (Token::Name("elif" | "elsif" | "elseif"), _) => "Write `else if`.",
            (Token::Name(name), Token::Equals) if self.is_statement() => {
                return Some(format!(
                    "Write `let {name} = …`: a value is named by `let`."
                ));
            }
            _ => return None,
        };
        Some(hint.to_string())
    }

    fn begins_expression(&self, found: Token) -> bool {
        found.begins_expression() || found == Token::LeftBrace
    }

    /// Whether `name =` before this place stands where a block's statement does, and not a field.
    fn is_statement(&self) -> bool {
        let name = self.at - 1;
        match self.before(2) {
            Some(Token::LeftBrace) => {
                // A field would be followed by a comma or by the end, on whatever line.
                let mut depth = 0usize;
                for (i, t) in self.tokens.iter().enumerate().skip(self.at + 1) {
                    match t {
                        t if t.closes() && depth == 0 => return false,
                        t if t.closes() => depth -= 1,
                        t if t.closer().is_some() => depth += 1,
                        Token::Comma if depth == 0 => return false,
                        Token::Semicolon if depth == 0 => return true,
                        _ if depth == 0 && self.first_on_line[i] => return true,
                        _ => {}
                    }
                }
                false
            }
            Some(_) => self.first_on_line[name] || self.before(2) == Some(Token::Semicolon),
            None => false,
        }
    }

    fn in_brackets(&self, found: Token) -> Option<String> {
        if found != Token::Colon || self.opener()? != Token::LeftBracket {
            return None;
        }
        let next = self.tokens.get(self.at + 1);
        let hint = match (self.before(1)?, next) {
            (Token::LeftBracket, Some(Token::Colon)) => {
                "Every second element is `stride[2](x)`.".to_string()
            }
            (Token::Number(from), Some(Token::Number(to))) => format!(
                "A slice is written `x[{from}..{to}]`: from {from} up to but not including {to}."
            ),
            _ => "A slice is written `x[a..b]`, `x[a..]` or `x[..b]`: from `a` up to but not including `b`."
                .to_string(),
        };
        Some(hint)
    }

    /// The bracket that is open at this place.
    fn opener(&self) -> Option<Token<'_>> {
        let mut depth = 0usize;
        for t in self.tokens[..self.at].iter().rev() {
            match t {
                t if t.closes() => depth += 1,
                t if t.closer().is_some() && depth > 0 => depth -= 1,
                t if t.closer().is_some() => return Some(*t),
                _ => {}
            }
        }
        None
    }
}
