//! Written sizes, and conditions on them.

use crate::elaborate::Elaborator;
use crate::elaborate::fold::number;
use crate::recursion::names_in;
use crate::size::Size;
use crate::ty::Ty;
use crate::value::{Const, Env, Value};
use lentil_diag::Diagnostic;
use lentil_diag::Span;
use lentil_grammar::ast::{self, BinaryOp, Expr, ExprKind};

/// A quotient of sizes is exact as a number, and rounded down as a size.
pub(crate) const QUOTIENT: &str = "a quotient of sizes is rounded down where a size or an index stands: \
     write `n / 2` itself there; as a value, `quotient(n, 2)` is whole";

impl Elaborator<'_> {
    /// Whether two sizes are equal for all values of their variables that the assumptions allow.
    pub(crate) fn same_size(&self, a: &Size, b: &Size) -> bool {
        a == b
            || (!self.assumptions.is_empty() || a.has_floors() || b.has_floors())
                && self.nonnegative(&a.sub(b))
                && self.nonnegative(&b.sub(a))
    }

    pub(crate) fn same_sizes(&self, a: &[Size], b: &[Size]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| self.same_size(a, b))
    }

    /// Whether two types are equal, up to sizes that are equal.
    pub(crate) fn same_type(&self, a: &Ty, b: &Ty) -> bool {
        match (a, b) {
            (Ty::Array(j, x), Ty::Array(k, y)) => j == k && self.same_sizes(x, y),
            (Ty::Tuple(x), Ty::Tuple(y)) => {
                x.len() == y.len() && x.iter().zip(y).all(|(a, b)| self.same_type(a, b))
            }
            (Ty::Record(x), Ty::Record(y)) => {
                let same = |((n, a), (m, b)): (&(_, Ty), &(_, Ty))| n == m && self.same_type(a, b);
                x.len() == y.len() && x.iter().zip(y).all(same)
            }
            (a, b) => a == b,
        }
    }

    /// Whether a size is at least zero, whatever its variables are.
    pub(crate) fn nonnegative(&self, size: &Size) -> bool {
        size.provably_nonnegative(&self.assumptions)
    }

    /// Refuses a size that is negative, or might be.
    pub(crate) fn require_size(&mut self, size: &Size, span: Span) -> bool {
        if self.nonnegative(size) {
            return true;
        }
        let (title, hint) = match size.as_constant() {
            Some(n) => (format!("the size `{n}` is negative"), None),
            None => (
                format!("the size `{size}` might be negative"),
                Some(format!("say what the sizes satisfy: `where {size} >= 0`")),
            ),
        };
        let mut d = Diagnostic::error("E0504", title, span, "sizes are natural numbers");
        d.hint = hint;
        self.error(d);
        false
    }

    /// Refuses arrays that would not fit in memory.
    pub(crate) fn has_good_sizes(&mut self, value: &Value, span: Span) -> bool {
        match value {
            Value::Array(a) => self.shape_fits(&a.shape, span, || a.ty()),
            Value::Tuple(parts) => parts.iter().all(|v| self.has_good_sizes(v, span)),
            Value::Record(fields) => fields.iter().all(|(_, v)| self.has_good_sizes(v, span)),
            _ => true,
        }
    }

    pub(crate) fn fits_memory(&mut self, ty: &Ty, span: Span) -> bool {
        match ty {
            Ty::Array(_, shape) => self.shape_fits(shape, span, || ty.clone()),
            _ => true,
        }
    }

    fn shape_fits(&mut self, shape: &[Size], span: Span, ty: impl FnOnce() -> Ty) -> bool {
        if !shape.iter().all(|size| self.is_small(size, span)) {
            return false;
        }
        const LIMIT: i128 = 1 << 36;
        // Sizes that are not known yet are at least one here.
        let product = shape.iter().try_fold(1i128, |product, size| {
            product.checked_mul(size.as_constant().unwrap_or(1).max(1))
        });
        let fits = product.is_some_and(|p| p <= LIMIT);
        if !fits {
            let title = "this array would not fit in memory";
            let label = format!("this is `{}`", ty());
            self.error(Diagnostic::error("E0503", title, span, label));
        }
        fits
    }

    /// A written size.
    pub(crate) fn size(&mut self, e: &Expr, env: &Env) -> Option<Size> {
        match &e.kind {
            ExprKind::Number(text) => match text.replace('_', "").parse::<u64>() {
                Ok(n) if n <= 1 << 48 => Some(Size::constant(i128::from(n))),
                // A number that has no sixty-four bits has at least twenty digits.
                parsed
                    if parsed.is_ok() || text.bytes().all(|b| b.is_ascii_digit() || b == b'_') =>
                {
                    let title = "this size is too large";
                    self.error(Diagnostic::error(
                        "E0503",
                        title,
                        e.span,
                        "it would not fit in memory",
                    ));
                    None
                }
                _ => {
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
            ExprKind::Name(name) => match self.local_or_let(name, env, e.span) {
                Some(Value::Const(Const::Int(size))) => Some(size),
                Some(Value::Error) => None,
                Some(other) => {
                    let title = format!("`{name}` is not a size");
                    let label = format!("this is {}", other.describe());
                    let mut d = Diagnostic::error("E0303", title, e.span, label);
                    if let Value::Const(Const::Real(_) | Const::Unknown) = other {
                        d = d.hint(QUOTIENT);
                    }
                    self.error(d);
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
                let size = match op {
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
                };
                size.filter(|s| self.is_small(s, e.span))
            }
            ExprKind::Range(..) => {
                let title = "a range stands in the bracket of an array only";
                let label = "a size is wanted here";
                self.error(Diagnostic::error("E0321", title, e.span, label));
                None
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

    /// Refuses a size that is longer, or farther from zero, than anybody means.
    fn is_small(&mut self, size: &Size, span: Span) -> bool {
        let small = size.is_small();
        if !small {
            let title = "this size is too large";
            let label = "it has too many digits, terms or factors";
            self.error(Diagnostic::error("E0503", title, span, label));
        }
        small
    }

    /// Whether what a definition demands of its sizes is proved here.
    pub(crate) fn wheres_hold(&mut self, wheres: &[ast::Where], env: &Env, span: Span) -> bool {
        let mut all = true;
        for w in wheres {
            // What is not given yet is looked at where it is.
            if !all_given(w, env) {
                continue;
            }
            if about_numbers(w, env) {
                all &= self.number_holds(w, env, span);
                continue;
            }
            let Some((difference, equal)) = self.where_size(w, env) else {
                return false;
            };
            let holds = match equal {
                true => self.same_size(&difference, &Size::constant(0)),
                false => self.nonnegative(&difference),
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

    /// Whether a condition on a number that fills a slot holds. Of a number that is computed as the
    /// program runs nothing is known here.
    fn number_holds(&mut self, w: &ast::Where, env: &Env, span: Span) -> bool {
        let sides = [&w.left, &w.right].map(|side| match self.expr(side, env) {
            Value::Const(c) => number(&c),
            _ => None,
        });
        let [Some(a), Some(b)] = sides else {
            return true;
        };
        let (holds, sign) = match w.op {
            BinaryOp::Ge => (a >= b, ">="),
            BinaryOp::Gt => (a > b, ">"),
            BinaryOp::Le => (a <= b, "<="),
            BinaryOp::Lt => (a < b, "<"),
            _ => (a == b, "=="),
        };
        if !holds {
            let title = "a condition on a number does not hold here";
            let place = w.left.span.to(w.right.span);
            let label = format!("`{a} {sign} {b}` is false");
            let d = Diagnostic::error("E0338", title, span, label);
            self.error(d.label(place, "demanded here"));
        }
        holds
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

/// Whether all that a condition names is given.
fn all_given(w: &ast::Where, env: &Env) -> bool {
    let mut names = Vec::new();
    names_in(&w.left, &mut names);
    names_in(&w.right, &mut names);
    names.iter().all(|(name, _)| env.get(name).is_some())
}

/// Whether a condition is about a real number that fills a slot, and not about sizes.
pub(crate) fn about_numbers(w: &ast::Where, env: &Env) -> bool {
    let mut names = Vec::new();
    names_in(&w.left, &mut names);
    names_in(&w.right, &mut names);
    let real = |value: &Value| match value {
        Value::Array(a) => a.kind.is_real(),
        Value::Const(Const::Real(_)) => true,
        _ => false,
    };
    names
        .iter()
        .any(|(name, _)| env.get(name).is_some_and(real))
}
