//! Raising: array code as loops over elements leave it becomes array code as mathematics writes it.
//!
//! *Before*: a region in which loops have become operations on whole arrays: reads at indices that count up,
//! products that are repeated before they are multiplied, and summed afterwards.
//! *After*: the same with contractions, slices and transpositions in their place.
//! *Size*: not more steps than before, up to a small constant for each operation that is replaced;
//! the arrays that vanish are the largest.
//!
//! | from | to |
//! |---|---|
//! | a sum over a product | a contraction |
//! | a sum over a contraction | a contraction |
//! | a contraction of transposed or repeated arrays | a contraction of the arrays |
//! | a read at all indices of an axis in order | the array, sliced and transposed |
//! | an accumulation at all indices of an axis in order | an addition |
//! | an accumulation of many values at one index | an accumulation of their sum |
//!
//! The last one, and sums of sums, rearrange: over floating-point numbers only if the arithmetic allows it.
//! Bodies are left as they are.

use std::collections::HashSet;

use lentil_unary::{BinaryOp, Carrier, Fold, Op, Prim, Region, Site, Slot};

use crate::einsum::Einsum;
use crate::options::Arithmetic;
use crate::view::{Emit, Rewriter, View, sweep};

/// The region with its sums of products and its orderly reads raised; see the module's header.
pub fn raise(region: &Region, arithmetic: Arithmetic) -> Region {
    let mut uses = vec![0_u32; region.slots().len()];
    let read = region.steps().iter().flat_map(|s| &s.args);
    for slot in read.chain(region.results()) {
        uses[slot.index()] += 1;
    }
    let mut raiser = Raiser {
        r: Rewriter::new(region.params()),
        arithmetic,
    };
    let mut map = raiser.r.params();
    // Which slots stand for one already.
    let mut stands: HashSet<Slot> = map.iter().copied().collect();
    for step in region.steps() {
        let args: Vec<Slot> = step.args.iter().map(|a| map[a.index()]).collect();
        let slots = match &step.op {
            Op::Prim(prim) if step.types.len() == 1 => vec![raiser.prim(prim, &args)],
            op => raiser.r.emit(op, &args),
        };
        for slot in slots {
            if uses[map.len()] > 1 || stands.contains(&slot) {
                raiser.r.share(slot);
            }
            stands.insert(slot);
            map.push(slot);
        }
    }
    let results = region.results().iter().map(|r| map[r.index()]).collect();
    sweep(&raiser.r.finish(results))
}

struct Raiser {
    r: Rewriter,
    arithmetic: Arithmetic,
}

/// What an index array is, seen along the axes of the indices' shape.
struct Index {
    view: View,
    /// If it counts up along one axis: that axis, the first index, the distance.
    counts: Option<(usize, usize, usize)>,
}

impl Raiser {
    fn prim(&mut self, prim: &Prim, args: &[Slot]) -> Slot {
        let raised = match prim {
            Prim::Reduce {
                fold: Fold::Sum,
                axes,
            } => self.sum(args[0], axes),
            Prim::Contract { .. } => self.contract(prim, args),
            Prim::Transpose(_) | Prim::Broadcast { .. } => self.moved(prim, args[0]),
            Prim::Gather { axes, site } => self.gather(*axes, *site, args),
            Prim::ScatterAdd { axes, site } => self.scatter(*axes, *site, args),
            _ => None,
        };
        raised.unwrap_or_else(|| self.r.prim(prim.clone(), args))
    }

    /// A sum over a product or a contraction that nothing else reads.
    fn sum(&mut self, x: Slot, axes: &[usize]) -> Option<Slot> {
        let view = self.r.view(x);
        if self.r.is_shared(x) || self.r.is_shared(view.base) {
            return None;
        }
        let shape = self.r.shape(x);
        let einsum = Einsum::of(&self.r, view.base)?;
        let einsum = einsum
            .viewed(&view.from, &shape)
            .summed(axes)
            .resolved(&self.r);
        self.emit(&einsum, self.r.ty(x).carrier)
    }

    /// A contraction of transposed or repeated arrays.
    fn contract(&mut self, prim: &Prim, args: &[Slot]) -> Option<Slot> {
        let views = args.iter().map(|&a| self.r.view(a));
        if views.into_iter().all(|v| v.is_identity()) {
            return None;
        }
        let slot = self.r.prim(prim.clone(), args);
        let einsum = Einsum::of(&self.r, slot)?.resolved(&self.r);
        self.emit(&einsum, self.r.ty(slot).carrier)
    }

    /// A sum of products, if the arithmetic allows it.
    fn emit(&mut self, einsum: &Einsum<Slot>, carrier: Carrier) -> Option<Slot> {
        let allowed = einsum.allowed(self.arithmetic, carrier);
        allowed.then(|| einsum.emit(&mut self.r, self.arithmetic, carrier))
    }

