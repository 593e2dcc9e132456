//! What remains of an item that could not be parsed: its name, so that its uses elsewhere are not
//! reported as unknown.

use crate::ast::{
    DataDef, Expr, ExprKind, FnDef, Ident, Item, ItemKind, LensDef, ModelDef, ModelSignature,
    OptimizerDef, Param,
};
use crate::token::{Spanned, Token};
use lentil_diag::{SourceId, Span};

/// The item that a chunk meant to be, with [`ExprKind::Error`] in place of its bodies. None if
/// its name cannot be read, or if nothing else can refer to it.
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
    let error = || Expr {
        kind: ExprKind::Error,
        span,
    };
    let kind = match word.token {
        Token::Fn => ItemKind::Fn(FnDef {
            name,
            statics: Vec::new(),
            params: Vec::new(),
            result: None,
            wheres: Vec::new(),
            body: error(),
        }),
        Token::Model => ItemKind::Model(ModelDef {
            name,
            statics: Vec::new(),
            signature: None,
            body: error(),
        }),
        Token::Lens => ItemKind::Lens(LensDef {
            name,
            statics: Vec::new(),
            signature: ModelSignature {
                params: Vec::new(),
                inputs: Vec::new(),
                result: None,
                wheres: Vec::new(),
            },
            get: error(),
            put_params: Vec::new(),
            put: error(),
        }),
        Token::Optimizer => ItemKind::Optimizer(OptimizerDef {
            p: Param {
                name: name.clone(),
                ty: None,
            },
            put_param: name.clone(),
            name,
            statics: Vec::new(),
            hyper: Vec::new(),
            states: Vec::new(),
            get: error(),
            put: error(),
        }),
        Token::Data => ItemKind::Data(DataDef {
            name,
            source: error(),
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
