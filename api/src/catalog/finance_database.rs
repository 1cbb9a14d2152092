//! The CSV files of FinanceDatabase (github.com/JerBouma/FinanceDatabase): equities, ETFs, funds, indices, currencies and
//! cryptocurrencies, of which each has columns of its own.

use super::with_line;
use crate::db::text_pool::TextPool;
use crate::reference::exchanges;
use std::io::Read;
use std::sync::Arc;
use watchtape_shared::ticker::{SecurityClass, Ticker};
use watchtape_shared::{Currency, Symbol};

/// Codes of exchanges in the United States, whose symbols have no suffix.
const UNITED_STATES: [(&str, &str); 16] = [
    ("NMS", "XNAS"),
    ("NGM", "XNAS"),
    ("NCM", "XNAS"),
    ("NAS", "XNAS"),
    ("NIM", "XNAS"),
    ("NYQ", "XNYS"),
    ("NYS", "XNYS"),
    ("ASE", "XASE"),
    ("PCX", "ARCX"),
    ("BTS", "BATS"),
    ("PNK", "OTCM"),
    ("OTC", "OTCM"),
    ("OEM", "OTCM"),
    ("OID", "OTCM"),
    ("OQB", "OTCM"),
    ("OQX", "OTCM"),
];

/// Classes of market value, the largest first: ranks are in their order.
const SIZES: [&str; 6] = ["Mega Cap", "Large Cap", "Mid Cap", "Small Cap", "Micro Cap", "Nano Cap"];

/// Where the columns are that are read.
pub(super) struct Columns {
    name: usize,
    currency: Option<usize>,
    exchange: Option<usize>,
    country: Option<usize>,
    isin: Option<usize>,
    sector: Option<usize>,
    market_cap: Option<usize>,
    class: SecurityClass,
}

impl Columns {
    /// The columns of a header of one of its files; `None` for another format.
    pub(super) fn of(header: &csv::StringRecord) -> Option<Self> {
        let find = |column: &str| header.iter().position(|name| name == column);
        if header.get(0) != Some("symbol") || find("mic").is_some() || find("summary").is_none() {
            return None;
        }
        let class = match () {
            () if find("cryptocurrency").is_some() => SecurityClass::Crypto,
            () if find("base_currency").is_some() => SecurityClass::Fx,
            () if find("manager_name").is_some() => SecurityClass::Fund,
            () if find("family").is_some() => SecurityClass::Etf,
            () if find("category_group").is_some() => SecurityClass::Index,
            () => SecurityClass::Equity,
        };
        Some(Self {
            name: find("name")?,
            currency: find("currency").or_else(|| find("quote_currency")),
            exchange: find("exchange"),
            country: find("country"),
            isin: find("isin"),
            sector: find("sector").or_else(|| find("category")),
            market_cap: find("market_cap"),
            class,
        })
    }
}

/// Reads the lines; each is given to `take` with its number. Lines that cannot be in the catalogue, such as those without a name or a
/// currency, are left out: there are thousands of them.
pub(super) fn read(
    name: &str,
    mut reader: csv::Reader<impl Read>,
    columns: &Columns,
    last_rank: u32,
    mut take: impl FnMut(u64, Ticker) -> Result<(), String>,
) -> Result<(), String> {
    let mut pool = TextPool::default();
    // Each size has its own range, so that ranks are known before the file is read to its end.
    const RANGE: u32 = 1_000_000;
    let mut counts = [0_u32; SIZES.len() + 1];
    for record in reader.records() {
        let (line, record) = with_line(name, record)?;
        let field = |column: Option<usize>| record.get(column?).map(str::trim).filter(|text| !text.is_empty());
        let size = field(columns.market_cap).and_then(|cap| SIZES.iter().position(|size| *size == cap));
        let size = size.unwrap_or(SIZES.len());
        let Some((symbol, title)) =
            Symbol::parse(record.get(0).unwrap_or_default()).ok().zip(field(Some(columns.name)))
        else {
            continue;
        };
        let Some(currency) = field(columns.currency).and_then(currency) else { continue };
        let mic = mic(field(columns.exchange), symbol.as_str());
        let mut shared = |text: Option<&str>| -> Option<Arc<str>> { text.map(|text| pool.text(text)) };
        counts[size] += 1;
        take(
            line,
            Ticker {
                symbol,
                name: title.into(),
                mic: shared(mic),
                currency,
                country: shared(field(columns.country)),
                isin: field(columns.isin).map(Into::into),
                sector: shared(field(columns.sector)),
                indices: Arc::default(),
                rank: last_rank + size as u32 * RANGE + counts[size],
                class: columns.class,
                delisted: false,
            },
        )?;
    }
    Ok(())
}

/// A currency; pence are `GBX` in the catalogue.
fn currency(text: &str) -> Option<Currency> {
    Currency::parse(if text == "GBp" { "GBX" } else { text }).ok()
}

fn mic(code: Option<&str>, symbol: &str) -> Option<&'static str> {
    let american = code.and_then(|code| UNITED_STATES.iter().find(|(known, _)| *known == code));
    american.map(|(_, mic)| *mic).or_else(|| {
        let (_, suffix) = symbol.rsplit_once('.')?;
        let has_suffix = |exchange: &&exchanges::Exchange| exchange.suffix.strip_prefix('.') == Some(suffix);
        exchanges::all().iter().find(has_suffix).map(|exchange| exchange.mic)
    })
}

#[cfg(test)]
mod tests {
    use crate::catalog::parse;
    use watchtape_shared::ticker::SecurityClass;

    #[test]
    fn equities_have_their_exchange_and_size() {
        let file = "symbol,name,summary,currency,sector,industry_group,industry,exchange,market,country,isin,market_cap\n\
             SAP.DE,SAP SE,\"Software, and more\",EUR,Information Technology,,,GER,,Germany,DE0007164600,Mega Cap\n\
             VOD.L,Vodafone,,GBp,,,,LSE,,United Kingdom,,Large Cap\n\
             AAPL,Apple Inc.,,USD,,,,NMS,,United States,,Mega Cap\n\
             ,No symbol,,USD,,,,NMS,,,,\n\
             NONE,,,USD,,,,NMS,,,,\n\
             ^GDAXI,DAX,,EUR,,,,GER,,,,\n";
        let found = parse("equities.csv", file.as_bytes()).expect("it parses");
        let shown: Vec<String> = found
            .iter()
            .map(|ticker| format!("{} {:?} {} {}", ticker.symbol, ticker.mic, ticker.currency, ticker.rank))
            .collect();
        let expected = ["SAP.DE Some(\"XETR\") EUR 1", "VOD.L Some(\"XLON\") GBX 1000001", "AAPL Some(\"XNAS\") USD 2"];
        assert_eq!(shown, expected);
    }

    #[test]
    fn the_columns_tell_the_class() {
        for (columns, class) in [
            ("currency,summary,category_group,category,family,exchange", SecurityClass::Etf),
            ("currency,summary,manager_name,category,family,exchange", SecurityClass::Fund),
            ("summary,exchange,base_currency,quote_currency", SecurityClass::Fx),
            ("cryptocurrency,currency,summary,exchange", SecurityClass::Crypto),
        ] {
            let values: Vec<&str> =
                columns.split(',').map(|column| if column.contains("currency") { "USD" } else { "x" }).collect();
            let file = format!("symbol,name,{columns}\nABC,Name,{}\n", values.join(","));
            let found = parse("other.csv", file.as_bytes()).expect("it parses");
            assert_eq!(found.iter().map(|ticker| ticker.class).collect::<Vec<_>>(), [class]);
        }
    }
}
