//! The trading calendars of the exchanges: regular hours, holidays and short days from the embedded table (see
//! api/data/README.md); New York's extended hours and Tokyo's lunch break from constants here.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use std::collections::{BTreeMap, HashMap};
use watchtape_shared::market::TradingStatus;

const TABLE: &str = include_str!("../../data/exchange_days.csv");
/// The exchange whose hours apply to an unknown exchange, and to those that have the same hours.
const DEFAULT_MIC: &str = "XNYS";
const MICS_WITH_DEFAULT_HOURS: [&str; 2] = ["OTCM", "BATS"];

/// The exchanges of the table with extended hours.
const MICS_WITH_EXTENDED_HOURS: [&str; 2] = ["XNYS", "XNAS"];
/// Pre-market trading begins at 4:00. After-hours trading ends at 20:00, and on a short day at 17:00 (NYSE, "Holidays &
/// Trading Hours", https://www.nyse.com/markets/hours-calendars: NYSE Arca's sessions, and the notes on early
/// closings).
const PRE_MARKET_START: NaiveTime = time(4, 0);
const AFTER_HOURS_END: NaiveTime = time(20, 0);
const SHORT_DAY_AFTER_HOURS_END: NaiveTime = time(17, 0);

/// The exchange with a lunch break, from 11:30 to 12:30 on every day that it trades (Japan Exchange Group, "Trading
/// Hours" of domestic stocks).
const LUNCH_BREAK: (&str, NaiveTime, NaiveTime) = ("XTKS", time(11, 30), time(12, 30));
/// The most consecutive closed days that a search backwards skips.
const MAX_CLOSED_DAYS: usize = 60;

const fn time(hour: u32, minute: u32) -> NaiveTime {
    match NaiveTime::from_hms_opt(hour, minute, 0) {
        Some(time) => time,
        None => NaiveTime::MIN,
    }
}

/// The hours of one exchange.
struct ExchangeHours {
    timezone: Tz,
    open: NaiveTime,
    close: NaiveTime,
    /// Whether it has pre-market and after-hours trading.
    is_extended: bool,
    /// The lunch break.
    lunch: Option<(NaiveTime, NaiveTime)>,
    /// Days with other hours; `None`: closed.
    exceptions: HashMap<NaiveDate, Option<(NaiveTime, NaiveTime)>>,
    /// The last day in the table.
    last_day: NaiveDate,
}

/// The calendars of every exchange of the catalogue.
pub struct Calendar {
    by_mic: BTreeMap<String, ExchangeHours>,
}

/// A part of a trading day with one status other than closed.
#[derive(Clone, Copy)]
struct Phase {
    status: TradingStatus,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

/// The status of an exchange at a time.
pub struct ExchangeStatus {
    /// Open, pre-market, after hours or closed.
    pub status: TradingStatus,
    /// When it changes next; `None` after the end of the table.
    pub next_change: Option<DateTime<Utc>>,
}

impl Calendar {
    /// The calendars of the embedded table.
    pub fn embedded() -> Result<Self, String> {
        Self::parse(TABLE)
    }

    /// Parses a table in the format of `api/data/exchange_days.csv`. An error names the line and the cause.
    pub fn parse(table: &str) -> Result<Self, String> {
        let mut by_mic: BTreeMap<String, ExchangeHours> = BTreeMap::new();
        for (number, line) in (1..).zip(table.lines()).skip(1) {
            let wrong = |what: &str| format!("exchange_days.csv:{number}: {what}");
            let fields: Vec<&str> = line.split(',').collect();
            let [mic, timezone, date, kind, open, close] = fields[..] else {
                return Err(wrong("six fields are expected"));
            };
            let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| wrong("a time is HH:MM"));
            if kind == "regular" {
                let timezone = timezone.parse().map_err(|_| wrong("no such time zone"))?;
                let (open, close) = (time(open)?, time(close)?);
                let hours = ExchangeHours {
                    timezone,
                    open,
                    close,
                    is_extended: MICS_WITH_EXTENDED_HOURS.contains(&mic),
                    lunch: (LUNCH_BREAK.0 == mic).then_some((LUNCH_BREAK.1, LUNCH_BREAK.2)),
                    exceptions: HashMap::new(),
                    last_day: NaiveDate::MIN,
                };
                by_mic.insert(mic.to_owned(), hours);
                continue;
            }
            let hours = by_mic.get_mut(mic).ok_or_else(|| wrong("a day comes before its exchange's hours"))?;
            let date = date.parse().map_err(|_| wrong("a date is YYYY-MM-DD"))?;
            let exception = if kind == "holiday" { None } else { Some((time(open)?, time(close)?)) };
            hours.exceptions.insert(date, exception);
            hours.last_day = hours.last_day.max(date);
        }
        if !by_mic.contains_key(DEFAULT_MIC) {
            return Err(format!("exchange_days.csv: {DEFAULT_MIC} is missing"));
        }
        Ok(Self { by_mic })
    }

