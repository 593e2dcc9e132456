//! What is proved, what is not, and that what is proved is true.

use super::*;
use crate::Builder;
use crate::carrier::{Literal, Type};
use crate::eval::eval;
use crate::generate::{self, arguments, generate};
use crate::prim::{BinaryOp, CompareOp, Prim};
use crate::syntax::{Op, Site};
use crate::value::{Array, Data};

fn int(shape: &[usize]) -> Type {
    Type::array(Carrier::Int, shape)
}

fn region(params: &[Type], make: impl FnOnce(&mut Builder, &[Slot]) -> Vec<Slot>) -> Region {
    let mut b = Builder::new(params.to_vec());
    let slots = b.param_slots();
    let results = make(&mut b, &slots);
    b.finish(results)
}

fn read(b: &mut Builder, x: Slot, at: Slot) -> Slot {
    let site = Site(1);
    b.prim(Prim::Gather { axes: 1, site }, &[x, at])
}

fn binary(b: &mut Builder, op: BinaryOp, x: Slot, y: i64) -> Slot {
    let shape = b.ty(x).shape.clone();
    let y = b.full(Literal::integer(Carrier::Int, y), &shape);
    b.prim(Prim::Binary(op), &[x, y])
}

fn compare(b: &mut Builder, op: CompareOp, x: Slot, y: i64) -> Slot {
    let y = b.int(y);
    b.compare(op, x, y)
}

/// For each read of a region, also in its bodies, in order, whether its indices are known to stay inside.
fn reads(region: &Region) -> Vec<bool> {
    fn walk(region: &Region, ranges: &Ranges, out: &mut Vec<bool>) {
        for step in region.steps() {
            match &step.op {
                Op::Prim(Prim::Gather { axes, .. }) => {
                    let sizes = &region.ty(step.args[0]).shape;
                    let mut pairs = step.args[1..=*axes].iter().zip(sizes);
                    out.push(pairs.all(|(&index, &size)| ranges.within(index, size)));
                }
                Op::Loop(l) => walk(&l.body, &ranges.body(l, &step.args).0, out),
                Op::Cond { then, otherwise } => {
                    walk(then, &ranges.arm(then, &step.args, true), out);
                    walk(otherwise, &ranges.arm(otherwise, &step.args, false), out);
                }
                _ => {}
            }
        }
    }
    let mut out = Vec::new();
    walk(region, &Ranges::of(region), &mut out);
    out
}

/// `x[index]` for `i < m` and an `x` of 5 elements.
fn reads_at(m: usize, index: impl FnOnce(&mut Builder, Slot) -> Slot) -> bool {
    let f = region(&[int(&[5])], |b, p| {
        let i = b.prim(Prim::Iota(m), &[]);
        let at = index(b, i);
        vec![read(b, p[0], at)]
    });
    reads(&f) == [true]
}

#[test]
fn affine_indices() {
    assert!(reads_at(5, |_, i| i));
    assert!(!reads_at(6, |_, i| i));
    assert!(reads_at(4, |b, i| binary(b, BinaryOp::Add, i, 1)));
    assert!(!reads_at(5, |b, i| binary(b, BinaryOp::Add, i, 1)));
    assert!(!reads_at(4, |b, i| binary(b, BinaryOp::Sub, i, 1)));
    assert!(reads_at(3, |b, i| binary(b, BinaryOp::Mul, i, 2)));
    assert!(!reads_at(4, |b, i| binary(b, BinaryOp::Mul, i, 2)));
    assert!(reads_at(5, |b, i| b.prim(Prim::Flip(vec![0]), &[i])));
    assert!(reads_at(6, |b, i| b.prim(
        Prim::Slice {
            start: vec![0],
            len: vec![3],
            step: vec![2]
        },
        &[i]
    )));
    // 4 - i
    assert!(reads_at(5, |b, i| {
        let four = b.full(Literal::integer(Carrier::Int, 4), &[5]);
        b.sub(four, i)
    }));
    // i - i is nothing, whatever i is.
    let f = region(&[int(&[1]), int(&[])], |b, p| {
        let none = b.sub(p[1], p[1]);
        vec![read(b, p[0], none)]
    });
    assert_eq!(reads(&f), [true]);
}

