//! Relevance tests: queries against the embedded catalogue, each with the symbols that must be among the first few results.

use super::{SearchScope, TickerIndex};
use std::sync::Arc;
use watchtape_shared::Symbol;
use watchtape_shared::ticker::MatchedField;

/// A query, the number of results that are checked, and the symbols that must be among them.
type Row = (&'static str, usize, &'static str);

const EXACT_SYMBOLS: &[Row] = &[
    ("AAPL", 1, "AAPL"),
    ("aapl", 1, "AAPL"),
    (" msft ", 1, "MSFT"),
    ("brk.b", 1, "BRK.B"),
    ("BRK-B", 1, "BRK.B"),
    ("brkb", 1, "BRK.B"),
    ("brk b", 1, "BRK.B"),
    ("brk/b", 1, "BRK.B"),
    ("brk.a", 1, "BRK.A"),
    ("hm-b.st", 1, "HM-B.ST"),
    ("hm b st", 1, "HM-B.ST"),
    ("bt-a.l", 1, "BT-A.L"),
    ("7203.t", 1, "7203.T"),
    ("air.pa", 1, "AIR.PA"),
    ("jpm.pc", 1, "JPM.PC"),
    ("jpmpc", 1, "JPM.PC"),
    ("inn.pf", 2, "INN.PF INNPF"),
    ("inn.pf", 1, "INN.PF"),
    ("innpf", 1, "INNPF"),
    ("t", 1, "T"),
    ("f", 1, "F"),
    ("ge", 1, "GE"),
    ("v", 1, "V"),
    ("app", 1, "APP"),
    ("meta", 1, "META"),
    ("spy", 1, "SPY"),
    ("aple", 2, "APLE AAPL"),
];

const SYMBOL_PREFIXES: &[Row] = &[
    ("brk", 2, "BRK.B BRK.A"),
    ("brk.", 2, "BRK.B BRK.A"),
    ("goog", 2, "GOOG GOOGL"),
    ("7203", 1, "7203.T"),
    ("vow3", 1, "VOW3.DE"),
    ("nesn", 1, "NESN.SW"),
    ("nvd", 1, "NVDA"),
    ("tsl", 1, "TSLA"),
    ("msf", 1, "MSFT"),
    ("aap", 2, "AAP AAPL"),
    ("a", 4, "A AAPL AMZN"),
    ("bmw", 2, "BMWKY BMW.DE"),
];

const NAMES: &[Row] = &[
    ("nvidia", 1, "NVDA"),
    ("apple", 1, "AAPL"),
    ("Microsoft", 1, "MSFT"),
    ("micros", 1, "MSFT"),
    ("amazon", 1, "AMZN"),
    ("amaz", 1, "AMZN"),
    ("alphabet", 2, "GOOGL GOOG"),
    ("berkshire", 2, "BRK.B BRK.A"),
    ("tesla", 1, "TSLA"),
    ("visa", 1, "V"),
    ("ford", 1, "F"),
    ("target", 1, "TGT"),
    ("costco", 1, "COST"),
    ("boeing", 1, "BA"),
    ("disney", 1, "DIS"),
    ("walt disney", 1, "DIS"),
    ("lilly", 1, "LLY"),
    ("eli lilly", 1, "LLY"),
    ("toyota", 1, "7203.T"),
    ("toyota", 2, "TM"),
    ("goldman", 1, "GS"),
    ("goldman sachs", 1, "GS"),
    ("morgan stanley", 1, "MS"),
    ("wells fargo", 1, "WFC"),
    ("well fargo", 1, "WFC"),
    ("citi", 1, "C"),
    ("american express", 1, "AXP"),
    ("bank of america", 1, "BAC"),
    ("bank of am", 1, "BAC"),
    ("bank america", 1, "BAC"),
    ("royal bank canada", 1, "RY"),
    ("bank new york", 1, "BNY"),
    ("johnson johnson", 1, "JNJ"),
    ("bristol myers", 1, "BMY"),
    ("home depot", 1, "HD"),
    ("novo nord", 1, "NVO"),
    ("rio tinto", 3, "RIO"),
    ("taiwan semiconductor", 1, "TSM"),
    ("general motors", 1, "GM"),
    ("s&p global", 1, "SPGI"),
    ("s&p 500", 2, "SPY"),
    ("natural gas fund", 1, "UNG"),
    ("ishares silver", 1, "SLV"),
    ("spdr gold", 1, "GLD"),
    ("chevron", 1, "CVX"),
    ("square", 1, "XYZ"),
    ("block", 1, "XYZ"),
    ("schwab", 3, "SCHW"),
    ("bayer", 6, "BAYN.DE"),
];

