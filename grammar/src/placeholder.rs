//! What remains of an item that could not be parsed: its name, so that its uses elsewhere are not
//! reported as unknown.

use crate::ast::{DataDef, Expr, ExprKind, Ident, Item, ItemKind, ModelDef};
use crate::token::{Spanned, Token};
use lentil_diag::{SourceId, Span};

/// What remains of the item that a chunk meant to be, with [`ExprKind::Error`] for its value: a
/// data set, or a model without signature, which stands for anything else. None if its name cannot
/// be read, or if nothing else can refer to it.
pub fn item(source: SourceId, chunk: &[Spanned]) -> Option<Item> {
    let mut tokens = chunk
        .iter()
        .skip_while(|t| matches!(t.token, Token::Doc(_)));
    let first = tokens.next()?;
    let local = first.token == Token::Local;
    let word = if local { tokens.next()? } else { first };
    let name = match tokens.next()? {
        Spanned {
            token: Token::Name(text),
            start,
            end,
            ..
        } => Ident {
            text: (*text).to_string(),
            span: Span::new(source, *start, *end),
        },
        _ => return None,
    };
    let span = Span::new(source, first.start, chunk.last()?.end);
    let error = Expr {
        kind: ExprKind::Error,
        span,
    };
    let kind = match word.token {
        Token::Fn | Token::Model | Token::Lens | Token::Optimizer | Token::Type => {
            ItemKind::Model(ModelDef {
                name,
                statics: Vec::new(),
                signature: None,
                body: error,
            })
        }
        Token::Data => ItemKind::Data(DataDef {
            name,
            source: error,
            fields: Vec::new(),
        }),
        _ => return None,
    };
    Some(Item {
        docs: Vec::new(),
        local,
        kind,
        span,
    })
}
