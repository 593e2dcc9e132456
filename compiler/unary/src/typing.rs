//! The typing rule of each operation: argument types to result types, or why they do not fit.

use lentil_linalg::LinalgOp;

use crate::carrier::{Carrier, Type};
use crate::prim::{BinaryOp, Fold, Prim, UnaryOp};
use crate::syntax::{Ends, Function, Lens, Loop, Op, Region, Slot};

/// How many results an operation has.
pub fn result_count(op: &Op) -> usize {
    match op {
        Op::Prim(prim) => prim.results(),
        Op::Loop(l) => l.body.results().len(),
        Op::Cond { then, .. } => then.results().len(),
        Op::Call(f) => f.region.results().len(),
        Op::Lens(l) => l.get.region.results().len(),
        Op::Reverse(f) => f
            .region
            .params()
            .iter()
            .filter(|t| t.differentiable())
            .count(),
        Op::Forward(f) => f
            .region
            .result_types()
            .iter()
            .filter(|t| t.differentiable())
            .count(),
    }
}

/// The result types of an operation at argument types, or in words why it does not fit.
pub fn infer(op: &Op, args: &[&Type]) -> Result<Vec<Type>, String> {
    match op {
        Op::Prim(Prim::Linalg(op)) => infer_linalg(*op, args),
        Op::Prim(prim) => Ok(vec![infer_prim(prim, args)?]),
        Op::Loop(l) => infer_loop(l, args),
        Op::Cond { then, otherwise } => infer_cond(then, otherwise, args),
        Op::Call(f) => {
            same_types(f.region.params().iter(), args)?;
            Ok(f.region.result_types())
        }
        Op::Reverse(f) => infer_reverse(f, args),
        Op::Forward(f) => infer_forward(f, args),
        Op::Lens(l) => infer_lens(l, args),
    }
}

fn infer_loop(l: &Loop, args: &[&Type]) -> Result<Vec<Type>, String> {
    let Loop {
        n,
        consts,
        xs,
        states,
        body,
        ..
    } = l;
    ensure(
        args.len() == consts + xs + states,
        "a wrong number of loop arguments",
    )?;
    let mut expected = vec![Type::scalar(Carrier::Int)];
    expected.extend(args[..*consts].iter().map(|t| (*t).clone()));
    for x in &args[*consts..consts + xs] {
        ensure(
            x.shape.first() == Some(n),
            "an array whose leading axis is not the loop's length",
        )?;
        expected.extend(x.element());
    }
    expected.extend(args[consts + xs..].iter().map(|t| (*t).clone()));
    let expected_refs: Vec<&Type> = expected.iter().collect();
    same_types(body.params().iter(), &expected_refs)?;
    let results = body.result_types();
    ensure(
        results.len() >= *states,
        "a body with fewer results than states",
    )?;
    same_types(results[..*states].iter(), &args[consts + xs..])?;
    infer_ends(l)?;
    let mut types = results[..*states].to_vec();
    types.extend(results[*states..].iter().map(|t| t.stacked(*n)));
    Ok(types)
}

/// Whether a loop that ends early has its limit.
fn infer_ends(l: &Loop) -> Result<(), String> {
    let limit = Slot((1 + l.consts + l.xs) as u32);
    match l.ends {
        Ends::Counted => return Ok(()),
        Ends::Limited => {}
        Ends::Solved { tolerance } => {
            let bare = l.xs == 0 && l.outputs() == 0 && !l.backward;
            ensure(bare, "an equation that reads or stacks arrays")?;
            ensure(tolerance.carrier().is_real(), "a tolerance that is no real")?;
            let mut states = l.body.params().iter().skip(limit.index() + 1);
            let real = states.all(|ty| ty.carrier.is_real());
            ensure(real, "an equation between what is not real")?;
        }
    }
    let int = Type::scalar(Carrier::Int);
    ensure(
        l.states > 0 && *l.body.ty(limit) == int,
        "a loop that ends early without a limit",
    )?;
    ensure(
        !l.backward || l.body.results()[0] == limit,
        "a backward loop that changes its limit",
    )
}

