//! Operators and pointwise functions.

use crate::elaborate::Elaborator;
use crate::elaborate::equal::Sense;
use crate::elaborate::fold::{fold, number};
use crate::size::Size;
use crate::ty::{Bound, Kind};
use crate::value::{Arr, Const, Value};
use lentil_diag::{Diagnostic, Span};
use lentil_grammar::ast;
use lentil_unary::{BinaryOp, CompareOp, Prim, UnaryOp, math};

impl Elaborator<'_> {
    /// An operator of the language between two values.
    pub(crate) fn operator(&mut self, op: ast::BinaryOp, a: Value, b: Value, span: Span) -> Value {
        use ast::BinaryOp as B;
        match op {
            B::Add => self.binary(BinaryOp::Add, a, b, span),
            B::Sub => self.binary(BinaryOp::Sub, a, b, span),
            B::Mul => self.binary(BinaryOp::Mul, a, b, span),
            B::Div => self.binary(BinaryOp::Div, a, b, span),
            B::Rem => self.binary(BinaryOp::Rem, a, b, span),
            B::Pow => self.power(a, b, span),
            B::MatMul => self.matmul(a, b, span),
            B::Eq => self.equality(Sense::Equal, a, b, span),
            B::Ne => self.equality(Sense::Different, a, b, span),
            B::Lt => self.compare(CompareOp::Lt, a, b, span),
            B::Le => self.compare(CompareOp::Le, a, b, span),
            B::Gt => self.compare(CompareOp::Lt, b, a, span),
            B::Ge => self.compare(CompareOp::Le, b, a, span),
            B::Approx => self.equality(Sense::Close, a, b, span),
            B::And => self.binary(BinaryOp::And, a, b, span),
            B::Or => self.binary(BinaryOp::Or, a, b, span),
            B::Then | B::Beside | B::Pipe => {
                unreachable!("composition is evaluated where its operands are")
            }
        }
    }

    /// A pointwise function of two arguments.
    pub(crate) fn binary(&mut self, op: BinaryOp, a: Value, b: Value, span: Span) -> Value {
        self.zip(a, b, span, &mut |e, a, b| {
            if let (Value::Const(x), Value::Const(y)) = (&a, &b) {
                match fold(op, x, y) {
                    Some(c) if c.is_sane() => return Value::Const(c),
                    Some(_) => {
                        let title = "this number is too large";
                        let label = "beyond what can be represented";
                        return e.error(Diagnostic::error("E0309", title, span, label));
                    }
                    None => {}
                }
            }
            let Some((a, b)) = e.same_shape(a, b, span) else {
                return Value::Error;
            };
            e.pointwise(op, &a, &b, span)
        })
    }

    pub(crate) fn pointwise(&mut self, op: BinaryOp, a: &Arr, b: &Arr, span: Span) -> Value {
        let needs = match op {
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul => Needs::Ring,
            BinaryOp::Div => Needs::Field,
            BinaryOp::Pow | BinaryOp::Atan2 | BinaryOp::Hypot | BinaryOp::Polygamma => Needs::Real,
            BinaryOp::Rem | BinaryOp::Max | BinaryOp::Min => Needs::Order,
            BinaryOp::And | BinaryOp::Or => Needs::Bool,
        };
        if !self.require(needs, &a.kind, span) {
            return Value::Error;
        }
        let integral = a.kind == Kind::Int && matches!(op, BinaryOp::Div | BinaryOp::Rem);
        if integral && !self.nonzero(b, span) {
            return Value::Error;
        }
        if op == BinaryOp::Div && !a.kind.is_real() && a.kind != Kind::Int {
            let inverse = self.field_inverse(b, span);
            return self.pointwise(BinaryOp::Mul, a, &inverse, span);
        }
        let mut out = self.array(
            a.kind.clone(),
            a.shape.clone(),
            |_| Prim::Binary(op),
            &[a, b],
        );
        out.range = range(op, a, b);
        // A remainder by a size that is known to be positive is below it.
        if out.range.is_none()
            && op == BinaryOp::Rem
            && a.kind == Kind::Int
            && let Some((low, high)) = &b.range
        {
            let below = high.sub(&Size::constant(1));
            let positive = self.nonnegative(&low.sub(&Size::constant(1)));
            out.range = positive.then(|| (Size::constant(0), below));
        }
        Value::Array(out)
    }

    /// Whether an `Int` divisor is known not to be zero.
    fn nonzero(&mut self, b: &Arr, span: Span) -> bool {
        let positive = b.range.as_ref().is_some_and(|(low, _)| {
            low.sub(&Size::constant(1))
                .provably_nonnegative(&self.assumptions)
        });
        let negative = b.range.as_ref().is_some_and(|(_, high)| {
            Size::constant(-1)
                .sub(high)
                .provably_nonnegative(&self.assumptions)
        });
        if !(positive || negative) {
            let title = "this divisor might be zero";
            let label = "whole numbers are divided by numbers that are known not to be zero";
            let hint =
                "`quotient(x, y)` and `remainder(x, y)` divide by anything: by 0 the quotient is 0";
            self.error(Diagnostic::error("E0313", title, span, label).hint(hint));
        }
        positive || negative
    }

    pub(crate) fn power(&mut self, a: Value, b: Value, span: Span) -> Value {
        if let (Value::Const(x), Value::Const(y)) = (&a, &b)
            && [x, y]
                .iter()
                .all(|c| !matches!(c, Const::Fill(_) | Const::List(_)))
        {
            // Known or not yet known: the power of numbers is real.
            return self.binary(BinaryOp::Pow, a, b, span);
        }
        // A small whole exponent is repeated multiplication, which every ring has.
        if let Value::Const(Const::Int(size)) = &b
            && let Some(n @ 0..=64) = size.as_constant()
        {
            return self.map_value(a, span, &mut |e, a| e.whole_power(&a, n as u64, span));
        }
        self.whole_exponents(a, b, span)
    }

    /// A power of which the exponent is a real number, or a whole one that is computed: that one has no
    /// changes, and the power is real.
    fn whole_exponents(&mut self, a: Value, b: Value, span: Span) -> Value {
        let Value::Array(exponent) = &b else {
            return self.binary(BinaryOp::Pow, a, b, span);
        };
        if exponent.kind != Kind::Int {
            return self.binary(BinaryOp::Pow, a, b, span);
        }
        let kind = match &a {
            Value::Array(base) if base.kind.is_real() => base.kind.clone(),
            Value::Const(c) if !c.is_integral() => Kind::Real,
            Value::Array(_) | Value::Const(_) => {
                let title = "a power of whole numbers has an exponent that is written";
                let label = "this one is computed, and may be negative";
                let hint = "over the reals any power is defined: `2.0 ^ i`, `real(x) ^ i`";
                return self.error(Diagnostic::error("E0314", title, span, label).hint(hint));
            }
            _ => return self.binary(BinaryOp::Pow, a, b, span),
        };
        let exponent = self.converted(exponent, &kind);
        self.binary(BinaryOp::Pow, a, Value::Array(exponent), span)
    }

    /// A power with a whole exponent that is written out.
    pub(crate) fn natural_power(&mut self, a: Value, n: u32, span: Span) -> Value {
        if matches!(
            &a,
            Value::Const(Const::Int(_) | Const::Real(_) | Const::Unknown)
        ) {
            let mut power = Value::int(1);
            for _ in 0..n {
                power = self.binary(BinaryOp::Mul, power, a.clone(), span);
            }
            return power;
        }
        self.map_value(a, span, &mut |e, a| e.whole_power(&a, u64::from(n), span))
    }

    pub(crate) fn whole_power(&mut self, a: &Arr, n: u64, span: Span) -> Value {
        if n == 0 {
            let one = self.literal(&a.kind, 1);
            return Value::Array(self.stretch(&one, &a.shape));
        }
        let mut square = a.clone();
        let mut product: Option<Arr> = None;
        let mut rest = n;
        loop {
            if rest & 1 == 1 {
                product = Some(match product {
                    None => square.clone(),
                    Some(p) => match self.pointwise(BinaryOp::Mul, &p, &square, span) {
                        Value::Array(a) => a,
                        _ => return Value::Error,
                    },
                });
            }
            rest >>= 1;
            if rest == 0 {
                break;
            }
            square = match self.pointwise(BinaryOp::Mul, &square, &square, span) {
                Value::Array(a) => a,
                _ => return Value::Error,
            };
        }
        product.map_or(Value::Error, Value::Array)
    }

    /// A pointwise function of one argument.
    pub(crate) fn unary(&mut self, op: UnaryOp, a: Value, span: Span) -> Value {
        if let Value::Const(c) = &a {
            match c {
                Const::Int(n) if op == UnaryOp::Neg => {
                    return Value::Const(Const::Int(n.scale(-1)));
                }
                // The size or the sign of a whole number is one.
                Const::Int(_) if matches!(op, UnaryOp::Abs | UnaryOp::Sign) => {
                    let whole = self.settle(a, span);
                    return self.unary(op, whole, span);
                }
                Const::Int(_) | Const::Real(_) => {
                    let Some(function) = math::unary_f64(op) else {
                        return self.not_numeric(&a, span);
                    };
                    return Value::Const(
                        number(c).map_or(Const::Unknown, |x| Const::Real(function(x))),
                    );
                }
                Const::Unknown => return Value::Const(Const::Unknown),
                Const::Fill(inner) => {
                    let inner = self.unary(op, Value::Const((**inner).clone()), span);
                    return match inner {
                        Value::Const(c) => Value::Const(Const::Fill(Box::new(c))),
                        other => other,
                    };
                }
                Const::List(items) => {
                    let items: Vec<Value> = items
                        .iter()
                        .map(|c| self.unary(op, Value::Const(c.clone()), span))
                        .collect();
                    let items: Option<Vec<Const>> = items
                        .into_iter()
                        .map(|v| match v {
                            Value::Const(c) => Some(c),
                            _ => None,
                        })
                        .collect();
                    return items.map_or(Value::Error, |c| Value::Const(Const::List(c)));
                }
            }
        }
        self.map_value(a, span, &mut |e, a| {
            let needs = match op {
                UnaryOp::Neg => Needs::Ring,
                UnaryOp::Not => Needs::Bool,
                UnaryOp::Abs | UnaryOp::Sign => Needs::Order,
                _ => Needs::Real,
            };
            if !e.require(needs, &a.kind, span) {
                return Value::Error;
            }
            Value::Array(e.array(a.kind.clone(), a.shape.clone(), |_| Prim::Unary(op), &[&a]))
        })
    }

    /// A pointwise comparison.
    pub(crate) fn compare(&mut self, op: CompareOp, a: Value, b: Value, span: Span) -> Value {
        self.zip(a, b, span, &mut |e, a, b| {
            let Some((a, b)) = e.same_shape(a, b, span) else {
                return Value::Error;
            };
            let ordered = matches!(op, CompareOp::Lt | CompareOp::Le);
            if ordered && !e.require(Needs::Order, &a.kind, span) {
                return Value::Error;
            }
            Value::Array(e.array(
                Kind::Bool,
                a.shape.clone(),
                |_| Prim::Compare(op),
                &[&a, &b],
            ))
        })
    }

    pub(crate) fn require(&mut self, needs: Needs, kind: &Kind, span: Span) -> bool {
        let met = needs.met(kind);
        if !met {
            let title = format!("this is not defined over `{kind}`");
            let label = format!("it needs {}", needs.words());
            let mut d = Diagnostic::error("E0314", title, span, label);
            if let Kind::Var(_, name, _) = kind {
                d = d.hint(format!(
                    "bound it more tightly: `[{name}: Real]`, or `[{name}: Space[Real]]` for a whole space"
                ));
            } else if *kind == Kind::Int && needs == Needs::Real {
                d = d.hint("`real(x)` makes a whole number a `Real`");
            }
            self.error(d);
        }
        met
    }
}

