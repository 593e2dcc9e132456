//! Units and identities of pointwise operations: those of rings over exact carriers, and over the reals
//! those that IEEE 754 keeps bit for bit. So `x + (-0)` is `x`, but `x + 0` is not: it turns -0 into 0.

use crate::carrier::{Carrier, Literal};
use crate::prim::{BinaryOp, CompareOp, Prim, UnaryOp};
use crate::syntax::Slot;

use super::rewrite::Rewriter;

impl Rewriter<'_, '_> {
    pub(super) fn algebra(&mut self, prim: &Prim, args: &[Slot]) -> Option<Slot> {
        match prim {
            Prim::Unary(op) => self.unary(*op, args[0]),
            Prim::Binary(op) => self.binary(*op, args[0], args[1]),
            Prim::Compare(op) => self.compare(*op, args[0], args[1]),
            Prim::Select => self.select(args[0], args[1], args[2]),
            Prim::Convert(to) => self.convert(*to, args[0]),
            _ => None,
        }
    }

    fn unary(&mut self, op: UnaryOp, x: Slot) -> Option<Slot> {
        if op == UnaryOp::Neg && self.ty(x).carrier == Carrier::Bit {
            return Some(x); // -1 = 1
        }
        let (inner, args) = self.made_by(x)?;
        match (op, inner) {
            (UnaryOp::Neg, Prim::Unary(UnaryOp::Neg))
            | (UnaryOp::Not, Prim::Unary(UnaryOp::Not)) => Some(args[0]),
            (UnaryOp::Neg, Prim::Binary(BinaryOp::Sub)) if !self.ty(x).carrier.is_real() => {
                Some(self.prim(Prim::Binary(BinaryOp::Sub), &[args[1], args[0]]))
            }
            _ => None,
        }
    }

    fn binary(&mut self, op: BinaryOp, x: Slot, y: Slot) -> Option<Slot> {
        let ty = self.ty(x);
        let exact = !ty.carrier.is_real();
        let (left, right) = (self.uniform(x), self.uniform(y));
        let is = |side: Option<Literal>, value: Literal| side == Some(value);
        let integer = |value| Literal::integer(ty.carrier, value);
        match op {
            BinaryOp::Add => {
                let nothing = if exact {
                    integer(0)
                } else {
                    Literal::real(ty.carrier, -0.0)
                };
                if is(left, nothing) {
                    return Some(y);
                }
                if is(right, nothing) {
                    return Some(x);
                }
                if ty.carrier == Carrier::Bit && x == y {
                    return Some(self.builder.zeros(&ty)); // 1 + 1 = 0
                }
                if let Some(negated) = self.negated(y) {
                    return Some(self.prim(Prim::Binary(BinaryOp::Sub), &[x, negated]));
                }
                let negated = self.negated(x)?;
                Some(self.prim(Prim::Binary(BinaryOp::Sub), &[y, negated]))
            }
            BinaryOp::Sub => {
                if is(right, integer(0)) {
                    return Some(x);
                }
                let nothing = if exact {
                    integer(0)
                } else {
                    Literal::real(ty.carrier, -0.0)
                };
                if is(left, nothing) {
                    return Some(self.prim(Prim::Unary(UnaryOp::Neg), &[y]));
                }
                if exact && x == y {
                    return Some(self.builder.zeros(&ty));
                }
                let negated = self.negated(y)?;
                Some(self.prim(Prim::Binary(BinaryOp::Add), &[x, negated]))
            }
            BinaryOp::Mul => {
                for (side, other) in [(left, y), (right, x)] {
                    if is(side, integer(1)) {
                        return Some(other);
                    }
                    if is(side, integer(-1)) {
                        return Some(self.prim(Prim::Unary(UnaryOp::Neg), &[other]));
                    }
                    if exact && is(side, integer(0)) {
                        return Some(self.builder.zeros(&ty));
                    }
                }
                None
            }
            BinaryOp::Div => {
                if is(right, integer(1)) {
                    return Some(x);
                }
                let negates = !exact && is(right, integer(-1));
                negates.then(|| self.prim(Prim::Unary(UnaryOp::Neg), &[x]))
            }
            BinaryOp::Rem => {
                let whole = ty.carrier == Carrier::Int && is(right, integer(1));
                whole.then(|| self.builder.zeros(&ty))
            }
            BinaryOp::Max | BinaryOp::Min => (x == y).then_some(x),
            BinaryOp::And => self.lattice(x, y, true),
            BinaryOp::Or => self.lattice(x, y, false),
            BinaryOp::Pow | BinaryOp::Atan2 | BinaryOp::Hypot | BinaryOp::Polygamma => None,
        }
    }

