//! Which quotes are believed, and what becomes of them.

use super::*;
use proptest::prelude::*;

/// A Friday, in New York's regular hours.
const NOW: &str = "2026-11-20T15:00:00Z";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn price(cents: i64) -> Price {
    Price::from_micros(cents * 10_000).expect("a price")
}

fn ticker(mic: &str) -> Ticker {
    Ticker { mic: Some(mic.into()), ..Ticker::new(Symbol::parse("AAPL").expect("a symbol"), "", 1) }
}

fn quote(cents: i64, as_of: Option<DateTime<Utc>>) -> VendorQuote {
    VendorQuote {
        symbol: Symbol::parse("AAPL").expect("a symbol"),
        price: price(cents),
        as_of,
        previous_close: None,
        open: None,
        high: None,
        low: None,
        volume: None,
        is_last_only: false,
    }
}

fn validator() -> Validator {
    Validator::new(Arc::new(Calendar::embedded().expect("the embedded table")))
}

fn validate(validator: &mut Validator, quote: &VendorQuote, now: DateTime<Utc>) -> Result<Tick, ValidationError> {
    validator.validate(quote, &ticker("XNAS"), ("test", Mode::Live), now)
}

/// Which of these prices in cents, a second apart, are accepted.
fn accepted(cents: &[i64]) -> Vec<bool> {
    let mut validator = validator();
    let times = (0..).map(|second| at(NOW) + TimeDelta::seconds(second));
    cents.iter().zip(times).map(|(cents, now)| validate(&mut validator, &quote(*cents, None), now).is_ok()).collect()
}

#[test]
fn a_jump_is_rejected_until_a_second_quote_confirms_it() {
    assert_eq!(accepted(&[10_000, 1_000_000, 10_010, 1_000_000, 10_000]), [true, false, true, false, true]);
    assert_eq!(accepted(&[10_000, 13_000, 13_100, 13_000]), [true, false, true, true]);
    assert_eq!(accepted(&[10_000, 13_000, 17_000, 13_000, 13_000]), [true, false, false, false, true]);
    assert_eq!(accepted(&[10_000, 100, 101]), [true, false, true]);
    assert_eq!(accepted(&[10_000, 10_500, 9_600, 11_400]), [true; 4], "gaps of an ordinary open");
}

#[test]
fn the_first_price_is_compared_with_its_previous_close() {
    let mut validator = validator();
    let first = VendorQuote { previous_close: Some(price(10_000)), ..quote(1_000_000, None) };
    assert_eq!(validate(&mut validator, &first, at(NOW)), Err(ValidationError::Unconfirmed));
    let good = VendorQuote { price: price(10_100), ..first };
    assert!(validate(&mut validator, &good, at(NOW)).is_ok());
}

const MONDAY: &str = "2026-11-23T15:00:00Z";

#[test]
fn a_split_is_no_change_where_the_previous_close_shows_it() {
    let mut validator = validator();
    validate(&mut validator, &quote(120_000, Some(at(NOW))), at(NOW)).expect("a tick");
    let streamed = |cents| quote(cents, Some(at(MONDAY)));
    assert_eq!(validate(&mut validator, &streamed(12_100), at(MONDAY)), Err(ValidationError::Implausible));
    assert_eq!(validate(&mut validator, &streamed(12_110), at(MONDAY)), Err(ValidationError::Implausible), "again");
    let asked = VendorQuote { previous_close: Some(price(12_000)), ..streamed(12_120) };
    let tick = validate(&mut validator, &asked, at(MONDAY)).expect("a tick");
    assert_eq!((tick.previous_close, tick.starts_over), (Some(price(12_000)), false));
    assert!(validate(&mut validator, &streamed(12_130), at(MONDAY)).is_ok(), "the stream goes on from there");
}

#[test]
fn a_split_that_the_previous_close_does_not_show_is_held_and_then_no_change() {
    let mut validator = validator();
    validate(&mut validator, &quote(120_000, Some(at(NOW))), at(NOW)).expect("a tick");
    let raw = VendorQuote { previous_close: Some(price(120_000)), ..quote(12_100, Some(at(MONDAY))) };
    for minutes in [0, 1, 30, 59] {
        let now = at(MONDAY) + TimeDelta::minutes(minutes);
        assert_eq!(validate(&mut validator, &raw, now), Err(ValidationError::Implausible), "{minutes}");
    }
    let later = at(MONDAY) + TimeDelta::minutes(60);
    for minutes in [0, 1] {
        let tick = validate(&mut validator, &raw, later + TimeDelta::minutes(minutes)).expect("a tick");
        assert_eq!(tick.previous_close, None);
    }
}

