//! Names and trading hours of exchanges.

use super::date_time::Reader;
use crate::texts::market;
use watchtape_shared::market::{Closure, Exchange, TradingStatus};

/// The everyday name of an exchange, given its market identifier code (ISO 10383). An unknown code is its own name.
pub(crate) fn name(mic: &str) -> &str {
    match mic {
        "XNAS" => "Nasdaq",
        "XNYS" => "NYSE",
        "BATS" => "Cboe",
        "OTCM" => "OTC",
        "XTKS" => "Tokyo",
        "XETR" => "Xetra",
        "XLON" => "London",
        "XPAR" => "Paris",
        "XMAD" => "Madrid",
        "XSTO" => "Stockholm",
        "XHEL" => "Helsinki",
        "XBRU" => "Brussels",
        "XAMS" => "Amsterdam",
        "XSWX" => "Zurich",
        "XMIL" => "Milan",
        other => other,
    }
}

/// `open, closes Fri 22:00 CET (16:00 in New York)`; without the second half where the calendar does not say. A closed
/// exchange opens when its regular hours begin, whatever changes before.
pub(crate) fn hours(exchange: &Exchange, reader: &Reader) -> String {
    let is_closed = exchange.status == TradingStatus::Closed;
    let moment = if is_closed { exchange.next_open } else { exchange.next_change };
    let moment = moment.map(|at| reader.moment(at, &exchange.timezone));
    match (exchange.status, exchange.closure, moment) {
        (TradingStatus::Open, _, Some(moment)) => market::open_until(&moment),
        (TradingStatus::PreMarket, _, Some(moment)) => market::pre_market_until(&moment),
        (TradingStatus::AfterHours, _, Some(moment)) => market::after_hours_until(&moment),
        (TradingStatus::Closed, Some(Closure::Holiday), Some(moment)) => market::holiday_until(&moment),
        (TradingStatus::Closed, Some(Closure::Break), Some(moment)) => market::lunch_until(&moment),
        (TradingStatus::Closed, _, Some(moment)) => market::closed_until(&moment),
        (TradingStatus::Open, _, None) => market::open().into(),
        (TradingStatus::PreMarket, _, None) => market::pre_market().into(),
        (TradingStatus::AfterHours, _, None) => market::after_hours().into(),
        (TradingStatus::Closed, Some(Closure::Holiday), None) => market::holiday().into(),
        (TradingStatus::Closed, Some(Closure::Break), None) => market::lunch().into(),
        (TradingStatus::Closed, _, None) => market::closed_now().into(),
    }
}

#[cfg(test)]
mod hours_tests;

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn an_exchange_without_an_everyday_name_keeps_its_code() {
        assert_eq!((name("XNAS"), name("XKRX")), ("Nasdaq", "XKRX"));
    }
}
