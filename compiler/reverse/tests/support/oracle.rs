//! An evaluator of unary form that shares no code with the library's: element by element, in the plainest
//! way, over any kind of number.

use lentil_unary::{
    BinaryOp, Carrier, CompareOp, Fold, Literal, Op, Prim, Region, Slot, Type, UnaryOp,
};

use lentil_unary::random;

use super::matrices;
use super::number::{Number, of_integers, of_numbers};

/// A value: numbers that may carry a direction, or integers (conditions are 0 and 1).
#[derive(Clone, Debug)]
pub enum Value<N> {
    Numbers(Vec<N>),
    Integers(Vec<i64>),
}

use Value::{Integers, Numbers};

impl<N: Number> Value<N> {
    pub fn numbers(&self) -> &[N] {
        match self {
            Numbers(v) => v,
            Integers(_) => panic!("integers where numbers are wanted"),
        }
    }

    /// The values without their directions.
    pub fn reals(&self) -> Vec<f64> {
        match self {
            Numbers(v) => v.iter().map(|x| x.order()).collect(),
            Integers(v) => v.iter().map(|x| *x as f64).collect(),
        }
    }

    fn integers(&self) -> &[i64] {
        match self {
            Integers(v) => v,
            Numbers(_) => panic!("numbers where integers are wanted"),
        }
    }

    /// Picks elements by position.
    fn at(&self, positions: &[usize]) -> Value<N> {
        match self {
            Numbers(v) => Numbers(positions.iter().map(|&p| v[p]).collect()),
            Integers(v) => Integers(positions.iter().map(|&p| v[p]).collect()),
        }
    }

    fn append(&mut self, other: &Value<N>) {
        match (self, other) {
            (Numbers(a), Numbers(b)) => a.extend(b),
            (Integers(a), Integers(b)) => a.extend(b),
            _ => panic!("values of two kinds"),
        }
    }

    fn nothing(carrier: Carrier) -> Value<N> {
        if carrier.differentiable() {
            Numbers(Vec::new())
        } else {
            Integers(Vec::new())
        }
    }
}

fn modulus(carrier: Carrier) -> Option<u32> {
    match carrier {
        Carrier::Bit => Some(2),
        Carrier::Mod(n) => Some(n),
        _ => None,
    }
}

fn literal<N: Number>(l: Literal) -> Value<N> {
    match l.carrier() {
        Carrier::F32 | Carrier::F64 => Numbers(vec![N::real(l.as_f64())]),
        Carrier::Bit | Carrier::Mod(_) => {
            Numbers(vec![N::integer(l.as_i64(), modulus(l.carrier()))])
        }
        Carrier::Int | Carrier::Bool => Integers(vec![l.as_i64()]),
    }
}

/// All index vectors of a shape, in row-major order.
fn indices(shape: &[usize]) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for &n in shape {
        all = all
            .into_iter()
            .flat_map(|prefix: Vec<usize>| (0..n).map(move |i| [prefix.clone(), vec![i]].concat()))
            .collect();
    }
    all
}

fn position(shape: &[usize], index: &[usize]) -> usize {
    shape.iter().zip(index).fold(0, |p, (n, i)| p * n + i)
}

