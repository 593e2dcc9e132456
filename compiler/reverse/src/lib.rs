//! R: the reverse derivative of unary form, and the forward one.
//!
//! A program's reverse derivative takes its arguments and the cotangents of its results, and returns the
//! cotangents of its parameters. It is a pass from unary form to unary form, so it can be simplified,
//! compiled, and differentiated again.
//!
//! ```
//! use lentil_unary::{Builder, Carrier, Type};
//! let real = Type::scalar(Carrier::F64);
//! let mut b = Builder::new(vec![real.clone(), real]);
//! let (x, y) = (b.param(0), b.param(1));
//! let product = b.mul(x, y);
//! let f = b.finish(vec![product]);
//! // (x, y, dz) to (dz y, dz x)
//! let r = lentil_reverse::reverse(&f, &[true, true]);
//! assert_eq!((r.params().len(), r.steps().len(), r.results().len()), (3, 2, 2));
//! ```
//!
//! Sources: Cruttwell, Gavranović, Ghani, Wilson, Zanasi, *Categorical Foundations of Gradient-Based
//! Learning* (arXiv 2103.01931); Huot and Shaikhha, *Denotationally Correct, Purely Functional,
//! Efficient Reverse-mode Automatic Differentiation* (arXiv 2212.09801), whose array rules are replaced:
//! bodies are split into a forward and a backward half, so that nothing is computed again at each level
//! of nesting, and cotangents of captures are accumulated in place.
//!
//! In the order of their use: `resolve` finds what is to be differentiated, `hoist` takes invariants out
//! of loops, `activity` finds what takes part, `joint` sweeps a region by the table of `rows`, `bodies`
//! does so for loops, conditionals and calls by the halves that `split` makes, `lenses` for halves that
//! are given, `trim` removes the rest.

mod activity;
mod bodies;
mod forward;
mod hoist;
mod joint;
mod lenses;
mod memo;
mod price;
mod residuals;
mod resolve;
mod rows;
mod split;
mod term;
mod trim;

pub use residuals::{Saved, residuals};

use lentil_unary::{Region, Slot, Type};

use crate::joint::joint;
use crate::memo::{Code, Memo};
use crate::split::Wishes;
use crate::trim::trim;

/// Replaces every `Reverse` and `Forward`, in bodies and functions too, by the program that computes it.
///
/// Derivatives inside a differentiated function are resolved before it is differentiated itself.
/// Each becomes a call of a function `name.reverse` or `name.forward`, made once for each function.
/// A lens that is left then is a call of its forward half.
pub fn resolve(region: &Region) -> Region {
    lenses::settle(&resolve::resolve(&mut Memo::default(), region))
}

/// Whether derivatives inside each other, three or more, stay small: nowhere is something of more than
/// `limit` steps differentiated that holds a derivative of a derivative. Each derivative may be some times
/// larger than what it is taken of, and nothing but taking them tells by how much. As quick as [`resolve`]
/// up to that size.
pub fn stays_within(region: &Region, limit: usize) -> bool {
    if resolve::order(region) <= 2 {
        return true;
    }
    let mut memo = Memo::within(limit);
    resolve::resolve(&mut memo, region);
    !memo.exceeded
}

/// The reverse derivative: the parameters of `f`, then one cotangent for each differentiable result, to one
/// cotangent for each parameter that is differentiable and wanted.
/// Lenses remain, so that it can be differentiated again.
///
/// # Panics
/// If `wanted` has not one entry for each parameter.
pub fn reverse(f: &Region, wanted: &[bool]) -> Region {
    let mut memo = Memo::default();
    let f = hoist::hoist(&resolve::resolve(&mut memo, f));
    reverse_resolved(&mut memo, &f, wanted, &[])
}

/// As [`reverse`], but returns the results of `f` first; what both need is computed once.
///
/// # Panics
/// As [`reverse`].
pub fn value_and_reverse(f: &Region, wanted: &[bool]) -> Region {
    let mut memo = Memo::default();
    let f = hoist::hoist(&resolve::resolve(&mut memo, f));
    let results: Vec<usize> = (0..f.results().len()).collect();
    reverse_resolved(&mut memo, &f, wanted, &results)
}

/// The forward derivative: the parameters of `f`, then one tangent for each differentiable parameter, to
/// one tangent for each differentiable result. The `put` of each lens that takes part is linear in the
/// cotangents ([`lentil_unary::linear`]): core refuses the others.
pub fn forward(f: &Region) -> Region {
    let mut memo = Memo::default();
    let f = resolve::resolve(&mut memo, f);
    forward_resolved(&mut memo, &f, &differentiable(&f), &[])
}

/// As [`forward`], but returns the results of `f` first; what both need is computed once.
pub fn value_and_forward(f: &Region) -> Region {
    let mut memo = Memo::default();
    let f = resolve::resolve(&mut memo, f);
    let results: Vec<usize> = (0..f.results().len()).collect();
    forward_resolved(&mut memo, &f, &differentiable(&f), &results)
}

/// R of a region without derivatives in it, returning some of its results first.
fn reverse_resolved(memo: &mut Memo, f: &Region, wanted: &[bool], values: &[usize]) -> Region {
    assert_eq!(
        wanted.len(),
        f.params().len(),
        "one wish for each parameter"
    );
    let wishes = reverse_wishes(f, wanted);
    let made = joint(memo, f, &wishes);
    let mut builder = made.builder;
    let mut results: Vec<Slot> = values.iter().map(|&k| made.results[k]).collect();
    for (p, ty) in f.params().iter().enumerate() {
        if wishes.wanted[p] {
            results.push(made.cotangents[p].unwrap_or_else(|| builder.zeros(ty)));
        }
    }
    trim(&builder.finish(results))
}

fn reverse_wishes(f: &Region, wanted: &[bool]) -> Wishes {
    let live: Vec<bool> = f.result_types().iter().map(Type::differentiable).collect();
    let params = f.params().iter().zip(wanted);
    let wanted = params.map(|(ty, w)| *w && ty.differentiable()).collect();
    Wishes::open(wanted, &live)
}

fn differentiable(f: &Region) -> Vec<bool> {
    f.params().iter().map(Type::differentiable).collect()
}

/// The forward derivative of a region without derivatives in it, returning some of its results first.
/// There is a tangent for each parameter that varies; those of the others are zero.
fn forward_resolved(memo: &mut Memo, f: &Region, varying: &[bool], values: &[usize]) -> Region {
    let code = Code::Body(std::sync::Arc::new(f.clone()));
    let streamed = forward::streamed(memo, &code, varying);
    let count = f.results().len();
    let mut b = lentil_unary::Builder::new(streamed.region.params().to_vec());
    let params = b.param_slots();
    let all = b.inline(&streamed.region, &params);
    let mut results: Vec<Slot> = values.iter().map(|&k| all[k]).collect();
    let mut tangents = all[count..].iter();
    for (k, ty) in f.result_types().iter().enumerate() {
        let tangent = if streamed.varying[k] {
            tangents.next().copied()
        } else {
            None
        };
        if ty.differentiable() {
            results.push(tangent.unwrap_or_else(|| b.zeros(ty)));
        }
    }
    trim(&b.finish(results))
}
