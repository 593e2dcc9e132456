//! Replaces every derivative that is asked for by the program that computes it, innermost first.
//!
//! *Before*: any region.
//! *After*: the same results; no `Reverse` and no `Forward` remains, in no body and no function.
//! *Size*: for each differentiated function, the joint program's.
//!
//! What is differentiated again is simplified first: the derivatives in it become part of it, and what they
//! compute alike is computed once. So the derivatives of a polynomial become smaller and end at zero. Where
//! they do grow, each is some times larger than the one before, so there is a limit.
//!
//! Where a region asks for the reverse derivative of a function and for its value, or for the reverse
//! derivative twice, at the same arguments, the function runs forwards once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use lentil_unary::simplify::simplify;
use lentil_unary::{
    Builder, Function, Literal, Op, Prim, Rebuild, Rebuilt, Region, Slot, Type, rebuild,
};

use crate::bodies::Lens;
use crate::hoist::hoist;
use crate::memo::{Memo, Purpose};
use crate::{forward_resolved, reverse_resolved, reverse_wishes};

/// See [`crate::resolve`].
pub(crate) fn resolve(memo: &mut Memo, region: &Region) -> Region {
    Resolving { memo }.region(region)
}

struct Resolving<'m> {
    memo: &'m mut Memo,
}

impl Rebuild for Resolving<'_> {
    fn rebuilt(&mut self) -> &mut Rebuilt {
        &mut self.memo.resolved
    }

    fn region(&mut self, region: &Region) -> Region {
        let shared = Shared::of(region);
        rebuild(region, |b, step, args| match &step.op {
            Op::Call(f) if shared.has(f, &step.args) => {
                let lens = lens(self.memo, f);
                let mut made = b.call(&lens.get, args);
                made.truncate(step.types.len());
                made
            }
            Op::Reverse(f) if shared.has(f, &step.args) => {
                let lens = lens(self.memo, f);
                put(b, &lens, args, &step.types)
            }
            Op::Reverse(f) => b.call(&made(self.memo, f, Purpose::Reverse), args),
            Op::Forward(f) => push(self.memo, b, f, args),
            op => b.emit(self.inside(op), args),
        })
    }

    fn function(&mut self, f: &Arc<Function>) -> Arc<Function> {
        made(self.memo, f, Purpose::Resolved)
    }
}

/// How often each function is run at each arguments, if it is reversed there.
struct Shared<'a> {
    /// Looked up, never iterated over.
    runs: HashMap<Run<'a>, (usize, bool)>,
}

/// A function at arguments.
type Run<'a> = (&'a Arc<Function>, &'a [Slot]);

