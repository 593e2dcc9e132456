//! Numbers that look random and are the same in every run.

use lentil_unary::{Array, Carrier, Type};

/// A seeded source of numbers (SplitMix64).
#[derive(Clone, Debug)]
pub struct Dice(pub u64);

impl Dice {
    /// 64 bits.
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`, which is not zero.
    pub fn below(&mut self, n: usize) -> usize {
        (self.word() % n as u64) as usize
    }

    /// A real number between -1 and 1.
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
