//! Sizes: polynomials with integer coefficients over size variables, and floor division by constants.
//!
//! Two sizes are equal if their normal forms are.
//! That decides equality of polynomials; for floors it is sound and incomplete.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A size variable: rigid, standing for any natural number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SizeVar {
    /// Distinguishes variables of one name.
    pub id: u32,
    /// The user's word for it.
    pub name: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Atom {
    Var(SizeVar),
    Floor(Box<Size>, i128),
}

/// A product of atoms with exponents, sorted; the empty product is 1.
type Monomial = Vec<(Atom, u32)>;

/// A polynomial in normal form: no zero coefficients.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Size {
    terms: BTreeMap<Monomial, i128>,
}

impl Size {
    /// The constant `n`.
    pub fn constant(n: i128) -> Size {
        let mut terms = BTreeMap::new();
        if n != 0 {
            terms.insert(Vec::new(), n);
        }
        Size { terms }
    }

    /// The polynomial `v`.
    pub fn var(v: SizeVar) -> Size {
        Size {
            terms: BTreeMap::from([(vec![(Atom::Var(v), 1)], 1)]),
        }
    }

    /// The number, if it is a constant.
    pub fn as_constant(&self) -> Option<i128> {
        match self.terms.len() {
            0 => Some(0),
            1 => self.terms.get(&Vec::new()).copied(),
            _ => None,
        }
    }

    /// The sum.
    pub fn add(&self, other: &Size) -> Size {
        let mut sum = self.clone();
        for (monomial, &c) in &other.terms {
            sum.add_term(monomial.clone(), c);
        }
        sum
    }

    /// The difference.
    pub fn sub(&self, other: &Size) -> Size {
        self.add(&other.scale(-1))
    }

    /// The multiple.
    pub fn scale(&self, c: i128) -> Size {
        let mut out = Size::default();
        for (monomial, &k) in &self.terms {
            out.add_term(monomial.clone(), k.saturating_mul(c));
        }
        out
    }

    /// The product.
    pub fn mul(&self, other: &Size) -> Size {
        let mut out = Size::default();
        for (m1, &c1) in &self.terms {
            for (m2, &c2) in &other.terms {
                out.add_term(product(m1, m2), c1.saturating_mul(c2));
            }
        }
        out
    }

    /// Floor division by a positive constant; what divides exactly is divided.
    pub fn floor_div(&self, d: i128) -> Size {
        debug_assert!(d > 0);
        let mut whole = Size::default();
        let mut rest = Size::default();
        for (monomial, &c) in &self.terms {
            whole.add_term(monomial.clone(), c.div_euclid(d));
            rest.add_term(monomial.clone(), c.rem_euclid(d));
        }
        match rest.as_constant() {
            // The remainder of the constant term alone is below `d`, so it vanishes.
            Some(_) => whole,
            None => {
                let atom = Atom::Floor(Box::new(rest), d);
                whole.add_term(vec![(atom, 1)], 1);
                whole
            }
        }
    }

    fn add_term(&mut self, monomial: Monomial, c: i128) {
        let sum = self
            .terms
            .get(&monomial)
            .copied()
            .unwrap_or(0)
            .saturating_add(c);
        if sum == 0 {
            self.terms.remove(&monomial);
        } else {
            self.terms.insert(monomial, sum);
        }
    }

    /// Replaces variables by sizes.
    pub fn substitute(&self, of: &dyn Fn(&SizeVar) -> Option<Size>) -> Size {
        let mut out = Size::default();
        for (monomial, &c) in &self.terms {
            let mut term = Size::constant(c);
            for (atom, power) in monomial {
                let factor = match atom {
                    Atom::Var(v) => of(v).unwrap_or_else(|| Size::var(v.clone())),
                    Atom::Floor(inner, d) => inner.substitute(of).floor_div(*d),
                };
                for _ in 0..*power {
                    term = term.mul(&factor);
                }
            }
            out = out.add(&term);
        }
        out
    }

