//! Random well-typed programs from a seed, to test evaluators, passes and derivatives against each other.
//!
//! The same seed and options give the same program.
//! Programs are small (no value has more than [`LARGEST`] elements, no counted loop more than four iterations),
//! index in range by construction, and never stop with a trap.

mod action;
mod dice;
mod linear;

use std::sync::Arc;

use crate::Builder;
use crate::carrier::{Carrier, Literal, Type};
use crate::prim::{BinaryOp, CompareOp, Prim, UnaryOp};
use crate::syntax::{Function, Region, Slot};
use crate::value::Array;

use dice::Dice;

/// The most elements that a generated value has.
pub const LARGEST: usize = 48;

/// What programs are generated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The carrier of most values; there are `Int` and `Bool` besides.
    pub carrier: Carrier,
    /// About how many steps the outermost region has.
    pub steps: usize,
    /// How deep loops, conditionals and calls may stand in each other.
    pub depth: usize,
    /// Which functions occur.
    pub functions: Functions,
}

/// Which functions a generated program has over the reals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Functions {
    /// All of them; values may be infinite or NaN.
    All,
    /// Only smooth ones at arguments where they are smooth, and no comparison of reals, so that
    /// differences approximate derivatives; all values are finite and of moderate size.
    Smooth,
}

impl Options {
    /// Programs of moderate size over a carrier.
    pub fn over(carrier: Carrier) -> Options {
        Options {
            carrier,
            steps: 12,
            depth: 2,
            functions: Functions::All,
        }
    }

    /// Smooth programs of moderate size over a real carrier.
    pub fn smooth(carrier: Carrier) -> Options {
        Options {
            functions: Functions::Smooth,
            ..Options::over(carrier)
        }
    }
}

/// A random program: its parameters are one to three arrays of the carrier and an `int`,
/// its results at least one array of the carrier.
pub fn generate(seed: u64, options: &Options) -> Region {
    let mut dice = Dice::new(seed);
    let mut params: Vec<Type> = (0..1 + dice.below(3))
        .map(|_| Type::array(options.carrier, shape(&mut dice)))
        .collect();
    params.push(Type::scalar(Carrier::Int));
    let mut made = Making::new(&mut dice, options, params, options.depth);
    made.steps(options.steps);
    let results = (0..1 + made.dice.below(3)).map(|_| made.any()).collect();
    made.builder.finish(results)
}

/// Random arguments of a region: reals between -1 and 1, integers of either sign, elements of rings.
pub fn arguments(seed: u64, region: &Region) -> Vec<Array> {
    let mut dice = Dice::new(!seed);
    let argument = |ty: &Type| {
        let values: Vec<f64> = (0..ty.len())
            .map(|_| match ty.carrier {
                Carrier::F32 | Carrier::F64 => dice.real(),
                Carrier::Bit | Carrier::Mod(_) | Carrier::Int | Carrier::Bool => dice.int() as f64,
            })
            .collect();
        Array::from_f64(ty.clone(), &values)
    };
    region.params().iter().map(argument).collect()
}

/// A small shape; an axis is empty now and then.
fn shape(dice: &mut Dice) -> Vec<usize> {
    let rank = dice.pick(&[0, 0, 0, 1, 1, 1, 1, 2, 2, 3]);
    (0..rank)
        .map(|_| {
            if dice.one_in(25) {
                0
            } else {
                1 + dice.below(3)
            }
        })
        .collect()
}

/// A region in the making.
struct Making<'a> {
    dice: &'a mut Dice,
    options: &'a Options,
    builder: Builder,
    /// The slots that may be read.
    slots: Vec<Slot>,
    /// How deep bodies may still be nested.
    depth: usize,
    /// A function that was called, to be called again.
    function: Option<Arc<Function>>,
}

