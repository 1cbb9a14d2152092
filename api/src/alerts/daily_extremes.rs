//! The highest and the lowest price of the trading days before a day.

use super::evaluator::Extremes;
use crate::db::Result;
use crate::history::{BarQuery, History};
use chrono::{DateTime, NaiveDate, NaiveTime};
use std::sync::Arc;
use watchtape_shared::UserId;
use watchtape_shared::bar::{Bar, Interval};
use watchtape_shared::ticker::Ticker;

/// There are fewer days than are needed: a high of a year cannot be told from a few weeks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooFewDays {
    /// How many there are.
    pub known: usize,
}

/// The extremes of the newest `days` of these daily bars, ascending, that begin before a trading day.
pub fn extremes_before(bars: &[Bar], before: NaiveDate, days: u16) -> std::result::Result<Extremes, TooFewDays> {
    let end = bars.partition_point(|bar| bar.start.date_naive() < before);
    let bars = &bars[..end];
    let known = bars.len();
    let bars = &bars[known.saturating_sub(days.into())..];
    let (high, low) = (bars.iter().map(|bar| bar.high).max(), bars.iter().map(|bar| bar.low).min());
    let extremes = high.zip(low).filter(|_| known >= usize::from(days)).map(|(high, low)| Extremes { high, low });
    extremes.ok_or(TooFewDays { known })
}

/// Those of a security's last `days` trading days before that of its last price, for this account.
pub async fn daily_extremes(
    history: &History,
    account: &UserId,
    ticker: &Arc<Ticker>,
    days: u16,
) -> Result<std::result::Result<Extremes, TooFewDays>> {
    let today = history.trading_day(ticker);
    let span = DateTime::UNIX_EPOCH..today.and_time(NaiveTime::MIN).and_utc();
    let page = history.bars(account, ticker, BarQuery { interval: Interval::OneDay, span, limit: days.into() }).await?;
    Ok(extremes_before(&page.items, today, days))
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchtape_shared::Price;

    #[test]
    fn as_many_days_as_are_asked_for_count_and_the_day_itself_does_not() {
        let day = |number| NaiveDate::from_ymd_opt(2026, 3, number).expect("a day");
        let price = |units: u32| Price::parse(&units.to_string()).expect("a price");
        let bar = |number: u32| Bar::of(day(number).and_time(NaiveTime::MIN).and_utc(), price(100 + number));
        let bars: Vec<Bar> = (1..=6).map(bar).collect();
        assert_eq!(extremes_before(&bars, day(6), 5), Ok(Extremes { high: price(105), low: price(101) }));
        assert_eq!(extremes_before(&bars, day(7), 5), Ok(Extremes { high: price(106), low: price(102) }));
        assert_eq!(extremes_before(&bars, day(5), 5), Err(TooFewDays { known: 4 }));
        assert_eq!(extremes_before(&[], day(5), 5), Err(TooFewDays { known: 0 }));
    }
}