    /// All variables that occur.
    pub fn vars(&self) -> Vec<SizeVar> {
        let mut vars = Vec::new();
        for monomial in self.terms.keys() {
            for (atom, _) in monomial {
                match atom {
                    Atom::Var(v) => vars.push(v.clone()),
                    Atom::Floor(inner, _) => vars.extend(inner.vars()),
                }
            }
        }
        vars.sort();
        vars.dedup();
        vars
    }

    /// Whether all coefficients are far from where arithmetic saturates, and it is no longer than anybody
    /// writes: each multiplication may square the number of terms.
    pub fn is_small(&self) -> bool {
        const LONG: usize = 256;
        let near = self.terms.values().all(|c| c.unsigned_abs() < 1 << 96);
        near && self.length(LONG) <= LONG
    }

    /// The number of its terms and factors, those in floors too; counted no further than past `most`.
    fn length(&self, most: usize) -> usize {
        let mut length = 0_usize;
        for monomial in self.terms.keys() {
            length += 1;
            for (atom, power) in monomial {
                let inner = match atom {
                    Atom::Var(_) => 0,
                    Atom::Floor(inner, _) => inner.length(most),
                };
                length = length.saturating_add(*power as usize + inner);
            }
            if length > most {
                break;
            }
        }
        length
    }

    /// Solves `self = target` for `v`, if `self` is `±v + rest` with no `v` in the rest.
    pub fn solve_for(&self, v: &SizeVar, target: &Size) -> Option<Size> {
        let lone = vec![(Atom::Var(v.clone()), 1)];
        let c = *self.terms.get(&lone)?;
        let mut rest = self.clone();
        rest.terms.remove(&lone);
        if rest.vars().contains(v) {
            return None;
        }
        let difference = target.sub(&rest);
        let exact = difference.terms.values().all(|k| k % c == 0);
        exact.then(|| Size {
            terms: difference
                .terms
                .into_iter()
                .map(|(m, k)| (m, k / c))
                .collect(),
        })
    }

    /// Whether it is at least zero for all natural values of the variables that satisfy the
    /// assumptions (each a size known to be at least zero). `false` means *not proved*.
    ///
    /// It is, if multiples of assumptions can be subtracted so that no coefficient is negative:
    /// the proofs that linear inequalities have. Each subtraction removes one negative coefficient.
    ///
    /// A floor is replaced by its bounds, one after the other: `e - d < d ⌊e / d⌋ <= e`.
    pub fn provably_nonnegative(&self, assumptions: &[Size]) -> bool {
        let mut steps = 500;
        let mut size = self.clone();
        for _ in 0..8 {
            // Short proofs first: a long search in the wrong direction would find none.
            if size.proved(assumptions, 8, &mut steps) || size.proved(assumptions, 100, &mut steps)
            {
                return true;
            }
            match size.without_a_floor() {
                Some(next) => size = next,
                None => return false,
            }
        }
        false
    }

    /// A size that is at least zero only if this one is, with one floor less.
    fn without_a_floor(&self) -> Option<Size> {
        let floor = |monomial: &Monomial| {
            monomial.iter().find_map(|(atom, power)| match atom {
                Atom::Floor(inner, d) if *power == 1 => Some((atom.clone(), inner.clone(), *d)),
                Atom::Floor(..) | Atom::Var(_) => None,
            })
        };
        let found = self
            .terms
            .iter()
            .find_map(|(m, &c)| Some((m, c, floor(m)?)));
        let (monomial, c, (atom, inner, d)) = found?;
        let mut rest = self.clone();
        rest.terms.remove(monomial);
        let beside: Monomial = monomial
            .iter()
            .filter(|(a, _)| *a != atom)
            .cloned()
            .collect();
        let slack = Size::constant(d - 1);
        if beside.is_empty() && c == -1 {
            // ⌊e / d⌋ <= r exactly if e < d (r + 1).
            return Some(rest.scale(d).add(&slack).sub(&inner));
        }
        // ⌊e / d⌋ >= -r exactly if e >= -d r; more than one of them lose what is rounded.
        let bound = match c {
            1 if beside.is_empty() => *inner,
            c if c > 0 => inner.sub(&slack),
            _ => *inner,
        };
        let mut times = Size::default();
        times.add_term(beside, c);
        Some(rest.scale(d).add(&bound.mul(&times)))
    }

