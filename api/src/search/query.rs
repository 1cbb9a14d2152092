//! What a person typed, taken apart.
//!
//! Deliberately absent: the catalogue. Whether `brk b` is a symbol or two words is for the tiers to find out.

use super::normalize::{self, Letter};
use watchtape_shared::Symbol;

/// What companies put behind their names, and what people put behind those: such a word at the end of a query need
/// not be in the name. "And" is among them so that results stay while it is being typed.
const SUFFIXES: [&str; 24] = [
    "ab",
    "ag",
    "and",
    "asa",
    "co",
    "com",
    "company",
    "corp",
    "corporation",
    "inc",
    "incorporated",
    "limited",
    "llc",
    "lp",
    "ltd",
    "nv",
    "oyj",
    "plc",
    "sa",
    "se",
    "shares",
    "spa",
    "stock",
    "stocks",
];

/// Letters without their origins.
pub(super) type Word = Vec<char>;

/// A query with at least one letter.
pub(super) struct Query {
    /// The words to be found.
    pub(super) words: Vec<Word>,
    /// The words behind them that may be found: `corp`, and the start of it while it is typed.
    pub(super) optional: Vec<Word>,
    /// All its letters, to be compared with codes.
    pub(super) code: Word,
    /// Whether it could be meant for a symbol: `AT&T` and `K+S` are names.
    pub(super) may_be_symbol: bool,
    /// The symbol it is as it stands.
    pub(super) symbol: Option<Symbol>,
}

impl Query {
    /// Takes a text apart; none if it has no letters.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let letters = normalize::letters(text);
        let code = spell(&letters);
        let spelt = normalize::words(&letters).map(|word| &letters[word]);
        let mut words: Vec<Word> = spelt.filter(|word| !normalize::is_and(word)).map(spell).collect();
        if words.is_empty() {
            words = normalize::words(&letters).map(|word| spell(&letters[word])).take(1).collect();
        }
        if words.len() > 1 && words[0].iter().copied().eq("the".chars()) {
            words.remove(0);
        }
        let mut optional = Vec::new();
        while words.len() > 1 && words.last().is_some_and(|word| is_suffix(word, optional.is_empty())) {
            optional.extend(words.pop());
        }
        let (may_be_symbol, symbol) = (!text.contains(['&', '+', '\'', '\u{2019}']), Symbol::parse(text.trim()).ok());
        (!words.is_empty()).then_some(Self { words, optional, code, may_be_symbol, symbol })
    }

    /// Its words as one.
    pub(super) fn joined(&self) -> Word {
        self.words.concat()
    }

    /// Without its last word, if that is a single letter that a corporate suffix may grow from.
    pub(super) fn without_growing(&self) -> Option<&[Word]> {
        let (last, rest) = self.words.split_last()?;
        let grows = last.len() == 1 && SUFFIXES.iter().any(|suffix| suffix.starts_with(last[0]));
        (grows && !rest.is_empty() && self.optional.is_empty()).then_some(rest)
    }
}

/// Whether a word is a corporate suffix, or, where it is still being typed, two letters of one.
pub(super) fn is_suffix(word: &[char], growing: bool) -> bool {
    let same = |suffix: &str| suffix.len() == word.len() || (growing && word.len() > 1);
    SUFFIXES
        .iter()
        .any(|suffix| same(suffix) && suffix.chars().zip(word).filter(|(a, b)| a == *b).count() == word.len())
}

/// The letters as they are compared.
pub(super) fn spell(letters: &[Letter]) -> Word {
    letters.iter().map(|letter| letter.folded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken_apart(text: &str) -> (Vec<String>, Vec<String>) {
        let query = Query::parse(text).expect("it has letters");
        let texts = |words: Vec<Word>| words.into_iter().map(String::from_iter).collect();
        (texts(query.words), texts(query.optional))
    }

    #[test]
    fn corporate_suffixes_are_optional_behind_a_name_and_words_without_one() {
        assert_eq!(taken_apart("Nvidia Corp"), (vec!["nvidia".into()], vec!["corp".into()]));
        assert_eq!(taken_apart("apple in"), (vec!["apple".into()], vec!["in".into()]));
        assert_eq!(taken_apart("co"), (vec!["co".into()], vec![]));
        assert_eq!(taken_apart("the AT&T stock"), (vec!["at".into(), "t".into()], vec!["stock".into()]));
        assert_eq!(taken_apart("and"), (vec!["and".into()], vec![]));
    }

    #[test]
    fn a_query_without_letters_is_none() {
        assert!(Query::parse(" !?& ").is_none());
    }
}
