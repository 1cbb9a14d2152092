//! Measures the search over the whole catalogue: every prefix of the symbols and names of the best-ranked securities,
//! as they would be typed, the same with a typing error in them, and queries meant to hurt.
//!
//! `cargo run --release --example search_latency`

#![expect(clippy::disallowed_methods, reason = "tests and measurements have clocks and clients of their own")]

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};
use watchtape::search::TickerIndex;
use watchtape_shared::ticker::Ticker;
use watchtape_shared::{Currency, Symbol};

const CATALOGUE: &str = include_str!("../data/securities.csv");
const LONGEST_QUERY: usize = 64;
const PAGE: usize = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let tickers = catalogue()?;
    let started = Instant::now();
    let index = TickerIndex::new(tickers);
    println!("built over {} securities in {:.1} ms", index.len(), started.elapsed().as_secs_f64() * 1e3);
    println!("{:<10} {:>7} {:>9} {:>9} {:>9}  slowest", "queries", "count", "p50 µs", "p99 µs", "max µs");
    let typed = typed(&index);
    report("typed", &index, &typed);
    report("mistyped", &index, &typed.iter().filter_map(|query| mistype(query)).collect::<Vec<_>>());
    report("hostile", &index, &hostile(&index));
    Ok(())
}

fn catalogue() -> Result<Vec<Arc<Ticker>>, Box<dyn Error>> {
    let text = |field: &str| (!field.is_empty()).then(|| field.to_owned());
    let ticker = |row: csv::StringRecord| -> Result<Arc<Ticker>, Box<dyn Error>> {
        Ok(Arc::new(Ticker {
            symbol: Symbol::parse(&row[0])?,
            name: row[1].to_owned(),
            mic: text(&row[2]),
            currency: Currency::parse(&row[3])?,
            country: text(&row[4]),
            isin: text(&row[5]),
            sector: text(&row[6]),
            indices: row[7].split('|').filter_map(text).collect(),
            rank: row[8].parse()?,
        }))
    };
    csv::Reader::from_reader(CATALOGUE.as_bytes()).into_records().map(|row| ticker(row?)).collect()
}

/// What is asked while the symbols and names of 300 securities are typed, letter by letter.
fn typed(index: &TickerIndex) -> Vec<String> {
    let texts = index.iter().take(300).flat_map(|ticker| [ticker.symbol.to_string(), ticker.name.to_lowercase()]);
    let prefixes = |text: String| {
        let ends: Vec<usize> = text.char_indices().map(|(at, char)| at + char.len_utf8()).take(LONGEST_QUERY).collect();
        ends.into_iter().map(move |end| text[..end].to_owned())
    };
    texts.flat_map(prefixes).collect()
}

/// The query with two letters in its middle swapped.
fn mistype(query: &str) -> Option<String> {
    let mut chars: Vec<char> = query.chars().collect();
    let middle = chars.len() / 2;
    (chars.len() > 3).then(|| chars.swap(middle - 1, middle))?;
    Some(chars.into_iter().collect())
}

/// One letter, many words, long words that are nearly there, every word of the catalogue's commonest.
fn hostile(index: &TickerIndex) -> Vec<String> {
    let letters = || ('a'..='z').chain('0'..='9');
    let commonest = ["international", "acquisition", "technologies", "holdings", "corporation", "pharmaceuticals"];
    let mut queries: Vec<String> = letters().map(String::from).collect();
    queries.extend(letters().flat_map(|a| letters().map(move |b| format!("{a} {b}"))));
    queries.extend(letters().map(|letter| letter.to_string().repeat(LONGEST_QUERY)));
    queries.extend(letters().map(|letter| format!("{letter} ").repeat(LONGEST_QUERY / 2)));
    queries.extend(letters().map(|letter| letters().map(|other| format!("{letter}{other} ")).take(21).collect()));
    queries.extend(commonest.iter().flat_map(|a| commonest.iter().map(move |b| format!("{a} {b} inc corp co"))));
    queries.extend(commonest.iter().filter_map(|word| Some(format!("{word} {} {}", mistype(word)?, mistype(word)?))));
    queries.extend(["a b c d e f g h i j k l m n o p q r s t u v w x y z 0 1 2 3 4 5".into(), "ﷺ".repeat(64)]);
    let longest = index.iter().map(|ticker| ticker.name.to_lowercase()).filter(|name| name.len() > 48);
    queries.extend(longest.map(|name| mistype(&name).unwrap_or(name)));
    queries.iter_mut().for_each(|query| *query = query.chars().take(LONGEST_QUERY).collect());
    queries
}

fn report(what: &str, index: &TickerIndex, queries: &[String]) {
    let time = |query: &String| {
        let mut runs = [(); 3].map(|()| {
            let started = Instant::now();
            std::hint::black_box(index.search(std::hint::black_box(query), 0, PAGE));
            started.elapsed()
        });
        // The middle one: the machine does other things, too.
        runs.sort_unstable();
        (runs[1], query.clone())
    };
    let mut times: Vec<(Duration, String)> = queries.iter().map(time).collect();
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].0.as_secs_f64() * 1e6;
    let slowest = times.last().map(|(_, query)| query.as_str()).unwrap_or_default();
    println!("{what:<10} {:>7} {:>9.1} {:>9.1} {:>9.1}  {slowest:?}", times.len(), at(0.5), at(0.99), at(1.0));
}
