//! Choices that look random and are the same on every machine: for laws, tests and fuzzing. What a
//! *program* draws is [`crate::random`].

use crate::carrier::{Carrier, Type};
use crate::value::Array;

/// A seeded source of choices: SplitMix64 (Steele, Lea and Flood, *Fast Splittable Pseudorandom Number
/// Generators*, 2014).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The source of a seed.
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// The source of a seed and of what it is used for, so that the choices of one law do not depend on
    /// those of another.
    pub fn about(seed: u64, purpose: &str) -> Dice {
        let mut dice = Dice(seed ^ hash(purpose.as_bytes()));
        dice.word();
        dice
    }

    /// A source of its own, for one case.
    pub fn split(&mut self) -> Dice {
        Dice(self.word())
    }

    /// 64 bits.
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`; zero if there is none.
    pub fn below(&mut self, n: usize) -> usize {
        match n {
            0 => 0,
            n => (self.word() % n as u64) as usize,
        }
    }

    /// Whether something of this chance, in percent, happens.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of several things, if there is one.
    pub fn pick<'t, T>(&mut self, from: &'t [T]) -> Option<&'t T> {
        from.get(self.below(from.len()))
    }

    /// A real number from 0 (inclusive) to 1 (exclusive).
    pub fn unit(&mut self) -> f64 {
        (self.word() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A real number from -1 (inclusive) to 1 (exclusive).
    pub fn real(&mut self) -> f64 {
        (self.word() >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }

    /// An array of a type: reals between -1 and 1, elements of a ring, small whole numbers.
    pub fn array(&mut self, ty: &Type) -> Array {
        let mut element = || match ty.carrier {
            Carrier::F32 | Carrier::F64 => self.real(),
            Carrier::Bool => (self.word() % 2) as f64,
            Carrier::Bit | Carrier::Mod(_) | Carrier::Int => (self.word() % 64) as f64,
        };
        let values: Vec<f64> = (0..ty.len()).map(|_| element()).collect();
        Array::from_f64(ty.clone(), &values)
    }

    /// An array for each type.
    pub fn arrays(&mut self, types: &[Type]) -> Vec<Array> {
        types.iter().map(|ty| self.array(ty)).collect()
    }
}

/// A number that stands for some bytes: FNV-1a.
pub fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_depend_on_the_seed_and_the_purpose_alone() {
        let words = |seed, purpose: &str| {
            let mut dice = Dice::about(seed, purpose);
            [dice.word(), dice.word(), dice.split().word()]
        };
        assert_eq!(words(1, "a law"), words(1, "a law"));
        assert_ne!(words(1, "a law"), words(2, "a law"));
        assert_ne!(words(1, "a law"), words(1, "another law"));
        // Held for ever: a seed that is written down must mean the same tomorrow.
        assert_eq!(Dice::about(1, "a law").word(), 1_756_732_133_329_152_157);
    }
}
