//! Lowers tensor contractions: to a matrix product by a library kernel, or to a plain nest.

use lentil_unary::{BinaryOp, Carrier, Fold, Slot, Type};

use super::nest::NestBuilder;
use super::region::Lowering;
use super::view::{Value, View, join_strides};
use crate::syntax::{Affine, Count, Expr, Gemm, Matrix, Step, Stmt};

/// From how many multiply-adds on a library kernel is worth its call.
const GEMM_WORTH: usize = 256;

/// The axes of a contraction. Each list of pairs names an axis of `a` and one of `b`.
struct Axes {
    batch: Vec<(usize, usize)>,
    sum: Vec<(usize, usize)>,
    free_a: Vec<usize>,
    free_b: Vec<usize>,
}

impl Axes {
    fn new(a: &Type, b: &Type, batch: &[(usize, usize)], sum: &[(usize, usize)]) -> Axes {
        let used = || batch.iter().chain(sum);
        let free = |rank: usize, pick: fn(&(usize, usize)) -> usize| {
            (0..rank)
                .filter(|&i| used().all(|p| pick(p) != i))
                .collect()
        };
        Axes {
            batch: batch.to_vec(),
            sum: sum.to_vec(),
            free_a: free(a.rank(), |p| p.0),
            free_b: free(b.rank(), |p| p.1),
        }
    }
}

fn product(ty: &Type, axes: impl Iterator<Item = usize>) -> usize {
    axes.map(|a| ty.shape[a]).product()
}

