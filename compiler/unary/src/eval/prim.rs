//! One primitive at values.

use std::rc::Rc;

use crate::carrier::{Carrier, Type};
use crate::math;
use crate::prim::{Fold, Prim};
use crate::random;
use crate::value::{Array, Data, Trap};
use crate::watch;

use super::element::{Element, convert};
use super::fold::{Factor, Walk, arg, contract, log_sum_exp, reduce, scan};
use super::index::{gather, rows, scatter_add};
use super::{Counts, Value, layout};

/// Calls a function that is written for every kind of element at the kind of a carrier.
macro_rules! at {
    ($carrier:expr, $f:ident $args:tt) => {
        match $carrier {
            Carrier::F32 => $f::<f32> $args,
            Carrier::F64 => $f::<f64> $args,
            Carrier::Int => $f::<i64> $args,
            Carrier::Mod(_) => $f::<u32> $args,
            Carrier::Bit | Carrier::Bool => $f::<u8> $args,
        }
    };
}

/// What a primitive is run with, besides its arguments.
pub(super) struct Work<'a> {
    pub types: &'a [&'a Type],
    pub result: &'a Type,
    /// Whether the first argument is a literal, whose broadcast counts as a fill.
    pub of_literal: bool,
    pub counts: &'a mut Counts,
}

impl Work<'_> {
    pub(super) fn run(self, prim: &Prim, mut args: Vec<Value>) -> Result<Value, Trap> {
        let Work {
            types,
            result,
            of_literal,
            counts,
        } = self;
        let made = result.len() as u64;
        let taken = types.first().map_or(0, |t| t.len()) as u64;
        let data = match prim {
            Prim::Literal(literal) => {
                counts.fills += 1;
                Array::full(*literal, &[]).into_data()
            }
            Prim::Iota(n) => {
                counts.fills += made;
                Data::Int((0..*n as i64).collect())
            }
            Prim::Unary(op) => {
                counts.arithmetic += made;
                at!(result.carrier, unary(&args[0], *op, result.carrier))
            }
            Prim::Binary(op) => {
                counts.arithmetic += made;
                at!(
                    result.carrier,
                    binary(&args[0], &args[1], *op, result.carrier)
                )
            }
            Prim::Compare(op) => {
                counts.arithmetic += made;
                at!(types[0].carrier, compare(&args[0], &args[1], *op))
            }
            Prim::Select => {
                counts.arithmetic += made;
                at!(result.carrier, select(&args[0], &args[1], &args[2]))
            }
            Prim::Convert(carrier) => {
                counts.arithmetic += made;
                convert(&args[0], *carrier)
            }
            Prim::Broadcast { shape, axes } => {
                if of_literal {
                    counts.fills += made;
                } else {
                    counts.moves += made;
                }
                layout::pick(&args[0], &layout::broadcast(types[0], shape, axes))
            }
            Prim::Transpose(perm) => {
                counts.moves += made;
                layout::pick(
                    &args[0],
                    &layout::places_of(&types[0].shape, perm.iter().copied()),
                )
            }
            Prim::Reshape(_) => return Ok(args.swap_remove(0)),
            Prim::Trace(name) => {
                let shown = args.swap_remove(0);
                watch::show(name, &Array::new(result.clone(), (*shown).clone()));
                return Ok(shown);
            }
            Prim::Slice { start, len, step } => {
                counts.moves += made;
                layout::pick(&args[0], &layout::slice(types[0], start, len, step))
            }
            Prim::Pad {
                before, between, ..
            } => {
                counts.moves += taken;
                let places = layout::pad(types[0], result, before, between);
                at!(result.carrier, place(&args[0], &places, result))
            }
            Prim::Concat(axis) => {
                counts.moves += made;
                let parts: Vec<&Data> = args.iter().map(|a| &**a).collect();
                let mut whole = Array::zeros(result).into_data();
                layout::concat(&parts, types, *axis, &mut whole);
                whole
            }
            Prim::Flip(axes) => {
                counts.moves += made;
                layout::pick(&args[0], &layout::flip(types[0], axes))
            }
            Prim::Reduce { fold, axes } => match fold.step() {
                Some(op) => {
                    counts.arithmetic += taken;
                    at!(result.carrier, reduce(&args[0], types[0], op, *fold, axes))
                }
                None => {
                    counts.arithmetic += 4 * taken + 2 * made;
                    log_sum_exp(&args[0], types[0], axes)
                }
            },
            Prim::ArgMax(axis) => {
                counts.arithmetic += taken;
                at!(
                    types[0].carrier,
                    arg(&args[0], types[0], *axis, Element::above)
                )
            }
            Prim::ArgMin(axis) => {
                counts.arithmetic += taken;
                at!(
                    types[0].carrier,
                    arg(&args[0], types[0], *axis, Element::below)
                )
            }
            Prim::ArgSort { descending } => {
                // A comparison for each level of a merge sort.
                let n = types[0].shape[types[0].rank() - 1];
                counts.arithmetic += taken * u64::from(n.next_power_of_two().ilog2());
                at!(types[0].carrier, argsort(&args[0], n, *descending))
            }
            Prim::Scan {
                fold,
                axis,
                exclusive,
                reverse,
            } => {
                counts.arithmetic += made;
                let op = fold.step().expect("the typing rules allow the scan");
                let walk = Walk {
                    axis: *axis,
                    exclusive: *exclusive,
                    reverse: *reverse,
                };
                at!(result.carrier, scan(&args[0], types[0], op, *fold, &walk))
            }
            Prim::Contract { batch, sum } => {
                let a = Factor {
                    data: &args[0],
                    ty: types[0],
                    batch: batch.iter().map(|p| p.0).collect(),
                    sum: sum.iter().map(|p| p.0).collect(),
                };
                let b = Factor {
                    data: &args[1],
                    ty: types[1],
                    batch: batch.iter().map(|p| p.1).collect(),
                    sum: sum.iter().map(|p| p.1).collect(),
                };
                let (data, steps) = at!(result.carrier, contract(&a, &b));
                counts.arithmetic += 2 * steps;
                data
            }
            Prim::Gather { axes, site } => {
                let rows = rows(types[0], &args[1..], *site)?;
                counts.moves += made;
                let width = types[0].shape[*axes..].iter().product();
                gather(&args[0], &rows, width)
            }
            Prim::ScatterAdd { axes, site } => {
                let rows = rows(types[0], &args[1..=*axes], *site)?;
                let width = types[0].shape[*axes..].iter().product();
                let values = args.swap_remove(axes + 1);
                counts.arithmetic += values.len() as u64;
                let accumulator = args.swap_remove(0);
                let carrier = result.carrier;
                let (sum, copied) = at!(
                    carrier,
                    scatter_add(accumulator, carrier, &rows, width, &values)
                );
                counts.moves += copied as u64;
                return Ok(sum);
            }
            Prim::RandomBits(shape) => {
                counts.arithmetic += made;
                let n = shape.iter().product();
                words(keys(&args[0]).flat_map(|key| random::bits(key, n)))
            }
            Prim::RandomSplit(n) => {
                counts.arithmetic += made;
                words(
                    keys(&args[0])
                        .flat_map(|key| random::split(key, *n))
                        .flatten(),
                )
            }
            Prim::RandomFold => {
                counts.arithmetic += made;
                let numbers = i64::of(&args[1]);
                let each = keys(&args[0]).zip(numbers);
                words(each.flat_map(|(key, &number)| random::fold_in(key, number)))
            }
            Prim::Linalg(op) => unreachable!("{op:?} has a rule of its own"),
        };
        Ok(Rc::new(data))
    }
}

