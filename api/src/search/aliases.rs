//! Names people use that the catalogue does not: what a company was called before, or what its customers call it.
//! They are searched as words of the name, and being nowhere in it, they are found without a range to mark.
//!
//! Deliberately absent: nicknames that are the start of a word of the name, or the symbol; those are found anyway.

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
