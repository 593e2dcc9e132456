//! Written sizes, and conditions on them.

use crate::elaborate::Elaborator;
use crate::size::Size;
use crate::value::{Const, Env, Value};
use lentil_diag::Diagnostic;
use lentil_diag::Span;
use lentil_grammar::ast::{self, BinaryOp, Expr, ExprKind};

impl Elaborator<'_> {
    /// A written size.
    pub(crate) fn size(&mut self, e: &Expr, env: &Env) -> Option<Size> {
        match &e.kind {
            ExprKind::Number(text) => match text.replace('_', "").parse::<u64>() {
                Ok(n) if n <= 1 << 48 => Some(Size::constant(i128::from(n))),
                Ok(_) => {
                    let title = "this size is too large";
                    self.error(Diagnostic::error(
                        "E0503",
                        title,
                        e.span,
                        "it would not fit in memory",
                    ));
                    None
                }
                Err(_) => {
                    let title = "a size is a natural number";
                    self.error(Diagnostic::error(
                        "E0303",
                        title,
                        e.span,
                        "not a natural number",
                    ));
                    None
                }
            },
            ExprKind::Name(name) => match env.get(name) {
                Some(Value::Const(Const::Int(size))) => Some(size.clone()),
                Some(Value::Error) => None,
                Some(other) => {
                    let title = format!("`{name}` is not a size");
                    let label = format!("this is {}", other.describe());
                    self.error(Diagnostic::error("E0303", title, e.span, label));
                    None
                }
                None => {
                    let title = format!("there is no size `{name}`");
                    let names = env.names();
                    let mut d = Diagnostic::error("E0303", title, e.span, "not found");
                    if let Some(close) = crate::spelling::closest(name, names.iter().map(|n| &**n))
                    {
                        d = d.hint(format!("did you mean `{close}`?"));
                    } else {
                        d = d.hint(format!(
                            "name it in brackets behind the definition's name: `[{name}]`"
                        ));
                    }
                    self.error(d);
                    None
                }
            },
            ExprKind::Binary(op, a, b) => {
                let a_size = self.size(a, env)?;
                let b_size = self.size(b, env)?;
                match op {
                    BinaryOp::Add => Some(a_size.add(&b_size)),
                    BinaryOp::Sub => Some(a_size.sub(&b_size)),
                    BinaryOp::Mul => Some(a_size.mul(&b_size)),
                    BinaryOp::Div => match b_size.as_constant() {
                        Some(d) if d > 0 => Some(a_size.floor_div(d)),
                        _ => {
                            let title = "sizes are divided by positive numbers only";
                            let label = format!("`{b_size}` is not a positive number");
                            self.error(Diagnostic::error("E0303", title, b.span, label));
                            None
                        }
                    },
                    _ => self.no_size(e),
                }
            }
            _ => self.no_size(e),
        }
    }

    fn no_size(&mut self, e: &Expr) -> Option<Size> {
        let title = "this is not a size";
        self.error(Diagnostic::error(
            "E0303",
            title,
            e.span,
            "sizes are made of numbers, names, `+ - * /`",
        ));
        None
    }

    /// Whether what a definition demands of its sizes is proved here.
    pub(crate) fn wheres_hold(&mut self, wheres: &[ast::Where], env: &Env, span: Span) -> bool {
        let mut all = true;
        for w in wheres {
            let Some((difference, equal)) = self.where_size(w, env) else {
                return false;
            };
            let holds = match equal {
                true => difference == Size::constant(0),
                false => difference.provably_nonnegative(&self.assumptions),
            };
            if !holds {
                let title = "a condition on sizes does not hold here";
                let label = match difference.as_constant() {
                    Some(n) => format!("it is short by {}", n.unsigned_abs()),
                    None => format!("`{difference} >= 0` is not proved"),
                };
                let place = w.left.span.to(w.right.span);
                self.error(
                    Diagnostic::error("E0338", title, span, label).label(place, "demanded here"),
                );
                all = false;
            }
        }
        all
    }

    /// What a condition says is at least zero (or, if equal, is zero).
    pub(crate) fn where_size(&mut self, w: &ast::Where, env: &Env) -> Option<(Size, bool)> {
        let (a, b) = (self.size(&w.left, env)?, self.size(&w.right, env)?);
        let one = Size::constant(1);
        match w.op {
            ast::BinaryOp::Ge => Some((a.sub(&b), false)),
            ast::BinaryOp::Le => Some((b.sub(&a), false)),
            ast::BinaryOp::Gt => Some((a.sub(&b).sub(&one), false)),
            ast::BinaryOp::Lt => Some((b.sub(&a).sub(&one), false)),
            ast::BinaryOp::Eq => Some((a.sub(&b), true)),
            _ => {
                let title = "a condition on sizes compares them";
                self.error(Diagnostic::error(
                    "E0338",
                    title,
                    w.left.span,
                    "with `>=`, `<=` or `==`",
                ));
                None
            }
        }
    }
}
