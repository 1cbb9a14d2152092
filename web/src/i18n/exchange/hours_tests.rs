//! Opening hours as somebody in New York, Berlin and Tokyo reads them, at twelve moments: in English, and their moments in
//! German. Each moment's status is what the server's calendar says of it (`api/src/market/calendar`).

use super::*;
use wasm_bindgen_test::wasm_bindgen_test;

const ZONES: [&str; 3] = ["America/New_York", "Europe/Berlin", "Asia/Tokyo"];

struct Moment {
    now: &'static str,
    exchange: Exchange,
}

/// A moment at an exchange: `XNYS closed night`, and the next change and opening.
fn moment(now: &'static str, said: &str, next_change: &str, next_open: &str) -> Moment {
    let words: Vec<&str> = said.split(' ').collect();
    let at = |moment: &str| (!moment.is_empty()).then(|| moment.parse().expect("a moment"));
    let read = |word: &str| format!("\"{word}\"");
    let exchange = Exchange {
        mic: words[0].to_owned(),
        timezone: match words[0] {
            "XTKS" => "Asia/Tokyo",
            "XETR" => "Europe/Berlin",
            _ => "America/New_York",
        }
        .to_owned(),
        status: serde_json::from_str(&read(words[1])).expect("a status"),
        closure: words.get(2).map(|word| serde_json::from_str(&read(word)).expect("a closure")),
        next_change: at(next_change),
        next_status: None,
        next_open: at(next_open),
        assumed: false,
    };
    Moment { now, exchange }
}

#[track_caller]
fn check(Moment { now, exchange }: &Moment, english: [&str; 3], german: [&str; 3]) {
    let now = now.parse().expect("a moment");
    let is_closed = exchange.status == TradingStatus::Closed;
    let next = if is_closed { exchange.next_open } else { exchange.next_change };
    for ((zone, english), german) in ZONES.into_iter().zip(english).zip(german) {
        let reader = |locale: &str| Reader { locale: locale.into(), zone: Some(zone), now };
        assert_eq!(hours(exchange, &reader("en-GB")), english, "{now} in {zone}");
        let told = next.map(|at| reader("de").moment(at, &exchange.timezone)).unwrap_or_default();
        assert_eq!(told, german, "{now} in {zone}");
    }
}

#[wasm_bindgen_test]
fn a_friday_in_new_york_is_told_by_its_state_and_by_the_readers_clocks() {
    let (pre_market, open) = ("2026-11-20T09:00:00Z", "2026-11-20T14:30:00Z");
    let (close, night, monday) = ("2026-11-20T21:00:00Z", "2026-11-21T01:00:00Z", "2026-11-23T14:30:00Z");
    // Before the pre-market it opens at half past nine, not when the pre-market begins.
    let friday = ["Fr 09:30 GMT−5", "Fr 15:30 MEZ (09:30 in New York)", "Fr 23:30 GMT+9 (09:30 in New York)"];
    check(
        &moment("2026-11-20T08:59:00Z", "XNYS closed night", pre_market, open),
        [
            "closed, opens Fri 09:30 GMT−5",
            "closed, opens Fri 15:30 CET (09:30 in New York)",
            "closed, opens Fri 23:30 GMT+9 (09:30 in New York)",
        ],
        friday,
    );
    check(
        &moment(pre_market, "XNYS pre_market", open, open),
        [
            "pre-market, opens Fri 09:30 GMT−5",
            "pre-market, opens Fri 15:30 CET (09:30 in New York)",
            "pre-market, opens Fri 23:30 GMT+9 (09:30 in New York)",
        ],
        friday,
    );
    check(
        &moment(open, "XNYS open", close, monday),
        [
            "open, closes Fri 16:00 GMT−5",
            "open, closes Fri 22:00 CET (16:00 in New York)",
            "open, closes Sat 06:00 GMT+9 (Fri 16:00 in New York)",
        ],
        ["Fr 16:00 GMT−5", "Fr 22:00 MEZ (16:00 in New York)", "Sa 06:00 GMT+9 (Fr 16:00 in New York)"],
    );
    check(
        &moment(close, "XNYS after_hours", night, monday),
        [
            "after hours, ends Fri 20:00 GMT−5",
            "after hours, ends Sat 02:00 CET (Fri 20:00 in New York)",
            "after hours, ends Sat 10:00 GMT+9 (Fri 20:00 in New York)",
        ],
        ["Fr 20:00 GMT−5", "Sa 02:00 MEZ (Fr 20:00 in New York)", "Sa 10:00 GMT+9 (Fr 20:00 in New York)"],
    );
}

