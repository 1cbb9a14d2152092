//! Parses tables of exchanges' hours and days, in the format of `api/data/exchange_days.csv`.

use super::hours::{ExchangeHours, time};
use chrono::{NaiveDate, NaiveTime};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the first line of a table begins with.
const FIRST_COLUMNS: &str = "mic,timezone,date,kind,";
/// The first line of a table.
pub const COLUMNS: &str = "mic,timezone,date,kind,open_local,close_local";
/// The exchange whose hours apply to an unknown exchange, and to those that have the same hours.
pub(super) const DEFAULT_MIC: &str = "XNYS";

/// The exchanges of the table with extended hours.
const MICS_WITH_EXTENDED_HOURS: [&str; 2] = ["XNYS", "XNAS"];
/// The exchange with a lunch break, from 11:30 to 12:30 on every day that it trades (Japan Exchange Group, "Trading
/// Hours" of domestic stocks).
const LUNCH_BREAK: (&str, NaiveTime, NaiveTime) = ("XTKS", time(11, 30), time(12, 30));

/// A table of days, as parsed.
#[derive(Clone)]
pub(super) struct Table {
    pub(super) by_mic: BTreeMap<String, Arc<ExchangeHours>>,
    /// The last day for which the table has every holiday and short day.
    pub(super) end: NaiveDate,
}

impl Table {
    /// Parses a table in the format of `api/data/exchange_days.csv`, on top of another one if there is one. An error names the
    /// line and the cause.
    pub(super) fn parse(text: &str, name: &str, base: Option<Self>) -> Result<Self, String> {
        let Self { mut by_mic, mut end } = base.unwrap_or(Self { by_mic: BTreeMap::new(), end: NaiveDate::MIN });
        let columns = text.lines().next().map(|line| line.trim_start_matches('\u{feff}').trim());
        if columns.is_some_and(|columns| !columns.starts_with(FIRST_COLUMNS)) {
            return Err(format!("{name}:1: the first line is {COLUMNS}"));
        }
        for (number, line) in (1..).zip(text.lines()).skip(1).filter(|(_, line)| !line.trim().is_empty()) {
            let wrong = |what: &str| format!("{name}:{number}: {what}");
            let fields: Vec<&str> = line.split(',').map(str::trim).collect();
            let [mic, timezone, date, kind, open, close] = fields[..] else {
                return Err(wrong("six fields are expected"));
            };
            let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| wrong("a time is HH:MM"));
            let hours_of_day = || {
                let (open, close) = (time(open)?, time(close)?);
                if open < close { Ok((open, close)) } else { Err(wrong("it closes before it opens")) }
            };
            let day = || date.parse::<NaiveDate>().map_err(|_| wrong("a date is YYYY-MM-DD"));
            match kind {
                "end" => end = end.max(day()?),
                "regular" => {
                    let timezone = timezone.parse().map_err(|_| wrong("no such time zone"))?;
                    let (open, close) = hours_of_day()?;
                    let hours = ExchangeHours {
                        timezone,
                        open,
                        close,
                        is_extended: MICS_WITH_EXTENDED_HOURS.contains(&mic),
                        lunch: (LUNCH_BREAK.0 == mic).then_some((LUNCH_BREAK.1, LUNCH_BREAK.2)),
                        exceptions: by_mic.get(mic).map(|known| known.exceptions.clone()).unwrap_or_default(),
                    };
                    by_mic.insert(mic.to_owned(), Arc::new(hours));
                }
                "holiday" | "short" => {
                    let hours = by_mic.get_mut(mic).ok_or_else(|| wrong("a day comes before its exchange's hours"))?;
                    let exception = if kind == "holiday" { None } else { Some(hours_of_day()?) };
                    Arc::make_mut(hours).exceptions.insert(day()?, exception);
                }
                _ => return Err(wrong("a line is regular, holiday, short or end")),
            }
        }
        if !by_mic.contains_key(DEFAULT_MIC) {
            return Err(format!("{name}: {DEFAULT_MIC} is missing"));
        }
        Ok(Self { by_mic, end })
    }
}