fn infer_cond(then: &Region, otherwise: &Region, args: &[&Type]) -> Result<Vec<Type>, String> {
    let (condition, captures) = args
        .split_first()
        .ok_or("a conditional without a condition")?;
    ensure(
        **condition == Type::scalar(Carrier::Bool),
        "a condition that is not a bool",
    )?;
    same_types(then.params().iter(), captures)?;
    same_types(otherwise.params().iter(), captures)?;
    let types = then.result_types();
    ensure(
        types == otherwise.result_types(),
        "arms of different result types",
    )?;
    Ok(types)
}

fn infer_reverse(f: &Function, args: &[&Type]) -> Result<Vec<Type>, String> {
    let results = f.region.result_types();
    let expected = f
        .region
        .params()
        .iter()
        .chain(results.iter().filter(|t| t.differentiable()));
    same_types(expected, args)?;
    Ok(f.region
        .params()
        .iter()
        .filter(|t| t.differentiable())
        .cloned()
        .collect())
}

fn infer_lens(lens: &Lens, args: &[&Type]) -> Result<Vec<Type>, String> {
    let (get, put) = (&lens.get.region, &lens.put.region);
    same_types(get.params().iter(), args)?;
    let results = get.result_types();
    let cotangents = results.iter().filter(|t| t.differentiable());
    let expected: Vec<&Type> = args.iter().copied().chain(cotangents).collect();
    same_types(put.params().iter(), &expected)?;
    let given = put.result_types();
    let given: Vec<&Type> = given.iter().collect();
    same_types(get.params().iter().filter(|t| t.differentiable()), &given)?;
    Ok(results)
}

fn infer_forward(f: &Function, args: &[&Type]) -> Result<Vec<Type>, String> {
    let params = f.region.params();
    let expected = params
        .iter()
        .chain(params.iter().filter(|t| t.differentiable()));
    same_types(expected, args)?;
    Ok(f.region
        .result_types()
        .into_iter()
        .filter(Type::differentiable)
        .collect())
}

