//! Whether a program is linear in some of its parameters, read off its form.
//!
//! The forward derivative of a hand-written lens is the transpose of its `put`, which exists if `put` is
//! linear in the cotangents. This is decided from the table of primitives ([`Linearity`]) and never from
//! values, so *no* may mean *not known*.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::carrier::{Literal, Type};
use crate::prim::{BinaryOp, Linearity, Prim};
use crate::syntax::{Function, Lens, Loop, Op, Region, Step};

/// Whether the results of a region are jointly linear in the marked parameters, or why they are not:
/// a clause about *it*, the marked parameters.
pub fn linear_in(region: &Region, marked: &[bool]) -> Result<(), String> {
    let params: Vec<Class> = marked
        .iter()
        .map(|&m| if m { Class::Linear } else { Class::Constant })
        .collect();
    for class in Reader::default().results(region, &params) {
        match class {
            Class::Zero | Class::Linear => {}
            Class::Constant => return Err("a result does not depend on it".to_string()),
            Class::Other(why) => return Err(why.to_string()),
        }
    }
    Ok(())
}

/// Whether the `put` of a lens is linear in the cotangents, or why it is not: a clause about *it*.
pub fn put_linear(get: &Function, put: &Function) -> Result<(), String> {
    let (own, params) = (get.region.params().len(), put.region.params().len());
    let marked: Vec<bool> = (0..params).map(|p| p >= own).collect();
    linear_in(&put.region, &marked)
}

/// A lens on the way from the marked parameters to a result whose `put` is not linear, so that the region
/// has no forward derivative in them, and why.
pub fn without_tangent(region: &Region, marked: &[bool]) -> Option<(Arc<Lens>, String)> {
    let mut search = Search::default();
    search.region(region, marked);
    search.found
}

/// How a value depends on the marked parameters.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Class {
    /// It is zero.
    Zero,
    /// Not at all.
    Constant,
    /// It is linear in them.
    Linear,
    /// In some other way, or it is not known how.
    Other(Arc<str>),
}

fn other(why: &str) -> Class {
    Class::Other(why.into())
}

impl Class {
    fn held(&self) -> bool {
        matches!(self, Class::Zero | Class::Constant)
    }

    /// One value or the other, or their sum.
    fn join(&self, with: &Class) -> Class {
        match (self, with) {
            (Class::Other(why), _) | (_, Class::Other(why)) => Class::Other(why.clone()),
            (Class::Zero, one) | (one, Class::Zero) => one.clone(),
            (Class::Constant, Class::Constant) => Class::Constant,
            (Class::Linear, Class::Linear) => Class::Linear,
            (Class::Constant, Class::Linear) | (Class::Linear, Class::Constant) => {
                other("something that does not depend on it is added, or stands in its place")
            }
        }
    }
}

#[derive(Default)]
struct Reader {
    /// What results of regions are, given their parameters. Looked up, never iterated over.
    known: HashMap<(*const Region, Vec<Class>), Vec<Class>>,
}

impl Reader {
    fn results(&mut self, region: &Region, params: &[Class]) -> Vec<Class> {
        let key = (std::ptr::from_ref(region), params.to_vec());
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let mut slots = params.to_vec();
        for step in region.steps() {
            let args: Vec<Class> = step.args.iter().map(|a| slots[a.index()].clone()).collect();
            slots.extend(self.step(region, step, &args));
        }
        let results = region.results().iter();
        let results: Vec<Class> = results.map(|r| slots[r.index()].clone()).collect();
        self.known.insert(key, results.clone());
        results
    }

