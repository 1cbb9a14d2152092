//! A set of tickers, by their place in the index: one bit each.

/// The set.
#[derive(Clone)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    /// The empty set, with room for `len` members.
    pub(super) fn empty(len: usize) -> Self {
        Self(vec![0; len.div_ceil(64)])
    }

    /// The set of all members below `len`, and a few more to fill the last word.
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

    /// Puts a member in; false if it was there already.
    pub(super) fn insert(&mut self, member: u32) -> bool {
        let (slot, bit) = (&mut self.0[member as usize / 64], 1 << (member % 64));
        let fresh = *slot & bit == 0;
        *slot |= bit;
        fresh
    }

    /// Adds to the set what two others have in common.
    pub(super) fn add_common(&mut self, one: &Self, other: &Self) {
        for (slot, (a, b)) in self.0.iter_mut().zip(one.0.iter().zip(&other.0)) {
            *slot |= a & b;
        }
    }

    /// Whether nothing is in it.
    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|slot| *slot == 0)
    }

    /// The members, ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        self.0.iter().enumerate().flat_map(|(at, slot)| ones(u128::from(*slot)).map(move |bit| at as u32 * 64 + bit))
    }
}

/// The places of the set bits of a word, ascending.
pub(super) fn ones(mut word: u128) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let bit = (word != 0).then(|| word.trailing_zeros())?;
        word &= word - 1;
        Some(bit)
    })
}
