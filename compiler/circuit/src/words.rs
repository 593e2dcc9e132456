//! Packs samples into words and back: 64 samples a word, bit `k` for sample `k`.
//!
//! Samples come row by row (a sample's bits side by side); a netlist wants them column by column (one
//! input's bit of 64 samples in a word). The change between the two is the transposition of a 64 by 64
//! matrix of bits, done in six rounds of exchanging blocks of half the size
//! (Warren, *Hacker's Delight*, section 7-3).

/// Transposes a 64 by 64 matrix of bits: bit `j` of word `i` and bit `i` of word `j` change places.
pub fn transpose(rows: &mut [u64; 64]) {
    let mut half = 32;
    // The columns of the lower half of each block.
    let mut mask: u64 = 0x0000_0000_ffff_ffff;
    while half > 0 {
        for block in (0..64).step_by(2 * half) {
            for i in block..block + half {
                let change = ((rows[i] >> half) ^ rows[i + half]) & mask;
                rows[i] ^= change << half;
                rows[i + half] ^= change;
            }
        }
        half /= 2;
        mask ^= mask << half;
    }
}

/// Packs up to 64 samples of equal width, one after another, a byte for each bit (0, or anything else
/// for 1), into one word for each of the sample's bits. Lanes without a sample are 0.
///
/// # Panics
/// If there are more than 64 samples, or the bytes do not divide evenly among them.
pub fn pack(samples: usize, bytes: &[u8]) -> Vec<u64> {
    assert!(samples <= 64, "{samples} samples in a word");
    if samples == 0 {
        assert!(bytes.is_empty(), "bits of no sample");
        return Vec::new();
    }
    assert_eq!(bytes.len() % samples, 0, "samples of unequal width");
    let width = bytes.len() / samples;
    let mut words = Vec::with_capacity(width);
    for start in (0..width).step_by(64) {
        let columns = (width - start).min(64);
        let mut block = [0u64; 64];
        for (row, sample) in block.iter_mut().zip(bytes.chunks_exact(width)) {
            for (k, &bit) in sample[start..start + columns].iter().enumerate() {
                *row |= u64::from(bit != 0) << k;
            }
        }
        transpose(&mut block);
        words.extend_from_slice(&block[..columns]);
    }
    words
}

/// The inverse of [`pack`]: `samples` samples, one after another, a byte (0 or 1) for each word given.
///
/// # Panics
/// If there are more than 64 samples.
pub fn unpack(samples: usize, words: &[u64]) -> Vec<u8> {
    assert!(samples <= 64, "{samples} samples in a word");
    let width = words.len();
    let mut bytes = vec![0u8; samples * width];
    for (start, columns) in (0..).step_by(64).zip(words.chunks(64)) {
        let mut block = [0u64; 64];
        block[..columns.len()].copy_from_slice(columns);
        transpose(&mut block);
        for (row, sample) in block.iter().zip(bytes.chunks_exact_mut(width)) {
            for (k, bit) in sample[start..start + columns.len()].iter_mut().enumerate() {
                *bit = (row >> k & 1) as u8;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small linear congruential generator: the tests want any bits, the same each time.
    fn noise(n: usize) -> Vec<u64> {
        let mut state = 0x853c_49e6_748f_ea9b_u64;
        (0..n)
            .map(|_| {
                state = state
                    .wrapping_mul(6364136223846793005)
                    .wrapping_add(1442695040888963407);
                state ^ (state >> 29)
            })
            .collect()
    }

    #[test]
    fn transposition_moves_every_bit() {
        let words: [u64; 64] = noise(64).try_into().expect("64 words");
        let mut turned = words;
        transpose(&mut turned);
        for (i, row) in words.iter().enumerate() {
            for (j, column) in turned.iter().enumerate() {
                assert_eq!(row >> j & 1, column >> i & 1, "bit {i}, {j}");
            }
        }
        transpose(&mut turned);
        assert_eq!(turned, words);
    }

    #[test]
    fn packing_puts_each_bit_in_its_lane() {
        for (samples, width) in [
            (1, 1),
            (3, 5),
            (64, 64),
            (64, 1),
            (1, 200),
            (37, 130),
            (5, 0),
        ] {
            let bytes: Vec<u8> = noise(samples * width)
                .iter()
                .map(|w| (w >> 40 & 1) as u8)
                .collect();
            let words = pack(samples, &bytes);
            assert_eq!(words.len(), width);
            for (j, word) in words.iter().enumerate() {
                for k in 0..64 {
                    let wanted = if k < samples { bytes[k * width + j] } else { 0 };
                    assert_eq!((word >> k & 1) as u8, wanted, "sample {k}, bit {j}");
                }
            }
            assert_eq!(unpack(samples, &words), bytes);
        }
    }
}
