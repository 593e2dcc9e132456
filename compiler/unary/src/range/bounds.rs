//! Numbers of which only bounds and a law or two are known.

use crate::carrier::{Carrier, Type};
use crate::prim::{BinaryOp, Fold, Prim, UnaryOp};
use crate::syntax::Slot;

use super::known::{ANY, Bounds, Made};
use super::sum::{Sum, Term};
use super::{Ranges, Truth, What, hull, positions};

impl Ranges<'_> {
    /// An `int` of which only bounds and a law or two are known.
    pub(super) fn by_bounds(&self, prim: &Prim, args: &[Slot], ty: &Type) -> Sum {
        let bounds = self.result_bounds(prim, args);
        // What is chosen depends on a condition too, and facts say something of it.
        let expressions = args.iter().map(|&a| {
            let expression = self.sum(a).filter(|_| *prim != Prim::Select)?;
            Some((expression.clone(), self.region.ty(a).shape.clone()))
        });
        let (atom, new) = match expressions.collect::<Option<Vec<_>>>() {
            Some(args) => {
                let made = Made::Step(prim.clone(), args);
                self.known.borrow_mut().atom_of(made, bounds)
            }
            None => (self.known.borrow_mut().atom(bounds), true),
        };
        if !new {
            return Sum::of(Term::Atom(atom, positions(ty)));
        }
        let own = Sum::of(Term::Atom(atom, positions(ty)));
        // At the positions of the atom's own elements, which are those of the arguments.
        let side = |k: usize| self.sum(args[k]);
        let difference = |a: Option<&Sum>, b: Option<&Sum>| a?.plus(b?, -1);
        let mut laws = Vec::new();
        match prim {
            Prim::Binary(BinaryOp::Min) => {
                laws.extend([0, 1].map(|k| difference(side(k), Some(&own))));
            }
            Prim::Binary(BinaryOp::Max) => {
                laws.extend([0, 1].map(|k| difference(Some(&own), side(k))));
            }
            Prim::Binary(BinaryOp::Rem) if self.bounds(args[1]).0 > 0 => {
                let less = difference(side(1), Some(&own));
                laws.push(less.and_then(|s| s.plus(&Sum::constant(1), -1)));
                if self.bounds(args[0]).0 >= 0 {
                    laws.push(difference(side(0), Some(&own)));
                }
            }
            Prim::Binary(BinaryOp::Div) => {
                let divisor = side(1).and_then(Sum::as_constant).filter(|&c| c > 0);
                if let (Some(c), Some(a)) = (divisor, side(0)) {
                    let left = a.plus(&own, -c);
                    let less = left.as_ref().and_then(|s| Sum::constant(c - 1).plus(s, -1));
                    laws.extend([left, less]);
                }
            }
            _ => {}
        }
        self.known.borrow_mut().law(atom, laws);
        own
    }

    fn result_bounds(&self, prim: &Prim, args: &[Slot]) -> Bounds {
        let of = |k: usize| self.bounds(args[k]);
        let clamped = |low: i128, high: i128| match (i64::try_from(low), i64::try_from(high)) {
            (Ok(low), Ok(high)) => (low, high),
            _ => ANY,
        };
        let last = |k: usize, axis: usize| (0, self.region.ty(args[k]).shape[axis] as i64 - 1);
        match prim {
            Prim::Convert(_) => match self.carrier(args[0]) {
                Carrier::Bool | Carrier::Bit => (0, 1),
                Carrier::Mod(n) => (0, i64::from(n) - 1),
                Carrier::F32 | Carrier::F64 | Carrier::Int => ANY,
            },
            Prim::Unary(UnaryOp::Sign) => (-1, 1),
            Prim::Unary(UnaryOp::Abs) => {
                let (low, high) = of(0);
                match low {
                    // The least `int` has no absolute value.
                    i64::MIN => ANY,
                    0.. => (low, high),
                    _ => (0, high.max(-low)),
                }
            }
            Prim::Binary(op) => {
                let ((a, b), (c, d)) = (of(0), of(1));
                match op {
                    BinaryOp::Min => (a.min(c), b.min(d)),
                    BinaryOp::Max => (a.max(c), b.max(d)),
                    BinaryOp::Mul => {
                        let ends = [a, b].map(|x| [c, d].map(|y| i128::from(x) * i128::from(y)));
                        let ends = ends.concat();
                        let least = ends.iter().copied().fold(i128::MAX, i128::min);
                        clamped(least, ends.iter().copied().fold(i128::MIN, i128::max))
                    }
                    BinaryOp::Rem if c > 0 => (0, d - 1),
                    BinaryOp::Div if c > 0 && a >= 0 => (a / d, b / c),
                    BinaryOp::Div if c > 0 && c == d => (a.div_euclid(c), b.div_euclid(c)),
                    _ => ANY,
                }
            }
            Prim::Select => self.chosen(args),
            Prim::Pad { .. } => hull(of(0), (0, 0)),
            Prim::Concat(_) => (0..args.len()).map(of).reduce(hull).unwrap_or(ANY),
            Prim::Reduce { fold, axes } => {
                let shape = &self.region.ty(args[0]).shape;
                let count: i128 = axes.iter().map(|&a| shape[a] as i128).product();
                let (low, high) = of(0);
                match fold {
                    Fold::Max | Fold::Min if count > 0 => (low, high),
                    Fold::Sum if count < 1 << 40 => {
                        clamped(i128::from(low) * count, i128::from(high) * count)
                    }
                    _ => ANY,
                }
            }
            Prim::Scan {
                fold: Fold::Max | Fold::Min,
                exclusive: false,
                ..
            } => of(0),
            Prim::ArgMax(axis) | Prim::ArgMin(axis) => last(0, *axis),
            Prim::ArgSort { .. } => last(0, self.region.ty(args[0]).rank() - 1),
            Prim::RandomBits(_) | Prim::RandomSplit(_) | Prim::RandomFold => (0, (1 << 32) - 1),
            // The same elements, in places that no expression says.
            Prim::Reshape(_) | Prim::Gather { .. } => of(0),
            _ => ANY,
        }
    }

    /// Either argument, each where it is chosen.
    fn chosen(&self, args: &[Slot]) -> Bounds {
        let nothing = Truth::default();
        let truth = match &self.slots[args[0].index()] {
            What::Bool(truth) => truth,
            What::Int(_) | What::Other => &nothing,
        };
        hull(
            self.bounds_there(args[1], &truth.yes),
            self.bounds_there(args[2], &truth.no),
        )
    }
}
