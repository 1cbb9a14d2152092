//! Cases for a parser: what it takes, and that with bytes flipped, put in, taken out, repeated and spliced. Most of them
//! get past a parser's first check, which random bytes seldom do; some are random all the same.

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A case grows no longer than this: more is refused before a parser sees it.
const MAX_LEN: usize = 4096;
const MAX_RANDOM_LEN: usize = 64;
/// How many changes a case has at most.
const MAX_CHANGES: usize = 5;

/// What parsers have stumbled over: ends of ranges, other alphabets, quotes that do not end, what means something else to
/// the next parser.
const TRICKS: [&str; 46] = [
    "\0",
    "\n",
    "\r\n",
    "\t",
    " ",
    "\u{a0}",
    "\u{feff}",
    "\u{202e}",
    "\u{200d}",
    "é",
    "e\u{301}",
    "İ",
    "ß",
    "日本",
    "🦀",
    "\"",
    "'",
    "\\",
    "\\u0000",
    "\\ud800",
    "\\u00e9",
    ",",
    ";",
    ":",
    "=",
    ".",
    "..",
    "-",
    "+",
    "*",
    "/",
    "%",
    "%00",
    "%C3%28",
    "{",
    "}",
    "[",
    "]",
    "null",
    "true",
    "1e999",
    "-0",
    "0.0000001",
    "18446744073709551616",
    "99999999999999999999999999999999999999",
    "W/\"",
];

/// Makes cases, the same ones for the same seed.
pub(super) struct Mutation<'a> {
    rng: ChaCha8Rng,
    samples: &'a [Vec<u8>],
}

impl<'a> Mutation<'a> {
    pub(super) fn new(seed: u64, samples: &'a [Vec<u8>]) -> Self {
        Self { rng: ChaCha8Rng::seed_from_u64(seed), samples }
    }

    /// The next case.
    pub(super) fn case(&mut self) -> Vec<u8> {
        let mut case = match self.rng.random_range(0..16) {
            0 => self.random(),
            1 => (0..self.rng.random_range(1..8)).flat_map(|_| self.trick()).collect(),
            _ => self.sample(),
        };
        for _ in 0..self.rng.random_range(0..=MAX_CHANGES) {
            self.change(&mut case);
        }
        case.truncate(MAX_LEN);
        case
    }

    fn random(&mut self) -> Vec<u8> {
        (0..self.rng.random_range(0..MAX_RANDOM_LEN)).map(|_| self.rng.random()).collect()
    }

    fn sample(&mut self) -> Vec<u8> {
        self.samples.choose(&mut self.rng).cloned().unwrap_or_default()
    }

    fn trick(&mut self) -> Vec<u8> {
        TRICKS.choose(&mut self.rng).map(|trick| trick.as_bytes().to_vec()).unwrap_or_default()
    }

    /// A part of a text, which may be empty.
    fn part(&mut self, len: usize) -> std::ops::Range<usize> {
        let start = self.rng.random_range(0..=len);
        start..self.rng.random_range(start..=len.min(start + 16))
    }

    fn change(&mut self, case: &mut Vec<u8>) {
        let at = self.rng.random_range(0..=case.len());
        match self.rng.random_range(0..9) {
            0 if at < case.len() => case[at] ^= 1 << self.rng.random_range(0..8),
            1 if at < case.len() => case[at] = self.rng.random_range(b' '..=b'~'),
            2 => case.insert(at, self.rng.random()),
            3 => drop(case.splice(at..at, self.trick())),
            4 => drop(case.drain(self.part(case.len()))),
            5 => {
                let part = case[self.part(case.len())].repeat(self.rng.random_range(1..=32));
                drop(case.splice(at..at, part));
            }
            6 => {
                let other = self.sample();
                case.truncate(at);
                case.extend_from_slice(&other[self.rng.random_range(0..=other.len())..]);
            }
            7 => {
                let part = self.part(case.len());
                let trick = self.trick();
                drop(case.splice(part, trick));
            }
            _ => case.truncate(at),
        }
    }
}
