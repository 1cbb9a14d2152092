//! Alerts as sentences: what one watches for, and what happened.

use super::date_time;
use crate::format::money::{self, grouped};
use crate::texts::{self, alert as t};
use js_sys::Date;
use watchtape_shared::alert::{AlertEvent, Condition};
use watchtape_shared::quote::Mode;
use watchtape_shared::{Percent, Symbol};

/// `AAPL rises above 200.00`
pub(crate) fn condition(symbol: Symbol, condition: &Condition) -> String {
    let symbol = &symbol;
    match condition {
        Condition::Crosses { price } => t::crosses(symbol, &money::price(*price)),
        Condition::CrossesAbove { price } => t::rises_above(symbol, &money::price(*price)),
        Condition::CrossesBelow { price } => t::falls_below(symbol, &money::price(*price)),
        Condition::Above { price } => t::is_above(symbol, &money::price(*price)),
        Condition::Below { price } => t::is_below(symbol, &money::price(*price)),
        Condition::ChangePercent { percent } if percent.millionths() < 0 => t::loses(symbol, &magnitude(*percent)),
        Condition::ChangePercent { percent } => t::gains(symbol, &magnitude(*percent)),
        Condition::MovesPercent { percent, within_minutes } => {
            let say = if percent.millionths() < 0 { t::falls_within } else { t::rises_within };
            say(symbol, &magnitude(*percent), &minutes(*within_minutes))
        }
        Condition::Enters { low, high } => t::enters(symbol, &money::price(*low), &money::price(*high)),
        Condition::Leaves { low, high } => t::leaves(symbol, &money::price(*low), &money::price(*high)),
        Condition::NewHigh { days } => t::new_high(symbol, days),
        Condition::NewLow { days } => t::new_low(symbol, days),
        Condition::Stale { minutes: after } => t::stale(symbol, &minutes(*after)),
    }
}

/// `AAPL rose above 200.00: 200.31, 14:32`; where it is so, how late it is and that nobody ever paid the price.
pub(crate) fn event(event: &AlertEvent) -> String {
    let what = happening(event);
    let when = moment(event);
    let said = match event.price {
        Some(price) => t::happened(&what, &money::price(price), &when),
        None => t::happened_without_price(&what, &when),
    };
    let said = match event.late_s {
        Some(late_s) => t::late(&said, &duration(late_s)),
        None => said,
    };
    match event.mode {
        Mode::Simulated => t::simulated(&said),
        Mode::Replay => t::recorded(&said),
        Mode::Live | Mode::Delayed => said,
    }
}

/// `AAPL rose above 200.00`
pub(crate) fn happening(event: &AlertEvent) -> String {
    let symbol = &event.symbol;
    match &event.condition {
        // It came from the other side.
        Condition::Crosses { price } if event.price.is_some_and(|now| now < *price) => {
            t::fell_below(symbol, &money::price(*price))
        }
        Condition::Crosses { price } if event.previous_price.is_some_and(|before| before > *price) => {
            t::fell_below(symbol, &money::price(*price))
        }
        Condition::Crosses { price } | Condition::CrossesAbove { price } => {
            t::rose_above(symbol, &money::price(*price))
        }
        Condition::CrossesBelow { price } => t::fell_below(symbol, &money::price(*price)),
        Condition::Above { price } => t::was_above(symbol, &money::price(*price)),
        Condition::Below { price } => t::was_below(symbol, &money::price(*price)),
        Condition::ChangePercent { percent } if percent.millionths() < 0 => t::lost(symbol, &magnitude(*percent)),
        Condition::ChangePercent { percent } => t::gained(symbol, &magnitude(*percent)),
        Condition::MovesPercent { percent, within_minutes } => {
            let say = if percent.millionths() < 0 { t::fell_within } else { t::rose_within };
            say(symbol, &magnitude(*percent), &minutes(*within_minutes))
        }
        Condition::Enters { low, high } => t::entered(symbol, &money::price(*low), &money::price(*high)),
        Condition::Leaves { low, high } => t::left(symbol, &money::price(*low), &money::price(*high)),
        Condition::NewHigh { days } => t::reached_high(symbol, days),
        Condition::NewLow { days } => t::reached_low(symbol, days),
        Condition::Stale { minutes: after } => t::was_stale(symbol, &minutes(*after)),
    }
}

/// The price's time, with its date where that is not the day on which it is told.
fn moment(event: &AlertEvent) -> String {
    let at_ms = event.as_of.timestamp_millis() as f64;
    let day = |at_ms: f64| Date::new(&at_ms.into()).to_date_string();
    // Triggers are told at once or after a return: the day of this device is what its reader knows.
    if day(at_ms) == day(Date::now()) { date_time::time(at_ms) } else { date_time::date_and_time(event.as_of) }
}