const WORDS_IN_ANY_ORDER: &[Row] = &[
    ("hathaway berkshire", 2, "BRK.B BRK.A"),
    ("america bank of", 1, "BAC"),
    ("chase jp morgan", 1, "JPM"),
    ("stanley morgan", 1, "MS"),
    ("motors general", 1, "GM"),
    ("schwab charles", 3, "SCHW"),
    ("charles schwab", 1, "SCHW"),
    ("semiconductor taiwan", 1, "TSM"),
];

const JOINED_AND_SPLIT: &[Row] = &[
    ("jp morgan", 1, "JPM"),
    ("jpmorgan", 1, "JPM"),
    ("j.p. morgan", 1, "JPM"),
    ("jp morgan chase", 1, "JPM"),
    ("wal mart", 1, "WMT"),
    ("wal-mart", 1, "WMT"),
    ("bank ofamerica", 1, "BAC"),
    ("bankofamerica", 1, "BAC"),
    ("coca cola", 1, "KO"),
    ("cocacola", 1, "KO"),
    ("coca-cola", 1, "KO"),
    ("black rock", 1, "BLK"),
    ("exxon mobil", 1, "XOM"),
    ("mobil exxon", 1, "XOM"),
    ("united health", 1, "UNH"),
    ("home depo", 1, "HD"),
    ("homedepot", 1, "HD"),
    ("t mobile", 1, "TMUS"),
    ("tmobile", 1, "TMUS"),
    ("t-mobile", 1, "TMUS"),
    ("master card", 1, "MA"),
    ("pay pal", 1, "PYPL"),
    ("sales force", 1, "CRM"),
    ("crowd strike", 1, "CRWD"),
    ("data dog", 1, "DDOG"),
    ("gold man sachs", 1, "GS"),
    ("morganstanley", 1, "MS"),
    ("mercado libre", 1, "MELI"),
    ("mercadolibre", 1, "MELI"),
    ("total energies", 1, "TTE"),
    ("us bancorp", 1, "USB"),
    ("u.s. bancorp", 1, "USB"),
    ("mercedesbenz", 1, "MBG.DE"),
];

const PUNCTUATION_AND_ACCENTS: &[Row] = &[
    ("at&t", 1, "T"),
    ("AT & T", 1, "T"),
    ("at and t", 1, "T"),
    ("att", 1, "T"),
    ("p&g", 1, "PG"),
    ("procter & gamble", 1, "PG"),
    ("procter and gamble", 1, "PG"),
    ("procter gamble", 1, "PG"),
    ("j&j", 1, "JNJ"),
    ("johnson and johnson", 1, "JNJ"),
    ("m&t", 1, "MTB"),
    ("h&m", 2, "HMRZF HM-B.ST"),
    ("k+s", 1, "SDF.DE"),
    ("kuehne nagel", 1, "KNIN.SW"),
    ("mcdonalds", 1, "MCD"),
    ("mcdonald's", 1, "MCD"),
    ("McDonald’s", 1, "MCD"),
    ("lowes", 1, "LOW"),
    ("o'reilly", 1, "ORLY"),
    ("oreilly", 1, "ORLY"),
    ("reilly", 1, "ORLY"),
    ("bjs restaurants", 1, "BJRI"),
    ("l'oreal", 1, "OR.PA"),
    ("L'Oréal", 1, "OR.PA"),
    ("loreal", 1, "OR.PA"),
    ("oreal", 1, "OR.PA"),
    ("nestle", 1, "NESN.SW"),
    ("NESTLÉ", 1, "NESN.SW"),
    ("nestle\u{301}", 1, "NESN.SW"),
    ("estee lauder", 1, "EL"),
    ("hermes", 1, "RMS.PA"),
    ("schrodinger", 1, "SDGR"),
    ("credit agricole", 2, "ACA.PA"),
    ("drägerwerk", 1, "DRW3.DE"),
    ("dragerwerk", 1, "DRW3.DE"),
    ("deutsche borse", 1, "DB1.DE"),
    ("deutsche boerse", 1, "DB1.DE"),
    ("dassault systemes", 1, "DSY.PA"),
];

