//! The file `company_tickers_exchange.json` of the SEC (sec.gov/files): the companies that report to it, by market value.

use super::classify;
use crate::db::text_pool::TextPool;
use serde::Deserialize;
use std::io::Read;
use watchtape_shared::ticker::Ticker;
use watchtape_shared::{Currency, Symbol};

/// Its fields, in the order in which each row has them.
const FIELDS: [&str; 4] = ["cik", "name", "ticker", "exchange"];
/// The size at most: the file has 1 MB.
const MAX_BYTES: u64 = 64 << 20;

#[derive(Deserialize)]
struct File {
    fields: Vec<String>,
    data: Vec<(u64, String, String, Option<String>)>,
}

/// Reads the rows, which have ranks in their order. Class separators are those of the catalogue: `BRK.B` for `BRK-B`.
pub(super) fn read(
    name: &str,
    source: impl Read,
    last_rank: u32,
    mut take: impl FnMut(u64, Ticker) -> Result<(), String>,
) -> Result<(), String> {
    let file: File = serde_json::from_reader(source.take(MAX_BYTES)).map_err(|error| format!("{name}: {error}"))?;
    if file.fields != FIELDS {
        return Err(format!("{name}: the fields are not {}", FIELDS.join(", ")));
    }
    let mut pool = TextPool::default();
    for ((_, title, ticker, exchange), row) in file.data.into_iter().zip(1_u32..) {
        let symbol = Symbol::parse(&ticker.replace('-', "."))
            .map_err(|cause| format!("{name}: row {row}, {ticker:?}: {cause}"))?;
        let mic = exchange.as_deref().and_then(|exchange| match exchange {
            "Nasdaq" => Some("XNAS"),
            "NYSE" => Some("XNYS"),
            "CBOE" => Some("BATS"),
            "OTC" => Some("OTCM"),
            _ => None,
        });
        take(
            row.into(),
            Ticker {
                symbol,
                class: classify::by_name(symbol.as_str(), &title),
                name: title.into(),
                mic: mic.map(|mic| pool.text(mic)),
                currency: Currency::USD,
                country: None,
                isin: None,
                sector: None,
                indices: pool.list(""),
                rank: last_rank.saturating_add(row),
                delisted: false,
            },
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::catalog::parse;

    #[test]
    fn companies_have_their_order_and_exchange() {
        let file = r#"{"fields":["cik","name","ticker","exchange"],"data":[[320193,"Apple Inc.","AAPL","Nasdaq"],
            [1067983,"BERKSHIRE HATHAWAY INC","BRK-B","NYSE"],[1,"Unlisted",  "UNL",null]]}"#;
        let found = parse("sec.json", file.as_bytes()).expect("it parses");
        let shown: Vec<_> =
            found.iter().map(|ticker| (ticker.symbol.to_string(), ticker.mic.as_deref(), ticker.rank)).collect();
        let expected = [("AAPL", Some("XNAS"), 1), ("BRK.B", Some("XNYS"), 2), ("UNL", None, 3)];
        assert_eq!(shown, expected.map(|(symbol, mic, rank)| (symbol.to_owned(), mic, rank)));
    }

    #[test]
    fn another_file_is_refused_by_what_it_lacks() {
        for (file, cause) in [
            (r#"{"fields":["cik","ticker"],"data":[]}"#, "sec.json: the fields are not cik, name, ticker, exchange"),
            (r#"{"0":{"cik_str":320193}}"#, "sec.json: missing field `fields`"),
        ] {
            let error = parse("sec.json", file.as_bytes()).expect_err("refused");
            assert!(error.starts_with(cause), "{error}");
        }
    }
}