#[test]
fn clamped_and_divided_indices() {
    assert!(reads_at(9, |b, i| binary(b, BinaryOp::Min, i, 4)));
    assert!(!reads_at(9, |b, i| binary(b, BinaryOp::Max, i, 4)));
    assert!(reads_at(9, |b, i| binary(b, BinaryOp::Rem, i, 5)));
    assert!(!reads_at(9, |b, i| binary(b, BinaryOp::Rem, i, 6)));
    assert!(reads_at(10, |b, i| binary(b, BinaryOp::Div, i, 2)));
    assert!(!reads_at(11, |b, i| binary(b, BinaryOp::Div, i, 2)));
    // A remainder is that of floor division: never negative.
    assert!(reads_at(9, |b, i| {
        let below = binary(b, BinaryOp::Sub, i, 7);
        binary(b, BinaryOp::Rem, below, 5)
    }));
    // i - i mod 3 is at least 0, and at most i.
    assert!(reads_at(5, |b, i| {
        let rest = binary(b, BinaryOp::Rem, i, 3);
        b.sub(i, rest)
    }));
    // 2 (i / 2) is at most i.
    assert!(reads_at(5, |b, i| {
        let half = binary(b, BinaryOp::Div, i, 2);
        binary(b, BinaryOp::Mul, half, 2)
    }));
    // Of any number.
    let f = region(&[int(&[5]), int(&[])], |b, p| {
        let least = binary(b, BinaryOp::Max, p[1], 0);
        let clamped = binary(b, BinaryOp::Min, least, 4);
        let rest = binary(b, BinaryOp::Rem, p[1], 5);
        [clamped, rest, p[1]].map(|at| read(b, p[0], at)).to_vec()
    });
    assert_eq!(reads(&f), [true, true, false]);
}

/// `if c then x[at] else …`: the same read in both arms, of an `x` of 5 elements.
fn guarded(
    condition: impl FnOnce(&mut Builder, Slot) -> Slot,
    index: impl Fn(&mut Builder, Slot) -> Slot,
) -> Vec<bool> {
    let f = region(&[int(&[5]), int(&[])], |b, p| {
        let c = condition(b, p[1]);
        let arm = || {
            region(&[int(&[5]), int(&[])], |b, p| {
                let at = index(b, p[1]);
                vec![read(b, p[0], at)]
            })
        };
        b.cond(c, p, arm(), arm())
    });
    reads(&f)
}

fn both(b: &mut Builder, j: Slot, least: i64, below: i64) -> Slot {
    let low = b.int(least);
    let low = b.compare(CompareOp::Le, low, j);
    let high = compare(b, CompareOp::Lt, j, below);
    b.prim(Prim::Binary(BinaryOp::And), &[low, high])
}

#[test]
fn conditions_are_facts_in_their_arms() {
    let same = |_: &mut Builder, j: Slot| j;
    let plus = |by: i64| move |b: &mut Builder, j: Slot| binary(b, BinaryOp::Add, j, by);
    assert_eq!(guarded(|b, j| both(b, j, 0, 5), same), [true, false]);
    assert_eq!(guarded(|b, j| both(b, j, 0, 6), same), [false, false]);
    assert_eq!(guarded(|b, j| both(b, j, -1, 5), same), [false, false]);
    assert_eq!(guarded(|b, j| both(b, j, -2, 3), plus(2)), [true, false]);
    assert_eq!(guarded(|b, j| both(b, j, -2, 4), plus(2)), [false, false]);
    assert_eq!(
        guarded(|b, j| compare(b, CompareOp::Eq, j, 3), same),
        [true, false]
    );
    assert_eq!(
        guarded(|b, j| compare(b, CompareOp::Ne, j, 3), same),
        [false, true]
    );
    assert_eq!(
        guarded(|b, j| compare(b, CompareOp::Lt, j, 3), same),
        [false, false]
    );
    let outside = |b: &mut Builder, j: Slot| {
        let inside = both(b, j, 0, 5);
        b.prim(Prim::Unary(crate::prim::UnaryOp::Not), &[inside])
    };
    assert_eq!(guarded(outside, same), [false, true]);
    let either = |b: &mut Builder, j: Slot| {
        let four = b.int(4);
        let low = compare(b, CompareOp::Lt, j, 0);
        let high = b.compare(CompareOp::Lt, four, j);
        b.prim(Prim::Binary(BinaryOp::Or), &[low, high])
    };
    assert_eq!(guarded(either, same), [false, true]);
    // What is compared and what is read are the same number, made twice.
    let rest = |b: &mut Builder, j: Slot| binary(b, BinaryOp::Rem, j, 9);
    let small = |b: &mut Builder, j: Slot| {
        let rest = rest(b, j);
        compare(b, CompareOp::Lt, rest, 5)
    };
    assert_eq!(guarded(small, rest), [true, false]);
}

