//! Between which bounds the whole numbers of a program lie: which indices cannot leave their axis.
//!
//! Every `int` slot is an affine expression of positions, of the numbers of iterations, and of atoms of which
//! bounds and a few laws are known (`min(a, b) ≤ a`, `0 ≤ a mod 3 < 3`). Conditions are known as sums that are
//! not negative where they hold, and where they do not; the arms of a conditional know them as facts.
//! What is asked is proved by bounds, or by bounds and few facts, one after the other. The answer *no* means
//! *not known*.
//!
//! Machine numbers wrap around and these expressions do not: an expression stands for a slot only where it
//! is proved that it fits.

mod bounds;
mod known;
mod step;
mod sum;

use std::cell::RefCell;
use std::rc::Rc;

use crate::carrier::{Carrier, Type};
use crate::syntax::{Loop, Region, Slot};

use known::{Bounds, Known, Place};
pub use sum::{Atom, Sum, Term};

/// Loops in loops in loops have states of which nothing is known: what they are is worked out by going
/// through their bodies twice.
const DEEPEST: usize = 3;

/// What is known of the slots of one region.
#[derive(Clone)]
pub struct Ranges<'r> {
    region: &'r Region,
    known: Rc<RefCell<Known>>,
    /// Sums that are not negative in this region, over no positions.
    facts: Vec<Sum>,
    slots: Vec<What>,
    depth: usize,
}

/// What is known of a slot: of each element, in terms of its position.
#[derive(Clone, Debug)]
enum What {
    /// An `int`.
    Int(Sum),
    /// A condition.
    Bool(Truth),
    /// Something else.
    Other,
}

/// Sums that are not negative.
#[derive(Clone, Debug, Default)]
struct Truth {
    /// Where it holds.
    yes: Vec<Sum>,
    /// Where it does not.
    no: Vec<Sum>,
}

impl<'r> Ranges<'r> {
    /// For a region of whose parameters nothing is known.
    pub fn of(region: &'r Region) -> Ranges<'r> {
        let mut ranges = Ranges {
            region,
            known: Rc::default(),
            facts: Vec::new(),
            slots: Vec::new(),
            depth: 0,
        };
        for ty in region.params() {
            let what = ranges.unknown(ty);
            ranges.slots.push(what);
        }
        ranges.run();
        ranges
    }

    /// For the body of a loop of this region, and the atom that is the number of its iteration.
    pub fn body<'b>(&self, l: &'b Loop, args: &[Slot]) -> (Ranges<'b>, Atom) {
        let number = self.known.borrow_mut().atom((0, (l.n as i64 - 1).max(0)));
        let iteration = Sum::of(Term::Atom(number, Vec::new()));
        let mut params = vec![What::Int(iteration.clone())];
        for (k, &arg) in args.iter().enumerate().take(l.consts + l.xs) {
            let what = &self.slots[arg.index()];
            let element = k >= l.consts;
            let ty = &l.body.params()[1 + k];
            params.push(match element {
                true => {
                    let mut axes = vec![iteration.clone()];
                    axes.extend((0..ty.rank()).map(Sum::axis));
                    self.moved(what, &axes, ty)
                }
                false => what.clone(),
            });
        }
        let bounds = self.states(l, args, &params);
        for (bounds, ty) in bounds
            .into_iter()
            .zip(&l.body.params()[1 + l.consts + l.xs..])
        {
            params.push(self.opaque(ty, bounds));
        }
        (self.inside(&l.body, params, Vec::new()), number)
    }

