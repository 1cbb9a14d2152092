//! What is played and who follows it: a made recording in which every symbol changes in every round, and lists drawn
//! so that a few symbols are on many of them.

use super::Result;
use std::fmt::Write;
use std::path::{Path, PathBuf};

const CATALOGUE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/securities.csv");
/// The server makes four rounds of a day.
const ROUNDS_A_DAY: usize = 4;

/// The first symbols of the catalogue that are traded in New York, AAPL ahead.
pub(crate) fn symbols(count: usize) -> Result<Vec<String>> {
    let mut symbols = vec!["AAPL".to_owned()];
    for record in csv::Reader::from_path(CATALOGUE)?.records() {
        let record = record?;
        if symbols.len() == count {
            break;
        }
        if matches!(&record[2], "XNAS" | "XNYS") && !symbols.iter().any(|symbol| *symbol == record[0]) {
            symbols.push(record[0].to_owned());
        }
    }
    Ok(symbols)
}

/// Writes a recording of these symbols that lasts for so many rounds.
pub(crate) fn write(folder: &Path, symbols: &[String], rounds: usize) -> Result<PathBuf> {
    let mut text = String::from("Ticker,Date,Open,High,Low,Close,Volume\n");
    let first = chrono::NaiveDate::from_ymd_opt(2000, 1, 3).ok_or("no date")?;
    for date in first.iter_days().take(rounds.div_ceil(ROUNDS_A_DAY)) {
        for symbol in symbols {
            // Each of the four differs from the one before it, over the night too.
            writeln!(text, "{symbol},{date},189.25,191.00,188.00,190.75,51234567")?;
        }
    }
    let path = folder.join(format!("{}-symbols-{rounds}-rounds.csv", symbols.len()));
    std::fs::write(&path, text)?;
    Ok(path)
}

/// Lists of so many different symbols each, drawn by Zipf's law: the n-th symbol is wanted 1/n as often as the first.
pub(crate) fn lists(symbols: &[String], size: usize, count: usize) -> Vec<Vec<&str>> {
    let mut sum = 0.0;
    let bounds: Vec<f64> = (1..=symbols.len())
        .map(|rank| {
            sum += 1.0 / rank as f64;
            sum
        })
        .collect();
    let mut state = 1;
    let draw = |state: &mut u64| {
        let at = uniform(state) * sum;
        symbols[bounds.partition_point(|bound| *bound < at).min(symbols.len() - 1)].as_str()
    };
    let list = |_| {
        let mut list = Vec::with_capacity(size);
        while list.len() < size.min(symbols.len()) {
            let symbol = draw(&mut state);
            if !list.contains(&symbol) {
                list.push(symbol);
            }
        }
        list
    };
    (0..count).map(list).collect()
}

/// SplitMix64, from 0 up to 1: the same lists in every run.
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}
