//! Primitives at indices: one element of the result, as an expression for a comprehension's body.

use lentil_grammar::ast::{BinaryOp, Expr};
use lentil_unary::{Literal, Prim, Slot, UnaryOp};

use super::number::{literal, mirrored, scaled, shifted};
use super::pointwise::{chosen, compared, converted, of_one, of_two};
use super::scope::{Printed, Scope};
use super::tree::{binary, call, number, reduction};

impl<'r> Scope<'_, 'r> {
    /// Whether one element costs about what it costs within the whole, and depends on few others.
    pub(super) fn elementwise(&self, prim: &Prim, args: &[Slot], slot: Slot) -> bool {
        match prim {
            Prim::Literal(_)
            | Prim::Iota(_)
            | Prim::Binary(_)
            | Prim::Compare(_)
            | Prim::Select
            | Prim::Convert(_)
            | Prim::Broadcast { .. }
            | Prim::Transpose(_)
            | Prim::Slice { .. }
            | Prim::Pad { .. }
            | Prim::Flip(_)
            | Prim::Gather { .. } => true,
            // A function of a scalar is the same for every index.
            Prim::Unary(op) => *op == UnaryOp::Neg || self.ty(slot).rank() > 0,
            Prim::Reshape(shape) => unit_axes(&self.ty(args[0]).shape, shape),
            Prim::Contract { sum, .. } => sum.is_empty(),
            Prim::Concat(_)
            | Prim::Reduce { .. }
            | Prim::ArgMax(_)
            | Prim::ArgMin(_)
            | Prim::ArgSort { .. }
            | Prim::Scan { .. }
            | Prim::ScatterAdd { .. }
            | Prim::RandomBits(_)
            | Prim::RandomSplit(_)
            | Prim::RandomFold
            | Prim::Linalg(_)
            | Prim::Trace(_) => false,
        }
    }

    /// The element of a step at indices.
    pub(super) fn element(
        &mut self,
        slot: Slot,
        prim: &'r Prim,
        args: &'r [Slot],
        at: &[Expr],
    ) -> Printed {
        let carrier = self.ty(slot).carrier;
        match prim {
            Prim::Literal(l) => Ok(literal(*l)),
            Prim::Iota(_) => Ok(at[0].clone()),
            Prim::Unary(op) => Ok(of_one(*op, self.at(args[0], at)?, carrier)),
            Prim::Binary(op) => {
                let (a, b) = (self.at(args[0], at)?, self.at(args[1], at)?);
                Ok(self.of_two(*op, a, b, carrier))
            }
            Prim::Compare(op) => {
                let (a, b) = (self.at(args[0], at)?, self.at(args[1], at)?);
                Ok(compared(*op, a, b, self.ty(args[0]).carrier))
            }
            Prim::Select => {
                let c = self.at(args[0], at)?;
                let (a, b) = (self.at(args[1], at)?, self.at(args[2], at)?);
                Ok(chosen(c, a, b, carrier))
            }
            Prim::Convert(to) => {
                let from = self.ty(args[0]).carrier;
                Ok(converted(self.at(args[0], at)?, from, *to))
            }
            Prim::Broadcast { axes, .. } => {
                let inner: Vec<Expr> = axes.iter().map(|&a| at[a].clone()).collect();
                match inner.len() {
                    0 => self.at(args[0], &inner),
                    _ => self.at_again(args[0], &inner),
                }
            }
            Prim::Transpose(perm) => {
                let mut inner = at.to_vec();
                for (i, &p) in perm.iter().enumerate() {
                    inner[p] = at[i].clone();
                }
                self.at(args[0], &inner)
            }
            Prim::Reshape(shape) if unit_axes(&self.ty(args[0]).shape, shape) => {
                let mut long = at
                    .iter()
                    .zip(shape)
                    .filter(|(_, n)| **n != 1)
                    .map(|(e, _)| e);
                let sizes = &self.ty(args[0]).shape;
                let pick = |&n: &usize| match n {
                    1 => number(0),
                    _ => long.next().cloned().unwrap_or_else(|| number(0)),
                };
                let inner: Vec<Expr> = sizes.iter().map(pick).collect();
                self.at(args[0], &inner)
            }
            Prim::Slice { start, step, .. } => {
                let inner: Vec<Expr> = (at.iter().zip(start).zip(step))
                    .map(|((e, &start), &step)| shifted(scaled(e.clone(), step), start as i64))
                    .collect();
                self.at(args[0], &inner)
            }
            Prim::Flip(axes) => {
                let mut inner = at.to_vec();
                for &axis in axes {
                    let last = self.ty(slot).shape[axis] as i64 - 1;
                    inner[axis] = mirrored(last, at[axis].clone());
                }
                self.at(args[0], &inner)
            }
            Prim::Pad {
                before,
                after,
                between,
            } => {
                let sizes = &self.ty(args[0]).shape;
                let zero = literal(Literal::zero(carrier));
                if self.ty(args[0]).is_empty() {
                    return Ok(zero);
                }
                let mut conditions = Vec::new();
                let mut inner = Vec::new();
                for (axis, i) in at.iter().enumerate() {
                    let padding = Padding {
                        size: sizes[axis],
                        before: before[axis],
                        after: after[axis],
                        stride: between[axis] + 1,
                    };
                    inner.push(padding.source(i, &mut conditions));
                }
                let inside = self.at(args[0], &inner)?;
                let all = conditions
                    .into_iter()
                    .reduce(|a, b| binary(BinaryOp::And, a, b));
                Ok(match all {
                    Some(all) => chosen(all, inside, zero, carrier),
                    None => inside,
                })
            }
            Prim::Contract { batch, sum } => self.contracted(args, batch, sum, at),
            Prim::Gather { axes, .. } => {
                let depth = self.ty(args[1]).rank();
                let mut inner = Vec::new();
                for &index in &args[1..=*axes] {
                    inner.push(self.at(index, &at[..depth])?);
                }
                inner.extend_from_slice(&at[depth..]);
                let read = self.array(args[0])?;
                let inner = self.checked(inner, &self.ty(args[0]).shape);
                Ok(super::tree::bracket(read, inner))
            }
            Prim::Reshape(_)
            | Prim::Concat(_)
            | Prim::Reduce { .. }
            | Prim::ArgMax(_)
            | Prim::ArgMin(_)
            | Prim::ArgSort { .. }
            | Prim::Scan { .. }
            | Prim::ScatterAdd { .. }
            | Prim::RandomBits(_)
            | Prim::RandomSplit(_)
            | Prim::RandomFold
            | Prim::Linalg(_)
            | Prim::Trace(_) => {
                let whole = self.array(slot)?;
                Ok(super::tree::bracket(whole, at.to_vec()))
            }
        }
    }

    /// An element of a contraction: a product, or a sum of products.
    pub(super) fn contracted(
        &mut self,
        args: &'r [Slot],
        batch: &[(usize, usize)],
        sum: &[(usize, usize)],
        at: &[Expr],
    ) -> Printed {
        let (a, b) = (args[0], args[1]);
        let sizes: Vec<usize> = sum.iter().map(|&(i, _)| self.ty(a).shape[i]).collect();
        let product = |scope: &mut Self, over: &[Expr]| {
            let mut left: Vec<Option<Expr>> = vec![None; scope.ty(a).rank()];
            let mut right: Vec<Option<Expr>> = vec![None; scope.ty(b).rank()];
            let paired = batch.iter().zip(at).chain(sum.iter().zip(over));
            for (&(i, j), e) in paired {
                left[i] = Some(e.clone());
                right[j] = Some(e.clone());
            }
            let mut free = at[batch.len()..].iter();
            let mut fill = |e: Option<Expr>| e.or_else(|| free.next().cloned());
            let left: Vec<Expr> = left.into_iter().filter_map(&mut fill).collect();
            let right: Vec<Expr> = right.into_iter().filter_map(&mut fill).collect();
            let (x, y) = (scope.at_again(a, &left)?, scope.at_again(b, &right)?);
            Ok(of_two(
                lentil_unary::BinaryOp::Mul,
                x,
                y,
                scope.ty(a).carrier,
            ))
        };
        if sum.is_empty() {
            return product(self, &[]);
        }
        let (body, binders) = self.indexed(&sizes, product)?;
        Ok(reduction("sum", body, binders))
    }
}

