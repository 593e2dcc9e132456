//! Primitives that move elements, composed and cancelled; and pointwise operations done before a
//! repetition rather than after it.

use crate::carrier::{Carrier, Literal};
use crate::prim::{Fold, Prim};
use crate::syntax::Slot;

use super::rewrite::Rewriter;

impl Rewriter<'_, '_> {
    pub(super) fn structure(&mut self, prim: &Prim, args: &[Slot]) -> Option<Slot> {
        match prim {
            Prim::Unary(_)
            | Prim::Binary(_)
            | Prim::Compare(_)
            | Prim::Select
            | Prim::Convert(_) => self.before_broadcast(prim, args),
            Prim::Broadcast { shape, axes } => self.broadcast(args[0], shape, axes),
            Prim::Transpose(perm) => self.transpose(args[0], perm),
            Prim::Reshape(shape) => self.reshape(args[0], shape),
            Prim::Slice { start, len, step } => self.slice(args[0], start, len, step),
            Prim::Pad {
                before,
                after,
                between,
            } => {
                let x = self.ty(args[0]);
                let none = |sizes: &[usize]| sizes.iter().all(|&n| n == 0);
                let gaps = (0..x.rank()).any(|a| x.shape[a] > 1 && between[a] > 0);
                (none(before) && none(after) && !gaps).then_some(args[0])
            }
            Prim::Concat(axis) => self.concat(args, *axis),
            Prim::Flip(axes) => self.flip(args[0], axes),
            Prim::Reduce { fold, axes } => self.reduce(args[0], *fold, axes),
            Prim::Gather { axes, .. } => self.gather(args, *axes),
            Prim::Literal(_)
            | Prim::Iota(_)
            | Prim::ArgMax(_)
            | Prim::ArgMin(_)
            | Prim::ArgSort { .. }
            | Prim::Scan { .. }
            | Prim::Contract { .. }
            | Prim::ScatterAdd { .. }
            | Prim::RandomBits(_)
            | Prim::RandomSplit(_)
            | Prim::RandomFold
            | Prim::Linalg(_)
            | Prim::Trace(_) => None,
        }
    }

    /// `f(broadcast x, broadcast y)` is `broadcast f(x, y)` if both are broadcast alike; constants are
    /// broadcast in any way.
    fn before_broadcast(&mut self, prim: &Prim, args: &[Slot]) -> Option<Slot> {
        let mut way: Option<(Vec<usize>, Vec<usize>)> = None;
        let mut small = Vec::new();
        for &arg in args {
            if self.uniform(arg).is_some() {
                continue;
            }
            let (Prim::Broadcast { axes, .. }, inner) = self.made_by(arg)? else {
                return None;
            };
            let this = (self.ty(inner[0]).shape, axes);
            if way.get_or_insert_with(|| this.clone()) != &this {
                return None;
            }
            small.push(inner[0]);
        }
        let (inner_shape, axes) = way?;
        let shape = self.ty(args[0]).shape;
        let mut small = small.into_iter();
        let inner: Vec<Slot> = args
            .iter()
            .map(|&arg| match self.uniform(arg) {
                Some(literal) => self.builder.full(literal, &inner_shape),
                None => small
                    .next()
                    .expect("one for each argument that is not constant"),
            })
            .collect();
        let result = self.prim(prim.clone(), &inner);
        Some(self.prim(Prim::Broadcast { shape, axes }, &[result]))
    }

    fn broadcast(&mut self, x: Slot, shape: &[usize], axes: &[usize]) -> Option<Slot> {
        let ty = self.ty(x);
        if ty.shape == shape {
            return Some(x);
        }
        let place = |inner: &[usize]| inner.iter().map(|&a| axes[a]).collect::<Vec<usize>>();
        let shape = shape.to_vec();
        match self.made_by(x) {
            Some((Prim::Broadcast { axes: inner, .. }, args)) => {
                let axes = place(&inner);
                return Some(self.prim(Prim::Broadcast { shape, axes }, &args));
            }
            // A reshape that only inserted axes of length 1 is a broadcast, too.
            Some((Prim::Reshape(_), args)) => {
                if let Some(inner) = embedding(&self.ty(args[0]).shape, &ty.shape) {
                    let axes = place(&inner);
                    return Some(self.prim(Prim::Broadcast { shape, axes }, &args));
                }
            }
            _ => {}
        }
        (ty.len() == shape.iter().product()).then(|| self.prim(Prim::Reshape(shape), &[x]))
    }

