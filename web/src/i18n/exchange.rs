//! Names and trading hours of exchanges.

use crate::texts::market;
use watchtape_shared::market::TradingStatus;

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

/// `open, closes Fri 22:00`; `pre-market, opens Fri 15:30`; without the second half where the calendar does not say.
pub(crate) fn hours(status: TradingStatus, next_change: Option<&str>) -> String {
    match (status, next_change) {
        (TradingStatus::Open, Some(moment)) => market::open_until(&moment),
        (TradingStatus::PreMarket, Some(moment)) => market::pre_market_until(&moment),
        (TradingStatus::AfterHours, Some(moment)) => market::after_hours_until(&moment),
        (TradingStatus::Closed, Some(moment)) => market::closed_until(&moment),
        (TradingStatus::Open, None) => market::open().into(),
        (TradingStatus::PreMarket, None) => market::pre_market().into(),
        (TradingStatus::AfterHours, None) => market::after_hours().into(),
        (TradingStatus::Closed, None) => market::closed_now().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn hours_tell_what_is_and_what_comes() {
        assert_eq!(hours(TradingStatus::Open, Some("Fri 22:00")), "open, closes Fri 22:00");
        assert_eq!(hours(TradingStatus::PreMarket, Some("Fri 15:30")), "pre-market, opens Fri 15:30");
        assert_eq!(hours(TradingStatus::AfterHours, Some("Sat 02:00")), "after hours, ends Sat 02:00");
        assert_eq!(hours(TradingStatus::Closed, None), "closed");
    }

    #[wasm_bindgen_test]
    fn an_exchange_without_an_everyday_name_keeps_its_code() {
        assert_eq!((name("XNAS"), name("XKRX")), ("Nasdaq", "XKRX"));
    }
}
