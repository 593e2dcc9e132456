//! Batching: a program for one example becomes a program for `n` examples.
//!
//! *Before*: a region, and which of its parameters hold one value for each example.
//! *After*: a region whose marked parameters, and all whose results, have a new leading axis of length `n`;
//! element `e` of the results is the given region at element `e` of the marked parameters.
//! Every operation is replaced by one operation on whole batches; what does not depend on the marked
//! parameters is computed once.
//! *Size*: as many steps as before times a small constant; loops, conditionals and calls stay what they are.
//!
//! An operation that traps for some example traps for the batch.
//! If several would, which one is named may differ, because the batch goes through the program step by step.
//! For `n = 0` operations that do not depend on the marked parameters still run.
//!
//! A conditional whose condition differs between examples becomes a selection if both arms are cheap and total.
//! Differentiating a selection meets the derivative of the arm not taken, which may be NaN:
//! derivatives are taken first, batches second.
//! A loop that ends at a time of its own for each example, and unresolved derivatives go into a loop over the
//! batch.

use std::collections::HashMap;
use std::sync::Arc;

use lentil_unary::range::Ranges;
use lentil_unary::{
    Builder, Function, Lens, LinalgOp, Loop, Op, Prim, Region, Site, Slot, Step, Type,
};

use crate::depend::{ends_differ, loop_marks, results_depend};
use crate::measure;
use crate::options::{Derivatives, VectoriseOptions};

/// The program for `n` examples; see the module's header.
pub fn batch(f: &Region, n: usize, batched: &[bool], options: &VectoriseOptions) -> Region {
    batch_there(f, &Ranges::of(f), n, batched, options)
}

/// The same where something is known of the region's whole numbers.
pub fn batch_there(
    f: &Region,
    ranges: &Ranges,
    n: usize,
    batched: &[bool],
    options: &VectoriseOptions,
) -> Region {
    let all = vec![true; f.results().len()];
    let mut functions = HashMap::new();
    batch_region(f, ranges, n, batched, &all, options, &mut functions)
}

/// Functions that have been batched, by what was asked for.
type Functions = HashMap<(Arc<Function>, usize, Vec<bool>), Arc<Function>>;

/// A slot of the batched region, and whether it has the batch axis.
#[derive(Clone, Copy)]
struct Value {
    slot: Slot,
    batched: bool,
}

struct Batcher<'a> {
    n: usize,
    /// What is known of the region for one example.
    ranges: &'a Ranges<'a>,
    options: &'a VectoriseOptions,
    functions: &'a mut Functions,
    b: Builder,
}

/// `wanted` marks the results that shall have the batch axis: at least all those that depend on it.
fn batch_region(
    f: &Region,
    ranges: &Ranges,
    n: usize,
    batched: &[bool],
    wanted: &[bool],
    options: &VectoriseOptions,
    functions: &mut Functions,
) -> Region {
    let params = f.params().iter().zip(batched);
    let params = params.map(|(t, &b)| if b { t.stacked(n) } else { t.clone() });
    let mut batcher = Batcher {
        n,
        ranges,
        options,
        functions,
        b: Builder::new(params.collect()),
    };
    let mut values: Vec<Value> = (batcher.b.param_slots().into_iter().zip(batched))
        .map(|(slot, &batched)| Value { slot, batched })
        .collect();
    for step in f.steps() {
        let args: Vec<Value> = step.args.iter().map(|a| values[a.index()]).collect();
        values.extend(batcher.step(f, step, &args));
    }
    let mut results = Vec::new();
    for (r, &wanted) in f.results().iter().zip(wanted) {
        let value = values[r.index()];
        debug_assert!(wanted || !value.batched);
        results.push(if wanted {
            batcher.spread(value)
        } else {
            value.slot
        });
    }
    batcher.b.finish(results)
}