#[wasm_bindgen_test]
fn a_weekend_and_a_holiday_end_with_regular_hours() {
    let monday = ["Mo 09:30 GMT−5", "Mo 15:30 MEZ (09:30 in New York)", "Mo 23:30 GMT+9 (09:30 in New York)"];
    for (now, said) in [("2026-11-21T01:00:00Z", "XNYS closed night"), ("2026-11-22T12:00:00Z", "XNYS closed weekend")]
    {
        check(
            &moment(now, said, "2026-11-23T09:00:00Z", "2026-11-23T14:30:00Z"),
            [
                "closed, opens Mon 09:30 GMT−5",
                "closed, opens Mon 15:30 CET (09:30 in New York)",
                "closed, opens Mon 23:30 GMT+9 (09:30 in New York)",
            ],
            monday,
        );
    }
    // Thanksgiving.
    check(
        &moment("2026-11-26T15:00:00Z", "XNYS closed holiday", "2026-11-27T09:00:00Z", "2026-11-27T14:30:00Z"),
        [
            "closed for a holiday, opens Fri 09:30 GMT−5",
            "closed for a holiday, opens Fri 15:30 CET (09:30 in New York)",
            "closed for a holiday, opens Fri 23:30 GMT+9 (09:30 in New York)",
        ],
        ["Fr 09:30 GMT−5", "Fr 15:30 MEZ (09:30 in New York)", "Fr 23:30 GMT+9 (09:30 in New York)"],
    );
    // Independence Day, in summer time.
    check(
        &moment("2027-07-05T15:00:00Z", "XNYS closed holiday", "2027-07-06T08:00:00Z", "2027-07-06T13:30:00Z"),
        [
            "closed for a holiday, opens Tue 09:30 GMT−4",
            "closed for a holiday, opens Tue 15:30 CEST (09:30 in New York)",
            "closed for a holiday, opens Tue 22:30 GMT+9 (09:30 in New York)",
        ],
        ["Di 09:30 GMT−4", "Di 15:30 MESZ (09:30 in New York)", "Di 22:30 GMT+9 (09:30 in New York)"],
    );
}

#[wasm_bindgen_test]
fn a_short_day_a_lunch_break_and_a_night_elsewhere_have_their_own_clocks() {
    check(
        &moment("2026-11-27T15:00:00Z", "XNYS open", "2026-11-27T18:00:00Z", "2026-11-30T14:30:00Z"),
        [
            "open, closes Fri 13:00 GMT−5",
            "open, closes Fri 19:00 CET (13:00 in New York)",
            "open, closes Sat 03:00 GMT+9 (Fri 13:00 in New York)",
        ],
        ["Fr 13:00 GMT−5", "Fr 19:00 MEZ (13:00 in New York)", "Sa 03:00 GMT+9 (Fr 13:00 in New York)"],
    );
    check(
        &moment("2026-11-20T03:00:00Z", "XTKS closed break", "2026-11-20T03:30:00Z", "2026-11-20T03:30:00Z"),
        [
            "lunch break, opens Thu 22:30 GMT−5 (Fri 12:30 in Tokyo)",
            "lunch break, opens Fri 04:30 CET (12:30 in Tokyo)",
            "lunch break, opens Fri 12:30 GMT+9",
        ],
        ["Do 22:30 GMT−5 (Fr 12:30 in Tokyo)", "Fr 04:30 MEZ (12:30 in Tokyo)", "Fr 12:30 GMT+9"],
    );
    check(
        &moment("2026-11-20T16:30:00Z", "XETR closed night", "2026-11-23T08:00:00Z", "2026-11-23T08:00:00Z"),
        [
            "closed, opens Mon 03:00 GMT−5 (09:00 in Berlin)",
            "closed, opens Mon 09:00 CET",
            "closed, opens Mon 17:00 GMT+9 (09:00 in Berlin)",
        ],
        ["Mo 03:00 GMT−5 (09:00 in Berlin)", "Mo 09:00 MEZ", "Mo 17:00 GMT+9 (09:00 in Berlin)"],
    );
    // A week of holidays.
    check(
        &moment("2027-05-01T03:00:00Z", "XTKS closed weekend", "2027-05-10T00:00:00Z", "2027-05-10T00:00:00Z"),
        [
            "closed, opens Sun 9 May 20:00 GMT−4 (Mon 09:00 in Tokyo)",
            "closed, opens Mon 10 May 02:00 CEST (09:00 in Tokyo)",
            "closed, opens Mon 10 May 09:00 GMT+9",
        ],
        [
            "So 9. Mai 20:00 GMT−4 (Mo 09:00 in Tokyo)",
            "Mo 10. Mai 02:00 MESZ (09:00 in Tokyo)",
            "Mo 10. Mai 09:00 GMT+9",
        ],
    );
}

#[wasm_bindgen_test]
fn what_the_calendar_does_not_know_is_not_told() {
    let reader =
        Reader { locale: "en-GB".into(), zone: Some("UTC"), now: "2026-11-20T12:00:00Z".parse().expect("a moment") };
    for (said, expected) in [
        ("XNYS open", "open"),
        ("XNYS closed", "closed"),
        ("XNYS closed holiday", "closed for a holiday"),
        ("XTKS closed break", "lunch break"),
    ] {
        assert_eq!(hours(&moment("", said, "", "").exchange, &reader), expected);
    }
}