impl<'a> Making<'a> {
    fn new(
        dice: &'a mut Dice,
        options: &'a Options,
        params: Vec<Type>,
        depth: usize,
    ) -> Making<'a> {
        let builder = Builder::new(params);
        Making {
            slots: builder.param_slots(),
            dice,
            options,
            builder,
            depth,
            function: None,
        }
    }

    fn steps(&mut self, count: usize) {
        for _ in 0..count {
            let results = self.action();
            for slot in results {
                if !self.slots.contains(&slot) {
                    self.slots.push(slot);
                }
            }
        }
    }

    /// A closed region of parameter and result types, smaller than this one.
    fn body(&mut self, params: Vec<Type>, results: &[Type]) -> Region {
        let steps = 1 + self.dice.below(self.options.steps.div_ceil(2));
        let mut inner = Making::new(self.dice, self.options, params, self.depth - 1);
        inner.steps(steps);
        let results = results.iter().map(|ty| inner.of(ty)).collect();
        inner.builder.finish(results)
    }

    fn smooth(&self) -> bool {
        self.options.functions == Functions::Smooth
    }

    fn ty(&self, slot: Slot) -> Type {
        self.builder.ty(slot).clone()
    }

    fn known(&self, fits: impl Fn(&Type) -> bool) -> Vec<Slot> {
        let slots = self.slots.iter().copied();
        slots.filter(|&s| fits(self.builder.ty(s))).collect()
    }

    /// A value of the carrier.
    fn any(&mut self) -> Slot {
        let carrier = self.options.carrier;
        let known = self.known(|t| t.carrier == carrier);
        if known.is_empty() {
            return self.literal(carrier);
        }
        self.dice.pick_late(&known)
    }

    /// A value of the carrier that has an axis.
    fn any_array(&mut self) -> Slot {
        let carrier = self.options.carrier;
        let known = self.known(|t| t.carrier == carrier && t.rank() > 0);
        if !known.is_empty() {
            return self.dice.pick_late(&known);
        }
        let scalar = self.any();
        let n = 1 + self.dice.below(3);
        self.builder.replicate(scalar, n)
    }

    fn literal(&mut self, carrier: Carrier) -> Slot {
        let literal = match carrier {
            Carrier::F32 | Carrier::F64 => Literal::real(carrier, self.dice.real()),
            Carrier::Bit | Carrier::Mod(_) | Carrier::Int | Carrier::Bool => {
                Literal::integer(carrier, self.dice.int())
            }
        };
        self.builder.literal(literal)
    }

    /// A value of a type: one that is there, or one that is made from what is there.
    fn of(&mut self, ty: &Type) -> Slot {
        let known = self.known(|t| t == ty);
        if !known.is_empty() && !self.dice.one_in(6) {
            return self.dice.pick_late(&known);
        }
        let scalar = if ty.carrier == self.options.carrier {
            let x = self.any();
            let axes: Vec<usize> = (0..self.ty(x).rank()).collect();
            let sum = self.builder.sum(x, &axes);
            self.settle(sum)
        } else if ty.carrier == Carrier::Bool {
            self.condition()
        } else {
            self.literal(ty.carrier)
        };
        self.builder.stretch(scalar, &ty.shape)
    }

    /// A scalar `int`.
    fn int(&mut self) -> Slot {
        let known = self.known(|t| *t == Type::scalar(Carrier::Int));
        if known.is_empty() || self.dice.one_in(4) {
            return self.literal(Carrier::Int);
        }
        self.dice.pick_late(&known)
    }

    /// An index below `size`, which is not zero, of some shape.
    fn index(&mut self, size: usize, shape: &[usize]) -> Slot {
        let b = &mut self.builder;
        let raw = if shape.len() == 1 && self.dice.one_in(2) {
            b.prim(Prim::Iota(shape[0]), &[])
        } else {
            let int = self.int();
            self.builder.stretch(int, shape)
        };
        let b = &mut self.builder;
        let size = b.full(Literal::integer(Carrier::Int, size as i64), shape);
        b.binary(BinaryOp::Rem, raw, size)
    }

    /// A scalar condition; one on integers if values must stay smooth.
    fn condition(&mut self) -> Slot {
        let known = self.known(|t| *t == Type::scalar(Carrier::Bool));
        if !known.is_empty() && self.dice.one_in(2) {
            let known = self.dice.pick_late(&known);
            return self.builder.unary(UnaryOp::Not, known);
        }
        let op = self.dice.pick(&CompareOp::ALL);
        if self.smooth() || self.dice.one_in(2) {
            let (x, y) = (self.int(), self.int());
            return self.builder.compare(op, x, y);
        }
        let ty = Type::scalar(self.options.carrier);
        let known = self.known(|t| *t == ty);
        let x = match known.is_empty() {
            true => self.literal(ty.carrier),
            false => self.dice.pick_late(&known),
        };
        let y = self.literal(ty.carrier);
        self.builder.compare(op, x, y)
    }

    /// Brings a value back to moderate size, if it must stay so.
    fn settle(&mut self, x: Slot) -> Slot {
        if !self.smooth() {
            return x;
        }
        let tame = [
            UnaryOp::Sin,
            UnaryOp::Cos,
            UnaryOp::Tanh,
            UnaryOp::Sigmoid,
            UnaryOp::Atan,
        ];
        let op = self.dice.pick(&tame);
        self.builder.unary(op, x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::check;
    use crate::eval::eval;
    use crate::parse::parse;
    use crate::print::print;
    use crate::syntax::{Ends, Op};
    use std::collections::BTreeSet;

    const CARRIERS: [Carrier; 4] = [Carrier::F32, Carrier::F64, Carrier::Bit, Carrier::Mod(7)];

    #[test]
    fn programs_are_well_formed_run_and_read_back() {
        for carrier in CARRIERS {
            for seed in 0..150 {
                let region = generate(seed, &Options::over(carrier));
                check(&region).unwrap_or_else(|why| panic!("{why} in seed {seed}\n{region}"));
                assert_eq!(region, generate(seed, &Options::over(carrier)));
                assert_eq!(parse(&print(&region)).as_ref(), Ok(&region));
                let args = arguments(seed, &region);
                assert!(eval(&region, &args).is_ok(), "seed {seed}\n{region}");
            }
        }
    }

    #[test]
    fn smooth_programs_stay_finite() {
        for seed in 0..300 {
            let region = generate(seed, &Options::smooth(Carrier::F64));
            for result in eval(&region, &arguments(seed, &region)).unwrap() {
                let moderate = |x: &f64| x.abs() < 1e6;
                assert!(
                    result.to_f64().iter().all(moderate),
                    "seed {seed}\n{region}"
                );
            }
        }
    }

    #[test]
    fn everything_occurs() {
        fn collect(region: &Region, names: &mut BTreeSet<&'static str>) {
            for step in region.steps() {
                match &step.op {
                    Op::Prim(prim) => drop(names.insert(prim.row().name)),
                    Op::Loop(l) => {
                        names.insert(if l.backward { "backward" } else { "loop" });
                        names.insert(match l.ends {
                            Ends::Counted => "counted",
                            Ends::Limited => "limited",
                            Ends::Solved { .. } => "solved",
                        });
                        collect(&l.body, names);
                    }
                    Op::Cond { then, otherwise } => {
                        names.insert("cond");
                        collect(then, names);
                        collect(otherwise, names);
                    }
                    Op::Call(f) | Op::Reverse(f) | Op::Forward(f) => {
                        names.insert("call");
                        collect(&f.region, names);
                    }
                    Op::Lens(l) => {
                        names.insert("lens");
                        collect(&l.get.region, names);
                        collect(&l.put.region, names);
                    }
                }
            }
        }
        let mut names = BTreeSet::new();
        for seed in 0..400 {
            collect(&generate(seed, &Options::over(Carrier::F64)), &mut names);
        }
        let mut missing: BTreeSet<&str> = Prim::table().iter().map(|p| p.row().name).collect();
        missing.extend(["loop", "backward", "limited", "solved", "cond", "call"]);
        missing.retain(|name| !names.contains(name));
        assert_eq!(missing, BTreeSet::new());
    }
}
