//! Counter-based random numbers: a hash of the seed, a name and an index, so that any part of a simulated history is
//! computed without the rest. Not for security.

/// Octaves of a walk: value noise with periods of 1, 2, 4, … 1,024 steps.
const OCTAVES: u32 = 11;

/// A stream of random numbers, independent for each seed and name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noise(u64);

impl Noise {
    /// The stream of this name (FNV-1a of its bytes).
    pub(super) fn named(seed: u64, name: &str) -> Self {
        let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        Self(mix(name.bytes().fold(0xcbf2_9ce4_8422_2325, fold) ^ mix(seed)))
    }

    /// An independent stream derived from this one.
    pub(super) fn part(self, number: u64) -> Self {
        Self(mix(self.0 ^ mix(number)))
    }

    /// A uniform number in [0, 1).
    pub(super) fn unit(self, index: i64) -> f64 {
        (self.part(index.cast_unsigned()).0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// An approximately standard normal number: the scaled sum of four uniform ones, at most 3.5 from zero.
    pub(super) fn normal(self, index: i64) -> f64 {
        let bits = self.part(index.cast_unsigned()).0;
        let sum: f64 = (0..4).map(|part| f64::from((bits >> (16 * part)) as u16) / 65_536.0).sum();
        (sum - 2.0) * 3_f64.sqrt()
    }

    /// A random walk's level at a step, with steps of about standard deviation 1: a sum of octaves of interpolated
    /// noise, whose amplitude is the square root of their period.
    pub(super) fn walk(self, index: i64) -> f64 {
        let octave_level = |octave: u32| {
            let (noise, length) = (self.part(u64::from(octave)), 1_i64 << octave);
            let (knot, along) = (index.div_euclid(length), index.rem_euclid(length) as f64 / length as f64);
            (length as f64).sqrt() * (noise.normal(knot) * (1.0 - along) + noise.normal(knot + 1) * along)
        };
        (0..OCTAVES).map(octave_level).sum::<f64>() / 2.0
    }
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_by_name_seed_and_index() {
        let unit = |seed, name, at| Noise::named(seed, name).unit(at);
        assert_eq!(unit(1, "AAPL", 0).to_bits(), unit(1, "AAPL", 0).to_bits());
        for other in [unit(2, "AAPL", 0), unit(1, "MSFT", 0), unit(1, "AAPL", 1), unit(1, "AAPL", -1)] {
            assert!((unit(1, "AAPL", 0) - other).abs() > 1e-9);
        }
    }

    #[test]
    fn numbers_and_steps_have_the_documented_deviation() {
        let noise = Noise::named(1, "AAPL");
        let deviation = |numbers: &[f64]| {
            let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
            (numbers.iter().map(|number| (number - mean).powi(2)).sum::<f64>() / numbers.len() as f64).sqrt()
        };
        let normals: Vec<f64> = (0..4_000).map(|at| noise.normal(at)).collect();
        let steps: Vec<f64> = (0..4_000).map(|at| noise.walk(at + 1) - noise.walk(at)).collect();
        assert!((0.95..1.05).contains(&deviation(&normals)), "{}", deviation(&normals));
        assert!((0.9..1.1).contains(&deviation(&steps)), "{}", deviation(&steps));
        assert!((0..4_000).all(|at| (0.0..1.0).contains(&noise.unit(at))));
    }
}