/// What a pointwise operation needs of its carrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// `+ - *`.
    Ring,
    /// Division: a field, or `Int`.
    Field,
    /// The real numbers.
    Real,
    /// An order: the reals or `Int`.
    Order,
    /// `Bool`.
    Bool,
}

impl Needs {
    fn met(self, kind: &Kind) -> bool {
        match self {
            Needs::Ring => kind.is_ring(),
            Needs::Field => kind.is_real() || *kind == Kind::Int || kind.satisfies(Bound::Field),
            Needs::Real => kind.is_real(),
            Needs::Order => kind.is_real() || *kind == Kind::Int,
            Needs::Bool => *kind == Kind::Bool,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Needs::Ring => "a carrier with `+` and `*`",
            Needs::Field => "a carrier with division",
            Needs::Real => "`Real`",
            Needs::Order => "a carrier with an order: `Real` or `Int`",
            Needs::Bool => "`Bool`",
        }
    }
}

/// Bounds of an `Int` result.
pub(crate) fn range(op: BinaryOp, a: &Arr, b: &Arr) -> Option<(Size, Size)> {
    let ((al, ah), (bl, bh)) = (a.range.as_ref()?, b.range.as_ref()?);
    match op {
        BinaryOp::Add => Some((al.add(bl), ah.add(bh))),
        BinaryOp::Sub => Some((al.sub(bh), ah.sub(bl))),
        BinaryOp::Mul => {
            let c = bl
                .as_constant()
                .filter(|_| bl == bh && bl.as_constant().is_none_or(|c| c >= 0))?;
            Some((al.scale(c), ah.scale(c)))
        }
        BinaryOp::Div => {
            let c = bl.as_constant().filter(|&c| bl == bh && c > 0)?;
            Some((al.floor_div(c), ah.floor_div(c)))
        }
        BinaryOp::Rem => {
            let c = bl.as_constant().filter(|&c| bl == bh && c > 0)?;
            Some((Size::constant(0), Size::constant(c - 1)))
        }
        _ => None,
    }
}