const CORPORATE_SUFFIXES: &[Row] = &[
    ("apple inc", 1, "AAPL"),
    ("Apple Inc.", 1, "AAPL"),
    ("nvidia corp", 1, "NVDA"),
    ("nvidia c", 1, "NVDA"),
    ("nvidia co", 1, "NVDA"),
    ("nvidia cor", 1, "NVDA"),
    ("microsoft corporation", 1, "MSFT"),
    ("walmart inc", 1, "WMT"),
    ("amazon.com", 1, "AMZN"),
    ("amazon.com, inc.", 1, "AMZN"),
    ("bank of america corp", 1, "BAC"),
    ("the coca cola company", 1, "KO"),
    ("the home depot", 1, "HD"),
    ("nestle s.a.", 1, "NESN.SW"),
    ("shell plc", 1, "SHEL"),
    ("apple stock", 1, "AAPL"),
];

const TYPING_ERRORS: &[Row] = &[
    ("nvidai", 1, "NVDA"),
    ("nvdia", 1, "NVDA"),
    ("microsft", 1, "MSFT"),
    ("mircosoft", 1, "MSFT"),
    ("micorsof", 1, "MSFT"),
    ("gogle", 1, "GOOGL"),
    ("appel", 1, "AAPL"),
    ("amazn", 1, "AMZN"),
    ("amzon", 1, "AMZN"),
    ("tesal", 1, "TSLA"),
    ("teslla", 1, "TSLA"),
    ("netfilx", 1, "NFLX"),
    ("facebok", 1, "META"),
    ("berkshre hath", 2, "BRK.B BRK.A"),
    ("bershire hathway", 2, "BRK.B BRK.A"),
    ("walmrt", 1, "WMT"),
    ("wallmart", 1, "WMT"),
    ("wall mart", 1, "WMT"),
    ("jp morgn", 1, "JPM"),
    ("goldmann sachs", 1, "GS"),
    ("genral motors", 1, "GM"),
    ("jonson johnson", 1, "JNJ"),
    ("johnsn", 1, "JNJ"),
    ("pfzer", 1, "PFE"),
    ("phizer", 1, "PFE"),
    ("starbuks", 1, "SBUX"),
    ("sturbucks", 1, "SBUX"),
    ("costsco", 1, "COST"),
    ("toyta", 1, "TM"),
    ("targt", 2, "TGT"),
    ("spotfy", 1, "SPOT"),
    ("shoppify", 1, "SHOP"),
    ("broadcm", 1, "AVGO"),
    ("orcale", 1, "ORCL"),
    ("adboe", 1, "ADBE"),
    ("verison", 1, "VZ"),
    ("palintir", 1, "PLTR"),
    ("proctor gamble", 1, "PG"),
    ("lokheed martin", 1, "LMT"),
    ("exxonmobile", 1, "XOM"),
    ("cambells", 1, "CPB"),
    ("erickson", 1, "ERIC"),
    ("alianz", 1, "ALV.DE"),
    ("merceds", 1, "MBG.DE"),
    ("nkie", 1, "NKE"),
    ("mfst", 3, "MSFT"),
    ("googel", 1, "GOOGL"),
    ("nvad", 1, "NVDA"),
    ("bank ofamerca", 1, "BAC"),
];

const OTHER_NAMES: &[Row] = &[
    ("google", 2, "GOOGL GOOG"),
    ("facebook", 1, "META"),
    ("general electric", 1, "GE"),
    ("raytheon", 1, "RTX"),
    ("tsmc", 1, "TSM"),
    ("amex", 1, "AXP"),
];