fn keys(data: &Data) -> impl Iterator<Item = random::Key> {
    let words = i64::of(data).chunks_exact(2);
    words.map(|w| random::key([w[0], w[1]]))
}

fn words(words: impl Iterator<Item = u32>) -> Data {
    Data::Int(words.map(i64::from).collect())
}

fn unary<T: Element>(x: &Data, op: crate::UnaryOp, carrier: Carrier) -> Data {
    let f = T::unary(op, carrier);
    T::data(T::of(x).iter().map(|&x| f(x)).collect())
}

fn binary<T: Element>(x: &Data, y: &Data, op: crate::BinaryOp, carrier: Carrier) -> Data {
    let f = T::binary(op, carrier);
    let pairs = T::of(x).iter().zip(T::of(y));
    T::data(pairs.map(|(&x, &y)| f(x, y)).collect())
}

fn compare<T: Element>(x: &Data, y: &Data, op: crate::CompareOp) -> Data {
    let pairs = T::of(x).iter().zip(T::of(y));
    Data::Byte(
        pairs
            .map(|(&x, &y)| u8::from(math::compare(op, x, y)))
            .collect(),
    )
}

fn select<T: Element>(condition: &Data, yes: &Data, no: &Data) -> Data {
    let arms = T::of(yes).iter().zip(T::of(no));
    let chosen = u8::of(condition).iter().zip(arms);
    T::data(
        chosen
            .map(|(&c, (&y, &n))| if c != 0 { y } else { n })
            .collect(),
    )
}

/// The order of the elements of each row.
fn argsort<T: Element>(x: &Data, n: usize, descending: bool) -> Data {
    let x = T::of(x);
    let mut order = vec![0; x.len()];
    if n > 0 {
        for (row, order) in x.chunks_exact(n).zip(order.chunks_exact_mut(n)) {
            math::argsort(row, order, descending);
        }
    }
    Data::Int(order)
}

/// Zeros, but for elements at places.
fn place<T: Element>(x: &Data, places: &[usize], ty: &Type) -> Data {
    let mut out = vec![T::literal(Fold::Sum.unit(ty.carrier)); ty.len()];
    for (&x, &place) in T::of(x).iter().zip(places) {
        out[place] = x;
    }
    T::data(out)
}
