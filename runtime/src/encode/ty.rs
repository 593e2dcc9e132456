//! What an encoder gives for one example, or why it cannot be applied.

use lentil_unary::carrier::{Carrier, Type};

use super::Encoder;
use crate::error::RuntimeError;
use crate::table::{ColumnType, Schema};

/// What the elements of an encoded example are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    /// Elements of a carrier.
    Of(Carrier),
    /// One of so many classes; as an element, its number.
    Class(usize),
}

impl Element {
    fn carrier(self) -> Carrier {
        match self {
            Element::Of(carrier) => carrier,
            Element::Class(_) => Carrier::Int,
        }
    }
}

/// An encoded example: its elements and, for a vector, its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Typed {
    pub(super) element: Element,
    pub(super) length: Option<usize>,
}

impl Typed {
    pub(super) fn ty(self) -> Type {
        match self.length {
            None => Type::scalar(self.element.carrier()),
            Some(length) => Type::array(self.element.carrier(), [length]),
        }
    }
}

/// How many bits the numbers of `classes` classes need.
pub(super) fn code_length(classes: usize) -> usize {
    let greatest = classes.saturating_sub(1);
    (usize::BITS - greatest.leading_zeros()).max(1) as usize
}

/// The type of an encoder over a schema, with real numbers over `real`.
pub(super) fn typed(
    encoder: &Encoder,
    schema: &Schema,
    real: Carrier,
) -> Result<Typed, RuntimeError> {
    let refuse = |reason: String| RuntimeError::IllTyped {
        encoder: encoder.to_string(),
        reason,
    };
    let inner = |of: &Encoder| typed(of, schema, real);
    match encoder {
        Encoder::Column(name) => {
            let element = match schema.columns.get(name) {
                Some(ColumnType::Real) => Element::Of(real),
                Some(ColumnType::Int) => Element::Of(Carrier::Int),
                Some(ColumnType::Bit) => Element::Of(Carrier::Bit),
                Some(ColumnType::Bool) => Element::Of(Carrier::Bool),
                Some(ColumnType::Category(classes)) => Element::Class(classes.len()),
                None => return Err(refuse("no column of this name is declared".to_string())),
            };
            Ok(Typed {
                element,
                length: None,
            })
        }
        Encoder::List(parts) => {
            for part in parts {
                if inner(part)?.length.is_some() {
                    let reason = format!("`{part}` is a vector; join vectors with `concat`");
                    return Err(refuse(reason));
                }
            }
            joined(encoder, parts, schema, real)
        }
        Encoder::Concat(parts) => joined(encoder, parts, schema, real),
        Encoder::Real(of) => match inner(of)? {
            Typed {
                element: Element::Of(_),
                length,
            } => Ok(Typed {
                element: Element::Of(real),
                length,
            }),
            Typed {
                element: Element::Class(_),
                ..
            } => Err(refuse(
                "a class is no number; use `one_hot` or `index`".to_string(),
            )),
        },
        Encoder::Standardize(of) | Encoder::MinMax(of) => {
            let Typed { length, .. } = numbers(encoder, inner(of)?)?;
            Ok(Typed {
                element: Element::Of(real),
                length,
            })
        }
        Encoder::Threshold(of, _) => {
            let Typed { length, .. } = numbers(encoder, inner(of)?)?;
            Ok(Typed {
                element: Element::Of(Carrier::Bit),
                length,
            })
        }
        Encoder::OneHot(of, carrier) => {
            let classes = classes(encoder, inner(of)?)?;
            Ok(Typed {
                element: Element::Of(*carrier),
                length: Some(classes),
            })
        }
        Encoder::Index(of) => {
            classes(encoder, inner(of)?)?;
            Ok(Typed {
                element: Element::Of(Carrier::Int),
                length: None,
            })
        }
        Encoder::Binary(of) => {
            let length = code_length(classes(encoder, inner(of)?)?);
            Ok(Typed {
                element: Element::Of(Carrier::Bit),
                length: Some(length),
            })
        }
    }
}

/// The parts as one vector, if they are over one carrier.
fn joined(
    encoder: &Encoder,
    parts: &[Encoder],
    schema: &Schema,
    real: Carrier,
) -> Result<Typed, RuntimeError> {
    let refuse = |reason: String| RuntimeError::IllTyped {
        encoder: encoder.to_string(),
        reason,
    };
    let Some((first, _)) = parts.split_first() else {
        return Err(refuse("there is nothing in it".to_string()));
    };
    let carrier = typed(first, schema, real)?.element.carrier();
    let mut length = 0;
    for part in parts {
        let typed = typed(part, schema, real)?;
        let found = typed.element.carrier();
        if found != carrier {
            let reason = format!("`{first}` is over {carrier}, but `{part}` is over {found}");
            return Err(refuse(reason));
        }
        length += typed.length.unwrap_or(1);
    }
    Ok(Typed {
        element: Element::Of(carrier),
        length: Some(length),
    })
}

fn numbers(encoder: &Encoder, typed: Typed) -> Result<Typed, RuntimeError> {
    match typed.element {
        Element::Of(Carrier::F32 | Carrier::F64 | Carrier::Int) => Ok(typed),
        Element::Of(Carrier::Bit | Carrier::Bool | Carrier::Mod(_)) | Element::Class(_) => {
            Err(RuntimeError::IllTyped {
                encoder: encoder.to_string(),
                reason: "real or whole numbers are wanted".to_string(),
            })
        }
    }
}

fn classes(encoder: &Encoder, typed: Typed) -> Result<usize, RuntimeError> {
    match typed {
        Typed {
            element: Element::Class(classes),
            length: None,
        } => Ok(classes),
        Typed {
            element: Element::Class(_) | Element::Of(_),
            ..
        } => Err(RuntimeError::IllTyped {
            encoder: encoder.to_string(),
            reason: "a category column is wanted".to_string(),
        }),
    }
}
