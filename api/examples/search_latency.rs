//! Measures the search over a catalogue: every prefix of the symbols and names of the best-ranked securities, as they would be
//! typed, the same with a typing error in them, queries meant to hurt, and 100,000 random ones.
//!
//! `cargo run --release --example search_latency [FILE [COUNT]]`: the catalogue is FILE, which may be gzipped, or the embedded one.
//! With COUNT it is made that large, by its own securities under other symbols and names.

#![expect(clippy::disallowed_methods, reason = "tests and measurements have clocks and clients of their own")]

use std::collections::HashSet;
use std::error::Error;
use std::fs::File;
use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};
use watchtape::catalog;
use watchtape::search::TickerIndex;
use watchtape_shared::Symbol;
use watchtape_shared::ticker::Ticker;

const LONGEST_QUERY: usize = 64;
const PAGE: usize = 20;
const RANDOM_QUERIES: usize = 100_000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let count = arguments.get(1).map(|count| count.parse()).transpose()?;
    let tickers = catalogue(arguments.first().map(String::as_str), count)?;
    let before = resident_mb();
    let started = Instant::now();
    let index = TickerIndex::new(tickers);
    let built = started.elapsed().as_secs_f64() * 1e3;
    println!(
        "built over {} securities in {built:.0} ms; {before} MB with them, {} with the index",
        index.len(),
        resident_mb()
    );
    println!("{:<10} {:>7} {:>9} {:>9} {:>9}  slowest", "queries", "count", "p50 µs", "p99 µs", "max µs");
    let typed = typed(&index);
    report("typed", &index, &typed);
    report("mistyped", &index, &typed.iter().filter_map(|query| mistype(query)).collect::<Vec<_>>());
    report("hostile", &index, &hostile(&index));
    report("random", &index, &random(&index));
    Ok(())
}

fn catalogue(path: Option<&str>, count: Option<usize>) -> Result<Vec<Arc<Ticker>>, Box<dyn Error>> {
    let tickers = match path {
        None => catalog::embedded()?,
        Some(path) => {
            let file = File::open(path)?;
            let file: Box<dyn Read> =
                if path.ends_with(".gz") { Box::new(flate2::read::GzDecoder::new(file)) } else { Box::new(file) };
            catalog::parse(path, file)?
        }
    };
    let own = tickers.len();
    let mut symbols: HashSet<Symbol> = tickers.iter().map(|ticker| ticker.symbol).collect();
    let again = tickers.iter().cycle().zip(own..).filter_map(|(ticker, at)| {
        let symbol = Symbol::parse(&format!("{:.9}{}", ticker.symbol.as_str().replace('.', ""), at / own)).ok()?;
        let name = format!("{} {}", ticker.name, ["Alpha", "Omega", "Delta"][at % 3]).into();
        symbols.insert(symbol).then(|| Ticker { symbol, name, isin: None, rank: at as u32 + 1, ..ticker.clone() })
    });
    let more: Vec<Ticker> = again.take(count.unwrap_or(own).saturating_sub(own)).collect();
    Ok(tickers.iter().cloned().chain(more).map(Arc::new).collect())
}

/// The memory of this process, in megabytes.
fn resident_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// Parts of symbols and names of the whole catalogue, half of them with a typing error, and letters by chance.
fn random(index: &TickerIndex) -> Vec<String> {
    let mut state = 88_172_645_463_325_252_u64;
    let mut below = move |limit: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % limit as u64) as usize
    };
    let tickers: Vec<&Arc<Ticker>> = index.iter().collect();
    let query = |_| {
        let well_known = if below(2) == 0 { 2_000 } else { tickers.len() };
        let ticker = tickers[below(well_known.min(tickers.len()))];
        let text = if below(4) == 0 { ticker.symbol.to_string() } else { ticker.name.to_string() };
        let mut chars: Vec<char> = text.to_lowercase().chars().take(LONGEST_QUERY).collect();
        let len = 1 + below(chars.len());
        chars.truncate(if below(3) == 0 { LONGEST_QUERY } else { len });
        if below(2) == 0 && chars.len() > 3 {
            let at = 1 + below(chars.len() - 2);
            match below(3) {
                0 => chars.swap(at, at + 1),
                1 => drop(chars.splice(at..=at, [])),
                _ => chars[at] = char::from(b'a' + below(26) as u8),
            }
        }
        if below(20) == 0 {
            let letter = |_| if below(6) == 0 { ' ' } else { char::from(b'a' + below(26) as u8) };
            chars = (0..20).map(letter).collect();
        }
        chars.into_iter().collect()
    };
    (0..RANDOM_QUERIES).map(query).collect()
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