    /// What a slot is the negation of.
    fn negated(&self, slot: Slot) -> Option<Slot> {
        match self.made_by(slot)? {
            (Prim::Unary(UnaryOp::Neg), args) => Some(args[0]),
            _ => None,
        }
    }

    /// A conjunction, whose unit is `true`, or a disjunction, whose unit is `false`; the other
    /// constant absorbs.
    fn lattice(&self, x: Slot, y: Slot, unit: bool) -> Option<Slot> {
        if x == y {
            return Some(x);
        }
        for (side, other) in [(x, y), (y, x)] {
            if let Some(known) = self.uniform(side) {
                return Some(if known.is_one() == unit { other } else { side });
            }
        }
        None
    }

    fn compare(&mut self, op: CompareOp, x: Slot, y: Slot) -> Option<Slot> {
        let ty = self.ty(x);
        if x != y || ty.carrier.is_real() {
            return None; // a NaN is not equal to itself
        }
        let holds = match op {
            CompareOp::Eq | CompareOp::Le => 1,
            CompareOp::Ne | CompareOp::Lt => 0,
        };
        Some(
            self.builder
                .full(Literal::integer(Carrier::Bool, holds), &ty.shape),
        )
    }

    fn select(&mut self, condition: Slot, yes: Slot, no: Slot) -> Option<Slot> {
        if yes == no {
            return Some(yes);
        }
        if let Some(known) = self.uniform(condition) {
            return Some(if known.is_one() { yes } else { no });
        }
        if let (Some(yes), Some(no)) = (self.uniform(yes), self.uniform(no))
            && yes.carrier() == Carrier::Bool
            && yes.is_one()
            && no.is_zero()
        {
            return Some(condition);
        }
        match self.made_by(condition)? {
            (Prim::Unary(UnaryOp::Not), args) => Some(self.prim(Prim::Select, &[args[0], no, yes])),
            _ => None,
        }
    }

    fn convert(&mut self, to: Carrier, x: Slot) -> Option<Slot> {
        let through = self.ty(x).carrier;
        if through == to {
            return Some(x);
        }
        let (Prim::Convert(_), args) = self.made_by(x)? else {
            return None;
        };
        let from = self.ty(args[0]).carrier;
        // A derivative that is zero on the long way must be zero on the short one, too.
        let commutes = !from.differentiable() || !to.differentiable() || from == Carrier::F32;
        let commutes = commutes && (through.is_real() || !from.is_real());
        (commutes && embeds(from, through)).then(|| self.prim(Prim::Convert(to), &[args[0]]))
    }
}

/// Whether a conversion keeps every value, so that what follows sees the same number.
fn embeds(from: Carrier, into: Carrier) -> bool {
    match from {
        Carrier::Bit | Carrier::Bool => true,
        Carrier::F32 => into == Carrier::F64,
        Carrier::Mod(n) => match into {
            Carrier::Int | Carrier::F64 => true,
            Carrier::F32 => n <= 1 << 24,
            Carrier::Mod(m) => n <= m,
            Carrier::Bit | Carrier::Bool => n == 2,
        },
        Carrier::F64 | Carrier::Int => false,
    }
}
