//! A set of tickers: one bit for each position in the index.

/// A set of small integers.
#[derive(Clone)]
pub(super) struct Bitset(Vec<u64>);

impl Bitset {
    /// The empty set of members below `len`.
    pub(super) fn empty(len: usize) -> Self {
        Self(vec![0; len.div_ceil(64)])
    }

    /// The set of all members below `len`, and of those that fill the last word.
    pub(super) fn full(len: usize) -> Self {
        Self(vec![u64::MAX; len.div_ceil(64)])
    }

    /// The set of some members below `len`.
    pub(super) fn of(len: usize, members: impl Iterator<Item = u32>) -> Self {
        let mut set = Self::empty(len);
        for member in members {
            set.insert(member);
        }
        set
    }

    /// Inserts a member; false if it was in the set.
    pub(super) fn insert(&mut self, member: u32) -> bool {
        let (word, bit) = (&mut self.0[member as usize / 64], 1 << (member % 64));
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// Adds the intersection of two other sets.
    pub(super) fn add_intersection(&mut self, one: &Self, other: &Self) {
        for (word, (a, b)) in self.0.iter_mut().zip(one.0.iter().zip(&other.0)) {
            *word |= a & b;
        }
    }

    /// Whether the set is empty.
    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// The members, ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        self.0.iter().enumerate().flat_map(|(at, word)| ones(u128::from(*word)).map(move |bit| at as u32 * 64 + bit))
    }
}

/// The positions of the set bits of a word, ascending.
pub(super) fn ones(mut word: u128) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let bit = (word != 0).then(|| word.trailing_zeros())?;
        word &= word - 1;
        Some(bit)
    })
}