impl<'a> Shared<'a> {
    fn of(region: &'a Region) -> Shared<'a> {
        let mut runs: HashMap<_, (usize, bool)> = HashMap::new();
        for step in region.steps() {
            if let Op::Call(f) | Op::Reverse(f) = &step.op {
                let args = &step.args[..f.region.params().len()];
                let (count, reversed) = runs.entry((f, args)).or_default();
                *count += 1;
                *reversed |= matches!(step.op, Op::Reverse(_));
            }
        }
        Shared { runs }
    }

    fn has(&self, f: &'a Arc<Function>, args: &'a [Slot]) -> bool {
        let key = (f, &args[..f.region.params().len()]);
        matches!(self.runs.get(&key), Some((2.., true)))
    }
}

/// The halves of the function in all its parameters and results.
fn lens(memo: &mut Memo, f: &Arc<Function>) -> Lens {
    let f = made(memo, f, Purpose::Prepared);
    let wishes = reverse_wishes(&f.region, &vec![true; f.region.params().len()]);
    Lens::of(memo, &f, &wishes)
}

/// The reverse derivative by the two halves: the first runs once for all that ask for it here.
fn put(b: &mut Builder, lens: &Lens, args: &[Slot], types: &[Type]) -> Vec<Slot> {
    let (own, cotangents) = args.split_at(lens.get.region.params().len());
    let made = b.call(&lens.get, own);
    let mut given = lens.put_args(own, &made);
    given.extend(cotangents);
    let mut results = b.call(&lens.put, &given).into_iter();
    let params = lens.get.region.params().iter().zip(&lens.halves.gives);
    let gives = params.filter(|(ty, _)| ty.differentiable());
    gives
        .zip(types)
        .map(|((_, &gives), ty)| {
            let given = if gives { results.next() } else { None };
            given.unwrap_or_else(|| b.zeros(ty))
        })
        .collect()
}

/// The forward derivative. What has the tangent zero does not vary: nothing is computed of it.
fn push(memo: &mut Memo, b: &mut Builder, f: &Arc<Function>, args: &[Slot]) -> Vec<Slot> {
    let (own, tangents) = args.split_at(f.region.params().len());
    let mut tangents = tangents.iter();
    let mut varying = Vec::with_capacity(own.len());
    let mut given = own.to_vec();
    for ty in f.region.params() {
        let tangent = if ty.differentiable() {
            tangents.next().filter(|t| !is_zero(b, **t))
        } else {
            None
        };
        varying.push(tangent.is_some());
        given.extend(tangent);
    }
    let key = (made(memo, f, Purpose::Derivand), varying);
    let function = match memo.forwards.get(&key) {
        Some(known) => known.clone(),
        None => {
            let region = forward_resolved(memo, &key.0.region, &key.1, &[]);
            let made = memo.function(format!("{}.forward", f.name), region);
            memo.forwards.insert(key, made.clone());
            made
        }
    };
    b.call(&function, &given)
}

/// Whether a slot is a literal zero, or that repeated.
fn is_zero(b: &Builder, slot: Slot) -> bool {
    b.step_of(slot).is_some_and(|step| match &step.op {
        Op::Prim(Prim::Literal(literal)) => *literal == Literal::zero(literal.carrier()),
        Op::Prim(Prim::Broadcast { .. } | Prim::Reshape(_)) => is_zero(b, step.args[0]),
        _ => false,
    })
}

/// The function made from a function; once for each.
fn made(memo: &mut Memo, f: &Arc<Function>, purpose: Purpose) -> Arc<Function> {
    let key = (purpose, f.clone());
    if let Some(known) = memo.functions.get(&key) {
        return known.clone();
    }
    let function = match purpose {
        Purpose::Resolved => f.with_region(resolve(memo, &f.region)),
        Purpose::Derivand => f.with_region(derivand(memo, f)),
        Purpose::Prepared => f.with_region(hoist(&made(memo, f, Purpose::Derivand).region)),
        Purpose::Reverse => {
            let prepared = made(memo, f, Purpose::Prepared);
            let wanted = vec![true; prepared.region.params().len()];
            let region = reverse_resolved(memo, &prepared.region, &wanted, &[]);
            let name = format!("{}.reverse", f.name);
            Arc::new(Function { name, region })
        }
    };
    let function = memo.adopt(function);
    memo.functions.insert(key, function.clone());
    function
}

/// What is differentiated where a function is: simplified, if there were derivatives in it.
fn derivand(memo: &mut Memo, f: &Arc<Function>) -> Region {
    let resolved = made(memo, f, Purpose::Resolved);
    if resolved.region == f.region {
        return f.region.clone();
    }
    let region = simplify(&resolved.region);
    match memo.limit {
        Some(limit) if order(&f.region) > 1 && steps(&region, limit) > limit => {
            // Whoever set the limit asks for nothing else now, so what follows may as well be small.
            memo.exceeded = true;
            zeros(&region)
        }
        _ => region,
    }
}

/// The function of the same type whose results are zero.
fn zeros(region: &Region) -> Region {
    let mut b = Builder::new(region.params().to_vec());
    let results = region.result_types();
    let results = results.iter().map(|ty| b.zeros(ty)).collect();
    b.finish(results)
}

/// How many derivatives are taken inside each other.
pub(crate) fn order(region: &Region) -> usize {
    type Known<'a> = HashMap<&'a Arc<Function>, usize>;
    fn called<'a>(f: &'a Arc<Function>, known: &mut Known<'a>) -> usize {
        if let Some(&order) = known.get(f) {
            return order;
        }
        let order = of(&f.region, known);
        known.insert(f, order);
        order
    }
    fn of<'a>(region: &'a Region, known: &mut Known<'a>) -> usize {
        let mut highest = 0;
        for step in region.steps() {
            let order = match &step.op {
                Op::Prim(_) => 0,
                Op::Call(f) => called(f, known),
                Op::Lens(l) => called(&l.get, known).max(called(&l.put, known)),
                Op::Reverse(f) | Op::Forward(f) => 1 + called(f, known),
                Op::Loop(l) => of(&l.body, known),
                Op::Cond { then, otherwise } => of(then, known).max(of(otherwise, known)),
            };
            highest = highest.max(order);
        }
        highest
    }
    of(region, &mut HashMap::new())
}

/// The number of steps, with those of bodies and those of each function once; counted no further than
/// past `most`.
fn steps(region: &Region, most: usize) -> usize {
    fn count<'a>(
        region: &'a Region,
        most: usize,
        seen: &mut HashSet<&'a Arc<Function>>,
        total: &mut usize,
    ) {
        for step in region.steps() {
            if *total > most {
                return;
            }
            *total += 1;
            match &step.op {
                Op::Prim(_) => {}
                Op::Loop(l) => count(&l.body, most, seen, total),
                Op::Cond { then, otherwise } => {
                    count(then, most, seen, total);
                    count(otherwise, most, seen, total);
                }
                Op::Call(f) | Op::Reverse(f) | Op::Forward(f) => {
                    if seen.insert(f) {
                        count(&f.region, most, seen, total);
                    }
                }
                Op::Lens(l) => {
                    for f in [&l.get, &l.put] {
                        if seen.insert(f) {
                            count(&f.region, most, seen, total);
                        }
                    }
                }
            }
        }
    }
    let mut total = 0;
    count(region, most, &mut HashSet::new(), &mut total);
    total
}
