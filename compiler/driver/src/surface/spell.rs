//! Writes a region with fewer kinds of steps: those that the language has words for.
//!
//! *Before:* a resolved region.
//!
//! *After:* the same map. Scans run forwards and include their element; loops
//! that carry states run forwards; those that end early have only states, of which the second is how often
//! they ran; the least comes first where elements are sorted; nothing is concatenated alone; linear
//! algebra is on single matrices.
//!
//! *Size:* a constant number of steps more for each that is rewritten; functions are rewritten once.

mod early;

use std::sync::Arc;

use lentil_unary::{
    Builder, Carrier, Fold, Loop, Op, Prim, Rebuild, Rebuilt, Region, Site, Slot, Type,
};

pub(super) fn spell(region: &Region) -> Region {
    Spelling::default().region(region)
}

#[derive(Default)]
struct Spelling {
    rebuilt: Rebuilt,
}

impl Rebuild for Spelling {
    fn rebuilt(&mut self) -> &mut Rebuilt {
        &mut self.rebuilt
    }

    fn append(&mut self, b: &mut Builder, op: &Op, args: &[Slot]) -> Vec<Slot> {
        match op {
            Op::Prim(Prim::Scan {
                fold,
                axis,
                exclusive,
                reverse,
            }) => {
                let x = args[0];
                let x = if *reverse { flip(b, x, *axis) } else { x };
                let x = scan(b, *fold, x, *axis, *exclusive);
                vec![if *reverse { flip(b, x, *axis) } else { x }]
            }
            Op::Prim(Prim::ArgSort { descending: true }) => vec![descending(b, args[0])],
            Op::Prim(Prim::Concat(_)) if args.len() == 1 => args.to_vec(),
            Op::Prim(Prim::Linalg(_)) if b.ty(args[0]).rank() > 2 => self.one_by_one(b, op, args),
            Op::Prim(Prim::RandomBits(_) | Prim::RandomSplit(_) | Prim::RandomFold)
                if b.ty(args[0]).rank() > 1 =>
            {
                self.one_by_one(b, op, args)
            }
            Op::Loop(l) => self.looped(b, l, args),
            op => b.emit(self.inside(op), args),
        }
    }
}

impl Spelling {
    /// A batch as a map over its leading axis.
    fn one_by_one(&mut self, b: &mut Builder, op: &Op, args: &[Slot]) -> Vec<Slot> {
        let mut params = vec![Type::scalar(Carrier::Int)];
        params.extend(args.iter().filter_map(|&a| b.ty(a).element()));
        let mut body = Builder::new(params);
        let inner = body.param_slots();
        let results = self.append(&mut body, op, &inner[1..]);
        let n = b.ty(args[0]).shape[0];
        b.for_loop(n, false, &[], args, &[], body.finish(results))
    }

    fn looped(&mut self, b: &mut Builder, l: &Loop, args: &[Slot]) -> Vec<Slot> {
        let body = self.body(&l.body);
        if l.limited() {
            return early::until(b, l, &body, args);
        }
        // The iterations of a map have no order.
        if !l.backward || l.states == 0 {
            return b.emit(
                Op::Loop(Loop {
                    backward: false,
                    body,
                    ..l.clone()
                }),
                args,
            );
        }
        // Arrays that are read element by element become captures that are read from their end.
        let mut params = body.params().to_vec();
        let elements = 1 + l.consts..1 + l.consts + l.xs;
        for (ty, &x) in params[elements.clone()].iter_mut().zip(&args[l.consts..]) {
            *ty = b.ty(x).clone();
        }
        let mut turned = Builder::new(params);
        let mut slots = turned.param_slots();
        let last = turned.int(l.n as i64 - 1);
        slots[0] = turned.sub(last, slots[0]);
        for k in elements {
            let prim = Prim::Gather {
                axes: 1,
                site: Site(0),
            };
            slots[k] = turned.prim(prim, &[slots[k], slots[0]]);
        }
        let results = turned.inline(&body, &slots);
        let turned = Loop {
            backward: false,
            consts: l.consts + l.xs,
            xs: 0,
            body: Arc::new(turned.finish(results)),
            ..l.clone()
        };
        let mut results = b.emit(Op::Loop(turned), args);
        for out in &mut results[l.states..] {
            *out = flip(b, *out, 0);
        }
        results
    }
}

fn flip(b: &mut Builder, x: Slot, axis: usize) -> Slot {
    b.prim(Prim::Flip(vec![axis]), &[x])
}

/// A scan along an axis from its start.
fn scan(b: &mut Builder, fold: Fold, x: Slot, axis: usize, exclusive: bool) -> Slot {
    let ty = b.ty(x).clone();
    let n = ty.shape[axis];
    if n == 0 {
        return x;
    }
    let scanned = |b: &mut Builder, x: Slot| {
        let prim = Prim::Scan {
            fold,
            axis,
            exclusive: false,
            reverse: false,
        };
        b.prim(prim, &[x])
    };
    if !exclusive {
        return scanned(b, x);
    }
    let mut len = ty.shape.clone();
    len[axis] = n - 1;
    let rank = ty.rank();
    let all_but_last = b.prim(
        Prim::Slice {
            start: vec![0; rank],
            len: len.clone(),
            step: vec![1; rank],
        },
        &[x],
    );
    let rest = scanned(b, all_but_last);
    len[axis] = 1;
    let first = b.full(fold.unit(ty.carrier), &len);
    b.prim(Prim::Concat(axis), &[first, rest])
}

/// The order from the greatest on: that from the least on, of the array and in the array turned round,
/// so that the lowest index still comes first on a tie.
fn descending(b: &mut Builder, x: Slot) -> Slot {
    let ty = b.ty(x).with_carrier(Carrier::Int);
    let axis = ty.rank() - 1;
    let turned = flip(b, x, axis);
    let order = b.prim(Prim::ArgSort { descending: false }, &[turned]);
    let order = flip(b, order, axis);
    let last = b.int(ty.shape[axis] as i64 - 1);
    let last = b.stretch(last, &ty.shape);
    b.sub(last, order)
}
