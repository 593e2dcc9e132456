//! What is known of the results of a step.

use crate::carrier::{Carrier, Type};
use crate::prim::{BinaryOp, CompareOp, Prim, UnaryOp};
use crate::syntax::{Loop, Op, Region, Slot, Step};

use super::known::{ANY, Bounds, Made, Place};
use super::sum::{Sum, Term};
use super::{Ranges, Truth, What, hull, positions};

impl<'r> Ranges<'r> {
    pub(super) fn step(&mut self, step: &'r Step) -> Vec<What> {
        let counted = |ty: &Type| ty.carrier == Carrier::Int;
        match &step.op {
            Op::Prim(prim) if step.types.len() == 1 => {
                vec![self.prim(prim, &step.args, &step.types[0])]
            }
            Op::Loop(l) if step.types.iter().any(counted) => self.looped(l, step),
            Op::Cond { then, otherwise } if step.types.iter().any(counted) => {
                self.cond([then, otherwise], step)
            }
            Op::Prim(_)
            | Op::Loop(_)
            | Op::Cond { .. }
            | Op::Call(_)
            | Op::Reverse(_)
            | Op::Forward(_)
            | Op::Lens(_) => step.types.iter().map(|ty| self.unknown(ty)).collect(),
        }
    }

    /// The final states, and what is stacked, by their bounds.
    fn looped(&self, l: &'r Loop, step: &'r Step) -> Vec<What> {
        let (body, _) = self.body(l, &step.args);
        let inits = &step.args[l.consts + l.xs..];
        let results = l.body.results().iter().zip(&step.types).enumerate();
        let bounds = results.map(|(k, (&result, ty))| {
            let made = body.bounds(result);
            let bounds = match inits.get(k) {
                // What solves an equation need not be what an iteration made.
                _ if l.solved() => ANY,
                // How often it ran is known afterwards.
                Some(_) if k == 0 && l.limited() => ANY,
                Some(&init) => hull(self.bounds(init), made),
                // Where an iteration does not run, the output is zero.
                None if l.limited() => hull((0, 0), made),
                None => made,
            };
            self.opaque(ty, bounds)
        });
        bounds.collect()
    }