impl Lowering<'_> {
    /// Lowers a contraction into its result's storage.
    pub fn contract(
        &mut self,
        group: usize,
        slot: Slot,
        a: Slot,
        b: Slot,
        batch: &[(usize, usize)],
        sum: &[(usize, usize)],
    ) {
        let (ta, tb) = (self.ty(a), self.ty(b));
        let axes = Axes::new(ta, tb, batch, sum);
        let m = product(ta, axes.free_a.iter().copied());
        let n = product(tb, axes.free_b.iter().copied());
        let k = product(ta, axes.sum.iter().map(|p| p.0));
        let worth = m > 1 && n > 1 && m.saturating_mul(n).saturating_mul(k) >= GEMM_WORTH;
        if ta.carrier.is_real() && worth && !self.session.options.exact {
            self.gemm(group, slot, a, b, &axes, [m, n, k]);
        } else {
            self.plain_contract(group, slot, a, b, &axes);
        }
    }

    fn plain_contract(&mut self, group: usize, slot: Slot, a: Slot, b: Slot, axes: &Axes) {
        let (ta, tb, carrier) = (self.ty(a), self.ty(b), self.ty(a).carrier);
        let shape = &self.ty(slot).shape;
        let out = self.storage(slot, group);
        if shape.contains(&0) {
            return;
        }
        let zero = Fold::Sum.unit(carrier);
        let rows = self.in_rows(a, b, axes);
        if rows {
            self.fill_with(&out, shape, zero);
        }
        let mut nest = NestBuilder::new();
        let mut index_a = vec![Affine::default(); ta.rank()];
        let mut index_b = vec![Affine::default(); tb.rank()];
        let mut place = Vec::new();
        for &(i, j) in &axes.batch {
            index_a[i] = nest.open(self.unit, ta.shape[i], false);
            index_b[j] = index_a[i].clone();
            place.push(index_a[i].clone());
        }
        for &i in &axes.free_a {
            index_a[i] = nest.open(self.unit, ta.shape[i], false);
            place.push(index_a[i].clone());
        }
        let mut cell = None;
        if !rows {
            for &j in &axes.free_b {
                index_b[j] = nest.open(self.unit, tb.shape[j], false);
                place.push(index_b[j].clone());
            }
            let first = nest.literal(self.unit, zero);
            cell = Some(nest.cell(self.unit, first));
        }
        for &(i, j) in &axes.sum {
            index_a[i] = nest.open(self.unit, ta.shape[i], false);
            index_b[j] = index_a[i].clone();
        }
        if rows {
            for &j in &axes.free_b {
                index_b[j] = nest.open(self.unit, tb.shape[j], false);
                place.push(index_b[j].clone());
            }
        }
        let x = self.read(&mut nest, a, &index_a);
        let y = self.read(&mut nest, b, &index_b);
        let mut bind = |expr| nest.bind_here(self.unit, expr, carrier);
        let term = bind(Expr::Binary(BinaryOp::Mul, x, y));
        match cell {
            Some(cell) => {
                let next = bind(Expr::Binary(BinaryOp::Add, cell, term));
                nest.push(Stmt::Set(cell, next));
                nest.close(axes.sum.len());
                nest.store(out.at(&place), cell);
            }
            None => {
                let old = bind(Expr::Load(out.at(&place)));
                let next = bind(Expr::Binary(BinaryOp::Add, old, term));
                nest.store(out.at(&place), next);
            }
        }
        self.push(nest);
    }

    /// Whether rows of `b` should be added to rows of the result, rather than each cell summed by itself:
    /// then the innermost loop runs along memory.
    fn in_rows(&mut self, a: Slot, b: Slot, axes: &Axes) -> bool {
        let (ta, tb) = (self.ty(a), self.ty(b));
        let along = axes.free_b.iter().rev().find(|&&j| tb.shape[j] != 1);
        let Some(&inner) = along else {
            return false;
        };
        let empty = axes.sum.iter().any(|&(i, _)| ta.shape[i] == 0);
        ta.carrier.is_real() && !empty && tb.shape[inner] >= 4 && self.stride(b, inner) == Some(1)
    }

    /// The distance of neighbours along an axis, for a slot in memory.
    fn stride(&mut self, slot: Slot, axis: usize) -> Option<i64> {
        match &self.values[slot.index()] {
            Value::View(view) => Some(view.strides[axis]),
            Value::Lazy => self.as_view(slot).map(|view| view.strides[axis]),
            Value::Uniform(_) | Value::Counter(_) => None,
        }
    }

    fn gemm(&mut self, group: usize, slot: Slot, a: Slot, b: Slot, axes: &Axes, mnk: [usize; 3]) {
        let [m, n, k] = mnk;
        let (ta, tb) = (self.ty(a), self.ty(b));
        let carrier = ta.carrier;
        let left: Vec<usize> = axes.sum.iter().map(|p| p.0).collect();
        let right: Vec<usize> = axes.sum.iter().map(|p| p.1).collect();
        let (view_a, row_a, column_a) = self.matrix(a, &axes.free_a, &left);
        let (view_b, row_b, column_b) = self.matrix(b, &right, &axes.free_b);
        let out = self.storage(slot, group);
        let mut counts = Vec::new();
        let (mut at_a, mut at_b, mut at_c) = (view_a.start(), view_b.start(), out.start());
        for (axis, &(i, j)) in axes.batch.iter().enumerate() {
            let n = ta.shape[i];
            let var = self.unit.var(Carrier::Int);
            let i_var = Affine::var(var);
            at_a.index = at_a.index.plus(&i_var, view_a.strides[i]);
            at_b.index = at_b.index.plus(&i_var, view_b.strides[j]);
            at_c.index = at_c.index.plus(&i_var, out.strides[axis]);
            counts.push(Count {
                var,
                n,
                backward: false,
            });
        }
        debug_assert_eq!(product(tb, right.iter().copied()), k);
        let matrix = |at, row, column| Matrix { at, row, column };
        let gemm = Step::Gemm(Gemm {
            carrier,
            m,
            n,
            k,
            a: matrix(at_a, row_a, column_a),
            b: matrix(at_b, row_b, column_b),
            c: matrix(at_c, n as i64, 1),
        });
        let looped = counts
            .into_iter()
            .rev()
            .fold(gemm, |step, count| Step::Loop {
                count,
                limit: None,
                body: vec![step],
            });
        self.steps.push(looped);
    }

    /// A factor as a matrix with these row and column axes: its view, and its two strides.
    /// Copies it if several axes cannot be walked as one.
    fn matrix(&mut self, slot: Slot, rows: &[usize], columns: &[usize]) -> (View, i64, i64) {
        let ty = self.ty(slot);
        let mut view = self.view(slot);
        let joined = |view: &View, axes: &[usize]| {
            let axes: Vec<(usize, i64)> = axes
                .iter()
                .map(|&i| (ty.shape[i], view.strides[i]))
                .collect();
            join_strides(&axes)
        };
        if let (Some(row), Some(column)) = (joined(&view, rows), joined(&view, columns)) {
            return (view, row, column);
        }
        // Copied with the other axes outermost, then rows, then columns.
        let others = (0..ty.rank()).filter(|i| !rows.contains(i) && !columns.contains(i));
        let order: Vec<usize> = others.chain(rows.iter().chain(columns).copied()).collect();
        let sizes: Vec<usize> = order.iter().map(|&i| ty.shape[i]).collect();
        let whole = self.unit.temp(&Type::array(ty.carrier, sizes));
        for (k, &axis) in order.iter().enumerate() {
            view.strides[axis] = whole.strides[k];
        }
        view.buffer = whole.buffer;
        view.offset = whole.offset;
        self.fill(&view, slot);
        let column = 1;
        let row = columns.iter().map(|&i| ty.shape[i] as i64).product();
        (view, row, column)
    }
}