    /// Whether a floor occurs.
    pub fn has_floors(&self) -> bool {
        let floor = |(atom, _): &(Atom, u32)| matches!(atom, Atom::Floor(..));
        self.terms.keys().any(|m| m.iter().any(floor))
    }

    fn proved(&self, assumptions: &[Size], depth: u32, steps: &mut u32) -> bool {
        let Some((monomial, &negative)) = self.terms.iter().find(|(_, c)| **c < 0) else {
            return true;
        };
        if depth == 0 || *steps == 0 {
            return false;
        }
        assumptions.iter().any(|a| {
            let Some(&c) = a.terms.get(monomial).filter(|c| **c < 0) else {
                return false;
            };
            *steps = steps.saturating_sub(1);
            // Enough of the assumption to lift the coefficient to zero, for times · a ≤ size.
            let times = (negative / c) + i128::from(negative % c != 0);
            self.sub(&a.scale(times))
                .proved(assumptions, depth - 1, steps)
        })
    }
}

fn product(a: &Monomial, b: &Monomial) -> Monomial {
    let mut powers: BTreeMap<Atom, u32> = a.iter().cloned().collect();
    for (atom, power) in b {
        let sum = powers.entry(atom.clone()).or_insert(0);
        *sum = sum.saturating_add(*power);
    }
    powers.into_iter().collect()
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.terms.is_empty() {
            return write!(f, "0");
        }
        // Constants last: `n + 1`, not `1 + n`; positive terms first: `n - k`, not `-k + n`.
        let mut terms: Vec<_> = self.terms.iter().collect();
        terms.sort_by_key(|(m, c)| (m.is_empty(), **c < 0));
        for (i, (monomial, c)) in terms.into_iter().enumerate() {
            match (i, *c < 0) {
                (0, true) => write!(f, "-")?,
                (0, false) => {}
                (_, true) => write!(f, " - ")?,
                (_, false) => write!(f, " + ")?,
            }
            let size = c.unsigned_abs();
            let mut factors: Vec<String> = Vec::new();
            if size != 1 || monomial.is_empty() {
                factors.push(size.to_string());
            }
            for (atom, power) in monomial {
                let text = match atom {
                    Atom::Var(v) => v.name.to_string(),
                    Atom::Floor(inner, d) if inner.terms.len() == 1 => format!("{inner} / {d}"),
                    Atom::Floor(inner, d) => format!("({inner}) / {d}"),
                };
                factors.extend(std::iter::repeat_n(text, *power as usize));
            }
            write!(f, "{}", factors.join(" * "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn var(name: &str, id: u32) -> (SizeVar, Size) {
        let v = SizeVar {
            id,
            name: name.into(),
        };
        (v.clone(), Size::var(v))
    }

    #[test]
    fn polynomials_have_one_normal_form() {
        let (_, n) = var("n", 0);
        let (_, m) = var("m", 1);
        let square = n.add(&m).mul(&n.add(&m));
        let expanded = n.mul(&n).add(&n.mul(&m).scale(2)).add(&m.mul(&m));
        assert_eq!(square, expanded);
        assert_eq!(n.sub(&n), Size::constant(0));
        assert_eq!(n.add(&Size::constant(1)).to_string(), "n + 1");
        assert_eq!(n.sub(&m).to_string(), "n - m");
    }

    #[test]
    fn what_nobody_writes_is_not_small() {
        let (_, n) = var("n", 0);
        let (_, m) = var("m", 1);
        let times = |size: &Size, k: usize| (1..k).fold(size.clone(), |p, _| p.mul(size));
        assert!(times(&n.add(&m), 8).is_small());
        assert!(!times(&n.add(&m), 32).is_small());
        assert!(!times(&n, 257).is_small());
        let halves = |size: Size| size.floor_div(2).add(&size.floor_div(3));
        assert!(halves(halves(n.clone())).is_small());
        assert!(!(0..8).fold(n.clone(), |size, _| halves(size)).is_small());
        assert!(!Size::constant(1 << 96).is_small());
        let squared = (0..40).fold(n, |size, _| size.mul(&size));
        assert!(!squared.is_small());
    }

    #[test]
    fn floors_divide_what_divides() {
        let (v, n) = var("n", 0);
        let size = n.scale(4).add(&Size::constant(7)).floor_div(2);
        assert_eq!(size, n.scale(2).add(&Size::constant(3)));
        let half = n.add(&Size::constant(5)).floor_div(2);
        assert_eq!(half.to_string(), "(n + 1) / 2 + 2");
        let at = |x: i128| {
            half.substitute(&|w| (*w == v).then(|| Size::constant(x)))
                .as_constant()
        };
        assert_eq!((at(0), at(1), at(4)), (Some(2), Some(3), Some(4)));
    }

    #[test]
    fn equations_are_solved_for_a_lone_variable() {
        let (v, n) = var("n", 0);
        let (_, m) = var("m", 1);
        let pattern = n.add(&m).sub(&Size::constant(1));
        assert_eq!(
            pattern.solve_for(&v, &Size::constant(9)),
            Some(Size::constant(10).sub(&m))
        );
        assert_eq!(n.mul(&n).solve_for(&v, &Size::constant(9)), None);
        assert_eq!(n.scale(2).solve_for(&v, &Size::constant(9)), None);
    }

    #[test]
    fn floors_are_proved_by_their_bounds() {
        let (_, n) = var("n", 0);
        let (_, k) = var("k", 1);
        let one = Size::constant(1);
        let gap = n.sub(&k);
        let fits = std::slice::from_ref(&gap);
        // Windows of width k, two steps apart: the last one ends within n.
        let count = gap.floor_div(2).add(&one);
        let end = count.sub(&one).scale(2).add(&k);
        assert!(n.sub(&end).provably_nonnegative(fits));
        assert!(count.sub(&one).provably_nonnegative(fits));
        assert!(!n.sub(&end).sub(&one).provably_nonnegative(fits));
        // n = ⌊n / 2⌋ + ⌊(n + 1) / 2⌋, and nothing more.
        let halves = n.floor_div(2).add(&n.add(&one).floor_div(2));
        assert!(n.sub(&halves).provably_nonnegative(&[]));
        assert!(halves.sub(&n).provably_nonnegative(&[]));
        assert!(!halves.sub(&n).sub(&one).provably_nonnegative(&[]));
        // 3 ⌊n / 3⌋ is at most n, and m times that at most m n.
        let (_, m) = var("m", 2);
        let thirds = n.floor_div(3).scale(3);
        assert!(n.sub(&thirds).provably_nonnegative(&[]));
        assert!(n.sub(&thirds).mul(&m).provably_nonnegative(&[]));
        assert!(!thirds.sub(&n).provably_nonnegative(&[]));
    }

    #[test]
    fn assumptions_prove_differences() {
        let (_, n) = var("n", 0);
        let (_, k) = var("k", 1);
        let gap = n.sub(&k);
        assert!(!gap.provably_nonnegative(&[]));
        assert!(gap.provably_nonnegative(std::slice::from_ref(&gap)));
        assert!(
            gap.add(&Size::constant(1))
                .provably_nonnegative(std::slice::from_ref(&gap))
        );
    }
}