/// `j + 1` wraps around for the greatest `j`, so that `j >= 0` and `j + 1 < 5` do not make it an index.
#[test]
fn what_wraps_around_is_not_known() {
    let next = |b: &mut Builder, j: Slot| binary(b, BinaryOp::Add, j, 1);
    let wraps = |b: &mut Builder, j: Slot| {
        let zero = b.int(0);
        let low = b.compare(CompareOp::Le, zero, j);
        let next = next(b, j);
        let high = compare(b, CompareOp::Lt, next, 5);
        b.prim(Prim::Binary(BinaryOp::And), &[low, high])
    };
    assert_eq!(guarded(wraps, next), [false, false]);
    // Where it is known not to, what was added before the condition is unfolded.
    let f = region(&[int(&[5]), int(&[])], |b, p| {
        let next = next(b, p[1]);
        let c = both(b, p[1], 0, 4);
        let arm = || region(&[int(&[5]), int(&[])], |b, p| vec![read(b, p[0], p[1])]);
        b.cond(c, &[p[0], next], arm(), arm())
    });
    assert_eq!(reads(&f), [true, false]);
}

#[test]
fn loops_number_their_iterations() {
    // x[i + j] for j < 3, i < 3; then for j < 3, i < 4.
    for (n, inside) in [(3, true), (4, false)] {
        let inner = region(&[int(&[]), int(&[5]), int(&[])], |b, p| {
            let at = b.add(p[0], p[2]);
            vec![read(b, p[1], at)]
        });
        let outer = region(&[int(&[]), int(&[5])], |b, p| {
            b.for_loop(3, false, &[p[1], p[0]], &[], &[], inner)
        });
        let f = region(&[int(&[5])], |b, p| {
            b.for_loop(n, false, p, &[], &[], outer)
        });
        assert_eq!(reads(&f), [inside]);
    }
    // A state that is a remainder each time, and began as an index; and one that began elsewhere.
    for (first, inside) in [(4, true), (5, false)] {
        let step = region(&[int(&[]), int(&[5]), int(&[])], |b, p| {
            let x = read(b, p[1], p[2]);
            vec![binary(b, BinaryOp::Rem, x, 5)]
        });
        let f = region(&[int(&[5])], |b, p| {
            let first = b.int(first);
            b.for_loop(7, false, p, &[], &[first], step)
        });
        assert_eq!(reads(&f), [inside]);
    }
    // Elements of 0, 1, … are numbers of iterations.
    let body = region(&[int(&[]), int(&[5]), int(&[])], |b, p| {
        vec![read(b, p[1], p[2])]
    });
    let f = region(&[int(&[5])], |b, p| {
        let i = b.prim(Prim::Iota(5), &[]);
        b.for_loop(5, true, p, &[i], &[], body)
    });
    assert_eq!(reads(&f), [true]);
}

#[test]
fn nothing_is_read_of_nothing() {
    let f = region(&[int(&[0]), int(&[0]), int(&[])], |b, p| {
        vec![read(b, p[0], p[1]), read(b, p[0], p[2])]
    });
    assert_eq!(reads(&f), [true, false]);
}

/// Every number of a generated program lies between the bounds that are said.
#[test]
fn bounds_are_true() {
    let mut narrow = 0;
    for carrier in [Carrier::F64, Carrier::Mod(7)] {
        for seed in 0..300 {
            let f = generate(seed, &generate::Options::over(carrier));
            let ranges = Ranges::of(&f);
            let slots = (0..f.slots().len() as u32).map(Slot);
            let counts: Vec<Slot> = slots.filter(|&s| f.ty(s).carrier == Carrier::Int).collect();
            let all = Region::new(f.params().to_vec(), f.steps().to_vec(), counts.clone());
            let values = eval(&all, &arguments(seed, &all)).unwrap();
            for (value, slot) in values.iter().zip(counts) {
                let Data::Int(values) = value.data() else {
                    panic!("an int")
                };
                let (low, high) = ranges.bounds(slot);
                narrow += usize::from(low > i64::MIN && high < i64::MAX);
                let inside = values.iter().all(|x| (low..=high).contains(x));
                assert!(
                    inside,
                    "seed {seed}: {slot:?} is {values:?}, not {low} to {high}\n{f}"
                );
            }
        }
    }
    assert!(narrow > 1000, "{narrow}");
}

