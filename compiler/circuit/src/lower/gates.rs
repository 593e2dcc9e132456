//! The primitives as gates: over `Bit`, addition is exclusive or and multiplication is conjunction.

use lentil_unary::{BinaryOp, CompareOp, Fold, Prim, Type, UnaryOp};

use super::is_logic;
use super::moves::{count, positions};
use super::refusal::Refusal;
use super::region::Lowering;
use super::value::{Value, same};
use crate::netlist::{Builder, Wire};

impl Lowering {
    /// A primitive; its result has type `ty` and has been paid for.
    pub(super) fn prim(
        &mut self,
        prim: &Prim,
        args: &[&Value],
        ty: &Type,
    ) -> Result<Value, Refusal> {
        match (prim, args) {
            (Prim::Convert(carrier), [Value::Wires(_, wires)]) if is_logic(*carrier) => {
                Ok(Value::Wires(ty.clone(), wires.clone()))
            }
            (Prim::Select, [condition, yes, no]) => self.select("select", condition, yes, no),
            (Prim::Unary(op), [Value::Wires(_, x)]) => {
                let inverted = *op == UnaryOp::Not; // negation in Z2 is the identity
                let wires = x.iter().map(|w| w.inverted_if(inverted)).collect();
                Ok(Value::Wires(ty.clone(), wires))
            }
            (Prim::Binary(op), [Value::Wires(_, x), Value::Wires(_, y)]) => {
                let gate = binary(*op).ok_or_else(|| depends(prim, ty))?;
                Ok(self.pointwise(ty, x, y, gate))
            }
            (Prim::Compare(op), [Value::Wires(_, x), Value::Wires(_, y)]) => {
                Ok(self.pointwise(ty, x, y, compare(*op)))
            }
            (Prim::Reduce { fold, axes }, [x @ Value::Wires(..)]) => {
                let monoid = monoid(*fold).ok_or_else(|| depends(prim, ty))?;
                self.reduce(monoid, x, axes, ty)
            }
            (
                Prim::Scan {
                    fold,
                    axis,
                    exclusive,
                    reverse,
                },
                [x @ Value::Wires(..)],
            ) => {
                let monoid = monoid(*fold).ok_or_else(|| depends(prim, ty))?;
                let ends = Ends {
                    exclusive: *exclusive,
                    reverse: *reverse,
                };
                self.scan(monoid, ends, x, *axis)
            }
            (Prim::Contract { batch, sum }, [a @ Value::Wires(..), b @ Value::Wires(..)]) => {
                self.contract(a, b, batch, sum, ty)
            }
            (
                Prim::ScatterAdd { axes, site },
                [Value::Wires(_, into), .., Value::Wires(_, values)],
            ) => {
                // Where a gather would read is where a scatter adds.
                let mut known = vec![count(ty, 0)];
                for index in &args[1..args.len() - 1] {
                    known.push(index.known().ok_or_else(|| depends(prim, ty))?);
                }
                let gather = Prim::Gather {
                    axes: *axes,
                    site: *site,
                };
                let targets = self.evaluate(&gather, known)?;
                self.spend(Some(values.len()))?;
                let mut wires = into.clone();
                for (target, &value) in positions(&targets).zip(values) {
                    wires[target] = self.builder.xor(wires[target], value);
                }
                Ok(Value::Wires(ty.clone(), wires))
            }
            (
                Prim::Broadcast { .. }
                | Prim::Transpose(_)
                | Prim::Reshape(_)
                | Prim::Slice { .. }
                | Prim::Pad { .. }
                | Prim::Concat(_)
                | Prim::Flip(_)
                | Prim::Gather { .. },
                [Value::Wires(..), ..],
            ) => self.moved(prim, args, ty),
            // A circuit shows nothing.
            (Prim::Trace(_), [shown]) => Ok((*shown).clone()),
            // Numbers, and wires that turn into numbers: whatever is known can be computed now.
            (
                Prim::Literal(_)
                | Prim::Iota(_)
                | Prim::Unary(_)
                | Prim::Binary(_)
                | Prim::Compare(_)
                | Prim::Convert(_)
                | Prim::Broadcast { .. }
                | Prim::Transpose(_)
                | Prim::Reshape(_)
                | Prim::Slice { .. }
                | Prim::Pad { .. }
                | Prim::Concat(_)
                | Prim::Flip(_)
                | Prim::Reduce { .. }
                | Prim::ArgMax(_)
                | Prim::ArgMin(_)
                | Prim::ArgSort { .. }
                | Prim::Scan { .. }
                | Prim::Contract { .. }
                | Prim::Gather { .. }
                | Prim::ScatterAdd { .. }
                | Prim::RandomBits(_)
                | Prim::RandomSplit(_)
                | Prim::RandomFold
                | Prim::Linalg(_)
                | Prim::Trace(_)
                | Prim::Select,
                _,
            ) => {
                let known: Option<Vec<_>> = args.iter().map(|arg| arg.known()).collect();
                let known = known.ok_or_else(|| depends(prim, ty))?;
                Ok(Value::constant(self.evaluate(prim, known)?))
            }
        }
    }

