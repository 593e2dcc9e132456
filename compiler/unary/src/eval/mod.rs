//! The meaning of unary form: a slow, plain interpreter that counts what it does.
//!
//! *Order.* Steps run in order, also those that no result needs. A reduction starts from its monoid's
//! unit and takes the elements from left to right, in row-major order of the reduced axes, at the
//! carrier's own precision; a contraction starts from zero and adds products in row-major order of the
//! `sum` pairs as they are listed; a scan folds along its axis from the unit (from the end if
//! `reverse`); a scatter adds its values in row-major order of the indices.
//! That is what a naive loop nest does, and compiled code under `--exact` does it too, bit for bit.
//!
//! *In place.* A slot is dropped at its last use, and a scatter changes its accumulator in place if
//! nobody else holds it. So a loop of `n` iterations that each add one value to an accumulator of `m`
//! elements takes O(n + m), and its counts say so.

mod element;
mod fold;
mod index;
mod layout;
mod linalg;
mod prim;

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::carrier::{Literal, Type};
use crate::prim::Prim;
use crate::syntax::{Loop, Op, Region, Slot};
use crate::typing::infer;
use crate::value::{Array, Data, Trap};

/// What a run did, in elements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// One for each element that a pointwise function, a comparison, a choice or a conversion makes;
    /// one for each element that a reduction, a scan or an arg-reduction takes (four for log-sum-exp,
    /// and two for each of its results); two for each multiply-add of a contraction; one for each value
    /// that a scatter adds; one for each random word; of a factorization or a linear system what
    /// [`crate::LinalgOp::flops`] says.
    pub arithmetic: u64,
    /// Elements copied by broadcasts, transpositions, slices, pads, concatenations, flips and gathers,
    /// by reading an element of a loop's array and stacking a loop's output, and by a scatter whose
    /// accumulator somebody else still holds.
    pub moves: u64,
    /// Elements written as constants: literals, iota and broadcasts of a literal. They are no work of
    /// the program and stand apart.
    pub fills: u64,
}

impl Counts {
    /// The work: arithmetic and moves.
    pub fn total(self) -> u64 {
        self.arithmetic + self.moves
    }
}

/// The results of a region at arguments, or where it stopped.
///
/// # Panics
/// If the region has an unresolved derivative ([`crate::check::check_resolved`] refuses it), is ill-formed
/// ([`crate::check::check`] refuses it), or if the arguments are not of its parameters' types.
pub fn eval(region: &Region, args: &[Array]) -> Result<Vec<Array>, Trap> {
    Ok(eval_counted(region, args)?.0)
}

/// As [`eval`], with what it cost.
///
/// # Panics
/// As [`eval`].
pub fn eval_counted(region: &Region, args: &[Array]) -> Result<(Vec<Array>, Counts), Trap> {
    let types: Vec<&Type> = args.iter().map(Array::ty).collect();
    let params: Vec<&Type> = region.params().iter().collect();
    assert_eq!(params, types, "the arguments of a region");
    let args = args.iter().map(|a| Rc::new(a.data().clone())).collect();
    let mut machine = Machine::default();
    let results = machine.region(region, args)?;
    let arrays = region
        .result_types()
        .into_iter()
        .zip(results)
        .map(|(ty, data)| Array::new(ty, Rc::unwrap_or_clone(data)))
        .collect();
    Ok((arrays, machine.counts))
}

/// A primitive at scalars.
///
/// # Panics
/// If it does not fit them, or stops.
pub(crate) fn at_literals(prim: &Prim, args: &[Literal]) -> Literal {
    let types: Vec<Type> = args.iter().map(|l| Type::scalar(l.carrier())).collect();
    let types: Vec<&Type> = types.iter().collect();
    let results = infer(&Op::Prim(prim.clone()), &types).expect("a primitive that fits");
    let work = prim::Work {
        types: &types,
        result: &results[0],
        of_literal: false,
        counts: &mut Counts::default(),
    };
    let values = args
        .iter()
        .map(|&l| Rc::new(Array::full(l, &[]).into_data()));
    let data = work
        .run(prim, values.collect())
        .expect("a primitive that never stops");
    Array::new(results[0].clone(), Rc::unwrap_or_clone(data)).literal(0)
}

/// A value of a slot, whose type the region knows.
type Value = Rc<Data>;

/// When the slots of a region are used for the last time.
struct Plan {
    /// For each step and argument: whether the slot may be given away.
    last: Vec<Vec<bool>>,
    /// For each result: likewise.
    last_result: Vec<bool>,
    /// For each slot: whether it is never used.
    unused: Vec<bool>,
    /// For each slot: whether it is a literal.
    literal: Vec<bool>,
}

impl Plan {
    fn of(region: &Region) -> Plan {
        // From the end, the first sight of a slot is its last use.
        let mut unused = vec![true; region.slots().len()];
        let mut look = |slots: &[Slot]| -> Vec<bool> {
            let backwards = slots.iter().rev();
            let mut last: Vec<bool> = backwards
                .map(|s| std::mem::replace(&mut unused[s.index()], false))
                .collect();
            last.reverse();
            last
        };
        let last_result = look(region.results());
        let mut last: Vec<Vec<bool>> = region.steps().iter().rev().map(|s| look(&s.args)).collect();
        last.reverse();
        let mut literal = vec![false; region.slots().len()];
        for (slot, step) in region.numbered() {
            if let Op::Prim(Prim::Literal(_)) = step.op {
                literal[slot.index()] = true;
            }
        }
        Plan {
            last,
            last_result,
            unused,
            literal,
        }
    }
}

