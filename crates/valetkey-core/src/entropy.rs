//! Randomness drawn in blocks.

use std::sync::{Mutex, PoisonError};

use zeroize::Zeroize;

use crate::Entropy;

/// How many bytes are drawn at once.
const BLOCK: usize = 1024;

/// The longest that is taken of a block, in bytes.
const LONGEST: usize = 32;

/// Randomness that is drawn in blocks, because each id needs some and asking the system costs more than making the id.
/// Each byte is given out once and overwritten here.
pub struct Blocks<E> {
    source: E,
    left: Mutex<Left>,
}

struct Left {
    block: [u8; BLOCK],
    /// How much of the block was given out.
    used: usize,
}

impl<E> Blocks<E> {
    /// Blocks of what `source` gives.
    pub fn of(source: E) -> Self {
        Self { source, left: Mutex::new(Left { block: [0; BLOCK], used: BLOCK }) }
    }
}

impl<E: Entropy> Entropy for Blocks<E> {
    fn fill(&self, bytes: &mut [u8]) {
        if bytes.len() > LONGEST {
            return self.source.fill(bytes);
        }
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if BLOCK - left.used < bytes.len() {
            self.source.fill(&mut left.block);
            left.used = 0;
        }
        let next = left.used + bytes.len();
        let taken = left.used..next;
        bytes.copy_from_slice(&left.block[taken.clone()]);
        left.block[taken].zeroize();
        left.used = next;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    /// Gives the numbers from 0 on.
    struct Counting(AtomicU8);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
        }
    }

    #[test]
    fn every_byte_is_given_out_once_and_is_overwritten_here() {
        let blocks = Blocks::of(Counting(AtomicU8::new(0)));
        let mut given = Vec::new();
        for length in [1, 10, 32, 7] {
            let mut bytes = vec![0; length];
            blocks.fill(&mut bytes);
            given.extend(bytes);
        }
        assert_eq!(given, (0..50).collect::<Vec<u8>>());
        let left = blocks.left.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(left.block[..50].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn what_does_not_fit_into_the_rest_of_a_block_comes_of_the_next_and_long_texts_of_the_source() {
        let blocks = Blocks::of(Counting(AtomicU8::new(0)));
        let mut bytes = [0; 30];
        for _ in 0..BLOCK / bytes.len() {
            blocks.fill(&mut bytes);
        }
        blocks.fill(&mut bytes);
        // 1024 is a multiple of 256, so that the next block begins with 0 again.
        assert_eq!(bytes[..3], [0, 1, 2]);
        let mut long = [0; 33];
        blocks.fill(&mut long);
        assert_eq!(long[..3], [0, 1, 2]);
    }
}
