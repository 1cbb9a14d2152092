//! The offset of a time zone from UTC, as the browser knows it.

use js_sys::{Date, Object, Reflect};

/// How far a time zone's clocks are ahead of UTC now, in seconds; those of this device without a zone.
pub(super) fn offset_s(zone: Option<&str>, now: &Date) -> i64 {
    let Some(zone) = zone else { return now.get_timezone_offset() as i64 * -60 };
    let options = Object::new();
    for (part, form) in [("timeZone", zone), ("timeZoneName", "longOffset")] {
        // A plain object takes every property.
        let _ = Reflect::set(&options, &part.into(), &form.into());
    }
    let shown: String = now.to_locale_date_string("en-US", &options).into();
    // `11/22/2026, GMT-05:00`, and `GMT` alone where there is nothing to add.
    let offset = shown.rsplit("GMT").next().unwrap_or_default();
    let minutes = offset
        .get(1..)
        .and_then(|digits| digits.split_once(':'))
        .and_then(|(hours, minutes)| Some(hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?));
    let sign = if offset.starts_with('-') { -60 } else { 60 };
    minutes.unwrap_or(0) * sign
}