    /// The market identifier codes (ISO 10383), sorted, with those that have the default hours.
    pub fn mics(&self) -> Vec<&str> {
        let mut mics: Vec<&str> = self.by_mic.keys().map(String::as_str).chain(MICS_WITH_DEFAULT_HOURS).collect();
        mics.sort_unstable();
        mics
    }

    fn hours(&self, mic: Option<&str>) -> &ExchangeHours {
        mic.and_then(|mic| self.by_mic.get(mic)).unwrap_or_else(|| &self.by_mic[DEFAULT_MIC])
    }

    /// The time zone of an exchange.
    pub fn timezone(&self, mic: &str) -> Tz {
        self.hours(Some(mic)).timezone
    }

    /// The regular hours of an exchange on a day, whether or not it is a trading day.
    pub fn regular_hours(&self, mic: Option<&str>, day: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
        let hours = self.hours(mic);
        (hours.at(day, hours.open), hours.at(day, hours.close))
    }

    /// The regular or shortened hours of an exchange on a day; `None` if it is closed.
    pub fn trading_session(&self, mic: Option<&str>, day: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        self.hours(mic).trading_session(day)
    }

    /// The status of an exchange at a time. Closed after the end of the table.
    pub fn status_at(&self, mic: &str, now: DateTime<Utc>) -> ExchangeStatus {
        let hours = self.hours(Some(mic));
        let days = hours.local_day(now).iter_days().take_while(|day| *day <= hours.last_day);
        // The first phase that has not ended is the current or the next one.
        match days.flat_map(|day| hours.phases(day)).find(|phase| phase.end > now) {
            Some(phase) if phase.start <= now => ExchangeStatus { status: phase.status, next_change: Some(phase.end) },
            next => ExchangeStatus { status: TradingStatus::Closed, next_change: next.map(|phase| phase.start) },
        }
    }

    /// The status of an exchange at the time of a trade. Unlike [`Calendar::status_at`] every weekday after the end of
    /// the table is a trading day.
    pub fn phase_at(&self, mic: Option<&str>, at: DateTime<Utc>) -> TradingStatus {
        let hours = self.hours(mic);
        let phases = hours.phases(hours.local_day(at));
        let phase = phases.into_iter().find(|phase| (phase.start..phase.end).contains(&at));
        phase.map_or(TradingStatus::Closed, |phase| phase.status)
    }

    /// The trading day of a time: the last one whose hours, extended ones included, have begun. At night, on weekends
    /// and on holidays that is the previous one.
    pub fn trading_day(&self, mic: Option<&str>, at: DateTime<Utc>) -> NaiveDate {
        let hours = self.hours(mic);
        let begun = |day: &NaiveDate| hours.phases(*day).first().is_some_and(|phase| phase.start <= at);
        hours.days_back(at).find(begun).unwrap_or_else(|| hours.local_day(at))
    }

    /// The last time up to `now` at which an exchange traded, extended hours included: `now`, or its last end of
    /// trading.
    pub fn last_traded(&self, mic: Option<&str>, now: DateTime<Utc>) -> DateTime<Utc> {
        let hours = self.hours(mic);
        let mut phases = hours.days_back(now).flat_map(|day| hours.phases(day).into_iter().rev());
        phases.find(|phase| phase.start <= now).map_or(now, |phase| phase.end.min(now))
    }

    /// The last regular hours of an exchange that have begun at a time; empty where there are none.
    pub fn last_trading_session(&self, mic: Option<&str>, at: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
        let hours = self.hours(mic);
        let mut sessions = hours.days_back(at).filter_map(|day| hours.trading_session(day));
        sessions.find(|(open, _)| *open <= at).unwrap_or((at, at))
    }

    /// The last close of an exchange at or before a time.
    pub fn last_close(&self, mic: Option<&str>, at: DateTime<Utc>) -> DateTime<Utc> {
        let hours = self.hours(mic);
        let mut closes = hours.days_back(at).filter_map(|day| hours.trading_session(day)).map(|(_, close)| close);
        closes.find(|close| *close <= at).unwrap_or(at)
    }
}

