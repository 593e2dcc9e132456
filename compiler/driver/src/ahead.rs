//! What is done before derivatives are taken, to what they are taken of.
//!
//! *Before*: any region.
//! *After*: the same results; loops are array code where that pays, also in the functions of
//! `Reverse` and `Forward`, so that R meets matrix products; and those functions are rewritten by
//! equations that commute with R.
//! *Size*: as the two passes say, for each function.

use std::collections::HashMap;
use std::sync::Arc;

use lentil_unary::{Builder, Function, Lens, Loop, Op, Region, Slot};

/// A pass over one region.
pub type Pass<'a> = &'a dyn Fn(&Region) -> Region;

/// The region with one pass over itself and the functions that it calls, and another, after that one,
/// over the functions that are differentiated in it; see the file's header.
pub fn prepare_derivands(region: &Region, every: Pass<'_>, derivand: Pass<'_>) -> Region {
    let mut derivands = Derivands {
        every,
        derivand,
        functions: HashMap::new(),
    };
    every(&derivands.region(region))
}

struct Derivands<'a> {
    every: Pass<'a>,
    derivand: Pass<'a>,
    /// What each function became where it is called, and where it is differentiated: callers share it
    /// before and after.
    functions: HashMap<(Use, Arc<Function>), Arc<Function>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Use {
    Called,
    Differentiated,
}

impl Derivands<'_> {
    /// The region with what is called and differentiated in it prepared.
    fn region(&mut self, region: &Region) -> Region {
        let mut b = Builder::new(region.params().to_vec());
        let mut map = b.param_slots();
        for step in region.steps() {
            let args: Vec<Slot> = step.args.iter().map(|a| map[a.index()]).collect();
            let op = self.op(&step.op);
            map.extend(b.emit(op, &args));
        }
        let results = region.results().iter().map(|r| map[r.index()]).collect();
        b.finish(results)
    }

    fn op(&mut self, op: &Op) -> Op {
        match op {
            Op::Prim(_) => op.clone(),
            Op::Loop(l) => {
                let body = Arc::new(self.region(&l.body));
                Op::Loop(Loop { body, ..l.clone() })
            }
            Op::Cond { then, otherwise } => Op::Cond {
                then: Arc::new(self.region(then)),
                otherwise: Arc::new(self.region(otherwise)),
            },
            Op::Call(f) => Op::Call(self.function(Use::Called, f)),
            Op::Reverse(f) => Op::Reverse(self.function(Use::Differentiated, f)),
            Op::Forward(f) => Op::Forward(self.function(Use::Differentiated, f)),
            // `put` takes the place of the derivative of `get`, so neither is differentiated here.
            Op::Lens(l) => Op::Lens(Arc::new(Lens::new(
                self.function(Use::Called, &l.get),
                self.function(Use::Called, &l.put),
            ))),
        }
    }

    fn function(&mut self, used: Use, f: &Arc<Function>) -> Arc<Function> {
        let key = (used, f.clone());
        if let Some(known) = self.functions.get(&key) {
            return known.clone();
        }
        let region = (self.every)(&self.region(&f.region));
        let region = match used {
            Use::Called => region,
            Use::Differentiated => (self.derivand)(&region),
        };
        let name = f.name.clone();
        let made = Arc::new(Function { name, region });
        self.functions.insert(key, made.clone());
        made
    }
}
