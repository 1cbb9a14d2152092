//! The format of `api/data/securities.csv`, with a tenth column for the class and an eleventh for what is delisted, both of which
//! may be left out.

use super::{classify, with_line};
use crate::db::text_pool::TextPool;
use std::io::{self, Read, Write};
use watchtape_shared::Symbol;
use watchtape_shared::ticker::{SecurityClass, Ticker};

/// The columns, of which the last two may be missing.
const COLUMNS: [&str; 11] =
    ["symbol", "name", "mic", "currency", "country", "isin", "sector", "indices", "rank", "class", "delisted"];
const REQUIRED: usize = 9;

/// Reads the lines; each is given to `take` with its number.
pub(super) fn read(
    name: &str,
    mut reader: csv::Reader<impl Read>,
    header: &csv::StringRecord,
    mut take: impl FnMut(u64, Ticker) -> Result<(), String>,
) -> Result<(), String> {
    if header.len() < REQUIRED
        || header.len() > COLUMNS.len()
        || !header.iter().eq(COLUMNS.iter().copied().take(header.len()))
    {
        return Err(format!(
            "{name}:1: the header is not {}, with class and delisted behind it or not, and not that of another \
             known format",
            COLUMNS[..REQUIRED].join(",")
        ));
    }
    let mut pool = TextPool::default();
    for record in reader.records() {
        let (line, record) = with_line(name, record)?;
        let ticker = parse_ticker(&record, &mut pool).map_err(|cause| format!("{name}:{line}: {cause}"))?;
        take(line, ticker)?;
    }
    Ok(())
}

fn parse_ticker(record: &csv::StringRecord, pool: &mut TextPool) -> Result<Ticker, String> {
    let field = |column: usize| record.get(column).unwrap_or_default().trim();
    let optional = |column: usize| Some(field(column)).filter(|text| !text.is_empty());
    let symbol = Symbol::parse(field(0)).map_err(|cause| format!("symbol {:?}: {cause}", field(0)))?;
    let name = optional(1).ok_or("the name is empty")?;
    let class = match optional(9) {
        Some(class) => SecurityClass::parse(class).ok_or_else(|| format!("class {class:?} is none of the classes"))?,
        None => classify::by_name(symbol.as_str(), name),
    };
    Ok(Ticker {
        symbol,
        name: name.into(),
        mic: optional(2).map(|text| pool.text(text)),
        currency: field(3).parse().map_err(|cause| format!("currency {:?}: {cause}", field(3)))?,
        country: optional(4).map(|text| pool.text(text)),
        isin: optional(5).map(Into::into),
        sector: optional(6).map(|text| pool.text(text)),
        indices: pool.list(field(7)),
        rank: field(8).parse().map_err(|_| format!("rank {:?} is not a whole number", field(8)))?,
        class,
        delisted: match field(10) {
            "" | "false" => false,
            "true" => true,
            other => return Err(format!("delisted {other:?} is neither true nor false")),
        },
    })
}

/// Writes securities in this format, with all columns.
pub fn export(tickers: impl IntoIterator<Item = Ticker>, target: impl Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(target);
    writer.write_record(COLUMNS)?;
    for ticker in tickers {
        let text = |text: &Option<std::sync::Arc<str>>| text.as_deref().unwrap_or_default().to_owned();
        writer.write_record([
            ticker.symbol.to_string(),
            ticker.name.to_string(),
            text(&ticker.mic),
            ticker.currency.to_string(),
            text(&ticker.country),
            text(&ticker.isin),
            text(&ticker.sector),
            ticker.indices.join("|"),
            ticker.rank.to_string(),
            ticker.class.name().to_owned(),
            ticker.delisted.to_string(),
        ])?;
    }
    writer.flush()
}

#[cfg(test)]
mod tests {
    use crate::catalog::{embedded, export, parse};

    #[test]
    fn the_embedded_catalogue_is_complete() {
        assert_eq!(embedded().expect("it parses").len(), 10_991);
    }

    #[test]
    fn what_is_exported_is_what_was_read() {
        let tickers = embedded().expect("it parses");
        let mut file = Vec::new();
        export(tickers.iter().cloned(), &mut file).expect("memory");
        assert_eq!(parse("export.csv", file.as_slice()), Ok(tickers));
    }

    #[test]
    fn an_error_names_file_line_and_cause() {
        let head = super::COLUMNS[..super::REQUIRED].join(",");
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
        for (fields, cause) in [("bond,", "f.csv:2: class \"bond\" is none"), ("etf,no", "f.csv:2: delisted \"no\"")] {
            let file = format!("{head},class,delisted\nAB,Name,XNYS,USD,,,,,1,{fields}\n");
            assert!(parse("f.csv", file.as_bytes()).expect_err("malformed").starts_with(cause));
        }
    }
}
