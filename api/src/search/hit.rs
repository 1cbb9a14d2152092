//! A result of a query: a ticker, what of it matched, and how much that weighs.

use super::score::Score;

/// What of a ticker matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// The first letters of the symbol.
    Symbol,
    /// Words of the name, of this interpretation.
    Name(usize),
    /// The first letters of the ISIN.
    Isin,
    /// The symbol, with typing errors.
    MistypedSymbol,
    /// Words of the name, of this interpretation, with typing errors.
    MistypedName(usize),
    /// The symbol, as one of several.
    ListedSymbol,
}

impl Field {
    /// Whether it has typing errors.
    pub(super) fn is_mistyped(self) -> bool {
        matches!(self, Self::MistypedSymbol | Self::MistypedName(_))
    }
}

/// A result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) score: Score,
    /// The ticker's position.
    pub(super) ticker: u32,
    pub(super) field: Field,
}
