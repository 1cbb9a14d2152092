//! The source of randomness: the one place that asks the operating system's generator.

use rand::distr::uniform::{SampleRange, SampleUniform};

/// Random bytes, for keys and tokens.
#[expect(clippy::disallowed_methods, reason = "the one place")]
pub fn bytes<const N: usize>() -> [u8; N] {
    rand::random()
}

/// A random number, for ids of connections and seeds of generators.
#[expect(clippy::disallowed_methods, reason = "the one place")]
pub fn number() -> u64 {
    rand::random()
}

/// A random value of a range, for jitter.
#[expect(clippy::disallowed_methods, reason = "the one place")]
pub fn within<T: SampleUniform>(range: impl SampleRange<T>) -> T {
    rand::random_range(range)
}