    fn transpose(&mut self, x: Slot, perm: &[usize]) -> Option<Slot> {
        if perm.iter().enumerate().all(|(i, &p)| i == p) {
            return Some(x);
        }
        let ty = self.ty(x);
        let long: Vec<usize> = perm.iter().copied().filter(|&p| ty.shape[p] != 1).collect();
        let shape: Vec<usize> = perm.iter().map(|&p| ty.shape[p]).collect();
        if long.is_sorted() {
            return Some(self.prim(Prim::Reshape(shape), &[x]));
        }
        match self.made_by(x)? {
            (Prim::Transpose(inner), args) => {
                let perm = perm.iter().map(|&p| inner[p]).collect();
                Some(self.prim(Prim::Transpose(perm), &args))
            }
            (Prim::Broadcast { axes, .. }, args) => {
                // Where each axis of the small array ends up, and those places in order.
                let mut places: Vec<(usize, usize)> = Vec::new();
                for (place, p) in perm.iter().enumerate() {
                    places.extend(axes.iter().position(|a| a == p).map(|inner| (place, inner)));
                }
                let order = places.iter().map(|&(_, inner)| inner).collect();
                let axes = places.iter().map(|&(place, _)| place).collect();
                let small = self.prim(Prim::Transpose(order), &args);
                Some(self.prim(Prim::Broadcast { shape, axes }, &[small]))
            }
            _ => None,
        }
    }

    fn reshape(&mut self, x: Slot, shape: &[usize]) -> Option<Slot> {
        if self.ty(x).shape == shape {
            return Some(x);
        }
        match self.made_by(x)? {
            (Prim::Reshape(_), args) => Some(self.prim(Prim::Reshape(shape.to_vec()), &args)),
            _ => None,
        }
    }

    fn slice(&mut self, x: Slot, start: &[usize], len: &[usize], step: &[usize]) -> Option<Slot> {
        let ty = self.ty(x);
        if ty.shape == len {
            return Some(x); // all of them fit only in their order
        }
        let rank = ty.rank();
        match self.made_by(x)? {
            (
                Prim::Slice {
                    start: s, step: t, ..
                },
                args,
            ) => {
                let start = (0..rank).map(|a| s[a] + start[a] * t[a]).collect();
                let step = (0..rank).map(|a| step[a] * t[a]).collect();
                let len = len.to_vec();
                Some(self.prim(Prim::Slice { start, len, step }, &args))
            }
            (Prim::Broadcast { axes, .. }, args) => {
                let kept = |sizes: &[usize]| axes.iter().map(|&a| sizes[a]).collect::<Vec<usize>>();
                let small = Prim::Slice {
                    start: kept(start),
                    len: kept(len),
                    step: kept(step),
                };
                let small = self.prim(small, &args);
                let shape = len.to_vec();
                Some(self.prim(Prim::Broadcast { shape, axes }, &[small]))
            }
            (
                Prim::Pad {
                    before, between, ..
                },
                args,
            ) => {
                let inner = self.ty(args[0]);
                let undone = (0..rank).all(|a| {
                    start[a] == before[a]
                        && len[a] == inner.shape[a]
                        && (len[a] <= 1 || step[a] == between[a] + 1)
                });
                undone.then_some(args[0])
            }
            (Prim::Concat(axis), args) => {
                let mut first = 0;
                for part in args {
                    let size = self.ty(part).shape[axis];
                    let last = start[axis] + (len[axis].max(1) - 1) * step[axis];
                    if start[axis] >= first && last < first + size {
                        let mut start = start.to_vec();
                        start[axis] -= first;
                        let (len, step) = (len.to_vec(), step.to_vec());
                        return Some(self.prim(Prim::Slice { start, len, step }, &[part]));
                    }
                    first += size;
                }
                None
            }
            _ => None,
        }
    }

