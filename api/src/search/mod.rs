//! Finding a security by what a person types: its symbol, words of its name, its ISIN, with or without typing errors.
//!
//! A query is looked for in five tiers, and no result of a later tier comes before one of an earlier tier: the exact
//! symbol, the start of a symbol, starts of the words of a name, the start of an ISIN, and typing errors. Inside a
//! tier the better arrangement comes first, then the better rank.
//!
//! In reading order: `normalize` says which characters are the same; `query` is what was typed; `name` is what it is
//! compared with, and `word_index` how; `prefix_tree` finds the names at all; `matching` puts the results in order;
//! `edit_distance` and `typo_matching` forgive; `highlight` says what of a result was found; `results` is a page of them.
//!
//! Deliberately absent: I/O, locks and settings. An index is built once from a catalogue and never changes; a new
//! catalogue is a new index.

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
mod word_index;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod relevance;

pub use index::TickerIndex;
pub use results::SearchPage;
