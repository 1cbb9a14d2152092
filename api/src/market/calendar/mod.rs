//! The trading calendars of the exchanges: regular hours, holidays and short days from the embedded table (see
//! api/data/README.md); New York's extended hours and Tokyo's lunch break from constants of `hours` and `table`.

mod hours;
mod table;

pub use table::COLUMNS;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use hours::{ExchangeHours, MAX_CLOSED_DAYS, Phase};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use table::{DEFAULT_MIC, Table};
use watchtape_shared::market::{Closure, TradingStatus};

const TABLE: &str = include_str!("../../../data/exchange_days.csv");
/// The exchanges that have the hours of [`DEFAULT_MIC`].
const MICS_WITH_DEFAULT_HOURS: [&str; 2] = ["OTCM", "BATS"];

/// How long before its end the table is told to end.
const END_NOTICE: TimeDelta = TimeDelta::days(90);

/// The calendars of every exchange of the catalogue. An operator's days can be added to a running server's.
pub struct Calendar {
    table: RwLock<Arc<Table>>,
}

/// The status of an exchange at a time.
pub struct ExchangeStatus {
    /// Open, pre-market, after hours or closed.
    pub status: TradingStatus,
    /// When it changes next; `None` where it does not trade for weeks.
    pub next_change: Option<DateTime<Utc>>,
    /// What it changes to; `None` with it.
    pub next_status: Option<TradingStatus>,
    /// When regular hours begin next; `None` where it does not trade for weeks.
    pub next_open: Option<DateTime<Utc>>,
    /// Why it is closed; `None` where it is not.
    pub closure: Option<Closure>,
    /// Whether the day is beyond the end of the table, so that regular hours are assumed for it.
    pub is_assumed: bool,
}

impl Calendar {
    /// The calendars of the embedded table.
    pub fn embedded() -> Result<Self, String> {
        Self::parse(TABLE, "exchange_days.csv")
    }

    /// The calendars of this table alone.
    pub fn parse(table: &str, name: &str) -> Result<Self, String> {
        Ok(Self { table: RwLock::new(Arc::new(Table::parse(table, name, None)?)) })
    }

    /// Takes over an operator's days, a table of the same form, instead of those that were added before. Days of the embedded
    /// table that it names are replaced; `regular` and `end` lines are optional. An error names the line, and changes nothing.
    pub fn set_additions(&self, table: &str, name: &str) -> Result<(), String> {
        self.extend(Table::parse(TABLE, "exchange_days.csv", None)?, table, name)
    }

    /// Takes over an operator's days beside those that were added before. Else as [`Self::set_additions`].
    pub fn add(&self, table: &str, name: &str) -> Result<(), String> {
        self.extend(Table::clone(&self.table()), table, name)
    }

    fn extend(&self, base: Table, table: &str, name: &str) -> Result<(), String> {
        let extended = Table::parse(table, name, Some(base))?;
        *self.table.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(extended);
        Ok(())
    }

    /// Takes over the days of an operator's file, as [`Self::set_additions`] does. An error names the file.
    pub fn read_additions(&self, file: &Path) -> Result<(), String> {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
        self.set_additions(&text, &name)
    }