/// `2.5%`, without a sign: the sentence says which way.
pub(crate) fn magnitude(percent: Percent) -> String {
    let mut text = grouped(percent.to_string().trim_start_matches('-'));
    text.push('%');
    text
}

/// `15 minutes`, `2 hours`, `45 seconds`: in the largest unit in which it is whole.
pub(crate) fn duration(seconds: u32) -> String {
    let count = |of: u32| (seconds / of) as usize;
    match seconds {
        _ if seconds > 0 && seconds.is_multiple_of(3600) => texts::count(count(3600), t::one_hour, t::hours),
        // Beyond two minutes nobody counts seconds.
        _ if seconds.is_multiple_of(60) && seconds > 0 => texts::count(count(60), t::one_minute, t::minutes),
        120.. => texts::count(seconds.div_ceil(60) as usize, t::one_minute, t::minutes),
        _ => texts::count(seconds as usize, t::one_second, t::seconds),
    }
}

fn minutes(minutes: u16) -> String {
    duration(u32::from(minutes) * 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;
    use watchtape_shared::{AlertEventId, AlertId, Price};

    fn price(text: &str) -> Price {
        Price::parse(text).expect("a price")
    }

    fn percent(text: &str) -> Percent {
        Percent::parse(text).expect("a percentage")
    }

    fn apple() -> Symbol {
        Symbol::parse("AAPL").expect("a symbol")
    }

    fn triggered(condition: Condition) -> AlertEvent {
        let at = "2020-11-20T14:32:00Z".parse().expect("a moment");
        AlertEvent {
            id: AlertEventId::parse("evt_01kaq2f8s5e8rvm0r2j5c4n6xt").expect("an id"),
            alert_id: AlertId::parse("alr_01kaq2f8s5e8rvm0r2j5c4n6xt").expect("an id"),
            symbol: apple(),
            condition,
            note: None,
            price: Some(price("200.31")),
            previous_price: Some(price("199.9")),
            as_of: at,
            source: "sim".into(),
            mode: Mode::Live,
            triggered_at: at,
            late_s: None,
        }
    }

    #[wasm_bindgen_test]
    fn a_condition_is_said_as_a_person_says_it() {
        let said = |one: Condition| condition(apple(), &one);
        assert_eq!(said(Condition::CrossesAbove { price: price("1200") }), "AAPL rises above 1,200.00");
        assert_eq!(said(Condition::ChangePercent { percent: percent("-5") }), "AAPL loses 5% in a day");
        let moves = Condition::MovesPercent { percent: percent("2.5"), within_minutes: 90 };
        assert_eq!(said(moves), "AAPL rises by 2.5% within 90 minutes");
        let moves = Condition::MovesPercent { percent: percent("-1"), within_minutes: 60 };
        assert_eq!(said(moves), "AAPL falls by 1% within 1 hour");
        assert_eq!(said(Condition::Enters { low: price("180"), high: price("190") }), "AAPL enters 180.00 to 190.00");
        assert_eq!(said(Condition::NewHigh { days: 20 }), "AAPL reaches a 20-day high");
        assert_eq!(said(Condition::Stale { minutes: 1 }), "AAPL has no price for 1 minute");
    }

    #[wasm_bindgen_test]
    fn a_trigger_says_what_happened_how_late_and_whether_it_was_real() {
        let rose = triggered(Condition::CrossesAbove { price: price("200") });
        let said = event(&rose);
        assert!(said.starts_with("AAPL rose above 200.00: 200.31, ") && said.contains("2020"), "{said}");
        let late = AlertEvent { late_s: Some(45), mode: Mode::Simulated, ..rose };
        assert_eq!(event(&late), format!("{said}, up to 45 seconds late (simulated)"));
        let stale = AlertEvent { price: None, ..triggered(Condition::Stale { minutes: 15 }) };
        assert!(event(&stale).starts_with("AAPL had no price for 15 minutes, "));
    }

    #[wasm_bindgen_test]
    fn a_crossing_says_its_direction() {
        let crossed = triggered(Condition::Crosses { price: price("200") });
        assert_eq!(happening(&crossed), "AAPL rose above 200.00");
        let fell = AlertEvent { price: Some(price("199")), previous_price: Some(price("201")), ..crossed.clone() };
        assert_eq!(happening(&fell), "AAPL fell below 200.00");
        let reached = AlertEvent { price: Some(price("200")), previous_price: Some(price("201")), ..crossed };
        assert_eq!(happening(&reached), "AAPL fell below 200.00");
    }

    #[wasm_bindgen_test]
    fn a_length_of_time_is_told_in_its_largest_whole_unit() {
        for (seconds, said) in
            [(1, "1 second"), (90, "90 seconds"), (60, "1 minute"), (130, "3 minutes"), (7200, "2 hours")]
        {
            assert_eq!(duration(seconds), said);
        }
    }
}
