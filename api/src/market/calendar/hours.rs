//! The hours of one exchange: regular and extended ones, its lunch break, and the days with others.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use std::collections::HashMap;
use watchtape_shared::market::{Closure, TradingStatus};

/// Pre-market trading begins at 4:00. After-hours trading ends at 20:00, and on a short day at 17:00 (NYSE, "Holidays &
/// Trading Hours", https://www.nyse.com/markets/hours-calendars: NYSE Arca's sessions, and the notes on early
/// closings).
const PRE_MARKET_START: NaiveTime = time(4, 0);
const AFTER_HOURS_END: NaiveTime = time(20, 0);
const SHORT_DAY_AFTER_HOURS_END: NaiveTime = time(17, 0);

/// The most consecutive closed days that a search skips.
pub(super) const MAX_CLOSED_DAYS: usize = 60;

pub(super) const fn time(hour: u32, minute: u32) -> NaiveTime {
    match NaiveTime::from_hms_opt(hour, minute, 0) {
        Some(time) => time,
        None => NaiveTime::MIN,
    }
}

/// The hours of one exchange.
#[derive(Clone)]
pub(super) struct ExchangeHours {
    pub(super) timezone: Tz,
    pub(super) open: NaiveTime,
    pub(super) close: NaiveTime,
    /// Whether it has pre-market and after-hours trading.
    pub(super) is_extended: bool,
    /// The lunch break.
    pub(super) lunch: Option<(NaiveTime, NaiveTime)>,
    /// Days with other hours; `None`: closed.
    pub(super) exceptions: HashMap<NaiveDate, Option<(NaiveTime, NaiveTime)>>,
}

/// A part of a trading day with one status other than closed.
#[derive(Clone, Copy)]
pub(super) struct Phase {
    pub(super) status: TradingStatus,
    pub(super) start: DateTime<Utc>,
    pub(super) end: DateTime<Utc>,
}

impl ExchangeHours {
    pub(super) fn local_day(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.timezone).date_naive()
    }

    /// The local days from that of a time backwards, trading days or not.
    pub(super) fn days_back(&self, at: DateTime<Utc>) -> impl Iterator<Item = NaiveDate> + use<> {
        std::iter::successors(Some(self.local_day(at)), NaiveDate::pred_opt).take(MAX_CLOSED_DAYS)
    }

    /// The local open and close of a day; `None` if closed.
    fn local_trading_session(&self, day: NaiveDate) -> Option<(NaiveTime, NaiveTime)> {
        match self.exceptions.get(&day) {
            Some(exception) => *exception,
            None if is_weekend(day) => None,
            None => Some((self.open, self.close)),
        }
    }

    pub(super) fn trading_session(&self, day: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        self.local_trading_session(day).map(|(open, close)| (self.at(day, open), self.at(day, close)))
    }

    /// The phases of a day, ascending; empty if closed.
    pub(super) fn phases(&self, day: NaiveDate) -> Vec<Phase> {
        let Some((open, close)) = self.local_trading_session(day) else { return Vec::new() };
        let mut local = Vec::with_capacity(3);
        if self.is_extended {
            local.push((TradingStatus::PreMarket, PRE_MARKET_START, open));
        }
        match self.lunch.filter(|(begins, ends)| open < *begins && *ends < close) {
            Some((begins, ends)) => {
                local.extend([(TradingStatus::Open, open, begins), (TradingStatus::Open, ends, close)]);
            }
            None => local.push((TradingStatus::Open, open, close)),
        }
        if self.is_extended {
            let end = if close < self.close { SHORT_DAY_AFTER_HOURS_END } else { AFTER_HOURS_END };
            local.push((TradingStatus::AfterHours, close, end));
        }
        let phase = |(status, start, end)| Phase { status, start: self.at(day, start), end: self.at(day, end) };
        local.into_iter().map(phase).collect()
    }

    /// Why it is closed at a time at which it is.
    pub(super) fn closure(&self, at: DateTime<Utc>) -> Closure {
        let day = self.local_day(at);
        let phases = self.phases(day);
        match (phases.first(), phases.last()) {
            (Some(first), Some(last)) if first.start <= at && at < last.end => Closure::Break,
            (Some(_), _) => Closure::Night,
            _ if is_weekend(day) => Closure::Weekend,
            _ => Closure::Holiday,
        }
    }

    pub(super) fn at(&self, day: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
        let local = day.and_time(time);
        // No exchange opens or closes in an hour that a daylight saving change skips or repeats.
        let found = self.timezone.from_local_datetime(&local).earliest();
        found.map_or_else(|| local.and_utc(), |time| time.with_timezone(&Utc))
    }
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}
