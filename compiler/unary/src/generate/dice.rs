//! Random choices that depend on a seed alone.

use crate::random::{Key, threefry2x32};

/// A stream of choices.
#[derive(Clone, Debug)]
pub(super) struct Dice {
    key: Key,
    count: u32,
}

impl Dice {
    pub(super) fn new(seed: u64) -> Dice {
        Dice {
            key: [(seed >> 32) as u32, seed as u32],
            count: 0,
        }
    }

    fn word(&mut self) -> u64 {
        self.count += 1;
        let [low, high] = threefry2x32(self.key, [self.count, 0]);
        u64::from(high) << 32 | u64::from(low)
    }

    /// A number below `n`, which is not zero.
    pub(super) fn below(&mut self, n: usize) -> usize {
        (self.word() % n as u64) as usize
    }

    /// Whether one of `n` equally likely things happens.
    pub(super) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of a list, which is not empty.
    pub(super) fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }

    /// One of a list, later ones more likely.
    pub(super) fn pick_late<T: Clone>(&mut self, items: &[T]) -> T {
        let k = self.below(items.len()).max(self.below(items.len()));
        items[k].clone()
    }

    /// The numbers below `n` in some order.
    pub(super) fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for k in (1..n).rev() {
            order.swap(k, self.below(k + 1));
        }
        order
    }

    /// A real between -1 and 1.
    pub(super) fn real(&mut self) -> f64 {
        (self.word() >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }

    /// An integer of a few digits, of either sign.
    pub(super) fn int(&mut self) -> i64 {
        self.below(19) as i64 - 9
    }
}
