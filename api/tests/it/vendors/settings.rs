//! What an operator may say of vendors, and what a wrong word gets.

use super::{HIDDEN, KEYS, Line, settings, ticker};
use clap::Parser;
use std::time::Duration;
use watchtape::config::FeedSetting;
use watchtape::feed::vendors;
use watchtape::feed::vendors::settings::VendorName::{Albert, Alpaca, Finnhub};
use watchtape::feed::vendors::vendor::Budget;
use watchtape_shared::quote::Mode;

#[test]
fn a_feed_names_each_vendor_at_most_once() {
    let feed = |text: &str| text.parse::<FeedSetting>();
    assert_eq!(feed("alpaca,finnhub"), Ok(FeedSetting::Vendors(vec![Alpaca, Finnhub])));
    assert_eq!(feed("albert"), Ok(FeedSetting::Vendors(vec![Albert])));
    assert_eq!(feed("sim"), Ok(FeedSetting::Sim));
    for (text, cause) in [
        ("finnhub,alpaca,finnhub", "\"finnhub\" is named twice"),
        ("finnhub,yahoo", "\"yahoo\" is no vendor: there are albert, finnhub and alpaca"),
        ("sim,alpaca", "\"sim\" is no vendor"),
        ("alpaca,", "\"\" is no vendor"),
        ("", "a feed is sim, replay:FILE.csv, or vendors"),
        ("alpaca:file", "a feed is sim, replay:FILE.csv, or vendors"),
    ] {
        let error = feed(text).expect_err("a wrong feed");
        assert!(error.contains(cause), "{text}: {error}");
    }
}

#[test]
fn a_missing_key_is_named_by_its_setting() {
    for (flag, name, variable) in [
        ("--albert-key", Albert, "WATCHTAPE_ALBERT_KEY"),
        ("--finnhub-key", Finnhub, "WATCHTAPE_FINNHUB_KEY"),
        ("--alpaca-key-id", Alpaca, "WATCHTAPE_ALPACA_KEY_ID"),
        ("--alpaca-secret", Alpaca, "WATCHTAPE_ALPACA_SECRET"),
    ] {
        let others = KEYS.chunks(2).filter(|pair| pair[0] != flag).flatten();
        let line = Line::try_parse_from(std::iter::once(&"watchtape").chain(others)).expect("settings");
        let Err(error) = vendors::open(&[name], &line.settings.vendors) else { panic!("opened without {flag}") };
        assert!(error.contains(variable) && error.lines().count() == 1, "{error}");
        let others: Vec<_> = [Albert, Finnhub, Alpaca].into_iter().filter(|other| *other != name).collect();
        assert_eq!(vendors::open(&others, &line.settings.vendors).map(|open| open.len()), Ok(2), "{variable}");
    }
}

#[test]
fn keys_are_never_printed() {
    let settings = settings(&[]);
    assert!(!format!("{settings:?}").contains(HIDDEN), "{settings:?}");
    assert!(format!("{:?}", settings.albert_key.expect("a key").to_header()).contains("Sensitive"));
}

#[test]
fn what_the_websocket_client_traces_is_compiled_out() {
    // Whole requests and frames: the keys of finnhub and alpaca are in them.
    assert_eq!(log::STATIC_MAX_LEVEL, log::LevelFilter::Debug);
}

#[test]
fn a_wrong_address_or_key_is_refused() {
    for flags in [
        ["--albert-url", "ftp://host"],
        ["--finnhub-url", "wss://host"],
        ["--alpaca-url", "https://user:pass@host"],
        ["--alpaca-url", "https://host?key=1"],
        ["--alpaca-stream-url", "https://host"],
        ["--finnhub-stream-url", "nowhere"],
        ["--albert-key", "two words"],
        ["--albert-key", ""],
        ["--vendor-per-day", "0"],
    ] {
        assert!(Line::try_parse_from(["watchtape"].iter().chain(&flags)).is_err(), "{flags:?}");
    }
}

#[test]
fn a_vendor_says_what_it_can_do_and_an_operator_may_say_how_often() {
    let names = [Albert, Finnhub, Alpaca];
    let open = |flags: &[&str]| vendors::open(&names, &settings(flags)).expect("vendors");
    let said = open(&[]).iter().map(|vendor| vendor.capabilities().clone()).collect::<Vec<_>>();
    let budget = |per_second, per_minute| Budget { per_second, per_minute, per_day: None };
    for (said, source, batch, streams, own) in [
        (&said[0], "albert", 200, 0, budget(None, Some(12))),
        (&said[1], "finnhub", 1, 50, budget(Some(30), Some(60))),
        (&said[2], "alpaca", 100, 30, budget(None, Some(200))),
    ] {
        assert_eq!((said.source, said.batch, said.streams), (source, batch, streams));
        assert_eq!((said.budget, said.mode, said.delay), (own, Mode::Live, Duration::ZERO));
    }
    for vendor in open(&["--vendor-per-minute", "6", "--vendor-per-day", "500"]) {
        let budget = vendor.capabilities().budget;
        assert_eq!((budget.per_minute, budget.per_day), (Some(6), Some(500)));
    }
}

#[test]
fn each_covers_what_it_may_have() {
    let open = vendors::open(&[Albert, Finnhub, Alpaca], &settings(&[])).expect("vendors");
    for (symbol, mic, expected) in [
        ("AAPL", Some("XNAS"), [true, true, true]),
        ("BRK.B", Some("XNYS"), [true, true, true]),
        ("SPY", Some("ARCX"), [true, true, true]),
        ("RHHBY", Some("OTCM"), [true, true, false]),
        ("ETI.P", Some("XNYS"), [true, false, false]),
        ("BAC.PK", Some("XNYS"), [true, false, false]),
        ("BRKH", None, [true, false, false]),
        ("VOLV-B.ST", Some("XSTO"), [false, false, false]),
        ("7203.T", Some("XTKS"), [false, false, false]),
    ] {
        let covered: Vec<_> = open.iter().map(|vendor| vendor.covers(&ticker(symbol, mic))).collect();
        assert_eq!(covered, expected, "{symbol}");
    }
}