    /// Element by element the first value where the condition holds, else the second.
    pub(super) fn select(
        &mut self,
        operation: &str,
        condition: &Value,
        yes: &Value,
        no: &Value,
    ) -> Result<Value, Refusal> {
        match (condition, yes, no) {
            (Value::Wires(_, condition), Value::Wires(ty, yes), Value::Wires(_, no)) => {
                let arms = yes.iter().zip(no);
                let wires = condition
                    .iter()
                    .zip(arms)
                    .map(|(&c, (&yes, &no))| self.builder.mux(c, yes, no))
                    .collect();
                Ok(Value::Wires(ty.clone(), wires))
            }
            (_, Value::Fixed(yes), Value::Fixed(no)) if same(yes, no) => {
                Ok(Value::Fixed(yes.clone()))
            }
            (condition, yes, no) => {
                let known: Option<Vec<_>> =
                    [condition, yes, no].iter().map(|v| v.known()).collect();
                let known = known.ok_or_else(|| Refusal::Depends {
                    operation: operation.to_string(),
                    ty: yes.ty().clone(),
                })?;
                Ok(Value::constant(self.evaluate(&Prim::Select, known)?))
            }
        }
    }

    fn pointwise(&mut self, ty: &Type, x: &[Wire], y: &[Wire], gate: BinaryGate) -> Value {
        let pairs = x.iter().zip(y);
        let wires = pairs
            .map(|(&x, &y)| gate(&mut self.builder, x, y))
            .collect();
        Value::Wires(ty.clone(), wires)
    }

    /// Folds are balanced trees: the monoids are associative, so that only the depth changes.
    fn reduce(
        &mut self,
        (gate, unit): Monoid,
        x: &Value,
        axes: &[usize],
        ty: &Type,
    ) -> Result<Value, Refusal> {
        self.spend(Some(x.ty().len()))?;
        let (_, wires) = self.to_end(x, axes)?;
        let group: usize = axes.iter().map(|&a| x.ty().shape[a]).product();
        let folded = (0..ty.len())
            .map(|i| {
                let group = wires[i * group..(i + 1) * group].to_vec();
                self.builder.tree(group, unit, gate)
            })
            .collect();
        Ok(Value::Wires(ty.clone(), folded))
    }

    /// Prefix folds as chains: the fewest gates, not the least depth.
    fn scan(
        &mut self,
        (gate, unit): Monoid,
        ends: Ends,
        x: &Value,
        axis: usize,
    ) -> Result<Value, Refusal> {
        let ty = x.ty();
        let (perm, mut wires) = self.to_end(x, &[axis])?;
        for row in wires.chunks_mut(ty.shape[axis].max(1)) {
            if ends.reverse {
                row.reverse();
            }
            let mut sum = unit;
            for wire in row.iter_mut() {
                let next = gate(&mut self.builder, sum, *wire);
                *wire = if ends.exclusive { sum } else { next };
                sum = next;
            }
            if ends.reverse {
                row.reverse();
            }
        }
        let shape: Vec<usize> = perm.iter().map(|&p| ty.shape[p]).collect();
        let turned = Value::Wires(Type::array(ty.carrier, shape), wires);
        let mut back = vec![0; perm.len()];
        for (i, &p) in perm.iter().enumerate() {
            back[p] = i;
        }
        Ok(Value::Wires(ty.clone(), self.permuted(&turned, &back)?))
    }