    /// Chains of transpositions and repetitions; a transposed contraction that can come out transposed.
    fn moved(&mut self, prim: &Prim, x: Slot) -> Option<Slot> {
        let slot = self.r.prim(prim.clone(), &[x]);
        let shape = self.r.shape(slot);
        let view = self.r.view(slot);
        let product = matches!(self.r.made(view.base), Some((Prim::Contract { .. }, _)));
        if product && !self.r.is_shared(x) && !self.r.is_shared(view.base) {
            let einsum = Einsum::of(&self.r, view.base)?.viewed(&view.from, &shape);
            let carrier = self.r.ty(x).carrier;
            return Some(einsum.emit(&mut self.r, self.arithmetic, carrier));
        }
        (view.base != x).then(|| self.r.place(&view.base, &view.from, &shape))
    }

    fn index(&self, slot: Slot) -> Index {
        let view = self.r.view(slot);
        let counts = match view.places()[..] {
            [axis] => self
                .counts(view.base)
                .map(|(start, step)| (axis, start, step)),
            _ => None,
        };
        Index { view, counts }
    }

    /// If an array of one axis counts up: the first number and the distance.
    fn counts(&self, slot: Slot) -> Option<(usize, usize)> {
        match self.r.made(slot)? {
            (Prim::Iota(_), _) => Some((0, 1)),
            (Prim::Binary(BinaryOp::Add), &[x, y]) => {
                let one = |x, y| Some((self.counts(x)?, self.constant(y)?));
                let ((start, step), more) = one(x, y).or_else(|| one(y, x))?;
                Some((start.checked_add(more)?, step))
            }
            (Prim::Binary(BinaryOp::Mul), &[x, y]) => {
                let one = |x, y| Some((self.counts(x)?, self.constant(y)?));
                let ((start, step), times) = one(x, y).or_else(|| one(y, x))?;
                let step = step.checked_mul(times).filter(|&s| s > 0)?;
                Some((start.checked_mul(times)?, step))
            }
            _ => None,
        }
    }

    /// If every element is one and the same natural number: that.
    fn constant(&self, slot: Slot) -> Option<usize> {
        match self.r.made(self.r.view(slot).base)?.0 {
            Prim::Literal(l) if l.carrier() == Carrier::Int => usize::try_from(l.as_i64()).ok(),
            _ => None,
        }
    }

    /// Which indices count up along an axis that no other index depends on, within the array's axis.
    fn free(&self, data: Slot, indices: &[Index], shape: &[usize]) -> Vec<bool> {
        let data = self.r.ty(data);
        let counted = |(m, index): (usize, &Index)| {
            let Some((axis, start, step)) = index.counts else {
                return false;
            };
            let alone = indices.iter().enumerate();
            let alone = alone
                .filter(|(k, _)| *k != m)
                .all(|(_, other)| other.view.from[axis].is_none());
            let last = shape[axis].checked_sub(1).and_then(|k| k.checked_mul(step));
            let last = last.and_then(|k| k.checked_add(start));
            alone && last.is_some_and(|last| last < data.shape[m])
        };
        indices.iter().enumerate().map(counted).collect()
    }

    /// The other indices over the axes of the shape that stay.
    fn rest(
        &mut self,
        indices: &[Index],
        keep: &[bool],
        stay: &[usize],
        shape: &[usize],
    ) -> Vec<Slot> {
        let shape: Vec<usize> = stay.iter().map(|&axis| shape[axis]).collect();
        let kept = indices.iter().zip(keep).filter(|(_, keep)| **keep);
        let views: Vec<View> = kept
            .map(|(index, _)| View {
                base: index.view.base,
                from: stay.iter().map(|&axis| index.view.from[axis]).collect(),
            })
            .collect();
        let place = |v: &View| self.r.place(&v.base, &v.from, &shape);
        views.iter().map(place).collect()
    }

    fn gather(&mut self, axes: usize, site: Site, args: &[Slot]) -> Option<Slot> {
        let shape = self.r.shape(args[1]);
        let indices: Vec<Index> = args[1..].iter().map(|&i| self.index(i)).collect();
        let free = self.free(args[0], &indices, &shape);
        let read: Vec<bool> = free.iter().map(|f| !f).collect();
        // The axes of the indices' shape that some index still reads along.
        let along = |axis: &usize| {
            let mut kept = indices.iter().zip(&read).filter(|(_, read)| **read);
            kept.any(|(index, _)| index.view.from[*axis].is_some())
        };
        let stay: Vec<usize> = (0..shape.len()).filter(along).collect();
        if stay.len() == shape.len() || shape.contains(&0) || !leads(&read) {
            return None;
        }
        let data = self.sliced(args[0], &indices, &free, &shape);
        let gone: Vec<usize> = (indices.iter().zip(&free))
            .filter_map(|(index, free)| index.counts.filter(|_| *free).map(|c| c.0))
            .collect();
        let rest = self.rest(&indices, &read, &stay, &shape);
        let mut result_shape = shape.clone();
        result_shape.extend_from_slice(&self.r.shape(args[0])[axes..]);
        let base = if rest.is_empty() {
            data
        } else {
            let axes = rest.len();
            let slots = [&[data], &rest[..]].concat();
            self.r.prim(Prim::Gather { axes, site }, &slots)
        };
        // The axes of what is read: those that stay, the free ones, those that are not indexed.
        let lead = stay.len();
        let own = |axis: usize| {
            let free = gone.iter().position(|&g| g == axis).map(|k| lead + k);
            free.or_else(|| stay.iter().position(|&s| s == axis))
        };
        let tail = (0..result_shape.len() - shape.len()).map(|k| Some(lead + gone.len() + k));
        let from: Vec<Option<usize>> = (0..shape.len()).map(own).chain(tail).collect();
        Some(self.r.place(&base, &from, &result_shape))
    }

