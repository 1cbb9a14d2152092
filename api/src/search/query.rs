//! Parsing of a query into words.
//!
//! Deliberately absent: the catalogue. Whether `brk b` is a symbol or two words is decided by what matches.

use super::normalize::{self, Letter};
use watchtape_shared::Symbol;

/// Corporate suffixes, and words that people add to a company's name: at the end of a query they need not be in the name.
/// "And" is among them so that results stay while it is being typed.
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

/// Folded letters.
pub(super) type Word = Vec<char>;

/// A query with at least one letter.
pub(super) struct Query {
    /// The words that must match.
    pub(super) words: Vec<Word>,
    /// Corporate suffixes after them, last first, which need not match: `corp`, and `co` while it is typed.
    pub(super) optional: Vec<Word>,
    /// All letters, without word boundaries, to be compared with symbols and ISINs.
    pub(super) code: Word,
    /// Whether it can be a symbol: `AT&T` and `K+S` are names.
    pub(super) may_be_symbol: bool,
    /// The text as a symbol, if it is one exactly.
    pub(super) symbol: Option<Symbol>,
}

impl Query {
    /// Parses a text; `None` without letters or digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let letters = normalize::letters(text);
        let code = fold(&letters);
        let folded = normalize::words(&letters).map(|word| &letters[word]);
        let mut words: Vec<Word> = folded.filter(|word| !normalize::is_and(word)).map(fold).collect();
        if words.is_empty() {
            words = normalize::words(&letters).map(|word| fold(&letters[word])).take(1).collect();
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

    /// Its words without the spaces.
    pub(super) fn joined(&self) -> Word {
        self.words.concat()
    }

    /// The words without the last one, if that is the first letter of a corporate suffix.
    pub(super) fn without_partial_suffix(&self) -> Option<&[Word]> {
        let (last, rest) = self.words.split_last()?;
        let is_partial = last.len() == 1 && SUFFIXES.iter().any(|suffix| suffix.starts_with(last[0]));
        (is_partial && !rest.is_empty() && self.optional.is_empty()).then_some(rest)
    }
}

/// Whether a word is a corporate suffix or, with `allow_partial`, at least its first two letters.
pub(super) fn is_suffix(word: &[char], allow_partial: bool) -> bool {
    let same = |suffix: &str| suffix.len() == word.len() || (allow_partial && word.len() > 1);
    SUFFIXES
        .iter()
        .any(|suffix| same(suffix) && suffix.chars().zip(word).filter(|(a, b)| a == *b).count() == word.len())
}

/// The letters in folded form.
pub(super) fn fold(letters: &[Letter]) -> Word {
    letters.iter().map(|letter| letter.folded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Vec<String>, Vec<String>) {
        let query = Query::parse(text).expect("it has letters");
        let texts = |words: Vec<Word>| words.into_iter().map(String::from_iter).collect();
        (texts(query.words), texts(query.optional))
    }

    #[test]
    fn corporate_suffixes_are_optional_behind_a_name_and_words_without_one() {
        assert_eq!(parsed("Nvidia Corp"), (vec!["nvidia".into()], vec!["corp".into()]));
        assert_eq!(parsed("apple in"), (vec!["apple".into()], vec!["in".into()]));
        assert_eq!(parsed("co"), (vec!["co".into()], vec![]));
        assert_eq!(parsed("the AT&T stock"), (vec!["at".into(), "t".into()], vec!["stock".into()]));
        assert_eq!(parsed("and"), (vec!["and".into()], vec![]));
    }

    #[test]
    fn a_query_without_letters_is_none() {
        assert!(Query::parse(" !?& ").is_none());
    }
}