/// Runs a region.
pub fn run<N: Number>(region: &Region, args: Vec<Value<N>>) -> Vec<Value<N>> {
    let mut slots = args;
    for step in region.steps() {
        let args: Vec<Value<N>> = step.args.iter().map(|a| slots[a.index()].clone()).collect();
        let types: Vec<&Type> = step.args.iter().map(|&a: &Slot| region.ty(a)).collect();
        let results = match &step.op {
            Op::Prim(Prim::Linalg(op)) => matrices::values(*op, &args, &types),
            Op::Prim(prim) => vec![primitive(prim, &args, &types, &step.types[0])],
            Op::Loop(l) => {
                let mut states = args[l.consts + l.xs..].to_vec();
                let count = l.body.results().len() - l.states;
                let mut outputs: Vec<Vec<Value<N>>> = vec![Vec::new(); count];
                let end = |states: &[Value<N>]| match (l.limited(), states.first()) {
                    (true, Some(Integers(limit))) => limit[0].clamp(0, l.n as i64) as usize,
                    _ => l.n,
                };
                let first = end(&states);
                let mut ran = 0;
                while ran < if l.backward { first } else { end(&states) } {
                    let i = if l.backward { first - 1 - ran } else { ran };
                    ran += 1;
                    let mut params = vec![Integers(vec![i as i64])];
                    params.extend_from_slice(&args[..l.consts]);
                    for k in l.consts..l.consts + l.xs {
                        let size: usize = types[k].shape[1..].iter().product();
                        let part: Vec<usize> = (i * size..(i + 1) * size).collect();
                        params.push(args[k].at(&part));
                    }
                    params.extend(states);
                    states = run(&l.body, params);
                    for (list, value) in outputs.iter_mut().zip(states.drain(l.states..)) {
                        list.push(value);
                    }
                }
                for (k, mut list) in outputs.into_iter().enumerate() {
                    if l.backward {
                        list.reverse();
                    }
                    let mut whole = Value::nothing(step.types[l.states + k].carrier);
                    for part in &list {
                        whole.append(part);
                    }
                    let ty = &step.types[l.states + k];
                    let missing = ty.len() - list.len() * (ty.len() / l.n.max(1));
                    let zero = literal(Literal::zero(ty.carrier));
                    whole.append(&zero.at(&vec![0; missing]));
                    states.push(whole);
                }
                if l.limited() {
                    states[0] = Integers(vec![ran as i64]);
                }
                states
            }
            Op::Cond { then, otherwise } => {
                let arm = if args[0].integers()[0] != 0 {
                    then
                } else {
                    otherwise
                };
                run(arm, args[1..].to_vec())
            }
            Op::Call(f) => run(&f.region, args),
            Op::Reverse(_) | Op::Forward(_) | Op::Lens(_) => panic!("an unresolved derivative"),
        };
        slots.extend(results);
    }
    region
        .results()
        .iter()
        .map(|r| slots[r.index()].clone())
        .collect()
}

fn unary<N: Number>(op: UnaryOp, x: &Value<N>) -> Value<N> {
    match (op, x) {
        (UnaryOp::Neg, Numbers(v)) => Numbers(v.iter().map(|x| x.neg()).collect()),
        (UnaryOp::Neg, Integers(v)) => Integers(v.iter().map(|x| x.wrapping_neg()).collect()),
        (UnaryOp::Not, Integers(v)) => Integers(v.iter().map(|x| 1 - x).collect()),
        (UnaryOp::Abs, Integers(v)) => Integers(v.iter().map(|x| x.wrapping_abs()).collect()),
        (UnaryOp::Sign, Integers(v)) => Integers(v.iter().map(|x| x.signum()).collect()),
        (_, Numbers(v)) => {
            let name = Prim::Unary(op).row().name;
            Numbers(v.iter().map(|x| x.apply(name)).collect())
        }
        (_, Integers(_)) => panic!("{op:?} of integers"),
    }
}

fn fold<N: Number>(fold: Fold, elements: Value<N>, carrier: Carrier) -> Value<N> {
    let start = || literal::<N>(fold.unit(carrier));
    match (fold, elements) {
        (Fold::LogSumExp, Numbers(v)) => {
            let greatest = v
                .iter()
                .map(|x| x.order())
                .fold(f64::NEG_INFINITY, f64::max);
            let shift = N::real(greatest);
            let sum = v.iter().fold(N::real(0.0), |sum, x| {
                sum.add(x.add(shift.neg()).apply("exp"))
            });
            Numbers(vec![sum.apply("log").add(shift)])
        }
        (fold, Numbers(v)) => {
            let op = fold.step().expect("a step");
            // The first element itself where there is one: an infinite unit has no direction.
            let mut elements = v.into_iter();
            let first = elements.next().unwrap_or_else(|| start().numbers()[0]);
            Numbers(vec![elements.fold(first, |a, b| of_numbers(op, a, b))])
        }
        (fold, Integers(v)) => {
            let op = fold.step().expect("a step");
            let first = start().integers()[0];
            Integers(vec![
                v.into_iter().fold(first, |a, b| of_integers(op, a, b)),
            ])
        }
    }
}

