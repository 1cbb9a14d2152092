//! Other names of companies that are not in the catalogue: former names, and what customers call them. They are searched
//! like words of the name; a match has no range to highlight.
//!
//! Deliberately absent: nicknames that are a prefix of a word of the name, or the symbol, which match anyway.

/// Symbols, each with one more name of its company.
const NAMES: [(&str, &str); 16] = [
    ("AMD", "Advanced Micro Devices"),
    ("AXP", "Amex"),
    ("BAC", "BofA"),
    ("BUD", "Anheuser-Busch"),
    ("GE", "General Electric"),
    ("GOOG", "Google"),
    ("GOOGL", "Google"),
    ("HM-B.ST", "Hennes & Mauritz"),
    ("IBM", "International Business Machines"),
    ("JNJ", "J&J"),
    ("KO", "Coke"),
    ("MC.PA", "Louis Vuitton"),
    ("META", "Facebook"),
    ("RTX", "Raytheon"),
    ("TSM", "TSMC"),
    ("XYZ", "Square"),
];

/// The other names of the company with this symbol.
pub(super) fn names_of(symbol: &str) -> impl Iterator<Item = &'static str> {
    NAMES.iter().filter(move |(of, _)| *of == symbol).map(|(_, name)| *name)
}
