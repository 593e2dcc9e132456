//! Constants: what a primitive makes of arguments whose elements are all one constant.
//!
//! The constant is computed by the evaluator, so that it has the same bits.

use crate::carrier::Literal;
use crate::eval::at_literals;
use crate::prim::{Fold, Prim};
use crate::syntax::Slot;

use super::rewrite::Rewriter;

impl Rewriter<'_, '_> {
    pub(super) fn constant(&mut self, prim: &Prim, args: &[Slot]) -> Option<Slot> {
        if let Prim::Literal(_) = prim {
            return None;
        }
        let ty = self.type_of(prim, args);
        if ty.is_empty() && !self.could_trap(prim, args) {
            return Some(self.builder.zeros(&ty));
        }
        let known: Option<Vec<Literal>> = args.iter().map(|&a| self.uniform(a)).collect();
        let literal = match prim {
            Prim::Iota(1) => Literal::zero(ty.carrier),
            Prim::Unary(_)
            | Prim::Binary(_)
            | Prim::Compare(_)
            | Prim::Select
            | Prim::Convert(_) => at_literals(prim, &known?),
            Prim::Transpose(_) | Prim::Reshape(_) | Prim::Slice { .. } | Prim::Flip(_) => known?[0],
            Prim::Pad { .. } => known?.into_iter().find(|l| l.is_zero())?,
            Prim::Concat(_) => {
                let known = known?;
                let same = known.iter().all(|l| *l == known[0]);
                same.then_some(known[0])?
            }
            Prim::Reduce { fold, axes } => {
                let x = self.ty(args[0]);
                let count: usize = axes.iter().map(|&a| x.shape[a]).product();
                if count == 0 {
                    fold.unit(ty.carrier)
                } else {
                    repeated(*fold, known?[0])?
                }
            }
            Prim::Contract { sum, .. } => {
                let x = self.ty(args[0]);
                let nothing = sum.iter().any(|&(a, _)| x.shape[a] == 0);
                let zero = |slot: &Slot| self.uniform(*slot).is_some_and(Literal::is_zero);
                // Over the reals zero times infinity is not zero.
                let vanishes = !ty.carrier.is_real() && args.iter().any(zero);
                (nothing || vanishes).then_some(Literal::zero(ty.carrier))?
            }
            Prim::Literal(_)
            | Prim::Iota(_)
            | Prim::Broadcast { .. }
            | Prim::ArgMax(_)
            | Prim::ArgMin(_)
            | Prim::ArgSort { .. }
            | Prim::Scan { .. }
            | Prim::Gather { .. }
            | Prim::ScatterAdd { .. }
            | Prim::RandomBits(_)
            | Prim::RandomSplit(_)
            | Prim::RandomFold
            | Prim::Linalg(_)
            | Prim::Trace(_) => return None,
        };
        Some(self.builder.full(literal, &ty.shape))
    }

    /// Whether it could be noticed that a primitive runs at these arguments: not if there are no indices.
    fn could_trap(&self, prim: &Prim, args: &[Slot]) -> bool {
        let indexed = |index: &Slot| !self.builder.ty(*index).is_empty();
        prim.row().traps && args.get(1).is_none_or(indexed)
    }
}

/// Any positive number of equal elements folded, where that does not depend on their number.
fn repeated(fold: Fold, element: Literal) -> Option<Literal> {
    let carrier = element.carrier();
    match fold {
        Fold::Sum => element.is_zero().then_some(element),
        Fold::Prod => element.is_one().then_some(element),
        Fold::Max | Fold::Min | Fold::All | Fold::Any => {
            let step = fold.step()?;
            Some(at_literals(
                &Prim::Binary(step),
                &[fold.unit(carrier), element],
            ))
        }
        Fold::LogSumExp => None,
    }
}