fn primitive<N: Number>(
    prim: &Prim,
    args: &[Value<N>],
    types: &[&Type],
    result: &Type,
) -> Value<N> {
    let shape = &result.shape;
    match prim {
        Prim::Literal(l) => literal(*l),
        Prim::Iota(n) => Integers((0..*n as i64).collect()),
        Prim::Unary(op) => unary(*op, &args[0]),
        Prim::Binary(op) => match (&args[0], &args[1]) {
            (Numbers(x), Numbers(y)) => Numbers(
                x.iter()
                    .zip(y)
                    .map(|(x, y)| of_numbers(*op, *x, *y))
                    .collect(),
            ),
            (x, y) => {
                let pairs = x.integers().iter().zip(y.integers());
                Integers(pairs.map(|(x, y)| of_integers(*op, *x, *y)).collect())
            }
        },
        Prim::Compare(op) => {
            let keys = |v: &Value<N>| match v {
                Numbers(v) => v.iter().map(|x| x.order()).collect::<Vec<f64>>(),
                Integers(v) => v.iter().map(|x| *x as f64).collect(),
            };
            let pairs = keys(&args[0]).into_iter().zip(keys(&args[1]));
            Integers(
                pairs
                    .map(|(x, y)| {
                        i64::from(match op {
                            CompareOp::Eq => x == y,
                            CompareOp::Ne => x != y,
                            CompareOp::Lt => x < y,
                            CompareOp::Le => x <= y,
                        })
                    })
                    .collect(),
            )
        }
        Prim::Select => {
            let mut both = args[1].clone();
            both.append(&args[2]);
            let n = types[1].len();
            let condition = args[0].integers().iter().enumerate();
            let chosen: Vec<usize> = condition
                .map(|(i, &c)| if c != 0 { i } else { n + i })
                .collect();
            both.at(&chosen)
        }
        Prim::Convert(to) => convert(&args[0], types[0].carrier, *to),
        Prim::Broadcast { axes, .. } => args[0].at(&moved(shape, types[0], |index| {
            axes.iter().map(|&a| index[a]).collect()
        })),
        Prim::Transpose(perm) => args[0].at(&moved(shape, types[0], |index| {
            let mut own = vec![0; perm.len()];
            for (i, &p) in perm.iter().enumerate() {
                own[p] = index[i];
            }
            own
        })),
        Prim::Reshape(_) => args[0].clone(),
        Prim::Slice { start, step, .. } => args[0].at(&moved(shape, types[0], |index| {
            (0..index.len())
                .map(|a| start[a] + index[a] * step[a])
                .collect()
        })),
        Prim::Pad {
            before, between, ..
        } => {
            let mut whole = zeros::<N>(result);
            for (from, index) in indices(&types[0].shape).into_iter().enumerate() {
                let to: Vec<usize> = (0..index.len())
                    .map(|a| before[a] + index[a] * (between[a] + 1))
                    .collect();
                let to = position(shape, &to);
                match (&mut whole, &args[0]) {
                    (Numbers(w), Numbers(v)) => w[to] = v[from],
                    (Integers(w), Integers(v)) => w[to] = v[from],
                    _ => panic!("values of two kinds"),
                }
            }
            whole
        }
        Prim::Concat(axis) => {
            let mut all = Value::nothing(result.carrier);
            let mut starts = Vec::new();
            let mut count = 0;
            for (arg, ty) in args.iter().zip(types) {
                all.append(arg);
                starts.push(count);
                count += ty.len();
            }
            let positions: Vec<usize> = indices(shape)
                .into_iter()
                .map(|mut index| {
                    let mut part = 0;
                    while index[*axis] >= types[part].shape[*axis] {
                        index[*axis] -= types[part].shape[*axis];
                        part += 1;
                    }
                    starts[part] + position(&types[part].shape, &index)
                })
                .collect();
            all.at(&positions)
        }
        Prim::Flip(axes) => args[0].at(&moved(shape, types[0], |index| {
            let turn = |a: usize| {
                if axes.contains(&a) {
                    shape[a] - 1 - index[a]
                } else {
                    index[a]
                }
            };
            (0..index.len()).map(turn).collect()
        })),
        Prim::Reduce { fold: monoid, axes } => {
            let mut all = Value::nothing(result.carrier);
            for cell in cells(types[0], axes) {
                all.append(&fold(*monoid, args[0].at(&cell), result.carrier));
            }
            all
        }
        Prim::ArgMax(axis) | Prim::ArgMin(axis) => {
            let keys: Vec<f64> = match &args[0] {
                Numbers(v) => v.iter().map(|x| x.order()).collect(),
                Integers(v) => v.iter().map(|x| *x as f64).collect(),
            };
            let greatest = matches!(prim, Prim::ArgMax(_));
            let best = |cell: Vec<usize>| {
                let mut best = 0;
                for (i, &p) in cell.iter().enumerate() {
                    let have = keys[cell[best]];
                    if greatest && keys[p] > have || !greatest && keys[p] < have {
                        best = i;
                    }
                }
                best as i64
            };
            Integers(cells(types[0], &[*axis]).into_iter().map(best).collect())
        }
        Prim::ArgSort { descending } => {
            let keys: Vec<f64> = match &args[0] {
                Numbers(v) => v.iter().map(|x| x.order()).collect(),
                Integers(v) => v.iter().map(|x| *x as f64).collect(),
            };
            // The rank of an element is how many come before it.
            let n = types[0].shape[types[0].rank() - 1];
            let mut order = vec![0; keys.len()];
            for (row, order) in keys.chunks(n.max(1)).zip(order.chunks_mut(n.max(1))) {
                for (i, x) in row.iter().enumerate() {
                    let first = |(j, y): &(usize, &f64)| {
                        (if *descending { *y > x } else { *y < x }) || *y == x && *j < i
                    };
                    let rank = row.iter().enumerate().filter(first).count();
                    order[rank] = i as i64;
                }
            }
            Integers(order)
        }
        Prim::Scan {
            fold: monoid,
            axis,
            exclusive,
            reverse,
        } => {
            let mut all = Value::nothing(result.carrier);
            for index in indices(shape) {
                let i = index[*axis];
                let range: Vec<usize> = match (reverse, exclusive) {
                    (false, false) => (0..=i).collect(),
                    (false, true) => (0..i).collect(),
                    (true, false) => (i..shape[*axis]).rev().collect(),
                    (true, true) => (i + 1..shape[*axis]).rev().collect(),
                };
                let prefix: Vec<usize> = range
                    .into_iter()
                    .map(|k| {
                        let mut at = index.clone();
                        at[*axis] = k;
                        position(shape, &at)
                    })
                    .collect();
                all.append(&fold(*monoid, args[0].at(&prefix), result.carrier));
            }
            all
        }
        Prim::Contract { batch, sum } => {
            let pick = |pairs: &[(usize, usize)], side: usize| -> Vec<usize> {
                pairs
                    .iter()
                    .map(|p| if side == 0 { p.0 } else { p.1 })
                    .collect()
            };
            let free = |side: usize| -> Vec<usize> {
                let used = [pick(batch, side), pick(sum, side)].concat();
                (0..types[side].rank())
                    .filter(|a| !used.contains(a))
                    .collect()
            };
            let (free_a, free_b) = (free(0), free(1));
            let summed: Vec<usize> = sum.iter().map(|p| types[0].shape[p.0]).collect();
            let mut all = Value::nothing(result.carrier);
            for index in indices(shape) {
                let (n, m) = (batch.len(), free_a.len());
                let mut elements: Value<N> = Value::nothing(result.carrier);
                for inner in indices(&summed) {
                    let mut at = [vec![0; types[0].rank()], vec![0; types[1].rank()]];
                    for (side, own_free, first) in [(0, &free_a, n), (1, &free_b, n + m)] {
                        for (k, a) in pick(batch, side).into_iter().enumerate() {
                            at[side][a] = index[k];
                        }
                        for (k, &a) in own_free.iter().enumerate() {
                            at[side][a] = index[first + k];
                        }
                        for (k, a) in pick(sum, side).into_iter().enumerate() {
                            at[side][a] = inner[k];
                        }
                    }
                    let one = args[0].at(&[position(&types[0].shape, &at[0])]);
                    let two = args[1].at(&[position(&types[1].shape, &at[1])]);
                    elements.append(&primitive(
                        &Prim::Binary(BinaryOp::Mul),
                        &[one, two],
                        &[&Type::scalar(result.carrier), &Type::scalar(result.carrier)],
                        &Type::scalar(result.carrier),
                    ));
                }
                all.append(&fold(Fold::Sum, elements, result.carrier));
            }
            all
        }
        Prim::Gather { axes, .. } => {
            let rows = rows(types[0], &args[1..=*axes]);
            let positions: Vec<usize> = rows.into_iter().flatten().collect();
            args[0].at(&positions)
        }
        Prim::ScatterAdd { axes, .. } => {
            let rows: Vec<usize> = rows(types[0], &args[1..=*axes])
                .into_iter()
                .flatten()
                .collect();
            let mut whole = args[0].clone();
            for (from, to) in rows.into_iter().enumerate() {
                match (&mut whole, &args[axes + 1]) {
                    (Numbers(w), Numbers(v)) => w[to] = w[to].add(v[from]),
                    (Integers(w), Integers(v)) => w[to] = w[to].wrapping_add(v[from]),
                    _ => panic!("values of two kinds"),
                }
            }
            whole
        }
        // Random words are integers, which have no changes: the library's own are taken.
        Prim::RandomBits(shape) => {
            let n = shape.iter().product();
            Integers(words(keys(&args[0]).flat_map(|key| random::bits(key, n))))
        }
        Prim::RandomSplit(n) => {
            let split = keys(&args[0]).flat_map(|key| random::split(key, *n));
            Integers(words(split.flatten()))
        }
        Prim::RandomFold => {
            let each = keys(&args[0]).zip(args[1].integers());
            let folded = each.flat_map(|(key, &number)| random::fold_in(key, number));
            Integers(words(folded))
        }
        Prim::Trace(_) => args[0].clone(),
        Prim::Linalg(op) => unreachable!("{op:?} has several results"),
    }
}

