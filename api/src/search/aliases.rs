//! Other names of companies that are not in the catalogue: former names, and what customers call them. They are searched
//! like words of the name; a match has no range to highlight.
//!
//! Deliberately absent: nicknames that are a prefix of a word of the name, or the symbol, which match anyway.

/// Symbols, each with one more name of its company.
const NAMES: [(&str, &str); 32] = [
    ("AMD", "Advanced Micro Devices"),
    ("AXP", "Amex"),
    ("BAC", "BofA"),
    ("BUD", "Anheuser-Busch"),
    ("DE", "Deere & Company"),
    ("GE", "General Electric"),
    ("GOOG", "Google"),
    ("GOOGL", "Google"),
    ("HEIA.AS", "Heineken"),
    ("HM-B.ST", "Hennes & Mauritz"),
    ("IBM", "International Business Machines"),
    ("JNJ", "J&J"),
    ("GSK", "GlaxoSmithKline"),
    ("GSK.L", "GlaxoSmithKline"),
    ("KO", "Coke"),
    ("MC.PA", "Louis Vuitton"),
    ("META", "Facebook"),
    ("META", "FB"),
    ("MMM", "Minnesota Mining and Manufacturing"),
    ("QQQ", "Nasdaq 100"),
    ("RTX", "Raytheon"),
    ("PG", "P&G"),
    ("T", "ATT"),
    ("TD", "TD Bank"),
    ("TD.TO", "TD Bank"),
    ("TSLA", "Tesla Motors"),
    ("TSM", "TSMC"),
    ("2330.TW", "TSMC"),
    ("VOW3.DE", "VW"),
    ("VWAGY", "VW"),
    ("XYZ", "Square"),
    ("0700.HK", "Tencent"),
];

/// The other names of the company with this symbol.
pub(super) fn names_of(symbol: &str) -> impl Iterator<Item = &'static str> {
    NAMES.iter().filter(move |(of, _)| *of == symbol).map(|(_, name)| *name)
}
