//! Edit distance between a pattern and a text: insertion, deletion, substitution and transposition of neighbours cost one
//! error each (optimal string alignment).
//!
//! A bit-parallel automaton reads the text letter by letter; its state says how much of the pattern is consumed with how
//! many errors (Wu and Manber, "Fast text searching allowing errors", 1992; transpositions by Hyyrö, 2003; both anchored at
//! the start). States can be kept for each prefix, so a tree of texts is searched in one pass.
//!
//! Deliberately absent: weights, such as those of neighbouring keys.

/// Letters of a pattern: one bit each, and one for the end.
const MAX_PATTERN_LETTERS: usize = 63;

/// The error limit of a word of this length.
pub(super) fn max_errors(letters: usize) -> u8 {
    match letters {
        0..4 => 0,
        4..8 => 1,
        _ => 2,
    }
}

/// A pattern, compiled for matching.
pub(super) struct Pattern {
    /// The positions of each letter in the pattern, as bits: a table for ASCII, a list for other letters.
    ascii: [u64; 128],
    others: Vec<(char, u64)>,
    first: char,
    end: u64,
    max_errors: u8,
}

/// How much of a pattern is consumed: bit `i` of `alive[e]` says that `i` letters can be consumed with `e` errors.
#[derive(Clone, Copy)]
pub(super) struct State {
    alive: [u64; 3],
    /// The positions of the letter read last in the pattern, as bits.
    read: u64,
}

impl Pattern {
    /// Compiles a pattern; `None` for one that is too long, or so short that no error is allowed.
    pub(super) fn new(letters: &[char]) -> Option<Self> {
        let (max_errors, first) = (max_errors(letters.len()), *letters.first()?);
        if max_errors == 0 || letters.len() > MAX_PATTERN_LETTERS {
            return None;
        }
        let mut pattern = Self { ascii: [0; 128], others: Vec::new(), first, end: 1 << letters.len(), max_errors };
        for (at, letter) in letters.iter().enumerate() {
            match pattern.ascii.get_mut(*letter as usize) {
                Some(positions) => *positions |= 1 << at,
                None => pattern.others.push((*letter, 1 << at)),
            }
        }
        Some(pattern)
    }

    /// Its letters, in no order.
    pub(super) fn letters(&self) -> impl Iterator<Item = char> {
        let ascii = (0_u8..).zip(&self.ascii).map(|(letter, positions)| (char::from(letter), *positions));
        let all = ascii.chain(self.others.iter().map(|(letter, positions)| (*letter, *positions)));
        all.flat_map(|(letter, positions)| std::iter::repeat_n(letter, positions.count_ones() as usize))
    }

    /// The most errors of a match.
    pub(super) fn max_errors(&self) -> u8 {
        self.max_errors
    }

    /// The fewest errors between the pattern and a prefix of a text, and those of the whole text; those within the limit.
    pub(super) fn errors_in(&self, text: impl Iterator<Item = char>) -> Option<(u8, Option<u8>)> {
        let (mut before, mut state) = (None, self.start());
        let (mut fewest, mut whole) = (None, None);
        for letter in text {
            let next = self.read(before.as_ref(), &state, letter);
            if next.is_dead() {
                return fewest.map(|fewest| (fewest, None));
            }
            whole = self.errors(&next);
            fewest = fewest.into_iter().chain(whole).min();
            (before, state) = (Some(state), next);
        }
        fewest.map(|fewest| (fewest, whole))
    }

    /// Its first letter.
    pub(super) fn first(&self) -> char {
        self.first
    }

    /// The state before the first letter.
    pub(super) fn start(&self) -> State {
        // With e errors the first e letters may be missing.
        let alive = [0b1, 0b11, 0b111];
        State { alive: std::array::from_fn(|e| if e <= usize::from(self.max_errors) { alive[e] } else { 0 }), read: 0 }
    }

    /// The next state after a letter. `before` is the previous state, for transpositions.
    #[inline]
    pub(super) fn read(&self, before: Option<&State>, state: &State, letter: char) -> State {
        let read = match self.ascii.get(letter as usize) {
            Some(positions) => *positions,
            None => self.others.iter().filter(|(other, _)| *other == letter).map(|(_, positions)| positions).sum(),
        };
        let mut alive = [0; 3];
        alive[0] = (state.alive[0] & read) << 1;
        for e in 1..=usize::from(self.max_errors) {
            let matched = (state.alive[e] & read) << 1;
            let (added, replaced, left_out) = (state.alive[e - 1], state.alive[e - 1] << 1, alive[e - 1] << 1);
            let swapped = before.map_or(0, |before| (before.alive[e - 1] & read & (state.read >> 1)) << 2);
            alive[e] = (matched | added | replaced | left_out | swapped) & (self.end | (self.end - 1));
        }
        State { alive, read }
    }

    /// The errors between the whole pattern and the text read, if they are within the limit.
    pub(super) fn errors(&self, state: &State) -> Option<u8> {
        (0..=self.max_errors).find(|e| state.alive[usize::from(*e)] & self.end != 0)
    }

    /// The errors between the pattern and a whole text, if they are within the limit.
    #[cfg(test)]
    pub(super) fn match_whole(&self, text: &[char]) -> Option<u8> {
        let mut found = None;
        self.run(text, |state, len| found = if len == text.len() { self.errors(state) } else { None });
        found
    }

    /// The errors between the pattern and the closest prefix of a text, and the length of that prefix. Of equally close ones
    /// a prefix that `ends` a word is preferred, then the longest.
    pub(super) fn match_prefix(&self, text: &[char], ends: impl Fn(usize) -> bool) -> Option<(u8, usize)> {
        let mut best: Option<(u8, usize)> = None;
        self.run(text, |state, len| {
            let Some(errors) = self.errors(state) else { return };
            if best.is_none_or(|(fewest, at)| errors < fewest || (errors == fewest && ends(len) >= ends(at))) {
                best = Some((errors, len));
            }
        });
        best
    }

    fn run(&self, text: &[char], mut visit: impl FnMut(&State, usize)) {
        let (mut before, mut state) = (None, self.start());
        visit(&state, 0);
        for (position, letter) in text.iter().enumerate() {
            let next = self.read(before.as_ref(), &state, *letter);
            if next.is_dead() {
                return;
            }
            (before, state) = (Some(state), next);
            visit(&state, position + 1);
        }
    }
}

impl State {
    /// Whether no continuation of the text can match. A transposition cannot revive it: a state with an error left for one is
    /// still alive after the letter between, as an insertion.
    pub(super) fn is_dead(&self) -> bool {
        self.alive == [0; 3]
    }
}