#[test]
fn a_jump_of_a_source_without_times_is_held_while_the_exchange_is_closed() {
    let mut validator = validator();
    validate(&mut validator, &quote(120_000, None), at(NOW)).expect("a tick");
    let before_the_open = at("2026-11-23T13:00:00Z");
    for _ in 0..3 {
        let given = validate(&mut validator, &quote(12_100, None), before_the_open);
        assert_eq!(given, Err(ValidationError::Implausible));
    }
}

#[test]
fn a_fall_overnight_is_one_where_the_previous_close_is_the_last_one() {
    let mut validator = validator();
    validate(&mut validator, &quote(12_000, Some(at(NOW))), at(NOW)).expect("a tick");
    let fallen = VendorQuote { previous_close: Some(price(12_000)), ..quote(7_000, Some(at(MONDAY))) };
    assert_eq!(validate(&mut validator, &fallen, at(MONDAY)), Err(ValidationError::Unconfirmed));
    let tick = validate(&mut validator, &fallen, at(MONDAY)).expect("confirmed");
    assert_eq!((tick.previous_close, tick.starts_over), (Some(price(12_000)), false));
}

#[test]
fn a_jump_overnight_without_a_previous_close_is_held_for_an_hour_and_then_starts_over() {
    let mut validator = validator();
    validate(&mut validator, &quote(12_000, Some(at(NOW))), at(NOW)).expect("a tick");
    let after = |minutes| at(MONDAY) + TimeDelta::minutes(minutes);
    for minutes in (0..60).step_by(10) {
        let held = quote(1_200 + minutes, Some(after(minutes)));
        assert_eq!(validate(&mut validator, &held, after(minutes)), Err(ValidationError::Implausible), "{minutes}");
    }
    let tick = validate(&mut validator, &quote(1_260, Some(after(60))), after(60)).expect("a tick");
    assert_eq!((tick.previous_close, tick.starts_over), (None, true));
    assert!(!validate(&mut validator, &quote(1_261, Some(after(61))), after(61)).expect("a tick").starts_over);
    // One that is not near the one before begins the hour anew.
    let tuesday = |minutes| after(1_440_i64 + minutes);
    for (minutes, cents) in [(0, 12_000), (50, 11_000), (70, 11_000)] {
        let held = validate(&mut validator, &quote(cents, Some(tuesday(minutes))), tuesday(minutes));
        assert_eq!(held, Err(ValidationError::Implausible), "{minutes}");
    }
}

#[test]
fn future_and_older_quotes_are_rejected() {
    let mut validator = validator();
    let ahead = |milliseconds| quote(100, Some(at(NOW) + TimeDelta::milliseconds(milliseconds)));
    assert_eq!(validate(&mut validator, &ahead(5001), at(NOW)), Err(ValidationError::Future));
    assert!(validate(&mut validator, &ahead(5000), at(NOW)).is_ok());
    assert_eq!(validate(&mut validator, &ahead(4999), at(NOW)), Err(ValidationError::Older));
    assert!(validate(&mut validator, &ahead(5000), at(NOW)).is_ok(), "the same once more");
}

#[test]
fn a_quote_without_a_time_gets_the_first_receipt_of_its_price_or_the_last_close() {
    let mut validator = validator();
    let later = at(NOW) + TimeDelta::seconds(7);
    let as_of =
        |validator: &mut Validator, cents, now| validate(validator, &quote(cents, None), now).map(|tick| tick.as_of);
    assert_eq!(as_of(&mut validator, 100, at(NOW)), Ok(at(NOW)));
    assert_eq!(as_of(&mut validator, 100, later), Ok(at(NOW)), "confirmed, not new");
    assert_eq!(as_of(&mut validator, 101, later), Ok(later));
    let saturday = at("2026-11-21T12:00:00Z");
    let tick = validate(&mut validator, &quote(102, None), saturday).expect("a tick");
    assert_eq!(
        (tick.as_of, tick.day.to_string(), tick.is_extended),
        (at("2026-11-20T21:00:00Z"), "2026-11-20".to_owned(), false)
    );
}

