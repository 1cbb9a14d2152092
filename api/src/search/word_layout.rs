//! How the words of a query lie in a name: which arrangements count, and which is the best there is.
//!
//! Deliberately absent: typing errors, and the tickers the names belong to.

use super::bitset::ones;
use super::name::Name;
use super::normalize::MAX_LETTERS;
use super::query::Word;

/// How the words of a query lie in a name, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Layout {
    /// As it is written from where the name begins, the last word perhaps cut short.
    Verbatim,
    /// One after the other from where the name begins.
    ConsecutiveFromHead,
    /// In order from where the name begins, with words between.
    InOrderFromHead,
    /// One after the other.
    Consecutive,
    /// In order.
    InOrder,
    /// In any order.
    Any,
}

/// Where the words lie: for each a place and a length.
pub(super) type Places = Vec<(usize, usize)>;

impl Name<'_> {
    /// How words lie in this name, if they do, in the best way they can.
    pub(super) fn arrange(&self, words: &[Word], scratch: &mut Scratch) -> Option<Layout> {
        scratch.hits.clear();
        if words.iter().map(Vec::len).sum::<usize>() > self.letters.len() {
            return None;
        }
        // Where the weakest of the ways in order fails, so do the others.
        if !self.chain(words, Layout::InOrder, scratch) {
            return self.scatter(words, scratch).map(|_| Layout::Any);
        }
        let stronger = [Layout::Verbatim, Layout::ConsecutiveFromHead, Layout::InOrderFromHead, Layout::Consecutive];
        let best = stronger.into_iter().find(|layout| self.chain(words, *layout, scratch));
        Some(best.unwrap_or(Layout::InOrder))
    }

    /// Where the words lie in the best way they can.
    pub(super) fn places(&self, words: &[Word]) -> Option<Places> {
        let mut scratch = Scratch::default();
        let layout = self.arrange(words, &mut scratch)?;
        if self.chain(words, layout, &mut scratch) {
            return Some(trace(words, &scratch.steps));
        }
        self.scatter(words, &mut scratch)
    }

    /// Lays words in order: each where the one before ends, or at a start of a word behind it. Leaves in the scratch
    /// where each can lie.
    fn chain(&self, words: &[Word], layout: Layout, scratch: &mut Scratch) -> bool {
        let heads = match layout {
            Layout::Verbatim | Layout::ConsecutiveFromHead | Layout::InOrderFromHead => self.heads,
            Layout::Consecutive | Layout::InOrder => self.starts,
            Layout::Any => return false,
        };
        scratch.steps.clear();
        let mut ends = None;
        for (at, word) in words.iter().enumerate() {
            let hits = scratch.hits(self, words, at);
            let step = match ends {
                None => hits & heads,
                Some(ends) => {
                    let glued = || ones(ends).filter(|end| self.is_at(*end as usize, word));
                    let with_glued = |hits| glued().fold(hits, |step, at| step | 1 << at);
                    match layout {
                        Layout::Verbatim => hits & ends,
                        Layout::ConsecutiveFromHead | Layout::Consecutive => with_glued(hits & self.starts_after(ends)),
                        _ => with_glued(hits & (ends | ends.wrapping_neg())),
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

    /// The first start of a word at or behind each of some ends.
    fn starts_after(&self, ends: u128) -> u128 {
        let first = |end| self.starts & (u128::MAX << end);
        ones(ends).map(first).fold(0, |starts, later| starts | (later & later.wrapping_neg()))
    }

    /// Lays each word at a start of its own, in any order (Kuhn's matching); a word that starts nothing is taken for
    /// the rest of the one before it.
    fn scatter(&self, words: &[Word], scratch: &mut Scratch) -> Option<Places> {
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
            if !settle(&runs, runs.len() - 1, &mut 0, &mut owners) {
                return None;
            }
            from = to;
        }
        let owned = owners.iter().enumerate().filter_map(|(at, run)| Some((at, runs.get(*run)?.0)));
        Some(owned.collect())
    }
}

/// One way through the steps of a chain, from its end.
fn trace(words: &[Word], steps: &[u128]) -> Places {
    let mut places = Places::with_capacity(words.len());
    let mut next = None;
    for (word, step) in words.iter().zip(steps).rev() {
        // Of the places that leave room for the next word, the nearest to it is always one it follows from.
        let at = match next {
            None => ones(*step).next(),
            Some(next) => ones(*step).filter(|at| *at as usize + word.len() <= next).last(),
        };
        let at = at.unwrap_or_default() as usize;
        places.push((at, word.len()));
        next = Some(at);
    }
    places.reverse();
    places
}

/// Finds a start for a run, moving others if they have elsewhere to go.
fn settle(runs: &[(usize, u128)], run: usize, tried: &mut u128, owners: &mut [usize]) -> bool {
    ones(runs[run].1).any(|at| {
        let fresh = *tried & (1 << at) == 0;
        *tried |= 1 << at;
        let at = at as usize;
        let free = fresh && (owners[at] == usize::MAX || settle(runs, owners[at], tried, owners));
        if free {
            owners[at] = run;
        }
        free
    })
}

/// What `arrange` would otherwise allocate for every name.
#[derive(Default)]
pub(super) struct Scratch {
    /// Where words start words of the name, for as many as were asked for.
    hits: Vec<u128>,
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
