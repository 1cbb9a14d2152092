//! What holds of every simulated past.

use super::*;
use crate::catalog;
use crate::feed::provider::Provider;
use crate::feed::simulation::Simulation;
use crate::feed::simulation::listing::log;
use chrono::TimeDelta;
use proptest::prelude::*;
use std::sync::OnceLock;
use std::time::Duration;

const FAR_PAST: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn tickers() -> &'static [Arc<Ticker>] {
    static TICKERS: OnceLock<Vec<Arc<Ticker>>> = OnceLock::new();
    TICKERS.get_or_init(|| catalog::embedded().expect("the catalogue").into_iter().map(Arc::new).collect())
}

fn past(seed: u64) -> SimulatedHistory {
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

/// A market that began in the middle of a day, and of which one price is known.
fn begun(ticker: &Ticker, seed: u64, first: DateTime<Utc>) -> Known {
    let listing = Listing::of(ticker, seed);
    let so_far = so_far(&listing, first);
    Known {
        day: first.date_naive(),
        previous_close: Some(listing.previous_close),
        session: Some((so_far.open, so_far.low, so_far.high)),
        first: Some((first, listing.price(listing.log_price))),
    }
}

fn is_sound(bar: &Bar) -> bool {
    let range = bar.low..=bar.high;
    range.contains(&bar.open) && range.contains(&bar.close) && bar.volume.is_some()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn days_are_sound_in_order_on_trading_days_and_end_at_the_previous_close(
        seed in any::<u64>(), which in any::<prop::sample::Index>(), back in 0..2_000_i64,
    ) {
        let (past, ticker) = (past(seed), which.get(tickers()));
        let first = time("2026-11-20T15:30:00Z") - TimeDelta::days(back);
        let known = begun(ticker, seed, first);
        let days = past.days(ticker, &known, &(FAR_PAST..first), 5_000);
        prop_assert!(days.iter().all(is_sound));
        prop_assert!(days.is_sorted_by(|one, next| one.start < next.start));
        prop_assert!((1_200..1_310).contains(&days.len()), "{} days in five years", days.len());
        for bar in &days {
            prop_assert!(past.calendar.session(ticker.mic.as_deref(), bar.start.date_naive()).is_some());
        }
        let last = days.last().expect("days");
        prop_assert_eq!(Some(last.close), known.previous_close);
        prop_assert!(last.start < midnight(known.day));
    }

    #[test]
    fn minutes_are_sound_in_order_and_join_what_is_known(
        seed in any::<u64>(), which in any::<prop::sample::Index>(), minute in 1..1_440_i64,
    ) {
        let (past, ticker) = (past(seed), which.get(tickers()));
        let first = time("2026-11-20T00:00:00Z") + TimeDelta::minutes(minute);
        let known = begun(ticker, seed, first);
        let minutes = past.minutes(ticker, &known, known.day, &(FAR_PAST..DateTime::<Utc>::MAX_UTC), 5_000);
        prop_assert!(minutes.iter().all(is_sound));
        prop_assert!(minutes.is_sorted_by(|one, next| one.start < next.start));
        let today: Vec<&Bar> = minutes.iter().filter(|bar| bar.start >= midnight(known.day)).collect();
        let (open, low, high) = known.session.expect("a session");
        prop_assert_eq!(today.len() as i64, minute, "each minute up to the first that is known");
        prop_assert_eq!((today[0].open, today[today.len() - 1].close), (open, known.first.expect("a price").1));
        prop_assert!(today.iter().all(|bar| bar.low >= low && bar.high <= high));
        prop_assert!(today.windows(2).all(|pair| pair[0].close == pair[1].open));

        // Each earlier session is what its day says.
        let days = past.days(ticker, &known, &(FAR_PAST..first), SESSIONS_BACK);
        prop_assert_eq!(days.len(), SESSIONS_BACK);
        for whole in days {
            let date = whole.start.date_naive();
            let (open, close) = past.calendar.session(ticker.mic.as_deref(), date).expect("a trading day");
            let of_day: Vec<&Bar> = minutes.iter().filter(|bar| (open..close).contains(&bar.start)).collect();
            prop_assert_eq!((of_day[0].start, of_day[0].open), (open, whole.open));
            let last = of_day[of_day.len() - 1];
            prop_assert_eq!((last.start, last.close), (close - TimeDelta::minutes(1), whole.close));
            prop_assert!(of_day.iter().all(|bar| bar.low >= whole.low && bar.high <= whole.high));
        }
    }

    #[test]
    fn a_part_is_what_the_whole_has_there(
        seed in any::<u64>(), which in any::<prop::sample::Index>(), from in 0..1_500_i64, days in 0..300_i64,
        limit in 1..400_usize,
    ) {
        let (past, ticker) = (past(seed), which.get(tickers()));
        let first = time("2026-11-20T15:30:00Z");
        let known = begun(ticker, seed, first);
        let from = first - TimeDelta::days(from);
        for (span, is_minutes) in [
            (from..from + TimeDelta::days(days), false),
            (from..from + TimeDelta::hours(days), true),
        ] {
            let read = |span: &Range<DateTime<Utc>>, limit| if is_minutes {
                past.minutes(ticker, &known, known.day, span, limit)
            } else {
                past.days(ticker, &known, span, limit)
            };
            let mut expected = read(&(FAR_PAST..first), 10_000);
            expected.retain(|bar| span.contains(&bar.start));
            let expected = expected.split_off(expected.len().saturating_sub(limit));
            prop_assert_eq!(read(&span, limit), expected);
        }
    }
}

#[test]
fn the_days_of_known_prices_are_not_made_up() {
    let (past, ticker) = (past(1), &tickers()[0]);
    let known = Known { day: day("2026-11-10"), previous_close: None, session: None, first: None };
    let all = FAR_PAST..DateTime::<Utc>::MAX_UTC;
    let before = midnight(known.day);
    assert!(past.days(ticker, &known, &all, 5_000).iter().all(|bar| bar.start < before));
    // Of the last five sessions two are older than what is known, and five weeks on none is.
    let minutes = past.minutes(ticker, &known, day("2026-11-13"), &all, 5_000);
    assert_eq!((minutes.len(), minutes[0].start), (2 * 390, time("2026-11-06T14:30:00Z")));
    assert_eq!(past.minutes(ticker, &known, day("2026-12-18"), &all, 5_000), []);
}

#[test]
fn other_seeds_have_another_past_and_prices_stay_sane() {
    let first = time("2026-11-20T15:30:00Z");
    let closes = |seed, ticker: &Ticker| -> Vec<Price> {
        let bars = past(seed).days(ticker, &begun(ticker, seed, first), &(FAR_PAST..first), 5_000);
        bars.iter().map(|bar| bar.close).collect()
    };
    assert_ne!(closes(1, &tickers()[0]), closes(2, &tickers()[0]));
    for ticker in tickers().iter().step_by(500) {
        let closes = closes(1, ticker);
        let steps = closes.windows(2).map(|pair| (log(pair[1]) - log(pair[0])).abs());
        // A price of a few ticks moves in large parts of itself.
        let largest = steps.fold(0.0, f64::max);
        assert!(closes[0].micros() < 1_000_000 || largest < 0.25, "{}: {largest}", ticker.symbol);
    }
}

#[actix_web::test]
async fn the_market_begins_where_its_past_ends() {
    let tickers = &tickers()[..50];
    let mut sim = Simulation::new(tickers, 3, Duration::from_secs(1));
    let ticks = sim.next().await.expect("ticks");
    assert_eq!(ticks.len(), 50);
    for (tick, ticker) in ticks.iter().zip(tickers) {
        let known = Known { day: tick.day, previous_close: None, session: None, first: None };
        let last = past(3).days(ticker, &known, &(FAR_PAST..tick.as_of), 1);
        assert_eq!(tick.previous_close, Some(last[0].close), "{}", ticker.symbol);
        let (low, high) = (tick.low.expect("a low"), tick.high.expect("a high"));
        assert!((low..=high).contains(&tick.open.expect("an open")));
        assert!(log(tick.price) - log(high) < 0.02 && log(low) - log(tick.price) < 0.02);
    }
}
