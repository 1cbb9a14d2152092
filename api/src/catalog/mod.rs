//! The catalogue of securities: the embedded CSV file, and the parser for an operator's own.

use std::io::Read;
use watchtape_shared::Symbol;
use watchtape_shared::ticker::Ticker;

const EMBEDDED: &str = include_str!("../../data/securities.csv");
const HEADER: [&str; 9] = ["symbol", "name", "mic", "currency", "country", "isin", "sector", "indices", "rank"];

/// The embedded catalogue.
pub fn embedded() -> Result<Vec<Ticker>, String> {
    parse("securities.csv", EMBEDDED.as_bytes())
}

/// Parses a catalogue. An error names the file, the line and the cause, and rejects the whole file.
pub fn parse(name: &str, source: impl Read) -> Result<Vec<Ticker>, String> {
    let mut reader = csv::Reader::from_reader(source);
    let header = reader.headers().map_err(|error| format!("{name}:1: {error}"))?;
    if !header.iter().eq(HEADER) {
        return Err(format!("{name}:1: the header is not {}", HEADER.join(",")));
    }
    let mut seen = std::collections::HashSet::new();
    let mut tickers = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            format!("{name}:{line}: {error}")
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        let ticker = parse_ticker(&record).map_err(|cause| format!("{name}:{line}: {cause}"))?;
        if !seen.insert(ticker.symbol) {
            return Err(format!("{name}:{line}: a second line for {}", ticker.symbol));
        }
        tickers.push(ticker);
    }
    Ok(tickers)
}

fn parse_ticker(record: &csv::StringRecord) -> Result<Ticker, String> {
    let field = |column: usize| record.get(column).unwrap_or_default().trim();
    let optional = |column: usize| Some(field(column).to_owned()).filter(|text| !text.is_empty());
    let symbol = Symbol::parse(field(0)).map_err(|cause| format!("symbol {:?}: {cause}", field(0)))?;
    let currency = field(3).parse().map_err(|cause| format!("currency {:?}: {cause}", field(3)))?;
    Ok(Ticker {
        symbol,
        name: optional(1).ok_or("the name is empty")?,
        mic: optional(2),
        currency,
        country: optional(4),
        isin: optional(5),
        sector: optional(6),
        indices: field(7).split('|').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        rank: field(8).parse().map_err(|_| format!("rank {:?} is not a whole number", field(8)))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_catalogue_is_complete() {
        assert_eq!(embedded().expect("it parses").len(), 10_991);
    }

    #[test]
    fn an_error_names_file_line_and_cause() {
        let head = HEADER.join(",");
        for (line, cause) in [
            ("A B,Name,XNYS,USD,,,,,1", "f.csv:2: symbol \"A B\": a symbol has only letters, digits, '.' and '-'"),
            ("AB,Name,XNYS,usd,,,,,1", "f.csv:2: currency \"usd\": a currency has three capital letters"),
            ("AB,,XNYS,USD,,,,,1", "f.csv:2: the name is empty"),
            ("AB,Name,XNYS,USD,,,,,x", "f.csv:2: rank \"x\" is not a whole number"),
            ("AB,Name,XNYS,USD,,,,,1\nAB,Name,XNYS,USD,,,,,1", "f.csv:3: a second line for AB"),
        ] {
            assert_eq!(parse("f.csv", format!("{head}\n{line}\n").as_bytes()).expect_err("malformed"), cause);
        }
        assert!(parse("f.csv", "x,y\n".as_bytes()).expect_err("malformed").starts_with("f.csv:1: the header"));
    }
}