#[derive(Default)]
struct Machine {
    counts: Counts,
    /// By the address of a region: all regions stay where they are during a run.
    plans: HashMap<*const Region, Rc<Plan>>,
}

impl Machine {
    fn region(&mut self, region: &Region, args: Vec<Value>) -> Result<Vec<Value>, Trap> {
        let plan = self
            .plans
            .entry(std::ptr::from_ref(region))
            .or_insert_with(|| Rc::new(Plan::of(region)))
            .clone();
        let mut slots: Vec<Option<Value>> = Vec::with_capacity(region.slots().len());
        keep(&mut slots, args, &plan);
        for (index, step) in region.steps().iter().enumerate() {
            let args = take(&mut slots, &step.args, &plan.last[index]);
            let types: Vec<&Type> = step.args.iter().map(|&s| region.ty(s)).collect();
            let results = match &step.op {
                Op::Prim(prim) => {
                    if let Prim::Linalg(op) = prim {
                        let results = linalg::run(*op, &types, &args, &mut self.counts);
                        keep(&mut slots, results, &plan);
                        continue;
                    }
                    let free = step.args.first().is_some_and(|s| plan.literal[s.index()]);
                    let work = prim::Work {
                        types: &types,
                        result: &step.types[0],
                        of_literal: free,
                        counts: &mut self.counts,
                    };
                    vec![work.run(prim, args)?]
                }
                Op::Loop(l) => self.run_loop(l, args, &types, &step.types)?,
                Op::Cond { then, otherwise } => {
                    let holds = matches!(&*args[0], Data::Byte(v) if v[0] != 0);
                    let arm: &Arc<Region> = if holds { then } else { otherwise };
                    self.region(arm, args.into_iter().skip(1).collect())?
                }
                Op::Call(f) => self.region(&f.region, args)?,
                Op::Lens(l) => self.region(&l.get.region, args)?,
                Op::Reverse(f) | Op::Forward(f) => {
                    panic!("the derivative of {} is not resolved", f.name)
                }
            };
            keep(&mut slots, results, &plan);
        }
        Ok(take(&mut slots, region.results(), &plan.last_result))
    }

    fn run_loop(
        &mut self,
        l: &Loop,
        mut args: Vec<Value>,
        types: &[&Type],
        results: &[Type],
    ) -> Result<Vec<Value>, Trap> {
        let mut states = args.split_off(l.consts + l.xs);
        let xs = args.split_off(l.consts);
        let consts = args;
        let x_sizes: Vec<usize> = types[l.consts..l.consts + l.xs]
            .iter()
            .map(|t| t.shape[1..].iter().product())
            .collect();
        let mut outputs: Vec<Data> = results[l.states..]
            .iter()
            .map(|t| Array::zeros(t).into_data())
            .collect();
        let mut end = if l.limited() {
            limit_of(&states[0], l.n)
        } else {
            l.n
        };
        let mut ran = 0;
        while ran < end {
            let i = if l.backward { end - 1 - ran } else { ran };
            let mut params = Vec::with_capacity(1 + consts.len() + xs.len() + states.len());
            params.push(Rc::new(Data::Int(vec![i as i64])));
            params.extend(consts.iter().cloned());
            for (x, &size) in xs.iter().zip(&x_sizes) {
                self.counts.moves += size as u64;
                params.push(Rc::new(layout::part(x, i * size, size)));
            }
            params.append(&mut states);
            states = self.region(&l.body, params)?;
            for (whole, element) in outputs.iter_mut().zip(states.drain(l.states..)) {
                self.counts.moves += element.len() as u64;
                layout::put(whole, i * element.len(), &element);
            }
            ran += 1;
            if l.limited() && !l.backward {
                end = limit_of(&states[0], l.n);
            }
        }
        if l.limited() {
            states[0] = Rc::new(Data::Int(vec![ran as i64]));
        }
        states.extend(outputs.into_iter().map(Rc::new));
        Ok(states)
    }
}

/// How many iterations a limit allows of at most `n`.
fn limit_of(limit: &Data, n: usize) -> usize {
    match limit {
        Data::Int(v) => usize::try_from(v[0]).unwrap_or(0).min(n),
        Data::F32(_) | Data::F64(_) | Data::Mod(_) | Data::Byte(_) => {
            panic!("a loop's limit is an int")
        }
    }
}

/// Appends values to the context, unless nobody uses them.
fn keep(slots: &mut Vec<Option<Value>>, values: Vec<Value>, plan: &Plan) {
    for value in values {
        let used = !plan.unused[slots.len()];
        slots.push(used.then_some(value));
    }
}

/// Reads slots, giving away those that are not read again.
fn take(slots: &mut [Option<Value>], wanted: &[Slot], last: &[bool]) -> Vec<Value> {
    wanted
        .iter()
        .zip(last)
        .map(|(slot, &last)| {
            let value = &mut slots[slot.index()];
            let value = if last { value.take() } else { value.clone() };
            value.expect("a slot that is used later is kept")
        })
        .collect()
}

#[cfg(test)]
mod tests;
