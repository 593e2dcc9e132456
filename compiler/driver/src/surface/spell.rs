//! Writes a region with fewer kinds of steps: those that the language has words for.
//!
//! *Before:* a resolved region.
//!
//! *After:* the same map. Scans run forwards along the leading axis and include their element; loops
//! that carry states run forwards; nothing is concatenated alone.
//!
//! *Size:* a constant number of steps more for each that is rewritten; functions are rewritten once.

use std::collections::HashMap;
use std::sync::Arc;

use lentil_unary::{
    BinaryOp, Builder, Carrier, Fold, Function, Loop, Op, Prim, Region, Site, Slot, Type,
};

pub(super) fn spell(region: &Region) -> Region {
    Spelling::default().region(region)
}

#[derive(Default)]
struct Spelling {
    /// Functions that are rewritten, so that they stay shared.
    functions: HashMap<Arc<Function>, Arc<Function>>,
}

impl Spelling {
    fn region(&mut self, region: &Region) -> Region {
        let mut b = Builder::new(region.params().to_vec());
        let mut map = b.param_slots();
        for step in region.steps() {
            let args: Vec<Slot> = step.args.iter().map(|a| map[a.index()]).collect();
            map.extend(self.step(&mut b, &step.op, &args));
        }
        let results = region.results().iter().map(|r| map[r.index()]).collect();
        b.finish(results)
    }

    fn step(&mut self, b: &mut Builder, op: &Op, args: &[Slot]) -> Vec<Slot> {
        match op {
            Op::Prim(Prim::Scan {
                fold,
                axis,
                exclusive,
                reverse,
            }) => {
                let x = leading(b, args[0], *axis);
                let x = if *reverse { flip(b, x) } else { x };
                let x = scan(b, *fold, x, *exclusive);
                let x = if *reverse { flip(b, x) } else { x };
                vec![leading(b, x, *axis)]
            }
            Op::Prim(Prim::Concat(_)) if args.len() == 1 => args.to_vec(),
            Op::Prim(_) => b.emit(op.clone(), args),
            Op::Loop(l) => self.looped(b, l, args),
            Op::Cond { then, otherwise } => {
                let (then, otherwise) = (self.region(then), self.region(otherwise));
                b.emit(
                    Op::Cond {
                        then: Arc::new(then),
                        otherwise: Arc::new(otherwise),
                    },
                    args,
                )
            }
            Op::Call(f) => {
                let f = self.function(f);
                b.emit(Op::Call(f), args)
            }
            // Not resolved: printing refuses them.
            Op::Reverse(_) | Op::Forward(_) => b.emit(op.clone(), args),
        }
    }

    fn function(&mut self, f: &Arc<Function>) -> Arc<Function> {
        if let Some(known) = self.functions.get(f) {
            return known.clone();
        }
        let region = self.region(&f.region);
        let made = Arc::new(Function {
            name: f.name.clone(),
            region,
        });
        self.functions.insert(f.clone(), made.clone());
        made
    }

    fn looped(&mut self, b: &mut Builder, l: &Loop, args: &[Slot]) -> Vec<Slot> {
        let body = Arc::new(self.region(&l.body));
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
            *out = flip(b, *out);
        }
        results
    }
}

/// Exchanges an axis with the leading one.
fn leading(b: &mut Builder, x: Slot, axis: usize) -> Slot {
    let mut perm: Vec<usize> = (0..b.ty(x).rank()).collect();
    perm.swap(0, axis);
    b.transpose(x, &perm)
}

fn flip(b: &mut Builder, x: Slot) -> Slot {
    b.prim(Prim::Flip(vec![0]), &[x])
}

/// A scan along the leading axis from its start.
fn scan(b: &mut Builder, fold: Fold, x: Slot, exclusive: bool) -> Slot {
    let ty = b.ty(x).clone();
    let n = ty.shape[0];
    if n == 0 {
        return x;
    }
    let scanned = |b: &mut Builder, x: Slot| match fold {
        Fold::Max => running(b, fold, BinaryOp::Max, x),
        Fold::Min => running(b, fold, BinaryOp::Min, x),
        // Typing admits no other scans than these two.
        Fold::Sum | Fold::Prod | Fold::LogSumExp | Fold::All | Fold::Any => {
            let prim = Prim::Scan {
                fold,
                axis: 0,
                exclusive: false,
                reverse: false,
            };
            b.prim(prim, &[x])
        }
    };
    if !exclusive {
        return scanned(b, x);
    }
    let mut len = ty.shape.clone();
    len[0] = n - 1;
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
    len[0] = 1;
    let first = b.full(fold.unit(ty.carrier), &len);
    b.prim(Prim::Concat(0), &[first, rest])
}

/// The running extremum, as a loop.
fn running(b: &mut Builder, fold: Fold, op: BinaryOp, x: Slot) -> Slot {
    let ty = b.ty(x).clone();
    let Some(row) = ty.element() else { return x };
    let params = vec![Type::scalar(Carrier::Int), row.clone(), row.clone()];
    let mut body = Builder::new(params);
    let next = body.binary(op, body.param(2), body.param(1));
    let body = body.finish(vec![next, next]);
    let init = b.full(fold.unit(ty.carrier), &row.shape);
    b.for_loop(ty.shape[0], false, &[], &[x], &[init], body)[1]
}
