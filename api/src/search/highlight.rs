//! Highlighting: the field of a result that matched, and the character ranges in it. Computed again for the results of a
//! page alone, so that a hit need not store positions.
//!
//! Deliberately absent: the order of results.

use super::aliases;
use super::edit_distance::Pattern;
use super::hit::{Field, Hit};
use super::interpretation::{Interpretation, Token};
use super::name::{self, NameWord};
use super::normalize;
use super::query::Query;
use watchtape_shared::ticker::{Matched, MatchedField, Ticker};

/// The matched field and ranges of a hit.
pub(super) fn highlight(ticker: &Ticker, query: &Query, interpretations: &[Interpretation], hit: &Hit) -> Matched {
    let letters = query.code.chars().count();
    let code_letters = |wanted: usize| {
        // At an exchange that a word names the code is what is left of the query.
        interpretations
            .iter()
            .filter_map(|one| one.code.as_ref())
            .map(|code| code.chars().count())
            .min()
            .unwrap_or(wanted)
    };
    let (field, ranges) = match hit.field {
        Field::Symbol => {
            let symbol = ticker.symbol.as_str();
            let is_prefix = super::codes::fold(symbol).starts_with(&query.code);
            (MatchedField::Symbol, code_ranges(symbol, if is_prefix { letters } else { code_letters(letters) }))
        }
        Field::ListedSymbol | Field::MistypedSymbol => {
            (MatchedField::Symbol, code_ranges(ticker.symbol.as_str(), usize::MAX))
        }
        Field::Isin => (MatchedField::Isin, code_ranges(ticker.isin.as_deref().unwrap_or_default(), letters)),
        Field::Name(at) => (MatchedField::Name, name_ranges(&ticker.name, &interpretations[at], exact)),
        Field::MistypedName(at) => (MatchedField::Name, name_ranges(&ticker.name, &interpretations[at], mistyped)),
    };
    let has_alias = || aliases::names_of(ticker.symbol.as_str()).next().is_some();
    let ranges = if ranges.is_empty() && field == MatchedField::Name && !has_alias() {
        // Another listing of the company has the words in its name: the whole name is what was meant.
        let chars = ticker.name.chars().count() as u32;
        (chars > 0).then_some([0, chars]).into_iter().collect()
    } else {
        ranges
    };
    Matched { field, ranges, fuzzy: hit.field.is_mistyped() }
}

/// The range of the first letters of a symbol or an ISIN.
fn code_ranges(code: &str, letters: usize) -> Vec<[u32; 2]> {
    let letters: Vec<_> = normalize::letters(code).into_iter().take(letters).collect();
    let range = letters.first().zip(letters.last());
    range.map(|(first, last)| [u32::from(first.char_index), u32::from(last.char_index) + 1]).into_iter().collect()
}

/// How many letters of a word a token matches, and how badly; less is better.
type Likeness = fn(&Token, &str) -> Option<(usize, u8)>;

fn exact(token: &Token, word: &str) -> Option<(usize, u8)> {
    word.starts_with(&token.text).then_some((token.letters, u8::from(word.len() != token.text.len())))
}

fn mistyped(token: &Token, word: &str) -> Option<(usize, u8)> {
    let letters: Vec<char> = token.text.chars().collect();
    let Some(pattern) = Pattern::new(&letters) else { return exact(token, word) };
    let word: Vec<char> = word.chars().collect();
    let (errors, len) = pattern.match_prefix(&word, |len| len == word.len())?;
    Some((len, errors))
}

/// The ranges of the tokens in a name: one after the other if they are so in it, else each at the word that it is most like.
fn name_ranges(text: &str, wanted: &Interpretation, likeness: Likeness) -> Vec<[u32; 2]> {
    let name = name::words(text);
    let run = (0..name.len()).find_map(|from| consecutive(&name[from..], from, &wanted.tokens, likeness));
    let places = run.unwrap_or_else(|| anywhere(&name, &wanted.tokens, likeness));
    let mut ranges: Vec<(usize, [u32; 2])> = Vec::new();
    for (at, letters, typed_word) in places {
        let chars = &name[at].char_indices[..letters];
        let (Some(first), Some(last)) = (chars.first(), chars.last()) else { continue };
        ranges.push((typed_word, [u32::from(*first), u32::from(*last) + 1]));
    }
    ranges.sort_unstable_by_key(|(_, range)| *range);
    ranges.dedup_by(|(next_word, next), (word, kept)| {
        // What was typed as one word is marked as one.
        let is_one = next[0] <= kept[1] || next_word == word;
        kept[1] = if is_one { kept[1].max(next[1]) } else { kept[1] };
        is_one
    });
    let ranges: Vec<[u32; 2]> = ranges.into_iter().map(|(_, range)| range).collect();
    if ranges.is_empty() { joined_range(&name, &wanted.tokens) } else { ranges }
}

/// The range of words that were typed as one: the name was found by another name of the company, and has `AT&T` for `att`.
fn joined_range(name: &[NameWord], tokens: &[Token]) -> Vec<[u32; 2]> {
    let typed: String = tokens.iter().map(|token| token.text.as_str()).collect();
    let words: Vec<&NameWord> = name.iter().filter(|word| !word.is_inner).collect();
    let starting = (0..words.len()).find_map(|from| {
        let letters: String = words[from..].iter().map(|word| word.text.as_str()).collect();
        let chars = || words[from..].iter().flat_map(|word| &word.char_indices);
        let last = chars().nth(typed.chars().count().checked_sub(1)?)?;
        letters.starts_with(&typed).then_some([u32::from(*chars().next()?), u32::from(*last) + 1])
    });
    starting.into_iter().collect()
}

/// For each token the word of the name, how many of its letters, and the word of the query.
type Places = Vec<(usize, usize, usize)>;

fn consecutive(name: &[NameWord], offset: usize, tokens: &[Token], likeness: Likeness) -> Option<Places> {
    let mut places = Places::new();
    let mut at = 0;
    for token in tokens {
        let fits = |at: usize| Some((at, likeness(token, &name.get(at)?.text)?.0));
        let is_inner = name.get(at).is_some_and(|word| word.is_inner);
        let (found, letters) = fits(at).or_else(|| if is_inner { fits(at + 1) } else { None })?;
        places.push((offset + found, letters, token.typed_word));
        at = found + 1;
    }
    Some(places)
}

fn anywhere(name: &[NameWord], tokens: &[Token], likeness: Likeness) -> Places {
    let mut places = Places::new();
    for token in tokens {
        let fits =
            |(at, word): (usize, &NameWord)| likeness(token, &word.text).map(|(letters, lacks)| (lacks, at, letters));
        let free = |(_, at, _): &(u8, usize, usize)| places.iter().all(|(taken, ..)| taken != at);
        let best = name.iter().enumerate().filter_map(fits).filter(free).min();
        let best = best.or_else(|| name.iter().enumerate().filter_map(fits).min());
        places.extend(best.map(|(_, at, letters)| (at, letters, token.typed_word)));
    }
    places
}
