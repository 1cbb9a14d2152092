//! The layout of a query's words in a name: which layouts match, and which of them is the best.
//!
//! Deliberately absent: typing errors, and tickers.

use super::bitset::ones;
use super::name::Name;
use super::normalize::MAX_LETTERS;
use super::query::Word;

/// The layout of a query's words in a name, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Layout {
    /// From a leading word on, exactly as written; the last word may be a prefix.
    Verbatim,
    /// At consecutive words from a leading one on.
    ConsecutiveFromLeading,
    /// In order from a leading word on, with other words between.
    InOrderFromLeading,
    /// At consecutive words.
    Consecutive,
    /// In order.
    InOrder,
    /// In any order.
    Any,
}

/// For each word of a query its position in the name, and its length.
pub(super) type Positions = Vec<(usize, usize)>;

impl Name<'_> {
    /// The best layout of the words in this name; `None` if one does not match.
    pub(super) fn best_layout(&self, words: &[Word], scratch: &mut Scratch) -> Option<Layout> {
        scratch.hits.clear();
        if words.iter().map(Vec::len).sum::<usize>() > self.letters.len() {
            return None;
        }
        // If the weakest ordered layout fails, so do the stronger ones.
        if !self.match_in_order(words, Layout::InOrder, scratch) {
            return self.match_any_order(words, scratch).map(|_| Layout::Any);
        }
        let stronger =
            [Layout::Verbatim, Layout::ConsecutiveFromLeading, Layout::InOrderFromLeading, Layout::Consecutive];
        let best = stronger.into_iter().find(|layout| self.match_in_order(words, *layout, scratch));
        Some(best.unwrap_or(Layout::InOrder))
    }

    /// The positions of the words in the best layout.
    pub(super) fn positions(&self, words: &[Word]) -> Option<Positions> {
        let mut scratch = Scratch::default();
        let layout = self.best_layout(words, &mut scratch)?;
        if self.match_in_order(words, layout, &mut scratch) {
            return Some(trace_positions(words, &scratch.steps));
        }
        self.match_any_order(words, &mut scratch)
    }

    /// Whether the words match in this ordered layout: each where the previous one ends, or at a later word start. Leaves the
    /// possible positions of each word in `scratch.steps`.
    fn match_in_order(&self, words: &[Word], layout: Layout, scratch: &mut Scratch) -> bool {
        let first_positions = match layout {
            Layout::Verbatim | Layout::ConsecutiveFromLeading | Layout::InOrderFromLeading => self.leading,
            Layout::Consecutive | Layout::InOrder => self.starts,
            Layout::Any => return false,
        };
        scratch.steps.clear();
        let mut ends = None;
        for (at, word) in words.iter().enumerate() {
            let hits = scratch.hits(self, words, at);
            let step = match ends {
                None => hits & first_positions,
                Some(ends) => {
                    let joined = || ones(ends).filter(|end| self.is_at(*end as usize, word));
                    let with_joined = |hits| joined().fold(hits, |step, at| step | 1 << at);
                    match layout {
                        Layout::Verbatim => hits & ends,
                        Layout::ConsecutiveFromLeading | Layout::Consecutive => {
                            with_joined(hits & self.starts_after(ends))
                        }
                        _ => with_joined(hits & (ends | ends.wrapping_neg())),
                    }
                }
            };
            if step == 0 {
                return false;
            }
            scratch.steps.push(step);
            ends = Some(step.checked_shl(word.len() as u32).unwrap_or(0));
        }
        true
    }

    fn is_at(&self, at: usize, word: &[char]) -> bool {
        self.letters.get(at..).is_some_and(|rest| rest.starts_with(word))
    }

    /// For each of some ends, the first word start at or after it.
    fn starts_after(&self, ends: u128) -> u128 {
        let first = |end| self.starts & (u128::MAX << end);
        ones(ends).map(first).fold(0, |starts, later| starts | (later & later.wrapping_neg()))
    }

    /// Assigns each word to a different word start, in any order (Kuhn's algorithm for bipartite matching). A word that is
    /// at no word start is joined to the one before it.
    fn match_any_order(&self, words: &[Word], scratch: &mut Scratch) -> Option<Positions> {
        let mut owners = [usize::MAX; MAX_LETTERS + 1];
        let mut runs: Vec<(usize, u128)> = Vec::new();
        let mut from = 0;
        while from < words.len() {
            let mut hits = scratch.hits(self, words, from);
            let mut to = from + 1;
            while to < words.len() && scratch.hits(self, words, to) == 0 {
                to += 1;
                hits = self.hits(&words[from..to].concat());
            }
            runs.push((words[from..to].iter().map(Vec::len).sum(), hits));
            if !assign_start(&runs, runs.len() - 1, &mut 0, &mut owners) {
                return None;
            }
            from = to;
        }
        let owned = owners.iter().enumerate().filter_map(|(at, run)| Some((at, runs.get(*run)?.0)));
        Some(owned.collect())
    }
}

/// One choice of positions from the steps of `match_in_order`, from the last word to the first.
fn trace_positions(words: &[Word], steps: &[u128]) -> Positions {
    let mut positions = Positions::with_capacity(words.len());
    let mut next = None;
    for (word, step) in words.iter().zip(steps).rev() {
        // Of the positions before the next word, the nearest one always has that word as a successor.
        let at = match next {
            None => ones(*step).next(),
            Some(next) => ones(*step).filter(|at| *at as usize + word.len() <= next).last(),
        };
        let at = at.unwrap_or_default() as usize;
        positions.push((at, word.len()));
        next = Some(at);
    }
    positions.reverse();
    positions
}

/// Assigns a start to a run, reassigning other runs if they have another start (an augmenting path).
fn assign_start(runs: &[(usize, u128)], run: usize, tried: &mut u128, owners: &mut [usize]) -> bool {
    ones(runs[run].1).any(|at| {
        let is_new = *tried & (1 << at) == 0;
        *tried |= 1 << at;
        let at = at as usize;
        let is_free = is_new && (owners[at] == usize::MAX || assign_start(runs, owners[at], tried, owners));
        if is_free {
            owners[at] = run;
        }
        is_free
    })
}

/// Buffers that are reused for every name.
#[derive(Default)]
pub(super) struct Scratch {
    /// For each word so far, the word starts that it matches, as bits.
    hits: Vec<u128>,
    /// For each word, its possible positions in an ordered layout, as bits.
    steps: Vec<u128>,
}

impl Scratch {
    fn hits(&mut self, name: &Name<'_>, words: &[Word], at: usize) -> u128 {
        while self.hits.len() <= at {
            self.hits.push(name.hits(&words[self.hits.len()]));
        }
        self.hits[at]
    }
}
