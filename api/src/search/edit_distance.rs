//! Typing errors: the distance between what was typed and what is there, counting a letter too many, too few or wrong,
//! or two neighbours swapped, as one error (optimal string alignment).
//!
//! The distances are not computed but walked: an automaton reads the text letter by letter and holds, as bits, how
//! much of the pattern is consumed with how many errors (Wu and Manber, "Fast text searching allowing errors", 1992,
//! with the swap of Hyyrö, 2003, both anchored at the beginning). So a tree of texts is read once for all of them.
//!
//! Deliberately absent: weights, such as neighbours on a keyboard.

/// The most letters of a pattern: one bit each, and one for the end.
const MAX_PATTERN: usize = 63;

/// How many errors are forgiven in a word of this length.
pub(super) fn forgiven(letters: usize) -> u8 {
    match letters {
        0..4 => 0,
        4..8 => 1,
        _ => 2,
    }
}

/// A pattern, ready to read texts.
pub(super) struct Pattern {
    /// Where in the pattern each of its letters is: a table for ASCII, a list for the others.
    ascii: [u64; 128],
    others: Vec<(char, u64)>,
    first: char,
    end: u64,
    forgiven: u8,
}

/// How far a pattern is consumed: in `alive[e]` bit `i` says that `i` letters may be, with `e` errors.
#[derive(Clone, Copy)]
pub(super) struct State {
    alive: [u64; 3],
    /// Where the letter just read is in the pattern.
    read: u64,
}

impl Pattern {
    /// The pattern, if it is neither too long nor so short that no error is forgiven.
    pub(super) fn new(letters: &[char]) -> Option<Self> {
        let (forgiven, first) = (forgiven(letters.len()), *letters.first()?);
        if forgiven == 0 || letters.len() > MAX_PATTERN {
            return None;
        }
        let mut pattern = Self { ascii: [0; 128], others: Vec::new(), first, end: 1 << letters.len(), forgiven };
        for (at, letter) in letters.iter().enumerate() {
            match pattern.ascii.get_mut(*letter as usize) {
                Some(places) => *places |= 1 << at,
                None => pattern.others.push((*letter, 1 << at)),
            }
        }
        Some(pattern)
    }

    /// Its first letter.
    pub(super) fn first(&self) -> char {
        self.first
    }

    /// The state before anything is read.
    pub(super) fn start(&self) -> State {
        // Any e letters may be left out with e errors.
        let alive = [0b1, 0b11, 0b111];
        State { alive: std::array::from_fn(|e| if e <= usize::from(self.forgiven) { alive[e] } else { 0 }), read: 0 }
    }

    /// Reads a letter in a state, given the state one letter before it if there is one.
    #[inline]
    pub(super) fn read(&self, before: Option<&State>, state: &State, letter: char) -> State {
        let read = match self.ascii.get(letter as usize) {
            Some(places) => *places,
            None => self.others.iter().filter(|(other, _)| *other == letter).map(|(_, places)| places).sum(),
        };
        let mut alive = [0; 3];
        alive[0] = (state.alive[0] & read) << 1;
        for e in 1..=usize::from(self.forgiven) {
            let matched = (state.alive[e] & read) << 1;
            let (added, replaced, left_out) = (state.alive[e - 1], state.alive[e - 1] << 1, alive[e - 1] << 1);
            let swapped = before.map_or(0, |before| (before.alive[e - 1] & read & (state.read >> 1)) << 2);
            alive[e] = (matched | added | replaced | left_out | swapped) & (self.end | (self.end - 1));
        }
        State { alive, read }
    }

    /// The errors between the whole pattern and the text read, if they can be forgiven.
    pub(super) fn errors(&self, state: &State) -> Option<u8> {
        (0..=self.forgiven).find(|e| state.alive[usize::from(*e)] & self.end != 0)
    }

    /// Whether a whole text is the pattern but for some errors.
    pub(super) fn is_whole(&self, text: &[char]) -> Option<u8> {
        let mut found = None;
        self.follow(text, |state, len| found = if len == text.len() { self.errors(state) } else { None });
        found
    }

    /// The errors between the pattern and the beginning of a text it is most like, and how long that is. Of beginnings
    /// equally like it a person means one where a word `ends`, and of those the longest.
    pub(super) fn begins(&self, text: &[char], ends: impl Fn(usize) -> bool) -> Option<(u8, usize)> {
        let mut best: Option<(u8, usize)> = None;
        self.follow(text, |state, len| {
            let Some(errors) = self.errors(state) else { return };
            if best.is_none_or(|(fewest, at)| errors < fewest || (errors == fewest && ends(len) >= ends(at))) {
                best = Some((errors, len));
            }
        });
        best
    }

    fn follow(&self, text: &[char], mut at: impl FnMut(&State, usize)) {
        let (mut before, mut state) = (None, self.start());
        at(&state, 0);
        for (place, letter) in text.iter().enumerate() {
            let next = self.read(before.as_ref(), &state, *letter);
            if next.is_dead() {
                return;
            }
            (before, state) = (Some(state), next);
            at(&state, place + 1);
        }
    }
}

impl State {
    /// Whether no continuation of the text can be the pattern. No swap revives it: a state that has an error left for
    /// one is still alive after the letter between, as a letter too many.
    pub(super) fn is_dead(&self) -> bool {
        self.alive == [0; 3]
    }
}
