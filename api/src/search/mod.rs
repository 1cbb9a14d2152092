//! In-memory search of securities by symbol, words of the name, or ISIN, with tolerance of typing errors.
//!
//! Results are ordered by tier: exact symbol, symbol prefix, prefixes of words of the name, ISIN prefix, and fuzzy
//! matches. Within a tier the better word layout or the fewer errors come first, then the better rank.
//!
//! In reading order: `normalize` folds case, accents and punctuation; `query` parses what was typed; `name` holds the
//! folded names, and `word_layout` matches the words of a query against one; `prefix_tree` finds candidates; `matching`
//! assigns tiers; `edit_distance` and `typo_matching` find fuzzy matches; `highlight` computes the ranges to mark;
//! `results` is a page of results.
//!
//! Deliberately absent: I/O, locks and settings. An index is built once from a catalogue and is immutable; a new catalogue
//! is a new index.

mod aliases;
mod bitset;
mod edit_distance;
mod highlight;
mod index;
mod matching;
mod name;
mod normalize;
mod prefix_tree;
mod query;
mod results;
mod typo_matching;
mod word_layout;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod relevance;

pub use index::TickerIndex;
pub use results::SearchPage;
