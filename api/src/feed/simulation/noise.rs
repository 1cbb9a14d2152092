//! Numbers that look like chance and are a function of the place at which they are asked for, so that any part of a past
//! can be made without the rest of it.

/// What walks are made of: waves of 1, 2, 4, … 1,024 steps.
const OCTAVES: u32 = 11;

/// A field of numbers, of its own for each seed and name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noise(u64);

impl Noise {
    /// The field of this name (FNV-1a of its bytes).
    pub(super) fn named(seed: u64, name: &str) -> Self {
        let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        Self(mix(name.bytes().fold(0xcbf2_9ce4_8422_2325, fold) ^ mix(seed)))
    }

    /// A field beside this one, by number.
    pub(super) fn part(self, number: u64) -> Self {
        Self(mix(self.0 ^ mix(number)))
    }

    /// A number from 0 to 1, below that.
    pub(super) fn unit(self, at: i64) -> f64 {
        (self.part(at.cast_unsigned()).0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number of the standard normal distribution, near enough: the sum of four of the uniform one, so no further than
    /// 3.5 from zero.
    pub(super) fn normal(self, at: i64) -> f64 {
        let bits = self.part(at.cast_unsigned()).0;
        let sum: f64 = (0..4).map(|part| f64::from((bits >> (16 * part)) as u16) / 65_536.0).sum();
        (sum - 2.0) * 3_f64.sqrt()
    }

    /// Where a random walk is at a step, with steps of about the standard deviation 1: a sum of waves, each twice as long
    /// as the one before and higher by the root of that.
    pub(super) fn walk(self, at: i64) -> f64 {
        let wave = |octave: u32| {
            let (field, length) = (self.part(u64::from(octave)), 1_i64 << octave);
            let (knot, along) = (at.div_euclid(length), at.rem_euclid(length) as f64 / length as f64);
            (length as f64).sqrt() * (field.normal(knot) * (1.0 - along) + field.normal(knot + 1) * along)
        };
        (0..OCTAVES).map(wave).sum::<f64>() / 2.0
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
    fn fields_of_other_names_seeds_and_places_differ() {
        let unit = |seed, name, at| Noise::named(seed, name).unit(at);
        assert_eq!(unit(1, "AAPL", 0).to_bits(), unit(1, "AAPL", 0).to_bits());
        for other in [unit(2, "AAPL", 0), unit(1, "MSFT", 0), unit(1, "AAPL", 1), unit(1, "AAPL", -1)] {
            assert!((unit(1, "AAPL", 0) - other).abs() > 1e-9);
        }
    }

    #[test]
    fn numbers_and_steps_spread_as_they_say() {
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