    fn step(&mut self, region: &Region, step: &Step, args: &[Class]) -> Vec<Class> {
        let types: Vec<&Type> = step.args.iter().map(|&a| region.ty(a)).collect();
        let all = |class: Class| vec![class; step.types.len()];
        let bad = args.iter().find(|c| matches!(c, Class::Other(_)));
        if let Some(bad) = bad {
            return all(bad.clone());
        }
        match &step.op {
            Op::Prim(prim) => all(prim_class(prim, &types, args)),
            Op::Loop(l) => self.counted_loop(l, args),
            Op::Cond { then, otherwise } => {
                if !args[0].held() {
                    return all(other("a condition depends on it"));
                }
                let then = self.results(then, &args[1..]);
                let otherwise = self.results(otherwise, &args[1..]);
                let arms = then.iter().zip(&otherwise);
                arms.map(|(a, b)| a.join(b)).collect()
            }
            Op::Call(f) => self.results(&f.region, args),
            Op::Reverse(f) | Op::Forward(f) => {
                let (point, changes) = args.split_at(f.region.params().len());
                if args.iter().all(Class::held) {
                    return all(Class::Constant);
                }
                if !point.iter().all(Class::held) {
                    return all(other("a derivative is taken at it"));
                }
                // Linear in the changes, if the lenses in it are: those are asked about by themselves.
                let marked = vec![true; point.len()];
                if let Some((_, why)) = without_tangent(&f.region, &marked) {
                    return all(Class::Other(why.into()));
                }
                let sum = changes.iter().fold(Class::Zero, |sum, c| sum.join(c));
                all(sum)
            }
            Op::Lens(l) => {
                if args.iter().all(Class::held) {
                    return all(Class::Constant);
                }
                let why = format!("it goes through the lens `{}`", l.get.name);
                all(Class::Other(why.into()))
            }
        }
    }

    fn counted_loop(&mut self, l: &Loop, args: &[Class]) -> Vec<Class> {
        if l.solved() && !args.iter().all(Class::held) {
            return vec![other("an equation with it is solved"); l.body.results().len()];
        }
        let first = l.consts + l.xs;
        let mut args = args.to_vec();
        loop {
            let params = [&[Class::Constant], &args[..]].concat();
            let results = self.results(&l.body, &params);
            let mut changed = false;
            for (state, next) in args[first..].iter_mut().zip(&results) {
                let joined = state.join(next);
                changed |= joined != *state;
                *state = joined;
            }
            if !changed {
                if l.limited() && !args[first].held() {
                    return vec![other("how often a loop runs depends on it"); results.len()];
                }
                return [&args[first..], &results[l.states..]].concat();
            }
        }
    }
}

fn prim_class(prim: &Prim, types: &[&Type], args: &[Class]) -> Class {
    let row = prim.row();
    if let Prim::Literal(literal) = prim {
        let zero = *literal == Literal::zero(literal.carrier());
        return if zero { Class::Zero } else { Class::Constant };
    }
    let differentiable = || (0..args.len()).filter(|&k| types[k].differentiable());
    let linear = match prim {
        // Between different rings it is no map of rings.
        Prim::Convert(to) => types[0].carrier == *to || types[0].carrier.is_real() && to.is_real(),
        _ => row.linear == Linearity::Linear,
    };
    if linear {
        let chosen = (0..args.len()).find(|&k| !types[k].differentiable() && !args[k].held());
        if chosen.is_some() {
            return other("a condition or an index depends on it");
        }
        return differentiable().fold(Class::Zero, |sum, k| sum.join(&args[k]));
    }
    if args.iter().all(Class::held) {
        return Class::Constant;
    }
    let name = row.name;
    match prim {
        Prim::Binary(BinaryOp::Div) => match (&args[0], &args[1]) {
            (Class::Linear, divisor) if divisor.held() => Class::Linear,
            _ => other("it divides something"),
        },
        _ if row.linear == Linearity::Bilinear => {
            if args.contains(&Class::Zero) {
                Class::Zero
            } else if args.iter().any(Class::held) {
                Class::Linear
            } else {
                other("it is multiplied by itself")
            }
        }
        _ => Class::Other(format!("it is an argument of `{name}`").into()),
    }
}

/// Looks for lenses without a tangent, with everything that depends on what is marked.
#[derive(Default)]
struct Search {
    found: Option<(Arc<Lens>, String)>,
    /// For each region what it was asked with and which results depend on that.
    known: HashMap<(*const Region, Vec<bool>), Vec<bool>>,
    /// The regions whose backward halves have been looked into.
    reversed: HashSet<*const Region>,
}

impl Search {
    fn region(&mut self, region: &Region, marked: &[bool]) -> Vec<bool> {
        let key = (std::ptr::from_ref(region), marked.to_vec());
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let mut slots: Vec<bool> = marked
            .iter()
            .zip(region.params())
            .map(|(m, ty)| *m && ty.differentiable())
            .collect();
        for step in region.steps() {
            if self.found.is_some() {
                break;
            }
            let args: Vec<bool> = step.args.iter().map(|a| slots[a.index()]).collect();
            let results = self.step(step, &args).into_iter().zip(&step.types);
            slots.extend(results.map(|(r, ty)| r && ty.differentiable()));
        }
        slots.resize(region.slots().len(), false);
        let results = region.results().iter().map(|r| slots[r.index()]);
        let results: Vec<bool> = results.collect();
        self.known.insert(key, results.clone());
        results
    }

