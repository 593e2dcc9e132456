//! Reads that a condition keeps in range are made reads that stay in range by themselves.
//!
//! ```text
//! if i < n then x[i] else 0        if i < n then x[min(i, n - 1)] else 0
//! ```
//!
//! *Before*: any region.
//! *After*: the same results, bit for bit. In an arm of a conditional, an index that only the condition keeps in
//! its axis is clamped to it, which changes nothing there. So the arm can be run where it is not taken: a
//! conditional that differs from example to example can become a selection.
//! *Size*: two steps more for each such index.

use std::sync::Arc;

use lentil_unary::range::Ranges;
use lentil_unary::{
    BinaryOp, Builder, Carrier, Literal, Loop, Op, Prim, Rebuild, Rebuilt, Region, Slot, Step,
    rebuild,
};

/// The region with its reads guarded; see the module's header.
pub fn guard(region: &Region) -> Region {
    Guarding::default().region(region)
}

/// Whether a region stands in an arm of a conditional.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Arms {
    Outside,
    Inside,
}

#[derive(Default)]
struct Guarding {
    rebuilt: Rebuilt,
}

impl Rebuild for Guarding {
    fn rebuilt(&mut self) -> &mut Rebuilt {
        &mut self.rebuilt
    }

    fn region(&mut self, region: &Region) -> Region {
        self.there(region, &Ranges::of(region), Arms::Outside)
    }
}

impl Guarding {
    /// A region guarded where this is known of its slots.
    fn there(&mut self, region: &Region, ranges: &Ranges, arms: Arms) -> Region {
        rebuild(region, |b, step, args| {
            let mut args = args.to_vec();
            if arms == Arms::Inside
                && let Op::Prim(Prim::Gather { axes, .. } | Prim::ScatterAdd { axes, .. }) =
                    &step.op
            {
                clamp(b, region, ranges, step, *axes, &mut args);
            }
            let op = self.op(&step.op, ranges, &step.args, arms);
            b.emit(op, &args)
        })
    }

    /// The operation with what is inside guarded.
    fn op(&mut self, op: &Op, ranges: &Ranges, args: &[Slot], arms: Arms) -> Op {
        match op {
            Op::Loop(l) => {
                let (inner, _) = ranges.body(l, args);
                let body = Arc::new(self.there(&l.body, &inner, arms));
                Op::Loop(Loop { body, ..l.clone() })
            }
            Op::Cond { then, otherwise } => {
                let mut arm = |arm: &Region, holds: bool| {
                    let inner = ranges.arm(arm, args, holds);
                    Arc::new(self.there(arm, &inner, Arms::Inside))
                };
                Op::Cond {
                    then: arm(then, true),
                    otherwise: arm(otherwise, false),
                }
            }
            op => self.inside(op),
        }
    }
}

/// Clamps indices that what is known in an arm keeps in their axes, and nothing else does. If one of them is not
/// kept there, the step may stop the run: then it is left alone.
fn clamp(
    b: &mut Builder,
    region: &Region,
    ranges: &Ranges,
    step: &Step,
    axes: usize,
    args: &mut [Slot],
) {
    let sizes = &region.ty(step.args[0]).shape[..axes];
    let mut sides = Vec::new();
    for (&index, &size) in step.args[1..].iter().zip(sizes) {
        let (low, high) = (ranges.at_least_zero(index), ranges.less_than(index, size));
        if size == 0 || !low[1] || !high[1] {
            return;
        }
        sides.push((!low[0], !high[0], size));
    }
    for (arg, (below, above, size)) in args[1..].iter_mut().zip(sides) {
        let shape = b.ty(*arg).shape.clone();
        let mut by = |op: BinaryOp, bound: i64, arg: &mut Slot| {
            let bound = b.full(Literal::integer(Carrier::Int, bound), &shape);
            *arg = b.prim(Prim::Binary(op), &[*arg, bound]);
        };
        if below {
            by(BinaryOp::Max, 0, arg);
        }
        if above {
            by(BinaryOp::Min, size as i64 - 1, arg);
        }
    }
}
