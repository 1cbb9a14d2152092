//! The words of a name, as they are searched: folded, in order, each with where it is in the text.
//!
//! A word within a word, `mobil` of `ExxonMobil`, is one more word behind it. Deliberately absent: the catalogue.

use super::normalize::{self, Letter, Start};

/// The shortest inner word that can be found by itself: `mobil` of `ExxonMobil`, not the `s` of `McDonald's`.
const MIN_INNER_WORD_LETTERS: usize = 3;

/// Words with which many names begin, and which people leave out: the next word is a leading one too.
const OPENING_WORDS: [&str; 7] = ["banco", "compagnie", "groupe", "grupo", "pt", "societe", "the"];

/// One word of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NameWord {
    /// Its letters, folded.
    pub(super) text: String,
    /// For each letter the index of its character in the name.
    pub(super) char_indices: Vec<u16>,
    /// Whether the name begins with it, or with a word like "the" before it.
    pub(super) is_leading: bool,
    /// Whether it is the end of the word before.
    pub(super) is_inner: bool,
}

/// The words of a name, in order.
pub(super) fn words(name: &str) -> Vec<NameWord> {
    let letters = normalize::letters(name);
    let is_single_word = normalize::words(&letters).nth(1).is_none();
    let mut words = Vec::new();
    let mut is_leading = true;
    for word in normalize::words(&letters).map(|range| &letters[range]) {
        if !is_single_word && normalize::is_and(word) {
            continue;
        }
        words.push(name_word(word, is_leading, false));
        let is = |opening: &&str| word.iter().map(|letter| letter.folded).eq(opening.chars());
        is_leading = is_leading && OPENING_WORDS.iter().any(is);
        let starts = (1..word.len()).filter(|at| word[*at].start == Start::Inner && is_long_enough(&word[*at..]));
        words.extend(starts.map(|at| name_word(&word[at..], false, true)));
    }
    words
}

fn name_word(letters: &[Letter], is_leading: bool, is_inner: bool) -> NameWord {
    let text = letters.iter().map(|letter| letter.folded).collect();
    let char_indices = letters.iter().map(|letter| letter.char_index).collect();
    NameWord { text, char_indices, is_leading, is_inner }
}

fn is_long_enough(inner: &[Letter]) -> bool {
    inner.iter().skip(1).take_while(|letter| letter.start == Start::No).count() + 1 >= MIN_INNER_WORD_LETTERS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str) -> Vec<String> {
        let show = |word: NameWord| {
            let mark = if word.is_leading {
                "^"
            } else if word.is_inner {
                "_"
            } else {
                ""
            };
            format!("{mark}{}", word.text)
        };
        words(name).into_iter().map(show).collect()
    }

    #[test]
    fn words_have_their_parts_behind_them() {
        assert_eq!(shown("ExxonMobil Corp"), ["^exxonmobil", "_mobil", "corp"]);
        assert_eq!(shown("The Home Depot"), ["^the", "^home", "depot"]);
        assert_eq!(shown("McDonald's"), ["^mcdonalds", "_donalds"]);
        assert_eq!(shown("Procter & Gamble and Sons"), ["^procter", "gamble", "sons"]);
        assert_eq!(shown("And"), ["^and"]);
        assert_eq!(shown("&"), [""; 0]);
    }
}