    fn concat(&mut self, args: &[Slot], axis: usize) -> Option<Slot> {
        if let [only] = args {
            return Some(*only);
        }
        let mut parts = Vec::new();
        for &arg in args {
            match self.made_by(arg) {
                Some((Prim::Concat(inner), within)) if inner == axis => parts.extend(within),
                _ if self.ty(arg).shape[axis] > 0 => parts.push(arg),
                _ => {}
            }
        }
        (parts != args).then(|| self.prim(Prim::Concat(axis), &parts))
    }

    fn flip(&mut self, x: Slot, axes: &[usize]) -> Option<Slot> {
        let ty = self.ty(x);
        let made = self.made_by(x);
        // Along an axis of equal elements nothing moves.
        let moves = |axis: &usize| match &made {
            Some((Prim::Broadcast { axes, .. }, _)) => axes.contains(axis),
            _ => ty.shape[*axis] > 1,
        };
        let mut left: Vec<usize> = axes.iter().copied().filter(moves).collect();
        if left.is_empty() {
            return Some(x);
        }
        if let Some((Prim::Flip(inner), args)) = &made {
            left.retain(|a| !inner.contains(a));
            left.extend(inner.iter().filter(|a| !axes.contains(a)));
            left.sort_unstable();
            return Some(self.prim(Prim::Flip(left), args));
        }
        (left != axes).then(|| self.prim(Prim::Flip(left), &[x]))
    }

    fn reduce(&mut self, x: Slot, fold: Fold, axes: &[usize]) -> Option<Slot> {
        let ty = self.ty(x);
        let adds_zero = matches!(fold, Fold::Sum | Fold::LogSumExp) && ty.carrier.is_real();
        // The sum of one -0 is 0, so that over the reals even a sum of one is not that one.
        if adds_zero || axes.iter().any(|&a| ty.shape[a] != 1) {
            return None;
        }
        let shape = (0..ty.rank())
            .filter(|a| !axes.contains(a))
            .map(|a| ty.shape[a]);
        Some(self.prim(Prim::Reshape(shape.collect()), &[x]))
    }

    /// Reading at 0, 1, …, or at one known place.
    fn gather(&mut self, args: &[Slot], axes: usize) -> Option<Slot> {
        let ty = self.ty(args[0]);
        let rank = ty.rank();
        let mut start = vec![0; rank];
        let mut len = ty.shape.clone();
        if let (1, Some((Prim::Iota(n), _))) = (axes, self.made_by(args[1])) {
            if n > ty.shape[0] {
                return None; // it traps
            }
            len[0] = n;
            let step = vec![1; rank];
            return Some(self.prim(Prim::Slice { start, len, step }, &args[..1]));
        }
        if self.ty(args[1]).rank() > 0 {
            return None;
        }
        for axis in 0..axes {
            let index = self.uniform(args[1 + axis])?.as_i64();
            start[axis] = usize::try_from(index)
                .ok()
                .filter(|&i| i < ty.shape[axis])?;
            len[axis] = 1;
        }
        let step = vec![1; rank];
        let cell = self.prim(Prim::Slice { start, len, step }, &args[..1]);
        Some(self.prim(Prim::Reshape(ty.shape[axes..].to_vec()), &[cell]))
    }

    /// The constant 0 of `int`.
    pub(super) fn first_index(&mut self) -> Slot {
        self.builder.literal(Literal::zero(Carrier::Int))
    }
}

/// Which axes of `large` are those of `small`, if the others have length 1.
fn embedding(small: &[usize], large: &[usize]) -> Option<Vec<usize>> {
    let mut places = Vec::new();
    for (place, &size) in large.iter().enumerate() {
        if small.get(places.len()) == Some(&size) {
            places.push(place);
        } else if size != 1 {
            return None;
        }
    }
    (places.len() == small.len()).then_some(places)
}
