//! Long sums in blocks.
//!
//! *Before*: a region whose derivatives are taken.
//! *After*: a sum of more than [`LONG`] numbers in single precision is a sum of the sums of blocks, about
//! √n of them, so that about 2√n roundings follow one another and not n; a contraction that keeps
//! the axes of one argument at most, such as a dot product, likewise.
//! *Size*: up to five steps more for each such sum.
//!
//! (Added one after another, ten million times 0.1 is 1 087 937 in single precision.) What
//! `exact` arithmetic asks for is left in its order, and so are loops that a program writes itself.

use lentil_unary::{Builder, Carrier, Fold, Op, Prim, Rebuild, Rebuilt, Region, Slot};

/// Up to how many numbers are added one after another.
pub const LONG: usize = 4096;

/// The region with its long sums in blocks; see the module's header.
pub fn blocks(region: &Region) -> Region {
    Blocks::default().region(region)
}

#[derive(Default)]
struct Blocks {
    rebuilt: Rebuilt,
}

impl Rebuild for Blocks {
    fn rebuilt(&mut self) -> &mut Rebuilt {
        &mut self.rebuilt
    }

    fn append(&mut self, b: &mut Builder, op: &Op, args: &[Slot]) -> Vec<Slot> {
        match op {
            Op::Prim(Prim::Reduce {
                fold: Fold::Sum,
                axes,
            }) => vec![sum(b, args[0], axes)],
            Op::Prim(Prim::Contract { batch, sum }) => {
                vec![contract(b, [args[0], args[1]], batch, sum)]
            }
            op => b.emit(self.inside(op), args),
        }
    }
}

/// How many blocks of which length make up a long axis, and how many elements are left. Blocks of a
/// length that divides it are preferred, where there is one near the root.
fn divided(n: usize) -> (usize, usize, usize) {
    let root = n.isqrt();
    let whole = (root..=4 * root).find(|d| n.is_multiple_of(*d));
    let length = whole.unwrap_or(root);
    (n / length, length, n % length)
}

fn sum(b: &mut Builder, x: Slot, axes: &[usize]) -> Slot {
    let shape = b.ty(x).shape.clone();
    let all: usize = axes.iter().map(|&a| shape[a]).product();
    if b.ty(x).carrier != Carrier::F32 || all <= LONG {
        return b.sum(x, axes);
    }
    // Axis by axis, the last one first: it is the one that neighbours in memory are along.
    let (mut others, mut axis) = (axes.to_vec(), 0);
    if let Some(k) = (0..others.len()).max_by_key(|&k| others[k]) {
        axis = others.remove(k);
    }
    if !others.is_empty() {
        let rows = sum(b, x, &[axis]);
        return sum(b, rows, &others);
    }
    let (count, length, left) = divided(shape[axis]);
    let main = part(b, x, axis, 0, count * length);
    let main = folded(b, main, axis, count, length);
    let each = b.sum(main, &[axis + 1]);
    let total = sum(b, each, &[axis]);
    match left {
        0 => total,
        left => {
            let rest = part(b, x, axis, count * length, left);
            let rest = b.sum(rest, &[axis]);
            b.add(total, rest)
        }
    }
}

/// A contraction of two arguments.
fn contract(
    b: &mut Builder,
    [x, y]: [Slot; 2],
    batch: &[(usize, usize)],
    summed: &[(usize, usize)],
) -> Slot {
    let shapes = [b.ty(x).shape.clone(), b.ty(y).shape.clone()];
    let inner: usize = summed.iter().map(|&(i, _)| shapes[0][i]).product();
    let rows: usize = batch.iter().map(|&(i, _)| shapes[0][i]).product();
    let kept = |shape: &[usize]| shape.iter().product::<usize>() / (inner * rows).max(1);
    let one_sided = kept(&shapes[0]) <= 1 || kept(&shapes[1]) <= 1;
    if b.ty(x).carrier != Carrier::F32 || inner <= LONG || !one_sided {
        return b.contract(x, y, batch, summed);
    }
    // A long axis; if all are short, the outermost.
    let short = |k: &usize| (shapes[0][summed[*k].0] <= LONG, summed[*k].0);
    let Some(k) = (0..summed.len()).min_by_key(short) else {
        return b.contract(x, y, batch, summed);
    };
    let (i, j) = summed[k];
    let n = shapes[0][i];
    let mut others = summed.to_vec();
    others.remove(k);
    if !others.is_empty() && n <= LONG {
        // The axis is kept, and summed over afterwards.
        let batch = [&[(i, j)], batch].concat();
        let each = contract(b, [x, y], &batch, &others);
        return sum(b, each, &[0]);
    }
    let (count, length, left) = divided(n);
    // The axes behind the one that becomes two are one further on.
    let later = |(a, c): (usize, usize)| (a + usize::from(a > i), c + usize::from(c > j));
    let main = [(x, i), (y, j)].map(|(x, axis)| {
        let main = part(b, x, axis, 0, count * length);
        folded(b, main, axis, count, length)
    });
    let blocks: Vec<(usize, usize)> = std::iter::once((i, j))
        .chain(batch.iter().copied().map(later))
        .collect();
    let within: Vec<(usize, usize)> = std::iter::once((i + 1, j + 1))
        .chain(others.iter().copied().map(later))
        .collect();
    let each = contract(b, main, &blocks, &within);
    let total = sum(b, each, &[0]);
    match left {
        0 => total,
        left => {
            let rest = [(x, i), (y, j)].map(|(x, axis)| part(b, x, axis, count * length, left));
            let rest = contract(b, rest, batch, summed);
            b.add(total, rest)
        }
    }
}

/// Elements along an axis.
fn part(b: &mut Builder, x: Slot, axis: usize, from: usize, count: usize) -> Slot {
    let shape = b.ty(x).shape.clone();
    if shape[axis] == count {
        return x;
    }
    let (mut start, mut len) = (vec![0; shape.len()], shape.clone());
    (start[axis], len[axis]) = (from, count);
    let step = vec![1; shape.len()];
    b.prim(Prim::Slice { start, len, step }, &[x])
}

/// An axis as blocks.
fn folded(b: &mut Builder, x: Slot, axis: usize, count: usize, length: usize) -> Slot {
    let mut shape = b.ty(x).shape.clone();
    shape[axis] = count;
    shape.insert(axis + 1, length);
    b.reshape(x, &shape)
}
