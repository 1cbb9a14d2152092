//! A set of small integers: one bit for each.

/// A set of integers below a length.
#[derive(Clone, Default)]
pub(super) struct Bitset(Vec<u64>);

impl Bitset {
    /// The empty set of members below `len`.
    pub(super) fn empty(len: usize) -> Self {
        Self(vec![0; len.div_ceil(64)])
    }

    /// Inserts a member; false if it was in the set.
    pub(super) fn insert(&mut self, member: u32) -> bool {
        let (word, bit) = (&mut self.0[member as usize / 64], 1 << (member % 64));
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// Whether this is a member.
    pub(super) fn contains(&self, member: u32) -> bool {
        self.0.get(member as usize / 64).is_some_and(|word| word & (1 << (member % 64)) != 0)
    }

    /// Keeps what is in another set too.
    pub(super) fn intersect(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word &= other);
    }

    /// The members, ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        self.0.iter().enumerate().flat_map(|(at, word)| ones(*word).map(move |bit| at as u32 * 64 + bit))
    }
}

/// The positions of the set bits of a word, ascending.
pub(super) fn ones(mut word: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let bit = (word != 0).then(|| word.trailing_zeros())?;
        word &= word - 1;
        Some(bit)
    })
}
