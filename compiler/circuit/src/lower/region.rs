//! Walks through a region step by step: calls are expanded, loops unrolled, conditionals on an input
//! computed in both arms.

use std::rc::Rc;

use lentil_unary::{Array, Carrier, Literal, Loop, Op, Prim, Region, Step};

use super::gates::depends;
use super::moves::evaluate;
use super::refusal::Refusal;
use super::value::{Value, size};
use crate::netlist::Builder;

/// A netlist in the making, and what it has cost.
pub(super) struct Lowering {
    pub(super) builder: Builder,
    limit: usize,
    left: usize,
}

impl Lowering {
    pub(super) fn new(builder: Builder, limit: usize) -> Lowering {
        Lowering {
            builder,
            limit,
            left: limit,
        }
    }

    /// The results of a region at arguments of its parameters' types.
    pub(super) fn region(
        &mut self,
        region: &Region,
        args: Vec<Rc<Value>>,
    ) -> Result<Vec<Rc<Value>>, Refusal> {
        let mut slots = args;
        for step in region.steps() {
            let args: Vec<Rc<Value>> = step.args.iter().map(|a| slots[a.index()].clone()).collect();
            slots.extend(self.step(step, args)?);
        }
        Ok(region
            .results()
            .iter()
            .map(|r| slots[r.index()].clone())
            .collect())
    }

    fn step(&mut self, step: &Step, args: Vec<Rc<Value>>) -> Result<Vec<Rc<Value>>, Refusal> {
        for ty in &step.types {
            self.spend(size(ty))?;
        }
        match &step.op {
            // Of numbers that no input can change: computed now.
            Op::Prim(prim @ Prim::Linalg(_)) => {
                let known: Option<Vec<_>> = args.iter().map(|arg| arg.known()).collect();
                let known = known.ok_or_else(|| depends(prim, &step.types[0]))?;
                let results = evaluate(prim, known)?.into_iter();
                Ok(results.map(|r| Rc::new(Value::constant(r))).collect())
            }
            Op::Prim(prim) => {
                let args: Vec<&Value> = args.iter().map(|a| &**a).collect();
                Ok(vec![Rc::new(self.prim(prim, &args, &step.types[0])?)])
            }
            Op::Loop(l) => self.unroll(l, args),
            Op::Cond { then, otherwise } => self.cond(then, otherwise, &args),
            Op::Call(f) => self.region(&f.region, args),
            Op::Lens(l) => self.region(&l.get.region, args),
            Op::Reverse(f) | Op::Forward(f) => Err(Refusal::Derivative(f.name.clone())),
        }
    }

    fn unroll(&mut self, l: &Loop, args: Vec<Rc<Value>>) -> Result<Vec<Rc<Value>>, Refusal> {
        let consts = &args[..l.consts];
        let xs = &args[l.consts..l.consts + l.xs];
        let mut states = args[l.consts + l.xs..].to_vec();
        let elements: Vec<_> = xs.iter().filter_map(|x| x.ty().element()).collect();
        let mut outputs: Vec<Vec<Rc<Value>>> = vec![Vec::new(); l.outputs()];
        let first = self.end(l, &states)?;
        let mut ran = 0;
        while ran
            < if l.backward {
                first
            } else {
                self.end(l, &states)?
            }
        {
            self.spend(Some(1 + elements.iter().map(|ty| ty.len()).sum::<usize>()))?;
            let i = if l.backward { first - 1 - ran } else { ran };
            ran += 1;
            let number = Literal::integer(Carrier::Int, i as i64);
            let number = Value::Fixed(Array::full(number, &[]));
            let mut inner = vec![Rc::new(number)];
            inner.extend(consts.iter().cloned());
            inner.extend(
                xs.iter()
                    .zip(&elements)
                    .map(|(x, ty)| Rc::new(x.element(i, ty))),
            );
            inner.append(&mut states);
            let mut results = self.region(&l.body, inner)?;
            for (output, element) in outputs.iter_mut().zip(results.split_off(l.states)) {
                output.push(element);
            }
            states = results;
        }
        if l.limited() {
            let ran = Literal::integer(Carrier::Int, ran as i64);
            states[0] = Rc::new(Value::Fixed(Array::full(ran, &[])));
        }
        let types = l.body.result_types();
        for (mut output, ty) in outputs.into_iter().zip(&types[l.states..]) {
            if l.backward {
                output.reverse();
            }
            // Where an iteration did not run.
            let zero = Rc::new(Value::constant(Array::zeros(ty)));
            output.resize(l.n, zero);
            let parts: Vec<&Value> = output.iter().map(|part| &**part).collect();
            states.push(Rc::new(Value::stack(&parts, ty)));
        }
        Ok(states)
    }

    /// How many iterations a loop may have as of now. A limit that depends on an input has no gates.
    fn end(&self, l: &Loop, states: &[Rc<Value>]) -> Result<usize, Refusal> {
        if !l.limited() {
            return Ok(l.n);
        }
        let Some(limit) = states[0].known() else {
            return Err(Refusal::Depends {
                operation: "loop".to_string(),
                ty: states[0].ty().clone(),
            });
        };
        let limit = usize::try_from(limit.literal(0).as_i64()).unwrap_or(0);
        Ok(limit.min(l.n))
    }

    /// A condition that is known takes one arm. Otherwise both become gates, which is sound since what
    /// could stop a run has been refused by then.
    fn cond(
        &mut self,
        then: &Region,
        otherwise: &Region,
        args: &[Rc<Value>],
    ) -> Result<Vec<Rc<Value>>, Refusal> {
        let captures = args[1..].to_vec();
        if let Some(condition) = args[0].known() {
            let arm = if condition.literal(0).is_one() {
                then
            } else {
                otherwise
            };
            return self.region(arm, captures);
        }
        let yes = self.region(then, captures.clone())?;
        let no = self.region(otherwise, captures)?;
        let arms = yes.iter().zip(&no);
        arms.map(|(yes, no)| {
            let ty = yes.ty();
            // One condition for all elements.
            let shape = Prim::Broadcast {
                shape: ty.shape.clone(),
                axes: Vec::new(),
            };
            let condition =
                self.moved(&shape, &[&args[0]], &ty.with_carrier(args[0].ty().carrier))?;
            let value = self.select("cond", &condition, yes, no)?;
            Ok(Rc::new(value))
        })
        .collect()
    }

    /// Counts elements against the limit, before they are computed.
    pub(super) fn spend(&mut self, elements: Option<usize>) -> Result<(), Refusal> {
        self.left = elements
            .and_then(|n| self.left.checked_sub(n.max(1)))
            .ok_or(Refusal::TooLarge(self.limit))?;
        Ok(())
    }
}
