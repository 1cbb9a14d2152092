//! In-memory search of securities by symbol, words of the name, or ISIN, with tolerance of typing errors.
//!
//! A result has a weight: how well it matches, and how well known the company is (`score`), so that what people mean comes
//! first in a catalogue of any size. The listings of one company are known (`companies`), and its home listing comes first.
//!
//! In reading order: `normalize` folds case, accents and punctuation; `query` parses what was typed; `interpretation` says
//! what it may mean; `name`, `names` and `codes` are the words of names and the symbols, in order (`sorted_texts`); `matching`
//! finds results, with `layout` for words as they are and `typos` for mistyped ones (`edit_distance`); `highlight` computes
//! the ranges to mark; `results` is a page of results.
//!
//! Deliberately absent: I/O, locks and settings. An index is built once from a catalogue and is immutable; a new catalogue
//! is a new index, which replaces the one in use (`live`).

mod aliases;
mod bitset;
mod codes;
mod companies;
mod edit_distance;
mod highlight;
mod hit;
mod index;
mod interpretation;
mod layout;
mod live;
mod matching;
mod minor_words;
mod name;
mod names;
mod normalize;
mod query;
mod results;
mod scope;
mod score;
mod sorted_texts;
mod top_hits;
mod typos;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod relevance;

pub use index::TickerIndex;
pub use live::LiveIndex;
pub use results::SearchPage;
pub use scope::SearchScope;