    /// For an arm of a conditional of this region, where it is taken.
    pub fn arm<'b>(&self, arm: &'b Region, args: &[Slot], holds: bool) -> Ranges<'b> {
        let facts = match &self.slots[args[0].index()] {
            What::Bool(truth) if holds => truth.yes.clone(),
            What::Bool(truth) => truth.no.clone(),
            What::Int(_) | What::Other => Vec::new(),
        };
        self.inside(arm, self.given(&args[1..]), facts)
    }

    /// For a region that runs at slots of this one, whatever else is so.
    pub fn at<'b>(&self, region: &'b Region, args: &[Slot]) -> Ranges<'b> {
        self.inside(region, self.given(args), Vec::new())
    }

    fn given(&self, args: &[Slot]) -> Vec<What> {
        args.iter().map(|a| self.slots[a.index()].clone()).collect()
    }

    /// Whether all elements of an `int` slot are at least zero and less than a size.
    pub fn within(&self, index: Slot, size: usize) -> bool {
        self.not_below(index, 0, &self.facts) && self.below(index, size, &self.facts)
    }

    /// The same in any case, whatever this region knows of where it runs.
    pub fn always_within(&self, index: Slot, size: usize) -> bool {
        self.not_below(index, 0, &[]) && self.below(index, size, &[])
    }

    /// Whether they are at least zero: in any case, and by what this region knows.
    pub fn at_least_zero(&self, index: Slot) -> [bool; 2] {
        [&[][..], &self.facts].map(|facts| self.not_below(index, 0, facts))
    }

    /// Whether they are less than a size: in any case, and by what this region knows.
    pub fn less_than(&self, index: Slot, size: usize) -> [bool; 2] {
        [&[][..], &self.facts].map(|facts| self.below(index, size, facts))
    }

    /// Whether they are all positive, or all negative, in any case.
    pub fn never_zero(&self, slot: Slot) -> bool {
        let (low, high) = self.bounds(slot);
        low > 0 || high < 0
    }

    /// The slot as an expression of positions and numbers of iterations, if it is `int`.
    pub fn sum(&self, slot: Slot) -> Option<&Sum> {
        match &self.slots[slot.index()] {
            What::Int(sum) => Some(sum),
            What::Bool(_) | What::Other => None,
        }
    }

    fn not_below(&self, slot: Slot, least: i128, facts: &[Sum]) -> bool {
        let sum = self
            .sum(slot)
            .and_then(|s| s.plus(&Sum::constant(least), -1));
        sum.is_some_and(|sum| self.proved(&sum, slot, facts))
    }

    fn below(&self, slot: Slot, size: usize, facts: &[Sum]) -> bool {
        let most = Sum::constant(size as i128 - 1);
        let sum = self.sum(slot).and_then(|s| most.plus(s, -1));
        sum.is_some_and(|sum| self.proved(&sum, slot, facts))
    }

    fn proved(&self, sum: &Sum, slot: Slot, facts: &[Sum]) -> bool {
        let shape = &self.region.ty(slot).shape;
        let place = Place { shape, facts };
        self.known.borrow().at_least_zero(sum, place)
    }

    /// Between which numbers, both included, the elements of a slot lie in any case; all numbers if it is not
    /// `int`.
    pub fn bounds(&self, slot: Slot) -> (i64, i64) {
        match self.sum(slot) {
            Some(sum) => (self.known.borrow()).bounds(sum, &self.region.ty(slot).shape),
            None => known::ANY,
        }
    }

    /// The same by what this region knows, and by more facts about the slot's elements.
    fn bounds_there(&self, slot: Slot, facts: &[Sum]) -> Bounds {
        let Some(sum) = self.sum(slot) else {
            return known::ANY;
        };
        let shape = &self.region.ty(slot).shape;
        let facts = &[&self.facts[..], facts].concat()[..];
        (self.known.borrow()).bounds_there(sum, Place { shape, facts })
    }

    fn inside<'b>(&self, region: &'b Region, params: Vec<What>, facts: Vec<Sum>) -> Ranges<'b> {
        let mut inner = Ranges {
            region,
            known: self.known.clone(),
            facts: [&self.facts[..], &facts].concat(),
            slots: params,
            depth: self.depth + 1,
        };
        inner.run();
        inner
    }

    fn run(&mut self) {
        for step in self.region.steps() {
            let made = self.step(step);
            self.slots.extend(made);
        }
    }

    /// Between which numbers the states of a loop lie: each is what it began with, or what the body makes of
    /// states of which nothing is known.
    fn states(&self, l: &Loop, args: &[Slot], params: &[What]) -> Vec<Bounds> {
        let own = &l.body.params()[1 + l.consts + l.xs..];
        let mut bounds = vec![known::ANY; own.len()];
        let counts = own.iter().any(|ty| ty.carrier == Carrier::Int);
        if !counts || self.depth >= DEEPEST || l.solved() {
            return bounds;
        }
        let unknown = own.iter().map(|ty| self.unknown(ty));
        let params = params.iter().cloned().chain(unknown).collect();
        let body = self.inside(&l.body, params, Vec::new());
        let inits = &args[l.consts + l.xs..];
        for (k, (bounds, &init)) in bounds.iter_mut().zip(inits).enumerate() {
            *bounds = hull(self.bounds(init), body.bounds(l.body.results()[k]));
        }
        bounds
    }
}

fn hull(a: Bounds, b: Bounds) -> Bounds {
    (a.0.min(b.0), a.1.max(b.1))
}

/// The positions of an array's own elements.
fn positions(ty: &Type) -> Vec<Sum> {
    (0..ty.rank()).map(Sum::axis).collect()
}

#[cfg(test)]
mod tests;
