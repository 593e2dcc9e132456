//! Conditionals: known conditions and equal arms are taken, constants are moved into the arms, and what
//! both arms agree on is moved out.

use std::sync::Arc;

use crate::Builder;
use crate::carrier::{Carrier, Literal, Type};
use crate::prim::{Prim, UnaryOp};
use crate::rebuild::Rebuild;
use crate::syntax::{Op, Region, Slot};

use super::rewrite::Rewriter;

/// Where a parameter of an arm comes from.
#[derive(Clone)]
enum Source {
    /// A capture, by its number in the new list.
    Capture(usize),
    /// A constant.
    Fill(Literal, Type),
    /// The condition itself, which each arm knows.
    Condition,
}

/// What a result of the conditional is.
enum Outcome {
    /// A result of the new conditional.
    Computed(usize),
    /// A capture that both arms pass on.
    Capture(usize),
    /// A constant that both arms give.
    Fill(Literal, Type),
}

impl Rewriter<'_, '_> {
    pub(super) fn cond(
        &mut self,
        then: &Arc<Region>,
        otherwise: &Arc<Region>,
        args: &[Slot],
    ) -> Vec<Slot> {
        let (condition, captures) = (args[0], &args[1..]);
        let (then, otherwise) = (self.round.body(then), self.round.body(otherwise));
        if let Some(known) = self.uniform(condition) {
            let arm = if known.is_one() { then } else { otherwise };
            return self.inline(&arm, captures);
        }
        if then == otherwise {
            return self.inline(&then, captures);
        }
        if let Some((Prim::Unary(UnaryOp::Not), inner)) = self.made_by(condition) {
            let args = [&inner, captures].concat();
            return self.cond(&otherwise, &then, &args);
        }

        let mut kept: Vec<Slot> = Vec::new();
        let sources: Vec<Source> = captures
            .iter()
            .map(|&capture| match self.uniform(capture) {
                Some(literal) => Source::Fill(literal, self.ty(capture)),
                None if capture == condition => Source::Condition,
                None => Source::Capture(number(&mut kept, capture)),
            })
            .collect();
        let types: Vec<Type> = kept.iter().map(|&c| self.ty(c)).collect();
        let (mut yes, yes_results) = arm(&then, &types, &sources, true);
        let (mut no, no_results) = arm(&otherwise, &types, &sources, false);

        let mut computed: Vec<(Slot, Slot)> = Vec::new();
        let outcomes: Vec<Outcome> = yes_results
            .into_iter()
            .zip(no_results)
            .map(|(y, n)| {
                if y == n && y.index() < kept.len() {
                    return Outcome::Capture(y.index());
                }
                match (yes.uniform(y), no.uniform(n)) {
                    (Some(a), Some(b)) if a == b => Outcome::Fill(a, yes.ty(y).clone()),
                    _ => Outcome::Computed(number(&mut computed, (y, n))),
                }
            })
            .collect();
        let results = if computed.is_empty() {
            Vec::new()
        } else {
            let finish = |builder: &mut Builder, results: Vec<Slot>| {
                let builder = std::mem::replace(builder, Builder::new(Vec::new()));
                Arc::new(builder.finish(results))
            };
            let then = finish(&mut yes, computed.iter().map(|c| c.0).collect());
            let otherwise = finish(&mut no, computed.iter().map(|c| c.1).collect());
            let args = [&[condition], &kept[..]].concat();
            self.builder.emit(Op::Cond { then, otherwise }, &args)
        };
        let outcome = |outcome: Outcome| match outcome {
            Outcome::Computed(k) => results[k],
            Outcome::Capture(k) => kept[k],
            Outcome::Fill(literal, ty) => self.builder.full(literal, &ty.shape),
        };
        outcomes.into_iter().map(outcome).collect()
    }
}

/// An arm with other parameters, and its results.
fn arm(region: &Region, params: &[Type], sources: &[Source], holds: bool) -> (Builder, Vec<Slot>) {
    let mut builder = Builder::new(params.to_vec());
    let args: Vec<Slot> = sources
        .iter()
        .map(|source| match source {
            Source::Capture(k) => builder.param(*k),
            Source::Fill(literal, ty) => builder.full(*literal, &ty.shape),
            Source::Condition => builder.literal(Literal::integer(Carrier::Bool, i64::from(holds))),
        })
        .collect();
    let results = builder.inline(region, &args);
    (builder, results)
}

/// The number of an item in a list, to which it is added if it is new.
pub(super) fn number<T: PartialEq>(items: &mut Vec<T>, item: T) -> usize {
    match items.iter().position(|i| *i == item) {
        Some(k) => k,
        None => {
            items.push(item);
            items.len() - 1
        }
    }
}
