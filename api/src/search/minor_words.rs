//! Words that say little of which company is meant: legal forms, and what listings add to a name. A name that has others
//! besides is matched in full without them.

/// Legal forms, and words that people add to a company's name: at the end of a query they need not be in the name.
/// "And" is among them so that results stay while it is being typed.
const SUFFIXES: [&str; 26] = [
    "ab",
    "ag",
    "and",
    "asa",
    "co",
    "com",
    "company",
    "corp",
    "corporation",
    "etf",
    "fund",
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

/// More of them, which people do not type but names have.
const OTHERS: [&str; 33] = [
    "adr",
    "adrs",
    "aktiengesellschaft",
    "as",
    "berhad",
    "bhd",
    "class",
    "common",
    "cv",
    "de",
    "dl",
    "eo",
    "gmbh",
    "group",
    "holding",
    "holdings",
    "jsc",
    "kgaa",
    "kk",
    "new",
    "ord",
    "ordinary",
    "pjsc",
    "pt",
    "publ",
    "reg",
    "sab",
    "sponsored",
    "tbk",
    "the",
    "trust",
    "vz",
    "of",
];

/// Whether a word is a corporate suffix or, with `allow_partial`, at least its first two letters.
pub(super) fn is_suffix(word: &str, allow_partial: bool) -> bool {
    SUFFIXES.iter().any(|suffix| *suffix == word || (allow_partial && word.len() > 1 && suffix.starts_with(word)))
}

/// Whether a corporate suffix begins with this letter.
pub(super) fn is_first_of_suffix(letter: char) -> bool {
    SUFFIXES.iter().any(|suffix| suffix.starts_with(letter))
}

/// Whether a word of a name says little.
pub(super) fn is_minor(word: &str) -> bool {
    // The letters of `S A` and `A/S` too.
    word.len() == 1 || SUFFIXES.contains(&word) || OTHERS.contains(&word)
}
