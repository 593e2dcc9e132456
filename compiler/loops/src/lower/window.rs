//! Reads at indices that are known: which cannot leave their axis, and which are affine.
//!
//! A gather at affine indices, `x[i + k]`, is a view of what it reads, with strides of its own (one for `i`, one for
//! `k`): it is never written out, and a matrix product reads it where `x` lies. A gather at other indices that
//! cannot leave their axes reads one element, where it is wanted.

use lentil_unary::range::{Atom, Ranges, Sum, Term};
use lentil_unary::{Op, Prim, Region, Slot, Step};

use crate::reading::Way;
use crate::syntax::Affine;

/// Where a gather at affine indices reads: for each indexed axis.
#[derive(Clone, Debug)]
pub struct Window {
    axes: Vec<Along>,
    /// How many axes its positions have.
    positions: usize,
}

/// An index, affine in the positions of its element.
#[derive(Clone, Debug)]
struct Along {
    /// The part that no position changes.
    start: Affine,
    /// The distance along each axis of the positions.
    strides: Vec<i64>,
}

impl Along {
    fn at(&self, position: &[Affine]) -> Affine {
        let parts = position.iter().zip(&self.strides);
        parts.fold(self.start.clone(), |sum, (p, &stride)| sum.plus(p, stride))
    }
}

impl Window {
    /// Which element of the source an element of the gather is.
    pub fn source(&self, index: &[Affine]) -> Vec<Affine> {
        let (position, rest) = index.split_at(self.positions);
        let indexed = self.axes.iter().map(|along| along.at(position));
        indexed.chain(rest.iter().cloned()).collect()
    }
}

/// The counters of the loops around a region, and the atoms that they are.
pub type Counters = Vec<(Atom, Affine)>;

/// How each step of a region is computed, and where windows read.
pub fn ways(
    region: &Region,
    ranges: &Ranges,
    counters: &Counters,
) -> (Vec<Way>, Vec<Option<Window>>) {
    let steps = region.steps().iter();
    steps
        .map(|step| way(region, step, ranges, counters))
        .unzip()
}

fn way(
    region: &Region,
    step: &Step,
    ranges: &Ranges,
    counters: &Counters,
) -> (Way, Option<Window>) {
    let Op::Prim(Prim::Gather { axes, .. }) = &step.op else {
        return (Way::of(&step.op), None);
    };
    let (source, indices) = (region.ty(step.args[0]), &step.args[1..=*axes]);
    let mut sizes = indices.iter().zip(&source.shape);
    if source.is_empty() || !sizes.all(|(&index, &size)| ranges.within(index, size)) {
        return (Way::Apart, None);
    }
    let positions = region.ty(indices[0]).rank();
    let along = |&index: &Slot| {
        let sum = ranges.sum(index)?;
        Some(Along {
            start: affine(&without_axes(sum), &[], counters)?,
            strides: strides(sum, positions)?,
        })
    };
    let axes: Option<Vec<Along>> = indices.iter().map(along).collect();
    let mut sizes = indices.iter().zip(&source.shape);
    // Where only a condition keeps it in range, an address that counters move would leave its array.
    let always = sizes.all(|(&index, &size)| ranges.always_within(index, size));
    match axes.filter(|_| always) {
        Some(axes) => (Way::Rearranged, Some(Window { axes, positions })),
        None => (Way::LookedUp, None),
    }
}

/// An expression at a position; `None` if it is made of more than positions and counters.
pub fn affine(sum: &Sum, position: &[Affine], counters: &Counters) -> Option<Affine> {
    let mut made = Affine::constant(i64::try_from(sum.constant).ok()?);
    for (term, &coefficient) in &sum.terms {
        let of = match term {
            Term::Axis(k) => position.get(*k)?,
            Term::Atom(atom, _) => &counters.iter().find(|(a, _)| a == atom)?.1,
        };
        made = made.plus(of, i64::try_from(coefficient).ok()?);
    }
    Some(made)
}

fn without_axes(sum: &Sum) -> Sum {
    let mut sum = sum.clone();
    sum.terms.retain(|term, _| !matches!(term, Term::Axis(_)));
    sum
}

fn strides(sum: &Sum, positions: usize) -> Option<Vec<i64>> {
    let stride = |k| i64::try_from(sum.terms.get(&Term::Axis(k)).copied().unwrap_or(0)).ok();
    (0..positions).map(stride).collect()
}