fn keys<N: Number>(x: &Value<N>) -> impl Iterator<Item = random::Key> {
    let words = x.integers().chunks_exact(2);
    words.map(|w| random::key([w[0], w[1]]))
}

fn words(words: impl IntoIterator<Item = u32>) -> Vec<i64> {
    words.into_iter().map(i64::from).collect()
}

fn zeros<N: Number>(ty: &Type) -> Value<N> {
    let one: Value<N> = literal(Literal::zero(ty.carrier));
    one.at(&vec![0; ty.len()])
}

/// For each element of a result, which element of the argument it is.
fn moved(shape: &[usize], from: &Type, map: impl Fn(&[usize]) -> Vec<usize>) -> Vec<usize> {
    let all = indices(shape);
    all.iter()
        .map(|index| position(&from.shape, &map(index)))
        .collect()
}

/// The positions of the elements of each reduced cell.
fn cells(ty: &Type, axes: &[usize]) -> Vec<Vec<usize>> {
    let kept: Vec<usize> = (0..ty.rank()).filter(|a| !axes.contains(a)).collect();
    let shape = |axes: &[usize]| axes.iter().map(|&a| ty.shape[a]).collect::<Vec<usize>>();
    let inner = indices(&shape(axes));
    indices(&shape(&kept))
        .iter()
        .map(|outer| {
            inner
                .iter()
                .map(|within| {
                    let mut index = vec![0; ty.rank()];
                    for (a, i) in kept.iter().zip(outer).chain(axes.iter().zip(within)) {
                        index[*a] = *i;
                    }
                    position(&ty.shape, &index)
                })
                .collect()
        })
        .collect()
}

