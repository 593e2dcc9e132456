//! What is known of numbers, and what follows from it.

use std::collections::HashMap;

use crate::prim::Prim;

use super::sum::{Atom, Sum, Term};

/// Between which numbers something lies, both included.
pub type Bounds = (i64, i64);

/// Of what nothing is known.
pub const ANY: Bounds = (i64::MIN, i64::MAX);

/// How many facts one after the other are used to prove something.
const DEPTH: usize = 3;
/// How many attempts a proof may take.
const ATTEMPTS: usize = 512;

/// The atoms of a program.
#[derive(Default)]
pub struct Known {
    atoms: Vec<Entry>,
    /// Looked up, never iterated over: equal steps on equal numbers make one atom.
    made: HashMap<Made, Atom>,
}

/// What an atom comes from.
#[derive(PartialEq, Eq, Hash)]
pub enum Made {
    /// A primitive on whole numbers of which expressions are known, with the shapes of its arguments.
    Step(Prim, Vec<(Sum, Vec<usize>)>),
    /// A sum that may wrap around.
    Wrapped(Sum),
}

struct Entry {
    bounds: Bounds,
    /// Sums that are not negative.
    laws: Vec<Sum>,
    /// What it is, if that does not wrap around.
    sum: Option<Sum>,
}

/// Where something is to be proved.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The shape of the array whose elements are spoken of.
    pub shape: &'a [usize],
    /// Sums that are not negative there.
    pub facts: &'a [Sum],
}

impl Known {
    /// A new atom.
    pub fn atom(&mut self, bounds: Bounds) -> Atom {
        self.atoms.push(Entry {
            bounds,
            laws: Vec::new(),
            sum: None,
        });
        Atom(self.atoms.len() as u32 - 1)
    }

    /// Notes sums that are not negative, over the positions of an atom's own elements.
    pub fn law(&mut self, atom: Atom, laws: impl IntoIterator<Item = Option<Sum>>) {
        let entry = &mut self.atoms[atom.0 as usize];
        entry.laws.extend(laws.into_iter().flatten());
    }

    /// The atom of a step; whether it is a new one. Nothing but the key makes a difference to its bounds.
    pub fn atom_of(&mut self, made: Made, bounds: Bounds) -> (Atom, bool) {
        if let Some(&known) = self.made.get(&made) {
            return (known, false);
        }
        let atom = self.atom(bounds);
        self.made.insert(made, atom);
        (atom, true)
    }

    /// Notes what an atom is if that does not wrap around.
    pub fn if_it_fits(&mut self, atom: Atom, sum: Sum) {
        self.atoms[atom.0 as usize].sum = Some(sum);
    }

    /// Whether a sum is at least zero.
    pub fn at_least_zero(&self, sum: &Sum, place: Place<'_>) -> bool {
        if place.shape.contains(&0) {
            return true; // of no element
        }
        let mut attempts = ATTEMPTS;
        let sum = self.unfolded(sum, place, &mut attempts);
        self.proved(&sum, place, DEPTH, &mut attempts)
    }

    /// Between which numbers a sum lies by the bounds of its terms alone; `ANY` if they do not fit.
    pub fn bounds(&self, sum: &Sum, shape: &[usize]) -> Bounds {
        let (low, high) = self.extremes(sum, shape);
        match (i64::try_from(low), i64::try_from(high)) {
            (Ok(low), Ok(high)) => (low, high),
            _ => ANY,
        }
    }

    /// The same, where facts make them narrower; each fact by itself.
    pub fn bounds_there(&self, sum: &Sum, place: Place<'_>) -> Bounds {
        let (mut low, mut high) = self.bounds(sum, place.shape);
        let least = |sum: &Sum, fact: &Sum, term: &Term| -> Option<i64> {
            let (s, f) = (*sum.terms.get(term)?, *fact.terms.get(term)?);
            if s.signum() != f.signum() {
                return None;
            }
            let rest = sum.times(f.abs())?.plus(fact, -s.abs())?;
            let low = self.extremes(&rest, place.shape).0;
            // |f| · sum is at least this; what it is at least itself is rounded up.
            i64::try_from(-((-low).div_euclid(f.abs()))).ok()
        };
        let Some(negative) = sum.times(-1) else {
            return (low, high);
        };
        for fact in place.facts {
            for term in fact.terms.keys() {
                low = low.max(least(sum, fact, term).unwrap_or(low));
                let most = least(&negative, fact, term).and_then(i64::checked_neg);
                high = high.min(most.unwrap_or(high));
            }
        }
        (low, high)
    }

