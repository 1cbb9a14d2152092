//! The adapters of upstream sources against a vendor on this machine: right shapes, broken ones, and none at all.

mod one_symbol;
mod rest;
mod settings;
mod stream;

use crate::support::vendor::{FakeRest, FakeStream};
use crate::support::{log, secrets};
use clap::Parser;
use std::sync::Arc;
use std::time::Duration;
use watchtape::config::Settings;
use watchtape::feed::vendors::albert::Albert;
use watchtape::feed::vendors::alpaca::Alpaca;
use watchtape::feed::vendors::error::VendorError;
use watchtape::feed::vendors::finnhub::Finnhub;
use watchtape::feed::vendors::http::Deadlines;
use watchtape::feed::vendors::settings::VendorSettings;
use watchtape::feed::vendors::vendor::{Vendor, VendorQuote};
use watchtape_shared::ticker::Ticker;
use watchtape_shared::{Price, Symbol};

/// In every key, so that one look finds a key that got out.
const HIDDEN: &str = "hunter2";
const KEYS: [&str; 8] = [
    "--albert-key",
    "hunter2-albert",
    "--finnhub-key",
    "hunter2-finnhub",
    "--alpaca-key-id",
    "hunter2-id",
    "--alpaca-secret",
    "hunter2-secret",
];
/// Generous: only a test that is about time shortens one.
const PATIENT: Deadlines =
    Deadlines { connect: Duration::from_secs(10), total: Duration::from_secs(10), silence: Duration::from_secs(60) };

/// Parses settings as the command line does.
#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    settings: Settings,
}

fn settings(flags: &[&str]) -> VendorSettings {
    log::watch();
    secrets::keep_settings(&KEYS);
    let line = Line::try_parse_from(["watchtape"].iter().chain(&KEYS).chain(flags));
    line.expect("settings").settings.vendors
}

fn albert(fake: &FakeRest, deadlines: Deadlines) -> Albert {
    Albert::open(&settings(&["--albert-url", &fake.url()]), deadlines).expect("a vendor")
}

fn finnhub(fake: &FakeRest, deadlines: Deadlines) -> Finnhub {
    Finnhub::open(&settings(&["--finnhub-url", &fake.url()]), deadlines).expect("a vendor")
}

fn alpaca(fake: &FakeRest, deadlines: Deadlines) -> Alpaca {
    Alpaca::open(&settings(&["--alpaca-url", &fake.url()]), deadlines).expect("a vendor")
}

/// Each vendor, asking the same place.
fn all(fake: &FakeRest, deadlines: Deadlines) -> [Arc<dyn Vendor>; 3] {
    [Arc::new(albert(fake, deadlines)), Arc::new(finnhub(fake, deadlines)), Arc::new(alpaca(fake, deadlines))]
}

/// Each vendor that streams, listening to the same place.
fn streaming(fake: &FakeStream, deadlines: Deadlines) -> [Arc<dyn Vendor>; 2] {
    let url = format!("ws://{}/stream", fake.address());
    let settings = settings(&["--finnhub-stream-url", &url, "--alpaca-stream-url", &url]);
    let finnhub = Finnhub::open(&settings, deadlines).expect("a vendor");
    [Arc::new(finnhub), Arc::new(Alpaca::open(&settings, deadlines).expect("a vendor"))]
}

fn ticker(text: &str, mic: Option<&str>) -> Arc<Ticker> {
    Arc::new(Ticker { mic: mic.map(Into::into), ..Ticker::new(symbol(text), text, 1) })
}

fn tickers(texts: &[&str]) -> Vec<Arc<Ticker>> {
    texts.iter().map(|text| ticker(text, Some("XNAS"))).collect()
}

fn symbol(text: &str) -> Symbol {
    Symbol::parse(text).expect("a symbol")
}

fn price(text: &str) -> Price {
    Price::parse(text).expect("a price")
}

/// Symbol and price of each, as texts.
fn prices(quotes: &[VendorQuote]) -> Vec<(String, String)> {
    quotes.iter().map(|quote| (quote.symbol.to_string(), quote.price.to_string())).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(symbol, price)| ((*symbol).to_owned(), (*price).to_owned())).collect()
}

/// Checks that no key is in what an operator might be shown.
fn without_key(error: &VendorError) -> &VendorError {
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains(HIDDEN), "{shown}");
    error
}
