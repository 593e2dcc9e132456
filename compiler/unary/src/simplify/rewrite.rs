//! Rewrites a region step by step, each by the rules for its operation.

use crate::Builder;
use crate::carrier::{Literal, Type};
use crate::prim::Prim;
use crate::rebuild::Rebuild;
use crate::syntax::{Op, Region, Slot};
use crate::typing::infer;

use super::Round;

/// The region with every step rewritten; steps that became useless stand until `dead` removes them.
pub(super) fn rewrite(region: &Region, round: &mut Round) -> Region {
    let mut rewriter = Rewriter {
        builder: Builder::new(region.params().to_vec()),
        round,
    };
    let params = rewriter.builder.param_slots();
    let results = rewriter.inline(region, &params);
    rewriter.builder.finish(results)
}

/// A region in the rewriting.
pub(super) struct Rewriter<'a, 'r> {
    pub builder: Builder,
    pub round: &'a mut Round<'r>,
}

impl Rewriter<'_, '_> {
    /// Appends a region's steps, rewritten, at arguments; returns its results.
    pub(super) fn inline(&mut self, region: &Region, args: &[Slot]) -> Vec<Slot> {
        let mut map = args.to_vec();
        for step in region.steps() {
            let args: Vec<Slot> = step.args.iter().map(|a| map[a.index()]).collect();
            map.extend(self.emit(&step.op, &args));
        }
        region.results().iter().map(|r| map[r.index()]).collect()
    }

    /// Appends an operation, or something that is as good.
    pub(super) fn emit(&mut self, op: &Op, args: &[Slot]) -> Vec<Slot> {
        match op {
            Op::Prim(Prim::Linalg(_)) => self.builder.emit(op.clone(), args),
            Op::Prim(prim) => vec![self.prim(prim.clone(), args)],
            Op::Loop(l) => self.loop_op(l, args),
            Op::Cond { then, otherwise } => self.cond(then, otherwise, args),
            Op::Call(f) => self.call(f, args),
            // The halves of a lens stay together: which of them is wanted is not known before R.
            Op::Reverse(_) | Op::Forward(_) | Op::Lens(_) => {
                let op = self.round.inside(op);
                self.builder.emit(op, args)
            }
        }
    }

    /// Appends a primitive, or something that is as good.
    pub(super) fn prim(&mut self, prim: Prim, args: &[Slot]) -> Slot {
        let simpler = self
            .constant(&prim, args)
            .or_else(|| self.algebra(&prim, args))
            .or_else(|| self.structure(&prim, args));
        simpler.unwrap_or_else(|| self.builder.prim(prim, args))
    }

    pub(super) fn ty(&self, slot: Slot) -> Type {
        self.builder.ty(slot).clone()
    }

    /// The type that a primitive's result has.
    pub(super) fn type_of(&self, prim: &Prim, args: &[Slot]) -> Type {
        let types: Vec<&Type> = args.iter().map(|&a| self.builder.ty(a)).collect();
        match infer(&Op::Prim(prim.clone()), &types) {
            Ok(mut types) => types.swap_remove(0),
            Err(why) => panic!("ill-typed unary form: {why} in {prim:?}"),
        }
    }

    /// The primitive that made a slot, with its arguments.
    pub(super) fn made_by(&self, slot: Slot) -> Option<(Prim, Vec<Slot>)> {
        let (prim, args) = self.builder.made_by(slot)?;
        Some((prim.clone(), args.to_vec()))
    }

    /// The constant that every element of a slot is.
    pub(super) fn uniform(&self, slot: Slot) -> Option<Literal> {
        self.builder.uniform(slot)
    }
}
