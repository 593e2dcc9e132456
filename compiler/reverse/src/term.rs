//! Slots written as mathematics, so that a row of the table reads like the formula it stands for.

use std::cell::RefCell;
use std::ops::{Add, Div, Mul, Neg, Sub};

use lentil_unary::{
    BinaryOp, Builder, Carrier, CompareOp, Fold, Literal, Prim, Slot, Type, UnaryOp,
};

/// A slot of a region under construction; operators append steps to it.
#[derive(Clone, Copy)]
pub(crate) struct Term<'b> {
    builder: &'b RefCell<Builder>,
    slot: Slot,
}

impl<'b> Term<'b> {
    pub(crate) fn new(builder: &'b RefCell<Builder>, slot: Slot) -> Term<'b> {
        Term { builder, slot }
    }

    pub(crate) fn slot(self) -> Slot {
        self.slot
    }

    pub(crate) fn ty(self) -> Type {
        self.builder.borrow().ty(self.slot).clone()
    }

    pub(crate) fn shape(self) -> Vec<usize> {
        self.ty().shape
    }

    /// Appends a primitive that reads this term and then the others.
    pub(crate) fn apply(self, prim: Prim, others: &[Term<'b>]) -> Term<'b> {
        let mut args = vec![self.slot];
        args.extend(others.iter().map(|t| t.slot));
        let slot = self.builder.borrow_mut().prim(prim, &args);
        Term::new(self.builder, slot)
    }

    /// A slot made by the builder itself.
    pub(crate) fn build(self, make: impl FnOnce(&mut Builder) -> Slot) -> Term<'b> {
        let slot = make(&mut self.builder.borrow_mut());
        Term::new(self.builder, slot)
    }

    pub(crate) fn unary(self, op: UnaryOp) -> Term<'b> {
        self.apply(Prim::Unary(op), &[])
    }

    pub(crate) fn binary(self, op: BinaryOp, other: Term<'b>) -> Term<'b> {
        self.apply(Prim::Binary(op), &[other])
    }

    pub(crate) fn exp(self) -> Term<'b> {
        self.unary(UnaryOp::Exp)
    }

    pub(crate) fn sqrt(self) -> Term<'b> {
        self.unary(UnaryOp::Sqrt)
    }

    pub(crate) fn compare(self, op: CompareOp, other: Term<'b>) -> Term<'b> {
        self.apply(Prim::Compare(op), &[other])
    }

    /// With this term as the condition.
    pub(crate) fn select(self, yes: Term<'b>, no: Term<'b>) -> Term<'b> {
        self.apply(Prim::Select, &[yes, no])
    }

    /// A constant of this term's type.
    pub(crate) fn constant(self, value: f64) -> Term<'b> {
        let ty = self.ty();
        self.build(|b| b.full(Literal::real(ty.carrier, value), &ty.shape))
    }

    /// The zero of this term's type.
    pub(crate) fn zero(self) -> Term<'b> {
        let ty = self.ty();
        self.build(|b| b.zeros(&ty))
    }

    /// The one of this term's type, in every element.
    pub(crate) fn one(self) -> Term<'b> {
        let ty = self.ty();
        self.build(|b| b.ones(&ty))
    }

    pub(crate) fn transpose(self, perm: &[usize]) -> Term<'b> {
        self.build(|b| b.transpose(self.slot, perm))
    }

    pub(crate) fn reshape(self, shape: &[usize]) -> Term<'b> {
        self.build(|b| b.reshape(self.slot, shape))
    }

    pub(crate) fn broadcast(self, shape: &[usize], axes: &[usize]) -> Term<'b> {
        self.build(|b| b.broadcast(self.slot, shape, axes))
    }

    pub(crate) fn sum(self, axes: &[usize]) -> Term<'b> {
        self.build(|b| b.sum(self.slot, axes))
    }

    pub(crate) fn flip(self, axes: &[usize]) -> Term<'b> {
        self.apply(Prim::Flip(axes.to_vec()), &[])
    }

    pub(crate) fn scan(self, fold: Fold, axis: usize, exclusive: bool, reverse: bool) -> Term<'b> {
        self.apply(
            Prim::Scan {
                fold,
                axis,
                exclusive,
                reverse,
            },
            &[],
        )
    }

    /// Every `step`-th element from `start` along each axis.
    pub(crate) fn slice(self, start: &[usize], len: &[usize], step: &[usize]) -> Term<'b> {
        self.apply(
            Prim::Slice {
                start: start.to_vec(),
                len: len.to_vec(),
                step: step.to_vec(),
            },
            &[],
        )
    }
}

impl<'b> Add for Term<'b> {
    type Output = Term<'b>;
    fn add(self, other: Term<'b>) -> Term<'b> {
        self.binary(BinaryOp::Add, other)
    }
}

impl<'b> Sub for Term<'b> {
    type Output = Term<'b>;
    fn sub(self, other: Term<'b>) -> Term<'b> {
        self.binary(BinaryOp::Sub, other)
    }
}

impl<'b> Mul for Term<'b> {
    type Output = Term<'b>;
    fn mul(self, other: Term<'b>) -> Term<'b> {
        self.binary(BinaryOp::Mul, other)
    }
}

impl<'b> Div for Term<'b> {
    type Output = Term<'b>;
    fn div(self, other: Term<'b>) -> Term<'b> {
        self.binary(BinaryOp::Div, other)
    }
}

impl<'b> Neg for Term<'b> {
    type Output = Term<'b>;
    fn neg(self) -> Term<'b> {
        // Over Z2 every element is its own negative.
        match self.ty().carrier {
            Carrier::Bit => self,
            Carrier::F32 | Carrier::F64 | Carrier::Mod(_) | Carrier::Int | Carrier::Bool => {
                self.unary(UnaryOp::Neg)
            }
        }
    }
}
