//! The weights of a result: how well it matches, and how well known it is. The sum decides, so that the name of a company that
//! everybody knows outweighs a better match of one that nobody does.
//!
//! A difference of 15 is about one step: an exact word against the beginning of one, or a rank ten times better. Deliberately
//! absent: the catalogue and the query. The weights were chosen by the relevance tests.

use std::ops::{Add, Sub};
use watchtape_shared::ticker::Ticker;

/// The weight of a result, in hundredths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Score(i32);

impl Score {
    /// This many points.
    pub(super) const fn whole(points: i32) -> Self {
        Self(points * 100)
    }

    fn of(points: f32) -> Self {
        Self((points * 100.0).round() as i32)
    }
}

impl Add for Score {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Add<Popularity> for Score {
    type Output = Self;

    fn add(self, Popularity(points): Popularity) -> Self {
        Self(self.0 + i32::from(points))
    }
}

impl Sub for Score {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

/// The part of a score that a ticker has whatever is asked for, in hundredths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Popularity(i16);

/// What the best known has.
const MOST_POPULAR: f32 = 80.0;
/// The logarithm of a rank that has nothing.
const LAST_RANK_LOG10: f32 = 5.5;
/// The rank at least of a member of an index, whose own rank is often that of a market where little is known of sizes.
const INDEX_MEMBER_RANK: u32 = 500;
/// What a listing that is not the home listing lacks, and each further one.
const NOT_AT_HOME: f32 = 10.0;
const FURTHER_LISTING: f32 = 0.5;
const MAX_FURTHER_LISTINGS: usize = 20;

/// Funds that many people hold. A catalogue's ranks are by the value of companies, and funds are behind all of those.
const WELL_KNOWN_FUNDS: [&str; 36] = [
    "AGG", "ARKK", "BND", "DIA", "EEM", "EFA", "EWJ", "FXI", "GDX", "GLD", "HYG", "IAU", "IEFA", "IEMG", "IJH", "IJR",
    "IVV", "IWM", "IWF", "IWD", "JEPI", "LQD", "QQQ", "QQQM", "SCHD", "SLV", "SOXX", "SPY", "TLT", "USO", "VEA", "VNQ",
    "VOO", "VT", "VTI", "VWO",
];
const WELL_KNOWN_FUND_RANK: u32 = 200;

/// What a ticker has by its rank.
pub(super) fn popularity(ticker: &Ticker) -> Popularity {
    let known = match ticker.symbol.as_str() {
        fund if WELL_KNOWN_FUNDS.contains(&fund) => WELL_KNOWN_FUND_RANK,
        _ if ticker.indices.is_empty() => u32::MAX,
        _ => INDEX_MEMBER_RANK,
    };
    let rank = ticker.rank.min(known).max(1);
    let points = MOST_POPULAR * (1.0 - (rank as f32).log10() / LAST_RANK_LOG10);
    Popularity((points.max(0.0) * 100.0) as i16)
}

impl Popularity {
    /// The popularity of a company's listing, by its order among them.
    pub(super) fn of_listing(self, order: usize) -> Self {
        let further = order.min(MAX_FURTHER_LISTINGS) as f32 * FURTHER_LISTING;
        let lacks = if order == 0 { 0.0 } else { NOT_AT_HOME + further };
        Self(self.0 - (lacks * 100.0) as i16)
    }
}

/// The query is the symbol, as it is spelled.
pub(super) const SYMBOL: Score = Score::whole(102);
/// The query is the symbol but for separators: `brkb`.
pub(super) const SYMBOL_LETTERS: Score = Score::whole(88);
/// The query is the symbol without the exchange or the share class.
pub(super) const SYMBOL_BASE: Score = Score::whole(80);
/// The query is the ISIN.
pub(super) const ISIN: Score = Score::whole(130);
/// The ISIN begins with the query.
pub(super) const ISIN_PREFIX: Score = Score::whole(60);
/// One of the symbols that were listed.
pub(super) const LISTED_SYMBOL: Score = Score::whole(300);
/// What a name can have at most.
pub(super) const BEST_NAME: Score = Score::whole(97);
/// What a result has for being listed at an exchange that its seeker uses: less than a listing lacks that is not the home listing.
pub(super) const OWN_EXCHANGE: Score = Score::whole(8);
/// What a name can have at most of which a word was typed in part.
pub(super) const BEST_INCOMPLETE_NAME: Score = Score::whole(74);
/// What a name lacks for each word but the last that was typed in part.
pub(super) const WORD_IN_PART: Score = Score::whole(-6);

/// The symbol begins with the query.
pub(super) fn symbol_prefix(typed: usize, letters: u8) -> Score {
    Score::of(40.0 + 20.0 * typed as f32 / f32::from(letters.max(1)))
}

/// How the words of a query are in a name, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Layout {
    /// From its beginning, one after the other, each a whole word.
    LeadingWhole,
    /// From its beginning, one after the other.
    Leading,
    /// From its beginning, in order.
    LeadingInOrder,
    /// One after the other, each a whole word.
    ConsecutiveWhole,
    /// One after the other.
    Consecutive,
    /// In order.
    InOrder,
    /// In any order.
    Any,
}

/// The weight of a name: by the layout of the query's words, the share of the name's words that they are, and the share of the letters
/// of its words that were typed.
pub(super) fn name(layout: Layout, coverage: f32, typed: f32) -> Score {
    if layout == Layout::LeadingWhole && coverage >= 1.0 {
        return BEST_NAME;
    }
    let points = match layout {
        Layout::LeadingWhole => 74.0,
        Layout::Leading => 58.0,
        Layout::LeadingInOrder => 54.0,
        Layout::ConsecutiveWhole => 52.0,
        Layout::Consecutive => 44.0,
        Layout::InOrder => 40.0,
        Layout::Any => 36.0,
    };
    Score::of(points + 8.0 * coverage + 8.0 * typed - if typed >= 1.0 { 4.0 } else { 0.0 })
}

/// The typing errors of a match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Typos {
    /// How many.
    pub(super) errors: u8,
    /// How many words have another first letter.
    pub(super) wrong_first: u8,
    /// How many words are the beginning of one only.
    pub(super) prefixes: u8,
    /// Whether the first word is not one that a name begins with.
    pub(super) is_inner: bool,
}

impl Add for Typos {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            errors: self.errors + other.errors,
            wrong_first: self.wrong_first + other.wrong_first,
            prefixes: self.prefixes + other.prefixes,
            is_inner: self.is_inner || other.is_inner,
        }
    }
}

impl Typos {
    /// What they take from the weight of a name, in points.
    pub(super) fn weight(self) -> u16 {
        9 * u16::from(self.errors)
            + 6 * u16::from(self.wrong_first)
            + 7 * u16::from(self.prefixes)
            + 7 * u16::from(self.is_inner)
    }
}

/// The weight of a name with typing errors.
pub(super) fn mistyped_name(typos: Typos, coverage: f32) -> Score {
    Score::of(43.0 + 6.0 * coverage - f32::from(typos.weight()))
}

/// The weight of a symbol with typing errors.
pub(super) fn mistyped_symbol(errors: u8, is_first_right: bool) -> Score {
    Score::of(26.0 - 9.0 * f32::from(errors.saturating_sub(1)) - if is_first_right { 0.0 } else { 6.0 })
}
