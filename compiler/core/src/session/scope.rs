//! What the inputs of a session have bound, each name with all its meanings: an input sees those that
//! were there before it, so that a definition keeps its meaning when a name that it uses is bound anew.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::elaborate::bindings::Held;
use crate::module::{DefId, ModuleId};

/// The names of a session.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    /// The meanings of each name, and by which input each was bound, in order.
    names: BTreeMap<Arc<str>, Vec<(ModuleId, DefId)>>,
    /// What the names bound by `let` stand for.
    held: BTreeMap<DefId, Held>,
    /// The names in the order in which they were bound.
    log: Vec<Arc<str>>,
}

impl Scope {
    /// What a name means to an input.
    pub(crate) fn lookup(&self, input: ModuleId, name: &str) -> Option<DefId> {
        let meanings = self.names.get(name)?;
        let before = meanings.partition_point(|&(since, _)| since < input);
        Some(meanings[before.checked_sub(1)?].1)
    }

    /// All names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.names.keys()
    }

    /// What a name bound by `let` stands for.
    pub(crate) fn held(&self, def: DefId) -> Option<&Held> {
        self.held.get(&def)
    }

    /// Binds a name, for the inputs after this one.
    pub(crate) fn bind(&mut self, input: ModuleId, name: Arc<str>, def: DefId) {
        self.names
            .entry(name.clone())
            .or_default()
            .push((input, def));
        self.log.push(name);
    }

    /// Says what a name bound by `let` stands for.
    pub(crate) fn hold(&mut self, def: DefId, held: Held) {
        self.held.insert(def, held);
    }

    /// How many bindings there are.
    pub(crate) fn count(&self) -> usize {
        self.log.len()
    }

    /// Forgets all bindings but the first ones.
    pub(crate) fn truncate(&mut self, count: usize) {
        for name in self.log.split_off(count).into_iter().rev() {
            if let Some(meanings) = self.names.get_mut(&name) {
                meanings.pop();
                if meanings.is_empty() {
                    self.names.remove(&name);
                }
            }
        }
    }
}