/// For each index, the positions of the elements of its row.
fn rows<N: Number>(ty: &Type, index: &[Value<N>]) -> Vec<Vec<usize>> {
    let axes = index.len();
    let width: usize = ty.shape[axes..].iter().product();
    (0..index[0].integers().len())
        .map(|i| {
            let at: Vec<usize> = index.iter().map(|v| v.integers()[i] as usize).collect();
            assert!(
                at.iter().zip(&ty.shape).all(|(i, n)| i < n),
                "an index out of range"
            );
            let row = position(&ty.shape[..axes], &at);
            (row * width..(row + 1) * width).collect()
        })
        .collect()
}

fn convert<N: Number>(x: &Value<N>, from: Carrier, to: Carrier) -> Value<N> {
    if from == to || from.is_real() && to.is_real() {
        return x.clone();
    }
    match (x, to.differentiable()) {
        (Integers(v), true) => Numbers(v.iter().map(|&i| N::integer(i, modulus(to))).collect()),
        (Integers(v), false) if to == Carrier::Bool => {
            Integers(v.iter().map(|&i| i64::from(i != 0)).collect())
        }
        (Integers(v), false) => Integers(v.clone()),
        // Every other conversion forgets the direction.
        (Numbers(v), true) => Numbers(
            v.iter()
                .map(|x| N::integer(x.order() as i64, modulus(to)))
                .collect(),
        ),
        (Numbers(v), false) if to == Carrier::Bool => Integers(
            v.iter()
                .map(|x| i64::from(x.order().trunc() != 0.0))
                .collect(),
        ),
        (Numbers(v), false) => Integers(v.iter().map(|x| x.order() as i64).collect()),
    }
}
