//! Lowers the primitives that are not pointwise: one or two nests, or a kernel, each.

use std::sync::Arc;

use lentil_unary::{
    BinaryOp, Carrier, CompareOp, Fold, LinalgOp, Literal, Prim, Site, Slot, Step as UnaryStep,
    UnaryOp,
};

use super::nest::NestBuilder;
use super::region::Lowering;
use super::view::{Value, View};
use crate::fuse::leads_to;
use crate::syntax::{Address, Affine, Draw, Expr, Linalg, Random, Sort, Step, Stmt, Var};

/// How many rows are added up before they are added to a sum in memory.
const TOGETHER: usize = 4;

impl Lowering<'_> {
    /// Lowers a primitive into its result's storage.
    pub fn prim(&mut self, group: usize, slot: Slot, prim: &Prim, args: &[Slot]) {
        match prim {
            Prim::Reduce {
                fold: Fold::LogSumExp,
                axes,
            } => self.log_sum_exp(group, slot, args[0], axes),
            Prim::Reduce { fold, axes } => self.reduce(group, slot, args[0], *fold, axes),
            Prim::ArgMax(axis) => self.arg_best(group, slot, args[0], *axis, true),
            Prim::ArgMin(axis) => self.arg_best(group, slot, args[0], *axis, false),
            Prim::ArgSort { descending } => self.arg_sort(group, slot, args[0], *descending),
            Prim::Scan {
                fold,
                axis,
                exclusive,
                reverse,
            } => {
                let walk = ScanWalk {
                    fold: *fold,
                    axis: *axis,
                    exclusive: *exclusive,
                    reverse: *reverse,
                };
                self.scan(group, slot, args[0], &walk);
            }
            Prim::Concat(axis) => self.concat(group, slot, args, *axis),
            Prim::Pad {
                before, between, ..
            } => self.pad(group, slot, args[0], before, between),
            Prim::Contract { batch, sum } => {
                self.contract(group, slot, args[0], args[1], batch, sum);
            }
            Prim::Gather { axes, site } => self.gather(group, slot, args, *axes, *site),
            Prim::ScatterAdd { axes, site } => self.scatter_add(group, slot, args, *axes, *site),
            Prim::RandomBits(_) | Prim::RandomSplit(_) | Prim::RandomFold => {
                self.random(group, slot, prim, args);
            }
            Prim::Linalg(op) => self.linalg(group, slot, *op, args),
            Prim::Trace(name) => self.trace(group, slot, name, args[0]),
            Prim::Literal(_)
            | Prim::Iota(_)
            | Prim::Unary(_)
            | Prim::Binary(_)
            | Prim::Compare(_)
            | Prim::Select
            | Prim::Convert(_)
            | Prim::Broadcast { .. }
            | Prim::Transpose(_)
            | Prim::Reshape(_)
            | Prim::Slice { .. }
            | Prim::Flip(_) => unreachable!("{prim:?} is computed where it is read"),
        }
    }

    /// Folds elements into a cell; the operation of the monoid.
    fn fold_op(fold: Fold) -> BinaryOp {
        match fold {
            Fold::Sum => BinaryOp::Add,
            Fold::Prod => BinaryOp::Mul,
            Fold::Max => BinaryOp::Max,
            Fold::Min => BinaryOp::Min,
            Fold::All => BinaryOp::And,
            Fold::Any => BinaryOp::Or,
            Fold::LogSumExp => unreachable!("log-sum-exp is no fold of one operation"),
        }
    }

    /// Opens the loops over the axes that stay, then those that vanish; the index in the source's order.
    fn open_split(
        &mut self,
        nest: &mut NestBuilder,
        shape: &[usize],
        axes: &[usize],
    ) -> (Vec<Affine>, Vec<Affine>) {
        let mut index = vec![Affine::default(); shape.len()];
        let mut kept = Vec::new();
        for axis in (0..shape.len()).filter(|a| !axes.contains(a)) {
            index[axis] = nest.open(self.unit, shape[axis], false);
            kept.push(index[axis].clone());
        }
        (index, kept)
    }

    fn reduce(&mut self, group: usize, slot: Slot, arg: Slot, fold: Fold, axes: &[usize]) {
        let (ty, carrier) = (self.ty(arg), self.ty(arg).carrier);
        let result = &self.ty(slot).shape;
        let out = self.storage(slot, group);
        if result.contains(&0) {
            return;
        }
        let (op, unit) = (Self::fold_op(fold), fold.unit(carrier));
        let last = ty.shape.iter().rposition(|&n| n != 1);
        if last.is_some_and(|last| !axes.contains(&last)) {
            // The innermost axis stays: whole rows are folded into rows of cells.
            self.fill_with(&out, result, unit);
            let free = !self.session.options.exact && carrier.is_real() && fold == Fold::Sum;
            if free && axes == [0] && ty.shape[0] >= 2 * TOGETHER && !ty.is_empty() {
                return self.sum_rows(arg, &out);
            }
            let mut nest = NestBuilder::new();
            let index = nest.open_all(self.unit, &ty.shape);
            let kept: Vec<Affine> = (0..index.len())
                .filter(|a| !axes.contains(a))
                .map(|a| index[a].clone())
                .collect();
            let x = self.read(&mut nest, arg, &index);
            let acc = nest.bind_here(self.unit, Expr::Load(out.at(&kept)), carrier);
            let sum = nest.bind_here(self.unit, Expr::Binary(op, acc, x), carrier);
            nest.store(out.at(&kept), sum);
            if !ty.shape.contains(&0) {
                self.push(nest);
            }
            return;
        }
        let mut nest = NestBuilder::new();
        let (mut index, kept) = self.open_split(&mut nest, &ty.shape, axes);
        let total = self.fold_cell(&mut nest, arg, &mut index, axes, op, unit, |_, _, x| x);
        nest.store(out.at(&kept), total);
        self.push(nest);
    }

    /// Adds all rows of a slot to a row, several at a time: each addition waits for the one before.
    fn sum_rows(&mut self, arg: Slot, out: &View) {
        let (shape, carrier) = (&self.ty(arg).shape, self.ty(arg).carrier);
        let whole = shape[0] / TOGETHER;
        for (first, n, together) in [
            (0, whole, TOGETHER),
            (whole * TOGETHER, shape[0] % TOGETHER, 1),
        ] {
            if n == 0 {
                continue;
            }
            let mut nest = NestBuilder::new();
            let row = nest.open(self.unit, n, false);
            let columns = nest.open_all(self.unit, &shape[1..]);
            let mut sum = None;
            for k in 0..together {
                let at = Affine::constant((first + k) as i64).plus(&row, together as i64);
                let index: Vec<Affine> = [at].into_iter().chain(columns.clone()).collect();
                let x = self.read(&mut nest, arg, &index);
                sum = Some(match sum {
                    None => x,
                    Some(sum) => {
                        let add = Expr::Binary(BinaryOp::Add, sum, x);
                        nest.bind_here(self.unit, add, carrier)
                    }
                });
            }
            let Some(sum) = sum else { continue };
            let acc = nest.bind_here(self.unit, Expr::Load(out.at(&columns)), carrier);
            let add = Expr::Binary(BinaryOp::Add, acc, sum);
            let sum = nest.bind_here(self.unit, add, carrier);
            nest.store(out.at(&columns), sum);
            self.push(nest);
        }
    }

    /// Folds over axes of a slot in a changing variable; returns its last value.
    #[allow(clippy::too_many_arguments)] // one fold, three callers
    fn fold_cell(
        &mut self,
        nest: &mut NestBuilder,
        arg: Slot,
        index: &mut [Affine],
        axes: &[usize],
        op: BinaryOp,
        unit: Literal,
        each: impl Fn(&mut Self, &mut NestBuilder, Var) -> Var,
    ) -> Var {
        let (shape, carrier) = (&self.ty(arg).shape, self.ty(arg).carrier);
        let first = nest.literal(self.unit, unit);
        let cell = nest.cell(self.unit, first);
        for &axis in axes {
            index[axis] = nest.open(self.unit, shape[axis], false);
        }
        let x = self.read(nest, arg, index);
        let x = each(self, nest, x);
        let next = nest.bind_here(self.unit, Expr::Binary(op, cell, x), carrier);
        nest.push(Stmt::Set(cell, next));
        nest.close(axes.len());
        cell
    }

    fn log_sum_exp(&mut self, group: usize, slot: Slot, arg: Slot, axes: &[usize]) {
        let (ty, carrier) = (self.ty(arg), self.ty(arg).carrier);
        let out = self.storage(slot, group);
        if self.ty(slot).is_empty() {
            return;
        }
        let mut nest = NestBuilder::new();
        let (mut index, mut kept) = self.open_split(&mut nest, &ty.shape, axes);
        let (least, zero) = (Fold::Max.unit(carrier), Literal::zero(carrier));
        let max = BinaryOp::Max;
        let mut top = self.fold_cell(&mut nest, arg, &mut index, axes, max, least, |_, _, x| x);
        // Where kernels compute exponentials, they do so for all rows: what a row folds to is set aside.
        let aside = (!self.session.options.exact).then(|| self.unit.temp(self.ty(slot)));
        if let Some(tops) = &aside {
            (nest, index, kept) = self.anew(nest, tops.at(&kept), top, arg, axes);
            top = nest.bind_here(self.unit, Expr::Load(tops.at(&kept)), carrier);
        }
        let add = BinaryOp::Add;
        let mut sum = self.fold_cell(&mut nest, arg, &mut index, axes, add, zero, |l, n, x| {
            let below = n.bind_here(l.unit, Expr::Binary(BinaryOp::Sub, x, top), carrier);
            n.bind_here(l.unit, Expr::Unary(UnaryOp::Exp, below), carrier)
        });
        if let Some(tops) = &aside {
            let sums = self.unit.temp(self.ty(slot));
            (nest, _, kept) = self.anew(nest, sums.at(&kept), sum, arg, axes);
            sum = nest.bind_here(self.unit, Expr::Load(sums.at(&kept)), carrier);
            top = nest.bind_here(self.unit, Expr::Load(tops.at(&kept)), carrier);
        }
        let mut bind = |expr, carrier| nest.bind_here(self.unit, expr, carrier);
        let log = bind(Expr::Unary(UnaryOp::Log, sum), carrier);
        let shifted = bind(Expr::Binary(BinaryOp::Add, top, log), carrier);
        // A maximum that is infinite or NaN is the answer: only then is it not equal to itself less itself.
        let apart = bind(Expr::Binary(BinaryOp::Sub, top, top), carrier);
        let zero = bind(Expr::Literal(zero), carrier);
        let finite = bind(Expr::Compare(CompareOp::Eq, apart, zero), Carrier::Bool);
        let answer = bind(Expr::Select(finite, shifted, top), carrier);
        nest.store(out.at(&kept), answer);
        self.push(nest);
    }

    /// Ends a nest with a store, and begins one with the same loops over the axes that stay.
    fn anew(
        &mut self,
        mut nest: NestBuilder,
        at: Address,
        var: Var,
        arg: Slot,
        axes: &[usize],
    ) -> (NestBuilder, Vec<Affine>, Vec<Affine>) {
        nest.store(at, var);
        self.push(nest);
        let mut nest = NestBuilder::new();
        let (index, kept) = self.open_split(&mut nest, &self.ty(arg).shape, axes);
        (nest, index, kept)
    }

    fn arg_best(&mut self, group: usize, slot: Slot, arg: Slot, axis: usize, greatest: bool) {
        let (ty, carrier) = (self.ty(arg), self.ty(arg).carrier);
        let out = self.storage(slot, group);
        if self.ty(slot).is_empty() {
            return;
        }
        let mut nest = NestBuilder::new();
        let (mut index, kept) = self.open_split(&mut nest, &ty.shape, &[axis]);
        let first = self.read(&mut nest, arg, &index);
        let best = nest.cell(self.unit, first);
        let zero = nest.literal(self.unit, Literal::zero(Carrier::Int));
        let at = nest.cell(self.unit, zero);
        index[axis] = nest.open(self.unit, ty.shape[axis], false);
        let x = self.read(&mut nest, arg, &index);
        let mut bind = |expr, carrier| nest.bind_here(self.unit, expr, carrier);
        let (low, high) = if greatest { (best, x) } else { (x, best) };
        let mut better = bind(Expr::Compare(CompareOp::Lt, low, high), Carrier::Bool);
        if carrier.is_real() {
            // The first NaN comes before everything.
            let nan = bind(Expr::Compare(CompareOp::Ne, x, x), Carrier::Bool);
            let number = bind(Expr::Compare(CompareOp::Eq, best, best), Carrier::Bool);
            let first = bind(Expr::Binary(BinaryOp::And, nan, number), Carrier::Bool);
            better = bind(Expr::Binary(BinaryOp::Or, better, first), Carrier::Bool);
        }
        let here = bind(Expr::Index(index[axis].clone()), Carrier::Int);
        let new_at = bind(Expr::Select(better, here, at), Carrier::Int);
        let new_best = bind(Expr::Select(better, x, best), carrier);
        nest.push(Stmt::Set(at, new_at));
        nest.push(Stmt::Set(best, new_best));
        nest.close(1);
        nest.store(out.at(&kept), at);
        self.push(nest);
    }

    fn scan(&mut self, group: usize, slot: Slot, arg: Slot, walk: &ScanWalk) {
        let (ty, carrier) = (self.ty(arg), self.ty(arg).carrier);
        let out = self.storage(slot, group);
        if ty.is_empty() {
            return;
        }
        let op = Self::fold_op(walk.fold);
        let mut nest = NestBuilder::new();
        let (mut index, _) = self.open_split(&mut nest, &ty.shape, &[walk.axis]);
        let unit = nest.literal(self.unit, walk.fold.unit(carrier));
        let cell = nest.cell(self.unit, unit);
        index[walk.axis] = nest.open(self.unit, ty.shape[walk.axis], walk.reverse);
        let x = self.read(&mut nest, arg, &index);
        let next = nest.bind_here(self.unit, Expr::Binary(op, cell, x), carrier);
        nest.store(out.at(&index), if walk.exclusive { cell } else { next });
        nest.push(Stmt::Set(cell, next));
        self.push(nest);
    }

    fn concat(&mut self, group: usize, slot: Slot, args: &[Slot], axis: usize) {
        let out = self.storage(slot, group);
        let mut at = 0;
        for &part in args {
            let mut view = out.clone();
            view.offset = view.offset.plus(&Affine::constant(at), out.strides[axis]);
            self.fill(&view, part);
            at += self.ty(part).shape[axis] as i64;
        }
    }

    fn pad(&mut self, group: usize, slot: Slot, arg: Slot, before: &[usize], between: &[usize]) {
        let ty = self.ty(slot);
        let out = self.storage(slot, group);
        if ty.len() > self.ty(arg).len() {
            self.fill_with(&out, &ty.shape, Literal::zero(ty.carrier));
        }
        let mut view = out.clone();
        for axis in 0..before.len() {
            let first = Affine::constant(before[axis] as i64);
            view.offset = view.offset.plus(&first, out.strides[axis]);
            view.strides[axis] *= between[axis] as i64 + 1;
        }
        self.fill(&view, arg);
    }

    /// Writes one constant into all elements of a view.
    pub fn fill_with(&mut self, view: &View, shape: &[usize], literal: Literal) {
        if shape.contains(&0) {
            return;
        }
        let mut nest = NestBuilder::new();
        let index = nest.open_all(self.unit, shape);
        let value = nest.literal(self.unit, literal);
        nest.store(view.at(&index), value);
        self.push(nest);
    }

    /// Reads the indices of one position and checks them against the leading axes of a shape, but those that
    /// are known not to leave them.
    fn checked(
        &mut self,
        nest: &mut NestBuilder,
        indices: &[Slot],
        position: &[Affine],
        shape: &[usize],
        site: Site,
    ) -> Vec<Affine> {
        let mut checked = Vec::new();
        for (&slot, &size) in indices.iter().zip(shape) {
            if self.around.ranges.within(slot, size) {
                checked.push(self.known_index(nest, slot, size, position));
                continue;
            }
            let index = self.read(nest, slot, position);
            nest.push(Stmt::Check { index, size, site });
            // Bound after the check and in its loop, so that what uses it cannot run before.
            let safe = nest.bind_here(self.unit, Expr::Index(Affine::var(index)), Carrier::Int);
            checked.push(Affine::var(safe));
        }
        checked
    }

    fn gather(&mut self, group: usize, slot: Slot, args: &[Slot], axes: usize, site: Site) {
        let (source, indices) = (args[0], &args[1..]);
        let shape = &self.ty(source).shape;
        let positions = &self.ty(indices[0]).shape;
        let out = self.storage(slot, group);
        let mut nest = NestBuilder::new();
        let mut place = nest.open_all(self.unit, positions);
        let mut there = self.checked(&mut nest, indices, &place, shape, site);
        if positions.contains(&0) {
            return;
        }
        if !shape[axes..].contains(&0) && !shape[..axes].contains(&0) {
            let rest = nest.open_all(self.unit, &shape[axes..]);
            place.extend(rest.iter().cloned());
            there.extend(rest);
            let x = self.read(&mut nest, source, &there);
            nest.store(out.at(&place), x);
        }
        self.push(nest);
    }

    fn scatter_add(&mut self, group: usize, slot: Slot, args: &[Slot], axes: usize, site: Site) {
        let (acc, indices, values) = (args[0], &args[1..=axes], args[axes + 1]);
        let (shape, carrier) = (&self.ty(acc).shape, self.ty(acc).carrier);
        let positions = &self.ty(indices[0]).shape;
        let out = self.accumulator(group, slot, acc, args);
        let mut nest = NestBuilder::new();
        let mut place = nest.open_all(self.unit, positions);
        let mut there = self.checked(&mut nest, indices, &place, shape, site);
        if positions.contains(&0) {
            return;
        }
        if !shape.contains(&0) {
            let rest = nest.open_all(self.unit, &shape[axes..]);
            place.extend(rest.iter().cloned());
            there.extend(rest);
            let x = self.read(&mut nest, values, &place);
            let old = nest.bind_here(self.unit, Expr::Load(out.at(&there)), carrier);
            let new = nest.bind_here(self.unit, Expr::Binary(BinaryOp::Add, old, x), carrier);
            nest.store(out.at(&there), new);
        }
        self.push(nest);
    }

    /// The storage of a result that begins as a copy of an argument: the argument's own if it can be had.
    pub fn accumulator(&mut self, group: usize, slot: Slot, acc: Slot, args: &[Slot]) -> View {
        if let Some(view) = self.taken_over(group, acc, args) {
            self.inherit(slot, acc, &view);
            return view;
        }
        let out = self.storage(slot, group);
        self.fill(&out, acc);
        out
    }

    /// A slot's value replaces another's in memory.
    pub fn inherit(&mut self, slot: Slot, from: Slot, view: &View) {
        self.values[slot.index()] = Value::View(view.clone());
        self.owned[slot.index()] = true;
        self.heir[from.index()] = Some(slot);
    }

    /// The memory of an argument that this group reads last and only here.
    pub fn taken_over(&self, group: usize, acc: Slot, args: &[Slot]) -> Option<View> {
        if !self.owned[acc.index()] || !self.fusion.dies_by(acc, group) {
            return None;
        }
        let Value::View(view) = &self.values[acc.index()] else {
            return None;
        };
        let once = args.iter().filter(|&&a| a == acc).count() == 1;
        let alone = args
            .iter()
            .filter(|&&a| a != acc)
            .all(|&a| !leads_to(self.region, &self.fusion, &self.producer, a).contains(&acc));
        (once && alone && view.contiguous(&self.ty(acc).shape)).then(|| view.clone())
    }

    fn arg_sort(&mut self, group: usize, slot: Slot, arg: Slot, descending: bool) {
        let (carrier, len) = (self.ty(arg).carrier, self.ty(arg).len());
        let n = self.ty(arg).shape.last().copied().unwrap_or(0);
        let x = self.contiguous(arg).start();
        let out = self.storage(slot, group).start();
        if len == 0 {
            return;
        }
        self.steps.push(Step::Sort(Sort {
            carrier,
            rows: len / n,
            n,
            descending,
            x,
            out,
        }));
    }

    fn random(&mut self, group: usize, slot: Slot, prim: &Prim, args: &[Slot]) {
        let key = self.contiguous(args[0]).start();
        let count = self.ty(args[0]).len() / 2;
        let draw = match prim {
            Prim::RandomBits(shape) => Draw::Bits(shape.iter().product()),
            Prim::RandomSplit(n) => Draw::Split(*n),
            _ => Draw::Fold(self.contiguous(args[1]).start()),
        };
        let out = self.storage(slot, group).start();
        if self.ty(slot).is_empty() {
            return;
        }
        self.steps.push(Step::Random(Random {
            draw,
            count,
            key,
            out,
        }));
    }

    /// A copy, which is shown when it is made.
    fn trace(&mut self, group: usize, slot: Slot, name: &Arc<str>, arg: Slot) {
        let out = self.storage(slot, group);
        let at = out.start();
        self.fill(&out, arg);
        let what = self.session.shown(name, self.ty(slot));
        self.steps.push(Step::Show { what, at });
    }

    /// One kernel for the whole batch; `first` is the slot of the first result.
    fn linalg(&mut self, group: usize, first: Slot, op: LinalgOp, args: &[Slot]) {
        let shapes: Vec<&[usize]> = args.iter().map(|&a| self.ty(a).shape.as_slice()).collect();
        let Some(sizes) = op.sizes(&shapes) else {
            unreachable!("the typing rules allow the sizes")
        };
        let carrier = self.ty(args[0]).carrier;
        let args: Vec<Address> = args.iter().map(|&a| self.contiguous(a).start()).collect();
        let results = (0..op.results() as u32)
            .map(|k| self.storage(Slot(first.0 + k), group).start())
            .collect();
        self.steps.push(Step::Linalg(Linalg {
            op,
            carrier,
            sizes,
            args,
            results,
        }));
    }

    /// Lowers a step that is not fused.
    pub fn heavy(
        &mut self,
        group: usize,
        first: Slot,
        step: &UnaryStep,
    ) -> Result<(), crate::options::Refusal> {
        use lentil_unary::Op;
        match &step.op {
            Op::Prim(prim) => {
                self.prim(group, first, prim, &step.args);
                Ok(())
            }
            Op::Loop(l) => self.run_loop(group, first, l, &step.args),
            Op::Cond { then, otherwise } => {
                self.run_cond(group, first, then, otherwise, &step.args)
            }
            Op::Call(f) => self.run_call(group, first, f, &step.args),
            Op::Reverse(_) => Err(crate::options::Refusal::Unresolved("reverse")),
            Op::Forward(_) => Err(crate::options::Refusal::Unresolved("forward")),
            Op::Lens(_) => Err(crate::options::Refusal::Unresolved("lens")),
        }
    }
}

/// How a scan walks.
struct ScanWalk {
    fold: Fold,
    axis: usize,
    exclusive: bool,
    reverse: bool,
}
