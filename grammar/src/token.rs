//! Tokens, and what words and signs mean to the parser.

use logos::Logos;

/// A token.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq)]
#[logos(skip r"[ \t\r\n\f]+")]
#[allow(missing_docs)]
pub enum Token<'s> {
    #[regex("[A-Za-z_][A-Za-z0-9_]*")]
    Name(&'s str),
    #[regex(r"[0-9]+(_[0-9]+)*(\.[0-9]+(_[0-9]+)*)?([eE][+-]?[0-9]+)?")]
    Number(&'s str),
    /// With its quotes and escapes.
    #[regex(r#""([^"\\\n]|\\[^\n])*""#)]
    Text(&'s str),
    #[regex(r"///([^/\n][^\n]*)?", priority = 20, allow_greedy = true)]
    Doc(&'s str),
    #[regex(r"//![^\n]*", priority = 20, allow_greedy = true)]
    FileDoc(&'s str),
    #[regex(r"//[^\n]*", priority = 5, allow_greedy = true)]
    Comment(&'s str),
    #[regex(
        r"[0-9]+(_[0-9]+)*(\.[0-9]+(_[0-9]+)*)?([eE][+-]?[0-9]+)?[A-Za-z_][A-Za-z0-9_]*",
        priority = 1
    )]
    BadNumber,
    #[regex(r#""([^"\\\n]|\\[^\n])*\\?"#, priority = 1)]
    OpenText,

    /// Stands for a value with an error in it; no text is read as this.
    Hole,

    // Reserved words.
    #[token("fn")]
    Fn,
    #[token("let")]
    Let,
    #[token("use")]
    Use,
    #[token("if")]
    If,
    #[token("then")]
    Then,
    #[token("else")]
    Else,
    #[token("for")]
    For,
    #[token("and")]
    And,
    #[token("or")]
    Or,
    #[token("not")]
    Not,
    #[token("true")]
    True,
    #[token("false")]
    False,
    #[token("import")]
    Import,
    #[token("local")]
    Local,
    #[token("where")]
    Where,

    // Words with a meaning in some places, names everywhere else.
    #[token("model")]
    Model,
    #[token("lens")]
    Lens,
    #[token("optimizer")]
    Optimizer,
    #[token("data")]
    Data,
    #[token("learner")]
    Learner,
    #[token("test")]
    Test,
    #[token("law")]
    Law,
    #[token("type")]
    Type,
    #[token("state")]
    State,
    #[token("using")]
    Using,
    #[token("get")]
    Get,
    #[token("put")]
    Put,

    #[token("(")]
    LeftParen,
    #[token(")")]
    RightParen,
    #[token("[")]
    LeftBracket,
    #[token("]")]
    RightBracket,
    #[token("{")]
    LeftBrace,
    #[token("}")]
    RightBrace,
    #[token(",")]
    Comma,
    #[token(";")]
    Semicolon,
    #[token(":")]
    Colon,
    #[token("=")]
    Equals,
    #[token("~")]
    Tilde,
    #[token("->")]
    Arrow,
    #[token("=>")]
    FatArrow,
    #[token(".")]
    Dot,
    #[token("..")]
    DotDot,
    #[token("+")]
    Plus,
    #[token("-")]
    Minus,
    #[token("*")]
    Star,
    #[token("/")]
    Slash,
    #[token("%")]
    Percent,
    #[token("@")]
    At,
    #[token("^")]
    Caret,
    #[token("==")]
    EqualsEquals,
    #[token("!=")]
    NotEquals,
    #[token("<")]
    Less,
    #[token("<=")]
    LessEquals,
    #[token(">")]
    Greater,
    #[token(">=")]
    GreaterEquals,
    #[token("~=")]
    TildeEquals,
    #[token(">>")]
    ThenArrow,
    #[token("|")]
    Bar,
    #[token("|>")]
    Pipe,
}

impl Token<'_> {
    /// Whether it may be the last token of an expression.
    pub fn ends_expression(self) -> bool {
        matches!(
            self,
            Token::Name(_)
                | Token::Number(_)
                | Token::Text(_)
                | Token::True
                | Token::False
                | Token::RightParen
                | Token::RightBracket
                | Token::RightBrace
                | Token::Hole
        ) || self.is_soft()
    }

    /// Whether it may be the first token of an expression and of nothing that goes on with one,
    /// but for `(` and `[`, which could do either.
    pub fn begins_expression(self) -> bool {
        matches!(
            self,
            Token::Name(_)
                | Token::Number(_)
                | Token::Text(_)
                | Token::True
                | Token::False
                | Token::If
                | Token::Fn
                | Token::Not
                | Token::LeftParen
                | Token::LeftBracket
                | Token::LeftBrace
        ) || self.is_soft()
    }

    /// Whether it can stand neither first in an expression nor first in a definition, so that a line
    /// that begins with it continues the one before.
    pub fn continues(self) -> bool {
        self.is_infix() && self != Token::Minus
            || matches!(
                self,
                Token::Then
                    | Token::Else
                    | Token::For
                    | Token::Where
                    | Token::Equals
                    | Token::Arrow
                    | Token::FatArrow
                    | Token::Comma
                    | Token::Semicolon
                    | Token::RightParen
                    | Token::RightBracket
                    | Token::RightBrace
            )
    }

    /// Whether it stands between two operands; `-` can stand before one, too.
    pub fn is_infix(self) -> bool {
        matches!(
            self,
            Token::Minus
                | Token::Plus
                | Token::Star
                | Token::Slash
                | Token::Percent
                | Token::At
                | Token::Caret
                | Token::EqualsEquals
                | Token::NotEquals
                | Token::Less
                | Token::LessEquals
                | Token::Greater
                | Token::GreaterEquals
                | Token::TildeEquals
                | Token::ThenArrow
                | Token::Bar
                | Token::Pipe
                | Token::And
                | Token::Or
        )
    }

    /// Whether it is a word with a meaning only in some places.
    pub fn is_soft(self) -> bool {
        self.begins_soft_item()
            || matches!(self, Token::State | Token::Using | Token::Get | Token::Put)
    }

    /// Whether an item may begin with it.
    pub fn begins_item(self) -> bool {
        self.begins_soft_item() || matches!(self, Token::Fn | Token::Import | Token::Local)
    }

    fn begins_soft_item(self) -> bool {
        matches!(
            self,
            Token::Model
                | Token::Lens
                | Token::Optimizer
                | Token::Data
                | Token::Learner
                | Token::Test
                | Token::Law
                | Token::Type
        )
    }

    /// Whether it is a word that can never be a name.
    pub fn is_reserved(self) -> bool {
        matches!(
            self,
            Token::Fn
                | Token::Let
                | Token::Use
                | Token::If
                | Token::Then
                | Token::Else
                | Token::For
                | Token::And
                | Token::Or
                | Token::Not
                | Token::True
                | Token::False
                | Token::Import
                | Token::Local
                | Token::Where
        )
    }

    /// The bracket that closes it, if it opens one.
    pub fn closer(self) -> Option<Token<'static>> {
        match self {
            Token::LeftParen => Some(Token::RightParen),
            Token::LeftBracket => Some(Token::RightBracket),
            Token::LeftBrace => Some(Token::RightBrace),
            _ => None,
        }
    }

    /// Whether it closes a bracket.
    pub fn closes(self) -> bool {
        matches!(
            self,
            Token::RightParen | Token::RightBracket | Token::RightBrace
        )
    }
}

/// A token with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spanned<'s> {
    /// The token.
    pub token: Token<'s>,
    /// Its first byte.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// Whether it is the first token of its line.
    pub first_on_line: bool,
}
