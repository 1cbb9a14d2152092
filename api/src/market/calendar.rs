//! When the exchanges trade: regular hours, holidays and short days from the embedded table (see api/data/README.md),
//! and beside it what the table does not have: New York's extended hours and Tokyo's lunch break.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use std::collections::{BTreeMap, HashMap};
use watchtape_shared::market::TradingStatus;

const TABLE: &str = include_str!("../../data/exchange_days.csv");
/// The exchange whose hours stand in where a security's is unknown, and for those that follow it.
const DEFAULT_MIC: &str = "XNYS";
const FOLLOWERS: [&str; 2] = ["OTCM", "BATS"];

/// The exchanges with extended hours, those that follow them apart.
const EXTENDED: [&str; 2] = ["XNYS", "XNAS"];
/// Pre-market trading begins at 4:00. After-hours trading ends at 20:00, and on a short day at 17:00 (NYSE, "Holidays &
/// Trading Hours", https://www.nyse.com/markets/hours-calendars: NYSE Arca's sessions, and the notes on early closings).
const PRE_MARKET_BEGINS: NaiveTime = time(4, 0);
const AFTER_HOURS_END: NaiveTime = time(20, 0);
const SHORT_AFTER_HOURS_END: NaiveTime = time(17, 0);

/// The exchange with a lunch break, from 11:30 to 12:30 on every day that it trades (Japan Exchange Group, "Trading Hours"
/// of domestic stocks).
const LUNCH: (&str, NaiveTime, NaiveTime) = ("XTKS", time(11, 30), time(12, 30));
/// How many days in a row an exchange may stay closed: more than any did in living memory.
const LONGEST_BREAK_DAYS: usize = 60;

const fn time(hour: u32, minute: u32) -> NaiveTime {
    match NaiveTime::from_hms_opt(hour, minute, 0) {
        Some(time) => time,
        None => NaiveTime::MIN,
    }
}

/// The hours of one exchange.
struct Hours {
    timezone: Tz,
    open: NaiveTime,
    close: NaiveTime,
    /// Whether it trades before and after these too.
    is_extended: bool,
    /// When it pauses between them.
    lunch: Option<(NaiveTime, NaiveTime)>,
    /// Days that differ: closed all day, or these hours.
    exceptions: HashMap<NaiveDate, Option<(NaiveTime, NaiveTime)>>,
    /// The last day that the table speaks of.
    last: NaiveDate,
}

/// The hours of every exchange of the catalogue.
pub struct Calendar {
    by_mic: BTreeMap<String, Hours>,
}

/// A stretch of a trading day in which the exchange has one status other than closed.
#[derive(Clone, Copy)]
struct Phase {
    status: TradingStatus,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

/// One exchange at one moment.
pub struct Moment {
    /// Whether it trades, and in which hours.
    pub status: TradingStatus,
    /// When that changes; none past the end of the table.
    pub next_change: Option<DateTime<Utc>>,
}

impl Calendar {
    /// The embedded table.
    pub fn embedded() -> Result<Self, String> {
        Self::parse(TABLE)
    }

    /// A table of the form of `api/data/exchange_days.csv`.
    pub fn parse(table: &str) -> Result<Self, String> {
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
                let hours = Hours {
                    timezone,
                    open,
                    close,
                    is_extended: EXTENDED.contains(&mic),
                    lunch: (LUNCH.0 == mic).then_some((LUNCH.1, LUNCH.2)),
                    exceptions: HashMap::new(),
                    last: NaiveDate::MIN,
                };
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

    /// The hours in which an exchange trades on a day; none where it does not.
    pub fn session(&self, mic: Option<&str>, day: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        self.hours(mic).session(day)
    }

    /// Whether an exchange trades at a moment, in which hours, and until when.
    pub fn at(&self, mic: &str, now: DateTime<Utc>) -> Moment {
        let hours = self.hours(Some(mic));
        let days = hours.local_day(now).iter_days().take_while(|day| *day <= hours.last);
        // The first phase that is not over is this one or the next.
        match days.flat_map(|day| hours.phases(day)).find(|phase| phase.end > now) {
            Some(phase) if phase.start <= now => Moment { status: phase.status, next_change: Some(phase.end) },
            next => Moment { status: TradingStatus::Closed, next_change: next.map(|phase| phase.start) },
        }
    }

    /// In which hours a moment is. Other than [`Calendar::at`] it takes every weekday past the end of the table for a
    /// trading day: what is asked about is a trade that was made.
    pub fn phase_at(&self, mic: Option<&str>, at: DateTime<Utc>) -> TradingStatus {
        let hours = self.hours(mic);
        let phases = hours.phases(hours.local_day(at));
        let phase = phases.into_iter().find(|phase| (phase.start..phase.end).contains(&at));
        phase.map_or(TradingStatus::Closed, |phase| phase.status)
    }

    /// The day whose hours, extended ones included, a moment is in or follows: in the night, on a weekend and on a holiday
    /// the trading day before it.
    pub fn trading_day(&self, mic: Option<&str>, at: DateTime<Utc>) -> NaiveDate {
        let hours = self.hours(mic);
        let begun = |day: &NaiveDate| hours.phases(*day).first().is_some_and(|phase| phase.start <= at);
        hours.days_back(at).find(begun).unwrap_or_else(|| hours.local_day(at))
    }

    /// The last moment up to `now` at which an exchange traded, extended hours included: now, or when it last stopped.
    pub fn last_traded(&self, mic: Option<&str>, now: DateTime<Utc>) -> DateTime<Utc> {
        let hours = self.hours(mic);
        let mut phases = hours.days_back(now).flat_map(|day| hours.phases(day).into_iter().rev());
        phases.find(|phase| phase.start <= now).map_or(now, |phase| phase.end.min(now))
    }

    /// The last regular hours of an exchange that had begun at a moment; a moment without a length where there are none.
    pub fn last_session(&self, mic: Option<&str>, at: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
        let hours = self.hours(mic);
        let mut sessions = hours.days_back(at).filter_map(|day| hours.session(day));
        sessions.find(|(open, _)| *open <= at).unwrap_or((at, at))
    }

    /// The last end of an exchange's regular hours at a moment: the moment itself is one.
    pub fn last_close(&self, mic: Option<&str>, at: DateTime<Utc>) -> DateTime<Utc> {
        let hours = self.hours(mic);
        let mut closes = hours.days_back(at).filter_map(|day| hours.session(day)).map(|(_, close)| close);
        closes.find(|close| *close <= at).unwrap_or(at)
    }
}

impl Hours {
    fn local_day(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.timezone).date_naive()
    }

