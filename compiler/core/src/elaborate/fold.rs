//! Arithmetic between constants, which stay constants so that they can take any carrier later.

use crate::size::Size;
use crate::value::Const;
use lentil_unary::{BinaryOp, math};

/// A constant as a real number, if it is known.
pub(crate) fn number(c: &Const) -> Option<f64> {
    match c {
        Const::Int(size) => size.as_constant().map(|n| n as f64),
        Const::Real(x) => Some(*x),
        Const::Unknown | Const::Fill(_) | Const::List(_) => None,
    }
}

/// Arithmetic between constants stays a constant, so that it takes any carrier later.
pub(crate) fn fold(op: BinaryOp, a: &Const, b: &Const) -> Option<Const> {
    let scalar = |c: &Const| matches!(c, Const::Int(_) | Const::Real(_) | Const::Unknown);
    match (a, b) {
        (Const::Fill(x), Const::Fill(y)) => return filled(fold(op, x, y)),
        (Const::Fill(x), y) if scalar(y) => return filled(fold(op, x, y)),
        (x, Const::Fill(y)) if scalar(x) => return filled(fold(op, x, y)),
        (Const::List(x), Const::List(y)) if x.len() == y.len() => {
            return listed(x.iter().zip(y).map(|(x, y)| fold(op, x, y)));
        }
        (Const::List(x), y) if scalar(y) => return listed(x.iter().map(|x| fold(op, x, y))),
        (x, Const::List(y)) if scalar(x) => return listed(y.iter().map(|y| fold(op, x, y))),
        _ if !(scalar(a) && scalar(b)) => return None,
        _ => {}
    }
    if let (Const::Int(x), Const::Int(y)) = (a, b) {
        match op {
            BinaryOp::Add => return Some(Const::Int(x.add(y))),
            BinaryOp::Sub => return Some(Const::Int(x.sub(y))),
            BinaryOp::Mul => return Some(Const::Int(x.mul(y))),
            BinaryOp::Rem => {
                let (p, q) = (x.as_constant()?, y.as_constant()?);
                return (q != 0).then(|| {
                    let r = p.rem_euclid(q.abs());
                    Const::Int(Size::constant(if r != 0 && q < 0 { r + q } else { r }))
                });
            }
            BinaryOp::Max | BinaryOp::Min => {
                let (p, q) = (x.as_constant()?, y.as_constant()?);
                let n = if op == BinaryOp::Max {
                    p.max(q)
                } else {
                    p.min(q)
                };
                return Some(Const::Int(Size::constant(n)));
            }
            BinaryOp::Div
            | BinaryOp::Pow
            | BinaryOp::Atan2
            | BinaryOp::Hypot
            | BinaryOp::Polygamma => {}
            BinaryOp::And | BinaryOp::Or => return None,
        }
    }
    match op {
        BinaryOp::And | BinaryOp::Or => None,
        _ => match (number(a), number(b)) {
            (Some(x), Some(y)) => math::binary_f64(op).map(|f| Const::Real(f(x, y))),
            _ => Some(Const::Unknown),
        },
    }
}

fn listed(items: impl Iterator<Item = Option<Const>>) -> Option<Const> {
    items.collect::<Option<Vec<Const>>>().map(Const::List)
}

fn filled(c: Option<Const>) -> Option<Const> {
    Some(Const::Fill(Box::new(c?)))
}
