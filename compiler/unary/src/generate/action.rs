//! One random step, or the few that make one meaningful.

use std::sync::Arc;

use crate::Builder;
use crate::carrier::{Carrier, Literal, Type};
use crate::prim::{BinaryOp, CompareOp, Fold, Prim, UnaryOp};
use crate::syntax::{Ends, Function, Region, Site, Slot};
use crate::typing::{binary_fits, fold_fits, key_type, unary_fits};

use super::{LARGEST, Making, shape};

impl Making<'_> {
    /// Appends something and returns what may be read of it.
    pub(super) fn action(&mut self) -> Vec<Slot> {
        let with_bodies = if self.depth > 0 { 3 } else { 0 };
        let slot = match self.dice.below(16 + with_bodies) {
            0..3 => self.unary(),
            3..6 => self.binary(),
            6 => self.choice(),
            7 => self.moved(),
            8 => self.resized(),
            9 => self.repeated(),
            10 => self.folded(),
            11 if self.options.carrier.is_real() && self.dice.one_in(3) => return self.linear(),
            11 => self.contracted(),
            12 => self.gathered(),
            13 => self.scattered(),
            14 if self.dice.one_in(4) => self.condition(),
            14 => self.integer(),
            15 => self.converted(),
            16 if self.options.carrier.is_real() && self.dice.one_in(8) => self.solved(),
            16 => return self.looped(),
            17 => return self.conditional(),
            _ => return self.called(),
        };
        vec![slot]
    }

    fn unary(&mut self) -> Slot {
        let x = self.any();
        let carrier = self.options.carrier;
        if self.smooth() {
            return self.smooth_unary(x);
        }
        let ops: Vec<UnaryOp> = UnaryOp::ALL
            .into_iter()
            .filter(|&op| unary_fits(op, carrier))
            .collect();
        let op = self.dice.pick(&ops);
        self.builder.unary(op, x)
    }

    /// A smooth function, its argument brought to where it is smooth.
    fn smooth_unary(&mut self, x: Slot) -> Slot {
        let ty = self.ty(x);
        let everywhere = [
            UnaryOp::Neg,
            UnaryOp::Sin,
            UnaryOp::Cos,
            UnaryOp::Atan,
            UnaryOp::Tanh,
            UnaryOp::Sigmoid,
            UnaryOp::Erf,
        ];
        let near_zero = [
            UnaryOp::Exp,
            UnaryOp::Expm1,
            UnaryOp::Log1p,
            UnaryOp::Tan,
            UnaryOp::Asin,
            UnaryOp::Acos,
            UnaryOp::Sinh,
            UnaryOp::Cosh,
        ];
        let positive = [UnaryOp::Log, UnaryOp::Sqrt];
        let small = |made: &mut Self| {
            let sin = made.builder.unary(UnaryOp::Sin, x);
            let most = made
                .builder
                .full(Literal::real(ty.carrier, 0.75), &ty.shape);
            made.builder.mul(sin, most)
        };
        match self.dice.below(3) {
            0 => {
                let op = self.dice.pick(&everywhere);
                self.builder.unary(op, x)
            }
            1 => {
                let op = self.dice.pick(&near_zero);
                let x = small(self);
                self.builder.unary(op, x)
            }
            _ => {
                let op = self.dice.pick(&positive);
                let x = small(self);
                let one = self.builder.ones(&ty);
                let x = self.builder.add(x, one);
                self.builder.unary(op, x)
            }
        }
    }

    fn binary(&mut self) -> Slot {
        let x = self.any();
        let ty = self.ty(x);
        let y = self.of(&ty);
        if self.smooth() {
            return self.smooth_binary(x, y, &ty);
        }
        let fits = |op: &BinaryOp| binary_fits(*op, ty.carrier);
        let ops: Vec<BinaryOp> = BinaryOp::ALL.into_iter().filter(fits).collect();
        let op = self.dice.pick(&ops);
        if op == BinaryOp::Polygamma {
            // Its order is a whole number.
            let order = self.builder.prim(Prim::Convert(Carrier::Int), &[x]);
            let order = self.builder.prim(Prim::Convert(ty.carrier), &[order]);
            return self.builder.binary(op, order, y);
        }
        self.builder.binary(op, x, y)
    }

    fn smooth_binary(&mut self, x: Slot, y: Slot, ty: &Type) -> Slot {
        let ops = [
            BinaryOp::Add,
            BinaryOp::Sub,
            BinaryOp::Mul,
            BinaryOp::Div,
            BinaryOp::Pow,
            BinaryOp::Atan2,
        ];
        let op = self.dice.pick(&ops);
        // Between 1 and 2: a divisor, a base, an abscissa.
        let mut away = |x: Slot| {
            let (sigmoid, one) = (
                self.builder.unary(UnaryOp::Sigmoid, x),
                self.builder.ones(ty),
            );
            self.builder.add(sigmoid, one)
        };
        let (x, y) = match op {
            BinaryOp::Div | BinaryOp::Atan2 => (x, away(y)),
            BinaryOp::Pow => (away(x), y),
            _ => (x, y),
        };
        let result = self.builder.binary(op, x, y);
        self.settle(result)
    }

    fn choice(&mut self) -> Slot {
        let x = self.any();
        let ty = self.ty(x);
        let y = self.of(&ty);
        let condition = if self.smooth() || self.dice.one_in(2) {
            let scalar = self.condition();
            self.builder.stretch(scalar, &ty.shape)
        } else {
            let op = self.dice.pick(&CompareOp::ALL);
            let (z, other) = (self.of(&ty), self.of(&ty));
            let first = self.builder.compare(op, z, x);
            let second = self.builder.compare(op, other, y);
            let negated = self.builder.unary(UnaryOp::Not, first);
            let op = self.dice.pick(&[BinaryOp::And, BinaryOp::Or]);
            let both = self.builder.binary(op, negated, second);
            let axes: Vec<usize> = (0..ty.rank()).collect();
            let fold = self.dice.pick(&[Fold::All, Fold::Any]);
            let folded = self.builder.reduce(fold, both, &axes);
            if self.dice.one_in(2) {
                both
            } else {
                self.builder.stretch(folded, &ty.shape)
            }
        };
        self.builder.select(condition, x, y)
    }

    /// The same elements elsewhere.
    fn moved(&mut self) -> Slot {
        let x = self.any_array();
        let ty = self.ty(x);
        match self.dice.below(3) {
            0 => {
                let perm = self.dice.permutation(ty.rank());
                // Of a vector that is nothing but the identity; 64 samples a word trace nothing.
                if ty.rank() == 1 && ty.carrier.is_real() {
                    return self.builder.prim(Prim::Trace("x".into()), &[x]);
                }
                self.builder.prim(Prim::Transpose(perm), &[x])
            }
            1 => {
                let mut shape = ty.shape;
                match self.dice.below(3) {
                    0 => shape.reverse(),
                    1 => shape.insert(0, 1),
                    _ => shape = vec![shape.iter().product()],
                }
                self.builder.reshape(x, &shape)
            }
            _ => {
                let axes = (0..ty.rank()).filter(|_| self.dice.one_in(2)).collect();
                self.builder.prim(Prim::Flip(axes), &[x])
            }
        }
    }

    /// Fewer or more elements.
    fn resized(&mut self) -> Slot {
        let x = self.any_array();
        let ty = self.ty(x);
        let rank = ty.rank();
        let prim = match self.dice.below(3) {
            0 => {
                let start: Vec<usize> = ty.shape.iter().map(|&n| self.dice.below(n + 1)).collect();
                let step: Vec<usize> = (0..rank).map(|_| 1 + self.dice.below(2)).collect();
                let len = (0..rank)
                    .map(|a| (ty.shape[a] - start[a]).div_ceil(step[a]))
                    .collect();
                Prim::Slice { start, len, step }
            }
            1 => {
                let mut few = || (0..rank).map(|_| self.dice.below(2)).collect();
                Prim::Pad {
                    before: few(),
                    after: few(),
                    between: few(),
                }
            }
            _ => {
                let y = self.of(&ty);
                let prim = Prim::Concat(self.dice.below(rank));
                return self.unless_large(prim, &[x, y]);
            }
        };
        self.unless_large(prim, &[x])
    }

    /// A primitive, or its first argument if the result were too large.
    fn unless_large(&mut self, prim: Prim, args: &[Slot]) -> Slot {
        let types: Vec<Type> = args.iter().map(|&a| self.ty(a)).collect();
        let types: Vec<&Type> = types.iter().collect();
        let op = crate::Op::Prim(prim);
        match crate::typing::infer(&op, &types) {
            Ok(results) if results[0].len() <= LARGEST => self.builder.emit(op, args)[0],
            Ok(_) | Err(_) => args[0],
        }
    }

    fn repeated(&mut self) -> Slot {
        let x = self.any();
        let ty = self.ty(x);
        let n = 1 + self.dice.below(3);
        let place = self.dice.below(ty.rank() + 1);
        let mut shape = ty.shape.clone();
        shape.insert(place, n);
        let axes = (0..=ty.rank()).filter(|&a| a != place).collect();
        self.unless_large(Prim::Broadcast { shape, axes }, &[x])
    }

    fn folded(&mut self) -> Slot {
        let x = self.any_array();
        let ty = self.ty(x);
        let axis = self.dice.below(ty.rank());
        let smooth = [Fold::Sum, Fold::Prod, Fold::LogSumExp];
        let folds = if self.smooth() {
            smooth.to_vec()
        } else {
            Fold::ALL.to_vec()
        };
        let fits = |fold: &Fold| fold_fits(*fold, ty.carrier);
        let folds: Vec<Fold> = folds.into_iter().filter(fits).collect();
        let fold = self.dice.pick(&folds);
        if self.dice.one_in(4) && !self.smooth() && ty.carrier.is_real() && ty.shape[axis] > 0 {
            let prim = self.dice.pick(&[Prim::ArgMax(axis), Prim::ArgMin(axis)]);
            return self.builder.prim(prim, &[x]);
        }
        if self.dice.one_in(6) && !self.smooth() && ty.carrier.is_real() {
            let descending = self.dice.one_in(2);
            return self.builder.prim(Prim::ArgSort { descending }, &[x]);
        }
        // The logarithm of an empty sum is infinite.
        if fold == Fold::LogSumExp && ty.is_empty() {
            return x;
        }
        let result = if fold != Fold::LogSumExp && self.dice.one_in(2) {
            let prim = Prim::Scan {
                fold,
                axis,
                exclusive: self.dice.one_in(2),
                reverse: self.dice.one_in(2),
            };
            self.builder.prim(prim, &[x])
        } else {
            let all = self.dice.one_in(3);
            let axes: Vec<usize> = if all {
                (0..ty.rank()).collect()
            } else {
                vec![axis]
            };
            self.builder.reduce(fold, x, &axes)
        };
        self.settle(result)
    }

    fn contracted(&mut self) -> Slot {
        let x = self.any_array();
        let y = self.any_array();
        let (a, b) = (self.ty(x), self.ty(y));
        let (mut batch, mut sum) = (Vec::new(), Vec::new());
        let mut taken = Vec::new();
        for i in 0..a.rank() {
            let fits = |j: &usize| b.shape[*j] == a.shape[i] && !taken.contains(j);
            let partner = (0..b.rank()).find(fits);
            if let Some(j) = partner
                && !self.dice.one_in(4)
            {
                taken.push(j);
                let pairs = if self.dice.one_in(3) {
                    &mut batch
                } else {
                    &mut sum
                };
                pairs.push((i, j));
            }
        }
        let result = self.unless_large(Prim::Contract { batch, sum }, &[x, y]);
        self.settle(result)
    }

    fn gathered(&mut self) -> Slot {
        let x = self.any_array();
        let ty = self.ty(x);
        if ty.is_empty() {
            return x;
        }
        let axes = 1 + self.dice.below(ty.rank());
        let shape = shape(self.dice);
        let mut args = vec![x];
        args.extend((0..axes).map(|axis| self.index(ty.shape[axis], &shape)));
        let site = Site(self.dice.below(9) as u32);
        self.unless_large(Prim::Gather { axes, site }, &args)
    }

    fn scattered(&mut self) -> Slot {
        let x = self.any_array();
        let ty = self.ty(x);
        if ty.is_empty() {
            return x;
        }
        let axes = 1 + self.dice.below(ty.rank());
        let mut shape = shape(self.dice);
        let mut args = vec![x];
        args.extend((0..axes).map(|axis| self.index(ty.shape[axis], &shape)));
        shape.extend_from_slice(&ty.shape[axes..]);
        if shape.iter().product::<usize>() > LARGEST {
            return x;
        }
        args.push(self.of(&Type::array(ty.carrier, shape)));
        let site = Site(self.dice.below(9) as u32);
        let result = self.builder.prim(Prim::ScatterAdd { axes, site }, &args);
        self.settle(result)
    }

    fn integer(&mut self) -> Slot {
        let x = self.int();
        match self.dice.below(5) {
            0 => {
                let n = 1 + self.dice.below(3);
                self.builder.prim(Prim::Iota(n), &[])
            }
            1 => {
                let y = self.int();
                let op = self
                    .dice
                    .pick(&[BinaryOp::Add, BinaryOp::Mul, BinaryOp::Max]);
                self.builder.binary(op, x, y)
            }
            2 => {
                let divisor = self.dice.pick(&[-3, 1, 2, 5]);
                let y = self.builder.int(divisor);
                let op = self.dice.pick(&[BinaryOp::Div, BinaryOp::Rem]);
                self.builder.binary(op, x, y)
            }
            3 => {
                let op = self.dice.pick(&[UnaryOp::Neg, UnaryOp::Abs, UnaryOp::Sign]);
                self.builder.unary(op, x)
            }
            _ => self.random(x),
        }
    }

    /// A small random integer.
    fn random(&mut self, seed: Slot) -> Slot {
        let key = self.builder.stretch(seed, &key_type().shape);
        let key = self.builder.prim(Prim::RandomFold, &[key, seed]);
        let keys = self.builder.prim(Prim::RandomSplit(2), &[key]);
        let site = Site(0);
        let one = self.builder.int(1);
        let key = self
            .builder
            .prim(Prim::Gather { axes: 1, site }, &[keys, one]);
        let bits = if self.dice.one_in(2) {
            self.builder.prim(Prim::RandomBits(Vec::new()), &[key])
        } else {
            // Of both keys, and then the first one's.
            let all = self.builder.prim(Prim::RandomBits(vec![1]), &[keys]);
            let zero = self.builder.int(0);
            self.builder
                .prim(Prim::Gather { axes: 2, site }, &[all, zero, zero])
        };
        let ten = self.builder.int(10);
        self.builder.binary(BinaryOp::Rem, bits, ten)
    }

    fn converted(&mut self) -> Slot {
        let carrier = self.options.carrier;
        let ints = self.known(|t| t.carrier == Carrier::Int);
        if self.smooth() || carrier != Carrier::F64 || self.dice.one_in(2) {
            let int = if ints.is_empty() {
                self.int()
            } else {
                self.dice.pick_late(&ints)
            };
            let number = self.builder.convert(int, carrier);
            return self.settle(number);
        }
        // Through f32 and back loses digits.
        let x = self.any();
        let through = self.dice.pick(&[Carrier::F32, Carrier::Int]);
        let there = self.builder.convert(x, through);
        self.builder.convert(there, carrier)
    }

    fn looped(&mut self) -> Vec<Slot> {
        let n = if self.dice.one_in(12) {
            0
        } else {
            1 + self.dice.below(4)
        };
        let some = |made: &mut Self, most: usize| -> Vec<Slot> {
            let count = made.dice.below(most + 1);
            (0..count).map(|_| made.any()).collect()
        };
        let (consts, mut states) = (some(self, 2), some(self, 2));
        let ends = match self.dice.one_in(3) {
            true => Ends::Limited,
            false => Ends::Counted,
        };
        if ends == Ends::Limited {
            let limit = self.int();
            states.insert(0, limit);
        }
        let xs: Vec<Slot> = (0..self.dice.below(3))
            .map(|_| {
                let x = self.any();
                let axes = self.ty(x).shape.iter().product::<usize>();
                if self.ty(x).shape.first() == Some(&n) {
                    x
                } else if n * axes <= LARGEST {
                    self.builder.replicate(x, n)
                } else {
                    let ty = Type::array(self.options.carrier, [n]);
                    self.of(&ty)
                }
            })
            .collect();
        let mut params = vec![Type::scalar(Carrier::Int)];
        params.extend(consts.iter().map(|&c| self.ty(c)));
        params.extend(xs.iter().filter_map(|&x| self.ty(x).element()));
        let mut results: Vec<Type> = states.iter().map(|&s| self.ty(s)).collect();
        params.extend(results.iter().cloned());
        for _ in 0..self.dice.below(2) + usize::from(states.is_empty()) {
            let shape = shape(self.dice);
            results.push(Type::array(self.options.carrier, shape));
        }
        let mut body = self.body(params, &results);
        let backward = self.dice.one_in(3);
        if ends == Ends::Limited && (backward || self.dice.one_in(2)) {
            // The limit stays what it was.
            let mut results = body.results().to_vec();
            results[0] = Slot((1 + consts.len() + xs.len()) as u32);
            body = Region::new(body.params().to_vec(), body.steps().to_vec(), results);
        }
        let args = [&consts[..], &xs, &states];
        self.builder.loop_that(ends, n, backward, args, body)
    }

    /// The solution of `x = 2/5 sin(x) + c`: each iteration comes closer by that factor at least.
    fn solved(&mut self) -> Slot {
        let c = self.any();
        let (ty, carrier) = (self.ty(c), self.options.carrier);
        let start = self.of(&ty);
        let real = |x: f64| Literal::real(carrier, x);
        let int = Type::scalar(Carrier::Int);
        let mut b = Builder::new(vec![int.clone(), ty.clone(), int, ty.clone()]);
        let [_, known, limit, x] = b.param_slots()[..] else {
            unreachable!("four parameters");
        };
        let sin = b.unary(UnaryOp::Sin, x);
        let factor = b.full(real(0.4), &ty.shape);
        let near = b.mul(factor, sin);
        let next = b.add(near, known);
        let tolerance = real(if carrier == Carrier::F32 { 1e-6 } else { 1e-13 });
        let limit = b.until_settled(limit, tolerance, Some(real(1.0)), &[x], &[next]);
        let body = b.finish(vec![limit, next]);
        let most = self.builder.literal(Literal::integer(Carrier::Int, 100));
        let ends = Ends::Solved { tolerance };
        let args = [&[c][..], &[], &[most, start]];
        self.builder.loop_that(ends, 100, false, args, body)[1]
    }

    fn conditional(&mut self) -> Vec<Slot> {
        let condition = self.condition();
        let captures: Vec<Slot> = (0..1 + self.dice.below(2)).map(|_| self.any()).collect();
        let params: Vec<Type> = captures.iter().map(|&c| self.ty(c)).collect();
        let results: Vec<Type> = (0..1 + self.dice.below(2))
            .map(|_| Type::array(self.options.carrier, shape(self.dice)))
            .collect();
        let then = self.body(params.clone(), &results);
        let otherwise = self.body(params, &results);
        self.builder.cond(condition, &captures, then, otherwise)
    }

    fn called(&mut self) -> Vec<Slot> {
        let function = match self.function.take() {
            Some(function) => function,
            None => {
                let params: Vec<Type> = (0..1 + self.dice.below(2))
                    .map(|_| Type::array(self.options.carrier, shape(self.dice)))
                    .chain([Type::scalar(Carrier::Int)])
                    .collect();
                let results = [
                    Type::array(self.options.carrier, shape(self.dice)),
                    params[0].clone(),
                ];
                let region = self.body(params, &results);
                let name = self.dice.pick(&["f", "g", "dense layer"]).to_string();
                Arc::new(Function { name, region })
            }
        };
        let params = function.region.params().to_vec();
        let args: Vec<Slot> = params.iter().map(|ty| self.of(ty)).collect();
        let results = self.builder.call(&function, &args);
        self.function = Some(function);
        results
    }
}