/// A primitive with one result.
fn infer_prim(prim: &Prim, args: &[&Type]) -> Result<Type, String> {
    let arity = |n: usize| ensure(args.len() == n, "a wrong number of arguments");
    match prim {
        Prim::Literal(literal) => {
            arity(0)?;
            Ok(Type::scalar(literal.carrier()))
        }
        Prim::Iota(n) => {
            arity(0)?;
            Ok(Type::array(Carrier::Int, [*n]))
        }
        Prim::Unary(op) => {
            arity(1)?;
            ensure(
                unary_fits(*op, args[0].carrier),
                "a function on a carrier that lacks it",
            )?;
            Ok(args[0].clone())
        }
        Prim::Binary(op) => {
            arity(2)?;
            ensure(args[0] == args[1], "operands of different types")?;
            ensure(
                binary_fits(*op, args[0].carrier),
                "an operator on a carrier that lacks it",
            )?;
            Ok(args[0].clone())
        }
        Prim::Compare(_) => {
            arity(2)?;
            ensure(args[0] == args[1], "a comparison of different types")?;
            Ok(args[0].with_carrier(Carrier::Bool))
        }
        Prim::Select => {
            arity(3)?;
            ensure(args[1] == args[2], "a choice between different types")?;
            ensure(
                args[0] == &args[1].with_carrier(Carrier::Bool),
                "a condition of another shape",
            )?;
            Ok(args[1].clone())
        }
        Prim::Convert(carrier) => {
            arity(1)?;
            Ok(args[0].with_carrier(*carrier))
        }
        Prim::Broadcast { shape, axes } => {
            arity(1)?;
            ensure(
                axes.len() == args[0].rank(),
                "a broadcast that places a wrong number of axes",
            )?;
            ensure(increasing(axes), "broadcast axes out of order")?;
            for (&axis, &size) in axes.iter().zip(&args[0].shape) {
                ensure(
                    shape.get(axis) == Some(&size),
                    "a broadcast that changes an axis's length",
                )?;
            }
            Ok(Type::array(args[0].carrier, shape.clone()))
        }
        Prim::Trace(_) => {
            arity(1)?;
            Ok(args[0].clone())
        }
        Prim::Transpose(perm) => {
            arity(1)?;
            ensure(
                is_permutation(perm, args[0].rank()),
                "a transposition that is no permutation",
            )?;
            let shape: Vec<usize> = perm.iter().map(|&p| args[0].shape[p]).collect();
            Ok(Type::array(args[0].carrier, shape))
        }
        Prim::Reshape(shape) => {
            arity(1)?;
            let ty = Type::array(args[0].carrier, shape.clone());
            ensure(
                ty.len() == args[0].len(),
                "a reshape that changes the number of elements",
            )?;
            Ok(ty)
        }
        Prim::Slice { start, len, step } => {
            arity(1)?;
            let rank = args[0].rank();
            ensure(
                [start.len(), len.len(), step.len()] == [rank; 3],
                "a slice of another rank",
            )?;
            for axis in 0..rank {
                ensure(step[axis] > 0, "a slice that does not advance")?;
                let fits = len[axis] == 0
                    || start[axis] + (len[axis] - 1) * step[axis] < args[0].shape[axis];
                ensure(fits, "a slice out of range")?;
            }
            Ok(Type::array(args[0].carrier, len.clone()))
        }
        Prim::Pad {
            before,
            after,
            between,
        } => {
            arity(1)?;
            let rank = args[0].rank();
            ensure(
                [before.len(), after.len(), between.len()] == [rank; 3],
                "a pad of another rank",
            )?;
            let shape: Vec<usize> = (0..rank)
                .map(|a| {
                    let n = args[0].shape[a];
                    before[a] + n + n.saturating_sub(1) * between[a] + after[a]
                })
                .collect();
            Ok(Type::array(args[0].carrier, shape))
        }
        Prim::Concat(axis) => {
            let first = args.first().ok_or("a concatenation of nothing")?;
            ensure(*axis < first.rank(), "a concatenation along no axis")?;
            let mut shape = first.shape.clone();
            for other in &args[1..] {
                ensure(
                    other.carrier == first.carrier,
                    "a concatenation of different carriers",
                )?;
                ensure(
                    other.rank() == first.rank(),
                    "a concatenation of different ranks",
                )?;
                let agree = |a: usize| a == *axis || other.shape[a] == shape[a];
                ensure((0..shape.len()).all(agree), "a ragged concatenation")?;
                shape[*axis] += other.shape[*axis];
            }
            Ok(Type::array(first.carrier, shape))
        }
        Prim::Flip(axes) => {
            arity(1)?;
            ensure(increasing(axes), "flipped axes out of order")?;
            ensure(
                axes.iter().all(|&a| a < args[0].rank()),
                "a flip of no axis",
            )?;
            Ok(args[0].clone())
        }
        Prim::Reduce { fold, axes } => {
            arity(1)?;
            ensure(
                fold_fits(*fold, args[0].carrier),
                "a reduction on a carrier that lacks it",
            )?;
            ensure(increasing(axes), "reduced axes out of order")?;
            ensure(
                axes.iter().all(|&a| a < args[0].rank()),
                "a reduction over no axis",
            )?;
            Ok(without_axes(args[0], axes))
        }
        Prim::ArgMax(axis) | Prim::ArgMin(axis) => {
            arity(1)?;
            ensure(
                args[0].carrier.is_real() || args[0].carrier == Carrier::Int,
                "an order",
            )?;
            ensure(
                args[0].shape.get(*axis).is_some_and(|&n| n > 0),
                "an empty or missing axis",
            )?;
            Ok(without_axes(args[0], &[*axis]).with_carrier(Carrier::Int))
        }
        Prim::ArgSort { .. } => {
            arity(1)?;
            ensure(
                args[0].carrier.is_real() || args[0].carrier == Carrier::Int,
                "an order",
            )?;
            ensure(args[0].rank() > 0, "an array to sort")?;
            Ok(args[0].with_carrier(Carrier::Int))
        }
        Prim::Scan { fold, axis, .. } => {
            arity(1)?;
            ensure(
                matches!(fold, Fold::Sum | Fold::Prod | Fold::Max | Fold::Min)
                    && fold_fits(*fold, args[0].carrier),
                "a scan on a carrier that lacks it",
            )?;
            ensure(*axis < args[0].rank(), "a scan along no axis")?;
            Ok(args[0].clone())
        }
        Prim::Contract { batch, sum } => {
            arity(2)?;
            infer_contract(args[0], args[1], batch, sum)
        }
        Prim::Gather { axes, .. } => {
            arity(axes + 1)?;
            let index = index_type(args[0], &args[1..], *axes)?;
            let mut shape = index.shape.clone();
            shape.extend_from_slice(&args[0].shape[*axes..]);
            Ok(Type::array(args[0].carrier, shape))
        }
        Prim::ScatterAdd { axes, .. } => {
            arity(axes + 2)?;
            let index = index_type(args[0], &args[1..=*axes], *axes)?;
            let mut shape = index.shape.clone();
            shape.extend_from_slice(&args[0].shape[*axes..]);
            let values = Type::array(args[0].carrier, shape);
            ensure(
                args[axes + 1] == &values,
                "values of another type than what they are added to",
            )?;
            ensure(
                fold_fits(Fold::Sum, args[0].carrier),
                "an accumulator without addition",
            )?;
            Ok(args[0].clone())
        }
        Prim::RandomBits(shape) => {
            arity(1)?;
            let batch = key_batch(args[0])?;
            Ok(Type::array(Carrier::Int, [batch, shape].concat()))
        }
        Prim::RandomSplit(n) => {
            arity(1)?;
            let batch = key_batch(args[0])?;
            Ok(Type::array(Carrier::Int, [batch, &[*n, 2]].concat()))
        }
        Prim::RandomFold => {
            arity(2)?;
            let numbers = Type::array(Carrier::Int, key_batch(args[0])?);
            ensure(*args[1] == numbers, "a number to fold into each key")?;
            Ok(args[0].clone())
        }
        Prim::Linalg(op) => unreachable!("{op:?} is typed by itself"),
    }
}

