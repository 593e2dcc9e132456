//! Lenses whose backward half is given: R of one is its `put`, its forward derivative the transpose of it.
//!
//! *Before*: a lens whose halves hold no derivatives.
//! *After*: functions over what the sweep, or the tangents, need of it.
//! *Size*: that of `put`; for a tangent, that of R of `put` in the cotangents.

use std::sync::Arc;

use lentil_unary::{
    Builder, Function, Lens, Literal, Op, Prim, Rebuild, Rebuilt, Region, Slot, Type,
};

use crate::joint::joint;
use crate::memo::Memo;
use crate::split::Wishes;
use crate::trim::{reads, reorder, restrict, trim};

/// For each parameter of a lens, whether `put` sends anything back to it: it is differentiable, and what it
/// is sent is not zero by the form of `put`.
pub(crate) fn sends_back(lens: &Lens) -> Vec<bool> {
    let put = &lens.put.region;
    let zeros = zeros(put);
    let mut results = put.results().iter();
    let params = lens.get.region.params().iter();
    params
        .map(|ty| {
            let result = if ty.differentiable() {
                results.next()
            } else {
                None
            };
            result.is_some_and(|r| !zeros[r.index()])
        })
        .collect()
}

/// For each slot whether it is a literal zero, or that repeated.
fn zeros(region: &Region) -> Vec<bool> {
    let mut zeros = vec![false; region.slots().len()];
    for (first, step) in region.numbered() {
        let zero = match &step.op {
            Op::Prim(Prim::Literal(literal)) => *literal == Literal::zero(literal.carrier()),
            Op::Prim(Prim::Broadcast { .. } | Prim::Reshape(_)) => zeros[step.args[0].index()],
            Op::Prim(_)
            | Op::Loop(_)
            | Op::Cond { .. }
            | Op::Call(_)
            | Op::Reverse(_)
            | Op::Forward(_)
            | Op::Lens(_) => false,
        };
        if zero {
            zeros[first.index()] = true;
        }
    }
    zeros
}

/// What a sweep runs of a lens.
pub(crate) struct Back {
    pub(crate) put: Arc<Function>,
    /// Which of `put`'s parameters it reads.
    pub(crate) reads: Vec<usize>,
    /// Which of the lens's arguments it gives cotangents of.
    pub(crate) gives: Vec<usize>,
}

/// The part of `put` that gives the cotangents that are wanted.
pub(crate) fn back(memo: &mut Memo, lens: &Lens, wanted: &[bool]) -> Back {
    let sends = sends_back(lens);
    let gives: Vec<usize> = (0..wanted.len())
        .filter(|&k| wanted[k] && sends[k])
        .collect();
    let params = lens.get.region.params().iter().enumerate();
    let keep: Vec<bool> = params
        .filter(|(_, ty)| ty.differentiable())
        .map(|(k, _)| gives.contains(&k))
        .collect();
    let part = restrict(&lens.put.region, &keep);
    let read = reads(&part);
    let reads: Vec<usize> = (0..read.len()).filter(|&p| read[p]).collect();
    let order: Vec<Vec<usize>> = reads.iter().map(|&p| vec![p]).collect();
    let region = reorder(&part, &order);
    Back {
        put: memo.function(lens.put.name.clone(), region),
        reads,
        gives,
    }
}

/// How tangents go through a lens.
pub(crate) struct Push {
    /// Parameters of the lens, then tangents of the varying ones; to tangents of the varying results.
    pub(crate) function: Arc<Function>,
    /// For each result whether it varies.
    pub(crate) varying: Vec<bool>,
}

/// The transpose of `put`: R of it in the cotangents, in which it is linear, so that they drop out.
pub(crate) fn push(memo: &mut Memo, lens: &Lens, varying: &[bool]) -> Push {
    let get = &lens.get.region;
    let own = get.params().len();
    let keep: Vec<bool> = (0..own)
        .filter(|&k| get.params()[k].differentiable())
        .map(|k| varying[k])
        .collect();
    let put = restrict(&lens.put.region, &keep);
    let wanted: Vec<bool> = (0..put.params().len()).map(|p| p >= own).collect();
    let wishes = Wishes::open(wanted, &vec![true; put.results().len()]);
    let made = joint(memo, &put, &wishes);
    let tangents = made.cotangents[own..].to_vec();
    let whole = trim(
        &made
            .builder
            .finish(tangents.iter().flatten().copied().collect()),
    );

    let params = get.params().iter().zip(varying);
    let dxs: Vec<Type> = params
        .filter(|(_, v)| **v)
        .map(|(t, _)| t.clone())
        .collect();
    let mut b = Builder::new([get.params(), &dxs].concat());
    let mut args = b.param_slots();
    let dxs = args.split_off(own);
    for ty in &put.params()[own..] {
        args.push(b.zeros(ty));
    }
    args.extend(dxs);
    let results = b.inline(&whole, &args);
    let region = trim(&b.finish(results));

    let mut of_result = tangents.iter();
    let results = get.result_types();
    let varying = results.iter().map(|ty| {
        let given = if ty.differentiable() {
            of_result.next()
        } else {
            None
        };
        given.is_some_and(Option::is_some)
    });
    Push {
        varying: varying.collect(),
        function: memo.function(format!("{}.push", lens.get.name), region),
    }
}

/// The region with every lens replaced by a call of its forward half, in bodies and functions too.
pub(crate) fn settle(region: &Region) -> Region {
    Settle::default().region(region)
}

#[derive(Default)]
struct Settle {
    rebuilt: Rebuilt,
}

impl Rebuild for Settle {
    fn rebuilt(&mut self) -> &mut Rebuilt {
        &mut self.rebuilt
    }

    fn append(&mut self, b: &mut Builder, op: &Op, args: &[Slot]) -> Vec<Slot> {
        match op {
            Op::Lens(l) => b.call(&self.function(&l.get), args),
            op => b.emit(self.inside(op), args),
        }
    }
}
