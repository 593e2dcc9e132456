//! Random bits in counter mode: threefry 2x32 with 20 rounds.
//!
//! Source: Salmon, Moraes, Dror and Shaw, *Parallel Random Numbers: As Easy as 1, 2, 3* (SC 2011).
//! The arrangement of counters is the original, not partitionable one of JAX's default generator
//! (`jax_threefry_partitionable = False`): the counters 0, 1, …, n-1 are cut into two halves, the first
//! words and the second words of the blocks (a zero is appended to an odd number and its output
//! dropped), and the outputs are the first words of all blocks, then the second words.
//! So `bits`, `split` and `fold_in` have the bits of `jax.random`'s functions at 32 bits.

/// A key: two 32-bit words.
pub type Key = [u32; 2];

/// How far each round rotates: four rounds by the first row, four by the second, and so on.
const ROTATIONS: [[u32; 4]; 2] = [[13, 15, 26, 6], [17, 29, 16, 24]];

/// One block of the generator: 20 rounds, the key added before and after every four.
pub fn threefry2x32(key: Key, counter: [u32; 2]) -> [u32; 2] {
    let keys = [key[0], key[1], 0x1BD1_1BDA ^ key[0] ^ key[1]];
    let mut x = [
        counter[0].wrapping_add(keys[0]),
        counter[1].wrapping_add(keys[1]),
    ];
    for group in 0..5 {
        for rotation in ROTATIONS[group % 2] {
            x[0] = x[0].wrapping_add(x[1]);
            x[1] = x[1].rotate_left(rotation) ^ x[0];
        }
        x[0] = x[0].wrapping_add(keys[(group + 1) % 3]);
        x[1] = x[1].wrapping_add(keys[(group + 2) % 3]);
        x[1] = x[1].wrapping_add(group as u32 + 1);
    }
    x
}

/// The key of an `int[2]`: the low 32 bits of each word.
pub fn key(words: [i64; 2]) -> Key {
    [words[0] as u32, words[1] as u32]
}

/// `n` times 32 random bits; `n` is below 2^32.
pub fn bits(key: Key, n: usize) -> Vec<u32> {
    let mut out = vec![0; n];
    each(key, n, |i, word| out[i] = word);
    out
}

/// Hands over each of `n` times 32 random bits with its index, in no particular order.
pub fn each(key: Key, n: usize, mut put: impl FnMut(usize, u32)) {
    let half = n.div_ceil(2);
    for i in 0..half {
        // The second half begins at `half`; what pads an odd number is zero.
        let second = if half + i < n { half + i } else { 0 };
        let block = threefry2x32(key, [i as u32, second as u32]);
        put(i, block[0]);
        if half + i < n {
            put(half + i, block[1]);
        }
    }
}

/// `n` independent keys.
pub fn split(key: Key, n: usize) -> Vec<Key> {
    let words = bits(key, 2 * n);
    words.chunks_exact(2).map(|w| [w[0], w[1]]).collect()
}

/// A key for the use that is numbered by the low 32 bits of `data`.
pub fn fold_in(key: Key, data: i64) -> Key {
    threefry2x32(key, [0, data as u32])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers that are distributed with the paper's own implementation (Random123).
    #[test]
    fn known_answers() {
        let cases = [
            ([0, 0], [0, 0], [0x6b20_0159, 0x99ba_4efe]),
            ([!0, !0], [!0, !0], [0x1cb9_96fc, 0xbb00_2be7]),
            (
                [0x1319_8a2e, 0x0370_7344],
                [0x243f_6a88, 0x85a3_08d3],
                [0xc492_3a9c, 0x483d_f7a0],
            ),
        ];
        for (key, counter, expected) in cases {
            assert_eq!(threefry2x32(key, counter), expected);
        }
    }

    /// The two keys that JAX's documentation prints for `split(PRNGKey(0))`.
    #[test]
    fn split_as_in_jax() {
        let expected = vec![[4_146_024_105, 967_050_713], [2_718_843_009, 1_272_950_319]];
        assert_eq!(split([0, 0], 2), expected);
    }

    #[test]
    fn an_odd_number_pads_with_zero() {
        let key = [1, 2];
        let blocks = [threefry2x32(key, [0, 2]), threefry2x32(key, [1, 0])];
        assert_eq!(bits(key, 3), [blocks[0][0], blocks[1][0], blocks[0][1]]);
        assert!(bits(key, 0).is_empty());
    }

    #[test]
    fn folding_takes_the_low_word() {
        assert_eq!(fold_in([3, 4], 5), threefry2x32([3, 4], [0, 5]));
        assert_eq!(fold_in([3, 4], -1), fold_in([3, 4], i64::from(u32::MAX)));
    }
}