fn infer_linalg(op: LinalgOp, args: &[&Type]) -> Result<Vec<Type>, String> {
    let carrier = args.first().map(|t| t.carrier);
    ensure(
        carrier.is_some_and(Carrier::is_real) && args.iter().all(|t| Some(t.carrier) == carrier),
        "linear algebra over other than reals of one precision",
    )?;
    let shapes: Vec<&[usize]> = args.iter().map(|t| t.shape.as_slice()).collect();
    let results = op.shapes(&shapes).ok_or("matrices that do not fit")?;
    let typed = |shape| Type::array(args[0].carrier, shape);
    Ok(results.into_iter().map(typed).collect::<Vec<Type>>())
}

/// The axes of a batch of keys.
fn key_batch(keys: &Type) -> Result<&[usize], String> {
    match keys.shape.split_last() {
        Some((2, batch)) if keys.carrier == Carrier::Int => Ok(batch),
        _ => Err("a key".to_string()),
    }
}

/// The type of a random key: two 32-bit words.
pub fn key_type() -> Type {
    Type::array(Carrier::Int, [2])
}

fn infer_contract(
    a: &Type,
    b: &Type,
    batch: &[(usize, usize)],
    sum: &[(usize, usize)],
) -> Result<Type, String> {
    ensure(
        a.carrier == b.carrier,
        "a contraction of different carriers",
    )?;
    ensure(
        fold_fits(Fold::Prod, a.carrier),
        "a contraction over no ring",
    )?;
    let mut used_a = vec![false; a.rank()];
    let mut used_b = vec![false; b.rank()];
    for &(i, j) in batch.iter().chain(sum) {
        ensure(i < a.rank() && j < b.rank(), "a contraction over no axis")?;
        ensure(
            !used_a[i] && !used_b[j],
            "a contraction that names an axis twice",
        )?;
        ensure(
            a.shape[i] == b.shape[j],
            "a contraction of axes of different lengths",
        )?;
        used_a[i] = true;
        used_b[j] = true;
    }
    let mut shape: Vec<usize> = batch.iter().map(|&(i, _)| a.shape[i]).collect();
    shape.extend((0..a.rank()).filter(|&i| !used_a[i]).map(|i| a.shape[i]));
    shape.extend((0..b.rank()).filter(|&j| !used_b[j]).map(|j| b.shape[j]));
    Ok(Type::array(a.carrier, shape))
}