/// Whether two shapes differ by axes of length one only.
pub(super) fn unit_axes(a: &[usize], b: &[usize]) -> bool {
    let long = |s: &[usize]| s.iter().copied().filter(|&n| n != 1).collect::<Vec<_>>();
    long(a) == long(b)
}

/// An axis that is padded.
struct Padding {
    size: usize,
    before: usize,
    after: usize,
    stride: usize,
}

impl Padding {
    /// The index that an index of the padded axis comes from, under conditions.
    fn source(&self, i: &Expr, conditions: &mut Vec<Expr>) -> Expr {
        let span = (self.size - 1) * self.stride + 1;
        if self.before > 0 {
            conditions.push(binary(BinaryOp::Ge, i.clone(), number(self.before)));
        }
        if self.after > 0 {
            conditions.push(binary(BinaryOp::Lt, i.clone(), number(self.before + span)));
        }
        let from = shifted(i.clone(), -(self.before as i64));
        let mut source = from.clone();
        if self.stride > 1 {
            let rest = binary(BinaryOp::Rem, from.clone(), number(self.stride));
            conditions.push(binary(BinaryOp::Eq, rest, number(0)));
            source = binary(BinaryOp::Div, from, number(self.stride));
        }
        // The checker reads an index's bounds off the index alone, not off the condition around it.
        if self.before > 0 {
            call("max", vec![source, number(0)])
        } else if self.after > 0 {
            call("min", vec![source, number(self.size - 1)])
        } else {
            source
        }
    }
}
