//! Figures of regions, each found once however often a region is called.
//!
//! Functions that call functions twice are a graph, not a tree: a walk that follows every call would take
//! time exponential in the depth of calls.

use std::collections::HashMap;

use lentil_unary::Region;

/// How a figure is found from those of the regions inside.
pub type Find<'r, T> = fn(&mut Figures<'r, T>, &'r Region) -> T;

/// What is known of some regions. Looked up, never iterated over.
pub struct Figures<'r, T> {
    find: Find<'r, T>,
    known: HashMap<*const Region, T>,
}

impl<'r, T: Copy> Figures<'r, T> {
    /// Nothing is known yet.
    pub fn new(find: Find<'r, T>) -> Figures<'r, T> {
        Figures {
            find,
            known: HashMap::new(),
        }
    }

    /// The figure of a region.
    pub fn of(&mut self, region: &'r Region) -> T {
        let key = std::ptr::from_ref(region);
        if let Some(&known) = self.known.get(&key) {
            return known;
        }
        let found = (self.find)(self, region);
        self.known.insert(key, found);
        found
    }
}
