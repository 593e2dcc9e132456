//! The wish to stop, from outside a training loop to inside it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that is raised once, from a signal handler or another thread, and read between epochs:
/// what was learnt in finished epochs is then saved. Clones share the flag.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    requested: Arc<AtomicBool>,
}

impl Interrupt {
    /// A flag that is not raised.
    pub fn new() -> Interrupt {
        Interrupt::default()
    }

    /// Raises the flag; true if it was raised before, so that a second wish can be treated as more
    /// urgent than the first.
    pub fn request(&self) -> bool {
        self.requested.swap(true, Ordering::Relaxed)
    }

    /// The flag itself, for compiled code.
    pub fn flag(&self) -> &AtomicBool {
        &self.requested
    }

    /// Whether the flag is raised.
    pub fn requested(&self) -> bool {
        self.requested.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_seen_by_every_clone() {
        let interrupt = Interrupt::new();
        let seen = interrupt.clone();
        assert!(!seen.requested());
        let before = std::thread::spawn(move || interrupt.request())
            .join()
            .unwrap();
        assert!(!before);
        assert!(seen.requested());
        assert!(seen.request());
    }
}