    /// The data with only those elements that free indices read, in order.
    fn sliced(&mut self, data: Slot, indices: &[Index], free: &[bool], shape: &[usize]) -> Slot {
        let full = self.r.shape(data);
        let (mut start, mut len, mut step) =
            (vec![0; full.len()], full.clone(), vec![1; full.len()]);
        for (m, index) in indices.iter().enumerate().filter(|(m, _)| free[*m]) {
            if let Some((axis, first, distance)) = index.counts {
                (start[m], len[m], step[m]) = (first, shape[axis], distance);
            }
        }
        if len == full {
            return data;
        }
        self.r.prim(Prim::Slice { start, len, step }, &[data])
    }

    fn scatter(&mut self, axes: usize, site: Site, args: &[Slot]) -> Option<Slot> {
        let (acc, values) = (args[0], args[axes + 1]);
        let carrier = self.r.ty(acc).carrier;
        let shape = self.r.shape(args[1]);
        let indices: Vec<Index> = args[1..=axes].iter().map(|&i| self.index(i)).collect();
        let acc_shape = self.r.shape(acc);
        let free: Vec<bool> = (self.free(acc, &indices, &shape).iter().zip(&indices))
            .enumerate()
            .map(|(m, (free, index))| {
                let full = |(axis, ..): (usize, usize, usize)| shape[axis] == acc_shape[m];
                *free && index.counts.is_some_and(full)
            })
            .collect();
        let unused = |axis: &usize| indices.iter().all(|i| i.view.from[*axis].is_none());
        let summed: Vec<usize> = if self.arithmetic.rearranges(carrier) {
            (0..shape.len()).filter(unused).collect()
        } else {
            Vec::new()
        };
        let written: Vec<bool> = free.iter().map(|f| !f).collect();
        let orderly = free.contains(&true) && leads(&written);
        if (!orderly && summed.is_empty()) || shape.contains(&0) {
            return None;
        }
        let keep = if orderly { written } else { vec![true; axes] };
        let gone: Vec<usize> = (indices.iter().zip(&keep))
            .filter_map(|(index, keep)| index.counts.filter(|_| !keep).map(|c| c.0))
            .collect();
        // Without a rearrangement, values for axes that no index names must still go in one by one.
        let stay: Vec<usize> = (0..shape.len())
            .filter(|a| !gone.contains(a) && !summed.contains(a))
            .collect();
        let rest = self.rest(&indices, &keep, &stay, &shape);
        if rest.is_empty() && !stay.is_empty() {
            return None;
        }
        let values = match &summed[..] {
            [] => values,
            // A sum of one, where its sign of zero does not matter.
            axes if axes.iter().all(|&a| shape[a] == 1) => {
                let kept = self.r.shape(values);
                let kept = kept.iter().enumerate().filter(|(a, _)| !axes.contains(a));
                let kept = kept.map(|(_, &n)| n).collect();
                self.r.prim(Prim::Reshape(kept), &[values])
            }
            axes => {
                let raised = self.sum(values, axes);
                let (fold, axes) = (Fold::Sum, axes.to_vec());
                raised.unwrap_or_else(|| self.r.prim(Prim::Reduce { fold, axes }, &[values]))
            }
        };
        // Of the axes that are left: first those that stay, then the free ones in the array's order.
        let left: Vec<usize> = (0..shape.len()).filter(|a| !summed.contains(a)).collect();
        let at = |axis: &usize| left.iter().position(|l| l == axis);
        let tail = left.len()..self.r.ty(values).rank();
        let order = stay.iter().chain(&gone).filter_map(at).chain(tail);
        let order: Vec<usize> = order.collect();
        let values = self.r.transpose(&values, &order);
        if rest.is_empty() {
            return Some(self.r.prim(Prim::Binary(BinaryOp::Add), &[acc, values]));
        }
        let slots = [&[acc], &rest[..], &[values]].concat();
        let axes = rest.len();
        Some(self.r.prim(Prim::ScatterAdd { axes, site }, &slots))
    }
}

/// Whether all marked places come before all others: else axes of the array would have to be moved first.
fn leads(marked: &[bool]) -> bool {
    marked.windows(2).all(|pair| pair[0] || !pair[1])
}
