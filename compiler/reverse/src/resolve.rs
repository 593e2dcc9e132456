//! Replaces every derivative that is asked for by the program that computes it, innermost first.
//!
//! *Before*: any region.
//! *After*: the same results; no `Reverse` and no `Forward` remains, in no body and no function.
//! *Size*: for each differentiated function, the joint program's.

use std::sync::Arc;

use lentil_unary::{Builder, Function, Loop, Op, Region, Slot};

use crate::hoist::hoist;
use crate::memo::{Memo, Purpose};
use crate::{forward_resolved, reverse_resolved};

/// See [`crate::resolve`].
pub(crate) fn resolve(memo: &mut Memo, region: &Region) -> Region {
    let mut b = Builder::new(region.params().to_vec());
    let mut map = b.param_slots();
    for step in region.steps() {
        let args: Vec<Slot> = step.args.iter().map(|a| map[a.index()]).collect();
        let op = match &step.op {
            Op::Prim(_) => step.op.clone(),
            Op::Loop(l) => Op::Loop(Loop {
                body: Arc::new(resolve(memo, &l.body)),
                ..l.clone()
            }),
            Op::Cond { then, otherwise } => Op::Cond {
                then: Arc::new(resolve(memo, then)),
                otherwise: Arc::new(resolve(memo, otherwise)),
            },
            Op::Call(f) => Op::Call(made(memo, f, Purpose::Resolved)),
            Op::Reverse(f) => Op::Call(made(memo, f, Purpose::Reverse)),
            Op::Forward(f) => Op::Call(made(memo, f, Purpose::Forward)),
        };
        map.extend(b.emit(op, &args));
    }
    let results = region.results().iter();
    b.finish(results.map(|r| map[r.index()]).collect())
}

/// The function made from a function; once for each.
fn made(memo: &mut Memo, f: &Arc<Function>, purpose: Purpose) -> Arc<Function> {
    let key = (purpose, f.clone());
    if let Some(known) = memo.functions.get(&key) {
        return known.clone();
    }
    let resolved = resolve(memo, &f.region);
    let wanted = vec![true; resolved.params().len()];
    let function = match purpose {
        Purpose::Resolved => Function {
            name: f.name.clone(),
            region: resolved,
        },
        Purpose::Reverse => Function {
            name: format!("{}.reverse", f.name),
            region: reverse_resolved(memo, &hoist(&resolved), &wanted, &[]),
        },
        Purpose::Forward => Function {
            name: format!("{}.forward", f.name),
            region: forward_resolved(memo, &resolved, &[]),
        },
    };
    let function = Arc::new(function);
    memo.functions.insert(key, function.clone());
    function
}
