//! Vectorisation: loops over elements become operations on whole arrays.
//!
//! *Before*: any region without unresolved derivatives (those are left as they are).
//! *After*: the same results. Loops without states are array code where that pays; loops that accumulate
//! are array code and sums; sums of products are contractions. Also in bodies and in functions.
//! *Size*: a loop's body is replaced by at most a small constant times its steps.
//!
//! A loop without states stays a loop if
//! - array code would need an array of more elements than [`VectoriseOptions::element_limit`], and than
//!   what it reads and writes has; or
//! - its body holds a loop whose states are all scalars and that touches no array: then one iteration runs
//!   in registers, where array code would stream through memory in every inner iteration; or
//! - it never runs.
//!
//! Innermost loops come first, so a product that is summed is a contraction before a loop around it could
//! make its terms an array.

use std::sync::Arc;

use lentil_unary::range::Ranges;
use lentil_unary::{
    Builder, Carrier, Loop, Op, Prim, Rebuild, Rebuilt, Region, Slot, Type, rebuild,
};

use crate::accumulate;
use crate::batch::batch_there;
use crate::figure::Figures;
use crate::guard::guard;
use crate::measure;
use crate::options::VectoriseOptions;
use crate::raise::raise;

/// The region with its loops turned into array code where that pays; see the module's header.
pub fn vectorise(region: &Region, options: &VectoriseOptions) -> Region {
    let mut vectoriser = Vectoriser {
        options,
        rebuilt: Rebuilt::default(),
    };
    vectoriser.region(&guard(region))
}

struct Vectoriser<'a> {
    options: &'a VectoriseOptions,
    rebuilt: Rebuilt,
}

impl Rebuild for Vectoriser<'_> {
    fn rebuilt(&mut self) -> &mut Rebuilt {
        &mut self.rebuilt
    }

    fn region(&mut self, region: &Region) -> Region {
        self.there(region, &Ranges::of(region))
    }
}

impl Vectoriser<'_> {
    /// A region vectorised where this is known of its slots.
    fn there(&mut self, region: &Region, ranges: &Ranges) -> Region {
        let made = rebuild(region, |b, step, args| {
            let op = self.op(&step.op, ranges, &step.args);
            let straight = match &op {
                Op::Loop(l) => {
                    let types: Vec<Type> = args.iter().map(|&a| b.ty(a).clone()).collect();
                    self.straight(l, &types, ranges, &step.args)
                }
                Op::Prim(_)
                | Op::Cond { .. }
                | Op::Call(_)
                | Op::Reverse(_)
                | Op::Forward(_)
                | Op::Lens(_) => None,
            };
            match straight {
                Some(code) => b.inline(&code, args),
                None => b.emit(op, args),
            }
        });
        raise(&made, self.options.arithmetic)
    }

    /// The operation with what is inside vectorised.
    fn op(&mut self, op: &Op, ranges: &Ranges, args: &[Slot]) -> Op {
        match op {
            Op::Loop(l) => Op::Loop(Loop {
                body: Arc::new(self.there(&l.body, &ranges.body(l, args).0)),
                ..l.clone()
            }),
            Op::Cond { then, otherwise } => Op::Cond {
                then: Arc::new(self.there(then, &ranges.arm(then, args, true))),
                otherwise: Arc::new(self.there(otherwise, &ranges.arm(otherwise, args, false))),
            },
            op => self.inside(op),
        }
    }

    /// A loop whose body is vectorised, as a region over its arguments without it, if that pays.
    /// It runs at `slots` of the region of which `ranges` knows.
    fn straight(
        &mut self,
        l: &Loop,
        args: &[Type],
        ranges: &Ranges,
        slots: &[Slot],
    ) -> Option<Region> {
        let code = if l.states == 0 {
            self.mapped(l, args, ranges, slots)?
        } else {
            let parts = accumulate::split(l, args, self.options.arithmetic)?;
            self.without_maps(&parts, &ranges.at(&parts, slots))?
        };
        let code = raise(&code, self.options.arithmetic);
        let own = args.iter().map(measure::elements).max().unwrap_or(0);
        let results = code.result_types();
        let own = results.iter().map(measure::elements).fold(own, u64::max);
        let limit = self.options.element_limit.max(own);
        (measure::largest(&code) <= limit).then_some(code)
    }

    /// The region with its loops without states replaced; `None` if one of them is better left.
    fn without_maps(&mut self, region: &Region, ranges: &Ranges) -> Option<Region> {
        let mut b = Builder::new(region.params().to_vec());
        let mut map = b.param_slots();
        for step in region.steps() {
            let args: Vec<Slot> = step.args.iter().map(|a| map[a.index()]).collect();
            map.extend(match &step.op {
                Op::Loop(l) if l.states == 0 => {
                    let types: Vec<Type> = args.iter().map(|&a| b.ty(a).clone()).collect();
                    let code = self.mapped(l, &types, ranges, &step.args)?;
                    b.inline(&code, &args)
                }
                op => b.emit(op.clone(), &args),
            });
        }
        let results = region.results().iter().map(|r| map[r.index()]).collect();
        Some(b.finish(results))
    }

    /// A loop without states as array code; `None` if it never runs, or runs in registers.
    fn mapped(
        &mut self,
        l: &Loop,
        args: &[Type],
        ranges: &Ranges,
        slots: &[Slot],
    ) -> Option<Region> {
        if l.n == 0 || runs_in_registers(&l.body) {
            return None;
        }
        let mut batched = vec![true];
        batched.extend((0..l.consts + l.xs).map(|k| k >= l.consts));
        let (inner, _) = ranges.body(l, slots);
        let body = batch_there(&l.body, &inner, l.n, &batched, self.options);
        let mut b = Builder::new(args.to_vec());
        let numbers = b.prim(Prim::Iota(l.n), &[]);
        let slots = [&[numbers], &b.param_slots()[..]].concat();
        let results = b.inline(&body, &slots);
        Some(b.finish(results))
    }
}

/// Whether a body holds a loop over scalar states that touches no array.
fn runs_in_registers(body: &Region) -> bool {
    Figures::new(find_scalar_loop).of(body)
}

fn find_scalar_loop<'r>(found: &mut Figures<'r, bool>, body: &'r Region) -> bool {
    body.steps().iter().any(|step| match &step.op {
        Op::Prim(_) | Op::Reverse(_) | Op::Forward(_) => false,
        Op::Loop(l) => (l.states > 0 && only_scalars(&l.body)) || found.of(&l.body),
        Op::Cond { then, otherwise } => found.of(then) || found.of(otherwise),
        Op::Call(f) => found.of(&f.region),
        Op::Lens(l) => found.of(&l.get.region),
    })
}

fn only_scalars(region: &Region) -> bool {
    // Random keys are arrays of two numbers, and as good as scalars.
    let small = |ty: &Type| ty.rank() == 0 || (ty.carrier == Carrier::Int && ty.len() <= 2);
    region.slots().iter().all(small)
}