const FOREIGN_LISTINGS: &[Row] = &[
    ("airbus", 1, "AIR.PA"),
    ("volkswagen", 1, "VOW3.DE"),
    ("adidas", 1, "ADS.DE"),
    ("roche", 1, "ROG.SW"),
    ("nintendo", 1, "7974.T"),
    ("softbank", 1, "9434.T"),
    ("volvo", 1, "VOLV-B.ST"),
    ("danone", 1, "BN.PA"),
    ("acciona energia", 1, "ANE.MC"),
    ("lvmh", 1, "MC.PA"),
];

const ISINS: &[Row] = &[
    ("US0378331005", 1, "AAPL"),
    ("us0378331005", 1, "AAPL"),
    ("US 0378331005", 1, "AAPL"),
    ("US0378", 1, "AAPL"),
    ("us594918", 1, "MSFT"),
    ("US02079K1079", 2, "GOOGL GOOG"),
    ("CH0038863350", 1, "NESN.SW"),
    ("fr0000120321", 1, "OR.PA"),
    ("JP3633400001", 1, "7203.T"),
    ("nl00102732", 1, "ASML"),
];

#[test]
fn every_query_finds_its_symbols() {
    let index = catalogue();
    let tables = [
        EXACT_SYMBOLS,
        SYMBOL_PREFIXES,
        NAMES,
        WORDS_IN_ANY_ORDER,
        JOINED_AND_SPLIT,
        PUNCTUATION_AND_ACCENTS,
        CORPORATE_SUFFIXES,
        TYPING_ERRORS,
        OTHER_NAMES,
        FOREIGN_LISTINGS,
        ISINS,
    ];
    let failing: Vec<String> = tables.concat().iter().filter_map(|row| failure(&index, row)).collect();
    assert!(failing.is_empty(), "{} queries fail:\n{}", failing.len(), failing.join("\n"));
}

fn failure(index: &TickerIndex, (query, among, expected): &Row) -> Option<String> {
    let found = symbols(index, query, *among);
    let all = expected.split(' ').all(|symbol| found.iter().any(|found| found == symbol));
    (!all).then(|| format!("{query:>24}  {expected} not among {found:?}"))
}

/// Queries as people type them, each with the symbols that may be meant, separated by blanks. Of a catalogue those count that have
/// one of them.
const QUERIES: &str = include_str!("../../tests/data/queries.tsv");
const MIN_FIRST: f64 = 0.95;
const MIN_AMONG_FIVE: f64 = 0.99;

#[test]
fn what_is_meant_comes_first_in_a_small_and_in_a_large_catalogue() {
    for (index, min_queries) in [(catalogue(), 300), (large_catalogue(), 340)] {
        let (mut count, mut first, mut among_five, mut missed) = (0_u32, 0_u32, 0_u32, Vec::new());
        for (query, meant) in QUERIES.lines().map(|line| line.split_once('\t').expect("two fields")) {
            let known = |symbol: &&str| index.get(&Symbol::parse(symbol).expect("a symbol")).is_some();
            let meant: Vec<&str> = meant.split(' ').filter(known).collect();
            if meant.is_empty() {
                continue;
            }
            count += 1;
            let found = symbols(&index, query, 5);
            let place = found.iter().position(|found| meant.contains(&found.as_str()));
            first += u32::from(place == Some(0));
            among_five += u32::from(place.is_some());
            if place != Some(0) {
                missed.push(format!("{query:?} finds {found:?}"));
            }
        }
        assert!(count >= min_queries, "{count} queries");
        let share = |of: u32| f64::from(of) / f64::from(count);
        let is_enough = share(first) >= MIN_FIRST && share(among_five) >= MIN_AMONG_FIVE;
        assert!(is_enough, "first {:.3}, among five {:.3}: {missed:#?}", share(first), share(among_five));
    }
}

