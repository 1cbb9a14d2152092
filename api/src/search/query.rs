//! Parsing of a query into words, a code, an exchange and a list of symbols.
//!
//! Deliberately absent: the catalogue. Whether `brk b` is a symbol or two words is decided by what matches.

use super::codes;
use super::minor_words::{is_first_of_suffix, is_suffix};
use super::normalize;
use crate::reference::exchanges::{self, Exchange};
use watchtape_shared::Symbol;

/// The most words of a query that are looked for: what is meant is told by then.
const MAX_WORDS: usize = 12;
/// The most symbols of a line that are looked up.
const MAX_LISTED_SYMBOLS: usize = 16;

/// A query with at least one letter.
pub(super) struct Query {
    /// The words that must match.
    pub(super) words: Vec<String>,
    /// Corporate suffixes after them, which need not match: `corp`, and `co` while it is typed.
    pub(super) optional: Vec<String>,
    /// All letters, without word boundaries, to be compared with symbols and ISINs.
    pub(super) code: String,
    /// Whether it can be a symbol: `AT&T` and `K+S` are names.
    pub(super) may_be_symbol: bool,
    /// The text as a symbol, if it is one exactly.
    pub(super) symbol: Option<Symbol>,
    /// The exchange before a colon: `NASDAQ:AAPL`.
    pub(super) exchange: Option<Vec<&'static Exchange>>,
    /// The texts of a line, if each can be a symbol: `AAPL, MSFT`.
    pub(super) listed: Vec<Symbol>,
    /// Whether they were separated by more than spaces.
    pub(super) is_list: bool,
}

impl Query {
    /// Parses a text; `None` without letters or digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (exchange, text) = match text.split_once(':') {
            Some((prefix, code)) => match exchanges::find_by_name(prefix.trim()) {
                found if found.is_empty() => (None, text),
                found => (Some(found), code),
            },
            None => (None, text),
        };
        let letters = normalize::letters(text);
        let word_ranges = || normalize::words(&letters).map(|range| &letters[range]);
        let folded = |word: &[normalize::Letter]| word.iter().map(|letter| letter.folded).collect::<String>();
        let mut words: Vec<String> = word_ranges().filter(|word| !normalize::is_and(word)).map(folded).collect();
        if words.is_empty() {
            words = word_ranges().map(folded).take(1).collect();
        }
        if words.len() > 1 && words[0] == "the" {
            words.remove(0);
        }
        words.truncate(MAX_WORDS);
        let mut optional = Vec::new();
        if let [.., class, letter] = words.as_slice()
            && words.len() > 2
            && class == "class"
            && letter.len() == 1
        {
            optional.extend([words.pop(), words.pop()].into_iter().flatten());
        }
        while words.len() > 1 && words.last().is_some_and(|word| is_suffix(word, optional.is_empty())) {
            optional.extend(words.pop());
        }
        optional.reverse();
        let is_separator = |char: char| char.is_whitespace() || ",;|".contains(char);
        let mut parts = text.split(is_separator).filter(|part| !part.is_empty()).take(MAX_LISTED_SYMBOLS);
        let listed: Option<Vec<Symbol>> = parts.by_ref().map(|part| Symbol::parse(part).ok()).collect();
        Some(Self {
            code: codes::fold(text),
            may_be_symbol: !text.contains(['&', '+', '\'', '\u{2019}']),
            symbol: Symbol::parse(text.trim()).ok(),
            exchange,
            listed: listed.filter(|listed| listed.len() > 1).unwrap_or_default(),
            is_list: text.contains([',', ';', '|']),
            words,
            optional,
        })
        .filter(|query| !query.words.is_empty())
    }

    /// The words without the last one, if that is the first letter of a corporate suffix.
    pub(super) fn without_partial_suffix(&self) -> Option<&[String]> {
        let (last, rest) = self.words.split_last()?;
        let mut letters = last.chars();
        let is_partial = letters.next().is_some_and(is_first_of_suffix) && letters.next().is_none();
        (is_partial && !rest.is_empty() && self.optional.is_empty()).then_some(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (String, String) {
        let query = Query::parse(text).expect("it has letters");
        (query.words.join(" "), query.optional.join(" "))
    }

    #[test]
    fn corporate_suffixes_are_optional_behind_a_name_and_words_without_one() {
        assert_eq!(parsed("Nvidia Corp"), ("nvidia".into(), "corp".into()));
        assert_eq!(parsed("apple in"), ("apple".into(), "in".into()));
        assert_eq!(parsed("co"), ("co".into(), String::new()));
        assert_eq!(parsed("the AT&T stock co"), ("at t".into(), "stock co".into()));
        assert_eq!(parsed("and"), ("and".into(), String::new()));
    }

    #[test]
    fn a_query_without_letters_is_none() {
        assert!(Query::parse(" !?& ").is_none());
        assert!(Query::parse("NASDAQ:").is_none());
    }

    #[test]
    fn an_exchange_and_several_symbols_are_told_apart_from_words() {
        let query = Query::parse("nasdaq:aapl").expect("letters");
        assert_eq!((query.code.as_str(), query.exchange.map(|found| found[0].mic)), ("aapl", Some("XNAS")));
        assert!(Query::parse("re: apple").expect("letters").exchange.is_none());
        let symbols = |text: &str| Query::parse(text).expect("letters").listed.len();
        assert_eq!(["AAPL, MSFT NVDA", "AAPL", "at&t inc", "a,b;c|d"].map(symbols), [3, 0, 0, 4]);
    }
}
