//! The forward derivative: values and tangents together, step by step.
//!
//! *Before*: a region without derivatives in it.
//! *After*: parameters, then tangents of the varying ones; the region's steps, each followed by what
//! carries the tangent on. Loops carry values and tangents in one streaming loop, which saves nothing.
//! *Size*: the region's, plus a constant number of steps for each step that varies.
//!
//! There is no second table. By the axioms of reverse derivative categories the forward row of a
//! primitive is R of its reverse row in `dy`; only linear primitives and choices are simpler directly.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use lentil_unary::prim::Linearity;
use lentil_unary::{Builder, Loop, Op, Prim, Region, Slot, Step, Type};

use crate::activity::unresolved;
use crate::bodies::carry_solved;
use crate::joint::{add_up, joint};
use crate::lenses;
use crate::memo::{Code, Memo};
use crate::rows::{At, Change, flows, reverse_row};
use crate::split::Wishes;
use crate::trim::trim;

/// A region that carries tangents.
pub(crate) struct Streamed {
    /// Parameters, then tangents of the varying ones; to results, then tangents of the varying ones.
    pub(crate) region: Arc<Region>,
    /// For each result whether it varies; else its tangent is zero.
    pub(crate) varying: Vec<bool>,
}

/// The region with tangents, given which parameters have one. Worked out once for each.
pub(crate) fn streamed(memo: &mut Memo, code: &Code, params: &[bool]) -> Rc<Streamed> {
    let key = (code.clone(), params.to_vec());
    if let Some(known) = memo.tangents.get(&key) {
        return known.clone();
    }
    let made = Rc::new(stream(memo, code, params));
    memo.tangents.insert(key, made.clone());
    made
}

fn stream(memo: &mut Memo, region: &Region, params: &[bool]) -> Streamed {
    let mut types = region.params().to_vec();
    let own = types.len() as u32;
    types.extend(pick(region.params(), params));
    let mut carrying = Carrying {
        region,
        builder: Builder::new(types),
        map: (0..own).map(Slot).collect(),
        tangents: Vec::with_capacity(region.slots().len()),
    };
    let mut next = own;
    for &varies in params {
        carrying.tangents.push(varies.then_some(Slot(next)));
        next += u32::from(varies);
    }
    for step in region.steps() {
        carrying.step(memo, step);
    }
    let tangents: Vec<Option<Slot>> = region
        .results()
        .iter()
        .map(|r| carrying.tangents[r.index()])
        .collect();
    let mut results: Vec<Slot> = region
        .results()
        .iter()
        .map(|r| carrying.map[r.index()])
        .collect();
    results.extend(tangents.iter().flatten());
    Streamed {
        region: Arc::new(carrying.builder.finish(results)),
        varying: tangents.iter().map(Option::is_some).collect(),
    }
}

struct Carrying<'r> {
    region: &'r Region,
    builder: Builder,
    map: Vec<Slot>,
    /// For each slot of the region its tangent; `None` is zero.
    tangents: Vec<Option<Slot>>,
}