    fn table(&self) -> Arc<Table> {
        self.table.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The last day for which every holiday and short day is known. Beyond it weekdays are regular, and marked as assumed.
    pub fn end(&self) -> NaiveDate {
        self.table().end
    }

    /// A warning if the table ends within 90 days.
    pub fn end_warning(&self, now: DateTime<Utc>) -> Option<String> {
        let end = self.end();
        (end - now.date_naive() <= END_NOTICE)
            .then(|| format!("the calendars of the exchanges end on {end}: `watchtape calendar import FILE` adds days"))
    }

    /// The market identifier codes (ISO 10383), sorted, with those that have the default hours.
    pub fn mics(&self) -> Vec<String> {
        let table = self.table();
        let mut mics: Vec<String> = table.by_mic.keys().cloned().collect();
        mics.extend(MICS_WITH_DEFAULT_HOURS.map(str::to_owned));
        mics.sort_unstable();
        mics.dedup();
        mics
    }

    fn hours(&self, mic: Option<&str>) -> Arc<ExchangeHours> {
        let table = self.table();
        mic.and_then(|mic| table.by_mic.get(mic)).unwrap_or_else(|| &table.by_mic[DEFAULT_MIC]).clone()
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

    /// The status of an exchange at a time.
    pub fn status_at(&self, mic: &str, now: DateTime<Utc>) -> ExchangeStatus {
        let hours = self.hours(Some(mic));
        let today = hours.local_day(now);
        let is_assumed = today > self.end();
        let days = today.iter_days().take(MAX_CLOSED_DAYS);
        let mut ahead = days.flat_map(|day| hours.phases(day)).filter(|phase| phase.end > now).peekable();
        let current = ahead.next_if(|phase| phase.start <= now);
        let next = ahead.peek().copied();
        let next_open = ahead.find(|phase| phase.status == TradingStatus::Open).map(|phase| phase.start);
        match current {
            Some(Phase { status, end, .. }) => {
                let follows = next.filter(|next| next.start == end);
                let next_status = Some(follows.map_or(TradingStatus::Closed, |next| next.status));
                ExchangeStatus { status, next_change: Some(end), next_status, next_open, closure: None, is_assumed }
            }
            None => ExchangeStatus {
                status: TradingStatus::Closed,
                next_change: next.map(|phase| phase.start),
                next_status: next.map(|phase| phase.status),
                next_open,
                closure: Some(hours.closure(now)),
                is_assumed,
            },
        }
    }

    /// The status of an exchange at the time of a trade.
    pub fn phase_at(&self, mic: Option<&str>, at: DateTime<Utc>) -> TradingStatus {
        let hours = self.hours(mic);
        let phases = hours.phases(hours.local_day(at));
        let phase = phases.into_iter().find(|phase| (phase.start..phase.end).contains(&at));
        phase.map_or(TradingStatus::Closed, |phase| phase.status)
    }

    /// Since when an exchange has been trading at a time, with its regular hours alone or the extended ones too; `None` if it is
    /// not.
    pub fn open_since(&self, mic: Option<&str>, at: DateTime<Utc>, with_extended: bool) -> Option<DateTime<Utc>> {
        let hours = self.hours(mic);
        let phases = hours.phases(hours.local_day(at));
        let counts = |phase: &&Phase| with_extended || phase.status == TradingStatus::Open;
        let current = phases.iter().filter(counts).position(|phase| (phase.start..phase.end).contains(&at))?;
        let counted: Vec<_> = phases.iter().filter(counts).take(current + 1).collect();
        let first = counted.windows(2).rev().take_while(|pair| pair[0].end == pair[1].start).last();
        Some(first.map_or(counted[current].start, |pair| pair[0].start))
    }

    /// The trading day of a time: the last one whose hours, extended ones included, have begun. At night, on weekends
    /// and on holidays that is the previous one.
    pub fn trading_day(&self, mic: Option<&str>, at: DateTime<Utc>) -> NaiveDate {
        let hours = self.hours(mic);
        let begun = |day: &NaiveDate| hours.phases(*day).first().is_some_and(|phase| phase.start <= at);
        hours.days_back(at).find(begun).unwrap_or_else(|| hours.local_day(at))
    }

    /// The trading day before a day.
    pub fn day_before(&self, mic: Option<&str>, day: NaiveDate) -> NaiveDate {
        let hours = self.hours(mic);
        let before = day.pred_opt().unwrap_or(day);
        let days = before.iter_days().rev().take(MAX_CLOSED_DAYS);
        days.into_iter().find(|day| hours.trading_session(*day).is_some()).unwrap_or(before)
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
    fn a_status_says_what_comes_next_when_the_exchange_opens_and_why_it_is_closed() {
        use Closure::{Break, Holiday, Night, Weekend};
        use TradingStatus::{AfterHours, Closed, Open, PreMarket};
        let calendar = Calendar::embedded().expect("the embedded table");
        for (mic, now, next_status, next_open, closure) in [
            // Before the pre-market: what changes next is not yet the opening.
            ("XNAS", "2026-11-20T08:59:59Z", PreMarket, "2026-11-20T14:30:00Z", Some(Night)),
            ("XNAS", "2026-11-20T09:00:00Z", Open, "2026-11-20T14:30:00Z", None),
            ("XNAS", "2026-11-20T15:00:00Z", AfterHours, "2026-11-23T14:30:00Z", None),
            ("XNAS", "2026-11-20T21:00:00Z", Closed, "2026-11-23T14:30:00Z", None),
            ("XNAS", "2026-11-21T01:00:00Z", PreMarket, "2026-11-23T14:30:00Z", Some(Night)),
            ("XNAS", "2026-11-22T12:00:00Z", PreMarket, "2026-11-23T14:30:00Z", Some(Weekend)),
            // Thanksgiving; New York's day, not Greenwich's.
            ("XNYS", "2026-11-26T04:59:59Z", PreMarket, "2026-11-27T14:30:00Z", Some(Night)),
            ("XNYS", "2026-11-26T15:00:00Z", PreMarket, "2026-11-27T14:30:00Z", Some(Holiday)),
            // Independence Day of 2027 is a Sunday, and kept on the Monday.
            ("XNYS", "2027-07-04T15:00:00Z", PreMarket, "2027-07-06T13:30:00Z", Some(Weekend)),
            ("XNYS", "2027-07-05T15:00:00Z", PreMarket, "2027-07-06T13:30:00Z", Some(Holiday)),
            // Tokyo's lunch, and the hours on both sides of it.
            ("XTKS", "2026-11-20T01:00:00Z", Closed, "2026-11-20T03:30:00Z", None),
            ("XTKS", "2026-11-20T03:00:00Z", Open, "2026-11-20T03:30:00Z", Some(Break)),
            ("XTKS", "2026-11-20T04:00:00Z", Closed, "2026-11-24T00:00:00Z", None),
            ("XETR", "2026-11-20T16:30:00Z", Open, "2026-11-23T08:00:00Z", Some(Night)),
        ] {
            let status = calendar.status_at(mic, now.parse().expect("a time"));
            let expected = (Some(next_status), Some(next_open.parse().expect("a time")), closure);
            assert_eq!((status.next_status, status.next_open, status.closure), expected, "{mic} at {now}");
        }
    }

    #[test]
    fn an_exchange_is_open_since_its_hours_began_without_a_break() {
        let calendar = Calendar::embedded().expect("the embedded table");
        for (mic, at, regular, extended) in [
            ("XNAS", "2026-11-20T08:59:59Z", None, None),
            ("XNAS", "2026-11-20T10:00:00Z", None, Some("2026-11-20T09:00:00Z")),
            ("XNAS", "2026-11-20T15:00:00Z", Some("2026-11-20T14:30:00Z"), Some("2026-11-20T09:00:00Z")),
            ("XNAS", "2026-11-20T22:00:00Z", None, Some("2026-11-20T09:00:00Z")),
            ("XNAS", "2026-11-22T15:00:00Z", None, None),
            // Tokyo's lunch is a break.
            ("XTKS", "2026-11-20T03:00:00Z", None, None),
            ("XTKS", "2026-11-20T04:00:00Z", Some("2026-11-20T03:30:00Z"), Some("2026-11-20T03:30:00Z")),
        ] {
            let since = |extended| calendar.open_since(Some(mic), at.parse().expect("a time"), extended);
            let expected = [regular, extended].map(|text| text.map(|text| text.parse().expect("a time")));
            assert_eq!([since(false), since(true)], expected, "{mic} at {at}");
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
                let now = begin + TimeDelta::minutes(minute);
                assert_eq!(calendar.phase_at(Some(mic), now), calendar.status_at(mic, now).status, "{mic} at {now}");
                if moment.next_change == Some(now) {
                    moment = calendar.status_at(mic, now);
                }
                let status = calendar.status_at(mic, now);
                assert_eq!(status.status, moment.status, "{mic} at {now}");
                assert_eq!(status.closure.is_some(), status.status == TradingStatus::Closed, "{mic} at {now}");
                let changed = status.next_change.map(|next| calendar.status_at(mic, next).status);
                assert_eq!(status.next_status, changed, "{mic} at {now}");
                assert_eq!(status.next_open.map(|open| calendar.phase_at(Some(mic), open)), Some(TradingStatus::Open));
            }
        }
    }

    /// The last holiday of an exchange is not the end of its calendar; and beyond the end weekdays are regular.
    #[test]
    fn an_exchange_opens_after_its_last_holiday_and_after_the_end_of_the_table() {
        let calendar = Calendar::embedded().expect("the embedded table");
        assert_eq!(calendar.end().to_string(), "2027-11-30");
        let monday = NaiveDate::from_ymd_opt(2027, 11, 22).expect("a day");
        for mic in calendar.mics() {
            for (day, is_assumed) in [(monday, false), (monday + TimeDelta::weeks(10), true)] {
                let opens = |day: &NaiveDate| calendar.trading_session(Some(&mic), *day);
                let (open, close) = day.iter_days().find_map(|day| opens(&day)).expect("it opens");
                let noon = open + (close - open) / 4;
                let status = calendar.status_at(&mic, noon);
                assert_eq!((status.status, status.is_assumed), (TradingStatus::Open, is_assumed), "{mic} at {noon}");
                assert!(status.next_change.is_some_and(|next| next > noon));
            }
        }
        let at = |day: &str| format!("{day}T12:00:00Z").parse().expect("a time");
        assert_eq!(calendar.end_warning(at("2027-08-31")), None);
        assert!(calendar.end_warning(at("2027-09-01")).is_some_and(|warning| warning.contains("2027-11-30")));
    }

    #[test]
    fn an_operators_days_are_added_and_taken_away() {
        let calendar = Calendar::embedded().expect("the embedded table");
        let (noon, later) = ("2026-12-08T16:00:00Z", "2028-01-04T16:00:00Z");
        let status = |at: &str| calendar.status_at("XNYS", at.parse().expect("a time"));
        assert_eq!((status(noon).status, status(later).is_assumed), (TradingStatus::Open, true));
        let added = "mic,timezone,date,kind,open,close\nXNYS,,2026-12-08,holiday,,\n\n,,2028-12-31,end,,\n\
                     XNYS,,2026-12-09,short,09:30,11:00\nXASX,Australia/Sydney,,regular,10:00,16:00\n";
        calendar.set_additions(added, "days.csv").expect("days");
        assert_eq!((status(noon).status, status(later).is_assumed), (TradingStatus::Closed, false));
        assert_eq!(status("2026-12-09T16:30:00Z").status, TradingStatus::AfterHours);
        assert!(calendar.mics().contains(&"XASX".to_owned()));
        for (line, cause) in [
            ("XNYS,,2026-12-08,holiday,", "days.csv:2: six fields are expected"),
            ("XNYS,,2026-13-08,holiday,,", "days.csv:2: a date is YYYY-MM-DD"),
            ("XNYS,,2026-12-08,half,09:30,11:00", "days.csv:2: a line is regular, holiday, short or end"),
            ("XNYS,,2026-12-08,short,11:00,09:30", "days.csv:2: it closes before it opens"),
            ("XXXX,,2026-12-08,holiday,,", "days.csv:2: a day comes before its exchange's hours"),
        ] {
            let refused = calendar.set_additions(&format!("mic,timezone,date,kind,open,close\n{line}"), "days.csv");
            assert_eq!(refused.err().as_deref(), Some(cause));
            assert_eq!(status(noon).status, TradingStatus::Closed, "nothing is changed");
        }
        calendar.set_additions("mic,timezone,date,kind,open,close\n", "days.csv").expect("no days");
        assert_eq!((status(noon).status, status(later).is_assumed), (TradingStatus::Open, true));
    }
}
