//! Dates and times in the page's language, in the browser's time zone or in that of an exchange beside it.
//!
//! Deliberately absent: the browser's own language where the page has another one. A sentence has one language, its dates
//! included.

use crate::texts;
use chrono::{DateTime, Utc};
use js_sys::{Date, Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// From so many days ahead on a weekday alone may be last week's or next week's.
const DAYS_WITHOUT_DATE: i64 = 6;
const WEEKDAY: (&str, &str) = ("weekday", "short");

/// `22 Nov 2026, 19:10`
pub(crate) fn date_and_time(at: DateTime<Utc>) -> String {
    here(at.timestamp_millis() as f64, &[("dateStyle", "medium"), ("timeStyle", "short")])
}

/// `22 Nov 2026, 19:10:04`
pub(crate) fn date_and_seconds(at: DateTime<Utc>) -> String {
    here(at.timestamp_millis() as f64, &[("dateStyle", "medium"), ("timeStyle", "medium")])
}

/// `22 November 2026`
pub(crate) fn date(at: DateTime<Utc>) -> String {
    here(at.timestamp_millis() as f64, &[("dateStyle", "long")])
}

/// `15:30`
pub(crate) fn time(at_ms: f64) -> String {
    here(at_ms, &[("hour", "2-digit"), ("minute", "2-digit")])
}

/// `15:30:04`
pub(crate) fn seconds(at: DateTime<Utc>) -> String {
    here(at.timestamp_millis() as f64, &[("timeStyle", "medium")])
}

/// The language and the clocks by which somebody is told the hours of an exchange, and when.
pub(crate) struct Reader {
    pub(crate) locale: String,
    /// Their time zone (IANA); `None` is the browser's.
    pub(crate) zone: Option<&'static str>,
    pub(crate) now: DateTime<Utc>,
}

impl Reader {
    /// Whoever reads this page now.
    pub(crate) fn here(now: &Date) -> Self {
        let now = DateTime::from_timestamp_millis(now.get_time() as i64).unwrap_or_default();
        Self { locale: texts::locale(), zone: None, now }
    }

    /// `Fri 15:30 CET`, and what the clocks of an exchange show then where they show something else:
    /// `Fri 15:30 CET (09:30 in New York)`. A moment that is many days ahead has its date too.
    pub(crate) fn moment(&self, at: DateTime<Utc>, exchange_zone: &str) -> String {
        let told = |zone: Option<&str>, parts: &[(&str, &str)]| {
            let zone = zone.map(|zone| ("timeZone", zone));
            let parts: Vec<(&str, &str)> = parts.iter().copied().chain(zone).collect();
            formatted(at.timestamp_millis() as f64, &self.locale, &parts)
        };
        let here = |parts: &[(&str, &str)]| told(self.zone, parts).unwrap_or_default();
        let (hour, minute) = (("hour", "2-digit"), ("minute", "2-digit"));
        let mut day = here(&[WEEKDAY]);
        let (own_day, own_time) = (day.clone(), here(&[hour, minute]));
        if (at - self.now).num_days() >= DAYS_WITHOUT_DATE {
            day = joined(&day, &here(&[("day", "numeric"), ("month", "short")]));
        }
        let time = here(&[hour, minute, ("timeZoneName", "short")]).replace('-', "\u{2212}");
        let here = joined(&day, &time);
        // A browser that does not know the exchange's zone tells its own time alone.
        match told(Some(exchange_zone), &[WEEKDAY]).zip(told(Some(exchange_zone), &[hour, minute])) {
            None => here,
            Some((day, time)) if day == own_day && time == own_time => here,
            Some((day, time)) => {
                let there = if day == own_day { time } else { joined(&day, &time) };
                texts::market::there(&here, &there, &city(exchange_zone))
            }
        }
    }
}

/// `New York` for `America/New_York`.
pub(crate) fn city(zone: &str) -> String {
    zone.rsplit('/').next().unwrap_or(zone).replace('_', " ")
}

fn joined(day: &str, time: &str) -> String {
    [day, time].join(" ")
}

fn here(at_ms: f64, parts: &[(&str, &str)]) -> String {
    formatted(at_ms, &texts::locale(), parts).unwrap_or_default()
}

/// What the browser makes of a moment; `None` if it knows a part of the format not.
fn formatted(at_ms: f64, locale: &str, parts: &[(&str, &str)]) -> Option<String> {
    let options = Object::new();
    for (name, value) in parts {
        // A plain object takes every property.
        let _ = Reflect::set(&options, &(*name).into(), &(*value).into());
    }
    let date = Date::new(&JsValue::from_f64(at_ms));
    // Called by name, since `Date::to_locale_string` does not catch what an unknown time zone throws.
    let format: Function = Reflect::get(&date, &"toLocaleString".into()).ok()?.dyn_into().ok()?;
    format.call2(&date, &locale.into(), &options).ok()?.as_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    const NEW_YORK: &str = "America/New_York";
    const TOKYO: &str = "Asia/Tokyo";

    #[track_caller]
    fn check(locale: &str, zone: &'static str, exchange_zone: &str, at: &str, expected: &str) {
        let now = "2026-11-20T12:00:00Z".parse().expect("a moment");
        let reader = Reader { locale: locale.into(), zone: Some(zone), now };
        let told = reader.moment(at.parse().expect("a moment"), exchange_zone);
        // Between time and `AM` there may be a narrow space that does not break.
        assert_eq!(told.replace('\u{202f}', " "), expected, "{at} in {zone}");
    }

    #[wasm_bindgen_test]
    fn a_moment_is_told_by_both_clocks_where_they_differ() {
        check("en-GB", NEW_YORK, NEW_YORK, "2026-11-20T14:30:00Z", "Fri 09:30 GMT−5");
        check("en-US", NEW_YORK, NEW_YORK, "2026-11-20T14:30:00Z", "Fri 09:30 AM EST");
        check("en-GB", "UTC", NEW_YORK, "2026-11-20T14:30:00Z", "Fri 14:30 UTC (09:30 in New York)");
        check("de", "Europe/Berlin", NEW_YORK, "2026-11-20T14:30:00Z", "Fr 15:30 MEZ (09:30 in New York)");
        // London's winter is Greenwich's: the same clocks under two names.
        check("en-GB", "UTC", "Europe/London", "2026-11-20T08:00:00Z", "Fri 08:00 UTC");
    }

    #[wasm_bindgen_test]
    fn another_day_there_is_told_and_a_far_one_has_its_date() {
        check("en-GB", "UTC", TOKYO, "2026-11-23T23:50:00Z", "Mon 23:50 UTC (Tue 08:50 in Tokyo)");
        check("de", "UTC", TOKYO, "2026-12-01T00:00:00Z", "Di 1. Dez. 00:00 UTC (09:00 in Tokyo)");
    }

    #[wasm_bindgen_test]
    fn an_unknown_zone_leaves_the_readers_own_time() {
        check("en-GB", "UTC", "Mars/Olympus_Mons", "2026-11-20T14:30:00Z", "Fri 14:30 UTC");
        assert_eq!(formatted(0.0, "en-GB", &[("timeZone", "Mars/Olympus_Mons")]), None);
    }
}