impl Carrying<'_> {
    fn step(&mut self, memo: &mut Memo, step: &Step) {
        let args: Vec<Slot> = step.args.iter().map(|a| self.map[a.index()]).collect();
        let tangents: Vec<Option<Slot>> =
            step.args.iter().map(|a| self.tangents[a.index()]).collect();
        if tangents.iter().all(Option::is_none) {
            self.map.extend(self.builder.emit(step.op.clone(), &args));
            let count = self.tangents.len() + step.types.len();
            self.tangents.resize(count, None);
            return;
        }
        match &step.op {
            Op::Prim(prim) => {
                self.map.extend(self.builder.emit(step.op.clone(), &args));
                let types: Vec<&Type> = step.args.iter().map(|&a| self.region.ty(a)).collect();
                let reaches = |k: usize| {
                    let mut results = step.types.iter().enumerate();
                    results.any(|(j, ty)| flows(prim, k, &types, j, ty))
                };
                let flowing: Vec<Option<Slot>> = (0..args.len())
                    .map(|k| tangents[k].filter(|_| reaches(k)))
                    .collect();
                if flowing.iter().any(Option::is_some) {
                    let dys = self.forward_row(memo, prim, &args, &flowing);
                    self.tangents.extend(dys);
                } else {
                    self.tangents.resize(self.map.len(), None);
                }
            }
            Op::Loop(l) if l.solved() => {
                let b = &mut self.builder;
                let (results, dresults) = carry_solved(memo, b, l, &args, &tangents);
                self.map.extend(results);
                self.tangents.extend(dresults);
            }
            Op::Loop(l) => self.carry_loop(memo, l, &args, &tangents),
            Op::Cond { then, otherwise } => {
                self.carry_cond(memo, then, otherwise, &args, &tangents);
            }
            Op::Call(f) => {
                let varying: Vec<bool> = tangents.iter().map(Option::is_some).collect();
                let body = streamed(memo, &Code::Function(f.clone()), &varying);
                let name = format!("{}.push", f.name);
                let push = memo.function(name, (*body.region).clone());
                let args: Vec<Slot> = args
                    .into_iter()
                    .chain(tangents.into_iter().flatten())
                    .collect();
                let results = self.builder.call(&push, &args);
                self.finish_step(results, &body.varying);
            }
            Op::Lens(l) => {
                let varying: Vec<bool> = tangents.iter().map(Option::is_some).collect();
                let push = lenses::push(memo, l, &varying);
                self.map.extend(self.builder.emit(step.op.clone(), &args));
                let given = args.into_iter().chain(tangents.into_iter().flatten());
                let given: Vec<Slot> = given.collect();
                let mut dys = self.builder.call(&push.function, &given).into_iter();
                for &varies in &push.varying {
                    self.tangents.push(if varies { dys.next() } else { None });
                }
            }
            Op::Reverse(_) | Op::Forward(_) => unresolved(),
        }
    }

    /// Results, then the tangents of the varying ones.
    fn finish_step(&mut self, results: Vec<Slot>, varying: &[bool]) {
        let (values, tangents) = results.split_at(varying.len());
        self.map.extend(values);
        let mut tangents = tangents.iter();
        for &varies in varying {
            self.tangents.push(if varies {
                tangents.next().copied()
            } else {
                None
            });
        }
    }

    fn dense(&mut self, tangent: Option<Slot>, like: Slot) -> Slot {
        let ty = self.builder.ty(like).clone();
        tangent.unwrap_or_else(|| self.builder.zeros(&ty))
    }

    /// The tangents of a primitive's results, given those of some of its arguments; `None` is zero.
    fn forward_row(
        &mut self,
        memo: &mut Memo,
        prim: &Prim,
        args: &[Slot],
        tangents: &[Option<Slot>],
    ) -> Vec<Option<Slot>> {
        let differentiable = |k: usize| self.builder.ty(args[k]).differentiable();
        let one = tangents.iter().flatten().count() == 1;
        let linear = prim.row().linear == Linearity::Linear;
        let several = matches!(
            prim,
            Prim::Select | Prim::Concat(_) | Prim::ScatterAdd { .. }
        );
        let alone = (0..args.len()).filter(|&k| differentiable(k)).count() == 1;
        if several || linear && alone || linear && !one {
            // The primitive itself, at the tangents.
            let mut own = args.to_vec();
            for k in 0..args.len() {
                if self.builder.ty(args[k]).differentiable() {
                    own[k] = self.dense(tangents[k], args[k]);
                }
            }
            return vec![Some(self.builder.prim(prim.clone(), &own))];
        }
        let types: Vec<Type> = args.iter().map(|&a| self.builder.ty(a).clone()).collect();
        let varying: Vec<bool> = tangents.iter().map(Option::is_some).collect();
        let (row, moving) = derived_row(memo, prim, &types, &varying);
        let args: Vec<Slot> = args
            .iter()
            .copied()
            .chain(tangents.iter().flatten().copied())
            .collect();
        let mut made = self.builder.inline(&row, &args).into_iter();
        let moving = moving.into_iter();
        moving.map(|m| if m { made.next() } else { None }).collect()
    }

    fn carry_loop(&mut self, memo: &mut Memo, l: &Loop, args: &[Slot], tangents: &[Option<Slot>]) {
        let first_state = l.consts + l.xs;
        let mut varying: Vec<bool> = tangents.iter().map(Option::is_some).collect();
        // A state varies if it begins so or becomes so.
        let body = loop {
            let params: Vec<bool> = std::iter::once(false).chain(varying.clone()).collect();
            let body = streamed(memo, &Code::Body(l.body.clone()), &params);
            let mut grown = false;
            for k in 0..l.states {
                grown |= body.varying[k] && !varying[first_state + k];
                varying[first_state + k] |= body.varying[k];
            }
            if !grown {
                break body;
            }
        };
        let part =
            |from: usize, to: usize| (from..to).filter(|&k| varying[k]).collect::<Vec<usize>>();
        let (dconsts, dxs) = (part(0, l.consts), part(l.consts, first_state));
        let dstates = part(first_state, args.len());

        let types = l.body.params();
        let elements = |ks: &[usize]| {
            ks.iter()
                .map(|&k| types[1 + k].clone())
                .collect::<Vec<Type>>()
        };
        let params = [
            &types[..=l.consts],
            &elements(&dconsts),
            &types[1 + l.consts..=first_state],
            &elements(&dxs),
            &types[1 + first_state..],
            &elements(&dstates),
        ]
        .concat();
        let mut b = Builder::new(params);
        let mut own = b.param_slots().into_iter();
        let mut take = |n: usize| own.by_ref().take(n).collect::<Vec<Slot>>();
        let (consts, dc) = (take(1 + l.consts), take(dconsts.len()));
        let (xs, dx) = (take(l.xs), take(dxs.len()));
        let (states, ds) = (take(l.states), take(dstates.len()));
        let inner = [consts, xs, states, dc, dx, ds].concat();
        let results = b.inline(&body.region, &inner);
        let outputs = body.varying.len();
        let mut inner_tangents = results[outputs..].iter().copied();
        let mut of_result: Vec<Option<Slot>> = Vec::with_capacity(outputs);
        for &varies in &body.varying {
            of_result.push(if varies { inner_tangents.next() } else { None });
        }
        let mut ends = results[..l.states].to_vec();
        for &k in &dstates {
            let ty = types[1 + k].clone();
            let tangent = of_result[k - first_state];
            ends.push(tangent.unwrap_or_else(|| b.zeros(&ty)));
        }
        ends.extend_from_slice(&results[l.states..outputs]);
        ends.extend(of_result[l.states..].iter().flatten());
        let region = b.finish(ends);

        let tangent = |ks: &[usize]| {
            ks.iter()
                .filter_map(|&k| tangents[k])
                .collect::<Vec<Slot>>()
        };
        let consts = [&args[..l.consts], &tangent(&dconsts)].concat();
        let xs = [&args[l.consts..first_state], &tangent(&dxs)].concat();
        let mut states = args[first_state..].to_vec();
        for &k in &dstates {
            states.push(self.dense(tangents[k], args[k]));
        }
        let made = self
            .builder
            .loop_that(l.ends, l.n, l.backward, [&consts, &xs, &states], region);
        // states, their tangents, outputs, their tangents
        let (values, rest) = made.split_at(l.states);
        let (dvalues, rest) = rest.split_at(dstates.len());
        let (stacks, dstacks) = rest.split_at(outputs - l.states);
        let results = [values, stacks, dvalues, dstacks].concat();
        let mut varies: Vec<bool> = varying[first_state..].to_vec();
        varies.extend_from_slice(&body.varying[l.states..]);
        self.finish_step(results, &varies);
    }

    fn carry_cond(
        &mut self,
        memo: &mut Memo,
        then: &Arc<Region>,
        otherwise: &Arc<Region>,
        args: &[Slot],
        tangents: &[Option<Slot>],
    ) {
        let varying: Vec<bool> = tangents[1..].iter().map(Option::is_some).collect();
        let arms = [then, otherwise].map(|arm| streamed(memo, &Code::Body(arm.clone()), &varying));
        let either: Vec<bool> = arms[0]
            .varying
            .iter()
            .zip(&arms[1].varying)
            .map(|(a, b)| *a || *b)
            .collect();
        let [then, otherwise] = arms.map(|arm| {
            let mut b = Builder::new(arm.region.params().to_vec());
            let params = b.param_slots();
            let inner = b.inline(&arm.region, &params);
            let (values, dvalues) = inner.split_at(either.len());
            let mut results = values.to_vec();
            let mut dvalues = dvalues.iter().copied();
            for (k, &either) in either.iter().enumerate() {
                let tangent = if arm.varying[k] { dvalues.next() } else { None };
                if either {
                    let ty = b.ty(values[k]).clone();
                    results.push(tangent.unwrap_or_else(|| b.zeros(&ty)));
                }
            }
            b.finish(results)
        });
        let captures: Vec<Slot> = args[1..]
            .iter()
            .copied()
            .chain(tangents.iter().flatten().copied())
            .collect();
        let results = self.builder.cond(args[0], &captures, then, otherwise);
        self.finish_step(results, &either);
    }
}