    fn extremes(&self, sum: &Sum, shape: &[usize]) -> (i128, i128) {
        let (mut low, mut high) = (sum.constant, sum.constant);
        for (term, &c) in &sum.terms {
            let (least, most) = self.term(term, shape);
            let (a, b) = (c * i128::from(least), c * i128::from(most));
            low += a.min(b);
            high += a.max(b);
        }
        (low, high)
    }

    fn term(&self, term: &Term, shape: &[usize]) -> Bounds {
        match term {
            Term::Axis(k) => (0, shape.get(*k).map_or(i64::MAX, |&n| n as i64 - 1)),
            Term::Atom(atom, _) => self.atoms[atom.0 as usize].bounds,
        }
    }

    /// Whether a sum fits an `int`: only then it is what machine arithmetic computes.
    pub fn fits(&self, sum: &Sum, place: Place<'_>) -> bool {
        self.fits_within(sum, place, &mut ATTEMPTS.clone())
    }

    fn fits_within(&self, sum: &Sum, place: Place<'_>, attempts: &mut usize) -> bool {
        let [least, most] = [i64::MIN, i64::MAX].map(|x| Sum::constant(i128::from(x)));
        let ends = [sum.plus(&least, -1), most.plus(sum, -1)];
        ends.iter()
            .flatten()
            .filter(|s| self.proved(s, place, DEPTH, attempts))
            .count()
            == 2
    }

    /// With atoms replaced by what they are made of, where facts say that it does not wrap around.
    fn unfolded(&self, sum: &Sum, place: Place<'_>, attempts: &mut usize) -> Sum {
        let mut sum = sum.clone();
        if place.facts.is_empty() {
            return sum;
        }
        loop {
            let next = sum.terms.iter().find_map(|(term, &c)| {
                let Term::Atom(atom, at) = term else {
                    return None;
                };
                let made = self.atoms[atom.0 as usize].sum.as_ref()?.at(at)?;
                if !self.fits_within(&made, place, attempts) {
                    return None;
                }
                let rest = sum.plus(&Sum::of(term.clone()), -c)?;
                rest.plus(&made, c)
            });
            match next {
                Some(next) if *attempts > 0 => sum = next,
                _ => return sum,
            }
        }
    }

    /// By the bounds of the terms; or because it is, but for a factor, a sum of a fact and of something
    /// that can be proved. Each fact takes one term away.
    fn proved(&self, sum: &Sum, place: Place<'_>, depth: usize, attempts: &mut usize) -> bool {
        if self.extremes(sum, place.shape).0 >= 0 {
            return true;
        }
        if depth == 0 {
            return false;
        }
        let laws = sum.terms.keys().flat_map(|term| self.laws(term));
        for fact in laws.chain(place.facts.iter().cloned()) {
            if fact.terms.is_empty() && fact.constant < 0 {
                return true; // nobody comes here
            }
            for (term, &f) in &fact.terms {
                let s = sum.terms.get(term).copied().unwrap_or(0);
                if s.signum() != f.signum() {
                    continue;
                }
                let Some(left) = attempts.checked_sub(1) else {
                    return false;
                };
                *attempts = left;
                let rest = sum.times(f.abs()).and_then(|m| m.plus(&fact, -s.abs()));
                if rest.is_some_and(|rest| self.proved(&rest, place, depth - 1, attempts)) {
                    return true;
                }
            }
        }
        false
    }

    /// What is known of an atom, at the positions of a term.
    fn laws(&self, term: &Term) -> Vec<Sum> {
        match term {
            Term::Axis(_) => Vec::new(),
            Term::Atom(atom, at) => {
                let laws = self.atoms[atom.0 as usize].laws.iter();
                laws.filter_map(|law| law.at(at)).collect()
            }
        }
    }
}