#[test]
fn a_stream_keeps_the_previous_close_of_an_older_quote() {
    let mut validator = validator();
    let (earlier, later) = (at(NOW) - TimeDelta::seconds(2), at(NOW) + TimeDelta::seconds(1));
    let streamed = validate(&mut validator, &quote(100, Some(at(NOW))), at(NOW)).expect("a tick");
    assert_eq!(streamed.previous_close, None);
    let asked = VendorQuote { previous_close: Some(price(99)), ..quote(101, Some(earlier)) };
    assert_eq!(validate(&mut validator, &asked, at(NOW)), Err(ValidationError::Older));
    let streamed = validate(&mut validator, &quote(102, Some(later)), later).expect("a tick");
    assert_eq!(streamed.previous_close, Some(price(99)));
    let monday = at("2026-11-23T15:00:00Z");
    let next_day = validate(&mut validator, &quote(102, Some(monday)), monday).expect("a tick");
    assert_eq!(next_day.previous_close, None, "of another day");
}

#[test]
fn the_day_is_the_exchanges_and_prices_outside_its_hours_are_extended() {
    for (mic, as_of, day, is_extended) in [
        ("XNAS", "2026-11-20T15:00:00Z", "2026-11-20", false),
        ("XNAS", "2026-11-20T21:00:00Z", "2026-11-20", false),
        ("XNAS", "2026-11-20T21:00:01Z", "2026-11-20", true),
        // After hours in New York, the next day in UTC.
        ("XNAS", "2026-11-20T00:30:00Z", "2026-11-19", true),
        ("XTKS", "2026-11-19T23:30:00Z", "2026-11-19", true),
        ("XTKS", "2026-11-20T00:30:00Z", "2026-11-20", false),
        // A Saturday, and Thanksgiving: the session before.
        ("XNAS", "2026-11-21T15:00:00Z", "2026-11-20", true),
        ("XNAS", "2026-11-26T15:00:00Z", "2026-11-25", true),
    ] {
        let given = quote(100, Some(at(as_of)));
        let tick = validator().validate(&given, &ticker(mic), ("test", Mode::Live), at("2026-11-27T00:00:00Z"));
        let tick = tick.expect("a tick");
        assert_eq!((tick.day.to_string().as_str(), tick.is_extended), (day, is_extended), "{mic} at {as_of}");
    }
}

proptest! {
    /// Accepted quotes have ascending times, none in the future, and no unconfirmed jump.
    #[test]
    fn no_quote_is_accepted_out_of_order_or_with_an_unconfirmed_jump(
        answers in prop::collection::vec((1..100_000_i64, -20..20_i64, any::<bool>()), 1..60),
    ) {
        let mut validator = validator();
        let (mut last, mut before): (Option<Tick>, Option<i64>) = (None, None);
        for (second, (cents, offset, has_time)) in (0..).zip(answers) {
            let now = at(NOW) + TimeDelta::seconds(second);
            let given = quote(cents, has_time.then(|| now + TimeDelta::seconds(offset)));
            let tick = validate(&mut validator, &given, now);
            if let Ok(tick) = tick {
                prop_assert!(tick.as_of <= now + MAX_CLOCK_SKEW);
                if let Some(last) = last {
                    prop_assert!(last.as_of <= tick.as_of);
                    let moved = ratio(last.price, tick.price).abs();
                    let difference = before.map(|before| ratio(price(before), tick.price).abs());
                    let confirmed = difference.is_some_and(|difference| difference <= CONFIRMATION_TOLERANCE);
                    let usual = validator.last[&tick.symbol].variance.sqrt() * JUMP_DEVIATIONS * 2.0;
                    let log_return = (1.0 + ratio(last.price, tick.price)).ln().abs();
                    prop_assert!(moved <= JUMP_RATIO || confirmed || log_return <= usual);
                }
                last = Some(tick);
                before = None;
            } else if tick == Err(ValidationError::Unconfirmed) {
                before = Some(cents);
            }
        }
    }
}
