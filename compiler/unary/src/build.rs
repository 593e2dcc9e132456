//! Builds regions step by step. Equal steps on equal slots become one slot (hash-consing), but for those
//! of which it matters how often they are ([`Op::additive`]).

use std::collections::HashMap;
use std::sync::Arc;

use crate::carrier::{Carrier, Literal, Type};
use crate::prim::{BinaryOp, CompareOp, Fold, Prim, UnaryOp};
use crate::syntax::{Ends, Function, Loop, Op, Region, Slot, Step};
use crate::typing;

/// A region under construction.
///
/// ```
/// use lentil_unary::{Builder, Carrier, Type};
/// let mut b = Builder::new(vec![Type::scalar(Carrier::F64)]);
/// let x = b.param(0);
/// let y = b.mul(x, x);
/// let square = b.finish(vec![y]);
/// assert_eq!(square.steps().len(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct Builder {
    params: Vec<Type>,
    steps: Vec<Step>,
    types: Vec<Type>,
    /// For each slot after the parameters, the step that made it.
    makers: Vec<usize>,
    known: HashMap<(Op, Vec<Slot>), Slot>,
}

impl Builder {
    /// A region with these parameters and no steps.
    pub fn new(params: Vec<Type>) -> Builder {
        Builder {
            types: params.clone(),
            params,
            steps: Vec::new(),
            makers: Vec::new(),
            known: HashMap::new(),
        }
    }

    /// The slot of parameter `i`.
    pub fn param(&self, i: usize) -> Slot {
        assert!(
            i < self.params.len(),
            "parameter {i} of {}",
            self.params.len()
        );
        Slot(i as u32)
    }

    /// The slots of all parameters.
    pub fn param_slots(&self) -> Vec<Slot> {
        (0..self.params.len() as u32).map(Slot).collect()
    }

    /// The type of a slot.
    pub fn ty(&self, slot: Slot) -> &Type {
        &self.types[slot.index()]
    }

    /// The step that made a slot; `None` for a parameter.
    pub fn step_of(&self, slot: Slot) -> Option<&Step> {
        let index = slot.index().checked_sub(self.params.len())?;
        Some(&self.steps[self.makers[index]])
    }

    /// The primitive that made a slot, with its arguments.
    pub fn made_by(&self, slot: Slot) -> Option<(&Prim, &[Slot])> {
        let step = self.step_of(slot)?;
        match &step.op {
            Op::Prim(prim) => Some((prim, &step.args)),
            Op::Loop(_)
            | Op::Cond { .. }
            | Op::Call(_)
            | Op::Reverse(_)
            | Op::Forward(_)
            | Op::Lens(_) => None,
        }
    }

    /// The constant that every element of a slot is: a literal, or the broadcast of one.
    pub fn uniform(&self, slot: Slot) -> Option<Literal> {
        match self.made_by(slot)? {
            (Prim::Literal(literal), _) => Some(*literal),
            (Prim::Broadcast { .. }, args) => self.uniform(args[0]),
            _ => None,
        }
    }

    /// Appends an operation and returns the slots of its results.
    ///
    /// # Panics
    /// If the operation does not fit its arguments: a mistake of the compiler, never of the user.
    pub fn emit(&mut self, op: Op, args: &[Slot]) -> Vec<Slot> {
        let key = (op, args.to_vec());
        let one_for_all = key.0.additive();
        if let Some(&first) = self.known.get(&key).filter(|_| one_for_all) {
            let count = typing::result_count(&key.0);
            return (0..count as u32).map(|k| Slot(first.0 + k)).collect();
        }
        let arg_types: Vec<&Type> = args.iter().map(|&s| self.ty(s)).collect();
        let types = match typing::infer(&key.0, &arg_types) {
            Ok(types) => types,
            Err(why) => panic!("ill-typed unary form: {why} in {:?}", key.0),
        };
        let first = Slot(self.types.len() as u32);
        self.types.extend(types.iter().cloned());
        self.makers
            .resize(self.types.len() - self.params.len(), self.steps.len());
        let slots = (0..types.len() as u32).map(|k| Slot(first.0 + k)).collect();
        self.steps.push(Step {
            op: key.0.clone(),
            args: key.1.clone(),
            types,
        });
        self.known.insert(key, first);
        slots
    }

    /// Appends a primitive and returns the slot of its result.
    pub fn prim(&mut self, prim: Prim, args: &[Slot]) -> Slot {
        self.emit(Op::Prim(prim), args)[0]
    }

    /// Ends the region. Steps that no result needs are left in place: `simplify` removes them.
    pub fn finish(self, results: Vec<Slot>) -> Region {
        Region::new(self.params, self.steps, results)
    }