    fn step(&mut self, step: &Step, args: &[bool]) -> Vec<bool> {
        let any = args.contains(&true);
        let all = vec![any; step.types.len()];
        if !any {
            return all;
        }
        match &step.op {
            Op::Prim(_) => all,
            Op::Loop(l) => {
                let first = l.consts + l.xs;
                let mut args = args.to_vec();
                loop {
                    let params = [&[false], &args[..]].concat();
                    let results = self.region(&l.body, &params);
                    let mut grown = false;
                    for (state, next) in args[first..].iter_mut().zip(&results) {
                        grown |= *next && !*state;
                        *state |= next;
                    }
                    if !grown {
                        return [&args[first..], &results[l.states..]].concat();
                    }
                }
            }
            Op::Cond { then, otherwise } => {
                let then = self.region(then, &args[1..]);
                let otherwise = self.region(otherwise, &args[1..]);
                then.iter().zip(&otherwise).map(|(a, b)| *a || *b).collect()
            }
            Op::Call(f) => self.region(&f.region, args),
            Op::Reverse(f) | Op::Forward(f) => {
                let point = &args[..f.region.params().len()];
                self.region(&f.region, point);
                self.puts(&f.region);
                all
            }
            Op::Lens(l) => {
                if self.found.is_none()
                    && let Err(why) = put_linear(&l.get, &l.put)
                {
                    self.found = Some((l.clone(), why));
                }
                all
            }
        }
    }

    /// The backward halves in a region whose reverse derivative is taken: they are ordinary programs then,
    /// through which tangents go.
    fn puts(&mut self, region: &Region) {
        if !self.reversed.insert(std::ptr::from_ref(region)) {
            return;
        }
        for step in region.steps() {
            if let Op::Lens(l) = &step.op {
                let marked = vec![true; l.put.region.params().len()];
                self.region(&l.put.region, &marked);
            } else {
                step.op.bodies().into_iter().for_each(|r| self.puts(r));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::linear_in;
    use crate::{Builder, Carrier, Literal, Region, Slot, Type, UnaryOp};

    /// A region over `x`, held, and `dy`.
    fn of(body: impl FnOnce(&mut Builder, Slot, Slot) -> Slot) -> Region {
        let mut b = Builder::new(vec![Type::scalar(Carrier::F64); 2]);
        let (x, dy) = (b.param(0), b.param(1));
        let result = body(&mut b, x, dy);
        b.finish(vec![result])
    }

    fn why(body: impl FnOnce(&mut Builder, Slot, Slot) -> Slot) -> Result<(), String> {
        linear_in(&of(body), &[false, true])
    }

    #[test]
    fn what_is_linear() {
        assert_eq!(why(|b, x, dy| b.mul(x, dy)), Ok(()));
        assert_eq!(why(|b, x, dy| b.div(dy, x)), Ok(()));
        assert_eq!(why(|b, _, _| b.zeros(&Type::scalar(Carrier::F64))), Ok(()));
        let by_sign = |b: &mut Builder, x, dy| {
            let zero = b.literal(Literal::zero(Carrier::F64));
            let up = b.compare(crate::CompareOp::Lt, zero, x);
            b.select(up, dy, zero)
        };
        assert_eq!(why(by_sign), Ok(()));
    }

    #[test]
    fn what_is_not() {
        let no = |r: Result<(), String>, part: &str| {
            let text = r.expect_err("not linear");
            assert!(text.contains(part), "{text}");
        };
        no(why(|b, _, dy| b.mul(dy, dy)), "multiplied by itself");
        no(why(|b, x, dy| b.div(x, dy)), "divides");
        no(why(|b, x, dy| b.add(x, dy)), "added");
        no(why(|_, x, _| x), "does not depend");
        no(why(|b, _, dy| b.unary(UnaryOp::Tanh, dy)), "`tanh`");
        let by_sign = |b: &mut Builder, _, dy| {
            let zero = b.literal(Literal::zero(Carrier::F64));
            let up = b.compare(crate::CompareOp::Lt, zero, dy);
            b.select(up, dy, zero)
        };
        no(why(by_sign), "`lt`");
    }
}