    fn contract(
        &mut self,
        a: &Value,
        b: &Value,
        batch: &[(usize, usize)],
        sum: &[(usize, usize)],
        ty: &Type,
    ) -> Result<Value, Refusal> {
        let axes = |value: &Value, side: fn(&(usize, usize)) -> usize| {
            let batch: Vec<usize> = batch.iter().map(side).collect();
            let sum: Vec<usize> = sum.iter().map(side).collect();
            let free = (0..value.ty().rank()).filter(|i| !batch.contains(i) && !sum.contains(i));
            let free: Vec<usize> = free.collect();
            let size =
                |axes: &[usize]| axes.iter().map(|&i| value.ty().shape[i]).product::<usize>();
            let sizes = [size(&batch), size(&free), size(&sum)];
            ([batch, free, sum].concat(), sizes)
        };
        let (perm_a, [batches, rows, terms]) = axes(a, |pair| pair.0);
        let (perm_b, [_, columns, _]) = axes(b, |pair| pair.1);
        self.spend(ty.len().checked_mul(terms))?;
        let a = self.permuted(a, &perm_a)?;
        let b = self.permuted(b, &perm_b)?;
        let mut wires = Vec::with_capacity(ty.len());
        for k in 0..batches {
            for i in k * rows..(k + 1) * rows {
                for j in k * columns..(k + 1) * columns {
                    let a = &a[i * terms..(i + 1) * terms];
                    let b = &b[j * terms..(j + 1) * terms];
                    let products = a
                        .iter()
                        .zip(b)
                        .map(|(&x, &y)| self.builder.and(x, y))
                        .collect();
                    wires.push(self.builder.tree(products, Wire::FALSE, Builder::xor));
                }
            }
        }
        Ok(Value::Wires(ty.clone(), wires))
    }
}

type BinaryGate = fn(&mut Builder, Wire, Wire) -> Wire;

/// An associative gate and its unit.
type Monoid = (BinaryGate, Wire);

/// Where a scan begins, and whether it includes the element it stands at.
struct Ends {
    exclusive: bool,
    reverse: bool,
}

fn binary(op: BinaryOp) -> Option<BinaryGate> {
    match op {
        BinaryOp::Add | BinaryOp::Sub => Some(Builder::xor),
        BinaryOp::Mul | BinaryOp::And => Some(Builder::and),
        BinaryOp::Or => Some(Builder::or),
        BinaryOp::Div
        | BinaryOp::Rem
        | BinaryOp::Pow
        | BinaryOp::Max
        | BinaryOp::Min
        | BinaryOp::Atan2
        | BinaryOp::Hypot
        | BinaryOp::Polygamma => None,
    }
}

fn compare(op: CompareOp) -> BinaryGate {
    match op {
        CompareOp::Eq => |b, x, y| !b.xor(x, y),
        CompareOp::Ne => Builder::xor,
        CompareOp::Lt => |b, x, y| b.and(!x, y),
        CompareOp::Le => |b, x, y| !b.and(x, !y),
    }
}

fn monoid(fold: Fold) -> Option<Monoid> {
    match fold {
        Fold::Sum => Some((Builder::xor, Wire::FALSE)),
        Fold::Prod | Fold::All => Some((Builder::and, Wire::TRUE)),
        Fold::Any => Some((Builder::or, Wire::FALSE)),
        Fold::Max | Fold::Min | Fold::LogSumExp => None,
    }
}

pub(super) fn depends(prim: &Prim, ty: &Type) -> Refusal {
    Refusal::Depends {
        operation: prim.row().name.to_string(),
        ty: ty.clone(),
    }
}