#[test]
fn the_matched_characters_are_highlighted() {
    let index = catalogue();
    for (query, symbol, field, marked, fuzzy) in [
        ("brkb", "BRK.B", MatchedField::Symbol, "BRK.B", false),
        ("brk", "BRK.B", MatchedField::Symbol, "BRK", false),
        ("coca cola", "KO", MatchedField::Name, "Coca|Cola", false),
        ("cocacola", "KO", MatchedField::Name, "Coca Cola", false),
        ("jp mor", "JPM", MatchedField::Name, "JPMor", false),
        ("at&t", "T", MatchedField::Name, "AT|T", false),
        ("att", "T", MatchedField::Name, "AT&T", false),
        ("oreal", "OR.PA", MatchedField::Name, "Oréal", false),
        ("chase jp morgan", "JPM", MatchedField::Name, "JPMorgan|Chase", false),
        ("us bancorp", "USB", MatchedField::Name, "U.S|Bancorp", false),
        ("us0378", "AAPL", MatchedField::Isin, "US0378", false),
        ("nvidai", "NVDA", MatchedField::Name, "Nvidia", true),
        ("berkshre hath", "BRK.B", MatchedField::Name, "Berkshire|Hath", true),
        ("nvdaa", "NVDA", MatchedField::Symbol, "NVDA", true),
        ("google", "GOOGL", MatchedField::Name, "", false),
    ] {
        let page = index.search(query, 0, 5);
        let (ticker, matched) = page.matches.iter().find(|(ticker, _)| ticker.symbol.as_str() == symbol).expect(query);
        let matched = matched.as_ref().expect("there is a query");
        let text = match matched.field {
            MatchedField::Symbol => ticker.symbol.as_str(),
            MatchedField::Name => &ticker.name,
            MatchedField::Isin => ticker.isin.as_deref().expect("it was found in it"),
        };
        let chars: Vec<char> = text.chars().collect();
        let parts = matched.ranges.iter().map(|[from, to]| chars[*from as usize..*to as usize].iter().collect());
        let parts: Vec<String> = parts.collect();
        assert_eq!((matched.field, parts.join("|").as_str(), matched.fuzzy), (field, marked, fuzzy), "{query}");
    }
}

#[test]
fn a_blank_query_lists_by_rank() {
    let index = catalogue();
    for query in ["", "  "] {
        let page = index.search(query, 3, 4);
        let ranks: Vec<u32> = page.matches.iter().map(|(ticker, _)| ticker.rank).collect();
        assert_eq!(ranks, [4, 5, 6, 7]);
        assert!(page.more && page.matches.iter().all(|(_, matched)| matched.is_none()));
        assert!(!index.search(query, index.len() - 2, 2).more);
    }
    assert!(index.search("&!?", 0, 5).matches.is_empty(), "punctuation is not blank");
}

#[test]
fn of_listings_abroad_those_at_the_seekers_own_exchanges_come_first() {
    let index = large_catalogue();
    let first_abroad = |exchanges: &[&str]| {
        let exchanges = exchanges.iter().map(|mic| (*mic).to_owned()).collect();
        let page = index.search_for("apple", &SearchScope { class: None, exchanges }, 0, 2);
        page.matches.iter().map(|(ticker, _)| ticker.symbol.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(first_abroad(&[]), ["AAPL", "AAPL.BA"]);
    assert_eq!(first_abroad(&["XMEX"]), ["AAPL", "AAPL.MX"]);
}

#[test]
fn a_query_has_two_thousand_results_at_most() {
    let index = catalogue();
    let last = index.search("a", 1_995, 50);
    assert_eq!((last.matches.len(), last.more), (5, false));
    assert!(index.search("a", 2_000, 50).matches.is_empty() && index.search("a", 1_900, 50).more);
}

fn symbols(index: &TickerIndex, query: &str, limit: usize) -> Vec<String> {
    index.search(query, 0, limit).matches.iter().map(|(ticker, _)| ticker.symbol.to_string()).collect()
}

fn catalogue() -> TickerIndex {
    read(include_str!("../../data/securities.csv").as_bytes())
}

/// 130,623 listings; see `api/tests/data/README.md`.
fn large_catalogue() -> TickerIndex {
    read(flate2::read::GzDecoder::new(&include_bytes!("../../tests/data/securities_131k.csv.gz")[..]))
}

fn read(csv: impl std::io::Read) -> TickerIndex {
    let tickers = crate::catalog::parse("securities.csv", csv).expect("it parses");
    TickerIndex::new(tickers.into_iter().map(Arc::new).collect())
}