fn index_type<'a>(x: &Type, indices: &[&'a Type], axes: usize) -> Result<&'a Type, String> {
    ensure(axes > 0 && axes <= x.rank(), "more indices than axes")?;
    let first = indices[0];
    ensure(first.carrier == Carrier::Int, "an index that is no int")?;
    ensure(
        indices.iter().all(|t| *t == first),
        "indices of different shapes",
    )?;
    Ok(first)
}

/// Whether a carrier has a pointwise function of one argument.
pub fn unary_fits(op: UnaryOp, carrier: Carrier) -> bool {
    match op {
        UnaryOp::Neg => carrier != Carrier::Bool,
        UnaryOp::Not => carrier == Carrier::Bool,
        UnaryOp::Abs | UnaryOp::Sign => carrier.is_real() || carrier == Carrier::Int,
        UnaryOp::Floor
        | UnaryOp::Ceil
        | UnaryOp::Round
        | UnaryOp::Trunc
        | UnaryOp::Exp
        | UnaryOp::Exp2
        | UnaryOp::Expm1
        | UnaryOp::Log
        | UnaryOp::Log2
        | UnaryOp::Log10
        | UnaryOp::Log1p
        | UnaryOp::Sqrt
        | UnaryOp::Cbrt
        | UnaryOp::Sin
        | UnaryOp::Cos
        | UnaryOp::Tan
        | UnaryOp::Asin
        | UnaryOp::Acos
        | UnaryOp::Atan
        | UnaryOp::Sinh
        | UnaryOp::Cosh
        | UnaryOp::Tanh
        | UnaryOp::Asinh
        | UnaryOp::Acosh
        | UnaryOp::Atanh
        | UnaryOp::Sigmoid
        | UnaryOp::Erf
        | UnaryOp::Erfc
        | UnaryOp::Erfinv
        | UnaryOp::Lgamma => carrier.is_real(),
    }
}

/// Whether a carrier has a pointwise function of two arguments.
pub fn binary_fits(op: BinaryOp, carrier: Carrier) -> bool {
    match op {
        BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul => carrier != Carrier::Bool,
        BinaryOp::Div | BinaryOp::Rem | BinaryOp::Max | BinaryOp::Min => {
            carrier.is_real() || carrier == Carrier::Int
        }
        BinaryOp::Pow | BinaryOp::Atan2 | BinaryOp::Hypot | BinaryOp::Polygamma => {
            carrier.is_real()
        }
        BinaryOp::And | BinaryOp::Or => carrier == Carrier::Bool,
    }
}

/// Whether a carrier has the monoid of a reduction.
pub fn fold_fits(fold: Fold, carrier: Carrier) -> bool {
    match fold {
        Fold::Sum | Fold::Prod => carrier != Carrier::Bool,
        Fold::Max | Fold::Min => carrier.is_real() || carrier == Carrier::Int,
        Fold::LogSumExp => carrier.is_real(),
        Fold::All | Fold::Any => carrier == Carrier::Bool,
    }
}

fn without_axes(ty: &Type, axes: &[usize]) -> Type {
    let shape: Vec<usize> = (0..ty.rank())
        .filter(|a| !axes.contains(a))
        .map(|a| ty.shape[a])
        .collect();
    Type::array(ty.carrier, shape)
}

fn same_types<'a>(expected: impl Iterator<Item = &'a Type>, args: &[&Type]) -> Result<(), String> {
    let expected: Vec<&Type> = expected.collect();
    ensure(expected.len() == args.len(), "a wrong number of arguments")?;
    for (want, have) in expected.iter().zip(args) {
        if want != have {
            return Err(format!("an argument of type {have} where {want} is wanted"));
        }
    }
    Ok(())
}

fn increasing(axes: &[usize]) -> bool {
    axes.windows(2).all(|w| w[0] < w[1])
}

fn is_permutation(perm: &[usize], rank: usize) -> bool {
    let mut seen = vec![false; rank];
    perm.len() == rank
        && perm
            .iter()
            .all(|&p| p < rank && !std::mem::replace(&mut seen[p], true))
}

fn ensure(holds: bool, why: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why.to_string()) }
}