impl Batcher<'_> {
    fn step(&mut self, f: &Region, step: &Step, args: &[Value]) -> Vec<Value> {
        let spread;
        let args = match step.op.additive() {
            true => args,
            // It matters how often it is applied: once for each example, even where all are alike.
            false => {
                let types: Vec<&Type> = step.args.iter().map(|&a| f.ty(a)).collect();
                spread = self.spread_all(&types, args);
                &spread
            }
        };
        let slots: Vec<Slot> = args.iter().map(|v| v.slot).collect();
        if !args.iter().any(|v| v.batched) {
            return plain(self.b.emit(step.op.clone(), &slots));
        }
        match &step.op {
            Op::Prim(Prim::Linalg(op)) => self.linalg(*op, args),
            Op::Prim(prim) => {
                let types: Vec<&Type> = step.args.iter().map(|&a| f.ty(a)).collect();
                vec![self.prim(prim, &types, args)]
            }
            Op::Loop(l) => self.looped(l, step, args),
            Op::Cond { then, otherwise } => self.cond(then, otherwise, step, args),
            Op::Call(function) => self.call(function, args),
            Op::Lens(l) => self.lens(l, args),
            Op::Reverse(_) | Op::Forward(_) => self.map_loop(&step.op, args),
        }
    }

    /// Arguments to which something is sent back, each with the batch axis.
    fn spread_all(&mut self, types: &[&Type], args: &[Value]) -> Vec<Value> {
        let spread = types
            .iter()
            .zip(args)
            .map(|(ty, value)| match ty.differentiable() {
                true => Value {
                    slot: self.spread(*value),
                    batched: true,
                },
                false => *value,
            });
        spread.collect()
    }

    /// The slot with the batch axis: itself, or repeated.
    fn spread(&mut self, value: Value) -> Slot {
        if value.batched {
            value.slot
        } else {
            self.b.replicate(value.slot, self.n)
        }
    }

    /// One rule for each primitive; at least one argument is batched. `types` are those for one example.
    fn prim(&mut self, prim: &Prim, types: &[&Type], args: &[Value]) -> Value {
        let batched = match prim {
            Prim::Literal(_) | Prim::Iota(_) => unreachable!("no argument could be batched"),
            Prim::Unary(_)
            | Prim::Binary(_)
            | Prim::Compare(_)
            | Prim::Select
            | Prim::Convert(_)
            | Prim::Trace(_) => prim.clone(),
            Prim::Broadcast { shape, axes } => Prim::Broadcast {
                shape: put(self.n, shape),
                axes: put(0, &shifted(axes)),
            },
            Prim::Transpose(perm) => Prim::Transpose(put(0, &shifted(perm))),
            Prim::Reshape(shape) => Prim::Reshape(put(self.n, shape)),
            Prim::Slice { start, len, step } => Prim::Slice {
                start: put(0, start),
                len: put(self.n, len),
                step: put(1, step),
            },
            Prim::Pad {
                before,
                after,
                between,
            } => Prim::Pad {
                before: put(0, before),
                after: put(0, after),
                between: put(0, between),
            },
            Prim::Concat(axis) => Prim::Concat(axis + 1),
            Prim::Flip(axes) => Prim::Flip(shifted(axes)),
            Prim::Reduce { fold, axes } => Prim::Reduce {
                fold: *fold,
                axes: shifted(axes),
            },
            Prim::ArgMax(axis) => Prim::ArgMax(axis + 1),
            Prim::ArgMin(axis) => Prim::ArgMin(axis + 1),
            // Along the last axis, which it remains.
            Prim::ArgSort { .. } => prim.clone(),
            Prim::Scan {
                fold,
                axis,
                exclusive,
                reverse,
            } => Prim::Scan {
                fold: *fold,
                axis: axis + 1,
                exclusive: *exclusive,
                reverse: *reverse,
            },
            Prim::Contract { batch, sum } => return self.contract(batch, sum, types, args),
            Prim::Gather { axes, site } => return self.gather(*axes, *site, args),
            Prim::ScatterAdd { axes, site } => return self.scatter(*axes, *site, args),
            // Keys stand along leading axes anyway.
            Prim::RandomBits(_) | Prim::RandomSplit(_) | Prim::RandomFold => prim.clone(),
            Prim::Linalg(op) => return self.linalg(*op, args)[0],
        };
        let slots: Vec<Slot> = args.iter().map(|&v| self.spread(v)).collect();
        spread_value(self.b.prim(batched, &slots))
    }

    /// Two batched operands share the batch axis; of a single one it becomes a free axis, so that a
    /// matrix times a batch of vectors is a matrix times a matrix.
    fn contract(
        &mut self,
        batch: &[(usize, usize)],
        sum: &[(usize, usize)],
        types: &[&Type],
        args: &[Value],
    ) -> Value {
        let (a, b) = (args[0], args[1]);
        let shift = |pairs: &[(usize, usize)]| -> Vec<(usize, usize)> {
            let by = |v: Value| usize::from(v.batched);
            pairs.iter().map(|&(i, j)| (i + by(a), j + by(b))).collect()
        };
        let (mut pairs, sum_pairs) = (shift(batch), shift(sum));
        if a.batched && b.batched {
            pairs.insert(0, (0, 0));
            return spread_value(self.b.contract(a.slot, b.slot, &pairs, &sum_pairs));
        }
        let (kept, used) = (batch.len(), batch.len() + sum.len());
        let (free_a, free_b) = (types[0].rank() - used, types[1].rank() - used);
        // The batched operand goes first: then its batch axis is next to the front already.
        // If both have free axes, the two groups of them change places for that, at the end.
        let (slot, perm) = if a.batched {
            let slot = self.b.contract(a.slot, b.slot, &pairs, &sum_pairs);
            (slot, front(kept, kept + 1 + free_a + free_b))
        } else if free_a == 0 || free_b == 0 {
            let swap = |pairs: &[(usize, usize)]| -> Vec<(usize, usize)> {
                pairs.iter().map(|&(i, j)| (j, i)).collect()
            };
            let (pairs, sum_pairs) = (swap(&pairs), swap(&sum_pairs));
            let slot = self.b.contract(b.slot, a.slot, &pairs, &sum_pairs);
            (slot, front(kept, kept + 1 + free_a + free_b))
        } else {
            let slot = self.b.contract(a.slot, b.slot, &pairs, &sum_pairs);
            (slot, front(kept + free_a, kept + 1 + free_a + free_b))
        };
        spread_value(self.b.transpose(slot, &perm))
    }

    /// One more axis of matrices. Systems that share their matrix are one system with more right-hand sides,
    /// so that the matrix is factorized once.
    fn linalg(&mut self, op: LinalgOp, args: &[Value]) -> Vec<Value> {
        let op_of = |op| Op::Prim(Prim::Linalg(op));
        let system = match op {
            LinalgOp::SolveTriangular { .. } | LinalgOp::Solve => true,
            LinalgOp::Cholesky
            | LinalgOp::CholeskyForward
            | LinalgOp::CholeskyReverse
            | LinalgOp::Det
            | LinalgOp::Eigh
            | LinalgOp::Svd
            | LinalgOp::Qr => false,
        };
        if let [a, right] = args
            && system
            && !a.batched
        {
            let shape = self.b.ty(right.slot).shape.clone();
            let rank = shape.len();
            // [n, batch…, r, c] to [batch…, r, n, c], and the two last axes as one.
            let mut perm: Vec<usize> = (1..rank - 1).collect();
            perm.extend([0, rank - 1]);
            let side = self.b.transpose(right.slot, &perm);
            let apart = self.b.ty(side).shape.clone();
            let mut joined = apart.clone();
            let columns = joined.pop().unwrap_or(1);
            joined[rank - 2] *= columns;
            let side = self.b.reshape(side, &joined);
            let solved = self.b.emit(op_of(op), &[a.slot, side])[0];
            let solved = self.b.reshape(solved, &apart);
            let mut back: Vec<usize> = vec![rank - 2];
            back.extend((0..rank - 2).chain([rank - 1]));
            return vec![spread_value(self.b.transpose(solved, &back))];
        }
        let slots: Vec<Slot> = args.iter().map(|&v| self.spread(v)).collect();
        let slots = self.b.emit(op_of(op), &slots).into_iter();
        slots.map(spread_value).collect()
    }

    /// Shared data: more indices. Data of each example's own: the example's number is one more index.
    fn gather(&mut self, axes: usize, site: Site, args: &[Value]) -> Value {
        let (data, indices) = (args[0], &args[1..]);
        let mut slots = vec![data.slot];
        let mut axes = axes;
        if data.batched {
            slots.push(self.numbers(indices[0]));
            axes += 1;
        }
        slots.extend(indices.iter().map(|&v| self.spread(v)));
        spread_value(self.b.prim(Prim::Gather { axes, site }, &slots))
    }

    /// Every example adds to an accumulator of its own.
    fn scatter(&mut self, axes: usize, site: Site, args: &[Value]) -> Value {
        let mut slots = vec![self.spread(args[0]), self.numbers(args[1])];
        slots.extend(args[1..].iter().map(|&v| self.spread(v)));
        let axes = axes + 1;
        spread_value(self.b.prim(Prim::ScatterAdd { axes, site }, &slots))
    }

    /// The number of the example, in the shape of a batched index.
    fn numbers(&mut self, index: Value) -> Slot {
        let ty = self.b.ty(index.slot).clone();
        let ty = if index.batched {
            ty
        } else {
            ty.stacked(self.n)
        };
        let iota = self.b.prim(Prim::Iota(self.n), &[]);
        self.b.broadcast(iota, &ty.shape, &[0])
    }

    /// The loop stays; its states and what it reads and writes are batched where they depend on the batch.
    /// If examples end at different times, each has a loop of its own.
    fn looped(&mut self, l: &Loop, step: &Step, args: &[Value]) -> Vec<Value> {
        let marks: Vec<bool> = args.iter().map(|v| v.batched).collect();
        let marks = loop_marks(l, &marks);
        if ends_differ(l, &marks) {
            return self.map_loop(&step.op, args);
        }
        let states = &marks[1 + l.consts + l.xs..];
        let mut wanted = results_depend(&l.body, &marks);
        wanted[..l.states].copy_from_slice(states);
        let (inner, _) = self.ranges.body(l, &step.args);
        let body = self.region(&l.body, &inner, &marks, &wanted);
        let mut slots = Vec::new();
        for (k, &value) in args.iter().enumerate() {
            slots.push(if k < l.consts {
                value.slot
            } else if k < l.consts + l.xs {
                if value.batched {
                    self.swap_leading(value.slot)
                } else {
                    value.slot
                }
            } else if states[k - l.consts - l.xs] {
                self.spread(value)
            } else {
                value.slot
            });
        }
        let op = Op::Loop(Loop {
            body: Arc::new(body),
            ..l.clone()
        });
        let slots = self.b.emit(op, &slots);
        let mut values = Vec::new();
        for (k, (slot, batched)) in slots.into_iter().zip(wanted).enumerate() {
            let stacked = batched && k >= l.states;
            let slot = if stacked {
                self.swap_leading(slot)
            } else {
                slot
            };
            values.push(Value { slot, batched });
        }
        values
    }

    fn cond(
        &mut self,
        then: &Region,
        otherwise: &Region,
        step: &Step,
        args: &[Value],
    ) -> Vec<Value> {
        let (condition, captures) = (args[0], &args[1..]);
        let marks: Vec<bool> = captures.iter().map(|v| v.batched).collect();
        let slots: Vec<Slot> = captures.iter().map(|v| v.slot).collect();
        if !condition.batched {
            let arms = results_depend(then, &marks)
                .into_iter()
                .zip(results_depend(otherwise, &marks));
            let wanted: Vec<bool> = arms.map(|(a, b)| a || b).collect();
            let [yes, no] = [(then, true), (otherwise, false)]
                .map(|(arm, holds)| self.ranges.arm(arm, &step.args, holds));
            let then = self.region(then, &yes, &marks, &wanted);
            let otherwise = self.region(otherwise, &no, &marks, &wanted);
            let slots = self.b.cond(condition.slot, &slots, then, otherwise);
            let values = slots.into_iter().zip(wanted);
            return values
                .map(|(slot, batched)| Value { slot, batched })
                .collect();
        }
        let cheap = measure::work(then).saturating_add(measure::work(otherwise))
            <= self.options.select_bound;
        // Both arms run, also where the condition says that they would not.
        let [yes, no] = [then, otherwise].map(|arm| self.ranges.at(arm, &step.args[1..]));
        let safe = |arm: &Region, ranges: &Ranges| {
            measure::total(arm, ranges)
                && match self.options.derivatives {
                    Derivatives::Ahead => measure::derivative_vanishes(arm),
                    Derivatives::Taken => true,
                }
        };
        if !(cheap && safe(then, &yes) && safe(otherwise, &no)) {
            return self.map_loop(&step.op, args);
        }
        let wanted = vec![true; then.results().len()];
        let then = self.region(then, &yes, &marks, &wanted);
        let otherwise = self.region(otherwise, &no, &marks, &wanted);
        let yes = self.b.inline(&then, &slots);
        let no = self.b.inline(&otherwise, &slots);
        let mut values = Vec::new();
        for (yes, no) in yes.into_iter().zip(no) {
            let shape = self.b.ty(yes).shape.clone();
            let condition = self.b.broadcast(condition.slot, &shape, &[0]);
            values.push(spread_value(self.b.select(condition, yes, no)));
        }
        values
    }

    fn call(&mut self, function: &Arc<Function>, args: &[Value]) -> Vec<Value> {
        let marks: Vec<bool> = args.iter().map(|v| v.batched).collect();
        let wanted = results_depend(&function.region, &marks);
        let key = (function.clone(), self.n, marks.clone());
        let batched = match self.functions.get(&key) {
            Some(known) => known.clone(),
            None => {
                let made = Arc::new(Function {
                    name: format!("{}_batch", function.name),
                    region: self.closed(&function.region, &marks, &wanted),
                });
                self.functions.insert(key, made.clone());
                made
            }
        };
        let slots: Vec<Slot> = args.iter().map(|v| v.slot).collect();
        let values = self.b.call(&batched, &slots).into_iter().zip(wanted);
        values
            .map(|(slot, batched)| Value { slot, batched })
            .collect()
    }

    /// Both halves are batched, and every result has the batch axis, so that each example's cotangent is
    /// answered by itself. What an argument that all examples share is sent back is the sum of what
    /// each of them sends.
    fn lens(&mut self, lens: &Lens, args: &[Value]) -> Vec<Value> {
        let (get, put) = (&lens.get.region, &lens.put.region);
        let marks: Vec<bool> = args.iter().map(|v| v.batched).collect();
        let forward = self.closed(get, &marks, &vec![true; get.results().len()]);
        let cotangents = put.params().len() - get.params().len();
        let back_marks = [&marks[..], &vec![true; cotangents]].concat();
        let every = vec![true; put.results().len()];
        let spread = self.closed(put, &back_marks, &every);
        let mut b = Builder::new(spread.params().to_vec());
        let params = b.param_slots();
        let mut back = b.inline(&spread, &params);
        let own = get.params().iter().zip(&marks);
        let own = own.filter(|(ty, _)| ty.differentiable());
        for (slot, (_, batched)) in back.iter_mut().zip(own) {
            if !batched {
                *slot = b.sum(*slot, &[0]);
            }
        }
        let half = |f: &Arc<Function>, region: Region| {
            let name = format!("{}_batch", f.name);
            Arc::new(Function { name, region })
        };
        let (get, put) = (half(&lens.get, forward), half(&lens.put, b.finish(back)));
        let op = Op::Lens(Arc::new(Lens::new(get, put)));
        let slots: Vec<Slot> = args.iter().map(|v| v.slot).collect();
        let results = self.b.emit(op, &slots);
        results.into_iter().map(spread_value).collect()
    }

    /// An operation that has no batched form, once for each example.
    fn map_loop(&mut self, op: &Op, args: &[Value]) -> Vec<Value> {
        let of = |batched: bool| args.iter().filter(move |v| v.batched == batched);
        let consts: Vec<Slot> = of(false).map(|v| v.slot).collect();
        let xs: Vec<Slot> = of(true).map(|v| v.slot).collect();
        let mut params = vec![Type::scalar(lentil_unary::Carrier::Int)];
        params.extend(consts.iter().map(|&s| self.b.ty(s).clone()));
        params.extend(xs.iter().filter_map(|&s| self.b.ty(s).element()));
        let mut body = Builder::new(params);
        let (mut next_const, mut next_x) = (1, 1 + consts.len());
        let mut inner = Vec::new();
        for value in args {
            let next = if value.batched {
                &mut next_x
            } else {
                &mut next_const
            };
            inner.push(body.param(*next));
            *next += 1;
        }
        let results = body.emit(op.clone(), &inner);
        let body = body.finish(results);
        let slots = self.b.for_loop(self.n, false, &consts, &xs, &[], body);
        slots.into_iter().map(spread_value).collect()
    }

    /// A function's region, about whose arguments nothing is known.
    fn closed(&mut self, f: &Region, batched: &[bool], wanted: &[bool]) -> Region {
        self.region(f, &Ranges::of(f), batched, wanted)
    }

    fn region(&mut self, f: &Region, ranges: &Ranges, batched: &[bool], wanted: &[bool]) -> Region {
        let (n, options) = (self.n, self.options);
        batch_region(f, ranges, n, batched, wanted, options, self.functions)
    }

    /// Exchanges the two leading axes.
    fn swap_leading(&mut self, slot: Slot) -> Slot {
        let rank = self.b.ty(slot).rank();
        self.b.transpose(slot, &front(1, rank))
    }
}

fn plain(slots: Vec<Slot>) -> Vec<Value> {
    let values = slots.into_iter();
    values
        .map(|slot| Value {
            slot,
            batched: false,
        })
        .collect()
}

fn spread_value(slot: Slot) -> Value {
    Value {
        slot,
        batched: true,
    }
}

fn put(first: usize, rest: &[usize]) -> Vec<usize> {
    [&[first], rest].concat()
}

fn shifted(axes: &[usize]) -> Vec<usize> {
    axes.iter().map(|a| a + 1).collect()
}

/// The permutation that brings one axis to the front.
fn front(axis: usize, rank: usize) -> Vec<usize> {
    let rest = (0..rank).filter(|&a| a != axis);
    std::iter::once(axis).chain(rest).collect()
}