    /// The days from that of a moment backwards, trading or not.
    fn days_back(&self, at: DateTime<Utc>) -> impl Iterator<Item = NaiveDate> + use<> {
        std::iter::successors(Some(self.local_day(at)), NaiveDate::pred_opt).take(LONGEST_BREAK_DAYS)
    }

    /// The local times between which a day's regular hours are; none where it does not trade.
    fn local_session(&self, day: NaiveDate) -> Option<(NaiveTime, NaiveTime)> {
        match self.exceptions.get(&day) {
            Some(exception) => *exception,
            None if matches!(day.weekday(), Weekday::Sat | Weekday::Sun) => None,
            None => Some((self.open, self.close)),
        }
    }

    fn session(&self, day: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        self.local_session(day).map(|(open, close)| (self.at(day, open), self.at(day, close)))
    }

    /// What a day consists of, in order; nothing where it does not trade.
    fn phases(&self, day: NaiveDate) -> Vec<Phase> {
        let Some((open, close)) = self.local_session(day) else { return Vec::new() };
        let mut local = Vec::with_capacity(3);
        if self.is_extended {
            local.push((TradingStatus::PreMarket, PRE_MARKET_BEGINS, open));
        }
        match self.lunch.filter(|(begins, ends)| open < *begins && *ends < close) {
            Some((begins, ends)) => {
                local.extend([(TradingStatus::Open, open, begins), (TradingStatus::Open, ends, close)]);
            }
            None => local.push((TradingStatus::Open, open, close)),
        }
        if self.is_extended {
            let end = if close < self.close { SHORT_AFTER_HOURS_END } else { AFTER_HOURS_END };
            local.push((TradingStatus::AfterHours, close, end));
        }
        let phase = |(status, start, end)| Phase { status, start: self.at(day, start), end: self.at(day, end) };
        local.into_iter().map(phase).collect()
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
    fn a_moment_belongs_to_the_trading_day_it_is_in_or_follows() {
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
            let (begun, ended) = calendar.last_session(Some("XNAS"), at.parse().expect("a time"));
            assert_eq!((begun, (ended - begun).num_minutes()), (open.parse().expect("a time"), 390), "{at}");
        }
        let evening = "2026-11-20T21:30:00Z".parse().expect("a time");
        // An unknown exchange has New York's hours.
        assert_eq!(calendar.phase_at(None, evening), TradingStatus::AfterHours);
        assert_eq!(calendar.phase_at(Some("XLON"), evening), TradingStatus::Closed);
    }

    /// Minute by minute over two weeks: the status is the phase's, and no minute before the next change has another.
    #[test]
    fn a_status_lasts_until_its_next_change() {
        let calendar = Calendar::embedded().expect("the embedded table");
        let begin: DateTime<Utc> = "2026-10-25T00:00:00Z".parse().expect("a time");
        for mic in ["XNYS", "XTKS", "XLON"] {
            let mut moment = calendar.at(mic, begin);
            for minute in 0..14 * 24 * 60 {
                let now = begin + chrono::TimeDelta::minutes(minute);
                assert_eq!(calendar.phase_at(Some(mic), now), calendar.at(mic, now).status, "{mic} at {now}");
                if moment.next_change == Some(now) {
                    moment = calendar.at(mic, now);
                }
                assert_eq!(calendar.at(mic, now).status, moment.status, "{mic} at {now}");
            }
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
