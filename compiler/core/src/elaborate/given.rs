//! What may be taken for granted of sizes: in an arm of `if n > 2`, and in the body of a loop over `n`.
//!
//! While a definition is checked, these are assumptions beside its `where`s. When it is lowered, sizes
//! are numbers: of an `if` only the arm that is taken is lowered, and a loop over nothing is an empty
//! array, since what was proved of the others need not hold.

use lentil_diag::Span;
use lentil_grammar::ast::{BinaryOp, Expr, ExprKind, UnaryOp};

use super::Elaborator;
use crate::size::Size;
use crate::ty::Ty;
use crate::value::{Const, Env, Value};

/// What a condition says of sizes.
#[derive(Debug, Default)]
pub(crate) struct SizeQuestion {
    /// At least zero where it holds.
    pub(crate) then: Vec<Size>,
    /// At least zero where it does not.
    pub(crate) otherwise: Vec<Size>,
    /// Whether it holds, if the sizes that decide it are numbers.
    pub(crate) answer: Option<bool>,
}

impl Elaborator<'_> {
    /// What a condition says of sizes, if it does.
    pub(crate) fn size_question(&mut self, c: &Expr, env: &Env) -> Option<SizeQuestion> {
        match &c.kind {
            ExprKind::Unary(UnaryOp::Not, a) => {
                let asked = self.size_question(a, env)?;
                Some(SizeQuestion {
                    then: asked.otherwise,
                    otherwise: asked.then,
                    answer: asked.answer.map(|holds| !holds),
                })
            }
            ExprKind::Binary(op @ (BinaryOp::And | BinaryOp::Or), a, b) => {
                let (a, b) = (self.size_question(a, env), self.size_question(b, env));
                if a.is_none() && b.is_none() {
                    return None;
                }
                let (a, b) = (a.unwrap_or_default(), b.unwrap_or_default());
                let and = *op == BinaryOp::And;
                let answer = match (a.answer, b.answer) {
                    (Some(x), _) | (_, Some(x)) if x != and => Some(x),
                    (Some(_), Some(_)) => Some(and),
                    _ => None,
                };
                // Both hold where `and` does, and neither where `or` does not.
                let (then, otherwise) = match and {
                    true => ([a.then, b.then].concat(), Vec::new()),
                    false => (Vec::new(), [a.otherwise, b.otherwise].concat()),
                };
                Some(SizeQuestion {
                    then,
                    otherwise,
                    answer,
                })
            }
            ExprKind::Binary(op, a, b) => {
                let (a, b) = (whole_size(a, env)?, whole_size(b, env)?);
                let below = |low: &Size, high: &Size| vec![high.sub(low)];
                let strictly =
                    |low: &Size, high: &Size| vec![high.sub(low).sub(&Size::constant(1))];
                let both = || vec![a.sub(&b), b.sub(&a)];
                let (then, otherwise) = match op {
                    BinaryOp::Ge => (below(&b, &a), strictly(&a, &b)),
                    BinaryOp::Gt => (strictly(&b, &a), below(&a, &b)),
                    BinaryOp::Le => (below(&a, &b), strictly(&b, &a)),
                    BinaryOp::Lt => (strictly(&a, &b), below(&b, &a)),
                    BinaryOp::Eq => (both(), Vec::new()),
                    BinaryOp::Ne => (Vec::new(), both()),
                    _ => return None,
                };
                let holds =
                    |all: &[Size]| all.iter().all(|s| s.as_constant().is_some_and(|n| n >= 0));
                let known = a.sub(&b).as_constant().is_some();
                let answer = known.then(|| match op {
                    BinaryOp::Ne => !holds(&otherwise),
                    _ => holds(&then),
                });
                Some(SizeQuestion {
                    then,
                    otherwise,
                    answer,
                })
            }
            _ => None,
        }
    }

    /// Evaluates where these sizes are known to be at least zero.
    pub(crate) fn given<T>(&mut self, known: &[Size], f: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.assumptions.len();
        self.assumptions.extend(known.iter().cloned());
        let out = f(self);
        self.assumptions.truncate(before);
        out
    }

    /// Whether all sizes of a value are natural numbers where nothing more is known of them.
    pub(crate) fn sizes_hold(&mut self, value: &Value, span: Span) -> bool {
        match value {
            Value::Array(a) => a.shape.iter().all(|n| self.require_size(n, span)),
            Value::Tuple(parts) => parts.iter().all(|v| self.sizes_hold(v, span)),
            Value::Record(fields) => fields.iter().all(|(_, v)| self.sizes_hold(v, span)),
            _ => true,
        }
    }

    /// A value of a type that has no elements.
    pub(crate) fn empty(&mut self, ty: &Ty) -> Value {
        match ty {
            Ty::Array(kind, shape) => {
                let zero = self.literal(kind, 0);
                Value::Array(self.stretch(&zero, shape))
            }
            Ty::Tuple(parts) => Value::Tuple(parts.iter().map(|t| self.empty(t)).collect()),
            Ty::Record(fields) => {
                let fields = fields.iter().map(|(n, t)| (n.clone(), self.empty(t)));
                Value::Record(fields.collect())
            }
            Ty::Key | Ty::Arrow(..) | Ty::Space(_) => Value::Error,
        }
    }
}

/// What is written of sizes alone, and is a whole number: a quotient need not be one.
fn whole_size(e: &Expr, env: &Env) -> Option<Size> {
    match &e.kind {
        ExprKind::Number(text) => {
            let n = text.parse::<u32>().ok()?;
            Some(Size::constant(i128::from(n)))
        }
        ExprKind::Name(name) => match env.get(name)? {
            Value::Const(Const::Int(size)) => Some(size.clone()),
            _ => None,
        },
        ExprKind::Binary(op, a, b) => {
            let (a, b) = (whole_size(a, env)?, whole_size(b, env)?);
            let size = match op {
                BinaryOp::Add => a.add(&b),
                BinaryOp::Sub => a.sub(&b),
                BinaryOp::Mul => a.mul(&b),
                _ => return None,
            };
            size.is_small().then_some(size)
        }
        _ => None,
    }
}
