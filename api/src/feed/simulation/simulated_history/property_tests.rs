//! Properties of every simulated history.

use super::*;
use crate::catalog;
use crate::cluster::demand::WatcherCounts;
use crate::feed::provider::Provider;
use crate::feed::simulation::Simulation;
use crate::feed::simulation::security_model::log;
use crate::search::{LiveIndex, TickerIndex};
use chrono::TimeDelta;
use proptest::prelude::*;
use std::sync::OnceLock;
use std::time::Duration;
use tokio::sync::watch;

const FAR_PAST: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn tickers() -> &'static [Arc<Ticker>] {
    static TICKERS: OnceLock<Vec<Arc<Ticker>>> = OnceLock::new();
    TICKERS.get_or_init(|| catalog::embedded().expect("the catalogue").into_iter().map(Arc::new).collect())
}

fn history(seed: u64) -> SimulatedHistory {
    static CALENDAR: OnceLock<Arc<Calendar>> = OnceLock::new();
    let calendar = CALENDAR.get_or_init(|| Arc::new(Calendar::embedded().expect("the embedded table")));
    SimulatedHistory::new(seed, calendar.clone())
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// The history end of a market that started at `first`, with one recorded price.
fn history_end(ticker: &Ticker, seed: u64, first: DateTime<Utc>) -> HistoryEnd {
    let model = SecurityModel::of(ticker, seed);
    let day_so_far = day_so_far(&model, first);
    HistoryEnd {
        day: first.date_naive(),
        previous_close: Some(model.previous_close),
        open_low_high: Some((day_so_far.open, day_so_far.low, day_so_far.high)),
        first: Some((first, model.price(model.log_price))),
    }
}

fn is_sound(bar: &Bar) -> bool {
    let range = bar.low..=bar.high;
    range.contains(&bar.open) && range.contains(&bar.close) && bar.volume.is_some()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn days_are_sound_ascending_on_trading_days_and_end_at_the_previous_close(
        seed in any::<u64>(), which in any::<prop::sample::Index>(), back in 0..2_000_i64,
    ) {
        let (history, ticker) = (history(seed), which.get(tickers()));
        let first = time("2026-11-20T15:30:00Z") - TimeDelta::days(back);
        let end = history_end(ticker, seed, first);
        let days = history.days(ticker, &end, &(FAR_PAST..first), 5_000);
        prop_assert!(days.iter().all(is_sound));
        prop_assert!(days.is_sorted_by(|one, next| one.start < next.start));
        prop_assert!((1_200..1_310).contains(&days.len()), "{} days in five years", days.len());
        for bar in &days {
            prop_assert!(history.calendar.trading_session(ticker.mic.as_deref(), bar.start.date_naive()).is_some());
        }
        let last = days.last().expect("days");
        prop_assert_eq!(Some(last.close), end.previous_close);
        prop_assert!(last.start < midnight(end.day));
    }

    #[test]
    fn minutes_are_sound_ascending_and_end_at_the_recorded_price(
        seed in any::<u64>(), which in any::<prop::sample::Index>(), minute in 1..1_440_i64,
    ) {
        let (history, ticker) = (history(seed), which.get(tickers()));
        let first = time("2026-11-20T00:00:00Z") + TimeDelta::minutes(minute);
        let end = history_end(ticker, seed, first);
        let minutes = history.minutes(ticker, &end, end.day, &(FAR_PAST..DateTime::<Utc>::MAX_UTC), 5_000);
        prop_assert!(minutes.iter().all(is_sound));
        prop_assert!(minutes.is_sorted_by(|one, next| one.start < next.start));
        let today: Vec<&Bar> = minutes.iter().filter(|bar| bar.start >= midnight(end.day)).collect();
        let (open, low, high) = end.open_low_high.expect("a session");
        prop_assert_eq!(today.len() as i64, minute, "each minute up to the first recorded one");
        prop_assert_eq!((today[0].open, today[today.len() - 1].close), (open, end.first.expect("a price").1));
        prop_assert!(today.iter().all(|bar| bar.low >= low && bar.high <= high));
        prop_assert!(today.windows(2).all(|pair| pair[0].close == pair[1].open));

        // The minutes of each earlier session match its daily bar.
        let days = history.days(ticker, &end, &(FAR_PAST..first), MAX_SESSIONS_BACK);
        prop_assert_eq!(days.len(), MAX_SESSIONS_BACK);
        for whole in days {
            let date = whole.start.date_naive();
            let (open, close) = history.calendar.trading_session(ticker.mic.as_deref(), date).expect("a trading day");
            let of_day: Vec<&Bar> = minutes.iter().filter(|bar| (open..close).contains(&bar.start)).collect();
            prop_assert_eq!((of_day[0].start, of_day[0].open), (open, whole.open));
            let last = of_day[of_day.len() - 1];
            prop_assert_eq!((last.start, last.close), (close - TimeDelta::minutes(1), whole.close));
            prop_assert!(of_day.iter().all(|bar| bar.low >= whole.low && bar.high <= whole.high));
        }
    }

    #[test]
    fn a_span_is_the_same_part_of_the_whole_history(
        seed in any::<u64>(), which in any::<prop::sample::Index>(), from in 0..1_500_i64, days in 0..300_i64,
        limit in 1..400_usize,
    ) {
        let (history, ticker) = (history(seed), which.get(tickers()));
        let first = time("2026-11-20T15:30:00Z");
        let end = history_end(ticker, seed, first);
        let from = first - TimeDelta::days(from);
        for (span, is_minutes) in [
            (from..from + TimeDelta::days(days), false),
            (from..from + TimeDelta::hours(days), true),
        ] {
            let read = |span: &Range<DateTime<Utc>>, limit| if is_minutes {
                history.minutes(ticker, &end, end.day, span, limit)
            } else {
                history.days(ticker, &end, span, limit)
            };
            let mut expected = read(&(FAR_PAST..first), 10_000);
            expected.retain(|bar| span.contains(&bar.start));
            let expected = expected.split_off(expected.len().saturating_sub(limit));
            prop_assert_eq!(read(&span, limit), expected);
        }
    }
}

#[test]
fn no_bar_is_generated_for_a_recorded_day() {
    let (history, ticker) = (history(1), &tickers()[0]);
    let end = HistoryEnd { day: day("2026-11-10"), previous_close: None, open_low_high: None, first: None };
    let all = FAR_PAST..DateTime::<Utc>::MAX_UTC;
    let before = midnight(end.day);
    assert!(history.days(ticker, &end, &all, 5_000).iter().all(|bar| bar.start < before));
    // Two of the last five sessions are before the recorded days; five weeks later none is.
    let minutes = history.minutes(ticker, &end, day("2026-11-13"), &all, 5_000);
    assert_eq!((minutes.len(), minutes[0].start), (2 * 390, time("2026-11-06T14:30:00Z")));
    assert_eq!(history.minutes(ticker, &end, day("2026-12-18"), &all, 5_000), []);
}

#[test]
fn other_seeds_have_another_history_and_prices_stay_plausible() {
    let first = time("2026-11-20T15:30:00Z");
    let closes = |seed, ticker: &Ticker| -> Vec<Price> {
        let bars = history(seed).days(ticker, &history_end(ticker, seed, first), &(FAR_PAST..first), 5_000);
        bars.iter().map(|bar| bar.close).collect()
    };
    assert_ne!(closes(1, &tickers()[0]), closes(2, &tickers()[0]));
    for ticker in tickers().iter().step_by(500) {
        let closes = closes(1, ticker);
        let steps = closes.windows(2).map(|pair| (log(pair[1]) - log(pair[0])).abs());
        // A price of a few ticks moves by large shares of itself.
        let largest = steps.fold(0.0, f64::max);
        assert!(closes[0].micros() < 1_000_000 || largest < 0.25, "{}: {largest}", ticker.symbol);
    }
}

#[actix_web::test]
async fn the_market_starts_where_its_history_ends() {
    let tickers = &tickers()[..50];
    let index = Arc::new(LiveIndex::new(TickerIndex::new(tickers.to_vec())));
    let (_demand, watched) = watch::channel(WatcherCounts::default());
    let mut sim = Simulation::new(index, watched, 3, Duration::from_secs(1));
    let ticks = sim.next().await.expect("ticks");
    assert_eq!(ticks.len(), 50);
    for (tick, ticker) in ticks.iter().zip(tickers) {
        let end = HistoryEnd { day: tick.day, previous_close: None, open_low_high: None, first: None };
        let last = history(3).days(ticker, &end, &(FAR_PAST..tick.as_of), 1);
        assert_eq!(tick.previous_close, Some(last[0].close), "{}", ticker.symbol);
        let (low, high) = (tick.low.expect("a low"), tick.high.expect("a high"));
        assert!((low..=high).contains(&tick.open.expect("an open")));
        assert!(log(tick.price) - log(high) < 0.02 && log(low) - log(tick.price) < 0.02);
    }
}