    /// What either arm makes.
    fn cond(&self, arms: [&'r Region; 2], step: &'r Step) -> Vec<What> {
        let [yes, no] = [(arms[0], true), (arms[1], false)].map(|(arm, holds)| {
            let inner = self.arm(arm, &step.args, holds);
            let results = arm.results().iter().map(|&r| inner.bounds_there(r, &[]));
            results.collect::<Vec<Bounds>>()
        });
        let results = step.types.iter().zip(yes.into_iter().zip(no));
        results
            .map(|(ty, (a, b))| self.opaque(ty, hull(a, b)))
            .collect()
    }

    fn prim(&self, prim: &Prim, args: &[Slot], ty: &Type) -> What {
        match ty.carrier {
            Carrier::Int => What::Int(self.number(prim, args, ty)),
            Carrier::Bool => What::Bool(self.truth(prim, args, ty).unwrap_or_default()),
            Carrier::F32 | Carrier::F64 | Carrier::Bit | Carrier::Mod(_) => What::Other,
        }
    }

    /// Of an `int` result.
    fn number(&self, prim: &Prim, args: &[Slot], ty: &Type) -> Sum {
        let exact = match prim {
            Prim::Literal(literal) => Some(Sum::constant(i128::from(literal.as_i64()))),
            Prim::Iota(_) => Some(Sum::axis(0)),
            Prim::Convert(_) if self.carrier(args[0]) == Carrier::Int => self.sum(args[0]).cloned(),
            Prim::Unary(UnaryOp::Neg) => self.total(&[(args[0], -1)], ty),
            Prim::Binary(BinaryOp::Add) => self.total(&[(args[0], 1), (args[1], 1)], ty),
            Prim::Binary(BinaryOp::Sub) => self.total(&[(args[0], 1), (args[1], -1)], ty),
            Prim::Binary(BinaryOp::Mul) => {
                let constant = |k: usize| self.sum(args[k])?.as_constant();
                match (constant(0), constant(1)) {
                    (Some(c), _) => self.total(&[(args[1], c)], ty),
                    (None, Some(c)) => self.total(&[(args[0], c)], ty),
                    (None, None) => None,
                }
            }
            Prim::Binary(BinaryOp::Rem) => self.remainder(args, ty),
            Prim::Gather { axes, .. } => match self.read(*axes, args, ty) {
                Some(What::Int(sum)) => Some(sum),
                _ => None,
            },
            _ => match self.structural(prim, args, ty) {
                Some(What::Int(sum)) => Some(sum),
                _ => None,
            },
        };
        exact.unwrap_or_else(|| self.by_bounds(prim, args, ty))
    }

    /// A sum of multiples of slots; where it may wrap around, an atom that knows what it is if it does not.
    fn total(&self, parts: &[(Slot, i128)], ty: &Type) -> Option<Sum> {
        let mut sum = Sum::default();
        for &(slot, factor) in parts {
            sum = sum.plus(self.sum(slot)?, factor)?;
        }
        let place = Place {
            shape: &ty.shape,
            facts: &self.facts,
        };
        if self.known.borrow().fits(&sum, place) {
            return Some(sum);
        }
        let mut known = self.known.borrow_mut();
        let (atom, _) = known.atom_of(Made::Wrapped(sum.clone()), ANY);
        known.if_it_fits(atom, sum);
        Some(Sum::of(Term::Atom(atom, positions(ty))))
    }

    /// What is less than a divisor is its own remainder.
    fn remainder(&self, args: &[Slot], ty: &Type) -> Option<Sum> {
        let divisor = self.sum(args[1])?.as_constant()?;
        let (low, high) = self.bounds(args[0]);
        let small = low >= 0 && i128::from(high) < divisor;
        debug_assert_eq!(ty.carrier, Carrier::Int);
        if small {
            self.sum(args[0]).cloned()
        } else {
            None
        }
    }

    /// An element of an array that is known.
    fn read(&self, axes: usize, args: &[Slot], ty: &Type) -> Option<What> {
        let positions = self.region.ty(args[1]).rank();
        let mut there = Vec::new();
        for &index in &args[1..=axes] {
            there.push(self.sum(index)?.clone());
        }
        there.extend((positions..ty.rank()).map(Sum::axis));
        Some(self.moved(&self.slots[args[0].index()], &there, ty))
    }

    /// The same elements at other places.
    fn structural(&self, prim: &Prim, args: &[Slot], ty: &Type) -> Option<What> {
        let from = &self.region.ty(*args.first()?).shape;
        let there: Vec<Sum> = match prim {
            Prim::Broadcast { axes, .. } => axes.iter().map(|&a| Sum::axis(a)).collect(),
            Prim::Transpose(perm) => {
                let mut there = vec![Sum::default(); perm.len()];
                for (axis, &p) in perm.iter().enumerate() {
                    there[p] = Sum::axis(axis);
                }
                there
            }
            Prim::Slice { start, step, .. } => {
                let along =
                    |k: usize| Sum::constant(start[k] as i128).plus(&Sum::axis(k), step[k] as i128);
                (0..from.len()).map(along).collect::<Option<_>>()?
            }
            Prim::Flip(axes) => {
                let along = |k: usize| match axes.contains(&k) {
                    true => Sum::constant(from[k] as i128 - 1).plus(&Sum::axis(k), -1),
                    false => Some(Sum::axis(k)),
                };
                (0..from.len()).map(along).collect::<Option<_>>()?
            }
            Prim::Reshape(shape) => divided(from, shape)?,
            _ => return None,
        };
        Some(self.moved(&self.slots[args[0].index()], &there, ty))
    }

    /// Of a condition.
    fn truth(&self, prim: &Prim, args: &[Slot], ty: &Type) -> Option<Truth> {
        let of = |k: usize| match &self.slots[args[k].index()] {
            What::Bool(truth) => truth.clone(),
            What::Int(_) | What::Other => Truth::default(),
        };
        let never = || vec![Sum::constant(-1)];
        match prim {
            Prim::Literal(literal) => Some(match literal.is_one() {
                true => Truth {
                    yes: Vec::new(),
                    no: never(),
                },
                false => Truth {
                    yes: never(),
                    no: Vec::new(),
                },
            }),
            Prim::Compare(op) => {
                let (x, y) = (self.sum(args[0])?, self.sum(args[1])?);
                Some(compared(*op, x, y))
            }
            Prim::Unary(UnaryOp::Not) => {
                let Truth { yes, no } = of(0);
                Some(Truth { yes: no, no: yes })
            }
            Prim::Binary(BinaryOp::And) => Some(Truth {
                yes: [of(0).yes, of(1).yes].concat(),
                no: Vec::new(),
            }),
            Prim::Binary(BinaryOp::Or) => Some(Truth {
                yes: Vec::new(),
                no: [of(0).no, of(1).no].concat(),
            }),
            Prim::Gather { axes, .. } => match self.read(*axes, args, ty)? {
                What::Bool(truth) => Some(truth),
                What::Int(_) | What::Other => None,
            },
            _ => match self.structural(prim, args, ty)? {
                What::Bool(truth) => Some(truth),
                What::Int(_) | What::Other => None,
            },
        }
    }

    pub(super) fn carrier(&self, slot: Slot) -> Carrier {
        self.region.ty(slot).carrier
    }

    /// What is known of elements at other places; by bounds alone if that is too much.
    pub(super) fn moved(&self, what: &What, axes: &[Sum], ty: &Type) -> What {
        let all = |sums: &[Sum]| sums.iter().filter_map(|s| s.at(axes)).collect();
        match what {
            What::Int(sum) => match sum.at(axes) {
                Some(sum) => What::Int(sum),
                None => self.unknown(ty),
            },
            What::Bool(truth) => What::Bool(Truth {
                yes: all(&truth.yes),
                no: all(&truth.no),
            }),
            What::Other => What::Other,
        }
    }

    /// Of a type of which nothing is known.
    pub(super) fn unknown(&self, ty: &Type) -> What {
        self.opaque(ty, ANY)
    }

    /// Of a type; if it is `int`, between bounds.
    pub(super) fn opaque(&self, ty: &Type, bounds: Bounds) -> What {
        match ty.carrier {
            Carrier::Int => {
                let atom = self.known.borrow_mut().atom(bounds);
                What::Int(Sum::of(Term::Atom(atom, positions(ty))))
            }
            Carrier::Bool => What::Bool(Truth::default()),
            Carrier::F32 | Carrier::F64 | Carrier::Bit | Carrier::Mod(_) => What::Other,
        }
    }
}

fn compared(op: CompareOp, x: &Sum, y: &Sum) -> Truth {
    // x - y, y - x, and each less one: not negative for ≥, ≤, > and <.
    let over = |a: &Sum, b: &Sum, by: i128| a.plus(b, -1)?.plus(&Sum::constant(by), -1);
    let list = |sums: Vec<Option<Sum>>| sums.into_iter().flatten().collect::<Vec<Sum>>();
    let equal = || list(vec![over(x, y, 0), over(y, x, 0)]);
    match op {
        CompareOp::Eq => Truth {
            yes: equal(),
            no: Vec::new(),
        },
        CompareOp::Ne => Truth {
            yes: Vec::new(),
            no: equal(),
        },
        CompareOp::Lt => Truth {
            yes: list(vec![over(y, x, 1)]),
            no: list(vec![over(x, y, 0)]),
        },
        CompareOp::Le => Truth {
            yes: list(vec![over(y, x, 0)]),
            no: list(vec![over(x, y, 1)]),
        },
    }
}

/// The positions of a reshape that only splits axes, adds some of length one, or drops those.
fn divided(from: &[usize], to: &[usize]) -> Option<Vec<Sum>> {
    let mut axes = (0..to.len()).filter(|&k| to[k] != 1);
    let mut there = Vec::with_capacity(from.len());
    for &n in from {
        let (mut along, mut size) = (Sum::default(), 1);
        while size < n {
            let axis = axes.next()?;
            along = along.times(to[axis] as i128)?.plus(&Sum::axis(axis), 1)?;
            size *= to[axis];
        }
        if size != n.max(1) {
            return None;
        }
        there.push(along);
    }
    axes.next().is_none().then_some(there)
}