impl ExchangeHours {
    fn local_day(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.timezone).date_naive()
    }

    /// The local days from that of a time backwards, trading days or not.
    fn days_back(&self, at: DateTime<Utc>) -> impl Iterator<Item = NaiveDate> + use<> {
        std::iter::successors(Some(self.local_day(at)), NaiveDate::pred_opt).take(MAX_CLOSED_DAYS)
    }

    /// The local open and close of a day; `None` if closed.
    fn local_trading_session(&self, day: NaiveDate) -> Option<(NaiveTime, NaiveTime)> {
        match self.exceptions.get(&day) {
            Some(exception) => *exception,
            None if matches!(day.weekday(), Weekday::Sat | Weekday::Sun) => None,
            None => Some((self.open, self.close)),
        }
    }

    fn trading_session(&self, day: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        self.local_trading_session(day).map(|(open, close)| (self.at(day, open), self.at(day, close)))
    }

    /// The phases of a day, ascending; empty if closed.
    fn phases(&self, day: NaiveDate) -> Vec<Phase> {
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

    fn at(&self, day: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
        let local = day.and_time(time);
        // No exchange opens or closes in an hour that a daylight saving change skips or repeats.
        let found = self.timezone.from_local_datetime(&local).earliest();
        found.map_or_else(|| local.and_utc(), |time| time.with_timezone(&Utc))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(mic: &str, now: &str) -> (TradingStatus, String) {
        let calendar = Calendar::embedded().expect("the embedded table");
        let moment = calendar.status_at(mic, now.parse().expect("a time"));
        (moment.status, moment.next_change.map(|time| time.to_rfc3339()).unwrap_or_default())
    }

    #[test]
    fn sessions_follow_weekends_holidays_short_days_and_daylight_saving() {
        use TradingStatus::{AfterHours, Closed, Open, PreMarket};
        for (mic, now, status, next_change) in [
            // A Friday in New York, from its night to the next week.
            ("XNAS", "2026-11-20T08:59:59Z", Closed, "2026-11-20T09:00:00+00:00"),
            ("XNAS", "2026-11-20T09:00:00Z", PreMarket, "2026-11-20T14:30:00+00:00"),
            ("XNYS", "2026-11-20T15:00:00Z", Open, "2026-11-20T21:00:00+00:00"),
            ("XNAS", "2026-11-20T21:00:00Z", AfterHours, "2026-11-21T01:00:00+00:00"),
            ("XNAS", "2026-11-21T01:00:00Z", Closed, "2026-11-23T09:00:00+00:00"),
            ("XNYS", "2026-11-22T12:00:00Z", Closed, "2026-11-23T09:00:00+00:00"),
            ("OTCM", "2026-11-20T15:00:00Z", Open, "2026-11-20T21:00:00+00:00"),
            ("BATS", "2026-11-20T22:00:00Z", AfterHours, "2026-11-21T01:00:00+00:00"),
            // Thanksgiving, then a short day.
            ("XNYS", "2026-11-26T15:00:00Z", Closed, "2026-11-27T09:00:00+00:00"),
            ("XNYS", "2026-11-27T15:00:00Z", Open, "2026-11-27T18:00:00+00:00"),
            ("XNYS", "2026-11-27T18:00:00Z", AfterHours, "2026-11-27T22:00:00+00:00"),
            ("XNYS", "2026-11-27T22:00:00Z", Closed, "2026-11-30T09:00:00+00:00"),
            // Summer time in New York, already over in London.
            ("XNYS", "2026-10-28T08:00:00Z", PreMarket, "2026-10-28T13:30:00+00:00"),
            ("XNYS", "2026-10-28T13:45:00Z", Open, "2026-10-28T20:00:00+00:00"),
            ("XLON", "2026-10-28T07:30:00Z", Closed, "2026-10-28T08:00:00+00:00"),
            // The weekends on which New York's clocks change.
            ("XNYS", "2026-03-07T02:00:00Z", Closed, "2026-03-09T08:00:00+00:00"),
            ("XNYS", "2026-10-31T01:00:00Z", Closed, "2026-11-02T09:00:00+00:00"),
            // Elsewhere there are no extended hours.
            ("XETR", "2026-11-20T16:30:00Z", Closed, "2026-11-23T08:00:00+00:00"),
            // A day in Tokyo, with its lunch.
            ("XTKS", "2026-11-19T23:00:00Z", Closed, "2026-11-20T00:00:00+00:00"),
            ("XTKS", "2026-11-20T02:29:59Z", Open, "2026-11-20T02:30:00+00:00"),
            ("XTKS", "2026-11-20T02:30:00Z", Closed, "2026-11-20T03:30:00+00:00"),
            ("XTKS", "2026-11-20T03:30:00Z", Open, "2026-11-20T06:30:00+00:00"),
        ] {
            assert_eq!(at(mic, now), (status, next_change.to_owned()), "{mic} at {now}");
        }
    }

    #[test]
    fn a_time_belongs_to_the_last_trading_day_that_has_begun() {
        let calendar = Calendar::embedded().expect("the embedded table");
        for (mic, at, day, last_close) in [
            // The night before, pre-market, after hours across midnight of UTC, and a weekend.
            ("XNAS", "2026-11-20T08:59:59Z", "2026-11-19", "2026-11-19T21:00:00Z"),
            ("XNAS", "2026-11-20T09:00:00Z", "2026-11-20", "2026-11-19T21:00:00Z"),
            ("XNAS", "2026-11-20T20:59:59Z", "2026-11-20", "2026-11-19T21:00:00Z"),
            ("XNAS", "2026-11-20T21:00:00Z", "2026-11-20", "2026-11-20T21:00:00Z"),
            ("XNAS", "2026-11-21T00:30:00Z", "2026-11-20", "2026-11-20T21:00:00Z"),
            ("XNAS", "2026-11-22T12:00:00Z", "2026-11-20", "2026-11-20T21:00:00Z"),
            // Thanksgiving, and the evening of the short day after it.
            ("XNYS", "2026-11-26T15:00:00Z", "2026-11-25", "2026-11-25T21:00:00Z"),
            ("XNYS", "2026-11-27T23:00:00Z", "2026-11-27", "2026-11-27T18:00:00Z"),
            // The Monday after the clocks went forward: the hours are an hour earlier.
            ("XNYS", "2026-03-09T07:59:59Z", "2026-03-06", "2026-03-06T21:00:00Z"),
            ("XNYS", "2026-03-09T08:00:00Z", "2026-03-09", "2026-03-06T21:00:00Z"),
            // Tokyo is a day ahead; lunch is no close.
            ("XTKS", "2026-11-19T23:59:59Z", "2026-11-19", "2026-11-19T06:30:00Z"),
            ("XTKS", "2026-11-20T03:00:00Z", "2026-11-20", "2026-11-19T06:30:00Z"),
            // Past the end of the table a weekday is a trading day.
            ("XNYS", "2031-01-06T15:00:00Z", "2031-01-06", "2031-01-03T21:00:00Z"),
        ] {
            let moment = at.parse().expect("a time");
            assert_eq!(calendar.trading_day(Some(mic), moment).to_string(), day, "{mic} at {at}");
            let expected: DateTime<Utc> = last_close.parse().expect("a time");
            assert_eq!(calendar.last_close(Some(mic), moment), expected, "{mic} at {at}");
        }
        for (at, open) in [
            ("2026-11-20T14:29:59Z", "2026-11-19T14:30:00Z"),
            ("2026-11-20T14:30:00Z", "2026-11-20T14:30:00Z"),
            ("2026-11-22T12:00:00Z", "2026-11-20T14:30:00Z"),
        ] {
            let (begun, ended) = calendar.last_trading_session(Some("XNAS"), at.parse().expect("a time"));
            assert_eq!((begun, (ended - begun).num_minutes()), (open.parse().expect("a time"), 390), "{at}");
        }
        let evening = "2026-11-20T21:30:00Z".parse().expect("a time");
        // An unknown exchange has New York's hours.
        assert_eq!(calendar.phase_at(None, evening), TradingStatus::AfterHours);
        assert_eq!(calendar.phase_at(Some("XLON"), evening), TradingStatus::Closed);
    }

    /// Checks every minute of two weeks.
    #[test]
    fn a_status_lasts_until_its_next_change() {
        let calendar = Calendar::embedded().expect("the embedded table");
        let begin: DateTime<Utc> = "2026-10-25T00:00:00Z".parse().expect("a time");
        for mic in ["XNYS", "XTKS", "XLON"] {
            let mut moment = calendar.status_at(mic, begin);
            for minute in 0..14 * 24 * 60 {
                let now = begin + chrono::TimeDelta::minutes(minute);
                assert_eq!(calendar.phase_at(Some(mic), now), calendar.status_at(mic, now).status, "{mic} at {now}");
                if moment.next_change == Some(now) {
                    moment = calendar.status_at(mic, now);
                }
                assert_eq!(calendar.status_at(mic, now).status, moment.status, "{mic} at {now}");
            }
        }
    }

    #[test]
    fn after_the_end_of_the_table_the_status_is_closed_without_a_next_change() {
        assert_eq!(at("XNYS", "2031-01-06T15:00:00Z"), (TradingStatus::Closed, String::new()));
    }

    #[test]
    fn a_malformed_table_is_named_by_its_line() {
        let error = Calendar::parse("head\nXNYS,America/New_York,,regular,09:30,16:00\nXNYS,,2025-13-01,holiday,,");
        assert_eq!(error.err().as_deref(), Some("exchange_days.csv:3: a date is YYYY-MM-DD"));
    }
}