/// Numbers, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 33) % n
    }

    fn number(&mut self, b: &mut Builder, from: &[Slot], depth: u64) -> Slot {
        if depth == 0 || self.below(4) == 0 {
            return from[self.below(from.len() as u64) as usize];
        }
        let x = self.number(b, from, depth - 1);
        match self.below(6) {
            0 => {
                let y = self.number(b, from, depth - 1);
                b.add(x, y)
            }
            1 => {
                let y = self.number(b, from, depth - 1);
                b.sub(x, y)
            }
            2 => {
                let by = [-1, 2, 3][self.below(3) as usize];
                binary(b, BinaryOp::Mul, x, by)
            }
            3 => {
                let op = [BinaryOp::Min, BinaryOp::Max][self.below(2) as usize];
                let by = self.below(7) as i64 - 1;
                binary(b, op, x, by)
            }
            4 => {
                let op = [BinaryOp::Rem, BinaryOp::Div][self.below(2) as usize];
                let by = 1 + self.below(6) as i64;
                binary(b, op, x, by)
            }
            _ => {
                let by = self.below(9) as i64 - 4;
                binary(b, BinaryOp::Add, x, by)
            }
        }
    }

    fn condition(&mut self, b: &mut Builder, from: &[Slot], depth: u64) -> Slot {
        if depth == 0 || self.below(3) == 0 {
            let ops = [CompareOp::Lt, CompareOp::Le, CompareOp::Eq, CompareOp::Ne];
            let op = ops[self.below(4) as usize];
            let x = self.number(b, from, 1);
            let y = b.int(self.below(8) as i64 - 1);
            return match self.below(2) {
                0 => b.compare(op, x, y),
                _ => b.compare(op, y, x),
            };
        }
        let x = self.condition(b, from, depth - 1);
        let y = self.condition(b, from, depth - 1);
        match self.below(5) {
            0 => b.prim(Prim::Unary(crate::prim::UnaryOp::Not), &[x]),
            1 => b.prim(Prim::Binary(BinaryOp::Or), &[x, y]),
            _ => b.prim(Prim::Binary(BinaryOp::And), &[x, y]),
        }
    }
}

/// Random reads under random conditions: where all of a program are proved, no argument stops it.
#[test]
fn what_is_proved_is_true() {
    let ends = [i64::MIN, i64::MIN + 1, i64::MAX - 1, i64::MAX];
    let mut proved = 0;
    for seed in 0..3000 {
        let mut dice = Dice(seed);
        let params = [int(&[4]), int(&[]), int(&[])];
        let f = region(&params, |b, p| {
            let extra = dice.number(b, &p[1..], 2);
            let condition = dice.condition(b, &[p[1], p[2], extra], 2);
            let mut arm = || {
                region(&[int(&[4]), int(&[]), int(&[]), int(&[])], |b, p| {
                    let at = dice.number(b, &p[1..], 2);
                    vec![read(b, p[0], at)]
                })
            };
            let (then, otherwise) = (arm(), arm());
            b.cond(condition, &[p[0], p[1], p[2], extra], then, otherwise)
        });
        let known = reads(&f);
        if !known.contains(&true) {
            continue;
        }
        proved += 1;
        let one = |x: i64| Array::full(Literal::integer(Carrier::Int, x), &[]);
        for _ in 0..40 {
            let mut argument = || match dice.below(8) {
                0 => ends[dice.below(4) as usize],
                _ => dice.below(16) as i64 - 5,
            };
            let args = [Array::zeros(&int(&[4])), one(argument()), one(argument())];
            if let Err(trap) = eval(&f, &args) {
                // It stopped in an arm of which nothing was proved.
                assert!(
                    known.contains(&false),
                    "seed {seed}: {trap:?} at {args:?}\n{f}"
                );
                let (last, before) = f.steps().split_last().unwrap();
                let holds = Region::new(f.params().to_vec(), before.to_vec(), vec![last.args[0]]);
                let holds = eval(&holds, &args).unwrap()[0].data() == &Data::Byte(vec![1]);
                assert!(
                    !known[usize::from(!holds)],
                    "seed {seed}: {trap:?} at {args:?}\n{f}"
                );
            }
        }
    }
    assert!(proved > 200, "{proved}");
}
