//! Values of slots during lowering, and views: arrays that lie in a buffer with any strides.

use lentil_unary::{Literal, Prim};

use crate::syntax::{Address, Affine, BufferId};

/// What a slot is, when its consumers are lowered.
#[derive(Clone, Debug)]
pub enum Value {
    /// It lies in memory.
    View(View),
    /// All its elements are this constant.
    Uniform(Literal),
    /// It is an `int` scalar, affine in the counters of enclosing loops.
    Counter(Affine),
    /// It is computed where it is read.
    Lazy,
}

/// An array in a buffer: element `i` is at `offset + Σ strides · i`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The buffer.
    pub buffer: BufferId,
    /// Where element zero is.
    pub offset: Affine,
    /// The distance along each axis.
    pub strides: Vec<i64>,
}

impl View {
    /// A row-major array that begins at the start of a buffer.
    pub fn whole(buffer: BufferId, shape: &[usize]) -> View {
        View {
            buffer,
            offset: Affine::default(),
            strides: row_major(shape),
        }
    }

    /// Where an element is.
    pub fn at(&self, index: &[Affine]) -> Address {
        let mut at = self.offset.clone();
        for (i, &stride) in index.iter().zip(&self.strides) {
            at = at.plus(i, stride);
        }
        Address {
            buffer: self.buffer,
            index: at,
        }
    }

    /// Where element zero is.
    pub fn start(&self) -> Address {
        self.at(&[])
    }

    /// The element `i` along the leading axis.
    pub fn element(&self, i: &Affine) -> View {
        View {
            buffer: self.buffer,
            offset: self.offset.clone().plus(i, self.strides[0]),
            strides: self.strides[1..].to_vec(),
        }
    }

    /// Whether the elements of this shape lie in row-major order without gaps.
    pub fn contiguous(&self, shape: &[usize]) -> bool {
        shape.contains(&0)
            || (row_major(shape).iter().zip(&self.strides).zip(shape))
                .all(|((want, have), &n)| n == 1 || want == have)
    }

    /// The view of a structural primitive's result, given its argument's shape and its result's shape.
    /// `None` for a reshape that no strides express.
    pub fn structural(&self, prim: &Prim, shape: &[usize], result: &[usize]) -> Option<View> {
        let in_order = matches!(prim, Prim::Reshape(_)) && self.contiguous(shape);
        if in_order || result.contains(&0) {
            return Some(View {
                buffer: self.buffer,
                offset: self.offset.clone(),
                strides: row_major(result),
            });
        }
        if let Prim::Reshape(_) = prim {
            return None;
        }
        self.through(result, |index| map_index(prim, shape, index))
    }

    /// The view of what reads this one through an index map that is affine in each axis: its value at the
    /// origin gives the offset, and what one step along a result axis moves gives the stride.
    pub fn through(
        &self,
        result: &[usize],
        map: impl Fn(&[Affine]) -> Option<Vec<Affine>>,
    ) -> Option<View> {
        let origin = map(&vec![Affine::default(); result.len()])?;
        let offset = self.at(&origin).index;
        let strides = (0..result.len()).map(|axis| {
            let mut index = vec![Affine::default(); result.len()];
            index[axis] = Affine::constant(1);
            let there = map(&index)?;
            Some(self.at(&there).index.plus(&offset, -1).constant)
        });
        let strides = strides.collect::<Option<Vec<i64>>>()?;
        Some(View {
            buffer: self.buffer,
            offset,
            strides,
        })
    }
}

/// The strides of a row-major array. An empty array has no elements: it stays where it begins.
pub fn row_major(shape: &[usize]) -> Vec<i64> {
    if shape.contains(&0) {
        return vec![0; shape.len()];
    }
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis] as i64;
    }
    strides
}

/// Whether a primitive only rearranges its argument: each result element is one argument element.
pub fn is_structural(prim: &Prim) -> bool {
    matches!(
        prim,
        Prim::Broadcast { .. }
            | Prim::Transpose(_)
            | Prim::Reshape(_)
            | Prim::Slice { .. }
            | Prim::Flip(_)
    )
}

/// Which element of the argument (of this shape) an element of a structural primitive's result is.
/// `None` if that is not affine: a reshape that joins axes of the argument differently.
pub fn map_index(prim: &Prim, shape: &[usize], index: &[Affine]) -> Option<Vec<Affine>> {
    match prim {
        Prim::Broadcast { axes, .. } => Some(axes.iter().map(|&a| index[a].clone()).collect()),
        Prim::Transpose(perm) => {
            let mut there = vec![Affine::default(); perm.len()];
            for (i, &p) in perm.iter().enumerate() {
                there[p] = index[i].clone();
            }
            Some(there)
        }
        Prim::Slice { start, step, .. } => {
            let along =
                |a: usize| Affine::constant(start[a] as i64).plus(&index[a], step[a] as i64);
            Some((0..index.len()).map(along).collect())
        }
        Prim::Flip(axes) => {
            let along = |a: usize| {
                if axes.contains(&a) {
                    Affine::constant(shape[a] as i64 - 1).plus(&index[a], -1)
                } else {
                    index[a].clone()
                }
            };
            Some((0..index.len()).map(along).collect())
        }
        Prim::Reshape(result) => split_axes(shape, result, index),
        _ => None,
    }
}

/// The index of a reshape that only splits axes of the argument (and adds or drops axes of length one).
pub fn split_axes(shape: &[usize], result: &[usize], index: &[Affine]) -> Option<Vec<Affine>> {
    let mut there = Vec::with_capacity(shape.len());
    let mut axes = result.iter().zip(index).filter(|&(&n, _)| n != 1);
    for &n in shape {
        let mut along = Affine::default();
        let mut size = 1;
        while size < n {
            let (&part, i) = axes.next()?;
            along = Affine::default().plus(&along, part as i64).plus(i, 1);
            size *= part;
        }
        if size != n.max(1) {
            return None;
        }
        there.push(along);
    }
    axes.next().is_none().then_some(there)
}

/// One stride for several axes taken as one, in row-major order; `None` if there is none.
pub fn join_strides(axes: &[(usize, i64)]) -> Option<i64> {
    let mut joined: Option<(usize, i64)> = None; // of the axes so far, from the innermost
    for &(n, stride) in axes.iter().rev().filter(|a| a.0 != 1) {
        joined = match joined {
            None => Some((n, stride)),
            Some((size, inner)) if stride == inner * size as i64 => Some((size * n, inner)),
            Some(_) => return None,
        };
    }
    Some(joined.map_or(1, |(_, stride)| stride))
}
