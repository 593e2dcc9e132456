//! Vectorisation before derivatives are taken, of what they are taken of.
//!
//! *Before*: any region.
//! *After*: the same results; loops are array code where that pays, also in the functions of
//! `Reverse` and `Forward`, so that R meets matrix products.
//! *Size*: as `vectorise` says, for each function.

use std::collections::HashMap;
use std::sync::Arc;

use lentil_optimise::{VectoriseOptions, vectorise};
use lentil_unary::{Builder, Function, Loop, Op, Region, Slot};

/// The region vectorised; see the file's header.
pub fn vectorise_derivands(region: &Region, options: &VectoriseOptions) -> Region {
    Derivands {
        options,
        functions: HashMap::new(),
    }
    .vectorised(region)
}

struct Derivands<'a> {
    options: &'a VectoriseOptions,
    /// What each function became: callers share it before and after.
    functions: HashMap<Arc<Function>, Arc<Function>>,
}

impl Derivands<'_> {
    fn vectorised(&mut self, region: &Region) -> Region {
        vectorise(&self.region(region), self.options)
    }

    /// The region with what is differentiated in it vectorised.
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
            Op::Call(f) => Op::Call(self.function(f)),
            Op::Reverse(f) => Op::Reverse(self.function(f)),
            Op::Forward(f) => Op::Forward(self.function(f)),
        }
    }

    fn function(&mut self, f: &Arc<Function>) -> Arc<Function> {
        if let Some(known) = self.functions.get(f) {
            return known.clone();
        }
        let region = self.vectorised(&f.region);
        let made = Arc::new(Function {
            name: f.name.clone(),
            region,
        });
        self.functions.insert(f.clone(), made.clone());
        made
    }
}