    /// Appends a copy of another region's steps, its parameters being `args`; returns its results.
    pub fn inline(&mut self, region: &Region, args: &[Slot]) -> Vec<Slot> {
        self.inline_with(region, args, |b, step, args| b.emit(step.op.clone(), args))
    }

    /// As [`Builder::inline`], with something in the place of each step: what `append` makes of it and of
    /// its arguments here. It returns a slot for each of the step's results.
    pub fn inline_with(
        &mut self,
        region: &Region,
        args: &[Slot],
        mut append: impl FnMut(&mut Builder, &Step, &[Slot]) -> Vec<Slot>,
    ) -> Vec<Slot> {
        assert_eq!(
            region.params().len(),
            args.len(),
            "inlining with a wrong number of arguments"
        );
        let mut map = args.to_vec();
        for step in region.steps() {
            let args: Vec<Slot> = step.args.iter().map(|a| map[a.index()]).collect();
            map.extend(append(self, step, &args));
        }
        region.results().iter().map(|r| map[r.index()]).collect()
    }

    // Constants ------------------------------------------------------------------------------

    /// A scalar constant.
    pub fn literal(&mut self, literal: Literal) -> Slot {
        self.prim(Prim::Literal(literal), &[])
    }

    /// An integer constant, as an `int`.
    pub fn int(&mut self, value: i64) -> Slot {
        self.literal(Literal::integer(Carrier::Int, value))
    }

    /// An array filled with one constant.
    pub fn full(&mut self, literal: Literal, shape: &[usize]) -> Slot {
        let scalar = self.literal(literal);
        self.stretch(scalar, shape)
    }

    /// The zero of a type.
    pub fn zeros(&mut self, ty: &Type) -> Slot {
        self.full(Literal::zero(ty.carrier), &ty.shape)
    }

    /// The one of a type, in every element.
    pub fn ones(&mut self, ty: &Type) -> Slot {
        self.full(Literal::one(ty.carrier), &ty.shape)
    }

    // Pointwise ------------------------------------------------------------------------------

    /// A pointwise function of one argument.
    pub fn unary(&mut self, op: UnaryOp, x: Slot) -> Slot {
        self.prim(Prim::Unary(op), &[x])
    }

    /// A pointwise function of two arguments of one type.
    pub fn binary(&mut self, op: BinaryOp, x: Slot, y: Slot) -> Slot {
        self.prim(Prim::Binary(op), &[x, y])
    }

    /// `x + y`.
    pub fn add(&mut self, x: Slot, y: Slot) -> Slot {
        self.binary(BinaryOp::Add, x, y)
    }

    /// `x - y`.
    pub fn sub(&mut self, x: Slot, y: Slot) -> Slot {
        self.binary(BinaryOp::Sub, x, y)
    }

    /// `x * y`, element by element.
    pub fn mul(&mut self, x: Slot, y: Slot) -> Slot {
        self.binary(BinaryOp::Mul, x, y)
    }

    /// `x / y`, element by element.
    pub fn div(&mut self, x: Slot, y: Slot) -> Slot {
        self.binary(BinaryOp::Div, x, y)
    }

    /// `-x`.
    pub fn neg(&mut self, x: Slot) -> Slot {
        self.unary(UnaryOp::Neg, x)
    }

    /// A pointwise comparison.
    pub fn compare(&mut self, op: CompareOp, x: Slot, y: Slot) -> Slot {
        self.prim(Prim::Compare(op), &[x, y])
    }

    /// `yes` where the condition holds, else `no`.
    pub fn select(&mut self, condition: Slot, yes: Slot, no: Slot) -> Slot {
        self.prim(Prim::Select, &[condition, yes, no])
    }

    /// The same elements in another carrier; nothing if it is the same.
    pub fn convert(&mut self, x: Slot, carrier: Carrier) -> Slot {
        if self.ty(x).carrier == carrier {
            return x;
        }
        self.prim(Prim::Convert(carrier), &[x])
    }

    // Structure ------------------------------------------------------------------------------

    /// Repeats a value along new axes; nothing if there are none.
    pub fn broadcast(&mut self, x: Slot, shape: &[usize], axes: &[usize]) -> Slot {
        if self.ty(x).shape == shape {
            return x;
        }
        self.prim(
            Prim::Broadcast {
                shape: shape.to_vec(),
                axes: axes.to_vec(),
            },
            &[x],
        )
    }

    /// Repeats a scalar to a shape.
    pub fn stretch(&mut self, scalar: Slot, shape: &[usize]) -> Slot {
        self.broadcast(scalar, shape, &[])
    }

    /// Repeats a value `n` times along a new leading axis.
    pub fn replicate(&mut self, x: Slot, n: usize) -> Slot {
        let ty = self.ty(x).stacked(n);
        let axes: Vec<usize> = (1..ty.rank()).collect();
        self.broadcast(x, &ty.shape, &axes)
    }

