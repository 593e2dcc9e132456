//! What runs show on their way: the values that [`crate::Prim::Trace`] is given, in the evaluators and in
//! compiled code alike.
//!
//! Whoever wants to see them sets a watcher, one for the process, as with the hook of panics. Where nobody
//! watches, nothing is shown.

use std::sync::{Arc, PoisonError, RwLock};

use crate::value::Array;

/// Receives the name and the value. It is called by whichever thread runs the program.
pub type Watcher = dyn Fn(&str, &Array) + Send + Sync;

static WATCHER: RwLock<Option<Arc<Watcher>>> = RwLock::new(None);

/// Sets the watcher, or takes it away; returns the one that watched before.
pub fn set(watcher: Option<Arc<Watcher>>) -> Option<Arc<Watcher>> {
    let mut place = WATCHER.write().unwrap_or_else(PoisonError::into_inner);
    std::mem::replace(&mut place, watcher)
}

/// Whether anybody watches.
pub fn watched() -> bool {
    let place = WATCHER.read().unwrap_or_else(PoisonError::into_inner);
    place.is_some()
}

/// Shows a value to the watcher.
pub fn show(name: &str, value: &Array) {
    // The lock is not held while the watcher works: it may set another.
    let place = WATCHER.read().unwrap_or_else(PoisonError::into_inner);
    let watcher = place.clone();
    drop(place);
    if let Some(watcher) = watcher {
        watcher(name, value);
    }
}
