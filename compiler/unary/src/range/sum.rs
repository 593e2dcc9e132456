//! Whole numbers as affine expressions of others.

use std::collections::BTreeMap;

/// What an affine expression is made of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Term {
    /// The position, along an axis, of the element that the expression stands for.
    Axis(usize),
    /// A number of which only some facts are known; of an array, its element at these positions.
    Atom(Atom, Vec<Sum>),
}

/// The number of something of which only some facts are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Atom(pub(super) u32);

/// `constant + Σ coefficient · term`, over the integers: nothing wraps around. Coefficients are not zero.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sum {
    /// The part without terms.
    pub constant: i128,
    /// The coefficient of each term.
    pub terms: BTreeMap<Term, i128>,
}

/// A sum of more terms than this is known by its bounds alone.
const MOST_TERMS: usize = 12;
/// So is one with a greater constant, or a greater coefficient; their products still fit.
const GREATEST: [i128; 2] = [1 << 66, 1 << 40];

impl Sum {
    /// A constant.
    pub fn constant(constant: i128) -> Sum {
        Sum {
            constant,
            terms: BTreeMap::new(),
        }
    }

    /// A single term.
    pub fn of(term: Term) -> Sum {
        Sum {
            constant: 0,
            terms: BTreeMap::from([(term, 1)]),
        }
    }

    /// The position along an axis.
    pub fn axis(axis: usize) -> Sum {
        Sum::of(Term::Axis(axis))
    }

    /// The number, if it is one.
    pub fn as_constant(&self) -> Option<i128> {
        self.terms.is_empty().then_some(self.constant)
    }

    /// `self + factor · other`; `None` if that is too much to be kept.
    pub fn plus(&self, other: &Sum, factor: i128) -> Option<Sum> {
        if factor.abs() > GREATEST[1] {
            return None;
        }
        let mut sum = self.clone();
        sum.constant += other.constant * factor;
        for (term, &coefficient) in &other.terms {
            let all = sum.terms.entry(term.clone()).or_default();
            *all += coefficient * factor;
        }
        sum.terms.retain(|_, c| *c != 0);
        let small =
            sum.constant.abs() <= GREATEST[0] && sum.terms.values().all(|c| c.abs() <= GREATEST[1]);
        (small && sum.terms.len() <= MOST_TERMS).then_some(sum)
    }

    /// `factor · self`.
    pub fn times(&self, factor: i128) -> Option<Sum> {
        Sum::default().plus(self, factor)
    }

    /// The expression for the element at other positions: `axes[k]` takes the place of axis `k`.
    pub fn at(&self, axes: &[Sum]) -> Option<Sum> {
        let mut sum = Sum::constant(self.constant);
        for (term, &coefficient) in &self.terms {
            let moved = match term {
                Term::Axis(k) => axes.get(*k)?.clone(),
                Term::Atom(atom, at) => {
                    let at: Option<Vec<Sum>> = at.iter().map(|s| s.at(axes)).collect();
                    Sum::of(Term::Atom(*atom, at?))
                }
            };
            sum = sum.plus(&moved, coefficient)?;
        }
        Some(sum)
    }
}
