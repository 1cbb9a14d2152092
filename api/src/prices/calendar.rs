//! When the exchanges trade: regular hours, holidays and short days, from the embedded table (see api/data/README.md).
//! Deliberately absent: lunch breaks and extended hours, which the table does not have.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use std::collections::{BTreeMap, HashMap};
use watchtape_shared::market::TradingStatus;

const TABLE: &str = include_str!("../../data/exchange_days.csv");
/// The exchange whose hours stand in where a security's is unknown, and for those that follow it.
const DEFAULT_MIC: &str = "XNYS";
const FOLLOWERS: [&str; 2] = ["OTCM", "BATS"];

/// The hours of one exchange.
struct Hours {
    timezone: Tz,
    open: NaiveTime,
    close: NaiveTime,
    /// Days that differ: closed all day, or these hours.
    exceptions: HashMap<NaiveDate, Option<(NaiveTime, NaiveTime)>>,
    /// The last day that the table speaks of.
    last: NaiveDate,
}

/// The hours of every exchange of the catalogue.
pub struct Calendar {
    by_mic: BTreeMap<String, Hours>,
}

/// One exchange at one moment.
pub struct Moment {
    /// Whether it trades.
    pub status: TradingStatus,
    /// When that changes; none past the end of the table.
    pub next_change: Option<DateTime<Utc>>,
}

impl Calendar {
    /// The embedded table.
    pub fn embedded() -> Result<Self, String> {
        Self::parse(TABLE)
    }

    pub(super) fn parse(table: &str) -> Result<Self, String> {
        let mut by_mic: BTreeMap<String, Hours> = BTreeMap::new();
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
                let hours = Hours { timezone, open, close, exceptions: HashMap::new(), last: NaiveDate::MIN };
                by_mic.insert(mic.to_owned(), hours);
                continue;
            }
            let hours = by_mic.get_mut(mic).ok_or_else(|| wrong("a day comes before its exchange's hours"))?;
            let date = date.parse().map_err(|_| wrong("a date is YYYY-MM-DD"))?;
            let exception = if kind == "holiday" { None } else { Some((time(open)?, time(close)?)) };
            hours.exceptions.insert(date, exception);
            hours.last = hours.last.max(date);
        }
        if !by_mic.contains_key(DEFAULT_MIC) {
            return Err(format!("exchange_days.csv: {DEFAULT_MIC} is missing"));
        }
        Ok(Self { by_mic })
    }

    /// The market identifier codes, sorted, those that follow another's hours included.
    pub fn mics(&self) -> Vec<&str> {
        let mut mics: Vec<&str> = self.by_mic.keys().map(String::as_str).chain(FOLLOWERS).collect();
        mics.sort_unstable();
        mics
    }

    fn hours(&self, mic: Option<&str>) -> &Hours {
        mic.and_then(|mic| self.by_mic.get(mic)).unwrap_or_else(|| &self.by_mic[DEFAULT_MIC])
    }

    /// The time zone of an exchange.
    pub fn timezone(&self, mic: &str) -> Tz {
        self.hours(Some(mic)).timezone
    }

    /// The regular hours of an exchange on a day, trading or not.
    pub fn regular_session(&self, mic: Option<&str>, day: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
        let hours = self.hours(mic);
        (hours.at(day, hours.open), hours.at(day, hours.close))
    }

    /// Whether an exchange trades at a moment, and until when.
    pub fn at(&self, mic: &str, now: DateTime<Utc>) -> Moment {
        let hours = self.hours(Some(mic));
        let today = now.with_timezone(&hours.timezone).date_naive();
        let mut days = today.iter_days().take_while(|day| *day <= hours.last).filter_map(|day| hours.session(day));
        // The first session that is not over is this one or the next.
        match days.find(|(_, close)| *close > now) {
            Some((open, close)) if open <= now => Moment { status: TradingStatus::Open, next_change: Some(close) },
            next => Moment { status: TradingStatus::Closed, next_change: next.map(|(open, _)| open) },
        }
    }

    /// The last moment up to `now` at which an exchange traded: now, or its last close.
    pub fn last_traded(&self, mic: Option<&str>, now: DateTime<Utc>) -> DateTime<Utc> {
        let hours = self.hours(mic);
        let (_, close) = hours.sessions_back(now).find(|(open, _)| *open <= now).unwrap_or((now, now));
        close.min(now)
    }

    /// The trading day that a price of this moment belongs to, and whether it was made in regular hours. What is made on a
    /// day without a session belongs to the one before.
    pub fn trading_day(&self, mic: Option<&str>, at: DateTime<Utc>) -> (NaiveDate, bool) {
        let hours = self.hours(mic);
        let session = hours.sessions_back(at).next();
        let day = session.map_or(at, |(open, _)| open).with_timezone(&hours.timezone).date_naive();
        (day, session.is_some_and(|(open, close)| (open..=close).contains(&at)))
    }
}

