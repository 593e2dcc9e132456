//! What is done before derivatives are taken, to what they are taken of.
//!
//! *Before*: any region.
//! *After*: the same results; loops are array code where that pays, also in the functions of
//! `Reverse` and `Forward`, so that R meets matrix products; and those functions are rewritten by
//! equations that commute with R.
//! *Size*: as the two passes say, for each function.

use std::collections::HashMap;
use std::sync::Arc;

use lentil_unary::{Function, Rebuild, Rebuilt, Region, rebuild};

/// A pass over one region.
pub type Pass<'a> = &'a dyn Fn(&Region) -> Region;

/// The region with one pass over itself and the functions that it calls, and another, after that one,
/// over the functions that are differentiated in it; see the file's header.
pub fn prepare_derivands(region: &Region, every: Pass<'_>, derivand: Pass<'_>) -> Region {
    let mut derivands = Derivands {
        every,
        derivand,
        rebuilt: Rebuilt::default(),
        differentiated: HashMap::new(),
    };
    derivands.region(region)
}

struct Derivands<'a> {
    every: Pass<'a>,
    derivand: Pass<'a>,
    rebuilt: Rebuilt,
    /// What each function became where it is differentiated. Looked up, never iterated over.
    differentiated: HashMap<Arc<Function>, Arc<Function>>,
}

impl Rebuild for Derivands<'_> {
    fn rebuilt(&mut self) -> &mut Rebuilt {
        &mut self.rebuilt
    }

    fn region(&mut self, region: &Region) -> Region {
        (self.every)(&self.inner(region))
    }

    /// `every` goes into bodies by itself.
    fn body(&mut self, body: &Arc<Region>) -> Arc<Region> {
        Arc::new(self.inner(body))
    }

    /// `put` takes the place of the derivative of `get`, so neither half of a lens comes here.
    fn derivand(&mut self, f: &Arc<Function>) -> Arc<Function> {
        if let Some(known) = self.differentiated.get(f) {
            return known.clone();
        }
        let called = self.function(f);
        let made = called.with_region((self.derivand)(&called.region));
        self.differentiated.insert(f.clone(), made.clone());
        made
    }
}

impl Derivands<'_> {
    /// The region with what is called and differentiated in it prepared.
    fn inner(&mut self, region: &Region) -> Region {
        rebuild(region, |b, step, args| b.emit(self.inside(&step.op), args))
    }
}