/// The forward row of a primitive: R of its reverse row in the cotangents `dy` of its results, at the tangents.
/// A reverse row is linear in `dy`, so `dy` itself drops out. Also says which results have a tangent.
pub(crate) fn derived_row(
    memo: &mut Memo,
    prim: &Prim,
    types: &[Type],
    varying: &[bool],
) -> (Region, Vec<bool>) {
    // The reverse row as a program of its own: arguments and dy to cotangents.
    let mut b = Builder::new(types.to_vec());
    let params = b.param_slots();
    let ys = b.emit(Op::Prim(prim.clone()), &params);
    let results: Vec<Type> = ys.iter().map(|&y| b.ty(y).clone()).collect();
    let arg_types: Vec<&Type> = types.iter().collect();
    let moves = |(j, ty): (usize, &Type)| {
        (0..types.len()).any(|k| varying[k] && flows(prim, k, &arg_types, j, ty))
    };
    let moving: Vec<bool> = results.iter().enumerate().map(moves).collect();
    let own = types.len();
    let mut b = Builder::new([types, &pick(&results, &moving)].concat());
    let ys = b.emit(Op::Prim(prim.clone()), &params);
    let mut given = (own as u32..).map(Slot);
    let dys: Vec<Option<Slot>> = moving
        .iter()
        .map(|&m| if m { given.next() } else { None })
        .collect();
    let builder = RefCell::new(b);
    let at = At::new(&builder, &params, &ys, &dys);
    let mut cotangents = Vec::new();
    for k in (0..own).filter(|&k| varying[k]) {
        let change = at
            .as_ref()
            .map_or(Change::Zero, |at| reverse_row(prim, k, at));
        cotangents.push(add_up(&builder, None, &types[k], change, true));
    }
    let count = cotangents.len();
    let row = builder.into_inner().finish(cotangents);

    // R of it in dy.
    let of_dys = own..row.params().len();
    let wanted = (0..row.params().len())
        .map(|p| of_dys.contains(&p))
        .collect();
    let wishes = Wishes::open(wanted, &vec![true; count]);
    let made = joint(memo, &row, &wishes);
    let mut builder = made.builder;
    let mut tangents = Vec::new();
    for p in of_dys.clone() {
        let ty = &row.params()[p];
        tangents.push(made.cotangents[p].unwrap_or_else(|| builder.zeros(ty)));
    }
    let whole = trim(&builder.finish(tangents));

    // Without dy.
    let tangents = pick(types, varying);
    let mut b = Builder::new([types, &tangents].concat());
    let mut args = b.param_slots();
    for p in of_dys {
        let dy = b.zeros(&row.params()[p]);
        args.insert(p, dy);
    }
    let results = b.inline(&whole, &args);
    (trim(&b.finish(results)), moving)
}

fn pick(types: &[Type], mask: &[bool]) -> Vec<Type> {
    let pairs = types.iter().zip(mask);
    pairs.filter(|(_, m)| **m).map(|(t, _)| t.clone()).collect()
}