    /// Permutes axes; nothing for the identity.
    pub fn transpose(&mut self, x: Slot, perm: &[usize]) -> Slot {
        if perm.iter().enumerate().all(|(i, &p)| i == p) {
            return x;
        }
        self.prim(Prim::Transpose(perm.to_vec()), &[x])
    }

    /// The same elements in another shape; nothing for the same shape.
    pub fn reshape(&mut self, x: Slot, shape: &[usize]) -> Slot {
        if self.ty(x).shape == shape {
            return x;
        }
        self.prim(Prim::Reshape(shape.to_vec()), &[x])
    }

    /// Folds over axes; nothing for no axes.
    pub fn reduce(&mut self, fold: Fold, x: Slot, axes: &[usize]) -> Slot {
        if axes.is_empty() && !matches!(fold, Fold::LogSumExp) {
            return x;
        }
        self.prim(
            Prim::Reduce {
                fold,
                axes: axes.to_vec(),
            },
            &[x],
        )
    }

    /// Sums over axes.
    pub fn sum(&mut self, x: Slot, axes: &[usize]) -> Slot {
        self.reduce(Fold::Sum, x, axes)
    }

    /// The tensor contraction; see [`Prim::Contract`].
    pub fn contract(
        &mut self,
        a: Slot,
        b: Slot,
        batch: &[(usize, usize)],
        sum: &[(usize, usize)],
    ) -> Slot {
        self.prim(
            Prim::Contract {
                batch: batch.to_vec(),
                sum: sum.to_vec(),
            },
            &[a, b],
        )
    }

    // Bodies ---------------------------------------------------------------------------------

    /// A loop; see [`Loop`].
    pub fn for_loop(
        &mut self,
        n: usize,
        backward: bool,
        consts: &[Slot],
        xs: &[Slot],
        init: &[Slot],
        body: Region,
    ) -> Vec<Slot> {
        let ends = Ends::Counted;
        self.loop_that(ends, n, backward, [consts, xs, init], body)
    }

    /// A loop that ends as it says; its captures, arrays and initial states.
    pub fn loop_that(
        &mut self,
        ends: Ends,
        n: usize,
        backward: bool,
        args: [&[Slot]; 3],
        body: Region,
    ) -> Vec<Slot> {
        let [consts, xs, init] = args;
        let op = Op::Loop(Loop {
            n,
            backward,
            ends,
            consts: consts.len(),
            xs: xs.len(),
            states: init.len(),
            body: Arc::new(body),
        });
        self.emit(op, &args.concat())
    }

    /// The limit of a search that has gone from `old` to `new`: zero once the greatest change of an element
    /// is not above the tolerance times the greatest element of `new`, or times `floor` if that is greater.
    /// A change that is no number ends the search too.
    pub fn until_settled(
        &mut self,
        limit: Slot,
        tolerance: Literal,
        floor: Option<Literal>,
        old: &[Slot],
        new: &[Slot],
    ) -> Slot {
        let carrier = tolerance.carrier();
        let (mut change, mut scale) = (None, floor.map(|f| self.literal(f)));
        for (&old, &new) in old.iter().zip(new) {
            if self.ty(new).is_empty() {
                continue;
            }
            let difference = self.sub(new, old);
            for (most, x) in [(&mut change, difference), (&mut scale, new)] {
                let x = self.unary(UnaryOp::Abs, x);
                let axes: Vec<usize> = (0..self.ty(x).rank()).collect();
                let x = self.reduce(Fold::Max, x, &axes);
                let x = self.convert(x, carrier);
                *most = Some(match *most {
                    Some(most) => self.binary(BinaryOp::Max, most, x),
                    None => x,
                });
            }
        }
        let none = self.literal(Literal::integer(Carrier::Int, 0));
        let (Some(change), Some(scale)) = (change, scale) else {
            return none;
        };
        let tolerance = self.literal(tolerance);
        let small = self.mul(tolerance, scale);
        let above = self.compare(CompareOp::Lt, small, change);
        self.select(above, limit, none)
    }

    /// A conditional; see [`Op::Cond`].
    pub fn cond(
        &mut self,
        condition: Slot,
        captures: &[Slot],
        then: Region,
        otherwise: Region,
    ) -> Vec<Slot> {
        let op = Op::Cond {
            then: Arc::new(then),
            otherwise: Arc::new(otherwise),
        };
        let args: Vec<Slot> = [&[condition], captures].concat();
        self.emit(op, &args)
    }

    /// A call; see [`Op::Call`].
    pub fn call(&mut self, function: &Arc<Function>, args: &[Slot]) -> Vec<Slot> {
        self.emit(Op::Call(function.clone()), args)
    }
}