impl Hours {
    /// The sessions from the day of a moment backwards; no exchange rests for longer than this looks.
    fn sessions_back(&self, now: DateTime<Utc>) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> {
        let today = now.with_timezone(&self.timezone).date_naive();
        (0..30).filter_map(move |days| self.session(today.checked_sub_days(Days::new(days))?))
    }

    fn session(&self, day: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let (open, close) = match self.exceptions.get(&day) {
            Some(exception) => (*exception)?,
            None if matches!(day.weekday(), Weekday::Sat | Weekday::Sun) => return None,
            None => (self.open, self.close),
        };
        Some((self.at(day, open), self.at(day, close)))
    }

    fn at(&self, day: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
        let local = day.and_time(time);
        // No exchange opens or closes within the hour that daylight saving skips or repeats.
        let found = self.timezone.from_local_datetime(&local).earliest();
        found.map_or_else(|| local.and_utc(), |time| time.with_timezone(&Utc))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(mic: &str, now: &str) -> (TradingStatus, String) {
        let calendar = Calendar::embedded().expect("the embedded table");
        let moment = calendar.at(mic, now.parse().expect("a time"));
        (moment.status, moment.next_change.map(|time| time.to_rfc3339()).unwrap_or_default())
    }

    #[test]
    fn sessions_follow_weekends_holidays_short_days_and_daylight_saving() {
        use TradingStatus::{Closed, Open};
        for (mic, now, status, next_change) in [
            ("XNYS", "2026-11-20T15:00:00Z", Open, "2026-11-20T21:00:00+00:00"),
            ("XNAS", "2026-11-20T21:00:00Z", Closed, "2026-11-23T14:30:00+00:00"),
            ("XNYS", "2026-11-22T12:00:00Z", Closed, "2026-11-23T14:30:00+00:00"),
            // Thanksgiving, then a short day.
            ("XNYS", "2026-11-26T15:00:00Z", Closed, "2026-11-27T14:30:00+00:00"),
            ("XNYS", "2026-11-27T15:00:00Z", Open, "2026-11-27T18:00:00+00:00"),
            // Summer time in New York, already over in London.
            ("XNYS", "2026-10-28T13:45:00Z", Open, "2026-10-28T20:00:00+00:00"),
            ("XLON", "2026-10-28T07:30:00Z", Closed, "2026-10-28T08:00:00+00:00"),
            ("XTKS", "2026-11-19T23:00:00Z", Closed, "2026-11-20T00:00:00+00:00"),
            ("OTCM", "2026-11-20T15:00:00Z", Open, "2026-11-20T21:00:00+00:00"),
        ] {
            assert_eq!(at(mic, now), (status, next_change.to_owned()), "{mic} at {now}");
        }
    }

    #[test]
    fn past_the_end_of_the_table_nothing_is_promised() {
        assert_eq!(at("XNYS", "2031-01-06T15:00:00Z"), (TradingStatus::Closed, String::new()));
    }

    #[test]
    fn a_malformed_table_is_named_by_its_line() {
        let error = Calendar::parse("head\nXNYS,America/New_York,,regular,09:30,16:00\nXNYS,,2025-13-01,holiday,,");
        assert_eq!(error.err().as_deref(), Some("exchange_days.csv:3: a date is YYYY-MM-DD"));
    }
}
