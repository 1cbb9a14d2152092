//! Sparklines: the minute closes of a trading session, resampled to at most 60 points. Deliberately absent: a clock and
//! I/O.

use crate::db::bar::Close;
use chrono::{DateTime, TimeDelta, Utc};
use std::ops::Range;
use watchtape_shared::Symbol;
use watchtape_shared::sparkline::{MAX_POINTS, Sparkline};

/// Resamples minute closes, ascending, into steps with the last close of each; `None` for a step without one. A step is
/// the smallest number of minutes with which the session has at most 60 points. Steps before the first close and after
/// the last are omitted.
pub fn resample(symbol: Symbol, session: &Range<DateTime<Utc>>, closes: &[Close]) -> Sparkline {
    let step_minutes = step_minutes(session);
    let step = TimeDelta::minutes(step_minutes.into());
    let mut points = [None; MAX_POINTS];
    for Close { start, price } in closes.iter().filter(|close| session.contains(&close.start)) {
        let number = (*start - session.start).num_minutes() / i64::from(step_minutes);
        if let Some(point) = usize::try_from(number).ok().and_then(|number| points.get_mut(number)) {
            *point = Some(*price);
        }
    }
    let first = points.iter().position(Option::is_some).unwrap_or(0);
    let end = points.iter().rposition(Option::is_some).map_or(first, |last| last + 1);
    Sparkline {
        symbol,
        start: session.start + step * i32::try_from(first).unwrap_or(0),
        step_s: step_minutes.saturating_mul(60),
        points: points[first..end].to_vec(),
    }
}

fn step_minutes(session: &Range<DateTime<Utc>>) -> u32 {
    let minutes = usize::try_from((session.end - session.start).num_minutes()).unwrap_or(0);
    u32::try_from(minutes.div_ceil(MAX_POINTS)).unwrap_or(u32::MAX).max(1)
}

/// The last minute of each whole step of a session.
pub fn step_ends(session: &Range<DateTime<Utc>>) -> Vec<DateTime<Utc>> {
    let step = TimeDelta::minutes(step_minutes(session).into());
    let ends = std::iter::successors(Some(session.start + step), |end| end.checked_add_signed(step));
    ends.take_while(|end| *end <= session.end).map(|end| end - TimeDelta::minutes(1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use watchtape_shared::Price;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn sparkline(session_minutes: i64, closes: &[(i64, i64)]) -> Sparkline {
        let closes: Vec<_> = closes
            .iter()
            .map(|(minute, micros)| Close { start: at(*minute), price: Price::from_micros(*micros).expect("a price") })
            .collect();
        resample(Symbol::parse("AAPL").expect("a symbol"), &(at(0)..at(session_minutes)), &closes)
    }

    fn micros(sparkline: &Sparkline) -> Vec<Option<i64>> {
        sparkline.points.iter().map(|point| point.map(Price::micros)).collect()
    }

    #[test]
    fn each_step_has_its_last_close_or_none() {
        // Six and a half hours: steps of seven minutes.
        let day = sparkline(390, &[(7, 1), (13, 2), (14, 3), (28, 4)]);
        assert_eq!((day.start, day.step_s, micros(&day)), (at(7), 420, vec![Some(2), Some(3), None, Some(4)]));
        let young = sparkline(3, &[(0, 1), (2, 2)]);
        assert_eq!((young.start, young.step_s, micros(&young)), (at(0), 60, vec![Some(1), None, Some(2)]));
        let none = sparkline(390, &[]);
        assert_eq!((none.start, none.points.len()), (at(0), 0));
        assert_eq!(sparkline(0, &[(0, 1)]).points.len(), 0);
    }

    proptest! {
        #[test]
        fn a_sparkline_is_short_starts_and_ends_with_a_price_and_has_the_last_close(
            minutes in 1..3_000_i64,
            mut closes in prop::collection::btree_map(0..3_000_i64, 1..1_000_000_i64, 1..200),
        ) {
            closes.retain(|minute, _| *minute < minutes);
            let closes: Vec<_> = closes.into_iter().collect();
            let line = sparkline(minutes, &closes);
            prop_assert!(line.points.len() <= MAX_POINTS);
            let points = micros(&line);
            prop_assert_eq!(points.last().copied().flatten(), closes.last().map(|(_, micros)| *micros));
            prop_assert!(points.is_empty() || points[0].is_some());
            // Every close is in its step, or a later one of the same step is.
            let step = i64::from(line.step_s) / 60;
            let first = (line.start - at(0)).num_minutes() / step;
            for (number, point) in (first..).zip(&points) {
                let last = closes.iter().rev().find(|(minute, _)| minute / step == number);
                prop_assert_eq!(*point, last.map(|(_, micros)| *micros));
            }
        }
    }
}
